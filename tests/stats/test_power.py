"""Rows that are needed, and what rows can answer."""

from __future__ import annotations

import math
from statistics import stdev

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri

from pytest_mlgate.stats.auc import delong, delong_interval
from pytest_mlgate.stats.power import (
    auc_variance,
    chance_beyond,
    cluster_design_effect,
    detectable_difference,
    paired_variance,
    rows_for_power,
    rows_to_settle,
    suggest_margin,
)
from pytest_mlgate.stats.proportions import tango_interval

AREAS = st.floats(0.01, 0.99)
COUNTS = st.integers(1, 10**6)
METRICS = st.lists(st.floats(-10, 10), min_size=2, max_size=12)


# 6.18 = (1.645 + 0.842)^2, times the share of discordant rows over the squared margin
@pytest.mark.parametrize(("margin", "rows"), [(0.005, 24730), (0.01, 6183), (0.02, 1546)])
def test_rows_for_an_equal_candidate_at_ten_percent_discordance(margin, rows):
    assert rows_for_power(0.1, margin) == pytest.approx(rows, abs=3)


def test_superiority_of_an_equal_candidate_needs_rows_without_end():
    assert rows_for_power(0.1, 0.0) == math.inf


def test_the_detectable_difference_is_the_margin_that_these_rows_allow():
    assert detectable_difference(0.1, round(rows_for_power(0.1, 0.013))) == pytest.approx(0.013, rel=1e-3)


def test_rows_to_settle_grow_as_the_estimate_nears_the_bound_and_without_end_upon_it():
    far, near, upon = (rows_to_settle(100, 0.0, -0.05, 0.05, bound) for bound in (-0.04, -0.01, 0.0))

    assert 100 < far < near < upon == math.inf


def test_the_rows_that_were_asked_for_settle_it_if_the_difference_stays():
    found = tango_interval(50, 55, 1000)
    needed = rows_to_settle(1000, found.estimate, found.low, found.high, -0.01)
    factor = math.ceil(needed / 1000)
    again = tango_interval(50 * factor, 55 * factor, 1000 * factor)

    assert found.low < -0.01
    assert again.low > -0.01


# --- the area under the ROC curve


# at an area of 1/2 the formula is the variance of U / (P N) without ties, (P + N + 1) / (12 P N): Mann and Whitney,
# "On a test of whether one of two random variables is stochastically larger than the other", 1947
@pytest.mark.parametrize(("positives", "negatives"), [(1, 1), (10, 10), (30, 700), (5000, 20)])
def test_an_area_of_one_half_varies_as_the_rank_sum_does(positives, negatives):
    expected = (positives + negatives + 1) / (12 * positives * negatives)

    assert auc_variance(0.5, positives, negatives) == pytest.approx(expected, rel=1e-12)


def test_one_row_of_each_class_is_one_toss():
    assert auc_variance(0.8, 1, 1) == pytest.approx(0.8 * 0.2)


def test_the_variance_is_that_of_exponential_scores():
    rng = np.random.default_rng(1)
    positives, negatives, area = 40, 90, 0.8
    found = []
    for _ in range(4000):
        scores = rng.exponential(area / (1 - area), positives), rng.exponential(1, negatives)
        found.append(float((scores[0][:, None] > scores[1]).mean()))

    assert np.mean(found) == pytest.approx(area, abs=0.003)
    # the standard error of a variance of 4 000 values is about 2.2 % of it
    assert np.var(found) == pytest.approx(auc_variance(area, positives, negatives), rel=0.07)


@given(AREAS, COUNTS, COUNTS)
def test_to_call_the_other_class_positive_changes_no_variance(area, positives, negatives):
    assert auc_variance(area, positives, negatives) == pytest.approx(auc_variance(1 - area, negatives, positives))


@given(AREAS, COUNTS, COUNTS)
def test_more_rows_of_a_class_never_vary_more(area, positives, negatives):
    variance = auc_variance(area, positives, negatives)

    assert auc_variance(area, positives + 1, negatives) <= variance * (1 + 1e-9)
    assert 0 < variance <= area * (1 - area) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("area", "positives", "negatives"), [(0, 5, 5), (1, 5, 5), (math.nan, 5, 5), (0.8, 0, 5), (0.8, 5, 0)]
)
def test_no_area_and_no_rows_are_refused(area, positives, negatives):
    with pytest.raises(ValueError, match=r"must (lie|be)"):
        auc_variance(area, positives, negatives)


def test_a_difference_of_two_estimates_varies_as_textbooks_say():
    assert paired_variance(3.0, 0.0) == 6.0
    assert paired_variance(3.0, 0.9) == pytest.approx(0.6)
    with pytest.raises(ValueError, match="below 1"):
        paired_variance(3.0, 1.0)


# --- rows in groups


def test_the_design_effect_of_groups_of_one_size():
    assert cluster_design_effect([1, 1, 1], 0.3) == 1
    assert cluster_design_effect([5, 5], 0.1) == pytest.approx(1 + 4 * 0.1)
    assert cluster_design_effect([5, 5], 1) == 5  # as good as one row a group
    assert cluster_design_effect([1, 9], 0.1) > cluster_design_effect([5, 5], 0.1)
    with pytest.raises(ValueError, match="rho"):
        cluster_design_effect([5, 5], 1.1)


# --- the noise of retraining


# t quantiles at 0.95: 6.314 (1 degree of freedom), 2.920 (2), 2.132 (4); Student's table
@pytest.mark.parametrize(
    ("values", "quantile"), [([0, 1], 6.3138), ([0.7, 0.71, 0.72], 2.9200), ([1, 2, 3, 4, 5], 2.1318)]
)
def test_the_margin_is_a_prediction_limit_of_students_t(values, quantile):
    assert suggest_margin(values) == pytest.approx(quantile * stdev(values) * math.sqrt(2), rel=1e-4)


@given(METRICS, st.floats(-5, 5))
def test_a_shift_of_the_metric_changes_no_margin(values, shift):
    assert suggest_margin([value + shift for value in values]) == pytest.approx(suggest_margin(values), abs=1e-12)


@given(METRICS, st.floats(-100, 100))
def test_the_margin_scales_with_the_metric(values, scale):
    expected = abs(scale) * suggest_margin(values)

    assert suggest_margin([scale * value for value in values]) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@given(METRICS, st.floats(0.51, 0.99))
def test_the_chance_beyond_the_suggested_margin_is_what_its_level_leaves(values, level):
    margin = suggest_margin(values, level)
    if margin > 0:
        assert chance_beyond(values, margin) == pytest.approx(1 - level, rel=1e-6)


@given(METRICS, st.floats(0, 5), st.floats(0, 5))
def test_a_wider_margin_is_never_more_often_exceeded(values, one, other):
    narrow, wide = sorted((one, other))

    assert 0 <= chance_beyond(values, wide) <= chance_beyond(values, narrow) <= 0.5


def test_equal_trainings_suggest_no_margin():
    assert suggest_margin([0.7, 0.7, 0.7]) == 0
    assert (chance_beyond([0.7, 0.7], 0.01), chance_beyond([0.7, 0.7], 0.0)) == (0.0, 0.5)


@pytest.mark.parametrize("values", [[], [0.7], [0.7, math.nan], [0.7, math.inf]])
def test_what_says_nothing_of_noise_is_refused(values):
    with pytest.raises(ValueError, match="at least two finite numbers"):
        suggest_margin(values)
    with pytest.raises(ValueError, match="at least two finite numbers"):
        chance_beyond(values, 0.01)


@pytest.mark.parametrize("level", [0.5, 1, 95])
def test_a_level_out_of_range_is_refused(level):
    with pytest.raises(ValueError, match="level"):
        suggest_margin([0.7, 0.8], level)


# --- promises kept, simulated


@pytest.mark.slow
@pytest.mark.parametrize("trainings", [2, 3, 5, 10])
def test_two_further_trainings_stay_within_the_margin_in_95_of_100_cases(trainings):
    rng = np.random.default_rng(trainings)
    repeats = 20_000
    draws = rng.normal(0.76, 0.002, (repeats, trainings + 2))
    within = [row[-2] - row[-1] <= suggest_margin(row[:trainings].tolist()) for row in draws]

    assert np.mean(within) == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / repeats))


@pytest.mark.slow
@pytest.mark.parametrize(("discordance", "n"), [(0.03, 5000), (0.1, 5000), (0.1, 500)])
def test_an_equal_candidate_passes_the_detectable_margin_of_an_accuracy(discordance, n):
    rng = np.random.default_rng(n)
    margin, repeats = detectable_difference(discordance, n), 2000
    flips = rng.multinomial(n, [discordance / 2, discordance / 2, 1 - discordance], repeats)
    passed = [tango_interval(int(fixed), int(broken), n).low > -margin for fixed, broken, _ in flips]

    print(f"discordance {discordance}, {n} rows: {np.mean(passed):.3f}")
    assert np.mean(passed) == pytest.approx(0.8, abs=0.04)


def _scores(rng, positive, area, correlation, law):
    """Two equal models' scores, by a normal copula within each class."""
    common = rng.normal(size=len(positive))
    pair = [
        math.sqrt(correlation) * common + math.sqrt(1 - correlation) * rng.normal(size=len(positive)) for _ in range(2)
    ]
    if law == "normal":
        return [z + math.sqrt(2) * float(ndtri(area)) * positive for z in pair]
    return [-np.log(ndtr(-z)) * np.where(positive, area / (1 - area), 1) for z in pair]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("law", "area", "lowest", "highest"),
    [
        ("exponential", 0.8, 0.76, 0.84),
        ("normal", 0.7, 0.78, 0.9),
        ("normal", 0.8, 0.8, 0.93),
        ("normal", 0.9, 0.85, 0.97),
    ],
)
def test_an_equal_candidate_passes_the_detectable_margin_of_an_area(law, area, lowest, highest):
    """Exact for exponential scores; for normal ones Hanley and McNeil's variance is too large, and the power higher."""
    rng = np.random.default_rng(7)
    n, positives, repeats = 2000, 300, 1500
    many = np.arange(100_000) < 100_000 * positives // n
    covariance = delong(many, *_scores(rng, many, area, 0.9, law)).covariance
    between = float(covariance[0, 1] / math.sqrt(covariance[0, 0] * covariance[1, 1]))
    margin = detectable_difference(n * paired_variance(auc_variance(area, positives, n - positives), between), n)
    positive = np.arange(n) < positives
    passed = [delong_interval(positive, *_scores(rng, positive, area, 0.9, law)).low > -margin for _ in range(repeats)]

    print(f"{law} scores, area {area}: areas correlate by {between:.2f}, passed {np.mean(passed):.3f}")
    assert lowest < np.mean(passed) < highest
