"""What the gates ``baseline`` of the same configuration know: metrics of the user's own, and what a query is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import canonical
from pytest_mlgate.gates.card.values import known

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation

_TASKS = ("binary", "multiclass", "regression", "ranking")


def own_metrics(facts: Facts) -> dict[str, Settings]:
    """Return the settings of metrics that a name alone does not describe, by what they are called in a card.

    A function of the user's own goes by its name, without the ``neg_`` of a loss. A metric with parameters is not the
    one that its name stands for: it goes by the name of its entry, where that has one.
    """
    from pytest_mlgate.gates.baseline.measures import OWN, metric_name
    from pytest_mlgate.gates.baseline.ranking import is_ranking

    found: dict[str, Settings] = {}
    for rule in facts.judged_by:
        if rule.score is not None or rule.metric is None or is_ranking(rule.metric):
            continue
        name, variant, _ = canonical(metric_name(rule.metric, rule.greater_is_better))
        plain = isinstance(rule.metric, str) and ":" not in rule.metric and rule.metric not in OWN
        if plain and rule.metric_params:
            name = rule.name or ""
        elif plain and (variant or any(name in known(task) for task in _TASKS)):
            continue
        if name:
            found.setdefault(name, rule)
    return found


def query_of(facts: Facts) -> str | None:
    """Return the column that names each row's query, as the gates ``baseline`` have it."""
    return next((rule.query for rule in facts.judged_by if rule.query is not None), None)


def task_of(facts: Facts) -> str | None:
    """Return the task, which a metric of rankings settles where the configuration does not name it."""
    from pytest_mlgate.gates.baseline.ranking import is_ranking

    if facts.task is None and any(is_ranking(rule.metric) for rule in facts.judged_by):
        return "ranking"
    return facts.task


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A metric of the user's own, ready to be computed on rows: the scorer's name, the answers, the sign in a card."""

    scorer: str
    ev: Evaluation
    sign: int

    def value(self, rows: NDArray[np.intp]) -> float:
        """Return the candidate's value on some rows, as a card prints it: losses are positive."""
        from pytest_mlgate.gates.baseline.resampling import values_of

        return self.sign * values_of(self.scorer, self.ev, (self.ev.candidate,), rows)[0]


def prepared(rule: Any, ev: Evaluation, roots: tuple[str, ...]) -> Prepared:
    """Return a metric ready to be computed.

    Raises
    ------
    InputError
        Where it cannot be imported, or does not fit the task.
    """
    from pytest_mlgate.gates.baseline.measures import prepare
    from pytest_mlgate.gates.baseline.metrics import check_metric

    scorer, own = prepare(rule, ev, roots)
    check_metric(scorer, own)
    return Prepared(scorer=scorer, ev=own, sign=canonical(scorer)[2])
