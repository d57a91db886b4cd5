"""Pieces of Markdown put into sections, by whatever serves as a heading."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_mlgate.cards.form import Block, Pair, Section, Text
from pytest_mlgate.cards.headings import resolve
from pytest_mlgate.cards.markdown_labels import Segment, one_line, segments_of
from pytest_mlgate.cards.markdown_pieces import Piece
from pytest_mlgate.cards.markdown_tables import table_labels, table_pairs

_BOLD, _RUN_IN = 7, 8  # levels below every heading


def sections_of(pieces: list[Piece], lines: list[str]) -> tuple[tuple[Section, ...], str]:
    """Return the sections that pieces fall into, and the card's title."""
    return _Sections(pieces, lines).build()


@dataclass
class _Open:
    """A section that is being filled."""

    section: Section
    blocks: list[Block] = field(default_factory=list)
    depth: int = 0
    last: int = 0


class _Sections:
    """Puts pieces into sections, by headings of every kind."""

    def __init__(self, pieces: list[Piece], lines: list[str]) -> None:
        self.pieces = pieces
        start = Section(kind="start", level=0, line=1, end_line=1)
        self.all: list[_Open] = [_Open(start, last=1)]
        self.stack: list[int] = [0]
        self.title = ""
        self.last_line = max(1, len(lines))

    def build(self) -> tuple[tuple[Section, ...], str]:
        headings = [piece for piece in self.pieces if piece.kind == "heading" and piece.text]
        first = next((piece for piece in headings if piece.level == 1), headings[0] if headings else None)
        for piece in self.pieces:
            if piece.kind == "heading":
                if piece is first and not resolve(one_line(piece.text)):
                    self.title = one_line(piece.text)
                self.open("heading", piece.text, piece.level, piece.line)
            else:
                self.leave_item(piece)
                self.place(piece)
        built = tuple(
            replace(one.section, blocks=tuple(one.blocks), end_line=max(one.section.line, one.last)) for one in self.all
        )
        return built, self.title

    def leave_item(self, piece: Piece) -> None:
        """End a section that an item opened where the item ends."""
        while True:
            top = self.all[self.stack[-1]]
            inside = piece.level > top.depth or (piece.kind == "paragraph" and piece.level == top.depth)
            if not top.depth or inside:
                return
            self.stack.pop()

    def open(self, kind: Any, heading: Text, level: int, line: int, depth: int = 0, *, table: bool = False) -> None:
        while len(self.stack) > 1 and self.all[self.stack[-1]].section.level >= level:
            self.stack.pop()
        around = self.ids_around()
        loose = kind != "label" or table
        ids = resolve(one_line(heading), around, label=kind in ("run-in", "label"), loose=loose)
        section = Section(
            ids=ids, heading=heading, kind=kind, level=level, line=line, end_line=line, parent=self.stack[-1]
        )
        self.all.append(_Open(section, depth=depth, last=line))
        self.stack.append(len(self.all) - 1)

    def ids_around(self) -> tuple[str, ...]:
        return next((self.all[i].section.ids for i in reversed(self.stack) if self.all[i].section.ids), ())

    def add(self, block: Block) -> None:
        top = self.all[self.stack[-1]]
        top.blocks.append(block)
        for index in self.stack:
            self.all[index].last = max(self.all[index].last, block.end_line)

    def place(self, piece: Piece) -> None:
        if piece.kind == "table":
            self.place_table(piece)
        elif piece.kind == "code":
            self.add(Block(kind="code", text=piece.text, line=piece.line, end_line=piece.end_line))
        else:
            self.place_text(piece)

    def place_text(self, piece: Piece) -> None:
        rest: list[Segment] = []
        for segment in segments_of(piece.text):
            if segment.heading:
                self.flush(rest, piece)
                rest = []
                self.open("bold", segment.whole, _BOLD, segment.line)
                continue
            if segment.label is not None and resolve(one_line(segment.label), label=True, loose=segment.bold):
                self.flush(rest, piece)
                rest = []
                depth = piece.level if piece.kind == "item" else 0
                kind = "run-in" if segment.bold else "label"
                self.open(kind, segment.label, _RUN_IN + depth, segment.line, depth=depth)
                if segment.value:
                    self.add(_block(piece, [replace(segment, label=None)], segment.value))
                continue
            rest.append(segment)
        self.flush(rest, piece)

    def flush(self, segments: list[Segment], piece: Piece) -> None:
        if segments or not piece.text:
            start = segments[0].start if segments else 0
            end = segments[-1].end if segments else 0
            self.add(_block(piece, segments, piece.text.part(start, end) if segments else piece.text))

    def place_table(self, piece: Piece) -> None:
        pairs = tuple(table_pairs(piece))
        self.add(
            Block(
                kind="table",
                line=piece.line,
                end_line=piece.end_line,
                header=piece.header,
                rows=piece.rows,
                pairs=pairs,
            )
        )
        depth = len(self.stack)
        for label, values in table_labels(piece):
            line = label.at(0)[0]
            self.open("label", label, _RUN_IN, line, table=True)
            for value in values:
                line, last = value.at(0)[0], value.at(max(0, len(value.plain) - 1))[0]
                self.add(Block(kind="item", text=value, line=line, end_line=last, depth=1))
            del self.stack[depth:]


def _block(piece: Piece, segments: list[Segment], text: Text) -> Block:
    checked = None
    box = re.match(r"\[([ xX])\](?:\s|$)", text.plain)
    if piece.kind == "item" and box:
        checked, text = box.group(1) != " ", text.part(box.end(), len(text.plain))
    pairs = tuple(Pair(label=seg.label, value=seg.value) for seg in segments if seg.label is not None)
    return Block(
        kind="item" if piece.kind == "item" else "paragraph",
        text=text,
        line=text.at(0)[0] if text else piece.line,
        end_line=text.at(max(0, len(text.plain) - 1))[0] if text else piece.end_line,
        pairs=pairs,
        depth=piece.level,
        checked=checked,
    )
