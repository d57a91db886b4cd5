"""The expected calibration error of probabilities, as a function of sums over rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    _Array: TypeAlias = NDArray[np.float64]

BINS = 15
Binning: TypeAlias = Literal["mass", "width"]


def expected_calibration_error(
    positive: ArrayLike,
    probability: ArrayLike,
    *,
    bins: int = BINS,
    binning: Binning = "mass",
    weights: ArrayLike | None = None,
) -> float:
    """Return the mean distance of what was said and what came, over bins of what was said.

    ``sum over bins of share of rows * |mean outcome - mean probability|``. It is biased upwards in small samples (a
    bin's mean outcome scatters), the more so the more bins; both models of a comparison are biased alike only where
    they are about as good.

    Parameters
    ----------
    positive : array-like of bool, shape (n_rows,)
        Which rows are positive. Of several classes: whether the predicted label is right.
    probability : array-like of shape (n_rows,)
        In [0, 1]: the probability of the positive class. Of several classes: of the predicted label.
    bins : int
        At most so many bins.
    binning : {"mass", "width"}
        Bins with equal numbers of rows (quantiles; rows of one probability stay together), or of equal width
        (Guo et al.).
    weights : array-like of shape (n_rows,), optional
        Sample weights, at least 0, some above.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    ValueError
        Without a row, where lengths differ, or where a probability is outside [0, 1].

    References
    ----------
    Naeini, M. P., Cooper, G. F. and Hauskrecht, M. (2015). Obtaining well calibrated probabilities using Bayesian
    binning. AAAI 2015, 2901-2907, section 4 (the error, bins of equal mass).

    Guo, C., Pleiss, G., Sun, Y. and Weinberger, K. Q. (2017). On calibration of modern neural networks. ICML 2017,
    PMLR 70, 1321-1330, equation 3 (bins of equal width).
    """
    gaps = calibration_gaps(positive, probability, bins=bins, binning=binning)
    weight = np.ones(len(gaps)) if weights is None else np.asarray(weights, dtype=float)
    return float(np.abs(weight @ gaps).sum() / weight.sum())


def calibration_gaps(
    positive: ArrayLike, probability: ArrayLike, *, bins: int = BINS, binning: Binning = "mass"
) -> _Array:
    """Return outcome minus probability of each row, in the column of its bin.

    The error is ``abs(column sums).sum() / rows``, so it can be resampled as sums with the bins of the whole sample.

    Parameters
    ----------
    positive, probability, bins, binning
        As :func:`expected_calibration_error` takes them.

    Returns
    -------
    array of shape (n_rows, n_bins)
        One entry a row, 0 elsewhere; no column for an empty bin.
    """
    truth, said = np.asarray(positive, dtype=float), np.asarray(probability, dtype=float)
    if truth.shape != said.shape or said.ndim != 1 or not len(said):
        raise ValueError(
            f"outcomes of shape {truth.shape} and probabilities of shape {said.shape}: one a row is needed"
        )
    if not ((said >= 0) & (said <= 1)).all():
        raise ValueError("a probability is outside [0, 1]")
    _, codes = np.unique(np.searchsorted(_edges(said, bins, binning), said, side="left"), return_inverse=True)
    gaps = np.zeros((len(said), int(codes.max()) + 1))
    gaps[np.arange(len(said)), codes] = truth - said
    return gaps


def _edges(said: _Array, bins: int, binning: Binning) -> _Array:
    """Inner edges of bins ``(low, high]``."""
    if binning == "width":
        return np.arange(1, bins) / bins
    inner = np.ceil(np.arange(1, bins) * len(said) / bins).astype(int) - 1
    return np.unique(np.sort(said)[inner])
