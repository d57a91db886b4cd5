"""Texts that say nothing: blanks that were never filled in."""

from __future__ import annotations

import re

_UNWRITTEN = frozenset(("fixme", "tbc", "tbd", "todo", "xxx"))
_NOTHING = frozenset(("", "na", "nil", "no", "none", "notapplicable", "notyet", "null", "nothing", "unknown"))


def is_placeholder(text: str) -> bool:
    """Whether a text says nothing: blank, punctuation, ``n/a``, ``none``, ``<...>``, or one that begins with TODO."""
    words = re.findall(r"[^\W_]+", text.casefold())
    joined = "".join(words)
    if joined in _NOTHING | _UNWRITTEN or words[0] in _UNWRITTEN:
        return True
    return re.fullmatch(r"<[^<>]*>|\[[^\[\]]*\]|\{\{.*\}\}", text.strip()) is not None


def useless(text: str | None, *, key: str) -> str:
    """Return why the value of a key says nothing, as a half sentence; empty where it does say something."""
    if text is None or not text.strip():
        return f"`{key}` is missing" if text is None else f"`{key}` is empty"
    return f"`{key}` is {text!r}, which says nothing" if is_placeholder(text) else ""
