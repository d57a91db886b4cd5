"""Two sides of a column of which at least one is a profile's: compared by cells and named levels, within bounds."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.drift import comparison
from pytest_mlgate.gates.drift.by_counts import LABELS, named_counts
from pytest_mlgate.gates.drift.by_order import TAIL, carried, unit_of
from pytest_mlgate.gates.drift.decision import Evidence, Judge, Statistic
from pytest_mlgate.gates.drift.limits import UNBOUNDED
from pytest_mlgate.gates.drift.report import FIX, column_check

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.drift.by_counts import Named
    from pytest_mlgate.gates.drift.columns import Column
    from pytest_mlgate.gates.drift.comparison import Pair
    from pytest_mlgate.gates.drift.sides import Side
    from pytest_mlgate.stats.cells import Cells
    from pytest_mlgate.stats.psi import PSI
    from pytest_mlgate.tables.sketches import Levels

_NAMED = 5


def withheld(*sides: Side, left_out: Sequence[str]) -> list[Check]:
    """Return one note that names the columns of which a profile kept no value because they are sensitive."""
    from pytest_mlgate.gates.drift.sides import ProfileSide

    profiles = [side for side in sides if isinstance(side, ProfileSide)]
    kept = [column for side in profiles for column in side.profile.columns if column.kind == "sensitive"]
    names = [name for name in dict.fromkeys(column.name for column in kept) if name not in left_out]
    if not names:
        return []
    text = f"sensitive, so the profile keeps no value of them: {', '.join(names)}; only what is missing is compared"
    return [column_check("MLG520", "", Outcome.SKIP, Severity.NOTE, text, FIX["MLG520"])]


def compare_sketched(pair: Pair, *, asked_for: bool, unique: bool) -> Sequence[Check | Evidence]:
    """Return what there is to judge about a column of which at least one side is a profile's.

    Parameters
    ----------
    pair : Pair
    asked_for : bool
        Whether the settings name the column.
    unique : bool
        Whether on each side that has rows no value repeats.
    """
    kinds = {side.sketch.kind for side in (pair.reference, pair.current) if side.sketch is not None}
    missing = [comparison.missing_share(pair)] if pair.reference.missing or pair.current.missing else []
    if "sensitive" in kinds:
        return missing
    if "identifier" in kinds:
        return [_identifier(pair, asked_for=asked_for, unique=unique), *missing]
    found = {side.kind for side in (pair.reference, pair.current)} - {"empty"}
    if len(found) > 1:
        text = f"is compared as {pair.reference.kind} in the reference and as {pair.current.kind} in current"
        return [column_check("MLG504", pair.name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG504"])]
    if "category" in found:
        return [_levels(pair)]
    return [*([_values(pair)] if pair.reference.present and pair.current.present else []), *missing]


def _identifier(pair: Pair, *, asked_for: bool, unique: bool) -> Check:
    if unique and not asked_for:
        text = "every row has a value of its own, as an identifier has: not compared"
        return column_check("MLG506", pair.name, Outcome.SKIP, Severity.NOTE, text, FIX["MLG506"])
    why = "the settings name it" if asked_for else "its values repeat on the other side"
    text = f"the profile took the column for an identifier and kept no value, but {why}: it cannot be compared"
    return column_check("MLG520", pair.name, Outcome.INCONCLUSIVE, Severity.BLOCK, text, FIX["MLG520"])


def _values(pair: Pair) -> Evidence:
    from pytest_mlgate.stats.ks import detectable_ks, ks_p_value, rows_needed_ks
    from pytest_mlgate.stats.sketches import ks_from_cells

    n, m, alpha = pair.reference.present, pair.current.present, pair.alpha
    reference, current = cells_of_pair(pair)
    result = ks_from_cells(reference, current)
    p, method = ks_p_value(result.low, n, m)
    index, slack = _psi(pair, reference, current)
    distance = Statistic(
        judge="ks" if pair.judge == "ks" else "distance",
        value=result.value,
        p=p,
        detectable=lambda tests: detectable_ks(n, m, alpha=alpha, tests=tests),
        rows_needed=lambda limit, tests: rows_needed_ks(limit, alpha=alpha, tests=tests),
        low=result.low,
        high=result.high,
    )
    apart = pair.reference.kind == "timestamp" and _apart(reference, current)
    location = comparison.shown_value(result.location, pair.reference.kind)
    where = "" if pair.hidden else f", most at {location}"
    evidence = Evidence(
        subject=pair.name,
        code="MLG507" if apart else "MLG501",
        statistic=_by_psi(pair, index, slack) if pair.judge == "psi" else distance,
        rows=(n, m),
        worst=pair.worst,
        words=comparison.words_of(_between(pair, "D", result.value, result.low, result.high), index, pair.judge),
        direction=f"current values are {'higher' if result.sign > 0 else 'lower'}{where}",
        notes=(
            *(["the time ranges do not overlap"] if apart else []),
            *_infinite_notes(reference, current),
            *comparison.zone_notes(pair),
        ),
        details={
            "statistic": "two_sample_ks",
            "distance": result.value,
            "distance_interval": [result.low, result.high],
            **_counted_details(pair),
            "p_method": method,
            **({} if pair.hidden else {"location": location}),
            "sign": result.sign,
            **_value_details(pair, reference, current),
            **comparison.side_details(pair),
            **comparison.psi_details(index),
        },
    )
    if pair.judge in ("distance", "psi", "ks"):
        return evidence
    return comparison.judged_by(evidence, pair.judge, _named_values(pair, reference, current))


def _named_values(pair: Pair, reference: Cells, current: Cells) -> Named | str:
    """Return the statistic asked for, or why there is none; bins are at stored edges near the reference's quantiles."""
    from pytest_mlgate.stats.psi import psi_bins
    from pytest_mlgate.stats.sketches import bin_counts, quantile_edges_from_cells

    if pair.judge not in LABELS:
        return _carried(pair, reference, current)
    bins = psi_bins(pair.reference.present, pair.current.present)
    edges = quantile_edges_from_cells(reference, bins) if bins >= 2 else None
    if edges is None or not edges.size:
        return "needs rows that fill two bins"
    (before, off), (after, other) = (bin_counts(side, edges) for side in (reference, current))
    named = named_counts(pair.judge, before, after, pair.alpha, unit="bins")
    # What merged profiles leave open moves a share as rows do that cannot be told apart.
    return _less_sure(named, pair.judge, float(off.sum() / before.sum() + other.sum() / after.sum()) / 2)


def _carried(pair: Pair, reference: Cells, current: Cells) -> Named | str:
    from pytest_mlgate.stats.sketches import deviation_of, energy_from_cells, gaps_from_cells, wasserstein_from_cells

    if any(side.below or side.above for side in (reference, current)):
        return "is not defined with infinite values"
    deviation, middle = deviation_of(reference), deviation_of(reference, tail=TAIL)
    now, middle_now = deviation_of(current), deviation_of(current, tail=TAIL)
    if math.isnan(deviation):
        return "needs more rows than the profile has"
    inflation = now / middle_now if middle_now and math.isfinite(now) else 1.0
    gaps = gaps_from_cells(reference, current)
    named = carried(pair.judge, gaps, deviation, middle, inflation, pair.alpha, hidden=pair.hidden)
    if isinstance(named, str):
        return named
    ends = (wasserstein_from_cells if pair.judge == "wasserstein" else energy_from_cells)(reference, current)
    high = ends.high / unit_of(pair.judge, deviation)
    return replace(named, statistic=replace(named.statistic, low=named.statistic.value, high=high))


def _less_sure(named: Named, judge: Judge, share: float) -> Named:
    # Rows of a share that cannot be told apart may lie at its root; in total variation at the share itself.
    unseen = share if judge == "total_variation" else math.sqrt(share)
    return replace(named, statistic=replace(named.statistic, hidden=max(named.statistic.hidden, unseen)))


def cells_of_pair(pair: Pair) -> tuple[Cells, Cells]:
    """Return both sides' cells; rows are counted at the edges of the other side's."""
    stored = [side.sketch.cells if side.sketch is not None else None for side in (pair.reference, pair.current)]
    edges = next(cells.edges for cells in stored if cells is not None)
    first, second = (
        _counted(side, edges, pair.judge) if cells is None else cells
        for side, cells in zip((pair.reference, pair.current), stored, strict=True)
    )
    return first, second


def _counted(side: Column, edges: NDArray[np.float64], judge: Judge) -> Cells:
    """Count rows at stored edges, and sum them where a statistic needs that."""
    from pytest_mlgate.gates.drift.distribution import range_ranks
    from pytest_mlgate.stats.cells import count_cells

    if sum(side.sample.infinite) < side.sample.size:
        side.sample.expect(range_ranks(side.sample))
    return count_cells(side.sample, edges, with_sums=judge in UNBOUNDED)


def _psi(pair: Pair, reference: Cells, current: Cells) -> tuple[PSI | None, float]:
    """Return the index in bins at stored edges near the reference's quantiles, and by how much it may be off."""
    import numpy as np

    from pytest_mlgate.stats.psi import psi_bins, psi_from_counts
    from pytest_mlgate.stats.sketches import bin_counts, quantile_edges_from_cells

    missing = (pair.reference.missing, pair.current.missing)
    bins = psi_bins(pair.reference.rows, pair.current.rows) - (1 if any(missing) else 0)
    edges = quantile_edges_from_cells(reference, bins) if bins >= 2 else np.empty(0)
    if not edges.size:
        return None, 0.0
    (before, before_slack), (after, after_slack) = (bin_counts(side, edges) for side in (reference, current))
    if any(missing):
        before, after = np.append(before, missing[0]), np.append(after, missing[1])
        before_slack, after_slack = np.append(before_slack, 0.0), np.append(after_slack, 0.0)
    r, c = (before + 0.5) / (before.sum() + 0.5), (after + 0.5) / (after.sum() + 0.5)
    # To first order: the index's derivatives by each share, times by how much the share may be off.
    slack = np.abs(np.log(c / r) + 1 - r / c) * after_slack / after.sum()
    slack += np.abs(-np.log(c / r) + 1 - c / r) * before_slack / before.sum()
    return psi_from_counts(before, after), float(slack.sum())


def _by_psi(pair: Pair, index: PSI | None, slack: float) -> Statistic:
    found = comparison.psi_statistic(index, pair.reference.rows, pair.current.rows, pair.alpha)
    return replace(found, low=found.value - slack, high=found.value + slack) if index is not None else found


def _levels(pair: Pair) -> Evidence:
    """Compare named levels; all that a profile does not name stands together, on both sides."""
    from pytest_mlgate.stats.distances import two_sample_chi_square
    from pytest_mlgate.stats.psi import psi_levels

    sides = _named(pair.reference), _named(pair.current)
    reference, current = sides
    n, m = pair.reference.rows, pair.current.rows
    names = [level for level in sorted({*reference.counts, *current.counts}) if _by_name(level, pair, sides)]
    before, after = _counts(pair, sides, names)
    rest = pair.reference.present - sum(before), pair.current.present - sum(after)
    if any(rest):
        before, after = [*before, rest[0]], [*after, rest[1]]
    if pair.reference.missing or pair.current.missing:
        before, after = [*before, pair.reference.missing], [*after, pair.current.missing]
    result, index = two_sample_chi_square(before, after), psi_levels(before, after)
    # Within the rest nothing is seen: it may hide as much as the smaller of its two shares.
    unseen = min(rest[0] / n, rest[1] / m) + sum(
        _misnamed(s, names) / rows for s, rows in zip(sides, (n, m), strict=True)
    )
    high = min(result.total_variation + unseen, 1.0)
    if pair.judge == "psi":
        statistic = comparison.psi_statistic(index, n, m, pair.alpha)
        statistic = replace(statistic, hidden=max(statistic.hidden, unseen))
    else:
        statistic = replace(
            comparison.counts_statistic(result, len(before), pair), low=result.total_variation, high=high
        )
    unnamed = {level: count for level, count in current.counts.items() if level not in reference.counts}
    evidence = Evidence(
        subject=pair.name,
        code="MLG501",
        statistic=statistic,
        rows=(n, m),
        worst=pair.worst,
        words=comparison.words_of(
            _between(pair, "TV", result.total_variation, result.total_variation, high), index, pair.judge
        ),
        notes=(*comparison.pool_notes(result), *_unnamed_notes(pair, unnamed, reference)),
        details={
            **comparison.count_details(result),
            "distance_interval": [result.total_variation, high],
            "levels": len(before),
            "levels_by_name": len(names),
            "other_rows": [rest[0], rest[1]],
            **_unnamed_details(pair, unnamed, reference),
            **comparison.side_details(pair),
            **comparison.psi_details(index),
        },
    )
    if pair.judge in ("distance", "psi", "total_variation"):
        return evidence
    if pair.judge not in LABELS:
        return comparison.judged_by(evidence, pair.judge, "is not defined for levels")
    named = named_counts(pair.judge, before, after, pair.alpha, unit="levels")
    return comparison.judged_by(evidence, pair.judge, _less_sure(named, pair.judge, unseen))


def _named(side: Column) -> Levels:
    from pytest_mlgate.tables.sketches import Levels

    stored = side.sketch.levels if side.sketch is not None else None
    return stored or Levels(counts=dict(side.levels))


def _by_name(level: str, pair: Pair, sides: tuple[Levels, Levels]) -> bool:
    """Whether a level is compared by itself: each profile would have named it if nothing has drifted.

    A profile names levels that have rows enough there; among levels that nearly have, those with more than their share
    are picked, which would look like drift. So both sides' rows together must make that all but certain: the root of
    the rows to be expected, whose standard deviation is a half, lies five of them above the root of those needed.
    """
    n, m = pair.reference.rows, pair.current.rows
    share = sum(levels.counts.get(level, 0) for levels in sides) / (n + m)
    for levels, rows in zip(sides, (n, m), strict=True):
        if levels.rare and not (level in levels.counts and rows * share >= (math.sqrt(levels.ceiling + 1) + 2.5) ** 2):
            return False
    return True


def _counts(pair: Pair, sides: tuple[Levels, Levels], names: Sequence[str]) -> tuple[list[int], list[int]]:
    """Return the rows of levels on both sides; where a merged profile leaves room, as alike as it allows."""
    before, after = ([levels.counts.get(level, 0) for level in names] for levels in sides)
    n, m = pair.reference.rows, pair.current.rows
    return _towards(before, after, n / m, sides[0], names), _towards(after, before, m / n, sides[1], names)


def _towards(own: list[int], other: list[int], ratio: float, levels: Levels, names: Sequence[str]) -> list[int]:
    left, found = levels.rare, []
    for count, aim, level in zip(own, other, names, strict=True):
        more = max(min(round(aim * ratio) - count, levels.slack.get(level, 0), left), 0)
        left -= more
        found.append(count + more)
    return found


def _misnamed(levels: Levels, names: Sequence[str]) -> int:
    """Return how many of a merged profile's rare rows may belong to levels that are compared by name."""
    return min(levels.rare, sum(levels.slack.get(level, 0) for level in names))


def _unnamed_notes(pair: Pair, unnamed: dict[str, int], reference: Levels) -> Iterable[str]:
    if not unnamed:
        return
    if not reference.rare:
        yield from comparison.unseen_notes(unnamed, pair.current.rows, hidden=pair.hidden)
        return
    share = f"{sum(unnamed.values()) / pair.current.rows:.1%} of the current rows"
    rare = f"{reference.rare / pair.reference.rows:.1%} of the reference is in rare levels"
    shown = sorted(unnamed, key=lambda level: (-unnamed[level], level))[:_NAMED]
    more = f" and {len(unnamed) - len(shown)} more" if len(unnamed) > len(shown) else ""
    which = str(len(unnamed)) if pair.hidden else f"{', '.join(shown)}{more}"
    yield f"levels that the profile does not name, rare or new: {which} ({share}; {rare})"


def _unnamed_details(pair: Pair, unnamed: dict[str, int], reference: Levels) -> dict[str, Any]:
    if not reference.rare:
        return comparison.unseen_details(unnamed, hidden=pair.hidden)
    return {"unnamed_levels_count": len(unnamed)} if unnamed else {}


def _between(pair: Pair, name: str, value: float, low: float, high: float) -> str:
    ends = f"{low:.3g}", f"{high:.3g}"
    if ends[0] == ends[1]:
        return f"{name} {value:.3g}"
    return f"{name} {value:.3g} (by {'profile' if _of_profile(pair) else 'counts'} {ends[0]} to {ends[1]})"


def _of_profile(pair: Pair) -> bool:
    return any(side.sketch is not None and not side.counted for side in (pair.reference, pair.current))


def _infinite_notes(reference: Cells, current: Cells) -> Iterable[str]:
    for name, side in (("the reference", reference), ("current", current)):
        if side.below + side.above:
            yield f"{side.below + side.above} infinite values in {name}"


def _value_details(pair: Pair, reference: Cells, current: Cells) -> dict[str, Any]:
    details: dict[str, Any] = {}
    sides = (("reference", pair.reference, reference), ("current", pair.current, current))
    for name, side, cells in sides:
        if not pair.hidden and cells.edges.size:
            ends = cells.edges[[0, -1]] if side.sketch is not None else side.sample.ends
            details[f"{name}_range"] = [comparison.shown_value(float(end), side.kind) for end in ends]
        details[f"{name}_infinite"] = cells.below + cells.above
        if side.sketch is not None:
            details[f"{name}_accuracy"] = cells.accuracy
        if side.zone:
            details[f"{name}_time_zone"] = side.zone
    return details


def _counted_details(pair: Pair) -> dict[str, Any]:
    """Return which sides were counted in cells, where any was."""
    sides = (("reference", pair.reference), ("current", pair.current))
    counted = [name for name, side in sides if side.counted]
    return {"counted_in_cells": counted} if counted else {}


def _apart(reference: Cells, current: Cells) -> bool:
    if not reference.edges.size or not current.edges.size:
        return False
    # Cells hold their upper edge and not their lower one, so two that only touch there are apart.
    return bool(_last(reference) <= _first(current) or _last(current) <= _first(reference))


def _first(cells: Cells) -> float:
    """Return the lower edge of the first cell with a row."""
    filled = cells.at_most > cells.below
    return float(cells.edges[max(int(filled.argmax()) - 1, 0)])


def _last(cells: Cells) -> float:
    """Return the upper edge of the last cell with a row."""
    return float(cells.edges[int((cells.at_least >= cells.rows - cells.above).argmax())])
