"""Columns of a data frame as what drift compares: sorted numbers, or counted levels."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.stats.samples import Sample
    from pytest_mlgate.tables.sketches import ColumnProfile

Kind = Literal["number", "timestamp", "category", "empty"]

_OBJECT_KINDS: dict[str, str] = {
    "string": "text",
    "boolean": "boolean",
    "integer": "integer",
    "floating": "float",
    "mixed-integer-float": "float",
    "decimal": "float",
    "timedelta": "duration",
    "timedelta64": "duration",
    "datetime": "timestamp",
    "datetime64": "timestamp",
    "date": "timestamp",
}


def _no_values() -> Sample:
    from pytest_mlgate.stats.samples import Sample

    return Sample((), is_sorted=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One side of a column.

    Attributes
    ----------
    kind : {'number', 'timestamp', 'category', 'empty'}
        How it is compared; ``empty`` where no row has a value.
    family : str
        What the values are: ``number``, ``duration``, ``timestamp``, or for categories what the levels are (``text``,
        ``boolean``, ``number``, ...). Sides of different families cannot be compared.
    rows, missing : int
        Rows in all, and rows without a value.
    sample : Sample
        The ``rows - missing`` values; timestamps in microseconds since 1970-01-01 UTC, durations in seconds. Empty for
        categories.
    levels : Mapping of str to int
        Rows of each level, missing values left out; empty for numbers.
    span : int or None
        For whole numbers without a repeated value: the largest minus the smallest one.
    zone : str
        Time zone of timestamps; empty where they have none.
    from_text : bool
        Whether timestamps came as text, as they do from CSV.
    sketch : ColumnProfile or None
        What a profile keeps in place of the values, or what was counted of them; ``sample`` and ``levels`` are then
        empty.
    counted : bool
        Whether the sketch was counted of rows that are there, and can be looked at again.
    """

    kind: Kind
    family: str
    rows: int
    missing: int
    sample: Sample = field(default_factory=_no_values)
    levels: Mapping[str, int] = field(default_factory=dict)
    span: int | None = None
    zone: str = ""
    from_text: bool = False
    sketch: ColumnProfile | None = None
    counted: bool = False

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.rows - self.missing

    @property
    def values(self) -> NDArray[np.float64]:
        """The values, sorted."""
        return self.sample.sorted


def read_column(series: pd.Series[Any], *, table: str, hidden: bool = False) -> Column:
    """Return one side of a column, ready to be compared.

    Parameters
    ----------
    series : Series
        Numbers (nullable and Arrow ones too), booleans, strings, categories, timestamps, dates, periods, durations or
        decimals, also as Python objects. Text whose every value is an ISO 8601 date is read as timestamps.
    table : str
        How messages name the table.
    hidden : bool
        Whether no message may quote a value.

    Raises
    ------
    InputError
        Nested, complex or binary values, or values of several types.
    """
    import pandas as pd

    dtype: Any = series.dtype
    if isinstance(dtype, pd.ArrowDtype) and dtype.kind == "O":
        series = _from_arrow(series, dtype, table)
        dtype = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return _from_categorical(series)
    values = series.dropna()
    if values.empty:
        return Column(kind="empty", family="", rows=len(series), missing=len(series))
    column = _from_values(values, _family(values, table), table, hidden)
    # A decimal or an Arrow float may turn out to be NaN only once it is a number.
    missing = len(series) - len(values) + column.missing
    return replace(column, rows=len(series), missing=missing)


def _family(values: pd.Series[Any], table: str) -> str:
    import numpy as np
    from pandas.api import types

    dtype: Any = values.dtype
    if isinstance(dtype, np.dtype) and dtype.kind == "O":
        inferred = types.infer_dtype(values, skipna=True)
        if inferred in _OBJECT_KINDS:
            return _OBJECT_KINDS[inferred]
        found = sorted({type(value).__name__ for value in values})
        raise _unreadable(values, table, f"values of type {' and '.join(found)}")
    if types.is_bool_dtype(dtype):
        return "boolean"
    if types.is_complex_dtype(dtype):
        raise _unreadable(values, table, "complex numbers")
    if types.is_integer_dtype(dtype):
        return "integer"
    if types.is_numeric_dtype(dtype):
        return "float"
    if types.is_datetime64_any_dtype(dtype) or str(dtype).startswith(("period", "date32", "date64", "timestamp")):
        return "timestamp"
    if types.is_timedelta64_dtype(dtype) or str(dtype).startswith("duration"):
        return "duration"
    if types.is_string_dtype(dtype):
        return "text"
    raise _unreadable(values, table, f"values of type {dtype}")


def _unreadable(values: pd.Series[Any], table: str, what: str) -> InputError:
    return InputError(
        f"column {str(values.name)!r} of {table} holds {what}, which drift cannot compare",
        fix="give the column one type (numbers, text, booleans, categories or timestamps), or list it in `exclude`",
    )


def _from_values(values: pd.Series[Any], family: str, table: str, hidden: bool) -> Column:
    if family in ("text", "boolean"):
        counts = values.value_counts(sort=False)
        # Lists: a million levels are told apart in seconds.
        return from_levels(dict(zip(map(str, counts.index.tolist()), counts.tolist(), strict=True)), family)
    if family == "integer":
        return _from_integers(values)
    if family == "timestamp":
        return _from_timestamps(values, table, hidden)
    return _from_floats(values, family)


def from_levels(levels: Mapping[str, int], family: str) -> Column:
    """Return a column of counted levels, or of timestamps where every level is an ISO 8601 date; none is missing."""
    dates = _from_dates(levels) if family == "text" else None
    return dates or Column(kind="category", family=family, rows=0, missing=0, levels=levels)


def _from_dates(levels: Mapping[str, int]) -> Column | None:
    """Read text of which every level is an ISO 8601 date as timestamps."""
    import numpy as np

    from pytest_mlgate.stats.samples import Sample
    from pytest_mlgate.tables.dates import iso_ticks

    found = iso_ticks(levels)
    if found is None:
        return None
    ticks, zoned = found
    numbers = np.repeat(np.array(ticks, dtype=np.int64), list(levels.values())).astype(np.float64)
    zone = "UTC" if zoned else ""
    sample = Sample(numbers)
    return Column(kind="timestamp", family="timestamp", rows=0, missing=0, sample=sample, zone=zone, from_text=True)


def _from_integers(values: pd.Series[Any]) -> Column:
    import numpy as np

    unsigned = str(values.dtype).lower().startswith("uint")
    try:
        whole = values.to_numpy(dtype=np.uint64 if unsigned else np.int64)
    except OverflowError:  # Python integers beyond 64 bits
        return _from_floats(values, "float")
    return from_whole_numbers(whole)


def from_whole_numbers(values: NDArray[np.integer[Any]]) -> Column:
    """Return a column of whole numbers, none missing."""
    import numpy as np

    from pytest_mlgate.stats.samples import Sample

    if int(values.max()) - int(values.min()) < values.size - 1:  # some value repeats
        sample = Sample(values.astype(np.float64))
        return Column(kind="number", family="number", rows=0, missing=0, sample=sample)
    whole = np.sort(values)
    distinct = bool((whole[1:] != whole[:-1]).all())
    span = int(whole[-1]) - int(whole[0]) if distinct else None
    sample = Sample(whole.astype(np.float64), is_sorted=True)
    return Column(kind="number", family="number", rows=0, missing=0, sample=sample, span=span)


def _from_floats(values: pd.Series[Any], family: str) -> Column:
    import numpy as np

    if family == "duration":
        import pandas as pd

        values = pd.to_timedelta(values.astype(object)).dt.total_seconds()
    return from_numbers(values.to_numpy(dtype=np.float64, na_value=np.nan), family)


def from_numbers(values: NDArray[np.float64], family: str) -> Column:
    """Return a column of numbers, NaN counted as missing."""
    import numpy as np

    from pytest_mlgate.stats.samples import Sample

    sample = Sample(values)
    if sample.size and np.isnan(sample.ends[1]):  # the largest of values with NaN among them
        sample = Sample(values[~np.isnan(values)])
    kind: Kind = "number" if sample.size else "empty"
    family = "duration" if family == "duration" else "number"
    return Column(kind=kind, family=family, rows=0, missing=values.size - sample.size, sample=sample)


def _from_timestamps(values: pd.Series[Any], table: str, hidden: bool) -> Column:
    import numpy as np
    import pandas as pd

    from pytest_mlgate.stats.samples import Sample

    dtype: Any = values.dtype
    if isinstance(dtype, pd.PeriodDtype):
        values = values.dt.to_timestamp()
    elif isinstance(dtype, pd.ArrowDtype):
        values = pd.Series(np.asarray(values.dt.tz_convert("UTC") if _arrow_zone(dtype) else values, dtype="M8[us]"))
    zone = _arrow_zone(dtype) or str(getattr(values.dtype, "tz", None) or "")
    try:
        moments = pd.to_datetime(values, utc=True)
        ticks = moments.dt.tz_localize(None).to_numpy().astype("M8[us]").astype(np.int64)
    except (ValueError, OverflowError) as error:  # out of bounds for pandas is a ValueError
        why = type(error).__name__ if hidden else error
        raise _unreadable(values, table, f"timestamps that cannot be read ({why})") from error
    sample = Sample(ticks.astype(np.float64))
    return Column(kind="timestamp", family="timestamp", rows=0, missing=0, sample=sample, zone=zone)


def _arrow_zone(dtype: Any) -> str:
    return str(getattr(getattr(dtype, "pyarrow_dtype", None), "tz", None) or "")


def _from_arrow(series: pd.Series[Any], dtype: Any, table: str) -> pd.Series[Any]:
    import pyarrow as pa

    arrow = dtype.pyarrow_dtype
    if pa.types.is_nested(arrow) or pa.types.is_binary(arrow) or pa.types.is_large_binary(arrow):
        raise _unreadable(series, table, f"values of type {arrow}")
    if pa.types.is_dictionary(arrow):
        return series.astype(object).astype("category")
    return series if pa.types.is_string(arrow) or pa.types.is_large_string(arrow) else series.astype(object)


def _from_categorical(series: pd.Series[Any]) -> Column:
    import numpy as np
    import pandas as pd

    codes = series.cat.codes.to_numpy()
    categories = series.cat.categories
    used = np.bincount(codes[codes >= 0], minlength=len(categories))
    levels: Counter[str] = Counter()
    for category, count in zip(categories, used, strict=True):
        if count:
            levels[level_name(category)] += int(count)
    rows, missing = len(series), int((codes < 0).sum())
    if missing == rows:
        return Column(kind="empty", family="", rows=rows, missing=missing)
    inferred = pd.api.types.infer_dtype(categories[used > 0], skipna=True)
    family = {"string": "text", "boolean": "boolean", "integer": "number", "floating": "number"}.get(inferred, inferred)
    dates = _from_dates(levels) if family == "text" else None
    if dates is not None:
        return replace(dates, rows=rows, missing=missing)
    return Column(kind="category", family=family, rows=rows, missing=missing, levels=dict(levels))


def level_name(level: Any) -> str:
    """Name a level by its value, so that 1 and 1.0 are one level whatever the column's type is."""
    return str(int(level)) if isinstance(level, float) and level.is_integer() else str(level)
