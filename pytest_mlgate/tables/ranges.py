"""How far a column's numbers may reach beyond those that were seen."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FEW_ROWS = 2000
"""Below this many values the extremes are less settled, and a range leaves half as much room again."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Range:
    """The checks of a range, what they go by, and what to say where there is none."""

    checks: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    why: str = ""
    lines: tuple[str, ...] = ()


def inferred_range(values: pd.Series) -> Range:
    """Return the range that numbers support.

    Parameters
    ----------
    values : pandas.Series of shape (n_values,)
        Numbers, none missing; infinite ones leave their side open.
    """
    import numpy as np

    numbers = values.to_numpy(dtype=float)
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return Range(lines=("no finite value seen: left open",))
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return Range(lines=(f"always {shown(low)}: no range follows from one value",))
    bottom, top = limits(finite)
    if not (-math.inf < bottom <= low and high <= top < math.inf):
        return Range(lines=("too large for a range: left open",))
    why = f"{shown(low)} to {shown(high)} in {len(numbers)} rows, and room on each side"
    if len(finite) == len(numbers):
        return Range(checks={"in_range": (number(bottom), number(top))}, why=why)
    below, above = bool(np.isneginf(numbers).any()), bool(np.isposinf(numbers).any())
    checks = ({} if above else {"le": (number(top),)}) | ({} if below else {"ge": (number(bottom),)})
    came = " and ".join(word for word, said in (("-inf", below), ("inf", above)) if said)
    if not checks:
        return Range(lines=(f"{came} came: left open",))
    return Range(checks=checks, why=f"{why}; {came} came")


def limits(finite: Any) -> tuple[float, float]:
    """Return the ends of a range for numbers.

    Parameters
    ----------
    finite : numpy.ndarray of shape (n_values,)
        At least two different values.

    Returns
    -------
    float, float
        On each side twice as far from the median as the farthest value, or on a logarithmic scale half as far again,
        to ten times at most, where that is wider and all values have one sign (a long tail); below 2000 values half as
        much room again. No limit crosses 0 where all values are on one side of it; the lower one is 0 where the values
        pile up there, or the column is positive and skewed.
    """
    import numpy as np

    low, high = float(finite.min()), float(finite.max())
    median = float(np.median(finite))
    at_low = int((finite == low).sum())
    skewed = high - median >= 3 * (median - low)
    floored = (low == 0 and at_low >= max(5, len(finite) / 100)) or (low > 0 and skewed)
    room = 1.0 if len(finite) >= FEW_ROWS else 1.5
    bottom = 0.0 if floored else -_reach(-median, -low, room, one_sided=high <= 0)
    top = _reach(median, high, room, one_sided=low >= 0)
    # Ages, prices and counts have one sign by nature; a value of the other one is what a contract should notice.
    bottom, top = max(bottom, 0.0) if low >= 0 else bottom, min(top, 0.0) if high <= 0 else top
    return _rounded(bottom, -1), _rounded(top, 1)


def _reach(median: float, far: float, room: float, *, one_sided: bool) -> float:
    linear = far + room * (far - median)
    if median <= 0 or not one_sided:
        return linear
    # Half as far again on a logarithmic scale: a long tail's next extreme is a multiple of the last one. At most
    # ten times as far, so that a changed unit still stands out.
    ratio: float = (far / median) ** (room / 2)
    return max(linear, far * min(ratio, 10.0))


def _rounded(value: float, towards: int) -> float:
    """Two leading digits, rounded away from the values, so that a person can read the limit."""
    if not 1e-300 < abs(value) < 1e300:
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    scaled = math.ceil(value / unit) if towards > 0 else math.floor(value / unit)
    return float(f"{scaled * unit:.6g}")


def number(value: float) -> float:
    """Return a number as a person would write it: whole where it is whole."""
    return int(value) if value == math.floor(value) and abs(value) < 1e15 else float(f"{value:.6g}")


def shown(value: float) -> str:
    """Return a number as text, for a comment."""
    return str(number(value))
