"""From a comparison to checks: the three-way rule, slices, floor and cap, and their words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Interval, Outcome, Severity
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.slices import Slice, find_slices

if TYPE_CHECKING:
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.metrics import Comparison
    from pytest_mlgate.stats.estimate import Estimate

MAIN, SLICE, SMALL, FLOOR, CAP = "MLG101", "MLG102", "MLG103", "MLG104", "MLG105"
POOLED = "(small slices)"
_MANY_ROWS = 1e9


def judge(rule: Settings, metric: str | None, ev: Evaluation) -> list[Check]:
    """Return the checks of one entry: the whole holdout first, then floor, cap and slices.

    Parameters
    ----------
    rule : Settings
        The gate's settings.
    metric : str or None
        A scorer's name; None: by task.
    ev : Evaluation

    Raises
    ------
    InputError
        Where the metric is unknown or cannot be computed.
    """
    import numpy as np

    metric = metric or metrics.default_metric(ev)
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
    check = judge_one(metric, whole, rule.margin, code=MAIN)
    checks = [_with_facts(check, rule, ev)]
    if rule.floor is not None:
        value = metrics.own(metric, ev, rows, level=level, resamples=rule.resamples)
        checks.append(_judge_floor(metric, value, rule.floor))
    if rule.cap is not None:
        checks.append(_judge_cap(metric, whole.delta, rule.cap))
    if rule.slices:
        checks += _judge_slices(rule, metric, ev, level)
    return checks


def judge_one(
    metric: str, found: Comparison, margin: float, *, code: str, subject: str = "", p_adjusted: float | None = None
) -> Check:
    """Return the check of one comparison.

    A pass where the lower limit is above ``-margin``, a fail where the upper one is below it, else inconclusive.
    With ``p_adjusted`` given, that value decides the fail side in place of the upper limit.
    """
    delta = found.delta
    alpha = (1 - delta.level) / 2
    below = delta.high < -margin if p_adjusted is None else p_adjusted < alpha
    outcome = Outcome.PASS if delta.low > -margin else Outcome.FAIL if below else Outcome.INCONCLUSIVE
    message = (
        f"{number(found.candidate)} vs {number(found.baseline)}, delta {number(delta.estimate, sign=True)} "
        f"{limits(delta)}; margin {margin:g}"
    )
    details = _details(metric, found, margin)
    fix = ""
    if outcome is Outcome.INCONCLUSIVE:
        needed = _rows_to_settle(found, margin)
        details["rows_to_settle"] = needed
        message += _unsettled(found, margin, needed)
        fix = "give the holdout more labelled rows" + (f", about {grouped(needed)} {found.unit}" if needed else "")
        fix += "; or widen `margin`, if a difference of that size does not matter"
    elif outcome is Outcome.FAIL:
        fix = "keep the baseline, or find out what the candidate lost: compare the rows that it broke, slice by slice"
    return Check(
        code=code,
        subject=subject,
        outcome=outcome,
        message=message,
        fix=fix,
        observed=delta.estimate,
        limit=-margin,
        interval=interval(delta),
        p=delta.p_below(-margin),
        p_adjusted=p_adjusted,
        n=found.rows,
        details=details,
    )


def _unsettled(found: Comparison, margin: float, needed: int | None) -> str:
    delta = found.delta
    words = ""
    if delta.high < -margin:
        words = "; below the margin by itself, not after adjustment for the number of slices"
    elif delta.high < 0:
        words = "; worse for certain; whether by more than the margin is not settled"
    else:
        words = "; not settled"
    if needed is None:
        return f"{words}: the difference is so near the margin that no number of {found.unit} is known to settle it"
    return f"{words}: about {grouped(needed)} {found.unit} would settle it ({grouped(delta.n)} here)"


def _rows_to_settle(found: Comparison, margin: float) -> int | None:
    from pytest_mlgate.stats.power import rows_to_settle

    delta = found.delta
    return _whole(rows_to_settle(delta.n, delta.estimate, delta.low, delta.high, -margin, level=delta.level))


def _whole(rows: float) -> int | None:
    """Round up to three digits, which is more than is known; None for more rows than anyone has."""
    if not rows < _MANY_ROWS:
        return None
    step: int = 10 ** max(len(str(math.ceil(rows))) - 3, 0)
    return max(math.ceil(rows / step) * step, 1)


def _details(metric: str, found: Comparison, margin: float) -> dict[str, Any]:
    from pytest_mlgate.stats import power
    from pytest_mlgate.stats.estimate import normal_quantile

    delta = found.delta
    variance = delta.n * ((delta.high - delta.low) / (2 * normal_quantile(delta.level))) ** 2
    equal = power.rows_for_power(variance, margin, level=delta.level)
    details: dict[str, Any] = {
        "metric": metric,
        "candidate": found.candidate,
        "baseline": found.baseline,
        "method": delta.method,
        "rows_for_equal_models": _whole(equal),
        "detectable_difference": power.detectable_difference(variance, delta.n, level=delta.level),
    }
    if found.fixed is not None and found.broken is not None:
        details["flips"] = {"fixed": found.fixed, "broken": found.broken}
        details["discordant_rows"] = found.fixed + found.broken
    return details


def _with_facts(check: Check, rule: Settings, ev: Evaluation) -> Check:
    facts: dict[str, Any] = {"candidates_seen": rule.candidates_seen}
    if str(check.details["method"]).startswith("bootstrap"):
        facts.update(resamples=rule.resamples, seed=ev.seed)
    if ev.labels is not None and ev.task == "binary":
        facts["positive"] = ev.labels.names[-1]
    message = check.message
    if ev.no_baseline:
        facts["no_baseline"] = True
        message = f"no baseline: compared with a dummy; {message}"
    return replace(check, message=message, details={**check.details, **facts})


def _judge_floor(metric: str, value: Estimate, floor: float) -> Check:
    outcome = Outcome.PASS if value.low > floor else Outcome.FAIL if value.high < floor else Outcome.INCONCLUSIVE
    message = f"{metric} {number(value.estimate)} {limits(value, sign=False)}; floor {floor:g}"
    if outcome is Outcome.INCONCLUSIVE:
        message += f"; not settled with {grouped(value.n)} rows"
    return Check(
        code=FLOOR,
        subject="floor",
        outcome=outcome,
        message=message,
        fix="" if outcome is Outcome.PASS else "improve the candidate, give more labelled rows, or lower `floor`",
        observed=value.estimate,
        limit=floor,
        interval=interval(value),
        p=value.p_below(floor),
        n=value.n,
        details={"metric": metric, "method": value.method},
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
    return Check(
        code=CAP,
        subject="cap",
        outcome=outcome,
        severity=severity,
        message=message,
        fix=""
        if outcome is Outcome.PASS
        else "look for a feature that is known only after the fact, and for rows of "
        "the holdout in the training data; if the improvement is real, raise `cap` and say why",
        observed=delta.estimate,
        limit=cap,
        interval=interval(delta),
        n=delta.n,
        details={"metric": metric, "method": delta.method},
    )


def _judge_slices(rule: Settings, metric: str, ev: Evaluation, level: float) -> list[Check]:
    import numpy as np

    if ev.slices is None:
        raise InputError("slices are named and no table was given", fix="give the columns to slice by")
    binary = ev.y if ev.task == "binary" else None
    found = find_slices(ev.slices, rule.slices, binary, min_rows=rule.min_rows, min_class_rows=rule.min_class_rows)
    found = [s if s.small else replace(s, small=metrics.why_not(metric, ev, s.rows)) for s in found]
    small = [s for s in found if s.small]
    named = [_small_check(s, rule) for s in small]
    large = [s for s in found if not s.small]
    if small:
        pooled = Slice(subject=POOLED, rows=np.unique(np.concatenate([s.rows for s in small])))
        reason = metrics.why_not(metric, ev, pooled.rows)
        if reason:
            named.append(_small_check(replace(pooled, small=reason), rule))
        else:
            large.append(pooled)
    compared, broken = [], []
    for part in large:
        try:
            found_here = metrics.compare(metric, ev, part.rows, level=level, resamples=rule.resamples)
            compared.append((part, found_here))
        except InputError as error:
            broken.append(_error_check(part, error))
    return broken + _settle(rule, metric, compared) + named


def _settle(rule: Settings, metric: str, compared: Sequence[tuple[Slice, Comparison]]) -> list[Check]:
    """Judge slices together: each by its own limit for passing, by Holm's adjusted p for failing."""
    from pytest_mlgate.stats.multiplicity import holm

    if not compared:
        return []
    margin = rule.margin if rule.slice_margin is None else rule.slice_margin
    adjusted = holm([found.delta.p_below(-margin) for _, found in compared])
    checks = []
    for (part, found), p in zip(compared, adjusted.tolist(), strict=True):
        code = SMALL if part.subject == POOLED else SLICE
        check = judge_one(metric, found, margin, code=code, subject=part.subject, p_adjusted=p)
        if check.outcome is Outcome.INCONCLUSIVE and not rule.slices_must_pass:
            check = replace(check, severity=Severity.WARN)
        checks.append(check)
    return checks


def _error_check(part: Slice, error: InputError) -> Check:
    return Check(
        code=SMALL if part.subject == POOLED else SLICE,
        subject=part.subject,
        outcome=Outcome.ERROR,
        message=error.message,
        fix=error.fix,
        n=len(part.rows),
    )


def _small_check(part: Slice, rule: Settings) -> Check:
    return Check(
        code=SMALL,
        subject=part.subject,
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.BLOCK if rule.small_slices == "block" else Severity.WARN,
        message=f"too small to judge by itself: {part.small}",
        fix="give the holdout more rows of this slice, or slice by a coarser column",
        n=len(part.rows),
        details={"pooled_into": POOLED} if part.subject != POOLED else {},
    )


def interval(value: Estimate) -> Interval:
    """Return the limits as a check carries them."""
    return Interval(low=value.low, high=value.high, level=round(value.level, 10), method=value.method)


def limits(value: Estimate, *, sign: bool = True) -> str:
    """Return ``[+0.0021, +0.0067] 90 %, DeLong``."""
    low, high = number(value.low, sign=sign), number(value.high, sign=sign)
    return f"[{low}, {high}] {round(100 * value.level, 3):g} %, {value.method}"


def number(value: float, *, sign: bool = False) -> str:
    """Return four decimals, or six digits for a large number."""
    spec = "+" if sign else ""
    return f"{value:{spec}.4f}" if abs(value) < 100 else f"{value:{spec}.6g}"


def grouped(count: int) -> str:
    """Return ``27 010``."""
    return f"{count:,}".replace(",", " ")
