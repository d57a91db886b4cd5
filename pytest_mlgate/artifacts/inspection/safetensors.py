"""safetensors: a header of JSON and raw numbers that fill the rest of the file exactly."""

from __future__ import annotations

import json
import math
from typing import Any

from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.reading import Reading
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown

# The format's own bound.
_LARGEST_HEADER = 100_000_000
_BITS = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
}


def may_be_safetensors(head: bytes, size: int) -> bool:
    """Whether a file that begins so can be one: a length that fits, then an object of JSON."""
    length = int.from_bytes(head[:8], "little")
    return len(head) > 8 and head[8:9] == b"{" and 2 <= length <= min(size - 8, _LARGEST_HEADER)


def read_safetensors(held: Held) -> Reading:
    """Look at the header: tensors must lie one behind the other, and fill the file."""
    length = int.from_bytes(held.head(8), "little")
    try:
        header = json.loads(held.head(8 + length)[8:], object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise Refused("damaged", "its header is no JSON that can be read", position=8) from None
    if not isinstance(header, dict):
        raise Refused("damaged", "its header is no object", position=8)
    metadata = header.pop("__metadata__", {})
    if not (isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values())):
        raise Refused("damaged", "its metadata are no texts", position=8)
    at = 0
    for begin, end, name in sorted(_extent(name, tensor) for name, tensor in header.items()):
        if begin != at:
            raise Refused("loose bytes", f"its tensor {shown(name)!r} overlaps another or leaves a gap")
        at = end
    if 8 + length + at != held.size:
        raise Refused("loose bytes", "has more or fewer bytes than its tensors")
    return Reading(format="safetensors", complete=True)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key twice")
    return found


def _extent(name: str, tensor: Any) -> tuple[int, int, str]:
    told = tensor if isinstance(tensor, dict) else {}
    offsets: Any = told.get("data_offsets")
    shape: Any = told.get("shape")
    bits = _BITS.get(str(told.get("dtype")))
    if bits is None or not (_are_sizes(offsets) and _are_sizes(shape) and len(offsets) == 2):
        raise Refused("damaged", f"its tensor {shown(name)!r} is not described as it should be")
    begin, end = offsets
    if (end - begin) * 8 != math.prod(shape) * bits:
        raise Refused("damaged", f"its tensor {shown(name)!r} has more or fewer bytes than its shape")
    return begin, end, name


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= 64 and all(type(n) is int and 0 <= n < 2**62 for n in value)
