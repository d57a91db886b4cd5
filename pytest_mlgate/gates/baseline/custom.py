"""Metrics that are asked for by more than a name, each as a function of row numbers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline import budgets

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
    from pytest_mlgate.gates.baseline.measures import Measure

    Score = Callable[[NDArray[np.intp]], float]


def row_score(measure: Measure, ev: Evaluation, model: Answers) -> Score:
    """Return a function from row numbers to the metric of one model on these rows, higher is better.

    Parameters
    ----------
    measure : Measure
        Of kind ``own`` (``recall_at_k``, ``precision_at_recall``), ``coded``, ``scorer`` or ``function``.
    ev : Evaluation
    model : Answers
        Asked here, once for all rows.

    Raises
    ------
    InputError
        Where the model cannot be asked so, or what was given takes no weights and there are some.
    """
    if measure.kind == "own":
        return _budget_score(measure, ev, model)
    if measure.kind == "function":
        return _function_score(measure, ev, model)
    proxy, truth = _proxy(model, ev, coded=measure.kind == "coded")
    return _scorer_score(measure.target, proxy, truth, ev.weights)


def named_score(metric: str, ev: Evaluation, model: Answers) -> Score:
    """Return the same for a scorer's name of scikit-learn."""
    from sklearn.metrics import get_scorer

    proxy, truth = _proxy(model, ev, coded=True)
    return _scorer_score(get_scorer(metric), proxy, truth, ev.weights)


def _scorer_score(scorer: Any, proxy: Any, truth: NDArray[Any], weights: NDArray[np.float64] | None) -> Score:
    def score(rows: NDArray[np.intp]) -> float:
        weighted = {} if weights is None else {"sample_weight": weights[rows]}
        return float(scorer(proxy, rows, truth[rows], **weighted))

    return score


def _function_score(measure: Measure, ev: Evaluation, model: Answers) -> Score:
    function = partial(measure.target, **measure.params) if measure.params else measure.target
    if ev.weights is not None and not _takes_weights(function):
        raise InputError(
            f"{measure.name} takes no sample_weight, and there are weights",
            fix="give it an argument sample_weight, or leave the weights out",
        )
    truth, answer = in_labels(ev, ev.y), _asked(measure.response or "predict", ev, model)

    def score(rows: NDArray[np.intp]) -> float:
        weighted = {} if ev.weights is None else {"sample_weight": ev.weights[rows]}
        return measure.sign * float(function(truth[rows], answer[rows], **weighted))

    return score


def _takes_weights(function: Any) -> bool:
    try:
        taken = inspect.signature(function).parameters
    except (TypeError, ValueError):  # some functions of compiled modules have none that can be read
        return True
    return "sample_weight" in taken or any(p.kind is inspect.Parameter.VAR_KEYWORD for p in taken.values())


def _asked(response: str, ev: Evaluation, model: Answers) -> NDArray[Any]:
    """What a user's function is given: labels, the probability or score of the positive class, or a column a class."""
    if response == "predict":
        return in_labels(ev, model.predict())
    if response == "decision_function":
        return model.scores() if ev.task == "binary" else model.decision_function()
    proba = model.predict_proba()
    return proba[:, -1] if ev.task == "binary" else proba[:, _sorted_columns(ev)]


def in_labels(ev: Evaluation, codes: NDArray[Any]) -> NDArray[Any]:
    """Return the labels that codes stand for, in an array of their own type; numbers of a regression as they are."""
    import numpy as np

    if ev.labels is None:
        return codes
    names = list(ev.labels.names)
    kinds = {type(name) for name in names}
    array = np.array(names) if len(kinds) == 1 and kinds <= {int, float, str, bool} else np.array(names, dtype=object)
    return np.asarray(array[codes])


def _sorted_columns(ev: Evaluation) -> list[int]:
    """Numbers of the columns of probabilities in the order of the sorted labels, as scikit-learn has them."""
    assert ev.labels is not None
    names = list(ev.labels.names)
    try:
        return sorted(range(len(names)), key=names.__getitem__)
    except TypeError:  # labels of types that do not compare: their own order
        return list(range(len(names)))


def _budget_score(measure: Measure, ev: Evaluation, model: Answers) -> Score:
    import numpy as np

    truth, scores = ev.y == 1, model.scores()

    def score(rows: NDArray[np.intp]) -> float:
        weights = np.ones(len(rows)) if ev.weights is None else ev.weights[rows]
        if measure.name == "recall_at_k":
            return budgets.recall_at_k(truth[rows], scores[rows], measure.params["k"], weights)
        return budgets.precision_at_recall(truth[rows], scores[rows], measure.params["recall"], weights)

    return score


def _proxy(model: Answers, ev: Evaluation, *, coded: bool) -> tuple[Any, NDArray[Any]]:
    """Return an estimator that answers row numbers with what the model said about these rows, and the truth.

    scikit-learn's scorers ask an estimator for its tags, so a plain object will not do. ``coded``: labels are codes,
    the positive class 1; else they are the labels themselves, classes in sorted order.
    """
    import numpy as np
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin

    class Proxy(RegressorMixin if ev.labels is None else ClassifierMixin, BaseEstimator):  # type: ignore[misc] # chosen by task
        def __sklearn_is_fitted__(self) -> bool:
            return True

    proxy = Proxy()
    plain = coded or ev.labels is None
    columns = None if plain else _sorted_columns(ev)
    for method in ("predict", "predict_proba", "decision_function"):
        if model.has(method):
            setattr(proxy, method, _named(method, partial(_answer, model, ev, method, columns)))
    if ev.labels is None:
        return proxy, ev.y
    labels = np.arange(len(ev.labels.names))
    proxy.classes_ = labels if columns is None else in_labels(ev, labels[columns])
    return proxy, ev.y if columns is None else in_labels(ev, ev.y)


def _answer(model: Answers, ev: Evaluation, method: str, columns: list[int] | None) -> NDArray[Any]:
    answer: NDArray[Any] = getattr(model, method)()
    if columns is None:
        return answer
    if method == "predict":
        return in_labels(ev, answer)
    if answer.ndim == 2:
        return answer[:, columns]
    return answer if columns == sorted(columns) else -answer  # a scorer turns it round for the smaller label


def _named(method: str, answer: Callable[[], NDArray[Any]]) -> Callable[[NDArray[np.intp]], NDArray[Any]]:
    def ask(rows: NDArray[np.intp]) -> NDArray[Any]:
        return answer()[rows]

    ask.__name__ = method  # scorers choose a method by this name
    return ask
