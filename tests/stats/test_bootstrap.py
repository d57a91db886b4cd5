"""The paired bootstrap."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import stdtrit
from sklearn.metrics import roc_auc_score

from pytest_mlgate.stats.bootstrap import (
    bootstrap_aucs,
    bootstrap_counted_sums,
    bootstrap_sums,
    paired_bootstrap,
    percentile_interval,
    resampled_rows,
)


def mean_of(values):
    return lambda rows: (values[0][rows].mean(), values[1][rows].mean())


def test_the_same_seed_gives_the_same_resamples_and_another_seed_others():
    draw = [np.array(list(resampled_rows(20, resamples=5, seed=seed))) for seed in (1, 1, 2)]

    assert (draw[0] == draw[1]).all()
    assert (draw[0] != draw[2]).any()


def test_strata_keep_their_size_in_every_resample():
    strata = np.array([0] * 90 + [1] * 10)

    assert {int(strata[rows].sum()) for rows in resampled_rows(100, resamples=50, seed=0, strata=strata)} == {10}
    assert len({int(strata[rows].sum()) for rows in resampled_rows(100, resamples=50, seed=0)}) > 1


def test_groups_are_drawn_whole():
    groups = np.repeat(np.arange(8), 5)
    for rows in resampled_rows(40, resamples=50, seed=0, groups=groups):
        counts = np.bincount(rows, minlength=40).reshape(8, 5)
        assert (counts == counts[:, :1]).all()
        assert counts[:, 0].sum() == 8


def test_the_interval_of_a_mean_is_close_to_students():
    values = np.random.default_rng(0).exponential(size=(2, 400))
    draws = paired_bootstrap(mean_of(values), 400, resamples=4000)
    difference = values[0] - values[1]
    found = percentile_interval(draws[:, 0] - draws[:, 1], difference.mean(), 400)
    half = stdtrit(399, 0.95) * difference.std(ddof=1) / 20

    assert (found.low, found.high) == pytest.approx(
        (difference.mean() - half, difference.mean() + half), abs=0.1 * half
    )


@pytest.mark.parametrize("kind", ["few values", "many values", "groups"])
def test_sums_have_the_mean_and_spread_of_resampled_rows(kind):
    rng = np.random.default_rng(3)
    column = rng.integers(0, 2, 500).astype(float) if kind == "few values" else rng.normal(size=500)
    columns = np.column_stack([column, column**2 + 1])
    options = {"groups": np.arange(500) // 5} if kind == "groups" else {}
    sums = bootstrap_sums(columns, resamples=3000, seed=0, **options)
    rows = resampled_rows(500, resamples=3000, seed=1, **options)
    slow = np.array([columns[row].sum(axis=0) for row in rows])

    assert sums.mean(axis=0) == pytest.approx(slow.mean(axis=0), abs=6 * slow.std(axis=0).max() / np.sqrt(3000))
    assert sums.std(axis=0) == pytest.approx(slow.std(axis=0), rel=0.1)


def test_sums_of_strata_keep_the_size_of_each():
    strata = np.array([0] * 95 + [1] * 5)
    sums = bootstrap_sums(strata[:, None].astype(float), resamples=20, seed=0, strata=strata)

    assert (sums == 5).all()


def test_swapping_the_models_mirrors_the_interval():
    values = np.random.default_rng(0).normal(size=(2, 50))
    draws = paired_bootstrap(mean_of(values), 50, resamples=500)
    one = percentile_interval(draws[:, 0] - draws[:, 1], 0.1, 50)
    other = percentile_interval(draws[:, 1] - draws[:, 0], -0.1, 50)

    assert (one.low, one.high) == pytest.approx((-other.high, -other.low))


def test_p_agrees_with_the_limit_and_grows_no_smaller_as_the_bound_falls():
    draws = np.random.default_rng(0).normal(size=2000)
    found = percentile_interval(draws, 0.0, 60, floor=1.0)
    bounds = np.linspace(-3, 3, 61)
    p = [found.p_below(bound) for bound in bounds]

    assert (np.diff(p) <= 1e-12).all()
    assert [value < 0.05 for value in p] == [found.high < bound for bound in bounds]


def test_models_that_never_differ_have_an_interval_where_the_metric_has_a_range():
    found = percentile_interval(np.zeros(2000), 0.0, 50, floor=1.0)

    assert found.estimate == 0
    assert found.low == -found.high
    assert 0.04 < found.high < 0.06  # as Tango's interval without a discordant row


def test_a_metric_that_is_not_defined_on_many_resamples_is_refused():
    draws = np.where(np.arange(2000) % 50 == 0, np.nan, 1.0)

    with pytest.raises(ValueError, match="not defined on 40 of 2000"):
        percentile_interval(draws, 1.0, 50)


def test_beyond_all_draws_p_goes_on_falling():
    found = percentile_interval(np.random.default_rng(0).normal(size=2000), 0.0, 1000)

    assert found.p_below(10.0) < found.p_below(5.0) < 1 / 2001


@pytest.mark.parametrize("way", ["rows", "strata", "groups"])
@pytest.mark.parametrize("ties", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
def test_areas_sorted_once_are_those_of_scikit_learn_on_the_same_resamples(way, ties, weighted):
    rng = np.random.default_rng(0)
    truth, weights = rng.random(120) < 0.3, rng.random(120) + 0.5 if weighted else None
    scores = [np.round(rng.normal(size=120) + truth, 0 if ties else 12) for _ in range(2)]
    options = {"strata": truth} if way == "strata" else {"groups": np.arange(120) // 4} if way == "groups" else {}
    found = bootstrap_aucs(truth, scores, resamples=40, seed=5, weights=weights, **options)

    def both(rows):
        own = None if weights is None else weights[rows]
        return tuple(roc_auc_score(truth[rows], score[rows], sample_weight=own) for score in scores)

    assert found == pytest.approx(paired_bootstrap(both, 120, resamples=40, seed=5, **options), abs=1e-12)


def test_an_area_without_a_row_of_a_class_is_not_a_number():
    found = bootstrap_aucs([True, False, False], [[3.0, 2.0, 1.0]], resamples=50, seed=0)

    assert np.isnan(found).any()
    assert set(found[np.isfinite(found)].tolist()) == {1.0}


def test_sums_over_few_cells_have_the_law_of_sums_over_rows():
    """A row repeated by its cell: mean and covariance of the sums are n times those of a row."""
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 2, (3000, 3)).astype(float)
    found = bootstrap_sums(columns, resamples=20_000, seed=0)

    assert found.mean(axis=0) == pytest.approx(columns.sum(axis=0), abs=1)
    assert np.cov(found.T) == pytest.approx(3000 * np.cov(columns.T, bias=True), abs=20)


def test_a_column_with_many_values_and_one_that_is_not_finite_are_summed_row_by_row():
    columns = np.column_stack([np.arange(500.0), np.ones(500)])
    columns[7, 0] = np.inf
    found = bootstrap_sums(columns, resamples=200, seed=0)

    assert (found[:, 1] == 500).all()
    assert 0.5 < np.isinf(found[:, 0]).mean() < 0.75  # a given row is drawn with probability 0.632


@pytest.mark.parametrize("strata", [False, True])
def test_rows_that_are_counted_are_drawn_as_the_rows_themselves(strata):
    rng = np.random.default_rng(0)
    columns = rng.integers(0, 2, (1000, 3)).astype(float)
    classes = columns[:, 0].astype(int)
    _, first, inverse = np.unique(columns, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    distinct, counts = columns[first[order]], np.bincount(inverse.reshape(-1))[order]
    of_rows = bootstrap_sums(columns, resamples=200, seed=3, strata=classes if strata else None)
    of_counts = bootstrap_counted_sums(
        distinct, counts, resamples=200, seed=3, strata=classes[first[order]] if strata else None
    )

    assert np.array_equal(of_rows, of_counts)
