"""Plots of a card, as SVG files beside it, each with a text that says what it shows."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.documents.wording import metric_label, printed, say

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pytest_mlgate.documents.facts import ModelFacts

_MOST_GROUPS = 25


@dataclass(frozen=True, kw_only=True, slots=True)
class Plot:
    """A plot: the name of its file without the ending, what it shows in words, and its SVG."""

    name: str
    text: str
    svg: bytes


def plots(facts: ModelFacts, language: str = "en") -> list[Plot]:
    """Return the plots that a model's task allows.

    Parameters
    ----------
    facts : ModelFacts
    language : str

    Raises
    ------
    InputError
        Where matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError:
        raise InputError(
            "plots need matplotlib, which is not installed",
            fix="pip install 'pytest-mlgate[report]', or leave them as they are: --no-plots",
        ) from None
    # the same file for the same numbers, and text that can be read and searched
    with mpl.rc_context({"svg.hashsalt": "mlgate", "svg.fonttype": "none", "font.size": 10}):
        return list(_drawn(facts, language))


def _drawn(facts: ModelFacts, language: str) -> Iterator[Plot]:
    curves = facts.curves
    if "roc" in curves:
        yield _plot("roc", _say_roc(facts, language), lambda axes: _roc(axes, curves["roc"], language))
    if "calibration" in curves:
        text = _say_calibration(curves["calibration"], language)
        yield _plot("calibration", text, lambda axes: _calibration(axes, curves["calibration"], language))
    if "residuals" in curves:
        text = _say_residuals(curves["residuals"], language)
        yield _plot("residuals", text, lambda axes: _residuals(axes, curves["residuals"], language))
    metric = facts.group_metrics[0] if facts.group_metrics else ""
    for column in dict.fromkeys(value.column for value in facts.measured.values if value.column):
        values = [
            value
            for value in facts.measured.values
            if value.column == column and value.metric == metric and not value.variant
        ][:_MOST_GROUPS]
        if values:
            text = _say_groups(column, metric, values, language)
            yield _plot(
                f"by-{_file_name(column)}",
                text,
                lambda axes, values=values: _by_group(axes, values, facts, metric, language),  # type: ignore[misc]
                height=1.2 + 0.3 * len(values),
            )


def _file_name(text: str) -> str:
    return "".join(sign if sign.isalnum() and sign.isascii() else "-" for sign in text.lower()).strip("-") or "group"


def _plot(name: str, text: str, draw: Callable[[Axes], None], height: float = 4.0) -> Plot:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.5, height), layout="constrained")
    axes: Any = figure.subplots()
    draw(axes)
    file = io.BytesIO()
    figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Title": text})
    return Plot(name=name, text=text, svg=file.getvalue())


def _roc(axes: Axes, curve: dict[str, list[float]], language: str) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1)
    axes.plot(curve["fpr"], curve["tpr"], color="#0072b2")
    axes.set(
        xlabel=metric_label("false_positive_rate", language),
        ylabel=metric_label("recall", language),
        xlim=(0, 1),
        ylim=(0, 1),
    )


def _say_roc(facts: ModelFacts, language: str) -> str:
    curve = facts.curves["roc"]
    area = printed(next((value.value for value in facts.measured.of("roc_auc") if not value.variant), 0.0))
    at = max((tpr for fpr, tpr in zip(curve["fpr"], curve["tpr"], strict=True) if fpr <= 0.1), default=0.0)
    return say(
        language,
        f"ROC curve on the holdout, area {area}: where 1 negative in 10 is flagged, it finds {at:.0%} of the positives",
        f"Curva ROC en la muestra de evaluación, área {area}: con 1 de cada 10 negativos señalado encuentra {at:.0%} "
        "de los positivos",
    )


def _calibration(axes: Axes, curve: dict[str, list[float]], language: str) -> None:
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", linewidth=1)
    axes.plot(curve["mean_predicted"], curve["observed"], color="#0072b2", marker="o")
    axes.set(
        xlabel="probabilidad dada" if language == "es" else "probability given",
        ylabel="proporción observada" if language == "es" else "share observed",
        xlim=(0, 1),
        ylim=(0, 1),
    )


def _say_calibration(curve: dict[str, list[float]], language: str) -> str:
    gaps = [(abs(o - p), p, o) for p, o in zip(curve["mean_predicted"], curve["observed"], strict=True)]
    _, given, seen = max(gaps)
    return say(
        language,
        f"Calibration on the holdout; farthest from the diagonal: given {given:.2f}, observed {seen:.2f}",
        f"Calibración en la muestra de evaluación; lo más lejos de la diagonal: dado {given:.2f}, observado {seen:.2f}",
    )


def _residuals(axes: Axes, curve: dict[str, list[float]], language: str) -> None:
    axes.axhline(0, color="0.6", linestyle="--", linewidth=1)
    axes.plot([100 * share for share in curve["quantile"]], curve["value"], color="#0072b2")
    axes.set(
        xlabel="filas, % por debajo" if language == "es" else "rows, % below",
        ylabel="valor menos predicción" if language == "es" else "value minus prediction",
        xlim=(0, 100),
    )


def _say_residuals(curve: dict[str, list[float]], language: str) -> str:
    value = curve["value"]
    low, middle, high = (value[round(share * (len(value) - 1))] for share in (0.05, 0.5, 0.95))
    return say(
        language,
        f"Residuals on the holdout: median {middle:.4g}, 5 % to 95 % between {low:.4g} and {high:.4g}",
        f"Residuos en la muestra de evaluación: mediana {middle:.4g}, del 5 % al 95 % entre {low:.4g} y {high:.4g}",
    )


def _by_group(axes: Axes, values: list[Any], facts: ModelFacts, metric: str, language: str) -> None:
    places = list(range(len(values)))[::-1]
    for place, value in zip(places, values, strict=True):
        if value.low is not None and value.high is not None:
            axes.plot([value.low, value.high], [place, place], color="#0072b2", linewidth=1)
        axes.plot([value.value], [place], color="#0072b2", marker="o")
    whole = next((value.value for value in facts.measured.of(metric) if not value.variant), None)
    if whole is not None:
        axes.axvline(whole, color="0.6", linestyle="--", linewidth=1)
    axes.set_yticks(places, [value.group for value in values])
    axes.set(xlabel=metric_label(metric, language), ylim=(-0.6, len(values) - 0.4))


def _say_groups(column: str, metric: str, values: list[Any], language: str) -> str:
    worst, best = min(values, key=lambda value: value.value), max(values, key=lambda value: value.value)
    name = metric_label(metric, language)
    low, high = f"{printed(worst.value)} ({worst.group})", f"{printed(best.value)} ({best.group})"
    return say(
        language,
        f"{name} by {column}, with intervals: from {low} to {high}",
        f"{name} por {column}, con intervalos: de {low} a {high}",
    )


def image_lines(drawn: list[Plot], folder: str, language: str) -> Iterator[str]:
    """Yield the lines of a card that show the plots, each with its text."""
    del language
    for number, plot in enumerate(drawn):
        if number:
            yield ""
        text = plot.text.replace("[", "(").replace("]", ")")
        yield f"![{text}]({folder}/{plot.name}.svg)"
