"""Two tables as one array of numbers, for a classifier that is to tell them apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.columns import read_column
from pytest_mlgate.gates.drift.order import levels_in_order, numbers_in_order

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.drift.columns import Column

_MOST_LEVELS = 254  # trees of scikit-learn take 255 categories; the last one holds all rarer levels


@dataclass(frozen=True, kw_only=True, slots=True)
class Encoded:
    """Rows of both tables.

    Attributes
    ----------
    values : array of shape (n_rows, n_columns)
        Numbers as they are, levels as codes; NaN where a value is missing.
    current : array of bool, shape (n_rows,)
        Whether a row is of the current table.
    names : tuple of str
        The columns.
    categorical : tuple of bool
        Which of them hold codes.
    left_out : Mapping of str to str
        Columns that are not among them, and why.
    """

    values: NDArray[np.float64]
    current: NDArray[np.bool_]
    names: tuple[str, ...]
    categorical: tuple[bool, ...]
    left_out: Mapping[str, str]


def encode(reference: pd.DataFrame, current: pd.DataFrame, *, hidden: Sequence[str] = ()) -> Encoded:
    """Return the rows of both tables, which have the same columns, as numbers.

    Timestamps are left out, for time moves on and would tell any two tables apart; so is what has no value, or has
    values of another kind on either side.
    """
    import numpy as np

    names, arrays, categorical = [], [], []
    left_out: dict[str, str] = {}
    for name in reference.columns:
        pair = reference[name], current[name]
        columns = _read(pair, hidden=name in hidden)
        why = _why_not(columns)
        if why:
            left_out[name] = why
            continue
        levels = any(column.kind == "category" for column in columns)
        names.append(name)
        categorical.append(levels)
        arrays.append(_codes(pair) if levels else _numbers(pair, columns))
    rows = len(reference) + len(current)
    return Encoded(
        values=np.column_stack(arrays) if arrays else np.empty((rows, 0)),
        current=np.arange(rows) >= len(reference),
        names=tuple(names),
        categorical=tuple(categorical),
        left_out=left_out,
    )


def _read(pair: Sequence[pd.Series[Any]], *, hidden: bool) -> list[Column]:
    try:
        return [read_column(series, table="the rows", hidden=hidden) for series in pair]
    except InputError:  # the column's own check has said why
        return []


def _why_not(columns: Sequence[Column]) -> str:
    if not columns:
        return "cannot be read"
    families = {column.family for column in columns if column.family}
    if "timestamp" in families:
        return "timestamps"
    return "" if len(families) == 1 else "values of two kinds" if families else "no value"


def _numbers(pair: Sequence[pd.Series[Any]], columns: Sequence[Column]) -> NDArray[np.float64]:
    import numpy as np

    found = [numbers_in_order(series, column) for series, column in zip(pair, columns, strict=True)]
    largest = float(np.finfo(np.float32).max)
    return np.asarray(np.clip(np.concatenate(found), -largest, largest))  # midpoints of bins stay finite


def _codes(pair: Sequence[pd.Series[Any]]) -> NDArray[np.float64]:
    """Number the levels of both sides by how frequent they are, ties in the order of their names."""
    import numpy as np

    rows = [np.array([*names, None], dtype=object)[codes] for codes, names in map(levels_in_order, pair)]
    both = np.concatenate(rows)
    counts = Counter(level for level in both if level is not None)
    ordered = sorted(counts, key=lambda level: (-counts[level], level))
    codes: dict[str | None, float] = {level: float(min(k, _MOST_LEVELS)) for k, level in enumerate(ordered)}
    codes[None] = np.nan
    return np.array([codes[level] for level in both])
