"""Two answers, column by column: where they differ, and by how much."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.parity.answers import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerance:
    """Two numbers are equal where ``|actual - expected| <= atol + rtol * |expected|``, as in ``numpy.allclose``."""

    rtol: float = 1e-5
    atol: float = 1e-8


EXACT = Tolerance(rtol=0.0, atol=0.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerances:
    """What is allowed in all columns, and in some.

    Without a tolerance of its own, a column in which ``train`` has whole numbers or truth values must be met exactly:
    a code of 100000 is not nearly 100001.
    """

    default: Tolerance = field(default_factory=Tolerance)
    columns: Mapping[str, Tolerance] = field(default_factory=dict)

    def of(self, name: str, expected: NDArray[Any]) -> Tolerance:
        """Return what is allowed in a column."""
        if name in self.columns:
            return self.columns[name]
        return EXACT if expected.dtype.kind in "biu" else self.default


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """How one column differs.

    Attributes
    ----------
    name : str
    rows : ndarray of int
        Positions of the rows that differ, ascending.
    share : float
        Of all rows that were compared, in (0, 1].
    largest, relative : float or None
        The largest ``|actual - expected|`` and the largest ratio of it to ``|expected|``, over rows where both are
        finite numbers; None where there is none.
    lost, made_up : int
        Rows in which only ``train``, or only ``serve``, has a value.
    first : tuple of (int, object, object)
        The first rows: position, value of ``train``, value of ``serve``.
    """

    name: str
    rows: NDArray[np.intp]
    share: float
    largest: float | None
    relative: float | None
    lost: int
    made_up: int
    first: tuple[tuple[int, Any, Any], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class OtherColumns:
    """Columns that only one side returned.

    Attributes
    ----------
    missing : tuple of str
        What ``train`` has and ``serve`` has not.
    unexpected : tuple of str
        What ``serve`` has and ``train`` has not.
    """

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]

    def nearest(self, name: str) -> str | None:
        """Return the unexpected column whose name is like that of a missing one, or the other way round."""
        others = self.unexpected if name in self.missing else self.missing
        found = difflib.get_close_matches(name, others, n=1)
        return found[0] if found else None


def paired(expected: Answer, actual: Answer) -> Answer:
    """Return ``actual`` with the names of ``expected`` where columns are known by their position.

    Frames are compared by name. Where either side has no names, and both have as many columns, they are compared by
    position. A column that ``serve`` leaves out and ``train`` has no value of is there, with every value missing:
    many services leave out what is null.
    """
    import numpy as np

    columns = dict(actual.columns)
    if not (expected.named and actual.named) and len(expected.columns) == len(columns):
        columns = dict(zip(expected.columns, columns.values(), strict=True))
    if actual.rows == expected.rows and actual.named:
        for name, values in expected.columns.items():
            if name not in columns and _missing(values).all():
                columns[name] = np.full(actual.rows, None, dtype=object)
    return Answer(columns=columns, named=expected.named or actual.named, rows=actual.rows)


def other_columns(expected: Answer, actual: Answer) -> OtherColumns | None:
    """Return the columns that only one side has; None where both have the same."""
    actual = paired(expected, actual)
    missing = tuple(name for name in expected.columns if name not in actual.columns)
    unexpected = tuple(name for name in actual.columns if name not in expected.columns)
    return OtherColumns(missing=missing, unexpected=unexpected) if missing or unexpected else None


def compare(
    expected: Answer, actual: Answer, tolerances: Tolerances | None = None, *, examples: int = 5
) -> list[Difference]:
    """Compare the columns that both answers have.

    Values are compared, not dtypes: 1, 1.0 and True are equal, and so are None, NaN and NaT; ``"1"`` and 1 are not.
    A moment equals the ISO text of it, which is all that JSON can carry. Lists are compared item by item.

    Parameters
    ----------
    expected, actual : Answer
        Of the same rows.
    tolerances : Tolerances
    examples : int
        How many rows to show of each column.

    Returns
    -------
    list of Difference
        One for each column that differs, in the order of ``expected``.
    """
    tolerances = tolerances or Tolerances()
    actual = paired(expected, actual)
    found = []
    for name, values in expected.columns.items():
        if name in actual.columns:
            others = actual.columns[name]
            unequal = _unequal(values, others, tolerances.of(name, values))
            if unequal.any():
                found.append(_difference(name, values, others, unequal, examples))
    return found


def differ(expected: Answer, actual: Answer, tolerances: Tolerances | None = None) -> bool:
    """Whether two answers of the same rows differ in any value or column."""
    return other_columns(expected, actual) is not None or bool(compare(expected, actual, tolerances, examples=0))


def moved_rows(expected: Answer, actual: Answer, tolerances: Tolerances | None = None) -> NDArray[np.intp] | None:
    """Return which rows stand elsewhere, where an answer has all rows of another one, in another order.

    Parameters
    ----------
    expected, actual : Answer
        Of the same rows.
    tolerances : Tolerances

    Returns
    -------
    ndarray of int or None
        Positions in ``expected``, ascending. None where the rows are others, in their order, or too alike to tell: a
        flag that is turned round has the same values, too.
    """
    import numpy as np

    actual = paired(expected, actual)
    if set(actual.columns) != set(expected.columns) or actual.rows != expected.rows:
        return None
    due, there = (_sorted_rows(answer, list(expected.columns)) for answer in (expected, actual))
    if due is None or there is None or len(np.unique(due[1])) < max(3, expected.rows / 2):
        return None
    tolerances = tolerances or Tolerances()
    moved = np.zeros(expected.rows, dtype=bool)
    for name, values in expected.columns.items():
        others, tolerance = actual.columns[name], tolerances.of(name, values)
        if _unequal(values[due[0]], others[there[0]], tolerance).any():
            return None
        moved |= _unequal(values, others, tolerance)
    return np.flatnonzero(moved) if moved.any() else None


def _sorted_rows(answer: Answer, names: list[str]) -> tuple[NDArray[np.intp], NDArray[Any]] | None:
    """Return the order that sorts the rows, and for each row a number that equal rows share; numbers and text only."""
    import numpy as np

    keys = []
    for name in names:
        values = answer.columns[name]
        if values.dtype.kind not in "biuf":
            values = np.array(["" if value is None else str(value) for value in values.tolist()])
        keys.append(values)
    order = np.lexsort(keys[::-1])
    different = np.zeros(len(order), dtype=bool)
    for values in keys:
        # the last digits of a float tell nothing, and which of two equal ones comes first is told by the next column
        rounded = np.array([float(f"{value:.5g}") for value in values]) if values.dtype.kind == "f" else values
        different[1:] |= rounded[order][1:] != rounded[order][:-1]
    return order, np.cumsum(different)


def _difference(
    name: str, expected: NDArray[Any], actual: NDArray[Any], unequal: NDArray[np.bool_], examples: int
) -> Difference:
    import numpy as np

    rows = np.flatnonzero(unequal)
    lost, made_up = ~_missing(expected) & _missing(actual), _missing(expected) & ~_missing(actual)
    largest, relative = _sizes(expected[rows], actual[rows])
    return Difference(
        name=name,
        rows=rows,
        share=len(rows) / len(expected),
        largest=largest,
        relative=relative,
        lost=int(lost.sum()),
        made_up=int(made_up.sum()),
        first=tuple((int(row), shown(expected[row]), shown(actual[row])) for row in rows[:examples]),
    )


def shown(value: Any) -> Any:
    """Return a value as a builtin; a missing one is None."""
    from pytest_mlgate.checks import plain

    value = plain(value)
    return None if value != value or value == "NaT" else value


def _missing(values: NDArray[Any]) -> NDArray[np.bool_]:
    import numpy as np

    if values.dtype.kind in "fcmM":
        absent: NDArray[np.bool_] = np.isnat(values) if values.dtype.kind in "mM" else np.isnan(values)
        return absent
    if values.dtype.kind == "O":
        return np.fromiter((value is None for value in values), dtype=bool, count=len(values))
    return np.zeros(len(values), dtype=bool)


def _unequal(expected: NDArray[Any], actual: NDArray[Any], tolerance: Tolerance) -> NDArray[np.bool_]:
    import numpy as np

    kinds = expected.dtype.kind + actual.dtype.kind
    if set(kinds) <= set("biuf"):
        if "f" not in kinds and tolerance == EXACT:
            return np.asarray(expected != actual, dtype=bool)  # whole numbers beyond 2**53 stay apart
        one, two = expected.astype(float), actual.astype(float)
        return np.asarray(~np.isclose(two, one, rtol=tolerance.rtol, atol=tolerance.atol, equal_nan=True))
    gone, lost = _missing(expected), _missing(actual)
    unequal: NDArray[np.bool_] = gone != lost
    both = np.flatnonzero(~gone & ~lost)
    one, two = _cells(expected[both]), _cells(actual[both])
    unequal[both] = [not _same(a, b, tolerance) for a, b in zip(one, two, strict=True)]
    return unequal


def _cells(values: NDArray[Any]) -> Any:
    """Return values as Python's own; moments as pandas has them, to the nanosecond."""
    import pandas as pd

    return pd.Series(values).tolist() if values.dtype.kind in "mM" else values.tolist()


def _same(expected: Any, actual: Any, tolerance: Tolerance) -> bool:
    """Whether two values that are both there are equal."""
    from datetime import date
    from decimal import Decimal

    import numpy as np

    one, two = (value.tolist() if isinstance(value, np.ndarray | np.generic) else value for value in (expected, actual))
    numbers = (bool, int, float, Decimal)
    if isinstance(one, numbers) and isinstance(two, numbers):
        near = np.isclose(float(two), float(one), rtol=tolerance.rtol, atol=tolerance.atol)
        return bool(one == two or (tolerance != EXACT and near))
    if isinstance(one, list | tuple) and isinstance(two, list | tuple):
        return len(one) == len(two) and all(_alike(a, b, tolerance) for a, b in zip(one, two, strict=True))
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        return one.keys() == two.keys() and all(_alike(one[key], two[key], tolerance) for key in one)
    if isinstance(one, date) != isinstance(two, date) and isinstance(one, date | str) and isinstance(two, date | str):
        return bool(_as_moment(one) == _as_moment(two))
    return bool(one == two)


def _alike(expected: Any, actual: Any, tolerance: Tolerance) -> bool:
    """Whether two items of a list are equal, or both missing."""
    return _both_missing(expected, actual) or _same(expected, actual, tolerance)


def _both_missing(expected: Any, actual: Any) -> bool:
    return all(value is None or value != value for value in (expected, actual) if not isinstance(value, list | dict))


def _as_moment(value: Any) -> Any:
    import pandas as pd

    try:
        return pd.Timestamp(value)
    except (ValueError, TypeError):
        return value


def _sizes(expected: NDArray[Any], actual: NDArray[Any]) -> tuple[float | None, float | None]:
    import numpy as np

    if not set(expected.dtype.kind + actual.dtype.kind) <= set("biuf"):
        return None, None
    one, two = expected.astype(float), actual.astype(float)
    finite = np.isfinite(one) & np.isfinite(two)
    if not finite.any():
        return None, None
    gap, size = np.abs(two - one)[finite], np.abs(one)[finite]
    with np.errstate(over="ignore"):  # a ratio to the smallest numbers of all
        ratios = gap[size > 0] / size[size > 0]
    return float(gap.max()), float(ratios.max()) if len(ratios) else None
