"""Prediction drift: what the candidate says of either table, judged like a column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.drift.examine import examine
from pytest_mlgate.gates.drift.rows import PREDICTION, free_subject, rows_of
from pytest_mlgate.gates.drift.sides import FrameSide

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Facts, Inputs
    from pytest_mlgate.gates.drift.decision import Evidence
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side

CODE = "MLG515"
_FIX = "set `candidate` under [model] (or give `candidate=`), or take `predictions` out"


def examine_predictions(
    reference: Side, current: Side, settings: Settings, inputs: Inputs
) -> Sequence[Check | Evidence]:
    """Return what there is to judge about the candidate's answers, or the check that says why nothing is.

    The model is asked once about each table.

    Parameters
    ----------
    reference, current : Side
        With rows; a profile has none that a model could be asked about.
    settings : Settings
    inputs : Inputs
        ``candidate``, and the facts that say which columns it is asked with.
    """
    subject = free_subject(PREDICTION, reference, current)
    try:
        return _examine(subject, reference, current, settings, inputs)
    except InputError as error:  # takes nothing from the columns
        return [
            Check(
                code=CODE,
                subject=subject,
                outcome=Outcome.ERROR,
                message=error.message,
                fix=error.fix or _FIX,
                details=error.details,
            )
        ]


def _examine(
    subject: str, reference: Side, current: Side, settings: Settings, inputs: Inputs
) -> Sequence[Check | Evidence]:
    if not inputs.given("candidate"):
        raise InputError("predictions are to be compared, and there is no candidate to ask", fix=_FIX)
    frames = [rows_of(side, what="predictions = true") for side in (reference, current)]
    model, facts = inputs.model("candidate"), inputs.facts
    pair = [_scores(model, frame, facts, side.name) for frame, side in zip(frames, (reference, current), strict=True)]
    scored = [
        # Beside the columns, not instead of them: what is judged by time or by group finds them there.
        FrameSide(name=side.name, frame=frame.assign(**{_name(subject, key): said[key] for key in said}))
        for side, frame, said in zip((reference, current), frames, pair, strict=True)
    ]
    subjects = [_name(subject, key) for key in pair[0]]
    _refuse_unknown(subject, subjects, settings)
    if facts.target in facts.sensitive:  # then so is what is said of it
        facts = replace(facts, sensitive=(*facts.sensitive, *subjects))
    found = [item for name in subjects for item in examine(name, scored[0], scored[1], settings, facts)]
    return [_as_prediction(item) for item in found]


def _as_prediction(item: Check | Evidence) -> Check | Evidence:
    if isinstance(item, Check):
        return replace(item, code=CODE)
    return replace(item, code=CODE, notes=("the candidate's answers", *item.notes))


def _name(subject: str, key: str) -> str:
    return f"{subject}={key}" if key else subject


def _refuse_unknown(subject: str, subjects: Sequence[str], settings: Settings) -> None:
    own = [name for name in settings.columns if name == subject or name.startswith(f"{subject}=")]
    unknown = [name for name in own if not any(fnmatchcase(known, name) for known in subjects)]
    if unknown:
        raise InputError(
            f"columns: {unknown[0]!r} names nothing that the candidate answers; it answers {', '.join(subjects[:5])}",
            fix="correct the name, or remove it",
        )


def _scores(model: Model, frame: pd.DataFrame, facts: Facts, table: str) -> dict[str, Any]:
    """Return the answers by class: one entry without a name in a binary task or a regression."""
    from pytest_mlgate.artifacts.model import select_features

    X = select_features(model, frame, facts, name=table)
    classes = [] if model.classes_ is None or facts.task in ("regression", "ranking") else model.classes_.tolist()
    if len(classes) > 1:
        for method in ("predict_proba", "decision_function"):
            if method in model.methods:
                found = _by_class(getattr(model, method)(X), classes, facts)
                if found is not None:
                    return found
    return {"": _predicted(model.predict(X), labels=bool(classes) or facts.task in ("binary", "multiclass"))}


def _by_class(values: NDArray[Any], classes: Sequence[Any], facts: Facts) -> dict[str, Any] | None:
    positive = classes[-1] if facts.positive is None or len(classes) > 2 else facts.positive
    hidden = facts.target in facts.sensitive
    if positive not in classes:
        known = "" if hidden else f": {positive!r} is none of {list(classes)[:5]!r}"
        raise InputError(
            f"`positive` is not among the candidate's classes{known}",
            fix="set `positive` to the label that counts as positive, with its type",
        )
    if values.ndim == 1:
        return {"": values if positive == classes[-1] else -values}
    if values.shape[1] != len(classes):  # one column a pair of classes
        return None
    if len(classes) == 2:
        return {"": values[:, list(classes).index(positive)]}
    return {f"class {k + 1}" if hidden else str(name): values[:, k] for k, name in enumerate(classes)}


def _predicted(values: NDArray[Any], *, labels: bool) -> NDArray[np.float64] | pd.Categorical:
    import numpy as np
    import pandas as pd

    fractions = values.dtype.kind == "f" and bool((values != np.round(values)).any())
    if values.dtype.kind in "iuf" and (fractions or not labels):
        return values.astype(np.float64)
    return pd.Categorical(values.astype(str))
