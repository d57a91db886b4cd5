"""The chi-square law against SciPy's."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import special

from pytest_mlgate.stats.chi_square import chi_square_isf, chi_square_sf

DEGREES = [1, 2, 3, 4, 9, 10, 31, 100, 999, 5000]


@pytest.mark.parametrize("degrees", DEGREES)
def test_the_tail_is_that_of_scipy(degrees: int) -> None:
    statistics = np.concatenate([[0.0, 1e-9, 0.01, 1.0, 300.0, 1400.0], degrees * np.array([0.2, 0.7, 1, 1.1, 2, 4])])

    found = [chi_square_sf(float(statistic), degrees) for statistic in statistics]

    assert found == pytest.approx(special.chdtrc(degrees, statistics), rel=2e-11, abs=1e-300)


@pytest.mark.parametrize("degrees", DEGREES)
def test_the_value_of_a_tail_is_that_of_scipy(degrees: int) -> None:
    tails = [0.5, 0.05, 0.05 / 50, 1e-6, 1e-30, 1e-200]

    found = [chi_square_isf(tail, degrees) for tail in tails]

    assert found == pytest.approx([special.chdtri(degrees, tail) for tail in tails], rel=1e-11)


def test_the_ends_are_certain() -> None:
    assert chi_square_sf(0.0, 3) == 1.0
    assert chi_square_sf(math.inf, 3) == 0.0
    assert chi_square_sf(1e9, 2) == 0.0
