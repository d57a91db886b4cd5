"""The messages between a run and the process that holds a model: a JSON header and an Arrow payload, never a pickle."""

from __future__ import annotations

import json
import os
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LENGTHS = struct.Struct(">IQ")
PREFIX_BYTES = _LENGTHS.size
# The other side is not trusted: no length it claims makes us allocate without bound.
MAX_HEADER = 16 * 1024**2
MAX_PAYLOAD = 4 * 1024**3


def pack(header: dict[str, Any], payload: bytes = b"") -> bytes:
    """Return one message."""
    text = json.dumps(header).encode()
    return b"".join((_LENGTHS.pack(len(text), len(payload)), text, payload))


def missing_bytes(buffer: bytes | bytearray) -> int:
    """Return how many bytes a partly read message lacks at least; 0 where it is whole.

    Raises
    ------
    ValueError
        Where the claimed lengths are beyond the bounds.
    """
    if len(buffer) < PREFIX_BYTES:
        return PREFIX_BYTES - len(buffer)
    header, payload = _LENGTHS.unpack_from(buffer)
    if header > MAX_HEADER or payload > MAX_PAYLOAD:
        raise ValueError(f"a message of {header} + {payload} bytes")
    return int(max(0, PREFIX_BYTES + header + payload - len(buffer)))


def unpack(buffer: bytes | bytearray) -> tuple[dict[str, Any], bytes]:
    """Return header and payload of a whole message; ValueError where it is none."""
    header, payload = _LENGTHS.unpack_from(buffer)
    end = PREFIX_BYTES + header
    if len(buffer) != end + payload:
        raise ValueError("bytes after the message")
    record = json.loads(bytes(buffer[PREFIX_BYTES:end]))
    if not isinstance(record, dict):
        raise ValueError("the header is no object")
    return record, bytes(buffer[end:])


def read_message(descriptor: int) -> tuple[dict[str, Any], bytes] | None:
    """Read one message from a blocking descriptor; None at its end."""
    buffer = bytearray()
    while lacking := missing_bytes(buffer):
        part = os.read(descriptor, min(lacking, 1 << 20))
        if not part:
            return None
        buffer += part
    return unpack(buffer)


def write_all(descriptor: int, message: bytes) -> None:
    """Write a message to a blocking descriptor."""
    view = memoryview(message)
    while view:
        view = view[os.write(descriptor, view) :]


def encode_array(values: NDArray[Any]) -> tuple[dict[str, Any], bytes]:
    """Return an array as a description and an Arrow IPC stream of its elements in row order, bit for bit.

    Parameters
    ----------
    values : ndarray
        Of booleans, integers, floats, or text (``object`` or ``<U``).
    """
    import pyarrow as pa

    flat = values.ravel()
    column = pa.array(flat.tolist(), pa.string()) if values.dtype.kind in "OU" else pa.array(flat)
    batch = pa.record_batch([column], names=["answer"])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return {"dtype": values.dtype.str, "shape": list(values.shape)}, sink.getvalue().to_pybytes()


def decode_array(description: dict[str, Any], payload: bytes) -> NDArray[Any]:
    """Return the array that :func:`encode_array` wrote; ValueError where description and content disagree."""
    import numpy as np
    import pyarrow as pa

    with pa.ipc.open_stream(pa.BufferReader(payload)) as reader:
        column = reader.read_all().column("answer")
    dtype = np.dtype(str(description["dtype"]))
    if dtype.kind not in "OUbiuf":
        raise ValueError(f"an answer of type {dtype}")
    elements = column.to_pylist() if dtype.kind in "OU" else column.to_numpy()
    flat = np.array(elements, dtype=dtype)
    return flat.reshape([int(size) for size in description["shape"]])
