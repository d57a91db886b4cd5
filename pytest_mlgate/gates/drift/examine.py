"""Which columns are compared, and what the comparison of each one finds before any limit."""

from __future__ import annotations

import difflib
import os
from dataclasses import replace
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.drift.blocks import by_blocks
from pytest_mlgate.gates.drift.columns import Column
from pytest_mlgate.gates.drift.comparison import Pair, compare
from pytest_mlgate.gates.drift.counted import EngineSide, looked_at, read_pair
from pytest_mlgate.gates.drift.decision import Evidence
from pytest_mlgate.gates.drift.distribution import with_distribution
from pytest_mlgate.gates.drift.limits import UNBOUNDED, matches
from pytest_mlgate.gates.drift.report import FIX, column_check
from pytest_mlgate.gates.drift.rows import PREDICTION, is_prediction, rows_of
from pytest_mlgate.gates.drift.sketched import compare_sketched

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side

_IDENTIFIER_ROWS = 50
_REPEATS_EXPECTED = 10  # a sample without any repeat, where at least ten were to be expected, is no sample
_ROWS_FOR_THREADS = 200_000
_MOST_THREADS = 4
_BEYOND_MEASUREMENT = 2**53  # whole numbers spread so far are hashes


def refuse_unknown(reference: Side, current: Side, settings: Settings, facts: Facts) -> None:
    """Raise InputError where the settings name a column that neither table has."""
    known = {*reference.columns, *current.columns, *filter(None, (facts.target,))}
    if settings.predictions:
        known |= {PREDICTION, *(name for name in settings.columns if is_prediction(name))}
    with_missing = known | {f"{name}:missing" for name in known}
    unknown = [f"columns: {key!r}{_nearest(key, known)}" for key in settings.columns if not _used(key, with_missing)]
    unknown += [f"importance: {name!r}{_nearest(name, known)}" for name in _weighed(settings) if name not in known]
    unknown += [f"columns: {name!r}{_nearest(name, known)}" for name in settings.only or () if name not in known]
    unknown += [f"exclude: {name!r}{_nearest(name, known)}" for name in settings.exclude if name not in known]
    if unknown:
        raise InputError(
            f"neither the reference nor the current table has what drift is told of: {'; '.join(unknown)}",
            fix="correct the name, or remove it",
        )


def _used(key: str, subjects: Iterable[str]) -> bool:
    return any(matches(key, subject) for subject in subjects)


def _weighed(settings: Settings) -> Iterable[str]:
    return settings.importance if isinstance(settings.importance, dict) else ()


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def columns_of(reference: Side, settings: Settings, facts: Facts) -> list[str]:
    """Return the columns that are compared: those asked for and absent first, then in the reference's order."""
    left_out = {*settings.exclude, *filter(None, (facts.id,))}
    if settings.only is None:
        return [name for name in reference.columns if name not in left_out]
    absent = [name for name in settings.only if name not in reference.columns]
    return [*absent, *(name for name in reference.columns if name in settings.only)]


def new_columns(reference: Side, current: Side, settings: Settings, facts: Facts) -> list[Check]:
    """Return one check for each column that only the current table has."""
    if settings.only is not None:
        return []
    known = {*reference.columns, *settings.exclude, *filter(None, (facts.id, facts.target))}
    return [_new(name) for name in current.columns if name not in known]


def examine_all(
    names: Sequence[str], reference: Side, current: Side, settings: Settings, facts: Facts
) -> list[Check | Evidence]:
    """Return what there is to judge about columns, in their order; of large tables some columns at a time.

    Sorting and counting let other threads run meanwhile; of a file, as many columns as threads are in memory. An engine
    that has threads of its own is asked one question at a time: both tables may be of one connection, which serves one.
    """
    from pytest_mlgate.tables.scans import each_column

    def one(name: str) -> Sequence[Check | Evidence]:
        return examine(name, reference, current, settings, facts)

    found = each_column(one, names, threads=_threads(reference, current))
    return [item for items in found for item in items]


def _threads(*sides: Side) -> int:
    if sum(side.rows for side in sides) < _ROWS_FOR_THREADS:
        return 1
    if any(isinstance(side, EngineSide) and not side.engine.in_threads for side in sides):
        return 1
    return min(_MOST_THREADS, os.cpu_count() or 1)


def examine(name: str, reference: Side, current: Side, settings: Settings, facts: Facts) -> Sequence[Check | Evidence]:
    """Return what there is to judge about one column, or the check that says why nothing is."""
    absent = [side.name for side in (reference, current) if name not in side.columns]
    if absent:
        return [_absent(name, absent, facts)]
    hidden = name in facts.sensitive
    try:
        sums = settings.judge_of(name) in UNBOUNDED
        sides = read_pair(reference, current, name, hidden=hidden, sums=sums)
    except InputError as error:
        return [_unreadable(error, name, hidden=hidden, sides=(reference, current))]
    except Exception as error:
        if not hidden:
            raise
        # The error of a library may quote a value, and so may its traceback.
        text = f"cannot be read ({type(error).__name__}; the column is sensitive, so no more is told)"
        return [column_check("MLG504", name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG504"])]
    if name == facts.target and sides[1].kind == "empty":
        return [_waits(f"no row of {current.name} has a label yet", name)]
    families = [side.family for side in sides if side.family]
    if len(set(families)) > 1:
        text = f"holds {families[0]} values in the reference and {families[1]} values in current"
        if any(side.from_text for side in sides) and "text" in families:
            text += "; every value of the one, and not of the other, is a date of ISO 8601"
        return [column_check("MLG504", name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG504"])]
    asked_for = name in (settings.only or ()) or name in settings.columns or name == facts.target
    if not asked_for and all(_unique(side) for side in sides) and any(_identifier(side) for side in sides):
        text = "every row has a value of its own on both sides, as an identifier has: not compared"
        return [column_check("MLG506", name, Outcome.SKIP, Severity.NOTE, text, FIX["MLG506"])]
    unique = all(_unique(side) for side in sides if side.sketch is None or side.counted)
    pair = Pair(
        name=name,
        reference=sides[0],
        current=sides[1],
        judge=settings.judge_of(name),
        alpha=settings.alpha,
        worst=_worst(name, families, facts),
        hidden=hidden,
    )
    if any(side.sketch is not None for side in sides):
        if settings.block is not None:
            for side in (reference, current):
                rows_of(side, what="block")
        sketched = compare_sketched(pair, asked_for=asked_for, unique=unique)
        if any(_undecided(item, name, settings) for item in sketched):
            try:
                finer = looked_at(pair, reference, current)
            except InputError as error:
                return [_unreadable(error, name, hidden=hidden, sides=(reference, current))]
            pair = finer or pair
            sketched = compare_sketched(pair, asked_for=asked_for, unique=unique) if finer else sketched
        return _as_labels(with_distribution(sketched, pair), facts)
    evidence = with_distribution(compare(pair), pair)
    if settings.block is not None:
        evidence = [
            by_blocks(item, name, reference, current, settings, facts) if isinstance(item, Evidence) else item
            for item in evidence
        ]
    return _as_labels(evidence, facts)


def _unreadable(error: InputError, name: str, *, hidden: bool, sides: Sequence[Side]) -> Check:
    """Return the check of a column that cannot be read; an engine's own words may quote a value of a hidden one."""
    text = error.message
    if hidden and any(isinstance(side, EngineSide) for side in sides):
        text = "cannot be counted (the column is sensitive, so no more is told)"
    return column_check("MLG504", name, Outcome.ERROR, Severity.BLOCK, text, error.fix)


def _undecided(item: Check | Evidence, name: str, settings: Settings) -> bool:
    """Whether a distance in order is known too coarsely for one of its limits."""
    if not isinstance(item, Evidence) or item.subject != name or item.statistic.judge not in ("distance", "ks"):
        return False
    limits = settings.limits(name, item.statistic.judge)
    return "counted_in_cells" in item.details and any(
        item.statistic.too_coarse(limit) for limit in (limits.block, limits.warn)
    )


def _as_labels(found: Sequence[Check | Evidence], facts: Facts) -> Sequence[Check | Evidence]:
    """Say of the target that its drift is label drift."""
    return [
        replace(item, notes=("this is label drift", *item.notes))
        if isinstance(item, Evidence) and item.subject == facts.target
        else item
        for item in found
    ]


def _absent(name: str, absent: Sequence[str], facts: Facts) -> Check:
    if name == facts.target:
        return _waits(f"the target is not in {absent[0]}", name)
    text = f"the column is not in {' or '.join(absent)}"
    return column_check("MLG503", name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG503"])


def _waits(why: str, name: str) -> Check:
    text = f"{why}: labels often come later, and label drift waits for them"
    return column_check("MLG508", name, Outcome.SKIP, Severity.NOTE, text, FIX["MLG508"])


def _new(name: str) -> Check:
    text = "the column is new: the reference does not have it"
    return column_check("MLG505", name, Outcome.FAIL, Severity.NOTE, text, FIX["MLG505"])


def _worst(name: str, families: Sequence[str], facts: Facts) -> Severity:
    """Time moves on: that alone must not block, and in the declared time column it is no news either."""
    if name == facts.time:
        return Severity.NOTE
    return Severity.WARN if "timestamp" in families else Severity.BLOCK


def is_identifier(side: Column) -> bool:
    """Whether one side's values are those of an identifier."""
    return _unique(side) and _identifier(side)


def _unique(side: Column) -> bool:
    if side.missing or side.rows < _IDENTIFIER_ROWS:
        return False
    return side.span is not None or (side.family == "text" and len(side.levels) == side.rows)


def _identifier(side: Column) -> bool:
    """Whether unique values are those of an identifier.

    Unique text is. Unique whole numbers are where a sample of a measurement would have repeated itself: among n draws
    from a range of r values at least ``n (n - 1) / (2 r)`` pairs are expected to be equal, whatever the distribution
    (it is least for an even one). Distinct numbers of a wide range may be a measurement, and are compared.
    """
    if side.span is None:
        return side.kind == "category"
    repeats = side.rows * (side.rows - 1) / (2 * (side.span + 1))
    return repeats >= _REPEATS_EXPECTED or side.span >= _BEYOND_MEASUREMENT
