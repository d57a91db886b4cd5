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
    """Return one check for each item, in order: those that are made already, and those of the evidence."""
    found = settled(found)
    adjusted = _adjusted(found, settings.adjust)
    tests = max(len(adjusted), 1)
    checks: list[Check] = []
    for number, item in enumerate(found):
        if isinstance(item, Check):
            checks.append(item)
            continue
        limits = settings.limits(item.subject, item.statistic.judge)
        p = adjusted.get(number)
        decision = decide(item, limits, p_adjusted=p, alpha=settings.alpha, tests=tests)
        checks.append(checked(item, decision, limits, p_adjusted=p, tests=tests, adjust=settings.adjust))
    return checks


def settled(found: Sequence[Check | Evidence]) -> list[Check | Evidence]:
    """Make the tests that wait for the size of the family."""
    evidence = [item for item in found if isinstance(item, Evidence)]
    tests = sum(item.statistic.p is not None or item.settle is not None for item in evidence)
    return [
        item.settle(item, tests) if isinstance(item, Evidence) and item.settle is not None else item for item in found
    ]


def _adjusted(found: Iterable[Check | Evidence], adjust: str) -> Mapping[int, float]:
    """Return adjusted p-values by place: a column may be there more than once, within several groups."""
    from pytest_mlgate.stats.multiplicity import benjamini_hochberg, holm

    items = [(number, item) for number, item in enumerate(found) if isinstance(item, Evidence)]
    raw = {number: item.statistic.p for number, item in items if item.statistic.p is not None}
    adjusted = (holm if adjust == "holm" else benjamini_hochberg)(list(raw.values()))
    return dict(zip(raw, adjusted.tolist(), strict=True))
