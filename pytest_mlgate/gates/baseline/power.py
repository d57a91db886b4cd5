"""What a holdout can tell before any model is loaded: the margin that its rows show, and the rows that one takes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.baseline import metrics
from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
from pytest_mlgate.gates.baseline.by_slice import slices_to_judge
from pytest_mlgate.gates.baseline.evaluation import row_groups, row_weights, without_models
from pytest_mlgate.gates.baseline.measures import by_name, prepare
from pytest_mlgate.gates.baseline.ranking import is_ranking
from pytest_mlgate.gates.baseline.resampling import LOSSES, is_loss
from pytest_mlgate.gates.baseline.row_scores import TASK
from pytest_mlgate.gates.baseline.slices import Slice, find_column, partitions
from pytest_mlgate.gates.baseline.three_way import rounded_rows
from pytest_mlgate.gates.baseline.words import grouped

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings

Kind = Literal["share", "area", "loss", "verdict"]
MOST_ROWS = 10_000_000
_KINDS: Mapping[str, Kind] = {"accuracy": "share", "roc_auc": "area"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Assumptions:
    """What is taken for granted of two models that nobody has asked yet.

    Attributes
    ----------
    discordance : tuple of float
        Shares of rows, above 0 and at most 1, on which one model is right and the other wrong.
    auc : float
        Area under each model's ROC curve, between 0 and 1.
    correlation : float
        Of the two models' areas, or of the losses of a row, at least 0 and below 1.
    rho : float
        Intra-class correlation of two rows of one group, from 0 to 1.
    power : float
        Wanted probability that an equal candidate passes, from 0.5 to below 1.
    """

    discordance: tuple[float, ...] = (0.03, 0.10)
    auc: float = 0.8
    correlation: float = 0.9
    rho: float = 0.1
    power: float = 0.8

    def __post_init__(self) -> None:
        wrong = [
            *(("discordance", d, "a share above 0, at most 1") for d in self.discordance if not 0 < d <= 1),
            *([("auc", self.auc, "an area between 0 and 1")] if not 0 < self.auc < 1 else []),
            *([("correlation", self.correlation, "at least 0, below 1")] if not 0 <= self.correlation < 1 else []),
            *([("rho", self.rho, "from 0 to 1")] if not 0 <= self.rho <= 1 else []),
            *([("power", self.power, "at least 0.5, below 1")] if not 0.5 <= self.power < 1 else []),
        ]
        for name, value, allowed in wrong:
            percent = f" ({value:g} % is {value / 100:g})" if 1 < value <= 100 else ""
            raise InputError(f"{name} = {value:g} is out of range", fix=f"give {allowed}{percent}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """The rows of the holdout, or of one slice.

    Attributes
    ----------
    subject : str
        The slice, as the gate names it; empty for the whole.
    rows : int
    positives : int or None
        Rows of the positive class, in a binary task.
    groups, queries : int or None
        How many, where rows belong together.
    design : float
        By what factor the variance grows, since rows of one group or of unequal weight count less.
    small : str
        Why it is not judged by itself; empty where it is.
    """

    subject: str = ""
    rows: int
    positives: int | None = None
    groups: int | None = None
    queries: int | None = None
    design: float = 1.0
    small: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What some rows can tell, under one assumption or by one measurement.

    Attributes
    ----------
    basis : str
        The assumption, or where it was measured, in words.
    measured : bool
    detectable : float
        The smallest margin at which an equal candidate passes with the wanted power.
    unit : {"metric", "sd"}
        Of ``detectable``: ``sd`` is the standard deviation of the loss of a row, which nobody knows yet.
    rows_needed : int or None
        For the configured margin; None where no number is enough, or the unit is ``sd``.
    enough : bool or None
        Whether the margin can be shown; None where the unit is ``sd``.
    largest_sd : float or None
        With the unit ``sd``: up to which standard deviation of a row's loss the margin can be shown.
    """

    basis: str
    measured: bool = False
    detectable: float
    unit: Literal["metric", "sd"] = "metric"
    rows_needed: int | None = None
    enough: bool | None = None
    largest_sd: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RowsPower:
    """Some rows, the margin asked of them, and what they can tell; no answer where only a verdict can."""

    rows: Rows
    margin: float
    answers: tuple[Answer, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPower:
    """What the rows of one entry can tell: the whole holdout first, then its slices.

    ``level`` is that of the two-sided interval, ``power`` the wanted probability; ``notes`` are what a reader has to
    know beside the numbers.
    """

    name: str
    metric: str
    kind: Kind
    level: float
    power: float
    parts: tuple[RowsPower, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LastVerdict:
    """The checks of an entry in the last verdict, by subject, and the day it is from."""

    checks: Mapping[str, Check]
    when: str


def entry_power(
    name: str,
    rule: Settings,
    inputs: Inputs,
    given: Assumptions,
    *,
    last: LastVerdict | None = None,
    rows: int | None = None,
) -> EntryPower:
    """Return what the holdout can tell about one entry, without asking a model.

    Parameters
    ----------
    name : str
        The entry's name, ``baseline[roc_auc]``.
    rule : Settings
    inputs : Inputs
        The table ``holdout``, and the facts.
    given : Assumptions
    last : LastVerdict or None
        Where a subject was measured, that is used in place of assumptions.
    rows : int or None
        As if the holdout had so many rows, of the same mixture.

    Raises
    ------
    InputError
        Where the gate could not judge either: a column, label or metric that is not there.
    """
    import numpy as np

    metric, ev = _judged(rule, inputs)
    if rows is not None:
        ev = _resized(ev, rows)
    whole = Slice(subject="", rows=np.arange(len(ev.y)))
    reason = metrics.why_not(metric, ev, whole.rows)
    if reason:
        raise InputError(
            f"{metric} cannot be computed on the holdout: {reason}",
            fix="give more labelled rows, and some of every label",
        )
    parts = [] if ev.slices is None else partitions(ev.slices, rule.slices, inputs.facts.import_roots)
    kind, level = _kind(metric, ev), 1 - 0.1 / rule.candidates_seen
    found = []
    for part in (whole, *slices_to_judge(rule, metric, ev, parts)):
        margin = rule.margin if not part.subject or rule.slice_margin is None else rule.slice_margin
        counted = _count(part, ev, given.rho)
        answer = None if last is None else _measured(last, counted, metric, margin, level, given.power)
        answers = (answer,) if answer is not None else _assumed(kind, counted, margin, level, given)
        found.append(RowsPower(rows=counted, margin=margin, answers=() if part.small else answers))
    return EntryPower(
        name=name,
        metric=metric,
        kind=kind,
        level=level,
        power=given.power,
        parts=tuple(found),
        notes=tuple(_notes(rule, ev, inputs, given, found)),
    )


def bare_power(metric: str, rows: int, positives: int | None, margin: float, given: Assumptions) -> EntryPower:
    """Return what so many rows can tell, from numbers alone.

    Raises
    ------
    InputError
        Where the margin is no number of at least 0, a class has no row, or a metric needs positives and has none.
    """
    if margin < 0 or not math.isfinite(margin):
        raise InputError(f"margin = {margin:g} is no margin", fix="give a number of at least 0")
    if positives is not None and not 0 < positives < rows:
        raise InputError(f"positives = {positives} of rows = {rows}", fix="give at least one row of either class")
    kind = _KINDS.get(metric, "loss" if metric in LOSSES else "verdict")
    if kind == "area" and positives is None:
        raise InputError("roc_auc depends on the rows of either class", fix="give the positive ones: --positives")
    counted = Rows(rows=rows, positives=positives)
    part = RowsPower(rows=counted, margin=margin, answers=_assumed(kind, counted, margin, 0.9, given))
    return EntryPower(name="", metric=metric, kind=kind, level=0.9, power=given.power, parts=(part,))


def _judged(rule: Settings, inputs: Inputs) -> tuple[str, Evaluation]:
    """Return the metric and the rows as the gate sees them; of a column of scores only how many rows there are."""
    import numpy as np

    if rule.score is not None:
        frame, facts = inputs.table("holdout"), inputs.facts
        ev = Evaluation(
            task=TASK,
            y=np.zeros(len(frame)),
            labels=None,
            candidate=Answers(name="candidate", rows=len(frame), ask={}, labels=None),
            baseline=Answers(name="baseline", rows=len(frame), ask={}, labels=None),
            weights=None if facts.weight is None else row_weights(find_column(frame, facts.weight, "weight")),
            clusters=None if rule.cluster is None else row_groups(find_column(frame, rule.cluster, "cluster")),
            slices=frame,
            seed=facts.seed,
        )
        return rule.default_name(), ev
    if is_ranking(rule.metric):
        inputs = replace(inputs, facts=replace(inputs.facts, task="ranking"))
    ev = without_models(inputs, cluster=rule.cluster, query=rule.query)
    metric, ev = prepare(rule, ev, inputs.facts.import_roots)
    metrics.check_metric(metric, ev)
    return metric, ev


def _kind(metric: str, ev: Evaluation) -> Kind:
    if ev.task == TASK:
        return "loss"
    if ev.task == "ranking" or not by_name(ev):
        return "verdict"
    return _KINDS.get(metric, "loss" if is_loss(metric, ev) else "verdict")


def _assumed(kind: Kind, counted: Rows, margin: float, level: float, given: Assumptions) -> tuple[Answer, ...]:
    from pytest_mlgate.stats import power

    n, design = counted.rows, counted.design
    if kind == "share":
        return tuple(
            _answer(f"{100 * d:g} % of the rows differ", d * design, n, margin, level, given.power)
            for d in given.discordance
        )
    if kind == "area":
        positives = counted.positives or 0
        if not 0 < positives < n:
            return ()
        one = power.auc_variance(given.auc, positives, n - positives)
        variance = n * power.paired_variance(one, given.correlation) * design
        basis = f"AUC {given.auc:g}, correlation {given.correlation:g}"
        return (_answer(basis, variance, n, margin, level, given.power),)
    if kind == "loss":
        variance = power.paired_variance(1.0, given.correlation) * design
        detectable = power.detectable_difference(variance, n, level=level, power=given.power)
        basis = f"correlation in a row {given.correlation:g}"
        return (Answer(basis=basis, detectable=detectable, unit="sd", largest_sd=margin / detectable),)
    return ()


def _measured(
    last: LastVerdict, counted: Rows, metric: str, margin: float, level: float, wanted: float
) -> Answer | None:
    """Return what an interval of the last verdict says, its half-width taken to shrink with the square root of n."""
    from pytest_mlgate.stats.estimate import normal_quantile

    check = last.checks.get(counted.subject)
    if check is None or check.interval is None or not check.n or check.details.get("metric") != metric:
        return None
    low, high = check.interval.low, check.interval.high
    if low is None or high is None or not high > low:
        return None
    variance = check.n * ((high - low) / 2 / normal_quantile(check.interval.level)) ** 2
    basis = f"measured {last.when}" + (f" on {grouped(check.n)} rows" if check.n != counted.rows else "")
    return replace(_answer(basis, variance, counted.rows, margin, level, wanted), measured=True)


def _answer(basis: str, variance: float, n: int, margin: float, level: float, wanted: float) -> Answer:
    from pytest_mlgate.stats import power

    detectable = power.detectable_difference(variance, n, level=level, power=wanted)
    needed = rounded_rows(power.rows_for_power(variance, margin, level=level, power=wanted))
    return Answer(basis=basis, detectable=detectable, rows_needed=needed, enough=detectable <= margin)


def _count(part: Slice, ev: Evaluation, rho: float) -> Rows:
    import numpy as np

    from pytest_mlgate.stats.power import cluster_design_effect

    rows, design, groups = part.rows, 1.0, None
    if ev.clusters is not None:
        sizes = np.bincount(ev.clusters[rows])
        sizes = sizes[sizes > 0]
        design, groups = cluster_design_effect(sizes.tolist(), rho), len(sizes)
    if ev.weights is not None and ev.weights[rows].sum() > 0:
        weights = ev.weights[rows]
        design *= len(rows) * float((weights**2).sum() / weights.sum() ** 2)  # Kish (1965), section 11.2
    return Rows(
        subject=part.subject,
        rows=len(rows),
        positives=int(np.count_nonzero(ev.y[rows] == 1)) if ev.task == "binary" else None,
        groups=groups,
        queries=None if ev.queries is None else len(np.unique(ev.queries[rows])),
        design=design,
        small=part.small,
    )


def _resized(ev: Evaluation, rows: int) -> Evaluation:
    """Return the evaluation as if it had so many rows: drawn without repeats until all are used, and then again."""
    import numpy as np

    if not 2 <= rows <= MOST_ROWS:
        raise InputError(
            f"rows = {rows} for a configured holdout", fix=f"give from 2 to {grouped(MOST_ROWS)}, or --margin beside it"
        )
    n = len(ev.y)
    order = np.random.default_rng(ev.seed).permutation(n)
    times, place = np.divmod(np.arange(rows), n)
    taken = order[place]

    def again(codes: NDArray[np.intp] | None) -> NDArray[np.intp] | None:
        return None if codes is None else codes[taken] + times * (int(codes.max()) + 1)  # new rows are of new groups

    return replace(
        ev,
        y=ev.y[taken],
        weights=None if ev.weights is None else ev.weights[taken],
        clusters=again(ev.clusters),
        queries=again(ev.queries),
        slices=None if ev.slices is None else ev.slices.iloc[taken].reset_index(drop=True),
    )


def _notes(rule: Settings, ev: Evaluation, inputs: Inputs, given: Assumptions, found: list[RowsPower]) -> list[str]:
    whole = found[0].rows
    assumed = any(not answer.measured for part in found for answer in part.answers)
    notes = []
    if inputs.facts.task is None and rule.score is None:
        notes.append(f"the task is taken for {ev.task}, by the labels; `task` under [model] says it for certain")
    if whole.groups is not None and assumed:
        worth = grouped(round(whole.rows / whole.design))
        notes.append(
            f"{grouped(whole.rows)} rows in {grouped(whole.groups)} groups by {rule.cluster!r} count less: as about "
            f"{worth}, if two rows of a group correlate by {given.rho:g} (an assumption)"
        )
    elif whole.design > 1 and assumed:
        notes.append(f"rows of unequal weight count less: as about {grouped(round(whole.rows / whole.design))}")
    if whole.queries is not None:
        notes.append(f"{grouped(whole.queries)} queries are what is counted, not rows")
    if rule.candidates_seen > 1:
        notes.append(f"candidates_seen = {rule.candidates_seen}: limits are taken at 5 % over this number")
    return notes
