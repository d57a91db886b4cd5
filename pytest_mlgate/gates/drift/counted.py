"""Columns too long to be held in memory: counted in cells where they are, and looked at where a limit asks for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.columns import Column, from_levels

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.drift.comparison import Pair
    from pytest_mlgate.gates.drift.sides import Side
    from pytest_mlgate.stats.cells import Cells
    from pytest_mlgate.tables.engines import Counts, Engine

    _Tallies: TypeAlias = tuple[NDArray[Any], NDArray[Any]]

_TIMES = ("timestamp", "date")


@dataclass(frozen=True, kw_only=True)
class EngineSide:
    """A table whose rows stay where they are.

    Attributes
    ----------
    name : str
        ``reference`` or ``current``.
    engine : Engine
    most : int
        Rows up to which a column is read whole, and values that are fetched of a longer one at most.
    """

    name: str
    engine: Engine
    most: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return tuple(self.engine.types)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.engine.rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The rows, for questions that counts cannot answer; InputError where they are too many."""
        from pytest_mlgate.tables.engines import frame_of

        return frame_of(self.engine, name=self.name)

    def in_cells(self, name: str) -> bool:
        """Whether a column is counted in cells: of many rows, and ordered."""
        from pytest_mlgate.tables.engines import ORDERED

        return self.rows > self.most and name in self.engine.types and self.engine.types[name].kind in ORDERED

    def column(self, name: str, *, hidden: bool) -> Column:
        """Return one column as what drift compares: whole, or counted by level."""
        from pytest_mlgate.gates.drift.arrow import read_arrow_column

        kind = self.engine.types[name].kind
        if self.rows <= self.most:
            return read_arrow_column(self.engine.read(name), name=name, table=self.name, hidden=hidden)
        if kind in ("text", "boolean"):
            return self._levels(name, kind)
        if kind == "empty":
            return Column(kind="empty", family="", rows=self.rows, missing=self.rows)
        raise InputError(
            f"column {name!r} of {self.name} holds values of type {self.engine.types[name].arrow}, which drift cannot"
            " compare",
            fix="give the column one type (numbers, text, booleans or timestamps), or list it in `exclude`",
        )

    def counts(self, name: str, edges: NDArray[np.float64], *, sums: bool) -> tuple[Column, Counts]:
        """Return an ordered column counted at edges."""
        from pytest_mlgate.tables.sketches import ColumnProfile

        counts = self.engine.counts(name, edges, sums=sums)
        type_ = self.engine.types[name]
        family = "timestamp" if type_.kind in _TIMES else "duration" if type_.kind == "duration" else "number"
        if counts.missing == counts.rows:
            return Column(kind="empty", family="", rows=counts.rows, missing=counts.missing), counts
        sketch = ColumnProfile(
            name=name,
            kind="timestamp" if family == "timestamp" else "number",
            rows=counts.rows,
            missing=counts.missing,
            family=family,
            zone=type_.zone,
            cells=counts.cells(),
        )
        return _of(sketch), counts

    def _levels(self, name: str, kind: str) -> Column:
        counted = self.engine.levels(name)
        if counted.missing == counted.rows:
            return Column(kind="empty", family="", rows=counted.rows, missing=counted.missing)
        dates = _dates(name, counted.levels, counted.rows, counted.missing) if kind == "text" else None
        if dates is not None:
            return dates
        return replace(from_levels(counted.levels, kind), rows=counted.rows, missing=counted.missing)


def read_pair(reference: Side, current: Side, name: str, *, hidden: bool, sums: bool) -> tuple[Column, Column]:
    """Return both sides of a column; what is counted in cells, at the edges that the other side gives.

    Where both are counted, the reference's edges are found by counting it.

    Parameters
    ----------
    reference, current : Side
    name : str
        A column of both.
    hidden : bool
        Whether no message may quote a value.
    sums : bool
        Whether the sums of cells are needed, as for a Wasserstein distance.

    Raises
    ------
    InputError
        A side cannot be read or counted.
    """
    sides = (reference, current)
    counted = [isinstance(side, EngineSide) and side.in_cells(name) for side in sides]
    if not any(counted):
        return reference.column(name, hidden=hidden), current.column(name, hidden=hidden)
    if all(counted):
        assert isinstance(reference, EngineSide)
        edges = _own_edges(reference, name, sums=sums)
    else:
        at = counted.index(False)
        whole, other = sides[at].column(name, hidden=hidden), sides[1 - at]
        assert isinstance(other, EngineSide)
        edges = _edges_for(whole, other, sums=sums)
    found = [
        side.counts(name, edges, sums=sums)[0] if isinstance(side, EngineSide) and side.in_cells(name) else whole
        for side in sides
    ]
    return found[0], found[1]


def _own_edges(side: EngineSide, name: str, *, sums: bool) -> NDArray[np.float64]:
    import numpy as np

    from pytest_mlgate.stats.refining import even_edges

    engine = side.engine
    first = engine.counts(name, np.empty(0))
    if not first.finite:
        return np.empty(0)
    return even_edges(
        lambda edges: engine.counts(name, edges).at_or_below,
        low=first.low,
        high=first.high,
        finite=first.finite,
        cells=engine.summed_edges if sums else engine.edges,
    )


def _edges_for(other: Column, counted: EngineSide, *, sums: bool) -> NDArray[np.float64]:
    """Return edges at the other side's quantiles, those of its PSI among them; none where it has no order."""
    import numpy as np

    from pytest_mlgate.stats.cells import cells_of
    from pytest_mlgate.stats.psi import psi_bins, quantile_edges

    if other.sketch is not None and other.sketch.cells is not None:
        return other.sketch.cells.edges
    if other.kind not in ("number", "timestamp") or not other.sample.size:
        return np.empty(0)
    bins = psi_bins(other.rows, counted.rows)
    cells = counted.engine.summed_edges if sums else counted.engine.edges
    found = [cells_of(other.values, cells=cells, min_rows=1).edges]
    found += [quantile_edges(other.values, count) for count in (bins, bins - 1) if count >= 2]
    edges = np.unique(np.concatenate(found))
    return edges[np.isfinite(edges)]


def _of(sketch: Any) -> Column:
    return Column(
        kind=sketch.kind,
        family=sketch.family,
        rows=sketch.rows,
        missing=sketch.missing,
        zone=sketch.zone,
        from_text=sketch.from_text,
        sketch=sketch,
        counted=True,
    )


def _dates(name: str, levels: Mapping[str, int], rows: int, missing: int) -> Column | None:
    """Read text of which every level is an ISO 8601 date as timestamps, each of them a cell; none is expanded."""
    import numpy as np

    from pytest_mlgate.stats.cells import Cells
    from pytest_mlgate.tables.dates import iso_ticks
    from pytest_mlgate.tables.sketches import ColumnProfile

    found = iso_ticks(levels)
    if found is None:
        return None
    ticks, inverse = np.unique(np.array(found[0], dtype=np.float64), return_inverse=True)
    counts = np.bincount(inverse, list(levels.values())).astype(np.int64)
    edges = np.union1d(ticks, np.nextafter(ticks, -np.inf))
    at = np.concatenate([[0], np.cumsum(counts)])[ticks.searchsorted(edges, side="right")]
    sums = np.zeros(edges.size - 1)
    sums[edges[1:].searchsorted(ticks)] = ticks * counts
    cells = Cells(edges=edges, at_least=at, at_most=at, sums=sums)
    return _of(
        ColumnProfile(
            name=name,
            kind="timestamp",
            rows=rows,
            missing=missing,
            family="timestamp",
            zone="UTC" if found[1] else "",
            from_text=True,
            cells=cells,
        )
    )


def looked_at(pair: Pair, reference: Side, current: Side) -> Pair | None:
    """Return a pair that is known exactly wherever its distance may be reached; None where that cannot be had.

    Only the values of cells in which the distance could be larger than it is known to be are fetched: of a side in
    memory from there, of an engine if they are no more than it may hold, or if no more of them are distinct. A profile
    has none.

    Parameters
    ----------
    pair : Pair
        At least one side is counted in cells.
    reference, current : Side

    Raises
    ------
    InputError
        An engine gives other values than it has counted.
    """
    import numpy as np

    from pytest_mlgate.gates.drift.sketched import cells_of_pair
    from pytest_mlgate.stats.cells import before
    from pytest_mlgate.stats.sketches import undecided_cells

    cells = cells_of_pair(pair)
    columns, sides = (pair.reference, pair.current), (reference, current)
    spans = undecided_cells(*cells)
    fetched: list[tuple[_Tallies, list[tuple[float, float]]] | None] = []
    for column, side, own in zip(columns, sides, cells, strict=True):
        within = _at_own_edges(own, spans)
        rows = sum(int(own.at_most[b] - own.at_least[a]) for a, b in _places(own, within))
        if column.sketch is None:
            fetched.append(None)  # its values are here
        elif not rows:
            fetched.append(((np.empty(0), np.empty(0, dtype=np.int64)), within))
        elif not column.counted or not isinstance(side, EngineSide):
            return None
        elif column.from_text:
            fetched.append(None)  # each of its values is an edge already
        else:
            found = _tallies(side, pair.name, within, rows)
            if found is None:
                return None
            fetched.append((found, within))
    points = [values for (values, _), _ in filter(None, fetched)]
    points += [_between(column.values, spans) for column in columns if column.sketch is None]
    distinct = np.unique(np.concatenate([np.empty(0), *points]))
    edges = np.unique(np.concatenate([distinct, [before(value) for value in distinct]]))
    finer = [
        column if found is None else _with_cells(column, _finer(own, edges, *found))
        for column, own, found in zip(columns, cells, fetched, strict=True)
    ]
    return replace(pair, reference=finer[0], current=finer[1])


def _tallies(side: EngineSide, name: str, within: list[tuple[float, float]], rows: int) -> _Tallies | None:
    """Return the values of an engine in intervals that hold so many rows, and the rows of each; None if too many."""
    import numpy as np

    from pytest_mlgate.tables.engines import counted_twice

    if rows > side.most:
        found = side.engine.tallies(name, within, most=side.most)
    else:
        found = np.unique(side.engine.values(name, within), return_counts=True)
    if found is not None and int(found[1].sum()) != rows:
        raise counted_twice(f"column {name!r} of {side.name}", f" ({rows} and {int(found[1].sum())} rows)")
    return found


def _at_own_edges(own: Cells, spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return intervals that hold the spans and begin and end at a side's own edges, merged where they touch."""
    found: list[tuple[float, float]] = []
    for low, high in spans:
        first = max(int(own.edges.searchsorted(low, side="right")) - 1, 0)
        last = min(int(own.edges.searchsorted(high, side="left")), own.edges.size - 1)
        if last <= first:
            continue
        start, stop = float(own.edges[first]), float(own.edges[last])
        if found and start <= found[-1][1]:
            start = found.pop()[0]
        found.append((start, stop))
    return found


def _places(own: Cells, within: Sequence[tuple[float, float]]) -> list[tuple[int, int]]:
    return [(int(own.edges.searchsorted(a)), int(own.edges.searchsorted(b))) for a, b in within]


def _between(values: NDArray[np.float64], spans: Sequence[tuple[float, float]]) -> NDArray[np.float64]:
    import numpy as np

    parts = [values[slice(*values.searchsorted(span, side="right"))] for span in spans]
    return np.concatenate(parts) if parts else np.empty(0)


def _finer(own: Cells, edges: NDArray[np.float64], tallies: _Tallies, within: Sequence[tuple[float, float]]) -> Cells:
    """Return a side's cells with more edges, in intervals of which all values are known."""
    import numpy as np

    from pytest_mlgate.stats.cells import Cells, sums_between

    values, at = tallies[0], np.concatenate([[0], np.cumsum(tallies[1])])
    new, least, most = [own.edges], [own.at_least], [own.at_most]
    for (low, high), (first, _) in zip(within, _places(own, within), strict=True):
        inside = edges[edges.searchsorted(low, side="right") : edges.searchsorted(high, side="left")]
        inside = np.setdiff1d(inside, own.edges)
        start = at[values.searchsorted(low, side="right")]
        new.append(inside)
        counts = own.at_least[first] + at[values.searchsorted(inside, side="right")] - start
        least.append(counts)
        most.append(counts)
    merged = np.concatenate(new)
    order = np.argsort(merged)
    finer = Cells(
        edges=merged[order],
        at_least=np.concatenate(least)[order],
        at_most=np.concatenate(most)[order],
        sums=np.zeros(max(merged.size - 1, 0)),
        below=own.below,
        above=own.above,
        squares=own.squares,
    )
    return replace(finer, sums=sums_between(own, finer.edges))


def _with_cells(column: Column, cells: Cells) -> Column:
    assert column.sketch is not None
    return replace(column, sketch=replace(column.sketch, cells=cells))
