"""What the texts of a column have in common: one length and shape, an alphabet, no damaged letter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

MIN_TEXTS = 50
"""From this many different texts on, what all of them have in common is no chance."""
MAX_SHAPE = 40
"""A longer text has no shape that a person would read."""

# What a position of a code may hold, the narrowest first.
_CLASSES = ("0-9", "A-Z", "a-z", "0-9A-Z", "0-9a-z", "A-Za-z", "0-9A-Za-z")
_MEMBERS = {name: re.compile(f"[{name}]*") for name in _CLASSES}

# UTF-8 that was read as Latin-1 or Windows-1252, and the sign for what could not be read at all.
DAMAGED = "\N{REPLACEMENT CHARACTER}|[\N{LATIN CAPITAL LETTER A WITH CIRCUMFLEX}\N{LATIN CAPITAL LETTER A WITH TILDE}]"
DAMAGED += "[^\\x00-\\x7f]"


def checks_of_texts(texts: Iterable[str]) -> tuple[Mapping[str, tuple[object, ...]], Mapping[str, str]]:
    """Return the checks that texts support, and what each goes by.

    Parameters
    ----------
    texts : iterable of str
        The different values of a column, none twice.

    Returns
    -------
    Mapping of str to tuple
        ``str_matches`` where 50 or more texts have one length and each position one kind of character, or all are of
        one alphabet, or none shows damaged encoding; ``str_length`` where the lengths differ: at least 1 where no text
        is empty, at most twice the longest.
    Mapping of str to str
        The same names to the evidence.
    """
    seen = list(texts)
    if not seen:
        return {}, {}
    lengths = {len(text) for text in seen}
    checks: dict[str, tuple[object, ...]] = {}
    told: dict[str, str] = {}
    shape = _shape(seen) if len(seen) >= MIN_TEXTS and len(lengths) == 1 else None
    if shape is not None:
        return {"str_matches": (shape,)}, {"str_matches": f"the shape of all {len(seen)} texts"}
    checks["str_length"] = (min(1, min(lengths)), 2 * max(max(lengths), 1))
    told["str_length"] = f"{min(lengths)} to {max(lengths)} characters in {len(seen)} texts"
    pattern, why = _alphabet(seen) if len(seen) >= MIN_TEXTS else (None, "")
    if pattern is not None:
        checks["str_matches"], told["str_matches"] = (pattern,), why
    return checks, told


def _shape(texts: list[str]) -> str | None:
    if not 0 < len(texts[0]) <= MAX_SHAPE:
        return None
    parts: list[str] = []
    for characters in map(set, zip(*texts, strict=True)):
        found = _class("".join(characters))
        if found is not None:
            parts.append(f"[{found}]")
        elif len(characters) == 1:
            parts.append(re.escape(characters.pop()))
        else:
            return None
    return _runs(parts) + r"\Z"


def _runs(parts: list[str]) -> str:
    """``[0-9][0-9]-`` as ``[0-9]{2}-``."""
    runs: list[tuple[str, int]] = []
    for part in parts:
        if runs and runs[-1][0] == part:
            runs[-1] = (part, runs[-1][1] + 1)
        else:
            runs.append((part, 1))
    return "".join(part if times == 1 else f"{part}{{{times}}}" for part, times in runs)


def _class(text: str) -> str | None:
    return next((name for name in _CLASSES if _MEMBERS[name].fullmatch(text)), None)


def _alphabet(texts: list[str]) -> tuple[str | None, str]:
    letters = "".join(sorted(set().union(*texts)))
    found = _class(letters)
    if found is not None:
        return rf"[{found}]*\Z", f"no other character in {len(texts)} texts"
    if not letters.isascii() and not any(re.search(DAMAGED, text) for text in texts):
        return rf"(?!(?s:.)*({DAMAGED}))", f"no sign of damaged encoding in {len(texts)} texts"
    return None, ""
