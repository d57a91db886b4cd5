"""Weak segments: found where they are, and not where there are none."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.gates.base import Facts
from pytest_mlgate.gates.baseline import Settings, check_baseline
from pytest_mlgate.gates.baseline.evaluation import from_arrays
from pytest_mlgate.gates.baseline.segment_search import row_differences
from pytest_mlgate.gates.baseline.segments import SUBJECT, _halves, judge_segments


def table(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "origin": rng.choice(["EWR", "JFK", "LGA"], n),
            "carrier": rng.choice(list("ABCD"), n),
            "distance": rng.gamma(2, 500, n),
            "hour": rng.integers(0, 24, n),
        }
    )


def scored(frame: pd.DataFrame, seed: int, worse=None):
    """Labels, and scores of two equally good models, but on ``worse`` rows, where the candidate only guesses."""
    rng = np.random.default_rng(seed + 1000)
    truth = rng.integers(0, 2, len(frame))
    common = truth + rng.normal(size=len(frame))
    candidate, baseline = (common + 0.3 * rng.normal(size=len(frame)) for _ in range(2))
    if worse is not None:
        candidate = np.where(worse, rng.normal(size=len(frame)), candidate)
    return truth, candidate, baseline


def segments_of(truth, candidate, baseline, frame, metric="roc_auc", **options):
    options = {"margin": 0.02, "segments": True, "slice_by": [], **options}
    result = check_baseline(truth, candidate, baseline, metric=metric, slices=frame, **options)
    return next(check for check in result.checks if check.subject == SUBJECT)


@pytest.mark.parametrize("metric", ["roc_auc", "accuracy", "neg_brier_score", "f1"])
def test_the_segment_that_was_made_worse_is_found(metric):
    frame = table(10000, 0)
    worse = ((frame["origin"] == "LGA") & (frame["carrier"] == "B")).to_numpy()
    truth, candidate, baseline = scored(frame, 0, worse)
    if metric in ("accuracy", "f1"):
        candidate, baseline = (candidate > 0.5).astype(int), (baseline > 0.5).astype(int)
    elif metric == "neg_brier_score":
        candidate, baseline = (1 / (1 + np.exp(1 - 2 * score)) for score in (candidate, baseline))
    check = segments_of(truth, candidate, baseline, frame, metric=metric)

    assert (check.outcome, check.severity, check.code) == (Outcome.FAIL, Severity.NOTE, "MLG113")
    assert check.message.startswith("origin=LGA, carrier=B loses")
    assert check.interval.high < -0.02
    assert not check.blocks


def test_a_bin_of_a_number_and_missing_values_are_searched_too():
    frame = table(6000, 1)
    truth, candidate, baseline = scored(frame, 1, (frame["distance"] > frame["distance"].quantile(0.75)).to_numpy())
    far = segments_of(truth, candidate, baseline, frame)
    frame = table(6000, 2)
    frame.loc[::5, "hour"] = np.nan
    truth, candidate, baseline = scored(frame, 2, frame["hour"].isna().to_numpy())
    missing = segments_of(truth, candidate, baseline, frame)

    assert far.outcome is missing.outcome is Outcome.FAIL
    assert far.details["segments"][0]["segment"].startswith("distance=[1")
    assert missing.details["segments"][0]["segment"].endswith("hour=(missing)")


def test_the_interval_is_of_rows_that_the_search_has_not_seen():
    frame = table(4000, 3)
    worse = (frame["origin"] == "LGA").to_numpy()
    truth, candidate, baseline = scored(frame, 3, worse)
    check = segments_of(truth, candidate, baseline, frame)
    ev = from_arrays(
        truth, candidate, baseline, task=None, positive=None, slices=frame, weights=None, groups=None, seed=0
    )
    first, second = _halves(ev)
    inside = second[worse[second]]
    alone = check_baseline(truth[inside], candidate[inside], baseline[inside], metric="roc_auc").checks[0]

    assert not set(first) & set(second)
    assert sorted([*first, *second]) == list(range(4000))
    assert check.message.startswith("origin=LGA loses")
    assert check.n == len(inside) == alone.n
    assert check.observed == pytest.approx(alone.observed)
    assert check.interval.level == pytest.approx(1 - 0.1 / check.details["bonferroni"])


def test_groups_are_never_torn_between_search_and_judgement():
    frame = table(3000, 4)
    groups = np.arange(3000) % 150
    truth, candidate, baseline = scored(frame, 4)
    ev = from_arrays(
        truth, candidate, baseline, task=None, positive=None, slices=frame, weights=None, groups=groups, seed=0
    )
    first, second = _halves(ev)

    assert not set(groups[first]) & set(groups[second])
    assert min(len(first), len(second)) > 1000


def test_the_same_seed_searches_the_same_and_another_one_splits_anew():
    frame = table(3000, 5)
    given = scored(frame, 5, (frame["origin"] == "LGA").to_numpy())
    one, again, other = (segments_of(*given, frame, seed=seed) for seed in (0, 0, 1))

    assert one.to_json() == again.to_json()
    assert one.observed != other.observed


def test_target_id_weight_sensitive_and_cluster_columns_are_not_searched():
    frame = table(2000, 6).assign(sex="f", w=1.0, user=np.arange(2000) % 40, y=0)
    frame.loc[::2, "sex"] = "m"
    truth, candidate, baseline = scored(frame, 6, (frame["sex"] == "m").to_numpy())
    ev = from_arrays(
        truth, candidate, baseline, task=None, positive=None, slices=frame, weights=None, groups=None, seed=0
    )
    facts = Facts(target="y", weight="w", id="distance", sensitive=("sex",))
    check = judge_segments(Settings(cluster="user"), "roc_auc", ev, facts)

    assert check.details["columns"] == ["origin", "carrier", "hour"]


def test_a_table_without_a_segment_to_search_says_so():
    frame = pd.DataFrame({"a": ["x"] * 300})
    check = segments_of(*scored(frame, 7), frame)

    assert (check.outcome, check.details["segments_searched"]) == (Outcome.PASS, 0)
    assert "0 segments of 0 columns" in check.message


def test_segments_without_a_table_are_an_error_and_the_main_check_stays():
    truth, candidate, baseline = scored(table(500, 8), 8)
    result = check_baseline(truth, candidate, baseline, metric="roc_auc", segments=True)

    assert result.checks[0].outcome is not Outcome.ERROR
    assert (result.checks[-1].subject, result.checks[-1].outcome) == (SUBJECT, Outcome.ERROR)
    assert "no table was given" in result.checks[-1].message


def test_a_hundred_columns_are_searched_in_seconds():
    rng = np.random.default_rng(9)
    frame = pd.DataFrame(rng.normal(size=(20000, 60)), columns=[f"c{i}" for i in range(60)])
    truth, candidate, baseline = scored(frame, 9)
    start = time.perf_counter()
    check = segments_of(truth, candidate, baseline, frame)

    assert time.perf_counter() - start < 20
    assert len(check.details["columns"]) == 40
    assert check.details["columns_left_out"] == 20


def test_placements_average_to_the_area_under_the_curve():
    truth, candidate, baseline = scored(table(500, 10), 10)
    checked = check_baseline(truth, candidate, baseline, metric="roc_auc").checks[0]
    ev = from_arrays(
        truth, candidate, baseline, task=None, positive=None, slices=None, weights=None, groups=None, seed=0
    )
    delta = row_differences("roc_auc", ev, np.arange(500))

    assert delta[truth == 1].mean() == pytest.approx(checked.observed)
    assert delta[truth == 0].mean() == pytest.approx(checked.observed)


@pytest.mark.slow
def test_equal_models_are_told_to_have_a_weak_segment_in_at_most_one_run_of_twenty():
    """Margin 0: a fail says for certain that the candidate is worse somewhere, and it is nowhere."""
    false = 0
    for seed in range(400):
        frame = table(1500, seed)
        truth, candidate, baseline = scored(frame, seed)
        labels = [(score > 0.5).astype(int) for score in (candidate, baseline)]
        check = segments_of(truth, *labels, frame, metric="accuracy", margin=0, seed=seed)
        false += check.outcome is Outcome.FAIL

    assert false / 400 <= 0.075
