"""Which limit a column has: of the gate or its own, on the scale of its statistic, by its importance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

HALF_DEVIATION: Mapping[str, float] = {
    "distance": 0.2,
    "ks": 0.2,
    "total_variation": 0.2,
    "jensen_shannon": 0.2,
    "hellinger": 0.17,
    "chi2": 0.24,
    "cramers_v": 0.24,
    "wasserstein": 0.5,
    "energy": 0.37,
}
"""What a normal shift of half a standard deviation is on each scale: the default limits."""

UNBOUNDED = ("wasserstein", "energy")
"""Distances that may exceed 1."""

MISSING = ":missing"
"""The end of the subject that stands for a column's missing values."""


def scale_of(judge: str) -> str:
    """Return the scale that ``max_distance`` is on; that of PSI is ``max_psi``, and a distance stands beside it."""
    return "distance" if judge == "psi" else judge


def converted(limit: float, given: str, wanted: str) -> float:
    """Return a limit on another scale, in proportion to the defaults; at most 1 where no distance is larger.

    Examples
    --------
    >>> converted(1.0, "wasserstein", "ks")
    0.4
    """
    if given == wanted:
        return limit
    other = limit / HALF_DEVIATION[given] * HALF_DEVIATION[wanted]
    return other if wanted in UNBOUNDED else min(other, 1.0)


def is_pattern(name: str) -> bool:
    """Whether a key of ``columns`` may stand for several columns."""
    return any(sign in name for sign in "*?[")


def matches(key: str, subject: str) -> bool:
    """Whether a key of ``columns`` speaks of a column (or, ending in ``:missing``, of its missing values)."""
    if key == subject:
        return True
    return key.endswith(MISSING) == subject.endswith(MISSING) and fnmatchcase(subject, key)


def key_of(keys: Iterable[str], subject: str) -> str | None:
    """Return the key that speaks of a subject: its very name, else the longest pattern, the first of equally long ones.

    Examples
    --------
    >>> key_of(["lag_*", "lag_1*", "*"], "lag_12")
    'lag_1*'
    """
    found = [key for key in keys if matches(key, subject)]
    return subject if subject in found else max(found, key=len, default=None)


def loosening(weight: float, limit: float) -> float:
    """Return by how much a limit is loosened for a column of that share of the largest importance.

    ``1 / max(weight, limit)``: a column half as important may move twice as far, and none beyond a distance of 1.

    Parameters
    ----------
    weight : float
        In [0, 1].
    limit : float
        Above 0, on the scale of the KS distance.

    Examples
    --------
    >>> loosening(0.5, 0.2), loosening(0.01, 0.2)
    (2.0, 5.0)
    """
    return 1 / max(weight, min(limit, 1.0))
