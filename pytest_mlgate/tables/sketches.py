"""What a profile keeps of one column: a sketch of its values, as JSON and merged with those of other partitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

import numpy as np

from pytest_mlgate.checks import InputError
from pytest_mlgate.stats.cells import Cells, merge_cells, single_valued

MAX_LEVELS = 1000
"""Levels that are named, at most: the most frequent ones."""

Kind: TypeAlias = Literal["number", "timestamp", "category", "empty", "identifier", "sensitive", "unreadable"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """Counted levels of a category.

    Attributes
    ----------
    counts : Mapping of str to int
        Rows of each named level.
    slack : Mapping of str to int
        How many of the rare rows may be a named level's, where a merged part did not name it.
    rare : int
        Rows of all levels without a name.
    rare_levels : int
        How many levels those are, at least.
    ceiling : int
        The most rows that any one of them may have.
    """

    counts: Mapping[str, int]
    slack: Mapping[str, int] = field(default_factory=dict)
    rare: int = 0
    rare_levels: int = 0
    ceiling: int = 0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class ColumnProfile:
    """One column of a reference.

    Attributes
    ----------
    kind : str
        ``number``, ``timestamp``, ``category``, or ``empty`` (no row has a value), ``identifier`` (every row has its
        own), ``sensitive`` and ``unreadable``, of which no value is kept.
    family : str
        What the values are, as drift names them: ``number``, ``duration``, ``timestamp``, ``text``, ``boolean``.
    rows, missing : int
    zone : str
        Time zone of timestamps.
    from_text : bool
        Whether timestamps came as text.
    cells : Cells or None
        The sketch of numbers (durations in seconds) and timestamps (microseconds since 1970-01-01 UTC).
    levels : Levels or None
        The levels of a category.
    """

    name: str
    kind: Kind
    rows: int
    missing: int
    family: str = ""
    zone: str = ""
    from_text: bool = False
    cells: Cells | None = None
    levels: Levels | None = None

    @property
    def accuracy(self) -> float:
        """How far apart the bounds of any share of rows stand: below a value, or of a set of levels; in [0, 1]."""
        if self.cells is not None:
            return self.cells.accuracy
        if self.levels is not None and self.rows:
            return min(self.levels.rare, sum(self.levels.slack.values())) / self.rows
        return 0.0


def named_levels(counts: Mapping[str, int], *, min_rows: int) -> Levels:
    """Return the levels that are named, those that at least ``min_rows`` rows share, and the others as one count."""
    rest = [count for count in counts.values() if count < min_rows]
    return _most_frequent(
        Levels(
            counts={level: count for level, count in counts.items() if count >= min_rows},
            rare=sum(rest),
            rare_levels=len(rest),
            ceiling=min_rows - 1 if rest else 0,
        )
    )


def _most_frequent(levels: Levels) -> Levels:
    order = sorted(levels.counts, key=lambda level: (-levels.counts[level], level))
    kept, dropped = sorted(order[:MAX_LEVELS]), order[MAX_LEVELS:]
    most = (levels.counts[level] + levels.slack.get(level, 0) for level in dropped)
    return Levels(
        counts={level: levels.counts[level] for level in kept},
        slack={level: levels.slack[level] for level in kept if levels.slack.get(level)},
        rare=levels.rare + sum(levels.counts[level] for level in dropped),
        rare_levels=levels.rare_levels + len(dropped),
        ceiling=max(levels.ceiling, *most) if dropped else levels.ceiling,
    )


def merge_columns(parts: Sequence[ColumnProfile], *, cells: int) -> ColumnProfile:
    """Return the profile of one column over all parts' rows.

    Raises
    ------
    InputError
        The parts hold values of several kinds.
    """
    first = parts[0]
    rows, missing = sum(part.rows for part in parts), sum(part.missing for part in parts)
    kinds = {part.kind for part in parts}
    found = [part for part in parts if part.kind != "empty"]
    bare = next((kind for kind in ("sensitive", "unreadable", "identifier") if kind in kinds), None)
    if bare is not None or not found:
        # Of one part no value was kept, so there is none of the whole.
        return ColumnProfile(name=first.name, kind=bare or "empty", rows=rows, missing=missing)
    families = sorted({part.family for part in found})
    if len(families) > 1:
        raise InputError(
            f"column {first.name!r} holds {families[0]} values in one profile and {families[1]} values in another",
            fix="profile tables whose columns have one type",
        )
    zones = {part.zone for part in found}
    ordered = [part.cells for part in found if part.cells is not None]
    counted = [part.levels for part in found if part.levels is not None]
    return replace(
        found[0],
        rows=rows,
        missing=missing,
        zone=zones.pop() if len(zones) == 1 else "UTC",
        from_text=all(part.from_text for part in found),
        cells=merge_cells(ordered, cells=cells) if ordered else None,
        levels=_merge_levels(counted) if counted else None,
    )


def _merge_levels(parts: Sequence[Levels]) -> Levels:
    """Add counts; a level that a part does not name may have up to its ceiling of rows there."""
    names = {level for part in parts for level in part.counts}
    merged = Levels(
        counts={level: sum(part.counts.get(level, 0) for part in parts) for level in names},
        slack={level: sum(_hidden_rows(part, level) for part in parts) for level in names},
        rare=sum(part.rare for part in parts),
        rare_levels=max(part.rare_levels for part in parts),
        ceiling=sum(part.ceiling for part in parts),
    )
    return _most_frequent(merged)


def _hidden_rows(part: Levels, level: str) -> int:
    return part.slack.get(level, 0) if level in part.counts else part.ceiling


def column_to_json(column: ColumnProfile) -> dict[str, Any]:
    """Return a column as plain builtins."""
    record: dict[str, Any] = {
        "name": column.name,
        "kind": column.kind,
        "family": column.family,
        "rows": column.rows,
        "missing": column.missing,
        "zone": column.zone,
        "from_text": column.from_text,
        "accuracy": float(f"{column.accuracy:.6g}"),
    }
    if column.cells is not None:
        record["cells"] = _cells_to_json(column.cells)
    if column.levels is not None:
        levels = column.levels
        record["levels"] = dict(sorted(levels.counts.items()))
        record["rare"] = {"rows": levels.rare, "levels": levels.rare_levels, "at_most": levels.ceiling}
        if levels.slack:
            record["slack"] = dict(sorted(levels.slack.items()))
    return {key: value for key, value in record.items() if value is not False and value != ""}


def column_from_json(record: Mapping[str, Any]) -> ColumnProfile:
    """Return the column that :func:`column_to_json` wrote; KeyError, TypeError or ValueError where it wrote none."""
    cells, counts, rare = record.get("cells"), record.get("levels"), record.get("rare")
    levels = None
    if counts is not None and rare is not None:
        levels = Levels(
            counts=dict(counts),
            slack=dict(record.get("slack", {})),
            rare=rare["rows"],
            rare_levels=rare["levels"],
            ceiling=rare["at_most"],
        )
    return ColumnProfile(
        name=record["name"],
        kind=record["kind"],
        family=record.get("family", ""),
        rows=record["rows"],
        missing=record["missing"],
        zone=record.get("zone", ""),
        from_text=record.get("from_text", False),
        cells=None if cells is None else _cells_from_json(cells),
        levels=levels,
    )


def _cells_to_json(cells: Cells) -> dict[str, Any]:
    """Write a value with a cell of its own once, under ``ties``, and counts by cell: both are the shorter form."""
    single = single_valued(cells.edges)
    tied = np.concatenate([single, [False]]) | np.concatenate([[False], single]) if cells.edges.size else single
    slack = cells.at_most - cells.at_least
    record: dict[str, Any] = {
        "edges": cells.edges[~tied].tolist(),
        "ties": cells.edges[1:][single].tolist() if cells.edges.size else [],
        "counts": np.diff(cells.at_least).tolist(),
        "sums": [float(f"{total:.12g}") for total in cells.sums.tolist()],
        "infinite": [cells.below, cells.above],
    }
    if np.isfinite(cells.squares):
        record["squares"] = float(f"{cells.squares:.12g}")
    if slack.any():
        record["slack"] = slack.tolist()
    return record


def _cells_from_json(record: Mapping[str, Any]) -> Cells:
    ties = np.asarray(record["ties"], dtype=np.float64)
    edges = np.unique(np.concatenate([np.asarray(record["edges"]), ties, np.nextafter(ties, -np.inf)]))
    below, above = record["infinite"]
    counts = np.asarray(record["counts"], dtype=np.int64)
    sums = np.asarray(record["sums"], dtype=np.float64)
    if counts.size != max(edges.size - 1, 0) or sums.size != counts.size:
        raise ValueError("counts, sums and edges do not belong together")
    at_least = np.concatenate([[0], np.cumsum(counts)])[: edges.size] + below
    slack = np.asarray(record.get("slack", np.zeros(edges.size)), dtype=np.int64)
    return Cells(
        edges=edges,
        at_least=at_least,
        at_most=at_least + slack,
        sums=sums,
        below=below,
        above=above,
        squares=record.get("squares", np.nan),
    )
