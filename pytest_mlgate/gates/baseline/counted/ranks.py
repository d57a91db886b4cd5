"""Scores counted in cells: areas under the ROC curve, with bounds of what the cells hide."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.metrics import Comparison

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
"""Cells of all groups together: a few of each score are 64 MB."""
SAMPLE = 500_000
"""Scores that edges are made of."""


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
    try:
        return limits(areas, level=level)
    except ValueError as error:
        raise InputError(
            f"roc_auc: {error}, and the rows are counted, not held",
            fix="raise `rows_in_memory`, so that the rows themselves are judged",
        ) from error
