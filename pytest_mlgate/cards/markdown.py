"""Markdown as the internal form: blocks by a CommonMark parser, sections by whatever serves as a heading."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal

from pytest_mlgate.cards import front_matter
from pytest_mlgate.cards.form import Block, Note, Pair, Row, Section, Text
from pytest_mlgate.cards.headings import resolve
from pytest_mlgate.cards.html_blocks import pieces as html_pieces
from pytest_mlgate.cards.inline import MOST_SIGNS, scan
from pytest_mlgate.cards.limits import LONGEST_LINE, MOST_CELLS, MOST_CHARACTERS, MOST_LINES, MOST_TABLE_CELLS
from pytest_mlgate.cards.metric_names import metric_of
from pytest_mlgate.cards.words import fold

_CHUNK_LINES, _CHUNK_CHARACTERS = 100, 20_000
_BOLD, _RUN_IN = 7, 8  # levels below every heading


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
    found = list(_pieces(body))
    sections, title = _Sections(found, body).build()
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


@dataclass
class _Piece:
    """A block on its way into a section, in the order of the file."""

    kind: Literal["heading", "paragraph", "item", "table", "code"]
    text: Text
    line: int
    end_line: int
    level: int = 0
    header: tuple[Text, ...] = ()
    rows: tuple[Row, ...] = ()


def _pieces(lines: list[str]) -> Iterator[_Piece]:
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

    def pieces(self) -> Iterator[_Piece]:
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

    def paragraph(self, content: str, where: list[int]) -> _Piece:
        if self.depth and self.fresh:
            self.fresh = False
            return self.piece("item", content, where, level=self.depth)
        return self.piece("paragraph", content, where, level=self.depth)

    def piece(self, kind: Any, content: str, where: list[int], level: int = 0) -> _Piece:
        starts = self.starts(content, where[0])
        return _Piece(
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

    def code(self, token: Any, where: list[int]) -> _Piece:
        first = where[0] + (1 if token.type == "fence" else 0)
        content = token.content.rstrip("\n")
        starts = self.starts(content, first)
        text = Text(
            plain=content,
            marks=tuple(starts),
            code=((0, len(content)),) if content else (),
        )
        return _Piece("code", text, line=where[0] + 1, end_line=max(where[1], where[0] + 1))

    def table(self, start: int, stop: int) -> _Piece:
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
        return _Piece("table", Text(), line=first + 1, end_line=last, header=header, rows=tuple(rows[1:]))

    def html(self, content: str, first: int) -> Iterator[_Piece]:
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
                    yield _Piece(kind, text, line=line, end_line=end, level=level)
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


def _html_table(rows: list[tuple[int, list[Text], bool]]) -> Iterator[_Piece]:
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
    yield _Piece("table", Text(), line=padded[0][0], end_line=padded[-1][0], header=header, rows=rows_made)


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


@dataclass
class _Open:
    """A section that is being filled."""

    section: Section
    blocks: list[Block] = field(default_factory=list)
    depth: int = 0
    last: int = 0


class _Sections:
    """Puts pieces into sections, by headings of every kind."""

    def __init__(self, pieces: list[_Piece], lines: list[str]) -> None:
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
                if piece is first and not resolve(_one_line(piece.text)):
                    self.title = _one_line(piece.text)
                self.open("heading", piece.text, piece.level, piece.line)
            else:
                self.leave_item(piece)
                self.place(piece)
        built = tuple(
            replace(one.section, blocks=tuple(one.blocks), end_line=max(one.section.line, one.last)) for one in self.all
        )
        return built, self.title

    def leave_item(self, piece: _Piece) -> None:
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
        ids = resolve(_one_line(heading), around, label=kind in ("run-in", "label"), loose=loose)
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

    def place(self, piece: _Piece) -> None:
        if piece.kind == "table":
            self.place_table(piece)
        elif piece.kind == "code":
            self.add(Block(kind="code", text=piece.text, line=piece.line, end_line=piece.end_line))
        else:
            self.place_text(piece)

    def place_text(self, piece: _Piece) -> None:
        rest: list[_Segment] = []
        for segment in _segments(piece.text):
            if segment.heading:
                self.flush(rest, piece)
                rest = []
                self.open("bold", segment.whole, _BOLD, segment.line)
                continue
            if segment.label is not None and resolve(_one_line(segment.label), label=True, loose=segment.bold):
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

    def flush(self, segments: list[_Segment], piece: _Piece) -> None:
        if segments or not piece.text:
            start = segments[0].start if segments else 0
            end = segments[-1].end if segments else 0
            self.add(_block(piece, segments, piece.text.part(start, end) if segments else piece.text))

    def place_table(self, piece: _Piece) -> None:
        pairs = tuple(_table_pairs(piece))
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
        for label, values in _table_labels(piece):
            line = label.at(0)[0]
            self.open("label", label, _RUN_IN, line, table=True)
            for value in values:
                line, last = value.at(0)[0], value.at(max(0, len(value.plain) - 1))[0]
                self.add(Block(kind="item", text=value, line=line, end_line=last, depth=1))
            del self.stack[depth:]


def _block(piece: _Piece, segments: list[_Segment], text: Text) -> Block:
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


@dataclass(frozen=True)
class _Segment:
    """A line or some lines of a text: a heading in bold, a label with its value, or just text."""

    start: int
    end: int
    line: int
    whole: Text
    value: Text
    label: Text | None = None
    bold: bool = False
    heading: bool = False


_PLAIN_LABEL = re.compile(r"[^\W\d_][^:.!?\n|<>{}\[\]]{0,50}:(?=\s|$)")


def _segments(text: Text) -> list[_Segment]:
    """Cut a text at lines that are wholly bold and at labels that open a line."""
    starts = [0, *(match.end() for match in re.finditer("\n", text.plain))]
    found: list[_Segment] = []
    begin, plain_labels = 0, _all_lines_labelled(text, starts)
    opened: list[int] = []
    for start, end in zip(starts, [*starts[1:], len(text.plain) + 1], strict=True):
        line = text.plain[start : end - 1]
        if _bold_line(text, start, start + len(line)):
            opened += [start, end]
        elif _label_end(text, start, line, plain_labels) is not None:
            opened.append(start)
    cuts = sorted({0, *(cut for cut in opened if cut < len(text.plain)), len(text.plain)})
    for begin, end in pairwise(cuts):
        segment = _segment(text, begin, end, plain_labels)
        if segment.whole:
            found.append(segment)
    return found


def _segment(text: Text, start: int, end: int, plain_labels: bool) -> _Segment:
    whole = text.part(start, end)
    line = whole.at(0)[0]
    if _bold_line(text, start, end):
        return _Segment(start, end, line, whole, whole, heading=True)
    first = text.plain[start:end].split("\n", 1)[0]
    stop = _label_end(text, start, first, plain_labels)
    if stop is None:
        return _Segment(start, end, line, whole, whole)
    label_end, value_start, bold = stop
    label, value = text.part(start, label_end), text.part(value_start, end)
    return _Segment(start, end, line, whole, value, label=label, bold=bold)


def _bold_line(text: Text, start: int, end: int) -> bool:
    """Whether a stretch is one line wholly in bold, and short enough for a heading."""
    line = text.plain[start:end]
    stripped = line.strip().rstrip(":").rstrip()
    if not stripped or "\n" in stripped or len(stripped) > 80 or stripped.endswith((".", ",", ";")):
        return False
    if not re.search(r"[^\W\d_]{2}", stripped):
        return False
    first = start + len(line) - len(line.lstrip())
    last = first + len(stripped)
    return any(b >= last for _, b in _bold_from(text, first + _symbols(line.lstrip())))


def _bold_from(text: Text, offset: int) -> tuple[tuple[int, int], ...]:
    """Return the last stretches in bold that begin at or before an offset; a few, since they seldom hold others."""
    stop = bisect_right(text.bold, (offset, len(text.plain) + 1))
    return text.bold[max(0, stop - 8) : stop]


def _symbols(line: str) -> int:
    """Return how many signs that are no letters (emoji, bullets) a line opens with."""
    match = re.match(r"[^\w\[<({`]{0,4}", line)
    return match.end() if match else 0


def _label_end(text: Text, start: int, line: str, plain_labels: bool) -> tuple[int, int, bool] | None:
    """Return where the label that opens a line ends, where its value begins, whether it is bold; None: no label."""
    if not line.strip():
        return None
    first = start + len(line) - len(line.lstrip())
    first += _symbols(text.plain[first : start + len(line)])
    for _, b in _bold_from(text, first):
        if first < b <= start + len(line):
            label = text.plain[first:b]
            if len(label) > 80 or not re.search(r"[^\W\d_]", label):
                return None
            after = re.match(r"\s*(?::|[-–—]\s|[.](?=\s))?\s*", text.plain[b : start + len(line)])
            behind = b + (after.end() if after else 0)
            colon = label.rstrip().endswith((":", ".", "?")) or (after is not None and after.group().strip() != "")
            if colon or resolve(label.strip(), label=True, loose=False):
                return b - (len(label) - len(label.rstrip(" :.—–-"))), behind, True
            return None
    if plain_labels:
        match = _PLAIN_LABEL.match(text.plain, first, start + len(line))
        if match and len(match.group().split()) <= 6 and not match.group().lower().startswith(("http", "e.g", "note")):
            return match.end() - 1, match.end(), False
    return None


def _all_lines_labelled(text: Text, starts: list[int]) -> bool:
    """Whether labels that are not bold count: in a single line, or where every line has one."""
    if len(starts) == 1:
        return True
    ends = [*starts[1:], len(text.plain) + 1]
    lines = [text.plain[a : b - 1].strip() for a, b in zip(starts, ends, strict=True)]
    if all(_PLAIN_LABEL.match(line) for line in lines if line):
        return True
    first = _PLAIN_LABEL.match(lines[0])  # a wrapped value behind one label that is a heading
    return bool(
        first
        and resolve(first.group().rstrip(":"), label=True, loose=False)
        and not any(map(_PLAIN_LABEL.match, lines[1:]))
    )


def _one_line(text: Text) -> str:
    return " ".join(text.plain.split())


def _table_pairs(piece: _Piece) -> Iterator[Pair]:
    """Yield a table's rows as labels and values: of two columns, or of any where only one value is given."""
    if len(piece.header) != 2:
        return
    first, second = (_one_line(cell) for cell in piece.header)
    if first and second and not _FIELD_HEADS.fullmatch(first.casefold()):
        yield Pair(label=piece.header[0], value=piece.header[1])
    for row in piece.rows:
        if len(row.cells) == 2 and row.cells[0]:
            yield Pair(label=row.cells[0], value=row.cells[1])


_FIELD_HEADS = re.compile(
    r"(field|item|property|attribute|key|name|parameter|aspect|section|topic|metric|element|category|question"
    r"|what|label"
    r"|campo|apartado|elemento|propiedad|atributo|clave|nombre|parametro|parámetro|aspecto|seccion|sección"
    r"|metrica|métrica"
    r"|concepto|chave|propriedade|nome|seção|parâmetro)s?"
)
_COLUMN_HEADS = frozenset(("out_of_scope_use", "intended_use", "limitations", "ethical_considerations"))
_ROW_LABELS = _COLUMN_HEADS | frozenset(
    (
        "training_data",
        "evaluation_data",
        "subgroup_metric",
        "owner",
        "license",
        "lineage",
        "monitoring",
        "rollback",
        "retraining",
        "retirement",
    )
)


def _table_labels(piece: _Piece) -> Iterator[tuple[Text, list[Text]]]:
    """Yield what a table has in the place of headings: labels of its rows, heads of its columns."""
    wide = len(piece.header)
    if wide >= 2:
        head = [piece.header] if len(_one_line(piece.header[1]).split()) >= 3 else []
        for cells in [*head, *(row.cells for row in piece.rows)]:
            if len(cells) >= 2 and _is_row_label(_one_line(cells[0])) and not _column_head(cells):
                yield cells[0], list(cells[1:])
    for column, cell in enumerate(piece.header):
        if set(resolve(_one_line(cell), label=True, loose=False)) & _COLUMN_HEADS and (
            column or wide == 1 or _column_head(piece.header)
        ):
            yield cell, [row.cells[column] for row in piece.rows if column < len(row.cells)]


def _is_row_label(label: str) -> bool:
    about = set(resolve(label, label=True))
    return bool(about & _ROW_LABELS) or ("metrics" in about and metric_of(fold(label)) is None)


def _column_head(cells: tuple[Text, ...]) -> bool:
    """Whether a row is the head of columns that are about sections of their own."""
    return sum(bool(set(resolve(_one_line(cell), label=True, loose=False)) & _COLUMN_HEADS) for cell in cells) >= 2
