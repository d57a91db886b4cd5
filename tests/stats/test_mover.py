"""The difference of two independent estimates."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_mlgate.stats.estimate import Estimate
from pytest_mlgate.stats.means import t_interval
from pytest_mlgate.stats.mover import mover_difference, rows_of_first_to_settle
from pytest_mlgate.stats.proportions import wilson_interval

COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (pair[0], sum(pair) + 1))


# Newcombe, R. G. (1998), Statistics in Medicine 17, 873-890, table II, method 10: 95 % limits of a difference of two
# proportions, (a) to (d) and (g).
@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (6, 7, 2, 7, 0.0582, 0.8062),
        (5, 56, 0, 29, -0.0381, 0.1926),
        (10, 10, 0, 20, 0.6791, 1.0000),
    ],
)
def test_of_wilsons_limits_it_is_newcombes_interval(a: int, m: int, b: int, n: int, low: float, high: float) -> None:
    found = mover_difference(wilson_interval(a, m, level=0.95), wilson_interval(b, n, level=0.95))

    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_of_two_large_means_it_is_the_normal_interval_of_their_difference() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(1, 2, 40_000), rng.normal(0, 1, 30_000)
    found = mover_difference(t_interval(x), t_interval(y))
    error = math.sqrt(x.var(ddof=1) / len(x) + y.var(ddof=1) / len(y))

    assert found.estimate == pytest.approx(x.mean() - y.mean())
    assert (found.high - found.low) / 2 == pytest.approx(1.6448536 * error, rel=1e-3)


@given(COUNTS, COUNTS, st.floats(-1.2, 1.2))
def test_p_is_below_the_rate_exactly_where_the_limit_is_below_the_bound(
    one: tuple[int, int], two: tuple[int, int], bound: float
) -> None:
    found = mover_difference(wilson_interval(*one), wilson_interval(*two))
    assume(min(abs(found.high - bound), abs(found.low - bound)) > 1e-9)

    assert (found.p_below(bound) < 0.05) == (found.high < bound)
    assert (found.p_below(bound) > 0.95) == (found.low > bound)


@given(COUNTS, COUNTS)
def test_turned_round_the_limits_are_turned_round(one: tuple[int, int], two: tuple[int, int]) -> None:
    there, back = (mover_difference(a, b) for a, b in _both(wilson_interval(*one), wilson_interval(*two)))

    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))
    assert there.low <= there.estimate <= there.high


def _both(a: Estimate, b: Estimate) -> list[tuple[Estimate, Estimate]]:
    return [(a, b), (b, a)]


@given(COUNTS, COUNTS)
def test_minus_a_known_number_the_limits_only_move(one: tuple[int, int], two: tuple[int, int]) -> None:
    value = wilson_interval(*one)
    known = replace(value, estimate=0.3, low=0.3, high=0.3)
    found = mover_difference(value, known)

    assert (found.low, found.high) == pytest.approx((value.low - 0.3, value.high - 0.3))
    assert found.method == "Wilson"


def test_two_known_numbers_leave_nothing_open() -> None:
    known = replace(wilson_interval(1, 2), estimate=0.3, low=0.3, high=0.3)
    found = mover_difference(known, known)

    assert [found.p_below(bound) for bound in (-0.1, 0.0, 0.1)] == [1.0, 0.5, 0.0]


def test_limits_that_have_no_difference_are_refused() -> None:
    with pytest.raises(ValueError, match="levels"):
        mover_difference(wilson_interval(1, 2), wilson_interval(1, 2, level=0.95))
    with pytest.raises(ValueError, match="finite"):
        mover_difference(wilson_interval(1, 2), replace(wilson_interval(1, 2), high=math.inf))


def test_the_rows_that_it_names_settle_the_question_four_times_in_five() -> None:
    first, second = wilson_interval(740, 1_000), wilson_interval(22_500, 30_000)
    rows = math.ceil(rows_of_first_to_settle(first, second, -0.03))
    rng = np.random.default_rng(1)
    passed = [
        mover_difference(
            wilson_interval(int(rng.binomial(rows, 0.74)), rows),
            wilson_interval(int(rng.binomial(30_000, 0.75)), 30_000),
        ).low
        > -0.03
        for _ in range(2_000)
    ]

    assert np.mean(passed) == pytest.approx(0.8, abs=0.04)


def test_where_the_second_estimate_is_too_rough_no_rows_of_the_first_are_enough() -> None:
    assert rows_of_first_to_settle(wilson_interval(74, 100), wilson_interval(75, 100), -0.02) == math.inf
