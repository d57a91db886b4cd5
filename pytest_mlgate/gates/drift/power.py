"""The smallest drift that two tables are sure to show, as far as their rows go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.drift.decision import Evidence
from pytest_mlgate.gates.drift.examine import columns_of, examine, refuse_unknown
from pytest_mlgate.gates.drift.family import settled
from pytest_mlgate.gates.drift.importance import with_importance
from pytest_mlgate.gates.drift.selection import select
from pytest_mlgate.gates.drift.sides import side_of
from pytest_mlgate.gates.drift.within import examine_within

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.drift.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Detectable:
    """The smallest distance that is sure to be noticed, of the least favourable of some comparisons."""

    kind: str
    comparisons: int
    distance: float
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Blind:
    """A limit that lies below what can be noticed, so that the gate would be inconclusive."""

    subject: str
    limit: float
    detectable: float
    rows_needed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class DriftPower:
    """What two tables can show of drift.

    Attributes
    ----------
    name : str
    reference, current : int
        Rows that are compared, after ``window`` and ``season``.
    columns, tests : int
        Columns that are compared, and the tests that p-values are adjusted for: more than columns where values are
        missing, or groups are compared (``within``).
    alpha : float
        Level of the whole gate.
    judge : str
        What is held against the limits: ``distance``, ``psi``, ...
    detectable : tuple of Detectable
        For each kind of comparison.
    blind : tuple of Blind
        Blocking limits first, then those of warnings.
    broken : tuple of str
        Columns that cannot be compared at all.
    """

    name: str
    reference: int
    current: int
    columns: int
    tests: int
    alpha: float
    judge: str
    detectable: tuple[Detectable, ...]
    blind: tuple[Blind, ...] = ()
    broken: tuple[str, ...] = ()


def drift_power(name: str, settings: Settings, inputs: Inputs) -> DriftPower:
    """Return the smallest distances that the rows at hand are sure to show, kind by kind.

    Of columns only: the candidate's answers would need the candidate, and the other judgements of the gate have limits
    of other kinds.

    Parameters
    ----------
    name : str
        The entry's name.
    settings : Settings
    inputs : Inputs
        Tables ``reference`` and ``current``.

    Raises
    ------
    InputError
        As the gate does: a table is empty, or the settings name a column that neither has.
    """
    reference, current = (side_of(inputs.value(key), name=key) for key in ("reference", "current"))
    settings = with_importance(settings, inputs.facts)
    refuse_unknown(reference, current, settings, inputs.facts)
    selection = select(reference, current, settings, inputs.facts)
    reference, current = selection.reference, selection.current
    names = columns_of(reference, settings, inputs.facts)
    found = [item for column in names for item in examine(column, reference, current, settings, inputs.facts)]
    compared = {item.subject.removesuffix(":missing") for item in found if isinstance(item, Evidence)}
    groups, _ = examine_within(reference, current, [n for n in names if n in compared], settings, inputs.facts)
    found = settled([*found, *(item for group in groups for item in group.found)])
    evidence = [item for item in found if isinstance(item, Evidence)]
    tests = max(sum(item.statistic.p is not None for item in evidence), 1)
    return DriftPower(
        name=name,
        reference=reference.rows,
        current=current.rows,
        columns=len(compared),
        tests=tests,
        alpha=settings.alpha,
        judge=settings.judge,
        detectable=tuple(_by_kind(evidence, tests)),
        blind=tuple(_blind(evidence, settings, tests)),
        broken=tuple(item.subject for item in found if isinstance(item, Check) and item.outcome is Outcome.ERROR),
    )


def _by_kind(evidence: Sequence[Evidence], tests: int) -> list[Detectable]:
    kinds: dict[str, list[Evidence]] = {}
    for item in evidence:
        kinds.setdefault(_kind(item), []).append(item)
    found = []
    for kind, items in kinds.items():
        worst = max(items, key=lambda item: _noticed(item, tests))
        distance = _noticed(worst, tests)
        found.append(Detectable(kind=kind, comparisons=len(items), distance=distance, subject=worst.subject))
    return found


def _kind(item: Evidence) -> str:
    if item.details.get("statistic") == "two_sample_ks":
        return "columns in order"
    return "shares of missing values" if item.subject.endswith(":missing") else "columns of levels"


def _noticed(item: Evidence, tests: int) -> float:
    return max(item.statistic.detectable(tests), item.statistic.hidden)


def _blind(evidence: Sequence[Evidence], settings: Settings, tests: int) -> list[Blind]:
    """Return at most one for each comparison: its blocking limit, or else that of its warning."""
    blocking: list[Blind] = []
    warning: list[Blind] = []
    for item in evidence:
        limits = settings.limits(item.subject, item.statistic.judge)
        noticed = _noticed(item, tests)
        for limit, kept in ((limits.block, blocking), (limits.warn, warning)):
            if noticed > limit:
                needed = item.statistic.rows_needed(limit, tests)
                kept.append(Blind(subject=item.subject, limit=limit, detectable=noticed, rows_needed=needed))
                break
    return blocking + warning
