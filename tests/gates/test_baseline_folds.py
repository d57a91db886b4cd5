"""Fold scores without common rows: weaker evidence, and said to be."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_mlgate import check_baseline_folds

SCORES = np.array([0.81, 0.79, 0.84, 0.80, 0.82, 0.83, 0.78, 0.80, 0.81, 0.82])
CHANGES = np.array([0.01, -0.01, 0.00, 0.02, -0.01, 0.00, 0.01, -0.02, 0.00, 0.01])


def check(shift=0.0, **options):
    options = {"test_share": 0.1, **options}
    return check_baseline_folds(SCORES + CHANGES / 10 + shift, SCORES, **options).checks[0]


@pytest.mark.parametrize(("shift", "outcome"), [(0.0, "pass"), (-0.0105, "inconclusive"), (-0.1, "fail")])
def test_three_ways_are_told_apart_with_a_warning_at_most(shift, outcome):
    found = check(shift)

    assert (found.code, found.outcome, found.severity) == ("MLG120", outcome, "warn")
    assert "weaker evidence: 10 fold scores without common rows" in found.message
    assert ("check_baseline" in found.fix) == (outcome != "pass")
    assert "rows_to_settle" not in found.details
    assert not found.blocks


def test_a_failure_blocks_where_that_is_asked_for():
    result = check_baseline_folds(SCORES - 0.1 + CHANGES, SCORES, test_share=0.1, severity="block", metric="roc_auc")

    assert result.outcome == "fail"
    assert result.checks[0].id == "baseline[roc_auc]"


def test_counts_and_share_of_a_fold_say_the_same():
    by_count, by_share = check(n_train=90, n_test=10, test_share=None), check()

    assert by_count.interval.low == pytest.approx(by_share.interval.low, abs=1e-15)
    assert by_count.details["test_to_train"] == pytest.approx(1 / 9)


def test_the_corrected_interval_is_wider_than_the_plain_one_by_the_known_factor():
    found = check()
    low, high = found.details["uncorrected"]

    assert (found.interval.high - found.interval.low) / (high - low) == pytest.approx(np.sqrt(1 + 10 / 9))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"test_share": None}, "the size of a fold is not told"),
        ({"n_train": 90, "n_test": 10}, "told, or twice"),
        ({"n_train": 90, "test_share": None}, "the size of a fold is not told"),
        ({"test_share": 1.0}, "not a share"),
        ({"n_train": 0, "n_test": 10, "test_share": None}, "not counts of rows"),
        ({"candidate_scores": SCORES[:9]}, "candidate_scores has 9 folds and baseline_scores 10"),
        ({"candidate_scores": SCORES + 0.01}, "the difference is 0.01 on each of 10 folds"),
        ({"candidate_scores": np.append(SCORES[:9], np.nan)}, "candidate_scores is NaN or infinite on 1 of 10"),
        ({"candidate_scores": [SCORES]}, "has shape (1, 10)"),
    ],
)
def test_what_cannot_be_compared_is_an_error_that_blocks(change, message):
    options = {"candidate_scores": SCORES + CHANGES, "baseline_scores": SCORES, "test_share": 0.1, **change}
    result = check_baseline_folds(**options)

    assert result.outcome == "error"
    assert message in result.checks[0].message
    assert result.checks[0].fix


def test_a_margin_below_nought_is_refused():
    with pytest.raises(ValueError, match="margin"):
        check(margin=-0.1)
