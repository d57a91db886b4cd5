"""What is added up of joined rows, by group: outcomes, losses, ranks; and the comparisons that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlgate.gates.baseline import intervals
from pytest_mlgate.gates.baseline.answers import Answers, Labels
from pytest_mlgate.gates.baseline.measures import by_name
from pytest_mlgate.gates.baseline.metrics import Comparison
from pytest_mlgate.gates.baseline.resampling import drawn_limits, few_of, row_losses, sums_of
from pytest_mlgate.gates.baseline.trivial import trivial_model

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.counted.survey import Groups
    from pytest_mlgate.stats.auc_counts import CountedDeLong
    from pytest_mlgate.stats.estimate import Estimate
    from pytest_mlgate.stats.moments import Moments

MOST_CELLS = 65_536
_CELLS_IN_ALL = 2_000_000
SAMPLE = 500_000
_MOST_KEYS = 1 << 20


class Sums(Protocol):
    """Rows added up; asked for one group's comparison once all are."""

    passes: int
    """How often all rows have to be added."""

    def add(self, ev: Evaluation, codes: Sequence[NDArray[np.intp]], numbers: NDArray[np.int64], turn: int) -> None:
        """Add a part: its rows' groups, one array for each way of grouping them, and their numbers in the whole."""

    def compare(self, group: int, *, level: float) -> Comparison:
        """Return both models' metric on a group's rows."""

    def own(self, *, level: float) -> Estimate:
        """Return the candidate's own metric on all rows."""

    def trivial(self, *, level: float) -> tuple[Comparison, str]:
        """Return the comparison with the trivial model on all rows, and what that says."""


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Constants:
    """Values that a trivial model of a regression says on every row, by what they are called."""

    values: dict[str, float]


class Losses:
    """Losses of each row: their means, and how they scatter together."""

    passes = 1

    def __init__(
        self, metric: str, ev: Evaluation, groups: Groups, *, constants: dict[str, float], shares: NDArray[np.float64]
    ) -> None:
        import numpy as np

        from pytest_mlgate.stats.moments import moments_of

        self.metric, self.ev, self.groups, self.constants, self.shares = metric, ev, groups, constants, shares
        self._by_group: Moments = moments_of(np.empty((0, 3)), groups=groups.count)
        self._others: Moments = moments_of(np.empty((0, 2 * max(len(constants), 1))))
        self._zeros = np.zeros((groups.count, 2), dtype=np.int64)

    def add(self, ev: Evaluation, codes: Sequence[NDArray[np.intp]], numbers: NDArray[np.int64], turn: int) -> None:
        """Add a part."""
        import numpy as np

        from pytest_mlgate.stats.moments import moments_of

        ours, theirs = (row_losses(self.metric, ev, model) for model in (ev.candidate, ev.baseline))
        columns = np.column_stack([theirs - ours, ours, theirs])
        for each in codes:
            self._by_group += moments_of(columns, each, groups=self.groups.count)
        if ev.task != "score":
            trivial = [row_losses(self.metric, ev, model) for model in self._trivial_models(ev)]
            self._others += moments_of(np.column_stack([part for one in trivial for part in (one - ours, one)]))
        if self.metric == "neg_log_loss":
            for which, model in enumerate((ev.candidate, ev.baseline)):
                zero = model.predict_proba()[np.arange(len(ev.y)), ev.y] <= 0
                for each in codes:
                    here = each[zero & (each >= 0)]
                    self._zeros[:, which] += np.bincount(here, minlength=self.groups.count)

    def _trivial_models(self, ev: Evaluation) -> list[Answers]:
        import numpy as np

        n = len(ev.y)
        if ev.labels is None:
            said = [{"predict": _given(np.full(n, value))} for value in self.constants.values()]
        else:
            said = [{"predict_proba": _given(np.tile(self.shares, (n, 1)))}]
        return [Answers(name="trivial model", rows=n, ask=ask, labels=ev.labels) for ask in said]

    def compare(self, group: int, *, level: float) -> Comparison:
        """Return both models' mean loss, negated, on a group's rows."""
        found, n = self._by_group, int(self._by_group.rows[group])
        ours, theirs = (-float(found.mean[group, i]) for i in (1, 2))
        note, facts = self._clipped(group)
        return Comparison(
            candidate=ours,
            baseline=theirs,
            delta=_paired(found, group, 0, (1, 2), level),
            rows=n,
            note=note,
            facts=facts,
        )

    def own(self, *, level: float) -> Estimate:
        """Return the candidate's own metric on all rows."""
        import math

        from pytest_mlgate.stats.means import t_limits

        found = self._by_group
        mean, spread = -float(found.mean[0, 1]), math.sqrt(found.variance(0, 1))
        return t_limits(mean, spread, int(found.rows[0]), level=level)

    def trivial(self, *, level: float) -> tuple[Comparison, str]:
        """Return the comparison with the best constant."""
        import numpy as np

        found, n = self._others, int(self._others.rows[0])
        best = int(np.argmin(found.mean[0, 1::2]))
        place = 2 * best
        ours = -float(self._by_group.mean[0, 1])
        scale = _scale(n, (self._by_group, 0, 1), (found, 0, place + 1))
        delta = _t(found, 0, place, n, level, scale)
        words = _words(self.constants, best) if self.constants else "the holdout's class shares"
        return Comparison(candidate=ours, baseline=-float(found.mean[0, place + 1]), delta=delta, rows=n), words

    def _clipped(self, group: int) -> tuple[str, dict[str, Any]]:
        import numpy as np

        found = {
            name: int(rows) for name, rows in zip(("candidate", "baseline"), self._zeros[group], strict=True) if rows
        }
        if not found:
            return "", {}
        words = "; ".join(
            f"the {name} gives the true label a probability of 0 on {rows} rows" for name, rows in found.items()
        )
        worst = -float(np.log(np.finfo(float).eps))
        note = f"{words}: an infinite loss, clipped to {worst:.2f} as scikit-learn does"
        return note, {"clipped_rows": found}


def _words(constants: dict[str, float], best: int) -> str:
    name, value = list(constants.items())[best]
    return f"the target's {name}, {value:.6g}, on every row"


def _paired(found: Moments, group: int, difference: int, losses: tuple[int, int], level: float) -> Estimate:
    n = int(found.rows[group])
    scale = _scale(n, *((found, group, column) for column in losses))
    return _t(found, group, difference, n, level, scale)


def _scale(n: int, *columns: tuple[Moments, int, int]) -> float:
    """Return the standard deviation of the values of both columns together."""
    import math

    means = [float(found.mean[group, column]) for found, group, column in columns]
    within = sum(float(found.scatter[group, column, column]) for found, group, column in columns)
    middle = sum(means) / 2
    return math.sqrt(max(within + n * sum((mean - middle) ** 2 for mean in means), 0.0) / (2 * n))


def _t(found: Moments, group: int, column: int, n: int, level: float, scale: float) -> Estimate:
    import math

    from pytest_mlgate.stats.means import t_limits

    mean, spread = float(found.mean[group, column]), math.sqrt(found.variance(group, column))
    return t_limits(mean, spread, n, level=level, method="paired t", scale=scale)


class Squares:
    """Root mean squared error and R2: functions of means of rows, whose limits are those of their linear part."""

    passes = 1

    def __init__(self, metric: str, ev: Evaluation, groups: Groups, *, constants: dict[str, float]) -> None:
        import numpy as np

        from pytest_mlgate.stats.moments import moments_of

        self.metric, self.ev, self.groups, self.constants = metric, ev, groups, constants
        self._by_group: Moments = moments_of(np.empty((0, 4)), groups=groups.count)
        self._others: Moments = moments_of(np.empty((0, 3 + len(constants))))

    def add(self, ev: Evaluation, codes: Sequence[NDArray[np.intp]], numbers: NDArray[np.int64], turn: int) -> None:
        """Add a part."""
        import numpy as np

        from pytest_mlgate.stats.moments import moments_of

        ours, theirs = (row_losses("neg_mean_squared_error", ev, model) for model in (ev.candidate, ev.baseline))
        centred = ev.y - self.constants["mean"]
        columns = np.column_stack([ours, theirs, centred**2, centred])
        for each in codes:
            self._by_group += moments_of(columns, each, groups=self.groups.count)
        constants = [(ev.y - value) ** 2 for value in self.constants.values()]
        self._others += moments_of(np.column_stack([ours, centred**2, centred, *constants]))

    def compare(self, group: int, *, level: float) -> Comparison:
        """Return both models' metric on a group's rows."""
        return self._compare(self._by_group, group, (0, 1), 2, level)

    def own(self, *, level: float) -> Estimate:
        """Return the candidate's own metric on all rows."""
        value, slope = self._value(self._by_group, 0, 0, 2)
        return self._limits(self._by_group, 0, value, slope, [value], level)

    def trivial(self, *, level: float) -> tuple[Comparison, str]:
        """Return the comparison with the best constant."""
        import numpy as np

        best = int(np.argmin(self._others.mean[0, 3:]))
        return self._compare(self._others, 0, (0, 3 + best), 1, level), _words(self.constants, best)

    def _compare(self, found: Moments, group: int, pair: tuple[int, int], target: int, level: float) -> Comparison:
        values, slopes = zip(*(self._value(found, group, column, target) for column in pair), strict=True)
        delta = self._limits(found, group, values[0] - values[1], slopes[0] - slopes[1], list(values), level)
        return Comparison(candidate=values[0], baseline=values[1], delta=delta, rows=int(found.rows[group]))

    def _value(self, found: Moments, group: int, column: int, target: int) -> tuple[float, NDArray[np.float64]]:
        """Return the metric, and how it changes with the mean of each column."""
        import math

        import numpy as np

        mean, slope = found.mean[group], np.zeros(found.mean.shape[1])
        if self.metric == "neg_root_mean_squared_error":
            root = math.sqrt(float(mean[column]))
            slope[column] = -0.5 / root if root > 0 else 0.0
            return -root, slope
        whole = float(mean[target] - mean[target + 1] ** 2)
        if not whole > 0:
            from pytest_mlgate.checks import InputError

            raise InputError(
                f"{self.metric} is nan on {int(found.rows[group])} rows: the target has one value",
                fix="choose a metric that is defined on these rows; nothing was compared",
            )
        share = float(mean[column]) / whole
        slope[column] = -1 / whole
        slope[target], slope[target + 1] = share / whole, -2 * float(mean[target + 1]) * share / whole
        return 1 - share, slope

    def _limits(
        self, found: Moments, group: int, value: float, slope: NDArray[np.float64], values: list[float], level: float
    ) -> Estimate:
        import math

        from pytest_mlgate.stats.estimate import widened
        from pytest_mlgate.stats.means import t_limits

        n = int(found.rows[group])
        spread = math.sqrt(max(float(slope @ found.covariance(group) @ slope), 0.0))
        share = self.metric == "r2" and all(0 <= one <= 1 for one in values)
        scale = 1.0 if share else max(map(abs, values))
        limits = t_limits(value, spread, n, level=level, method="linearised t", scale=scale)
        return widened(limits, 1.0 if share else 0.0, n=n)


class Ranks:
    """Areas under the ROC curve by the cells of both scores: first who lies where, then how the shares scatter."""

    passes = 2

    def __init__(self, ev: Evaluation, groups: Groups, *, edges: Sequence[NDArray[np.float64]]) -> None:
        import numpy as np

        from pytest_mlgate.stats.cells import single_valued
        from pytest_mlgate.stats.moments import moments_of

        self.ev, self.groups, self.edges = ev, groups, list(edges)
        self._single = [np.concatenate([[False], single_valued(own), [False]]) for own in edges]
        shape = [(groups.count, len(own) + 1) for own in edges]
        self._counts = [{positive: np.zeros(size, dtype=np.int64) for positive in (True, False)} for size in shape]
        empty = moments_of(np.empty((0, 4)), groups=groups.count)
        self._moments: dict[bool, Moments] = {True: empty, False: empty}
        self._trivial: dict[bool, Moments] = {True: moments_of(np.empty((0, 4))), False: moments_of(np.empty((0, 4)))}
        self._differ = np.zeros(groups.count, dtype=bool)
        self._shares: Any = None

    @staticmethod
    def cells(groups: Groups) -> int:
        """Return into how many cells each score is cut."""
        return int(min(max(_CELLS_IN_ALL // groups.count, 1024), MOST_CELLS))

    def add(self, ev: Evaluation, codes: Sequence[NDArray[np.intp]], numbers: NDArray[np.int64], turn: int) -> None:
        """Add a part: in the first turn its rows are counted, in the second their shares are added up."""
        import numpy as np

        from pytest_mlgate.stats.auc_counts import cell_codes, shares_above
        from pytest_mlgate.stats.moments import moments_of

        scores = [model.scores() for model in (ev.candidate, ev.baseline)]
        places = [cell_codes(score, own) for score, own in zip(scores, self.edges, strict=True)]
        if turn == 0:
            for counts, place in zip(self._counts, places, strict=True):
                for positive, own in counts.items():
                    mine, cells = (ev.y == 1) == positive, own.shape[1]
                    for each in codes:
                        inside = mine & (each >= 0)
                        own += np.bincount(each[inside] * cells + place[inside], minlength=own.size).reshape(own.shape)
            for each in codes:
                apart = each[(each >= 0) & (scores[0] != scores[1])]
                self._differ |= np.bincount(apart, minlength=self.groups.count) > 0
            return
        if self._shares is None:
            self._shares = {
                positive: [
                    shares_above(counts[not positive], single, positive=positive)
                    for counts, single in zip(self._counts, self._single, strict=True)
                ]
                for positive in (True, False)
            }
        for positive, shares in self._shares.items():
            mine = (ev.y == 1) == positive
            for way, each in enumerate(codes):
                inside = mine & (each >= 0)
                at = [(each[inside], place[inside]) for place in places]
                columns = [share.middle[where] for share, where in zip(shares, at, strict=True)]
                columns += [share.bound[where] for share, where in zip(shares, at, strict=True)]
                rows = np.column_stack(columns)
                self._moments[positive] += moments_of(rows, each[inside], groups=self.groups.count)
                if way == 0:  # the trivial model says the same of every row
                    half, none = np.full(len(rows), 0.5), np.zeros(len(rows))
                    constant = np.column_stack([rows[:, 0], half, rows[:, 2], none])
                    self._trivial[positive] += moments_of(constant)

    def _areas(self, group: int) -> CountedDeLong:
        from pytest_mlgate.stats.auc_counts import counted_delong

        same = not bool(self._differ[group])
        return counted_delong(self._moments[True], self._moments[False], group, identical=same)

    def compare(self, group: int, *, level: float) -> Comparison:
        """Return both areas on a group's rows."""
        return self._compared(self._areas(group), level)

    def _compared(self, areas: CountedDeLong, level: float) -> Comparison:
        from pytest_mlgate.stats.auc_counts import counted_delong_interval

        bound = areas.difference_bound
        facts = {
            "score_cells": [len(own) + 1 for own in self.edges],
            "area_bounds": areas.auc_bound.tolist(),
            "difference_bound": bound,
        }
        return Comparison(
            candidate=float(areas.auc[0]),
            baseline=float(areas.auc[1]),
            delta=_sure(counted_delong_interval, areas, level),
            rows=areas.positives + areas.negatives,
            note=f"delta known within ±{bound:.1g} by counts, which its limits allow for" if bound else "",
            facts=facts,
        )

    def own(self, *, level: float) -> Estimate:
        """Return the candidate's own area on all rows."""
        from pytest_mlgate.stats.auc_counts import counted_auc_interval

        return _sure(counted_auc_interval, self._areas(0), level)

    def trivial(self, *, level: float) -> tuple[Comparison, str]:
        """Return the comparison with one score for all rows."""
        from pytest_mlgate.stats.auc_counts import counted_delong

        areas = counted_delong(self._trivial[True], self._trivial[False])
        return self._compared(areas, level), "the holdout's class shares"


def _sure(limits: Callable[..., Estimate], areas: CountedDeLong, level: float) -> Estimate:
    from pytest_mlgate.checks import InputError

    try:
        return limits(areas, level=level)
    except ValueError as error:
        raise InputError(
            f"roc_auc: {error}, and the rows are counted, not held",
            fix="raise `rows_in_memory`, so that the rows themselves are judged",
        ) from error


def is_counted(metric: str, ev: Evaluation) -> bool:
    """Whether a metric can be had from what is added up here, with the interval that is asked for."""
    asked = "auto" if ev.measure is None else ev.measure.interval
    method = intervals.choose(metric, ev)
    if method == "t":
        return not (by_name(ev) and metric == "accuracy") and not (ev.measure is not None and ev.measure.kind == "hits")
    if method == "bootstrap":
        plain = metric in ("f1", "precision", "recall", "balanced_accuracy", "f1_macro", "accuracy")
        if plain and by_name(ev) and ev.labels is not None:
            return metric not in ("balanced_accuracy", "f1_macro") or len(ev.labels.names) <= 20
        return asked == "auto" and by_name(ev) and metric in ("neg_root_mean_squared_error", "r2")
    return True
