"""What the settings say of a metric beyond a scorer's name: parameters, a threshold, a metric of the user's own."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal, get_args

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation

Response = Literal["predict", "predict_proba", "decision_function"]
Method = Literal["auto", "score", "delong", "t", "bootstrap"]
RESPONSES: tuple[str, ...] = get_args(Response)
FORMS = "a scorer's name of scikit-learn, a scorer object, a function f(y_true, y_pred), or package.module:name"

# Metrics that are computed here and are no scorers of scikit-learn: parameters with defaults; None: must be given.
OWN: dict[str, dict[str, Any]] = {
    "neg_mean_pinball_loss": {"alpha": 0.5},
    "neg_expected_calibration_error": {"bins": 15, "binning": "mass"},
    "recall_at_k": {"k": None},
    "precision_at_recall": {"recall": None},
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """A metric that a scorer's name alone does not describe.

    Attributes
    ----------
    name : str
        What it is called in checks; higher is better, so a loss begins with ``neg_``.
    kind : str
        ``name`` (a scorer's name and no more), ``own`` (see :data:`OWN`), ``coded`` (a scorer of scikit-learn that
        is given the codes of labels), ``scorer`` (a user's scorer, given the labels themselves), ``function``, or
        where each row comes with its score ``rows``, and ``hits`` where that is 0 or 1.
    params : Mapping
        Arguments of an own metric or of a function.
    target : object
        The scorer or function.
    response : str or None
        What a function is given beside the truth.
    sign : int
        -1 where a smaller value of the function is better.
    interval : str
        The interval that is asked for; ``auto`` is what suits the metric.
    judges_labels : bool
        Whether it sees nothing but predicted labels.
    bounded : bool
        Whether it lies between 0 and 1 (or -1 and 0).
    threshold : float or None
        The probability from which on a label is positive; None: the model's own labels.
    """

    name: str
    kind: str = "name"
    params: Mapping[str, Any] = field(default_factory=dict)
    target: Any = None
    response: str | None = None
    sign: int = 1
    interval: Method = "auto"
    judges_labels: bool = False
    bounded: bool = False
    threshold: float | None = None


def by_name(ev: Evaluation) -> bool:
    """Whether the metric's name says all there is to say, so that what is known of names applies."""
    return ev.measure is None or ev.measure.kind in ("name", "own")


def with_measure(ev: Evaluation, measure: Measure | None) -> Evaluation:
    """Return the evaluation with what the settings say of the metric, its threshold applied to both models."""
    ev = replace(ev, measure=measure)
    if measure is None or measure.threshold is None:
        return ev
    ours, theirs = (model.at_threshold(measure.threshold) for model in (ev.candidate, ev.baseline))
    return replace(ev, candidate=ours, baseline=theirs)


def metric_name(metric: Any, greater_is_better: bool | None = None) -> str:
    """Return what a metric is called in checks; empty where none is named."""
    if metric is None:
        return ""
    if isinstance(metric, str):
        name = metric.partition(":")[2].rpartition(".")[2] if ":" in metric else metric
    else:
        inner = getattr(metric, "_score_func", metric)
        inner = getattr(inner, "func", inner)  # of functools.partial
        name = getattr(inner, "__name__", type(inner).__name__).strip("<>")
        if getattr(metric, "_sign", 1) < 0:
            name = f"neg_{name}"
    return f"neg_{name}" if greater_is_better is False and not name.startswith("neg_") else name


def prepare(rule: Settings, ev: Evaluation, roots: tuple[str, ...] = ()) -> tuple[str, Evaluation]:
    """Return the metric's name, and the evaluation with all that the settings say of it.

    Parameters
    ----------
    rule : Settings
        ``metric``, ``metric_params``, ``response``, ``greater_is_better``, ``threshold`` and ``interval``.
    ev : Evaluation
    roots : tuple of str
        Folders that an import path is resolved in.

    Raises
    ------
    InputError
        Where there is no such metric, a parameter does not fit it, or a setting does not fit the task.
    """
    from pytest_mlgate.gates.baseline.metrics import default_metric

    if ev.measure is not None and ev.measure.kind in ("rows", "hits"):
        return ev.measure.name, replace(ev, measure=replace(ev.measure, interval=rule.interval))
    given = rule.metric if rule.metric is not None else default_metric(ev)
    if isinstance(given, str) and ":" in given:
        from pytest_mlgate.gates.importing import import_object

        given = import_object(given, roots, key="metric", forms=FORMS)
        if not callable(given):
            raise InputError(
                f"metric = {rule.metric!r} is a {type(given).__name__}, neither a scorer nor a function",
                fix=f"give {FORMS}",
            )
    measure = replace(_measure(rule, given, ev), interval=rule.interval)
    if rule.threshold is not None and (ev.task != "binary" or not measure.judges_labels):
        raise InputError(
            f"threshold = {rule.threshold:g} does nothing to {measure.name} in a {ev.task} task",
            fix="remove it, or choose a metric of the labels of a binary task (f1, precision, recall, ...)",
        )
    return measure.name, with_measure(ev, replace(measure, threshold=rule.threshold))


def _measure(rule: Settings, given: Any, ev: Evaluation) -> Measure:
    name = metric_name(rule.metric if rule.metric is not None else given, rule.greater_is_better)
    if isinstance(given, str):
        if rule.greater_is_better is not None:
            raise InputError(
                f"greater_is_better is given, and the name {given!r} says already that higher is better",
                fix="remove it; it belongs to a function of your own",
            )
        return _named(rule, given, ev)
    params = dict(rule.metric_params)
    if _is_scorer(given):
        _refuse(rule.greater_is_better is not None, "greater_is_better", "a scorer knows its direction")
        _refuse(rule.response is not None, "response", "a scorer knows what it asks a model for")
        scorer = _with_params(given, params) if params else given
        labels_only = getattr(scorer, "_response_method", "") == "predict"
        return Measure(name=name, kind="scorer", target=scorer, judges_labels=labels_only and ev.labels is not None)
    response = rule.response or "predict"
    _fits(response, ev, name)
    return Measure(
        name=name,
        kind="function",
        target=given,
        params=params,
        response=response,
        sign=-1 if rule.greater_is_better is False else 1,
        judges_labels=response == "predict" and ev.labels is not None,
    )


def _refuse(wrong: bool, key: str, why: str) -> None:
    if wrong:
        raise InputError(f"{key} is given, and {why}", fix=f"remove {key}; it belongs to a function of your own")


def _fits(response: str, ev: Evaluation, name: str) -> None:
    if ev.labels is None and response != "predict":
        raise InputError(
            f"response = {response!r} for {name}, and the task is a {ev.task}", fix="use `predict`, or set `task`"
        )


def _named(rule: Settings, name: str, ev: Evaluation) -> Measure:
    from sklearn.metrics import get_scorer, get_scorer_names

    from pytest_mlgate.gates.baseline.ranking import is_ranking

    params, known = dict(rule.metric_params), name in get_scorer_names()
    if is_ranking(name):
        _refuse(bool(params), "metric_params", "a metric of rankings has its rank in its name: ndcg@10")
        return Measure(name=name)
    if name in OWN:
        _refuse(rule.response is not None, "response", f"{name} knows what it asks a model for")
        checked = _own_params(name, params)
        return Measure(name=name, kind="own", params=checked, bounded=name != "neg_mean_pinball_loss")
    scorer = get_scorer(name) if known else _of_function(name, rule.response)
    if scorer is None and params:
        raise InputError(
            f"metric = {name!r} takes no metric_params: it is neither a scorer nor a function of sklearn.metrics",
            fix="remove metric_params, or correct the name",
        )
    judges_labels = ev.labels is not None and getattr(scorer, "_response_method", "") == "predict"
    if scorer is None or (known and not params and rule.response is None):
        return Measure(name=name, judges_labels=judges_labels)
    for key in ("pos_label", "labels"):
        if key in params:
            raise InputError(
                f"metric_params names {key}, which follows from the task", fix="set `positive`, or give a scorer object"
            )
    if known and rule.response is not None:
        raise InputError(
            f"response = {rule.response!r}, and {name} knows what it asks a model for",
            fix="remove response; it belongs to a function of your own",
        )
    if params:
        scorer = _with_params(scorer, params)
    return Measure(name=name, kind="coded", target=scorer, judges_labels=judges_labels, bounded=scorer._sign > 0)


def _is_scorer(value: Any) -> bool:
    # scikit-learn has no public name for the type of its scorers; their signature is scorer(estimator, X, y)
    return hasattr(value, "_score_func") and hasattr(value, "_sign")


def _with_params(scorer: Any, params: Mapping[str, Any]) -> Any:
    """Return a copy of a scorer with more arguments for its function."""
    from sklearn.metrics import make_scorer

    taken = inspect.signature(scorer._score_func).parameters
    unknown = [key for key in params if key not in taken and not _takes_any(taken)]
    if unknown:
        allowed = [key for key in list(taken)[2:] if key not in ("sample_weight", "pos_label", "labels")]
        raise InputError(
            f"metric_params names {', '.join(unknown)}, which {scorer._score_func.__name__} does not take",
            fix=f"it takes {', '.join(allowed) or 'none'}",
        )
    return make_scorer(
        scorer._score_func,
        response_method=scorer._response_method,
        greater_is_better=scorer._sign > 0,
        **{**scorer._kwargs, **params},
    )


def _takes_any(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())


def _of_function(name: str, response: str | None) -> Any:
    """Return a scorer for a function of ``sklearn.metrics`` that has no scorer of its own; None where there is none."""
    from sklearn import metrics
    from sklearn.metrics import make_scorer

    loss = name.startswith("neg_")
    stem = name.removeprefix("neg_")
    ends = ("_loss", "_error", "_deviance") if loss else ("_score", "_corrcoef")
    found = next((n for n in (stem, *(stem + end for end in ends)) if n.endswith(ends) and hasattr(metrics, n)), None)
    if found is None:
        return None
    function = getattr(metrics, found)
    second = list(inspect.signature(function).parameters)[1]
    asked: dict[str, Any] = {"y_score": ("decision_function", "predict_proba"), "pred_decision": "decision_function"}
    asked |= dict.fromkeys(("y_proba", "y_prob"), "predict_proba")
    return make_scorer(function, response_method=response or asked.get(second, "predict"), greater_is_better=not loss)


def _own_params(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    known = OWN[name]
    for key in params:
        if key not in known:
            raise InputError(
                f"metric_params names {key}, which {name} does not take", fix=f"it takes {', '.join(known)}"
            )
    found = {**known, **params}
    for key, value in found.items():
        said = _wrong(key, value)
        if said:
            shown = "is missing" if value is None else f"= {value!r}"
            raise InputError(f"metric_params: {key} {shown} for {name}", fix=f"give {said}")
    return found


def _wrong(key: str, value: Any) -> str:
    """Return what an argument of an own metric must be; empty where it is."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    rules: dict[str, tuple[bool, str]] = {
        "alpha": (number and 0 < value < 1, "the quantile, between 0 and 1 (0.9, not 90)"),
        "recall": (number and 0 < value <= 1, "a recall above 0, at most 1 (0.8, not 80)"),
        "bins": (isinstance(value, int) and number and value >= 2, "a number of bins, at least 2"),
        "binning": (value in ("mass", "width"), '"mass" or "width"'),
        "k": (
            number and (0 < value < 1 if isinstance(value, float) else value >= 1),
            "a whole number of rows (100), or a share of them between 0 and 1 (0.05)",
        ),
    }
    fits, said = rules[key]
    return "" if fits else said
