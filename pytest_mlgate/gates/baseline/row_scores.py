"""One score a row, as any judge gives it: both tables' columns as an evaluation without labels."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
from pytest_mlgate.gates.baseline.evaluation import row_groups, row_weights
from pytest_mlgate.gates.baseline.measures import Measure
from pytest_mlgate.gates.baseline.slices import find_column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.baseline import Settings

TASK = "score"


def from_scores(rule: Settings, inputs: Inputs, *, hits: bool | None = None) -> Evaluation:
    """Return what the gate judges where a column of both tables holds one value a row.

    ``predict`` of both models is the value, turned round where smaller is better, and ``y`` the best value of a score
    that is 0 or 1, so that a hit is a row on which they agree.

    Parameters
    ----------
    rule : Settings
        ``score``, ``greater_is_better`` and ``cluster``.
    inputs : Inputs
        Two tables of predictions, and ``holdout``, whose rows count.
    hits : bool or None
        Whether every score is 0 or 1; None: by these rows.

    Raises
    ------
    InputError
        Where one of both is no table, lacks the column or a row, or a score is missing or no number.
    """
    import numpy as np

    assert rule.score is not None
    frame, facts = inputs.table("holdout"), inputs.facts
    if not len(frame):
        raise InputError("holdout has no rows", fix="give rows that were scored")
    worse = rule.greater_is_better is False
    scores = {name: _scores(rule.score, inputs, name) for name in ("candidate", "baseline")}
    if hits is None:
        hits = all(bool(np.isin(values, (0.0, 1.0)).all()) for values in scores.values())
    if hits and rule.margin > 1:
        raise InputError(f"margin = {rule.margin:g} for a score that is 0 or 1", fix="give a share: 0.05 for 5 %")
    answers = {
        name: Answers(
            name=name, rows=len(frame), ask={"predict": partial(_same, -values if worse else values)}, labels=None
        )
        for name, values in scores.items()
    }
    return Evaluation(
        task=TASK,
        y=np.zeros(len(frame)) if worse else np.ones(len(frame)),
        labels=None,
        candidate=answers["candidate"],
        baseline=answers["baseline"],
        weights=None if facts.weight is None else row_weights(find_column(frame, facts.weight, "weight")),
        clusters=None if rule.cluster is None else row_groups(find_column(frame, rule.cluster, "cluster")),
        slices=frame,
        seed=facts.seed,
        measure=Measure(
            name=rule.default_name(),
            kind="hits" if hits else "rows",
            judges_labels=hits,
            bounded=hits,
        ),
    )


def _scores(column: str, inputs: Inputs, name: str) -> NDArray[Any]:
    model = inputs.model(name)
    if model.table is None:
        raise InputError(
            f"score = {column!r} is a column of two tables, and the {name} is a model ({model.source})",
            fix=f"give the {name} as a table with the columns {inputs.facts.id!r} and {column!r}",
        )
    rows = model.table.rows_of(inputs.table("holdout"))
    return model.table.numbers(column, rows, what="score")


def _same(values: NDArray[Any]) -> NDArray[Any]:
    return values
