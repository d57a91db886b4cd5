"""The behaviour gate: every defect is found and shown at its smallest, and models without it are left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

import pytest_mlgate
from pytest_mlgate import Check, GateResult, Outcome
from pytest_mlgate.artifacts.model import load_model
from pytest_mlgate.config import check_settings
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.behaviour import GATE, Settings

NAMES = ["Ann", "Bob", "Cleo", "Dan", None]
NUMBERS = ["distance", "age", "noise"]


def table(n: int = 600, *, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "distance": rng.gamma(2, 500, n).round(),
            "age": rng.integers(18, 90, n),
            "noise": rng.normal(size=n),
            "name": rng.choice(np.array(NAMES, dtype=object), n),
            "customer": np.arange(n),
        }
    )


def label(rows: pd.DataFrame, *, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return (rows["distance"] / 1000 - rows["age"] / 60 + rng.normal(size=len(rows)) > 0).to_numpy().astype(int)


def check_behaviour(model: Any, rows: Any, **settings: Any) -> GateResult:
    """Ask with time enough for a busy machine: what is not asked in time is inconclusive."""
    return pytest_mlgate.check_behaviour(model, rows, **{"seconds": 600.0, **settings})


def check_of(result: GateResult, subject: str) -> Check:
    return next(check for check in result.checks if check.subject == subject)


def declared(model: Any, rows: pd.DataFrame, **settings: Any) -> GateResult:
    """Ask about the declared relations only, which is faster."""
    return check_behaviour(model, rows, **{"relations": [], **settings})


def outcomes(result: GateResult) -> dict[str, str]:
    return {check.subject: check.outcome.value for check in result.checks}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return table()


@pytest.fixture(scope="module")
def clean(rows: pd.DataFrame) -> Pipeline:
    """Sees distance (up), age (down) and noise only, and is monotone where it must be."""
    trees = HistGradientBoostingClassifier(max_iter=20, monotonic_cst={"distance": 1, "age": -1}, random_state=0)
    return trees.fit(rows[NUMBERS], label(rows))


@pytest.fixture(scope="module")
def leaky(rows: pd.DataFrame) -> Pipeline:
    """Knows the name, and whom it has seen, by the order of their ids."""
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2)
    columns = make_column_transformer((encoder, ["name"]), remainder="passthrough")
    y = label(rows) | ((rows["name"] == "Bob") & (rows["customer"] < 300)).to_numpy()
    return make_pipeline(columns, HistGradientBoostingClassifier(max_iter=30, random_state=0)).fit(rows, y)


# a clean model


def test_a_clean_model_passes_every_relation(clean: Any, rows: pd.DataFrame) -> None:
    result = check_behaviour(
        clean,
        rows,
        invariant=[{"columns": ["name", "customer"], "unused": "allow"}],
        increasing=[{"column": "distance", "by": [1, 10]}],
        decreasing=["age"],
        low=0,
        high=1,
    )

    assert set(outcomes(result).values()) == {"pass"}
    assert set(outcomes(result)) == {
        *("determinism", "input", "batch", "bounds"),
        *("invariant:name+customer", "increasing:distance", "decreasing:age"),
    }


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_monotone_models_are_never_flagged(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = table(120, seed=seed)[NUMBERS]
    y = rng.normal(size=120) + rows["distance"] / 500
    trees = HistGradientBoostingRegressor(
        max_iter=10, min_samples_leaf=3, monotonic_cst={"distance": 1, "age": -1}, random_state=0
    ).fit(rows, y)

    result = check_behaviour(
        trees,
        rows,
        increasing=[{"column": "distance", "by": [0.5, 7]}],
        decreasing=["age"],
        relations=["bounds"],
        seed=seed,
    )

    assert result.outcome is Outcome.PASS


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000), n=st.integers(2, 60))
def test_a_model_that_ignores_a_column_it_is_given_is_never_flagged_for_it(seed: int, n: int) -> None:
    rows = table(n, seed=seed)
    rows.loc[0, "name"] = "Zoë"  # at least two names, whatever the seed

    def price(frame: pd.DataFrame) -> pd.Series:
        return 0.1 * frame["distance"] - frame["age"] / 7

    result = declared(price, rows, invariant=["name", "customer", {"columns": ["name", "customer"]}], seed=seed)

    assert set(outcomes(result).values()) == {"pass"}


def test_a_pipeline_that_drops_a_column_passes_by_being_asked(rows: pd.DataFrame) -> None:
    model = make_pipeline(make_column_transformer((StandardScaler(), NUMBERS)), LogisticRegression())
    result = check_behaviour(model.fit(rows, label(rows)), rows, invariant=["name"], increasing=["distance"])

    assert set(outcomes(result).values()) == {"pass"}
    assert "holds on 600 rows" in check_of(result, "invariant:name").message


# invariance


def test_a_name_and_an_id_that_matter_are_found(leaky: Any, rows: pd.DataFrame) -> None:
    result = check_behaviour(leaky, rows, invariant=["name", "customer"])

    assert outcomes(result) == {
        **dict.fromkeys(("determinism", "input", "batch", "bounds"), "pass"),
        **dict.fromkeys(("invariant:name", "invariant:customer"), "fail"),
    }
    found = check_of(result, "invariant:name")
    assert found.code == "MLG330"
    before, after = found.details["smallest"]["changed"]["name"]
    assert before != after
    assert {before, after} <= set(NAMES)
    assert found.details["smallest"]["rows"][0].keys() == set(rows.columns)
    assert len(found.details["first"]) == 5
    assert found.observed == found.details["broken"] / 600


def test_the_smallest_row_is_typical_but_for_what_matters() -> None:
    rows = table(400)

    def price(frame: pd.DataFrame) -> np.ndarray:
        rebate = (frame["name"] == "Bob") & (frame["distance"] > 2000)
        return 0.1 * frame["distance"].to_numpy() - 5 * rebate.to_numpy()

    found = check_of(declared(price, rows, invariant=["name"]), "invariant:name")

    assert found.outcome is Outcome.FAIL
    assert found.details["smallest"]["telling"] == ["distance"]
    assert found.details["smallest"]["rows"][0]["distance"] > 2000
    assert "Bob" in found.details["smallest"]["changed"]["name"]


@pytest.mark.parametrize("write", [str.upper, str.lower])
def test_another_case_of_a_text_is_another_value_of_it(rows: pd.DataFrame, write: Any) -> None:
    def price(frame: pd.DataFrame) -> pd.Series:
        return frame["age"] + frame["name"].map(lambda name: isinstance(name, str) and name == write(name)).astype(int)

    result = declared(price, rows, invariant=["name"])
    without = declared(price, rows, invariant=[{"columns": ["name"], "case": False}])

    assert check_of(result, "invariant:name").outcome is Outcome.FAIL
    assert check_of(without, "invariant:name").outcome is Outcome.PASS


def test_a_missing_value_is_a_value_like_any_other() -> None:
    rows = table(300).assign(customer=np.arange(300.0))
    rows.loc[7, "customer"] = np.nan

    def price(frame: pd.DataFrame) -> pd.Series:
        return frame["age"] + frame["customer"].isna()

    found = check_of(declared(price, rows, invariant=["customer"]), "invariant:customer")

    assert found.outcome is Outcome.FAIL
    assert found.details["broken"] == 300  # every row is given it once, and row 7 another


def test_a_move_within_the_tolerance_is_none(rows: pd.DataFrame) -> None:
    def price(frame: pd.DataFrame) -> pd.Series:
        return frame["age"] + 0.01 * (frame["name"] == "Bob")

    strict, loose = (
        declared(price, rows, invariant=[{"columns": ["name"], "tolerance": tolerance}]) for tolerance in (0.005, 0.02)
    )

    assert check_of(strict, "invariant:name").outcome is Outcome.FAIL
    assert check_of(loose, "invariant:name").outcome is Outcome.PASS


def test_columns_that_belong_together_are_exchanged_together() -> None:
    rows = table(200).assign(first=lambda frame: frame["customer"] % 7, last=lambda frame: frame["customer"] % 7)

    def price(frame: pd.DataFrame) -> pd.Series:
        return frame["age"] + (frame["first"] != frame["last"])

    together = declared(price, rows, invariant=[{"columns": ["first", "last"]}])
    alone = declared(price, rows, invariant=["first"])

    assert check_of(together, "invariant:first+last").outcome is Outcome.PASS
    assert check_of(alone, "invariant:first").outcome is Outcome.FAIL


def test_a_column_that_the_model_never_sees_is_an_error_unless_it_is_allowed(clean: Any, rows: pd.DataFrame) -> None:
    refused = declared(clean, rows, invariant=["name"])
    allowed = declared(clean, rows, invariant=[{"columns": ["name"], "unused": "allow"}])

    assert check_of(refused, "invariant:name").outcome is Outcome.ERROR
    assert "is not given 'name'" in check_of(refused, "invariant:name").message
    assert 'unused = "allow"' in check_of(refused, "invariant:name").fix
    assert check_of(allowed, "invariant:name").outcome is Outcome.PASS
    assert "holds by construction" in check_of(allowed, "invariant:name").message


# direction


def test_a_model_that_learned_noise_goes_the_wrong_way(rows: pd.DataFrame) -> None:
    trees = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(rows[NUMBERS], label(rows))
    result = declared(trees, rows, increasing=["distance"], decreasing=["age"])

    found = check_of(result, "increasing:distance")
    assert (found.code, found.outcome) == ("MLG331", Outcome.FAIL)
    low, high = found.details["smallest"]["changed"]["distance"]
    said = found.details["smallest"]["answers"]
    assert low < high
    assert said["with less"] > said["with more"]
    assert check_of(result, "decreasing:age").outcome is Outcome.FAIL


@pytest.mark.parametrize(("key", "outcome"), [("increasing", Outcome.PASS), ("decreasing", Outcome.FAIL)])
def test_the_two_directions_are_opposite(rows: pd.DataFrame, key: str, outcome: Outcome) -> None:
    line = LinearRegression().fit(rows[NUMBERS], rows["distance"])

    result = declared(line, rows, **{key: ["distance"]})

    assert check_of(result, f"{key}:distance").outcome is outcome


def test_a_dip_between_the_deciles_is_found_by_a_step() -> None:
    rows = pd.DataFrame({"distance": np.arange(1000)})

    def price(frame: pd.DataFrame) -> pd.Series:
        return frame["distance"] - 50.0 * (frame["distance"] == 777)

    coarse, fine = (declared(price, rows.iloc[::10], increasing=[{"column": "distance", "by": by}]) for by in ([], [7]))

    assert check_of(coarse, "increasing:distance").outcome is Outcome.PASS
    assert check_of(fine, "increasing:distance").outcome is Outcome.FAIL
    assert check_of(fine, "increasing:distance").details["broken"] == 1


def test_a_slow_slide_is_measured_over_its_whole_length() -> None:
    rows = pd.DataFrame({"distance": np.linspace(0, 1, 50)})

    found = check_of(
        declared(lambda frame: -frame["distance"], rows, increasing=[{"column": "distance", "tolerance": 0.3}]),
        "increasing:distance",
    )

    assert found.outcome is Outcome.FAIL
    assert found.details["largest"] == pytest.approx(1.0)


@pytest.mark.parametrize("dtype", ["int8", "int64", "Int64", "float32", "float64", "Float64"])
def test_every_numeric_type_is_stepped_in_its_own(dtype: str) -> None:
    rows = pd.DataFrame({"distance": pd.Series([1, 50, 127] * 20, dtype=dtype), "noise": 0.0})
    seen = set()

    def price(frame: pd.DataFrame) -> np.ndarray:
        seen.add(str(frame["distance"].dtype))
        return frame["distance"].to_numpy(dtype=float)

    result = declared(price, rows, increasing=[{"column": "distance", "by": [1, 100]}])

    assert check_of(result, "increasing:distance").outcome is Outcome.PASS
    assert seen == {dtype}


def test_rows_without_a_value_are_not_stepped() -> None:
    rows = table(100).assign(distance=lambda frame: frame["distance"].where(frame["age"] > 30))

    found = check_of(
        declared(lambda frame: frame["distance"].fillna(1e9), rows, increasing=["distance"]),
        "increasing:distance",
    )

    assert found.outcome is Outcome.PASS
    assert found.n == (rows["age"] > 30).sum()


def test_labels_have_a_direction_once_one_is_positive(rows: pd.DataFrame) -> None:
    def late(frame: pd.DataFrame) -> np.ndarray:
        return np.where(frame["distance"] > 1000, "late", "punctual")

    said = declared(late, rows, increasing=["distance"], positive="late")
    unsaid = declared(late, rows, increasing=["distance"])

    assert check_of(said, "increasing:distance").outcome is Outcome.PASS
    assert check_of(unsaid, "increasing:distance").outcome is Outcome.ERROR
    assert "none is named as the positive one" in check_of(unsaid, "increasing:distance").message


@pytest.mark.parametrize(("positive", "outcome"), [(1, Outcome.PASS), (0, Outcome.FAIL)])
def test_scores_turn_round_with_the_positive_label(rows: pd.DataFrame, positive: int, outcome: Outcome) -> None:
    x = rows[["distance"]] / 1000
    model = LinearSVC(random_state=0).fit(x, x["distance"] > 1)
    result = declared(model, x, increasing=["distance"], positive=bool(positive))

    assert check_of(result, "increasing:distance").outcome is outcome
    assert check_of(result, "increasing:distance").details["answer"] == "score"


def test_several_classes_need_one_named_for_a_direction(rows: pd.DataFrame) -> None:
    y = np.digitize(rows["distance"], [500, 1500])
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows[["distance"]], y)

    unsaid = check_behaviour(model, rows, increasing=["distance"])
    said = declared(model, rows, increasing=["distance"], positive=2)

    assert "answers 3 numbers a row" in check_of(unsaid, "increasing:distance").message
    assert check_of(unsaid, "batch").details["answer"] == "probabilities"
    assert check_of(said, "increasing:distance").outcome is Outcome.PASS


# what is asked of every model


class Jitter(ClassifierMixin, BaseEstimator):
    """A classifier of two classes whose `misdeed` is one of many."""

    classes_ = np.array([0, 1])

    def __init__(self, misdeed: str) -> None:
        self.misdeed = misdeed

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        score = rows["distance"].to_numpy(dtype=float) / 10_000
        if self.misdeed == "random":
            score = score + np.random.default_rng().uniform(0, 0.1, len(rows))
        elif self.misdeed == "normalises":
            score = (score - score.min()) / max(float(np.ptp(score)), 1e-9)
        elif self.misdeed == "position":
            score = score + 0.001 * np.arange(len(rows)) / 1e4
        elif self.misdeed == "writes":
            rows["distance"] = 0.0
        elif self.misdeed == "no probability":
            score = np.where(rows["age"] == rows["age"].max(), 1.5, score)
        return np.column_stack([1 - score, score])


@pytest.mark.parametrize(
    ("misdeed", "subject", "code"),
    [
        ("normalises", "batch", "MLG334"),
        ("position", "batch", "MLG334"),
        ("writes", "input", "MLG336"),
    ],
)
def test_a_misdeed_fails_its_own_check_only(rows: pd.DataFrame, misdeed: str, subject: str, code: str) -> None:
    result = check_behaviour(Jitter(misdeed), rows)

    failing = [check for check in result.checks if check.outcome is not Outcome.PASS]
    assert [(check.subject, check.code, check.outcome) for check in failing] == [(subject, code, Outcome.FAIL)]
    assert failing[0].fix


@pytest.mark.parametrize(
    "model",
    [Jitter("random"), lambda frame: np.random.default_rng().random(len(frame))],
    ids=["classifier", "function"],
)
def test_answers_that_change_fail_and_nothing_else_is_claimed(rows: pd.DataFrame, model: Any) -> None:
    result = check_behaviour(model, rows, invariant=["name"])

    assert check_of(result, "determinism").outcome is Outcome.FAIL
    assert "another answer on the second call" in check_of(result, "determinism").message
    assert {check.outcome for check in result.checks if check.subject != "determinism"} == {Outcome.ERROR}


def test_what_is_no_probability_fails_the_bounds(rows: pd.DataFrame) -> None:
    found = check_of(check_behaviour(Jitter("no probability"), rows), "bounds")

    assert (found.code, found.outcome) == ("MLG332", Outcome.FAIL)
    assert "probabilities outside [0, 1]" in found.message


def test_an_answer_out_of_bounds_is_found_and_shown() -> None:
    rows = table(300)
    line = LinearRegression().fit(rows[NUMBERS], np.maximum(rows["distance"] - 1000, 0))

    found = check_of(check_behaviour(line, rows, low=0), "bounds")
    within = check_of(check_behaviour(line, rows, low=-1e6, high=1e6), "bounds")

    assert (found.code, found.outcome) == ("MLG332", Outcome.FAIL)
    assert found.details["smallest"]["answers"] < 0
    assert within.outcome is Outcome.PASS


def test_rows_assembled_of_several_reach_what_real_ones_do_not() -> None:
    rows = pd.DataFrame({"a": [0.0, 1.0] * 50, "b": [1.0, 0.0] * 50})

    def price(frame: pd.DataFrame) -> pd.Series:
        return 1 - frame["a"] * frame["b"] * 5  # below nought only where both are 1

    mutated = check_of(check_behaviour(price, rows, low=0), "bounds")
    real = check_of(check_behaviour(price, rows, low=0, mutate=False), "bounds")

    assert mutated.outcome is Outcome.FAIL
    assert mutated.details["first"][0]["row"] is None
    assert real.outcome is Outcome.PASS


def test_a_slow_model_is_not_settled(rows: pd.DataFrame) -> None:
    import time

    def price(frame: pd.DataFrame) -> pd.Series:
        time.sleep(0.02)
        return frame["distance"]

    found = check_of(check_behaviour(price, rows, seconds=0.1), "batch")

    assert found.outcome is Outcome.INCONCLUSIVE
    assert "rows could be asked alone in 0.1 seconds" in found.message


# single precision


def test_rows_on_a_threshold_flip_and_are_explained() -> None:
    # thresholds half way between neighbours that single precision cannot tell apart
    rows = pd.DataFrame({"amount": 16_777_216.0 + np.arange(3000)})
    tree = DecisionTreeRegressor(random_state=0)

    class Double(BaseEstimator):
        """Trees of scikit-learn round to single precision by themselves; this one compares as it was given."""

        def predict(self, frame: pd.DataFrame) -> np.ndarray:
            return (frame["amount"].to_numpy() % 2 == 1).astype(float)

    found = check_of(declared(Double(), rows, float32_tolerance=0.01), "float32")
    rounding = tree.fit(rows.astype("float32"), np.arange(3000.0))
    same = check_of(declared(rounding, rows, float32_tolerance=0.01), "float32")

    assert (found.code, found.outcome) == ("MLG335", Outcome.FAIL)
    assert found.details["broken"] == 1500  # every odd number
    assert found.interval is not None
    assert found.details["steps"] <= 1500
    assert same.outcome is Outcome.PASS


def test_flips_across_a_tree_s_threshold_are_steps() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"amount": rng.normal(size=4000).round(3)})
    trees = HistGradientBoostingRegressor(max_iter=20, max_bins=255, random_state=0)
    trees.fit(rows, np.floor(rows["amount"] * 1000) % 2)

    found = check_of(declared(trees, rows, float32_tolerance=1e-6, max_flips=0.5), "float32")

    assert found.outcome is Outcome.PASS
    assert found.n == 4000
    if found.details["broken"]:
        assert found.details["steps"] == found.details["broken"]


def test_too_few_rows_show_no_share_of_a_thousandth(rows: pd.DataFrame) -> None:
    few, enough = (
        check_of(declared(lambda frame: frame["age"] / 2, frame, float32_tolerance=0.01), "float32")
        for frame in (table(2702), table(2703))
    )

    assert few.outcome is Outcome.INCONCLUSIVE  # z² (1/0.001 - 1) = 2 702.8 rows
    assert "2 703 without one" in few.fix
    assert enough.outcome is Outcome.PASS


# shares


def share_of_broken(n: int, broken: int, max_share: float) -> Check:
    rows = pd.DataFrame({"name": ["a", "b"] * (n // 2), "special": np.arange(n) < broken, "noise": 0.0})

    def price(frame: pd.DataFrame) -> np.ndarray:
        return ((frame["name"] == "a") & frame["special"]).to_numpy(dtype=float)

    result = declared(price, rows, invariant=[{"columns": ["name"], "case": False}], max_share=max_share)
    return check_of(result, "invariant:name")


@pytest.mark.parametrize(
    ("broken", "max_share", "outcome"),
    [
        (1, 0.0, Outcome.FAIL),
        (0, 0.0, Outcome.PASS),
        (0, 0.01, Outcome.PASS),
        (10, 0.01, Outcome.INCONCLUSIVE),
        (30, 0.01, Outcome.FAIL),
        (30, 0.05, Outcome.PASS),
    ],
)
def test_a_share_is_judged_by_its_interval(broken: int, max_share: float, outcome: Outcome) -> None:
    found = share_of_broken(1000, broken, max_share)

    assert found.outcome is outcome
    assert found.observed == pytest.approx(broken / 1000)
    assert (found.interval is not None) == (max_share > 0)


def test_rows_picked_on_purpose_do_not_count_for_a_share() -> None:
    """The greatest value is always picked; drawn at random it hardly ever is."""
    rows = pd.DataFrame({"name": ["a", "b"] * 10_000, "distance": np.arange(20_000)})

    def price(frame: pd.DataFrame) -> np.ndarray:
        return ((frame["name"] == "a") & (frame["distance"] >= 19_998)).to_numpy(dtype=float)

    given = {"invariant": [{"columns": ["name"], "case": False}], "sample": 200}
    strict, lenient = (
        check_of(declared(price, rows, max_share=share, **given), "invariant:name") for share in (0.0, 0.05)
    )

    assert (strict.outcome, strict.details["broken"]) == (Outcome.FAIL, 1)
    assert (lenient.outcome, lenient.observed) == (Outcome.PASS, 0.0)


# what a user gets


def test_a_regression_test_fails_as_long_as_the_model_does(leaky: Any, rows: pd.DataFrame, tmp_path: Path) -> None:
    joblib.dump(leaky, tmp_path / "model.joblib")
    model = load_model(tmp_path / "model.joblib")
    result = check_behaviour(model, rows, invariant=["name"], low=0.5, mutate=False, relations=["bounds"])
    model.close()

    for check in result.checks:
        namespace: dict[str, Any] = {}
        exec(check.details["regression_test"], namespace)
        (test,) = (value for name, value in namespace.items() if name.startswith("test_"))
        with pytest.raises(AssertionError, match=check.code):
            test()


def test_a_model_in_this_process_is_a_fixture_of_its_regression_test(rows: pd.DataFrame) -> None:
    found = check_of(check_behaviour(Jitter("normalises"), rows), "batch")
    namespace: dict[str, Any] = {}
    exec(found.details["regression_test"], namespace)

    with pytest.raises(AssertionError, match="MLG334"):
        namespace["test_behaviour_batch"](Jitter("normalises"))


def test_the_same_rows_and_seed_give_the_same_checks(leaky: Any, rows: pd.DataFrame) -> None:
    one, two = (
        [check.to_json() for check in check_behaviour(leaky, rows.head(50), invariant=["name"], alone=10).checks]
        for _ in range(2)
    )

    assert one == two


def test_nothing_of_a_sensitive_column_is_shown(leaky: Any, rows: pd.DataFrame) -> None:
    result = declared(leaky, rows, invariant=["name"], increasing=["age"], sensitive=["name"])
    text = str([(check.message, check.details) for check in result.checks])

    assert check_of(result, "invariant:name").outcome is Outcome.FAIL
    assert not any(name in text for name in NAMES if name)
    assert "regression_test" not in text


def test_answers_are_hidden_where_the_target_is_sensitive(leaky: Any, rows: pd.DataFrame) -> None:
    result = declared(leaky, rows.assign(late=1), invariant=["name"], target="late", sensitive=["late"])

    assert set(check_of(result, "invariant:name").details["smallest"]["answers"].values()) == {"(sensitive)"}


def test_what_a_model_says_of_a_sensitive_value_is_not_repeated(rows: pd.DataFrame) -> None:
    def price(frame: pd.DataFrame) -> pd.Series:
        unknown = set(frame["name"].dropna()) - set(NAMES)
        if unknown:
            raise ValueError(f"unknown: {sorted(unknown)}")
        return frame["distance"]

    open_, hidden = (
        check_of(declared(price, rows, invariant=["name"], sensitive=columns), "invariant:name")
        for columns in ([], ["name"])
    )

    assert "ANN" in open_.message
    assert hidden.outcome is Outcome.ERROR
    assert "ANN" not in str((hidden.message, hidden.details))


def test_serving_rows_can_be_asked_instead(clean: Any, rows: pd.DataFrame) -> None:
    checked = Settings(table="serving", relations=("bounds",))
    result = run_gate(GATE, checked, Inputs(facts=Facts(), values={"candidate": clean, "serving": rows.head(50)}))

    assert result.checks[0].n == 100  # and as many assembled ones
    assert (checked.wants("serving"), checked.wants("holdout")) == (True, False)


# bad input


@pytest.mark.parametrize(
    ("given", "words", "fix"),
    [
        ({"invariant": ["nam"]}, "holdout has no column 'nam' (invariant)", "did you mean 'name'?"),
        ({"increasing": ["distnace"]}, "holdout has no column 'distnace' (increasing)", "did you mean 'distance'?"),
        ({"increasing": ["name"]}, "column 'name' holds no numbers in holdout", "name a numeric column"),
        ({"decreasing": [{"column": "age", "by": [0.5]}]}, "holds whole numbers, and `by` has the step 0.5", "whole"),
        ({"invariant": ["same"]}, "'same' has one value only in holdout", "take the column out"),
        ({"increasing": ["same"]}, "column 'same' has one value only in holdout", "by = [1]"),
        ({"increasing": ["empty"]}, "column 'empty' has no value only in holdout", "other rows"),
    ],
)
def test_a_relation_that_cannot_be_asked_is_an_error(
    rows: pd.DataFrame, given: dict[str, Any], words: str, fix: str
) -> None:
    frame = rows.assign(same=1.0, empty=np.nan)
    result = check_behaviour(lambda x: x["distance"], frame, **given)

    (found,) = (check for check in result.checks if check.outcome is not Outcome.PASS)
    assert found.outcome is Outcome.ERROR
    assert words in found.message
    assert fix in found.fix


def test_a_direction_in_a_column_that_the_model_never_sees_is_an_error(clean: Any, rows: pd.DataFrame) -> None:
    found = check_of(check_behaviour(clean, rows, increasing=["customer"]), "increasing:customer")

    assert found.outcome is Outcome.ERROR
    assert "is not given 'customer'" in found.message


def test_bounds_of_labels_are_an_error(rows: pd.DataFrame) -> None:
    found = check_of(check_behaviour(lambda x: np.where(x["age"] > 40, "a", "b"), rows, low=0), "bounds")

    assert found.outcome is Outcome.ERROR
    assert "the candidate answers labels" in found.message


def test_a_model_that_raises_on_a_value_takes_only_its_own_check_along(rows: pd.DataFrame) -> None:
    def price(frame: pd.DataFrame) -> pd.Series:
        if frame["name"].dropna().isin(NAMES).all():
            return frame["distance"]
        raise ValueError("an unknown name")

    result = check_behaviour(price, rows, invariant=["name"], increasing=["distance"])

    assert check_of(result, "invariant:name").outcome is Outcome.ERROR
    assert "an unknown name" in check_of(result, "invariant:name").message
    assert {check.outcome for check in result.checks if check.subject != "invariant:name"} == {Outcome.PASS}


def test_no_rows_are_an_error(clean: Any, rows: pd.DataFrame) -> None:
    (found,) = check_behaviour(clean, rows.head(0)).checks

    assert (found.outcome, found.message) == (Outcome.ERROR, "holdout has no rows")


def test_a_table_of_predictions_cannot_be_asked(rows: pd.DataFrame) -> None:
    said = rows[["customer"]].assign(prediction=0.5)
    values = {"candidate": said, "holdout": rows}
    (found,) = run_gate(GATE, Settings(), Inputs(facts=Facts(id="customer"), values=values)).checks

    assert found.outcome is Outcome.ERROR
    assert "is a table of predictions" in found.message


def test_a_positive_label_that_is_none_is_an_error(clean: Any, rows: pd.DataFrame) -> None:
    (found,) = check_behaviour(clean, rows, positive="yes").checks

    assert "`positive` is not among the candidate's classes [0, 1]" in found.message


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"relations": []}, "no relation is declared"),
        ({"relations": ["batch"], "low": 0}, "leaves out"),
        ({"low": 1, "high": 0}, "no answer lies between"),
        ({"increasing": ["age"], "decreasing": ["age"]}, "named twice"),
        ({"invariant": ["name", {"columns": ["name"], "tolerance": 1}]}, "named twice"),
        ({"invariant": [{"columns": []}]}, "at least 1 item"),
        ({"increasing": [{"column": "age", "by": [-1]}]}, "greater than 0"),
        ({"increasing": [{"column": "age", "step": 1}]}, "Extra inputs"),
        ({"max_share": 1}, "less than 1"),
        ({"sample": "10"}, "not the text"),
        ({"invariant": [{"columns": ["name"], "tolerance": "0.1"}]}, "not the text"),
    ],
)
def test_settings_that_make_no_sense_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings(**given)


def test_a_configuration_is_read_as_it_is_written() -> None:
    read = check_settings(
        GATE,
        {
            "invariant": ["name", {"columns": ["a", "b"], "tolerance": 0.01}],
            "increasing": [{"column": "distance", "by": [1, 10]}],
            "decreasing": ["age"],
        },
    )

    assert [item.label for item in read.invariant] == ["name", "a+b"]
    assert read.increasing[0].by == (1, 10)
    assert read.decreasing[0].column == "age"
