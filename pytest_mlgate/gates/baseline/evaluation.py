"""Labelled rows and both models' answers, checked: from a table and two models, or from arrays."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.answers import Answers, Evaluation, Labels, numbers, plain_values
from pytest_mlgate.gates.baseline.ranking import as_scores
from pytest_mlgate.gates.baseline.slices import find_column

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.base import Inputs

_TASKS = ("binary", "multiclass", "regression", "ranking")
_NUMERIC = ("regression", "ranking")
_FEW_VALUES = 20


def labelled_holdout(inputs: Inputs, table: str = "holdout") -> tuple[pd.DataFrame, pd.Series]:
    """Return the holdout, or another table of labelled rows, and its target column.

    Raises
    ------
    InputError
        Where no target is configured, the table lacks it, or it has no rows.
    """
    target = inputs.facts.target
    frame = inputs.table(table)
    if target is None:
        raise InputError("no target is configured", fix="set `target` in [data] to the column of the labels")
    column = find_column(frame, target, "target", table)
    if not len(frame):
        raise InputError(f"{table} has no rows", fix="give labelled rows that nobody fitted on")
    return frame, column


def from_inputs(
    inputs: Inputs,
    *,
    cluster: str | None,
    query: str | None = None,
    table: str = "holdout",
    known: tuple[str, Labels | None] | None = None,
) -> Evaluation:
    """Return what the gate judges from a holdout (or another ``table`` of labelled rows) and two model handles.

    ``known`` are the task and its labels, where these rows are a part of those that tell them.

    Raises
    ------
    InputError
        Where the holdout has no rows or lacks a column, labels are missing or unknown to a model, or weights or
        labels are not finite.
    """
    facts = inputs.facts
    frame, target = labelled_holdout(inputs, table)
    what = f"{table} column {facts.target!r}"
    y = plain_values(target, what)
    models = {name: inputs.model(name) for name in ("candidate", "baseline")}
    classes = [_classes(model) for model in models.values()]
    task = known[0] if known is not None else facts.task or find_task(y, classes[0])
    ways = {name: _ways(model, frame, inputs, table) for name, model in models.items()}
    if task == "ranking":
        ways = {name: as_scores(way, name) for name, way in ways.items()}
    if task not in ("regression", "ranking"):
        _check_disjoint(y, dict(zip(models, classes, strict=True)), table)
    if known is None:
        said = [own or _said(task, y, way) for own, way in zip(classes, ways.values(), strict=True)]
        labels = find_labels(task, said, facts.positive)
    else:
        labels = known[1]
    _check_seen(y, dict(zip(models, classes, strict=True)), labels, what)
    answers = {
        name: Answers(
            name=name,
            rows=len(frame),
            ask=way,
            labels=labels,
            classes=own,
            flip=task == "binary" and bool(own) and labels is not None and (own or ())[-1] != labels.names[-1],
            stored=models[name].table is not None,
        )
        for (name, way), own in zip(ways.items(), classes, strict=True)
    }
    return Evaluation(
        task=task,
        y=numbers(y, what) if labels is None else labels.encode(y, what),
        labels=labels,
        candidate=answers["candidate"],
        baseline=answers["baseline"],
        weights=None if facts.weight is None else row_weights(find_column(frame, facts.weight, "weight", table)),
        clusters=None if cluster is None else row_groups(find_column(frame, cluster, "cluster", table)),
        queries=None if query is None else row_groups(find_column(frame, query, "query", table), "query"),
        slices=frame,
        seed=facts.seed,
        no_baseline=models["baseline"].is_dummy,
    )


def without_models(inputs: Inputs, *, cluster: str | None, query: str | None = None) -> Evaluation:
    """Return the labelled rows as :func:`from_inputs` does, before any model is loaded.

    The task is the configured one, or that which the labels ask for; labels are those of the holdout. The models in it
    pass for able to answer everything, and raise when they are asked.
    """
    facts = inputs.facts
    frame, target = labelled_holdout(inputs)
    what = f"holdout column {facts.target!r}"
    y = plain_values(target, what)
    task = facts.task or find_task(y, None)
    labels = find_labels(task, [tuple(_sorted(y))], facts.positive)
    ask = dict.fromkeys(("predict", "predict_proba", "decision_function"), _no_model)
    candidate, baseline = (
        Answers(name=name, rows=len(frame), ask=ask, labels=labels) for name in ("candidate", "baseline")
    )
    return Evaluation(
        task=task,
        y=numbers(y, what) if labels is None else labels.encode(y, what),
        labels=labels,
        candidate=candidate,
        baseline=baseline,
        weights=None if facts.weight is None else row_weights(find_column(frame, facts.weight, "weight")),
        clusters=None if cluster is None else row_groups(find_column(frame, cluster, "cluster")),
        queries=None if query is None else row_groups(find_column(frame, query, "query"), "query"),
        slices=frame,
        seed=facts.seed,
    )


def _no_model() -> Any:
    raise InputError("no model is loaded here, and one was asked", fix="this question needs a verdict")


def from_arrays(
    y_true: Any,
    candidate: Any,
    baseline: Any | None,
    *,
    task: str | None,
    positive: Any,
    slices: Any | None,
    weights: Any | None,
    groups: Any | None,
    seed: int,
    query: Any | None = None,
) -> Evaluation:
    """Return what the gate judges from labels and predictions or scores; parameters as in ``check_baseline``."""
    import numpy as np
    import pandas as pd

    y = plain_values(y_true, "y_true")
    if not len(y):
        raise InputError("y_true has no rows", fix="give labelled rows that nobody fitted on")
    given = {"candidate": np.asarray(candidate)}
    if baseline is not None:
        given["baseline"] = np.asarray(baseline)
    for name, answer in given.items():
        if answer.ndim not in (1, 2) or len(answer) != len(y):
            raise InputError(
                f"{name} has shape {answer.shape} for {len(y)} rows of y_true",
                fix="give one prediction or score a row, or one probability a row and class",
            )
    found = task or find_task(y, None)
    labels = find_labels(found, [labels_of_arrays(found, y, list(given.values()))], positive)
    if baseline is None:
        given["baseline"] = _dummy(y, given["candidate"], labels)
    columns = None if labels is None else tuple(_in_order(labels.names))
    answers = {
        name: Answers(name=name, rows=len(y), ask=_readings(answer, labels), labels=labels, classes=columns)
        for name, answer in given.items()
    }
    frame = None if slices is None else pd.DataFrame(slices).reset_index(drop=True)
    for name, other in (("slices", frame), ("weights", weights), ("groups", groups), ("query", query)):
        if other is not None and len(other) != len(y):
            raise InputError(f"{name} has {len(other)} rows and y_true {len(y)}", fix="give the same rows in each")
    return Evaluation(
        task=found,
        y=numbers(y, "y_true") if labels is None else labels.encode(y, "y_true"),
        labels=labels,
        candidate=answers["candidate"],
        baseline=answers["baseline"],
        weights=None if weights is None else row_weights(pd.Series(np.asarray(weights))),
        clusters=None if groups is None else row_groups(pd.Series(np.asarray(groups))),
        queries=None if query is None else row_groups(pd.Series(np.asarray(query)), "query"),
        slices=frame,
        seed=seed,
        no_baseline=baseline is None,
        labels_only=not any(_is_scored(answer) for answer in given.values()),
    )


def _ways(model: Model, frame: pd.DataFrame, inputs: Inputs, table: str) -> dict[str, Any]:
    from pytest_mlgate.artifacts.model import select_features

    # The table is cut only when the model is asked, and a model fitted on other columns raises then.
    def ask(method: str) -> Any:
        return getattr(model, method)(select_features(model, frame, inputs.facts, name=table))

    return {method: partial(ask, method) for method in sorted(model.methods)}


def _classes(model: Model) -> tuple[Any, ...] | None:
    return None if model.classes_ is None else tuple(model.classes_.tolist())


def find_task(y: NDArray[Any], classes: tuple[Any, ...] | None) -> str:
    """Return the task that labels ask for, where neither the configuration nor a model's classes say it."""
    if classes is not None:
        return "binary" if len(classes) <= 2 else "multiclass"
    if y.dtype.kind == "f" and (y != y.round()).any():
        return "regression"
    distinct = len(_sorted(y))
    if y.dtype.kind in "iuf" and distinct > _FEW_VALUES:
        return "regression"
    return "binary" if distinct <= 2 else "multiclass"


def find_labels(task: str, known: list[tuple[Any, ...]], positive: Any) -> Labels | None:
    """Return the labels of a task from those that each model knows; None where it has none."""
    if task not in _TASKS:
        raise InputError(f"task = {task!r} is not judged by this gate", fix=f"set `task` to one of {', '.join(_TASKS)}")
    if task in _NUMERIC:
        return None
    names = list(known[0])
    for own in known[1:]:
        names += [label for label in own if label not in names]
    if task != "binary":
        return Labels(names=tuple(names))
    if len(names) > 2:
        raise InputError(
            f"a binary task has {len(names)} labels, in the target and both models' answers together: "
            f"{', '.join(map(repr, names[:5]))}",
            fix='set `task = "multiclass"`, or look for labels of mixed types or spellings',
        )
    if positive is not None and positive not in names:
        raise InputError(
            f"positive = {positive!r} is not among the labels {', '.join(map(repr, names))}",
            fix="set `positive` to the label that counts as positive, with its type",
        )
    if len(names) == 2 and positive is not None and positive != names[1]:
        names.reverse()
    return Labels(names=tuple(names))


def _check_disjoint(y: NDArray[Any], classes: dict[str, tuple[Any, ...] | None], table: str) -> None:
    """Refuse labels of which a model knows none: spelt otherwise, and no task of as many labels as both together."""
    present = _sorted(y)
    for name, own in classes.items():
        if own and not any(label in own for label in present):
            raise InputError(
                f"the {table}'s labels are {_first(present)}; the {name} answers {_first(own)}",
                fix=f"write the labels of the tables as the {name} does (1 is not '1'), or name a function that"
                " answers them: package.module:function",
            )


def _first(labels: Iterable[Any]) -> str:
    shown = [repr(label) for label in labels]
    return ", ".join(shown[:5]) + (", ..." if len(shown) > 5 else "")


def _check_seen(y: NDArray[Any], classes: dict[str, tuple[Any, ...] | None], labels: Labels | None, what: str) -> None:
    if labels is None:
        return
    present = _sorted(y)
    for name, own in classes.items():
        unseen = [label for label in present if own is not None and label not in own]
        if unseen:
            raise InputError(
                f"{what} has {', '.join(map(repr, unseen[:5]))}, which the {name} has never seen "
                f"(its classes: {', '.join(map(repr, (own or ())[:5]))})",
                fix="make labels and classes the same values of the same type, or fit the model on these labels too",
            )


def _sorted(y: NDArray[Any]) -> list[Any]:
    """Distinct labels in order, by type where types do not compare."""
    import pandas as pd

    return _in_order(pd.unique(y).tolist())


def _in_order(labels: Iterable[Any]) -> list[Any]:
    try:
        return sorted(labels)
    except TypeError:
        return sorted(labels, key=lambda label: (type(label).__name__, str(label)))


def row_weights(column: pd.Series) -> NDArray[np.float64]:
    """Return sample weights; InputError where one is missing or negative, or all are 0."""
    weights = numbers(plain_values(column, "the weight"), "the weight")
    if (weights < 0).any() or not weights.sum() > 0:
        raise InputError("a weight is negative, or all are 0", fix="give weights of at least 0, some above it")
    return weights


def row_groups(column: pd.Series, key: str = "cluster") -> NDArray[np.intp]:
    """Return the number of each row's group; InputError where one is missing."""
    import pandas as pd

    codes, _ = pd.factorize(pd.Series(plain_values(column, f"the {key}")))
    return codes


def _is_scored(answer: NDArray[Any]) -> bool:
    return answer.ndim == 2 or (answer.dtype.kind == "f" and bool((answer != answer.round()).any()))


def _said(task: str, y: NDArray[Any], ways: dict[str, Any]) -> tuple[Any, ...]:
    """Labels of a model that names no classes: those of ``y``, and those that it predicts."""
    import numpy as np

    if task in _NUMERIC or "predict" not in ways:
        return tuple(_sorted(y))
    return labels_of_arrays(task, y, [np.asarray(ways["predict"]())])


def labels_of_arrays(task: str, y: NDArray[Any], given: list[NDArray[Any]]) -> tuple[Any, ...]:
    """Labels of ``y``, and those predicted where ``y`` may not show every class; scores are no labels."""
    known = _sorted(y)
    if task in _NUMERIC or (task == "binary" and len(known) == 2):
        return tuple(known)
    for answer in given:
        if answer.ndim == 1 and not _is_scored(answer):
            values = plain_values(answer, "a prediction")
            known += [label for label in _sorted(values) if label not in known and _alike(label, known[0])]
    return tuple(_in_order(known))


def _alike(a: Any, b: Any) -> bool:
    return isinstance(a, str) == isinstance(b, str)


def _readings(answer: NDArray[Any], labels: Labels | None) -> dict[str, Any]:
    """What an array can be read as: predictions, scores, probabilities."""
    import numpy as np

    if labels is None:
        return {"predict": lambda: answer}
    if answer.ndim == 2:
        return {"predict_proba": lambda: answer}
    ways: dict[str, Any] = {"predict": lambda: answer}
    if answer.dtype.kind not in "OUSb":
        ways["decision_function"] = lambda: answer
        values = answer.astype(float)
        inside = ((values >= 0) & (values <= 1)) | np.isnan(values)  # NaN is told when it is asked for
        if len(labels.names) == 2 and inside.all():
            pair = [1 - values, values]
            in_order = list(labels.names) == _in_order(labels.names)
            ways["predict_proba"] = lambda: np.column_stack(pair if in_order else pair[::-1])
    return ways


def _dummy(y: NDArray[Any], like: NDArray[Any], labels: Labels | None) -> NDArray[Any]:
    """Return what a model without features would answer, in the form of the candidate's answer."""
    import numpy as np

    if labels is None:
        return np.full(len(y), numbers(y, "y_true").mean())
    codes = labels.encode(y, "y_true")
    shares = np.bincount(codes, minlength=len(labels.names)) / len(y)
    if like.ndim == 2:
        return np.tile(shares, (len(y), 1))
    if _is_scored(like):
        return np.full(len(y), shares[-1])
    return np.full(len(y), labels.names[int(shares.argmax())], dtype=like.dtype if like.dtype == object else None)
