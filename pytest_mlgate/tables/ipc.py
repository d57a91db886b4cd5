"""Frames as Arrow IPC streams: how rows reach another process, and what a digest of a frame is taken of."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

_OBJECTS = b"mlgate.objects"
_STRINGS = b"mlgate.strings"
# Python types that one object column may hold; anything else does not come back from Arrow as it went in.
_CARRIED = ("str", "bool", "int", "float", "bytes", "date", "datetime", "time", "timedelta", "Decimal", "list")


def to_ipc(frame: pd.DataFrame) -> bytes:
    """Return a frame as an Arrow IPC stream; :func:`from_ipc` gives back the same dtypes and missing values.

    Parameters
    ----------
    frame : pandas.DataFrame
        The index is not carried.

    Raises
    ------
    InputError
        Where a column holds what Arrow cannot carry: mixed types, complex numbers, arbitrary objects.
    """
    import pyarrow as pa

    table, missing = _to_table(frame)
    notes = {_OBJECTS: json.dumps(missing).encode(), _STRINGS: json.dumps(_storages(frame)).encode()}
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), **notes})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def from_ipc(content: bytes) -> pd.DataFrame:
    """Return the frame that :func:`to_ipc` wrote; its arrays are its own and writable."""
    import pandas as pd
    import pyarrow as pa

    with pa.ipc.open_stream(pa.BufferReader(content)) as reader:
        table = reader.read_all()
    metadata = table.schema.metadata or {}
    objects: dict[str, Any] = json.loads(metadata.get(_OBJECTS, b"{}"))
    # Arrow buffers are read-only, and a model may write into its input as it could in training.
    frame: pd.DataFrame = table.to_pandas().copy()
    storages: dict[str, str] = json.loads(metadata.get(_STRINGS, b"{}"))
    for column, storage in storages.items():
        frame[column] = frame[column].astype(pd.api.types.pandas_dtype(f"string[{storage}]"))
    for column, missing in objects.items():
        values = _restore(table.column(column).to_pylist(), missing)
        frame[column] = pd.Series(values, index=frame.index, dtype=object)
    return frame


def frame_digest(frame: pd.DataFrame) -> str:
    """Return a SHA-256 of names, types and values of a frame, in hexadecimal.

    Two frames with equal content have one digest, however pandas lays out their blocks, whatever stands below a
    missing value, and whether text is held as ``object`` or as pandas' string type. The index does not count.
    """
    import pyarrow as pa

    table, _ = _to_table(frame)
    digest = hashlib.sha256(f"rows {table.num_rows}\n".encode())
    for column in table.column_names:
        values = table.column(column).combine_chunks()
        if isinstance(values, pa.ChunkedArray):  # an empty column has no chunk to combine
            values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)
        digest.update(json.dumps([column]).encode())
        _update(digest, values)
    return digest.hexdigest()


def _update(digest: Any, values: Any) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(values, pa.ExtensionArray):
        digest.update(str(values.type).encode())
        values = values.storage
    if pa.types.is_dictionary(values.type):
        digest.update(f"dictionary ordered={values.type.ordered}\n".encode())
        _update(digest, values.dictionary)
        values = values.indices.cast(pa.int64())
    if pa.types.is_large_string(values.type) or str(values.type) == "string_view":
        values = values.cast(pa.string()) if values.nbytes < 2**31 else values
    digest.update(f"{values.type} {values.null_count}\n".encode())
    if values.null_count and not pa.types.is_nested(values.type) and not pa.types.is_null(values.type):
        nulls = pc.is_null(values)
        _write(digest, nulls)
        values = _without_nulls(values, nulls)
    _write(digest, values)


def _without_nulls(values: Any, nulls: Any) -> Any:
    """Put the first value that is present in place of each missing one: what lies below those is anything at all."""
    import pyarrow as pa
    import pyarrow.compute as pc

    first = pc.index(nulls, False).as_py()
    if first < 0:
        return pa.nulls(len(values))
    return values.take(pc.if_else(nulls, pa.scalar(first, pa.int64()), pa.array(np.arange(len(values)))))


def _write(digest: Any, values: Any) -> None:
    """Update a digest with plain bytes where the type allows it: those are the same in every version of Arrow."""
    import pyarrow as pa

    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_binary(kind):
        values = values.cast(pa.large_binary())
        _, offsets, data = values.buffers()
        bounds = np.frombuffer(offsets, dtype="<i8")[values.offset : values.offset + len(values) + 1]
        digest.update(np.diff(bounds).tobytes())
        digest.update(memoryview(data)[bounds[0] : bounds[-1]] if data is not None else b"")
    elif pa.types.is_primitive(kind):  # numbers, booleans, dates and times
        digest.update(values.to_numpy(zero_copy_only=False).tobytes())
    else:
        batch = pa.record_batch([values], names=["values"])
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        digest.update(sink.getvalue())


def _to_table(frame: pd.DataFrame) -> tuple[Any, dict[str, Any]]:
    """Return the Arrow table, and for each object column the kinds of missing values it holds."""
    import pyarrow as pa

    from pytest_mlgate.tables.frames import check_columns

    check_columns(frame, name="frame")
    if not len(frame.columns):
        raise InputError("the frame has no columns", fix="give at least one column")
    missing: dict[str, Any] = {}
    for column in frame.columns:
        if frame[column].dtype == object:
            missing[column] = _survey(column, frame[column].to_numpy(), len(frame))
    try:
        return pa.Table.from_pandas(frame, preserve_index=False, nthreads=1), missing
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise _refusal(frame, error) from error


def _storages(frame: pd.DataFrame) -> dict[str, str]:
    """Return how nullable text is stored: Arrow's metadata calls both ways ``string``."""
    import pandas as pd

    kinds = {column: frame[column].dtype for column in frame.columns}
    return {
        column: str(kind.storage)
        for column, kind in kinds.items()
        if isinstance(kind, pd.StringDtype) and kind.na_value is pd.NA
    }


def _survey(column: str, values: np.ndarray[Any, Any], rows: int) -> dict[str, Any]:
    import pandas as pd

    found = {kind: kind.__name__ for kind in set(map(type, values.tolist()))}
    absent: dict[str, list[int]] = {}
    if {"NoneType", "NAType", "NaTType", "float"} & set(found.values()):
        for position in np.flatnonzero(pd.isna(values)).tolist():
            absent.setdefault(_missing_kind(values[position]), []).append(position)
        present = {type(value).__name__ for value in values[~np.asarray(pd.isna(values), dtype=bool)].tolist()}
    else:
        present = set(found.values())
    if len(present) > 1:
        kinds = ", ".join(sorted(present))
        raise InputError(
            f"column {column!r} mixes types: {kinds}", fix="make it one type, for example frame[column].astype(str)"
        )
    if present and not present <= set(_CARRIED):
        raise InputError(
            f"column {column!r} holds objects of type {present.pop()}, which no table file carries",
            fix="turn it into numbers, text or dates",
        )
    if not absent:
        return {"kind": "None", "others": {}}
    usual = max(absent, key=lambda kind: len(absent[kind]))
    return {"kind": usual, "others": {kind: places for kind, places in absent.items() if kind != usual}}


def _missing_kind(value: Any) -> str:
    if value is None:
        return "None"
    return "nan" if isinstance(value, float) else type(value).__name__


def _restore(values: list[Any], missing: dict[str, Any]) -> np.ndarray[Any, Any]:
    import pandas as pd

    signs: dict[str, Any] = {"None": None, "nan": float("nan"), "NAType": pd.NA, "NaTType": pd.NaT}
    restored = np.empty(len(values), dtype=object)
    usual = signs.get(missing["kind"])
    restored[:] = [usual if value is None else value for value in values] if usual is not None else values
    for kind, places in missing["others"].items():
        for place in places:
            restored[place] = signs.get(kind)
    return restored


def _refusal(frame: pd.DataFrame, error: BaseException) -> InputError:
    import pyarrow as pa

    for column in frame.columns:
        try:
            pa.Table.from_pandas(frame[[column]], preserve_index=False, nthreads=1)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            return InputError(
                f"column {column!r} of type {frame[column].dtype} cannot be carried to another process: "
                f"{str(error).splitlines()[0][:200]}",
                fix="turn it into numbers, text, dates or categories",
            )
    return InputError(f"the frame cannot be carried to another process: {error}", fix="check its columns")
