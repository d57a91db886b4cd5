"""How much a metric changes when the same recipe is trained again, and what a margin should allow for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.evaluation import from_inputs
from pytest_mlgate.gates.baseline.measures import prepare
from pytest_mlgate.gates.baseline.ranking import is_ranking

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings

FEWEST_TRAININGS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class RetrainingNoise:
    """What several trainings of one recipe say of an entry's margin.

    Attributes
    ----------
    name, metric : str
    rows : int
    values : Mapping of str to float
        The metric of each training on the holdout, by the model's source.
    spread : float
        Their standard deviation (k - 1).
    suggested : float
        What two trainings stay within in ``level`` of all cases (:func:`~pytest_mlgate.stats.power.suggest_margin`).
    level : float
    detectable : float
        The smallest margin that these rows can show, with probability ``power``: from the intervals of the trainings
        compared with the first one.
    power : float
    margin : float
        The configured one.
    chance : float
        Probability that a second training is worse than a first by more than ``margin``.
    """

    name: str
    metric: str
    rows: int
    values: Mapping[str, float]
    spread: float
    suggested: float
    level: float
    detectable: float
    power: float
    margin: float
    chance: float


def refuse_too_few(names: Sequence[str]) -> None:
    """Raise :class:`InputError` where there are fewer than three trainings."""
    if len(names) < FEWEST_TRAININGS:
        raise InputError(
            f"{len(names)} training{'s' if len(names) != 1 else ''} cannot show how trainings differ",
            fix=f"give at least {FEWEST_TRAININGS} that differ by nothing but their seed",
        )


def refuse_copies(models: Mapping[str, Model]) -> None:
    """Raise :class:`InputError` where two models are one file: it would count twice."""
    for (one, first), (other, second) in combinations(models.items(), 2):
        if first.digest and first.digest == second.digest:
            raise InputError(f"{one} and {other} are the same bytes", fix="give trainings with seeds of their own")


def retraining_noise(
    name: str, rule: Settings, inputs: Inputs, models: Mapping[str, Model], *, power: float = 0.8, level: float = 0.95
) -> RetrainingNoise:
    """Return how an entry's metric differs between trainings, each compared with the first on the holdout.

    Parameters
    ----------
    name : str
        The entry's name.
    rule : Settings
    inputs : Inputs
        The table ``holdout``, and the facts.
    models : Mapping of str to Model
        By a name for messages, in the order given; at least two, and no copies.
    power : float
        For ``detectable``.
    level : float
        For ``suggested``.

    Raises
    ------
    InputError
        Where a model, label or metric does not allow a comparison.
    """
    import numpy as np

    from pytest_mlgate.stats import power as stats
    from pytest_mlgate.stats.estimate import normal_quantile

    if rule.score is not None:
        raise InputError(
            f"score = {rule.score!r} is a column of two tables, and retrained models were given",
            fix="leave these trainings to the entries with a metric",
        )
    if is_ranking(rule.metric):
        inputs = replace(inputs, facts=replace(inputs.facts, task="ranking"))
    two_sided = 1 - 0.1 / rule.candidates_seen
    first, *others = models
    values: dict[str, float] = {}
    variances, metric, rows = [], "", 0
    for other in others:
        pair = {**inputs.values, "candidate": models[other], "baseline": models[first]}
        ev = from_inputs(replace(inputs, values=pair), cluster=rule.cluster, query=rule.query)
        metric, ev = prepare(rule, ev, inputs.facts.import_roots)
        metrics.check_metric(metric, ev)
        rows = len(ev.y)
        reason = metrics.why_not(metric, ev, np.arange(rows))
        if reason:
            raise InputError(f"{metric} cannot be computed on the holdout: {reason}", fix="give more labelled rows")
        found = metrics.compare(metric, ev, np.arange(rows), level=two_sided, resamples=rule.resamples)
        values |= {first: found.baseline, other: found.candidate}
        variances.append(rows * ((found.delta.high - found.delta.low) / 2 / normal_quantile(two_sided)) ** 2)
    known = list(values.values())
    return RetrainingNoise(
        name=name,
        metric=metric,
        rows=rows,
        values=values,
        spread=float(np.std(known, ddof=1)),
        suggested=stats.suggest_margin(known, level),
        level=level,
        detectable=stats.detectable_difference(float(np.mean(variances)), rows, level=two_sided, power=power),
        power=power,
        margin=rule.margin,
        chance=stats.chance_beyond(known, rule.margin),
    )
