"""The three-way rule: from one comparison to a check that passes, fails, or says what would settle it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.baseline.words import grouped, interval, limits, number

if TYPE_CHECKING:
    from pytest_mlgate.gates.baseline.metrics import Comparison
    from pytest_mlgate.stats.estimate import Estimate

_MANY_ROWS = 1e9


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
    if found.note:
        message += f"; {found.note}"
    details = {**_details(metric, found, margin), **found.facts}
    fix = ""
    if outcome is Outcome.INCONCLUSIVE:
        needed = rows_needed(found.delta, -margin)
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


def rows_needed(value: Estimate, bound: float) -> int | None:
    """Return about how many rows would tell on which side of the bound a value lies; None where none are known to."""
    from pytest_mlgate.stats.power import rows_to_settle

    return rounded_rows(rows_to_settle(value.n, value.estimate, value.low, value.high, bound, level=value.level))


def rounded_rows(rows: float) -> int | None:
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
        "rows_for_equal_models": rounded_rows(equal),
        "detectable_difference": power.detectable_difference(variance, delta.n, level=delta.level),
    }
    if found.fixed is not None and found.broken is not None:
        details["flips"] = {"fixed": found.fixed, "broken": found.broken}
        details["discordant_rows"] = found.fixed + found.broken
    return details
