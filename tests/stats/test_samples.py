"""A sample that is not sorted answers as the sorted one does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from pytest_mlgate.stats.ks import two_sample_ks
from pytest_mlgate.stats.psi import psi
from pytest_mlgate.stats.samples import Sample

ROWS = 30_000  # more than are sorted right away
RNG = np.random.default_rng(0)
Floats = NDArray[np.float64]


def _with_zeros(values: Floats) -> Floats:
    return np.where(RNG.random(values.size) < 0.3, RNG.choice([0.0, -0.0], values.size), values)


def _two_places() -> Floats:
    """Two narrow heaps far apart, and much between: no grid of one kind has cells enough for both."""
    near, far = 1e6 + RNG.normal(size=ROWS), RNG.lognormal(0, 3, ROWS)
    return np.where(RNG.random(ROWS) < 0.5, near, far)


MAKERS: dict[str, Callable[[], Floats]] = {
    "normal": lambda: RNG.normal(size=ROWS),
    "heavy tails": lambda: RNG.pareto(0.3, ROWS),
    "heavy tails, negative": lambda: -RNG.pareto(1, ROWS),
    "two decimals": lambda: np.round(RNG.normal(10, 2, ROWS), 2),
    "two decimals, of 32 bits": lambda: np.round(RNG.normal(10, 2, ROWS), 2).astype(np.float32).astype(np.float64),
    "two decimals, and one value off": lambda: np.append(np.round(RNG.normal(size=ROWS), 2), np.pi),
    "counts": lambda: RNG.poisson(3, ROWS).astype(np.float64),
    "zeros of both signs": lambda: _with_zeros(RNG.lognormal(0, 3, ROWS)),
    "zeros between both signs": lambda: _with_zeros(RNG.standard_cauchy(ROWS)),
    "moments": lambda: 1.7e15 + RNG.integers(0, 10**11, ROWS),
    "one value": lambda: np.full(ROWS, 3.7),
    "one value and an outlier": lambda: np.append(np.full(ROWS, 3.7), 1e300),
    "infinities": lambda: np.concatenate([RNG.normal(size=ROWS), np.full(500, np.inf), np.full(300, -np.inf)]),
    "nothing but infinities": lambda: RNG.choice([-np.inf, np.inf], ROWS),
    "the ends of 64 bits": lambda: RNG.choice([-1.7e308, -5e-324, 0.0, 5e-324, 1.7e308], ROWS) * RNG.random(ROWS),
    "two places": _two_places,
}


def _pair(name: str) -> tuple[Floats, Floats]:
    with np.errstate(over="ignore"):
        return MAKERS[name](), MAKERS[name]()


@pytest.mark.parametrize("name", MAKERS)
def test_ranks_counts_and_ends_are_those_of_the_sorted_sample(name: str) -> None:
    values, others = _pair(name)
    ordered, sample = np.sort(values), Sample(values)
    ranks = np.unique(np.append(RNG.integers(0, values.size, 40), [0, values.size - 1]))
    points = np.concatenate([ordered[ranks], np.nextafter(ordered[ranks], np.inf), others[:40], [-np.inf, 0.0, np.inf]])

    assert sample.at_ranks(ranks).tolist() == ordered[ranks].tolist()
    assert sample.at_or_below(points).tolist() == ordered.searchsorted(points, side="right").tolist()
    assert sample.below(points).tolist() == ordered.searchsorted(points, side="left").tolist()
    assert sample.ends == (ordered[0], ordered[-1])
    assert sample.infinite == ((values == -np.inf).sum(), (values == np.inf).sum())


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize("shift", [0.0, 0.05, 1e3])
def test_ks_and_psi_are_those_of_the_sorted_samples(name: str, shift: float) -> None:
    first, second = _pair(name)
    second = second + shift
    ordered = [Sample(np.sort(side), is_sorted=True) for side in (first, second)]

    found = two_sample_ks(first, second)
    assert found == two_sample_ks(*ordered)
    assert np.mean(first <= found.location) - np.mean(second <= found.location) == pytest.approx(
        found.sign * found.distance, abs=1e-12
    )
    assert psi(first, second) == psi(*ordered)


def test_samples_of_different_sizes_share_a_grid() -> None:
    first, second = RNG.normal(size=ROWS), RNG.normal(0.3, 1, 1000)
    ordered = [Sample(np.sort(side), is_sorted=True) for side in (first, second)]

    assert two_sample_ks(first, second) == two_sample_ks(*ordered)


def test_a_grid_does_not_sort_what_it_need_not() -> None:
    """Of two large samples from one distribution, hardly any row is looked at more closely."""
    for name in ("normal", "heavy tails", "two decimals", "moments"):
        sides = [Sample(np.concatenate([MAKERS[name]() for _ in range(10)])) for _ in range(2)]

        two_sample_ks(*sides)
        assert not any(side.is_sorted for side in sides), name
        assert sum(side.counted.opened.size for side in sides) < 0.05 * sum(side.size for side in sides), name
