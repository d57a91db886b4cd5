"""Norms of a Brownian bridge run through a distribution: what chance makes of Wasserstein and energy distances."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MIN_EXPECTED = 5.0
"""Rows that the smaller side must expect beyond a value, above and below it, for the bridge to stand for chance."""

_CELLS = 64
_DRAWS = 10_000
_BEYOND = 100  # draws above the point from which the tail is continued by formula: 1 in 100
_SEED = 20_130_101


@dataclass(frozen=True, kw_only=True, slots=True)
class Gaps:
    """Two samples between their neighbouring values, where their distribution functions are constant.

    Attributes
    ----------
    widths : ndarray of shape (n_gaps,)
        Distance from each distinct pooled value to the next.
    pooled : ndarray of shape (n_gaps,)
        Distribution function of both samples together, in (0, 1).
    apart : ndarray of shape (n_gaps,)
        Distribution function of the reference minus that of the current sample, in [-1, 1].
    n, m : int
        Rows of the two samples.
    """

    widths: NDArray[np.float64]
    pooled: NDArray[np.float64]
    apart: NDArray[np.float64]
    n: int
    m: int

    @property
    def noise(self) -> float:
        """``sqrt(1/n + 1/m)``, the scale of differences without drift."""
        return math.sqrt(1 / self.n + 1 / self.m)

    def central(self) -> Gaps:
        """Return the gaps that have at least ``MIN_EXPECTED`` expected rows of the smaller side on either hand."""
        kept = np.minimum(self.pooled, 1 - self.pooled) * min(self.n, self.m) >= MIN_EXPECTED
        return Gaps(widths=self.widths[kept], pooled=self.pooled[kept], apart=self.apart[kept], n=self.n, m=self.m)


@dataclass(frozen=True, kw_only=True, slots=True)
class BridgeNorm:
    """The law of ``(integral |B(G(x))|^order dx)^(1/order)`` for a Brownian bridge B.

    Attributes
    ----------
    mean : float
        Of the simulated draws.
    draws : ndarray of shape (n_draws,)
        Sorted.
    slope : float
        Standard deviation of the widest direction: how fast the far tail falls.
    """

    mean: float
    draws: NDArray[np.float64]
    slope: float

    def p(self, value: float) -> float:
        """Return the chance of a norm of at least ``value``; by the formula of the tail beyond 1 in 100."""
        joint, deviate = self._joint()
        if value <= joint:
            return float((self.draws.size - np.searchsorted(self.draws, value) + 1) / (self.draws.size + 1))
        return math.erfc((deviate + (value - joint) / self.slope) / math.sqrt(2)) / 2

    def critical(self, level: float) -> float:
        """Return the norm that chance exceeds with probability ``level``."""
        joint, deviate = self._joint()
        if level >= (_BEYOND + 1) / (self.draws.size + 1):
            return float(np.quantile(self.draws, 1 - level))
        return joint + self.slope * (-NormalDist().inv_cdf(level) - deviate)

    def _joint(self) -> tuple[float, float]:
        """Return where the tail begins, and the normal deviate of the chance to lie beyond."""
        share = (_BEYOND + 1) / (self.draws.size + 1)
        return float(self.draws[-_BEYOND]), -NormalDist().inv_cdf(share)


def gaps_between(reference: ArrayLike, current: ArrayLike) -> Gaps:
    """Return two samples as the gaps between their pooled values.

    Parameters
    ----------
    reference, current : array-like of shape (n,) and (m,)
        Finite numbers, at least one each. Sorted arrays are the quickest.

    Raises
    ------
    ValueError
        Where a sample is empty, not one-dimensional, or holds a value that is not finite.
    """
    first, second = _sample(reference, "reference"), _sample(current, "current")
    values = np.sort(np.concatenate([first, second]), kind="stable")  # merges two sorted runs
    values = values[np.append(True, values[1:] != values[:-1])]
    below = [np.searchsorted(side, values[:-1], side="right") for side in (first, second)]
    n, m = first.size, second.size
    return Gaps(
        widths=np.diff(values),
        pooled=(below[0] + below[1]) / (n + m),
        apart=below[0] / n - below[1] / m,
        n=n,
        m=m,
    )


def bridge_norm(gaps: Gaps, *, order: Literal[1, 2]) -> BridgeNorm:
    """Return the law of the norm of ``B(G(x))``, G the pooled distribution function, over the gaps.

    Without drift ``F_n - G_m`` is close to ``sqrt(1/n + 1/m) * B(G)``. The bridge is drawn 10 000 times, with a fixed
    seed, at 64 places that lie closer towards both ends (``sin^2``); the gaps at each place have the weight that makes
    the mean of the norm (order 1) or of its square (order 2) exact, and the draws are shifted and scaled to their exact
    mean and variance. Beyond the level of 1 in 100 the tail goes on by formula: with Phi the normal distribution
    function, ``Phi^-1(P(norm <= u))`` is concave in u (Ehrhard 1983), and its slope falls towards 1 over the standard
    deviation of the widest direction; so that slope bounds the tail from above.

    Parameters
    ----------
    gaps : Gaps
        At least one.
    order : {1, 2}
        1 for the Wasserstein distance, 2 for the energy distance.

    References
    ----------
    E. del Barrio, E. Giné, C. Matrán, "Central limit theorems for the Wasserstein distance between the empirical and
    the true distributions", Annals of Probability 27(2), 1999, 1009-1071: the limit law, for distributions with a
    finite integral of ``sqrt(G (1 - G))``.
    A. Ehrhard, "Symétrisation dans l'espace de Gauss", Mathematica Scandinavica 53, 1983, 281-301.
    """
    places, weights = _weights(gaps, order)
    covariance = np.minimum.outer(places, places) - np.outer(places, places)
    bridges = _bridges(places)
    if order == 1:
        deviations = np.sqrt(np.diag(covariance))
        mean = math.sqrt(2 / math.pi) * float(weights @ deviations)
        variance = float(weights @ _folded(covariance, deviations) @ weights)
        draws, slope = (
            _matched(np.abs(bridges, out=bridges) @ weights, mean, variance),
            float(weights @ covariance @ weights),
        )
    else:
        mean, variance = float(weights @ np.diag(covariance)), 2 * float(weights @ covariance**2 @ weights)
        draws = np.sqrt(np.maximum(_matched(np.square(bridges, out=bridges) @ weights, mean, variance), 0.0))
        roots = np.sqrt(weights)
        slope = float(np.linalg.eigvalsh(covariance * np.outer(roots, roots))[-1])
    return BridgeNorm(mean=float(draws.mean()), draws=np.sort(draws), slope=math.sqrt(slope))


def _folded(covariance: NDArray[np.float64], deviations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the covariances of the absolute values of normal variables with mean 0."""
    scale = np.outer(deviations, deviations)
    rho = np.clip(covariance / scale, -1.0, 1.0)
    folded: NDArray[np.float64] = 2 / math.pi * scale * (np.sqrt(1 - rho**2) + rho * np.arcsin(rho) - 1)
    return folded


def _matched(draws: NDArray[np.float64], mean: float, variance: float) -> NDArray[np.float64]:
    """Return draws shifted and scaled to the mean and variance that are known: most of the draws' luck is gone."""
    matched: NDArray[np.float64] = mean + (draws - draws.mean()) * (math.sqrt(variance) / float(draws.std()))
    return matched


def _weights(gaps: Gaps, order: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the places at which the bridge is drawn, and how much of the integral each one stands for."""
    angle = 2 / math.pi * _CELLS
    cells = np.minimum((angle * np.arcsin(np.sqrt(gaps.pooled))).astype(int), _CELLS - 1)
    places = np.sin((np.arange(_CELLS) + 0.5) / angle) ** 2
    spread = (gaps.pooled * (1 - gaps.pooled)) ** (order / 2)
    held = np.bincount(cells, weights=gaps.widths * spread, minlength=_CELLS)
    used = held > 0
    return places[used], held[used] / (places[used] * (1 - places[used])) ** (order / 2)


def _bridges(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return draws of a Brownian bridge at increasing places in (0, 1), of shape (n_draws, n_places)."""
    steps = np.sqrt(np.diff(places, prepend=0.0, append=1.0))
    walk = np.random.default_rng(_SEED).standard_normal((_DRAWS, steps.size))
    walk *= steps
    np.cumsum(walk, axis=1, out=walk)
    bridges = walk[:, :-1]
    bridges -= np.outer(walk[:, -1], places)
    return bridges


def _sample(values: ArrayLike, name: str) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or sample.size == 0:
        raise ValueError(f"{name} must be one-dimensional and hold a value, not of shape {sample.shape}")
    if not (sample[1:] >= sample[:-1]).all():
        sample = np.sort(sample)
    if not np.isfinite(sample[[0, -1]]).all():  # NaN sorts last
        raise ValueError(f"{name} holds a value that is not finite")
    return sample
