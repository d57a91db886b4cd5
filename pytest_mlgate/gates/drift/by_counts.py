"""Levels, or numbers in bins, judged by a statistic of their counts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.drift.decision import Judge, Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.stats.distances import TwoSampleChiSquare

    Counts = list[int] | NDArray[np.float64]

LABELS: Mapping[str, str] = {
    "total_variation": "TV",
    "chi2": "V",
    "cramers_v": "V",
    "jensen_shannon": "JS",
    "hellinger": "H",
}
"""The statistics of counts, as messages name their distance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A statistic that was asked for by name: what is judged, in words, and all that defines it."""

    statistic: Statistic
    words: str
    details: Mapping[str, Any]
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class _Measured:
    """A distance, its p-value, and the scales of its chi-square: of the rows as they are, and of even sides."""

    value: float
    p: float | None
    scale: float
    even_scale: float


def named_counts(judge: Judge, before: Counts, after: Counts, alpha: float, *, unit: str) -> Named:
    """Return a statistic of two sets of counts; ``unit`` says what is counted, ``levels`` or ``bins``."""
    from pytest_mlgate.stats.distances import pooled_counts, two_sample_chi_square

    result = two_sample_chi_square(before, after)
    first, second = pooled_counts(before, after)
    n, m = int(first.sum()), int(second.sum())
    measured = _measured(judge, result, first, second)
    expected = _expected(judge, measured, first, second)
    statistic = _statistic(judge, measured, result, levels=len(before), rows=(n, m), alpha=alpha)
    label = LABELS[judge]
    words = f"{label} {measured.value:.3g} (by chance {expected:.2g}; {result.levels} {unit})"
    details: dict[str, Any] = {"name": judge, "value": measured.value, "expected": expected, unit: result.levels}
    details["smoothing"] = 0
    if judge == "jensen_shannon":
        details["log_base"] = 2
    if label == "V":
        from pytest_mlgate.stats.divergences import cramers_v

        details |= {"chi_square": result.statistic, "v_of_the_table": cramers_v(first, second)}
    if judge == "chi2" and result.statistic is not None:
        words = f"chi2 {result.statistic:.4g}, {words}"
    return Named(statistic=statistic, words=words, details=details)


def total_variation_statistic(
    result: TwoSampleChiSquare, *, levels: int, rows: tuple[int, int], alpha: float, hidden: float | None = None
) -> Statistic:
    """Return the default statistic of counts; ``hidden`` in place of what the pool of rare levels hides."""
    from pytest_mlgate.stats.divergences import TOTAL_VARIATION_SCALE as SCALE

    measured = _Measured(value=result.total_variation, p=result.p, scale=SCALE, even_scale=SCALE)
    return _statistic("distance", measured, result, levels=levels, rows=rows, alpha=alpha, hidden=hidden)


def _statistic(
    judge: Judge,
    measured: _Measured,
    result: TwoSampleChiSquare,
    *,
    levels: int,
    rows: tuple[int, int],
    alpha: float,
    hidden: float | None = None,
) -> Statistic:
    from pytest_mlgate.stats.divergences import detectable_divergence, rows_needed_divergence

    n, m = rows
    # All in one pool: there is no test, and only the bound for the levels as they came can speak.
    k = result.levels if result.levels > 1 else levels
    if hidden is None:
        hidden = result.pooled_share if result.levels > 1 else 0.0

    def detectable(tests: int) -> float:
        return detectable_divergence(n, m, levels=k, scale=measured.scale, alpha=alpha, tests=tests)

    def rows_needed(limit: float, tests: int) -> int:
        needed = rows_needed_divergence(limit, levels=k, scale=measured.even_scale, alpha=alpha, tests=tests)
        if result.pooled_share <= limit:
            return needed
        # Rough: five expected rows for each level of the pool, were they all equally frequent.
        return max(needed, math.ceil(5 * result.pooled / result.pooled_share), 2 * min(n, m))

    return Statistic(
        judge=judge,
        value=measured.value,
        p=measured.p,
        detectable=detectable,
        rows_needed=rows_needed,
        hidden=hidden,
    )


def _measured(
    judge: Judge, result: TwoSampleChiSquare, first: NDArray[np.float64], second: NDArray[np.float64]
) -> _Measured:
    from pytest_mlgate.stats import divergences as stats

    n, m = int(first.sum()), int(second.sum())
    if judge == "total_variation":
        scale = stats.TOTAL_VARIATION_SCALE
        return _Measured(value=result.total_variation, p=result.p, scale=scale, even_scale=scale)
    if judge in ("chi2", "cramers_v"):
        # Pearson's chi-square weighs the sides by their rows, the even V does not: they differ by at most this much.
        uneven = 2 * max(n, m) / (n + m)
        value = stats.cramers_v(first, second, even=True)
        return _Measured(
            value=value, p=result.p, scale=stats.CRAMERS_V_SCALE * uneven, even_scale=stats.CRAMERS_V_SCALE
        )
    if judge == "jensen_shannon":
        value, scale = stats.jensen_shannon(first, second), stats.JENSEN_SHANNON_SCALE
    else:
        value, scale = stats.hellinger(first, second), stats.HELLINGER_SCALE
    if result.p is None:
        return _Measured(value=value, p=None, scale=scale, even_scale=scale)
    # At a hundred rows the law of a divergence is loose (8 and 9 % of 200 families raised an alarm).
    p = max(stats.divergence_p(value, n, m, levels=result.levels, scale=scale), result.p)
    return _Measured(value=value, p=p, scale=scale, even_scale=scale)


def _expected(judge: Judge, measured: _Measured, first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    from pytest_mlgate.stats.distances import expected_total_variation
    from pytest_mlgate.stats.divergences import expected_divergence

    if judge == "total_variation":
        return expected_total_variation(first, second)
    return expected_divergence(int(first.sum()), int(second.sum()), levels=first.size, scale=measured.even_scale)
