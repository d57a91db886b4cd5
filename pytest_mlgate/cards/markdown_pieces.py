"""Markdown's blocks, in the order of the file: headings, paragraphs, items, tables, code."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pytest_mlgate.cards.form import Row, Text
from pytest_mlgate.cards.html_blocks import pieces as html_pieces
from pytest_mlgate.cards.inline import MOST_SIGNS, scan
from pytest_mlgate.cards.limits import MOST_CELLS

_CHUNK_LINES, _CHUNK_CHARACTERS = 100, 20_000


@dataclass
class Piece:
    """A block on its way into a section, in the order of the file."""

    kind: Literal["heading", "paragraph", "item", "table", "code"]
    text: Text
    line: int
    end_line: int
    level: int = 0
    header: tuple[Text, ...] = ()
    rows: tuple[Row, ...] = ()


def pieces_of(lines: list[str]) -> Iterator[Piece]:
    """Yield the blocks of a text without front matter; line numbers count from one."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    env: dict[str, Any] = {}
    tokens = parser.parse("\n".join(lines), env)
    references = {
        " ".join(label.split()).casefold(): str(found.get("href", ""))
        for label, found in env.get("references", {}).items()
    }
    yield from _Walk(tokens, lines, references).pieces()


@dataclass
class _Walk:
    """Goes over the tokens of the block parser."""

    tokens: list[Any]
    lines: list[str]
    references: Mapping[str, str]
    depth: int = 0
    fresh: bool = False  # whether the text of an item is still to come
    signs: int = MOST_SIGNS

    def scan(self, content: str, starts: list[tuple[int, int, int]]) -> Text:
        text = scan(content, starts, self.references, most=self.signs)
        self.signs -= len(text.marks)
        return text

    def pieces(self) -> Iterator[Piece]:
        position = 0
        while position < len(self.tokens):
            token = self.tokens[position]
            kind, where = token.type, token.map or [0, 0]
            if kind == "table_open":
                stop = next(i for i in range(position, len(self.tokens)) if self.tokens[i].type == "table_close")
                yield self.table(position, stop)
                position = stop
            elif kind in ("bullet_list_open", "ordered_list_open"):
                self.depth += 1
            elif kind in ("bullet_list_close", "ordered_list_close"):
                self.depth -= 1
            elif kind == "list_item_open":
                self.fresh = True
                if self.tokens[position + 1].type == "list_item_close":
                    yield self.piece("item", "", where, level=self.depth)
            elif kind == "inline":
                opener = self.tokens[position - 1]
                if opener.type == "heading_open":
                    yield self.piece("heading", token.content, where, level=int(opener.tag[1]))
                else:
                    for content, lines in _chunks(token.content, where):
                        yield self.paragraph(content, lines)
            elif kind in ("fence", "code_block"):
                yield self.code(token, where)
            elif kind == "html_block":
                yield from self.html(token.content, where[0])
            position += 1

    def paragraph(self, content: str, where: list[int]) -> Piece:
        if self.depth and self.fresh:
            self.fresh = False
            return self.piece("item", content, where, level=self.depth)
        return self.piece("paragraph", content, where, level=self.depth)

    def piece(self, kind: Any, content: str, where: list[int], level: int = 0) -> Piece:
        starts = self.starts(content, where[0])
        return Piece(
            kind, self.scan(content, starts), line=where[0] + 1, end_line=max(where[1], where[0] + 1), level=level
        )

    def starts(self, content: str, first: int, after: int = 0) -> list[tuple[int, int, int]]:
        """Return where each line of a content begins in the file; ``after`` is the column to search from."""
        found, offset = [], 0
        for number, line in enumerate(content.split("\n")):
            source = self.lines[first + number] if first + number < len(self.lines) else ""
            column = source.find(line.strip()[:80], after if number == 0 else 0)
            blank = len(line) - len(line.lstrip())
            last = max(1, len(self.lines))  # an empty fence in the last line has nothing behind it
            found.append((offset, min(last, first + number + 1), max(1, column + 1 - blank)))
            offset += len(line) + 1
        return found

    def code(self, token: Any, where: list[int]) -> Piece:
        first = where[0] + (1 if token.type == "fence" else 0)
        content = token.content.rstrip("\n")
        starts = self.starts(content, first)
        text = Text(
            plain=content,
            marks=tuple(starts),
            code=((0, len(content)),) if content else (),
        )
        return Piece("code", text, line=where[0] + 1, end_line=max(where[1], where[0] + 1))

    def table(self, start: int, stop: int) -> Piece:
        first, last = self.tokens[start].map or [0, 0]
        rows: list[Row] = []
        cells: list[Text] = []
        number = after = 0
        for token in self.tokens[start:stop]:
            if token.type == "tr_open":
                cells, after = [], 0
                line = first + number + (1 if number else 0)  # the second line is the rule below the header
            elif token.type == "inline":
                starts = self.starts(token.content, line, after)
                after = starts[0][2] - 1 + len(token.content)
                cells.append(self.scan(token.content, starts))
            elif token.type == "tr_close":
                rows.append(Row(cells=tuple(cells), line=line + 1))
                number += 1
        if rows and len(rows) > 2 and len(rows[0].cells) > 2 and all(_is_index(row.cells[0]) for row in rows[1:]):
            rows = [Row(cells=row.cells[1:], line=row.line) for row in rows]
        header = rows[0].cells if rows else ()
        return Piece("table", Text(), line=first + 1, end_line=last, header=header, rows=tuple(rows[1:]))

    def html(self, content: str, first: int) -> Iterator[Piece]:
        lines = _LineStarts(content.rstrip("\n"), first)
        rows: list[tuple[int, list[Text], bool]] = []
        for piece in html_pieces(content.rstrip("\n")):
            starts = lines.within(piece.offset, len(piece.source))
            line = starts[0][1]
            text = self.scan(piece.source, starts)
            if piece.kind == "row":
                rows.append((line, [], True))
            elif piece.kind in ("td", "th"):
                if not rows:
                    rows.append((line, [], True))
                rows[-1][1].append(text)
                rows[-1] = (rows[-1][0], rows[-1][1], rows[-1][2] and piece.kind == "th")
            else:
                yield from _html_table(rows)
                rows = []
                if piece.kind != "end" and (text or piece.kind == "item"):
                    end = starts[-1][1]
                    level = 1 if piece.kind == "item" else piece.level
                    kind: Any = piece.kind
                    yield Piece(kind, text, line=line, end_line=end, level=level)
        yield from _html_table(rows)


def _is_index(cell: Text) -> bool:
    """Whether a cell only numbers its row."""
    return re.fullmatch(r"\s*(?:\d{1,3}(?:\.\d{1,2})?|[ivx]{1,5}|[a-z])[.)]?\s*", cell.plain.lower()) is not None


def _chunks(content: str, where: list[int]) -> Iterator[tuple[str, list[int]]]:
    """Cut a paragraph that no person wrote into pieces, so that the time for each is bounded."""
    lines = content.split("\n")
    first, size = 0, 0
    for number, line in enumerate(lines):
        size += len(line) + 1
        if number - first >= _CHUNK_LINES or size > _CHUNK_CHARACTERS:
            yield "\n".join(lines[first:number]), [where[0] + first, where[0] + number]
            first, size = number, len(line) + 1
    yield "\n".join(lines[first:]), [where[0] + first, where[1]]


def _html_table(rows: list[tuple[int, list[Text], bool]]) -> Iterator[Piece]:
    filled = [row for row in rows if row[1]]
    if not filled:
        return
    width = min(MOST_CELLS, max(len(cells) for _, cells, _ in filled))
    padded = [
        (line, tuple((cells + [Text(marks=((0, line, 1),))] * (width - len(cells)))[:width]), head)
        for line, cells, head in filled
    ]
    header = padded[0][1] if padded[0][2] else (Text(),) * width
    body = padded[1:] if padded[0][2] else padded
    rows_made = tuple(Row(cells=cells, line=line) for line, cells, _ in body)
    yield Piece("table", Text(), line=padded[0][0], end_line=padded[-1][0], header=header, rows=rows_made)


class _LineStarts:
    """Where the lines of a text begin, by offset."""

    def __init__(self, content: str, first: int) -> None:
        self.first = first
        self.offsets = [0, *(match.end() for match in re.finditer("\n", content))]

    def within(self, offset: int, length: int) -> list[tuple[int, int, int]]:
        index = bisect_right(self.offsets, offset) - 1
        found = [(0, self.first + index + 1, offset - self.offsets[index] + 1)]
        for number in range(index + 1, len(self.offsets)):
            if self.offsets[number] >= offset + length:
                break
            found.append((self.offsets[number] - offset, self.first + number + 1, 1))
        return found
