"""Slices judged together: each passes by its own limit, and fails by Holm's adjusted p; small ones are pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.slices import Partition, Slice, slices_of
from pytest_mlgate.gates.baseline.three_way import judge_one

if TYPE_CHECKING:
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.metrics import Comparison

SLICE, SMALL = "MLG102", "MLG103"
POOLED = "(small slices)"


class AnySlice(Protocol):
    """A slice, whether its rows are known or only their number."""

    @property
    def subject(self) -> str:
        """What its check is called."""

    @property
    def small(self) -> str:
        """Why it is not judged by itself."""

    @property
    def size(self) -> int:
        """How many rows it has."""


def judge_slices(rule: Settings, metric: str, ev: Evaluation, level: float, parts: Sequence[Partition]) -> list[Check]:
    """Return one check for every slice, and one for the small ones together.

    Parameters
    ----------
    rule : Settings
    metric : str
    ev : Evaluation
    level : float
        Two-sided level of each slice's interval.
    parts : sequence of Partition
        What the rows are sliced by.
    """
    found = slices_to_judge(rule, metric, ev, parts)
    named = [small_check(s, rule) for s in found if s.small]
    large = [s for s in found if not s.small]
    compared, broken = [], []
    for part in large:
        try:
            found_here = metrics.compare(metric, ev, part.rows, level=level, resamples=rule.resamples)
            compared.append((part, found_here))
        except InputError as error:
            broken.append(error_check(part, error))
    return broken + settle(rule, metric, compared) + named


def slices_to_judge(rule: Settings, metric: str, ev: Evaluation, parts: Sequence[Partition]) -> list[Slice]:
    """Return every slice, and after them the small ones together; ``small`` says why one is not judged by itself."""
    import numpy as np

    binary = ev.y if ev.task == "binary" else None
    found = slices_of(parts, binary, min_rows=rule.min_rows, min_class_rows=rule.min_class_rows)
    found = [s if s.small else replace(s, small=metrics.why_not(metric, ev, s.rows)) for s in found]
    small = [s.rows for s in found if s.small]
    if not small:
        return found
    rows = np.unique(np.concatenate(small))
    return [*found, Slice(subject=POOLED, rows=rows, small=metrics.why_not(metric, ev, rows))]


def settle(rule: Settings, metric: str, compared: Sequence[tuple[AnySlice, Comparison]]) -> list[Check]:
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


def error_check(part: AnySlice, error: InputError) -> Check:
    """Return the check of a slice that could not be judged."""
    return Check(
        code=SMALL if part.subject == POOLED else SLICE,
        subject=part.subject,
        outcome=Outcome.ERROR,
        message=error.message,
        fix=error.fix,
        n=part.size,
    )


def small_check(part: AnySlice, rule: Settings) -> Check:
    """Return the check of a slice that is too small."""
    return Check(
        code=SMALL,
        subject=part.subject,
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.BLOCK if rule.small_slices == "block" else Severity.WARN,
        message=f"too small to judge by itself: {part.small}",
        fix="give the holdout more rows of this slice, or slice by a coarser column",
        n=part.size,
        details={"pooled_into": POOLED} if part.subject != POOLED else {},
    )
