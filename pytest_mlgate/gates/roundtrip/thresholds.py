"""Rows whose answer hangs on rounding: moved by a few steps of single precision, the judged model answers otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.roundtrip.comparison import Tolerance

# Steps of single precision that an input is moved by: the file rounds it once, and computes with it some times more.
_STEPS = (0, 1, -1, 2, -2, 4, -4)
# Moved copies of one row that are asked in one question, at most.
_COPIES = 20_000


def on_threshold(
    model: Model, method: str, rows: pd.DataFrame, found: NDArray[Any], tolerance: Tolerance
) -> NDArray[np.bool_]:
    """Return which rows lie so near to a threshold that rounding their inputs to single precision explains an answer.

    Every number of a row is moved by up to four steps of single precision, one column at a time and all at once; where
    the model's answers to these span the one that was found, it is rounding that decides.

    Parameters
    ----------
    model : Model
        The judged model, or its like.
    method : str
    rows : DataFrame of n rows
    found : ndarray of shape (n,) or (n, k)
        What the other format answers to them.
    tolerance : Tolerance
        By how much it may lie outside.
    """
    import numpy as np

    # Whole numbers are moved as well: scaled, they are rounded too. Where they are categories, a model may refuse that.
    answers = next((said for kinds in ("fiu", "f") if (said := _answers(model, method, rows, kinds)) is not None), None)
    if answers is None:
        return np.zeros(len(rows), dtype=bool)
    if found.dtype.kind in "OU" or answers.dtype.kind in "OU":
        return np.array([value in said.tolist() for value, said in zip(found.tolist(), answers.T, strict=True)])
    low, high = answers.min(axis=0).astype(float), answers.max(axis=0).astype(float)
    room = tolerance.atol + tolerance.rtol * np.maximum(np.abs(low), np.abs(high))
    other = found.astype(float)
    spanned, jumps = (other >= low - room) & (other <= high + room), high - low > room
    n = len(rows)
    return np.asarray(spanned.reshape(n, -1).all(axis=1) & jumps.reshape(n, -1).any(axis=1))


def _moved(rows: pd.DataFrame, kinds: str) -> list[pd.DataFrame]:
    """Return copies of the rows with one or all of their columns of numbers moved."""
    import numpy as np

    types = {name: rows[name].dtype for name in rows.columns}
    names = [name for name, kind in types.items() if isinstance(kind, np.dtype) and kind.kind in kinds]
    groups = [names] + ([[name] for name in names] if len(names) > 1 else []) if names else []
    copies = []
    for group in groups[: max(1, _COPIES // (len(rows) * len(_STEPS)))]:
        for steps in _STEPS:
            copy = rows.copy()
            for name in group:
                copy[name] = _nudged(rows[name].to_numpy(), steps)
            copies.append(copy)
    return copies


def _nudged(values: NDArray[Any], steps: int) -> NDArray[Any]:
    """Return numbers rounded to single precision and moved by some of its steps, as floats."""
    import numpy as np

    with np.errstate(all="ignore"):
        single = values.astype(np.float32)
        moved = single + steps * np.spacing(np.abs(single))
        return np.asarray(moved.astype(values.dtype if values.dtype.kind == "f" else float))


def _answers(model: Model, method: str, rows: pd.DataFrame, kinds: str) -> NDArray[Any] | None:
    """Return answers of shape (copies, n, ...); None where there is nothing to move, or the model has no answer."""
    import numpy as np
    import pandas as pd

    frames = _moved(rows, kinds)
    if not frames:
        return None
    try:
        said = getattr(model, method)(pd.concat(frames, ignore_index=True))
    except ModelError:  # moved, a value may lie beyond what the model takes
        return None
    return np.asarray(said).reshape(len(frames), len(rows), *said.shape[1:])
