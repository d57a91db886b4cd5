"""Dot plot of a rate by group: candidate, and baseline where it was asked as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.reports.html.parts import grouped
from pytest_mlgate.reports.html.plots.sketch import FONT, GRID, INK, NEW, OLD, Sketch, axes, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_GROUPS = 40
_WIDTH = 270.0


def by_group(title: str, found: Mapping[str, Mapping[str, Any]], measure: str) -> Sketch:
    """Return the plot of groups with a value, the highest first."""
    rows = [{"name": name, **one} for name, one in found.items() if one.get("value") is not None]
    rows = sorted(rows, key=lambda row: -row["value"])[:MOST_GROUPS]
    before = any(row.get("baseline") is not None for row in rows)
    legend = [("dot-new", "candidate"), *([("ring-old", "baseline")] if before else [])]
    return Sketch(
        title=title,
        words=_words(rows, measure, before=before),
        data=rows,
        width=_WIDTH,
        height=36 + 15.0 * len(rows),
        paint=lambda figure: _paint(figure, rows, measure),
        legend=tuple(legend),
    )


def _words(rows: Sequence[Mapping[str, Any]], measure: str, *, before: bool) -> str:
    def said(row: Mapping[str, Any]) -> str:
        was = f", baseline {row['baseline']:.4g}" if before and row.get("baseline") is not None else ""
        return f"{row['name']} {row['value']:.4g}{was} ({grouped(row['n'])} rows)"

    return f"{measure} by group, from {said(rows[0])} to {said(rows[-1])}."


def _paint(figure: Figure, rows: Sequence[Mapping[str, Any]], measure: str) -> None:
    names = [label(row["name"], 16) for row in rows]
    made = axes(figure, left=min(104.0, 14 + 5.8 * max(map(len, names))), bottom=30)
    made.grid(color=GRID, linewidth=0.6)
    for at, row in enumerate(rows):
        if row.get("baseline") is not None:
            made.plot([row["baseline"]], [at], marker="o", color=OLD, markersize=6, linestyle="none", fillstyle="none")
        made.plot([row["value"]], [at], marker="o", color=NEW, markersize=6, linestyle="none")
    made.set_yticks(range(len(rows)), names)
    made.tick_params(axis="y", length=0, labelcolor=INK, labelsize=FONT - 0.5)
    made.spines["left"].set_visible(False)
    made.set_ylim(len(rows) - 0.4, -0.6)
    made.set_xlim(left=min(0.0, *(row["value"] for row in rows)))
    made.locator_params(axis="x", nbins=4)
    made.set_xlabel(measure)
