"""Curves of both models for a report: ROC, precision and recall, calibration, residuals, each in few points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation

MOST_POINTS = 200
_BINS = 10
_DIGITS = 7


def curve_evidence(ev: Evaluation) -> dict[str, Any]:
    """Return each model's curves, as far as its answers allow them.

    Parameters
    ----------
    ev : Evaluation

    Returns
    -------
    dict
        By model: ``roc`` (fpr, tpr, threshold) and ``pr`` (recall, precision, threshold) in a binary task with
        scores; ``calibration`` (mean_predicted, observed, rows by bin) where there are probabilities, in a task of
        several classes of the predicted one; ``residuals`` (quantile, value) in a regression. Empty where there
        are labels only.
    """
    if ev.labels_only:
        return {}
    found = {name: _curves(ev, model) for name, model in (("candidate", ev.candidate), ("baseline", ev.baseline))}
    return {"curves": found} if any(found.values()) else {}


def _curves(ev: Evaluation, model: Answers) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, curve in (("residuals", _residuals), ("scores", _score_curves), ("calibration", _calibration)):
        try:
            values = curve(ev, model)
        except InputError as error:  # a metric that needs these answers has its own check; this is only a picture
            found.setdefault("missing", {})[name] = error.message
            continue
        found |= values
    return found


def _residuals(ev: Evaluation, model: Answers) -> dict[str, Any]:
    import numpy as np

    if ev.task != "regression":
        return {}
    shares = np.linspace(0, 1, 101)
    values = np.quantile(np.asarray(ev.y, dtype=float) - model.predict(), shares)
    return {"residuals": {"quantile": _plain(shares), "value": _plain(values)}}


def _score_curves(ev: Evaluation, model: Answers) -> dict[str, Any]:
    scored = model.has("decision_function") or model.has("predict_proba")
    if ev.task != "binary" or not scored or not 0 < (ev.y == 1).sum() < len(ev.y):
        return {}
    scores = model.scores()
    tp, fp, thresholds = _counts(ev.y == 1, scores, ev.weights)
    if not (tp[-1] > 0 and fp[-1] > 0):
        return {}
    return {"roc": roc(tp, fp, thresholds), "pr": precision_recall(tp, fp, thresholds)}


def _counts(
    positive: NDArray[np.bool_], scores: NDArray[np.float64], weights: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weights of true and of false positives at each distinct score, from the highest on."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    weight = np.ones(len(scores)) if weights is None else weights[order]
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hit = positive[order]
    return np.cumsum(weight * hit)[ends], np.cumsum(weight * ~hit)[ends], scores[order][ends]


def roc(tp: NDArray[np.float64], fp: NDArray[np.float64], thresholds: NDArray[np.float64]) -> dict[str, Any]:
    """Return the thinned ROC curve; it begins at (0, 0), whose threshold is None, and ends at (1, 1).

    Parameters
    ----------
    tp, fp : array of shape (n_thresholds,)
        True and false positives where the score is at least the threshold.
    thresholds : array of shape (n_thresholds,)
        Falling.
    """
    import numpy as np

    fpr, tpr = np.append(0, fp / fp[-1]), np.append(0, tp / tp[-1])
    keep = thin(fpr, tpr)
    at = [None if i == 0 else float(thresholds[i - 1]) for i in keep.tolist()]
    return {"fpr": _plain(fpr[keep]), "tpr": _plain(tpr[keep]), "threshold": at}


def precision_recall(
    tp: NDArray[np.float64], fp: NDArray[np.float64], thresholds: NDArray[np.float64]
) -> dict[str, Any]:
    """Return the thinned precision-recall curve in rising recall; parameters as :func:`roc` takes them."""
    import numpy as np

    recall, called = tp / tp[-1], tp + fp
    precision = np.divide(tp, called, out=np.zeros(len(tp)), where=called > 0)
    keep = thin(recall, precision)
    return {
        "recall": _plain(recall[keep]),
        "precision": _plain(precision[keep]),
        "threshold": thresholds[keep].tolist(),
    }


def thin(x: NDArray[np.float64], y: NDArray[np.float64], most: int = MOST_POINTS) -> NDArray[np.intp]:
    """Return which points of a curve to keep: both ends, and others evenly along its length.

    Parameters
    ----------
    x, y : array of shape (n_points,)
    most : int
        At most so many are kept, at least 2.

    Returns
    -------
    array of int
        Rising; all points where there are no more than ``most``.
    """
    import numpy as np

    if len(x) <= most:
        return np.arange(len(x))
    along = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))])
    wanted = np.linspace(0, along[-1], most)
    keep = np.searchsorted(along, wanted - 1e-12).clip(0, len(x) - 1)
    keep[-1] = len(x) - 1
    return np.unique(keep)


def _calibration(ev: Evaluation, model: Answers) -> dict[str, Any]:
    import numpy as np

    if ev.labels is None or not model.has("predict_proba"):
        return {}
    proba = model.predict_proba()
    if ev.task == "binary":
        said, hit = proba[:, -1], ev.y == 1
    else:
        said, hit = proba.max(axis=1), proba.argmax(axis=1) == ev.y
    return {"calibration": reliability(said, hit, np.ones(len(said)) if ev.weights is None else ev.weights)}


def reliability(
    said: NDArray[np.float64], hit: NDArray[np.bool_], weights: NDArray[np.float64]
) -> dict[str, list[Any]]:
    """Return what was said and what came true in ten bins of equal width; empty bins are left out.

    Parameters
    ----------
    said : array of shape (n_rows,)
        Probabilities.
    hit : array of bool, shape (n_rows,)
        Whether it came true.
    weights : array of shape (n_rows,)
        Row weights; ``rows`` counts rows whatever they weigh.
    """
    import numpy as np

    bins = np.searchsorted(np.linspace(0, 1, _BINS + 1)[1:-1], said)
    rows = np.bincount(bins, minlength=_BINS)
    total = np.bincount(bins, weights, minlength=_BINS)
    there = total > 0
    mean, share = (np.bincount(bins, weights * v, minlength=_BINS)[there] / total[there] for v in (said, hit))
    return {"mean_predicted": _plain(mean), "observed": _plain(share), "rows": rows[there].tolist()}


def _plain(values: NDArray[np.float64]) -> list[float]:
    return [round(value, _DIGITS) for value in values.tolist()]
