"""What else may be asked of a candidate: an improvement, equivalence, a floor, a cap, more than a trivial model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.three_way import rows_needed
from pytest_mlgate.gates.baseline.trivial import trivial_model
from pytest_mlgate.gates.baseline.words import grouped, interval, limits, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.metrics import Comparison
    from pytest_mlgate.stats.estimate import Estimate

FLOOR, CAP, IMPROVEMENT, TRIVIAL, EQUIVALENCE = "MLG104", "MLG105", "MLG106", "MLG107", "MLG108"


def judge_intents(
    rule: Settings, metric: str, ev: Evaluation, rows: NDArray[np.intp], whole: Comparison, level: float
) -> list[Check]:
    """Return one check for each intent that the settings name, and that against the trivial model.

    Parameters
    ----------
    rule : Settings
        ``floor``, ``cap``, ``improvement``, ``equivalence`` and ``trivial``.
    metric : str
    ev : Evaluation
    rows : array of int
        All rows.
    whole : Comparison
        Of candidate and baseline on these rows.
    level : float
        Two-sided level of the intervals.
    """

    def own() -> Estimate:
        return metrics.own(metric, ev, rows, level=level, resamples=rule.resamples)

    return intents(rule, metric, whole, own, lambda: _judge_trivial(rule, metric, ev, rows, level), ev.no_baseline)


def intents(
    rule: Settings,
    metric: str,
    whole: Comparison,
    own: Callable[[], Estimate],
    trivial: Callable[[], Check],
    no_baseline: bool,
) -> list[Check]:
    """Return the same checks, with the candidate's own metric and the trivial model as functions."""
    checks = []
    if rule.improvement is not None:
        checks.append(_judge_improvement(metric, whole, rule.improvement))
    if rule.equivalence is not None:
        checks.append(_judge_equivalence(metric, whole, rule.equivalence))
    if rule.floor is not None:
        checks.append(_judge_floor(metric, own(), rule.floor, whole.unit))
    if rule.cap is not None:
        checks.append(_judge_cap(metric, whole.delta, rule.cap))
    if not no_baseline:
        found = trivial()
        warned = rule.trivial == "warn" and found.outcome is not Outcome.ERROR
        checks.append(replace(found, severity=max(found.severity, Severity.WARN, key=_ORDER)) if warned else found)
    return checks


_ORDER: Callable[[Severity], int] = list(Severity).index


def above(value: Estimate, bound: float) -> Outcome:
    """Return pass where the lower limit is above the bound, fail where the upper one is below it."""
    if value.low > bound:
        return Outcome.PASS
    return Outcome.FAIL if value.high < bound else Outcome.INCONCLUSIVE


def _judge_improvement(metric: str, whole: Comparison, improvement: float) -> Check:
    delta = whole.delta
    outcome = above(delta, improvement)
    message = f"{_values(whole)}; asked for an improvement of {improvement:g}"
    return _check(
        IMPROVEMENT,
        "improvement",
        outcome,
        message + _rows_said(outcome, delta, improvement, whole.unit),
        "keep the baseline, improve the candidate, or ask for less: lower `improvement`",
        delta,
        improvement,
        {"metric": metric, **_needed(outcome, delta, improvement)},
        p=delta.p_below(improvement),
    )


def _judge_equivalence(metric: str, whole: Comparison, bound: float) -> Check:
    """Two one-sided tests (Schuirmann 1987): equivalent where the whole interval lies within the bound."""
    from pytest_mlgate.stats.equivalence import equivalence_p

    delta = whole.delta
    inside, outside = -bound < delta.low and delta.high < bound, delta.low > bound or delta.high < -bound
    outcome = Outcome.PASS if inside else Outcome.FAIL if outside else Outcome.INCONCLUSIVE
    nearest = bound if delta.estimate >= 0 else -bound
    message = f"{_values(whole)}; equivalent within ±{bound:g}" if inside else f"{_values(whole)}; asked for ±{bound:g}"
    return _check(
        EQUIVALENCE,
        "equivalence",
        outcome,
        message + _rows_said(outcome, delta, nearest, whole.unit),
        "find out where the models answer differently (rows that it fixed and broke), or widen `equivalence`",
        delta,
        bound,
        {"metric": metric, "p_equivalence": equivalence_p(delta, bound), **_needed(outcome, delta, nearest)},
    )


def _judge_floor(metric: str, value: Estimate, floor: float, unit: str) -> Check:
    outcome = above(value, floor)
    message = f"{metric} {number(value.estimate)} {limits(value, sign=False)}; floor {floor:g}"
    return _check(
        FLOOR,
        "floor",
        outcome,
        message + _rows_said(outcome, value, floor, unit),
        "improve the candidate, give more labelled rows, or lower `floor`",
        value,
        floor,
        {"metric": metric, **_needed(outcome, value, floor)},
        p=value.p_below(floor),
    )


def _judge_cap(metric: str, delta: Estimate, cap: float) -> Check:
    outcome, severity = Outcome.PASS, Severity.BLOCK
    message = f"delta {number(delta.estimate, sign=True)} {limits(delta)}; cap {cap:g}"
    if delta.low > cap:
        outcome = Outcome.FAIL
        message += "; an improvement of this size is suspicious: does a feature know the answer?"
    elif delta.estimate > cap:
        outcome, severity = Outcome.INCONCLUSIVE, Severity.WARN
        message += "; above the cap, but not for certain"
    fix = (
        "look for a feature that is known only after the fact, and for rows of "
        "the holdout in the training data; if the improvement is real, raise `cap` and say why"
    )
    return replace(_check(CAP, "cap", outcome, message, fix, delta, cap, {"metric": metric}), severity=severity)


def _judge_trivial(rule: Settings, metric: str, ev: Evaluation, rows: NDArray[np.intp], level: float) -> Check:
    import numpy as np

    def compared() -> tuple[Comparison, str]:
        trivial, words = trivial_model(metric, ev)
        other = replace(ev, baseline=trivial)
        return metrics.compare(metric, other, rows, level=level, resamples=rule.resamples), words

    only = None if ev.labels is None else np.unique(ev.y).tolist()
    return trivial_check(metric, ev, only, compared)


def trivial_check(
    metric: str, ev: Evaluation, codes: Sequence[int] | None, compare: Callable[[], tuple[Comparison, str]]
) -> Check:
    """Return the check against the trivial model, or why there is none.

    Parameters
    ----------
    metric : str
    ev : Evaluation
    codes : sequence of int or None
        The labels that occur; None where there are none.
    compare : callable
        Returns the comparison, and in words what the trivial model answers.
    """
    if ev.task == "score":
        return _skip("each row comes with its score, and a constant answer has none")
    if ev.labels is not None and codes is not None and len(codes) == 1:
        label = ev.labels.names[codes[0]]
        return _skip(f"every row has the label {label!r}, so that always saying so is right by construction")
    if metric == "recall":
        return _skip("a model that calls every row positive has a recall of 1: recall alone tells no model from it")
    try:
        found, words = compare()
    except InputError as error:  # takes nothing from the other checks
        return Check(code=TRIVIAL, subject="trivial", outcome=Outcome.ERROR, message=error.message, fix=error.fix)
    outcome = above(found.delta, 0.0)
    message = f"{_values(found)}; the trivial model says {words}"
    return _check(
        TRIVIAL,
        "trivial",
        outcome,
        message + _rows_said(outcome, found.delta, 0.0, found.unit),
        "look for labels or rows that are mixed up; a model that is no better than a constant is not worth running",
        found.delta,
        0.0,
        {"metric": metric, "trivial": words, "value": found.baseline, **_needed(outcome, found.delta, 0.0)},
        p=found.delta.p_below(0.0),
    )


def _skip(why: str) -> Check:
    return Check(
        code=TRIVIAL,
        subject="trivial",
        outcome=Outcome.SKIP,
        severity=Severity.NOTE,
        message=f"not compared with a trivial model: {why}",
    )


def _values(found: Comparison) -> str:
    delta = found.delta
    both = f"{number(found.candidate)} vs {number(found.baseline)}"
    return f"{both}, delta {number(delta.estimate, sign=True)} {limits(delta)}"


def _rows_said(outcome: Outcome, value: Estimate, bound: float, unit: str) -> str:
    if outcome is not Outcome.INCONCLUSIVE:
        return ""
    needed = rows_needed(value, bound)
    if needed is None:
        return f"; not settled: so near to {bound:g} that no number of {unit} is known to settle it"
    return f"; not settled: about {grouped(needed)} {unit} would settle it ({grouped(value.n)} here)"


def _needed(outcome: Outcome, value: Estimate, bound: float) -> dict[str, Any]:
    return {"rows_to_settle": rows_needed(value, bound)} if outcome is Outcome.INCONCLUSIVE else {}


def _check(
    code: str,
    subject: str,
    outcome: Outcome,
    message: str,
    fix: str,
    value: Estimate,
    limit: float,
    details: dict[str, Any],
    *,
    p: float | None = None,
) -> Check:
    if outcome is Outcome.INCONCLUSIVE and "rows_to_settle" in details:
        fix = f"give the holdout more labelled rows; or {fix}"
    return Check(
        code=code,
        subject=subject,
        outcome=outcome,
        message=message,
        fix="" if outcome is Outcome.PASS else fix,
        observed=value.estimate,
        limit=limit,
        interval=interval(value),
        p=p,
        n=value.n,
        details={**details, "method": value.method},
    )
