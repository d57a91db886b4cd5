"""Arrow columns as what drift compares, without a pandas series in between where their type allows it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.drift.columns import Column, from_levels, from_numbers, from_whole_numbers, read_column

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray


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
        column = from_numbers(_plain(_without_nulls(array)).astype(float, copy=False), "number")
    elif kinds.is_integer(kind):
        column = from_whole_numbers(_plain(_without_nulls(array)))
    elif kinds.is_dictionary(kind) and _is_text(kind.value_type):
        column = from_levels(_counted(array), "text")
    elif _is_text(kind) or kinds.is_boolean(kind):
        column = from_levels(_counted(array.dictionary_encode()), "text" if _is_text(kind) else "boolean")
    else:
        series = array.to_pandas()
        series.name = name
        return read_column(series, table=table, hidden=hidden)
    return replace(column, rows=len(array), missing=column.missing + array.null_count)


def _is_text(kind: Any) -> bool:
    import pyarrow.types as kinds

    return bool(kinds.is_string(kind) or kinds.is_large_string(kind))


def _without_nulls(array: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the values; Arrow's own way imports its functions first, a tenth of all that is imported."""
    return array.drop_null() if array.null_count else array


def _plain(array: pa.ChunkedArray) -> NDArray[Any]:
    """Return numbers without nulls as numpy has them; Arrow's own way imports pandas first."""
    import numpy as np

    from pytest_mlgate.tables.engines.kinds import plain

    parts = [plain(chunk) for chunk in array.chunks if len(chunk)]
    if len(parts) == 1:
        return parts[0]
    return np.concatenate(parts) if parts else np.empty(0)


def _counted(array: pa.ChunkedArray) -> dict[str, int]:
    """Count the rows of each level of a dictionary column, in the order of the dictionary."""
    import numpy as np
    import pyarrow as pa

    merged = array.unify_dictionaries().combine_chunks()
    merged = merged.chunk(0) if hasattr(merged, "chunk") else merged  # older versions keep one chunk
    levels = merged.dictionary.to_pylist()
    counts = np.bincount(_plain(_without_nulls(pa.chunked_array([merged.indices]))), minlength=len(levels))
    found: dict[str, int] = {}
    for level, count in zip(levels, counts.tolist(), strict=True):
        if count:
            found[str(level)] = found.get(str(level), 0) + count
    return found
