"""The internal form of a model card: what every format is read into, and what every rule and check reads.

How to find in a :class:`Card`

* **all (metric name, number) pairs with their lines**: ``card.numbers``; those with ``role == "measured"`` are claims
  about this model. ``metric`` is the canonical name (``roc_auc``), ``metric_text`` the card's own words, ``printed``
  the digits as they stand, ``span.line`` the line, and ``half_unit`` the rounding that the printed digits allow;
* **subgroup values**: the numbers whose ``group`` is not empty (``group`` is the value, ``group_column`` the attribute
  where the card names it);
* **confusion matrices**: ``card.matrices``;
* **the owner**, and any other labelled value: ``card.pairs()``, each with label, value and the section it stands in;
* **links**, images among them: ``card.links()``;
* **a section by what it is about**: ``card.about("limitations")``, children that speak of something else left out;
* **the lines as they stand**: ``card.lines`` (line 1 is ``card.lines[0]``), for whoever writes into the file.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Format = Literal["markdown", "model-card-toolkit", "cyclonedx", "sagemaker"]
Role = Literal["measured", "threshold", "goal", "other_model", "template"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Span:
    """A stretch of the file; lines and columns count from 1, the end column is the first one behind it."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """A link or an image in a text.

    Attributes
    ----------
    target : str
        As it stands in the card.
    start, end : int
        Where its text stands in the plain text around it; equal for an image, whose text is no content.
    image : bool
    span : Span
    """

    target: str
    start: int
    end: int
    image: bool = False
    span: Span


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """Text without its markup, which knows where each part of it stands.

    Attributes
    ----------
    plain : str
        Without emphasis, tags, comments and images; a line break of the source is a line break here.
    marks : tuple of (int, int, int)
        Offset in ``plain``, line and column: from there on columns count up with offsets.
    code, bold, italic : tuple of (int, int)
        Stretches of ``plain`` that are set so.
    links : tuple of Link
    """

    plain: str = ""
    marks: tuple[tuple[int, int, int], ...] = ()
    code: tuple[tuple[int, int], ...] = ()
    bold: tuple[tuple[int, int], ...] = ()
    italic: tuple[tuple[int, int], ...] = ()
    links: tuple[Link, ...] = ()

    def at(self, offset: int) -> tuple[int, int]:
        """Return the line and the column of a character of ``plain``."""
        if not self.marks:
            return 1, 1
        start, line, column = self.marks[max(0, bisect_right(self.marks, (offset, 1 << 60, 0)) - 1)]
        return line, column + max(0, offset - start)

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return where a stretch of ``plain`` stands in the file; default: all of it."""
        end = len(self.plain) if end is None else end
        line, column = self.at(start)
        if end <= start:
            return Span(line=line, column=column, end_line=line, end_column=column)
        end_line, last = self.at(end - 1)
        return Span(line=line, column=column, end_line=end_line, end_column=last + 1)

    def part(self, start: int, end: int) -> Text:
        """Return a stretch of the text, stripped of the blanks around it, with all that it knows."""
        first, last = start, end  # an image at an end stands behind the blank that goes
        while start < end and self.plain[start].isspace():
            start += 1
        while end > start and self.plain[end - 1].isspace():
            end -= 1
        line, column = self.at(start)
        inside = self.marks[bisect_right(self.marks, (start, 1 << 60, 0)) : bisect_left(self.marks, (end, 0, 0))]
        marks = ((0, line, column), *((offset - start, at, where) for offset, at, where in inside))
        return Text(
            plain=self.plain[start:end],
            marks=marks,
            code=_cut(self.code, start, end),
            bold=_cut(self.bold, start, end),
            italic=_cut(self.italic, start, end),
            links=tuple(
                Link(
                    target=link.target,
                    start=min(max(link.start, start), end) - start,
                    end=min(max(link.end, start), end) - start,
                    image=link.image,
                    span=link.span,
                )
                for link in self.links
                if first <= link.start <= last and link.end >= first
            ),
        )

    def in_code(self, start: int, end: int) -> bool:
        """Whether a stretch touches code."""
        return any(a < end and start < b for a, b in self.code)

    def __bool__(self) -> bool:
        return bool(self.plain.strip())


def _cut(ranges: tuple[tuple[int, int], ...], start: int, end: int) -> tuple[tuple[int, int], ...]:
    return tuple((max(a, start) - start, min(b, end) - start) for a, b in ranges if a < end and start < b)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """A label and its value: ``Version: 1.2``, a row of a table of two columns, a key of JSON."""

    label: Text
    value: Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One row of a table."""

    cells: tuple[Text, ...]
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A paragraph, an item of a list, a table, or code.

    Attributes
    ----------
    kind : str
        ``paragraph``, ``item``, ``table`` or ``code``.
    text : Text
        Empty for a table.
    line, end_line : int
        First and last line.
    header : tuple of Text
        Of a table; empty texts where it has none.
    rows : tuple of Row
    pairs : tuple of Pair
        Labels and values that stand in it.
    depth : int
        Of an item: 1 for the outermost list.
    checked : bool or None
        Of an item with a check box.
    """

    kind: Literal["paragraph", "item", "table", "code"]
    text: Text = field(default_factory=Text)
    line: int
    end_line: int
    header: tuple[Text, ...] = ()
    rows: tuple[Row, ...] = ()
    pairs: tuple[Pair, ...] = ()
    depth: int = 0
    checked: bool | None = None

    def texts(self) -> Iterator[Text]:
        """Yield every text in it, the cells of a table row by row."""
        if self.kind != "table":
            yield self.text
            return
        yield from self.header
        for row in self.rows:
            yield from row.cells


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    """A stretch of the card under one heading; the first one is what stands before any heading.

    Attributes
    ----------
    ids : tuple of str
        What it is about, in canonical ids (:mod:`pytest_mlgate.cards.headings`); a combined heading has several.
        Empty: about what the section around it is about.
    heading : Text
    kind : str
        ``heading``; ``bold`` (a line wholly in bold), ``run-in`` (bold words before the text), ``label`` (the first
        column of a table, a label before a colon), ``key`` (of JSON), ``start`` (before any heading).
    level : int
        1 to 6 for headings, more for the rest; 0 for the start.
    line, end_line : int
        From its heading to its last line.
    parent : int or None
        Place of the section around it in ``Card.sections``.
    blocks : tuple of Block
        Its own; those of the sections in it are theirs.
    """

    ids: tuple[str, ...] = ()
    heading: Text = field(default_factory=Text)
    kind: Literal["heading", "bold", "run-in", "label", "key", "start"] = "heading"
    level: int
    line: int
    end_line: int
    parent: int | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """A number that belongs to the name of a metric.

    Attributes
    ----------
    value : float
        As printed: 91.0 for ``91 %``. ``fraction`` has 0.91.
    unit : str
        ``percent`` where a per cent sign or a heading with one goes with it, else empty.
    printed : str
        The digits as they stand (``0,91``).
    digits : int
        Digits behind the decimal sign.
    metric, metric_text : str
        Canonical name (empty where the card's words are no known metric), and the card's own words.
    role : str
        ``measured`` on this model; or a ``threshold``, a ``goal``, ``other_model``, or a number of a ``template``.
    group, group_column : str
        The subgroup that it was measured on, and the attribute that forms it; empty for the whole.
    subject : str
        Whose value it is where a table says so: the head of its column or row (``candidate``, ``test``).
    low, high : float or None
        Ends of an interval that is printed with it.
    difference : bool
        Whether it is a difference or ratio between groups and not a value of one.
    span : Span
    """

    value: float
    unit: str = ""
    printed: str
    digits: int
    metric: str = ""
    metric_text: str
    role: Role = "measured"
    group: str = ""
    group_column: str = ""
    subject: str = ""
    low: float | None = None
    high: float | None = None
    difference: bool = False
    span: Span

    @property
    def fraction(self) -> float:
        """The value with a per cent sign worked out."""
        return self.value / 100 if self.unit == "percent" else self.value

    @property
    def half_unit(self) -> float:
        """Half a unit of the last printed digit, on the scale of ``fraction``."""
        half = float(0.5 * 10.0**-self.digits)
        return half / 100 if self.unit == "percent" else half


@dataclass(frozen=True, kw_only=True, slots=True)
class Matrix:
    """A confusion matrix as printed.

    Attributes
    ----------
    labels : tuple of str
        Classes, in the order of rows and of columns.
    counts : tuple of tuple of float
        ``counts[actual][predicted]``; ``None`` in ``actual_in_rows`` where the card does not say which is which.
    actual_in_rows : bool or None
    line : int
    """

    labels: tuple[str, ...]
    counts: tuple[tuple[float, ...], ...]
    actual_in_rows: bool | None
    line: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something odd about the file that did not keep it from being read."""

    kind: str
    line: int
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """A pair and the section that it stands in."""

    pair: Pair
    section: Section


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A model card as it was read.

    Attributes
    ----------
    source : str
        The file's path, or ``<text>``.
    format : str
    language : str
        ``en``, ``es`` or ``pt``: that of most of its words.
    digest : str
        SHA-256 of the bytes.
    front_matter : Mapping
        The YAML between the first two ``---`` as builtins; of JSON the identity that stands around the card.
    front_matter_lines : tuple of (int, int) or None
        The lines with the ``---``.
    title : str
        The first heading, or the name that JSON gives; empty where there is none.
    sections : tuple of Section
        In the order of the file; the first is what stands before any heading.
    numbers : tuple of Number
    matrices : tuple of Matrix
    lines : tuple of str
        The whole file, without line ends.
    notes : tuple of Note
        What was odd: ``encoding``, ``unclosed_front_matter``, ``bad_front_matter``, ``unclosed_fence``, ``cut``, ...
    """

    source: str
    format: Format
    language: str
    digest: str
    front_matter: Mapping[str, Any] = field(default_factory=dict)
    front_matter_lines: tuple[int, int] | None = None
    title: str = ""
    sections: tuple[Section, ...]
    numbers: tuple[Number, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    lines: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def ids_of(self, section: Section) -> tuple[str, ...]:
        """Return what a section is about: its own ids, or those of the nearest section around it that has any."""
        seen: Section | None = section
        while seen is not None and not seen.ids:
            seen = None if seen.parent is None else self.sections[seen.parent]
        return () if seen is None else seen.ids

    def about(self, name: str) -> Iterator[Section]:
        """Yield the sections about ``name``, those in them that say nothing else included."""
        return (section for section in self.sections if name in self.ids_of(section))

    def blocks(self) -> Iterator[tuple[Section, Block]]:
        """Yield every block with its section."""
        for section in self.sections:
            for block in section.blocks:
                yield section, block

    def pairs(self) -> Iterator[Labelled]:
        """Yield every label with its value, in the order of the file."""
        for section, block in self.blocks():
            for pair in block.pairs:
                yield Labelled(pair=pair, section=section)

    def links(self) -> Iterator[Link]:
        """Yield every link and image."""
        for _, block in self.blocks():
            for text in block.texts():
                yield from text.links
        for section in self.sections:
            yield from section.heading.links
