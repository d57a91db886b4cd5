"""Drift within groups: every column compared once more, for each level of another one by itself."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity, worst_first
from pytest_mlgate.gates.drift.decision import Evidence
from pytest_mlgate.gates.drift.examine import examine
from pytest_mlgate.gates.drift.order import levels_in_order, numbers_in_order
from pytest_mlgate.gates.drift.report import FIX
from pytest_mlgate.gates.drift.rows import rows_of
from pytest_mlgate.gates.drift.sides import FrameSide

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side

CODE = "MLG514"
POOLED = "(small groups)"
ONE_SIDED = "(new or gone)"
MISSING = "(missing)"
_MOST_LEVELS = 500
_NAMED = 5
_LISTED = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Rows of one level of a column on both sides, or of its small levels together.

    Attributes
    ----------
    subject : str
        ``origin=LGA``.
    rows : tuple of int
        Of the reference, of current.
    found : tuple of Check or Evidence
        What the comparison of each column found, before any limit.
    note : str
        What else a reader should know.
    details : Mapping
    """

    subject: str
    rows: tuple[int, int]
    found: tuple[Check | Evidence, ...] = ()
    note: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Levels:
    """The rows of each level: ``codes[side][row]`` is its index into ``names``."""

    by: str
    names: tuple[str, ...]
    codes: tuple[NDArray[np.intp], NDArray[np.intp]]
    hidden: bool

    def counts(self) -> list[tuple[int, int]]:
        import numpy as np

        first, second = (np.bincount(side, minlength=len(self.names)).tolist() for side in self.codes)
        return list(zip(first, second, strict=True))

    def named(self, levels: Sequence[int], most: int = _NAMED) -> str:
        if self.hidden:
            return f"{len(levels)} levels"
        more = f" and {len(levels) - most} more" if len(levels) > most else ""
        return ", ".join(self.names[level] for level in levels[:most]) + more


def examine_within(
    reference: Side, current: Side, names: Sequence[str], settings: Settings, facts: Facts
) -> tuple[list[Group], list[Check]]:
    """Return the groups to judge with what was found in each, and checks of levels that only one side has.

    Parameters
    ----------
    reference, current : Side
        With rows.
    names : sequence of str
        The columns to compare.
    settings : Settings
        With ``within``.
    facts : Facts

    Raises
    ------
    InputError
        A group column is not there, holds timestamps, or has more than 500 levels; a side is a profile.
    """
    groups: list[Group] = []
    checks: list[Check] = []
    parts = [_levels(by, reference, current, facts) for by in dict.fromkeys(settings.within)]
    tests = len(names) * (1 + sum(len(part.names) for part in parts))
    for part in parts:
        columns = [name for name in names if name not in (part.by, facts.time)]
        own = settings.model_copy(update={"only": columns})
        found, more = _groups(part, reference, current, tests, own, facts)
        groups += found
        checks += more
    return groups, checks


def _levels(by: str, reference: Side, current: Side, facts: Facts) -> _Levels:
    import numpy as np

    hidden = by in facts.sensitive
    sides = [_labels(by, side, hidden=hidden) for side in (reference, current)]
    names = sorted({name for _, own in sides for name in own})
    index = {name: number for number, name in enumerate(names)}
    places = [np.array([*(index[name] for name in own), len(names)], dtype=np.intp) for _, own in sides]
    first, second = (place[codes] for place, (codes, _) in zip(places, sides, strict=True))  # -1 is the last place
    if (first == len(names)).any() or (second == len(names)).any():
        names.append(MISSING)
    if len(names) > _MOST_LEVELS:
        raise InputError(
            f"within: column {by!r} has {len(names)} levels, more than {_MOST_LEVELS}",
            fix="name a column with fewer levels, or one that groups them",
        )
    shown = [f"group {number}" for number in range(1, len(names) + 1)] if hidden else names
    return _Levels(by=by, names=tuple(shown), codes=(first, second), hidden=hidden)


def _labels(by: str, side: Side, *, hidden: bool) -> tuple[NDArray[np.intp], list[str]]:
    import numpy as np

    from pytest_mlgate.gates.drift.columns import level_name

    if by not in side.columns:
        near = difflib.get_close_matches(by, side.columns, n=1)
        raise InputError(
            f"within: {side.name} has no column {by!r}",
            fix=f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(side.columns[:20])}",
        )
    series, column = rows_of(side, what="within")[by], side.column(by, hidden=hidden)
    if column.kind == "timestamp":
        raise InputError(f"within: column {by!r} holds timestamps", fix="name a column of categories, or use `trend`")
    if column.kind != "number":
        return levels_in_order(series)
    values = numbers_in_order(series, column)
    known = ~np.isnan(values)
    levels, codes = np.unique(values[known], return_inverse=True)
    found = np.full(values.size, -1, dtype=np.intp)
    found[known] = codes.reshape(-1)
    return found, [level_name(level) for level in levels.tolist()]


def _groups(
    part: _Levels, reference: Side, current: Side, tests: int, settings: Settings, facts: Facts
) -> tuple[list[Group], list[Check]]:
    """Large levels by themselves, small ones together; a large level of one side has nothing to be compared with."""
    from pytest_mlgate.stats.ks import rows_needed_ks

    counts = part.counts()
    needed = rows_needed_ks(settings.limits("", "distance").warn, alpha=settings.alpha, tests=tests)
    large = [level for level, rows in enumerate(counts) if _enough(rows, needed)]
    one_sided = [level for level, rows in enumerate(counts) if not min(rows)]
    alone = [level for level in one_sided if max(counts[level]) >= needed]
    small = [level for level in range(len(counts)) if level not in large and level not in alone]
    rows = [sum(counts[level][side] for level in small) for side in (0, 1)]
    if small and not all(rows):  # nothing to compare them with either
        alone, small = sorted([*alone, *small]), []
    sides = (reference, current)
    groups = [_group(part, part.names[level], [level], sides, settings, facts) for level in large]
    if small:
        pool = _group(part, POOLED, small, sides, settings, facts)
        listed = {} if part.hidden else {"levels": [part.names[level] for level in small[:_LISTED]]}
        note = f"levels with fewer than about {needed} rows a side, together: {part.named(small)}"
        groups.append(replace(pool, note=note, details={**pool.details, **listed, "levels_pooled": len(small)}))
    return groups, [_one_sided(part, one_sided, alone)] if one_sided else []


def _enough(rows: tuple[int, int], needed: int) -> bool:
    """Whether the two sides together are worth as much as so many rows on each."""
    return min(rows) > 0 and 2 / (1 / rows[0] + 1 / rows[1]) >= needed


def _group(
    part: _Levels, name: str, levels: Sequence[int], sides: tuple[Side, Side], settings: Settings, facts: Facts
) -> Group:
    import numpy as np

    rows = [np.flatnonzero(np.isin(codes, levels)) for codes in part.codes]
    first, second = (
        FrameSide(name=side.name, frame=rows_of(side, what="within").iloc[own])
        for side, own in zip(sides, rows, strict=True)
    )
    found = [item for column in settings.only or () for item in examine(column, first, second, settings, facts)]
    return Group(
        subject=f"{part.by}={name}",
        rows=(first.rows, second.rows),
        found=tuple(found),
        details={"group": part.by, "level": name},
    )


def _one_sided(part: _Levels, one_sided: Sequence[int], alone: Sequence[int]) -> Check:
    counts = part.counts()
    new, gone = ([level for level in one_sided if not counts[level][side]] for side in (0, 1))
    words = [f"{what}: {part.named(levels)}" for what, levels in (("new", new), ("gone", gone)) if levels]
    if alone:
        words.append(f"not compared, since one side has no row of them: {part.named(alone)}")
    told = (
        {}
        if part.hidden
        else {
            key: {part.names[level]: sum(counts[level]) for level in levels[:_LISTED]}
            for key, levels in (("new_levels", new), ("gone_levels", gone))
        }
    )
    return Check(
        code=CODE,
        subject=f"{part.by}={ONE_SIDED}",
        outcome=Outcome.INCONCLUSIVE if alone else Outcome.PASS,
        severity=Severity.WARN if alone else Severity.NOTE,
        message="; ".join(words),
        fix=FIX[CODE] if alone else "",
        n=sum(counts[level][1] for level in new),
        details={"group": part.by, "new": len(new), "gone": len(gone), "not_compared": len(alone), **told},
    )


def group_checks(groups: Sequence[Group], judged: Sequence[Check]) -> list[Check]:
    """Return one check a group, from the checks of its columns: the worst one speaks.

    Parameters
    ----------
    groups : sequence of Group
    judged : sequence of Check
        One for each item that was found in them, in order.
    """
    checks, start = [], 0
    for group in groups:
        end = start + len(group.found)
        checks.append(_folded(group, judged[start:end]))
        start = end
    return checks


def _folded(group: Group, judged: Sequence[Check]) -> Check:
    # What is open warns, as for slices: among many groups hardly any table could settle each one.
    answers = [
        replace(check, severity=max(check.severity, Severity.WARN, key=list(Severity).index))
        if check.outcome is Outcome.INCONCLUSIVE
        else check
        for check in judged
        if check.outcome is not Outcome.SKIP
    ]
    if not answers:
        return Check(
            code=CODE,
            subject=group.subject,
            outcome=Outcome.INCONCLUSIVE,
            severity=Severity.WARN,
            message="no column could be compared in this group",
            fix=FIX[CODE],
            n=group.rows[1],
            details=group.details,
        )
    ranked = worst_first(sorted(answers, key=lambda check: -_reached(check)))
    worst = ranked[0]
    failed = [check for check in ranked if check.outcome is Outcome.FAIL]
    unsettled = [check.subject for check in ranked if check.outcome is Outcome.INCONCLUSIVE]
    words = [f"{'worst: ' if worst.outcome is Outcome.PASS else ''}{worst.subject}: {worst.message}"]
    also = [check.subject for check in failed if check is not worst]
    if also:
        words.append(
            f"also {', '.join(also[:_NAMED])}" + (f" and {len(also) - _NAMED} more" if len(also) > _NAMED else "")
        )
    if unsettled:
        words.append(f"not settled: {len(unsettled)} of {len(answers)} comparisons")
    if group.note:
        words.append(group.note)
    return replace(
        worst,
        code=CODE,
        subject=group.subject,
        message="; ".join(words),
        fix="" if worst.outcome is Outcome.PASS else FIX[CODE] if worst.outcome is Outcome.FAIL else worst.fix,
        n=group.rows[1],
        details={
            **group.details,
            "column": worst.subject,
            "comparisons": len(answers),
            "reference_n": group.rows[0],
            "current_n": group.rows[1],
            "tests": worst.details.get("tests"),
            "failed": {check.subject: _answer(check) for check in failed},
            "inconclusive": unsettled,
        },
    )


def _reached(check: Check) -> float:
    """How far a column is on the way to its limit."""
    return (check.observed or 0.0) / check.limit if check.limit else 0.0


def _answer(check: Check) -> dict[str, Any]:
    return {
        "distance": check.observed,
        "limit": check.limit,
        "p_adjusted": check.p_adjusted,
        "severity": check.severity.value,
    }
