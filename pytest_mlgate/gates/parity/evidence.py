"""Both sides asked about the rows of one table, in every way, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.answers import Answer, SideError, take, without
from pytest_mlgate.gates.parity.comparison import (
    Difference,
    OtherColumns,
    Tolerances,
    compare,
    moved_rows,
    other_columns,
)
from pytest_mlgate.gates.parity.patterns import (
    AGAIN,
    BATCHES,
    COLUMNS,
    ONE_BY_ONE,
    PROCESS,
    SHUFFLED,
    WHOLE,
    Asked,
    Pattern,
    ask_by,
    changed_columns,
    smallest_failing,
)
from pytest_mlgate.gates.parity.sides import Ask

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Failure:
    """A side that gave no answer.

    Attributes
    ----------
    side : {"train", "serve"}
    pattern : Pattern
    error : SideError
    calls : int
        How many calls failed in this way.
    row : int or None
        A row of the table on which it fails alone; None where it takes several, or was not looked for.
    """

    side: str
    pattern: Pattern
    error: SideError
    calls: int
    row: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What one pattern showed of one table.

    Attributes
    ----------
    pattern : Pattern
    asked : int
        Rows that were answered.
    complete : bool
        Whether the time sufficed for all rows.
    differences : tuple of Difference
        ``rows`` and ``first`` count in the rows of the table.
    others : OtherColumns or None
    moved : tuple of int
        Rows of the table whose answer stands elsewhere, where all of them are there and only their order is another.
    """

    pattern: Pattern
    asked: int
    complete: bool
    differences: tuple[Difference, ...]
    others: OtherColumns | None
    moved: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """All that is known of one table.

    Attributes
    ----------
    table : str
    rows : DataFrame
        Those that were asked, with their place in the table as index.
    columns : tuple of str
        Columns that were compared.
    found : tuple of Found
    failures : tuple of Failure
    changed : Mapping of str to tuple of str
        What a side did to the rows it was given, by side.
    unstable : tuple of Difference
        Columns in which training differs from itself.
    seconds : float
        How many were allowed.
    seed : int
        Of the orders in which rows were asked.
    """

    table: str
    rows: pd.DataFrame
    columns: tuple[str, ...] = ()
    found: tuple[Found, ...] = ()
    failures: tuple[Failure, ...] = ()
    changed: Mapping[str, tuple[str, ...]]
    unstable: tuple[Difference, ...] = ()
    seconds: float = 0.0
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Sides:
    """How both sides are asked, and what is compared.

    Attributes
    ----------
    train, serve : callable
        From rows to an answer; ``train`` is given all columns, ``serve`` those of ``send``.
    elsewhere : callable or None
        ``serve`` in a second process, where it can be found there.
    send, exclude : tuple of str
    target : str or None
    tolerances : Tolerances
    """

    train: Ask
    serve: Ask
    elsewhere: Ask | None
    send: tuple[str, ...]
    exclude: tuple[str, ...]
    target: str | None
    tolerances: Tolerances

    def expected(self, answer: Answer) -> Answer:
        """Return what ``serve`` has to answer: all that ``train`` did but the label and what is excluded."""
        aside = self.exclude if self.target is None else (*self.exclude, self.target)
        return without(answer, aside) if answer.named else answer

    def actual(self, answer: Answer) -> Answer:
        """Return what is compared of ``serve``'s answer."""
        return without(answer, self.exclude) if answer.named else answer


def gather(table: str, rows: pd.DataFrame, sides: Sides, *, seconds: float, seed: int) -> Evidence:
    """Ask both sides about some rows of a table in every way.

    Parameters
    ----------
    table : str
    rows : DataFrame
        With their place in the table as index.
    sides : Sides
    seconds : float
        For the patterns that make many calls.
    seed : int
        Of the orders in which rows are asked.
    """
    raw = rows.reset_index(drop=True)
    try:
        answer, changed = changed_columns(sides.train, raw)
        expected = sides.expected(answer)
        again = sides.expected(sides.train(raw.copy()))
    except SideError as error:
        return Evidence(table=table, rows=rows, changed={}, failures=(_failed("train", WHOLE, error, sides, rows),))
    changes = {"train": changed} if changed else {}
    unstable = compare(expected, again, sides.tolerances)
    if unstable:
        return Evidence(table=table, rows=rows, changed=changes, unstable=_in_table(unstable, rows))
    if not expected.columns:
        raise InputError("parity: no column is left to compare", fix="take a name out of `exclude`")
    sent = raw[list(sides.send)]
    asked = _ask_all(sides, sent, seconds=seconds, seed=seed)
    _refuse_unknown(sides, [answer, *(one.answer for one in asked if one.answer is not None)])
    if touched := sorted({name for one in asked for name in one.changed}):
        changes["serve"] = tuple(touched)
    return Evidence(
        table=table,
        rows=rows,
        columns=tuple(expected.columns),
        found=tuple(_compared(one, expected, sides, rows) for one in asked),
        failures=tuple(_failures(asked, sides, rows)),
        changed=changes,
        seconds=seconds,
        seed=seed,
    )


def _ask_all(sides: Sides, sent: pd.DataFrame, *, seconds: float, seed: int) -> Sequence[Asked]:
    asked: list[Asked] = []
    started = time.monotonic()
    # One by one takes longest, and so comes last; what is seen in which order does not matter, but for the first two.
    for pattern in (WHOLE, AGAIN, BATCHES, SHUFFLED, COLUMNS, ONE_BY_ONE):
        until = started + (seconds if pattern.key == ONE_BY_ONE.key else seconds / 2)
        asked.append(ask_by(pattern, sides.serve, sent, seed=seed, until=until))
        if any(error.kind == "timeout" for _, error in asked[-1].failures):
            return asked  # it hangs, and would again
    if sides.elsewhere is not None:
        asked.append(ask_by(PROCESS, sides.elsewhere, sent, seed=seed, until=started))
    return asked


def _refuse_unknown(sides: Sides, answers: Sequence[Answer]) -> None:
    """Refuse settings of a column that neither side answers with: a slip of the pen would excuse nothing."""
    import difflib

    known = sorted({name for answer in answers for name in answer.columns})
    if not all(answer.named for answer in answers):
        return
    for key, names in (("exclude", sides.exclude), ("columns", tuple(sides.tolerances.columns))):
        for name in names:
            near = difflib.get_close_matches(name, known, n=1)
            # to leave out what is not there does no harm, unless something else was meant
            if name not in known and name != sides.target and (near or key == "columns"):
                hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known[:10])}"
                raise InputError(f"parity: `{key}` names {name!r}, which neither side answers with", fix=hint)


def _compared(asked: Asked, expected: Answer, sides: Sides, rows: pd.DataFrame) -> Found:
    differences: list[Difference] = []
    others = moved = None
    if asked.answer is not None:
        actual, due = sides.actual(asked.answer), take(expected, asked.positions)
        others = other_columns(due, actual)
        differences = compare(due, actual, sides.tolerances)
        if differences and asked.pattern.key == WHOLE.key:
            moved = moved_rows(due, actual, sides.tolerances)
    return Found(
        pattern=asked.pattern,
        asked=len(asked.positions),
        complete=asked.complete,
        differences=_in_table(differences, rows.iloc[asked.positions]),
        others=others,
        moved=() if moved is None else tuple(int(row) for row in rows.index[asked.positions[moved]]),
    )


def _in_table(differences: Sequence[Difference], rows: pd.DataFrame) -> tuple[Difference, ...]:
    """Count rows as the table does, not as the sample does."""
    from dataclasses import replace

    places: NDArray[np.intp] = rows.index.to_numpy()
    return tuple(
        replace(one, rows=places[one.rows], first=tuple((int(places[row]), a, b) for row, a, b in one.first))
        for one in differences
    )


def _failures(asked: Sequence[Asked], sides: Sides, rows: pd.DataFrame) -> list[Failure]:
    found = []
    for one in asked:
        kinds = dict.fromkeys(error.kind for _, error in one.failures)
        for kind in kinds:
            failed = [(positions, error) for positions, error in one.failures if error.kind == kind]
            positions, error = failed[0]
            found.append(_failed("serve", one.pattern, error, sides, rows, positions, calls=len(failed)))
    return found


def _failed(
    side: str,
    pattern: Pattern,
    error: SideError,
    sides: Sides,
    rows: pd.DataFrame,
    positions: NDArray[np.intp] | None = None,
    *,
    calls: int = 1,
) -> Failure:
    import numpy as np

    raw = rows.reset_index(drop=True)
    positions = np.arange(len(rows)) if positions is None else positions
    if error.kind != "timeout" and pattern.key != PROCESS.key:
        if side == "train":
            positions = smallest_failing(sides.train, raw, positions, error)
        else:
            positions = smallest_failing(sides.serve, raw[list(sides.send)], positions, error)
    row = int(rows.index[positions[0]]) if len(positions) == 1 else None
    return Failure(side=side, pattern=pattern, error=error, calls=calls, row=row)
