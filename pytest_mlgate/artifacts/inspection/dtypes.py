"""numpy's dtypes as a pickle describes them: how many bytes an element takes, and whether it holds Python objects.

What a dtype says decides how many raw bytes follow and whether numpy takes them for addresses of objects. So only what
numpy itself writes is accepted: the arguments of ``numpy.dtype`` and the state that ``dtype.__reduce__`` gives.
"""

from __future__ import annotations

import re
from typing import Any

from pytest_mlgate.artifacts.inspection.refusal import Refused, shown
from pytest_mlgate.artifacts.inspection.values import BYTES, DICT, Global, State

_PLAIN = re.compile(r"(b1|[iu][1248]|f(2|4|8|12|16)|c(8|16|24|32)|O8|O4|[SUV]\d{1,9}|[Mm]8)")
_ENDIANS = ("<", ">", "|", "=")
_LARGEST = 2**31 - 1
# Bits of a dtype's flags, as numpy/ndarraytypes.h has them.
_HOLDS_REFERENCES = 0x01 | 0x02 | 0x04
_REFERENCES = 0x01 | 0x02
_OBJECT_FLAGS = 63
_ANY_FLAGS = 0xFF


class Dtype:
    """One ``numpy.dtype`` object.

    Attributes
    ----------
    size : int or None
        Bytes of an element; None where only the state will tell.
    objects : bool
        Whether an element holds references to Python objects.
    """

    __slots__ = ("_closed", "_kind", "objects", "size")

    def __init__(self, kind: str, size: int | None) -> None:
        self._kind, self.size = kind, size
        self.objects = kind == "O"
        self._closed = False

    @property
    def open(self) -> bool:
        """Whether it may still be given a state."""
        return not self._closed

    def used(self) -> tuple[int, bool]:
        """Return size and whether it holds objects, for good: from here on it takes no state."""
        if self.size is None:
            raise _odd("is used before its state says how large it is")
        self._closed = True
        return self.size, self.objects

    def build(self, state: Any) -> None:
        """Take the state, which must be one that numpy writes for such a dtype."""
        if self._closed:
            raise _odd("is given a second state")
        if not (isinstance(state, tuple) and len(state) in (8, 9) and state[0] == len(state) - 5):
            raise _odd("has a state of another form")
        _, endian, subarray, names, fields, size, alignment, flags, *metadata = state
        numbers = all(type(number) is int for number in (size, alignment, flags))
        if endian not in _ENDIANS or not numbers or not 0 <= flags <= _ANY_FLAGS:
            raise _odd("has a state of another form")
        if metadata and (self._kind not in "Mm" or not _is_unit(metadata[0])):
            raise _odd("has metadata")
        if self._kind in "SUV":
            self._build_flexible(subarray, names, fields, size, alignment, flags)
        elif (subarray, names, fields, size, alignment) != (None, None, None, -1, -1):
            raise _odd("has the state of another type")
        elif flags != (_OBJECT_FLAGS if self.objects else 0):
            raise _odd(f"has flags ({flags}) that are not its own")
        self._closed = True

    def _build_flexible(self, subarray: Any, names: Any, fields: Any, size: int, alignment: int, flags: int) -> None:
        if not 0 <= size <= _LARGEST or self.size not in (None, size) or not 1 <= alignment <= 64:
            raise _odd(f"has a size ({size}) or alignment ({alignment}) that is not its own")
        if self._kind != "V" and (subarray, names, fields) != (None, None, None):
            raise _odd("has fields that its type cannot have")
        self.size = size
        if subarray is not None:
            if names is not None or fields is not None:
                raise _odd("is both an array and a record")
            self.objects = _check_subarray(subarray, size)
        elif names is not None or fields is not None:
            self.objects = _check_fields(names, fields, size)
        references = flags & _HOLDS_REFERENCES
        if (references & _REFERENCES) != _REFERENCES if self.objects else references:
            raise _odd(f"has flags ({flags}) that are not its own")


def dtype_of(arguments: tuple[Any, ...]) -> Dtype:
    """Return what ``numpy.dtype(*arguments)`` makes."""
    if len(arguments) == 3 and isinstance(arguments[0], Global) and arguments[0].name == "numpy:record":
        code, size, kind = "record", None, "V"
    else:
        code = arguments[0] if arguments and isinstance(arguments[0], str) else ""
        if not _PLAIN.fullmatch(code):
            raise _odd(f"is made from {shown(code)!r}" if code else "is made from what numpy does not write")
        kind = code[0]
        size = int(code[1:]) * (4 if kind == "U" else 1)
    # The last says that it is a copy: else the state would go to the one that all of numpy uses.
    if len(arguments) != 3 or arguments[1] not in (False, True) or arguments[2] not in (True,):
        raise _odd("is made with arguments that numpy does not write")
    return Dtype(kind, size)


def shape_of(value: Any) -> tuple[int, ...]:
    """Return a shape; refused where it is none."""
    if not (isinstance(value, tuple) and len(value) <= 64 and all(type(n) is int and 0 <= n < 2**62 for n in value)):
        raise Refused("odd array", "holds an array whose shape is none")
    return value


def count_of(shape: tuple[int, ...]) -> int:
    """Return the number of elements."""
    count = 1
    for length in shape:
        count *= length
    return count


def _check_subarray(subarray: Any, size: int) -> bool:
    if not (isinstance(subarray, tuple) and len(subarray) == 2 and isinstance(subarray[0], Dtype)):
        raise _odd("is an array of what is no dtype")
    inner, objects = subarray[0].used()
    shape = (subarray[1],) if type(subarray[1]) is int else subarray[1]
    if inner * count_of(shape_of(shape)) != size:
        raise _odd("is an array whose size is another")
    return objects


def _check_fields(names: Any, fields: Any, size: int) -> bool:
    if not (isinstance(names, tuple) and isinstance(fields, State) and not fields.closed):
        raise _odd("has fields of another form")
    fields.closed = True
    if not all(isinstance(name, str) and name in fields.items for name in names):
        raise _odd("has names that are none of its fields")
    holds_objects = False
    for field in fields.items.values():
        if not (isinstance(field, tuple) and len(field) in (2, 3) and isinstance(field[0], Dtype)):
            raise _odd("has a field that is none")
        width, objects = field[0].used()
        offset = field[1]
        if type(offset) is not int or offset < 0 or offset + width > size or (objects and offset % 8):
            raise _odd("has a field that lies outside of it")
        holds_objects |= objects
    return holds_objects


def _is_unit(metadata: Any) -> bool:
    """Whether it is what numpy adds for a unit of time: ``(None or {}, (b"ns", 1, 1, 1))``."""
    if not (isinstance(metadata, tuple) and len(metadata) == 2):
        return False
    more, unit = metadata
    if not (more is None or more is DICT or (isinstance(more, State) and not more.items)):
        return False
    return isinstance(unit, tuple) and unit[:1] == (BYTES,) and all(type(number) is int for number in unit[1:])


def _odd(what: str) -> Refused:
    return Refused("odd array", f"holds a numpy dtype that {what}; raw bytes could be taken for objects")
