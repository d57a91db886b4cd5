"""Tables of predictions as inputs: the rows that both answer, what they must agree on, the prompts behind them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.artifacts.predictions import PredictionTable
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings

SAME = "MLG115"
MODELS = ("candidate", "baseline")
_MOST_PROMPTS = 5
_MISSING = "no holdout is configured: set `[data] holdout` in mlgate.toml, or override `mlgate_holdout` in conftest.py"


def with_models(rule: Settings, inputs: Inputs) -> Inputs:
    """Return the inputs with both models as handles; long tables of predictions are not read yet."""
    models = {name: inputs.model(name, rows_in_memory=rule.rows_in_memory) for name in MODELS}
    return replace(inputs, values={**inputs.values, **models})


def with_rows(rule: Settings, inputs: Inputs) -> Inputs:
    """Return the inputs with models as handles and, where no holdout is given, the candidate's table as one.

    Parameters
    ----------
    rule : Settings
    inputs : Inputs
        Of :func:`with_models`.

    Raises
    ------
    InputError
        Where there is no holdout and the candidate's table cannot be it, both tables are the same file, one has
        nothing to judge, or without a holdout one has rows that the other lacks.
    """
    models = {name: inputs.model(name) for name in MODELS}
    refuse_same_file(models)
    if rule.score is None:
        for name, model in models.items():
            refuse_silent(name, model)
    if inputs.given("holdout"):  # read once, where it is a path
        return replace(inputs, values={**inputs.values, "holdout": inputs.table("holdout")})
    candidate, baseline = models["candidate"], models["baseline"]
    if candidate.table is None or (baseline.table is None and not baseline.is_dummy):
        raise InputError(_MISSING, fix="give labelled rows that nobody fitted on")
    rows = _own_rows(candidate.table, baseline.table, rule.score or inputs.facts.target, rule, inputs)
    return replace(inputs, values={**inputs.values, "holdout": rows})


def refuse_same_file(models: dict[str, Model]) -> None:
    """Raise InputError where both models are one table."""
    ours, theirs = (models[name] for name in MODELS)
    if ours.table is not None and theirs.table is not None and ours.digest and ours.digest == theirs.digest:
        raise InputError(
            f"candidate ({ours.source}) and baseline ({theirs.source}) are the same table: the answer means nothing",
            fix="name the table of each model",
        )


def refuse_silent(name: str, model: Model) -> None:
    """Raise InputError where a table of predictions answers nothing."""
    from pytest_mlgate.artifacts.predictions import COLUMNS

    if model.table is not None and not model.methods:
        raise InputError(
            f"{model.source} has no prediction of the {name} (its columns: {', '.join(model.table.names[:20])})",
            fix=f"name its predictions {COLUMNS}; or set `score` to a column with one value a row",
        )


def _own_rows(
    candidate: PredictionTable, baseline: PredictionTable | None, needed: str | None, rule: Settings, inputs: Inputs
) -> pd.DataFrame:
    """Return the candidate's table without what it answers, once both tables have the same rows."""
    target = inputs.facts.target
    if needed is None or needed not in candidate.names:
        said = f"the candidate's table has no column {needed!r}" if needed else "no target is configured"
        raise InputError(
            f"no holdout is configured, and {said}",
            fix="set `[data] holdout` and `target`, or keep the labels in the tables of predictions",
        )
    if baseline is not None:
        _refuse_more(candidate, baseline)
    answers = {column for columns in candidate.answers.values() for column in columns} | {rule.score}
    aside = [name for name in candidate.frame.columns if name in answers - {target, candidate.id}]
    return candidate.frame.drop(columns=aside)


def _refuse_more(candidate: PredictionTable, baseline: PredictionTable) -> None:
    """Refuse rows of the baseline's table that the candidate's lacks; the other way round the join refuses them."""
    import numpy as np

    more = np.ones(len(baseline.frame), dtype=bool)
    more[baseline.rows_of(candidate.frame, "the candidate's table")] = False
    more = np.flatnonzero(more)
    if len(more):
        raise InputError(
            f"{candidate.source} has no row for {len(more)} of {len(baseline.frame)} rows of {baseline.source}"
            f"{_ids(baseline, more)}, and no holdout says which rows count",
            fix="give both tables the same rows, or set `holdout` in [data]",
        )


def judge_same(rule: Settings, inputs: Inputs) -> list[Check]:
    """Return one check for each column that both tables must agree on: those of `same`, and the target.

    Raises
    ------
    InputError
        Where a column is named and one of both is no table, or lacks it.
    """
    tables = {name: inputs.model(name).table for name in MODELS}
    ours, theirs = tables["candidate"], tables["baseline"]
    if ours is None or theirs is None:
        if rule.same or rule.prompt:
            raise InputError(
                "`same` and `prompt` name columns of two tables of predictions, and a model was given",
                fix="give candidate and baseline as tables, or leave them out",
            )
        return []
    frame, target = inputs.table("holdout"), inputs.facts.target
    both = target is not None and all(target in table.names for table in (ours, theirs))
    columns = dict.fromkeys((*rule.same, *([target] if both and target is not None else ())))
    if not columns:
        return []
    pairs = ((ours, ours.rows_of(frame)), (theirs, theirs.rows_of(frame)))
    return [_same(column, pairs, hidden=column in inputs.facts.sensitive) for column in columns]


def _same(column: str, pairs: tuple[tuple[PredictionTable, NDArray[np.intp]], ...], *, hidden: bool) -> Check:
    import numpy as np

    one, two = (table.values(column, what="same").iloc[rows] for table, rows in pairs)
    differ = _different(one, two, column)
    count, (table, rows) = int(differ.sum()), pairs[0]
    details: dict[str, Any] = {"column": column, "rows_that_differ": count}
    if not count:
        return Check(
            code=SAME,
            subject=f"same:{column}",
            outcome=Outcome.PASS,
            message=f"{column} is the same in both tables on all {len(rows)} rows",
            n=len(rows),
            details=details,
        )
    first = np.empty(0, dtype=np.intp) if hidden else rows[differ]
    types = "" if one.dtype == two.dtype else f"; its types are {one.dtype} and {two.dtype}"
    return Check(
        code=SAME,
        subject=f"same:{column}",
        outcome=Outcome.ERROR,
        message=f"{column} differs between both tables on {count} of {len(rows)} rows{_ids(table, first)}{types}: "
        "what stands beside it is not comparable",
        fix=f"make both tables with the same {column}, or take it out of `same` and say why",
        n=len(rows),
        details={**details, "first_ids": table.shown(first.tolist())},
    )


def _different(one: pd.Series[Any], two: pd.Series[Any], column: str) -> NDArray[np.bool_]:
    """Return where values differ; two missing ones do not."""
    import numpy as np

    absent = one.isna().to_numpy(dtype=bool), two.isna().to_numpy(dtype=bool)
    if one.dtype == two.dtype and one.dtype.kind in "biufM":
        unequal = one.to_numpy() != two.to_numpy()
        return np.asarray(np.where(absent[0] | absent[1], absent[0] != absent[1], unequal), dtype=bool)
    pairs = zip(one.astype(object), two.astype(object), *absent, strict=True)
    try:
        found = [no_a != no_b or (not no_a and bool(a != b)) for a, b, no_a, no_b in pairs]
    except (TypeError, ValueError):
        raise InputError(
            f"same: column {column!r} holds what cannot be compared", fix="write it as text or numbers"
        ) from None
    return np.array(found, dtype=bool)


def with_provenance(check: Check, rule: Settings, inputs: Inputs) -> Check:
    """Return the main check with the digests of both sides' prompts, and what is odd about the tables."""
    details = dict(check.details)
    notes = [note for name in MODELS if inputs.model(name).table for note in inputs.model(name).notes]
    if notes:
        details["notes"] = notes
    if rule.prompt is None:
        return replace(check, details=details)
    frame, hidden = inputs.table("holdout"), rule.prompt in inputs.facts.sensitive
    prompts = {name: _prompts(inputs.model(name), rule.prompt, frame, hidden=hidden) for name in MODELS}
    details["prompts"] = {"column": rule.prompt, **prompts}
    ours, theirs = (prompts[name]["sha256"] for name in MODELS)
    words = f"; another {rule.prompt} than the baseline's (SHA-256 {ours[:12]}, {theirs[:12]})" * (ours != theirs)
    return replace(check, message=check.message + words, details=details)


def _prompts(model: Model, column: str, frame: pd.DataFrame, *, hidden: bool) -> dict[str, Any]:
    """Return how many prompts there are and their digests: of all, and of each of the first few in their order."""
    import pandas as pd

    table = model.table
    assert table is not None
    values = table.values(column, what="prompt").iloc[table.rows_of(frame)]
    absent = int(values.isna().sum())
    if absent:
        raise InputError(
            f"{table.source}: column {column!r} (prompt) is missing on {absent} of {len(values)} rows",
            fix="write the prompt of each row",
        )
    distinct = sorted({str(value) for value in pd.unique(values.astype(object))})
    each = [] if hidden else [_sha256(value) for value in distinct[:_MOST_PROMPTS]]
    return {"distinct": len(distinct), "sha256": _sha256(json.dumps(distinct, ensure_ascii=False)), "each": each}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def _ids(table: PredictionTable, rows: NDArray[np.intp]) -> str:
    shown = table.shown(rows.tolist())
    return f" (first ids: {', '.join(map(repr, shown))})" if shown else ""
