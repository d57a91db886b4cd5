"""Losses of each row, added up: their means, and the functions of means that are a regression's metrics."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.answers import Answers
from pytest_mlgate.gates.baseline.metrics import Comparison
from pytest_mlgate.gates.baseline.resampling import row_losses

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.counted.survey import Groups
    from pytest_mlgate.stats.estimate import Estimate
    from pytest_mlgate.stats.moments import Moments


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
    means = [float(found.mean[group, column]) for found, group, column in columns]
    within = sum(float(found.scatter[group, column, column]) for found, group, column in columns)
    middle = sum(means) / 2
    return math.sqrt(max(within + n * sum((mean - middle) ** 2 for mean in means), 0.0) / (2 * n))


def _t(found: Moments, group: int, column: int, n: int, level: float, scale: float) -> Estimate:
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
        import numpy as np

        mean, slope = found.mean[group], np.zeros(found.mean.shape[1])
        if self.metric == "neg_root_mean_squared_error":
            root = math.sqrt(float(mean[column]))
            slope[column] = -0.5 / root if root > 0 else 0.0
            return -root, slope
        whole = float(mean[target] - mean[target + 1] ** 2)
        if not whole > 0:
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
        from pytest_mlgate.stats.estimate import widened
        from pytest_mlgate.stats.means import t_limits

        n = int(found.rows[group])
        spread = math.sqrt(max(float(slope @ found.covariance(group) @ slope), 0.0))
        share = self.metric == "r2" and all(0 <= one <= 1 for one in values)
        scale = 1.0 if share else max(map(abs, values))
        limits = t_limits(value, spread, n, level=level, method="linearised t", scale=scale)
        return widened(limits, 1.0 if share else 0.0, n=n)


def _given(answer: NDArray[Any]) -> Callable[[], NDArray[Any]]:
    return lambda: answer
