"""Tables whose rows stay where they are, against a schema: each column by the least that answers for it.

What footers and one look at all values acquit is not read again. What is left is judged by pandera: rule by rule in
batches where each value stands for itself, of the repeated rows alone where values must not repeat, and else with the
column, or the table, in memory. So every failure is one that the same rows in memory would have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.schema.acquitted import doubtful
from pytest_mlgate.gates.schema.contracts import Bound, bind, loosen, stated
from pytest_mlgate.gates.schema.judging import (
    Task,
    are_strangers,
    concluded,
    judge,
    may_be_unasked,
    strangers,
    without_rows,
)
from pytest_mlgate.gates.schema.places import asked_here, failures_of_place
from pytest_mlgate.gates.schema.polars_tables import is_polars_schema
from pytest_mlgate.gates.schema.report import failed_check
from pytest_mlgate.gates.schema.validation import Failure, validate
from pytest_mlgate.tables.contract import TableSpec
from pytest_mlgate.tables.engines import MOST_CELLS, Engine, counted_twice, frame_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    from pytest_mlgate.tables.engines.summaries import Summary

CELLS = 1 << 22
"""Values of a frame that pandera is given at a time."""

_ONE_BY_ONE = {
    "equal_to",
    "not_equal_to",
    "greater_than",
    "greater_than_or_equal_to",
    "less_than",
    "less_than_or_equal_to",
    "in_range",
    "isin",
    "notin",
    "str_matches",
    "str_contains",
    "str_startswith",
    "str_endswith",
    "str_length",
}
"""Pandera's checks that ask of each value by itself."""

_PLAIN = ("float", "whole", "text", "timestamp")
"""Kinds that pandas carries in a dtype of their own, the same in each batch."""


def judge_engine(engine: Engine, task: Task) -> list[Check]:
    """Return the checks of a table whose rows stay where they are.

    Parameters
    ----------
    engine : Engine
    task : Task

    Raises
    ------
    InputError
        The table cannot be read, or the schema asks about the table as a whole and it is too large for that.
    """
    table = task.names[0]
    if not engine.rows:
        return [without_rows(table)]
    if not isinstance(task.contract, TableSpec) and _needs_the_table(task.contract):
        return judge(_frame(engine, table), None, task)
    names = columns_of(engine)
    schema = stated(task.contract)
    if are_strangers(schema, names):
        return [strangers(schema, names, task, rows=engine.rows)]
    spec = task.contract if isinstance(task.contract, TableSpec) else _spec_of(schema, engine)
    here = [column for column in spec.columns if column.name in names]
    left, known = doubtful(engine, here, task.place.skipped, _fitting(task.contract, schema, engine, here))
    if not left and isinstance(task.contract, TableSpec) and _has_its_columns(spec, names, task):
        waiting = [name for name in sorted(task.waits_for) if name not in names]
        if spec.rows is None or _within(engine.rows, spec.rows):
            return concluded([], task, schema, names, engine.rows, waiting, [])
    return _Judging(engine, task, names, known).checks(left)


def columns_of(engine: Engine) -> list[str]:
    """Return the columns of a table, without the nameless index that pandas writes beside them."""
    from pytest_mlgate.tables.parquet import NAMELESS_INDEX

    return [name for name in engine.types if not NAMELESS_INDEX.fullmatch(name)]


def _frame(engine: Engine, table: str) -> pd.DataFrame:
    from pytest_mlgate.tables.frames import as_frame

    return as_frame(frame_of(engine, name=table), name=table)


def _needs_the_table(schema: Any) -> bool:
    """Whether a pandera schema asks what single columns do not answer, or of another frame than pandas'."""
    from pytest_mlgate.tables.rules import own_rule

    if is_polars_schema(schema):
        return True
    said = ("coerce", "dtype", "parsers", "add_missing_columns")
    return (
        any(getattr(schema, name, None) for name in said)
        or schema.index is not None
        or schema.strict == "filter"
        or any(own_rule(check) != "row_count" for check in schema.checks or ())
        or any(column.regex for column in schema.columns.values())
        or any(not isinstance(name, str) for name in schema.columns)
        or any(check.groupby is not None for column in schema.columns.values() for check in column.checks or ())
    )


def _spec_of(schema: Any, engine: Engine) -> TableSpec:
    """The columns of a pandera schema that a contract has words for."""
    from pytest_mlgate.tables.contract_pandera import from_pandera

    spec, left = from_pandera(schema)
    unsaid = {name for name, _ in left}
    return replace(spec, columns=tuple(column for column in spec.columns if column.name not in unsaid))


def _fitting(contract: Any, schema: Any, engine: Engine, columns: Sequence[Any]) -> set[str]:
    """Return the columns of a pandera schema whose dtype is right where no value is missing."""
    if isinstance(contract, TableSpec):
        return set()
    names = [
        column.name
        for column in columns
        if engine.types[column.name].kind in _PLAIN and not engine.types[column.name].arrow.startswith("dictionary")
    ]
    wrong = {failure.column for failure in validate(_no_rows(engine, names), _dtypes_alone(schema, names))}
    return {name for name in names if name not in wrong}


def _dtypes_alone(schema: Any, names: Sequence[str]) -> Bound:
    import pandera.pandas as pa

    columns = {name: pa.Column(schema.columns[name].dtype, nullable=True) for name in names}
    return Bound(schema=pa.DataFrameSchema(columns))


def _no_rows(engine: Engine, names: Sequence[str]) -> pd.DataFrame:
    import pyarrow as pa

    fields = engine.arrow_schema
    return to_frame(pa.schema([fields.field(name) for name in names], metadata=fields.metadata).empty_table())


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Return rows as the reader of files returns them."""
    from pytest_mlgate.tables.reading import pandas_of

    return pandas_of("table", table)


def _has_its_columns(spec: TableSpec, names: Collection[str], task: Task) -> bool:
    required = {column.name for column in spec.columns if column.required} - task.waits_for | task.place.required
    extra = set(names) - {column.name for column in spec.columns}
    return (
        required <= set(names)
        and not (spec.strict and extra and "strict" not in task.place.skipped)
        and not spec.unique
        and not task.place.forbidden & set(names)
    )


def _within(rows: int, limits: tuple[int | None, int | None]) -> bool:
    low, high = limits
    return (low is None or low <= rows) and (high is None or rows <= high)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Part:
    """A failure, and the frame that says more of it: the rows it was found in, or one of as many."""

    failure: Failure
    frame: pd.DataFrame


class _Judging:
    """A table, what is asked of it, and what was found."""

    def __init__(self, engine: Engine, task: Task, names: list[str], known: dict[str, Summary]) -> None:
        import pandas as pd

        self.engine, self.task, self.names, self.known = engine, task, names, known
        self.bound = bind(task.contract, _no_rows(engine, names))
        self.waiting = loosen(self.bound, names, required=task.place.required, optional=task.waits_for)
        self.shape = pd.DataFrame(index=pd.RangeIndex(engine.rows))
        self.parts: list[_Part] = []
        self.empty: set[str] = set()
        self.unanswered: list[Check] = []

    def checks(self, left: Sequence[str]) -> list[Check]:
        """Return the table's checks, where all columns but ``left`` break no rule."""
        schema, task = self.bound.schema, self.task
        self._ask(self._columns_there())
        self._ask(self._rows_in_all())
        doubted = [name for name in schema.columns if name in self.names and self._in_doubt(name, left)]
        whole = [name for name in doubted if not self._one_by_one(name)]
        whole += self._by_batches([name for name in doubted if name not in whole])
        for name in whole:
            self._whole(name)
        self._unique([name for name in doubted if name not in whole and schema.columns[name].unique])
        order = {name: place for place, name in enumerate([None, *schema.columns])}
        found = sorted(self.parts, key=lambda part: order.get(part.failure.column, 0))
        table = task.names[0]
        checks = []
        for part in found:
            for failure in asked_here([part.failure], task.place):
                checks.append(failed_check(failure, table, part.frame, task.limit, task.facts, self.waiting))
        checks = [replace(check, n=self.engine.rows) for check in checks] + self.unanswered
        empty = [str(name) for name in may_be_unasked(schema, self.names) if name in self.empty]
        return concluded(checks, task, schema, self.names, self.engine.rows, self.waiting, empty)

    def _in_doubt(self, name: str, left: Sequence[str]) -> bool:
        return name in left or name not in self.known

    def _ask(self, failures: Sequence[Failure]) -> None:
        self.parts += [_Part(failure=failure, frame=self.shape) for failure in failures]

    def _columns_there(self) -> list[Failure]:
        """Columns that are missing, unknown or out of order."""
        import pandera.pandas as pa

        schema, here = self.bound.schema, _no_rows(self.engine, self.names)
        columns = {name: pa.Column(required=column.required, nullable=True) for name, column in schema.columns.items()}
        alone = pa.DataFrameSchema(columns, strict=schema.strict, ordered=schema.ordered)
        return [*failures_of_place(self.names, self.task.place, schema), *validate(here, Bound(schema=alone))]

    def _rows_in_all(self) -> list[Failure]:
        import pandera.pandas as pa

        return validate(self.shape, Bound(schema=pa.DataFrameSchema({}, self.bound.schema.checks)))

    def _one_by_one(self, name: str) -> bool:
        """Whether each value of a column is judged by itself, but for values that must not repeat."""
        from pandera.api.function_dispatch import Dispatcher

        column, type_ = self.bound.schema.columns[name], self.engine.types[name]
        if type_.kind not in _PLAIN or type_.arrow.startswith("dictionary"):
            return False
        if column.coerce or getattr(column, "parsers", None) or getattr(column, "default", None) is not None:
            return False
        spec = self.task.contract.columns if isinstance(self.task.contract, TableSpec) else ()
        if type_.kind == "float" and any(one.name == name and one.dtype == "integer" for one in spec):
            return False  # the column's kind is that of all its values
        return all(
            check.element_wise or (isinstance(check._check_fn, Dispatcher) and str(check._check_fn) in _ONE_BY_ONE)
            for check in column.checks or ()
        )

    def _schema_of(self, names: Sequence[str], frame: pd.DataFrame, *, unique: bool) -> Bound:
        """Return what is asked of some columns alone."""
        import copy

        import pandera.pandas as pa

        contract = self.task.contract
        if isinstance(contract, TableSpec):
            columns = tuple(
                replace(column, unique=column.unique and unique) for column in contract.columns if column.name in names
            )
            return bind(replace(contract, columns=columns, strict=False, unique=(), rows=None, places={}), frame)
        found = {}
        for name in names:
            # A shallow copy has the same attributes in pandera 0.24: the column itself would be changed.
            found[name] = copy.deepcopy(self.bound.schema.columns[name])
            found[name].unique = found[name].unique and unique
        return Bound(schema=pa.DataFrameSchema(found))

    def _whole(self, name: str) -> None:
        """Judge a column with all of its values in memory."""
        if self.engine.rows > MOST_CELLS:
            self.unanswered.append(self._too_large(name))
            return
        frame = to_frame(_read(self.engine, [name]))
        if frame[name].isna().all():
            self.empty.add(name)
        failures = validate(frame, self._schema_of([name], frame, unique=True))
        self.parts += [_Part(failure=failure, frame=frame) for failure in failures]

    def _too_large(self, name: str) -> Check:
        return Check(
            code="MLG208",
            subject=f"{self.task.names[0]}.{name}",
            outcome=Outcome.ERROR,
            message=f"{self.task.names[0]}.{name}: its rules need all {self.engine.rows:,} values at once, more than"
            f" the {MOST_CELLS:,} that are held in memory",
            fix="state them of each value (pandera's own checks, or `element_wise=True`), or judge a part of the rows",
            n=self.engine.rows,
        )

    def _by_batches(self, names: list[str]) -> list[str]:
        """Judge columns of which each value stands for itself, and return those that are left: of a wrong type.

        What pandera says of a type goes by all values of the column, and a batch without a value is of any type.
        """
        if not names:
            return []
        gathered: dict[tuple[str | None, str], Failure] = {}
        missing = dict.fromkeys(names, 0)
        with_nulls = self._whole_numbers_with_nulls(names)
        for start, frame in _frames(self.engine, names, with_nulls):
            for name in names:
                missing[name] += int(frame[name].isna().sum())
            for failure in validate(frame, self._schema_of(names, frame, unique=False)):
                _gather(gathered, failure, start, self.task.limit)
        self.empty |= {name for name, count in missing.items() if count == self.engine.rows}
        failures = list(gathered.values())
        mistyped = {failure.column for failure in failures if failure.kind == "dtype"}
        if self.engine.rows > MOST_CELLS:  # the type is wrong, and how it is told is all that batches may differ in
            self._ask([one for one in failures if not (one.kind == "raised" and one.column in mistyped)])
            return []
        self._ask([one for one in failures if one.column not in mistyped])
        return [name for name in names if name in mistyped]

    def _whole_numbers_with_nulls(self, names: Sequence[str]) -> set[str]:
        """Return the columns of whole numbers that pandas carries as floats, since a value is missing somewhere."""
        from pytest_mlgate.tables.engines.summaries import footer_summaries, full_summaries

        whole = [name for name in names if self.engine.types[name].kind == "whole"]
        known = {
            **footer_summaries(self.engine, whole),
            **{name: self.known[name] for name in whole if name in self.known},
        }
        known = {**known, **full_summaries(self.engine, {n: one for n, one in known.items() if one.missing is None})}
        return {name for name in whole if known[name].missing}

    def _unique(self, names: Sequence[str]) -> None:
        """Judge columns, and groups of them, whose values must not repeat, by the rows that may repeat."""
        import pandera.pandas as pa

        from pytest_mlgate.gates.schema.contracts import unique_groups

        schema = self.bound.schema
        groups: list[tuple[list[str], Any]] = []
        for named in unique_groups(schema):
            # Of a group that lacks a column pandera asks what is there; that one is missing is told beside.
            group = [name for name in named if name in self.names]
            columns = {name: pa.Column(nullable=True) for name in group}
            together = pa.DataFrameSchema(columns, unique=list(group), report_duplicates=schema.report_duplicates)
            groups.append(([str(name) for name in group], together))
        for name in names:
            column = pa.Column(nullable=True, unique=True, report_duplicates=schema.columns[name].report_duplicates)
            groups.append(([name], pa.DataFrameSchema({name: column})))
        for named, asked in groups:
            if named:
                places, frame = self._repeated(named)
                for failure in validate(frame, Bound(schema=asked)) if len(frame) else ():
                    rows = [places[row] for row in failure.rows] if isinstance(failure.rows, list) else failure.rows
                    self._ask([replace(failure, rows=rows)])

    def _repeated(self, names: Sequence[str]) -> tuple[Sequence[int], pd.DataFrame]:
        """Return the places and the rows of those that may agree with another one, since their hashes do.

        Rows that agree have one hash, so that no row that repeats is left out: 8 bytes a row find them.
        """
        import numpy as np
        import pandas as pd

        from pytest_mlgate.gates.schema.hashing import row_hashes

        if any(self.engine.types[name].kind == "other" for name in names):  # lists, which pandas may refuse to compare
            self._refuse_many(self.engine.rows, names)
            return range(self.engine.rows), to_frame(_read(self.engine, names))
        with_nulls = self._whole_numbers_with_nulls(names)
        hashes = np.concatenate([row_hashes(frame, names) for _, frame in _frames(self.engine, names, with_nulls)])
        ordered = np.sort(hashes)
        twice = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
        if not twice.size:
            return [], pd.DataFrame()
        asked = int(_among(hashes, twice).sum())
        self._refuse_many(asked, names)
        held, places = [], []
        for start, frame in _frames(self.engine, names, with_nulls):
            # By their hashes again, not by their places: an engine may give the same rows in another order.
            inside = np.flatnonzero(_among(row_hashes(frame, names), twice))
            held.append(frame.iloc[inside])
            places.append(start + inside)
        found = np.concatenate(places)
        if found.size != asked:
            raise counted_twice(f"table {self.task.names[0]!r}", f" ({asked} and {found.size} rows that may repeat)")
        return found.tolist(), pd.concat(held, ignore_index=True)

    def _refuse_many(self, rows: int, names: Sequence[str]) -> None:
        if rows * len(names) > MOST_CELLS:
            raise InputError(
                f"table {self.task.names[0]!r}: {rows:,} rows may repeat in {', '.join(names)}, more than are held in"
                " memory",
                fix="find out why so many do, or judge a part of the rows",
            )


def _among(hashes: NDArray[np.uint64], some: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which hashes are among some, which are sorted."""
    import numpy as np

    return np.asarray(some[np.minimum(some.searchsorted(hashes), some.size - 1)] == hashes)


def _gather(gathered: dict[tuple[str | None, str], Failure], failure: Failure, start: int, limit: int) -> None:
    """Add what a batch has to what those before it had: the first rows, and how many there are."""
    key = (failure.column, failure.rule)
    before = gathered.get(key)
    if isinstance(failure.rows, list):
        count, rows = len(failure.rows), [start + row for row in failure.rows[:limit]]
        failure = replace(failure, rows=rows, values=failure.values[:limit], count=count)
    if before is None or (failure.kind == "raised" and before.kind != "raised"):
        gathered[key] = failure  # a check that cannot be asked of all values has no answer for any
    elif before.count is not None and failure.count is not None:
        gathered[key] = replace(
            before,
            rows=[*before.rows, *failure.rows][:limit],
            values=(*before.values, *failure.values)[:limit],
            count=before.count + failure.count,
        )


def _read(engine: Engine, names: Sequence[str]) -> pa.Table:
    import pyarrow as pa

    fields = engine.arrow_schema
    schema = pa.schema([fields.field(name) for name in names], metadata=fields.metadata)
    batches = list(engine.batches(names))
    if not batches:
        return schema.empty_table()
    return pa.Table.from_batches(batches).replace_schema_metadata(fields.metadata)


def _frames(engine: Engine, names: Sequence[str], with_nulls: Collection[str]) -> Iterator[tuple[int, pd.DataFrame]]:
    """Yield frames of some columns with the place of their first row, of the dtypes that the whole frame would have."""
    import pandas as pd
    import pyarrow as pa

    most = max(1, CELLS // len(names))
    start, rows = 0, 0
    held: list[pa.RecordBatch] = []

    def made() -> pd.DataFrame:
        frame = to_frame(pa.Table.from_batches(held).replace_schema_metadata(engine.arrow_schema.metadata))
        plain = [name for name in with_nulls if not pd.api.types.is_extension_array_dtype(frame[name].dtype)]
        return frame.astype(dict.fromkeys(plain, "float64")) if plain else frame

    for batch in engine.batches(names):
        held.append(batch)
        rows += len(batch)
        if rows >= most:
            yield start, made()
            start, held, rows = start + rows, [], 0
    if held:
        yield start, made()
