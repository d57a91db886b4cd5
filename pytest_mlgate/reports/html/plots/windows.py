"""Windows of time: how far a column was from the reference, and how good the model was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.reports.html.plots.sketch import BAD, GRID, INK, MUTED, NEW, Sketch, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH = 330.0
Values = Sequence[float | None]


def trends(found: Mapping[str, Any], limits: Mapping[str, float]) -> Iterator[Sketch]:
    """Yield a plot of each column that was measured over windows, the farthest one first.

    Parameters
    ----------
    found : Mapping
        ``trend`` of a check's evidence.
    limits : Mapping
        The limit of the distance by column, where there is one.
    """
    windows = found["windows"]
    names = [str(window.get("after") or number)[:10] for number, window in enumerate(windows, start=1)]
    columns = found["columns"]

    def nearness(name: str) -> float:
        return max((value for value in columns[name]["distance"] if value is not None), default=-1.0) / limits.get(
            name, 1.0
        )

    for name in sorted(columns, key=lambda name: -nearness(name)):
        yield _trend(name, found["span"], names, columns[name], limits.get(name))


def _trend(name: str, span: str, windows: Sequence[str], measured: Mapping[str, Values], limit: float | None) -> Sketch:
    data = {"windows": list(windows), "limit": limit, **{key: list(measured[key]) for key in ("distance", "psi")}}
    return Sketch(
        title=f"{name} over windows of {span}",
        words=_trend_in_words(windows, measured, limit),
        data=data,
        width=_WIDTH,
        height=190.0,
        paint=lambda figure: _two_panels(figure, windows, measured, limit),
        legend=(
            ("line-new", "distance (above), PSI (below)"),
            *((("mark-limit", "limit"),) if limit is not None else ()),
        ),
    )


def _trend_in_words(windows: Sequence[str], measured: Mapping[str, Values], limit: float | None) -> str:
    said = []
    for key, what in (("distance", "D"), ("psi", "PSI")):
        known = [(value, window) for value, window in zip(measured[key], windows, strict=True) if value is not None]
        if known:
            (most, when), (last, _) = max(known), known[-1]
            said.append(f"{what} {last:.3g} in the newest window, at most {most:.3g} (from {when})")
    untold = sum(value is None for value in measured["distance"])
    if untold:
        said.append(f"{untold} of {len(windows)} windows are too small to be measured")
    if limit is not None:
        said.append(f"limit {limit:g}")
    return f"Distance from the reference in {len(windows)} windows, the oldest first: {'; '.join(said)}."


def _two_panels(figure: Figure, windows: Sequence[str], measured: Mapping[str, Values], limit: float | None) -> None:
    above, below = axes(figure, left=44, bottom=106, top=8), axes(figure, left=44, bottom=24, top=100)
    for made, key, what in ((above, "distance", "D"), (below, "psi", "PSI")):
        values = [float("nan") if value is None else value for value in measured[key]]
        made.grid(axis="y", color=GRID, linewidth=0.6)
        made.plot(range(len(values)), values, color=NEW, linewidth=1.6, marker="o", markersize=3.5)
        made.set(ylabel=what, ylim=(0, None), xlim=(-0.5, len(windows) - 0.5))
        made.locator_params(axis="y", nbins=4)
    if limit is not None:
        above.axhline(limit, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    above.set_xticks([])
    _dates(below, windows)


def concept(title: str, found: Mapping[str, Any]) -> Sketch:
    """Return the plot of a metric's change over windows, from the evidence of concept drift."""
    windows, margin = found["windows"], float(found["margin"])
    below = any(window.get("delta_high", 0.0) < -margin for window in windows)
    legend = [("line-new", "change, with its interval"), *([("mark-fail", "below the margin")] if below else [])]
    return Sketch(
        title=title,
        words=_concept_in_words(found),
        data={"windows": windows, "margin": margin},
        width=_WIDTH,
        height=150.0,
        paint=lambda figure: _concept(figure, windows, margin),
        legend=(*legend, ("mark-limit", f"margin −{margin:g}")),
    )


def _concept_in_words(found: Mapping[str, Any]) -> str:
    known = [window for window in found["windows"] if "delta" in window]
    small = len(found["windows"]) - len(known)
    said = [
        f"{window['window']} {window['delta']:+.4g} [{window['delta_low']:+.4g}, {window['delta_high']:+.4g}]"
        for window in known[-12:]
    ]
    more = f", the newest {len(said)} of {len(known)}" if len(known) > len(said) else ""
    rest = f"; {small} {'window is' if small == 1 else 'windows are'} too small" if small else ""
    shown = "; ".join(said) or "no window is large enough"
    return f"Change of {found['metric']} against training time{more}: {shown}{rest}."


def _concept(figure: Figure, windows: Sequence[Mapping[str, Any]], margin: float) -> None:
    made = axes(figure, left=52, bottom=24)
    made.grid(axis="y", color=GRID, linewidth=0.6)
    made.axhline(0, color=MUTED, linewidth=0.8)
    made.axhline(-margin, color=INK, linewidth=1.1, linestyle=(0, (4, 2)))
    for at, window in enumerate(windows):
        if "delta" not in window:
            continue
        colour = BAD if window["delta_high"] < -margin else NEW
        made.plot([at, at], [window["delta_low"], window["delta_high"]], color=colour, linewidth=1.6)
        made.plot([at], [window["delta"]], marker="o", color=colour, markersize=5, linestyle="none")
    made.set(xlim=(-0.5, len(windows) - 0.5), ylabel="change")
    made.locator_params(axis="y", nbins=5)
    _dates(made, [str(window["window"]).removeprefix("from ")[:10] for window in windows])


def _dates(made: Axes, windows: Sequence[str]) -> None:
    last = len(windows) - 1
    ticks = sorted({0, last // 2, last}) if last > 1 else list(range(len(windows)))
    made.set_xticks(ticks, [windows[at] for at in ticks])
    if len(ticks) > 1:
        texts = made.get_xticklabels()
        texts[0].set_horizontalalignment("left")
        texts[-1].set_horizontalalignment("right")
