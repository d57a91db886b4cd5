"""What a fixed amount of work finds: the recall of the first rows, the precision at a recall."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    _Array = NDArray[np.float64]


def recall_at_k(positive: NDArray[np.bool_], score: _Array, k: float, weights: _Array) -> float:
    """Return the share of positive rows among the ``k`` rows of the highest score.

    Rows of one score are taken in no order: a group that does not fit whole counts by the part that does, which is
    what a random order finds on average.

    Parameters
    ----------
    positive : array of bool, shape (n_rows,)
    score : array of shape (n_rows,)
        Larger for positive.
    k : int or float
        Rows that can be looked at, or their share of all rows (between 0 and 1).
    weights : array of shape (n_rows,)
        Of the positive rows; the budget counts rows.

    Returns
    -------
    float
        In [0, 1]; NaN without a positive row.

    Raises
    ------
    InputError
        Where ``k`` is more than there are rows.
    """
    import numpy as np

    budget = k * len(score) if isinstance(k, float) else k
    if budget > len(score):
        raise InputError(f"recall_at_k looks at {k} rows, and there are {len(score)}", fix="give k as a share of rows")
    _, code = np.unique(-score, return_inverse=True)
    rows, hits = np.bincount(code), np.bincount(code, weights=weights * positive)
    taken = np.clip(budget - (np.cumsum(rows) - rows), 0, rows) / rows
    return float(hits @ taken / hits.sum()) if hits.sum() > 0 else float("nan")


def precision_at_recall(positive: NDArray[np.bool_], score: _Array, recall: float, weights: _Array) -> float:
    """Return the best precision of any threshold whose recall is at least ``recall``.

    Parameters
    ----------
    positive : array of bool, shape (n_rows,)
    score : array of shape (n_rows,)
        Larger for positive.
    recall : float
        Above 0, at most 1.
    weights : array of shape (n_rows,)

    Returns
    -------
    float
        In [0, 1]; NaN without a positive row.
    """
    import numpy as np

    _, code = np.unique(-score, return_inverse=True)
    hits = np.cumsum(np.bincount(code, weights=weights * positive))
    mass = np.cumsum(np.bincount(code, weights=weights))
    if not hits[-1] > 0:
        return float("nan")
    enough = (hits >= recall * hits[-1] * (1 - 1e-12)) & (mass > 0)
    return float((hits[enough] / mass[enough]).max())
