"""Inline Markdown as plain text that knows its places.

CommonMark's own rules for brackets and emphasis take quadratic time on texts made for it, and parsers keep no columns.
This scanner goes over a text once: it drops what is markup, images and comments, and keeps everything that may be a
blank left by a template (``[Your Name]``, ``<name>``, ``{{ name }}``, ``__ %``).
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_mlgate.cards.form import Link, Span, Text

# Elements of HTML that a card may use. Any other name between angle brackets is a blank to be filled in.
_ELEMENTS = (
    "a abbr address article aside audio b bdi bdo big blockquote body br button caption center cite code col "
    "colgroup dd del details dfn div dl dt em embed figcaption figure font footer form g h1 h2 h3 h4 h5 h6 head "
    "header hr html i iframe img ins kbd li main mark math nav ol p picture pre progress q rect s samp script "
    "section select small span strike strong style sub summary sup svg table tbody td textarea tfoot th thead "
    "tr tt u ul var video wbr"
)
ELEMENTS = frozenset(_ELEMENTS.split())
# Elements whose names templates use for blanks too: an element only with attributes, or where it closes.
_EITHER = frozenset(
    ("data", "input", "label", "link", "map", "meta", "object", "option", "param", "path", "source", "time", "title")
)
_BOLD, _ITALIC, _CODE = frozenset(("b", "strong")), frozenset(("i", "em")), frozenset(("code", "kbd", "samp", "tt"))

_TOKEN = re.compile(
    r"(?P<escape>\\[!-/:-@\[-`{-~])"
    r"|(?P<ticks>`+)"
    r"|(?P<comment><!--)"
    r"|(?P<autolink><(?:[A-Za-z][A-Za-z0-9+.-]{1,31}:[^<>\s]{0,2000}|[^\s<>@]{1,64}@[^\s<>@]{1,255})>)"
    r"|(?P<tag></?(?P<name>[A-Za-z][A-Za-z0-9]{0,30})(?:\s[^<>]{0,2000})?/?>)"
    r"|(?P<braces>\{\{|\{%)"
    r"|(?P<open>!?\[)"
    r"|(?P<close>\])"
    r"|(?P<delim>\*+|_+|~~+)"
    r"|(?P<entity>&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|(?P<url>\bhttps?://[^\s<>()\[\]\"'`]{1,2000})"
)
_DESTINATION = re.compile(
    r"\(\s{0,20}(?:<([^<>\n]{0,2000})>|((?:[^\s()<>\\]|\\.|\([^\s()<>]{0,500}\)){0,2000}))"
    r"(?:\s{1,20}(?:\"[^\"]{0,500}\"|'[^']{0,500}'|\([^()]{0,500}\)))?\s{0,20}\)"
)
_REFERENCE = re.compile(r"\[([^\[\]]{0,200})\]")
_LONGEST_TICKS = 10
MOST_SIGNS = 50_000
_CLOSING = {"{{": "}}", "{%": "%}"}


@dataclass
class _Scan:
    """What one pass over a text keeps: pieces of plain text, and where each of them stands in the source."""

    source: str
    pieces: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    links: list[tuple[str, int, int, bool, int, int]] = field(default_factory=list)
    open: list[tuple[int, int, bool]] = field(default_factory=list)
    delims: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: {"*": [], "_": [], "~": []})
    tags: list[tuple[str, int]] = field(default_factory=list)

    def put(self, text: str, place: int) -> None:
        if text:
            self.pieces.append(text)
            self.places.append(place)

    def forget(self, piece: int) -> None:
        """Drop all from a piece on: what an image says instead of itself is no content."""
        del self.pieces[piece:], self.places[piece:]
        for stack in self.delims.values():
            while stack and stack[-1][0] >= piece:
                stack.pop()
        while self.tags and self.tags[-1][1] >= piece:
            self.tags.pop()
        while self.spans and self.spans[-1][1] >= piece:
            self.spans.pop()
        while self.links and self.links[-1][1] >= piece and not self.links[-1][3]:
            self.links.pop()


def scan(
    source: str,
    lines: Iterable[tuple[int, int, int]],
    references: Mapping[str, str] | None = None,
    *,
    most: int = MOST_SIGNS,
) -> Text:
    """Return the plain text of inline Markdown.

    Parameters
    ----------
    source : str
        The text, the lines of a paragraph joined by line breaks.
    lines : iterable of (int, int, int)
        Offset in ``source``, line and column at which each of its lines begins.
    references : Mapping of str to str
        Targets of reference links, by their label in lower case.
    most : int
        Signs of markup that are looked at; behind them the text is taken as it stands.
    """
    found = _Scan(source)
    _walk(found, references or {}, most)
    return _text(found, list(lines) or [(0, 1, 1)])


def _walk(scan: _Scan, references: Mapping[str, str], most: int) -> None:
    source, position, end = scan.source, 0, len(scan.source)
    missing: set[str] = set()  # what does not come any more: nothing is searched for twice in vain
    while position < end:
        match = _TOKEN.search(source, position) if most > 0 else None
        most -= 1
        if match is None:
            scan.put(source[position:], position)
            return
        scan.put(source[position : match.start()], position)
        start, position = match.start(), match.end()
        kind, token = match.lastgroup, match.group()
        if match.group("tag") is not None:
            _tag(scan, match)
        elif kind == "escape":
            scan.put(token[1], start + 1)
        elif kind == "ticks":
            position = _code(scan, token, start, missing)
        elif kind == "comment":
            position = _comment(scan, start, missing)
        elif kind in ("autolink", "url"):
            target = token[1:-1] if kind == "autolink" else token.rstrip(".,;:!?*_")
            position = start + len(target) + (2 if kind == "autolink" else 0)
            scan.put(target, start)
            address = target if ":" in target else f"mailto:{target}"  # as CommonMark has it
            scan.links.append((address, len(scan.pieces) - 1, len(scan.pieces), False, start, position))
        elif kind == "braces":
            stop = source.find(_CLOSING[token], position) if token not in missing else -1
            position = stop + 2 if stop >= 0 else position
            if stop < 0:
                missing.add(token)
            scan.put(source[start:position], start)
        elif kind == "open":
            scan.open.append((len(scan.pieces), start, token == "!["))
            scan.put(token, start)
        elif kind == "close":
            position = _bracket(scan, start, references)
        elif kind == "delim":
            _delimiter(scan, token, start)
        elif kind == "entity":
            scan.put(html.unescape(token), start)


def _tag(scan: _Scan, match: re.Match[str]) -> None:
    name, tag = match.group("name").lower(), match.group()
    if name not in ELEMENTS and not (name in _EITHER and re.search(r"[=/]", tag)):
        scan.put(tag, match.start())
        return
    if name in ("br", "hr"):
        scan.put("\n", match.start())
    elif name == "img":
        _html_image(scan, match)
    kind = "bold" if name in _BOLD else "italic" if name in _ITALIC else "code" if name in _CODE else ""
    if name == "a" or kind:
        if tag.startswith("</"):
            _close_tag(scan, name, kind, match)
        else:
            scan.tags.append((name if kind else f"a {_attribute(tag, 'href')}", len(scan.pieces)))


def _close_tag(scan: _Scan, name: str, kind: str, match: re.Match[str]) -> None:
    if not scan.tags or scan.tags[-1][0].split(" ")[0] != name:
        return
    opened, piece = scan.tags.pop()
    if kind:
        scan.spans.append((kind, piece, len(scan.pieces)))
    elif opened != "a ":
        scan.links.append((opened[2:], piece, len(scan.pieces), False, match.start(), match.end()))


def _html_image(scan: _Scan, match: re.Match[str]) -> None:
    here = len(scan.pieces)
    scan.links.append((_attribute(match.group(), "src"), here, here, True, match.start(), match.end()))


def _attribute(tag: str, name: str) -> str:
    found = re.search(rf"\b{name}\s{{0,5}}=\s{{0,5}}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", tag, re.IGNORECASE)
    return html.unescape(next((group for group in found.groups() if group is not None), "")) if found else ""


def _code(scan: _Scan, ticks: str, start: int, missing: set[str]) -> int:
    """Take a code span; ticks that nothing closes stand for themselves."""
    after = start + len(ticks)
    if ticks not in missing and len(ticks) <= _LONGEST_TICKS:
        stop = re.compile(rf"(?<!`){ticks}(?!`)").search(scan.source, after)
        if stop is not None:
            first = len(scan.pieces)
            inner = scan.source[after : stop.start()]
            if len(inner) > 2 and inner[0] == inner[-1] == " " and inner.strip():
                after, inner = after + 1, inner[1:-1]
            scan.put(inner, after)
            scan.spans.append(("code", first, len(scan.pieces)))
            return stop.end()
        missing.add(ticks)
    scan.put(ticks, start)
    return start + len(ticks)


def _comment(scan: _Scan, start: int, missing: set[str]) -> int:
    stop = scan.source.find("-->", start + 4) if "-->" not in missing else -1
    if stop >= 0:
        return stop + 3
    missing.add("-->")
    scan.put("<!--", start)
    return start + 4


def _bracket(scan: _Scan, start: int, references: Mapping[str, str]) -> int:
    """Close a bracket: a link or an image where a target follows or is defined; text otherwise."""
    position = start + 1
    if not scan.open:
        scan.put("]", start)
        return position
    piece, opened, image = scan.open.pop()
    label = scan.source[opened + 1 + image : start] if start - opened < 200 else ""
    target: str | None = None
    found = _DESTINATION.match(scan.source, position)
    if found:
        target, position = found.group(1) or found.group(2) or "", found.end()
    else:
        reference = _REFERENCE.match(scan.source, position)
        key = _key((reference.group(1) if reference else "") or label)
        if key in references:
            target, position = references[key], reference.end() if reference else position
    if target is None:
        scan.put("]", start)
        return position
    if image:
        scan.forget(piece)
        scan.links.append((target, piece, piece, True, opened, position))
    else:
        scan.pieces[piece] = ""
        scan.links.append((target, piece, len(scan.pieces), False, opened, position))
    return position


def _key(label: str) -> str:
    return " ".join(label.split()).casefold()


def _delimiter(scan: _Scan, token: str, start: int) -> None:
    """Pair a run of emphasis signs with the one that opened it; what finds no partner stays as text."""
    sign, source = token[0], scan.source
    before = source[start - 1] if start else " "
    after = source[start + len(token)] if start + len(token) < len(source) else " "
    inside = sign == "_" and before.isalnum() and after.isalnum()
    opens = not after.isspace() and not inside and not (sign == "_" and before.isalnum())
    closes = not before.isspace() and not inside and not (sign == "_" and after.isalnum())
    stack = scan.delims[sign]
    if closes and stack:
        piece, length = stack.pop()
        scan.pieces[piece] = ""
        shared = min(length, len(token))
        here = len(scan.pieces)
        if sign != "~":
            scan.spans += [("bold", piece, here)] if shared >= 2 else []
            scan.spans += [("italic", piece, here)] if shared % 2 else []
        return
    if opens:
        stack.append((len(scan.pieces), len(token)))
    scan.put(token, start)


def _text(scan: _Scan, lines: list[tuple[int, int, int]]) -> Text:
    offsets, total = [], 0
    for piece in scan.pieces:
        offsets.append(total)
        total += len(piece)
    offsets.append(total)
    plain = "".join(scan.pieces)
    marks = _marks(scan, offsets, lines)
    by_kind: dict[str, list[tuple[int, int]]] = {"bold": [], "italic": [], "code": []}
    for kind, first, last in scan.spans:
        start, end = offsets[min(first, len(scan.pieces))], offsets[min(last, len(scan.pieces))]
        if end > start:
            by_kind[kind].append((start, end))
    links = tuple(
        Link(
            target=target,
            start=offsets[min(first, len(scan.pieces))],
            end=offsets[min(last, len(scan.pieces))],
            image=image,
            span=_span(lines, source_start, source_end),
        )
        for target, first, last, image, source_start, source_end in scan.links
    )
    return Text(
        plain=plain,
        marks=marks,
        code=tuple(sorted(by_kind["code"])),
        bold=tuple(sorted(by_kind["bold"])),
        italic=tuple(sorted(by_kind["italic"])),
        links=links,
    )


def _marks(scan: _Scan, offsets: list[int], lines: list[tuple[int, int, int]]) -> tuple[tuple[int, int, int], ...]:
    """Return a mark for the start of each piece, and for each line that begins within one."""
    marks: list[tuple[int, int, int]] = []
    line = 0
    for piece, offset, place in zip(scan.pieces, offsets, scan.places, strict=False):
        if not piece:
            continue
        while line + 1 < len(lines) and lines[line + 1][0] <= place:
            line += 1
        start, number, column = lines[line]
        marks.append((offset, number, column + place - start))
        while line + 1 < len(lines) and lines[line + 1][0] < place + len(piece):
            line += 1
            start, number, column = lines[line]
            marks.append((offset + start - place, number, column))
    return tuple(marks) or ((0, lines[0][1], lines[0][2]),)


def _span(lines: list[tuple[int, int, int]], start: int, end: int) -> Span:
    (first, line, column), (last, end_line, end_column) = _line_of(lines, start), _line_of(lines, max(start, end - 1))
    return Span(
        line=line,
        column=column + start - first,
        end_line=end_line,
        end_column=end_column + max(start, end - 1) - last + 1,
    )


def _line_of(lines: list[tuple[int, int, int]], offset: int) -> tuple[int, int, int]:
    return lines[max(0, bisect_right(lines, (offset, 1 << 60, 0)) - 1)]
