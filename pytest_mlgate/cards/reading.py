"""From bytes to a card: encoding, format, and one internal form."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_mlgate.cards.form import Card, Note, Number, Section
from pytest_mlgate.cards.headings import normalise
from pytest_mlgate.cards.language import language_of
from pytest_mlgate.cards.markdown import read_markdown
from pytest_mlgate.cards.measures import find_matrices, measure
from pytest_mlgate.cards.metric_names import OwnNames, own_names
from pytest_mlgate.checks import InputError

LONGEST_JSON = 5_000_000
"""Characters of JSON that are read."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read at all."""


def read_card(path: str | Path, *, headings: Mapping[str, Sequence[str]] | None = None) -> Card:
    """Read a card's file, of whatever format.

    Parameters
    ----------
    path : str or Path
    headings : Mapping of str to sequence of str
        Further headings, by the canonical id of what stands below them.

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
    return card_of(raw, source=str(path), headings=headings)


def card_of(
    content: bytes | str, *, source: str = "<text>", headings: Mapping[str, Sequence[str]] | None = None
) -> Card:
    """Return the card that a text or its bytes hold; never raises, whatever they are.

    Parameters
    ----------
    content : bytes or str
        Bytes are UTF-8, with or without a mark at the start, UTF-16 with one, or else Latin-1.
    source : str
        What messages call it; relative links start from its folder.
    headings : Mapping of str to sequence of str
        As :func:`read_card` takes them.
    """
    raw = content if isinstance(content, bytes) else content.encode("utf-8", errors="surrogatepass")
    notes: list[Note] = []
    text = _decoded(raw, notes) if isinstance(content, bytes) else content
    text = text.removeprefix("\ufeff")
    lines = _lines(text)
    digest = hashlib.sha256(raw).hexdigest()
    card = Card(
        source=source,
        format="markdown",
        language=language_of(lines),
        digest=digest,
        sections=(Section(kind="start", level=0, line=1, end_line=1),),
        lines=tuple(lines),
        notes=tuple(notes),
    )
    if any(note.kind == "binary" for note in notes):
        return card
    if text.lstrip().startswith("{"):
        return _from_json(card, "\n".join(lines))
    return _from_markdown(card, lines, headings or {})


def _from_markdown(card: Card, lines: list[str], headings: Mapping[str, Sequence[str]]) -> Card:
    found = read_markdown(lines)
    read = replace(
        card,
        front_matter=found.front,
        front_matter_lines=found.front_lines,
        title=found.title,
        sections=found.sections,
        matrices=tuple(find_matrices(found.sections)),
        notes=(*card.notes, *found.notes),
    )
    return under_headings(read, headings)


def under_headings(card: Card, headings: Mapping[str, Sequence[str]]) -> Card:
    """Return a card of Markdown with further headings known, and its numbers as they follow from that."""
    if card.format != "markdown":
        return card
    own = {normalise(heading): name for name, texts in headings.items() for heading in texts}
    card = replace(card, sections=tuple(_under_heading(section, own) for section in card.sections))
    return replace(card, numbers=_in_order(_measured(card)))


def knowing(card: Card, metrics: Iterable[str]) -> Card:
    """Return a card of Markdown with the numbers of further metrics, which only who measured them knows by name."""
    own = own_names(metrics)
    if own is None or card.format != "markdown":
        return card
    return replace(card, numbers=_in_order(_measured(card, own=own)))


def _under_heading(section: Section, own: Mapping[str, str]) -> Section:
    name = own.get(normalise(section.heading.plain)) if own and section.heading else None
    return section if name is None or name in section.ids else replace(section, ids=(*section.ids, name))


def _from_json(card: Card, text: str) -> Card:
    from pytest_mlgate.cards.json_cards import read_json
    from pytest_mlgate.cards.json_text import NotJson

    try:
        found = read_json(text[:LONGEST_JSON])
    except NotJson as error:
        return replace(card, notes=(*card.notes, Note(kind="bad_json", line=error.line, detail=str(error))))
    if found is None:
        return replace(card, notes=(*card.notes, Note(kind="unknown_json", line=1)))
    cut = (Note(kind="cut", line=found.cut),) if found.cut else ()
    card = replace(card, format=found.format, title=found.title, sections=found.sections, notes=(*card.notes, *cut))
    prose = _measured(card, but="metrics")  # those that the format names are numbers already
    return replace(card, numbers=_in_order([*found.numbers, *prose]))


def _measured(card: Card, but: str = "", own: OwnNames | None = None) -> list[Number]:
    ids = {place: card.ids_of(section) for place, section in enumerate(card.sections)}
    kept = [replace(one, blocks=()) if but and but in ids[place] else one for place, one in enumerate(card.sections)]
    return measure(kept, ids, own)


def _in_order(found: list[Number]) -> tuple[Number, ...]:
    return tuple(sorted(found, key=lambda number: (number.span.line, number.span.column)))


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
