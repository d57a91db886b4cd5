"""Values at the boundaries of what a column may hold, and rows rebuilt with them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.parity.facts import ColumnFacts, TableFacts, allows

if TYPE_CHECKING:
    import pandas as pd

# Real values of one column that are worth trying in other rows.
_REAL = 64
# Steps between the least and the greatest number of a column.
_STEPS = 16
# Whole numbers at which a narrower type ends: int8, int16, int32, float32's and float64's exact ones, int64.
_WHOLE_LIMITS = tuple(2**bits for bits in (7, 8, 15, 16, 24, 31, 32, 53))
_WHOLE = (2, -2, 3, -3, 10, -10, 100, *_WHOLE_LIMITS)
_NUMBERS = (0.5, 1.5, 2.5, 0.125, 1 / 3, -0.5, -1.5, 0.1, 1e-9, -1e-9, 1e-300, 1e9, -1e9, 1e15, -1e15)
_EMPTY = ("", " ", "\u00a0", "nan", "NaN", "None", "null", "NA")
_ODD = ("unseen", "ß", "İ", "é", "e\u0301", "日本", "0", "00", "1", "-1", "1.0", "True", "False", "a,b", 'a"b', "a\nb")
_TEXT = (*_EMPTY, *_ODD, "x" * 300)


def candidate_values(column: pd.Series[Any], facts: ColumnFacts) -> tuple[Any, ...]:
    """Return values worth trying in a column, all of which it may hold.

    Parameters
    ----------
    column : Series
        Real values.
    facts : ColumnFacts

    Returns
    -------
    tuple
        Builtins, Timestamps and what else the column holds, without repetition, the likeliest to matter first; None is
        a missing value.
    """
    real = _spread(column)
    if facts.kind == "integer":
        tried: Iterable[Any] = _whole_numbers(column, facts)
    elif facts.kind == "number":
        tried = _numbers(real, facts)
    elif facts.kind == "datetime":
        tried = _times(real, facts)
    elif facts.kind == "string":
        tried = [*_TEXT, *(text for value in real[:5] for text in variants(str(value)))]
    else:
        tried = facts.levels or ()
    levels = (facts.levels or ())[:_REAL]
    found = {_key(value): value for value in (None, *tried, *levels, *real) if _allowed(facts, value)}
    return tuple(found.values())


def _allowed(facts: ColumnFacts, value: Any) -> bool:
    try:
        return allows(facts, value)
    except (TypeError, ValueError):  # an odd value among the real ones, as text in a column of numbers
        return False


def _key(value: Any) -> tuple[str, str]:
    """What tells values apart: 0.0 and -0.0, 1 and True are not the same."""
    return type(value).__name__, repr(value)


def _spread(column: pd.Series[Any]) -> list[Any]:
    """Distinct real values: the most common ones of text and flags, evenly spaced ones of a sorted column."""
    present = column.dropna()
    try:
        common = present.value_counts()
    except TypeError:
        return []
    values = list(common.index[: _REAL // 2])
    try:
        ordered = sorted(common.index)
    except TypeError:
        ordered = list(common.index)
    step = max(len(ordered) // (_REAL // 2), 1)
    return [builtin(value) for value in [*values, *ordered[::step], *ordered[-1:]]]


def builtin(value: Any) -> Any:
    """Return a numpy scalar as what Python calls it; everything else as it is."""
    import numpy as np

    return value.item() if isinstance(value, np.generic) and not isinstance(value, np.datetime64) else value


def _whole_numbers(column: pd.Series[Any], facts: ColumnFacts) -> list[int]:
    import numpy as np

    dtype = getattr(column.dtype, "numpy_dtype", column.dtype)  # of a nullable or pyarrow column
    limits = np.iinfo(dtype) if isinstance(dtype, np.dtype) and dtype.kind in "iu" else np.iinfo("int64")
    ends = [int(limits.min), int(limits.max)]
    near = [int(end) + step for end in (facts.low, facts.high) if end is not None for step in (-1, 0, 1)]
    around = [sign * limit + step for limit in _WHOLE_LIMITS for sign in (1, -1) for step in (-1, 1)]
    steps = _steps(facts.low, facts.high) if facts.low is not None and facts.high is not None else []
    return [
        value for value in (0, 1, -1, *near, *_WHOLE, *around, *ends, *map(int, steps)) if ends[0] <= value <= ends[1]
    ]


def _steps(low: float, high: float) -> list[float]:
    """Evenly spaced numbers from low to high, of few digits."""
    import numpy as np

    if not np.isfinite(low) or not np.isfinite(high):
        return []
    return [float(f"{step:.4g}") for step in np.linspace(float(low), float(high), _STEPS)]


def _numbers(real: list[Any], facts: ColumnFacts) -> list[float]:
    import numpy as np

    finite = [float(value) for value in real if np.isfinite(value)]
    low = facts.low if facts.low is not None else min(finite, default=0.0)
    high = facts.high if facts.high is not None else max(finite, default=1.0)
    ends = [float(end) for end in (facts.low, facts.high) if end is not None and np.isfinite(end)]
    inside = [float(np.nextafter(end, toward)) for end in ends for toward in (-np.inf, np.inf)]
    halves = [float(np.floor(value)) + 0.5 for value in finite[:8]]
    limits = [float(limit + step) for limit in _WHOLE_LIMITS for step in (-1, 0, 1)]
    return [0.0, -0.0, *ends, *_NUMBERS, *limits, *inside, *halves, *_steps(low, high)]


def _times(real: list[Any], facts: ColumnFacts) -> list[pd.Timestamp]:
    import pandas as pd

    from pytest_mlgate.gates.parity.dates import special_times

    times = [pd.Timestamp(value) for value in real]
    low = facts.low if facts.low is not None else min(times, default=pd.Timestamp("2000-01-01"))
    high = facts.high if facts.high is not None else max(times, default=pd.Timestamp("2024-12-31"))
    zone = low.tzinfo
    far = [pd.Timestamp(day, tz=zone) for day in ("1970-01-01", "1969-12-31 23:59:59", "2024-02-29", "2038-01-20")]
    return [*special_times(low, high, zone), *far, low, high]


def variants(text: str) -> list[str]:
    """Return other spellings of a text: padded, in other cases, in both unicode forms, cut, doubled."""
    forms = [unicodedata.normalize(form, text) for form in ("NFC", "NFD")]
    accented = text + "é"
    return [
        *(f" {text}", f"{text} ", f"{text}\t"),
        *(text.upper(), text.lower(), text.title(), text.swapcase()),
        *forms,
        *(unicodedata.normalize(form, accented) for form in ("NFC", "NFD")),
        *(text[:-1], text + text, f"0{text}"),
    ]


def typicality(rows: pd.DataFrame) -> Any:
    """Return for each row the share of rows that hold about the same value, a mean over the columns.

    Returns
    -------
    ndarray of shape (n_rows,)
        In [0, 1]. Numbers and times are about the same where they lie in the same tenth of their ranks; a missing value
        agrees with none.
    """
    import numpy as np

    from pytest_mlgate.tables.kinds import kind_of

    total = np.zeros(len(rows))
    for position in range(rows.shape[1]):
        column = rows.iloc[:, position]
        if kind_of(column) in ("number", "datetime", "integer") and column.nunique() > 10:
            keys = (column.astype(object).infer_objects().rank(pct=True) * 10).round()
        else:
            keys = column.map(repr, na_action="ignore").astype(object)
        share = keys.map(keys.value_counts() / len(keys)).astype(float).fillna(0.0).to_numpy()
        total += np.where(column.isna().to_numpy(), 0.0, share)
    return total / max(rows.shape[1], 1)


def with_values(rows: pd.DataFrame, changes: Mapping[tuple[int, Any], Any]) -> pd.DataFrame:
    """Return a copy of rows with other values in some cells, with the dtypes of the original where values allow.

    Parameters
    ----------
    rows : DataFrame
        With the index 0, 1, ...
    changes : Mapping of (position, column) to value
        None is a missing value. In a column of integers it makes floats, as pandas does when it reads one, or
        ``Int64`` where a float cannot hold the others; in a column of booleans it makes objects; a new level is added
        to the categories.
    """
    changed = rows.copy()
    by_column: dict[Any, dict[int, Any]] = {}
    for (position, name), value in changes.items():
        by_column.setdefault(name, {})[position] = value
    for name, cells in by_column.items():
        values = [builtin(value) for value in rows[name].astype(object)]
        for position, value in cells.items():
            values[position] = value
        changed[name] = _as_dtype(values, rows[name])
    return changed


def _as_dtype(values: list[Any], like: pd.Series[Any]) -> pd.Series[Any]:
    import pandas as pd

    dtype: Any = like.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        known = list(dtype.categories)
        new = [value for value in dict.fromkeys(values) if not pd.isna(value) and value not in known]
        dtype = pd.CategoricalDtype([*known, *new], ordered=dtype.ordered)
    elif dtype.kind in "iub" and not pd.api.types.is_extension_array_dtype(dtype) and any(map(_is_missing, values)):
        if dtype.kind == "b":
            dtype = object
        else:
            dtype = "float64" if all(_is_missing(value) or abs(value) <= 2**53 for value in values) else "Int64"
    elif pd.api.types.is_object_dtype(dtype) and like.isna().any():
        missing = like[like.isna()].iloc[0]  # None, NaN or NaT, as the column has it
        values = [missing if _is_missing(value) else value for value in values]
    try:
        column: pd.Series[Any] = pd.Series(values, index=like.index, dtype=dtype, name=like.name)
    except (TypeError, ValueError, OverflowError):
        column = pd.Series(values, index=like.index, dtype=object, name=like.name)
    return column


def _is_missing(value: Any) -> bool:
    import pandas as pd

    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def same(left: Any, right: Any) -> bool:
    """Return whether two cells hold the same value; missing ones do, 0.0 and -0.0 do not."""
    if _is_missing(left) or _is_missing(right):
        return _is_missing(left) and _is_missing(right)
    return _key(builtin(left)) == _key(builtin(right))


def values_to_try(rows: pd.DataFrame, facts: TableFacts) -> dict[Any, tuple[Any, ...]]:
    """Return the candidate values of each column that has any."""
    found = {name: candidate_values(rows[name], facts.columns[name]) for name in rows.columns if name in facts.columns}
    return {name: values for name, values in found.items() if values}
