"""Concept drift in words: which window decides, and what is said of the others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.baseline.words import grouped, interval, limits, number
from pytest_mlgate.gates.drift.report import FIX

if TYPE_CHECKING:
    from pytest_mlgate.gates.drift.concept import Labelled, Measured, Series
    from pytest_mlgate.gates.drift.concept_settings import ConceptSettings
    from pytest_mlgate.gates.drift.windows import Window

CODE, SMALL = "MLG517", "MLG518"
SUBJECT = "concept"
_ALPHA = 0.05
_NAMED = 5
_MORE_ROWS = "Give longer windows, wait for more labels, or "


def checks_of(subject: str, series: Series, rule: ConceptSettings) -> list[Check]:
    """Return the check that the windows make together, and one that names the small ones.

    It fails where any window is below the margin for certain, after Holm; the worst of them is shown. Else the newest
    one decides: a pass where its lower limit is above the margin.
    """
    if not series.measured:
        return [_nothing_measured(subject, series, rule)]
    failing = [one for one in series.measured if one.p_adjusted < _ALPHA]
    shown = min(failing, key=lambda one: one.delta.estimate) if failing else series.measured[-1]
    outcome = Outcome.FAIL if failing else Outcome.PASS if shown.delta.low > -rule.margin else Outcome.INCONCLUSIVE
    main = _main(subject, series, rule, shown, failing, outcome)
    return [main, _small(f"{subject}:small windows", series, rule)] if series.small else [main]


def waits_for_labels(subject: str, why: str) -> Check:
    """Return the check of a table without labels."""
    return Check(
        code=CODE,
        subject=subject,
        outcome=Outcome.SKIP,
        severity=Severity.NOTE,
        message=f"{why}: labels often come later, and concept drift waits for them",
        fix=FIX["MLG508"],
    )


def errors_of(subject: str, error: InputError) -> Check:
    """Return the check of what could not be computed."""
    return Check(
        code=CODE,
        subject=subject,
        outcome=Outcome.ERROR,
        message=error.message,
        fix=error.fix,
        details=error.details,
    )


def _main(
    subject: str,
    series: Series,
    rule: ConceptSettings,
    shown: Measured,
    failing: Sequence[Measured],
    outcome: Outcome,
) -> Check:
    delta, unsettled = shown.delta, outcome is Outcome.INCONCLUSIVE
    needed = _rows_to_settle(shown, rule) if unsettled else None
    words = [_compared(series, rule, shown, "worst" if failing else "newest"), _of_all(series, rule, failing)]
    words += [_not_settled(shown, needed)] if unsettled else []
    words += _left_out(series.labelled)
    no_matter = "widen `margin` if a loss of that size does not matter."
    return Check(
        code=CODE,
        subject=subject,
        outcome=outcome,
        message="; ".join(words),
        fix="" if outcome is Outcome.PASS else _MORE_ROWS + no_matter if unsettled else FIX[CODE],
        observed=delta.estimate,
        limit=-rule.margin,
        interval=interval(delta),
        p=delta.p_below(-rule.margin),
        p_adjusted=shown.p_adjusted,
        n=len(shown.window.rows),
        details={
            "metric": series.metric,
            "value": shown.value.estimate,
            "training": shown.training.estimate,
            "training_n": rule.n if rule.value is not None else shown.training.n,
            "window": shown.window.name,
            "windows": len(series.measured),
            "windows_failed": [one.window.name for one in failing],
            "windows_too_small": len(series.small),
            "unlabelled_rows": series.labelled.unlabelled,
            "undated_rows": series.labelled.undated,
            **({"rows_to_settle": needed} if unsettled else {}),
        },
        evidence=_evidence(series, rule),
    )


def _compared(series: Series, rule: ConceptSettings, shown: Measured, which: str) -> str:
    delta = shown.delta
    return (
        f"{series.metric} {number(shown.value.estimate)} vs {number(shown.training.estimate)} at training time, in the"
        f" {which} window ({shown.window.name}); delta {number(delta.estimate, sign=True)} {limits(delta)};"
        f" margin {rule.margin:g}"
    )


def _of_all(series: Series, rule: ConceptSettings, failing: Sequence[Measured]) -> str:
    count = len(series.measured)
    windows = f"{count} {'window' if count == 1 else 'windows'}"
    if failing:
        return f"below the margin in {len(failing)} of {windows}, after Holm"
    earlier = sum(one.delta.low <= -rule.margin for one in series.measured[:-1])
    more = f", {earlier} of the earlier ones not settled" if earlier else ""
    return f"none of {windows} below the margin for certain{more}"


def _rows_to_settle(shown: Measured, rule: ConceptSettings) -> int | None:
    from pytest_mlgate.gates.baseline.three_way import rounded_rows
    from pytest_mlgate.stats.mover import rows_of_first_to_settle

    return rounded_rows(rows_of_first_to_settle(shown.value, shown.training, -rule.margin))


def _not_settled(shown: Measured, needed: int | None) -> str:
    if needed is None:
        return "not settled: more rows in the window alone are not known to settle it"
    return f"not settled: about {grouped(needed)} rows in the window would settle it ({grouped(shown.value.n)} here)"


def _nothing_measured(subject: str, series: Series, rule: ConceptSettings) -> Check:
    return Check(
        code=CODE,
        subject=subject,
        outcome=Outcome.INCONCLUSIVE,
        message="; ".join([f"no window is large enough to be judged: {_named(series)}", *_left_out(series.labelled)]),
        fix=f"{_MORE_ROWS}set `min_rows` by what you can accept.",
        limit=-rule.margin,
        details={
            "metric": series.metric,
            "windows": 0,
            "windows_too_small": len(series.small),
            "unlabelled_rows": series.labelled.unlabelled,
            "undated_rows": series.labelled.undated,
        },
        evidence=_evidence(series, rule),
    )


def _small(subject: str, series: Series, rule: ConceptSettings) -> Check:
    return Check(
        code=SMALL,
        subject=subject,
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.WARN,
        message=f"too small to be judged: {_named(series)}",
        fix=FIX[SMALL],
        n=sum(len(window.rows) for window, _ in series.small),
        details={
            "windows": {window.name: why for window, why in series.small},
            "min_rows": rule.min_rows,
            "min_class_rows": rule.min_class_rows,
        },
    )


def _named(series: Series) -> str:
    shown = [f"{window.name} ({why})" for window, why in series.small[:_NAMED]]
    more = len(series.small) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _left_out(labelled: Labelled) -> list[str]:
    counts = {"without a label": labelled.unlabelled, "without a time": labelled.undated}
    return [f"{grouped(count)} rows {why} left out" for why, count in counts.items() if count]


def _evidence(series: Series, rule: ConceptSettings) -> dict[str, Any]:
    """Return the series as a report can draw it, the oldest window first."""
    told = {one.window.number: _numbers_of(one) for one in series.measured}
    told |= {window.number: {**_place(window), "too_small": why} for window, why in series.small}
    return {"metric": series.metric, "margin": rule.margin, "windows": [told[key] for key in sorted(told)]}


def _numbers_of(one: Measured) -> dict[str, Any]:
    return {
        **_place(one.window),
        "value": one.value.estimate,
        "low": one.value.low,
        "high": one.value.high,
        "training": one.training.estimate,
        "delta": one.delta.estimate,
        "delta_low": one.delta.low,
        "delta_high": one.delta.high,
        "p_adjusted": one.p_adjusted,
    }


def _place(window: Window) -> dict[str, Any]:
    return {"window": window.name, "start": window.start, "end": window.end, "rows": len(window.rows)}
