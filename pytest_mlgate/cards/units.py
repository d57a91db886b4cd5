"""What a section says, piece by piece: statements, labelled values, rows of tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pytest_mlgate.cards.blanks import Blank, blanks_in, whole_blank
from pytest_mlgate.cards.form import Block, Card, Section, Text
from pytest_mlgate.cards.nothing import Nothing, says_nothing
from pytest_mlgate.cards.words import fold

State = Literal["content", "blank", "none", "noise"]


@dataclass(frozen=True, kw_only=True)
class Unit:
    """One piece of a section.

    Attributes
    ----------
    state : str
        ``content``; ``blank`` (left by a template), ``none`` (the author says that there is nothing), or ``noise`` (a
        table of contents, a badge, a question that is answered behind it).
    text : Text
        Of a labelled value the value.
    folded : str
        The text as rules read it (:func:`~pytest_mlgate.cards.words.fold`).
    label : str
        The folded label before it, or a table's row label; empty where there is none.
    blanks : tuple of Blank
        Blanks in it, also where the rest is content.
    nothing : Nothing or None
        What the author says where there is nothing, and why.
    section, line : int
        The place of its section in the card, and its line.
    cells : tuple of Text
        Of a table's row.
    """

    kind: Literal["text", "item", "row", "code"]
    state: State
    text: Text
    folded: str
    label: str = ""
    label_text: str = ""
    blanks: tuple[Blank, ...] = ()
    nothing: Nothing | None = None
    section: int
    line: int
    cells: tuple[Text, ...] = field(default=())


def units_of(card: Card, exists: frozenset[str] | None = None) -> list[Unit]:
    """Return the units of a card, section by section.

    Parameters
    ----------
    card : Card
    exists : frozenset of str or None
        Relative targets of the card's links that are there; None: all of them are taken to be.
    """
    found: list[Unit] = []
    for place, section in enumerate(card.sections):
        units = list(_of_section(place, section, exists))
        found += _answered(_unticked(units, section))
    return found


def _of_section(place: int, section: Section, exists: frozenset[str] | None) -> Iterator[Unit]:
    for index, block in enumerate(section.blocks):
        following = section.blocks[index + 1] if index + 1 < len(section.blocks) else None
        if block.kind == "table":
            yield from _rows(place, block, exists)
        elif block.kind == "code":
            yield _unit(place, "code", block.text, "content" if block.text else "noise")
        elif block.pairs:
            if len(block.pairs) == 1 and says_nothing(fold(block.text.plain), block.text.plain) is not None:
                yield _judged(place, "item", block.text, exists)
                continue
            for number, pair in enumerate(block.pairs):
                last = number == len(block.pairs) - 1
                if not pair.value and last and _introduces(block, following):
                    yield _unit(place, "text", pair.label, "noise")
                    continue
                to_do = tuple(found for found in blanks_in(pair.label, fold(pair.label.plain)) if found.kind == "todo")
                if to_do:  # "TODO: name the storms"
                    yield _unit(place, "item", pair.label, "blank", blanks=to_do)
                    continue
                yield _judged(place, "item", pair.value, exists, label=pair.label)
        else:
            kind: Literal["text", "item"] = "item" if block.kind == "item" else "text"
            if not block.text:
                image = any(link.image for link in block.text.links)
                nested = following is not None and following.kind == "item" and following.depth > block.depth
                empty = block.kind == "item" and not image and not nested
                blanks = (Blank("empty_item", 0, 0),) if empty else ()
                yield _unit(place, kind, block.text, "blank" if empty else "noise", blanks=blanks)
                continue
            yield _judged(place, kind, block.text, exists)


def _introduces(block: Block, following: Block | None) -> bool:
    """Whether an empty label speaks of what follows it."""
    if following is None or (following.kind == "paragraph" and following.pairs):
        return False
    return following.kind != "item" or block.kind != "item" or following.depth > block.depth


def _judged(
    place: int,
    kind: Literal["text", "item", "row"],
    text: Text,
    exists: frozenset[str] | None,
    label: Text | None = None,
) -> Unit:
    """Return a unit with what is to be thought of its text."""
    folded = fold(text.plain)
    name = fold(label.plain).strip() if label is not None else ""
    words = label.plain.strip() if label is not None else ""
    whole = whole_blank(text, folded, label=name, exists=exists)
    if whole is not None:
        where = text if text else label or text
        return _unit(place, kind, where, "blank", label=name, label_text=words, blanks=(whole,), folded=folded)
    if _is_contents(text, folded):
        return _unit(place, kind, text, "noise", label=name, label_text=words)
    nothing = says_nothing(folded, text.plain) if len(name.split()) < 3 else None  # "Grade an exam: no" says something
    blanks = tuple(blanks_in(text, folded))
    state: State = "none" if nothing is not None else "content"
    return _unit(place, kind, text, state, label=name, label_text=words, blanks=blanks, nothing=nothing, folded=folded)


def _unit(
    place: int,
    kind: Literal["text", "item", "row", "code"],
    text: Text,
    state: State,
    *,
    label: str = "",
    label_text: str = "",
    blanks: tuple[Blank, ...] = (),
    nothing: Nothing | None = None,
    folded: str | None = None,
    cells: tuple[Text, ...] = (),
) -> Unit:
    return Unit(
        kind=kind,
        state=state,
        text=text,
        folded=fold(text.plain) if folded is None else folded,
        label=label,
        label_text=label_text,
        blanks=blanks,
        nothing=nothing,
        section=place,
        line=text.at(0)[0],
        cells=cells,
    )


def _is_contents(text: Text, folded: str) -> bool:
    """Whether a text is an entry of a table of contents, or links and nothing else."""
    links = [link for link in text.links if not link.image]
    covered = sum(link.end - link.start for link in links)
    inside = all(link.target.startswith("#") for link in links)
    return bool(links) and inside and covered >= len(folded.strip()) - 2


def _rows(place: int, block: Block, exists: frozenset[str] | None) -> Iterator[Unit]:
    """Yield a table's rows; with two columns the first is a label, with more every row is read as a whole."""
    rows = [row.cells for row in block.rows]
    pairs = {id(pair.label): pair for pair in block.pairs}
    if pairs and pairs.get(id(block.header[0] if block.header else None)):
        rows = [block.header, *rows]
    for cells in rows:
        if not any(cells):
            continue
        if len(cells) == 2:
            yield _judged(place, "row", cells[1], exists, label=cells[0])
            continue
        judged = [_judged(place, "row", cell, exists) for cell in cells[1:]]
        blank = [unit for unit in judged if unit.state == "blank"]
        filled = [unit for unit in judged if unit.state == "content"]
        blanks = tuple(b for unit in judged for b in unit.blanks if b.kind != "empty")
        state: State = "content" if filled else "blank" if blank else "none" if judged else "content"
        label = cells[0] if len(cells) > 1 else Text()
        yield Unit(
            kind="row",
            state=state,
            text=next((unit.text for unit in judged if unit.blanks), cells[0]),
            folded=" | ".join(fold(cell.plain).strip() for cell in cells),
            label=fold(label.plain).strip(),
            label_text=label.plain.strip(),
            blanks=blanks,
            section=place,
            line=cells[0].at(0)[0],
            cells=cells,
        )


def _unticked(units: Sequence[Unit], section: Section) -> list[Unit]:
    """Return the units with a checklist that nobody ticked as blanks; what is unticked beside a tick says nothing."""
    boxes = {block.text.at(0): block.checked for block in section.blocks if block.checked is not None}
    if not boxes:
        return list(units)
    ticked = any(boxes.values())
    found = []
    for unit in units:
        if unit.text and boxes.get(unit.text.at(0)) is False:
            blanks = () if ticked else (Blank("unticked", 0, len(unit.text.plain)),)
            unit = _unit(unit.section, unit.kind, unit.text, "noise" if ticked else "blank", blanks=blanks)
        found.append(unit)
    return found


def _answered(units: list[Unit]) -> list[Unit]:
    """Return the units with questions that something answers as noise."""
    found = list(units)
    for place, unit in enumerate(units):
        if [blank.kind for blank in unit.blanks] != ["question"]:
            continue
        following = units[place + 1] if place + 1 < len(units) else None
        if following is not None and following.state in ("content", "none") and following.kind != "code":
            found[place] = _unit(unit.section, unit.kind, unit.text, "noise")
    return found
