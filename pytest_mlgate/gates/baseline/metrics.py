"""Metrics by scikit-learn's scorer names: each compared by the interval that suits it."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.resampling import is_loss, percentiles, resample, row_losses

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.stats.estimate import Estimate

# Which tasks the metrics that are computed here belong to; every other name is scikit-learn's affair.
_LABELS = ("accuracy", "balanced_accuracy", "f1", "precision", "recall")
_SCORES = ("roc_auc", "neg_brier_score", "neg_log_loss")
_VALUES = ("neg_mean_absolute_error", "neg_mean_squared_error", "neg_root_mean_squared_error", "r2")
_BINARY = ("f1", "precision", "recall", "roc_auc", "neg_brier_score")
_ONE_CLASS = ("accuracy", "neg_log_loss", "neg_brier_score")


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Both models' metric on some rows, and what is known of the difference."""

    candidate: float
    baseline: float
    delta: Estimate
    rows: int
    unit: str = "rows"
    fixed: int | None = None
    broken: int | None = None


def default_metric(ev: Evaluation) -> str:
    """Return ``roc_auc`` for a binary task (``accuracy`` where labels are all there is), ``accuracy``, or ``r2``."""
    if ev.task == "regression":
        return "r2"
    scored = [model.has("decision_function") or model.has("predict_proba") for model in (ev.candidate, ev.baseline)]
    return "roc_auc" if ev.task == "binary" and all(scored) and not ev.labels_only else "accuracy"


def check_metric(metric: str, ev: Evaluation) -> None:
    """Raise :class:`InputError` for a name that scikit-learn does not know or that does not fit the task."""
    from sklearn.metrics import get_scorer_names

    known = get_scorer_names()
    if metric not in known:
        near = difflib.get_close_matches(metric, known, n=3, cutoff=0.4)
        raise InputError(
            f"metric = {metric!r} is not a scorer of scikit-learn",
            fix=f"did you mean {' or '.join(near)}?" if near else "see sklearn.metrics.get_scorer_names()",
        )
    wrong = (
        (ev.task == "regression" and metric in _LABELS + _SCORES)
        or (ev.task != "regression" and metric in _VALUES)
        or (ev.task == "multiclass" and metric in _BINARY and metric != "neg_brier_score")
    )
    if wrong:
        near = [name for name in known if name.startswith(f"{metric}_")]
        default = {"regression": "r2", "multiclass": "accuracy"}.get(ev.task, "roc_auc")
        raise InputError(
            f"metric = {metric!r} does not fit a {ev.task} task",
            fix=f"choose another ({', '.join([default, *near])}), or set `task`",
        )


def why_not(metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> str:
    """Return why these rows cannot be judged by this metric at all; empty where they can."""
    import numpy as np

    if len(rows) < 2:
        return f"{len(rows)} row" if len(rows) else "no rows"
    if ev.clusters is not None and len(np.unique(ev.clusters[rows])) < 2:
        return f"all {len(rows)} rows are one group"
    if ev.weights is not None and not ev.weights[rows].sum() > 0:
        return f"all {len(rows)} rows have weight 0"
    if ev.labels is None or metric in _ONE_CLASS:
        return ""
    counts = np.bincount(ev.y[rows], minlength=len(ev.labels.names))
    if (counts > 0).sum() < 2:
        return f"all {len(rows)} rows have the one label {ev.labels.names[int(counts.argmax())]!r}"
    if ev.task == "binary" and counts.min() < 2:
        return f"only one row has the label {ev.labels.names[int(counts.argmin())]!r}"
    return ""


def compare(metric: str, ev: Evaluation, rows: NDArray[np.intp], *, level: float, resamples: int) -> Comparison:
    """Compare both models on some rows.

    Parameters
    ----------
    metric : str
        A scorer's name that :func:`check_metric` has let through.
    ev : Evaluation
    rows : array of int
        Numbers of the rows, for which :func:`why_not` is empty.
    level : float
        Two-sided level of the interval.
    resamples : int
        Where the interval is a bootstrap.
    """
    from pytest_mlgate.stats import auc, means, proportions

    pair = (ev.candidate, ev.baseline)
    simple = ev.weights is None and ev.clusters is None
    if simple and metric == "accuracy":
        hits = [(model.predict() == ev.y)[rows] for model in pair]
        fixed, broken = int((hits[0] & ~hits[1]).sum()), int((hits[1] & ~hits[0]).sum())
        delta = proportions.tango_interval(fixed, broken, len(rows), level=level)
        values = [float(hit.mean()) for hit in hits]
    elif simple and metric == "roc_auc":
        scores = [model.scores()[rows] for model in pair]
        areas = auc.delong(ev.y[rows] == 1, *scores)
        delta, values = auc.delong_interval(ev.y[rows] == 1, *scores, level=level), areas.auc.tolist()
    elif simple and is_loss(metric, ev):
        losses = [row_losses(metric, ev, model)[rows] for model in pair]
        delta, values = means.paired_t_interval(*losses, level=level), [-float(loss.mean()) for loss in losses]
    else:
        values, draws = resample(metric, ev, pair, rows, resamples)
        delta = percentiles(metric, ev, rows, draws[:, 0] - draws[:, 1], values[0] - values[1], values, level)
    flips = _flips(ev, rows) if metric in _LABELS else (None, None)
    return Comparison(
        candidate=values[0],
        baseline=values[1],
        delta=delta,
        rows=len(rows),
        unit="rows" if ev.clusters is None else "groups",
        fixed=flips[0],
        broken=flips[1],
    )


def own(metric: str, ev: Evaluation, rows: NDArray[np.intp], *, level: float, resamples: int) -> Estimate:
    """Return the candidate's own metric with its limits; parameters as :func:`compare` takes them."""
    from dataclasses import replace

    from pytest_mlgate.stats import auc, means, proportions

    model = ev.candidate
    if ev.weights is None and ev.clusters is None:
        if metric == "accuracy":
            return proportions.wilson_interval(int((model.predict() == ev.y)[rows].sum()), len(rows), level=level)
        if metric == "roc_auc":
            return auc.auc_interval(ev.y[rows] == 1, model.scores()[rows], level=level)
        if is_loss(metric, ev):
            return replace(means.t_interval(-row_losses(metric, ev, model)[rows], level=level), method="t")
    values, draws = resample(metric, ev, (model,), rows, resamples)
    return percentiles(metric, ev, rows, draws[:, 0], values[0], values, level)


def _flips(ev: Evaluation, rows: NDArray[np.intp]) -> tuple[int, int]:
    ours, theirs = ((model.predict() == ev.y)[rows] for model in (ev.candidate, ev.baseline))
    return int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
