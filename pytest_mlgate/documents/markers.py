"""The measured parts of a file, between markers; every byte outside of them is the human's.

In Markdown a part stands between two comments on lines of their own::

    <!-- mlgate:metrics -->
    <!-- /mlgate:metrics -->

and in YAML front matter between ``# mlgate:model-index`` and ``# /mlgate:model-index``. Lines in fenced code are no
markers.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from pytest_mlgate.checks import InputError

_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_MARKDOWN = re.compile(rb"[ \t]*<!--[ \t]*(/?)mlgate:([\w-]+)[ \t]*-->[ \t]*")
_YAML = re.compile(rb"[ \t]*#[ \t]*(/?)mlgate:([\w-]+)[ \t]*")
_FENCE = re.compile(rb" {0,3}(`{3,}|~{3,})")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What stands between two markers.

    Attributes
    ----------
    name : str
    start, end : int
        Bytes between the markers' lines.
    line : int
        Of the first marker.
    newline : bytes
        The line end of the first marker's line.
    indent : bytes
        What stands before the first marker.
    yaml : bool
        Whether it is part of the front matter.
    """

    name: str
    start: int
    end: int
    line: int
    newline: bytes
    indent: bytes
    yaml: bool


def parts(raw: bytes, *, file: str, known: Collection[str]) -> list[Part]:
    """Return the measured parts of a file, in its order.

    Parameters
    ----------
    raw : bytes
        In any encoding that has ASCII's signs where ASCII has them.
    file : str
        What messages call it.
    known : collection of str
        The names that a part may have.

    Raises
    ------
    InputError
        Where a marker has no other, stands in another part, or has a name that nobody knows; the message has the line.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{file} is UTF-16 text, whose markers are not looked for", fix="save it as UTF-8")
    found: list[Part] = []
    opened: Part | None = None
    for number, start, end, match, yaml in _markers(raw):
        closing, name = bool(match.group(1)), match.group(2).decode("ascii", "replace")
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean mlgate:{near[0]}?" if near else f"known are {', '.join(sorted(known))}"
            raise InputError(f"{file}:{number}: nothing is written between markers called mlgate:{name}", fix=hint)
        if closing:
            if opened is None or opened.name != name or opened.yaml is not yaml:
                raise InputError(f"{file}:{number}: the marker /mlgate:{name} closes nothing", fix=_pair(name))
            found.append(
                Part(
                    name=name,
                    start=opened.start,
                    end=start,
                    line=opened.line,
                    newline=opened.newline,
                    indent=opened.indent,
                    yaml=yaml,
                )
            )
            opened = None
            continue
        if opened is not None:
            message = f"{file}:{number}: the marker mlgate:{name} stands inside mlgate:{opened.name}"
            raise InputError(f"{message} of line {opened.line}", fix=_pair(opened.name))
        line = raw[start:end]
        text = line.rstrip(b"\r\n")
        indent = text[: len(text) - len(text.lstrip())]
        newline = line[len(text) :] or b"\n"
        opened = Part(name=name, start=end, end=end, line=number, newline=newline, indent=indent, yaml=yaml)
    if opened is not None:
        raise InputError(
            f"{file}:{opened.line}: the marker mlgate:{opened.name} is never closed", fix=_pair(opened.name)
        )
    return found


def replaced(raw: bytes, found: list[Part], write: Callable[[Part], str]) -> bytes:
    """Return a file with its parts written anew.

    Parameters
    ----------
    raw : bytes
    found : list of Part
        As :func:`parts` returned them.
    write : callable
        From a part to its text: lines that end in a line feed each.

    Returns
    -------
    bytes
        In the encoding of ``raw`` and with the line ends of each part's marker; outside of the parts the same bytes.
    """
    encoding = _encoding(raw)
    pieces, position = [], 0
    for part in found:
        text = write(part)
        lines = text.removesuffix("\n").split("\n") if text else []
        body = b"".join(part.indent * bool(line) + _encoded(line, encoding) + part.newline for line in lines)
        pieces += [raw[position : part.start], body]
        position = part.end
    return b"".join([*pieces, raw[position:]])


def _pair(name: str) -> str:
    return f"write a pair: <!-- mlgate:{name} --> and, on a later line, <!-- /mlgate:{name} -->"


def _markers(raw: bytes) -> Iterator[tuple[int, int, int, re.Match[bytes], bool]]:
    """Yield each marker: line number, start and end of the line, the match, and whether it is YAML's."""
    yaml, fence = _front_matter_end(raw), b""
    for number, match in enumerate(_LINE.finditer(raw), start=1):
        line = match.group().rstrip(b"\r\n")
        if number == 1:
            line = line.removeprefix(_BOM)
        in_front = match.start() < yaml
        found = (_YAML if in_front else _MARKDOWN).fullmatch(line)
        opening = None if in_front else _FENCE.match(line)
        if fence:
            if opening and opening.group(1)[:1] == fence[:1] and len(opening.group(1)) >= len(fence):
                fence = b"" if not line.strip().strip(fence[:1]) else fence
            continue
        if opening:
            fence = opening.group(1)
            continue
        if found:
            yield number, match.start(), match.end(), found, in_front


def _front_matter_end(raw: bytes) -> int:
    """Return where the front matter ends; 0 where there is none, or where it is never closed."""
    lines = list(_LINE.finditer(raw, len(_BOM) if raw.startswith(_BOM) else 0))
    if not lines or lines[0].group().rstrip() != b"---":
        return 0
    return next((line.end() for line in lines[1:] if line.group().rstrip() in (b"---", b"...")), 0)


def _encoding(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _encoded(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "xmlcharrefreplace")
