"""What stands on the stack of a pickle that is read and not run: as much of each value as some rule has to know.

Numbers, ``None``, short texts and short tuples stand for themselves. Of everything else only the kind is kept.
"""

from __future__ import annotations

from typing import Any, Final

from pytest_mlgate.artifacts.inspection.permissions import Permissions


class Atom:
    """A value of which only the kind is known; there is one for each kind."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind


TEXT: Final = Atom("a long text")
BYTES: Final = Atom("bytes")
BYTEARRAY: Final = Atom("a bytearray")
NUMBER: Final = Atom("a number")
TUPLE: Final = Atom("a tuple")
LIST: Final = Atom("a list")
DICT: Final = Atom("a dict")
SET: Final = Atom("a set")
FROZENSET: Final = Atom("a frozenset")


class Made:
    """An instance of a class, or what a function returned; one for each of them, since nothing else is known."""

    __slots__ = ("of",)

    def __init__(self, of: Global) -> None:
        self.of = of


class Global:
    """A class or function by its name, and what may be done with it."""

    __slots__ = ("made", "may", "name")

    def __init__(self, name: str, may: Permissions) -> None:
        self.name, self.may = name, may
        self.made = Made(self)


class Bound(Global):
    """A name that may be used in one way only: each time it comes up, that use has to follow."""

    __slots__ = ()


class State:
    """A dict whose content a rule has to know; ``closed`` once it was used."""

    __slots__ = ("closed", "items")

    def __init__(self) -> None:
        self.items: dict[str, Any] = {}
        self.closed = False


class Wrapper:
    """joblib's note that an array follows, from its creation until its state tells which."""

    __slots__ = ("filled",)

    def __init__(self) -> None:
        self.filled = False


class Array:
    """A numpy array that waits for its content, or has it."""

    __slots__ = ("filled", "masked")

    def __init__(self, *, masked: bool = False) -> None:
        self.filled, self.masked = False, masked


def kind_of(value: object) -> str:
    """Return in words what a value is."""
    if isinstance(value, Atom):
        return value.kind
    if isinstance(value, Global):
        return value.name
    if isinstance(value, Made):
        return f"an instance of {value.of.name}"
    names = {Array: "an array", Wrapper: "joblib's note of an array", State: "a dict"}
    return names.get(type(value), f"a {type(value).__name__}")
