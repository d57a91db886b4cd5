"""A number for each value and each row, equal for equal ones in two tables, whatever dtype carried them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


def value_hashes(series: pd.Series, *, place: int, digits: int | None = None) -> NDArray[np.uint64]:
    """Return one hash a value; a missing value has one of its own.

    Parameters
    ----------
    series : pandas.Series of shape (n_rows,)
    place : int
        Of the column in the row: the same value in two columns has two hashes.
    digits : int or None
        Significant digits that numbers are rounded to first; None: they are taken as they are.
    """
    import numpy as np
    import pandas as pd

    from pytest_mlgate.tables.kinds import kind_of

    kind = kind_of(series)
    bits: Any
    missing = series.isna().to_numpy(dtype=bool)
    if kind in ("integer", "number", "boolean"):
        numbers = series.astype("object") if isinstance(series.dtype, pd.CategoricalDtype) else series
        values = numbers.to_numpy(dtype=float, na_value=np.nan, copy=True)
        bits = (_rounded(values, digits) if digits is not None else values + 0.0).view(np.uint64)  # -0.0 is 0.0
    elif kind == "datetime" and hasattr(series, "dt") and not isinstance(series.dtype, pd.CategoricalDtype):
        bits = _moments(series).view(np.uint64)
    else:
        text = series if kind == "string" else series.astype(str)
        bits = pd.util.hash_pandas_object(text, index=False).to_numpy().copy()
    bits[missing] = np.uint64(0x6D697373696E67)
    return _mixed(bits, place)


def row_hashes(frame: pd.DataFrame, columns: Sequence[str], *, digits: int | None = None) -> NDArray[np.uint64]:
    """Return one hash a row: the sum of its values' hashes, so that one column's part can be taken out again."""
    import numpy as np

    total = np.zeros(len(frame), dtype=np.uint64)
    for place, column in enumerate(columns):
        total += value_hashes(frame[column], place=place, digits=digits)
    return total


def _rounded(values: NDArray[np.float64], digits: int) -> NDArray[np.float64]:
    import numpy as np

    with np.errstate(all="ignore"):
        size = np.floor(np.log10(np.abs(values)))
        scale = np.power(10.0, digits - 1 - size)
        rounded = np.rint(values * scale)
        told = np.where(np.isfinite(rounded), rounded * 1000 + size, values)
    return np.asarray(told + 0.0, dtype=float)


def _moments(series: pd.Series) -> NDArray[np.int64]:
    import numpy as np
    import pandas as pd

    moments = pd.to_datetime(series, utc=True)
    return np.asarray(moments.dt.as_unit("us").astype("int64").to_numpy(copy=True), dtype=np.int64)


def _mixed(bits: NDArray[np.uint64], place: int) -> NDArray[np.uint64]:
    """The finaliser of splitmix64 (Steele, Lea and Flood, 2014), with the column's place in the seed."""
    import numpy as np

    mixed: Any = bits + np.uint64((0x9E3779B97F4A7C15 * (place + 1)) % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return np.asarray(mixed, dtype=np.uint64)
