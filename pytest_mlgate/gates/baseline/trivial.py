"""The trivial model: the best answer that looks at no feature, given to the same rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.baseline.answers import Answers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation

_MOST_LABELS = 20


def trivial_model(metric: str, ev: Evaluation) -> tuple[Answers, str]:
    """Return a model that answers every row alike, and in words what it answers.

    Labels: the one label that scores best by the metric. Probabilities: the classes' shares of the holdout. Values:
    the mean or the median of the target, whichever scores better; for the pinball loss its own quantile. Rankings:
    one score for all rows. It is chosen on the holdout itself, which makes it a little better than one of the
    training rows could be.

    Parameters
    ----------
    metric : str
    ev : Evaluation
    """
    import numpy as np

    if ev.task == "ranking":
        return _answers(ev, {"predict": np.zeros(len(ev.y))}), "one score for all rows"
    if ev.labels is None:
        constants = _constants(metric, ev)
        models = [_answers(ev, {"predict": np.full(len(ev.y), value)}) for value in constants.values()]
        best = _best(metric, ev, models)
        name, value = list(constants.items())[best]
        return models[best], f"the target's {name}, {value:.6g}, on every row"
    weights = np.ones(len(ev.y)) if ev.weights is None else ev.weights
    shares = np.bincount(ev.y, weights=weights, minlength=len(ev.labels.names)) / weights.sum()
    scored = _scored(ev, shares)
    if ev.measure is None or not ev.measure.judges_labels:
        return _answers(ev, {**scored, "predict": _label(ev, int(shares.argmax()))}), "the holdout's class shares"
    codes = np.argsort(-shares, kind="stable")[:_MOST_LABELS].tolist()
    models = [_answers(ev, {**scored, "predict": _label(ev, code)}) for code in codes]
    best = _best(metric, ev, models)
    return models[best], f"{ev.labels.names[codes[best]]!r} on every row"


def _constants(metric: str, ev: Evaluation) -> dict[str, float]:
    import numpy as np

    if ev.measure is not None and metric == "neg_mean_pinball_loss":
        alpha = ev.measure.params["alpha"]
        return {f"quantile at {alpha:g}": _quantile(ev, alpha)}
    return {"mean": float(np.average(ev.y, weights=ev.weights)), "median": _quantile(ev, 0.5)}


def _quantile(ev: Evaluation, share: float) -> float:
    """Return the smallest value that at least this share of the weight does not exceed."""
    import numpy as np

    order = np.argsort(ev.y, kind="stable")
    weights = np.ones(len(ev.y)) if ev.weights is None else ev.weights[order]
    mass = np.cumsum(weights)
    return float(ev.y[order][min(int(np.searchsorted(mass, share * mass[-1])), len(order) - 1)])


def _label(ev: Evaluation, code: int) -> NDArray[Any]:
    import numpy as np

    assert ev.labels is not None
    found = np.empty(len(ev.y), dtype=object)
    found[:] = [ev.labels.names[code]] * len(found)
    return found


def _scored(ev: Evaluation, shares: NDArray[Any]) -> dict[str, NDArray[Any]]:
    import numpy as np

    proba = np.tile(shares, (len(ev.y), 1))
    return {"predict_proba": proba, "decision_function": proba[:, -1] if ev.task == "binary" else proba}


def _answers(ev: Evaluation, given: dict[str, NDArray[Any]]) -> Answers:
    ask: dict[str, Callable[[], Any]] = {method: partial(_same, answer) for method, answer in given.items()}
    return Answers(name="trivial model", rows=len(ev.y), ask=ask, labels=ev.labels)


def _same(answer: NDArray[Any]) -> NDArray[Any]:
    return answer


def _best(metric: str, ev: Evaluation, models: Sequence[Answers]) -> int:
    """Return the number of the model that scores best on all rows; the first of those that score alike."""
    import numpy as np

    from pytest_mlgate.gates.baseline.resampling import values_of

    if len(models) == 1:
        return 0
    return int(np.argmax(values_of(metric, ev, tuple(models), np.arange(len(ev.y)))))
