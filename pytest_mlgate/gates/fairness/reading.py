"""Labelled rows, what the models said of them, and the groups they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.answers import numbers, plain_values
from pytest_mlgate.gates.baseline.evaluation import labelled_holdout
from pytest_mlgate.gates.baseline.slices import find_column

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.fairness.settings import Settings

MOST_GROUPS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """A column of groups: ``codes[row]`` is the number of the row's group, ``names[code]`` what it is called."""

    name: str
    names: tuple[str, ...]
    codes: NDArray[np.intp]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """All that the gate judges.

    ``truth``, ``candidate`` and ``baseline`` hold, one a row, whether the label is (was said to be) the positive one;
    in a regression they hold values. ``baseline`` is None where nothing is compared with it.
    """

    truth: NDArray[Any]
    candidate: NDArray[Any]
    baseline: NDArray[Any] | None
    columns: tuple[Column, ...]
    weights: NDArray[np.float64] | None
    positive: Any = None
    seed: int = 0
    no_baseline: bool = False


def from_inputs(rule: Settings, inputs: Inputs) -> Rows:
    """Return what the gate judges from a holdout and model handles.

    Raises
    ------
    InputError
        Where the holdout has no rows or lacks a column, no groups are named, or labels and answers do not fit.
    """
    facts = inputs.facts
    frame, target = labelled_holdout(inputs)
    named = rule.groups or facts.groups
    if not named:
        raise InputError("no groups are named", fix="set `groups` in [gates.fairness], or in [data], to columns")
    y = plain_values(target, f"holdout column {facts.target!r}")
    models = {"candidate": inputs.model("candidate")}
    if rule.worsening is not None:
        models["baseline"] = inputs.model("baseline")
    known = {name: model.classes_ for name, model in models.items()}
    truth, positive = _truth(rule, facts.task, facts.positive, y, list(known.values()))
    said = {name: _said(rule, model, name, frame, inputs, y, positive) for name, model in models.items()}
    weights = None if facts.weight is None else find_column(frame, facts.weight, "weight")
    return Rows(
        truth=truth,
        candidate=said["candidate"],
        baseline=said.get("baseline"),
        columns=_columns(frame, named, facts.sensitive),
        weights=None if weights is None else _weights(weights),
        positive=positive,
        seed=facts.seed,
        no_baseline="baseline" in models and models["baseline"].is_dummy,
    )


def from_arrays(
    rule: Settings,
    y_true: Any,
    candidate: Any,
    baseline: Any | None,
    groups: pd.DataFrame,
    weights: Any | None,
    *,
    sensitive: Sequence[str],
    seed: int,
) -> Rows:
    """Return what the gate judges from labels and predictions or scores; parameters as in ``check_fairness``."""
    import pandas as pd

    y = plain_values(y_true, "y_true")
    if not len(y):
        raise InputError("y_true has no rows", fix="give labelled rows that nobody fitted on")
    given = {"candidate": candidate, "baseline": baseline, "groups": groups, "weights": weights}
    for name, values in given.items():
        if values is not None and len(values) != len(y):
            raise InputError(f"{name} has {len(values)} rows and y_true {len(y)}", fix="give the same rows in each")
    if rule.worsening is not None and baseline is None:
        raise InputError("worsening is given and no baseline", fix="give the baseline's predictions on the same rows")
    truth, positive = _truth(rule, None, None, y, [])
    said = {
        name: _said_of_array(rule, values, name, y, positive)
        for name, values in (("candidate", candidate), ("baseline", baseline))
        if values is not None
    }
    return Rows(
        truth=truth,
        candidate=said["candidate"],
        baseline=said["baseline"] if rule.worsening is not None else None,
        columns=_columns(groups, rule.groups, sensitive),
        weights=None if weights is None else _weights(pd.Series(weights)),
        positive=positive,
        seed=seed,
    )


def _truth(
    rule: Settings, task: str | None, positive: Any, y: NDArray[Any], classes: list[NDArray[Any] | None]
) -> tuple[NDArray[Any], Any]:
    """Return whether each label is the positive one, and which label that is; values in a regression."""
    if rule.regression:
        if task not in (None, "regression") or any(own is not None for own in classes):
            raise InputError(
                f"{rule.metrics[0]} judges predicted values, and the task has labels",
                fix="set limits of rates: selection_rate, true_positive_rate, false_positive_rate, ...",
            )
        return numbers(y, "the target"), None
    if task in ("regression", "ranking"):
        raise InputError(
            f"{rule.metrics[0]} is a rate of labels, and the task is a {task}",
            fix="set a limit for mean_error or mean_absolute_error" if task == "regression" else "take this gate out",
        )
    labels = _distinct(y)
    present = list(labels)
    for own in (found.tolist() for found in classes if found is not None):
        unseen = [label for label in present if label not in own]
        if unseen:
            raise InputError(
                f"the target has {unseen[0]!r}, which a model has never seen (its classes: {own[:5]!r})",
                fix="make labels and classes the same values of the same type",
            )
        labels += [label for label in own if label not in labels]
    chosen = rule.positive if rule.positive is not None else positive
    if chosen is None:
        if len(labels) != 2:
            raise InputError(
                f"there are {len(labels)} labels and none is named as the positive one: {labels[:5]!r}",
                fix="set `positive` to the label whose rates are to be compared",
            )
        chosen = max(labels)
    if chosen not in labels:
        raise InputError(
            f"positive = {chosen!r} is not among the labels {labels[:5]!r}",
            fix="set `positive` to the label that counts as positive, with its type",
        )
    return y == chosen, chosen


def _distinct(y: NDArray[Any]) -> list[Any]:
    import pandas as pd

    found = pd.unique(y).tolist()
    try:
        return sorted(found)
    except TypeError:
        raise InputError(
            f"the target mixes types: {found[:5]!r}", fix="make all labels numbers, or all of them text"
        ) from None


def _said(
    rule: Settings, model: Model, name: str, frame: pd.DataFrame, inputs: Inputs, y: NDArray[Any], positive: Any
) -> NDArray[Any]:
    import numpy as np

    from pytest_mlgate.artifacts.model import select_features

    X = select_features(model, frame, inputs.facts)
    if rule.threshold is None:
        return _labels_said(rule, model.predict(X), name, y, positive, model.classes_)
    if "predict_proba" in model.methods and model.classes_ is not None:
        column = model.classes_.tolist().index(positive) if positive in model.classes_.tolist() else None
        if column is not None:
            proba = numbers(model.predict_proba(X), f"the {name}'s predict_proba")
            return np.asarray(proba[:, column] >= rule.threshold)
    if "decision_function" in model.methods:
        scores = numbers(model.decision_function(X), f"the {name}'s decision_function")
        if scores.ndim == 1:
            own = None if model.classes_ is None else model.classes_.tolist()
            towards = -scores if own is not None and own[-1] != positive else scores
            return np.asarray(towards >= rule.threshold)
    raise InputError(
        f"threshold = {rule.threshold:g} needs scores, and the {name} has {', '.join(sorted(model.methods))}",
        fix="take `threshold` out, and the labels that the model predicts are judged",
    )


def _said_of_array(rule: Settings, values: Any, name: str, y: NDArray[Any], positive: Any) -> NDArray[Any]:
    import numpy as np

    found = np.asarray(values)
    if found.ndim != 1:
        raise InputError(f"{name} has shape {found.shape}", fix="give one label, or one score of the positive, a row")
    if rule.threshold is not None:
        return numbers(found, f"the {name}'s score") >= rule.threshold
    return _labels_said(rule, plain_values(values, f"the {name}'s answer"), name, y, positive, None)


def _labels_said(
    rule: Settings, said: NDArray[Any], name: str, y: NDArray[Any], positive: Any, classes: NDArray[Any] | None
) -> NDArray[Any]:
    import numpy as np
    import pandas as pd

    if rule.regression:
        return numbers(said, f"the {name}'s prediction")
    if said.dtype.kind == "f":
        said = numbers(said, f"the {name}'s prediction")
        if (said != said.round()).any():
            raise InputError(
                f"the {name} gives scores such as {said[said != said.round()][0]:g}, and rates are of labels",
                fix="set `threshold`: scores of at least that are positive",
            )
    known = {*pd.unique(y).tolist(), positive, *([] if classes is None else classes.tolist())}
    unknown = [label for label in pd.unique(said).tolist() if label not in known]
    if unknown:
        raise InputError(
            f"the {name} predicts {unknown[0]!r}, which is not among the labels {list(map(repr, known))[:5]}",
            fix="make labels and predictions the same values of the same type (1 is not '1')",
        )
    return np.asarray(said == positive)


def _columns(
    frame: pd.DataFrame, named: Sequence[str | tuple[str, ...]], sensitive: Sequence[str]
) -> tuple[Column, ...]:
    found = []
    for name in named:
        parts = (name,) if isinstance(name, str) else tuple(name)
        found.append(_column(frame, parts, hidden=any(part in sensitive for part in parts)))
    return tuple(found)


def _column(frame: pd.DataFrame, parts: tuple[str, ...], *, hidden: bool) -> Column:
    import numpy as np
    import pandas as pd

    levels = []
    for part in parts:
        values = find_column(frame, part, "groups").reset_index(drop=True)
        levels.append(values.astype(object).map(str).where(values.notna(), "(missing)"))
    joined = levels[0]
    for level in levels[1:]:
        joined = joined + " + " + level
    codes, names = pd.factorize(joined, sort=True)
    title = " + ".join(parts)
    if len(names) > MOST_GROUPS:
        raise InputError(
            f"groups: column {title!r} has {len(names)} levels, more than {MOST_GROUPS}",
            fix="name a column with fewer levels, or bin this one",
        )
    if len(names) < 2:
        raise InputError(
            f"groups: column {title!r} has one group only: there is nothing to compare",
            fix="give a holdout with rows of several groups, or take the column out of `groups`",
        )
    shown = [f"group {number}" for number in range(1, len(names) + 1)] if hidden else [str(name) for name in names]
    return Column(name=title, names=tuple(shown), codes=np.asarray(codes, dtype=np.intp))


def _weights(column: pd.Series[Any]) -> NDArray[np.float64]:
    weights = numbers(plain_values(column, "the weight"), "the weight")
    if (weights < 0).any() or not weights.sum() > 0:
        raise InputError("a weight is negative, or all are 0", fix="give weights of at least 0, some above it")
    return weights
