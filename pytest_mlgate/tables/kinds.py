"""Kinds of value a column holds, whatever reader or dtype carried them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


def kind_of(series: pd.Series) -> str:
    """Return the kind of a column's values.

    Parameters
    ----------
    series : pandas.Series
        Any dtype: numpy, nullable, pyarrow, categorical or object.

    Returns
    -------
    str
        ``integer``, ``number``, ``string``, ``boolean``, ``datetime``, or ``any`` for a column without values and
        for everything else. A float column is ``number``, also where all its values are whole.
    """
    import pandas as pd
    from pandas.api import types

    dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return kind_of(pd.Series(dtype.categories)) if len(dtype.categories) else "any"
    if isinstance(dtype, pd.SparseDtype):
        dtype = dtype.subtype
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_float_dtype(dtype):
        return "number"
    if types.is_datetime64_any_dtype(dtype):
        return "datetime"
    if types.is_object_dtype(dtype) or types.is_string_dtype(dtype):
        return _INFERRED.get(types.infer_dtype(series, skipna=True), "any")
    return "any"


# What pandas calls the values of an object column. Mixed ones ("mixed-integer", "decimal", ...) have no kind.
_INFERRED = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "floating": "number",
    "mixed-integer-float": "number",
    "datetime": "datetime",
    "datetime64": "datetime",
}


def is_of_kind(series: pd.Series, kind: str) -> bool:
    """Return whether every value that is not missing is of a kind.

    An integer is a number, and a float column whose values are all whole holds integers: a single missing value
    makes pandas read whole numbers as floats. A column without any value is of every kind.
    """
    if kind == "any" or series.isna().all():
        return True
    found = kind_of(series)
    if found == kind or (kind == "number" and found == "integer"):
        return True
    return kind == "integer" and found == "number" and _whole(series)


def _whole(series: pd.Series) -> bool:
    import numpy as np

    values = series.dropna().to_numpy(dtype=float)
    return bool(np.all(np.isfinite(values)) and np.all(values == np.floor(values)))
