"""Which rows are compared: a window of the current ones, the same season of the reference, in the order of time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.drift.order import moments, numbers_in_order
from pytest_mlgate.gates.drift.report import FIX
from pytest_mlgate.gates.drift.rows import free_subject, rows_of
from pytest_mlgate.gates.drift.sides import FrameSide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side

Season = Literal["month", "quarter", "weekday", "hour"]
_DAY = 86_400_000_000  # microseconds

_NAMES = {  # not from the locale: the same words everywhere
    "month": "January,February,March,April,May,June,July,August,September,October,November,December",
    "quarter": "Q1,Q2,Q3,Q4",
    "weekday": "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    "hour": ",".join(f"{hour:02d}:00" for hour in range(24)),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Selection:
    """The rows that are compared.

    Attributes
    ----------
    reference, current : Side
    checks : tuple of Check
        What was selected, where anything was; and parts of the season that the reference lacks.
    """

    reference: Side
    current: Side
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class _Cut:
    """What is left of a side; ``said`` tells which rows, and ``details`` tell it to machines."""

    side: Side
    said: str
    details: dict[str, Any]


def select(reference: Side, current: Side, settings: Settings, facts: Facts) -> Selection:
    """Return the rows that the settings ask for; both sides as they are where they ask for nothing.

    Parameters
    ----------
    reference, current : Side
    settings : Settings
        ``window``, ``season`` and ``block``.
    facts : Facts
        ``time`` names the column that says when a row was.

    Raises
    ------
    InputError
        There is no time column or it holds no time, no row is left, the reference has none of the season, or a side is
        a profile where rows are needed.
    """
    missing: list[Check] = []
    said: dict[str, str] = {}
    details: dict[str, Any] = {}
    if settings.window is not None:
        cut = _newest(current, settings.window, facts)
        current, said["current"] = cut.side, cut.said
        details |= {"window": settings.window, **cut.details}
    if settings.season is not None:
        cut, missing = _same_season(reference, current, settings.season, facts)
        reference, said["reference"] = cut.side, cut.said
        details |= {"season": settings.season, **cut.details}
    if settings.block is not None:
        reference, current = (_in_time_order(side, facts) for side in (reference, current))
        order = "in the order of the table" if facts.time is None else f"in the order of {facts.time!r}"
        said["block"] = f"p-values by blocks of {settings.block} rows, {order}"
        details |= {"block": settings.block, "seed": facts.seed}
    if not said:
        return Selection(reference=reference, current=current)
    check = Check(
        code="MLG512",
        subject=free_subject("rows", reference, current),
        outcome=Outcome.PASS,
        severity=Severity.NOTE,
        message="; ".join(said.values()),
        n=current.rows,
        details={**details, "reference_rows": reference.rows, "current_rows": current.rows},
    )
    return Selection(reference=reference, current=current, checks=(check, *missing))


def times_of(side: Side, facts: Facts, what: str) -> NDArray[np.float64]:
    """Return when each row of a side was, in microseconds since 1970-01-01 UTC; NaN where that is missing.

    Raises
    ------
    InputError
        There is no such column, or it holds no time.
    """
    frame = rows_of(side, what=what)
    name = _time_column(side, facts, what)
    return moments(frame[name], table=side.name, hidden=name in facts.sensitive, what=what)


def _time_column(side: Side, facts: Facts, what: str) -> str:
    if facts.time is None:
        raise InputError(
            f"{what} needs to know when a row was, and no time column is named",
            fix="name it as `time` under [data] (or give `time=`)",
        )
    if facts.time not in side.columns:
        raise InputError(
            f"{what} needs the time column {facts.time!r}, and {side.name} does not have it",
            fix=f"add it where {side.name!r} is made, or correct `time` under [data]",
        )
    return facts.time


def _kept(side: Side, rows: NDArray[np.bool_]) -> FrameSide:
    return FrameSide(name=side.name, frame=rows_of(side, what="window or season").loc[rows])


def _newest(current: Side, window: str, facts: Facts) -> _Cut:
    """Return the rows after the newest moment minus the window; rows without a time are left out and counted."""
    import numpy as np

    times = times_of(current, facts, "window")
    kept = times > moved_back(float(np.nanmax(times)), window, 1)
    undated = int(np.isnan(times).sum())
    span = period(times[kept], facts)
    said = f"{int(kept.sum())} of {kept.size} current rows, the last {window.strip().lower().removeprefix('last ')}"
    if span:
        said += f" ({span[0]} to {span[1]})"
    if undated:
        said += f"; {undated} rows without a time are left out"
    details = {"current_given": kept.size, "current_undated": undated, **({"period": span} if span else {})}
    return _Cut(side=_kept(current, kept), said=said, details=details)


def moved_back(moment: float, span: str, times: int) -> float:
    """Return a moment some spans earlier, in microseconds since 1970-01-01 UTC; months are those of the calendar."""
    import numpy as np
    import pandas as pd

    from pytest_mlgate.gates.drift.spans import parse_span

    try:
        earlier = pd.Timestamp(np.datetime64(int(moment), "us")) - parse_span(span) * times
    except (ValueError, OverflowError):  # before any calendar: all rows are later
        return -np.inf
    return float(earlier.to_datetime64().astype("M8[us]").astype(np.int64))


def period(times: NDArray[np.float64], facts: Facts) -> list[str]:
    """Return the first and the last moment as text; nothing where there is none, or the times are sensitive."""
    import numpy as np

    if facts.time in facts.sensitive or not times.size:
        return []
    return [str(np.datetime64(int(end), "us").astype("M8[s]")) for end in (np.nanmin(times), np.nanmax(times))]


def _same_season(reference: Side, current: Side, season: Season, facts: Facts) -> tuple[_Cut, list[Check]]:
    """Return the reference's rows of the current rows' season, and a check for what it lacks of it."""
    import numpy as np

    times = [times_of(side, facts, "season") for side in (current, reference)]
    if season == "hour":
        _refuse_days(zip((current, reference), times, strict=True), facts)
    asked, there = (parts_of_season(moments, season) for moments in times)
    wanted, rows_now = np.unique(asked[asked >= 0], return_counts=True)
    kept = np.isin(there, wanted)
    hidden = facts.time in facts.sensitive
    names = f"{wanted.size} of them" if hidden else ", ".join(_name(int(part), season) for part in wanted)
    if not kept.any():
        raise InputError(
            f"season = {season!r}: the reference has no row of any {season} of the current rows ({names})",
            fix="give a reference that covers a whole cycle, or take `season` out",
        )
    undated = int((there < 0).sum())
    said = f"{int(kept.sum())} of {kept.size} reference rows, of the same {season}s ({names})"
    if undated:
        said += f"; {undated} reference rows without a time are left out"
    details = {"reference_given": kept.size, "reference_undated": undated}
    cut = _Cut(side=_kept(reference, kept), said=said, details=details)
    lacking = ~np.isin(wanted, there)
    if not lacking.any():
        return cut, []
    found = {_name(int(one), season): int(rows) for one, rows in zip(wanted[lacking], rows_now[lacking], strict=True)}
    subject = free_subject("season", reference, current)
    return cut, [_lacking(subject, found, season, current.rows, hidden=hidden)]


def _refuse_days(sides: Iterable[tuple[Side, NDArray[np.float64]]], facts: Facts) -> None:
    """Refuse dates without a time of day: all of them would be of the hour 0, and nothing be cut."""
    import numpy as np

    for side, times in sides:
        if not np.any(times[~np.isnan(times)] % _DAY):
            raise InputError(
                f"season = 'hour': {facts.time!r} of {side.name} holds dates without a time of day",
                fix="give timestamps, or another season: 'weekday', 'month', 'quarter'",
            )


def _lacking(subject: str, found: dict[str, int], season: Season, of: int, *, hidden: bool) -> Check:
    rows = sum(found.values())
    named = f"{len(found)} {season}s" if hidden else ", ".join(found)
    return Check(
        code="MLG513",
        subject=subject,
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.WARN,
        message=f"the reference has no row of {named}: {rows} of {of} current rows ({rows / of:.1%}) are compared with"
        " other parts of the season",
        fix=FIX["MLG513"],
        n=rows,
        details={"season": season, "parts": len(found), **({} if hidden else {"rows_by_part": found})},
    )


def parts_of_season(times: NDArray[np.float64], season: Season) -> NDArray[np.intp]:
    """Return the number of each moment's month, quarter, weekday (Monday is 0) or hour, in UTC; -1 for NaN."""
    import numpy as np

    known = ~np.isnan(times)
    moment = np.where(known, times, 0).astype(np.int64).astype("M8[us]")
    month = moment.astype("M8[M]").astype(np.int64) % 12
    day = moment.astype("M8[D]").astype(np.int64)
    hour = moment.astype("M8[h]").astype(np.int64) % 24
    # 1970-01-01 was a Thursday
    part = {"month": month, "quarter": month // 3, "weekday": (day + 3) % 7, "hour": hour}[season]
    return np.where(known, part, -1).astype(np.intp)


def _name(part: int, season: Season) -> str:
    return _NAMES[season].split(",")[part]


def _in_time_order(side: Side, facts: Facts) -> FrameSide:
    """Return the rows oldest first; rows of one moment keep the order of the table."""
    import numpy as np

    frame = rows_of(side, what="block")
    if facts.time is None:
        return FrameSide(name=side.name, frame=frame)
    name = _time_column(side, facts, "block")
    column = side.column(name, hidden=name in facts.sensitive)
    if column.kind not in ("timestamp", "number"):
        raise InputError(
            f"the time column {name!r} of {side.name} holds {column.family or 'no'} values, which have no order",
            fix="name a column of timestamps, dates or numbers as `time` under [data]",
        )
    times = numbers_in_order(frame[name], column)
    if column.missing:
        raise InputError(
            f"block: {column.missing} of {side.rows} rows of {side.name} have no {name!r}: they have no place in time",
            fix="fill the time or drop these rows where the table is made",
        )
    return FrameSide(name=side.name, frame=frame.iloc[np.argsort(times, kind="stable")])
