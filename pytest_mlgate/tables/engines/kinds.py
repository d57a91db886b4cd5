"""What a column of an Arrow type holds, and its values as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import ColumnType, Kind

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_TICKS = {"s": 1_000_000, "ms": 1_000, "us": 1}
_PER_SECOND = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}
_NUMPY = {"double": "float64", "float": "float32", "halffloat": "float16"}
"""Where Arrow's names are not numpy's."""
_DAY = 86_400_000_000  # microseconds


def type_of(arrow: pa.DataType) -> ColumnType:
    """Return what a column of an Arrow type holds."""
    import pyarrow.types as types

    tests: tuple[tuple[Kind, Any], ...] = (
        ("empty", types.is_null),
        ("boolean", types.is_boolean),
        ("float", types.is_floating),
        ("whole", types.is_integer),
        ("decimal", types.is_decimal),
        ("timestamp", types.is_timestamp),
        ("date", types.is_date),
        ("duration", types.is_duration),
        ("text", is_text),
    )
    kind: Kind = next((kind for kind, test in tests if test(arrow)), "other")
    zone = str(arrow.tz or "") if kind == "timestamp" else ""
    return ColumnType(kind=kind, arrow=str(arrow), zone=zone)


def is_text(arrow: Any) -> bool:
    """Whether a type is text, of any width, or a dictionary of it."""
    import pyarrow.types as types

    if types.is_dictionary(arrow):
        arrow = arrow.value_type
    view = getattr(types, "is_string_view", lambda _: False)
    return bool(types.is_string(arrow) or types.is_large_string(arrow) or view(arrow))


def numbers_of(array: pa.Array) -> NDArray[np.float64]:
    """Return the values of a column of numbers as drift compares them, null and NaN left out.

    Timestamps are microseconds since 1970-01-01 UTC, rounded down; durations are seconds; whole numbers and decimals
    are the nearest numbers of 64 bits.

    Parameters
    ----------
    array : Array
        Of a kind in :data:`~pytest_mlgate.tables.engines.ORDERED`.

    Raises
    ------
    InputError
        A timestamp that is out of the range of 64 bits in microseconds.
    """
    import pyarrow as pa

    type_ = type_of(array.type)
    array = array.drop_null()
    if type_.kind == "float":
        numbers = plain(array).astype(np.float64, copy=False)
        return numbers[~np.isnan(numbers)]
    if type_.kind == "whole":
        return plain(array).astype(np.float64)
    if type_.kind == "decimal":  # by way of text: Arrow's own cast multiplies, and is off in the last digit
        return plain(array.cast(pa.string()).cast(pa.float64()))
    if type_.kind == "date":
        days = array.type == pa.date32()
        whole = plain(array.cast(pa.int32() if days else pa.int64())).astype(np.int64)
        return _scaled(whole, _DAY if days else 1000).astype(np.float64)
    if type_.kind not in ("timestamp", "duration"):
        raise ValueError(f"no numbers: {array.type}")
    whole, unit = plain(array.cast(pa.int64())), array.type.unit
    if type_.kind == "duration":
        return np.asarray(whole / _PER_SECOND[unit])
    ticks = whole // 1000 if unit == "ns" else _scaled(whole, _TICKS[unit])
    return np.asarray(ticks, dtype=np.float64)


def _scaled(whole: NDArray[np.int64], factor: int) -> NDArray[np.int64]:
    most = np.iinfo(np.int64).max // factor
    if whole.size and not (-most <= int(whole.min()) and int(whole.max()) <= most):
        raise InputError("a timestamp lies too far from 1970 to be counted in microseconds", fix="clip it or drop it")
    return whole * factor


def plain(array: pa.Array) -> NDArray[Any]:
    """Return numbers without nulls as numpy has them; Arrow's own way imports pandas first."""
    size = np.dtype(kind := _NUMPY.get(str(array.type), str(array.type))).itemsize
    if not len(array):
        return np.empty(0, dtype=kind)
    return np.frombuffer(array.buffers()[1], dtype=kind, count=len(array), offset=array.offset * size)
