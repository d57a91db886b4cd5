"""Wasserstein and energy distances, and what chance makes of them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import integrate, stats

from pytest_mlgate.stats.bridges import bridge_norm, gaps_between
from pytest_mlgate.stats.energy import energy, energy_over, expected_energy
from pytest_mlgate.stats.wasserstein import expected_wasserstein, wasserstein, wasserstein_over

samples = hnp.arrays(np.float64, st.integers(1, 40), elements=st.integers(-20, 20).map(float))


def evenly(n: int = 4_000) -> np.ndarray:
    return (np.arange(n) + 0.5) / n


def normal_quantiles(shift: float = 0.0, n: int = 100_000) -> np.ndarray:
    return stats.norm.ppf(evenly(n)) + shift


@pytest.mark.parametrize("shift", [0.1, 0.25, 0.5, 1.0])
def test_a_normal_shift_is_as_far_as_its_closed_form(shift: float) -> None:
    """W1 of a shift is the shift; energy^2 = 2 * integral of (Phi(x) - Phi(x - shift))^2."""
    gap = integrate.quad(lambda x: (stats.norm.cdf(x) - stats.norm.cdf(x - shift)) ** 2, -10, 12)[0]

    first, second = normal_quantiles(), normal_quantiles(shift)
    assert wasserstein(first, second) == pytest.approx(shift, rel=1e-9)
    assert energy(first, second) == pytest.approx(math.sqrt(2 * gap), rel=1e-3)


@settings(deadline=None, max_examples=80)
@given(samples, samples, st.floats(-50, 50), st.floats(0.1, 10))
def test_both_are_symmetric_ignore_a_common_shift_and_follow_the_unit(first, second, move: float, unit: float) -> None:
    for measure, power in ((wasserstein, 1.0), (energy, 0.5)):
        value = measure(first, second)
        assert measure(second, first) == pytest.approx(value, abs=1e-9)
        assert measure(first * unit + move, second * unit + move) == pytest.approx(value * unit**power, abs=1e-5)
        assert measure(first, first) == 0


@settings(deadline=None, max_examples=80)
@given(samples, samples, st.integers(0, 100))
def test_the_order_of_rows_does_not_matter(first, second, seed: int) -> None:
    shuffled = np.random.default_rng(seed).permutation(first)

    assert wasserstein(shuffled, second) == wasserstein(first, second)
    assert energy(shuffled, second) == energy(first, second)


@pytest.mark.parametrize(("share", "quantile"), [(0.10, 0.4993), (0.05, 0.5821), (0.01, 0.7518)])
def test_order_one_over_even_values_has_the_published_quantiles(share: float, quantile: float) -> None:
    """From the table in B. McK. Johnson, T. Killeen, Annals of Probability 11(3), 1983, 807-808."""
    law = bridge_norm(gaps_between(evenly(), evenly() + 1e-6), order=1)

    assert law.critical(share) == pytest.approx(quantile, rel=0.01)
    assert law.mean == pytest.approx(math.sqrt(math.pi / 32), rel=0.002)


@pytest.mark.parametrize(("share", "quantile"), [(0.10, 0.34730), (0.05, 0.46136), (0.01, 0.74346), (0.001, 1.16786)])
def test_order_two_over_even_values_has_the_quantiles_of_cramer_and_von_mises(share: float, quantile: float) -> None:
    """T. W. Anderson, D. A. Darling, Annals of Mathematical Statistics 23(2), 1952, table 1: the squared norm."""
    law = bridge_norm(gaps_between(evenly(), evenly() + 1e-6), order=2)

    assert law.critical(share) ** 2 == pytest.approx(quantile, rel=0.04)


@pytest.mark.parametrize("order", [1, 2])
def test_p_falls_from_one_to_nothing_and_meets_its_critical_values(order) -> None:
    rng = np.random.default_rng(0)
    law = bridge_norm(gaps_between(rng.normal(size=500), rng.normal(size=700)), order=order)
    p = [law.p(value) for value in np.linspace(0, 20, 400)]

    assert p[0] == 1
    assert p == sorted(p, reverse=True)
    assert 0 <= p[-1] < 1e-20
    for level in (0.2, 0.05, 0.01, 0.001, 1e-6):
        assert law.p(law.critical(level)) == pytest.approx(level, rel=0.03)


def test_the_law_is_the_same_at_every_call() -> None:
    gaps = gaps_between(evenly(), evenly() ** 2)

    assert bridge_norm(gaps, order=1).draws.tolist() == bridge_norm(gaps, order=1).draws.tolist()


@pytest.mark.parametrize(("shape", "n", "m"), [("zeros", 400, 400), ("log-normal", 3_000, 150)])
def test_without_drift_small_p_values_are_as_rare_as_they_say_and_distances_as_expected(
    shape: str, n: int, m: int
) -> None:
    draw = {
        "log-normal": lambda rng, n: rng.lognormal(0, 1.5, size=n),
        "zeros": lambda rng, n: np.where(rng.uniform(size=n) < 0.7, 0.0, rng.exponential(size=n)),
    }[shape]
    p, found = [], []
    for seed in range(40):
        rng = np.random.default_rng([seed, n, m])
        gaps = gaps_between(draw(rng, n), draw(rng, m))
        central = gaps.central()
        p.append(
            [
                bridge_norm(central, order=1).p(wasserstein_over(central) / gaps.noise),
                bridge_norm(central, order=2).p(energy_over(central) / math.sqrt(2) / gaps.noise),
            ]
        )
        found.append([wasserstein_over(gaps) / expected_wasserstein(gaps), energy_over(gaps) / expected_energy(gaps)])
    means = np.mean(found, axis=0)

    assert (np.mean(np.array(p) < 0.1, axis=0) <= 0.25).all()
    assert means[0] == pytest.approx(1, abs=0.25)
    assert 0.6 < means[1] < 1.1  # the root of a mean square is a little above the mean


def test_a_wild_value_is_beyond_the_central_gaps() -> None:
    first, second = np.append(normal_quantiles(n=1_000), 1e8), normal_quantiles(0.5, n=1_000)
    gaps = gaps_between(first, second)

    assert wasserstein_over(gaps) > 1e4
    assert wasserstein_over(gaps.central()) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("bad", [[], [1.0, math.nan], [math.inf], [[1.0]]])
def test_samples_that_are_none_are_refused(bad) -> None:
    with pytest.raises(ValueError, match=r"one-dimensional|not finite"):
        wasserstein(bad, [1.0])
    with pytest.raises(ValueError, match=r"one-dimensional|not finite"):
        energy([1.0], bad)
