"""What a report draws of a column: the rows of both sides in bins or by level, in few numbers."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.drift.decision import Evidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.checks import Check
    from pytest_mlgate.gates.drift.columns import Column
    from pytest_mlgate.gates.drift.comparison import Pair
    from pytest_mlgate.stats.cells import Cells
    from pytest_mlgate.stats.samples import Sample

BINS = 30
MOST_LEVELS = 20
_MOST_WHOLE = 40  # so many whole numbers get a bin each
_HALVES_END = 2.0**52  # from there on no number lies half way between two whole ones
_TAIL = 0.005  # of the rows at either end, that no bin is made for
_CHARACTERS = 60
_ROWS = 10_000  # at a time


def with_distribution(found: Sequence[Check | Evidence], pair: Pair) -> Sequence[Check | Evidence]:
    """Give the evidence of a column's values its distribution; nothing of a hidden column, nor of missing shares."""
    if pair.hidden or not any(isinstance(item, Evidence) and item.subject == pair.name for item in found):
        return found
    drawn = distribution(pair.reference, pair.current)
    return [
        replace(item, distribution=drawn) if isinstance(item, Evidence) and item.subject == pair.name else item
        for item in found
    ]


def range_ranks(sample: Sample) -> list[int]:
    """Return the ranks of the values between which all but the outermost finite ones lie; there is at least one."""
    below, above = sample.infinite
    outer = int(_TAIL * (sample.size - below - above))
    return [below + outer, sample.size - 1 - above - outer]


def distribution(reference: Column, current: Column) -> dict[str, Any]:
    """Return both sides of a column in few numbers.

    Parameters
    ----------
    reference, current : Column
        Of the same kind, or one of them empty.

    Returns
    -------
    dict
        ``kind``, ``reference`` and ``current`` (rows by bin or level), ``missing`` (rows of either side). Of ordered
        values ``start`` and ``stop`` (numbers, or moments as text), between which all bins are equally wide, and
        ``outside`` (rows below and above, of either side); of categories ``levels``, the most frequent ones first,
        ``others`` (rows of either side in levels without a name here) and ``levels_in_all``. Empty where neither side
        has a finite value.
    """
    kind = reference.kind if reference.kind != "empty" else current.kind
    drawn = _levels(reference, current) if kind == "category" else _bins(reference, current, kind)
    return {"kind": kind, **drawn, "missing": [reference.missing, current.missing]} if drawn else {}


def _bins(reference: Column, current: Column, kind: str) -> dict[str, Any]:
    import numpy as np

    from pytest_mlgate.gates.drift.comparison import shown_value

    sides = [_Ordered(side) for side in (reference, current)]
    ranges = [side.range() for side in sides if side.rows]
    if not ranges:
        return {}
    low, high = min(one for one, _ in ranges), max(one for _, one in ranges)
    if not math.isfinite(high - low):
        return {}
    if (
        kind == "number"
        and high - low <= _MOST_WHOLE
        and max(-low, high) < _HALVES_END
        and all(side.whole(low, high) for side in sides)
    ):
        edges = np.arange(low, high + 2) - 0.5
    elif low < high:
        with np.errstate(over="ignore"):  # its last edge, which it then sets by hand
            edges = np.linspace(low, high, BINS + 1)
    else:
        edges = np.array([low - 0.5, low + 0.5])
    if (
        not np.isfinite(edges).all() or not (np.diff(edges) > 0).all()
    ):  # too wide, or too narrow, for numbers of 64 bits
        return {}
    counts = [side.counts(edges) for side in sides]
    return {
        "start": shown_value(float(edges[0]), kind),
        "stop": shown_value(float(edges[-1]), kind),
        "reference": counts[0][1:-1],
        "current": counts[1][1:-1],
        "outside": [[one[0], one[-1]] for one in counts],
    }


class _Ordered:
    """One side of an ordered column: its values, or the cells of a profile."""

    def __init__(self, side: Column) -> None:
        self.sample = side.sample
        self.cells: Cells | None = side.sketch.cells if side.sketch is not None else None

    @property
    def rows(self) -> int:
        """Rows with a finite value."""
        if self.cells is not None:
            return self.cells.rows - self.cells.below - self.cells.above
        return self.sample.size - sum(self.sample.infinite)

    def range(self) -> tuple[float, float]:
        """Return between what all but the outermost rows lie."""
        if self.cells is not None:
            edges, below = self.cells.edges, (self.cells.at_least - self.cells.below) / self.rows
            inner = edges[max(int(below.searchsorted(_TAIL, side="right")) - 1, 0)]
            return float(inner), float(edges[min(int(below.searchsorted(1 - _TAIL)), edges.size - 1)])
        low, high = self.sample.at_ranks(range_ranks(self.sample)).tolist()
        return low, high

    def whole(self, low: float, high: float) -> bool:
        """Whether every value between two is a whole number; what a profile holds is not known to be."""
        if self.cells is not None:
            return False
        values = self.sample.values
        for start in range(0, values.size, _ROWS):
            some = values[start : start + _ROWS]
            inner = some[(low <= some) & (some <= high)]
            if not (inner == inner.round()).all():
                return False
        return True

    def counts(self, edges: NDArray[np.float64]) -> list[int]:
        """Return the rows below the first edge, in each bin, and above the last edge."""
        import numpy as np

        if self.cells is not None:
            cells = self.cells
            middle = (cells.at_least + cells.at_most) / 2
            at = (
                np.interp(edges, cells.edges, middle, left=cells.below, right=middle[-1])
                if cells.edges.size
                else np.full(edges.size, float(cells.below))
            )
            below: list[int] = np.rint(at).astype(np.int64).tolist()
            rows = cells.rows
        else:
            below = [*self.sample.below(edges)[:-1].tolist(), *self.sample.at_or_below(edges[-1:]).tolist()]
            rows = self.sample.size
        return [below[0], *(b - a for a, b in itertools.pairwise(below)), rows - below[-1]]


def _levels(reference: Column, current: Column) -> dict[str, Any]:
    sides = [_counts(side) for side in (reference, current)]
    rows = [max(side.present, 1) for side in (reference, current)]

    def most(level: str) -> tuple[float, str]:
        return -max(counts.get(level, 0) / n for counts, n in zip(sides, rows, strict=True)), level

    names = sorted({*sides[0], *sides[1]}, key=most)
    if not names:
        return {}
    kept = names[:MOST_LEVELS]
    counted = [[counts.get(level, 0) for level in kept] for counts in sides]
    return {
        "levels": [level if len(level) <= _CHARACTERS else f"{level[: _CHARACTERS - 4]} ..." for level in kept],
        "levels_in_all": len(names),
        "reference": counted[0],
        "current": counted[1],
        "others": [side.present - sum(own) for side, own in zip((reference, current), counted, strict=True)],
    }


def _counts(side: Column) -> Mapping[str, int]:
    stored = side.sketch.levels if side.sketch is not None else None
    return stored.counts if stored is not None else side.levels
