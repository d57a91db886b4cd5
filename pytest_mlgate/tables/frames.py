"""One kind of table for every gate: a pandas frame whose columns have distinct names that are text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

DUCKDB = "duckdb:"
"""What a setting starts with that is a query to duckdb."""
SPARK = "spark:"
"""What a setting starts with that is a table or a path in Spark."""

_FIX = "give a pandas data frame, a path, an Arrow table, a polars frame, or a dict of columns"


def as_frame(value: Any, *, name: str) -> pd.DataFrame:
    """Return a table as a pandas data frame with a plain 0..n-1 index.

    Parameters
    ----------
    value : DataFrame, path-like, TableRead, Mapping of columns, lazy table, or anything with a ``to_pandas`` method
        A frame is not copied; an index other than 0..n-1 is dropped. A lazy table (of polars, duckdb, Spark, or a
        folder of Parquet files) is collected.
    name : str
        The table's role, for messages (``"holdout"``).

    Raises
    ------
    InputError
        Where the value is no table, its columns are duplicate, nested, or not text, or a lazy table is too large to
        be collected.
    """
    import pandas as pd

    refuse_profile(value, name=name)
    if isinstance(value, str | os.PathLike) and not is_engine_setting(os.fspath(value)):
        from pytest_mlgate.tables.reading import read_table

        return read_table(value).frame
    frame = value if isinstance(value, pd.DataFrame) else _collected(value, name)
    if frame is None:
        frame = _convert(value, name)
    check_columns(frame, name=name)
    if isinstance(frame.index, pd.RangeIndex) and (frame.index.start, frame.index.step) == (0, 1):
        return frame
    return frame.reset_index(drop=True)


def is_engine_setting(text: str) -> bool:
    """Whether a text names a table whose rows stay where they are: for duckdb or Spark, a pattern or a folder."""
    return asks_engine(text) or is_pattern(text) or os.path.isdir(text)


def asks_engine(text: str) -> bool:
    """Whether a text says itself which engine is asked; it is no path then."""
    return text.startswith((DUCKDB, SPARK))


def is_pattern(path: str) -> bool:
    """Whether a path has a sign that stands for several files."""
    return any(sign in path for sign in "*?[") and not os.path.exists(path)


def _collected(value: Any, name: str) -> pd.DataFrame | None:
    """Return the rows of a lazy table, within a bound; None for any other value."""
    from pytest_mlgate.tables.engines import frame_of
    from pytest_mlgate.tables.engines.opening import engine_of

    engine = engine_of(value)
    return None if engine is None else frame_of(engine, name=name)


def refuse_profile(value: Any, *, name: str) -> None:
    """Raise InputError where a profile, or the path of one, stands for a table whose rows are needed."""
    from pytest_mlgate.tables.profile import Profile
    from pytest_mlgate.tables.reading import is_profile_path

    if isinstance(value, Profile) or is_profile_path(value):
        raise InputError(
            f"table {name!r} is a profile, which holds no rows, and rows are needed here",
            fix="give the table itself; a profile serves the drift of columns only",
        )


def check_columns(frame: pd.DataFrame, *, name: str) -> None:
    """Raise InputError where column names are nested, not text, or not distinct."""
    columns = frame.columns
    if columns.nlevels > 1:
        raise InputError(
            f"table {name!r} has columns with {columns.nlevels} levels", fix="flatten them to one name a column"
        )
    for column in columns:
        if not isinstance(column, str):
            raise InputError(
                f"table {name!r} has a column named {column!r} ({type(column).__name__}), which is not text",
                fix="name columns with strings: frame.columns = frame.columns.map(str)",
            )
    if not columns.is_unique:
        twice = columns[columns.duplicated()][0]
        raise InputError(f"table {name!r} has more than one column named {twice!r}", fix="rename or drop one")


def _convert(value: Any, name: str) -> pd.DataFrame:
    import pandas as pd

    from pytest_mlgate.tables.engines.expressions import is_expression, refuse_large
    from pytest_mlgate.tables.reading import TableRead

    if isinstance(value, TableRead):
        return value.frame
    if isinstance(value, pd.Series):
        raise InputError(f"table {name!r} is a Series, not a table", fix="give a frame: series.to_frame()")
    if isinstance(value, Mapping):
        return _from_columns(value, name)
    names = getattr(value, "column_names", None)  # an Arrow table with duplicates would fail further down, unclearly
    if isinstance(names, list) and len(set(names)) < len(names):
        twice = next(column for column in names if names.count(column) > 1)
        raise InputError(f"table {name!r} has more than one column named {twice!r}", fix="rename or drop one")
    if callable(getattr(value, "to_pandas", None)):
        try:
            if is_expression(value):
                refuse_large(value, name=name)
            frame = value.to_pandas()
        except InputError:
            raise
        except Exception as error:  # another library's conversion, with errors of its own
            raise InputError(f"table {name!r} cannot become a pandas frame: {error}", fix=_FIX) from error
        if isinstance(frame, pd.DataFrame):
            return frame
    raise InputError(f"table {name!r} is a {_type_name(value)}, not a table", fix=_FIX)


def _from_columns(value: Mapping[Any, Any], name: str) -> pd.DataFrame:
    import pandas as pd

    try:
        return pd.DataFrame(dict(value))
    except (ValueError, TypeError) as error:
        raise InputError(
            f"table {name!r} is a dict that is no table: {error}", fix="give one list or array a column, of one length"
        ) from None


def _type_name(value: Any) -> str:
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
