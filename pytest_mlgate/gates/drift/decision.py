"""What drift's evidence is, and what a limit says to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from pytest_mlgate.checks import Outcome, Severity

Judge = Literal[
    "distance",
    "psi",
    "ks",
    "total_variation",
    "chi2",
    "cramers_v",
    "jensen_shannon",
    "hellinger",
    "wasserstein",
    "energy",
]


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
    judge : str
        The scale of ``value``, and so which limits apply.
    value : float
        KS distance or total variation distance, PSI minus its expectation without drift, or the distance of the name.
    p : float or None
        Raw p-value; None where there is no test.
    detectable : callable
        ``detectable(tests)``: the smallest value that is sure to be significant in a family of that size.
    rows_needed : callable
        ``rows_needed(limit, tests)``: rows a side that bring ``detectable`` down to a limit.
    hidden : float
        The distance that may lie unseen: by rows in levels too rare to be told apart, or under wild values.
    low, high : float or None
        Between these the value lies for certain, where a profile does not tell it exactly; None: it is exact.
    too_few : str
        What is said where no value could be significant; empty: the usual words.
    """

    judge: Judge
    value: float
    p: float | None
    detectable: Callable[[int], float]
    rows_needed: Callable[[float, int], int]
    hidden: float = 0.0
    low: float | None = None
    high: float | None = None
    too_few: str = ""

    def too_coarse(self, limit: float) -> bool:
        """Whether the value may lie on either side of a limit."""
        return self.low is not None and self.high is not None and self.low < limit <= self.high


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
    distribution : Mapping
        What a report draws of the column, as :func:`~pytest_mlgate.gates.drift.distribution.distribution` returns it.
    settle : callable or None
        ``settle(evidence, tests)`` makes the test, where the size of the family must be known for it.
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
    distribution: Mapping[str, Any] = field(default_factory=dict)
    settle: Callable[[Evidence, int], Evidence] | None = None


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
        too_coarse = statistic.too_coarse(limit)
        reached = statistic.value >= limit and not too_coarse
        if reached and significant:
            outcome = Outcome.FAIL
        elif reached or too_coarse or blind_below > limit:
            # far apart and yet not significant: too few rows, whatever the bound says
            outcome = Outcome.INCONCLUSIVE
        else:
            continue
        worst = max(severity, evidence.worst, key=list(Severity).index)
        return Decision(outcome=outcome, severity=worst, limit=limit, significant=significant)
    return Decision(outcome=Outcome.PASS, severity=evidence.worst, limit=limits.block, significant=significant)
