"""All tests of one gate together: p-values adjusted for their number, each then held against its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check
from pytest_mlgate.gates.drift.decision import Evidence, decide
from pytest_mlgate.gates.drift.report import checked

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pytest_mlgate.gates.drift.settings import Settings


def judge_family(found: Sequence[Check | Evidence], settings: Settings) -> list[Check]:
    """Return the checks, in order: those that are made already, and one for each piece of evidence."""
    evidence = [item for item in found if isinstance(item, Evidence)]
    adjusted = _adjusted(evidence, settings.adjust)
    checks: list[Check] = []
    for item in found:
        if isinstance(item, Check):
            checks.append(item)
            continue
        limits = settings.limits(item.subject, item.statistic.judge)
        p = adjusted.get(item.subject)
        tests = max(len(adjusted), 1)
        decision = decide(item, limits, p_adjusted=p, alpha=settings.alpha, tests=tests)
        checks.append(checked(item, decision, limits, p_adjusted=p, tests=tests, adjust=settings.adjust))
    return checks


def _adjusted(evidence: Iterable[Evidence], adjust: str) -> Mapping[str, float]:
    from pytest_mlgate.stats.multiplicity import benjamini_hochberg, holm

    raw = {item.subject: item.statistic.p for item in evidence if item.statistic.p is not None}
    adjusted = (holm if adjust == "holm" else benjamini_hochberg)(list(raw.values()))
    return dict(zip(raw, adjusted.tolist(), strict=True))
