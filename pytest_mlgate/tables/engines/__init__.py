"""Engines: tables whose rows stay where they are, asked for counts.

Every engine answers the same questions about a column: rows, missing and infinite values, the ends of the finite ones,
the rows at or below given edges, the rows of each level, and the values between two edges. Counts add up, so the answer
is the same from one file, a hundred partitions or a cluster. A column of a type that cannot be answered exactly is
refused; nothing is sampled or approximated.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from pytest_mlgate.checks import InputError
    from pytest_mlgate.stats.cells import Cells

Kind: TypeAlias = Literal[
    "float", "whole", "decimal", "timestamp", "date", "duration", "text", "boolean", "empty", "other"
]
ORDERED: tuple[Kind, ...] = ("float", "whole", "decimal", "timestamp", "date", "duration")
"""Kinds whose values are numbers: timestamps in microseconds since 1970-01-01 UTC, durations in seconds."""

ROWS_IN_MEMORY = 10_000_000
"""Rows up to which a column or a table is read whole, where no setting says otherwise."""
_CAUSE = re.compile(r"(Caused by: )?[\w.$]*(Error|Exception): .")

MOST_CELLS = 50_000_000
"""Rows times columns up to which a table is read whole where its rows are needed."""
MOST_LEVELS = 1_000_000
"""Levels of one column up to which they are counted."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnType:
    """What a column holds: its kind, the type as Arrow names it, and the time zone of timestamps."""

    kind: Kind
    arrow: str
    zone: str = ""


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Counts:
    """Rows of a column of numbers, counted at edges.

    Attributes
    ----------
    rows, missing : int
        Rows in all, and rows that are null or NaN.
    below, above : int
        Rows that are minus and plus infinity.
    low, high : float
        The smallest and the largest finite value; NaN where there is none.
    edges : ndarray of shape (k,)
        Finite and strictly increasing.
    at_or_below : ndarray of shape (k,)
        Rows at or below each edge, minus infinity among them.
    sums : ndarray of shape (k + 1,) or None
        Sum of the finite values in ``(-inf, e_1], (e_1, e_2], ..., (e_k, inf)``, where it was asked for.
    squares : float
        Sum of the squared deviations of the finite values from their mean; NaN where it was not asked for.
    """

    rows: int
    missing: int
    below: int
    above: int
    low: float
    high: float
    edges: NDArray[Any]
    at_or_below: NDArray[Any]
    sums: NDArray[Any] | None = None
    squares: float = math.nan

    @property
    def finite(self) -> int:
        """Rows with a finite value."""
        return self.rows - self.missing - self.below - self.above

    def cells(self) -> Cells:
        """Return the rows in cells: between the edges, and between the outer edges and the ends of the values."""
        import numpy as np

        from pytest_mlgate.stats.cells import Cells, before, middles

        if not self.finite:
            none = np.empty(0)
            return Cells(
                edges=none,
                at_least=none.astype(int),
                at_most=none.astype(int),
                sums=none,
                below=self.below,
                above=self.above,
            )
        edges, at, sums = self.edges, self.at_or_below, self.sums
        unsure = 0
        if not edges.size or edges[0] >= self.low:
            edges, at = np.append(before(self.low), edges), np.append(self.below, at)
            unsure = self.finite if edges[0] == self.low else 0  # no number lies before the lowest one
        elif sums is not None:
            sums = sums[1:]
        if edges[-1] < self.high:
            edges, at = np.append(edges, self.high), np.append(at, self.below + self.finite)
        elif sums is not None:
            sums = sums[:-1]
        if sums is None:
            with np.errstate(over="ignore"):  # a sum beyond the largest number is infinite
                sums = np.diff(at) * middles(edges)
        most = at + np.where(np.arange(at.size) == 0, unsure, 0)
        return Cells(
            edges=edges, at_least=at, at_most=most, sums=sums, below=self.below, above=self.above, squares=self.squares
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class LevelCounts:
    """Rows of each level of text or booleans, by the level's name; ``missing`` are null."""

    rows: int
    missing: int
    levels: Mapping[str, int]


class Engine(Protocol):
    """A table whose rows stay where they are."""

    @property
    def name(self) -> str:
        """What answers, for messages: ``duckdb``, ``polars``, ``Parquet files``."""

    @property
    def source(self) -> str:
        """Where the rows come from, as it was named; empty for an object that was handed over."""

    @property
    def types(self) -> Mapping[str, ColumnType]:
        """What each column holds, in the table's order."""

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns as :meth:`table` and :meth:`batches` return them."""

    @property
    def rows(self) -> int:
        """How many rows there are."""

    @property
    def edges(self) -> int:
        """How many edges are well asked at once."""

    @property
    def summed_edges(self) -> int:
        """How many edges are well asked at once, with the sums between them."""

    @property
    def in_threads(self) -> bool:
        """Whether several threads may ask at once; where not, the engine has threads of its own."""

    def counts(self, name: str, edges: NDArray[Any], *, sums: bool = False) -> Counts:
        """Return the rows of a column of numbers at edges; InputError where its type cannot be answered exactly."""

    def levels(self, name: str) -> LevelCounts:
        """Return the rows of each level of text or booleans; InputError beyond :data:`MOST_LEVELS`."""

    def values(self, name: str, within: Sequence[tuple[float, float]]) -> NDArray[Any]:
        """Return the values in any of the intervals ``(a, b]``, which do not overlap; sorted, of the kind's unit."""

    def tallies(
        self, name: str, within: Sequence[tuple[float, float]], *, most: int
    ) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Return the distinct values in any of the intervals ``(a, b]``, and the rows of each; None beyond ``most``."""

    def read(self, name: str) -> pa.ChunkedArray:
        """Return a whole column."""

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns in the table's order, at most 65 536 at a time and little in memory at once.

        Nothing else is asked of the engine before the last batch, or before the iterator is closed. Another number of
        rows in all than :attr:`rows` is an InputError, as is an engine that cannot give rows little by little.
        """

    def table(self) -> pa.Table:
        """Return the whole table."""


def counted_rows(batches: Iterable[pa.RecordBatch], *, rows: int, where: str) -> Iterator[pa.RecordBatch]:
    """Yield batches, and refuse another number of rows in all.

    Raises
    ------
    InputError
        After the last batch.
    """
    from pytest_mlgate.tables.scans import reading

    seen = 0
    with reading(rows) as scan:
        for batch in batches:
            seen += len(batch)
            scan.step(rows=len(batch))
            yield batch
    if seen != rows:
        raise counted_twice(where, f" ({rows} and {seen} rows)")


def counted_twice(where: str, told: str = "") -> InputError:
    """Return the error of rows that changed while they were counted."""
    from pytest_mlgate.checks import InputError

    return InputError(
        f"{where} was counted twice with different answers{told}",
        fix="give rows that do not change while they are judged: a snapshot, a version, a copy",
    )


def frame_of(engine: Engine, *, name: str) -> pd.DataFrame:
    """Return the rows as a frame, for questions that counts cannot answer.

    Raises
    ------
    InputError
        Where there are more than :data:`MOST_CELLS` values.
    """
    from pytest_mlgate.checks import InputError
    from pytest_mlgate.tables.reading import pandas_of

    size = engine.rows * len(engine.types)
    if size > MOST_CELLS:
        raise InputError(
            f"table {name!r} has {engine.rows:,} rows of {len(engine.types)} columns ({engine.name}), more than the"
            f" {MOST_CELLS:,} values that are held in memory, and rows are needed here",
            fix="filter or sample it where it is made, or name the columns that are needed",
        )
    return pandas_of(name, engine.table())


def digest_of(engine: Engine, *, edges: Mapping[str, NDArray[Any]] | None = None) -> str:
    """Return the SHA-256 of what an engine counts: the same for the same rows, whatever counts them, in any order.

    Parameters
    ----------
    engine : Engine
    edges : Mapping of str to ndarray, optional
        Edges at which columns of numbers are counted as well; without them their rows, their missing and infinite
        values and their ends.
    """
    import numpy as np

    from pytest_mlgate.checks import InputError
    from pytest_mlgate.tables.scans import each_column

    def counted(name: str) -> list[Any]:
        try:
            return _counted(engine, name, engine.types[name].kind, (edges or {}).get(name, np.empty(0)))
        except InputError:
            return ["uncounted"]

    names = list(engine.types)
    found = dict(zip(names, each_column(counted, names, threads=1), strict=True))
    text = json.dumps({"rows": engine.rows, "columns": found}, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _counted(engine: Engine, name: str, kind: Kind, edges: NDArray[Any]) -> list[Any]:
    """Return what is counted of a column; of one without a value that alone, since engines differ in its type."""
    if kind in ORDERED:
        counts = engine.counts(name, edges)
        if counts.missing == counts.rows:
            return ["empty"]
        ends = [float(counts.low) + 0.0, float(counts.high) + 0.0] if counts.finite else None  # one zero, not two
        return [
            "number",
            counts.missing,
            counts.below,
            counts.above,
            ends,
            edges.tolist(),
            counts.at_or_below.tolist(),
        ]
    if kind in ("text", "boolean"):
        counted = engine.levels(name)
        empty = counted.missing == counted.rows
        return ["empty"] if empty else ["levels", counted.missing, sorted(counted.levels.items())]
    return [kind]


def one_line(error: BaseException) -> str:
    """Return another library's error in one line of at most 350 characters: its type, and what it says first."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    if lines[0].startswith("An error occurred while calling") and len(lines) > 1:  # py4j; Java's own line is the next
        lines = [lines[1].removeprefix(": "), *lines[2:]]
    if lines[0].endswith(":"):  # a frame around an error: the innermost says it
        causes = [line.removeprefix("Caused by: ") for line in lines if _CAUSE.match(line) and not line.endswith(":")]
        lines = [*causes[-1:], *lines]
    return f"{type(error).__name__}: {lines[0][:300]}"


def check_counts(counts: Counts, *, rows: int, where: str) -> Counts:
    """Return counts that can be true; what contradicts itself is refused, such as rows that changed meanwhile.

    Raises
    ------
    InputError
    """
    import numpy as np

    at = np.concatenate([[counts.below], counts.at_or_below, [counts.rows - counts.missing - counts.above]])
    parts = (counts.missing, counts.below, counts.above, counts.finite)
    if counts.rows != rows or min(parts) < 0 or (np.diff(at) < 0).any():
        raise counted_twice(where, f" ({rows} and {counts.rows} rows)")
    return counts
