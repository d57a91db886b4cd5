"""Metrics that no closed interval is known for: resampled, by sums of rows or by scikit-learn's scorers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.measures import by_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
    from pytest_mlgate.stats.estimate import Estimate

LOSSES = (
    "neg_mean_absolute_error",
    "neg_mean_squared_error",
    "neg_mean_pinball_loss",
    "neg_brier_score",
    "neg_log_loss",
)
_SHARES = ("neg_brier_score", "neg_expected_calibration_error")
_FEW_OF_A_CLASS = 50


@dataclass(frozen=True, slots=True)
class _Sums:
    """A metric as a function of column sums over rows."""

    columns: NDArray[np.float64]
    value: Callable[[NDArray[np.float64]], NDArray[np.float64]]


def bounded(metric: object) -> bool:
    """Whether a difference of more than 1 of this metric, as the settings name it, makes no sense."""
    if metric is None:
        return True
    known = isinstance(metric, str) and ":" not in metric  # nothing is known of a metric of the user's own
    return known and (metric in _SHARES or not str(metric).startswith("neg_"))


def _bounded(metric: str, ev: Evaluation) -> bool:
    return bounded(metric) if by_name(ev) or ev.measure is None else ev.measure.bounded


def is_loss(metric: str, ev: Evaluation) -> bool:
    """Whether the metric is the negative mean of one loss a row."""
    if ev.task == "score":
        return True
    return by_name(ev) and metric in LOSSES and not (metric == "neg_brier_score" and ev.task != "binary")


def row_losses(metric: str, ev: Evaluation, model: Answers) -> NDArray[np.float64]:
    """Return the loss of each row, for a metric that :func:`is_loss` knows.

    Raises
    ------
    InputError
        Where a loss is infinite.
    """
    import numpy as np

    if ev.task == "score":
        return -model.predict()
    if metric == "neg_mean_absolute_error":
        return _finite(metric, model, lambda: np.abs(model.predict() - ev.y))
    if metric == "neg_mean_squared_error":
        return _squares(metric, ev, model)
    if metric == "neg_mean_pinball_loss":
        alpha = 0.5 if ev.measure is None else ev.measure.params["alpha"]
        short = ev.y - model.predict()  # Koenker and Bassett (1978): alpha of what is short, 1 - alpha of what is over
        return _finite(metric, model, lambda: np.maximum(alpha * short, (alpha - 1) * short))
    proba = model.predict_proba()
    if metric == "neg_brier_score":
        return np.asarray((proba[:, 1] - ev.y) ** 2, dtype=float)
    tiny = np.finfo(float).eps  # as scikit-learn clips
    return np.asarray(-np.log(np.clip(proba[np.arange(len(ev.y)), ev.y], tiny, 1 - tiny)), dtype=float)


def _squares(metric: str, ev: Evaluation, model: Answers) -> NDArray[np.float64]:
    return _finite(metric, model, lambda: (model.predict() - ev.y) ** 2)


def _finite(metric: str, model: Answers, losses: Callable[[], NDArray[Any]]) -> NDArray[np.float64]:
    import numpy as np

    with np.errstate(over="ignore", invalid="ignore"):
        found = np.asarray(losses(), dtype=float)
    rows = np.flatnonzero(~np.isfinite(found)).tolist()
    if rows:
        raise InputError(
            f"the {model.name}'s loss ({metric}) is infinite on {len(rows)} of {len(found)} rows "
            f"(first rows: {', '.join(map(str, rows[:5]))})",
            fix="look at the predictions of these rows; nothing was compared",
        )
    return found


def _calibration_sums(ev: Evaluation, model: Answers) -> _Sums:
    """Sums over bins of all rows, so that a slice and a resample have the bins of the whole holdout."""
    import numpy as np

    from pytest_mlgate.stats.calibration import calibration_gaps

    proba = model.predict_proba()
    right, said = (
        (ev.y == 1, proba[:, -1]) if ev.task == "binary" else (proba.argmax(axis=1) == ev.y, proba.max(axis=1))
    )
    params = {} if ev.measure is None else ev.measure.params
    try:
        gaps = calibration_gaps(right, said, **params)
    except ValueError as error:
        raise InputError(f"the {model.name}'s predict_proba: {error}", fix="give probabilities") from error
    columns = np.column_stack([gaps, np.ones(len(gaps))])
    return _Sums(columns, lambda s: -np.abs(s[..., :-1]).sum(axis=-1) / s[..., -1])


def sums_of(metric: str, ev: Evaluation, model: Answers) -> _Sums | None:
    """Return the metric as a function of sums; None where only scikit-learn knows it."""
    import numpy as np

    if not by_name(ev) and not is_loss(metric, ev):
        return None
    ones = np.ones(len(ev.y))

    def ratio(a: int, b: int) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        return lambda s: np.divide(s[..., a], s[..., b], out=np.zeros(s.shape[:-1]), where=s[..., b] > 0)

    if is_loss(metric, ev):
        return _Sums(np.column_stack([-row_losses(metric, ev, model), ones]), ratio(0, 1))
    if metric == "accuracy":
        return _Sums(np.column_stack([model.predict() == ev.y, ones]), ratio(0, 1))
    if metric == "neg_expected_calibration_error":
        return _calibration_sums(ev, model)
    if metric in ("neg_root_mean_squared_error", "r2"):
        squares = _squares(metric, ev, model)
        if metric != "r2":
            return _Sums(np.column_stack([squares, ones]), lambda s: -np.sqrt(s[..., 0] / s[..., 1]))
        centred = ev.y - ev.y.mean()  # the sum of squares loses no digits
        columns = np.column_stack([squares, centred**2, centred, ones])
        return _Sums(columns, lambda s: _one_minus(s[..., 0], s[..., 1] - s[..., 2] ** 2 / s[..., 3]))
    if metric in ("f1", "precision", "recall"):
        said, true = model.predict() == 1, ev.y == 1
        below = {"f1": (said.astype(float) + true) / 2, "precision": said, "recall": true}[metric]
        return _Sums(np.column_stack([said & true, below]), ratio(0, 1))
    if metric in ("balanced_accuracy", "f1_macro") and ev.labels is not None and len(ev.labels.names) <= 20:
        k = len(ev.labels.names)
        of_class = ev.y[:, None] == np.arange(k)
        hit = of_class & (model.predict() == ev.y)[:, None]
        if metric == "f1_macro":  # of the classes that are true or said, as scikit-learn has it
            below = (of_class.astype(float) + (model.predict()[:, None] == np.arange(k))) / 2
            return _Sums(np.column_stack([hit, below]), lambda s: _mean_of_classes(s[..., :k], s[..., k:]))
        return _Sums(np.column_stack([hit, of_class]), lambda s: _mean_of_classes(s[..., :k], s[..., k:]))
    return None


def _one_minus(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(1 - np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0))


def _mean_of_classes(hits: NDArray[np.float64], rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean over classes of a share: those without a row do not count."""
    import numpy as np

    shares = np.divide(hits, rows, out=np.zeros(rows.shape), where=rows > 0)
    there = (rows > 0).sum(axis=-1)
    return np.asarray(shares.sum(axis=-1) / np.maximum(there, 1))


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
    sums = [sums_of(metric, ev, model) for model in models]
    if all(part is not None for part in sums):
        weight = np.ones(len(rows)) if ev.weights is None else ev.weights[rows]
        columns = [part.columns[rows] * weight[:, None] for part in sums if part is not None]
        ends = np.cumsum([part.shape[1] for part in columns])[:-1]
        total = np.split(bootstrap.bootstrap_sums(np.column_stack(columns), **options), ends, axis=1)
        values = [float(part.value(own.sum(axis=0))) for part, own in zip(sums, columns, strict=True) if part]
        drawn = np.column_stack([part.value(own) for part, own in zip(sums, total, strict=True) if part])
    elif metric == "roc_auc" and ev.task == "binary" and by_name(ev):
        values, drawn = _resample_areas(ev, models, rows, options)
    else:
        score = _scorers(metric, ev, models)
        values = list(score(rows))
        _refuse_nan(metric, values, models, len(rows))  # before thousands of resamples of it
        drawn = _draw_scores(score, rows, options)
    _refuse_nan(metric, values, models, len(rows))
    return values, drawn


def values_of(metric: str, ev: Evaluation, models: tuple[Answers, ...], rows: NDArray[np.intp]) -> list[float]:
    """Return each model's metric on the rows."""
    return resample(metric, ev, models, rows, 1)[0]


def _refuse_nan(metric: str, values: list[float], models: tuple[Answers, ...], rows: int) -> None:
    import math

    bad = [value for value in values if not math.isfinite(value)]
    if bad:
        both = ", ".join(f"{model.name} {value:g}" for model, value in zip(models, values, strict=True))
        raise InputError(
            f"{metric} is {bad[0]} on {rows} rows: {both}",
            fix="choose a metric that is defined on these rows; nothing was compared",
        )


def _resample_areas(
    ev: Evaluation, models: tuple[Answers, ...], rows: NDArray[np.intp], options: dict[str, Any]
) -> tuple[list[float], NDArray[np.float64]]:
    import numpy as np

    from pytest_mlgate.stats import auc, bootstrap

    truth, scores = ev.y[rows] == 1, [model.scores()[rows] for model in models]
    weights = None if ev.weights is None else ev.weights[rows]
    once = np.ones(len(rows)) if weights is None else weights
    values = [auc.weighted_auc(once, auc.roc_order(truth, score)) for score in scores]
    return values, bootstrap.bootstrap_aucs(truth, scores, weights=weights, **options)


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
    """Return a function from rows to each model's metric, as scikit-learn or the user computes it."""
    import warnings

    from pytest_mlgate.gates.baseline import custom

    measure = ev.measure
    if measure is None or measure.kind == "name":
        scores = [custom.named_score(metric, ev, model) for model in models]
    else:
        scores = [custom.row_score(measure, ev, model) for model in models]
    what = "the function" if measure is not None and measure.kind == "function" else "the scorer"

    def score(rows: NDArray[np.intp]) -> tuple[float, ...]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # scikit-learn warns of each resample without a class
            try:
                return tuple(one(rows) for one in scores)
            except InputError:
                raise
            except Exception as error:
                hint = "" if ev.weights is None else "; it may not take sample weights"
                raise InputError(
                    f"{what} {metric} failed: {type(error).__name__}: {error}{hint}",
                    fix="choose a metric that fits the task and the model's methods",
                ) from error

    return score


def _few_of_a_class(ev: Evaluation, rows: NDArray[np.intp]) -> int | None:
    """Rows of the rarer class of a binary task, where they are few and rows are resampled by themselves."""
    import numpy as np

    if ev.task != "binary" or ev.clusters is not None:
        return None
    return few_of(np.bincount(ev.y[rows], minlength=2))


def few_of(classes: NDArray[np.intp]) -> int | None:
    """Return the rows of the rarer of two classes, where they are few enough to be drawn within each class."""
    fewest = int(classes.min())
    return fewest if fewest < _FEW_OF_A_CLASS else None


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

    units = len(rows) if ev.clusters is None else len(np.unique(ev.clusters[rows]))
    few = _few_of_a_class(ev, rows)  # the metric is then no better known than these few rows allow
    method = "bootstrap" if ev.clusters is None else f"bootstrap over {units} groups"
    return drawn_limits(metric, ev, draws, value, values, level, units=units, rows=len(rows), few=few, method=method)


def drawn_limits(
    metric: str,
    ev: Evaluation,
    draws: NDArray[np.float64],
    value: float,
    values: list[float],
    level: float,
    *,
    units: int,
    rows: int,
    few: int | None,
    method: str = "bootstrap",
) -> Estimate:
    """Return the same from numbers: rows, ``units`` that were drawn, and rows of a class of which there are ``few``."""
    import numpy as np

    from pytest_mlgate.stats.bootstrap import percentile_interval

    still = bool(np.nanmax(draws) - np.nanmin(draws) <= 1e-12)
    share = _bounded(metric, ev) and all(0 <= v <= 1 for v in values)
    floor = 1.0 if share else max(map(abs, values)) * still
    unseen = units if still else rows
    try:
        found = percentile_interval(draws, value, few or units, level=level, method=method, floor=floor, unseen=unseen)
        return replace(found, n=units)
    except ValueError as error:
        raise InputError(f"{metric}: {error}", fix="give more rows, or choose another metric") from error
