"""Text of the data's own, made safe to show: names of columns and messages of models are anybody's."""

from __future__ import annotations

import unicodedata

# control characters, invisible ones that turn the direction of writing, halves of a pair, line and paragraph ends
_UNSHOWN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """Return text with everything that would steer a terminal written as an escape; line breaks stay."""
    return "".join(
        sign.encode("unicode_escape").decode("ascii")
        if sign != "\n" and unicodedata.category(sign) in _UNSHOWN
        else sign
        for sign in text
    )


def one_line(text: str) -> str:
    """Return printable text on one line, each run of white space as one blank."""
    return printable(" ".join(text.split()))
