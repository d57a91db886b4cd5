"""The search for weak segments: single columns and pairs, cut into levels, by how clearly the candidate loses there."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.resampling import is_loss, row_losses
from pytest_mlgate.gates.baseline.slices import MISSING, bin_names, quantile_edges

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation

JUDGED = 5
"""Segments that are judged on the other half of the rows."""
LEAST_ROWS = 20
MOST_COLUMNS = 40
_BINS = 4
_FEW_VALUES = 8
_LISTED, _COMPARED = 200, 20
_STRICT = 0.98  # a pair should not beat its column by mere luck; what is said of it is honest in any case
_ALIKE, _SAME = 0.5, 0.8
_OUTSIDE = -1


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """One column cut into levels; ``codes`` is -1 on rows whose level is too rare to search."""

    column: str
    names: tuple[str, ...]
    codes: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A segment that was looked at: columns with the code of a level each, and how clearly it lost there."""

    at: tuple[tuple[Levels, int], ...]
    score: float

    @property
    def subject(self) -> str:
        """``origin=LGA, distance=[500, 1000)``."""
        return ", ".join(f"{part.column}={part.names[code]}" for part, code in self.at)

    def rows(self, among: NDArray[np.intp]) -> NDArray[np.intp]:
        """Which of these rows are in it."""
        import numpy as np

        inside = np.ones(len(among), dtype=bool)
        for part, code in self.at:
            inside &= part.codes[among] == code
        return among[inside]


def searchable(ev: Evaluation, facts: Facts, cluster: str | None) -> list[str]:
    """Return the columns of the table but target, id, weight, the cluster's and sensitive ones.

    Raises
    ------
    InputError
        Where there is no table.
    """
    if ev.slices is None:
        raise InputError("segments = true and no table was given", fix="give the columns to search in")
    aside = {facts.target, facts.id, facts.weight, cluster, *facts.sensitive}
    return [name for name in ev.slices.columns if name not in aside]


def cut_columns(ev: Evaluation, names: Sequence[str], rows: NDArray[np.intp], least: int) -> list[Levels]:
    """Return columns cut into levels, those with two or more.

    Parameters
    ----------
    ev : Evaluation
    names : sequence of str
    rows : array of int
        The rows to search.
    least : int
        Rows that a level needs among them.
    """
    assert ev.slices is not None
    found = (_levels(str(name), ev.slices[name], rows, least) for name in names)
    return [part for part in found if len(part.names) > 1]


def search(
    rule: Settings, metric: str, ev: Evaluation, columns: Sequence[Levels], rows: NDArray[np.intp]
) -> tuple[int, list[Candidate]]:
    """Return how many segments were looked at, and the clearest losses among them, the clearest first.

    A segment's score is the sum of its row differences (candidate minus baseline) over the root of its rows, in the
    spread of all rows: a small spread within a segment shall not make much of a small loss.

    Parameters
    ----------
    rule, metric, ev
        As :func:`judge_segments` takes them.
    columns : sequence of Levels
    rows : array of int
        The rows to search.
    """
    import numpy as np

    delta = row_differences(metric, ev, rows)
    spread = float(delta.std()) or 1.0
    looked_at, found = 0, []
    least = max(rule.min_rows // 2, LEAST_ROWS)
    for parts in _singles_and_pairs(columns):
        codes = np.zeros(len(rows), dtype=np.intp)
        inside = np.ones(len(rows), dtype=bool)
        for part in parts:
            codes = codes * len(part.names) + part.codes[rows]
            inside &= part.codes[rows] != _OUTSIDE
        cells = math.prod(len(part.names) for part in parts)
        n = np.bincount(codes[inside], minlength=cells)
        total = np.bincount(codes[inside], delta[inside], minlength=cells)
        large = n >= least
        looked_at += int(large.sum())
        for cell in np.flatnonzero(large & (total < 0)).tolist():
            found.append(Candidate(at=_at(parts, cell), score=float(total[cell] / math.sqrt(n[cell]) / spread)))
    found.sort(key=lambda one: (one.score, len(one.at), one.subject))
    return looked_at, found


def shortlist(
    rule: Settings, metric: str, ev: Evaluation, found: Sequence[Candidate], rows: NDArray[np.intp]
) -> list[Candidate]:
    """Return the few to judge: of the clearest, those with the lowest upper limit, not alike.

    The limits are those of the stand-in for the metric (:func:`row_differences`), so that any metric is searched in
    little time; areas under the ROC curve are taken within the segment.

    Parameters
    ----------
    rule, metric, ev, rows
        As :func:`search` takes them.
    found : sequence of Candidate
        The clearest first.
    """
    known: dict[str, tuple[float, float] | None] = {}
    quick = _quick_limits(metric, ev)

    def limits(one: Candidate) -> tuple[float, float] | None:
        if one.subject not in known:
            inside = one.rows(rows)
            known[one.subject] = quick(inside) if enough_rows(rule, metric, ev, inside) else None
        return known[one.subject]

    listed = _different(found[:_LISTED], rows, most=_COMPARED, nested=True)
    parents = [Candidate(at=(level,), score=0.0) for one in listed for level in one.at if len(one.at) > 1]
    scored = {one.subject: (one, at) for one in (*listed, *parents) if (at := limits(one)) is not None}

    def tells_more(one: Candidate, high: float) -> bool:
        """Whether a pair is worse for certain than each of its columns says alone: else the column is the finding."""
        alone = [limits(Candidate(at=(level,), score=0.0)) for level in one.at] if len(one.at) > 1 else []
        return all(at is None or high < at[0] for at in alone)

    kept = [(high, one) for one, (_, high) in scored.values() if tells_more(one, high)]
    kept.sort(key=lambda pair: (pair[0], pair[1].subject))
    return _different([one for _, one in kept], rows, most=JUDGED, nested=False)


def row_differences(metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return what each row adds to the candidate's advantage: a stand-in for the metric that is quick to sum.

    The difference of losses where the metric is a mean of them, of squared errors in a regression, of placements
    among the other class for a metric of binary scores (whose mean is the area under the ROC curve), and of hits
    for one of labels.
    """
    ours, theirs, ranked = _row_values(metric, ev)
    ours, theirs = ours[rows], theirs[rows]
    if ranked:
        ours, theirs = (_placements(ev.y[rows] == 1, scores) for scores in (ours, theirs))
    return ours - theirs if ev.weights is None else (ours - theirs) * ev.weights[rows]


def _row_values(metric: str, ev: Evaluation) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Both models' value of each row, higher is better, and whether these are scores that are only ranked."""
    import numpy as np

    pair = (ev.candidate, ev.baseline)
    if is_loss(metric, ev):
        ours, theirs = (-row_losses(metric, ev, model) for model in pair)
        return ours, theirs, False
    if ev.labels is None:
        ours, theirs = (np.asarray(-((model.predict() - ev.y) ** 2), dtype=float) for model in pair)
        return ours, theirs, False
    ranked = ev.task == "binary" and metric in ("roc_auc", "average_precision")
    if not ranked:
        try:
            ours, theirs = (np.asarray(model.predict() == ev.y, dtype=float) for model in pair)
            return ours, theirs, False
        except InputError:  # scores alone
            if ev.task != "binary":
                raise
    return ev.candidate.scores(), ev.baseline.scores(), True


def _quick_limits(metric: str, ev: Evaluation) -> Callable[[NDArray[np.intp]], tuple[float, float]]:
    """Return a function from rows to the difference and its upper limit, by the stand-in for the metric."""
    from pytest_mlgate.stats import auc, means

    ours, theirs, ranked = _row_values(metric, ev)

    def limits(rows: NDArray[np.intp]) -> tuple[float, float]:
        if ranked:
            delta = auc.delong_interval(ev.y[rows] == 1, ours[rows], theirs[rows], level=_STRICT)
        else:
            delta = means.paired_t_interval(-ours[rows], -theirs[rows], level=_STRICT)
        return delta.estimate, delta.high

    return limits


def _placements(positive: NDArray[np.bool_], scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each row the share of the other class that is on its right side, ties by half."""
    import numpy as np

    found = np.zeros(len(scores))
    for side, sign in ((positive, 1.0), (~positive, -1.0)):
        others = np.sort(sign * scores[~side])
        mine = sign * scores[side]
        below = (np.searchsorted(others, mine, "left") + np.searchsorted(others, mine, "right")) / 2
        found[side] = below / max(len(others), 1)
    return found


def _levels(column: str, values: pd.Series, rows: NDArray[np.intp], least: int) -> Levels:
    """Cut a column by what the searched rows show: bins of a number, else levels with enough rows."""
    import numpy as np
    import pandas as pd

    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    if pd.api.types.is_datetime64_any_dtype(values):
        return Levels(column=column, names=(), codes=np.empty(0, dtype=np.intp))
    if numeric and values.nunique() > _FEW_VALUES:
        x = values.to_numpy(dtype=float, na_value=np.nan)
        known = ~np.isnan(x)
        edges = quantile_edges(x[rows][known[rows]], _BINS)
        names = [*bin_names(edges), MISSING]
        codes = np.where(known, np.searchsorted(edges, x, side="right"), len(edges) + 1)
    else:
        texts = values.astype(object).map(str).where(values.notna(), MISSING)
        codes, found = pd.factorize(texts, sort=True)
        names = [str(name) for name in found]
    often = np.flatnonzero(np.bincount(codes[rows], minlength=len(names)) >= least)
    renumbered = np.full(len(names), _OUTSIDE, dtype=np.intp)
    renumbered[often] = np.arange(len(often))
    return Levels(column=column, names=tuple(names[i] for i in often), codes=renumbered[codes])


def _singles_and_pairs(columns: Sequence[Levels]) -> Iterator[tuple[Levels, ...]]:
    yield from ((part,) for part in columns)
    yield from combinations(columns, 2)


def _at(parts: tuple[Levels, ...], cell: int) -> tuple[tuple[Levels, int], ...]:
    found = []
    for part in reversed(parts):
        cell, code = divmod(cell, len(part.names))
        found.append((part, code))
    return tuple(reversed(found))


def _different(found: Sequence[Candidate], rows: NDArray[np.intp], *, most: int, nested: bool) -> list[Candidate]:
    """The first few that are not much like a better one; ``nested`` ones may lie within each other."""
    import numpy as np

    def alike(own: NDArray[np.intp], other: NDArray[np.intp]) -> bool:
        shared = len(np.intersect1d(own, other))
        if nested:
            return shared >= _SAME * (len(own) + len(other) - shared)
        return shared >= _ALIKE * min(len(own), len(other))

    kept: list[tuple[Candidate, NDArray[np.intp]]] = []
    for one in found:
        own = one.rows(rows)
        if not any(alike(own, other) for _, other in kept):
            kept.append((one, own))
        if len(kept) == most:
            break
    return [one for one, _ in kept]


def enough_rows(rule: Settings, metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> bool:
    """Whether these rows can be judged: half of what a slice needs, since they are of one half."""
    import numpy as np

    if len(rows) < max(rule.min_rows // 2, LEAST_ROWS) or metrics.why_not(metric, ev, rows):
        return False
    return ev.task != "binary" or int(np.bincount(ev.y[rows], minlength=2).min()) >= max(rule.min_class_rows // 2, 2)
