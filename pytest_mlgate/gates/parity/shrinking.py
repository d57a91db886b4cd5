"""From rows that differ to the fewest and plainest that still do.

Hypothesis would make the numbers it drew small; a reader is helped by something else: one row that is typical but for
the value that matters. So rows and cells are taken away by delta debugging, where a cell that is taken away holds
what a typical real row holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from pytest_mlgate.gates.parity.facts import ColumnFacts, TableFacts, allows
from pytest_mlgate.gates.parity.values import builtin, same, with_values

if TYPE_CHECKING:
    import pandas as pd

T = TypeVar("T")
Question = Callable[["pd.DataFrame"], bool]
# The rows are built only where there is time to ask about them.
LazyQuestion = Callable[[Callable[[], "pd.DataFrame"]], bool]

# Taking cells away may make a row superfluous, and the other way round.
_ROUNDS = 3


def fewest(items: Sequence[T], still: Callable[[list[T]], bool]) -> list[T]:
    """Return a part of ``items`` that still shows it, and of which no single item can be left out.

    Parameters
    ----------
    items : sequence
        All of them together show it.
    still : callable
        Whether some of them, in their order, show it.

    References
    ----------
    A. Zeller and R. Hildebrandt, "Simplifying and isolating failure-inducing input", IEEE Transactions on Software
    Engineering 28 (2002), 183-200: the algorithm ddmin.
    """
    kept, parts = list(items), 2
    while len(kept) >= 2:
        size = -(-len(kept) // parts)
        chunks = [kept[start : start + size] for start in range(0, len(kept), size)]
        rests = [[item for other in chunks if other is not chunk for item in other] for chunk in chunks]
        smaller = next((chunk for chunk in chunks if still(chunk)), None) if size < len(kept) else None
        if smaller is not None:
            kept, parts = smaller, 2
            continue
        smaller = next((rest for rest in rests if still(rest)), None) if parts > 2 else None
        if smaller is not None:
            kept, parts = smaller, max(parts - 1, 2)
        elif parts >= len(kept):
            break
        else:
            parts = min(2 * parts, len(kept))
    return kept


def shrink(
    rows: pd.DataFrame,
    ask: Question,
    *,
    typical: Mapping[Any, Any],
    facts: TableFacts,
    over: Callable[[], bool] = lambda: False,
) -> pd.DataFrame:
    """Return the fewest rows that still differ, with values as plain as possible.

    Parameters
    ----------
    rows : DataFrame
        Rows that differ.
    ask : callable
        Whether rows differ; False for rows that must not be.
    typical : Mapping of column to value
        A real row.
    facts : TableFacts
    over : callable
        Whether the time is over: what was reached by then is returned.
    """

    def asks(build: Callable[[], pd.DataFrame]) -> bool:
        return not over() and ask(build())

    for _ in range(_ROUNDS):
        before = rows
        rows = _fewer_rows(rows, asks, typical)
        rows = _typical_cells(rows, asks, typical)
        rows = _plainer_cells(rows, asks, typical, facts)
        if len(before) == len(rows) and before.equals(rows):
            break
    return rows


def _fewer_rows(rows: pd.DataFrame, asks: LazyQuestion, typical: Mapping[Any, Any]) -> pd.DataFrame:
    def take(positions: list[int]) -> pd.DataFrame:
        return rows.iloc[positions].reset_index(drop=True)

    kept = take(fewest(range(len(rows)), lambda positions: asks(lambda: take(positions))))
    if len(kept) > 2:  # some defect needs any second row: the typical one does as well as several
        second = {(1, name): _cell(value) for name, value in typical.items()}
        for position in range(len(kept)):
            for changes in ({}, second):
                pair = partial(_paired, kept, position, changes)
                if asks(pair):
                    return pair()
    return kept


def _paired(rows: pd.DataFrame, position: int, changes: Mapping[tuple[int, Any], Any]) -> pd.DataFrame:
    return with_values(rows.iloc[[position, position]].reset_index(drop=True), changes)


def telling_cells(rows: pd.DataFrame, typical: Mapping[Any, Any]) -> list[tuple[int, Any]]:
    """Return the cells, as (position, column), that do not hold what the typical row holds."""
    return [
        (position, name)
        for position in range(len(rows))
        for name in rows.columns
        if not same(rows[name].iloc[position], typical[name])
    ]


def _typical_cells(rows: pd.DataFrame, asks: LazyQuestion, typical: Mapping[Any, Any]) -> pd.DataFrame:
    """Give every cell the typical value that can have it; the others are the ones that matter."""
    cells = telling_cells(rows, typical)

    def keeping(kept: list[tuple[int, Any]]) -> pd.DataFrame:
        matter = set(kept)
        return with_values(rows, {cell: _cell(typical[cell[1]]) for cell in cells if cell not in matter})

    if not cells or asks(lambda: keeping([])):
        return keeping([])
    return keeping(fewest(cells, lambda kept: asks(lambda: keeping(kept))))


def _cell(value: Any) -> Any:
    import pandas as pd

    return None if pd.api.types.is_scalar(value) and pd.isna(value) else builtin(value)


def _plainer_cells(
    rows: pd.DataFrame, asks: LazyQuestion, typical: Mapping[Any, Any], facts: TableFacts
) -> pd.DataFrame:
    for position, name in telling_cells(rows, typical):
        improved = True
        while improved:
            improved = False
            value = _cell(rows[name].iloc[position])
            for plainer in plainer_values(value, facts.columns[name]) if name in facts.columns else ():
                changed = partial(with_values, rows, {(position, name): plainer})
                if asks(changed):
                    rows, improved = changed(), True
                    break
    return rows


def plainer_values(value: Any, facts: ColumnFacts) -> Iterator[Any]:
    """Return values that are easier to read than this one and that the column may hold, the plainest first."""
    import pandas as pd

    if isinstance(value, bool) or value is None:
        return
    plainer: list[Any] = []
    if isinstance(value, int | float):
        plainer = _plainer_numbers(value, facts)
    elif isinstance(value, str):
        plainer = _plainer_text(value)
    elif isinstance(value, pd.Timestamp):
        plainer = [value.floor(unit) for unit in ("h", "min", "s") if _floors(value, unit)]
        if _floors(value, "h"):
            plainer.insert(0, value.normalize())
    for other in plainer:
        if not same(other, value) and allows(facts, other):
            yield other


def _floors(value: pd.Timestamp, unit: str) -> bool:
    try:
        value.floor(unit)
    except ValueError:  # an hour that comes twice, or not at all
        return False
    return True


def _plainer_numbers(value: float, facts: ColumnFacts) -> list[Any]:
    """Whole and short numbers nearer to zero: 0, 1, -1, then rounded toward zero to ever more digits."""
    import math

    if not math.isfinite(value):
        return []
    kind = int if isinstance(value, int) else float
    others: list[Any] = [kind(whole) for whole in (0, 1, -1) if abs(whole) < abs(value)]
    if isinstance(value, float):
        others.append(float(math.trunc(value)))
    digits = len(f"{abs(value):.17g}".replace(".", "").strip("0"))
    others += [kind(float(f"{value:.{shown}g}")) for shown in range(1, min(digits, 12))]
    length = len(repr(value))
    return [other for other in others if (len(repr(other)), abs(other)) < (length, abs(value))]


def _plainer_text(value: str) -> list[str]:
    halves = [value[: len(value) // 2], value[len(value) // 2 :]] if len(value) > 3 else []
    single = [value[:at] + value[at + 1 :] for at in range(min(len(value), 20))]
    return [text for text in (*halves, *single) if text]
