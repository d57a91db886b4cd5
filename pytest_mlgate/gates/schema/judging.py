"""One table against one schema in one place: its checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.base import Facts
from pytest_mlgate.gates.schema.codes import FIX
from pytest_mlgate.gates.schema.contracts import bind, loosen
from pytest_mlgate.gates.schema.places import asked_here, check_volume, failures_of_place
from pytest_mlgate.gates.schema.polars_tables import as_polars, is_polars_schema
from pytest_mlgate.gates.schema.report import failed_check
from pytest_mlgate.gates.schema.validation import ALL_ROWS, Failure, validate
from pytest_mlgate.tables.places import PREDICTIONS, Place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import pandas as pd

UNLABELLED = ("current", "serving", PREDICTIONS)
"""Tables whose labels may not be there yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """One table, under all its names, and what is asked of it."""

    names: tuple[str, ...]
    contract: Any
    called: str
    place: Place
    limit: int
    facts: Facts

    @property
    def waits_for(self) -> frozenset[str]:
        """Columns that may be absent."""
        unlabelled = self.facts.target is not None and all(name in UNLABELLED for name in self.names)
        late = {self.facts.target} - self.place.required if unlabelled else set()
        return self.place.optional | {name for name in late if name is not None}


def judge(frame: pd.DataFrame, native: Any, task: Task) -> list[Check]:
    """Return the checks of a table in memory.

    Parameters
    ----------
    frame : pandas.DataFrame
    native : polars.DataFrame or None
        The same rows as they were given, where that was polars.
    task : Task
    """
    table = task.names[0]
    if not len(frame):
        return [without_rows(table)]
    twice = list(dict.fromkeys(str(name) for name in frame.columns[frame.columns.duplicated()]))
    doubled = [Failure(kind="unexpected", column=name, rule="unique_column_names", rows=ALL_ROWS) for name in twice]
    frame = frame.loc[:, ~frame.columns.duplicated()] if twice else frame
    bound = bind(task.contract, frame)
    if are_strangers(bound.schema, frame.columns):
        return [strangers(bound.schema, frame.columns, task, rows=len(frame))]
    waiting = loosen(bound, frame.columns, required=task.place.required, optional=task.waits_for)
    if not is_polars_schema(bound.schema):
        native = None
    elif native is None:
        native = as_polars(frame, table)
    failures = failures_of_place(frame.columns, task.place, bound.schema) + validate(frame, bound, native)
    failures = doubled + asked_here(failures, task.place)
    checks = [failed_check(failure, table, frame, task.limit, task.facts, waiting) for failure in failures]
    empty = [str(name) for name in may_be_unasked(bound.schema, frame.columns) if frame[name].isna().all()]
    return concluded(checks, task, bound.schema, frame.columns, len(frame), waiting, empty)


def concluded(
    checks: Iterable[Check],
    task: Task,
    schema: Any,
    columns: Iterable[Any],
    rows: int,
    waiting: Collection[str],
    empty: Iterable[str],
) -> list[Check]:
    """Return a table's checks with what goes beyond single rules: its volume, what was not asked, that it fits.

    Parameters
    ----------
    checks : iterable of Check
        Of the rules that do not hold.
    task : Task
    schema : pandera.DataFrameSchema
    columns : iterable of str
        Of the table.
    rows : int
    waiting : collection of str
        Columns that are absent and may be.
    empty : iterable of str
        Columns whose checks have seen no value.
    """
    found = [*checks, *check_volume(task.names[0], rows, task.place)]
    found += [_saw_nothing(task.names[0], name, rows) for name in empty]
    if all(check.outcome is Outcome.SKIP for check in found):
        found.insert(0, _fits([str(name) for name in columns], rows, schema, task, waiting))
    return found


def _fits(columns: list[str], rows: int, schema: Any, task: Task, waiting: Collection[str]) -> Check:
    names, unasked = task.names, sorted(task.place.skipped)
    message = f"{rows} rows, {len(columns)} columns fit the schema"
    if len(names) > 1:
        message += f" (the same table is {', '.join(names[1:])})"
    absent = [name for name in waiting if name in schema.columns]
    if absent:
        message += f"; {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not there yet, which may be"
    message += f"; not asked here: {_short(unasked)}" if unasked else ""
    details = {"columns": columns, "also": list(names[1:]), "not_asked": unasked}
    return Check(
        code="MLG201",
        subject=names[0],
        outcome=Outcome.PASS,
        message=message,
        observed=0.0,
        limit=0.0,
        n=rows,
        details=details,
    )


def not_judged(table: str, message: str, fix: str, *, n: int | None) -> Check:
    """Return the check of a table that could not be judged."""
    fix = fix or FIX["MLG209"]
    return Check(code="MLG209", subject=table, outcome=Outcome.ERROR, message=message, fix=fix, n=n)


def without_rows(table: str) -> Check:
    """Return the check of a table without rows."""
    return not_judged(table, f"{table} has no rows", "give a table with rows", n=0)


def are_strangers(schema: Any, columns: Iterable[Any]) -> bool:
    """Whether the schema and the table have no column in common."""
    import re

    there = list(columns)
    return bool(schema.columns) and not any(
        key in there or (column.regex and any(re.match(str(key), str(name)) for name in there))
        for key, column in schema.columns.items()
    )


def strangers(schema: Any, columns: Iterable[Any], task: Task, *, rows: int) -> Check:
    """Return the check of a table that has no column of the schema."""
    table, has, asks = task.names[0], _short(map(str, columns)), _short(map(str, schema.columns))
    message = f"{table} has no column of {task.called}: {table} has {has}; the schema asks for {asks}"
    return not_judged(table, message, "", n=rows)


def _short(names: Iterable[str]) -> str:
    listed = list(names)
    return ", ".join(listed[:6]) + (f", ... ({len(listed)})" if len(listed) > 6 else "")


def may_be_unasked(schema: Any, columns: Iterable[Any]) -> list[Any]:
    """Return the columns whose checks pass where they have no value to look at."""
    there = set(columns)
    return [name for name, column in schema.columns.items() if name in there and column.nullable and column.checks]


def _saw_nothing(table: str, name: str, rows: int) -> Check:
    return Check(
        code="MLG208",
        subject=f"{table}.{name}",
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.WARN,
        message=f"{table}.{name}: all {rows} values are missing, so its checks have seen none",
        fix="find out why the column is empty; remove it from the schema if it is not used",
        n=rows,
    )
