"""Forest plot: what was measured of each slice or pair of groups, its interval, and the limit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.reports.html.plots.sketch import BAD, FONT, GOOD, GRID, INK, MUTED, OPEN, Sketch, axes, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 60
_WIDTH = 330.0
_ROW = 17.0
_MOST_TOLD = 6
_MARKS = {Outcome.PASS: ("o", GOOD), Outcome.FAIL: ("s", BAD)}
_LEGEND = {"pass": "pass", "fail": "fail", "open": "inconclusive"}


def forest(checks: Sequence[Check], *, title: str, whole: str, measure: str) -> Sketch:
    """Return the forest plot of checks that have an interval and a limit.

    Parameters
    ----------
    checks : sequence of Check
        One at least, the whole first.
    title : str
    whole : str
        What the check without a subject is called.
    measure : str
        What the axis measures.
    """
    rows = [_row(check, whole) for check in checks[:MOST_ROWS]]
    seen = {row["mark"] for row in rows}
    marks = [(f"mark-{mark}", said) for mark, said in _LEGEND.items() if mark in seen]
    return Sketch(
        title=title,
        words=_words(rows, measure),
        data=rows,
        width=_WIDTH,
        height=40 + _ROW * len(rows),
        paint=lambda figure: _paint(figure, rows, measure),
        legend=(*marks, ("mark-limit", "limit")),
    )


def drawable(check: Check) -> bool:
    """Whether a check has all that a row of the plot needs."""
    return check.interval is not None and check.observed is not None and check.limit is not None


def _row(check: Check, whole: str) -> dict[str, Any]:
    assert check.interval is not None
    mark = check.outcome.value if check.outcome in _MARKS else "open"
    return {
        "name": check.subject or whole,
        "value": check.observed,
        "low": check.interval.low,
        "high": check.interval.high,
        "level": check.interval.level,
        "limit": check.limit,
        "outcome": check.outcome.value,
        "mark": mark,
    }


def _words(rows: Sequence[dict[str, Any]], measure: str) -> str:
    """Say all of a few rows; of many those that are not a pass, and the lowest and the highest."""
    told = list(rows)
    if len(rows) > _MOST_TOLD:
        not_passed = [row for row in rows if row["outcome"] != Outcome.PASS][: _MOST_TOLD - 2]
        ends = [pick(rows, key=lambda row: row["value"]) for pick in (min, max)]
        told = [*not_passed, *(row for row in ends if row not in not_passed)]
    said = "; ".join(f"{row['name']} {row['value']:+.4g} {_between(row)}, {row['outcome']}" for row in told)
    which = f" Of {len(rows)}, those that are not a pass, the lowest and the highest:" if told != list(rows) else ""
    limits = sorted({row["limit"] for row in rows})
    limit = f"limit {limits[0]:+.4g}" if len(limits) == 1 else f"limits from {limits[0]:+.4g} to {limits[-1]:+.4g}"
    return f"{measure.capitalize()} with its {100 * rows[0]['level']:.3g} % interval, {limit}.{which} {said}."


def _between(row: dict[str, Any]) -> str:
    low, high = ("open" if end is None else f"{end:+.4g}" for end in (row["low"], row["high"]))
    return f"[{low}, {high}]"


def _paint(figure: Figure, rows: Sequence[dict[str, Any]], measure: str) -> None:
    names = [label(row["name"]) for row in rows]
    made = axes(figure, left=min(150.0, 14 + 5.6 * max(map(len, names))), bottom=32)
    finite = [value for row in rows for key in ("low", "high", "value", "limit") if (value := row[key]) is not None]
    low, high = min([*finite, 0.0]), max([*finite, 0.0])
    room = 0.06 * ((high - low) or 1.0)
    made.set_xlim(low - room, high + room)
    made.set_ylim(len(rows) - 0.4, -0.6)
    made.axvline(0, color=MUTED, linewidth=0.8)
    for at, row in enumerate(rows):
        marker, colour = _MARKS.get(Outcome(row["outcome"]), ("D", OPEN))
        ends = [low - room if row["low"] is None else row["low"], high + room if row["high"] is None else row["high"]]
        made.plot(ends, [at, at], color=colour, linewidth=1.6, solid_capstyle="butt")
        made.plot([row["value"]], [at], marker=marker, color=colour, markersize=6, linestyle="none")
    if len({row["limit"] for row in rows}) == 1:
        made.axvline(rows[0]["limit"], color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    else:
        for at, row in enumerate(rows):
            made.plot([row["limit"]] * 2, [at - 0.4, at + 0.4], color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    made.set_yticks(range(len(rows)), names)
    made.tick_params(axis="y", length=0, labelcolor=INK, labelsize=FONT)
    made.spines["left"].set_visible(False)
    made.grid(axis="x", color=GRID, linewidth=0.6)
    made.locator_params(axis="x", nbins=5)
    made.set_xlabel(measure)
