"""Labels and what both models said of them, counted: the metrics of labels, with the figures of the rows themselves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.baseline import intervals
from pytest_mlgate.gates.baseline.answers import Answers, Labels
from pytest_mlgate.gates.baseline.metrics import Comparison
from pytest_mlgate.gates.baseline.resampling import drawn_limits, few_of, sums_of
from pytest_mlgate.gates.baseline.trivial import trivial_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.counted.survey import Groups
    from pytest_mlgate.stats.estimate import Estimate

_MOST_KEYS = 1 << 20
"""Combinations of labels and groups up to which each has a place of its own."""


class Outcomes:
    """How often each label stands beside what both models said, in the order in which these first come together."""

    passes = 1

    def __init__(self, metric: str, ev: Evaluation, groups: Groups, *, resamples: int) -> None:
        self.metric, self.resamples, self.groups = metric, resamples, groups
        self.ev, self.size = ev, 2 if ev.labels is None else len(ev.labels.names)
        self._found: dict[int, list[int]] = {}

    def add(self, ev: Evaluation, codes: Sequence[NDArray[np.intp]], numbers: NDArray[np.int64], turn: int) -> None:
        """Add a part."""
        import numpy as np

        if ev.labels is None:  # a score of 0 or 1: right or wrong
            y: Any = np.ones(len(ev.y), dtype=np.int64)
            a, b = ((model.predict() == ev.y).astype(np.int64) for model in (ev.candidate, ev.baseline))
        else:
            y, a, b = (one.astype(np.int64) for one in (ev.y, ev.candidate.predict(), ev.baseline.predict()))
        own = (y * self.size + a) * self.size + b
        for each in codes:
            inside = each >= 0
            keys, first, counts = _occurring(
                each[inside].astype(np.int64) * self.size**3 + own[inside], self.groups.count * self.size**3
            )
            where = numbers[inside][first]
            for key, count, place in zip(keys.tolist(), counts.tolist(), where.tolist(), strict=True):
                known = self._found.setdefault(key, [0, place])
                known[0] += count
                known[1] = min(known[1], place)

    def table(self, group: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]:
        """Return labels, answers of candidate and baseline, and rows: one a combination that is there."""
        import numpy as np

        cube = self.size**3
        own = sorted((place, key % cube, count) for key, (count, place) in self._found.items() if key // cube == group)
        keys = np.array([key for _, key, _ in own], dtype=np.int64)
        counts = np.array([count for _, _, count in own], dtype=np.int64)
        return keys // self.size**2, keys // self.size % self.size, keys % self.size, counts

    def _cells(self, group: int) -> tuple[Evaluation, NDArray[np.int64]]:
        """Return an evaluation with one row a combination, and how often each is there."""
        import numpy as np

        y, a, b, counts = self.table(group)
        labels = self.ev.labels or Labels(names=(0, 1))
        names = np.empty(len(labels.names), dtype=object)
        names[:] = list(labels.names)
        models = [
            Answers(name=name, rows=len(y), ask={"predict": _given(names[said])}, labels=labels)
            for name, said in (("candidate", a), ("baseline", b))
        ]
        found = replace(self.ev, y=y, labels=labels, candidate=models[0], baseline=models[1], weights=None, slices=None)
        return found, counts

    def compare(self, group: int, *, level: float) -> Comparison:
        """Return both models' metric on a group's rows."""
        ev, counts = self._cells(group)
        return self._compare(ev, counts, level)

    def _compare(self, ev: Evaluation, counts: NDArray[np.int64], level: float) -> Comparison:
        from pytest_mlgate.stats import proportions

        pair, n = (ev.candidate, ev.baseline), int(counts.sum())
        hits = [model.predict() == ev.y for model in pair]
        fixed, broken = int(counts[hits[0] & ~hits[1]].sum()), int(counts[hits[1] & ~hits[0]].sum())
        if self._by_hits:
            delta = proportions.tango_interval(fixed, broken, n, level=level)
            values = [int(counts[hit].sum()) / n - intervals.miss(self.ev) for hit in hits]
        else:
            values, draws, few = self._resampled(ev, counts, pair)
            delta = drawn_limits(
                self.metric, ev, draws[:, 0] - draws[:, 1], values[0] - values[1], values, level,
                units=n, rows=n, few=few,
            )  # fmt: skip
        return Comparison(candidate=values[0], baseline=values[1], delta=delta, rows=n, fixed=fixed, broken=broken)

    @property
    def _by_hits(self) -> bool:
        return intervals.choose(self.metric, self.ev) == "score"

    def _resampled(
        self, ev: Evaluation, counts: NDArray[np.int64], models: tuple[Answers, ...]
    ) -> tuple[list[float], NDArray[np.float64], int | None]:
        """Return each model's metric, its draws, and the rows of the rarer class where they are few."""
        import numpy as np

        from pytest_mlgate.stats.bootstrap import bootstrap_counted_sums

        few = few_of(np.bincount(ev.y, counts, 2).astype(np.int64)) if ev.task == "binary" else None
        sums = [part for model in models if (part := sums_of(self.metric, ev, model)) is not None]
        columns = np.column_stack([part.columns for part in sums]).astype(float)
        strata = ev.y if few is not None else np.zeros_like(ev.y)
        distinct, rows, which = _merged(columns, counts, strata)
        drawn = bootstrap_counted_sums(
            distinct, rows, resamples=self.resamples, seed=ev.seed, strata=None if few is None else which
        )
        ends = np.cumsum([part.columns.shape[1] for part in sums])[:-1]
        total = np.split(drawn, ends, axis=1)
        values = [float(part.value(counts @ part.columns.astype(float))) for part in sums]
        return values, np.column_stack([part.value(own) for part, own in zip(sums, total, strict=True)]), few

    def own(self, *, level: float) -> Estimate:
        """Return the candidate's own metric on all rows."""
        from pytest_mlgate.stats import proportions
        from pytest_mlgate.stats.estimate import shifted

        ev, counts = self._cells(0)
        n = int(counts.sum())
        if self._by_hits:
            hits = int(counts[ev.candidate.predict() == ev.y].sum())
            return shifted(proportions.wilson_interval(hits, n, level=level), -intervals.miss(self.ev))
        values, draws, few = self._resampled(ev, counts, (ev.candidate,))
        return drawn_limits(self.metric, ev, draws[:, 0], values[0], values, level, units=n, rows=n, few=few)

    def trivial(self, *, level: float) -> tuple[Comparison, str]:
        """Return the comparison with the label that scores best."""
        ev, counts = self._cells(0)
        trivial, words = trivial_model(self.metric, replace(ev, weights=counts.astype(float)))
        return self._compare(replace(ev, baseline=trivial), counts, level), words


def _occurring(keys: NDArray[np.int64], size: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return the keys below ``size`` that are there, where each is first, and how often it is there."""
    import numpy as np

    if size > _MOST_KEYS:
        found = np.unique(keys, return_index=True, return_counts=True)
        return found[0], found[1], found[2]
    counts = np.bincount(keys, minlength=size)
    there = np.flatnonzero(counts)
    first = np.empty(size, dtype=np.int64)
    first[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)  # what is written last stays: the first row
    return there, first[there], counts[there]


def _given(answer: NDArray[Any]) -> Callable[[], NDArray[Any]]:
    return lambda: answer


def _merged(
    columns: NDArray[np.float64], counts: NDArray[np.int64], strata: NDArray[Any]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[Any]]:
    """Return rows that differ within a stratum, in the order in which they first come, their numbers and strata."""
    import numpy as np

    _, first, inverse = np.unique(np.column_stack([columns, strata]), axis=0, return_index=True, return_inverse=True)
    total = np.bincount(inverse.reshape(-1), counts).astype(np.int64)
    order = np.argsort(first)
    return columns[first[order]], total[order], np.asarray(strata)[first[order]]
