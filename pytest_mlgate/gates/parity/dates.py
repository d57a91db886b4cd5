"""Days on which code that counts days, hours or months goes wrong: month ends, leap days, clock changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

# A column without a zone holds local times of some place; most of those that change clocks do it on these days.
_COMMON_ZONES = ("America/New_York", "Europe/Berlin")
# Each year costs a walk over its hours.
_MAX_YEARS = 4


def clock_changes(year: int, zone: Any) -> pd.DatetimeIndex:
    """Return the first instants after each clock change of a year, as local times of the zone.

    Parameters
    ----------
    year : int
        1700 to 2200; for others there is none.
    zone : str or tzinfo

    Returns
    -------
    DatetimeIndex with the zone
        Empty where the clocks never change, or the zone is not known to this machine.
    """
    import pandas as pd

    if not 1700 <= year <= 2200:
        return pd.DatetimeIndex([], tz="UTC")
    hours = pd.date_range(f"{year}-01-01", f"{year + 1}-01-01", freq="h", tz="UTC")
    try:
        local = hours.tz_convert(zone)
    except Exception:  # zoneinfo and pytz raise their own errors for a zone that is not installed
        return hours[:0]
    offset = (local.tz_localize(None) - hours.tz_localize(None)).to_numpy()
    changes: pd.DatetimeIndex = local[1:][offset[1:] != offset[:-1]]
    return changes


def special_times(low: pd.Timestamp, high: pd.Timestamp, zone: Any) -> list[pd.Timestamp]:
    """Return times within a span at which dates are hard.

    Parameters
    ----------
    low, high : Timestamp
        Both with the zone, or both without.
    zone : tzinfo or None
        None: the clock changes of New York and Berlin, as their local times.

    Returns
    -------
    list of Timestamp
        Midnight of the first and the last day of each month, and its last second, 29 February among them; half an hour
        before and after each clock change, of common zones too, and the hour that does not exist where the column has
        no zone. Of long spans the first, the last and two leap years.
    """
    import pandas as pd

    naive: list[pd.Timestamp] = []
    aware: list[pd.Timestamp] = []
    half = pd.Timedelta(minutes=30)
    for year in _years(low.year, high.year):
        for month in range(1, 13):
            first = pd.Timestamp(year=year, month=month, day=1)
            last = first + pd.offsets.MonthEnd(0)
            naive += [first, last, last + pd.Timedelta(hours=23, minutes=59, seconds=59)]
        for name in _COMMON_ZONES if zone is None else (zone, *_COMMON_ZONES):
            for change in clock_changes(year, name):
                if zone is None:
                    local = change.tz_localize(None)
                    naive += [local - half, local + half, local - 3 * half]
                else:
                    aware += [moment.tz_convert(zone) for moment in (change - half, change, change + half)]
    if zone is not None:
        placed = pd.DatetimeIndex(naive).tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
        aware += list(placed[placed.notna()])
    return sorted({time for time in (aware if zone is not None else naive) if low <= time <= high})


def is_special(times: pd.Series) -> dict[str, np.ndarray]:
    """Return masks of the times that lie on hard days: ``month end``, ``leap day``, ``clock change``.

    Parameters
    ----------
    times : Series of datetime64, with or without a zone
        Missing ones are on no such day.
    """
    import numpy as np

    zone = times.dt.tz
    days = times.dt.tz_localize(None).dt.normalize() if zone is not None else times.dt.normalize()
    span = days.dropna()
    changes = set()
    if len(span):
        for year in _years(span.min().year, span.max().year):
            for name in (zone,) if zone is not None else _COMMON_ZONES:
                changes |= {change.tz_localize(None).normalize() for change in clock_changes(year, name)}
    leap = (times.dt.month == 2) & (times.dt.day == 29)
    return {
        "month end": np.asarray((times.dt.is_month_end & ~leap).fillna(False), dtype=bool),
        "leap day": np.asarray(leap.fillna(False), dtype=bool),
        "clock change": np.asarray(days.isin(list(changes)), dtype=bool),
    }


def _years(first: int, last: int) -> list[int]:
    if last - first < _MAX_YEARS:
        return list(range(first, last + 1))
    leaps = [year for year in range(first + 1, last) if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)]
    return [first, *leaps[-2:], last]
