"""What is told of a rule that speaks of a column or a table as a whole and names no row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.schema.validation import Failure


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What was found of a column or a table, where a rule about it as a whole does not hold.

    Attributes
    ----------
    text : str
        What was found, and what is asked for.
    fix : str
        The way out.
    code : str
        The check's code.
    observed, limit : float or None
        As numbers, where there is one.
    """

    text: str
    fix: str
    code: str = "MLG206"
    observed: float | None = None
    limit: float | None = None


def found_as_a_whole(failure: Failure, frame: pd.DataFrame, where: str, *, hidden: bool) -> Found:
    """Return what is told of a failure without rows.

    Parameters
    ----------
    failure : Failure
    frame : pandas.DataFrame
        The table.
    where : str
        What the table, or its column, is called.
    hidden : bool
        Whether no value may be shown.
    """
    teller = _TELLERS.get(failure.own)
    if teller is not None:
        return teller(failure, frame, where, hidden)
    said = f": {failure.text}" if failure.text and not hidden else ""
    column = None if failure.column is None else _series(frame, failure.column)
    if column is None:
        text = f"{where}: {failure.rule} does not hold for its {len(frame)} rows as a whole{said}"
    else:
        text = f"{where}: {failure.rule} does not hold for the column as a whole{said}; {_summary(column, hidden)}"
    thing = "table" if column is None else "column"
    return Found(text=text, fix=f"the rule names no row: look at the {thing} as a whole; mend the data, or the rule")


def value_before(failure: Failure, position: int, frame: pd.DataFrame) -> Any:
    """Return the value before an offending one, but for those that are missing; None where a row is a label only."""
    row = failure.rows[position]
    column = _series(frame, str(failure.column))
    if column is None or not isinstance(row, int) or not 0 <= row < len(column):
        return None
    above = column.iloc[:row].dropna()
    return above.iloc[-1] if len(above) and column.iloc[row] == failure.values[position] else None


def _series(frame: pd.DataFrame, column: str) -> pd.Series[Any] | None:
    return next((frame[name] for name in frame.columns if str(name) == column), None)


def _summary(column: pd.Series[Any], hidden: bool) -> str:
    """How many values there are, and between which."""
    there = column.dropna()
    missing = len(column) - len(there)
    text = f"found {len(there)} values" + (f", {missing} more missing" if missing else "")
    if hidden or there.empty:
        return text
    try:
        return f"{text}, from {_shown(there.min())} to {_shown(there.max())}, {there.nunique()} different"
    except (TypeError, ValueError):  # values that have no order, or no hash
        return text


def _row_count(failure: Failure, frame: pd.DataFrame, where: str, hidden: bool) -> Found:
    low, high = failure.given["lowest"], failure.given["highest"]
    limit = low if low is not None and len(frame) < low else high
    return Found(
        text=f"{where} has {_many(len(frame), 'row')}, the schema asks for {_between(low, high)}",
        fix="find out what was lost or came twice; correct `rows` in the schema (in Python: `row_count`) where the "
        "volume has changed",
        code="MLG219",
        observed=float(len(frame)),
        limit=float(limit),
    )


def _not_constant(failure: Failure, frame: pd.DataFrame, where: str, hidden: bool) -> Found:
    column = _series(frame, str(failure.column))
    there = column.dropna() if column is not None else None
    count = 0 if there is None else len(there)
    value = "" if hidden or there is None or there.empty else f" ({_shown(there.iloc[0])})"
    least = failure.given["rows"]
    return Found(
        text=f"{where}: all {count} values are the same{value}, and {least} or more must not be",
        fix=f"find out what is stuck where the column is made; where one value is legitimate, raise "
        f"`not_constant: {least}` in the schema, or remove it",
        observed=1.0 if count else 0.0,
        limit=2.0,
    )


def _levels(failure: Failure, frame: pd.DataFrame, where: str, hidden: bool) -> Found:
    """Pandera's ``unique_values_eq``: neither one more value nor one less."""
    column = _series(frame, str(failure.column))
    there = set() if column is None else set(column.dropna())
    asked = set(failure.given["values"])
    parts = [
        f"{word} {', '.join(sorted(map(_shown, values))[:10])}"
        for word, values in (("without", asked - there), ("with", there - asked))
        if values
    ]
    text = f"{where}: its {len(there)} values are not the {len(asked)} of {failure.rule}"
    return Found(
        text=text if hidden or not parts else f"{text}: {' and '.join(parts)}",
        fix="mend the data; where the values are legitimate, list them in the schema",
    )


_TELLERS: Mapping[str, Callable[[Failure, Any, str, bool], Found]] = {
    "row_count": _row_count,
    "not_constant": _not_constant,
    "unique_values_eq": _levels,
}


def _between(low: int | None, high: int | None) -> str:
    if low == high:
        return f"exactly {low}"
    if low is None or high is None:
        return f"{low} at least" if high is None else f"{high} at most"
    return f"{low} to {high}"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _shown(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 60 else f"{text[:56]} ..."
