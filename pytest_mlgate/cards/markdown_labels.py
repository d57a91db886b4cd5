"""Labels inside a text: lines wholly in bold, and words before a colon."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise

from pytest_mlgate.cards.form import Text
from pytest_mlgate.cards.headings import resolve


@dataclass(frozen=True)
class Segment:
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


def segments_of(text: Text) -> list[Segment]:
    """Cut a text at lines that are wholly bold and at labels that open a line."""
    starts = [0, *(match.end() for match in re.finditer("\n", text.plain))]
    found: list[Segment] = []
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


def _segment(text: Text, start: int, end: int, plain_labels: bool) -> Segment:
    whole = text.part(start, end)
    line = whole.at(0)[0]
    if _bold_line(text, start, end):
        return Segment(start, end, line, whole, whole, heading=True)
    first = text.plain[start:end].split("\n", 1)[0]
    stop = _label_end(text, start, first, plain_labels)
    if stop is None:
        return Segment(start, end, line, whole, whole)
    label_end, value_start, bold = stop
    label, value = text.part(start, label_end), text.part(value_start, end)
    return Segment(start, end, line, whole, value, label=label, bold=bold)


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


def one_line(text: Text) -> str:
    """Return a text with every run of white space as one space."""
    return " ".join(text.plain.split())
