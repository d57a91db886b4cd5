"""Markdown as the internal form: front matter, limits, then pieces by a CommonMark parser, put into sections."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_mlgate.cards import front_matter
from pytest_mlgate.cards.form import Note, Section
from pytest_mlgate.cards.headings import resolve
from pytest_mlgate.cards.limits import LONGEST_LINE, MOST_CELLS, MOST_CHARACTERS, MOST_LINES, MOST_TABLE_CELLS
from pytest_mlgate.cards.markdown_pieces import pieces_of
from pytest_mlgate.cards.markdown_sections import sections_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Markdown:
    """What was read of a text."""

    front: Mapping[str, Any]
    front_lines: tuple[int, int] | None
    sections: tuple[Section, ...]
    title: str
    notes: tuple[Note, ...]


def read_markdown(lines: list[str]) -> Markdown:
    """Read the lines of a card; never raises."""
    notes: list[Note] = []
    front, front_lines, first = _front(lines, notes)
    body = _within_limits([""] * first + lines[first:], notes)
    body = _without_open_fences(body, notes)
    sections, title = sections_of(list(pieces_of(body)), body)
    return Markdown(front=front, front_lines=front_lines, sections=sections, title=title, notes=tuple(notes))


def _front(lines: list[str], notes: list[Note]) -> tuple[Mapping[str, Any], tuple[int, int] | None, int]:
    found = front_matter.find(lines)
    if found is None:
        return {}, None, 0
    count, closed = found
    if not closed:
        notes.append(Note(kind="unclosed_front_matter", line=1))
    try:
        front = front_matter.parse("\n".join(lines[1 : count - 1 if closed else count]))
    except front_matter.Refused as error:
        notes.append(Note(kind="bad_front_matter", line=1 + error.line, detail=str(error)))
        front = {}
    return front, (1, count), count


def _within_limits(lines: list[str], notes: list[Note]) -> list[str]:
    kept: list[str] = []
    characters = cells = columns = 0
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE or line.count("|") > MOST_CELLS:
            notes.append(Note(kind="long_line", line=number))
            line = line[:LONGEST_LINE].replace("|", " ") if line.count("|") > MOST_CELLS else line[:LONGEST_LINE]
        columns = 0 if not line.strip() else line.count("|") + 1 if _RULE.match(line) else columns
        cells += columns
        if columns and cells > MOST_TABLE_CELLS:
            if cells - columns <= MOST_TABLE_CELLS:
                notes.append(Note(kind="large_table", line=number))
            line = ""
        characters += len(line) + 1
        if len(kept) >= MOST_LINES or characters > MOST_CHARACTERS:
            notes.append(Note(kind="cut", line=number, detail=str(len(lines) - number + 1)))
            break
        kept.append(line)
    return kept


_RULE = re.compile(r"(?=[^-]{0,80}-)[ \t>*+|:-]{2,}$")  # what may be the line below the head of a table
_MOST_OPEN = 10  # fences left open that are looked for
_FENCE = re.compile(r"(?P<indent>[ >*+-]{0,12})(?P<marks>`{3,}|~{3,})(?P<info>[^`]*)$")


def _without_open_fences(lines: list[str], notes: list[Note]) -> list[str]:
    """Return the lines with the openings of fences that nothing closes left blank: the card goes on behind them.

    A fence counts as unclosed where the file ends in it, or where it runs over a heading into the opening of another.
    """
    kept = list(lines)
    number, failures = 0, 0
    while number < len(kept):
        opening = _FENCE.match(kept[number])
        if opening is None:
            number += 1
            continue
        stop = _closing(kept, number, opening) if failures < _MOST_OPEN else number
        if stop is None:
            failures += 1
            notes.append(Note(kind="unclosed_fence", line=number + 1))
            kept[number] = ""
            number += 1
        else:
            number = stop + 1
    return kept


def _closing(lines: list[str], start: int, opening: re.Match[str]) -> int | None:
    """Return the line that closes a fence; None where none does before another opens behind a heading."""
    marks, heading = opening.group("marks"), False
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if re.match(r"#{1,6} \S", line) and resolve(line.lstrip("#")):
            heading = True
        found = _FENCE.match(line)
        if found is None or found.group("marks")[0] != marks[0] or len(found.group("marks")) < len(marks):
            continue
        if not found.group("info").strip():
            return number
        if heading:
            return None
    return None
