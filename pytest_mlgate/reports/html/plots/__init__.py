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
    rows = [check for check in checks if drawable(check)]
    if not rows:
        return
    first = rows[0]
    if first.gate == "baseline":
        of_margin = [check for check in rows if check.limit == first.limit and "candidate" in check.details]
        name = str(first.details.get("metric", first.entry))
        if of_margin:
            yield forest(of_margin, title=f"{name}: candidate minus baseline", whole="all rows", measure="difference")
    elif first.gate == "fairness":
        for ratio, measure in ((False, "difference between groups"), (True, "ratio between groups")):
            same = [check for check in rows if (check.code == _RATIO) is ratio]
            if same:
                yield forest(same, title=measure.capitalize(), whole="all rows", measure=measure)
