"""numpy's own files: ``.npy``, whose elements are raw or, where they are objects, a pickle."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable
from typing import Any

from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.source import Source

BEGINNING = b"\x93NUMPY"
_LONGEST_HEADER = 1 << 16
_CODE = re.compile(r"[<>|=]?(?:(?P<bit>[?b]1?)|(?P<kind>[iufcSUVaOMm])(?P<size>\d{1,9})?(?:\[[0-9A-Za-z/]*\])?)")


def pass_array(source: Source, objects: Callable[[], Any] | None) -> None:
    """Pass over one array, which must end where the source does.

    Parameters
    ----------
    source : Source
        Stands at the first byte of the header.
    objects : callable or None
        Follows the pickle of an array of objects; None: there must be none.

    Raises
    ------
    Refused
        Where header or length are not what numpy writes.
    """
    descr, shape = _header(source)
    size, holds_objects = _element(descr)
    if holds_objects and objects is None:
        raise Refused("odd array", "holds an array of Python objects, where none may be")
    if holds_objects and objects is not None:
        objects()
    else:
        source.skip(size * math.prod(shape))
    if source.more():
        raise Refused("trailing bytes", "bytes follow the end of an array")


def _header(source: Source) -> tuple[Any, tuple[int, ...]]:
    if source.take(6) != BEGINNING:
        raise Refused("damaged", "is no array of numpy's")
    major, minor = source.take(2)
    if major not in (1, 2, 3) or minor:
        raise Refused("damaged", f"has version {major}.{minor} of numpy's format; 1.0 to 3.0 are known")
    length = int.from_bytes(source.take(2 if major == 1 else 4), "little")
    if length > _LONGEST_HEADER:
        raise Refused("limit", f"holds an array whose header has more than {_LONGEST_HEADER:,} bytes")
    try:
        found = ast.literal_eval(source.take(length).decode("utf-8" if major == 3 else "latin-1"))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        raise Refused("damaged", "holds an array whose header cannot be read") from None
    if not isinstance(found, dict) or set(found) != {"descr", "fortran_order", "shape"}:
        raise Refused("damaged", "holds an array whose header lacks a key or has another")
    shape = found["shape"]
    whole = isinstance(shape, tuple) and len(shape) <= 64 and all(type(n) is int and 0 <= n < 2**62 for n in shape)
    if not whole or not isinstance(found["fortran_order"], bool):
        raise Refused("damaged", "holds an array whose shape is none")
    return found["descr"], shape


def _element(descr: Any, depth: int = 0) -> tuple[int, bool]:
    """Return the bytes of an element, and whether it holds Python objects."""
    if depth > 16:
        raise Refused("limit", "holds an array of records that are nested too deep")
    if isinstance(descr, str):
        return _code(descr)
    if isinstance(descr, tuple) and len(descr) == 2:
        size, objects = _element(descr[0], depth + 1)
        shape = descr[1] if isinstance(descr[1], tuple) else (descr[1],)
        return size * _count(shape), objects
    if not isinstance(descr, list) or not descr:
        raise Refused("odd array", "holds an array of a type that numpy does not write")
    total, any_objects = 0, False
    for field in descr:
        if not (isinstance(field, tuple) and len(field) in (2, 3)):
            raise Refused("odd array", "holds an array of records whose fields are none")
        size, objects = _element(field[1], depth + 1)
        total += size * (_count(field[2]) if len(field) == 3 else 1)
        any_objects |= objects
    return total, any_objects


def _code(code: str) -> tuple[int, bool]:
    found = _CODE.fullmatch(code)
    if not found:
        raise Refused("odd array", "holds an array of a type that numpy does not write")
    if found["bit"]:
        return 1, False
    if found["kind"] == "O":
        return 8, True
    size = int(found["size"] or 0)
    return size * (4 if found["kind"] == "U" else 1), False


def _count(shape: Any) -> int:
    if not (isinstance(shape, tuple) and len(shape) <= 64 and all(type(n) is int and 0 <= n < 2**31 for n in shape)):
        raise Refused("odd array", "holds an array of arrays with a shape that is none")
    return math.prod(shape)
