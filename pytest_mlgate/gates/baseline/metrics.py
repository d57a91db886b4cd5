"""Metrics by scikit-learn's scorer names: each compared by the interval that suits it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline import intervals, ranking
from pytest_mlgate.gates.baseline.measures import OWN, by_name
from pytest_mlgate.gates.baseline.resampling import percentiles, resample

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.stats.estimate import Estimate

# Which tasks the metrics that are computed here belong to; every other name is scikit-learn's affair.
_LABELS = ("accuracy", "balanced_accuracy", "f1", "precision", "recall")
_SCORES = (
    "roc_auc",
    "neg_brier_score",
    "neg_log_loss",
    "neg_expected_calibration_error",
    "recall_at_k",
    "precision_at_recall",
)
_VALUES = (
    "neg_mean_absolute_error",
    "neg_mean_squared_error",
    "neg_root_mean_squared_error",
    "neg_mean_pinball_loss",
    "r2",
)
_BINARY = ("f1", "precision", "recall", "roc_auc", "neg_brier_score", "recall_at_k", "precision_at_recall")
_ONE_CLASS = ("accuracy", "neg_log_loss", "neg_brier_score", "neg_expected_calibration_error")


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """Both models' metric on some rows, and what is known of the difference.

    ``note`` is added to the message of its check, ``facts`` to the details.
    """

    candidate: float
    baseline: float
    delta: Estimate
    rows: int
    unit: str = "rows"
    fixed: int | None = None
    broken: int | None = None
    note: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


def default_metric(ev: Evaluation) -> str:
    """Return ``roc_auc`` for a binary task (``accuracy`` where labels are all there is), ``accuracy``, or ``r2``."""
    if ev.task == "ranking":
        return ranking.DEFAULT
    if ev.task == "regression":
        return "r2"
    scored = [model.has("decision_function") or model.has("predict_proba") for model in (ev.candidate, ev.baseline)]
    return "roc_auc" if ev.task == "binary" and all(scored) and not ev.labels_only else "accuracy"


def check_name(metric: str) -> None:
    """Raise :class:`InputError` for a name that is neither a scorer's of scikit-learn nor one of ours."""
    known = _known()
    if metric not in known and not ranking.is_ranking(metric):
        near = difflib.get_close_matches(metric, known, n=3, cutoff=0.4)
        raise InputError(
            f"metric = {metric!r} is neither a scorer of scikit-learn nor one of {', '.join(OWN)}",
            fix=f"did you mean {' or '.join(near)}?" if near else "see sklearn.metrics.get_scorer_names()",
        )


def _known() -> list[str]:
    from sklearn.metrics import get_scorer_names

    return [*get_scorer_names(), *OWN]


def check_metric(metric: str, ev: Evaluation) -> None:
    """Raise :class:`InputError` for a name that scikit-learn does not know or that does not fit the task."""
    if ev.task == "score":
        return
    if (ev.task == "ranking") != ranking.is_ranking(metric):
        raise InputError(
            f"metric = {metric!r} does not fit a {ev.task} task",
            fix="a ranking is judged by ndcg, ndcg@10, mrr or mrr@10, and nothing else is; choose one, or set `task`",
        )
    if ev.task == "ranking":
        return
    if not by_name(ev):
        return
    check_name(metric)
    wrong = (
        (ev.task == "regression" and metric in _LABELS + _SCORES)
        or (ev.task != "regression" and metric in _VALUES)
        or (ev.task == "multiclass" and metric in _BINARY and metric != "neg_brier_score")
    )
    if wrong:
        near = [name for name in _known() if name.startswith(f"{metric}_")]
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
    if ev.task == "ranking":
        return ranking.why_not(ev, rows)
    if ev.labels is None or not needs_classes(metric, ev):
        return ""
    return why_not_classes(ev, np.bincount(ev.y[rows], minlength=len(ev.labels.names)))


def needs_classes(metric: str, ev: Evaluation) -> bool:
    """Whether a metric is not defined on rows of one label."""
    return not (ev.labels is None or metric in _ONE_CLASS or (ev.measure is not None and ev.measure.kind == "function"))


def why_not_classes(ev: Evaluation, counts: NDArray[np.intp]) -> str:
    """Return why rows of which so many have each label cannot be judged; empty where they can."""
    assert ev.labels is not None
    if (counts > 0).sum() < 2:
        return f"all {int(counts.sum())} rows have the one label {ev.labels.names[int(counts.argmax())]!r}"
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
    from pytest_mlgate.stats import auc, proportions

    method = intervals.choose(metric, ev)
    if ev.task == "ranking":
        return _compare_rankings(metric, ev, rows, level)
    pair = (ev.candidate, ev.baseline)
    if method == "score":
        hits = [(model.predict() == ev.y)[rows] for model in pair]
        fixed, broken = int((hits[0] & ~hits[1]).sum()), int((hits[1] & ~hits[0]).sum())
        delta = proportions.tango_interval(fixed, broken, len(rows), level=level)
        values = [float(hit.mean()) - intervals.miss(ev) for hit in hits]
    elif method == "delong":
        scores = [model.scores()[rows] for model in pair]
        areas = auc.delong(ev.y[rows] == 1, *scores)
        delta, values = auc.delong_interval(ev.y[rows] == 1, *scores, level=level), areas.auc.tolist()
    elif method == "t":
        values, delta = intervals.paired_t(metric, ev, rows, level)
    else:
        values, draws = resample(metric, ev, pair, rows, resamples)
        delta = percentiles(metric, ev, rows, draws[:, 0] - draws[:, 1], values[0] - values[1], values, level)
    flips = _flips(ev, rows) if _judges_labels(metric, ev) else (None, None)
    note, facts = intervals.clipped(metric, ev, rows)
    return Comparison(
        candidate=values[0],
        baseline=values[1],
        delta=delta,
        rows=len(rows),
        unit="rows" if ev.clusters is None else "groups",
        fixed=flips[0],
        broken=flips[1],
        note=note,
        facts=facts,
    )


def _compare_rankings(metric: str, ev: Evaluation, rows: NDArray[np.intp], level: float) -> Comparison:
    found = ranking.compare(metric, ev, rows, level=level)
    return Comparison(
        candidate=found.candidate,
        baseline=found.baseline,
        delta=found.delta,
        rows=len(rows),
        unit="queries",
        note=found.note,
        facts=found.facts,
    )


def own(metric: str, ev: Evaluation, rows: NDArray[np.intp], *, level: float, resamples: int) -> Estimate:
    """Return the candidate's own metric with its limits; parameters as :func:`compare` takes them."""
    from pytest_mlgate.stats import auc, proportions
    from pytest_mlgate.stats.estimate import shifted

    method = intervals.choose(metric, ev)
    if ev.task == "ranking":
        return ranking.own(metric, ev, rows, level=level)
    model = ev.candidate
    if method == "score":
        hits = int((model.predict() == ev.y)[rows].sum())
        return shifted(proportions.wilson_interval(hits, len(rows), level=level), -intervals.miss(ev))
    if method == "delong":
        return auc.auc_interval(ev.y[rows] == 1, model.scores()[rows], level=level)
    if method == "t":
        return intervals.own_t(metric, ev, rows, level)
    values, draws = resample(metric, ev, (model,), rows, resamples)
    return percentiles(metric, ev, rows, draws[:, 0], values[0], values, level)


def _judges_labels(metric: str, ev: Evaluation) -> bool:
    return metric in _LABELS if ev.measure is None else ev.measure.judges_labels


def _flips(ev: Evaluation, rows: NDArray[np.intp]) -> tuple[int, int]:
    ours, theirs = ((model.predict() == ev.y)[rows] for model in (ev.candidate, ev.baseline))
    return int((ours & ~theirs).sum()), int((theirs & ~ours).sum())
