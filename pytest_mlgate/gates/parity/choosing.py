"""Real rows picked on purpose: the ones on which two implementations are most likely to differ."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# Rare levels of one column that are worth a row each.
_RARE = 10


def choose_rows(rows: pd.DataFrame, *, n: int, seed: int) -> pd.DataFrame:
    """Return rows picked on purpose, and a random sample besides.

    Parameters
    ----------
    rows : DataFrame
        Raw rows, of any dtypes.
    n : int
        How many to return; all of them where there are no more.
    seed : int
        Of the random sample.

    Returns
    -------
    DataFrame
        Distinct rows with their index, in the order of ``rows``. Up to half of them are the extremes of each number,
        zeros, a row for each column with a missing value and one with most values missing, rare levels, times at month
        ends, leap days and clock changes, the longest, the shortest and non-ASCII text: columns take turns, so that a
        wide table gives every column its most telling row first. The rest is a sample without replacement.

    Raises
    ------
    InputError
        ``n`` is not positive, or there are no rows.
    """
    import numpy as np

    if n < 1:
        raise InputError(f"n is {n}: no row would be asked", fix="ask for at least one row")
    if not len(rows):
        raise InputError("there are no rows to choose from", fix="give at least one row")
    if n >= len(rows):
        return rows
    picked = list(dict.fromkeys(_in_turns(rows)))[: max(n // 2, 1)]
    others = np.setdiff1d(np.arange(len(rows)), picked)
    sample = np.random.default_rng(seed).choice(others, size=n - len(picked), replace=False)
    return rows.iloc[np.sort(np.concatenate([np.asarray(picked, dtype=int), sample]).astype(int))]


def _in_turns(rows: pd.DataFrame) -> Iterator[int]:
    """Positions of telling rows: the most telling of each column, then the second of each, and so on."""
    columns = [list(_telling(rows.iloc[:, position])) for position in range(rows.shape[1])]
    missing = rows.isna().sum(axis=1).to_numpy()
    if missing.any():
        yield int(missing.argmax())
    for turn in range(max(map(len, columns), default=0)):
        yield from chain.from_iterable(column[turn : turn + 1] for column in columns)


def _telling(column: pd.Series[Any]) -> Iterator[int]:
    """Positions of one column's telling values, the most telling first."""
    import numpy as np

    from pytest_mlgate.tables.kinds import kind_of

    missing = column.isna().to_numpy()
    yield from _first(missing)
    if missing.all():
        return
    kind = kind_of(column)
    present = np.flatnonzero(~missing)
    if kind in ("integer", "number"):
        yield from _extremes(column.iloc[present].to_numpy(dtype=float), present)
    elif kind == "datetime":
        from pytest_mlgate.gates.parity.dates import is_special

        times = _as_times(column)
        yield from chain.from_iterable(_first(mask) for mask in is_special(times).values())
        order = times.iloc[present].argsort().to_numpy()
        yield from (int(present[order[0]]), int(present[order[-1]]))
    elif kind == "string":
        text = column.iloc[present].astype(object)
        lengths = text.str.len().to_numpy(dtype=float)
        yield from _first(~missing & ~column.astype(object).map(_is_plain).to_numpy(dtype=bool))
        yield from (int(present[lengths.argmin()]), int(present[lengths.argmax()]))
        yield from _rare(text, present)
    else:
        yield from _rare(column.iloc[present].map(repr), present)


def _extremes(values: np.ndarray, present: np.ndarray) -> Iterator[int]:
    """The least, the greatest, zero, the one nearest to zero but not zero, and the first with a fraction."""
    import numpy as np

    yield from (int(present[values.argmin()]), int(present[values.argmax()]))
    yield from (int(present[at]) for at in _first(values == 0))
    size = np.where(values == 0, np.inf, np.abs(values))
    yield int(present[size.argmin()])
    yield from (int(present[at]) for at in _first(np.isfinite(values) & (values != np.floor(values))))


def _rare(values: pd.Series[Any], present: np.ndarray) -> Iterator[int]:
    """The first row of each rare level, the rarest first; ties in the order of the rows."""
    counts = values.value_counts(sort=False)
    for level in counts.sort_values(kind="stable").index[:_RARE]:
        yield int(present[(values == level).to_numpy().argmax()])


def _first(mask: np.ndarray) -> list[int]:
    return [int(mask.argmax())] if mask.any() else []


def _is_plain(value: Any) -> bool:
    """Whether a text is ASCII without blanks at its ends or upper and lower case to be confused by; missing is."""
    return not isinstance(value, str) or (value.isascii() and value == value.strip())


def _as_times(column: pd.Series[Any]) -> pd.Series[Any]:
    """The column as datetime64: it may hold categories of times, pyarrow timestamps or Python's own."""
    import pandas as pd

    times = pd.Series(pd.to_datetime(column.astype(object), errors="coerce"))
    return times if pd.api.types.is_datetime64_any_dtype(times.dtype) else pd.to_datetime(column, utc=True)
