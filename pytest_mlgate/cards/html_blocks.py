"""HTML in a card: headings, summaries, lists and tables, as the same pieces that Markdown gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TAG = re.compile(r"<!--|<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]{0,30})(?P<rest>(?:\s[^<>]{0,2000})?/?)>")
_BLOCKS = (
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form h1 h2 "
    "h3 h4 h5 h6 header hr html li main nav ol p section summary table tbody td tfoot th thead tr ul"
)
_BREAKS = frozenset(_BLOCKS.split())
_HEADINGS = {**{f"h{level}": level for level in range(1, 7)}, "summary": 6}
_SILENT = frozenset(("script", "style"))


@dataclass
class HtmlPiece:
    """A heading, a paragraph, an item or a cell of HTML: its kind, its source and where that begins in the block."""

    kind: str
    source: str
    offset: int
    level: int = 0


def pieces(source: str) -> Iterator[HtmlPiece]:
    """Yield what a block of HTML says, piece by piece; ``row`` and ``end`` mark the rows and the end of a table."""
    kind, level, start, position = "paragraph", 0, 0, 0
    no_comment = False
    while True:
        match = _TAG.search(source, position)
        end = match.start() if match else len(source)
        if match is None or _breaks(match, kind):
            yield from _piece(kind, source[start:end], start, level)
            if match is None:
                return
        if match.group() == "<!--":
            stop = -1 if no_comment else source.find("-->", match.end())
            no_comment = stop < 0
            position = match.end() if stop < 0 else stop + 3
            continue
        position = match.end()
        name, closing = match.group("name").lower(), bool(match.group("close"))
        if name in _SILENT and not closing:
            over = re.compile(rf"</{name}", re.IGNORECASE).search(source, position)
            yield from _piece(kind, source[start : match.start()], start, level)
            position = start = over.start() if over else len(source)
            continue
        if not _breaks(match, kind):
            continue
        start, level, kind = position, 0, "paragraph"
        if closing:
            if name == "table":
                yield HtmlPiece("end", "", match.start())
        elif name in _HEADINGS:
            kind, level = "heading", _HEADINGS[name]
        elif name in ("li", "dt", "dd"):
            kind = "item"
        elif name in ("td", "th"):
            kind = name
        elif name == "tr":
            yield HtmlPiece("row", "", match.start())


def _breaks(match: re.Match[str], kind: str) -> bool:
    """Whether a tag ends the piece before it; within a cell or an item a paragraph does not."""
    name = (match.group("name") or "").lower()
    return name in _BREAKS and not (kind in ("td", "th", "item") and name in ("p", "div", "center", "blockquote"))


def _piece(kind: str, source: str, offset: int, level: int) -> Iterator[HtmlPiece]:
    stripped = source.strip()
    if stripped or kind in ("td", "th", "heading", "item"):
        yield HtmlPiece(kind, stripped, offset + len(source) - len(source.lstrip()), level)
