"""The difference of two estimates that are independent, from the limits of each."""

from __future__ import annotations

import math
from statistics import NormalDist

from pytest_mlgate.stats.estimate import Estimate, normal_quantile


def mover_difference(first: Estimate, second: Estimate) -> Estimate:
    """Return the first estimate minus the second, with limits recovered from those of each.

    MOVER, the method of variance estimates recovery: each limit of the difference takes, from either estimate, the
    distance to the limit that lies in its way, ``low = d - sqrt((e1 - l1)^2 + (u2 - e2)^2)`` and
    ``high = d + sqrt((u1 - e1)^2 + (e2 - l2)^2)``. Of two proportions with Wilson's limits that is Newcombe's hybrid
    score interval. An estimate whose limits are itself is a number that is known.

    Parameters
    ----------
    first, second : Estimate
        Of one level, in one unit, from rows that are independent of each other.

    Returns
    -------
    Estimate
        ``n`` is that of the first. Its p-values at other rates take the distance to a limit for proportional to
        the normal quantile.

    Raises
    ------
    ValueError
        Where the levels differ, or a limit is not finite.

    References
    ----------
    Zou, G. Y. and Donner, A. (2008). Construction of confidence limits about effect measures: a general approach.
    Statistics in Medicine 27, 1693-1702, section 2.
    """
    if not math.isclose(first.level, second.level):
        raise ValueError(f"estimates of the levels {first.level} and {second.level} have no common difference")
    if not all(map(math.isfinite, (first.low, first.high, second.low, second.high))):
        raise ValueError("limits must be finite")
    value = first.estimate - second.estimate
    below = math.hypot(first.estimate - first.low, second.high - second.estimate)
    above = math.hypot(first.high - first.estimate, second.estimate - second.low)
    z = normal_quantile(first.level)

    def p_below(bound: float) -> float:
        distance, half = value - bound, below if bound < value else above
        if half == 0:
            return 0.5 if distance == 0 else float(distance > 0)
        return NormalDist().cdf(distance / half * z)

    return Estimate(
        estimate=value,
        low=value - below,
        high=value + above,
        level=first.level,
        method=first.method if second.low == second.high else f"MOVER of {_methods(first, second)}",
        n=first.n,
        p_below=p_below,
    )


def rows_of_first_to_settle(first: Estimate, second: Estimate, bound: float, *, power: float = 0.8) -> float:
    """Return the rows of the first estimate that would settle on which side of ``bound`` the difference lies.

    Parameters
    ----------
    first, second : Estimate
        As :func:`mover_difference` takes them; the second stays as it is.
    bound : float
        What the difference is compared with.
    power : float
        Probability of an answer if the difference is what it now seems to be.

    Returns
    -------
    float
        Infinite where more rows of the first alone are not enough.
    """
    value = first.estimate - second.estimate
    if value >= bound:
        own, other = first.estimate - first.low, second.high - second.estimate
    else:
        own, other = first.high - first.estimate, second.estimate - second.low
    z = normal_quantile(first.level)
    wanted = abs(value - bound) * z / (z + NormalDist().inv_cdf(power))
    room = wanted**2 - other**2
    return first.n * own**2 / room if room > 0 else math.inf


def _methods(first: Estimate, second: Estimate) -> str:
    return first.method if first.method == second.method else f"{first.method} and {second.method}"
