"""The ways in which ``serve`` is asked about the same rows: no single one shows every kind of skew.

Each pattern is a function from a way to ask and some rows to what came back, in the order of the rows. ``train`` is
always asked about all rows at once, as it is when a model is fitted.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.gates.parity.answers import Answer, SideError, join, take
from pytest_mlgate.gates.parity.sides import Ask

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

BATCH = 7
"""Rows of a small batch: few enough that a statistic of the batch is not that of all rows, and more than one."""
_AT_LEAST = 3
"""Calls that are made even where the time is up: an answer about no row would say nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """One way of asking.

    Attributes
    ----------
    name : str
        As messages say it: ``one by one``.
    key : str
        As details name it: ``one_by_one``.
    calls : callable
        From the number of rows and a random generator to the positions of each call's rows.
    prepare : callable or None
        What is done to the rows of a call before.
    code : str
        The code of a column that differs in this pattern, and not when all rows are asked at once.
    """

    name: str
    key: str
    code: str
    calls: Callable[[int, np.random.Generator], Iterator[NDArray[np.intp]]]
    prepare: Callable[[pd.DataFrame], pd.DataFrame] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What a pattern brought.

    Attributes
    ----------
    pattern : Pattern
    positions : ndarray of int
        Rows that were answered, ascending.
    answer : Answer or None
        Theirs, in that order; None where no call was answered.
    failures : tuple of (ndarray of int, SideError)
        Rows of each call that was not answered, and why.
    complete : bool
        Whether the time sufficed for all rows.
    changed : tuple of str
        What the side did to the rows it was given: see :func:`changed_columns`.
    """

    pattern: Pattern
    positions: NDArray[np.intp]
    answer: Answer | None
    failures: tuple[tuple[NDArray[np.intp], SideError], ...]
    complete: bool
    changed: tuple[str, ...]


def _whole(rows: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    import numpy as np

    yield np.arange(rows)


def _batches(rows: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    import numpy as np

    order = np.arange(rows)
    yield from (order[start : start + BATCH] for start in range(0, rows, BATCH))


def _one_by_one(rows: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    # In random order: where the time is not enough for all, no part of the table is left out on purpose.
    yield from rng.permutation(rows)[:, None]


def _shuffled(rows: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    yield rng.permutation(rows)


def _backwards(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.loc[:, rows.columns[::-1]]


WHOLE = Pattern(name="all at once", key="whole", code="MLG302", calls=_whole)
AGAIN = Pattern(name="a second time", key="again", code="MLG304", calls=_whole)
ONE_BY_ONE = Pattern(name="one by one", key="one_by_one", code="MLG305", calls=_one_by_one)
BATCHES = Pattern(name=f"in batches of {BATCH}", key="batches", code="MLG305", calls=_batches)
SHUFFLED = Pattern(name="shuffled", key="shuffled", code="MLG306", calls=_shuffled)
COLUMNS = Pattern(
    name="with the columns in another order", key="columns", code="MLG307", calls=_whole, prepare=_backwards
)
PROCESS = Pattern(name="in a second process", key="process", code="MLG308", calls=_whole)

#: In the order of what explains what: state between calls also shows one by one, and a row's company when shuffled.
PATTERNS = (WHOLE, AGAIN, ONE_BY_ONE, BATCHES, SHUFFLED, COLUMNS, PROCESS)


def ask_by(pattern: Pattern, ask: Ask, rows: pd.DataFrame, *, seed: int, until: float) -> Asked:
    """Ask a side about rows in the way of a pattern.

    Parameters
    ----------
    pattern : Pattern
    ask : callable
    rows : DataFrame
        Never changed.
    seed : int
    until : float
        Reading of ``time.monotonic`` after which no further call is made, but for the first few.
    """
    import numpy as np

    positions: list[NDArray[np.intp]] = []
    answers: list[Answer] = []
    failures: list[tuple[NDArray[np.intp], SideError]] = []
    changed: set[str] = set()
    complete = True
    for number, chosen in enumerate(pattern.calls(len(rows), np.random.default_rng(seed))):
        if _hangs(failures) or (number >= _AT_LEAST and time.monotonic() > until):
            complete = False
            break
        some = rows.iloc[chosen].reset_index(drop=True)
        try:
            answer, touched = changed_columns(ask, some if pattern.prepare is None else pattern.prepare(some))
        except SideError as error:
            failures.append((chosen, error))
            continue
        changed.update(touched)
        answers.append(answer)
        positions.append(chosen)
    asked = np.concatenate(positions) if positions else np.array([], dtype=int)
    order = np.argsort(asked, kind="stable")
    return Asked(
        pattern=pattern,
        positions=asked[order],
        answer=take(join(answers), order) if answers else None,
        failures=tuple(failures),
        complete=complete,
        changed=tuple(sorted(changed)),
    )


def _hangs(failures: list[tuple[NDArray[np.intp], SideError]]) -> bool:
    return bool(failures) and failures[-1][1].kind == "timeout"


def changed_columns(ask: Ask, rows: pd.DataFrame) -> tuple[Answer, tuple[str, ...]]:
    """Ask about all rows at once; return the answer, and what the side did to the rows it was given.

    Returns
    -------
    tuple of (Answer, tuple of str)
        Columns that it changed, added or removed; ``rows`` stands for rows that it removed, added or moved.
    """
    given = rows.copy()
    answer = ask(given)
    if not given.index.equals(rows.index):
        return answer, ("rows",)
    both = [name for name in rows.columns if name in given.columns]
    changed = {name for name in both if not given[name].equals(rows[name])}
    moved = changed | (set(map(str, rows.columns)) ^ set(map(str, given.columns)))
    return answer, tuple(sorted(map(str, moved)))


def smallest_failing(ask: Ask, rows: pd.DataFrame, positions: NDArray[np.intp], error: SideError) -> NDArray[np.intp]:
    """Return the fewest of some rows, by halving, on which a side still fails in the same way."""

    def fails(some: NDArray[np.intp]) -> bool:
        try:
            ask(rows.iloc[some].reset_index(drop=True))
        except SideError as found:
            # How many rows came back is part of the message.
            return found.kind == error.kind and (found.kind == "rows" or found.message == error.message)
        return False

    while len(positions) > 1:
        middle = len(positions) // 2
        half = next((part for part in (positions[:middle], positions[middle:]) if fails(part)), None)
        if half is None:
            break
        positions = half
    return positions


def words(patterns: Sequence[Pattern]) -> str:
    """Return the names of patterns as part of a sentence."""
    names = [pattern.name for pattern in patterns]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
