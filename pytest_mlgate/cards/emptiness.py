"""Values of a configuration that say nothing, by the rules that hold for cards."""

from __future__ import annotations

from pytest_mlgate.cards.blanks import whole_blank
from pytest_mlgate.cards.form import Text
from pytest_mlgate.cards.nothing import says_nothing
from pytest_mlgate.cards.words import fold


def is_placeholder(text: str) -> bool:
    """Whether a text says nothing: blank, ``TODO``, ``<name>``, ``n/a`` or ``none`` without a reason."""
    folded = fold(text)
    if whole_blank(Text(plain=text, marks=((0, 1, 1),)), folded) is not None:
        return True
    nothing = says_nothing(folded, text)
    return nothing is not None and not nothing.reason


def useless(text: str | None, *, key: str) -> str:
    """Return why the value of a key says nothing, as a half sentence; empty where it does say something."""
    if text is None or not text.strip():
        return f"`{key}` is missing" if text is None else f"`{key}` is empty"
    return f"`{key}` is {text!r}, which says nothing" if is_placeholder(text) else ""
