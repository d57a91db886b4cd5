"""The lines of the card that a check speaks of, for a report that shows one beside the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pytest_mlgate.checks import Check

MOST_LINES = 6
_CHARACTERS = 240


def with_excerpts(checks: Iterable[Check], lines: Sequence[str]) -> Iterator[Check]:
    """Yield the checks, each with its lines as evidence: ``lines``, pairs of a number from 1 on and the text.

    Parameters
    ----------
    checks : iterable of Check
    lines : sequence of str
        The card's, the first one at 0.
    """
    for check in checks:
        numbers = [number for number in dict.fromkeys(_lines_of(check.details)) if 0 < number <= len(lines)]
        shown = [[number, lines[number - 1].strip()[:_CHARACTERS]] for number in sorted(numbers[:MOST_LINES])]
        yield replace(check, evidence={**check.evidence, "lines": shown}) if shown else check


def _lines_of(details: Mapping[str, Any]) -> Iterator[int]:
    """Yield the lines that a check names: its own, those of the places it compared, those of what it found."""
    places = details.get("places")
    found = details.get("found")
    named = [
        details.get("line"),
        *(place.get("line") for place in (places if isinstance(places, list) else ()) if isinstance(place, Mapping)),
        *(found.values() if isinstance(found, Mapping) else ()),
    ]
    yield from (line for line in named if isinstance(line, int) and not isinstance(line, bool))
