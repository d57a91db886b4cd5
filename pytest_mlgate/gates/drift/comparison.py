"""Two sides of a column, compared: numbers and timestamps by their order, categories by their levels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Severity
from pytest_mlgate.gates.drift.by_counts import LABELS, named_counts, total_variation_statistic
from pytest_mlgate.gates.drift.by_order import named_values
from pytest_mlgate.gates.drift.decision import Evidence, Judge, Statistic

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pytest_mlgate.gates.drift.by_counts import Named
    from pytest_mlgate.gates.drift.columns import Column
    from pytest_mlgate.stats.distances import TwoSampleChiSquare
    from pytest_mlgate.stats.psi import PSI

_NAMED_IN_MESSAGE = 5
_NAMED_IN_DETAILS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """The two sides of one column, and how they are to be judged.

    ``alpha`` is the level of the whole gate, ``worst`` the highest severity for the values (not for missing ones);
    of a ``hidden`` column no level, location or range may be told.
    """

    name: str
    reference: Column
    current: Column
    judge: Judge
    alpha: float
    worst: Severity = Severity.BLOCK
    hidden: bool = False


def compare(pair: Pair) -> list[Evidence]:
    """Return what there is to judge about a column: its values, and for ordered ones the share that is missing."""
    reference, current = pair.reference, pair.current
    kind = reference.kind if reference.kind != "empty" else current.kind
    if kind == "category":
        return [_levels(pair)]
    found = [_values(pair)] if reference.present and current.present else []
    if reference.missing or current.missing:
        found.append(missing_share(pair))
    return found


def _values(pair: Pair) -> Evidence:
    from pytest_mlgate.stats.ks import detectable_ks, expected_ks, rows_needed_ks, two_sample_ks
    from pytest_mlgate.stats.psi import psi

    reference, current, alpha = pair.reference, pair.current, pair.alpha
    n, m = reference.present, current.present
    _expect_ranks(pair)
    result = two_sample_ks(reference.sample, current.sample)
    index = psi(reference.sample, current.sample, reference_missing=reference.missing, current_missing=current.missing)
    distance = Statistic(
        judge="ks" if pair.judge == "ks" else "distance",
        value=result.distance,
        p=result.p,
        detectable=lambda tests: detectable_ks(n, m, alpha=alpha, tests=tests),
        rows_needed=lambda limit, tests: rows_needed_ks(limit, alpha=alpha, tests=tests),
    )
    apart = reference.kind == "timestamp" and _apart(reference, current)
    location = shown_value(result.location, reference.kind)
    where = "" if pair.hidden else f", most at {location}"
    direction = f"current values are {'higher' if result.sign > 0 else 'lower'}{where}"
    by_psi = psi_statistic(index, reference.rows, current.rows, alpha) if pair.judge == "psi" else None
    evidence = Evidence(
        subject=pair.name,
        code="MLG507" if apart else "MLG501",
        statistic=by_psi or distance,
        rows=(n, m),
        worst=pair.worst,
        words=words_of(f"D {result.distance:.3g}", index, pair.judge),
        direction=direction,
        notes=(
            *(["the time ranges do not overlap"] if apart else []),
            *_infinite_notes(pair),
            *zone_notes(pair),
        ),
        details={
            "statistic": "two_sample_ks",
            "distance": result.distance,
            "expected": expected_ks(n, m),
            "p_method": result.method,
            **({} if pair.hidden else {"location": location}),
            "sign": result.sign,
            **_value_details(pair),
            **side_details(pair),
            **psi_details(index),
        },
    )
    if pair.judge in ("distance", "psi", "ks"):
        return evidence
    return judged_by(
        evidence, pair.judge, named_values(pair.judge, reference.values, current.values, alpha, hidden=pair.hidden)
    )


def _expect_ranks(pair: Pair) -> None:
    """Say which ranks PSI and what a report draws will ask for, so that one look at the rows serves all."""
    from pytest_mlgate.gates.drift.distribution import range_ranks
    from pytest_mlgate.stats.psi import psi_bins, quantile_ranks
    from pytest_mlgate.stats.samples import share_a_grid

    first, second = pair.reference.sample, pair.current.sample
    if first.is_sorted and second.is_sorted:
        return
    share_a_grid(first, second)
    missing = bool(pair.reference.missing or pair.current.missing)
    bins = psi_bins(pair.reference.rows, pair.current.rows) - missing
    for sample, ranks in ((first, quantile_ranks(first.size, bins)), (second, [])):
        ends = range_ranks(sample) if sum(sample.infinite) < sample.size else []
        sample.expect([*ranks, *ends])


def _levels(pair: Pair) -> Evidence:
    from pytest_mlgate.stats.distances import expected_total_variation, total_variation, two_sample_chi_square
    from pytest_mlgate.stats.psi import psi_levels

    reference, current = pair.reference, pair.current
    names = sorted({*reference.levels, *current.levels})  # sorted: the order of rows must not decide what is pooled
    before, after = [[side.levels.get(level, 0) for level in names] for side in (reference, current)]
    if reference.missing or current.missing:
        before, after = [*before, reference.missing], [*after, current.missing]
    result = two_sample_chi_square(before, after)
    index = psi_levels(before, after)
    unseen = {level: count for level, count in current.levels.items() if level not in reference.levels}
    by_psi = psi_statistic(index, reference.rows, current.rows, pair.alpha) if pair.judge == "psi" else None
    evidence = Evidence(
        subject=pair.name,
        code="MLG501",
        statistic=by_psi or counts_statistic(result, len(before), pair),
        rows=(reference.rows, current.rows),
        worst=pair.worst,
        words=words_of(f"TV {result.total_variation:.3g}", index, pair.judge),
        notes=(*pool_notes(result), *unseen_notes(unseen, current.rows, hidden=pair.hidden)),
        details={
            **count_details(result),
            "expected": expected_total_variation(before, after),
            "levels": len(before),
            "total_variation_unpooled": total_variation(before, after),
            **unseen_details(unseen, hidden=pair.hidden),
            **side_details(pair),
            **psi_details(index),
        },
    )
    if pair.judge in ("distance", "psi"):
        return evidence
    if pair.judge not in LABELS:
        return judged_by(evidence, pair.judge, "is not defined for levels")
    return judged_by(evidence, pair.judge, named_counts(pair.judge, before, after, pair.alpha, unit="levels"))


def judged_by(evidence: Evidence, judge: Judge, named: Named | str) -> Evidence:
    """Return evidence judged by the statistic asked for, or by the default with the reason why it is not."""
    if isinstance(named, str):
        usual = evidence.words.split(maxsplit=1)[0]
        return replace(evidence, notes=(*evidence.notes, f"{judge} {named}: judged by {usual}"))
    label, _, others = evidence.words.partition(", ")
    beside = others if named.words.startswith(f"{label} ") else evidence.words
    return replace(
        evidence,
        statistic=named.statistic,
        words=f"{named.words}, {beside}" if beside else named.words,
        notes=(*evidence.notes, *named.notes),
        details={**evidence.details, "judged": named.details},
    )


def missing_share(pair: Pair) -> Evidence:
    """Return the evidence of the share of missing values."""
    from pytest_mlgate.stats.distances import two_sample_chi_square

    reference, current = pair.reference, pair.current
    result = two_sample_chi_square([reference.missing, reference.present], [current.missing, current.present])
    before, after = reference.missing / reference.rows, current.missing / current.rows
    notes = [f"missing in {before:.1%} of the reference and {after:.1%} of the current rows"]
    one_sided = (reference.present == 0) != (current.present == 0)
    if one_sided:
        notes.append(f"no value is left in {'current' if reference.present else 'the reference'} to compare")
    return Evidence(
        subject=f"{pair.name}:missing",
        code="MLG502",
        # A side without any value leaves nothing to compare: what the shares do not settle stays open.
        statistic=counts_statistic(result, 2, pair, hidden=1.0 if one_sided else None),
        rows=(reference.rows, current.rows),
        words=f"TV {result.total_variation:.3g}",
        notes=tuple(notes),
        details={
            **count_details(result),
            "reference_share": before,
            "current_share": after,
            **side_details(pair),
        },
    )


def counts_statistic(result: TwoSampleChiSquare, levels: int, pair: Pair, *, hidden: float | None = None) -> Statistic:
    """Return the total variation distance as what is judged."""
    rows = pair.reference.rows, pair.current.rows
    return total_variation_statistic(result, levels=levels, rows=rows, alpha=pair.alpha, hidden=hidden)


def psi_statistic(index: PSI | None, n: int, m: int, alpha: float) -> Statistic:
    """Return PSI as what is judged; without two bins it can only say that the rows are too few."""
    from pytest_mlgate.stats.psi import ROWS_PER_BIN, detectable_psi_excess

    bins = index.bins if index is not None else 2

    def rows_needed(limit: float, tests: int) -> int:
        rows = detectable_psi_excess(1, 1, bins=bins, alpha=alpha, tests=tests) / limit
        return max(math.ceil(rows), bins * ROWS_PER_BIN)

    def detectable(tests: int) -> float:
        return math.inf if index is None else detectable_psi_excess(n, m, bins=bins, alpha=alpha, tests=tests)

    value, p, hidden = (index.excess, index.p, index.pooled_share) if index is not None else (0.0, None, 0.0)
    return Statistic(judge="psi", value=value, p=p, detectable=detectable, rows_needed=rows_needed, hidden=hidden)


def words_of(distance: str, index: PSI | None, judge: Judge) -> str:
    """Return a distance and its companion as printed."""
    if index is None:
        return distance
    words = f"{distance}, PSI {index.value:.2g} ({index.bins} bins, {index.smoothing} added)"
    return f"{words}, {index.excess:.2g} above chance" if judge == "psi" else words


def side_details(pair: Pair) -> dict[str, Any]:
    """Return how many rows of each side have a value, and how many have none."""
    return {
        "reference_n": pair.reference.present,
        "current_n": pair.current.present,
        "reference_missing": pair.reference.missing,
        "current_missing": pair.current.missing,
    }


def psi_details(index: PSI | None) -> dict[str, Any]:
    """Return all that defines the index."""
    if index is None:
        return {"psi": None}
    return {
        "psi": index.value,
        "psi_expected": index.expected,
        "psi_bins": index.bins,
        "psi_p": index.p,
        "psi_pooled_share": index.pooled_share,
        "smoothing": index.smoothing,
    }


def count_details(result: TwoSampleChiSquare) -> dict[str, Any]:
    """Return all that defines a statistic of counts."""
    return {
        "statistic": "total_variation",
        "distance": result.total_variation,
        "chi_square": result.statistic,
        "chi_square_levels": result.levels,
        "levels_pooled": result.pooled,
        "pooled_share": result.pooled_share,
    }


def pool_notes(result: TwoSampleChiSquare) -> Iterable[str]:
    """Say how many rare levels were pooled."""
    if result.pooled:
        yield f"rare levels pooled: {result.pooled} ({result.pooled_share:.1%} of the rows)"


def unseen_notes(unseen: Mapping[str, int], rows: int, *, hidden: bool) -> Iterable[str]:
    """Name the levels that the reference has never seen."""
    if unseen and hidden:
        yield f"levels not in the reference: {len(unseen)} ({sum(unseen.values()) / rows:.1%} of the current rows)"
    elif unseen:
        shown = _most_frequent(unseen, _NAMED_IN_MESSAGE)
        more = f" and {len(unseen) - len(shown)} more" if len(unseen) > len(shown) else ""
        share = sum(unseen.values()) / rows
        yield f"levels not in the reference: {', '.join(shown)}{more} ({share:.1%} of the current rows)"


def unseen_details(unseen: Mapping[str, int], *, hidden: bool) -> dict[str, Any]:
    """Return the levels that the reference has never seen, with their rows."""
    if not unseen:
        return {}
    if hidden:
        return {"unseen_levels_count": len(unseen)}
    shown = _most_frequent(unseen, _NAMED_IN_DETAILS)
    return {"unseen_levels": {level: unseen[level] for level in shown}, "unseen_levels_count": len(unseen)}


def _most_frequent(counts: Mapping[str, int], at_most: int) -> list[str]:
    return sorted(counts, key=lambda level: (-counts[level], level))[:at_most]


def _infinite_notes(pair: Pair) -> Iterable[str]:
    sides = {"the reference": pair.reference, "current": pair.current}
    counts = {name: sum(side.sample.infinite) for name, side in sides.items()}
    return (f"{count} infinite values in {name}" for name, count in counts.items() if count)


def zone_notes(pair: Pair) -> Iterable[str]:
    """Say where the time zones of the two sides differ."""
    zones = [side.zone or "none" for side in (pair.reference, pair.current)]
    if zones[0] != zones[1]:
        yield f"time zones differ ({zones[0]} and {zones[1]}); compared in UTC"


def _value_details(pair: Pair) -> dict[str, Any]:
    details: dict[str, Any] = {}
    for name, side in (("reference", pair.reference), ("current", pair.current)):
        if not pair.hidden:
            details[f"{name}_range"] = [shown_value(end, side.kind) for end in side.sample.ends]
        details[f"{name}_infinite"] = sum(side.sample.infinite)
        if side.zone:
            details[f"{name}_time_zone"] = side.zone
    return details


def _apart(reference: Column, current: Column) -> bool:
    (low, high), (lower, higher) = reference.sample.ends, current.sample.ends
    return high < lower or higher < low


def shown_value(value: float, kind: str) -> float | str:
    """Return a value as it is shown: rounded, or as a moment."""
    if kind != "timestamp":
        return float(f"{value:.6g}")
    import numpy as np

    return str(np.datetime64(int(value), "us"))
