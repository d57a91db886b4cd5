"""What is handed to the search: whether rows differ, in one column and one way of asking."""

from __future__ import annotations

import math
from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.answers import SideError
from pytest_mlgate.gates.parity.comparison import compare, other_columns
from pytest_mlgate.gates.parity.patterns import AGAIN, PROCESS, WHOLE, Pattern, ask_by
from pytest_mlgate.gates.parity.search import Search, search

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pytest_mlgate.gates.parity.evidence import Sides

# Real rows asked about a known difference, and changed rows that shrink it.
_EXAMPLES = 500


def smallest_rows(
    rows: pd.DataFrame,
    column: str,
    pattern: Pattern,
    sides: Sides,
    *,
    contract: Any,
    seconds: float,
    seed: int,
    database: Path | None,
    key: str,
) -> Search | None:
    """Search for the smallest rows that show a difference which real rows have shown.

    None where a search makes no sense: what a service remembers changes with every question, and a second process is
    too slow to be asked hundreds of times.
    """
    if pattern.key in (AGAIN.key, PROCESS.key):
        return None
    with suppress(SideError):  # it hangs on a changed row; what real rows have shown is known
        return search(
            rows,
            lambda some: column in shown_by(some, pattern, sides),
            contract=contract,
            seconds=seconds,
            examples=_EXAMPLES,
            seed=seed,
            database=database,
            key=f"{key} {pattern.key} {column}",
        )
    return None


def changed_rows(
    rows: pd.DataFrame,
    sides: Sides,
    *,
    contract: Any,
    seconds: float,
    examples: int,
    seed: int,
    database: Path | None,
    key: str,
) -> Search:
    """Search for the smallest rows that differ, made of real ones that do not."""
    return search(
        rows,
        lambda some: bool(shown_by(some, WHOLE, sides, failures=counted(contract))),
        contract=contract,
        seconds=seconds,
        examples=examples,
        seed=seed,
        database=database,
        key=f"{key} changed",
    )


def shown_by(rows: pd.DataFrame, pattern: Pattern, sides: Sides, *, failures: Collection[str] = ()) -> tuple[str, ...]:
    """Return what rows show: columns that differ, or what ``serve`` does wrong; empty where nothing.

    Parameters
    ----------
    rows, pattern, sides
        What is asked, and how.
    failures : collection of str
        Kinds of :class:`SideError` of ``serve`` that count. A row that ``train`` does not take shows nothing.

    Raises
    ------
    SideError
        ``serve`` hangs: it cannot be asked any more, and the search must end.
    """
    try:
        expected = sides.expected(sides.train(rows.copy()))
        asked = ask_by(pattern, sides.serve, rows[list(sides.send)], seed=0, until=math.inf)
    except (SideError, InputError):  # a changed row that the candidate refuses, or that JSON cannot carry
        return ()
    hung = next((error for _, error in asked.failures if error.kind == "timeout"), None)
    if hung is not None:
        raise hung
    if asked.answer is None or asked.failures:
        kinds = {error.kind for _, error in asked.failures}
        return tuple(f"serve.{kind}" for kind in sorted(kinds & set(failures)))
    actual = sides.actual(asked.answer)
    others = other_columns(expected, actual)
    names = [] if others is None else [*others.missing, *others.unexpected]
    return (*names, *(one.name for one in compare(expected, actual, sides.tolerances)))


def counted(contract: Any) -> Collection[str]:
    """Return the failures of ``serve`` that count on a changed row.

    No row may be lost once it is taken. A service is free to refuse what nobody may ask about, with a status of 4xx;
    what it raises counts where a contract says that such rows may come.
    """
    return ("rows",) if contract is None else ("rows", "raised", "status", "content")
