"""Weak segments: where does the candidate lose most? Searched on one half of the rows, judged on the other."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.segment_search import (
    LEAST_ROWS,
    MOST_COLUMNS,
    Candidate,
    cut_columns,
    enough_rows,
    search,
    searchable,
    shortlist,
)
from pytest_mlgate.gates.baseline.words import interval, limits, number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.metrics import Comparison

SEGMENTS = "MLG113"
SUBJECT = "(weak segments)"
MOST_SEARCHED = 100_000


def judge_segments(rule: Settings, metric: str, ev: Evaluation, facts: Facts) -> Check:
    """Search for the segment where the candidate loses most, and say what is known of it, as a note.

    The rows are split at random into halves (whole groups, where rows come in groups). On the first, single columns
    and pairs of them are searched: the levels of a category, the quantile bins of a number, missing values. The
    clearest losses, at most five that are not alike, are compared by the entry's own metric on the second half, which
    the search has not seen, each at 5 % over their number; so an interval is as honest as if its segment had been named
    beforehand. The check fails where an upper limit is below the margin.

    Parameters
    ----------
    rule : Settings
        ``slice_margin`` or ``margin``, ``min_rows`` and ``min_class_rows`` (half of each in each half), ``resamples``.
    metric : str
    ev : Evaluation
    facts : Facts
        Columns that are no features (target, id, weight) or sensitive are left out.

    Raises
    ------
    InputError
        Where there is no table to search in, or the task is a ranking, whose rows have no share of their own.
    """
    if ev.task == "ranking":
        raise InputError("segments = true is not judged for a ranking", fix="name the segments under `slices`")
    first, second = _halves(ev)
    names = searchable(ev, facts, rule.cluster)
    columns = cut_columns(ev, names[:MOST_COLUMNS], first[:MOST_SEARCHED], max(rule.min_rows // 2, LEAST_ROWS))
    first = first[:MOST_SEARCHED]
    looked_at, listed = search(rule, metric, ev, columns, first)
    found = shortlist(rule, metric, ev, listed, first)
    details: dict[str, Any] = {
        "metric": metric,
        "columns": [part.column for part in columns],
        "columns_left_out": max(len(names) - MOST_COLUMNS, 0),
        "segments_searched": looked_at,
        "rows_searched": min(len(first), MOST_SEARCHED),
        "rows_judged": len(second),
        "seed": ev.seed,
    }
    enough = [(one, rows) for one in found if enough_rows(rule, metric, ev, rows := one.rows(second))]
    level = 1 - 0.1 / (max(len(enough), 1) * rule.candidates_seen)
    judged = []
    for one, rows in enough:
        try:
            judged.append((one, metrics.compare(metric, ev, rows, level=level, resamples=_resamples(rule, level))))
        except InputError as error:  # this metric is not defined there: nothing is known of the segment
            details.setdefault("not_judged", {})[one.subject] = error.message
    details["bonferroni"] = len(enough)
    return _conclude(rule, judged, details)


def _halves(ev: Evaluation) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    import numpy as np

    rng = np.random.default_rng(ev.seed)
    if ev.clusters is None:
        order = rng.permutation(len(ev.y))
        return order[: len(order) // 2], order[len(order) // 2 :]
    groups = rng.permutation(int(ev.clusters.max()) + 1)
    inside = np.isin(ev.clusters, groups[: len(groups) // 2])
    order = rng.permutation(len(ev.y))  # so that the first so many are a sample too
    return order[inside[order]], order[~inside[order]]


def _resamples(rule: Settings, level: float) -> int:
    """So many that twenty draws lie beyond each limit."""
    return max(rule.resamples, math.ceil(40 / (1 - level)))


def _conclude(rule: Settings, judged: list[tuple[Candidate, Comparison]], details: dict[str, Any]) -> Check:
    margin = rule.margin if rule.slice_margin is None else rule.slice_margin
    looked = f"{details['segments_searched']} segments of {len(details['columns'])} columns searched on half the rows"
    if not judged:
        return Check(
            code=SEGMENTS,
            subject=SUBJECT,
            outcome=Outcome.PASS,
            severity=Severity.NOTE,
            message=f"{looked}; none that is large enough loses anything",
            n=details["rows_judged"],
            details=details,
        )
    judged = sorted(judged, key=lambda pair: pair[1].delta.high)
    details["segments"] = [
        {
            "segment": one.subject,
            "delta": found.delta.estimate,
            "low": found.delta.low,
            "high": found.delta.high,
            "rows": found.rows,
        }
        for one, found in judged
    ]
    worst, found = judged[0]
    failed = found.delta.high < -margin
    told = "loses" if failed else "is the weakest"
    message = (
        f"{worst.subject} {told}: {number(found.candidate)} vs {number(found.baseline)}, delta "
        f"{number(found.delta.estimate, sign=True)} {limits(found.delta)} on the other half; margin {margin:g}; "
        f"{looked}, the clearest {details['bonferroni']} judged at 5 % together"
    )
    return Check(
        code=SEGMENTS,
        subject=SUBJECT,
        outcome=Outcome.FAIL if failed else Outcome.PASS,
        severity=Severity.NOTE,
        message=message,
        fix="look at these rows; name the segment under `slices`, so that it is judged on all rows" if failed else "",
        observed=found.delta.estimate,
        limit=-margin,
        interval=interval(found.delta),
        p=found.delta.p_below(-margin),
        n=found.rows,
        details=details,
    )
