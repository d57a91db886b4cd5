"""What every table of flights promises: its columns, their types, ranges and missing values."""

from __future__ import annotations

import pandas as pd
import pandera.pandas as pa

CARRIERS = ("9E", "AA", "AS", "B6", "DL", "EV", "F9", "FL", "HA", "MQ", "OO", "UA", "US", "VX", "WN", "YV")


class Flights(pa.DataFrameModel):
    """One row a flight: the raw request, the features built from it, and the outcome.

    Times are local, as in a timetable; weather is in the units of the source: degrees Fahrenheit, percent, miles an
    hour, inches of rain, millibars, miles.
    """

    scheduled: pd.Timestamp = pa.Field(ge=pd.Timestamp(2013, 1, 1), lt=pd.Timestamp(2014, 1, 1))
    carrier: str = pa.Field(isin=CARRIERS)
    origin: str = pa.Field(isin=("EWR", "JFK", "LGA"))
    dest: str = pa.Field(str_matches=r"^[A-Z]{3}$")
    distance: int = pa.Field(ge=50, le=5_000)
    sched_arr_time: int = pa.Field(ge=0, le=2_359)
    temp: float = pa.Field(ge=-20, le=115, nullable=True)
    dewp: float = pa.Field(ge=-30, le=90, nullable=True)
    humid: float = pa.Field(ge=0, le=100, nullable=True)
    wind_speed: float = pa.Field(ge=0, le=100, nullable=True)
    precip: float = pa.Field(ge=0, le=5, nullable=True)
    pressure: float = pa.Field(ge=950, le=1_060, nullable=True)
    visib: float = pa.Field(ge=0, le=10, nullable=True)
    recent: str = pa.Field(str_matches=r"^[01]{0,10}$")
    weekday: int = pa.Field(ge=0, le=6)
    hour: float = pa.Field(ge=0, lt=24)
    arrival_hour: float = pa.Field(ge=0, lt=24)
    late_history: float = pa.Field(ge=0, le=1, nullable=True)
    # Known only after the fact, and kept so that the gates can show what a model that was told it looks like.
    dep_delay: float = pa.Field(ge=-120, le=1_800)
    late: int = pa.Field(isin=(0, 1))

    class Config:
        """No column but these, and these in this order."""

        strict = True
        ordered = True
