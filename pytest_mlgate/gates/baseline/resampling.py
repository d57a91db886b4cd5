"""Metrics that no closed interval is known for: resampled, by sums of rows or by scikit-learn's scorers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
    from pytest_mlgate.stats.estimate import Estimate

_LOSSES = ("neg_mean_absolute_error", "neg_mean_squared_error", "neg_brier_score", "neg_log_loss")
_FEW_OF_A_CLASS = 50


@dataclass(frozen=True, slots=True)
class _Sums:
    """A metric as a function of column sums over rows."""

    columns: NDArray[np.float64]
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def bounded(metric: str | None) -> bool:
    """Whether a difference of more than 1 of this metric makes no sense."""
    return metric is None or metric == "neg_brier_score" or not metric.startswith("neg_")


def is_loss(metric: str, ev: Evaluation) -> bool:
    """Whether the metric is the negative mean of one loss a row."""
    return metric in _LOSSES and not (metric == "neg_brier_score" and ev.task != "binary")


def row_losses(metric: str, ev: Evaluation, model: Answers) -> NDArray[np.float64]:
    """Return what each row adds to a metric that is a mean of losses, of shape (n_rows,)."""
    import numpy as np

    if metric == "neg_mean_absolute_error":
        return np.asarray(np.abs(model.predict() - ev.y), dtype=float)
    if metric == "neg_mean_squared_error":
        return np.asarray((model.predict() - ev.y) ** 2, dtype=float)
    proba = model.predict_proba()
    if metric == "neg_brier_score":
        return np.asarray((proba[:, 1] - ev.y) ** 2, dtype=float)
    tiny = np.finfo(float).eps  # as scikit-learn clips
    return np.asarray(-np.log(np.clip(proba[np.arange(len(ev.y)), ev.y], tiny, 1 - tiny)), dtype=float)


def _sums(metric: str, ev: Evaluation, model: Answers) -> _Sums | None:
    """Return the metric as a function of sums; None where only scikit-learn knows it."""
    import numpy as np

    ones = np.ones(len(ev.y))

    def ratio(a: int, b: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        return lambda s: np.divide(s[..., a], s[..., b], out=np.zeros(s.shape[:-1]), where=s[..., b] > 0)

    if metric == "accuracy":
        return _Sums(np.column_stack([model.predict() == ev.y, ones]), ratio(0, 1))
    if is_loss(metric, ev):
        return _Sums(np.column_stack([-row_losses(metric, ev, model), ones]), ratio(0, 1))
    if metric in ("neg_root_mean_squared_error", "r2"):
        squares = (model.predict() - ev.y) ** 2
        if metric != "r2":
            return _Sums(np.column_stack([squares, ones]), lambda s: -np.sqrt(s[..., 0] / s[..., 1]))
        centred = ev.y - ev.y.mean()  # the sum of squares loses no digits
        columns = np.column_stack([squares, centred**2, centred, ones])
        return _Sums(columns, lambda s: _one_minus(s[..., 0], s[..., 1] - s[..., 2] ** 2 / s[..., 3]))
    if metric in ("f1", "precision", "recall"):
        said, true = model.predict() == 1, ev.y == 1
        below = {"f1": (said.astype(float) + true) / 2, "precision": said, "recall": true}[metric]
        return _Sums(np.column_stack([said & true, below]), ratio(0, 1))
    if metric == "balanced_accuracy" and ev.labels is not None and len(ev.labels.names) <= 20:
        k = len(ev.labels.names)
        of_class = ev.y[:, None] == np.arange(k)
        hit = of_class & (model.predict() == ev.y)[:, None]
        return _Sums(np.column_stack([hit, of_class]), lambda s: _mean_recall(s[..., :k], s[..., k:]))
    return None


def _one_minus(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(1 - np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0))


def _mean_recall(hits: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    recall = np.divide(hits, rows, out=np.zeros(rows.shape), where=rows > 0)
    there = (rows > 0).sum(axis=-1)
    return np.asarray(recall.sum(axis=-1) / np.maximum(there, 1))


def resample(
    metric: str, ev: Evaluation, models: tuple[Answers, ...], rows: NDArray[np.intp], resamples: int
) -> tuple[list[float], NDArray[np.float64]]:
    """Each model's metric on the rows, and on resamples of them, the same for all models."""
    import numpy as np

    from pytest_mlgate.stats import bootstrap

    groups = None if ev.clusters is None else ev.clusters[rows]
    options: dict[str, Any] = {"resamples": resamples, "seed": ev.seed, "groups": groups}
    if _few_of_a_class(ev, rows) is not None:
        options["strata"] = ev.y[rows]
    sums = [_sums(metric, ev, model) for model in models]
    if all(part is not None for part in sums):
        weight = np.ones(len(rows)) if ev.weights is None else ev.weights[rows]
        columns = [part.columns[rows] * weight[:, None] for part in sums if part is not None]
        total = np.split(bootstrap.bootstrap_sums(np.column_stack(columns), **options), len(models), axis=1)
        values = [float(part.value(own.sum(axis=0))) for part, own in zip(sums, columns, strict=True) if part]
        drawn = np.column_stack([part.value(own) for part, own in zip(sums, total, strict=True) if part])
    else:
        score = _scorers(metric, ev, models)
        values = list(score(rows))
        drawn = _draw_scores(score, rows, options)
    bad = [value for value in values if not np.isfinite(value)]
    if bad:
        raise InputError(
            f"{metric} is {bad[0]} on {len(rows)} rows: candidate and baseline {values}",
            fix="choose a metric that is defined on these rows; nothing was compared",
        )
    return values, drawn


def _draw_scores(
    score: Callable[[NDArray[np.intp]], tuple[float, ...]], rows: NDArray[np.intp], options: dict[str, Any]
) -> NDArray[np.float64]:
    import numpy as np

    from pytest_mlgate.stats.bootstrap import resampled_rows

    def safely(drawn: NDArray[np.intp]) -> tuple[float, ...]:
        try:
            return score(drawn)
        except InputError:  # not defined on this resample, such as one without a class
            return (np.nan,)

    found = [safely(rows[drawn]) for drawn in resampled_rows(len(rows), **options)]
    width = max(len(row) for row in found)
    return np.array([row if len(row) == width else (np.nan,) * width for row in found])


def _scorers(
    metric: str, ev: Evaluation, models: tuple[Answers, ...]
) -> Callable[[NDArray[np.intp]], tuple[float, ...]]:
    """Return a function from rows to scikit-learn's score of each model."""
    import warnings

    from sklearn.metrics import get_scorer

    scorer = get_scorer(metric)
    proxies = [_proxy(model, ev) for model in models]

    def score(rows: NDArray[np.intp]) -> tuple[float, ...]:
        weights = {} if ev.weights is None else {"sample_weight": ev.weights[rows]}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns of each resample without a class
            try:
                return tuple(float(scorer(proxy, rows, ev.y[rows], **weights)) for proxy in proxies)
            except InputError:
                raise
            except Exception as error:
                hint = "; it may not take sample weights" if weights else ""
                raise InputError(
                    f"the scorer {metric} failed: {type(error).__name__}: {error}{hint}",
                    fix="choose a metric that fits the task and the model's methods",
                ) from error

    return score


def _proxy(model: Answers, ev: Evaluation) -> Any:
    """Return an estimator that answers row numbers with what the model said about these rows.

    scikit-learn's scorers ask an estimator for its tags, so a plain object will not do.
    """
    import numpy as np
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    class Proxy(RegressorMixin if ev.labels is None else ClassifierMixin, BaseEstimator):  # type: ignore[misc] # chosen by task
        def __sklearn_is_fitted__(self) -> bool:
            return True

    proxy = Proxy()
    for method in ("predict", "predict_proba", "decision_function"):
        if model.has(method):
            answer = getattr(model, method)
            setattr(proxy, method, _named(method, answer))
    if ev.labels is not None:
        proxy.classes_ = np.arange(len(ev.labels.names))
    return proxy


def _few_of_a_class(ev: Evaluation, rows: NDArray[np.intp]) -> int | None:
    """Rows of the rarer class of a binary task, where they are few and rows are resampled by themselves."""
    import numpy as np

    if ev.task != "binary" or ev.clusters is not None:
        return None
    fewest = int(np.bincount(ev.y[rows], minlength=2).min())
    return fewest if fewest < _FEW_OF_A_CLASS else None


def _named(method: str, answer: Callable[[], NDArray[Any]]) -> Callable[[NDArray[np.intp]], NDArray[Any]]:
    def ask(rows: NDArray[np.intp]) -> NDArray[Any]:
        return answer()[rows]

    ask.__name__ = method  # scorers choose a method by this name
    return ask


def percentiles(
    metric: str,
    ev: Evaluation,
    rows: NDArray[np.intp],
    draws: NDArray[np.float64],
    value: float,
    values: list[float],
    level: float,
) -> Estimate:
    """Return the percentile interval of resampled values; ``values`` are the metrics of the models themselves."""
    import numpy as np

    from pytest_mlgate.stats.bootstrap import percentile_interval

    units = len(rows) if ev.clusters is None else len(np.unique(ev.clusters[rows]))
    few = _few_of_a_class(ev, rows)  # the metric is then no better known than these few rows allow
    method = "bootstrap" if ev.clusters is None else f"bootstrap over {units} groups"
    still = bool(np.nanmax(draws) - np.nanmin(draws) <= 1e-12)
    share = bounded(metric) and all(0 <= v <= 1 for v in values)
    floor = 1.0 if share else max(map(abs, values)) * still
    unseen = units if still else len(rows)
    try:
        found = percentile_interval(draws, value, few or units, level=level, method=method, floor=floor, unseen=unseen)
        return replace(found, n=units)
    except ValueError as error:
        raise InputError(f"{metric}: {error}", fix="give more rows, or choose another metric") from error
