"""What a file may do with a name: by the list of the package, or by the trust of the user."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_USES = ("value", "new", "arguments", "call", "build", "items")
_WORDS = frozenset((*_USES, "subclass"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """The uses of one name.

    Attributes
    ----------
    listed : bool
        Whether the name is allowed at all.
    value : bool
        It may be stored, or handed to a function that may be called.
    new : bool
        A class: an instance may be made without arguments and without its constructor (``cls.__new__(cls)``).
    arguments : bool
        The same with arguments.
    call : bool
        It may be called; where there is a rule for its arguments, by that rule.
    build : bool
        What it made may be given a state (``__setstate__``, or attributes).
    items : bool
        What it made may be given items (``append``, ``extend``, ``add``, ``x[key] = value``).
    """

    listed: bool = True
    value: bool = False
    new: bool = False
    arguments: bool = False
    call: bool = False
    build: bool = False
    items: bool = False


EVERY_USE = Permissions(value=True, new=True, arguments=True, call=True, build=True, items=True)
"""Of a name that the user trusts."""

NO_USE = Permissions(listed=False, value=True, new=True, arguments=True, call=True, build=True, items=True)
"""Of a name that is not allowed: that alone is said, once, not each of its uses."""


@lru_cache(maxsize=1)
def allowed_names() -> dict[str, Permissions]:
    """Return the package's list: exact names, ``package.module:Qual.name``, and their uses."""
    text = Path(__file__).with_name("allowed_names.txt").read_text(encoding="utf-8")
    return dict(_entries(text))


def _entries(text: str) -> Iterator[tuple[str, Permissions]]:
    uses: Permissions | None = None
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.partition("#")[0].strip()
        if entry.startswith("["):
            words = entry.strip("[]").split()
            if not words or not _WORDS.issuperset(words):
                raise ValueError(f"allowed_names.txt:{number}: {entry}")
            uses = Permissions(**{word: word in words for word in _USES})
        elif entry:
            if uses is None or entry.count(":") != 1 or entry in seen:
                raise ValueError(f"allowed_names.txt:{number}: {entry}")
            seen.add(entry)
            yield entry, uses
