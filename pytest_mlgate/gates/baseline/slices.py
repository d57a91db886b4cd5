"""Slices: the rows of each level of a column, large ones and small ones."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_MOST_LEVELS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One level of a column; ``small`` says why it is not judged by itself."""

    subject: str
    rows: NDArray[np.intp]
    small: str = ""


def find_column(frame: pd.DataFrame, column: str, key: str, table: str = "holdout") -> pd.Series:
    """Return a column, or raise an error with the nearest spelling."""
    if column not in frame.columns:
        names = [str(name) for name in frame.columns]
        near = difflib.get_close_matches(column, names, n=1)
        raise InputError(
            f"{table} has no column {column!r} ({key})",
            fix=f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(names[:20])}",
        )
    return frame[column]


def find_slices(
    frame: pd.DataFrame, columns: Sequence[str], y: NDArray[np.intp] | None, *, min_rows: int, min_class_rows: int
) -> list[Slice]:
    """Return every level of every column, in the order of their names; missing values are a level of their own.

    Parameters
    ----------
    frame : DataFrame
        The labelled rows.
    columns : sequence of str
    y : array of 0 and 1, or None
        Labels of a binary task; None for other tasks, where only rows are counted.
    min_rows, min_class_rows : int
        Below either a slice is small.
    """
    import numpy as np

    found = []
    for column in columns:
        values = find_column(frame, column, "slices")
        names = values.astype(object).map(str).where(values.notna(), "(missing)")
        groups = names.groupby(names, sort=True).indices
        if len(groups) > _MOST_LEVELS:
            raise InputError(
                f"slices: column {column!r} has {len(groups)} levels, more than {_MOST_LEVELS}",
                fix="slice by a column with fewer levels, or bin this one",
            )
        for name, members in groups.items():
            rows = np.asarray(members, dtype=np.intp)
            small = _why_small(rows, y, min_rows, min_class_rows)
            found.append(Slice(subject=f"{column}={name}", rows=rows, small=small))
    return found


def _why_small(rows: NDArray[np.intp], y: NDArray[np.intp] | None, min_rows: int, min_class_rows: int) -> str:
    import numpy as np

    if len(rows) < min_rows:
        return f"{len(rows)} rows, fewer than min_rows = {min_rows}"
    if y is not None:
        positives = int(np.count_nonzero(y[rows] == 1))
        fewest = min(positives, len(rows) - positives)
        if fewest < min_class_rows:
            return f"{fewest} rows of one class, fewer than min_class_rows = {min_class_rows}"
    return ""
