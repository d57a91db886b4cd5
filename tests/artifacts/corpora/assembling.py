"""Pickles put together by hand, instruction by instruction."""

from __future__ import annotations

import pickle
import struct
from typing import Any

PROTO_2, PROTO_4 = b"\x80\x02", b"\x80\x04"
STOP = b"."


def text(value: str) -> bytes:
    """A text, as protocol 1 and later have it."""
    data = value.encode("utf-8")
    return b"X" + struct.pack("<I", len(data)) + data


def look_up(module: str, name: str) -> bytes:
    """A name, in lines."""
    return f"c{module}\n{name}\n".encode()


def look_up_on_stack(module: str, name: str) -> bytes:
    """A name, by two texts on the stack."""
    return text(module) + text(name) + b"\x93"


def value(item: Any) -> bytes:
    """A plain value without its protocol and its end."""
    return pickle.dumps(item, 2)[2:-1]


def arguments(*items: bytes) -> bytes:
    """A tuple of what stands between."""
    return b"(" + b"".join(items) + b"t"


def call(function: bytes, *items: bytes) -> bytes:
    """A call."""
    return function + arguments(*items) + b"R"


def whole(*parts: bytes, start: bytes = PROTO_2) -> bytes:
    """A pickle of these parts."""
    return start + b"".join(parts) + STOP


class Reduced:
    """An object that unpickles to a call."""

    def __init__(self, function: Any, *items: Any) -> None:
        self.reduced = function, items

    def __reduce__(self) -> Any:
        return self.reduced
