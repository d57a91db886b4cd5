"""What drift's evidence is, and what a limit says to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pytest_mlgate.checks import Outcome, Severity

Judge = Literal["distance", "psi"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """From where a column blocks and from where it is warned of, with the written reason, if any."""

    block: float
    warn: float
    reason: str = ""
    loosened: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Statistic:
    """What is judged.

    Attributes
    ----------
    judge : {'distance', 'psi'}
        The scale of ``value``, and so which limits apply.
    value : float
        KS distance, total variation distance, or PSI minus its expectation without drift.
    p : float or None
        Raw p-value; None where there is no test.
    detectable : callable
        ``detectable(tests)``: the smallest value that is sure to be significant in a family of that size.
    rows_needed : callable
        ``rows_needed(limit, tests)``: rows a side that bring ``detectable`` down to a limit.
    hidden : float
        Share of rows whose own differences the test cannot see, in [0, 1].
    """

    judge: Judge
    value: float
    p: float | None
    detectable: Callable[[int], float]
    rows_needed: Callable[[float, int], int]
    hidden: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """What one comparison found, before any limit.

    Attributes
    ----------
    subject, code : str
    statistic : Statistic
    rows : tuple of int
        Rows that were compared: of the reference, of current.
    worst : Severity
        The highest severity that the answer may have.
    words : str
        The distance and its companions, as printed.
    direction : str
        Where the current values went; said of a significant difference only.
    notes : tuple of str
        What else a reader should know.
    details : Mapping
    """

    subject: str
    code: str
    statistic: Statistic
    rows: tuple[int, int]
    words: str
    worst: Severity = Severity.BLOCK
    direction: str = ""
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """An outcome, with the severity and the limit that it came from."""

    outcome: Outcome
    severity: Severity
    limit: float
    significant: bool


def decide(evidence: Evidence, limits: Limits, *, p_adjusted: float | None, alpha: float, tests: int) -> Decision:
    """Judge each limit by itself; the blocking one speaks first.

    Parameters
    ----------
    evidence : Evidence
    limits : Limits
    p_adjusted : float or None
        Adjusted for the other comparisons of the gate; None where there is no test.
    alpha : float
        Level of the gate.
    tests : int
        Tests in the gate.
    """
    statistic = evidence.statistic
    significant = p_adjusted is not None and p_adjusted < alpha
    blind_below = max(statistic.detectable(tests), statistic.hidden)
    for severity, limit in ((Severity.BLOCK, limits.block), (Severity.WARN, limits.warn)):
        reached = statistic.value >= limit
        if reached and significant:
            outcome = Outcome.FAIL
        elif reached or blind_below > limit:  # far apart and yet not significant: too few rows, whatever the bound says
            outcome = Outcome.INCONCLUSIVE
        else:
            continue
        worst = max(severity, evidence.worst, key=list(Severity).index)
        return Decision(outcome=outcome, severity=worst, limit=limit, significant=significant)
    return Decision(outcome=Outcome.PASS, severity=evidence.worst, limit=limits.block, significant=significant)
