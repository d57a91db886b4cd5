"""The fairness gate: fairlearn's definitions, three answers, small groups by name, the baseline, and bad input."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from fairlearn import metrics as fairlearn_metrics
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.linear_model import LogisticRegression

from pytest_mlgate import Check, GateResult, Outcome, Severity, check_fairness
from pytest_mlgate.artifacts.model import dummy_model
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.fairness import CODES, GATE
from pytest_mlgate.gates.fairness.settings import Settings

RATES = (
    "selection_rate",
    "true_positive_rate",
    "false_positive_rate",
    "true_negative_rate",
    "false_negative_rate",
    "precision",
    "error_rate",
)


def check_of(result: GateResult, subject: str) -> Check:
    return next(check for check in result.checks if check.subject == subject)


def rows(rates: dict[str, tuple[float, int]], *, seed: int = 0) -> tuple[pd.Series, np.ndarray, pd.Series]:
    """Truth, answers and groups in which each group has exactly this share of answers 1."""
    said, names = [], []
    for name, (rate, n) in rates.items():
        said += [1] * round(rate * n) + [0] * (n - round(rate * n))
        names += [name] * n
    order = np.random.default_rng(seed).permutation(len(said))
    return pd.Series(np.arange(len(said)) % 2), np.array(said)[order], pd.Series(np.array(names)[order], name="g")


def selection(rates: dict[str, tuple[float, int]], **settings: Any) -> GateResult:
    truth, said, names = rows(rates)
    given = {"limits": {"selection_rate": 0.1}, **settings}
    return check_fairness(truth, said, names, **given)


tables = st.integers(0, 10_000).map(lambda seed: np.random.default_rng(seed))


@pytest.mark.slow
@settings(deadline=None, max_examples=25)
@given(tables)
def test_definitions_are_fairlearn_s(rng: np.random.Generator) -> None:
    n = 600
    group = pd.Series(rng.choice(["a", "b", "c", "d"], n, p=[0.5, 0.3, 0.15, 0.05]), name="g")
    y, said = (pd.Series(rng.integers(0, 2, n)) for _ in range(2))
    result = check_fairness(y, said, group, limits=dict.fromkeys(RATES, 0.1), ratios=dict.fromkeys(RATES, 0.8))
    found = {metric: check_of(result, f"g: {metric}").details["between_groups"] for metric in RATES}
    theirs = {
        "selection_rate": fairlearn_metrics.selection_rate,
        "true_positive_rate": fairlearn_metrics.true_positive_rate,
        "false_positive_rate": fairlearn_metrics.false_positive_rate,
        "true_negative_rate": fairlearn_metrics.true_negative_rate,
        "false_negative_rate": fairlearn_metrics.false_negative_rate,
        "precision": lambda t, p: float((t[p == 1] == 1).mean()),
        "error_rate": lambda t, p: float((t != p).mean()),
    }
    frame = fairlearn_metrics.MetricFrame(metrics=theirs, y_true=y, y_pred=said, sensitive_features=group)
    difference, ratio = frame.difference("between_groups"), frame.ratio("between_groups")

    for metric in RATES:
        assert found[metric]["difference"] == pytest.approx(difference[metric], abs=1e-12)
        assert found[metric]["ratio"] == pytest.approx(ratio[metric], abs=1e-12)
    assert found["selection_rate"]["difference"] == pytest.approx(
        fairlearn_metrics.demographic_parity_difference(y, said, sensitive_features=group), abs=1e-12
    )
    assert found["selection_rate"]["ratio"] == pytest.approx(
        fairlearn_metrics.demographic_parity_ratio(y, said, sensitive_features=group), abs=1e-12
    )
    odds = max(found["true_positive_rate"]["difference"], found["false_positive_rate"]["difference"])
    assert odds == pytest.approx(
        fairlearn_metrics.equalized_odds_difference(y, said, sensitive_features=group), abs=1e-12
    )


def test_groups_that_are_judged_are_judged_on_fairlearn_s_values() -> None:
    result = selection({"a": (0.5, 400), "b": (0.3, 200)})
    check = check_of(result, "g: selection_rate")

    assert (check.code, check.observed, check.limit) == ("MLG150", pytest.approx(0.2, abs=1e-12), 0.1)
    assert {name: row["value"] for name, row in check.details["groups"].items()} == {"a": 0.5, "b": 0.3}


@pytest.mark.parametrize(
    ("rates", "outcome"),
    [
        ({"a": (0.50, 5000), "b": (0.49, 5000), "c": (0.51, 5000)}, Outcome.PASS),
        ({"a": (0.50, 5000), "b": (0.49, 5000), "c": (0.30, 5000)}, Outcome.FAIL),
        ({"a": (0.50, 5000), "b": (0.49, 5000), "c": (0.44, 100)}, Outcome.INCONCLUSIVE),
    ],
)
def test_three_answers(rates: dict[str, tuple[float, int]], outcome: Outcome) -> None:
    assert check_of(selection(rates), "g: selection_rate").outcome is outcome


def test_a_fail_names_the_two_groups_with_values_interval_limit_and_rows() -> None:
    check = check_of(selection({"a": (0.50, 5000), "b": (0.49, 5000), "c": (0.30, 2000)}), "g: selection_rate")

    assert check.message == (
        "a 0.5000 vs c 0.3000 (n 5 000 and 2 000), difference 0.2000 [0.1793, 0.2203] 90 %, Miettinen-Nurminen; "
        "limit 0.1; 2 of 3 pairs of groups above it for certain"
    )
    assert check.details["groups_shown"] == ["a", "c"]
    assert check.severity is Severity.BLOCK
    assert check.p_adjusted is not None
    assert check.p_adjusted < 0.05


def test_the_four_fifths_rule_finds_what_a_difference_does_not() -> None:
    result = selection(
        {"a": (0.03, 20_000), "b": (0.01, 20_000)}, limits={"selection_rate": 0.1}, ratios={"selection_rate": 0.8}
    )
    ratio = check_of(result, "g: selection_rate ratio")

    assert check_of(result, "g: selection_rate").outcome is Outcome.PASS
    assert (ratio.code, ratio.outcome) == ("MLG151", Outcome.FAIL)
    assert ratio.observed == pytest.approx(1 / 3)
    assert ratio.interval is not None
    assert ratio.interval.method == "Koopman"


def test_not_settled_warns_and_blocks_where_groups_must_pass() -> None:
    rates = {"a": (0.5, 300), "b": (0.45, 300)}
    soft, hard = selection(rates), selection(rates, groups_must_pass=True)

    assert (soft.outcome, hard.outcome) == (Outcome.PASS, Outcome.INCONCLUSIVE)
    check = check_of(soft, "g: selection_rate")
    assert check.severity is Severity.WARN
    assert check.details["rows_to_settle"] > 300
    assert "of the smaller of these two would settle it" in check.message


def test_small_groups_are_named_and_judged_together() -> None:
    rates = {"a": (0.5, 4000), "b": (0.5, 4000)} | {f"s{i}": (0.05, 40) for i in range(6)}
    result = selection(rates)
    named = [check for check in result.checks if check.code == "MLG153"]
    check = check_of(result, "g: selection_rate")

    assert [c.subject for c in named] == [f"g=s{i}" for i in range(6)]
    assert {(c.outcome, c.severity) for c in named} == {(Outcome.INCONCLUSIVE, Severity.WARN)}
    assert check.outcome is Outcome.FAIL
    assert "(small groups)" in check.details["groups_shown"]
    assert selection({"a": (0.5, 4000), "b": (0.5, 4000), "s": (0.5, 20)}, small_groups="block").outcome.value == (
        "inconclusive"
    )


def test_where_no_two_groups_have_rows_enough_nothing_passes() -> None:
    result = selection({"a": (0.5, 4000), "b": (0.5, 20)}, groups_must_pass=True)
    check = check_of(result, "g: selection_rate")

    assert check.outcome is Outcome.INCONCLUSIVE
    assert check.message.startswith("nothing could be compared: 1 of 2 groups has min_rows = 50 rows that count")
    assert result.outcome is Outcome.INCONCLUSIVE


def test_a_model_that_selects_nobody_has_no_ratio_and_no_precision() -> None:
    truth = np.arange(4000) % 2
    said, names = np.zeros(4000, int), np.array(["a", "b"] * 2000).repeat(1)
    result = check_fairness(truth, said, names, limits={"precision": 0.1}, ratios={"selection_rate": 0.8}, min_rows=10)

    assert {check.outcome for check in result.checks} == {Outcome.INCONCLUSIVE}
    assert check_of(result, "group: selection_rate ratio").observed is None


def test_a_missing_group_is_a_group() -> None:
    truth, said, names = rows({"a": (0.5, 1000), "gone": (0.1, 500)})
    result = check_fairness(truth, said, names.where(names != "gone"), limits={"selection_rate": 0.1})

    assert "(missing) 0.1000" in check_of(result, "g: selection_rate").message


def test_values_of_a_sensitive_column_are_nowhere() -> None:
    truth, said, names = rows({"mauve": (0.5, 1000), "teal": (0.1, 1000), "umber": (0.3, 20)})
    result = check_fairness(
        truth,
        said,
        names,
        baseline=said,
        worsening=0.05,
        limits={"selection_rate": 0.1},
        ratios={"selection_rate": 0.8},
        sensitive=["g"],
    )
    text = repr(result) + repr([check.evidence for check in result.checks])

    assert "group 1 0.5000 vs group 2 0.1000" in text
    assert not [name for name in ("mauve", "teal", "umber") if name in text]


def test_a_worse_difference_than_the_baseline_s_fails_and_a_better_one_passes() -> None:
    truth, said, names = rows({"a": (0.5, 3000), "b": (0.3, 3000)})
    fair = np.random.default_rng(0).permutation(said)
    options: dict[str, Any] = {"limits": {"selection_rate": 0.9}, "worsening": 0.05}
    worse = check_fairness(truth, said, names, baseline=fair, **options)
    better = check_fairness(truth, fair, names, baseline=said, **options)
    same = check_fairness(truth, said, names, baseline=said, **options)
    subject = "g: selection_rate vs baseline"

    assert (check_of(worse, subject).code, check_of(worse, subject).outcome) == ("MLG152", Outcome.FAIL)
    assert "(was 0." in check_of(worse, subject).message
    assert check_of(better, subject).outcome is Outcome.PASS
    assert check_of(same, subject).outcome is Outcome.PASS
    assert check_of(same, subject).observed == 0
    assert check_of(worse, subject).details["resamples"] == 2000


def test_a_weight_counts_as_so_many_rows() -> None:
    rates = {"a": (0.5, 2000), "b": (0.45, 2000)}
    plain = check_of(selection(rates), "g: selection_rate")
    truth, said, names = rows(rates)
    weights = np.where(said == 1, 2.0, 1.0)
    weighted = check_fairness(truth, said, names, limits={"selection_rate": 0.1}, weights=weights)
    check = check_of(weighted, "g: selection_rate")
    even = check_fairness(truth, said, names, limits={"selection_rate": 0.1}, weights=np.full(4000, 3.0))

    assert check.details["groups"]["a"]["value"] == pytest.approx(2 / 3)
    assert check_of(even, "g: selection_rate").interval == plain.interval


def test_scores_need_a_threshold() -> None:
    rng = np.random.default_rng(0)
    truth, scores, names = rng.integers(0, 2, 4000), rng.random(4000), ["a", "b"] * 2000
    refused = check_fairness(truth, scores, names, limits={"selection_rate": 0.1})
    judged = check_fairness(truth, scores, names, limits={"selection_rate": 0.1}, threshold=0.3)

    assert refused.outcome is Outcome.ERROR
    assert refused.checks[0].fix == "set `threshold`: scores of at least that are positive"
    assert judged.outcome is Outcome.PASS
    assert judged.checks[0].details["groups"]["a"]["value"] == pytest.approx((scores[::2] >= 0.3).mean())


def test_several_classes_are_judged_one_against_the_rest() -> None:
    truth = np.array(["x", "y", "z"] * 2000)
    names = np.array(["a"] * 3000 + ["b"] * 3000)
    said = np.where((names == "b") & (truth == "z"), "x", truth)
    unnamed = check_fairness(truth, said, names, limits={"true_positive_rate": 0.1})
    z = check_fairness(truth, said, names, limits={"true_positive_rate": 0.1}, positive="z")
    y = check_fairness(truth, said, names, limits={"true_positive_rate": 0.1}, positive="y")

    assert "none is named as the positive one" in unnamed.checks[0].message
    assert (z.outcome, y.outcome) == (Outcome.FAIL, Outcome.PASS)


def test_a_regression_is_judged_by_its_errors() -> None:
    rng = np.random.default_rng(0)
    truth, names = rng.normal(size=4000), np.array(["a", "b"] * 2000)
    said = truth + rng.normal(size=4000) + 0.5 * (names == "b")
    result = check_fairness(truth, said, names, limits={"mean_error": 0.2, "mean_absolute_error": 0.5})
    rates = check_fairness(truth, said, names, limits={"mean_error": 0.2}, baseline=said, worsening=0.1)

    assert check_of(result, "group: mean_error").outcome is Outcome.FAIL
    assert check_of(result, "group: mean_absolute_error").outcome is Outcome.PASS
    assert check_of(rates, "group: mean_error vs baseline").outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"candidate": [0, 1]}, "candidate has 2 rows and y_true 400"),
        ({"candidate": np.array(["0", "1"] * 200)}, "the candidate predicts '0', which is not among the labels"),
        ({"candidate": np.full(400, np.nan)}, "the candidate's answer is missing on 400 of 400 rows"),
        ({"y_true": [None] + [0, 1] * 199 + [1]}, "y_true is missing on 1 of 400 rows"),
        ({"groups": ["a"] * 400}, "column 'group' has one group only"),
        ({"groups": [str(i) for i in range(400)] * 1, "min_rows": 2}, "nothing could be compared"),
        ({"positive": 7}, "positive = 7 is not among the labels"),
        ({"worsening": 0.1}, "worsening is given and no baseline"),
        ({"weights": [-1.0] * 400}, "a weight is negative"),
        ({"candidate": np.full(400, np.inf), "threshold": 0.5}, "the candidate's score is NaN or infinite"),
    ],
)
def test_what_cannot_be_judged_is_no_pass(change: dict[str, Any], message: str) -> None:
    given = {"y_true": [0, 1] * 200, "candidate": np.array([0, 1] * 200), "groups": ["a", "b"] * 200} | change
    result = check_fairness(
        given.pop("y_true"), given.pop("candidate"), given.pop("groups"), limits={"selection_rate": 0.5}, **given
    )

    assert message in result.checks[0].message
    assert result.checks[0].outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "no limit is given"),
        ({"limits": {"selection_rat": 0.1}}, "selection_rat"),
        ({"limits": {"selection_rate": 5}}, "for 5 % write 0.05"),
        ({"limits": {"selection_rate": "0.1"}}, "should be a number"),
        ({"ratios": {"selection_rate": 80}}, "for 80 % write 0.8"),
        ({"ratios": {"selection_rate": 0}}, "greater than 0"),
        ({"limits": {"selection_rate": 0.1, "mean_error": 1.0}}, "give each an entry of its own"),
        ({"limits": {"mean_error": 1.0}, "threshold": 0.5}, "threshold makes labels of scores"),
        ({"limits": {"selection_rate": 0.1}, "worsening": 5}, "worsening = 5"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Settings(**given)


@pytest.fixture(scope="module")
def labelled() -> pd.DataFrame:
    rng = np.random.default_rng(4)
    x, group = rng.normal(size=4000), rng.choice(["a", "b"], 4000)
    return pd.DataFrame({"x": x, "g": group, "late": np.where(x + rng.normal(size=4000) > 0.5, "yes", "no")})


def run(frame: pd.DataFrame, facts: dict[str, Any], **rule: Any) -> GateResult:
    model = LogisticRegression().fit(frame[["x"]], frame["late"])
    given = Facts(target="late", features=("x",), **facts)
    values = {"candidate": model, "baseline": model, "holdout": frame}
    return run_gate(GATE, Settings(**{"limits": {"selection_rate": 0.1}, **rule}), Inputs(facts=given, values=values))


def test_the_gate_asks_a_model_and_takes_the_groups_of_the_data(labelled: pd.DataFrame) -> None:
    result = run(labelled, {"groups": ("g",), "positive": "yes"}, worsening=0.05)

    assert [check.subject for check in result.checks] == ["g: selection_rate", "g: selection_rate vs baseline"]
    assert result.outcome is Outcome.PASS
    assert result.checks[0].details["positive"] == "yes"
    assert (GATE.name, GATE.inputs, GATE.optional, GATE.codes) == (
        "fairness",
        ("candidate", "holdout"),
        ("baseline",),
        CODES,
    )


def test_combinations_of_columns_are_groups(labelled: pd.DataFrame) -> None:
    """Equal by g and equal by h, and not by both."""
    high = labelled["x"] > 0
    frame = labelled.assign(h=np.where(high == (labelled["g"] == "a"), "x", "y"))
    result = run(frame, {}, groups=["g", ["g", "h"]], positive="yes")

    assert check_of(result, "g: selection_rate").outcome is Outcome.PASS
    assert check_of(result, "g + h: selection_rate").outcome is Outcome.FAIL
    assert set(check_of(result, "g + h: selection_rate").details["groups"]) == {"a + x", "a + y", "b + x", "b + y"}


def test_without_a_baseline_the_message_says_so(labelled: pd.DataFrame) -> None:
    model = LogisticRegression().fit(labelled[["x"]], labelled["late"])
    values = {"candidate": model, "baseline": dummy_model(labelled["late"]), "holdout": labelled}
    facts = Facts(target="late", features=("x",), groups=("g",))
    rule = Settings(limits={"selection_rate": 0.1}, worsening=0.1)
    check = run_gate(GATE, rule, Inputs(facts=facts, values=values)).checks[1]

    assert check.message.startswith("no baseline: compared with a dummy; ")
    assert check.details["no_baseline"] is True


def test_many_groups_are_kept_beside_the_verdict() -> None:
    rates = {f"g{i:02}": (0.5, 100) for i in range(30)}
    check = check_of(selection(rates), "g: selection_rate")

    assert len(check.evidence["groups"]) == 30
    assert "groups" not in check.details


def test_a_threshold_is_held_against_the_positive_label_s_probability(labelled: pd.DataFrame) -> None:
    model = LogisticRegression().fit(labelled[["x"]], labelled["late"])
    share = (model.predict_proba(labelled[["x"]])[:, 0] >= 0.8)[labelled["g"] == "a"].mean()
    result = run(labelled, {"groups": ("g",)}, positive="no", threshold=0.8)

    assert result.checks[0].details["groups"]["a"]["value"] == pytest.approx(share)


@pytest.mark.parametrize(
    ("facts", "rule", "message"),
    [
        ({}, {}, "no groups are named"),
        ({"groups": ("gg",)}, {}, "holdout has no column 'gg' (groups)"),
        ({"groups": ("g",), "task": "regression"}, {}, "selection_rate is a rate of labels"),
        ({"groups": ("g",)}, {"limits": {"mean_error": 0.1}}, "judges predicted values, and the task has labels"),
        ({"groups": ("g",)}, {"positive": "Yes"}, "positive = 'Yes' is not among the labels"),
    ],
)
def test_a_configuration_that_does_not_fit_is_an_error(
    labelled: pd.DataFrame, facts: dict[str, Any], rule: dict[str, Any], message: str
) -> None:
    (check,) = run(labelled, facts, **rule).checks

    assert check.outcome is Outcome.ERROR
    assert message in check.message


def test_an_unseen_label_is_an_error(labelled: pd.DataFrame) -> None:
    model = LogisticRegression().fit(labelled[["x"]], labelled["late"])
    frame = labelled.assign(late=labelled["late"].str.upper())
    given = Facts(target="late", features=("x",), groups=("g",))
    inputs = Inputs(facts=given, values={"candidate": model, "holdout": frame})
    (check,) = run_gate(GATE, Settings(limits={"selection_rate": 0.1}), inputs).checks

    assert check.outcome is Outcome.ERROR
    assert "which a model has never seen" in check.message
