"""Trend: how far each column has been from the reference in past windows, as data for a report."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.drift.decision import Evidence
from pytest_mlgate.gates.drift.examine import examine
from pytest_mlgate.gates.drift.rows import free_subject, rows_of
from pytest_mlgate.gates.drift.selection import moved_back, times_of
from pytest_mlgate.gates.drift.sides import FrameSide

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.columns import Column
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side

MOST_WINDOWS = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class _Window:
    """Rows after ``start`` up to ``end``: of the reference, of current; ``small`` windows are not measured."""

    start: float
    end: float
    rows: tuple[NDArray[np.intp], NDArray[np.intp]]
    small: bool

    @property
    def count(self) -> int:
        return sum(map(len, self.rows))


@dataclass(frozen=True, kw_only=True, slots=True)
class _ReadOnce:
    """A side that keeps the column it was last asked for: every window is compared with the same reference."""

    side: Side
    kept: dict[str, Column] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.side.name

    @property
    def columns(self) -> tuple[str, ...]:
        return self.side.columns

    @property
    def rows(self) -> int:
        return self.side.rows

    def column(self, name: str, *, hidden: bool) -> Column:
        if name not in self.kept:
            self.kept.clear()
            self.kept[name] = self.side.column(name, hidden=hidden)
        return self.kept[name]


def trend_check(reference: Side, current: Side, names: Sequence[str], settings: Settings, facts: Facts) -> Check:
    """Return a check that judges nothing and carries the distances of past windows as evidence.

    Parameters
    ----------
    reference, current : Side
        All rows of both, whatever window or season is judged.
    names : sequence of str
        The columns to measure.
    settings : Settings
        With ``trend``.
    facts : Facts

    Raises
    ------
    InputError
        There is no time column, or it holds no time.
    """
    assert settings.trend is not None
    times = (times_of(reference, facts, "trend"), times_of(current, facts, "trend"))
    windows, older = _windows(times, settings, reference.rows)
    measured = settings.model_copy(update={"judge": "distance", "columns": {}, "block": None, "only": list(names)})
    once, frames = _ReadOnce(side=reference), tuple(rows_of(side, what="trend") for side in (reference, current))
    columns = {name: _track(name, once, frames, windows, measured, facts) for name in names if name != facts.time}
    small = [number for number, window in enumerate(windows, start=1) if window.small]
    undated = sum(int((one != one).sum()) for one in times)  # NaN differs from itself
    words = [f"windows of {settings.trend} measured against the reference, and not judged: {len(windows)}"]
    if small:
        listed = ", ".join(map(str, small[:10])) + (", ..." if len(small) > 10 else "")
        words.append(f"too small to be measured: {listed}")
    words += [f"{rows} rows {why}" for rows, why in ((older, "older than these"), (undated, "without a time")) if rows]
    shown = [_shown(window, hidden=facts.time in facts.sensitive) for window in windows]
    return Check(
        code="MLG512",
        subject=free_subject("trend", reference, current),
        outcome=Outcome.PASS,
        severity=Severity.NOTE,
        message="; ".join(words),
        details={"trend": settings.trend, "windows": len(windows), "small_windows": small, "older_rows": older},
        evidence={"trend": {"span": settings.trend, "windows": shown, "columns": columns}},
    )


def _windows(times: tuple[NDArray[np.float64], ...], settings: Settings, reference: int) -> tuple[list[_Window], int]:
    """Return windows counted back from the newest row, the oldest first, and how many rows are older."""
    import numpy as np

    from pytest_mlgate.stats.ks import detectable_ks

    newest, oldest = (float(end([end(one) for one in times])) for end in (np.nanmax, np.nanmin))
    limit = settings.usual("distance")
    found: list[_Window] = []
    end = newest
    while end >= oldest and len(found) < MOST_WINDOWS:
        start = moved_back(newest, settings.trend or "", len(found) + 1)
        first, second = (np.flatnonzero((one > start) & (one <= end)) for one in times)
        rows = first.size + second.size
        small = not rows or detectable_ks(reference, rows, alpha=settings.alpha) > limit
        found.append(_Window(start=start, end=end, rows=(first, second), small=small))
        end = start
    return found[::-1], sum(int((one <= end).sum()) for one in times)


def _track(
    name: str,
    reference: _ReadOnce,
    frames: tuple[pd.DataFrame, ...],
    windows: Sequence[_Window],
    settings: Settings,
    facts: Facts,
) -> dict[str, Any]:
    distances: list[float | None] = []
    indices: list[float | None] = []
    for window in windows:
        details = {} if window.small else _measured(name, reference, frames, window, settings, facts)
        distances.append(details.get("distance"))
        indices.append(details.get("psi"))
    return {"distance": distances, "psi": indices}


def _measured(
    name: str,
    reference: _ReadOnce,
    frames: tuple[pd.DataFrame, ...],
    window: _Window,
    settings: Settings,
    facts: Facts,
) -> dict[str, Any]:
    """Return what one window's comparison found; nothing where the column cannot be compared in it."""
    import pandas as pd

    # Put together only where a window has rows of both: the two may hold the column in different types.
    parts = [frame[[name]].iloc[rows] for frame, rows in zip(frames, window.rows, strict=True) if len(rows)]
    frame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    found = examine(name, reference, FrameSide(name="the window", frame=frame), settings, facts)
    return next((dict(item.details) for item in found if isinstance(item, Evidence) and item.subject == name), {})


def _shown(window: _Window, *, hidden: bool) -> dict[str, Any]:
    import numpy as np

    ends = {} if hidden else {"after": window.start, "until": window.end}
    told = {
        key: str(np.datetime64(int(end), "us").astype("M8[s]")) if np.isfinite(end) else None
        for key, end in ends.items()
    }
    return {**told, "rows": window.count, "small": window.small}
