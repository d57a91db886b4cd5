"""What drives candidate and baseline, side by side."""

from __future__ import annotations

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from scipy.stats import spearmanr
from sklearn.inspection import permutation_importance as reference
from sklearn.linear_model import LinearRegression, LogisticRegression

from pytest_mlgate.artifacts.model import dummy_model
from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings, check_baseline
from pytest_mlgate.gates.baseline.importance import SUBJECT, rank_correlation, shares

COLUMNS = ["a", "b", "c", "d", "leak"]


def table(n: int = 1500, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(n, 4)), columns=list("abcd"))
    frame["late"] = (frame @ [2.0, 1.0, 0.7, 0.4] + rng.normal(size=n) > 0).astype(int)
    frame["leak"] = frame["late"] + 0.3 * rng.normal(size=n)
    return frame


def fitted(columns, frame=None):
    frame = table(seed=1) if frame is None else frame
    return LogisticRegression().fit(frame[list(columns)], frame["late"])


def compared(candidate, baseline, frame=None, facts=None, **rule):
    frame = table() if frame is None else frame
    values = {"candidate": candidate, "baseline": baseline, "holdout": frame}
    rule = Settings(**{"metric": "roc_auc", "importance": True, **rule})
    result = run_gate(GATE, rule, Inputs(facts=facts or Facts(target="late"), values=values))
    return next(check for check in result.checks if check.subject == SUBJECT)


def test_two_models_of_one_kind_go_by_the_same_features():
    check = compared(fitted("abcd"), fitted("abcd", table(seed=2)))

    assert (check.outcome, check.code, check.observed) == (Outcome.PASS, "MLG114", 1)
    assert [row["feature"] for row in check.details["importance"]] == list("abcd")
    assert check.message.startswith("a ")


def test_a_leak_that_takes_over_is_a_warning():
    check = compared(fitted(COLUMNS), fitted("abcd"))

    assert (check.outcome, check.severity, check.blocks) == (Outcome.FAIL, Severity.WARN, False)
    assert "leak is new at the top" in check.message
    assert check.details["shares"]["candidate"]["leak"] > 0.5
    assert {row["feature"]: row["baseline"] for row in check.details["importance"]}["leak"] is None


def test_another_order_of_the_features_is_a_warning():
    check = compared(fitted("cd"), fitted("abc"))

    assert check.outcome is Outcome.FAIL
    assert check.observed < 0.5
    assert "the order of the features is another one" in check.message


def test_importance_is_scikit_learns_but_for_the_shuffle():
    frame, model = table(), fitted("abcd")
    expected = reference(model, frame[list("abcd")], frame["late"], scoring="roc_auc", n_repeats=30, random_state=0)
    found = {row["feature"]: row["candidate"] for row in compared(model, fitted("ab")).details["importance"]}

    for i, name in enumerate("abcd"):
        assert found[name] == pytest.approx(expected.importances_mean[i], abs=4 * expected.importances_std[i])


@pytest.mark.parametrize("metric", ["f1", "neg_log_loss", "average_precision", "accuracy"])
def test_any_metric_of_the_entry_is_the_unit(metric):
    check = compared(fitted("abcd"), fitted("abcd", table(seed=2)), metric=metric, resamples=200)

    assert check.outcome is Outcome.PASS
    assert check.details["metric"] == metric
    assert check.details["importance"][0]["feature"] == "a"


def test_a_regression_has_importance_too():
    frame = table()
    models = [LinearRegression().fit(frame[list("abc")], frame["leak"]) for _ in range(2)]
    check = compared(*models, facts=Facts(target="leak"), metric="r2")

    assert (check.outcome, check.observed) == (Outcome.PASS, 1)


def test_a_baseline_without_features_leaves_nothing_to_compare():
    frame = table()
    check = compared(fitted("abcd"), dummy_model(frame["late"]), frame)

    assert (check.outcome, check.severity, check.blocks) == (Outcome.SKIP, Severity.NOTE, False)
    assert "no feature matters to the baseline" in check.message


def test_predictions_alone_have_no_importance_and_say_so():
    truth = np.arange(400) % 2
    main, *_, check = check_baseline(truth, truth, truth, metric="accuracy", importance=True).checks

    assert main.outcome is Outcome.PASS
    assert (check.outcome, check.subject) == (Outcome.ERROR, SUBJECT)
    assert "needs models" in check.message


def test_the_same_seed_gives_the_same_importance():
    one, again = (compared(fitted("abcd"), fitted("abc")) for _ in range(2))
    other = compared(fitted("abcd"), fitted("abc"), facts=Facts(target="late", seed=7))

    assert one.to_json() == again.to_json()
    assert one.details["importance"] != other.details["importance"]


def test_many_rows_are_sampled():
    check = compared(fitted("abcd"), fitted("abc"), table(5000))

    assert check.n == check.details["rows"] == 2000


FEATURES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1), min_size=1)


@settings(deadline=None, max_examples=60)
@given(FEATURES)
def test_shares_are_none_below_nought_and_at_most_one_in_all(importance):
    found = shares(importance)

    assert all(share == 0 or share >= 0.02 for share in found.values())
    assert sum(found.values()) <= 1 + 1e-9
    assert all(found[name] == 0 for name in found if importance[name] <= 0)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=3, max_size=8))
def test_the_rank_correlation_is_scipys_and_symmetric(pairs):
    one, other = ({str(i): float(pair[side]) for i, pair in enumerate(pairs)} for side in (0, 1))
    counted = [pair for pair in pairs if max(pair) > 0]
    found = rank_correlation(one, other)

    assert found == rank_correlation(other, one) or found == pytest.approx(rank_correlation(other, one))
    if found is not None:
        assert found == pytest.approx(spearmanr(*zip(*counted, strict=True)).statistic)
    else:
        assert len(counted) < 3 or any(len(set(side)) == 1 for side in zip(*counted, strict=True))
