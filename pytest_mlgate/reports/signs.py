"""Signs that a log or a terminal cannot show, written as it can: ``->`` where there is no arrow."""

from __future__ import annotations

import codecs
import os
from typing import Any

ERRORS = "mlgate.signs"
"""The name of the error handler, for a stream: ``stream.reconfigure(errors=ERRORS)`` after :func:`register`."""

_PLAINER = {
    "→": "->",
    "←": "<-",
    "±": "+-",
    "×": "x",
    "≤": "<=",
    "≥": ">=",
    "…": "...",
    "–": "-",
    "—": "-",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
    "•": "*",
    "·": ".",
    "✅": "[ok]",
    "❌": "[no]",
}


def register() -> None:
    """Make the error handler known to Python's codecs."""
    codecs.register_error(ERRORS, _plainer)


def is_watched(*, isatty: bool) -> bool:
    """Whether a person looks at a stream, on a terminal where what was written can be taken back; no log (``CI``)."""
    return isatty and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def fitting(text: str, stream: Any) -> str:
    """Return text with every sign that the encoding of a stream lacks written in signs that it has."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    register()
    try:
        return text.encode(encoding, ERRORS).decode(encoding)
    except LookupError:  # an encoding that Python does not know: the stream is none of Python's
        return text


def _plainer(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = (_PLAINER.get(sign) or sign.encode("unicode_escape").decode("ascii") for sign in _part(error))
    return "".join(found), error.end


def _part(error: UnicodeEncodeError) -> str:
    part: str = error.object[error.start : error.end]
    return part
