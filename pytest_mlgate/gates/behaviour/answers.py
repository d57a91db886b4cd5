"""The answer that relations are about: one array a table, whatever the model can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Facts

RTOL, ATOL = 1e-5, 1e-8
"""What counts as rounding between two ways of asking: numpy's own defaults."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Answerer:
    """How a model is asked.

    Attributes
    ----------
    model : Model
    method : str
        Method of the model.
    kind : str
        For people: ``probability``, ``probabilities``, ``score``, ``scores``, ``value`` or ``label``.
    column : int or None
        The column of the positive class; None: all of the answer.
    sign : float
        -1 where a larger score speaks for the other label than the positive one.
    positive : label or None
    """

    model: Model
    method: str
    kind: str
    column: int | None = None
    sign: float = 1.0
    positive: Any = None

    def ask(self, frame: pd.DataFrame) -> NDArray[Any]:
        """Return answers of shape (n_rows, n_values): floats, or labels as objects."""
        import numpy as np

        said = getattr(self.model, self.method)(frame)
        if self.kind == "label":
            return np.asarray(said, dtype=object).reshape(len(frame), 1)
        said = np.asarray(said, dtype=float).reshape(len(frame), -1)
        return self.sign * (said if self.column is None else said[:, [self.column]])

    def ordered(self, said: NDArray[Any]) -> NDArray[np.float64]:
        """Return one number a row, larger for more; InputError where the answer has no order."""
        import numpy as np

        if self.kind == "label":
            if self.positive is None:
                raise InputError(
                    "the candidate answers labels, and none is named as the positive one",
                    fix="set `positive` to the label that more of the column should make more likely",
                )
            return np.asarray(said[:, 0] == self.positive, dtype=float)
        if said.shape[1] != 1:
            raise InputError(
                f"the candidate answers {said.shape[1]} numbers a row, and a direction is about one",
                fix="set `positive` to the label whose probability should go that way",
            )
        return np.asarray(said[:, 0], dtype=float)


def answerer(model: Model, facts: Facts, positive: Any, sample: pd.DataFrame) -> Answerer:
    """Return how a model is to be asked: probabilities, else scores, else values, else labels.

    Parameters
    ----------
    model : Model
    facts : Facts
        ``task`` and ``positive``.
    positive : label or None
        Comes before that of ``facts``.
    sample : DataFrame
        Rows that tell numbers from labels where nothing else does; asked only then.

    Raises
    ------
    InputError
        The model is a table of predictions, or the positive label is none of its classes.
    """
    if model.table is not None:
        raise InputError(
            f"the candidate ({model.source}) is a table of predictions, which cannot be asked about changed rows",
            fix="name a model file or an import path as `candidate`, or take this gate out",
        )
    chosen = positive if positive is not None else facts.positive
    classes = None if model.classes_ is None else model.classes_.tolist()
    if facts.task in ("regression", "ranking") or (classes is None and "predict_proba" not in model.methods):
        return _without_classes(model, facts, chosen, sample)
    if chosen is None and classes is not None and len(classes) == 2:
        chosen = classes[-1]
    if chosen is not None and classes is not None and chosen not in classes:
        known = "" if facts.target in facts.sensitive else f" {classes[:5]!r}"
        raise InputError(
            f"`positive` is not among the candidate's classes{known}",
            fix="set `positive` to the label that counts as positive, with its type",
        )
    place = None if chosen is None or classes is None else classes.index(chosen)
    if "predict_proba" in model.methods:
        kind = "probabilities" if place is None else "probability"
        return Answerer(model=model, method="predict_proba", kind=kind, column=place, positive=chosen)
    if "decision_function" in model.methods:
        if classes is not None and len(classes) == 2:
            sign = 1.0 if place == 1 else -1.0
            return Answerer(model=model, method="decision_function", kind="score", sign=sign, positive=chosen)
        return Answerer(model=model, method="decision_function", kind="scores", positive=chosen)
    return Answerer(model=model, method="predict", kind="label", positive=chosen)


def _without_classes(model: Model, facts: Facts, positive: Any, sample: pd.DataFrame) -> Answerer:
    labels = facts.task in ("binary", "multiclass") or _says_labels(model, sample)
    return Answerer(model=model, method="predict", kind="label" if labels else "value", positive=positive)


def _says_labels(model: Model, sample: pd.DataFrame) -> bool:
    try:
        return model.predict(sample).dtype.kind not in "biuf"
    except ModelError:  # whoever asks next is told
        return False


def moved(before: NDArray[Any], after: NDArray[Any], tolerance: float) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """Return which rows' answers differ by more than rounding and a tolerance, and by how much.

    Parameters
    ----------
    before, after : ndarray of shape (n_rows, n_values)
    tolerance : float
        Absolute, on top of ``RTOL`` and ``ATOL``.

    Returns
    -------
    tuple of (ndarray of bool, ndarray of float)
        Both of shape (n_rows,); the largest difference over the values of a row, 1 for another label.
    """
    import numpy as np

    if before.dtype == object:
        other = (before != after).any(axis=1)
        return other, other.astype(float)
    size = np.abs(after - before)
    beyond = size > tolerance + ATOL + RTOL * np.abs(before)
    return beyond.any(axis=1), size.max(axis=1)
