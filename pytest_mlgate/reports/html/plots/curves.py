"""Curves of candidate and baseline: ROC, precision and recall, calibration, residuals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.reports.html.parts import percent
from pytest_mlgate.reports.html.plots.sketch import GRID, MUTED, NEW, OLD, Sketch, axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SIZE = (260.0, 230.0)
_MODELS = ("candidate", "baseline")
_LEGEND = (("line-new", "candidate"), ("line-old", "baseline"))
Curves = Mapping[str, Mapping[str, Sequence[float]]]


def curves(found: Mapping[str, Any]) -> Iterator[Sketch]:
    """Yield the plots that both models' answers allow, from ``curves`` of a check's evidence."""
    for name, make in (("roc", _roc), ("pr", _pr), ("calibration", _calibration), ("residuals", _residuals)):
        both: Curves = {model: found[model][name] for model in _MODELS if name in (found.get(model) or {})}
        if both:
            yield make(both)


def _roc(both: Curves) -> Sketch:
    def caught(curve: Mapping[str, Sequence[float]]) -> float:
        return max((tpr for fpr, tpr in zip(curve["fpr"], curve["tpr"], strict=True) if fpr <= 0.1), default=0.0)

    words = "; ".join(f"{model} {percent(caught(curve))}" for model, curve in both.items())
    return _sketch(
        "ROC",
        f"Share of the positives that is found where 1 negative in 10 is flagged: {words}.",
        both,
        lambda made: _lines(made, both, "fpr", "tpr", "negatives flagged", "positives found", diagonal=True),
    )


def _pr(both: Curves) -> Sketch:
    def right(curve: Mapping[str, Sequence[float]]) -> float:
        pairs = zip(curve["recall"], curve["precision"], strict=True)
        return next((precision for recall, precision in pairs if recall >= 0.5), 0.0)

    words = "; ".join(f"{model} {percent(right(curve))}" for model, curve in both.items())
    return _sketch(
        "Precision and recall",
        f"Share of the flagged rows that is positive where half of the positives are found: {words}.",
        both,
        lambda made: _lines(made, both, "recall", "precision", "positives found (recall)", "right (precision)"),
    )


def _calibration(both: Curves) -> Sketch:
    def farthest(curve: Mapping[str, Sequence[float]]) -> str:
        pairs = list(zip(curve["mean_predicted"], curve["observed"], strict=True))
        if not pairs:
            return "nothing was said"
        said, seen = max(pairs, key=lambda pair: abs(pair[1] - pair[0]))
        return f"said {percent(said)}, came true {percent(seen)}"

    words = "; ".join(f"{model} {farthest(curve)}" for model, curve in both.items())
    return _sketch(
        "Calibration",
        f"Probabilities and what came true, in ten bins. Farthest from the diagonal: {words}.",
        both,
        lambda made: _lines(
            made,
            both,
            "mean_predicted",
            "observed",
            "probability said",
            "share that came true",
            diagonal=True,
            dots=True,
        ),
    )


def _residuals(both: Curves) -> Sketch:
    def spread(curve: Mapping[str, Sequence[float]]) -> str:
        value = curve["value"]
        low, middle, high = (value[round(share * (len(value) - 1))] for share in (0.05, 0.5, 0.95))
        return f"median {middle:.4g}, 5 % to 95 % between {low:.4g} and {high:.4g}"

    words = "; ".join(f"{model} {spread(curve)}" for model, curve in both.items())
    return _sketch(
        "Residuals",
        f"Value minus prediction, by share of the rows: {words}.",
        both,
        lambda made: _quantiles(made, both),
    )


def _sketch(title: str, words: str, both: Curves, paint: Any) -> Sketch:
    def figure_of(figure: Figure) -> None:
        made = axes(figure, left=44, bottom=34)
        made.grid(color=GRID, linewidth=0.6)
        paint(made)

    width, height = _SIZE
    return Sketch(
        title=title,
        words=words,
        data={model: dict(curve) for model, curve in both.items()},
        width=width,
        height=height,
        paint=figure_of,
        legend=tuple(one for one in _LEGEND if one[1] in both),
    )


def _lines(
    made: Axes, both: Curves, x: str, y: str, below: str, beside: str, *, diagonal: bool = False, dots: bool = False
) -> None:
    if diagonal:
        made.plot([0, 1], [0, 1], color=MUTED, linewidth=0.8, linestyle=":")
    for model, colour, style in (("baseline", OLD, (0, (4, 2))), ("candidate", NEW, "-")):
        if model in both:
            mark = {"marker": "o", "markersize": 4} if dots else {}
            made.plot(both[model][x], both[model][y], color=colour, linestyle=style, linewidth=1.6, **mark)  # type: ignore[arg-type]
    made.set(xlabel=below, ylabel=beside, xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    for axis in (made.xaxis, made.yaxis):
        axis.set_ticks([0, 0.25, 0.5, 0.75, 1], ["0", "25 %", "50 %", "75 %", "100 %"])


def _quantiles(made: Axes, both: Curves) -> None:
    made.axhline(0, color=MUTED, linewidth=0.8)
    for model, colour, style in (("baseline", OLD, (0, (4, 2))), ("candidate", NEW, "-")):
        if model in both:
            shares = [100 * share for share in both[model]["quantile"]]
            made.plot(shares, both[model]["value"], color=colour, linestyle=style, linewidth=1.6)
    made.set(xlabel="rows, % below", ylabel="value minus prediction", xlim=(0, 100))
    made.locator_params(axis="y", nbins=5)
