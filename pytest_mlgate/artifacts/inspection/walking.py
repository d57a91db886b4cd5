"""Following a pickle instruction by instruction, as an unpickler would, without importing or calling anything.

Every instruction of protocols 0 to 5 is followed exactly or refused. Where Python's two unpicklers, the one in C and
the one that joblib builds on, would read a file differently, it is refused.
"""

from __future__ import annotations

import pickle
import re
import struct
import sys
from collections import deque
from collections.abc import Callable
from itertools import repeat
from typing import Any

from pytest_mlgate.artifacts.inspection import values
from pytest_mlgate.artifacts.inspection.arrays import fill_array, pass_raw_array
from pytest_mlgate.artifacts.inspection.dtypes import Dtype
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.names import Names
from pytest_mlgate.artifacts.inspection.refusal import Refused, shown
from pytest_mlgate.artifacts.inspection.rules import PLAIN, RULES
from pytest_mlgate.artifacts.inspection.source import Source
from pytest_mlgate.artifacts.inspection.values import Array, Bound, Global, Made, State, Wrapper

_INTEGER = re.compile(rb"-?(0|[1-9]\d{0,4000})")
_FLOAT = re.compile(rb"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?(inf|nan)")
_INDEX = re.compile(rb"0|[1-9]\d{0,9}")
_LONGEST_LINE = 1 << 20
_LONGEST_NUMBER = 1 << 12
_LONGEST_NAME = 1000
_LONGEST_TEXT, _SHORT_TEXT = 128, 32
# Among so many values that wait on the stack, only short texts stand for themselves.
_CROWD = 10_000
_LONGEST_TUPLE = 1024
_SMALL = 2**63
# What of texts and tuples is remembered for later; what comes beyond is known by its kind only.
_REMEMBERED = 48 * 1024**2
_BATCH = 1 << 16
_NESTED = 16
_U16, _U32, _I32, _U64 = struct.Struct("<H"), struct.Struct("<I"), struct.Struct("<i"), struct.Struct("<Q")


class Budget:
    """What one file may cost, all of its pickles together."""

    def __init__(self, limits: Limits) -> None:
        self.limits, self.opcodes = limits, 0


class _Stopped(Exception):
    """The end of a pickle was reached."""


class Walker:
    """One pickle, followed to its end.

    Parameters
    ----------
    source : Source
        Stands at the first instruction.
    names : Names
        Collects and judges.
    budget : Budget
        Shared by all pickles of a file.
    raw_arrays : bool
        Whether joblib reads it: raw arrays then lie between the instructions.
    depth : int
        How many pickles it lies in.

    Attributes
    ----------
    versions : dict of str to str
        What objects say of who saved them.
    arrays : int
        Raw arrays that were passed.
    """

    def __init__(
        self, source: Source, names: Names, budget: Budget, *, raw_arrays: bool = False, depth: int = 0
    ) -> None:
        self.source, self.names = source, names
        self.versions: dict[str, str] = {}
        self.arrays = 0
        self.owed: dict[str, int] = {}
        self._budget, self._raw_arrays, self._depth = budget, raw_arrays, depth
        self._protocol = 0
        self._stack: list[Any] = []
        self._marks: list[list[Any]] = []
        self._memo: list[Any] = []
        self._sparse: dict[int, Any] = {}
        self._kept = self._tracked = 0
        self._fresh: deque[tuple[int, str]] = deque(maxlen=16)

    def walk(self) -> Any:
        """Follow it to its STOP and return what stands for the value; :class:`Refused` where that cannot be done."""
        try:
            self._run()
        except _Stopped:
            pass
        except (IndexError, KeyError):
            raise Refused("damaged", "takes a value that is not there") from None
        if len(self._stack) != 1 or self._marks:
            raise Refused("damaged", "ends without a value, or with more than one")
        if not self.source.outside_frames():
            raise Refused("frame", "ends inside of a frame")
        for name in (name for name, count in self.owed.items() if count):
            self.names.object(
                "unusual use", f"{shown(name)} is used as no file of an ordinary model does", self.position
            )
        return self._stack.pop()

    @property
    def position(self) -> int:
        """Where it stands, for findings."""
        return self.source.position

    def nested(self) -> Any:
        """Follow a pickle that begins here, with a stack and a memo of its own, and return its value."""
        if self._depth >= _NESTED:
            raise Refused("limit", f"has more than {_NESTED} pickles inside of each other")
        inner = Walker(self.source, self.names, self._budget, depth=self._depth + 1)
        value = inner.walk()
        self.versions = {**inner.versions, **self.versions}
        return value

    def owe(self, name: str, count: int) -> None:
        """Note that a name came up whose one use has to follow (1), or that it followed (-1)."""
        self.owed[name] = self.owed.get(name, 0) + count

    def _run(self) -> None:
        source, handlers, limits = self.source, self._handlers(), self._budget.limits
        while True:
            for _ in repeat(None, _BATCH):
                offset = source.offset
                if offset < source.end:
                    source.offset = offset + 1
                    handlers[source.buffer[offset]]()
                elif source.more():
                    source.offset += 1
                    handlers[source.buffer[source.offset - 1]]()
                else:
                    raise Refused("truncated", "ends in the middle", fix="copy or save it again")
            self._budget.opcodes += _BATCH
            if self._budget.opcodes > limits.opcodes:
                raise Refused("limit", f"has more than {limits.opcodes:,} instructions")
            if self._weight() > limits.memory:
                raise Refused("limit", "holds more small objects than can be followed in bounded memory")

    def _weight(self) -> int:
        waiting = len(self._stack) + sum(map(len, self._marks)) + 8 * len(self._marks)
        return 10 * len(self._memo) + 120 * len(self._sparse) + self._kept + 100 * waiting + 64 * self._tracked

    def _handlers(self) -> list[Callable[[], None]]:
        table: list[Callable[[], None]] = [self._unknown] * 256
        for opcode, handler in _OPCODES.items():
            table[opcode[0]] = getattr(self, handler)
        return table

    def _unknown(self) -> None:
        raise Refused("damaged", "is no pickle from here on, or a damaged one", position=self.position - 1)

    # Frames and the end

    def _proto(self) -> None:
        protocol = self.source.byte()
        if protocol > 5:
            raise Refused(
                "protocol", f"has pickle protocol {protocol}; 0 to 5 are known", fix="save it with protocol 5"
            )
        if self._protocol or self._stack or self._marks:
            raise Refused("odd", "changes its protocol on the way")
        self._protocol = protocol

    def _frame(self) -> None:
        self.source.open_frame(self._u64())

    def _stop(self) -> None:
        raise _Stopped

    # Numbers and other plain values

    def _none(self) -> None:
        self._stack.append(None)

    def _true(self) -> None:
        self._stack.append(True)

    def _false(self) -> None:
        self._stack.append(False)

    def _int(self) -> None:
        line = self.source.line(_LONGEST_NUMBER)
        self._stack.append(line == b"01" if line in (b"00", b"01") else _integer(line))

    def _long(self) -> None:
        self._stack.append(_integer(self.source.line(_LONGEST_NUMBER).removesuffix(b"L")))

    def _binint(self) -> None:
        self._stack.append(_I32.unpack(self.source.take(4))[0])

    def _binint1(self) -> None:
        self._stack.append(self.source.take(1)[0])

    def _binint2(self) -> None:
        self._stack.append(_U16.unpack(self.source.take(2))[0])

    def _long1(self) -> None:
        self._long_of(self.source.byte())

    def _long4(self) -> None:
        self._long_of(_I32.unpack(self.source.take(4))[0])

    def _long_of(self, count: int) -> None:
        if not 0 <= count <= _LONGEST_NUMBER:
            raise Refused("odd", f"holds a number of {count:,} bytes")
        value = int.from_bytes(self.source.take(count), "little", signed=True)
        self._stack.append(value if -_SMALL <= value < _SMALL else values.NUMBER)

    def _float(self) -> None:
        if not _FLOAT.fullmatch(self.source.line(_LONGEST_NUMBER)):
            raise Refused("damaged", "holds a number that is none")
        self._stack.append(values.NUMBER)

    def _binfloat(self) -> None:
        self.source.skip(8)
        self._stack.append(values.NUMBER)

    # Text and bytes

    def _string(self) -> None:
        line = self.source.line(_LONGEST_LINE)
        if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in b"\"'":
            raise Refused("damaged", "holds a text without its quotes")
        if b"\\" in line:  # escapes are not read: such a text can name nothing
            self._stack.append(values.TEXT)
        elif line.isascii():
            self._text(line[1:-1].decode("ascii"))
        else:
            raise Refused("damaged", "holds a text of Python 2 that is not ASCII")

    def _unicode(self) -> None:
        try:
            self._text(self.source.line(_LONGEST_LINE).decode("raw-unicode-escape"))
        except ValueError:
            raise Refused("damaged", "holds a text that is none") from None

    def _binunicode(self) -> None:
        self._text_of(self._u32())

    def _short_binunicode(self) -> None:
        count = self.source.take(1)[0]
        try:
            text = self.source.take(count).decode("utf-8", "surrogatepass")
        except ValueError:
            raise Refused("damaged", "holds a text that is not UTF-8") from None
        if count <= _SHORT_TEXT:
            self._stack.append(text)
        else:
            self._text(text)

    def _binunicode8(self) -> None:
        self._text_of(self._u64())

    def _short_binstring(self) -> None:
        self._ascii_of(self.source.byte())

    def _binstring(self) -> None:
        self._ascii_of(_I32.unpack(self.source.take(4))[0])

    def _ascii_of(self, count: int) -> None:
        if not 0 <= count <= _LONGEST_LINE:
            raise Refused("odd", f"holds a text of Python 2 of {count:,} bytes")
        try:
            self._text(self.source.take(count).decode("ascii"))
        except ValueError:
            raise Refused("damaged", "holds a text of Python 2 that is not ASCII") from None

    def _text_of(self, count: int) -> None:
        if count > _LONGEST_TEXT:
            self.source.skip(count)
            self._stack.append(values.TEXT)
            return
        try:
            self._text(self.source.take(count).decode("utf-8", "surrogatepass"))
        except ValueError:
            raise Refused("damaged", "holds a text that is not UTF-8") from None

    def _text(self, text: str) -> None:
        known = len(text) <= (_LONGEST_TEXT if len(self._stack) < _CROWD else _SHORT_TEXT)
        self._stack.append(text if known else values.TEXT)

    def _short_binbytes(self) -> None:
        self.source.skip(self.source.byte())
        self._stack.append(values.BYTES)

    def _binbytes(self) -> None:
        self.source.skip(self._u32())
        self._stack.append(values.BYTES)

    def _binbytes8(self) -> None:
        self.source.skip(self._u64())
        self._stack.append(values.BYTES)

    def _bytearray8(self) -> None:
        self.source.skip(self._u64())
        self._stack.append(values.BYTEARRAY)

    def _next_buffer(self) -> None:
        raise Refused(
            "out of band", "refers to a buffer that travels apart from it", fix="save it without buffer_callback"
        )

    def _readonly_buffer(self) -> None:
        if self._stack[-1] not in (values.BYTES, values.BYTEARRAY):
            raise Refused("odd", "makes a buffer of what is none")

    # Containers

    def _mark(self) -> None:
        self._marks.append(self._stack)
        self._stack = []
        if len(self._marks) > self._budget.limits.depth:
            raise Refused("limit", f"is nested deeper than {self._budget.limits.depth:,}")

    def _items(self) -> list[Any]:
        items = self._stack
        self._stack = self._marks.pop()
        return items

    def _empty_tuple(self) -> None:
        self._stack.append(())

    def _tuple(self) -> None:
        self._push_tuple(tuple(self._items()))

    def _tuple1(self) -> None:
        self._push_tuple((self._stack.pop(),))

    def _tuple2(self) -> None:
        second, first = self._stack.pop(), self._stack.pop()
        self._push_tuple((first, second))

    def _tuple3(self) -> None:
        third, second, first = self._stack.pop(), self._stack.pop(), self._stack.pop()
        self._push_tuple((first, second, third))

    def _push_tuple(self, items: tuple[Any, ...]) -> None:
        for item in items:
            if item.__class__ is tuple:
                self._kept += 56 + 8 * len(items)
                break
        else:
            self._stack.append(items if len(items) <= _LONGEST_TUPLE else values.TUPLE)
            return
        forgotten = len(items) > _LONGEST_TUPLE or self._kept > _REMEMBERED
        self._stack.append(values.TUPLE if forgotten else items)

    def _empty_list(self) -> None:
        self._stack.append(values.LIST)

    def _list(self) -> None:
        self._items()
        self._stack.append(values.LIST)

    def _empty_dict(self) -> None:
        below = self._stack[-1] if self._stack else None
        before = self._marks[-1][-1] if self._marks and self._marks[-1] else None
        if below.__class__ is Wrapper or before.__class__ is Dtype:  # the state of one of them begins so
            self._tracked += 4
            self._stack.append(State())
        else:
            self._stack.append(values.DICT)

    def _dict(self) -> None:
        items = self._items()
        self._empty_dict()
        self._set(items)

    def _empty_set(self) -> None:
        self._stack.append(values.SET)

    def _frozenset(self) -> None:
        self._items()
        self._stack.append(values.FROZENSET)

    def _append(self) -> None:
        self._stack.pop()
        self._may_have_items(values.LIST, "appended to")

    def _appends(self) -> None:
        self._items()
        self._may_have_items(values.LIST, "appended to")

    def _additems(self) -> None:
        self._items()
        self._may_have_items(values.SET, "added to")

    def _setitem(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        self._set([key, value])

    def _setitems(self) -> None:
        self._set(self._items())

    def _set(self, items: list[Any]) -> None:
        if len(items) % 2:
            raise Refused("damaged", "holds a key without its value")
        target = self._stack[-1]
        if target.__class__ is State:
            if target.closed:
                raise Refused("odd array", "changes what tells of an array after it was used")
            for key, value in zip(items[::2], items[1::2], strict=True):
                if not isinstance(key, str) or key in target.items:
                    raise Refused("odd array", "tells of an array what joblib and numpy do not write")
                target.items[key] = value
            return
        self._may_have_items(values.DICT, "given items")
        if items and items[-2].__class__ is str and items[-2] in _VERSION_KEYS and items[-1].__class__ is str:
            self.versions.setdefault(_VERSION_KEYS[items[-2]], shown(items[-1], 40))

    def _may_have_items(self, kind: values.Atom, use: str) -> None:
        target = self._stack[-1]
        if target is kind:
            return
        if target.__class__ is Made:
            if not target.of.may.items:
                self.names.misused(target.of, f"made and then {use}", self.position)
        else:
            self.names.object("unsafe items", f"{shown(values.kind_of(target))} is {use}", self.position)

    # Stack and memo

    def _pop(self) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._items()

    def _pop_mark(self) -> None:
        self._items()

    def _dup(self) -> None:
        self._push_again(self._stack[-1])

    def _push_again(self, value: Any) -> None:
        kind = value.__class__
        if kind is Bound:
            self.owe(value.name, 1)
        elif kind is Wrapper:
            raise Refused("odd array", "uses joblib's note of an array twice")
        self._stack.append(value)

    def _get(self) -> None:
        self._push_again(self._remembered(self._index()))

    def _binget(self) -> None:
        self._push_again(self._remembered(self.source.take(1)[0]))

    def _long_binget(self) -> None:
        self._push_again(self._remembered(self._u32()))

    def _remembered(self, index: int) -> Any:
        return self._memo[index] if index < len(self._memo) else self._sparse[index]

    def _put(self) -> None:
        self._remember(self._index())

    def _binput(self) -> None:
        self._remember(self.source.take(1)[0])

    def _long_binput(self) -> None:
        self._remember(self._u32())

    def _memoize(self) -> None:
        self._remember(len(self._memo) + len(self._sparse))

    def _remember(self, index: int) -> None:
        value = self._stack[-1]
        kind = value.__class__
        if kind is str or kind is tuple:
            self._kept += sys.getsizeof(value)
            if self._kept > _REMEMBERED:
                if kind is str:
                    self._fresh.append((index, value))
                value = values.TEXT if kind is str else values.TUPLE
        self._store(index, value)

    def _store(self, index: int, value: Any) -> None:
        count = len(self._memo)
        if index == count and not self._sparse:
            self._memo.append(value)
        elif index < count:
            self._memo[index] = value
        else:
            self._sparse[index] = value

    # Names, and what is made of them

    def _global(self) -> None:
        start = self.position - 1
        try:
            module, name = (self.source.line(_LONGEST_NAME).decode("utf-8") for _ in range(2))
        except ValueError:
            raise Refused("damaged", "holds a name that is not UTF-8") from None
        self._look_up(module, name, start)

    def _stack_global(self) -> None:
        name, module = self._stack.pop(), self._stack.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise Refused("hidden name", "looks up a name that is not written down as such")
        for index, text in self._fresh:
            if text is name or text is module:
                self._store(index, text)
        self._look_up(module, name, self.position - 1)

    def _look_up(self, module: str, name: str, position: int) -> None:
        found = self.names.look_up(module, name, protocol=self._protocol, position=position)
        if found.__class__ is Bound:
            self.owe(found.name, 1)
        self._stack.append(found)

    def _reduce(self) -> None:
        arguments, what = self._stack.pop(), self._stack.pop()
        self._make(what, arguments, "call", "called")

    def _newobj(self) -> None:
        arguments, what = self._stack.pop(), self._stack.pop()
        self._make(what, arguments, "new" if arguments == () else "arguments", "instantiated")

    def _newobj_ex(self) -> None:
        keywords, arguments, what = self._stack.pop(), self._stack.pop(), self._stack.pop()
        if keywords.__class__ is State:
            raise Refused("odd array", "holds an array that joblib and numpy do not write")
        self._make(what, arguments, "arguments", "instantiated with keywords")

    def _make(self, what: Any, arguments: Any, use: str, told: str) -> None:
        if not (isinstance(arguments, tuple) or arguments is values.TUPLE):
            raise Refused("damaged", "holds a call without a tuple of arguments")
        if not isinstance(what, Global):
            self._call_of_no_name(what)
            return
        if what.__class__ is Bound:
            self.owe(what.name, -1)
        if not getattr(what.may, use):
            with_arguments = " with arguments" if use == "arguments" and "keywords" not in told else ""
            self.names.misused(what, told + with_arguments, self.position)
            self._stack.append(what.made)
            return
        rule = RULES.get(what.name)
        if rule is None:
            self._stack.append(what.made)
            return
        made = rule(arguments if isinstance(arguments, tuple) else None, self)
        if made.__class__ in (Dtype, Array, Wrapper):
            self._tracked += 1
        if made is None:
            self.names.misused(what, "called with arguments that it must not have", self.position)
        self._stack.append(what.made if made is None or made is PLAIN else made)

    def _call_of_no_name(self, what: Any) -> None:
        made_by = what.of.name if isinstance(what, Made) else ""
        if not made_by.startswith("cloudpickle."):  # that it brings code along is said of its name
            told = shown(values.kind_of(what))
            self.names.object("unsafe call", f"calls {told}, which is no class or function by its name", self.position)
        self._stack.append(what if isinstance(what, Made) else values.TEXT)

    def _build(self) -> None:
        state = self._stack.pop()
        target = self._stack[-1]
        kind = target.__class__
        if kind is Made:
            if not target.of.may.build:
                self.names.misused(target.of, "made and then given a state", self.position)
        elif kind is Wrapper:
            if not self._raw_arrays:
                raise Refused("odd array", "joblib's note of an array where joblib does not read it")
            self._stack[-1] = pass_raw_array(target, state, self)
            self.arrays += 1
        elif kind is Dtype:
            target.build(state)
        elif kind is Array:
            fill_array(target, state)
        else:
            told = shown(values.kind_of(target))
            self.names.object("unsafe state", f"gives a state to {told}, which is no instance", self.position)

    def _inst(self) -> None:
        start = self.position - 1
        try:
            module, name = (self.source.line(_LONGEST_NAME).decode("ascii") for _ in range(2))
        except ValueError:
            raise Refused("damaged", "holds a name that is not ASCII") from None
        self._items()
        self._look_up(module, name, start)
        self._obsolete(self._stack.pop())

    def _obj(self) -> None:
        self._obsolete(self._items()[0])

    def _obsolete(self, what: Any) -> None:
        told = shown(values.kind_of(what))
        self.names.object("obsolete call", f"calls {told} in a way that no Python 3 writes", self.position)
        self._stack.append(what.made if isinstance(what, Global) else values.TEXT)

    def _persid(self) -> None:
        raise Refused("persistent id", "refers to objects that are kept elsewhere (a persistent id)")

    def _ext(self) -> None:
        raise Refused("extension code", "names what it needs by a number, which means something else on each machine")

    # Operands

    def _u32(self) -> int:
        return int(_U32.unpack(self.source.take(4))[0])

    def _u64(self) -> int:
        value = int(_U64.unpack(self.source.take(8))[0])
        if value > sys.maxsize:
            raise Refused("damaged", f"holds a length of {value:,} bytes")
        return value

    def _index(self) -> int:
        line = self.source.line(20)
        if not _INDEX.fullmatch(line):
            raise Refused("damaged", "holds a number of a value that is none")
        return int(line)


def _integer(line: bytes) -> Any:
    if not _INTEGER.fullmatch(line):
        raise Refused("damaged", "holds a number that is none")
    value = int(line)
    return value if -_SMALL <= value < _SMALL else values.NUMBER


_VERSION_KEYS = {"_sklearn_version": "scikit-learn"}

_OPCODES = {
    pickle.PROTO: "_proto",
    pickle.FRAME: "_frame",
    pickle.STOP: "_stop",
    pickle.NONE: "_none",
    pickle.NEWTRUE: "_true",
    pickle.NEWFALSE: "_false",
    pickle.INT: "_int",
    pickle.LONG: "_long",
    pickle.BININT: "_binint",
    pickle.BININT1: "_binint1",
    pickle.BININT2: "_binint2",
    pickle.LONG1: "_long1",
    pickle.LONG4: "_long4",
    pickle.FLOAT: "_float",
    pickle.BINFLOAT: "_binfloat",
    pickle.STRING: "_string",
    pickle.UNICODE: "_unicode",
    pickle.BINUNICODE: "_binunicode",
    pickle.SHORT_BINUNICODE: "_short_binunicode",
    pickle.BINUNICODE8: "_binunicode8",
    pickle.SHORT_BINSTRING: "_short_binstring",
    pickle.BINSTRING: "_binstring",
    pickle.SHORT_BINBYTES: "_short_binbytes",
    pickle.BINBYTES: "_binbytes",
    pickle.BINBYTES8: "_binbytes8",
    pickle.BYTEARRAY8: "_bytearray8",
    pickle.NEXT_BUFFER: "_next_buffer",
    pickle.READONLY_BUFFER: "_readonly_buffer",
    pickle.MARK: "_mark",
    pickle.EMPTY_TUPLE: "_empty_tuple",
    pickle.TUPLE: "_tuple",
    pickle.TUPLE1: "_tuple1",
    pickle.TUPLE2: "_tuple2",
    pickle.TUPLE3: "_tuple3",
    pickle.EMPTY_LIST: "_empty_list",
    pickle.LIST: "_list",
    pickle.EMPTY_DICT: "_empty_dict",
    pickle.DICT: "_dict",
    pickle.EMPTY_SET: "_empty_set",
    pickle.FROZENSET: "_frozenset",
    pickle.APPEND: "_append",
    pickle.APPENDS: "_appends",
    pickle.ADDITEMS: "_additems",
    pickle.SETITEM: "_setitem",
    pickle.SETITEMS: "_setitems",
    pickle.POP: "_pop",
    pickle.POP_MARK: "_pop_mark",
    pickle.DUP: "_dup",
    pickle.GET: "_get",
    pickle.BINGET: "_binget",
    pickle.LONG_BINGET: "_long_binget",
    pickle.PUT: "_put",
    pickle.BINPUT: "_binput",
    pickle.LONG_BINPUT: "_long_binput",
    pickle.MEMOIZE: "_memoize",
    pickle.GLOBAL: "_global",
    pickle.STACK_GLOBAL: "_stack_global",
    pickle.REDUCE: "_reduce",
    pickle.NEWOBJ: "_newobj",
    pickle.NEWOBJ_EX: "_newobj_ex",
    pickle.BUILD: "_build",
    pickle.INST: "_inst",
    pickle.OBJ: "_obj",
    pickle.PERSID: "_persid",
    pickle.BINPERSID: "_persid",
    pickle.EXT1: "_ext",
    pickle.EXT2: "_ext",
    pickle.EXT4: "_ext",
}


def may_begin(opcode: bytes) -> bool:
    """Whether a pickle may begin with this byte."""
    return opcode in _OPCODES
