"""The contract of what comes out: the candidate's answers on the labelled and the current rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.schema.codes import FIX

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Facts, Inputs

_FEW = 20
"""With fewer rows one answer for all of them says little."""
_BROKEN = ("shape", "text", "not finite", "probabilities", "missing")
"""Reasons for which a model's handle refuses an answer that came."""


class OutputSettings(BaseModel):
    """What the candidate may answer."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    tables: tuple[Literal["holdout", "current"], ...] = Field(default=("holdout", "current"), min_length=1)
    """The rows it is asked with, where they are given."""
    low: float | None = None
    """No number that it answers is below: a prediction, or a class's probability, which is in [0, 1] in any case."""
    high: float | None = None
    classes: tuple[Any, ...] | None = Field(default=None, min_length=1)
    """Labels it may answer; None: those of the training rows, else those that it knows itself."""
    max_constant_share: float = Field(default=0.95, gt=0, le=1)
    """Share of rows that may have one and the same score. Labels without scores: only all alike is too many."""

    @model_validator(mode="after")
    def _ends_in_order(self) -> Self:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}")
        return self


def check_outputs(settings: OutputSettings, inputs: Inputs, limit: int) -> list[Check]:
    """Return the checks of the candidate's answers, table by table.

    Parameters
    ----------
    settings : OutputSettings
    inputs : Inputs
        With a candidate, and at least one of the tables.
    limit : int
        How many offending rows each check names.
    """
    names = [name for name in settings.tables if inputs.given(name) and hasattr(_plain(inputs, name), "columns")]
    if not names:
        raise InputError(
            f"schema: `outputs` has no rows to ask the candidate with: no {' and no '.join(settings.tables)}",
            fix="set `holdout` under [data], or take `outputs` out",
        )
    model = inputs.model("candidate")
    return [check for name in names for check in _of_table(name, model, settings, inputs, limit)]


def _plain(inputs: Inputs, name: str) -> Any:
    try:
        return inputs.table(name)
    except InputError:  # a profile has no rows; what cannot be read is an error of the table itself
        return None


def _of_table(name: str, model: Model, settings: OutputSettings, inputs: Inputs, limit: int) -> Iterator[Check]:
    from pytest_mlgate.artifacts.model import select_features

    frame, subject = inputs.table(name), f"outputs.{name}"
    if not len(frame):
        return  # the empty table is an error already
    try:
        rows = select_features(model, frame, inputs.facts, name=name)
        answers: dict[str, Any] = {
            method: getattr(model, method)(rows)
            for method in ("predict", "predict_proba", "decision_function")
            if method in model.methods
        }
    except InputError as error:
        broken = error.details.get("reason") in _BROKEN
        yield Check(
            code="MLG210",
            subject=subject,
            outcome=Outcome.FAIL if broken else Outcome.ERROR,
            message=f"{name}: {_said(error, inputs.facts)}",
            fix=error.fix or FIX["MLG210"],
            n=len(frame),
        )
        return
    yield _in_range(subject, name, answers, settings, limit)
    if _is_classifier(model, answers, inputs.facts):
        yield _known_classes(subject, name, answers, settings, inputs, model, limit)
    yield _not_constant(subject, name, answers, settings, _is_classifier(model, answers, inputs.facts))


def _said(error: InputError, facts: Facts) -> str:
    """The model's own words may quote values of the rows it was asked with."""
    return error.message.split("(", 1)[0].strip() if facts.sensitive else error.message


def _is_classifier(model: Model, answers: dict[str, NDArray[Any]], facts: Facts) -> bool:
    if facts.task is not None:
        return facts.task in ("binary", "multiclass") and "predict" in answers
    text = "predict" in answers and answers["predict"].dtype.kind in "OUb"
    return "predict" in answers and (model.classes_ is not None or text)


def _in_range(subject: str, name: str, answers: dict[str, NDArray[Any]], settings: OutputSettings, limit: int) -> Check:
    import numpy as np

    n = len(next(iter(answers.values())))
    method = "predict_proba" if "predict_proba" in answers else "predict"
    values = answers.get(method)
    low, high = settings.low, settings.high
    numeric = values is not None and values.dtype.kind in "biuf"
    if (low is not None or high is not None) and not numeric:
        return Check(
            code="MLG210",
            subject=subject,
            outcome=Outcome.ERROR,
            message=f"{name}: `low` and `high` bound numbers, and the candidate answers none",
            fix="take `low` and `high` out of `outputs`",
            n=n,
        )
    bad = np.zeros(n, dtype=bool)
    if numeric and values is not None:
        table = values.reshape(n, -1)
        for bound, outside in ((low, np.less), (high, np.greater)):
            if bound is not None:
                bad |= outside(table, bound).any(axis=1)
    stated = f"[{'-inf' if low is None else f'{low:g}'}, {'inf' if high is None else f'{high:g}'}]"
    if bad.any():
        rows = np.nonzero(bad)[0][:limit].tolist()
        return Check(
            code="MLG210",
            subject=f"{subject}.range",
            outcome=Outcome.FAIL,
            message=f"{name}: {int(bad.sum())} of {n} answers of {method} lie outside {stated}; rows {_listed(rows)}",
            fix=FIX["MLG210"],
            observed=float(bad.mean()),
            limit=0.0,
            n=n,
            details={"rows": rows, "low": low, "high": high},
        )
    told = "" if low is None and high is None else f", within {stated}"
    return Check(
        code="MLG210",
        subject=subject,
        outcome=Outcome.PASS,
        message=f"{name}: {n} answers of {', '.join(answers)} for {n} rows, all finite{told}"
        + (", probabilities in [0, 1] that sum to 1" if "predict_proba" in answers else ""),
        observed=0.0,
        limit=0.0,
        n=n,
    )


def _known_classes(
    subject: str,
    name: str,
    answers: dict[str, NDArray[Any]],
    settings: OutputSettings,
    inputs: Inputs,
    model: Model,
    limit: int,
) -> Check:
    import numpy as np
    import pandas as pd

    values = pd.Series(answers["predict"])
    known, source = _labels_known(settings, inputs, model)
    unknown = [label for label in values.unique().tolist() if label not in known]
    bad = np.asarray(values.isin(unknown), dtype=bool)
    hidden = inputs.facts.target in inputs.facts.sensitive
    if not unknown:
        return Check(
            code="MLG211",
            subject=f"{subject}.classes",
            outcome=Outcome.PASS,
            message=f"{name}: all answers are among the {len(known)} labels {source}",
            observed=0.0,
            limit=0.0,
            n=len(values),
        )
    what = f"{len(unknown)} labels" if hidden else _listed([repr(label) for label in unknown[:5]])
    rows = np.nonzero(bad)[0][:limit].tolist()
    return Check(
        code="MLG211",
        subject=f"{subject}.classes",
        outcome=Outcome.FAIL,
        message=f"{name}: {int(bad.sum())} of {len(values)} answers are {what}, not among the {len(known)} labels "
        f"{source}{'' if hidden else f' ({_listed([repr(label) for label in list(known)[:5]])})'}",
        fix=FIX["MLG211"],
        observed=float(bad.mean()),
        limit=0.0,
        n=len(values),
        details={"rows": rows},
    )


def _labels_known(settings: OutputSettings, inputs: Inputs, model: Model) -> tuple[list[Any], str]:
    if settings.classes is not None:
        return list(settings.classes), "listed under `classes`"
    target = inputs.facts.target
    train = _plain(inputs, "train") if inputs.given("train") else None
    if train is not None and target in train.columns:
        return _distinct(train[target]), "of the training rows"
    if model.classes_ is not None:
        return list(model.classes_.tolist()), "that the candidate knows"
    holdout = _plain(inputs, "holdout") if inputs.given("holdout") else None
    if holdout is not None and target in holdout.columns:
        return _distinct(holdout[target]), "of the holdout"
    raise InputError(
        "schema: nothing says which labels the candidate may answer",
        fix="list them: `[gates.schema.outputs] classes = [...]`, or give training rows",
    )


def _distinct(labels: pd.Series) -> list[Any]:
    return list(labels.dropna().unique().tolist())


def _not_constant(
    subject: str, name: str, answers: dict[str, NDArray[Any]], settings: OutputSettings, classifier: bool
) -> Check:
    import numpy as np
    import pandas as pd

    method = next(name for name in ("predict_proba", "decision_function", "predict") if name in answers)
    values = answers[method]
    table = pd.DataFrame(values.reshape(len(values), -1))
    share = float(table.value_counts(dropna=False).iloc[0]) / len(table)
    labels = method == "predict" and (classifier or values.dtype.kind not in "iuf")
    limit = 1.0 if labels else settings.max_constant_share
    constant = settings.max_constant_share < 1 and (share >= 1 if labels else share > limit)
    outcome = Outcome.FAIL if constant else Outcome.PASS
    severity = Severity.BLOCK
    if constant and len(values) < _FEW:
        outcome, severity = Outcome.INCONCLUSIVE, Severity.WARN
    few = f"; {len(values)} rows are too few to say" if outcome is Outcome.INCONCLUSIVE else ""
    return Check(
        code="MLG212",
        subject=f"{subject}.constant",
        outcome=outcome,
        severity=severity,
        message=f"{name}: one answer of {method} is given to {share:.2%} of the rows{few}",
        fix="" if outcome is Outcome.PASS else FIX["MLG212"],
        observed=share,
        limit=limit,
        n=int(np.shape(values)[0]),
    )


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(map(str, values))
