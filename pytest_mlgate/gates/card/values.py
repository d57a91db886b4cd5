"""Metrics as cards name them, on chosen rows of what a model answered."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline import ranking

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation


_AVERAGED = ("precision", "recall", "f1")
_MOST_CLASSES = 50


def knows(metric: str, task: str) -> bool:
    """Whether a metric of a task is known here; of a ranking those at any rank are."""
    return ranking.is_ranking(metric) if task == "ranking" else metric in known(task)


def known(task: str) -> tuple[str, ...]:
    """Return the metrics of a task that are known here, the first ones first in a card."""
    if task == "ranking":
        return ("ndcg", "mrr")
    if task == "regression":
        return tuple(_OF_VALUES)
    return (*_OF_SCORES, *_OF_LABELS, *_AVERAGED, *(_OF_COUNTS if task == "binary" else ()))


def values(metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> dict[str, float]:
    """Return a metric of the candidate on some rows, by the way in which classes are averaged.

    Parameters
    ----------
    metric : str
        As cards have it: ``roc_auc``, ``brier``, ``f1``. Losses are positive.
    ev : Evaluation
    rows : array of int
        At least one.

    Returns
    -------
    dict of str to float
        Under the empty key the value that is meant where nothing else is said; ``macro``, ``weighted``, ``micro``, and
        ``class <label>`` beside it, where there are several ways. Only finite values.

    Raises
    ------
    InputError
        Where the metric is not known for the task, the model cannot be asked what it needs, or it has no value on
        these rows.
    """
    if not knows(metric, ev.task):
        raise InputError(f"{metric} is not computed here for a {ev.task} task", fix="give its value as `measured`")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of rows without a class: such a value is not finite
        try:
            found = _values(metric, ev, rows)
        except InputError:
            raise
        except ValueError as error:  # one class only, and the like
            raise InputError(f"{metric} has no value on {len(rows)} rows: {error}", fix="give more rows") from None
    finite = {variant: float(value) for variant, value in found.items() if math.isfinite(value)}
    if not finite:
        raise InputError(f"{metric} has no finite value on {len(rows)} rows", fix="give more rows")
    return finite


def _values(metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> dict[str, float]:
    if ev.task == "ranking":
        return {"": ranking.mean(metric, ev, rows)}
    weights = None if ev.weights is None else ev.weights[rows]
    y = ev.y[rows]
    if ev.task == "regression":
        return {"": _OF_VALUES[metric](y, ev.candidate.predict()[rows], weights)}
    if metric in _OF_SCORES:
        return dict(_OF_SCORES[metric](ev, rows, y, weights))
    said = ev.candidate.predict()[rows]
    if metric in _AVERAGED:
        return dict(_averages(metric, ev, y, said, weights))
    if metric in _OF_LABELS:
        return {"": _OF_LABELS[metric](y, said, weights)}
    part, whole = counts(metric, y, said, weights)
    return {"": part / whole if whole else math.nan}


def _averages(metric: str, ev: Evaluation, y: Any, said: Any, weights: Any) -> Iterator[tuple[str, float]]:
    from sklearn.metrics import precision_recall_fscore_support

    assert ev.labels is not None
    classes = list(range(len(ev.labels.names)))

    def of(average: str | None) -> Any:
        found = precision_recall_fscore_support(
            y, said, labels=classes, average=average, sample_weight=weights, zero_division=math.nan
        )
        return found[_AVERAGED.index(metric)]

    each = of(None)
    yield "", float(each[1]) if ev.task == "binary" else float(of("macro"))
    for average in ("macro", "weighted", "micro"):
        yield average, float(of(average))
    if len(classes) <= _MOST_CLASSES:
        yield from ((f"class {ev.labels.names[code]}", float(each[code])) for code in classes)


def _roc_auc(ev: Evaluation, rows: Any, y: Any, weights: Any) -> Iterator[tuple[str, float]]:
    from sklearn.metrics import roc_auc_score

    if ev.task == "binary":
        yield "", roc_auc_score(y, ev.candidate.scores()[rows], sample_weight=weights)
        return
    proba = ev.candidate.predict_proba()[rows]
    for way in ("ovr", "ovo"):
        for average in ("macro", "weighted"):
            if way == "ovo" and weights is not None:
                continue
            value = roc_auc_score(y, proba, multi_class=way, average=average, sample_weight=weights)
            yield "" if (way, average) == ("ovr", "macro") else f"{way} {average}", value


def _average_precision(ev: Evaluation, rows: Any, y: Any, weights: Any) -> Iterator[tuple[str, float]]:
    from sklearn.metrics import average_precision_score

    if ev.task == "binary":
        yield "", average_precision_score(y, ev.candidate.scores()[rows], sample_weight=weights)
        return
    import numpy as np

    proba = ev.candidate.predict_proba()[rows]
    one_hot = y[:, None] == np.arange(proba.shape[1])
    yield "", average_precision_score(one_hot, proba, average="macro", sample_weight=weights)


def _gini(ev: Evaluation, rows: Any, y: Any, weights: Any) -> Iterator[tuple[str, float]]:
    yield from ((variant, 2 * value - 1) for variant, value in _roc_auc(ev, rows, y, weights))


def _brier(ev: Evaluation, rows: Any, y: Any, weights: Any) -> Iterator[tuple[str, float]]:
    import numpy as np

    proba = ev.candidate.predict_proba()[rows]
    squares = ((proba - (y[:, None] == np.arange(proba.shape[1]))) ** 2).sum(axis=1)
    whole = float(np.average(squares, weights=weights))
    # Brier (1950) sums over classes; of two, half of it is the mean of (p - y)^2, which is what people print
    yield "", whole / 2 if ev.task == "binary" else whole
    yield "summed over classes", whole


def _log_loss(ev: Evaluation, rows: Any, y: Any, weights: Any) -> Iterator[tuple[str, float]]:
    import numpy as np

    tiny = np.finfo(float).eps  # as scikit-learn clips
    chosen = np.clip(ev.candidate.predict_proba()[rows, y], tiny, 1 - tiny)
    yield "", float(np.average(-np.log(chosen), weights=weights))


_OF_SCORES: dict[str, Callable[..., Iterator[tuple[str, float]]]] = {
    "roc_auc": _roc_auc,
    "average_precision": _average_precision,
    "brier": _brier,
    "log_loss": _log_loss,
    "gini": _gini,
}


def _sklearn(name: str) -> Callable[[Any, Any, Any], float]:
    def metric(y: Any, said: Any, weights: Any) -> float:
        from sklearn import metrics

        return float(getattr(metrics, name)(y, said, sample_weight=weights))

    return metric


def _error_rate(y: Any, said: Any, weights: Any) -> float:
    return 1 - _OF_LABELS["accuracy"](y, said, weights)


_OF_LABELS: dict[str, Callable[[Any, Any, Any], float]] = {
    "accuracy": _sklearn("accuracy_score"),
    "balanced_accuracy": _sklearn("balanced_accuracy_score"),
    "error_rate": _error_rate,
    "mcc": _sklearn("matthews_corrcoef"),
    "kappa": _sklearn("cohen_kappa_score"),
}

# Shares of a binary task: rows that count and, among them, those that are counted, by truth and answer.
_OF_COUNTS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]] = {
    "specificity": (lambda y, _: ~y, lambda _, said: ~said),
    "false_positive_rate": (lambda y, _: ~y, lambda _, said: said),
    "false_negative_rate": (lambda y, _: y, lambda _, said: ~said),
    "false_discovery_rate": (lambda _, said: said, lambda y, _: ~y),
    "npv": (lambda _, said: ~said, lambda y, _: ~y),
    "selection_rate": (lambda y, _: y | True, lambda _, said: said),
}
_SHARES = {
    **_OF_COUNTS,
    "precision": (lambda _, said: said, lambda y, _: y),
    "recall": (lambda y, _: y, lambda _, said: said),
    "accuracy": (lambda y, _: y | True, lambda y, said: y == said),
    "error_rate": (lambda y, _: y | True, lambda y, said: y != said),
}


def is_share(metric: str, task: str) -> bool:
    """Whether a metric is the share of some rows among others, so that it has the interval of a proportion."""
    return task == "binary" and metric in _SHARES


def counts(metric: str, y: Any, said: Any, weights: Any = None) -> tuple[float, float]:
    """Return the rows that a share counts, and those among which it counts them; weighted where there are weights.

    Parameters
    ----------
    metric : str
        One for which :func:`is_share` holds.
    y, said : array of 0 and 1
        Truth and answer.
    weights : array or None
    """
    import numpy as np

    truth, answer = y == 1, said == 1
    among, counted = _SHARES[metric]
    inside = among(truth, answer)
    weight = np.ones(len(y)) if weights is None else weights
    return float(weight[inside & counted(truth, answer)].sum()), float(weight[inside].sum())


def _rmse(y: Any, said: Any, weights: Any) -> float:
    return math.sqrt(_OF_VALUES["mse"](y, said, weights))


def _median_absolute_error(y: Any, said: Any, weights: Any) -> float:
    from sklearn.metrics import median_absolute_error

    return float(median_absolute_error(y, said, sample_weight=weights))


def _mean_error(y: Any, said: Any, weights: Any) -> float:
    import numpy as np

    return float(np.average(said - y, weights=weights))


_OF_VALUES: dict[str, Callable[[Any, Any, Any], float]] = {
    "mae": _sklearn("mean_absolute_error"),
    "rmse": _rmse,
    "r2": _sklearn("r2_score"),
    "mse": _sklearn("mean_squared_error"),
    "mape": _sklearn("mean_absolute_percentage_error"),
    "median_absolute_error": _median_absolute_error,
    "mean_error": _mean_error,
}
