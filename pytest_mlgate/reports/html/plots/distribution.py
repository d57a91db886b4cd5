"""Both sides of a column: reference as an area, current rows as a line; levels of a category as bars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.reports.html.parts import grouped, percent
from pytest_mlgate.reports.html.plots.sketch import FONT, GRID, INK, NEW, OLD, Sketch, axes, label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WIDTH = 270.0
_LEGEND = (("area-old", "reference"), ("line-new", "current"))
_BARS = (("area-old", "reference"), ("area-new", "current"))


def distribution(name: str, found: Mapping[str, Any]) -> Sketch:
    """Return the plot of a column, from ``distribution`` of a check's evidence."""
    sides = [_shares(found, side) for side in ("reference", "current")]
    if found["kind"] == "category":
        names = [str(level) for level in found["levels"]]
        if any(found["others"]):
            names.append(f"({grouped(found['levels_in_all'] - len(names))} others)")
        shares = [[*own, max(0.0, 1 - sum(own))][: len(names)] for own in sides]
        return Sketch(
            title=name,
            words=_levels_in_words(names, shares) + _rest(found),
            data=dict(found),
            width=_WIDTH,
            height=34 + 15.0 * len(names),
            paint=lambda figure: _bars(figure, names, shares),
            legend=_BARS,
        )
    return Sketch(
        title=name,
        words=_bins_in_words(found, sides) + _rest(found),
        data=dict(found),
        width=_WIDTH,
        height=130.0,
        paint=lambda figure: _steps(figure, found, sides),
        legend=_LEGEND,
    )


def _rows(found: Mapping[str, Any], side: str) -> int:
    """Rows of a side with a value."""
    at = ("reference", "current").index(side)
    beside = [found["others"][at]] if found["kind"] == "category" else found["outside"][at]
    return int(sum(found[side]) + sum(beside))


def _shares(found: Mapping[str, Any], side: str) -> list[float]:
    rows = _rows(found, side) or 1
    return [count / rows for count in found[side]]


def _levels_in_words(names: Sequence[str], shares: Sequence[Sequence[float]]) -> str:
    by_change = sorted(range(len(names)), key=lambda at: -abs(shares[1][at] - shares[0][at]))
    said = [f"{names[at]} {percent(shares[0][at])} then, {percent(shares[1][at])} now" for at in by_change[:3]]
    return f"Share of the rows by level, reference and current; most changed: {'; '.join(said)}."


def _bins_in_words(found: Mapping[str, Any], sides: Sequence[Sequence[float]]) -> str:
    middles = [_middle(found, at) for at in (0, 1)]
    about = "" if _whole(found) else "about "
    there = f"Half of the rows lie up to {about}{middles[0]} in the reference, {middles[1]} now."
    change, at = max((abs(b - a), i) for i, (a, b) in enumerate(zip(*sides, strict=True)))
    if not change:
        return there
    place = _edge(found, at + 0.5) if _whole(found) else f"between {_edge(found, at)} and {_edge(found, at + 1)}"
    return f"{there} Most changed: {place}, {percent(sides[0][at])} then, {percent(sides[1][at])} now."


def _middle(found: Mapping[str, Any], at: int) -> str:
    side = ("reference", "current")[at]
    below, counts = found["outside"][at][0], found[side]
    half = _rows(found, side) / 2
    if not half:
        return "nothing: it has no value"
    if below >= half:
        return f"{_edge(found, 0)} or less"
    for place, count in enumerate(counts):
        if below + count >= half and count:
            return _edge(found, place + (0.5 if _whole(found) else (half - below) / count))
        below += count
    return _edge(found, len(counts))


def _edge(found: Mapping[str, Any], place: float) -> str:
    """Return where a bin begins, in the column's own units."""
    share = place / len(found["reference"])
    start, stop = found["start"], found["stop"]
    if isinstance(start, str) or isinstance(stop, str):
        return _moment(str(start), str(stop), share)
    width = (stop - start) / len(found["reference"])
    digits = max(0, 1 - math.floor(math.log10(width)))
    value = start + share * (stop - start)
    if _whole(found):
        return f"{round(value)}"
    return f"{value:.4g}" if digits > 6 or width > 1e6 else f"{value:.{digits if width < 10 else 0}f}"


def _whole(found: Mapping[str, Any]) -> bool:
    """Whether every bin is one whole number."""
    start, stop = found["start"], found["stop"]
    if isinstance(start, str) or isinstance(stop, str):
        return False
    return bool(start % 1 == 0.5 and stop - start == len(found["reference"]))


def _moment(start: str, stop: str, share: float) -> str:
    from datetime import datetime

    first, last = datetime.fromisoformat(start), datetime.fromisoformat(stop)
    moment = first + share * (last - first)
    return moment.strftime("%Y-%m-%d" if (last - first).days > 3 else "%Y-%m-%d %H:%M")


def _rest(found: Mapping[str, Any]) -> str:
    """Say how many rows the plot does not show."""
    said = []
    if found["kind"] != "category":
        outside = [sum(one) for one in found["outside"]]
        if any(outside):
            said.append(f"outside of the plot {grouped(outside[0])} reference and {grouped(outside[1])} current rows")
    if any(found["missing"]):
        said.append(
            f"missing in {grouped(found['missing'][0])} reference and {grouped(found['missing'][1])} current rows"
        )
    return f" {'; '.join(said).capitalize()}." if said else ""


def _steps(figure: Figure, found: Mapping[str, Any], sides: Sequence[Sequence[float]]) -> None:
    made = axes(figure, left=38, bottom=22)
    edges = list(range(len(sides[0]) + 1))
    made.grid(axis="y", color=GRID, linewidth=0.6)
    made.stairs(sides[0], edges, fill=True, color=OLD, alpha=0.45)
    made.stairs(sides[0], edges, color=OLD, linewidth=0.8)
    made.stairs(sides[1], edges, color=NEW, linewidth=1.8)
    bins = len(sides[0])
    if _whole(found):
        ticks: list[float] = [at + 0.5 for at in range(0, bins, 1 + bins // 9)]
        made.set_xticks(ticks, [_edge(found, at) for at in ticks])
    else:
        made.set_xticks([0, bins / 2, bins], [_edge(found, at) for at in (0, bins / 2, bins)])
        first, _, last = made.get_xticklabels()
        first.set_horizontalalignment("left")
        last.set_horizontalalignment("right")
    made.set_xlim(0, len(edges) - 1)
    _percents(made.yaxis, max([*sides[0], *sides[1]]))


def _bars(figure: Figure, names: Sequence[str], shares: Sequence[Sequence[float]]) -> None:
    shown = [label(name, 14) for name in names]
    made = axes(figure, left=min(96.0, 14 + 5.8 * max(map(len, shown))), bottom=22)
    made.grid(axis="x", color=GRID, linewidth=0.6)
    places = list(range(len(names)))
    made.barh([at - 0.2 for at in places], shares[0], 0.38, color=OLD, alpha=0.6)
    made.barh([at + 0.2 for at in places], shares[1], 0.38, color=NEW)
    made.set_yticks(places, shown)
    made.tick_params(axis="y", length=0, labelcolor=INK, labelsize=FONT - 0.5)
    made.set_ylim(len(names) - 0.4, -0.6)
    _percents(made.xaxis, max([*shares[0], *shares[1]]))


def _percents(axis: Any, most: float) -> None:
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    axis.set_major_locator(MaxNLocator(3))
    axis.set_major_formatter(PercentFormatter(1, decimals=None if most < 0.05 else 0, symbol="\u00a0%"))
