"""Arrow columns as what drift compares, without a pandas series in between where their type allows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.drift.columns import Column, from_levels, from_numbers, from_whole_numbers, read_column

if TYPE_CHECKING:
    import pyarrow as pa


def read_arrow_column(array: pa.ChunkedArray, *, name: str, table: str, hidden: bool = False) -> Column:
    """Return one side of a column, as :func:`~pytest_mlgate.gates.drift.columns.read_column` does.

    Parameters
    ----------
    array : ChunkedArray
        Floats, integers, booleans and text (also as a dictionary) are read as they are; all else by way of pandas.
    name, table : str
        How messages name column and table.
    hidden : bool
        Whether no message may quote a value.

    Raises
    ------
    InputError
        Nested, complex or binary values, or values of several types.
    """
    import pyarrow.types as kinds

    kind = array.type
    if array.null_count == len(array):
        return Column(kind="empty", family="", rows=len(array), missing=len(array))
    if kinds.is_floating(kind):
        column = from_numbers(array.to_numpy().astype(float, copy=False), "number")
    elif kinds.is_integer(kind):
        column = from_whole_numbers(array.drop_null().to_numpy())
    elif kinds.is_dictionary(kind) and _is_text(kind.value_type):
        column = from_levels(_counted(array), "text")
    elif _is_text(kind) or kinds.is_boolean(kind):
        column = from_levels(_counted(array.dictionary_encode()), "text" if _is_text(kind) else "boolean")
    else:
        series = array.to_pandas()
        series.name = name
        return read_column(series, table=table, hidden=hidden)
    null = 0 if kinds.is_floating(kind) else array.null_count  # a null among floats has become NaN
    return replace(column, rows=len(array), missing=column.missing + null)


def _is_text(kind: Any) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_string(kind) or kinds.is_large_string(kind))


def _counted(array: pa.ChunkedArray) -> dict[str, int]:
    """Count the rows of each level of a dictionary column, in the order of the dictionary."""
    import numpy as np

    merged = array.unify_dictionaries().combine_chunks()
    merged = merged.chunk(0) if hasattr(merged, "chunk") else merged  # older versions keep one chunk
    levels = merged.dictionary.to_pylist()
    counts = np.bincount(merged.indices.drop_null().to_numpy(), minlength=len(levels))
    found: dict[str, int] = {}
    for level, count in zip(levels, counts.tolist(), strict=True):
        if count:
            found[str(level)] = found.get(str(level), 0) + count
    return found
