"""The flip table: rows that the candidate fixed and broke, in total and by slice, and the surest broken ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.slicing import Column, Cross, Function, SliceBy

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
    from pytest_mlgate.gates.baseline.slices import Partition

_MOST_CHARACTERS = 200
_COLUMNS = ["slice", "rows", "fixed", "broken", "both_right", "both_wrong"]


def flip_evidence(
    ev: Evaluation, parts: Sequence[Partition], facts: Facts, *, limit: int, show_rows: bool
) -> dict[str, Any]:
    """Return the flip table and the broken rows; nothing for a regression or where no labels are predicted.

    Parameters
    ----------
    ev : Evaluation
    parts : sequence of Partition
        What the rows are sliced by.
    facts : Facts
        Which column names a row, and which columns are sensitive: nothing of these is told.
    limit : int
        The most broken rows to name; 0: none.
    show_rows : bool
        Whether the columns of the table are shown beside them.

    Returns
    -------
    dict
        ``flips`` with ``columns`` and ``rows`` (slice, rows, fixed, broken, both right, both wrong; the slice ``""``
        is the whole holdout), and ``broken_rows`` with ``columns``, ``rows``, ``total`` and ``order``.
    """
    if ev.labels is None:
        return {}
    try:
        ours, theirs = (model.predict() == ev.y for model in (ev.candidate, ev.baseline))
    except InputError:  # scores alone: there are no labels to flip
        return {}
    found = {"flips": flip_table(ours, theirs, parts)}
    if limit and facts.target not in facts.sensitive:
        found["broken_rows"] = _broken_rows(ev, theirs & ~ours, parts, facts, limit, show_rows)
    return found


def flip_table(ours: NDArray[np.bool_], theirs: NDArray[np.bool_], parts: Sequence[Partition]) -> dict[str, Any]:
    """Count rows by who was right, in total and by slice.

    Parameters
    ----------
    ours, theirs : array of bool, shape (n_rows,)
        Whether the candidate and the baseline were right.
    parts : sequence of Partition
        What the rows are sliced by.
    """
    import numpy as np

    kinds = 2 * ours.astype(np.intp) + theirs  # 2: fixed, 1: broken, 3: both right, 0: both wrong
    rows: list[list[Any]] = [["", *_by_kind(np.bincount(kinds, minlength=4))]]
    for part in parts:
        counts = np.bincount(part.codes * 4 + kinds, minlength=4 * len(part.levels)).reshape(-1, 4)
        rows += [[level, *_by_kind(own)] for level, own in zip(part.levels, counts, strict=True)]
    return {"columns": _COLUMNS, "rows": rows}


def counted_flips(groups: Sequence[tuple[str, tuple[NDArray[Any], ...]]]) -> dict[str, Any]:
    """Return the flip table of rows that are counted.

    Parameters
    ----------
    groups : sequence
        Of each slice its name, and labels, answers of candidate and baseline, and how many rows have all three.
    """
    import numpy as np

    rows = []
    for name, (y, a, b, counts) in groups:
        kinds = 2 * (a == y).astype(np.intp) + (b == y)
        rows.append([name, *_by_kind(np.bincount(kinds, counts, 4).astype(np.intp))])
    return {"columns": _COLUMNS, "rows": rows}


def _by_kind(counts: NDArray[np.intp]) -> list[int]:
    wrong, broken, fixed, right = counts.tolist()
    return [wrong + broken + fixed + right, fixed, broken, right, wrong]


def _broken_rows(
    ev: Evaluation, broken: NDArray[np.bool_], parts: Sequence[Partition], facts: Facts, limit: int, show_rows: bool
) -> dict[str, Any]:
    """The broken rows that the candidate is surest of; where it says nothing of that, the first ones."""
    import numpy as np

    assert ev.labels is not None
    at = np.flatnonzero(broken)
    sure = confidence(ev.candidate)
    if sure is not None:
        at = at[np.argsort(-sure[at], kind="stable")]
    names, shown = ev.labels.names, at[:limit]
    columns: dict[str, list[Any]] = {"row": shown.tolist()}
    frame = ev.slices
    if frame is not None and facts.id in frame.columns and facts.id not in facts.sensitive:
        columns["id"] = _cells(frame[facts.id], shown)
    for title, codes in (("label", ev.y), ("candidate", ev.candidate.predict()), ("baseline", ev.baseline.predict())):
        columns[title] = [names[code] for code in codes[shown]]
    columns["confidence"] = [None] * len(shown) if sure is None else [round(float(s), 6) for s in sure[shown]]
    for part in parts:
        if not touches(part.by, facts.sensitive):
            columns[f"slice: {part.name}"] = [part.levels[code] for code in part.codes[shown]]
    if show_rows and frame is not None:
        hidden = {facts.id, facts.target, *facts.sensitive}
        columns |= {f"column: {name}": _cells(frame[name], shown) for name in frame.columns if name not in hidden}
    return {
        "columns": list(columns),
        "rows": [list(row) for row in zip(*columns.values(), strict=True)],
        "total": len(at),
        "order": "row" if sure is None else "confidence",
    }


def touches(by: SliceBy, sensitive: Sequence[str]) -> bool:
    """Whether labels of a slice tell of a sensitive column; a function may read any column."""
    if isinstance(by, Cross):
        return any(touches(one, sensitive) for one in by.parts)
    if isinstance(by, Function):
        return bool(sensitive)
    assert isinstance(by, Column)
    return by.column in sensitive


def confidence(model: Answers) -> NDArray[np.float64] | None:
    """Return how sure a model is of each answer: its largest probability, or how far a binary score is from 0.

    Parameters
    ----------
    model : Answers
        A model that has answered with labels.

    Returns
    -------
    ndarray of shape (n_rows,) or None
        None where it gives neither probabilities nor scores, or those cannot be read.
    """
    import numpy as np

    try:
        if model.has("predict_proba"):
            return np.asarray(model.predict_proba().max(axis=1))
        scores = model.decision_function() if model.has("decision_function") else np.empty((0, 0))
    except InputError:
        return None
    return np.abs(scores) if scores.ndim == 1 else None


def _cells(column: pd.Series, rows: NDArray[np.intp]) -> list[Any]:
    values = column.iloc[rows]
    found = [None if missing else value for value, missing in zip(values.tolist(), values.isna(), strict=True)]
    return [value[:_MOST_CHARACTERS] if isinstance(value, str) else value for value in found]
