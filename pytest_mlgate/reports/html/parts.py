"""What a page is made of below its sections: tables, plots, quotations, and pointers to one shown before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MOST_NAME = 160
MOST_CELL = 300
MOST_TEXT = 6000


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table: its caption, the heads of its columns, rows whose first cell is a head too.

    Attributes
    ----------
    numbers : frozenset of int
        Columns that are set as numbers.
    marked : frozenset of int
        Rows that a reader should see first.
    left_out : str
        What was left out, in words; empty where nothing was.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int] = frozenset()
    marked: frozenset[int] = frozenset()
    left_out: str = ""
    id: str = ""
    kind: str = field(default="table", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """A plot: its title, what it shows in words and numbers, and its drawing as SVG elements.

    Attributes
    ----------
    width, height : float
        Of the drawing, in its own units.
    legend : tuple of (str, str)
        Which mark is what: a class of the style sheet, and words.
    """

    title: str
    words: str
    drawing: str
    width: float
    height: float
    legend: tuple[tuple[str, str], ...] = ()
    id: str = ""
    kind: str = field(default="plot", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quotation:
    """Text shown as it is: a test to copy, a model's traceback."""

    caption: str
    text: str
    id: str = ""
    kind: str = field(default="quotation", init=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pointer:
    """Says where something that would stand here is shown already."""

    text: str
    target: str
    id: str = ""
    kind: str = field(default="pointer", init=False)


Part = Table | Plot | Quotation | Pointer


def cell(value: Any) -> str:
    """Return a value as a cell shows it: numbers in few digits, long text cut, nothing as a dash."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return grouped(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return cut(value if isinstance(value, str) else str(value), MOST_CELL)


def datum(value: Any) -> str:
    """Return a value of the data's own as it is: a whole number may be a year, or a name."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value:.10g}" if isinstance(value, float) else str(value)
    return cell(value)


def grouped(count: int) -> str:
    """Return ``27 010``, which no line break parts."""
    return f"{count:,}".replace(",", "\u00a0")


def percent(share: float) -> str:
    """Return a share as people read it: ``12.3 %``, ``0.04 %``."""
    value = 100 * share
    shown = f"{value:.1f}" if value == 0 or abs(value) >= 0.1 else f"{value:.1g}"
    return f"{shown}\u00a0%"


def cut(text: str, most: int) -> str:
    """Return text, or its beginning and how much more there is."""
    if len(text) <= most:
        return text
    return f"{text[:most]} ... ({grouped(len(text) - most)} more characters)"


def name_of(text: str) -> str:
    """Return a name that fits into a heading."""
    return cut(text, MOST_NAME)


def table(
    caption: str, columns: Sequence[Any], rows: Sequence[Sequence[Any]], *, most: int = 200, **more: Any
) -> Table:
    """Return a table of values; past ``most`` rows it says how many there are."""
    shown = rows[:most]
    numbers = frozenset(
        at for at in range(1, len(columns)) if shown and all(_is_number(row[at]) for row in shown if at < len(row))
    )
    left_out = f"{grouped(len(rows) - most)} more rows are in the evidence file" if len(rows) > most else ""
    return Table(
        caption=cut(caption, MOST_CELL),
        columns=tuple(map(cell, columns)),
        rows=tuple(tuple(map(cell, row)) for row in shown),
        numbers=numbers,
        **{"left_out": left_out, **more},
    )


def _is_number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
