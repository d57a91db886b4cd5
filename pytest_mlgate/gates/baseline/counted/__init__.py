"""A comparison of tables of predictions that are too long to be held: rows are joined by parts, and added up.

The checks are those of the same rows in memory. What counts and sums cannot answer needs the rows: the tables are then
collected within a bound, or refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.baseline.slicing import Column, Cross, Function, SliceBy, parse_slice

_FEW = 1000
"""Scores that are kept of a part: all that is known of a dummy's."""

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings
    from pytest_mlgate.gates.baseline.answers import Evaluation
    from pytest_mlgate.gates.baseline.counted.outcomes import Outcomes
    from pytest_mlgate.gates.baseline.counted.sums import Sums
    from pytest_mlgate.gates.baseline.counted.survey import Groups, Known
    from pytest_mlgate.gates.baseline.counted.tables import Tables


def judge_counted(rule: Settings, inputs: Inputs) -> list[Check] | None:
    """Return the checks of tables of more than ``rows_in_memory`` rows; None where the rows are to be held.

    Parameters
    ----------
    rule : Settings
    inputs : Inputs
        As the gate is given them.

    Raises
    ------
    InputError
        What is wrong with the tables or the settings; or rows are needed, and there are too many to hold them.
    """
    from pytest_mlgate.gates.baseline.counted.sums import is_counted
    from pytest_mlgate.gates.baseline.counted.survey import group, know
    from pytest_mlgate.gates.baseline.counted.tables import open_tables

    tables = open_tables(rule, inputs)
    if tables is None:
        return None
    reason = _needs_rows(rule, inputs)
    if not reason:
        tables = _with_columns(tables)
        known = know(tables)
        first = _first(tables, known)
        reason = "" if is_counted(first.metric, first.ev) else f"metric = {first.metric!r} with this interval"
    if reason:
        _refuse_many(tables, reason)
        return None
    return _judged(tables, known, group(tables, known, _why_not(first.metric, first.ev)), first)


def _needs_rows(rule: Settings, inputs: Inputs) -> str:
    """Return which setting needs the rows themselves; empty where counts can answer."""
    from pytest_mlgate.gates.baseline.ranking import is_ranking

    items: list[SliceBy] = list(map(parse_slice, rule.slices))
    parts = [part for item in items for part in (item.parts if isinstance(item, Cross) else (item,))]
    ranked = inputs.facts.task == "ranking" or is_ranking(rule.metric)
    named = rule.metric is None or (isinstance(rule.metric, str) and ":" not in rule.metric)
    asked = {
        "a weight column": inputs.facts.weight is not None,
        "cluster": rule.cluster is not None,
        "query": rule.query is not None,
        "a ranking": ranked,
        "segments": rule.segments,
        "importance": rule.importance,
        "max_size": rule.max_size is not None,
        "max_latency": rule.max_latency is not None,
        "prompt": rule.prompt is not None,
        "a metric of your own": rule.score is None and not named,
        "slices by a function": any(isinstance(part, Function) for part in parts),
        "slices by quantile bins": any(isinstance(part, Column) and isinstance(part.bins, int) for part in parts),
    }
    return next((name for name, given in asked.items() if given), "")


def _refuse_many(tables: Tables, reason: str) -> None:
    """Raise InputError where tables of which rows are needed are too large to be collected."""
    from pytest_mlgate.tables.engines import MOST_CELLS

    for source in tables.sources.values():
        engine = source.engine
        values = 0 if engine is None else engine.rows * len(engine.types)
        if engine is not None and values > MOST_CELLS:
            raise InputError(
                f"{reason} needs rows, and {source.said} has {engine.rows:,} of {len(engine.types)} columns"
                f" ({engine.name}), more than the {MOST_CELLS:,} values that are held in memory",
                fix="take it out, filter or sample the table where it is made, or name the columns that are needed",
            )


def _with_columns(tables: Tables) -> Tables:
    """Return the tables with the columns that are read of each; InputError with the nearest spelling of one."""
    import pandas as pd

    from pytest_mlgate.gates.baseline.counted.survey import columns_of, with_gaps
    from pytest_mlgate.gates.baseline.joined import refuse_silent
    from pytest_mlgate.gates.baseline.slices import find_column

    rule, facts, sources = tables.rule, tables.inputs.facts, dict(tables.sources)
    sliced = columns_of(list(map(parse_slice, rule.slices)))
    for name, source in tables.sources.items():
        names = source.names
        model = tables.models.get(name)
        wanted = [facts.id]
        if model is not None and model.table is not None:
            if rule.score is None:
                refuse_silent(name, model)
            wanted += [column for columns in model.table.answers.values() for column in columns]
            wanted += [rule.score, *rule.same, *(column for column in [facts.target] if column in names)]
        if source is tables.labelled:
            target = facts.target if rule.score is None else None
            if rule.score is None and target is None:
                raise InputError("no target is configured", fix="set `target` in [data] to the column of the labels")
            wanted += [target, *sliced]
        there = pd.DataFrame(columns=list(names))
        asked = list(dict.fromkeys(column for column in wanted if column is not None))
        for column in asked:
            find_column(there, column, "as the settings name it", source.said)
        sources[name] = replace(source, columns=tuple(asked))
    sources[tables.labelled.name] = with_gaps(sources[tables.labelled.name], sliced)
    return replace(tables, sources=sources)


def _evaluations(tables: Tables, known: Known) -> Iterator[tuple[Evaluation, Inputs, NDArray[np.int64], str]]:
    """Yield each part as the gate would judge it by itself, its inputs, the rows' numbers, and the metric's name."""
    from pytest_mlgate.gates.baseline.evaluation import from_inputs
    from pytest_mlgate.gates.baseline.measures import prepare
    from pytest_mlgate.gates.baseline.metrics import check_metric
    from pytest_mlgate.gates.baseline.row_scores import from_scores

    rule = tables.rule
    for part, (inputs, numbers) in enumerate(tables.each()):
        try:
            if known.task == "score":
                ev = from_scores(rule, inputs, hits=known.hits)
            else:
                ev = from_inputs(inputs, cluster=None, known=(known.task, known.labels))
            metric, ev = prepare(rule, ev, inputs.facts.import_roots)
            check_metric(metric, ev)
        except InputError as error:
            raise tables.within(error, part) from error
        yield ev, inputs, numbers, metric


@dataclass(frozen=True, kw_only=True, slots=True)
class _First:
    """What the first part tells: the metric, the evaluation without its rows, and a few scores of each model."""

    metric: str
    ev: Evaluation
    scores: tuple[NDArray[np.float64], ...]
    flipped: tuple[bool, bool]


def _first(tables: Tables, known: Known) -> _First:
    """Return what the first part tells; its rows are given up."""
    from pytest_mlgate.gates.baseline import intervals

    for ev, _, _, metric in _evaluations(tables, known):
        scores: tuple[NDArray[np.float64], ...] = ()
        if known.task == "binary" and intervals.choose(metric, ev) == "delong":
            scores = tuple(model.scores()[:_FEW].copy() for model in (ev.candidate, ev.baseline))
        flipped = (ev.candidate.flip, ev.baseline.flip)
        return _First(metric=metric, ev=_without_rows(ev), scores=scores, flipped=flipped)
    raise InputError("holdout has no rows", fix="give labelled rows that nobody fitted on")


def _without_rows(ev: Evaluation) -> Evaluation:
    """Return what is known of an evaluation beside its rows: the task, the labels, what can be asked."""
    from pytest_mlgate.gates.baseline.answers import Answers

    candidate, baseline = (
        Answers(name=model.name, rows=1, ask=dict.fromkeys(model.methods, _no_rows), labels=ev.labels, stored=True)
        for model in (ev.candidate, ev.baseline)
    )
    return replace(ev, y=ev.y[:1].copy(), candidate=candidate, baseline=baseline, slices=None)


def _no_rows() -> Any:
    raise AssertionError("asked without rows")


def _why_not(metric: str, ev: Evaluation) -> Callable[[NDArray[np.int64]], str]:
    """Return a function from the rows of each label to why they cannot be judged by this metric."""
    from pytest_mlgate.gates.baseline.metrics import needs_classes, why_not_classes

    if not needs_classes(metric, ev):
        return lambda classes: ""
    return lambda classes: why_not_classes(ev, classes)


def _judged(tables: Tables, known: Known, groups: Groups, told: _First) -> list[Check]:
    from pytest_mlgate.gates.baseline.counted.outcomes import Outcomes
    from pytest_mlgate.gates.baseline.joined import judge_same

    rule, metric, first = tables.rule, told.metric, told.ev
    why = _why_not(metric, first)(groups.whole.classes) or ("1 row" if groups.whole.size < 2 else "")
    if why:
        raise InputError(
            f"{metric} cannot be computed on the holdout: {why}",
            fix="give more labelled rows, and some of every label",
        )
    sums = _sums(tables, known, groups, told)
    outcomes: Outcomes | None = sums if isinstance(sums, Outcomes) else None
    beside: Outcomes | None = None  # labels that the metric does not judge, for the evidence
    if outcomes is None and known.labels and all(model.has("predict") for model in (first.candidate, first.baseline)):
        outcomes = beside = Outcomes("accuracy", first, groups, resamples=rule.resamples)
    same: list[list[Check]] = []
    rows = [0] * sums.passes
    for turn in range(sums.passes):
        for part, (ev, inputs, numbers, _) in enumerate(_evaluations(tables, known)):
            try:
                if turn == 0:
                    same.append(judge_same(rule, inputs))
                codes = groups.codes(inputs.table("holdout"), len(ev.y))
                rows[turn] += len(ev.y)
                sums.add(ev, codes, numbers, turn)
                if turn == 0 and beside is not None and not _added(beside, ev, codes, numbers):
                    outcomes = beside = None
            except InputError as error:
                raise tables.within(error, part) from error
    if any(count != groups.whole.size for count in rows):
        raise InputError(
            f"{tables.labelled.said} was read twice with different answers ({groups.whole.size} and {min(rows)} rows)",
            fix="give rows that do not change while they are judged: a snapshot, a version, a copy",
        )
    agreed = _agreed(same)
    if any(check.outcome is Outcome.ERROR for check in agreed):
        return agreed
    main, *others = _checks(tables, groups, metric, first, sums, outcomes if known.labels else None)
    return [main, *agreed, *others]


def _added(outcomes: Outcomes, ev: Evaluation, codes: list[NDArray[np.intp]], numbers: NDArray[np.int64]) -> bool:
    """Add labels that are only shown; False where a column of predictions holds none."""
    try:
        outcomes.add(ev, codes, numbers, 0)
    except InputError:
        return False
    return True


def _sums(tables: Tables, known: Known, groups: Groups, told: _First) -> Sums:
    """Return what the rows are added up in."""
    import numpy as np

    from pytest_mlgate.gates.baseline import intervals
    from pytest_mlgate.gates.baseline.counted.losses import Losses, Squares
    from pytest_mlgate.gates.baseline.counted.outcomes import Outcomes
    from pytest_mlgate.gates.baseline.counted.ranks import Ranks
    from pytest_mlgate.stats.auc_counts import score_cells

    rule, metric, ev = tables.rule, told.metric, told.ev
    method = intervals.choose(metric, ev)
    constants = _constants(tables, known, groups, metric, ev) if known.task == "regression" else {}
    if method == "delong":
        return Ranks(ev, groups, edges=[score_cells(one, cells=Ranks.cells(groups)) for one in _scores(tables, told)])
    if method == "t":
        shares = groups.whole.classes / max(groups.whole.size, 1)
        return Losses(metric, ev, groups, constants=constants, shares=np.asarray(shares, dtype=float))
    if known.task == "regression":
        return Squares(metric, ev, groups, constants=constants)
    return Outcomes(metric, ev, groups, resamples=rule.resamples)


def _constants(tables: Tables, known: Known, groups: Groups, metric: str, ev: Evaluation) -> dict[str, float]:
    """Return what the trivial model of a regression may say: see :mod:`pytest_mlgate.gates.baseline.trivial`."""
    import numpy as np

    from pytest_mlgate.gates.baseline.answers import numbers, plain_values
    from pytest_mlgate.gates.baseline.counted.survey import smallest_at
    from pytest_mlgate.stats.moments import moments_of

    target, source, n = tables.inputs.facts.target, tables.labelled, groups.whole.size
    assert target is not None
    total = moments_of(np.empty((0, 1)))
    for chunk in source.chunks([target]):
        what = f"{source.said} column {target!r}"
        total += moments_of(numbers(plain_values(chunk[target], what), what)[:, None])

    def at(share: float) -> float:
        return smallest_at(source, target, share, n, most=tables.rule.rows_in_memory)

    if ev.measure is not None and metric == "neg_mean_pinball_loss":
        alpha = ev.measure.params["alpha"]
        return {f"quantile at {alpha:g}": at(alpha)}
    return {"mean": float(total.mean[0, 0]), "median": at(0.5)}


def _scores(tables: Tables, told: _First) -> Iterator[NDArray[np.float64]]:
    """Yield a sample of each model's scores: every so many rows of its table, which need not be joined for it."""
    import numpy as np

    from pytest_mlgate.gates.baseline.counted.ranks import SAMPLE

    assert told.ev.labels is not None
    for (name, model), few, flipped in zip(tables.models.items(), told.scores, told.flipped, strict=True):
        if model.table is None:  # a dummy
            yield few
            continue
        answers, source = model.table.answers, tables.sources[name]
        columns = answers.get("decision_function") or answers["predict_proba"]
        own = list(told.ev.labels.names if model.classes_ is None else model.classes_.tolist())
        column = columns[0] if len(columns) == 1 else columns[own.index(told.ev.labels.names[-1])]
        step, start, found = max(source.rows // SAMPLE, 1), 0, [few]
        for chunk in source.chunks([column]):
            values = chunk[column].to_numpy(dtype=float, na_value=np.nan)[-start % step :: step]
            found.append(-values if flipped else values)
            start += len(chunk)
        sample = np.concatenate(found)
        yield sample[np.isfinite(sample)]


def _agreed(parts: Sequence[Sequence[Check]]) -> list[Check]:
    """Return one check for each column that both tables must agree on, of all parts."""
    found = []
    for checks in zip(*parts, strict=True):
        column, n = checks[0].details["column"], sum(check.n or 0 for check in checks)
        differ = sum(check.details["rows_that_differ"] for check in checks)
        worst = next((check for check in checks if check.outcome is Outcome.ERROR), checks[0])
        message = (
            worst.message.replace(
                f"on {worst.details['rows_that_differ']} of {worst.n} rows", f"on {differ} of {n} rows"
            )
            if differ
            else f"{column} is the same in both tables on all {n} rows"
        )
        found.append(replace(worst, message=message, n=n, details={**worst.details, "rows_that_differ": differ}))
    return found


def _checks(tables: Tables, groups: Groups, metric: str, ev: Evaluation, sums: Sums, outcomes: Any) -> list[Check]:
    from pytest_mlgate.gates.baseline.by_slice import error_check, settle, small_check
    from pytest_mlgate.gates.baseline.decision import MAIN, with_facts
    from pytest_mlgate.gates.baseline.intents import intents, trivial_check
    from pytest_mlgate.gates.baseline.three_way import judge_one

    rule = tables.rule
    level = 1 - 0.1 / rule.candidates_seen
    whole = sums.compare(0, level=level)
    check = with_facts(judge_one(metric, whole, rule.margin, code=MAIN), rule, ev, tables.inputs)
    details = {**check.details, "counted": _how(tables, groups)}
    notes = _notes(tables, groups)
    if notes:
        details["notes"] = notes
    evidence = {} if outcomes is None else _evidence(tables, groups, ev, outcomes)
    checks = [replace(check, details=details, evidence=evidence)]
    codes = None if ev.labels is None else [code for code, rows in enumerate(groups.whole.classes.tolist()) if rows]
    checks += intents(
        rule,
        metric,
        whole,
        lambda: sums.own(level=level),
        lambda: trivial_check(metric, ev, codes, lambda: sums.trivial(level=level)),
        ev.no_baseline,
    )
    every = [*groups.levels, *([groups.pooled] if groups.pooled is not None else [])]
    compared, broken = [], []
    for part in every:
        if part.small:
            continue
        try:
            compared.append((part, sums.compare(part.group, level=level)))
        except InputError as error:
            broken.append(error_check(part, error))
    named = [small_check(part, rule) for part in every if part.small]
    return checks + broken + settle(rule, metric, compared) + named


def _how(tables: Tables, groups: Groups) -> dict[str, Any]:
    """Return how the rows were judged without being held, for the details."""
    asked = {name: "memory" if source.engine is None else source.engine.name for name, source in tables.sources.items()}
    return {"rows": groups.whole.size, "parts": tables.parts, "tables": asked}


def _notes(tables: Tables, groups: Groups) -> list[str]:
    notes = []
    for name in ("candidate", "baseline"):
        source = tables.sources.get(name)
        unasked = 0 if source is None else source.rows - groups.whole.size
        if source is not None and unasked:
            notes.append(f"{source.said}: {unasked} of {source.rows} predictions are of rows that were not asked")
    return notes


def _evidence(tables: Tables, groups: Groups, ev: Evaluation, outcomes: Any) -> dict[str, Any]:
    """Return flips and confusion matrices by the counts; single rows and curves are not kept."""
    from pytest_mlgate.gates.baseline.confusion import counted_confusion
    from pytest_mlgate.gates.baseline.flips import counted_flips

    facts = tables.inputs.facts
    tables_of = [("", outcomes.table(0)), *((level.subject, outcomes.table(level.group)) for level in groups.levels)]
    found = {"flips": counted_flips(tables_of)}
    if ev.labels is not None and facts.target not in facts.sensitive:
        y, a, b, rows = outcomes.table(0)
        found["confusion"] = counted_confusion(y, a, b, rows, ev.labels.names)
    return found
