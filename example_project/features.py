"""What the models are told of a flight, computed from a request's raw rows.

Training and service both call :func:`build`; there is no second place where a feature is computed. It looks at one row
at a time and keeps nothing between calls, so a row has the same features alone and among others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from example_project.flights import WEATHER, minutes

if TYPE_CHECKING:
    import pandas as pd

#: Features that are names; a name never seen in training is allowed.
CATEGORIES = ("carrier", "origin", "dest")
#: Features that are numbers; all but the distance, the weekday and the hours may be missing.
NUMBERS = ("distance", "weekday", "hour", "arrival_hour", *WEATHER, "late_history")
FEATURES = (*CATEGORIES, *NUMBERS)


def build(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the features of each row, in the order and with the index of the rows.

    Parameters
    ----------
    rows : DataFrame
        With at least the columns of :data:`example_project.flights.REQUEST`; others are left alone.

    Returns
    -------
    DataFrame
        The columns of :data:`FEATURES`. ``weekday`` counts from Monday = 0; ``hour`` and ``arrival_hour`` are local
        times of the timetable in hours after midnight; ``late_history`` is what :func:`late_history` returns.
    """
    clock = rows["scheduled"].dt
    built = rows.assign(
        weekday=clock.day_of_week.astype("int64"),
        hour=clock.hour + clock.minute / 60,
        arrival_hour=minutes(rows["sched_arr_time"]) / 60,
        late_history=late_history(rows["recent"]),
    )
    return built[list(FEATURES)]


def late_history(recent: pd.Series[str]) -> pd.Series[float]:
    """Return the late share of the latest landings that were known at scheduled departure.

    Parameters
    ----------
    recent : Series of str
        Digits 0 (on time) and 1 (late), the newest landing last, as
        :func:`example_project.flights.recent_landings` gives them.

    Returns
    -------
    Series of float
        In [0, 1]; missing where no flight had landed.
    """
    landed = recent.str.len().astype("float64")
    return recent.str.count("1").astype("float64") / landed.where(landed > 0)
