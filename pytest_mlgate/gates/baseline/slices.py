"""Slices: the rows of each level of a column, of a number's bins, of a function's labels, or of several crossed."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.slicing import Column, Cross, Function, SliceBy, parse_slice, part_name
from pytest_mlgate.gates.importing import import_object

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

MISSING = "(missing)"
_MOST_LEVELS = 500
_MOST_SLICES = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One level; ``small`` says why it is not judged by itself."""

    subject: str
    rows: NDArray[np.intp]
    small: str = ""

    @property
    def size(self) -> int:
        """How many rows it has."""
        return len(self.rows)


@dataclass(frozen=True, kw_only=True, slots=True)
class Partition:
    """All rows by one item of ``slices``: ``levels[codes[row]]`` is the subject of a row's slice."""

    by: SliceBy
    name: str
    levels: tuple[str, ...]
    codes: NDArray[np.intp]


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


def partitions(frame: pd.DataFrame, by: Sequence[Any], roots: tuple[str, ...] = ()) -> list[Partition]:
    """Return all rows by each item of ``slices``, as :func:`parse_slice` reads it.

    Parameters
    ----------
    frame : DataFrame
        The labelled rows.
    by : sequence
        Items of ``slices``; one that is named twice counts once.
    roots : tuple of str
        Where functions are imported from.

    Raises
    ------
    InputError
        Where a column is not there, bins are asked of what is no number, a function fails or gives another number of
        labels, or there are more levels than 500 by one item, or 1 000 in all.
    """
    found = [_partition(frame, item, roots) for item in dict.fromkeys(map(parse_slice, by))]
    refuse_many([(part.name, part.levels) for part in found])
    return found


def refuse_many(parts: Sequence[tuple[str, Sequence[str]]]) -> None:
    """Raise InputError where all items, each by its name with its levels, make too many slices, or two of one name."""
    total = sum(len(levels) for _, levels in parts)
    if total > _MOST_SLICES:
        each = ", ".join(f"{name}: {len(levels)}" for name, levels in parts[:5])
        raise InputError(
            f"slices: {total} in all, more than {_MOST_SLICES} ({each})",
            fix="slice by fewer or coarser columns; among so many no fall is found any more",
        )
    subjects = [level for _, levels in parts for level in levels]
    twice = next((one for one in subjects if subjects.count(one) > 1), None) if len(set(subjects)) < total else None
    if twice is not None:
        raise InputError(f"slices: two slices are called {twice!r}", fix="give the column or function another name")


def find_slices(
    frame: pd.DataFrame,
    by: Sequence[Any],
    y: NDArray[np.intp] | None,
    *,
    min_rows: int,
    min_class_rows: int,
    roots: tuple[str, ...] = (),
) -> list[Slice]:
    """Return every level of every item, in the order of their names; missing values are a level of their own.

    Parameters
    ----------
    frame, by, roots
        As :func:`partitions` takes them.
    y : array of 0 and 1, or None
        Labels of a binary task; None for other tasks, where only rows are counted.
    min_rows, min_class_rows : int
        Below either a slice is small.
    """
    return slices_of(partitions(frame, by, roots), y, min_rows=min_rows, min_class_rows=min_class_rows)


def slices_of(
    parts: Sequence[Partition], y: NDArray[np.intp] | None, *, min_rows: int, min_class_rows: int
) -> list[Slice]:
    """Return every level of every partition; parameters as :func:`find_slices` takes them."""
    import numpy as np

    found = []
    for part in parts:
        order = np.argsort(part.codes, kind="stable")
        ends = np.cumsum(np.bincount(part.codes, minlength=len(part.levels)))[:-1]
        for subject, rows in zip(part.levels, np.split(order, ends), strict=True):
            small = _why_small(rows, y, min_rows, min_class_rows)
            found.append(Slice(subject=subject, rows=rows, small=small))
    return found


def _partition(frame: pd.DataFrame, by: SliceBy, roots: tuple[str, ...]) -> Partition:
    import numpy as np

    if isinstance(by, Cross):
        parts = [_partition(frame, one, roots) for one in by.parts]
        whole, inverse = np.unique(np.column_stack([part.codes for part in parts]), axis=0, return_inverse=True)
        subjects = [", ".join(part.levels[code] for part, code in zip(parts, row, strict=True)) for row in whole]
        levels, codes = tuple(subjects), inverse.reshape(-1)
    else:
        names, codes = levels_of(frame, by, roots)
        levels = tuple(f"{part_name(by)}={name}" for name in names)
    refuse_levels(by, len(levels))
    return Partition(by=by, name=part_name(by), levels=levels, codes=codes)


def refuse_levels(by: SliceBy, levels: int) -> None:
    """Raise InputError where one item of ``slices`` has too many levels."""
    if levels > _MOST_LEVELS:
        what = f"column {by.column!r}" if isinstance(by, Column) else repr(part_name(by))
        raise InputError(
            f"slices: {what} has {levels} levels, more than {_MOST_LEVELS}",
            fix="slice by a column with fewer levels, or bin this one",
        )


def levels_of(frame: pd.DataFrame, by: Column | Function, roots: tuple[str, ...]) -> tuple[list[str], NDArray[np.intp]]:
    """Return the names of the levels by a column or function, and the number of each row's level."""
    if isinstance(by, Function):
        return _named_levels(_labels(frame, by, roots))
    values = find_column(frame, by.column, "slices")
    return _named_levels(values) if by.bins is None else _binned(values, by.column, by.bins)


def _named_levels(values: pd.Series) -> tuple[list[str], NDArray[np.intp]]:
    import pandas as pd

    names = values.astype(object).map(str).where(values.notna(), MISSING)
    codes, found = pd.factorize(names, sort=True)
    return [str(name) for name in found], codes


def _binned(values: pd.Series, column: str, bins: tuple[float, ...] | int) -> tuple[list[str], NDArray[np.intp]]:
    """Half-open bins ``[a, b)``, open at both ends of the line, in rising order; empty ones are left out."""
    import numpy as np
    import pandas as pd

    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        raise InputError(
            f"slices: column {column!r} is of type {values.dtype} and cannot be binned",
            fix="bin a column of numbers, slice by its values, or by a function of yours",
        )
    x = values.to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(x)
    edges = quantile_edges(x[known], bins) if isinstance(bins, int) else np.asarray(bins)
    codes = np.where(known, np.searchsorted(edges, x, side="right"), len(edges) + 1)
    there, inverse = np.unique(codes, return_inverse=True)
    names = [*bin_names(edges), MISSING]
    return [names[code] for code in there], inverse


def quantile_edges(x: NDArray[np.float64], bins: int) -> NDArray[np.float64]:
    """Return the inner edges of quantile bins; fewer than asked for where values are tied."""
    import numpy as np

    if not len(x):
        return np.empty(0)
    inner = np.unique(np.quantile(x, np.arange(1, bins) / bins, method="inverted_cdf"))
    return np.asarray(inner[inner > x.min()])


def bin_names(edges: NDArray[np.float64]) -> list[str]:
    """Return ``(-inf, 500)``, ``[500, 1000)``, ``[1000, inf)`` for the edges 500 and 1000."""
    texts = [f"{edge:g}" for edge in edges]
    if len(set(texts)) < len(texts):
        texts = [repr(float(edge)) for edge in edges]
    ends = ["(-inf", *(f"[{text}" for text in texts)]
    return [f"{low}, {high})" for low, high in zip(ends, [*texts, "inf"], strict=True)]


def _labels(frame: pd.DataFrame, by: Function, roots: tuple[str, ...]) -> pd.Series:
    import numpy as np
    import pandas as pd

    function: Any = by.function
    if isinstance(function, str):
        forms = "an import path, `package.module:name`"
        function = import_object(function, roots, key="slices: function", forms=forms)
    if not callable(function):
        raise InputError(f"slices: {by.function!r} is not callable", fix="name a function of the table")
    try:
        labels = function(frame.copy())  # what it changes of the table stays its own
    except Exception as error:
        raise InputError(
            f"slices: {by.name} raised {type(error).__name__}: {error}",
            fix="mend the function; it is given the whole table and returns one label a row",
        ) from error
    values = labels.to_numpy() if isinstance(labels, pd.Series | pd.Index) else np.asarray(labels, dtype=object)
    if values.ndim != 1 or len(values) != len(frame):
        raise InputError(
            f"slices: {by.name} returned shape {values.shape} for {len(frame)} rows", fix="return one label a row"
        )
    return pd.Series(values)


def _why_small(rows: NDArray[np.intp], y: NDArray[np.intp] | None, min_rows: int, min_class_rows: int) -> str:
    import numpy as np

    positives = None if y is None else int(np.count_nonzero(y[rows] == 1))
    return why_small(len(rows), positives, min_rows, min_class_rows)


def why_small(rows: int, positives: int | None, min_rows: int, min_class_rows: int) -> str:
    """Return why a slice is small; empty where it is not. ``positives`` are its rows of a binary task's class 1."""
    if rows < min_rows:
        return f"{rows} rows, fewer than min_rows = {min_rows}"
    if positives is not None:
        fewest = min(positives, rows - positives)
        if fewest < min_class_rows:
            return f"{fewest} rows of one class, fewer than min_class_rows = {min_class_rows}"
    return ""
