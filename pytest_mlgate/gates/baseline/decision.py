"""From what both models answered to the checks of one entry: the whole holdout, floor, cap, slices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.by_slice import judge_slices
from pytest_mlgate.gates.baseline.confusion import confusion_evidence
from pytest_mlgate.gates.baseline.curves import curve_evidence
from pytest_mlgate.gates.baseline.flips import flip_evidence
from pytest_mlgate.gates.baseline.importance import IMPORTANCE, judge_importance
from pytest_mlgate.gates.baseline.importance import SUBJECT as DRIVERS
from pytest_mlgate.gates.baseline.intents import judge_intents
from pytest_mlgate.gates.baseline.measures import prepare
from pytest_mlgate.gates.baseline.segments import SEGMENTS, judge_segments
from pytest_mlgate.gates.baseline.segments import SUBJECT as WEAK
from pytest_mlgate.gates.baseline.slices import Partition, partitions
from pytest_mlgate.gates.baseline.smaller import LATENCY, SIZE, judge_latency, judge_size
from pytest_mlgate.gates.baseline.three_way import judge_one

if TYPE_CHECKING:
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation

MAIN = "MLG101"
_IDENTITY = ("engine", "read_from", "rows")  # of a table whose rows stay where they are: the verdict has it


def judge(rule: Settings, ev: Evaluation, inputs: Inputs) -> list[Check]:
    """Return the checks of one entry: the whole holdout first, then floor, cap and slices.

    Parameters
    ----------
    rule : Settings
        The gate's settings.
    ev : Evaluation
    inputs : Inputs
        What the gate was given, for the facts about columns, and for the models where they are asked again.

    Raises
    ------
    InputError
        Where the metric is unknown or cannot be computed.
    """
    import numpy as np

    metric, ev = prepare(rule, ev, inputs.facts.import_roots)
    metrics.check_metric(metric, ev)
    rows = np.arange(len(ev.y))
    reason = metrics.why_not(metric, ev, rows)
    if reason:
        raise InputError(
            f"{metric} cannot be computed on the holdout: {reason}",
            fix="give more labelled rows, and some of every label",
        )
    level = 1 - 0.1 / rule.candidates_seen
    whole = metrics.compare(metric, ev, rows, level=level, resamples=rule.resamples)
    parts = _partitions(rule, ev, inputs)
    check = judge_one(metric, whole, rule.margin, code=MAIN)
    checks = [replace(with_facts(check, rule, ev, inputs), evidence=_evidence(rule, ev, parts, inputs))]
    checks += judge_intents(rule, metric, ev, rows, whole, level)
    checks += _judge_smaller(rule, ev, inputs)
    if parts:
        checks += judge_slices(rule, metric, ev, level, parts)
    if rule.segments:
        checks.append(_or_error(SEGMENTS, WEAK, lambda: judge_segments(rule, metric, ev, inputs.facts)))
    if rule.importance:
        checks.append(_or_error(IMPORTANCE, DRIVERS, lambda: judge_importance(metric, inputs, ev.measure)))
    return checks


def _judge_smaller(rule: Settings, ev: Evaluation, inputs: Inputs) -> list[Check]:
    checks, size, latency = [], rule.max_size, rule.max_latency
    if size is not None:
        checks.append(_or_error(SIZE, "size", lambda: judge_size(size, inputs)))
    if latency is not None:
        checks.append(_or_error(LATENCY, "latency", lambda: judge_latency(rule, latency, ev, inputs)))
    return checks


def _evidence(rule: Settings, ev: Evaluation, parts: list[Partition], inputs: Inputs) -> dict[str, Any]:
    flips = flip_evidence(ev, parts, inputs.facts, limit=rule.broken_rows, show_rows=rule.show_rows)
    return {**flips, **confusion_evidence(ev, inputs.facts), **(curve_evidence(ev) if rule.curves else {})}


def _or_error(code: str, subject: str, make: Callable[[], Check]) -> Check:
    """Return the check, or that it could not be made, which takes nothing from the others."""
    try:
        return make()
    except InputError as error:
        return Check(code=code, subject=subject, outcome=Outcome.ERROR, message=error.message, fix=error.fix)


def _partitions(rule: Settings, ev: Evaluation, inputs: Inputs) -> list[Partition]:
    if not rule.slices:
        return []
    if ev.slices is None:
        raise InputError("slices are named and no table was given", fix="give the columns to slice by")
    return partitions(ev.slices, rule.slices, inputs.facts.import_roots)


def with_facts(check: Check, rule: Settings, ev: Evaluation, inputs: Inputs) -> Check:
    """Return the main check with what the gate knows beside the comparison."""
    from pytest_mlgate.artifacts.model import Model

    facts: dict[str, Any] = {"candidates_seen": rule.candidates_seen}
    if str(check.details["method"]).startswith("bootstrap"):
        facts.update(resamples=rule.resamples, seed=ev.seed)
    if ev.labels is not None and ev.task == "binary":
        facts["positive"] = ev.labels.names[-1]
    message = check.message
    if ev.no_baseline:
        facts["no_baseline"] = True
        message = f"no baseline: compared with a dummy; {message}"
    baseline = inputs.values.get("baseline")
    if isinstance(baseline, Model):  # arrays and estimators come from nowhere
        facts.update({key: said for key, said in baseline.provenance.items() if key not in _IDENTITY})
    if "golden" in facts:
        message += f"; baseline: golden since {facts['golden']['time'][:10]}, {facts['golden']['author']}"
    return replace(check, message=message, details={**check.details, **facts})
