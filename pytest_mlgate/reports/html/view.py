"""The page as values: what the template fills in, and nothing that it would have to work out."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_mlgate.reports.html.parts import Part, Table


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A check in the list of all of its entry's.

    Attributes
    ----------
    outcome : str
        ``pass``, ``fail``, ``inconclusive``, ``error`` or ``skip``.
    state : str
        The outcome as it was taken: ``fail (warn)``, ``fail (waived)``.
    target : str
        The id of the place that says more; empty where this line is all.
    """

    name: str
    code: str
    outcome: str
    state: str
    blocks: bool
    message: str
    target: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Card:
    """A check that is not a pass, with what it means, what to do, its numbers and its evidence."""

    id: str
    check: str
    line: Line
    title: str
    why: str
    fix: str
    waiver: str
    numbers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a gate: its open checks, its plots, what else it found, and the list of all its checks.

    Attributes
    ----------
    parts : tuple of Part
        What a person would rather look at, shown at once.
    folded : tuple of Part
        The rest of it, behind a heading.
    left_out : tuple of str
        What is not on the page, in words.
    """

    id: str
    name: str
    summary: str
    cards: tuple[Card, ...]
    parts: tuple[Part, ...]
    folded: tuple[Part, ...]
    lines: tuple[Line, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A gate: what it asks, how many checks came out how, and its entries."""

    id: str
    name: str
    question: str
    counts: tuple[tuple[str, int], ...]
    blocking: int
    entries: tuple[Entry, ...]

    @property
    def total(self) -> int:
        """All of its checks."""
        return sum(count for _, count in self.counts)


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """The whole page."""

    model: str
    stage: str
    decision: str
    conclusion: str
    facts: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    blocking: tuple[Card, ...]
    more_blocking: tuple[Line, ...]
    unresolved: tuple[Line, ...]
    waived: Table | None
    gates: tuple[Gate, ...]
    identity: tuple[Table, ...]
    environment: tuple[Table, ...]
    left_out: tuple[str, ...]
    digest: str
    version: str
