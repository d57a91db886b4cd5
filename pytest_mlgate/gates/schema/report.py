"""A failure of a table as a check: its numbers, its first rows, and one sentence that says it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.schema.codes import CODE_OF, FIX
from pytest_mlgate.gates.schema.validation import ALL_ROWS, Failure
from pytest_mlgate.gates.schema.whole import found_as_a_whole, value_before

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.base import Facts


_SORT = (
    "find out what put the rows out of order, or sort them where the table is made; remove `not_decreasing` from the "
    "schema where the order is not promised"
)


def failed_check(
    failure: Failure, table: str, frame: pd.DataFrame, limit: int, facts: Facts, waiting: Collection[str]
) -> Check:
    """Return the check of one failure.

    Parameters
    ----------
    failure : Failure
    table : str
        The table's name.
    frame : pandas.DataFrame
        The table.
    limit : int
        How many rows to name.
    facts : Facts
        Whose ``sensitive`` columns show no values.
    waiting : collection of str
        Columns that are absent and may be.
    """
    where = table if failure.column is None else f"{table}.{failure.column}"
    code = CODE_OF[failure.kind]
    common: dict[str, Any] = {"code": code, "subject": f"{where}.{failure.rule}", "n": len(frame)}
    hidden = failure.column in facts.sensitive if failure.column is not None else bool(facts.sensitive)
    if failure.kind == "raised":
        needed = next((name for name in waiting if _asks_for(name, failure.text)), None)
        if needed is not None:
            return Check(
                **common,
                outcome=Outcome.SKIP,
                severity=Severity.NOTE,
                message=f"{where}: {failure.rule} needs {needed}, which is not there yet",
            )
        text = failure.text.split("(", 1)[0].split(":", 1)[0] if hidden else _cut(failure.text, 300)
        message = f"{where}: {failure.rule} raised {text}"
        return Check(**common, outcome=Outcome.ERROR, message=message, fix=FIX[code])
    count = _count(failure, frame)
    if count is None:
        return _whole_check(failure, frame, where, common, hidden)
    if hidden and failure.kind == "dtype":  # a dtype of categories lists them
        failure = replace(failure, text=re.sub(r"\(.*\)", "", failure.text, flags=re.DOTALL))
    examples = _examples(failure, frame, limit, hidden)
    return Check(
        **common,
        outcome=Outcome.FAIL,
        severity=Severity.WARN if failure.warned else Severity.BLOCK,
        message=_message(failure, where, table, len(frame), count, examples, hidden),
        fix=_SORT if failure.own == "not_decreasing" else FIX[code],
        observed=count / len(frame),
        limit=0.0,
        details={"column": failure.column, "rule": failure.rule, "failure_count": count, "rows": examples},
    )


def _whole_check(failure: Failure, frame: pd.DataFrame, where: str, common: dict[str, Any], hidden: bool) -> Check:
    found = found_as_a_whole(failure, frame, where, hidden=hidden)
    return Check(
        **{**common, "code": found.code},
        outcome=Outcome.FAIL,
        severity=Severity.WARN if failure.warned else Severity.BLOCK,
        message=found.text,
        fix=found.fix,
        observed=found.observed,
        limit=found.limit,
        details={"column": failure.column, "rule": failure.rule, "failure_count": None, "rows": []},
    )


def _asks_for(name: str, text: str) -> bool:
    """Whether an exception says that a column of this name was looked for in vain."""
    return ("KeyError" in text or "ColumnNotFoundError" in text) and name in text


def _count(failure: Failure, frame: pd.DataFrame) -> int | None:
    if failure.rows is None or failure.count is not None:
        return failure.count
    return len(frame) if failure.rows is ALL_ROWS else min(len(failure.rows), len(frame))


def _examples(failure: Failure, frame: pd.DataFrame, limit: int, hidden: bool) -> list[dict[str, Any]]:
    """The first offending rows: position, the index's own label where it says more, and the value."""
    import pandas as pd

    if failure.rows is None or failure.rows is ALL_ROWS:
        return []
    plain_index = isinstance(frame.index, pd.RangeIndex) or hidden
    examples: list[dict[str, Any]] = []
    for position, row in enumerate(failure.rows[:limit]):
        example: dict[str, Any] = {"row": row}
        if not plain_index and isinstance(row, int) and 0 <= row < len(frame):
            example["index"] = _cut(str(frame.index[row]), 60)
        if failure.values and not hidden and failure.kind != "nullable":
            example["value"] = _shown(failure.values[position])
            before = value_before(failure, position, frame) if failure.own == "not_decreasing" else None
            example |= {} if before is None else {"before": _shown(before)}
        examples.append(example)
    return examples


def _shown(value: Any) -> Any:
    if isinstance(value, bool | int | float) or hasattr(value, "item"):
        return value
    return _cut(str(value), 60)


def _printed(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 4] + " ..."


def _message(
    failure: Failure, where: str, table: str, n: int, count: int, examples: list[dict[str, Any]], hidden: bool
) -> str:
    if failure.kind == "missing" and failure.text:
        return f"{table} has no column that matches the {failure.text} {failure.column}, which the schema requires"
    if failure.kind == "missing":
        return f"{table} has no column {failure.column}, which the schema requires"
    if failure.kind == "unexpected" and failure.rule == "strict":
        return f"{table} has a column {failure.column}, which the schema does not know"
    if failure.kind == "unexpected" and failure.rule == "forbidden":
        return f"{table} has the column {failure.column}, which is forbidden there"
    if failure.kind == "unexpected":
        return f"{table} has the column {failure.column} more than once"
    if failure.kind == "order":
        told = f"{where} is not where the schema's order of columns puts it"
        return f"{told}: {failure.text}" if failure.text else told
    if failure.kind == "dtype" and failure.rows is ALL_ROWS:
        return f"{where} {failure.text} (all {n} rows)"
    said = {"nullable": "are missing", "unique": "come more than once", "dtype": failure.text}
    said |= {"value": "are below the one before (not_decreasing)"} if failure.own == "not_decreasing" else {}
    what = said.get(failure.kind, f"break {failure.rule if hidden else failure.stated or failure.rule}")
    things = "rows" if failure.column is None else "values"
    text = f"{where}: {count} of {n} {things} ({count / n:.2%}) {what}"
    return f"{text}; {_listed(examples, count, hidden)}" if examples else text


def _listed(examples: list[dict[str, Any]], count: int, hidden: bool) -> str:
    shown = []
    for example in examples:
        label = f" ({example['index']})" if "index" in example else ""
        value = f": {_printed(example['value'])}" if "value" in example else ""
        before = f" after {_printed(example['before'])}" if "before" in example else ""
        shown.append(f"row {example['row']}{label}{value}{before}")
    more = ", ..." if count > len(examples) else ""
    return ("values hidden (sensitive), " if hidden else "") + ", ".join(shown) + more
