"""Plots of a page, one function a plot: each says in words and numbers what it shows, and paints it when asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_mlgate.checks import Check
from pytest_mlgate.reports.html.plots.curves import curves
from pytest_mlgate.reports.html.plots.distribution import distribution
from pytest_mlgate.reports.html.plots.forest import drawable, forest
from pytest_mlgate.reports.html.plots.groups import by_group
from pytest_mlgate.reports.html.plots.sketch import Sketch
from pytest_mlgate.reports.html.plots.windows import concept, trends

_RATIO = "MLG151"


def plots_of_check(check: Check, evidence: Mapping[str, Any], limits: Mapping[str, float]) -> Iterator[Sketch]:
    """Yield the plots of one check.

    Parameters
    ----------
    check : Check
    evidence : Mapping
        Its own, from the verdict's side file.
    limits : Mapping
        The limit of the distance of each column of its entry.
    """
    if isinstance(evidence.get("distribution"), Mapping):
        yield distribution(check.subject, evidence["distribution"])
    if isinstance(evidence.get("curves"), Mapping):
        yield from curves(evidence["curves"])
    if isinstance(evidence.get("trend"), Mapping):
        yield from trends(evidence["trend"], limits)
    if "windows" in evidence and "margin" in evidence:
        yield concept(f"{check.subject}: {evidence['metric']} over windows", evidence)
    groups = evidence.get("groups", check.details.get("groups"))
    if isinstance(groups, Mapping) and len(groups) > 1:
        yield by_group(check.subject, groups, str(check.details.get("metric", "value")))


def forests(checks: Sequence[Check]) -> Iterator[Sketch]:
    """Yield the forest plots of one entry: of a baseline what the margin is for, of fairness what groups differ by."""
    for rows in _forests(checks):
        yield _forest(rows)


def forests_of(check: Check, entry: Sequence[Check]) -> Iterator[Sketch]:
    """Yield the forest plot that a check is a row of; of one with a limit of its own, a cap, the plot of it alone."""
    rows = next((rows for rows in _forests(entry) if check in rows), [check] if drawable(check) else [])
    if rows:
        yield _forest(rows)


def _forests(checks: Sequence[Check]) -> list[list[Check]]:
    rows = [check for check in checks if drawable(check)]
    if not rows:
        return []
    if rows[0].gate == "baseline":
        groups = [[check for check in rows if check.limit == rows[0].limit and "candidate" in check.details]]
    elif rows[0].gate == "fairness":
        groups = [[check for check in rows if (check.code == _RATIO) is ratio] for ratio in (False, True)]
    else:
        return []
    return [group for group in groups if group]


def _forest(rows: Sequence[Check]) -> Sketch:
    first = rows[0]
    if first.gate == "baseline":
        title = f"{first.details.get('metric', first.entry)}: candidate minus baseline"
        if len(rows) == 1 and first.subject:
            title += f", {first.subject}"
        return forest(rows, title=title, whole="all rows", measure="difference")
    measure = f"{'ratio' if first.code == _RATIO else 'difference'} between groups"
    return forest(rows, title=measure.capitalize(), whole="all rows", measure=measure)
