"""Tango's and Wilson's score intervals."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.stats.estimate import normal_quantile
from pytest_mlgate.stats.proportions import tango_interval, tango_statistic, wilson_interval


@st.composite
def counts(draw):
    n = draw(st.integers(1, 2000))
    gains = draw(st.integers(0, n))
    return gains, draw(st.integers(0, n - gains)), n


# R package PropCIs 0.3, scoreci.mp(b, c, n, conf.level), its interval of (c - b) / n, to the digits printed by users of
# it: (25, 28, 618) at 90 %, (60, 20, 1000) at 95 %, (41, 48, 549) at 90 %
@pytest.mark.parametrize(
    ("gains", "losses", "n", "level", "low", "high"),
    [
        (28, 25, 618, 0.90, -0.0148, 0.0247),
        (20, 60, 1000, 0.95, -0.0584, -0.0231),
        (60, 20, 1000, 0.95, 0.0231, 0.0584),
        (48, 41, 549, 0.90, -0.0157, 0.0414),
    ],
)
def test_limits_agree_with_another_implementation_of_tango(gains, losses, n, level, low, high):
    found = tango_interval(gains, losses, n, level=level)

    assert (low, high) == (round(found.low, 4), round(found.high, 4))


def test_the_statistic_at_no_difference_is_mcnemars():
    """Approval of the British prime minister: 794, 150, 86, 570; z^2 = 17.36 (Agresti, Categorical Data Analysis)."""
    assert tango_statistic(86, 150, 1600, 0.0) ** 2 == pytest.approx(64**2 / 236, rel=1e-12)
    assert round(tango_statistic(86, 150, 1600, 0.0) ** 2, 2) == 17.36


@given(counts(), st.floats(0.5, 0.999))
@settings(deadline=None, max_examples=100)
def test_limits_solve_the_score_equation(sample, level):
    gains, losses, n = sample
    found = tango_interval(gains, losses, n, level=level)
    z = normal_quantile(level)

    assert -1 <= found.low <= found.estimate <= found.high <= 1
    if losses < n:
        assert tango_statistic(gains, losses, n, found.low) == pytest.approx(z, abs=1e-4)
    if gains < n:
        assert tango_statistic(gains, losses, n, found.high) == pytest.approx(-z, abs=1e-4)


@pytest.mark.parametrize("n", [1, 50, 27010])
def test_without_a_discordant_row_the_width_is_that_of_an_unseen_share(n):
    found = tango_interval(0, 0, n)
    z2 = normal_quantile(0.9) ** 2

    assert found.estimate == 0
    assert found.high == pytest.approx(z2 / (n + z2), rel=1e-9)
    assert found.low == pytest.approx(-found.high, rel=1e-9)


@given(counts())
@settings(deadline=None, max_examples=100)
def test_swapping_the_models_mirrors_the_interval(sample):
    gains, losses, n = sample
    one, other = tango_interval(gains, losses, n), tango_interval(losses, gains, n)

    assert (one.low, one.high) == pytest.approx((-other.high, -other.low), abs=1e-12)
    assert one.p_below(-0.02) == pytest.approx(1 - other.p_below(0.02), abs=1e-12)


@given(counts(), st.floats(-1.2, 1.2), st.floats(-1.2, 1.2))
@settings(deadline=None, max_examples=200)
def test_p_grows_no_smaller_as_the_bound_falls_and_agrees_with_the_limit(sample, one, other):
    found = tango_interval(*sample)
    low, high = sorted((one, other))

    assert found.p_below(low) >= found.p_below(high) - 1e-12
    if abs(found.high - one) > 1e-9:
        assert (found.p_below(one) < 0.05) == (found.high < one)


@given(st.integers(1, 5), counts())
@settings(deadline=None, max_examples=50)
def test_more_rows_of_the_same_kind_narrow_the_interval(factor, sample):
    few = tango_interval(*sample)
    many = tango_interval(*(count * factor for count in sample))

    assert many.high - many.low <= few.high - few.low + 1e-12


@pytest.mark.parametrize("sample", [(-1, 0, 5), (3, 3, 5), (0, 0, 0)])
def test_counts_that_are_none_are_refused(sample):
    with pytest.raises(ValueError, match="not counts"):
        tango_interval(*sample)


@pytest.mark.parametrize("level", [0.0, 1.0, -1.0, math.nan])
def test_a_level_outside_nought_and_one_is_refused(level):
    with pytest.raises(ValueError, match="level="):
        tango_interval(1, 1, 5, level=level)


def test_wilsons_limits_are_published_ones():
    """81 of 263: 0.2553 to 0.3662 at 95 % (Newcombe 1998, Statistics in Medicine 17, 857-872, table I)."""
    found = wilson_interval(81, 263, level=0.95)

    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.01, 0.99))
@settings(deadline=None, max_examples=100)
def test_wilsons_p_agrees_with_its_limit(sample, bound):
    found = wilson_interval(*sample)

    assert 0 <= found.low <= found.estimate <= found.high <= 1
    if abs(found.high - bound) > 1e-9:
        assert (found.p_below(bound) < 0.05) == (found.high < bound)
