"""From bytes to a card: encoding, format, and one internal form."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

from pytest_mlgate.cards.form import Card, Note
from pytest_mlgate.cards.language import language_of
from pytest_mlgate.cards.markdown import read_markdown
from pytest_mlgate.cards.measures import find_matrices, measure
from pytest_mlgate.checks import InputError

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read at all."""


def read_card(path: str | Path) -> Card:
    """Read a card's file, of whatever format.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    InputError
        There is no such file, it is none that can be read, or far too large for a card. Whatever it holds is read.
    """
    path = Path(path)
    try:
        if not path.is_file():
            there = "is a folder" if path.is_dir() else "does not exist" if not path.exists() else "is no regular file"
            raise InputError(f"{path}: the card {there}", fix="name the card's file in `[gates.card] path`")
        size = path.stat().st_size
        if size > LARGEST:
            message = f"{path}: {size} bytes are too many for a card (at most {LARGEST})"
            raise InputError(message, fix="keep figures and tables in files of their own, and link to them")
        raw = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}", fix="make the file readable") from error
    return card_of(raw, source=str(path))


def card_of(content: bytes | str, *, source: str = "<text>") -> Card:
    """Return the card that a text or its bytes hold; never raises, whatever they are.

    Parameters
    ----------
    content : bytes or str
        Bytes are UTF-8, with or without a mark at the start, UTF-16 with one, or else Latin-1.
    source : str
        What messages call it; relative links start from its folder.
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8", errors="surrogatepass")
    notes: list[Note] = []
    text = _decoded(raw, notes) if isinstance(content, bytes) else content
    lines = _lines(text.removeprefix("\ufeff"))
    found = read_markdown(lines)
    card = Card(
        source=source,
        format="markdown",
        language=language_of(lines),
        digest=hashlib.sha256(raw).hexdigest(),
        front_matter=found.front,
        front_matter_lines=found.front_lines,
        title=found.title,
        sections=found.sections,
        lines=tuple(lines),
        notes=(*notes, *found.notes),
    )
    ids = {place: card.ids_of(section) for place, section in enumerate(card.sections)}
    return replace(card, numbers=tuple(measure(card.sections, ids)), matrices=tuple(find_matrices(card.sections)))


def _decoded(raw: bytes, notes: list[Note]) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        notes.append(Note(kind="encoding", line=1, detail="UTF-16"))
        return raw.decode("utf-16", errors="replace")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    if b"\0" in raw[:4096]:
        notes.append(Note(kind="binary", line=1))
    else:
        notes.append(Note(kind="encoding", line=line, detail="Latin-1"))
    return raw.decode("cp1252", errors="replace")


def _lines(text: str) -> list[str]:
    """Return the lines as Markdown counts them: other signs that end a line in Python do not."""
    return re.split(r"\r\n|\r|\n", text.replace("\0", "\ufffd"))
