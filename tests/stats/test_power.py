"""Rows that are needed, and what rows can answer."""

from __future__ import annotations

import math

import pytest

from pytest_mlgate.stats.power import detectable_difference, rows_for_power, rows_to_settle
from pytest_mlgate.stats.proportions import tango_interval


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
