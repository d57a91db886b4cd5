"""What rows are added up in, and which metrics can be had of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from pytest_mlgate.gates.baseline import intervals
from pytest_mlgate.gates.baseline.measures import by_name

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.metrics import Comparison
    from pytest_mlgate.stats.estimate import Estimate


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
