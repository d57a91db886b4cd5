"""What is known of a column without its rows in memory: how many are missing, its ends, its levels."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import Engine, Kind
from pytest_mlgate.tables.engines.kinds import plain
from pytest_mlgate.tables.engines.parquet import ParquetFiles

if TYPE_CHECKING:
    import pyarrow as pa

MOST_KNOWN_LEVELS = 10_000
"""Levels of text up to which they are kept; more are no categories."""

_SCANNED: tuple[Kind, ...] = ("float", "whole", "text")
_IN_PROCESS = ("Parquet files", "duckdb", "polars")
"""Engines whose rows cost no more to look at than to count; those of others lie on other machines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Summary:
    """What is known for certain of a column.

    Attributes
    ----------
    kind : Kind
    arrow : str
        The type as Arrow names it.
    rows : int
    missing : int or None
        Rows that are null or NaN; None: not known.
    low, high : int or float or None
        The ends of a column of numbers, infinities among them; None: not known, or there is no value.
    whole : bool
        Whether all values are known to be finite and whole.
    levels : frozenset of str or None
        The distinct values of text; None: not known, or more than :data:`MOST_KNOWN_LEVELS`.
    """

    kind: Kind
    arrow: str
    rows: int
    missing: int | None = None
    low: float | None = None
    high: float | None = None
    whole: bool = False
    levels: frozenset[str] | None = None


def footer_summaries(engine: Engine, names: Sequence[str]) -> dict[str, Summary]:
    """Return what is known of columns without reading a value: the types, and of files what their footers say.

    Believed are the numbers of missing values, and the ends of signed whole numbers and of floats; those of text may be
    cut off, and NaN is counted nowhere: of floats the missing values are not known.
    """
    found = {
        name: Summary(kind=type_.kind, arrow=type_.arrow, rows=engine.rows)
        for name, type_ in engine.types.items()
        if name in names
    }
    if not isinstance(engine, ParquetFiles):
        return found
    return {name: _from_footer(summary, engine.statistics(name)) for name, summary in found.items()}


def _from_footer(summary: Summary, groups: Sequence[Any] | None) -> Summary:
    if groups is None or any(group is None or not group.has_null_count for group in groups):
        return summary
    nulls = sum(int(group.null_count) for group in groups)
    if summary.kind != "float":
        summary = replace(summary, missing=nulls)
    with_values = [group for group in groups if group.num_values]
    ordered = summary.kind == "float" or (summary.kind == "whole" and not summary.arrow.startswith("u"))
    if not ordered or not with_values or not all(group.has_min_max for group in with_values):
        return summary
    ends = [(group.min, group.max) for group in with_values]
    if any(not isinstance(end, int | float) or math.isnan(end) for pair in ends for end in pair):
        return summary
    return replace(
        summary,
        low=min(low for low, _ in ends),
        high=max(high for _, high in ends),
        whole=summary.kind == "whole",
    )


def full_summaries(engine: Engine, known: Mapping[str, Summary]) -> dict[str, Summary]:
    """Return what is known of columns of numbers and text after one look at all values, in one pass over the table.

    Raises
    ------
    InputError
        The engine cannot be asked, or its rows changed meanwhile.
    """
    asked = {name: summary for name, summary in known.items() if summary.kind in _SCANNED}
    if not asked:
        return dict(known)
    if engine.name not in _IN_PROCESS:
        return {**known, **{name: _counted(engine, name, summary) for name, summary in asked.items()}}
    scans = {name: _Scan(summary) for name, summary in asked.items()}
    batches = engine.coded_batches(list(asked)) if isinstance(engine, ParquetFiles) else engine.batches(list(asked))
    for batch in batches:
        for name, scan in scans.items():
            scan.look(batch.column(name))
    return {**known, **{name: scan.summary() for name, scan in scans.items()}}


def _counted(engine: Engine, name: str, summary: Summary) -> Summary:
    if summary.kind == "text":
        try:
            counted = engine.levels(name)
        except InputError:  # too many to be counted: no levels are known
            return summary
        levels = frozenset(counted.levels) if len(counted.levels) <= MOST_KNOWN_LEVELS else None
        return replace(summary, missing=counted.missing, levels=levels)
    counts = engine.counts(name, np.empty(0))
    if counts.missing == counts.rows:
        return replace(summary, missing=counts.missing)
    low = -math.inf if counts.below else counts.low if counts.finite else math.inf
    high = math.inf if counts.above else counts.high if counts.finite else -math.inf
    return replace(summary, missing=counts.missing, low=low, high=high, whole=summary.kind == "whole")


class _Scan:
    """A column that is looked at a batch at a time."""

    def __init__(self, known: Summary) -> None:
        self.known, self.missing, self.whole = known, 0, True
        self.low, self.high = math.inf, -math.inf
        self.levels: set[str] | None = set() if known.kind == "text" else None

    def look(self, array: pa.Array) -> None:
        self.missing += array.null_count
        if array.null_count:
            array = array.drop_null()
        if not len(array):
            return
        if self.known.kind == "text":
            self._look_at_text(array)
        else:
            self._look_at_numbers(array)

    def _look_at_text(self, array: pa.Array) -> None:
        import pyarrow as pa

        if self.levels is None:
            return
        found = array.unique()
        if pa.types.is_dictionary(found.type):
            found = found.dictionary_decode()
        self.levels |= set(found.to_pylist())
        if len(self.levels) > MOST_KNOWN_LEVELS:
            self.levels = None

    def _look_at_numbers(self, array: pa.Array) -> None:
        values = plain(array)
        low, high = values.min().item(), values.max().item()
        if low != low:  # a minimum of numbers is NaN where one of them is
            there = values[~np.isnan(values)]
            self.missing += values.size - there.size
            if not there.size:
                return
            values, low, high = there, there.min().item(), there.max().item()
        self.low, self.high = min(self.low, low), max(self.high, high)
        if self.whole and self.known.kind == "float":
            self.whole = bool(np.isfinite(low) and np.isfinite(high) and (values == np.floor(values)).all())

    def summary(self) -> Summary:
        if self.known.kind == "text":
            levels = None if self.levels is None else frozenset(self.levels)
            return replace(self.known, missing=self.missing, levels=levels)
        if self.missing == self.known.rows:
            return replace(self.known, missing=self.missing)
        return replace(self.known, missing=self.missing, low=self.low, high=self.high, whole=self.whole)
