"""Metrics of groups: what counts for each, and which groups have enough of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.fairness.reading import Column, Rows

POOLED = "(small groups)"

METRICS = {
    "selection_rate": "share of rows that the model calls positive",
    "true_positive_rate": "share of the positive rows that it calls positive",
    "false_positive_rate": "share of the negative rows that it calls positive",
    "true_negative_rate": "share of the negative rows that it calls negative",
    "false_negative_rate": "share of the positive rows that it calls negative",
    "precision": "share of the rows it calls positive that are",
    "error_rate": "share of rows that it gets wrong",
    "mean_error": "mean of predicted minus true value",
    "mean_absolute_error": "mean size of that error",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """One group that is judged: its rows in the table, and what was counted there.

    ``n`` is the number of rows that count for the metric; ``hits`` and ``size`` are the effective counts behind the
    rate where rows have weights (else the counts themselves); ``variance`` is that of one row.
    """

    name: str
    members: NDArray[np.intp]
    n: int
    value: float
    size: float
    variance: float

    @property
    def hits(self) -> float:
        """Rows with the property, as an effective count."""
        return min(max(self.value * self.size, 0.0), self.size)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """One metric in every group of one column.

    ``judged`` has the groups with enough rows, and the small ones together where they have enough; ``small`` has the
    rows that count in each small group; ``pooled`` those of all of them. ``values`` holds every group's own value
    (None where no row counts), whatever its size.
    """

    column: str
    metric: str
    judged: tuple[Group, ...]
    small: dict[str, int]
    pooled: int
    values: dict[str, float | None]


def parts(metric: str, truth: NDArray[Any], said: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each row's part of the numerator and of the denominator of a metric.

    The definitions are fairlearn's (``fairlearn.metrics``); where no row counts there is no value, while fairlearn's
    rates are then 0.
    """
    import numpy as np

    everything = np.ones(len(truth))
    if metric in ("mean_error", "mean_absolute_error"):
        error = said - truth
        return np.abs(error) if metric == "mean_absolute_error" else error, everything
    of = {
        "selection_rate": (said, everything),
        "true_positive_rate": (said, truth),
        "false_positive_rate": (said, ~truth),
        "true_negative_rate": (~said, ~truth),
        "false_negative_rate": (~said, truth),
        "precision": (truth, said),
        "error_rate": (said != truth, everything),
    }
    hit, counts = of[metric]
    return np.asarray(hit * (counts > 0), dtype=float), np.asarray(counts, dtype=float)


def tally(rows: Rows, column: Column, metric: str, *, min_rows: int, both: bool = False) -> Tally:
    """Count one metric in every group of a column.

    Parameters
    ----------
    rows : Rows
    column : Column
    metric : str
    min_rows : int
        A group in which fewer rows count is small.
    both : bool
        Whether as many must count for the baseline too (its precision counts other rows than the candidate's).
    """
    import numpy as np

    number, share = parts(metric, rows.truth, rows.candidate)
    counts = np.bincount(column.codes, weights=share > 0, minlength=len(column.names))
    if both and rows.baseline is not None:
        theirs = parts(metric, rows.truth, rows.baseline)[1]
        counts = np.minimum(counts, np.bincount(column.codes, weights=theirs > 0, minlength=len(column.names)))
    order = np.argsort(column.codes, kind="stable")
    members = np.split(order, np.cumsum(np.bincount(column.codes, minlength=len(column.names)))[:-1])
    values: dict[str, float | None] = {}
    for name, own in zip(column.names, members, strict=True):
        found = _group(name, own, number, share, rows.weights)
        values[name] = None if found is None else found.value
    enough = counts >= min_rows
    chosen = [(name, own) for name, own, large in zip(column.names, members, enough, strict=True) if large]
    small = {name: int(n) for name, n, large in zip(column.names, counts, enough, strict=True) if not large}
    pooled = int(counts[~enough].sum())
    if pooled >= min_rows and len(small) > 1:
        together = np.concatenate([own for own, large in zip(members, enough, strict=True) if not large])
        chosen.append((POOLED, together))
    judged = [_group(name, own, number, share, rows.weights) for name, own in chosen]
    return Tally(
        column=column.name,
        metric=metric,
        judged=tuple(group for group in judged if group is not None),
        small=small,
        pooled=pooled,
        values=values,
    )


def _group(
    name: str,
    members: NDArray[np.intp],
    number: NDArray[np.float64],
    share: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
) -> Group | None:
    """Return the group's value with its effective size: Kish's, ``sum(w)^2 / sum(w^2)``, where rows have weights."""
    import numpy as np

    x, counts = number[members], share[members] > 0
    w = counts.astype(float) if weights is None else weights[members] * counts
    total = float(w.sum())
    if not total > 0:
        return None
    value = float((w * x).sum() / total)
    size = total**2 / float((w**2).sum())
    spread = float((w * (x - value) ** 2).sum() / total)
    n = int(np.count_nonzero(counts))
    variance = spread * size / (size - 1) if size > 1 else 0.0
    return Group(name=name, members=members, n=n, value=value, size=size, variance=variance)


def both_models(rows: Rows, tallied: Tally) -> list[NDArray[np.float64]]:
    """Return for each judged group the rows' parts for the candidate and for the baseline, shape (n_rows, 4)."""
    import numpy as np

    assert rows.baseline is not None
    columns = [part for said in (rows.candidate, rows.baseline) for part in parts(tallied.metric, rows.truth, said)]
    weights = 1.0 if rows.weights is None else rows.weights[:, None]
    table = np.column_stack(columns) * weights
    return [table[group.members] for group in tallied.judged]


def between_groups(tallied: Tally) -> dict[str, float | None]:
    """Return the largest difference and the smallest ratio over all groups, the small ones too, as fairlearn does."""
    found = [value for value in tallied.values.values() if value is not None]
    low, high = min(found, default=None), max(found, default=None)
    if low is None or high is None:
        return {"difference": None, "ratio": None}
    return {"difference": high - low, "ratio": low / high if high > 0 and low >= 0 else None}
