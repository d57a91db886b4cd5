"""Which interval suits a metric, and the closed form for means of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.measures import by_name
from pytest_mlgate.gates.baseline.resampling import is_loss, row_losses

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
    from pytest_mlgate.stats.estimate import Estimate


def choose(metric: str, ev: Evaluation) -> str:
    """Return the interval that suits the metric and the rows, or the one that was asked for.

    Returns
    -------
    {"score", "delong", "t", "bootstrap"}

    Raises
    ------
    InputError
        Where the one that was asked for does not fit; the message names those that do.
    """
    asked = "auto" if ev.measure is None else ev.measure.interval
    plain = ev.weights is None and ev.clusters is None
    fits = ["bootstrap"] if ev.task != "ranking" else []
    if _counts_hits(metric, ev) or is_loss(metric, ev) or ev.task == "ranking":
        fits.insert(0, "t")
    if plain and _counts_hits(metric, ev):
        fits.insert(0, "score")
    if plain and by_name(ev) and metric == "roc_auc":
        fits.insert(0, "delong")
    if asked == "auto":
        return "bootstrap" if ev.clusters is not None else fits[0]
    if asked not in fits:
        rows = "" if plain else " of rows with weights" if ev.clusters is None else " of rows in groups"
        raise InputError(
            f'interval = "{asked}" does not fit {metric}{rows}',
            fix=f'set `interval` to "auto" or {" or ".join(f"{one!r}" for one in fits)}'.replace("'", '"'),
        )
    return asked


def _counts_hits(metric: str, ev: Evaluation) -> bool:
    """Whether each row is right or wrong, and the metric their share."""
    if ev.measure is not None and ev.measure.kind == "hits":
        return True
    return by_name(ev) and metric == "accuracy"


def miss(ev: Evaluation) -> int:
    """Return what a row that is wrong costs: 1 where a hit counts 0 (a score of which less is better), else 0."""
    return int(ev.task == "score" and not ev.y[0])


def paired_t(metric: str, ev: Evaluation, rows: NDArray[np.intp], level: float) -> tuple[list[float], Estimate]:
    """Return both models' mean and the t interval of the difference, over rows or groups, weighted or not."""
    import numpy as np

    from pytest_mlgate.stats import means
    from pytest_mlgate.stats.weighted import weighted_t_interval

    pair = [_row_scores(metric, ev, model)[rows] for model in (ev.candidate, ev.baseline)]
    values = [float(np.average(one, weights=_of(ev.weights, rows))) for one in pair]
    if ev.weights is None and ev.clusters is None and not _counts_hits(metric, ev):
        return values, means.paired_t_interval(-pair[0], -pair[1], level=level)
    delta = weighted_t_interval(
        pair[0] - pair[1],
        weights=_of(ev.weights, rows),
        groups=_of(ev.clusters, rows),
        level=level,
        method=_method("paired t", ev, rows),
        scale=1.0 if _counts_hits(metric, ev) else float(np.concatenate(pair).std()),
    )
    return values, delta


def own_t(metric: str, ev: Evaluation, rows: NDArray[np.intp], level: float) -> Estimate:
    """Return the candidate's own mean with its t interval."""
    from pytest_mlgate.stats import means
    from pytest_mlgate.stats.weighted import weighted_t_interval

    values = _row_scores(metric, ev, ev.candidate)[rows]
    if ev.weights is None and ev.clusters is None and not _counts_hits(metric, ev):
        return means.t_interval(values, level=level)
    return weighted_t_interval(
        values,
        weights=_of(ev.weights, rows),
        groups=_of(ev.clusters, rows),
        level=level,
        method=_method("t", ev, rows),
        scale=1.0 if _counts_hits(metric, ev) else float(values.std()),
    )


def clipped(metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> tuple[str, dict[str, dict[str, int]]]:
    """Return in words and counts where a model gave the true label a probability of 0; nothing where none did.

    The loss of such a row is infinite; it is clipped as scikit-learn clips it.
    """
    import numpy as np

    if metric != "neg_log_loss" or not by_name(ev):
        return "", {}
    found = {}
    for model in (ev.candidate, ev.baseline):
        zero = rows[model.predict_proba()[rows, ev.y[rows]] <= 0]
        if len(zero):
            found[model.name] = zero
    words = [
        f"the {name} gives the true label a probability of 0 on {len(zero)} rows "
        f"(first rows: {', '.join(map(str, zero[:5].tolist()))})"
        for name, zero in found.items()
    ]
    worst = -float(np.log(np.finfo(float).eps))
    note = f"{'; '.join(words)}: an infinite loss, clipped to {worst:.2f} as scikit-learn does" if words else ""
    return note, {"clipped_rows": {name: len(zero) for name, zero in found.items()}} if found else {}


def _row_scores(metric: str, ev: Evaluation, model: Answers) -> NDArray[np.float64]:
    import numpy as np

    if by_name(ev) and metric == "accuracy":
        return np.asarray(model.predict() == ev.y, dtype=float)
    return -row_losses(metric, ev, model)


def _of(column: NDArray[Any] | None, rows: NDArray[np.intp]) -> NDArray[Any] | None:
    return None if column is None else column[rows]


def _method(name: str, ev: Evaluation, rows: NDArray[np.intp]) -> str:
    import numpy as np

    if ev.clusters is not None:
        name += f" over {len(np.unique(ev.clusters[rows]))} groups"
    return name if ev.weights is None else f"{name}, weighted"
