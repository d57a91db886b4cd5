"""Whether rows stand in the order of their time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pytest_mlgate.tables.dates import iso_ticks

if TYPE_CHECKING:
    import pandas as pd

MIN_CHANGES = 5
"""Fewer changes than this are in order by chance too often: once in 720 of five."""


def in_order(parts: Iterable[pd.Series], kind: str) -> tuple[bool, int]:
    """Return whether a column never decreases from row to row, and in how many values that was seen.

    Parameters
    ----------
    parts : iterable of pandas.Series
        The column in each table; from one table to the next it may decrease.
    kind : str
        The kind of its values.

    Returns
    -------
    bool
        Also False for text that does not sort as time does, and for values that are not compared with each other.
    int
    """
    rows, changes = 0, 0
    for part in parts:
        values = part.dropna()
        if not (_sorts_as_time(values) if kind == "string" else _compared(values)):
            return False, 0
        if not values.is_monotonic_increasing:
            return False, 0
        rows, changes = rows + len(values), changes + values.nunique() - 1
    return changes >= MIN_CHANGES, rows


def _sorts_as_time(values: pd.Series) -> bool:
    import pandas as pd

    if isinstance(values.dtype, pd.CategoricalDtype):
        return False
    found = iso_ticks(values.unique())
    # Text of one length sorts as time does, but not across offsets from UTC.
    return found is not None and not found[1] and values.str.len().nunique() == 1


def _compared(values: pd.Series) -> bool:
    from pandas.api import types

    dtype = values.dtype
    return types.is_datetime64_any_dtype(dtype) or (types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype))
