"""What a rule about a column or a table as a whole found, where there is no single row to name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.schema.validation import Failure


def explained(failure: Failure, check: Any, rows: int, values: pd.Series | None) -> Failure:
    """Return a failure without rows with what was found, the limit, and the way out.

    Parameters
    ----------
    failure : Failure
        Of kind ``value``.
    check : pandera.Check
    rows : int
        How many the table has.
    values : pandas.Series or None
        Those of the column; None for a rule about the table.
    """
    from pytest_mlgate.tables.rules import not_constant, row_count

    function, told = getattr(check, "_check_fn", None), getattr(check, "statistics", None) or {}
    if function is row_count:
        return _rows(failure, rows, told["lowest"], told["highest"])
    if values is not None and function is not_constant:
        return _constant(failure, values.dropna(), told["rows"])
    if values is not None and check.name == "unique_values_eq":
        return _levels(failure, values.dropna(), told.get("values", ()))
    what = "table" if values is None else "column"
    return replace(
        failure,
        kind="whole",
        text=f"{failure.rule} answers no of the {what} as a whole",
        quoted="" if failure.stated == failure.rule else failure.stated,
        fix=f"It names no rows: ask it yourself what it sees of the {what}. Then mend the data, or the rule where it "
        "asks too much.",
    )


def _rows(failure: Failure, rows: int, lowest: int | None, highest: int | None) -> Failure:
    few = lowest is not None and rows < lowest
    limit = lowest if few else highest
    said = f"{rows} rows are {'fewer' if few else 'more'} than {limit}, the {'lowest' if few else 'highest'} number"
    return replace(
        failure,
        kind="rows",
        text=said,
        found=(float(rows), None if limit is None else float(limit)),
        fix="Find out what was lost or came twice; correct `rows` in the schema where the volume has changed.",
    )


def _constant(failure: Failure, values: pd.Series, rows: int) -> Failure:
    return replace(
        failure,
        kind="whole",
        text=f"all {len(values)} values are the same, and of {rows} or more two must differ",
        quoted=f"each is {values.iloc[0]}" if len(values) else "",
        found=(float(len(values)), float(rows)),
        fix="Find out which source stopped moving; take `not_constant` off where one value is legitimate, or raise its "
        "number.",
    )


def _levels(failure: Failure, values: pd.Series, wanted: Any) -> Failure:
    there, asked = set(values), set(wanted)
    parts = [
        f"{word} {', '.join(sorted(map(str, levels))[:10])}"
        for word, levels in (("lack", asked - there), ("have also", there - asked))
        if levels
    ]
    return replace(
        failure,
        kind="whole",
        text=f"{failure.rule} asks for other values than these",
        quoted=f"they {' and '.join(parts)}",
        fix="Mend the data, or list the values in the schema where they are legitimate.",
    )
