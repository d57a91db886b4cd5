"""A smaller model instead of the original: size, latency, and the recipe of the documentation."""

from __future__ import annotations

import copy
import functools
import re
import shutil
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression

from pytest_mlgate.artifacts.model import Model, dummy_model, load_model
from pytest_mlgate.artifacts.predictions import load_predictions
from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline
from pytest_mlgate.gates.baseline.smaller import judge_size
from pytest_mlgate.verdict import read_verdict

FEATURES = list("abcd")
DOCS = Path(__file__).parents[2] / "docs" / "gates" / "baseline.md"
QUICK = {"metric": "accuracy", "curves": False}


def table(n: int = 3000, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=FEATURES)
    frame["late"] = (frame["a"] + frame["b"] * frame["c"] + rng.normal(size=n) > 0).astype(int)
    return frame


@pytest.fixture(scope="session")
def forest() -> RandomForestClassifier:
    frame = table(2000, seed=1)
    model = RandomForestClassifier(160, min_samples_leaf=10, random_state=0)
    return model.fit(frame[FEATURES], frame["late"])


@pytest.fixture(scope="session")
def files(forest: RandomForestClassifier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The forest, a quarter of its trees, and rows to judge them by."""
    folder, pruned = tmp_path_factory.mktemp("models"), copy.copy(forest)
    pruned.estimators_, pruned.n_estimators = forest.estimators_[:40], 40
    for name, model in {"forest": forest, "pruned": pruned}.items():
        joblib.dump(model, folder / f"{name}.joblib")
    table().to_parquet(folder / "holdout.parquet")
    return folder


@pytest.fixture(scope="session")
def loaded(files: Path) -> Iterator[Callable[[str], Model]]:
    load = functools.cache(lambda name: load_model(files / f"{name}.joblib"))
    yield load
    for name in ("forest", "pruned"):
        load(name).close()


class Sleeper:
    """A model that takes its time: what a busy machine adds decides nothing."""

    classes_ = np.array([0, 1])

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def predict(self, X: pd.DataFrame) -> Any:
        time.sleep(self.seconds)
        return (X["a"] > 0).astype(int).to_numpy()


def ask(candidate: Any, baseline: Any, frame: pd.DataFrame | None = None, **rule: Any) -> dict[str, Check]:
    values = {"candidate": candidate, "baseline": baseline, "holdout": table(400) if frame is None else frame}
    result = run_gate(GATE, Settings(**{**QUICK, **rule}), Inputs(facts=Facts(target="late"), values=values))
    return {check.subject: check for check in result.checks}


def recipe() -> str:
    section = DOCS.read_text(encoding="utf-8").partition("### A smaller model instead of the original")[2]
    found = re.search(r"^```toml\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found.group(1)


@pytest.mark.slow
def test_the_recipe_promotes_a_pruned_forest(pytester: pytest.Pytester, files: Path) -> None:
    shutil.copytree(files, pytester.path / "artifacts")
    pytester.mkdir("data")
    (pytester.path / "artifacts" / "holdout.parquet").rename(pytester.path / "data" / "holdout.parquet")
    (pytester.path / "mlgate.toml").write_text(recipe(), encoding="utf-8")

    # a process of its own: pyarrow's types cannot be registered twice in one
    result = pytester.runpytest_subprocess("--mlgate", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")

    assert result.ret == 0
    verdict = read_verdict(pytester.path / ".mlgate" / "verdict.json")
    assert {check.subject: check.outcome for check in verdict.checks} == dict.fromkeys(
        ("", "equivalence", "trivial", "size", "latency"), Outcome.PASS
    )


def test_the_recipe_blocks_a_copy_that_answers_otherwise(forest: Any) -> None:
    frame = table(2000, seed=1)
    other = LogisticRegression().fit(frame[["b", "c"]], frame["late"])
    rule = tomllib.loads(recipe())["gates"]["baseline"][0] | {"max_size": None, "max_latency": None}

    assert ask(other, forest, table(), **rule)["equivalence"].outcome is Outcome.FAIL


def test_a_larger_file_fails_and_its_bytes_are_told(loaded: Callable[[str], Model], files: Path) -> None:
    candidate, baseline = loaded("forest"), loaded("pruned")
    check = ask(candidate, baseline, max_size=1)["size"]

    sizes = [(files / f"{name}.joblib").stat().st_size for name in ("forest", "pruned")]
    assert (check.code, check.outcome, check.limit) == ("MLG109", Outcome.FAIL, 1)
    assert check.observed == sizes[0] / sizes[1]
    assert [check.details["candidate_bytes"], check.details["baseline_bytes"]] == sizes
    assert "make the file smaller" in check.fix


def test_the_same_file_is_no_larger(loaded: Callable[[str], Model]) -> None:
    check = ask(loaded("pruned"), loaded("pruned"), max_size=1)["size"]

    assert (check.outcome, check.observed, check.fix) == (Outcome.PASS, 1, "")


class Sized:
    is_dummy = False

    def __init__(self, size: int) -> None:
        self.size = size


@given(st.integers(1, 100), st.integers(1, 1000))
def test_a_ratio_is_judged_as_it_is_written(percent: int, unit: int) -> None:
    """29 of 100 bytes are 0.29, though 0.29 x 100 is not 29 in floats."""
    outcomes = []
    for extra in (0, 1):
        models = {"candidate": Sized(percent * unit + extra), "baseline": Sized(100 * unit)}
        inputs = _Handed(facts=Facts(), values={**models, "holdout": 0})
        outcomes.append(judge_size(percent / 100, inputs).outcome)

    assert outcomes == [Outcome.PASS, Outcome.FAIL]


class _Handed(Inputs):
    def model(self, name: str) -> Any:
        return self.values[name]


def test_a_slower_candidate_fails_and_a_quicker_one_passes() -> None:
    slow, quick = Sleeper(0.03), Sleeper(0)
    fails = ask(slow, quick, max_latency=2, latency_repeats=11)["latency"]
    passes = ask(quick, slow, max_latency=0.9, latency_repeats=11)["latency"]

    assert (fails.code, fails.outcome, fails.limit) == ("MLG110", Outcome.FAIL, 2)
    assert (passes.outcome, passes.fix) == (Outcome.PASS, "")
    assert fails.observed is not None
    assert fails.observed > 2
    assert "ms a 400 rows, ratio" in fails.message
    assert fails.details["timed_in"] == {"candidate": "this process", "baseline": "this process"}
    assert fails.details["seconds"]["candidate"] >= 0.03
    assert {"system", "processor", "cpus"} == set(fails.details["machine"])


def test_one_row_at_a_time_is_timed_as_such(loaded: Callable[[str], Model]) -> None:
    check = ask(loaded("pruned"), loaded("forest"), max_latency=0.9, latency_rows=1, latency_repeats=21)["latency"]

    assert (check.outcome, check.n, check.details["rows"]) == (Outcome.PASS, 1, 1)
    assert "ms a row, ratio" in check.message
    assert check.details["asked"] == "predict"
    assert check.details["timed_in"] == dict.fromkeys(("candidate", "baseline"), "a process of its own")


def test_a_model_here_and_one_in_its_process_are_told_apart(loaded: Callable[[str], Model]) -> None:
    check = ask(Sleeper(0), loaded("pruned"), max_latency=1, latency_rows=10, latency_repeats=5)["latency"]

    assert "the candidate in this process, the baseline in a process of its own" in check.message


class Scripted:
    """Stands in for ``Model.time``: known seconds, and a record of who was asked."""

    def __init__(self, ratios: list[float]) -> None:
        self.ratios, self.asked, self.rows = ratios, [], []
        self.counts = {"candidate": 0, "baseline": 0}

    def __call__(self, model: Model, method: str, X: pd.DataFrame, *, repeats: int) -> list[float]:
        turn = self.counts[model.source]
        self.counts[model.source] += 1
        self.asked.append((model.source, method))
        self.rows.append(X.index.size and X["a"].tolist())
        seconds = 0.004 * (1 + turn) * (self.ratios[turn] if model.source == "candidate" else 1.0)
        return [9.0] * (repeats - 1) + [seconds]


def scripted(monkeypatch: pytest.MonkeyPatch, ratios: list[float], **rule: Any) -> tuple[Check, Scripted]:
    clock = Scripted(ratios)
    monkeypatch.setattr(Model, "time", lambda model, *args, **more: clock(model, *args, **more))
    settings = {"max_latency": 1.0, "latency_repeats": len(ratios), **rule}
    return ask(Sleeper(0), Sleeper(0), **settings)["latency"], clock


def test_models_take_turns_on_the_same_rows_and_the_first_call_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    check, clock = scripted(monkeypatch, [0.5] * 6, latency_rows=25)

    order = [name for name, _ in clock.asked]
    assert order == ["candidate", "baseline", "baseline", "candidate"] * 3
    assert [len(rows) for rows in clock.rows] == [25] * 12
    assert clock.rows[::2] == clock.rows[1::2]
    assert clock.rows[0] != clock.rows[2]
    # the machine slows down from turn to turn, and the ratio stays
    assert (check.observed, check.outcome) == (pytest.approx(0.5), Outcome.PASS)


@pytest.mark.parametrize(
    ("limit", "outcome"),
    # 31 ratios 0.50 to 0.80: the 11th smallest is 0.60, the 11th largest 0.70
    [(0.599, "fail"), (0.601, "inconclusive"), (0.699, "inconclusive"), (0.701, "pass"), (5, "pass")],
)
def test_the_limits_of_the_median_ratio_decide(monkeypatch: pytest.MonkeyPatch, limit: float, outcome: str) -> None:
    ratios = np.random.default_rng(3).permutation(np.arange(50, 81) / 100).tolist()
    check, _ = scripted(monkeypatch, ratios, max_latency=limit)

    assert check.outcome == outcome
    assert check.interval is not None
    assert (check.interval.low, check.observed, check.interval.high) == pytest.approx((0.60, 0.65, 0.70))
    assert (check.interval.level, check.interval.method) == (0.9, "order statistics")
    assert ("not settled by 31 repeats" in check.message) == (outcome == "inconclusive")
    assert ("latency_repeats" in check.fix) == (outcome == "inconclusive")


@pytest.mark.parametrize(
    ("metric", "asked"), [("accuracy", "predict"), ("roc_auc", "predict_proba"), ("neg_log_loss", "predict_proba")]
)
def test_the_method_is_the_one_that_the_metric_judges(forest: Any, metric: str, asked: str) -> None:
    check = ask(forest, forest, metric=metric, max_latency=10, latency_repeats=5, latency_rows=5)["latency"]

    assert check.details["asked"] == asked


class Scorer:
    classes_ = np.array([0, 1])

    def decision_function(self, X: pd.DataFrame) -> Any:
        return X["a"].to_numpy()


def test_models_without_a_method_in_common_cannot_be_timed(forest: Any) -> None:
    check = ask(Scorer(), forest, metric="roc_auc", max_latency=1)["latency"]

    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG110")
    assert (
        "none in common: the candidate has decision_function; the baseline has predict, predict_proba" in check.message
    )


def test_a_model_without_a_file_has_no_size(loaded: Callable[[str], Model], forest: Any) -> None:
    found = [ask(forest, loaded("forest"), max_size=1)["size"], ask(loaded("forest"), forest, max_size=1)["size"]]

    assert [check.outcome for check in found] == [Outcome.ERROR] * 2
    assert "the candidate (candidate) is not loaded from one" in found[0].message
    assert "the baseline (baseline)" in found[1].message
    assert "name the file: `candidate` in [model]" in found[0].fix


def test_a_dummy_is_no_original(forest: Any) -> None:
    checks = ask(forest, dummy_model(table(50)["late"]), max_size=1, max_latency=1)

    for subject in ("size", "latency"):
        assert checks[subject].outcome is Outcome.ERROR
        assert "the baseline is a dummy" in checks[subject].message


def test_predictions_alone_have_neither() -> None:
    truth = np.arange(400) % 2
    main, *_, size, latency = check_baseline(truth, truth, truth, max_size=1, max_latency=1).checks

    assert main.outcome is Outcome.PASS
    assert [(check.subject, check.outcome) for check in (size, latency)] == [
        ("size", Outcome.ERROR),
        ("latency", Outcome.ERROR),
    ]
    assert "predictions are all that was given" in latency.message


def test_a_table_of_predictions_has_neither() -> None:
    frame = table(400).assign(row=range(400))
    answers = frame[["row"]].assign(prediction=frame["late"])
    model = load_predictions(answers, id="row")
    values = {"candidate": model, "baseline": model, "holdout": frame}
    rule = Settings(**QUICK, max_size=1, max_latency=1)
    checks = run_gate(GATE, rule, Inputs(facts=Facts(target="late", id="row"), values=values)).checks
    size, latency = (next(check for check in checks if check.subject == name) for name in ("size", "latency"))

    assert (size.outcome, latency.outcome) == (Outcome.ERROR, Outcome.ERROR)
    assert "is not loaded from one" in size.message
    assert "cannot be timed" in latency.message
    assert "leave `max_latency` out" in latency.fix


def test_a_model_that_raises_on_few_rows_is_an_error_of_this_check_alone(forest: Any) -> None:
    def few(X: pd.DataFrame) -> Any:
        if len(X) < 10:
            raise RuntimeError("too few")
        return forest.predict(X)

    checks = ask(few, forest, max_latency=1, latency_rows=5)

    assert checks[""].outcome is not Outcome.ERROR
    assert checks["latency"].outcome is Outcome.ERROR
    assert "raised RuntimeError: too few" in checks["latency"].message


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"max_size": 0}, "greater than 0"),
        ({"max_size": 50}, "for 50 % write 0.5"),
        ({"max_latency": 75}, "for 75 % write 0.75"),
        ({"max_latency": "0.5"}, "should be a number"),
        ({"latency_repeats": 4}, "greater than or equal to 5"),
        ({"latency_rows": 0}, "greater than or equal to 1"),
    ],
    ids=str,
)
def test_a_limit_is_a_ratio_and_repeats_are_enough_for_an_interval(rule: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Settings(**rule)


def test_nothing_is_weighed_or_timed_unless_it_is_asked_for(forest: Any) -> None:
    assert not {"size", "latency"} & set(ask(forest, forest))
