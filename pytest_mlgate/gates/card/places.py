"""Where in a card something stands, for messages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.cards.words import fold

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card, Section, Text


def place(card: Card, line: int | None = None) -> str:
    """Return ``MODEL_CARD.md:41``, or the file alone."""
    name = Path(card.source).name
    return name if line is None else f"{name}:{line}"


def labelled(card: Card) -> Iterator[tuple[str, Text]]:
    """Yield each label of the card, folded, and the value behind it: of pairs, and of labels that open a section."""
    for found in card.pairs():
        yield fold(found.pair.label.plain).strip(" :*"), found.pair.value
    for section in card.sections:
        if section.kind in ("label", "run-in", "key") and section.blocks:
            yield fold(section.heading.plain).strip(" :*"), section.blocks[0].text


def section_of(card: Card, line: int) -> Section | None:
    """Return the innermost section that a line stands in; rows of tables and labels with a value are none."""
    found = [
        section
        for section in card.sections
        if section.line <= line <= section.end_line and section.kind in ("heading", "bold", "start")
    ]
    return max(found, key=lambda section: (section.level, section.line)) if found else None
