"""LightGBM's text format: lines of ``key=value``, trees, and an end."""

from __future__ import annotations

import re

from pytest_mlgate.artifacts.inspection.holding import Held
from pytest_mlgate.artifacts.inspection.limits import Limits
from pytest_mlgate.artifacts.inspection.reading import Reading
from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.artifacts.inspection.source import FileFeed, Source

BEGINNING = b"tree\n"
_LONGEST_LINE = 64 * 1024**2
_LINE = re.compile(rb"[^=]+=.*|\[\w+: .*\]|pandas_categorical:.*|average_output")
_HEADINGS = (b"tree", b"", b"end of trees", b"feature_importances:", b"parameters:", b"end of parameters")
_NEEDED = (b"version", b"num_class", b"feature_names")


def read_lightgbm(held: Held, limits: Limits) -> Reading:
    """Look at every line; what the numbers mean is LightGBM's own affair."""
    source = Source(FileFeed(held.descriptor, 0, held.size), limits)
    header: dict[bytes, bytes] = {}
    trees, ended = 0, False
    while source.more():
        start = source.position
        line = _line(source)
        if b"\0" in line or not _is_text(line):
            raise Refused("damaged", "has a line that is no text", position=start)
        ended = ended or line == b"end of trees"
        trees += line.startswith(b"Tree=")
        if not trees and b"=" in line:
            key, _, value = line.partition(b"=")
            header[key] = value[:100]
        if line not in _HEADINGS and not _LINE.fullmatch(line):
            raise Refused("damaged", "has a line that LightGBM does not write", position=start)
    lacking = [key.decode() for key in _NEEDED if key not in header]
    if lacking:
        raise Refused("damaged", f"lacks what LightGBM writes at its beginning: {', '.join(lacking)}")
    if not ended:
        raise Refused("truncated", "ends before the end of its trees", fix="copy or save it again")
    return Reading(format="lightgbm", complete=True)


def _line(source: Source) -> bytes:
    """Return a line; the last may lack its end."""
    try:
        return source.line(_LONGEST_LINE)
    except Refused as refused:
        if refused.reason != "truncated":
            raise
        return b""


def _is_text(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
