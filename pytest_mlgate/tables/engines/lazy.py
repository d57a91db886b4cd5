"""Tables of other engines, asked through narwhals: duckdb relations, polars lazy frames, Spark frames, ibis tables."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, wraps
from threading import RLock
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import (
    MOST_CELLS,
    MOST_LEVELS,
    ColumnType,
    Counts,
    LevelCounts,
    check_counts,
    counted_rows,
    counted_twice,
    duck,
    one_line,
)
from pytest_mlgate.tables.engines.expressions import is_asked, is_expression, native_of
from pytest_mlgate.tables.engines.kinds import numbers_of, type_of
from pytest_mlgate.tables.engines.parquet import added_tallies, too_many_levels
from pytest_mlgate.tables.engines.streams import duckdb_batches, polars_batches, sliced, spark_batches
from pytest_mlgate.tables.scans import in_reach, step

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_Item = TypeVar("_Item")

_AT_ONCE = 64
"""Edges in one query: a plan of thousands of expressions takes longer to make than to run."""

_SURE_DECIMALS = 15
"""Digits of decimals that an engine's own cast to 64 bits gets right; longer ones go by way of text."""


_Table = TypeVar("_Table", bound="LazyTable")
_Given = ParamSpec("_Given")
_FOREIGN = {"narwhals", "polars", "duckdb", "pyspark", "py4j", "grpc"}


def _told(
    method: Callable[Concatenate[_Table, _Given], _Item],
) -> Callable[Concatenate[_Table, _Given], _Item]:
    """Say another library's error in one line, also one of planning: Spark looks a query over as it is written."""

    @wraps(method)
    def asked(self: _Table, /, *args: _Given.args, **kwargs: _Given.kwargs) -> _Item:
        try:
            return method(self, *args, **kwargs)
        except Exception as error:
            if isinstance(error, InputError) or not _is_foreign(error):
                raise
            raise self.unanswered(error) from error

    return asked


def _is_foreign(error: BaseException) -> bool:
    """Whether another library raised an error, or what it called did: a lost gateway is an OSError, or an assertion."""
    frame = error.__traceback__
    while frame is not None:
        if str(frame.tb_frame.f_globals.get("__name__")).partition(".")[0] in _FOREIGN:
            return True
        frame = frame.tb_next
    return False


@dataclass(frozen=True, kw_only=True)
class LazyTable:
    """A lazy table of another engine.

    Attributes
    ----------
    source : str
        How it was named in the configuration; empty for an object that was handed over.
    name : str
        The engine: ``duckdb``, ``polars``, ``pyspark``.
    """

    source: str
    name: str
    _frame: Any = field(repr=False)  # whose own representation runs the query
    _keep: Any = None  # what the frame needs and does not hold itself: duckdb's connection
    _turn: Any = field(default_factory=RLock)
    _seen: dict[str, Counts] = field(default_factory=dict)  # of each column, without an edge

    in_threads = False

    @property
    def edges(self) -> int:
        """How many edges are well asked at once."""
        return duck.EDGES if self.name == "duckdb" else 2 * _AT_ONCE

    @property
    def summed_edges(self) -> int:
        """How many edges are well asked at once, with the sums between them."""
        return 2 * _AT_ONCE

    @cached_property
    @_told
    def _schema(self) -> pa.Schema:
        return self._collected(self._frame.head(0)).schema

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns as :meth:`table` and :meth:`batches` return them."""
        return self._schema

    @cached_property
    def types(self) -> Mapping[str, ColumnType]:
        """What each column holds, in the table's order."""
        return {one.name: type_of(one.type) for one in self._schema}

    @cached_property
    @_told
    def rows(self) -> int:
        """How many rows there are."""
        return self._counted(self._frame)

    def _counted(self, frame: Any) -> int:
        import narwhals as nw

        # By place: a polars of 1.0 that counts a file by its footer forgets what the count is to be called.
        return int(self._collected(frame.select(rows=nw.len())).column(0)[0].as_py())

    @_told
    def counts(self, name: str, edges: NDArray[Any], *, sums: bool = False) -> Counts:
        """Return the rows of a column of numbers at edges; what has been told of a column is not asked again."""
        if not edges.size and not sums and name in self._seen:
            return self._seen[name]
        frame = self._numbers(name)
        first, at = (self._by_histogram if self.name == "duckdb" else self._by_edges)(name, frame, edges)
        bare = replace(first, edges=edges[:0], at_or_below=at[:0])
        self._seen[name] = check_counts(bare, rows=self.rows, where=f"column {name!r} of {self._called}")
        totals, squares = self._sums(frame, edges, bare.low) if sums else (None, np.nan)
        counts = replace(bare, edges=edges, at_or_below=at, sums=totals, squares=squares)
        return check_counts(counts, rows=self.rows, where=f"column {name!r} of {self._called}")

    def _by_histogram(self, name: str, frame: Any, edges: NDArray[Any]) -> tuple[Counts, NDArray[Any]]:
        """Return what there is of each kind, and the rows at or below each edge, in one pass of duckdb."""
        import narwhals as nw

        found = self._collected(nw.from_native(duck.counted(frame.to_native(), edges))).to_pylist()[0]
        first = _first(found)
        cells = found.get("cells") or [0] * edges.size
        return first, first.below + np.cumsum(np.array(cells, dtype=np.int64))

    def _by_edges(self, name: str, frame: Any, edges: NDArray[Any]) -> tuple[Counts, NDArray[Any]]:
        """Return the same by one comparison for each edge, which every engine understands."""
        import narwhals as nw

        number = nw.col("number")
        first = self._seen.get(name)
        if first is None:
            finite = nw.when(number.is_finite()).then(number)
            asked: dict[str, Any] = {
                "rows": nw.len(),
                "null": self._true(number.is_null()),
                "nan": self._true(number.is_nan()),
                "below": self._true(number == -np.inf),
                "above": self._true(number == np.inf),
                "low": finite.min(),
                "high": finite.max(),
            }
            first = _first(self._asked(frame, asked))
        at: list[int] = []
        for part in _parts(edges.tolist()):
            compared = {f"e{i}": self._true(number <= edge) for i, edge in enumerate(part)}
            answered = self._asked(frame, {"rows": nw.len(), **compared})
            if int(answered["rows"]) != first.rows:
                raise self._changed(name)
            at += [int(answered[key] or 0) for key in compared]
        return first, np.array(at, dtype=np.int64)

    def _true(self, condition: Any) -> Any:
        """Return in how many rows a condition is true; Spark adds up numbers only."""
        import narwhals as nw

        return (condition.cast(nw.Int64) if self.name == "pyspark" else condition).sum()

    def _sums(self, frame: Any, edges: NDArray[Any], low: float) -> tuple[NDArray[Any], float]:
        """Return the sums between edges, and the squared deviations from the mean."""
        import narwhals as nw

        number = nw.col("number")
        finite = frame.filter(number.is_finite())
        found: list[float] = []
        borders = [-np.inf, *edges.tolist(), np.inf]
        for part in _parts(list(itertools.pairwise(borders))):
            asked = {f"s{i}": nw.when((number > a) & (number <= b)).then(number).sum() for i, (a, b) in enumerate(part)}
            answered = self._asked(finite, asked)
            found += [float(answered[key] or 0.0) for key in asked]
        rows = self._counted(finite)
        if not rows:
            return np.array(found), np.nan
        apart = number - float(sum(found) / rows)
        squares = self._asked(finite, {"squares": (apart * apart).sum()})["squares"]
        return np.array(found), float(squares or 0.0)

    @_told
    def levels(self, name: str) -> LevelCounts:
        """Return the rows of each level of text or booleans."""
        import narwhals as nw

        column = nw.col(name) if self.types[name].kind == "boolean" else nw.col(name).cast(nw.String)
        grouped = self._frame.select(level=column).group_by("level").agg(rows=nw.len())
        counted = self._collected(grouped.sort("rows", descending=True).head(MOST_LEVELS + 2))
        levels = dict(zip(counted["level"].to_pylist(), map(int, counted["rows"].to_pylist()), strict=True))
        missing = levels.pop(None, 0)
        if len(levels) > MOST_LEVELS:
            raise too_many_levels(name, self._called)
        found = {str(level): rows for level, rows in levels.items()}
        if sum(found.values()) + missing != self.rows:
            raise self._changed(name)
        return LevelCounts(rows=self.rows, missing=missing, levels=found)

    @_told
    def values(self, name: str, within: Sequence[tuple[float, float]]) -> NDArray[Any]:
        """Return the values in any of the intervals ``(a, b]``, sorted."""
        if not within:
            return np.empty(0)
        found = self._collected(self._within(name, within)).column(0)
        return np.sort(np.concatenate([np.empty(0), *(numbers_of(chunk) for chunk in found.chunks)]))

    def tallies(
        self, name: str, within: Sequence[tuple[float, float]], *, most: int
    ) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Return the distinct values in any of the intervals ``(a, b]``, and the rows of each; None beyond ``most``."""
        import narwhals as nw

        if not within:
            return np.empty(0), np.empty(0, dtype=np.int64)
        grouped = self._within(name, within).group_by("number").agg(rows=nw.len())
        found = self._collected(grouped.head(most + 1))
        if len(found) > most:
            return None
        values, rows = (
            np.array(found[key].to_pylist(), dtype=kind) for key, kind in (("number", float), ("rows", int))
        )
        return added_tallies(values, rows)

    def _within(self, name: str, within: Sequence[tuple[float, float]]) -> Any:
        """Return a frame of one column, ``number``, of the values in any of the intervals ``(a, b]``."""
        import narwhals as nw

        number = nw.col("number")
        inside = nw.any_horizontal(*((number > a) & (number <= b) for a, b in within), ignore_nulls=True)
        return self._numbers(name).filter(inside)

    def read(self, name: str) -> pa.ChunkedArray:
        """Return a whole column; a table that fits into memory is collected once."""
        if self.rows * len(self.types) <= MOST_CELLS:
            return self.table().column(name)
        return self._collected(self._only([name])).column(0)

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns in order, at most 65 536 at a time."""
        import pyarrow as pa

        rows, schema = self.rows, pa.schema([self._schema.field(name) for name in names])
        native = self._only(names).to_native()
        if self.name == "polars" and not hasattr(native, "collect_batches") and rows * len(self.types) <= MOST_CELLS:
            yield from sliced(self.table().select(list(names)).to_batches(), schema)
            return
        with self._turn:  # an open answer of duckdb ends with the next question
            try:
                parts = self._streamed(_STREAMS[self.name](native))
                yield from counted_rows(sliced(parts, schema), rows=rows, where=self._called)
            except (InputError, GeneratorExit):
                raise
            except Exception as error:  # another library's errors, of any type
                raise self.unanswered(error) from error

    def _only(self, names: Sequence[str]) -> Any:
        """Return a frame of some columns; by expressions, since a narwhals of 2.5 gives duckdb bare names unquoted."""
        import narwhals as nw

        return self._frame.select(*map(nw.col, names))

    def table(self) -> pa.Table:
        """Return the whole table."""
        with self._turn:
            return self._whole

    @cached_property
    def _whole(self) -> pa.Table:
        found = self._collected(self._frame)
        if found.num_rows != self.rows:
            raise self._changed(None)
        return found

    def _numbers(self, name: str) -> Any:
        """Return a frame of one column, ``number``: what drift compares, as numbers of 64 bits."""
        import narwhals as nw

        type_, column = self.types[name], nw.col(name)
        arrow = self._schema.field(name).type
        if type_.kind == "float" and self.name == "duckdb":
            return self._projected(duck.floats(name))
        if type_.kind in ("float", "whole"):
            return self._frame.select(number=column.cast(nw.Float64))
        if type_.kind == "decimal":
            sure = arrow.precision <= _SURE_DECIMALS
            return self._frame.select(number=(column if sure else column.cast(nw.String)).cast(nw.Float64))
        if type_.kind in ("timestamp", "date"):
            return self._ticks(name)
        raise InputError(
            f"column {name!r} of {self._called} is of type {type_.arrow}, which {self.name} does not count exactly",
            fix="make it a number, a timestamp or text where the table is made, or list it in `exclude`",
        )

    def _ticks(self, name: str) -> Any:
        """Return timestamps and dates in microseconds since 1970-01-01 UTC, rounded down."""
        import narwhals as nw

        if self.name == "duckdb":
            return self._projected(duck.ticks(name, self._schema.field(name).type))
        if self.name == "pyspark":
            return self._spark_ticks(name)
        column = nw.col(name)
        if self.types[name].kind == "date":
            column = column.cast(nw.Datetime("us"))
        return self._frame.select(number=column.dt.timestamp("us").cast(nw.Float64))

    def _spark_ticks(self, name: str) -> Any:
        """Return Spark's timestamps and dates in microseconds; those without a zone not by way of the session's."""
        import narwhals as nw

        native, quoted = self._frame.to_native(), "`" + name.replace("`", "``") + "`"
        ticks = {
            "timestamp": f"unix_micros({quoted})",
            "timestamp_ntz": f"timestampdiff(MICROSECOND, TIMESTAMP_NTZ '1970-01-01 00:00:00', {quoted})",
            "date": f"unix_date({quoted}) * 86400000000L",
        }[native.schema[name].dataType.typeName()]
        return nw.from_native(native.selectExpr(f"CAST({ticks} AS DOUBLE) AS number"))

    def _projected(self, expression: str) -> Any:
        """Return a frame of one column, ``number``, from duckdb's own SQL."""
        import narwhals as nw

        return nw.from_native(self._frame.to_native().project(f"{expression} AS number"))

    def _asked(self, frame: Any, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answers of one query that gives one row."""
        found: dict[str, Any] = self._collected(frame.select(**asked)).to_pylist()[0]
        return found

    def _collected(self, frame: Any) -> pa.Table:
        kwargs = {"engine": "streaming"} if self.name == "polars" and _streams() else {}
        try:
            with self._turn:  # a connection serves one thread at a time
                found: pa.Table = self._in_reach(lambda: frame.collect("pyarrow", **kwargs).to_native())
                found = _in_utc(found) if self.name == "pyspark" else found
        except InputError:
            raise
        except Exception as error:  # another library's errors, of any type
            raise self.unanswered(error) from error
        step()
        return found

    def _in_reach(self, answer: Callable[[], _Item]) -> _Item:
        """Return an answer that Ctrl-C can end; Spark's own gateway waits in the main thread for its jobs."""
        if self.name == "pyspark":
            return answer()
        return in_reach(answer, stop=self._stop)

    def _stop(self) -> None:
        """End what goes on; polars has no way but its own, which hears of SIGINT."""
        if self.name == "duckdb":
            duck.interrupt(self._frame.to_native(), self._keep)

    def _streamed(self, parts: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        while (part := self._in_reach(lambda: next(parts, None))) is not None:
            step(rows=len(part))
            yield part

    def unanswered(self, error: Exception) -> InputError:
        """Return what to say of another library's error."""
        return InputError(
            f"{self.name} cannot answer about {self._called}: {one_line(error)}",
            fix="run the query by itself to see what is wrong with it",
        )

    @_told
    def spark_setting(self, key: str) -> str:
        """Return what a switch of Spark's session is set to: `true` or `false`."""
        return str(self._frame.to_native().sparkSession.conf.get(key, "false"))

    @property
    def _called(self) -> str:
        return repr(self.source) if self.source else f"the {self.name} table"

    def _changed(self, name: str | None) -> InputError:
        return counted_twice(f"column {name!r} of {self._called}" if name is not None else self._called)


def _in_utc(table: pa.Table) -> pa.Table:
    """Return Spark's rows with moments in UTC: it keeps no column's zone, and shows all in the session's."""
    import pyarrow as pa

    zoned = [pa.types.is_timestamp(one.type) and one.type.tz is not None for one in table.schema]
    fields = [
        one.with_type(pa.timestamp(one.type.unit, "UTC")) if moment else one
        for one, moment in zip(table.schema, zoned, strict=True)
    ]
    return table.cast(pa.schema(fields)) if any(zoned) else table


def _parts(items: list[_Item]) -> Iterator[list[_Item]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))


def _first(found: Mapping[str, Any]) -> Counts:
    """Return one row of answers as counts without an edge; a sum of no row is null."""
    whole = {key: int(found[key] or 0) for key in ("rows", "null", "nan", "below", "above")}
    low, high = (np.nan if found[key] is None else float(found[key]) for key in ("low", "high"))
    return Counts(
        rows=whole["rows"],
        missing=whole["null"] + whole["nan"],
        below=whole["below"],
        above=whole["above"],
        low=low,
        high=high,
        edges=np.empty(0),
        at_or_below=np.empty(0, dtype=np.int64),
    )


def _streams() -> bool:
    import polars

    return tuple(int(part) for part in polars.__version__.split(".")[:2]) >= (1, 25)


_STREAMS = {"duckdb": duckdb_batches, "polars": polars_batches, "pyspark": spark_batches}
_ENGINES = {"polars": "LazyFrame", "duckdb": "DuckDBPyRelation", "_duckdb": "DuckDBPyRelation"}


def is_lazy(value: Any) -> bool:
    """Whether a value is a lazy table of an engine that is asked through narwhals; imports nothing."""
    return _engine_name(value) is not None


def _engine_name(value: Any) -> str | None:
    for kind in type(value).__mro__:
        package = kind.__module__.partition(".")[0]
        if package == "pyspark" and kind.__name__ == "DataFrame" and ".pandas" not in kind.__module__:
            return "pyspark"
        if _ENGINES.get(package) == kind.__name__:
            return package.lstrip("_")
    return "ibis" if is_expression(value) and is_asked(value) else None


def lazy_table(value: Any, *, source: str = "", keep: Any = None) -> LazyTable:
    """Return a lazy table of another engine as one that is asked for counts.

    Raises
    ------
    InputError
        narwhals is not installed, two columns have one name, or an ibis table is for an engine that is not asked.
    """
    name = _engine_name(value)
    if name is None:
        raise TypeError(type(value).__name__)
    try:
        import narwhals as nw
    except ImportError:
        extra = "spark" if name == "pyspark" else name
        raise InputError(
            f"{'an' if name == 'ibis' else 'a'} {name} table is asked through narwhals, which is not installed",
            fix=f'pip install "pytest-mlgate[{extra}]"',
        ) from None
    if name == "ibis":
        value, keep = native_of(value), value
        name = str(_engine_name(value))
    try:
        columns: list[str] = [] if name == "polars" else list(value.columns)
    except Exception as error:  # a session that is lost, a view of what is gone
        raise InputError(
            f"the {name} table cannot be looked at: {one_line(error)}",
            fix="run the query by itself to see what is wrong with it",
        ) from error
    twice = next((one for one in columns if columns.count(one) > 1), None)
    if twice is not None:
        raise InputError(f"the {name} table has more than one column named {twice!r}", fix="rename or drop one")
    return LazyTable(source=source, name=name, _frame=nw.from_native(value), _keep=keep)
