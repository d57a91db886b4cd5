"""XGBoost's own files: JSON, and the same in Universal Binary JSON.

Read for their structure only: that they are one object with a learner and a version, nested as deep as such files are,
with nothing behind it. What the numbers mean is XGBoost's own affair.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.reading import Reading
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.source import FileFeed, Source

# XGBoost's reader calls itself for each level.
_DEEPEST = 64
_LONGEST_TEXT = 64 * 1024**2
_NEEDED = ("learner", "version")
_TOKEN = re.compile(
    rb'[\s]+|[{}\[\],:]|"(?:[^"\\\x00-\x1f]|\\["\\/bfnrtu])*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?|true|false|null'
    rb"|-?NaN|-?Infinity|NaN"
)
_NUMBERS = {"i": 1, "U": 1, "I": 2, "l": 4, "L": 8, "d": 4, "D": 8, "T": 0, "F": 0, "Z": 0, "N": 0}
_SIZES = {"i": ">b", "U": ">B", "I": ">h", "l": ">i", "L": ">q"}


def looks_like_json(head: bytes) -> bool:
    """Whether it begins as an object of JSON that holds something, or nothing."""
    return re.match(rb"\{\s*[\"}]", head) is not None


def looks_like_ubjson(head: bytes) -> bool:
    """Whether it begins as an object of Universal Binary JSON: with a key and its length."""
    return head[:2] in (b"{L", b"{l", b"{i", b"{U", b"{I")


def read_json(held: Held, limits: Limits) -> Reading:
    """Follow the tokens of a JSON file, in bounded memory."""
    outline = _Outline()
    for token in _tokens(Source(FileFeed(held.descriptor, 0, held.size), limits)):
        outline.take(token)
    outline.finish()
    return _reading("xgboost-json", outline.version)


class _Outline:
    """Where in a document one stands, and what its uppermost keys are."""

    def __init__(self) -> None:
        self.version: list[int] = []
        self._open = bytearray()
        self._keys: list[str] = []
        self._key, self._ended, self._before = "", False, b""

    def take(self, token: bytes) -> None:
        if self._ended:
            raise Refused("trailing bytes", "something follows the end of its JSON")
        if token in (b"{", b"["):
            self._open += token
            if len(self._open) > _DEEPEST:
                raise Refused("limit", f"is nested deeper than {_DEEPEST}")
        elif token in (b"}", b"]"):
            if not self._open or self._open.pop() != {b"}": 0x7B, b"]": 0x5B}[token]:
                raise Refused("damaged", "has brackets that do not match")
            self._ended = not self._open
        elif not self._open:
            raise Refused("damaged", "is no object of JSON")
        elif token == b":" and len(self._open) == 1:
            self._key = self._before[1:-1].decode("utf-8", "replace")
            if self._key in self._keys:
                raise Refused("damaged", f"has the key {self._key[:40]!r} twice")
            self._keys.append(self._key)
        elif self._key == "version" and len(self._open) == 2 and token.isdigit() and len(self.version) < 8:
            self.version.append(int(token[:9]))
        self._before = token

    def finish(self) -> None:
        if not self._ended:
            raise Refused("truncated", "ends before the end of its JSON", fix="copy or save it again")
        _check_keys(self._keys)


def _tokens(source: Source) -> Iterator[bytes]:
    left = b""
    while source.more():
        left += source.take(source.end - source.offset)
        at, last = 0, len(left)
        # A token may go on in the next part: only what another one follows is whole.
        while at < last:
            found = _TOKEN.match(left, at)
            if found is None or found.end() == last:
                break
            if not found.group()[:1].isspace():
                yield found.group()
            at = found.end()
        left = left[at:]
        if len(left) > _LONGEST_TEXT:
            raise Refused("damaged", "has a text that does not end, or what is no JSON")
        if left and _TOKEN.match(left) is None and left[:1] != b'"' and len(left) > 64:
            raise Refused("damaged", "is no JSON from here on", position=source.position - len(left))
    while left:
        found = _TOKEN.match(left)
        if found is None or not found.end():
            raise Refused("damaged", "is no JSON from here on", position=source.position - len(left))
        if not found.group()[:1].isspace():
            yield found.group()
        left = left[found.end() :]


def read_ubjson(held: Held, limits: Limits) -> Reading:
    """Follow the values of a UBJSON file, in bounded memory."""
    source = Source(FileFeed(held.descriptor, 0, held.size), limits)
    keys: list[str] = []
    version: list[int] = []
    for depth, key, number in _values(source):
        if depth == 1 and key:
            if key in keys:
                raise Refused("damaged", f"has the key {key[:40]!r} twice")
            keys.append(key)
        elif depth == 2 and number is not None and keys[-1:] == ["version"] and len(version) < 8:
            version.append(number)
    if source.more():
        raise Refused("trailing bytes", "bytes follow its end")
    _check_keys(keys)
    return _reading("xgboost-ubj", version)


def _values(source: Source) -> Iterator[tuple[int, str, int | None]]:
    """Give the depth with each key of an object, and with each whole number."""
    if source.take(1) != b"{":
        raise Refused("damaged", "is no object")
    waiting: list[int | None] = [None]  # values that an array still has; None: an object
    while waiting:
        left = waiting[-1]
        if left == 0:
            waiting.pop()
            continue
        if left is None:
            kind = source.take(1)
            if kind == b"}":
                waiting.pop()
                continue
            name = source.take(_length(source, kind, _LONGEST_TEXT)).decode("utf-8", "replace")
            yield len(waiting), name, None
        else:
            waiting[-1] = left - 1
        yield from _value(source, waiting)
        if len(waiting) > _DEEPEST:
            raise Refused("limit", f"is nested deeper than {_DEEPEST}")


def _value(source: Source, waiting: list[int | None]) -> Iterator[tuple[int, str, int | None]]:
    depth = len(waiting)
    kind = source.take(1).decode("latin-1")
    if kind == "{":
        waiting.append(None)
    elif kind == "[":
        _array(source, waiting)
    elif kind == "S":
        source.skip(_length(source, source.take(1), 2**62))
    elif kind in _SIZES:
        yield depth, "", int(struct.unpack(_SIZES[kind], source.take(_NUMBERS[kind]))[0])
    elif kind in _NUMBERS:
        source.skip(_NUMBERS[kind])
    else:
        raise Refused("damaged", "has a value of an unknown type")


def _array(source: Source, waiting: list[int | None]) -> None:
    """Begin an array, ``[#`` and its length; pass over one of numbers, ``[$``, their type, ``#`` and its length."""
    sign = source.take(1)
    kind = source.take(1).decode("latin-1") if sign == b"$" else ""
    if (source.take(1) if sign == b"$" else sign) != b"#":
        raise Refused("damaged", "has an array without a length")
    length = _length(source, source.take(1), 2**60)
    if not kind:
        waiting.append(length)
    elif kind in _NUMBERS:
        source.skip(length * _NUMBERS[kind])
    else:
        raise Refused("damaged", "has an array of an unknown type")


def _length(source: Source, kind: bytes, limit: int) -> int:
    form = _SIZES.get(kind.decode("latin-1"))
    if form is None:
        raise Refused("damaged", "has a length that is no number")
    length = int(struct.unpack(form, source.take(struct.calcsize(form)))[0])
    if not 0 <= length <= limit:
        raise Refused("damaged", f"has a length of {length:,}")
    return length


def _check_keys(keys: list[str]) -> None:
    lacking = [key for key in _NEEDED if key not in keys]
    if lacking:
        raise Refused("format", f"is no model of XGBoost: it lacks {' and '.join(lacking)}")


def _reading(form: str, version: list[int]) -> Reading:
    versions = {"xgboost": ".".join(map(str, version))} if version else {}
    return Reading(format=form, versions=versions, complete=True)
