"""The candidate's metrics on the holdout, of all rows and of groups: what a card's numbers are held against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import Measured, Value, folded
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Inputs
from pytest_mlgate.gates.card import values
from pytest_mlgate.gates.card.own import Prepared, own_metrics, prepared, query_of, task_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation

Wanted = tuple[str, str, str]
"""A metric, and the column and value of a group; both empty for all rows."""

_Ends = tuple[float | None, float | None, str]
"""Low and high end of an interval, and its method; none, none and nothing."""

MOST_LEVELS = 500


def evaluate(inputs: Inputs, threshold: float | None = None) -> Evaluation:
    """Return the holdout with the candidate's answers.

    Parameters
    ----------
    inputs : Inputs
        With ``candidate`` and ``holdout``.
    threshold : float or None
        The probability from which on a row counts as positive; None: the model's own labels.

    Raises
    ------
    InputError
        Where rows, labels or answers cannot be had.
    """
    from dataclasses import replace

    from pytest_mlgate.gates.baseline.evaluation import from_inputs

    candidate = inputs.model("candidate")
    facts = replace(inputs.facts, task=task_of(inputs.facts))
    both = replace(inputs, facts=facts, values={**inputs.values, "candidate": candidate, "baseline": candidate})
    ev = from_inputs(both, cluster=None, query=query_of(facts) if facts.task == "ranking" else None)
    if threshold is None or ev.task != "binary":
        return ev
    return replace(ev, candidate=ev.candidate.at_threshold(threshold))


def measure(
    inputs: Inputs,
    wanted: Iterable[Wanted],
    *,
    threshold: float | None = None,
    level: float | None = None,
    version: str | None = None,
) -> Measured:
    """Return values of the candidate on the holdout.

    Parameters
    ----------
    inputs : Inputs
        With ``candidate`` and ``holdout``.
    wanted : iterable of (str, str, str)
        What is asked for. A group whose column is not named is looked for in the columns that may hold groups.
    threshold : float or None
        As :func:`evaluate` takes it.
    level : float or None
        Two-sided level of the intervals; None: there are none, which is quicker.
    version : str or None
        Of the model.

    Returns
    -------
    Measured
        What could not be measured is in ``missing``, with the reason.
    """
    return measured_on(evaluate(inputs, threshold), inputs, wanted, level=level, version=version)


def measured_on(
    ev: Evaluation,
    inputs: Inputs,
    wanted: Iterable[Wanted],
    *,
    level: float | None = None,
    version: str | None = None,
) -> Measured:
    """Return values on an evaluation that :func:`evaluate` made; parameters as :func:`measure` takes them."""
    assert ev.slices is not None
    columns = _columns_of_groups(ev.slices, inputs.facts.groups)
    metrics = _Metrics(ev, inputs)
    found: list[Value] = []
    missing: dict[Wanted, str] = {}
    for key in dict.fromkeys(wanted):
        metric, column, group = key
        try:
            places = list(_rows(ev, columns, column, group))
            for name, level_name, rows in places:
                found += metrics.valued(metric, rows, name, level_name, level)
        except InputError as error:
            missing[key] = error.message
    digests = {name: str(each["digest"]) for name, each in inputs.identity.items() if each.get("digest")}
    groups = {name: tuple(levels) for name, (_, levels) in columns.items()}
    return Measured(
        values=tuple(found), groups=groups, all_groups=True, missing=missing, digests=digests, version=version
    )


def _columns_of_groups(frame: pd.DataFrame, named: Iterable[str]) -> dict[str, tuple[NDArray[Any], list[str]]]:
    """Return each column that may hold groups: which level each row has, and what the levels are called."""
    import pandas as pd

    found: dict[str, tuple[NDArray[Any], list[str]]] = {}
    others = [column for column in frame.columns if not pd.api.types.is_float_dtype(frame[column].dtype)]
    for column in dict.fromkeys((*named, *others)):
        if column not in frame.columns or pd.api.types.is_datetime64_any_dtype(frame[column].dtype):
            continue
        try:
            codes, levels = pd.factorize(frame[column], sort=False)
        except TypeError:  # lists, and what else has no hash
            continue
        if len(levels) <= MOST_LEVELS:
            found[str(column)] = (codes, [str(level) for level in levels])
    return found


def _rows(
    ev: Evaluation, columns: dict[str, tuple[NDArray[Any], list[str]]], column: str, group: str
) -> Iterator[tuple[str, str, NDArray[np.intp]]]:
    """Yield the rows of a group, in each column that has one of its name; all rows for none."""
    import numpy as np

    if not group:
        yield "", "", np.arange(len(ev.y))
        return
    named = [name for name in columns if folded(name) == folded(column)]
    places = [
        (name, code)
        for name in named or columns
        for code, level in enumerate(columns[name][1])
        if folded(level) == folded(group)
    ]
    if not places:
        where = f"column {named[0]!r}" if named else "column of groups"
        raise InputError(f"no {where} of the holdout has the value {group!r}", fix="name groups as the data do")
    for name, code in places:
        codes, levels = columns[name]
        yield name, levels[code], np.flatnonzero(codes == code)


class _Metrics:
    """Metrics by their names in a card: those that are known here, and those of the gates baseline."""

    def __init__(self, ev: Evaluation, inputs: Inputs) -> None:
        self.ev, self.roots = ev, inputs.facts.import_roots
        self.rules = {} if ev.task == "ranking" else own_metrics(inputs.facts)
        self.ready: dict[str, Prepared] = {}

    def valued(
        self, metric: str, rows: NDArray[np.intp], column: str, group: str, level: float | None
    ) -> Iterator[Value]:
        """Yield a metric's values on some rows, the first with its interval where there is one."""
        own = self.own(metric)
        found = values.values(metric, self.ev, rows) if own is None else {"": own.value(rows)}
        for variant, value in found.items():
            ends: _Ends = (None, None, "")
            if level is not None and not variant:
                ends = self.interval(metric, own, rows, level, of_group=bool(group))
            yield Value(
                metric=metric,
                variant=variant,
                column=column,
                group=group,
                value=value,
                low=ends[0],
                high=ends[1],
                level=None if ends[0] is None else level,
                method=ends[2],
                n=len(rows),
            )

    def own(self, metric: str) -> Prepared | None:
        """Return a metric of the user's own, ready to be computed; None for one that is known by its name."""
        if metric not in self.rules:
            return None
        if metric not in self.ready:
            self.ready[metric] = prepared(self.rules[metric], self.ev, self.roots)
        return self.ready[metric]

    def interval(
        self, metric: str, own: Prepared | None, rows: NDArray[np.intp], level: float, *, of_group: bool
    ) -> _Ends:
        """Return a value's interval; of a user's own metric, which is called a thousand times, of all rows only."""
        if own is None:
            return _interval(metric, self.ev, rows, level)
        return (None, None, "") if of_group else _ends(own.scorer, own.ev, rows, level, own.sign)


# Those with a closed interval, or one of sums of rows; a scorer that is called a thousand times takes too long.
_SCORERS = {
    "roc_auc": "roc_auc",
    "brier": "neg_brier_score",
    "log_loss": "neg_log_loss",
    "balanced_accuracy": "balanced_accuracy",
    "accuracy": "accuracy",
    "f1": "f1",
    "mae": "neg_mean_absolute_error",
    "mse": "neg_mean_squared_error",
    "rmse": "neg_root_mean_squared_error",
    "r2": "r2",
}
_RESAMPLES = 1000


def _interval(metric: str, ev: Evaluation, rows: NDArray[np.intp], level: float) -> _Ends:
    """Return the interval that the gate baseline would give, or that of a share; none where there is none."""
    from pytest_mlgate.stats.proportions import wilson_interval

    if values.is_share(metric, ev.task) and ev.weights is None:
        part, whole = values.counts(metric, ev.y[rows], ev.candidate.predict()[rows])
        if whole < 1:
            return None, None, ""
        found = wilson_interval(int(part), int(whole), level=level)
        return found.low, found.high, found.method
    if metric == "average_precision" and ev.task == "binary" and ev.weights is None:
        return _of_average_precision(ev, rows, level)
    scorer = metric if ev.task == "ranking" else _SCORERS.get(metric)
    if metric == "f1" and ev.task == "multiclass":
        scorer = "f1_macro"
    if scorer is None:
        return None, None, ""
    return _ends(scorer, ev, rows, level, -1 if scorer.startswith("neg_") else 1)


def _of_average_precision(ev: Evaluation, rows: NDArray[np.intp], level: float) -> _Ends:
    from pytest_mlgate.stats.average_precision import average_precision_interval

    try:
        found = average_precision_interval(ev.y[rows] == 1, ev.candidate.scores()[rows], level=level, seed=ev.seed)
    except ValueError:  # too few rows of a class
        return None, None, ""
    return found.low, found.high, found.method


def _ends(scorer: str, ev: Evaluation, rows: NDArray[np.intp], level: float, sign: int) -> _Ends:
    from pytest_mlgate.gates.baseline import metrics

    try:
        metrics.check_metric(scorer, ev)
        if metrics.why_not(scorer, ev, rows):
            return None, None, ""
        own = metrics.own(scorer, ev, rows, level=level, resamples=_RESAMPLES)
    except InputError:
        return None, None, ""
    low, high = sorted((sign * own.low, sign * own.high))
    return low, high, own.method
