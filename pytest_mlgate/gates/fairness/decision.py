"""From the values of groups to checks: every pair compared, three answers, and their words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_mlgate.checks import Check, InputError, Interval, Outcome, Severity
from pytest_mlgate.gates.baseline.words import grouped, number
from pytest_mlgate.gates.fairness.rates import POOLED, Tally, between_groups, both_models, tally

if TYPE_CHECKING:
    from pytest_mlgate.gates.fairness.reading import Column, Rows
    from pytest_mlgate.gates.fairness.settings import Settings
    from pytest_mlgate.stats.fairness import Pairs

DIFFERENCE, RATIO, WORSENING, SMALL = "MLG150", "MLG151", "MLG152", "MLG153"
LEVEL = 0.9
ALPHA = 0.05
_MOST_COMPARED = 100
_MOST_LISTED = 20
_MANY_ROWS = 1e9

Kind = Literal["difference", "ratio", "worsening"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """One metric of one column against one limit; ``pairs`` is None where fewer than two groups can be judged."""

    kind: Kind
    limit: float
    tally: Tally
    pairs: Pairs | None
    method: str
    baseline: tuple[float, ...] = ()
    error: InputError | None = None

    @property
    def subject(self) -> str:
        """``carrier: selection_rate``, with what is asked of it where that is not the difference."""
        ending = {"difference": "", "ratio": " ratio", "worsening": " vs baseline"}[self.kind]
        return f"{self.tally.column}: {self.tally.metric}{ending}"


def judge(rule: Settings, rows: Rows) -> list[Check]:
    """Return the checks of one entry: for each column its metrics, then its small groups.

    Parameters
    ----------
    rule : Settings
    rows : Rows
    """
    from pytest_mlgate.stats.multiplicity import holm

    asked = {column.name: list(_questions(rule, rows, column)) for column in rows.columns}
    # one family: a false alarm anywhere in the entry is a false alarm
    raw = [p for found in asked.values() for question in found for p in _p_values(question)]
    adjusted = iter(holm(raw).tolist())
    checks: list[Check] = []
    for found in asked.values():
        for question in found:
            p = [next(adjusted) for _ in _p_values(question)]
            checks.append(_check(rule, rows, question, p))
        checks += _small_checks(rule, found)
    return checks


def _p_values(question: Question) -> list[float]:
    return [] if question.pairs is None else [float(p) for p in question.pairs.p]


def _questions(rule: Settings, rows: Rows, column: Column) -> Iterator[Question]:
    limits, ratios = rule.limits.given(), rule.ratios.given()
    for metric in rule.metrics:
        found = tally(rows, column, metric, min_rows=rule.min_rows)
        if metric in limits:
            yield _difference(found, limits[metric], rule.regression)
        if metric in ratios:
            yield _ratio(found, ratios[metric])
        if rule.worsening is not None:
            both = tally(rows, column, metric, min_rows=rule.min_rows, both=True)
            yield _worsening(rule, rows, both, rule.worsening)


def _difference(found: Tally, limit: float, regression: bool) -> Question:
    from pytest_mlgate.stats.fairness import difference_pairs, mean_pairs

    pairs = None
    if len(found.judged) > 1 and regression:
        spread = [group.variance for group in found.judged]
        pairs = mean_pairs([g.value for g in found.judged], spread, _sizes(found), limit=limit, level=LEVEL)
    elif len(found.judged) > 1:
        pairs = difference_pairs([g.hits for g in found.judged], _sizes(found), limit=limit, level=LEVEL)
    method = "Welch" if regression else "Miettinen-Nurminen"
    return Question(kind="difference", limit=limit, tally=found, pairs=pairs, method=method)


def _ratio(found: Tally, limit: float) -> Question:
    from pytest_mlgate.stats.fairness import ratio_pairs

    pairs = None
    if len(found.judged) > 1:
        pairs = ratio_pairs([g.hits for g in found.judged], _sizes(found), limit=limit, level=LEVEL)
    return Question(kind="ratio", limit=limit, tally=found, pairs=pairs, method="Koopman")


def _worsening(rule: Settings, rows: Rows, found: Tally, limit: float) -> Question:
    from pytest_mlgate.stats.fairness import draw_groups, worsening_pairs

    if len(found.judged) < 2:
        return Question(kind="worsening", limit=limit, tally=found, pairs=None, method="bootstrap")
    error, pairs, values = None, None, ()
    if len(found.judged) > _MOST_COMPARED:
        error = InputError(
            f"{found.column}: {len(found.judged)} groups are too many to compare with the baseline's",
            fix=f"name a column with at most {_MOST_COMPARED} groups, or raise `min_rows`",
        )
    else:
        span = 0.0 if rule.regression else 1.0
        drawn = draw_groups(both_models(rows, found), resamples=rule.resamples, seed=rows.seed, span=span)
        values = tuple(drawn.values[:, 1].tolist())
        try:
            pairs = worsening_pairs(drawn, limit=limit, level=LEVEL)
        except ValueError as problem:
            error = InputError(f"{found.column}: {found.metric}: {problem}", fix="raise `min_rows`")
    return Question(
        kind="worsening", limit=limit, tally=found, pairs=pairs, method="bootstrap", baseline=values, error=error
    )


def _sizes(found: Tally) -> list[float]:
    return [group.size for group in found.judged]


def _check(rule: Settings, rows: Rows, question: Question, adjusted: list[float]) -> Check:
    code = {"difference": DIFFERENCE, "ratio": RATIO, "worsening": WORSENING}[question.kind]
    n = sum(group.n for group in question.tally.judged)
    if question.error is not None:
        message, fix = question.error.message, question.error.fix
        return Check(code=code, subject=question.subject, outcome=Outcome.ERROR, message=message, fix=fix, n=n)
    details, evidence = _details(rule, rows, question)
    unsettled = Severity.BLOCK if rule.groups_must_pass else Severity.WARN
    if question.pairs is None:
        return Check(
            code=code,
            subject=question.subject,
            outcome=Outcome.INCONCLUSIVE,
            severity=unsettled,
            message=f"nothing could be compared: {len(question.tally.judged)} of {len(question.tally.values)} groups "
            f"has min_rows = {rule.min_rows} rows that count",
            fix="give the holdout more rows of each group, or name a coarser column",
            limit=question.limit,
            n=n,
            details=details,
            evidence=evidence,
        )
    pairs = question.pairs
    above = [i for i, p in enumerate(adjusted) if p < ALPHA]
    outcome = Outcome.FAIL if above else Outcome.PASS if pairs.within.all() else Outcome.INCONCLUSIVE
    shown = _widest(question, above)
    needed = _rows_to_settle(question, shown) if outcome is Outcome.INCONCLUSIVE else None
    details.update(
        groups_shown=[question.tally.judged[i].name for i in (pairs.first[shown], pairs.second[shown])],
        pairs={"all": len(pairs.p), "within": int(pairs.within.sum()), "beyond": len(above)},
    )
    if needed:
        details["rows_to_settle"] = needed
    no_baseline = "no baseline: compared with a dummy; " if question.kind == "worsening" and rows.no_baseline else ""
    return Check(
        code=code,
        subject=question.subject,
        outcome=outcome,
        severity=unsettled if outcome is Outcome.INCONCLUSIVE else Severity.BLOCK,
        message=no_baseline + _message(question, shown, len(above), outcome, needed),
        fix=_fix(question, outcome),
        observed=pairs.estimate[shown],
        limit=question.limit,
        interval=Interval(low=pairs.low[shown], high=pairs.high[shown], level=LEVEL, method=question.method),
        p=pairs.p[shown],
        p_adjusted=adjusted[shown],
        n=n,
        details=details,
        evidence=evidence,
    )


def _widest(question: Question, among: list[int]) -> int:
    """Return the number of the pair that differs most, of those that are beyond the limit where there are any."""
    assert question.pairs is not None
    value = [float(v) for v in question.pairs.estimate]
    if question.kind == "ratio":
        value = [-1.0 if math.isnan(v) else -v for v in value]
    return max(among or range(len(value)), key=lambda i: value[i])


def _message(question: Question, shown: int, beyond: int, outcome: Outcome, needed: int | None) -> str:
    assert question.pairs is not None
    pairs, judged = question.pairs, question.tally.judged
    i, j = int(pairs.first[shown]), int(pairs.second[shown])
    names = [f"{judged[k].name} {number(judged[k].value)}{_before(question, k)}" for k in (i, j)]
    counts = f"n {grouped(judged[i].n)} and {grouped(judged[j].n)}"
    sign = question.kind == "worsening"
    low, high = (_limit_text(float(v), sign=sign) for v in (pairs.low[shown], pairs.high[shown]))
    what = "difference grew by" if sign else question.kind
    value = float(pairs.estimate[shown])
    text = (
        f"{names[0]} vs {names[1]} ({counts}), {what} {'undefined' if math.isnan(value) else number(value, sign=sign)} "
        f"[{low}, {high}] {100 * LEVEL:g} %, {question.method}; limit {question.limit:g}"
    )
    side = "below" if question.kind == "ratio" else "above"
    if outcome is Outcome.FAIL:
        return f"{text}; {beyond} of {len(pairs.p)} pairs of groups {side} it for certain"
    if outcome is Outcome.PASS:
        return f"{text}; all {len(pairs.p)} pairs of groups within" if len(pairs.p) > 1 else text
    open_pairs = int((~pairs.within).sum())
    text += f"; {open_pairs} of {len(pairs.p)} pairs of groups not settled"
    if _beyond(question, shown):
        return f"{text}; these two {side} it by themselves, not after adjustment for the number of comparisons"
    return f"{text}: about {grouped(needed)} rows of the smaller of these two would settle it" if needed else text


def _beyond(question: Question, shown: int) -> bool:
    """Whether the pair's own interval, before any adjustment, lies beyond the limit."""
    assert question.pairs is not None
    if question.kind == "ratio":
        return bool(question.pairs.high[shown] < question.limit)
    return bool(question.pairs.low[shown] > question.limit)


def _before(question: Question, group: int) -> str:
    return f" (was {number(question.baseline[group])})" if question.baseline else ""


def _limit_text(value: float, *, sign: bool) -> str:
    return "inf" if math.isinf(value) else number(value, sign=sign)


def _rows_to_settle(question: Question, shown: int) -> int | None:
    """Rows of the smaller group that would settle the pair shown; None where it is settled or none are known."""
    from pytest_mlgate.stats.power import rows_to_settle

    assert question.pairs is not None
    pairs, judged = question.pairs, question.tally.judged
    values = [float(v[shown]) for v in (pairs.estimate, pairs.low, pairs.high)] + [question.limit]
    if question.kind == "ratio":
        if not all(0 < value < math.inf for value in values):
            return None
        values = [math.log(value) for value in values]
    if pairs.within[shown] or _beyond(question, shown) or not all(map(math.isfinite, values)):
        return None
    n = min(judged[int(k)].n for k in (pairs.first[shown], pairs.second[shown]))
    needed = rows_to_settle(n, *values, level=LEVEL)
    if not n < needed < _MANY_ROWS:
        return None
    step: int = 10 ** max(len(str(math.ceil(needed))) - 2, 0)
    return math.ceil(needed / step) * step


def _fix(question: Question, outcome: Outcome) -> str:
    if outcome is Outcome.PASS:
        return ""
    if outcome is Outcome.INCONCLUSIVE:
        return "give the holdout more labelled rows of the groups that are not settled, or name a coarser column"
    if question.kind == "worsening":
        return "keep the baseline, or find out for which rows of these groups the candidate answers otherwise"
    return (
        "look at the rows of the two groups: are features missing, late or coded otherwise in one, or its labels "
        "biased? A wider limit is a decision about these groups; write down why"
    )


def _details(rule: Settings, rows: Rows, question: Question) -> tuple[dict[str, Any], dict[str, Any]]:
    found = question.tally
    groups = {
        group.name: {"value": group.value, "n": group.n}
        | ({"baseline": question.baseline[i]} if question.baseline else {})
        for i, group in enumerate(found.judged)
    }
    details: dict[str, Any] = {
        "metric": found.metric,
        "column": found.column,
        "method": question.method,
        "between_groups": between_groups(found),
        "min_rows": rule.min_rows,
    }
    if rows.positive is not None:
        details["positive"] = rows.positive
    if rule.threshold is not None:
        details["threshold"] = rule.threshold
    if rule.reason:
        details["reason"] = rule.reason
    if rows.weights is not None:
        details["weighted"] = True
    if question.kind == "worsening":
        details.update(resamples=rule.resamples, seed=rows.seed)
        if rows.no_baseline:
            details["no_baseline"] = True
    if len(groups) > _MOST_LISTED:
        return details, {"groups": groups}
    return details | {"groups": groups}, {}


def _small_checks(rule: Settings, asked: list[Question]) -> list[Check]:
    """Name each group that is too small, with the metrics it is too small for."""
    counts: dict[str, dict[str, int]] = {}
    together: dict[str, bool] = {}
    for question in asked:
        found = question.tally
        pooled = any(group.name == POOLED for group in found.judged)
        for name, n in found.small.items():
            own = counts.setdefault(name, {})
            if question.kind != "worsening":
                own[found.metric] = n
            elif own.get(found.metric) != n:  # too few rows that count for the baseline, not for the candidate
                own[f"{found.metric} vs baseline"] = n
            together[name] = together.get(name, True) and pooled
    checks = []
    for name, own in sorted(counts.items()):
        rows = ", ".join(f"{grouped(n)} for {metric}" for metric, n in own.items())
        after = f"judged together as {POOLED}" if together[name] else "all small groups together are too few to judge"
        checks.append(
            Check(
                code=SMALL,
                subject=f"{asked[0].tally.column}={name}",
                outcome=Outcome.INCONCLUSIVE,
                severity=Severity.BLOCK if rule.small_groups == "block" else Severity.WARN,
                message=f"too small to judge by itself: rows that count {rows}; min_rows = {rule.min_rows}; {after}",
                fix="give the holdout more rows of this group, or name a coarser column",
                n=max(own.values()),
                details={"rows": own, "pooled_into": POOLED if together[name] else None},
            )
        )
    return checks
