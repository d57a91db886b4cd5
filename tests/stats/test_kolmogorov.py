"""The law of the Kolmogorov statistic against SciPy's, everywhere that the gate asks."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstwo

from pytest_mlgate.stats.kolmogorov import kolmogorov_sf


@pytest.mark.parametrize("n", [1, 2, 10, 139, 140, 141, 500, 5_000, 20_000])
def test_the_tail_is_that_of_scipy_at_every_distance(n: int) -> None:
    z = np.concatenate([np.linspace(0, 3, 61), [3.5, 5, 8, 12, 19, 25]])
    distances = np.minimum(z / np.sqrt(n), 1.0)

    found = [kolmogorov_sf(float(distance), n) for distance in distances]

    assert found == pytest.approx(kstwo.sf(distances, n), rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("n", [20_001, 100_001])
def test_the_tail_of_many_rows_is_that_of_scipy_but_for_what_scipy_counts_twice(n: int) -> None:
    distances = np.concatenate([np.linspace(0.05, 1.48, 30), np.linspace(1.9, 19, 15)]) / np.sqrt(n)

    found = np.array([kolmogorov_sf(float(distance), n) for distance in distances])

    assert found == pytest.approx(kstwo.sf(distances, n), abs=1e-10)
    # leaving the band on both sides, which twice the one-sided chance counts twice: about 2 exp(-8 n d^2) (Smirnov)
    near = 1.5 / np.sqrt(n)
    assert kstwo.sf(near, n) - kolmogorov_sf(near, n) == pytest.approx(2 * np.exp(-8 * 1.5**2), rel=0.05)


@given(st.integers(1, 10**7), st.floats(0, 1))
def test_it_is_a_chance_and_falls_with_the_distance(n: int, distance: float) -> None:
    here, further = kolmogorov_sf(distance, n), kolmogorov_sf(min(distance + 0.01, 1.0), n)

    assert 0 <= further <= here + 1e-12
    assert here <= 1


def test_a_usual_distance_of_many_rows_does_not_wait_for_all_of_scipy_stats() -> None:
    code = (
        "import sys; from pytest_mlgate.stats.kolmogorov import kolmogorov_sf;"
        "print([kolmogorov_sf(d, 250_000) for d in (0.0005, 0.002, 0.02, 0.4)]);"
        "sys.exit('scipy.stats' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
