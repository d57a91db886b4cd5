"""Every two-sample statistic that SciPy has, against SciPy: ties, all values equal, tiny and unequal samples."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats
from scipy.spatial import distance

from pytest_mlgate.stats.distances import pooled_counts, two_sample_chi_square
from pytest_mlgate.stats.divergences import cramers_v, jensen_shannon
from pytest_mlgate.stats.energy import energy
from pytest_mlgate.stats.ks import two_sample_ks
from pytest_mlgate.stats.wasserstein import wasserstein

CLOSE = {"rel": 1e-10, "abs": 1e-10}

continuous = st.floats(-1e3, 1e3, allow_nan=False).map(lambda value: round(value, 6))
tied = st.integers(-3, 3).map(float)
constant = st.just(7.5)


def samples(most: int = 60) -> st.SearchStrategy[np.ndarray]:
    """Samples of 1 to ``most`` values: hardly any ties, mostly ties, or all equal."""
    return st.sampled_from([continuous, tied, constant]).flatmap(
        lambda elements: hnp.arrays(np.float64, st.integers(1, most), elements=elements)
    )


counts = st.integers(1, 12).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 90), min_size=k, max_size=k).filter(any) for _ in range(2)])
)


@settings(deadline=None, max_examples=150)
@given(samples(), samples())
def test_ks_distance_and_exact_p_are_scipys(first: np.ndarray, second: np.ndarray) -> None:
    result = two_sample_ks(first, second)

    assert result.method == "exact"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            expected = stats.ks_2samp(first, second, method="exact")
        except RuntimeWarning:  # a chance of 1 comes out of SciPy's sum a little above 1, and is given up
            assert result.p == pytest.approx(1, **CLOSE)
            return
    assert result.distance == pytest.approx(expected.statistic, **CLOSE)
    assert result.p == pytest.approx(expected.pvalue, **CLOSE)


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.integers(101, 700), st.integers(701, 1500), st.booleans(), st.floats(0, 0.3))
def test_ks_asymptotic_p_is_scipys(seed: int, n: int, m: int, ties: bool, shift: float) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=n), rng.normal(shift, size=m)
    if ties:
        first, second = first.round(), second.round()
    result = two_sample_ks(first, second)
    assume(result.distance > 0)

    expected = stats.ks_2samp(first, second, method="asymp")
    assert result.method == "asymptotic"
    assert result.distance == pytest.approx(expected.statistic, **CLOSE)
    assert result.p == pytest.approx(expected.pvalue, **CLOSE)


@settings(deadline=None, max_examples=200)
@given(samples(), samples())
def test_wasserstein_distance_is_scipys(first: np.ndarray, second: np.ndarray) -> None:
    assert wasserstein(first, second) == pytest.approx(stats.wasserstein_distance(first, second), **CLOSE)


@settings(deadline=None, max_examples=200)
@given(samples(), samples())
def test_energy_distance_is_scipys(first: np.ndarray, second: np.ndarray) -> None:
    assert energy(first, second) == pytest.approx(stats.energy_distance(first, second), **CLOSE)


@settings(deadline=None, max_examples=200)
@given(counts)
def test_jensen_shannon_distance_is_scipys(sides: tuple[list[int], list[int]]) -> None:
    """Squared: where both are near 0, the root magnifies the rounding of SciPy's sum."""
    expected = distance.jensenshannon(*sides, base=2)

    assert jensen_shannon(*sides) ** 2 == pytest.approx(0.0 if math.isnan(expected) else expected**2, **CLOSE)


@settings(deadline=None, max_examples=200)
@given(counts)
def test_chi_square_its_p_and_cramers_v_are_scipys(sides: tuple[list[int], list[int]]) -> None:
    table = np.stack(pooled_counts(*sides))
    assume(table.shape[1] > 1)

    result = two_sample_chi_square(*sides)

    expected = stats.chi2_contingency(table, correction=False)
    assert result.statistic == pytest.approx(expected.statistic, **CLOSE)
    assert result.p == pytest.approx(expected.pvalue, **CLOSE)
    association = stats.contingency.association(table.astype(int), method="cramer", correction=False)
    assert cramers_v(*table) == pytest.approx(association, **CLOSE)
