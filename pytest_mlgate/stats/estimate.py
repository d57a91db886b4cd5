"""A value with the limits that are known about it: what every interval of this folder returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from statistics import NormalDist


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A point estimate with a pair of one-sided limits and the test behind them.

    Attributes
    ----------
    estimate : float
        The value; for a pair of models candidate minus baseline, higher is better.
    low, high : float
        One-sided lower and upper limit, each at level ``(1 + level) / 2``.
    level : float
        Two-sided level of the pair: 0.9 for a pair of one-sided 95 % limits.
    method : str
        Name of the method, for people.
    n : int
        Rows it was computed on.
    p_below : callable
        ``p_below(bound)`` is the p-value of H0 "the true value is at least ``bound``". It is below
        ``(1 - level) / 2`` exactly where ``high`` is below ``bound``.
    """

    estimate: float
    low: float
    high: float
    level: float
    method: str
    n: int
    p_below: Callable[[float], float] = field(repr=False, compare=False)


def one_sided_alpha(level: float) -> float:
    """Return the error rate of one limit of a two-sided interval.

    Parameters
    ----------
    level : float
        Two-sided level, between 0 and 1, both excluded.

    Raises
    ------
    ValueError
        Where ``level`` is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ValueError(f"level={level!r} must lie between 0 and 1")
    return (1 - level) / 2


def normal_quantile(level: float) -> float:
    """Return the normal quantile of one limit of a two-sided interval: 1.645 for level 0.9."""
    return NormalDist().inv_cdf(1 - one_sided_alpha(level))


def unseen_limit(n: int, alpha: float) -> float:
    """Return how large a share may be of which nothing was seen in ``n`` rows, at error rate ``alpha``.

    It is the score limit of a proportion without events, ``z**2 / (n + z**2)`` (Wilson 1927), and so also what
    Tango's interval gives for two models without a discordant row. Used where a sample shows no variation at
    all, since a width of nought would claim certainty from any number of rows.
    """
    z2 = NormalDist().inv_cdf(alpha) ** 2
    return z2 / (n + z2)


def unseen_p(n: int, share: float) -> float:
    """Return the p-value that :func:`unseen_limit` inverts: H0 "the share is at least ``share``"."""
    if share <= 0:
        return 1 - 0.5 * (share == 0)
    if share >= 1:
        return 0.0
    return float(NormalDist().cdf(-((n * share / (1 - share)) ** 0.5)))


def widened(value: Estimate, scale: float, *, n: int) -> Estimate:
    """Return an estimate whose limits are at least ``scale * unseen_limit(n, alpha)`` away from it.

    Where only a few of ``n`` units differ, limits that are made of what was seen claim too much of what was not.

    Parameters
    ----------
    value : Estimate
    scale : float
        Size of a typical difference in the unit of the value; 0 leaves the estimate as it is.
    n : int
        Units it was computed on.
    """
    if not scale > 0:
        return value
    width = scale * unseen_limit(n, one_sided_alpha(value.level))

    def p_below(bound: float) -> float:
        p, unseen = value.p_below(bound), unseen_p(n, abs(bound - value.estimate) / scale)
        return max(p, unseen) if bound >= value.estimate else min(p, 1 - unseen)

    low, high = min(value.low, value.estimate - width), max(value.high, value.estimate + width)
    return replace(value, low=low, high=high, p_below=p_below)


def shifted(value: Estimate, by: float) -> Estimate:
    """Return the estimate of the same quantity plus a constant."""
    if not by:
        return value
    return replace(
        value,
        estimate=value.estimate + by,
        low=value.low + by,
        high=value.high + by,
        p_below=lambda bound: value.p_below(bound - by),
    )
