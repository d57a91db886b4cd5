"""Numbers, limits and intervals, as checks say them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlgate.checks import Interval

if TYPE_CHECKING:
    from pytest_mlgate.stats.estimate import Estimate


def interval(value: Estimate) -> Interval:
    """Return the limits as a check carries them."""
    return Interval(low=value.low, high=value.high, level=round(value.level, 10), method=value.method)


def limits(value: Estimate, *, sign: bool = True) -> str:
    """Return ``[+0.0021, +0.0067] 90 %, DeLong``."""
    low, high = number(value.low, sign=sign), number(value.high, sign=sign)
    return f"[{low}, {high}] {round(100 * value.level, 3):g} %, {value.method}"


def number(value: float, *, sign: bool = False) -> str:
    """Return four decimals, or six digits for a large number."""
    spec = "+" if sign else ""
    return f"{value:{spec}.4f}" if abs(value) < 100 else f"{value:{spec}.6g}"


def grouped(count: int) -> str:
    """Return ``27 010``."""
    return f"{count:,}".replace(",", " ")
