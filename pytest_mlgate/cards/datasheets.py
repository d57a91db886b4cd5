"""A datasheet as it was read: the sections that Gebru et al. ask for, and the blanks in them.

References
----------
Gebru, T., et al. (2021). Datasheets for datasets. Communications of the ACM 64(12), 86-92; section 3 has the questions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.cards.judging import Leftover, leftovers
from pytest_mlgate.cards.units import units_of
from pytest_mlgate.cards.words import fold

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card, Section

_HEADED = {
    "motivation": re.compile(r"\b(?:motivation|motivacion|motivacao|purpose)\b"),
    "composition": re.compile(r"\b(?:composition|composicion|composicao)\b"),
    "collection": re.compile(r"\b(?:collection|recogida|recoleccion|recopilacion|coleta|recolha)\b"),
    "preprocessing": re.compile(
        r"\b(?:pre-?processing|cleaning|label{1,2}ing|pre-?procesamiento|limpieza|etiquetado|pre-?processamento|limpeza"
        r"|rotulagem)\b"
    ),
    "uses": re.compile(r"\b(?:uses?|usos?)\b"),
    "distribution": re.compile(r"\b(?:distribution|distribucion|distribuicao)\b"),
    "maintenance": re.compile(r"\b(?:maintenance|mantenimiento|manutencao)\b"),
}
NAMES = tuple(_HEADED)
"""The sections of a datasheet, in the order of the paper."""

_TITLE = re.compile(r"\bdata ?sheet\b|\bficha de (?:los )?datos\b|\bficha (?:de|dos) dados\b")


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What a datasheet says in one section.

    Attributes
    ----------
    line : int or None
        Of its heading; None where there is no such section.
    says : bool
        Whether anything stands in it that is no blank.
    blanks : tuple of Leftover
        The blanks in it, from the top down.
    """

    line: int | None
    says: bool = False
    blanks: tuple[Leftover, ...] = ()


def is_datasheet(card: Card) -> bool:
    """Whether a file calls itself a datasheet."""
    return _TITLE.search(fold(card.title)) is not None


def answered(card: Card) -> dict[str, Answered]:
    """Return what a datasheet says, by section."""
    units, about = units_of(card), [_about(card, place) for place in range(len(card.sections))]
    found = {}
    for name in NAMES:
        own = {place for place, one in enumerate(about) if one == name}
        if not own:
            found[name] = Answered(line=None)
            continue
        mine = [unit for unit in units if unit.section in own]
        found[name] = Answered(
            line=min(card.sections[place].line for place in own),
            says=any(unit.state in ("content", "none") for unit in mine),
            blanks=tuple(sorted(leftovers(mine), key=lambda blank: (blank.span.line, blank.span.column))),
        )
    return found


def _about(card: Card, place: int) -> str | None:
    """Return the section of a datasheet that a stretch of it belongs to: by its own heading, or one around it."""
    section: Section | None = card.sections[place]
    while section is not None:
        heading = fold(section.heading.plain)
        if section.kind in ("heading", "bold") and heading != fold(card.title):
            named = next((name for name, words in _HEADED.items() if words.search(heading)), None)
            if named is not None:
                return named
        section = None if section.parent is None else card.sections[section.parent]
    return None
