"""Concept drift: the candidate's metric over windows of labelled rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sklearn.linear_model import LinearRegression, LogisticRegression

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.drift import check_drift
from pytest_mlgate.gates.drift.windows import by_rows, by_time


def rows(n: int = 6000, weights: Any = 2.0, seed: int = 0, start: str = "2024-01-01") -> pd.DataFrame:
    """One column that says as much of the label as ``weights`` does, row by row; 48 rows a day."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n)
    late = (rng.uniform(size=n) < 1 / (1 + np.exp(-weights * x))).astype(int)
    times = pd.date_range(start, periods=n, freq="30min")
    return pd.DataFrame({"x": x, "late": late, "delay": weights * x + rng.normal(size=n), "at": times})


MODEL = LogisticRegression().fit(rows(seed=9)[["x"]], rows(seed=9)["late"])
HOLDOUT = rows(20_000, seed=8)


def judged(current: pd.DataFrame, concept: Mapping[str, Any] | None = None, **given: Any) -> list[Check]:
    kept = {"candidate": MODEL, "holdout": HOLDOUT, "target": "late", "time": "at", "columns": ["x"]}
    result = check_drift(rows(), current, concept=concept or {}, **{**kept, **given})
    return [check for check in result.checks if check.code in ("MLG517", "MLG518")]


def turning(n: int = 9000, at: int = 6000) -> pd.DataFrame:
    """The column says less of the label from one row on."""
    return rows(n, weights=np.where(np.arange(n) < at, 2.0, 0.7), seed=1, start="2025-01-01")


# decisions


def test_a_model_that_is_as_good_as_it_was_passes() -> None:
    (check,) = judged(rows(9000, seed=1), {"margin": 0.05})

    assert (check.id, check.code, check.outcome) == ("drift:concept", "MLG517", Outcome.PASS)
    assert (check.limit, check.interval.level, check.details["metric"]) == (-0.05, 0.9, "roc_auc")
    assert check.interval.low > -0.05
    assert "in the newest window" in check.message


def test_a_real_change_fails_and_the_worst_window_is_shown() -> None:
    (check,) = judged(turning())
    series = check.evidence["windows"]

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.BLOCK)
    assert check.interval.high < -0.02
    assert check.p_adjusted < 0.05
    assert check.details["windows_failed"] == [window["window"] for window in series if window["delta_high"] < -0.05]
    assert "in the worst window" in check.message
    assert "Retrain" in check.fix


def test_the_series_of_all_windows_is_kept_as_evidence() -> None:
    (check,) = judged(turning(), {"window": "15 days"})
    series = check.evidence["windows"]

    assert [window["start"] for window in series] == sorted(window["start"] for window in series)
    assert sum(window["rows"] for window in series) == 9000
    assert len(series) == check.details["windows"] == 12
    assert all(window["low"] < window["value"] < window["high"] for window in series)
    assert "evidence" not in check.to_json()


def test_a_narrow_margin_is_not_settled_and_says_how_many_rows_would_settle_it() -> None:
    (check,) = judged(rows(1500, seed=3), {"margin": 0.02})

    assert (check.outcome, check.severity) == (Outcome.INCONCLUSIVE, Severity.BLOCK)
    assert check.details["rows_to_settle"] > 1500
    assert "rows in the window would settle it" in check.message


def test_a_holdout_that_is_too_small_is_not_mended_by_longer_windows() -> None:
    (check,) = judged(rows(9000, seed=1), {"margin": 0.01}, holdout=HOLDOUT[:300])

    assert check.outcome is Outcome.INCONCLUSIVE
    assert check.details["rows_to_settle"] is None
    assert "more rows in the window alone" in check.message


# windows


def test_rows_without_a_label_are_left_out_and_counted() -> None:
    current = rows(9000, seed=1)
    current["late"] = current["late"].astype(float).where(np.arange(9000) < 8000)
    (check,) = judged(current, {"margin": 0.05})

    assert check.outcome is Outcome.PASS
    assert check.details["unlabelled_rows"] == 1000
    assert "1 000 rows without a label left out" in check.message


def test_labels_that_are_not_there_yet_are_waited_for() -> None:
    for current in (rows().drop(columns="late"), rows().assign(late=None)):
        (check,) = judged(current)

        assert (check.outcome, check.severity) == (Outcome.SKIP, Severity.NOTE)
        assert "labels often come later" in check.message


def test_windows_that_are_too_small_are_named_and_warned_of() -> None:
    current = rows(6000, seed=1)
    current["late"] = current["late"].where(np.arange(6000) >= 2400, 1)  # one class only
    current = current.drop(index=range(3000, 4400))
    main, small = judged(current, {"window": "25 days"})

    assert main.outcome in (Outcome.PASS, Outcome.INCONCLUSIVE)
    assert (small.code, small.subject) == ("MLG518", "concept:small windows")
    assert (small.outcome, small.severity) == (Outcome.INCONCLUSIVE, Severity.WARN)
    assert "0 rows of one class" in small.message
    assert main.details["windows_too_small"] == len(small.details["windows"]) == 2


def test_no_window_that_is_large_enough_is_no_pass() -> None:
    (check,) = judged(rows(150, seed=1))

    assert (check.code, check.outcome, check.severity) == ("MLG517", Outcome.INCONCLUSIVE, Severity.BLOCK)
    assert "150 labelled rows, fewer than min_rows = 200" in check.message


def test_rows_are_counted_where_there_is_no_time() -> None:
    (check,) = judged(turning().drop(columns="at"), {"rows": 3000}, time=None)

    assert check.outcome is Outcome.FAIL
    assert check.details["window"] == "window 3"
    assert [window["rows"] for window in check.evidence["windows"]] == [3000, 3000, 3000]


def test_the_order_of_rows_does_not_matter_where_there_is_time() -> None:
    current = turning()
    shuffled = current.sample(frac=1, random_state=0)

    for concept in ({"rows": 3000}, {"window": "1 month"}):
        (one,), (other,) = judged(current, concept), judged(shuffled, concept)
        assert one.observed == pytest.approx(other.observed)
        assert one.details["window"] == other.details["window"]


def test_of_a_sensitive_time_no_moment_is_told() -> None:
    (check,) = judged(turning(), sensitive=["at"])
    told = json.dumps([check.to_json(), dict(check.evidence)])

    assert check.details["window"].startswith("window ")
    assert "2025" not in told


def test_rows_without_a_time_are_left_out_and_counted() -> None:
    current = rows(9000, seed=1)
    current.loc[:99, "at"] = pd.NaT
    (check,) = judged(current, {"margin": 0.05})

    assert check.details["undated_rows"] == 100


# the metric, and its value at training time


def test_a_value_may_be_named_in_place_of_a_holdout() -> None:
    current = rows(9000, seed=1)
    (exact,) = judged(current, {"value": 0.84, "margin": 0.05}, holdout=None)
    (rough,) = judged(current, {"value": 0.84, "n": 500, "margin": 0.05}, holdout=None)

    assert (exact.details["training"], exact.details["training_n"], rough.details["training_n"]) == (0.84, None, 500)
    assert exact.observed == rough.observed
    assert rough.interval.low < exact.interval.low < exact.interval.high < rough.interval.high


@pytest.mark.parametrize("metric", ["accuracy", "neg_brier_score", "f1", "roc_auc"])
def test_any_metric_of_the_baseline_gate_will_do(metric: str) -> None:
    (check,) = judged(turning(), {"metric": metric, "resamples": 200})

    assert (check.details["metric"], check.outcome) == (metric, Outcome.FAIL)


def test_a_regression_is_judged_by_its_errors() -> None:
    model = LinearRegression().fit(HOLDOUT[["x"]], HOLDOUT["delay"])
    concept = {"metric": "neg_mean_absolute_error", "margin": 0.1}
    given = {"candidate": model, "target": "delay", "task": "regression"}

    assert judged(rows(9000, seed=1), concept, **given)[0].outcome is Outcome.PASS
    assert judged(turning(), concept, **given)[0].outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("given", "concept", "message"),
    [
        ({"candidate": None}, {}, "no candidate"),
        ({"holdout": None}, {}, "no holdout"),
        ({"target": None}, {}, "no target"),
        ({"time": None}, {"window": "30 days"}, "no time column"),
        ({"time": "x"}, {}, "needs timestamps"),
        ({}, {"metric": "rock_auc"}, "rock_auc"),
        ({"task": "ranking"}, {}, "rankings"),
        ({"holdout": HOLDOUT.assign(late=1)}, {}, "holdout"),
    ],
)
def test_what_cannot_be_judged_is_an_error_that_takes_nothing_from_the_columns(
    given: dict[str, Any], concept: dict[str, Any], message: str
) -> None:
    kept = {"candidate": MODEL, "holdout": HOLDOUT, "target": "late", "time": "at", "columns": ["x"]}
    result = check_drift(rows(), rows(seed=1), concept=concept, **{**kept, **given})
    *columns, check = result.checks

    assert (check.code, check.outcome) == ("MLG517", Outcome.ERROR)
    assert message in check.message
    assert check.fix
    assert columns[0].subject == "x"
    assert columns[0].outcome is Outcome.PASS


def test_an_unknown_label_is_said_to_be_of_the_current_rows() -> None:
    (check,) = judged(rows(seed=1).assign(late=lambda frame: frame["late"] * 2))

    assert check.outcome is Outcome.ERROR
    assert "current column 'late' has 2" in check.message


def test_of_a_sensitive_target_no_label_is_told() -> None:
    names = {0: "healthy", 1: "gravely ill"}
    model = LogisticRegression().fit(HOLDOUT[["x"]], HOLDOUT["late"].map(names))
    now, holdout = (frame.assign(late=frame["late"].map(names)) for frame in (turning(), HOLDOUT))
    kept = {"candidate": model, "target": "late", "time": "at", "sensitive": ["late"], "task": "multiclass"}
    concept = {"metric": "balanced_accuracy", "window": "1 month", "resamples": 200}
    found = [
        check_drift(now, current, concept=concept, holdout=labelled, **kept)
        for current, labelled in (
            (now, holdout),
            (now.assign(late=now["late"].replace("healthy", "convalescent")), holdout),
            (now, holdout.assign(late="healthy")),
            (now.assign(late="gravely ill"), holdout),
        )
    ]
    told = json.dumps([[check.to_json(), dict(check.evidence)] for result in found for check in result.checks])

    expected = [Outcome.FAIL, Outcome.ERROR, Outcome.ERROR, Outcome.INCONCLUSIVE]
    assert [result.checks[-1].outcome for result in found] == expected
    assert not [word for word in ("healthy", "gravely", "convalescent") if word in told]


@pytest.mark.parametrize(
    ("concept", "message"),
    [
        ({"window": "30 dys"}, "30 days"),
        ({"window": "30 days", "rows": 500}, "not both"),
        ({"n": 500}, "give `value` too"),
        ({"margin": "0.02"}, "should be a number"),
        ({"metric": "roc_auc", "margin": 2}, "write 0.02"),
        ({"treshold": 0.5}, "treshold"),
    ],
)
def test_settings_that_say_nothing_are_refused(concept: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        judged(rows(), concept)


# cutting


def ticks(times: Any) -> Any:
    return pd.DatetimeIndex(times).as_unit("us").asi8.astype(float)


def test_windows_end_with_the_newest_row_and_a_short_rest_joins_the_oldest() -> None:
    times = pd.Series(pd.date_range("2024-01-01 12:00", "2024-03-10 12:00", freq="D"))
    spans = [(window.start[:10], window.end[:10], len(window.rows)) for window in by_time(ticks(times), "30 days")]

    assert spans == [("2024-01-01", "2024-02-09", 40), ("2024-02-10", "2024-03-10", 30)]
    assert [window.name for window in by_time(ticks(times), "30 days")] == ["from 2024-01-01", "from 2024-02-10"]


def test_months_are_those_of_the_calendar() -> None:
    times = pd.Series(pd.date_range("2024-01-01", "2024-03-31", freq="D"))

    assert [window.start[:10] for window in by_time(ticks(times), "1 month")] == [
        "2024-01-01",
        "2024-02-01",
        "2024-03-01",
    ]


def test_a_span_without_rows_is_no_window() -> None:
    times = pd.Series(pd.to_datetime(["2024-01-01", "2024-01-02", "2024-06-01"]))

    assert [window.start[:10] for window in by_time(ticks(times), "10 days")] == ["2024-01-01", "2024-06-01"]


def test_more_windows_than_anyone_can_read_are_refused() -> None:
    times = pd.Series(pd.to_datetime(["1970-01-01", "2024-06-01"]))

    with pytest.raises(InputError, match="more than 1000"):
        by_time(ticks(times), "1 minute")


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60),
    st.sampled_from(["1 day", "5 days", "2 weeks", "1 month", "1 year"]),
)
def test_each_row_is_in_one_window_and_windows_are_in_order(days: list[int], span: str) -> None:
    times = pd.Series(pd.Timestamp("2024-01-31") + pd.to_timedelta(days, unit="D"))
    windows = by_time(ticks(times), span)

    assert sorted(np.concatenate([window.rows for window in windows])) == list(range(len(days)))
    assert all(a.end < b.start for a, b in pairwise(windows))
    assert [window.number for window in windows] == list(range(1, len(windows) + 1))


@given(st.integers(1, 400), st.integers(50, 120))
def test_windows_by_rows_are_of_one_size_but_for_the_oldest(count: int, size: int) -> None:
    windows = by_rows(count, size, None)
    sizes = [len(window.rows) for window in windows]

    assert sorted(np.concatenate([window.rows for window in windows])) == list(range(count))
    assert set(sizes[1:]) <= {size}
    assert sizes[0] < 1.5 * size
