"""The rows that every report of a verdict shows: what is not a pass by itself, what passed in one line a gate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pytest_mlgate.checks import Check, Outcome, Severity, worst_first

ROWS_PER_ENTRY = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """One line: gate, subject, state and message; of a check that is no pass what to do, too."""

    gate: str
    subject: str
    state: str
    message: str
    blocks: bool = False
    fix: str = ""


def rows(checks: Iterable[Check], *, each: bool = False) -> list[Row]:
    """Return the rows of a verdict: gates in their own order, within a gate the worst first.

    Parameters
    ----------
    checks : iterable of Check
    each : bool
        Whether every check has a row of its own; else those of a gate that passed share one.
    """
    found: list[Row] = []
    for (_, entry), group in groupby(checks, key=lambda check: (check.gate, check.entry)):
        own = list(group)
        found += map(_row, worst_first(own)) if each else _entry_rows(entry, own)
    return found


def state(check: Check) -> str:
    """Return the outcome as people read it: ``fail``, ``fail (warn)``, ``fail (waived)``."""
    if check.waiver is not None:
        return f"{check.outcome.value} (waived)"
    if check.outcome is Outcome.PASS or check.blocks:
        return check.outcome.value
    return f"{check.outcome.value} ({Severity(check.severity).value})"


def _entry_rows(entry: str, checks: Sequence[Check]) -> Iterator[Row]:
    open_ones = [check for check in worst_first(checks) if check.outcome is not Outcome.PASS]
    for check in open_ones[:ROWS_PER_ENTRY]:
        yield _row(check)
    rest = open_ones[ROWS_PER_ENTRY:]
    if rest:
        blocking = sum(check.blocks for check in rest)
        message = f"{len(rest)} more, {blocking} of them blocking; all are in the verdict"
        yield Row(gate=checks[0].gate, subject=entry, state="...", message=message, blocks=blocking > 0)
    passed = [check for check in checks if check.outcome is Outcome.PASS]
    main = [check for check in passed if not check.subject]
    others = [check for check in passed if check.subject]
    if main or len(others) == 1:
        first, *more = [*main, *others]
        yield _row(first, also=len(more))
    elif others:
        yield _summary(entry, others)


def _row(check: Check, also: int = 0) -> Row:
    subject = ":".join(part for part in (check.entry, check.subject) if part)
    message = f"{check.message}; {also} more pass" if also else check.message
    if check.waiver is not None:
        waiver = check.waiver
        message += f" (waived until {waiver.expires} by {waiver.author}: {waiver.reason})"
    fix = "" if check.outcome is Outcome.PASS else check.fix
    return Row(gate=check.gate, subject=subject, state=state(check), message=message, blocks=check.blocks, fix=fix)


def _summary(entry: str, passed: Sequence[Check]) -> Row:
    subject = f"{entry}: {len(passed)} checks" if entry else f"{len(passed)} checks"
    worst = max(passed, key=nearness)
    message = f"worst: {worst.subject} {worst.message.partition('; ')[0]}" if nearness(worst) >= 0 else "all pass"
    return Row(gate=passed[0].gate, subject=subject, state=Outcome.PASS.value, message=message)


def nearness(check: Check) -> float:
    """Return how near a check that passed came to its limit; negative where it has no such measure."""
    if check.observed is None or not check.limit or check.limit < 0:
        return -1.0
    return check.observed / check.limit
