"""Labelled rows cut into windows, the oldest first: by a span of time, or by their number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.selection import moved_back

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_WINDOWS = 1000
_SHORT = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """Rows of one window.

    Attributes
    ----------
    number : int
        From 1, the oldest.
    name : str
        From when on, or its number where rows have no time.
    rows : array of int
        Positions in the table.
    start, end : str
        Of the first and of the last row; empty where rows have no time.
    """

    number: int
    name: str
    rows: NDArray[np.intp]
    start: str = ""
    end: str = ""


def by_time(times: NDArray[np.float64], span: str) -> list[Window]:
    """Return consecutive windows of one span, counted back from the newest row.

    What is left at the old end is a window of its own, or joins the oldest one where it is shorter than half a span.
    Windows without a row are left out.

    Parameters
    ----------
    times : array of shape (n_rows,)
        Microseconds since 1970-01-01 UTC, none missing, one row at least.
    span : str
        As :func:`~pytest_mlgate.gates.drift.spans.parse_span` reads it.

    Raises
    ------
    InputError
        Where there would be more than 1000 windows.
    """
    import numpy as np

    oldest, newest = float(times.min()), float(times.max())
    edges = [newest]  # a window begins after its edge, and the newest row is in the last one
    while edges[-1] >= oldest:
        edges.append(moved_back(newest, span, len(edges)))
        if len(edges) > _MOST_WINDOWS:
            raise InputError(
                f"concept: the labelled rows would make more than {_MOST_WINDOWS} windows of {span!r}",
                fix="take a longer `window`",
            )
    edges = edges[::-1]
    if len(edges) > 2 and edges[1] - oldest < _SHORT * (edges[1] - edges[0]):
        del edges[1]
    number = np.searchsorted(edges[1:-1], times, side="left")
    found = [np.flatnonzero(number == k) for k in range(len(edges) - 1)]
    return [_of(k, rows, times, "D") for k, rows in enumerate((rows for rows in found if len(rows)), start=1)]


def by_rows(count: int, size: int, times: NDArray[np.float64] | None) -> list[Window]:
    """Return consecutive windows of ``size`` rows, counted back from the newest one.

    In the order of their time, or as they stand where ``times`` is None. What is left at the old end is a window of
    its own, or joins the oldest one where it is less than half a window.
    """
    import numpy as np

    order = np.arange(count) if times is None else np.argsort(times, kind="stable")
    cuts = list(range(count - size, 0, -size))[::-1]
    if cuts and cuts[0] < _SHORT * size:
        del cuts[0]
    parts = np.split(order, cuts)
    if times is None:
        return [Window(number=k, name=f"window {k}", rows=rows) for k, rows in enumerate(parts, start=1)]
    return [_of(k, rows, times, "m") for k, rows in enumerate(parts, start=1)]


def _of(number: int, rows: NDArray[np.intp], times: NDArray[np.float64], unit: Literal["D", "m"]) -> Window:
    import numpy as np

    start, end = (np.datetime64(int(moment), "us") for moment in (times[rows].min(), times[rows].max()))
    name = np.datetime_as_string(start, unit=unit, casting="unsafe")
    return Window(number=number, name=f"from {name}", rows=rows, start=str(start), end=str(end))
