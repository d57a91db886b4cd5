"""The values of a column in the order of its rows, for what depends on time; a column by itself keeps them sorted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.columns import level_name, read_column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.drift.columns import Column


def numbers_in_order(series: pd.Series[Any], column: Column) -> NDArray[np.float64]:
    """Return the values of an ordered column, row by row; NaN where one is missing.

    Parameters
    ----------
    series : Series of shape (n_rows,)
    column : Column
        What ``read_column`` made of it: numbers or timestamps, with their sorted values.
    """
    import numpy as np
    import pandas as pd
    from pandas.api import types

    if types.is_numeric_dtype(series.dtype) and not types.is_bool_dtype(series.dtype):
        return series.to_numpy(dtype=np.float64, na_value=np.nan)
    if column.from_text:
        return _dates_in_order(series)
    # Whatever the values are, they sort as their numbers do: the sorted numbers go back to where the values stood.
    found = np.full(len(series), np.nan)
    rows = np.flatnonzero(series.notna().to_numpy(dtype=bool))
    order = pd.Series(series.iloc[rows]).array.argsort(kind="stable")
    found[rows[order[: column.present]]] = column.values
    return found


def _dates_in_order(series: pd.Series[Any]) -> NDArray[np.float64]:
    """As text of one form dates would sort; of mixed forms (with and without hours) they do not."""
    import numpy as np
    import pandas as pd

    from pytest_mlgate.tables.dates import iso_ticks

    codes, texts = pd.factorize(series)
    found = iso_ticks(texts)
    ticks = found[0] if found is not None else [np.nan] * len(texts)
    return np.append(np.asarray(ticks, dtype=np.float64), np.nan)[codes]


def levels_in_order(series: pd.Series[Any]) -> tuple[NDArray[np.intp], list[str]]:
    """Return the level of each row as an index into the levels' names; -1 where it is missing.

    The names are those of ``Column.levels``, sorted.
    """
    import numpy as np
    import pandas as pd

    values = series.astype(object) if isinstance(series.dtype, pd.ArrowDtype) else series
    codes, levels = pd.factorize(values)
    labels = [level_name(level) for level in levels]
    names = sorted(set(labels))
    index = {name: number for number, name in enumerate(names)}
    return np.array([*(index[label] for label in labels), -1], dtype=np.intp)[codes], names


def moments(series: pd.Series[Any], *, table: str, hidden: bool, what: str) -> NDArray[np.float64]:
    """Return the time of each row in microseconds since 1970-01-01 UTC; NaN where it is missing.

    Raises
    ------
    InputError
        Where the column does not hold timestamps, dates, periods, or text of ISO 8601, or has no value.
    """
    column = read_column(series, table=table, hidden=hidden)
    if column.kind != "timestamp":
        holds = f"{column.family} values" if column.family else "no value"
        raise InputError(
            f"column {str(series.name)!r} of {table} holds {holds}, and {what} needs timestamps",
            fix="name a column of timestamps, dates or ISO 8601 text as `time` under [data]",
        )
    return numbers_in_order(series, column)
