"""The search for the smallest row that differs: real rows first, then real rows changed toward the boundaries.

The strategies are built from our own facts of each column and the real rows. A schema's own strategy would invent rows
and filter them; here every row starts as a real one, so that it is one which might be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.asking import Asker, Spent
from pytest_mlgate.gates.parity.choosing import choose_rows
from pytest_mlgate.gates.parity.facts import TableFacts, allows_rows, facts_of
from pytest_mlgate.gates.parity.keeping import keep, recall
from pytest_mlgate.gates.parity.regression import as_regression_test
from pytest_mlgate.gates.parity.shrinking import shrink, telling_cells
from pytest_mlgate.gates.parity.values import typicality, values_to_try, with_values

if TYPE_CHECKING:
    import pandas as pd
    from hypothesis.strategies import SearchStrategy

__all__ = ["Found", "as_regression_test", "choose_rows", "facts_of", "find_smallest"]

# Real rows that mutated ones are made of: half of them the most typical, half the least.
_POOL = 256
# Rows of one mutated batch, and cells changed in one row: one of the four, each as likely.
_ROWS = (1, 1, 2, 4)
_EDITS = (1, 0, 1, 3)
# The first candidate values of a column are the likeliest to matter, and are drawn half of the time.
_FIRST = 8
# Rows that are asked together, each with one changed cell.
_BATCH = 16
# Until when each part of the search may ask, as a share of the time; the rest is for shrinking.
_REAL_SHARE, _COLUMN_SHARE, _MANY_SHARE, _SEARCH_SHARE = 0.25, 0.45, 0.55, 0.7

# One mutated row: the position of its real row, whether it repeats the row before it instead, and the cells that
# change, as numbers of a column and of its candidate values.
_Row = tuple[int, bool, list[tuple[int, int]]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """The smallest rows that differ.

    Attributes
    ----------
    rows : DataFrame
        One row, or the fewest that were found to be needed, in their order, with the index 0, 1, ...
    telling : tuple of str
        Columns that had to keep a value which is not the typical row's: where to look first. Empty where the typical
        row itself differs.
    source : str
        ``real row``, ``mutated row`` or ``earlier run``: where the difference was first seen. Shrinking then replaces
        values, so that the rows themselves need not be real.
    tried : int
        Sets of rows that were asked until one differed, that one included.
    asked : int
        All questions, those of the shrinking included.
    seconds : float
    seed : int
    """

    rows: pd.DataFrame
    telling: tuple[str, ...]
    source: str
    tried: int
    asked: int
    seconds: float
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """A search that is over, whether it found anything or not.

    Attributes
    ----------
    found : Found or None
    asked, rows : int
        Questions that were asked, and rows in them.
    examples : int
        How many questions each part was allowed.
    seconds : float
        How many were allowed.
    time_up : bool
        Whether a part ended because its time was up.
    seed : int
    """

    found: Found | None
    asked: int
    rows: int
    examples: int
    seconds: float
    time_up: bool
    seed: int


def find_smallest(
    rows: pd.DataFrame,
    differs: Callable[[pd.DataFrame], bool],
    *,
    contract: Any = None,
    seconds: float = 20.0,
    examples: int = 2000,
    seed: int = 0,
    database: Path | None = None,
    key: str = "",
) -> Found | None:
    """Search for the smallest rows that differ.

    What an earlier run found is tried first; then the real rows, together and one at a time; then each value at the
    boundaries of what a column may hold, in a real row; then many of them in a row; then, drawn by Hypothesis, a few
    such rows with a few such values each. What differs is shrunk: as few rows as possible, and each value that does not
    matter is that of a typical real row.

    Parameters
    ----------
    rows : DataFrame
        Real rows, at least one; those :func:`choose_rows` picked.
    differs : callable
        From rows to whether the two sides differ on them. It gets a copy, with the index 0, 1, ... It should not raise;
        what it raises ends the search and goes on to the caller, since rows that could not be compared are no answer.
    contract : None, TableFacts, TableSpec or pandera.DataFrameSchema
        What a column may hold: see :func:`pytest_mlgate.gates.parity.facts.facts_of`.
    seconds : float
        For search and shrinking together. A question that was asked is waited for; no other is asked after the time.
    examples : int
        How many questions each of these parts, and the shrinking, may ask.
    seed : int
        The same arguments and seed give the same answer, unless the time runs out.
    database : Path or None
        A folder in which what was found is kept for the next run, by Hypothesis' example database; it need not exist.
        The rows lie there with their values: give none where columns are sensitive.
    key : str
        What is asked, where several searches share a folder.

    Returns
    -------
    Found or None
        None: nothing was found within the budget, which proves nothing.

    Raises
    ------
    InputError
        There are no rows, a column name comes twice, or the budget allows no question.
    """
    return search(
        rows,
        differs,
        contract=contract,
        seconds=seconds,
        examples=examples,
        seed=seed,
        database=database,
        key=key,
    ).found


def search(
    rows: pd.DataFrame,
    differs: Callable[[pd.DataFrame], bool],
    *,
    contract: Any,
    seconds: float,
    examples: int,
    seed: int,
    database: Path | None = None,
    key: str = "",
) -> Search:
    """Search as :func:`find_smallest` does, and say what it took."""
    _valid(rows, seconds=seconds, examples=examples)
    rows = rows.reset_index(drop=True)
    facts = facts_of(rows, contract)
    asker = Asker(differs, facts, seconds=seconds)
    pool = _by_typicality(rows)
    typical = {name: pool[name].iloc[0] for name in pool.columns}
    found = (
        _kept(rows, asker, facts, examples=examples, database=database, key=key)
        or _real(rows, asker, examples=examples)
        or _mutated(pool, asker, facts, examples=examples, seed=seed)
    )
    tried = asker.asked
    if found is not None:
        source, differing = found
        asker.allow(share=1.0, questions=examples)
        smallest = shrink(differing, asker.ask, typical=typical, facts=facts, over=lambda: asker.spent)
    if asker.error is not None:
        raise asker.error
    result = None
    if found is not None:
        if database is not None:
            keep(smallest, database, key=key)
        result = Found(
            rows=smallest,
            telling=tuple(dict.fromkeys(str(name) for _, name in telling_cells(smallest, typical))),
            source=source,
            tried=tried,
            asked=asker.asked,
            seconds=asker.seconds,
            seed=seed,
        )
    return Search(
        found=result,
        asked=asker.asked,
        rows=asker.rows,
        examples=examples,
        seconds=seconds,
        time_up=asker.time_up,
        seed=seed,
    )


def _valid(rows: pd.DataFrame, *, seconds: float, examples: int) -> None:
    if not len(rows) or not len(rows.columns):
        raise InputError("there are no rows to start the search from", fix="give at least one real row")
    twice = rows.columns[rows.columns.duplicated()]
    if len(twice):
        raise InputError(f"column {str(twice[0])!r} comes twice in the rows", fix="give every column a name of its own")
    if not seconds > 0 or examples < 1:
        raise InputError(
            f"seconds is {seconds} and examples is {examples}: no row would be asked",
            fix="give both a positive value, or leave the search out",
        )


def _by_typicality(rows: pd.DataFrame) -> pd.DataFrame:
    """The most and the least typical rows, the most typical first, so that a smaller position is a plainer row."""
    import numpy as np

    order = np.argsort(-typicality(rows), kind="stable")
    if len(order) > _POOL:
        order = np.concatenate([order[: _POOL // 2], order[-(_POOL // 2) :]])
    return rows.iloc[order].reset_index(drop=True)


def _real(rows: pd.DataFrame, asker: Asker, *, examples: int) -> tuple[str, pd.DataFrame] | None:
    """Ask all real rows together, then one at a time; return what differs, with its source."""
    asker.allow(share=_REAL_SHARE, questions=examples + 1)
    if asker.ask(rows, real=True):
        return "real row", rows
    for position in range(len(rows)):
        if asker.spent:
            break
        one = rows.iloc[[position]].reset_index(drop=True)
        if asker.ask(one, real=True):
            return "real row", one
    return None


def _kept(
    rows: pd.DataFrame, asker: Asker, facts: TableFacts, *, examples: int, database: Path | None, key: str
) -> tuple[str, pd.DataFrame] | None:
    """Ask what earlier runs found; return what still differs, with its source, and forget what does not."""
    if database is None:
        return None
    asker.allow(share=_REAL_SHARE, questions=examples)
    for kept in recall(database, key=key):
        if asker.spent:
            break
        fits = list(kept.rows.columns) == list(rows.columns) and allows_rows(facts, kept.rows)
        if fits and asker.ask(kept.rows):
            return "earlier run", kept.rows
        if asker.error is None:
            kept.forget()
    return None


def _mutated(
    pool: pd.DataFrame, asker: Asker, facts: TableFacts, *, examples: int, seed: int
) -> tuple[str, pd.DataFrame] | None:
    """Ask real rows with values at the boundaries: one column after the other, many at once, and as drawn."""
    values = values_to_try(pool, facts)
    return (
        _one_column(pool, values, asker, examples=examples)
        or _many_columns(pool, values, asker, examples=examples, seed=seed)
        or _drawn(_Plans(pool, values), asker, examples=examples, seed=seed)
    )


def _one_column(
    pool: pd.DataFrame, values: Mapping[Any, tuple[Any, ...]], asker: Asker, *, examples: int
) -> tuple[str, pd.DataFrame] | None:
    """Ask every candidate value of every column once, a batch of rows at a time, each with one changed cell."""
    asker.allow(share=_COLUMN_SHARE, questions=examples)
    size = min(_BATCH, len(pool))
    for name, candidates in values.items():
        for start in range(0, len(candidates), size):
            some = candidates[start : start + size]
            rows = with_values(pool.iloc[: len(some)], {(at, name): value for at, value in enumerate(some)})
            if asker.ask(rows):
                return "mutated row", rows
    return None


def _many_columns(
    pool: pd.DataFrame, values: Mapping[Any, tuple[Any, ...]], asker: Asker, *, examples: int, seed: int
) -> tuple[str, pd.DataFrame] | None:
    """Ask batches in which about half of all cells hold one of the first candidate values: two that matter together."""
    import numpy as np

    asker.allow(share=_MANY_SHARE, questions=examples)
    rng = np.random.default_rng(seed)
    for _ in range(max(examples // 10, 1) if values else 0):
        if asker.spent:
            break
        some = pool.iloc[rng.integers(len(pool), size=_BATCH)].reset_index(drop=True)
        changes = {
            (at, name): candidates[rng.integers(min(len(candidates), _FIRST))]
            for name, candidates in values.items()
            for at in np.flatnonzero(rng.random(_BATCH) < 0.5).tolist()
        }
        rows = with_values(some, changes)
        if asker.ask(rows):
            return "mutated row", rows
    return None


class _Plans:
    """Mutated rows as small numbers, which Hypothesis draws."""

    def __init__(self, pool: pd.DataFrame, values: Mapping[Any, tuple[Any, ...]]) -> None:
        self._pool = pool
        self._values = list(values.items())

    def strategy(self) -> SearchStrategy[list[_Row]]:
        """Strategy of one to a few rows; the plainest is the typical row as it is.

        It tosses coins only: Hypothesis enriches its integers with constants of whatever modules are loaded, so that
        the same seed would give another answer in another process, and writes them to the working directory.
        """
        from hypothesis import strategies as st

        coin = st.booleans()

        @st.composite
        def plan(draw: Callable[[SearchStrategy[bool]], bool]) -> list[_Row]:
            def below(n: int) -> int:
                number = 0
                for _ in range((n - 1).bit_length()):
                    number = 2 * number + draw(coin)
                return number % n

            def edit() -> tuple[int, int]:
                column = below(len(self._values))
                values = len(self._values[column][1])
                return column, below(min(values, _FIRST) if draw(coin) else values)

            def row() -> _Row:
                edits = _EDITS[below(4)] if self._values else 0
                return below(len(self._pool)), below(4) == 3, [edit() for _ in range(edits)]

            return [row() for _ in range(_ROWS[below(4)])]

        return plan()

    def build(self, plan: list[_Row]) -> pd.DataFrame:
        """Return the rows that a plan means."""
        rows: list[tuple[int, dict[Any, Any]]] = []
        for position, repeats, edits in plan:
            if repeats and rows:
                rows.append(rows[-1])
                continue
            cells = {}
            for column, value in edits:
                name, values = self._values[column]
                cells[name] = values[value % len(values)]
            rows.append((position, cells))
        real = self._pool.iloc[[position for position, _ in rows]].reset_index(drop=True)
        return with_values(
            real, {(at, name): value for at, (_, cells) in enumerate(rows) for name, value in cells.items()}
        )


def _drawn(plans: _Plans, asker: Asker, *, examples: int, seed: int) -> tuple[str, pd.DataFrame] | None:
    """Ask rows with several changed cells, or several such rows, as Hypothesis draws them."""
    import random

    import hypothesis
    from hypothesis import HealthCheck, Phase, Verbosity

    asker.allow(share=_SEARCH_SHARE, questions=examples)
    if asker.spent:
        return None
    seen: list[tuple[list[_Row], pd.DataFrame]] = []

    def condition(plan: list[_Row]) -> bool:
        if seen:  # Hypothesis asks once more for what it was told; a service that keeps state may answer otherwise
            return plan == seen[0][0]
        if asker.spent:
            raise Spent
        rows = plans.build(plan)
        if asker.ask(rows):
            seen.append((plan, rows))
        return bool(seen)

    settings = hypothesis.settings(
        max_examples=examples,
        database=None,  # we keep the rows themselves: draws mean other rows as soon as the table changes
        derandomize=False,  # a profile may say otherwise, and does in CI; the seed below is ours
        phases=(Phase.generate,),
        deadline=None,
        verbosity=Verbosity.quiet,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
    )
    with suppress(hypothesis.errors.NoSuchExample, Spent):
        hypothesis.find(plans.strategy(), condition, settings=settings, random=random.Random(seed))
    return ("mutated row", seen[0][1]) if seen else None
