"""The ML Test Score at the terminal: a line for each test with its evidence, sums, and what the score means."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlgate.reports.text import one_line, wrapped
from pytest_mlgate.score.rubric import SECTIONS
from pytest_mlgate.score.scoring import Result, Score

_NAMED = 2
_INDENT = 18


def lines(score: Score, *, width: int) -> Iterator[str]:
    """Yield a score as text of so many columns."""
    yield one_line(f"ML Test Score of {score.model}")
    for why in score.uncounted:
        yield from _below(f"the last verdict does not count: {why}; run `mlgate check`", width, 0)
    for section, title in SECTIONS.items():
        yield ""
        yield f"{title}: {score.sums[section]:g} of 7"
        for result in score.results:
            if result.test.section == section:
                yield from _of_test(result, width)
    yield ""
    yield from _below(f"score {score.value:g}, the least of the four: {score.meaning}", width, 0)


def _of_test(result: Result, width: int) -> Iterator[str]:
    yield f"  {result.test.id:<9}  {result.points:<3g}  {result.test.title}"
    said = ", ".join(result.evidence[:_NAMED])
    more = len(result.evidence) - _NAMED
    if said:
        yield from _below(f"{result.how}: {said}" + (f" and {more} more" if more > 0 else ""), width, _INDENT)
    if result.failing:
        yield from _below(f"fails now: {', '.join(result.failing[:_NAMED])}", width, _INDENT)
    if result.note:
        yield from _below(result.note, width, _INDENT)
    if result.way:
        yield from _below(f"more: {result.way}", width, _INDENT)


def _below(text: str, width: int, indent: int) -> list[str]:
    return wrapped(one_line(text), width, indent)
