"""Two answers to the same rows: the same bit for bit, within a tolerance, or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ULPS = 64
"""What counts as rounding: units in the last place of the less precise of two types."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerance:
    """How far a number may be from another: ``atol + rtol * |expected|``; both 0: not one bit."""

    rtol: float = 0.0
    atol: float = 0.0

    @property
    def exact(self) -> bool:
        """Whether not one bit may differ."""
        return self.rtol == self.atol == 0


EXACT = Tolerance()


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How an answer differs from the one that was expected.

    Attributes
    ----------
    rows : ndarray of int
        Places of the rows that differ; all of them where the answers cannot be compared.
    n : int
        Rows that were asked.
    largest : float or None
        The largest difference of two numbers; None of labels, and where there is nothing to compare.
    first : tuple of two texts
        What was expected for the first of these rows, and what was found.
    """

    rows: NDArray[np.intp]
    n: int
    largest: float | None
    first: tuple[str, str]

    def words(self, *, hide: bool = False) -> str:
        """Return it as half a sentence; without the answers where these are sensitive."""
        text = f"{len(self.rows)} of {self.n} rows differ"
        if self.largest is not None:
            text += f", by up to {self.largest:.3g}"
        if hide:
            return text
        return f"{text}; row {self.rows[0]}: {self.first[0]} expected, {self.first[1]} found"

    def details(self, *, hide: bool = False) -> dict[str, Any]:
        """Return it as builtins."""
        found: dict[str, Any] = {"rows": self.rows[:5].tolist(), "differ": len(self.rows), "largest": self.largest}
        return found if hide else {**found, "expected": self.first[0], "found": self.first[1]}


def rounding(*answers: NDArray[Any]) -> Tolerance:
    """Return what counts as rounding between answers: 64 units in the last place of the coarsest type."""
    import numpy as np

    coarsest = max((float(np.finfo(a.dtype).eps) for a in answers if a.dtype.kind == "f"), default=0.0)
    return Tolerance(rtol=ULPS * coarsest, atol=ULPS * coarsest)


def compare(expected: NDArray[Any], found: NDArray[Any], tolerance: Tolerance = EXACT) -> Difference | None:
    """Return how two answers differ; None where they are the same.

    Parameters
    ----------
    expected, found : ndarray of shape (n,) or (n, k)
        Finite numbers, or text.
    tolerance : Tolerance
        Of numbers; text and labels are the same or not.
    """
    import numpy as np

    n = len(expected)
    shapes = [f"shape {answer.shape}" for answer in (expected, found)]
    if expected.shape != found.shape:
        return Difference(rows=np.arange(n), n=n, largest=None, first=(shapes[0], shapes[1]))
    text = [answer.dtype.kind in "OU" for answer in (expected, found)]
    if text[0] != text[1]:
        first = (str(expected.dtype), str(found.dtype))
        return Difference(rows=np.arange(n), n=n, largest=None, first=first)
    if text[0]:
        other, largest = np.asarray(expected != found), None
    elif tolerance.exact and expected.dtype == found.dtype:
        other = _bits(expected) != _bits(found)
        largest = _largest(expected, found)
    else:
        wide = [answer.astype(float) for answer in (expected, found)]
        other = np.abs(wide[1] - wide[0]) > tolerance.atol + tolerance.rtol * np.abs(wide[0])
        largest = _largest(expected, found)
    rows = np.unique(np.nonzero(other)[0])
    if not len(rows):
        return None
    at = rows[0]
    return Difference(rows=rows, n=n, largest=largest, first=(_shown(expected[at]), _shown(found[at])))


def _bits(values: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")


def _largest(expected: NDArray[Any], found: NDArray[Any]) -> float:
    import numpy as np

    return float(np.abs(found.astype(float) - expected.astype(float)).max())


def _shown(value: Any) -> str:
    text = str(value.tolist() if hasattr(value, "tolist") else value)
    return text if len(text) <= 80 else f"{text[:80]}..."
