"""What both services answer with: what a posted flight is, its features, and its probability to be late."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, NaiveDatetime
from threadpoolctl import ThreadpoolController

from example_project import features
from example_project.flights import WEATHER

MODEL = Path(__file__).parent / "artifacts" / "candidate.joblib"
#: How many landings the service is behind the airport's board. It should be none; with one, the gate `parity` says so.
LANDINGS_BEHIND = int(os.environ.get("LANDINGS_BEHIND", "0"))


class Flight(BaseModel):
    """What is known of a flight at its scheduled departure; other keys are left alone."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    scheduled: NaiveDatetime
    carrier: str
    origin: str
    dest: str
    distance: int
    sched_arr_time: int = Field(ge=0, le=2359)
    temp: float | None = None
    dewp: float | None = None
    humid: float | None = None
    wind_speed: float | None = None
    precip: float | None = None
    pressure: float | None = None
    visib: float | None = None
    recent: str = Field(default="", pattern=r"^[01]*$")


def probabilities(flights: list[Flight]) -> list[float]:
    """Return the probability of each flight to land more than 15 minutes late, in order."""
    if not flights:
        return []
    with _threads().limit(limits=1, user_api="openmp"):  # a few rows at a time: threads would only wait for one another
        late: list[float] = _model().predict_proba(_features(flights))[:, 1].tolist()
    return late


def built(flights: list[Flight]) -> list[dict[str, Any]]:
    """Return the features of each flight, as the model gets them; what is missing is None."""
    rows = _features(flights).astype(object)
    rows = rows.where(rows.notna(), None)
    return [dict(zip(features.FEATURES, row, strict=True)) for row in rows.itertuples(index=False)]


@cache
def _model() -> Any:
    return joblib.load(MODEL)


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def _features(flights: list[Flight]) -> pd.DataFrame:
    rows = pd.DataFrame([flight.model_dump() for flight in flights], columns=list(Flight.model_fields))
    # A column of which every value is missing would otherwise not be one of numbers.
    typed = {"scheduled": "datetime64[us]", "recent": "str", "sched_arr_time": "int64"}
    rows = rows.astype(typed | dict.fromkeys(WEATHER, "float64"))
    return features.build(rows.assign(recent=rows["recent"].str[: -LANDINGS_BEHIND or None]))
