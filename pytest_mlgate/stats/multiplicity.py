"""Several tests at once: p-values adjusted for the size of their family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values so that rejecting those at or below alpha keeps the chance of any false alarm at alpha.

    The step-down form of Bonferroni's correction. It asks nothing of how the tests depend on each other.

    Parameters
    ----------
    p : array-like of shape (n_tests,)
        Raw p-values, each in [0, 1].

    Returns
    -------
    ndarray of shape (n_tests,)
        Adjusted p-values in the order given; ``min(1, max over ranks j <= i of (n_tests - j + 1) * p_(j))``.
        Empty where ``p`` is empty.

    Raises
    ------
    ValueError
        Where ``p`` is not one-dimensional, or a value is NaN or outside [0, 1].

    References
    ----------
    S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6(2),
    1979, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(12).tolist()
    [0.03, 0.06, 0.06]
    """
    values = _probabilities(p)
    order = np.argsort(values, kind="stable")
    stepped = np.arange(values.size, 0, -1) * values[order]
    return _in_order_given(np.maximum.accumulate(stepped), order)


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Adjust p-values so that rejecting those at or below alpha keeps the expected share of false alarms at alpha.

    Valid for independent tests and for positively dependent ones. It promises less than :func:`holm`: among many
    true findings, some of the rejections may be false.

    Parameters
    ----------
    p : array-like of shape (n_tests,)
        Raw p-values, each in [0, 1].

    Returns
    -------
    ndarray of shape (n_tests,)
        Adjusted p-values in the order given; ``min over ranks j >= i of n_tests / j * p_(j)``, at most 1.
        Empty where ``p`` is empty.

    Raises
    ------
    ValueError
        Where ``p`` is not one-dimensional, or a value is NaN or outside [0, 1].

    References
    ----------
    Y. Benjamini and Y. Hochberg, "Controlling the false discovery rate: a practical and powerful approach to
    multiple testing", Journal of the Royal Statistical Society B 57(1), 1995, 289-300.

    Examples
    --------
    >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(12).tolist()
    [0.03, 0.04, 0.04]
    """
    values = _probabilities(p)
    order = np.argsort(values, kind="stable")
    stepped = values[order] * (values.size / np.arange(1, values.size + 1))
    return _in_order_given(np.minimum.accumulate(stepped[::-1])[::-1], order)


def _probabilities(p: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError(f"p must be one-dimensional, not of shape {values.shape}")
    wrong = ~((values >= 0) & (values <= 1))  # NaN is wrong too
    if wrong.any():
        at = int(np.flatnonzero(wrong)[0])
        raise ValueError(f"p[{at}]={values[at]} is not a probability; each must be in [0, 1]")
    return values


def _in_order_given(ranked: NDArray[np.float64], order: NDArray[np.intp]) -> NDArray[np.float64]:
    adjusted = np.empty_like(ranked)
    adjusted[order] = np.minimum(ranked, 1.0)
    return adjusted
