"""Concept drift: the candidate's metric over windows of labelled rows, against its value at training time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.base import Inputs
from pytest_mlgate.gates.drift.concept_report import SUBJECT, checks_of, errors_of, waits_for_labels
from pytest_mlgate.gates.drift.order import moments
from pytest_mlgate.gates.drift.rows import free_subject, rows_of
from pytest_mlgate.gates.drift.windows import Window, by_rows, by_time

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.drift.concept_settings import ConceptSettings
    from pytest_mlgate.gates.drift.sides import Side
    from pytest_mlgate.stats.estimate import Estimate

LEVEL = 0.9
"""Two-sided level of every interval: a pair of one-sided 95 % limits."""
_WINDOW, _ROWS = "30 days", 5000


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """Labelled rows of the current table, their time where it is known, and how many rows were left out."""

    frame: pd.DataFrame
    times: NDArray[np.float64] | None
    unlabelled: int
    undated: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """One window's metric, that at training time, and their difference."""

    window: Window
    value: Estimate
    training: Estimate
    delta: Estimate
    p_adjusted: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Series:
    """All windows, the oldest first: those that were measured, and those that are too small, each with the reason."""

    metric: str
    measured: Sequence[Measured]
    small: Sequence[tuple[Window, str]]
    labelled: Labelled


def judge_concept(reference: Side, current: Side, rule: ConceptSettings, inputs: Inputs) -> list[Check]:
    """Return the check of all windows, and one that names those that are too small.

    Parameters
    ----------
    reference, current : Side
        Only the rows of the current one are used.
    rule : ConceptSettings
    inputs : Inputs
        ``candidate``, and ``holdout`` where no value at training time is given.
    """
    subject = free_subject(SUBJECT, reference, current)
    try:
        found = _labelled(current, rule, inputs.facts)
        if isinstance(found, str):
            return [waits_for_labels(subject, found)]
        return checks_of(subject, _measure(found, rule, inputs), rule)
    except InputError as error:  # takes nothing from the columns
        return [errors_of(subject, error)]


def _labelled(current: Side, rule: ConceptSettings, facts: Facts) -> Labelled | str:
    """Return the rows whose label, and time where there is one, is known; or why there are no labels."""
    import numpy as np

    if facts.target is None:
        raise InputError("no target is configured", fix="set `target` in [data] to the column of the labels")
    if facts.target not in current.columns:
        return f"the target is not in {current.name}"
    frame = rows_of(current, what="[gates.drift.concept]").reset_index(drop=True)
    known = frame[facts.target].notna()
    unlabelled = int((~known).sum())
    if unlabelled == len(frame):
        return f"no row of {current.name} has a label yet"
    if facts.time is None or facts.time not in frame.columns:
        if rule.window is not None:
            what = "no time column is configured" if facts.time is None else f"current has no column {facts.time!r}"
            raise InputError(
                f"concept: window = {rule.window!r} needs the time of each row, and {what}",
                fix="set `time` in [data], or `rows = 5000` in place of `window`",
            )
        return Labelled(frame=frame[known].reset_index(drop=True), times=None, unlabelled=unlabelled)
    hidden = facts.time in facts.sensitive
    times = moments(frame[facts.time], table=current.name, hidden=hidden, what="concept drift")
    dated = known & ~np.isnan(times)
    if not dated.any():
        raise InputError(
            f"concept: no labelled row of {current.name} has a time in {facts.time!r}",
            fix="mend the column, or take `time` out of [data] and set `rows = 5000`",
        )
    return Labelled(
        frame=frame[dated].reset_index(drop=True),
        times=times[dated.to_numpy()],
        unlabelled=unlabelled,
        undated=int(known.sum() - dated.sum()),
    )


def _measure(found: Labelled, rule: ConceptSettings, inputs: Inputs) -> Series:
    from pytest_mlgate.gates.baseline import metrics
    from pytest_mlgate.stats.mover import mover_difference
    from pytest_mlgate.stats.multiplicity import holm

    inputs = _with_model(inputs)
    training = None
    if rule.value is None:
        inputs, training = _on_holdout(rule, inputs)
    metric, now = _prepared(rule, inputs, found.frame, "current")
    windows = _windows(found, rule, hidden=inputs.facts.time in inputs.facts.sensitive)
    hidden = _hidden_labels(inputs)
    reasons = [_why_small(metric, now, window, rule, hidden=hidden) for window in windows]
    large = [window for window, why in zip(windows, reasons, strict=True) if not why]
    values = [metrics.own(metric, now, window.rows, level=LEVEL, resamples=rule.resamples) for window in large]
    before = [training or _given(rule, value) for value in values]
    deltas = [mover_difference(*pair) for pair in zip(values, before, strict=True)]
    adjusted = holm([delta.p_below(-rule.margin) for delta in deltas]).tolist()
    measured = [
        Measured(window=window, value=value, training=then, delta=delta, p_adjusted=p)
        for window, value, then, delta, p in zip(large, values, before, deltas, adjusted, strict=True)
    ]
    small = [(window, why) for window, why in zip(windows, reasons, strict=True) if why]
    return Series(metric=metric, measured=measured, small=small, labelled=found)


def _with_model(inputs: Inputs) -> Inputs:
    """Return inputs with the candidate as a handle, in both places of a pair: the baseline's is not asked."""
    if not inputs.given("candidate"):
        raise InputError(
            "concept drift is asked for, and there is no candidate to ask",
            fix="set `candidate` under [model] (or give `candidate=`), or take [gates.drift.concept] out",
        )
    if inputs.facts.task == "ranking":
        raise InputError("concept drift is not judged for rankings", fix="take [gates.drift.concept] out")
    model = inputs.model("candidate")
    return replace(inputs, values={**inputs.values, "candidate": model, "baseline": model})


def _on_holdout(rule: ConceptSettings, inputs: Inputs) -> tuple[Inputs, Estimate]:
    """Return the metric on the holdout, and inputs with the task that was found there, for both tables alike."""
    import numpy as np

    from pytest_mlgate.gates.baseline import metrics

    if not inputs.given("holdout"):
        raise InputError(
            "concept drift needs the metric at training time, and there is no holdout to measure it on",
            fix="set `holdout` under [data] (or give `holdout=`), or `value` (and `n`) under [gates.drift.concept]",
        )
    metric, then = _prepared(rule, inputs, inputs.table("holdout"), "holdout")
    every = np.arange(len(then.y))
    why = _why_not(metric, then, every, hidden=_hidden_labels(inputs))
    if why:
        raise InputError(
            f"{metric} cannot be computed on the holdout: {why}", fix="give more labelled rows, or `value`"
        )
    inputs = replace(inputs, facts=replace(inputs.facts, task=then.task))
    return inputs, metrics.own(metric, then, every, level=LEVEL, resamples=rule.resamples)


def _prepared(rule: ConceptSettings, inputs: Inputs, frame: pd.DataFrame, table: str) -> tuple[str, Evaluation]:
    from pytest_mlgate.gates.baseline.evaluation import from_inputs
    from pytest_mlgate.gates.baseline.measures import prepare
    from pytest_mlgate.gates.baseline.metrics import check_metric

    try:
        ev = from_inputs(replace(inputs, values={**inputs.values, table: frame}), cluster=None, table=table)
    except InputError as error:
        if not _hidden_labels(inputs):
            raise
        text = f"the labels of {table} cannot be judged (the target is sensitive, so no more is told)"
        raise InputError(text, fix=error.fix) from None
    metric, ev = prepare(rule.of_metric(), ev, inputs.facts.import_roots)
    check_metric(metric, ev)
    return metric, ev


def _windows(found: Labelled, rule: ConceptSettings, *, hidden: bool) -> list[Window]:
    if found.times is None or rule.rows is not None:
        windows = by_rows(len(found.frame), rule.rows or _ROWS, found.times)
    else:
        windows = by_time(found.times, rule.window or _WINDOW)
    if not hidden:
        return windows
    return [replace(window, name=f"window {k}", start="", end="") for k, window in enumerate(windows, start=1)]


def _hidden_labels(inputs: Inputs) -> bool:
    return inputs.facts.target in inputs.facts.sensitive


def _why_not(metric: str, ev: Evaluation, rows: NDArray[np.intp], *, hidden: bool) -> str:
    from pytest_mlgate.gates.baseline import metrics

    why = metrics.why_not(metric, ev, rows)
    return f"{len(rows)} rows of too few labels" if why and hidden else why  # it may quote a label


def _why_small(metric: str, ev: Evaluation, window: Window, rule: ConceptSettings, *, hidden: bool) -> str:
    import numpy as np

    count = len(window.rows)
    if count < rule.min_rows:
        return f"{count} labelled rows, fewer than min_rows = {rule.min_rows}"
    if ev.task == "binary" and ev.labels is not None and len(ev.labels.names) == 2:
        fewest = int(np.bincount(ev.y[window.rows], minlength=2).min())
        if fewest < rule.min_class_rows:
            return f"{fewest} rows of one class, fewer than min_class_rows = {rule.min_class_rows}"
    return _why_not(metric, ev, window.rows, hidden=hidden)


def _given(rule: ConceptSettings, value: Estimate) -> Estimate:
    """Return the value that the settings name: exact, or on ``n`` rows as uncertain as the window's own would be."""
    assert rule.value is not None
    scale = 0.0 if rule.n is None else (value.n / rule.n) ** 0.5
    return replace(
        value,
        estimate=rule.value,
        low=rule.value - scale * (value.estimate - value.low),
        high=rule.value + scale * (value.high - value.estimate),
        n=rule.n or value.n,
    )
