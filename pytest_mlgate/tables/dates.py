"""Dates as text: CSV has no other, and pandas reads them as text."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

# A day at least: 2013 is a number, 20130101 is one too, and 2013-01 is a month's name.
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def iso_ticks(texts: Iterable[object]) -> tuple[list[int], bool] | None:
    """Return ISO 8601 dates and timestamps as numbers, or None where one of the values is no such text.

    Parameters
    ----------
    texts : iterable
        ``2013-01-31``, ``2013-01-31 05:06``, ``2013-01-31T05:06:07.25Z``, ``... +01:00``. No missing values.

    Returns
    -------
    tuple of list of int and bool, or None
        Microseconds since 1970-01-01 UTC, and whether the texts name an offset from UTC; without one they are taken
        for UTC. None also where there is no text, or some name an offset and others do not.
    """
    ticks: list[int] = []
    zoned: bool | None = None
    for text in texts:
        if not isinstance(text, str) or not _ISO.fullmatch(text):
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:  # the 31st of February
            return None
        if zoned is not None and zoned != (moment.tzinfo is not None):
            return None
        zoned = moment.tzinfo is not None
        ticks.append(((moment if zoned else moment.replace(tzinfo=UTC)) - _EPOCH) // _TICK)
    return None if zoned is None else (ticks, zoned)


def holds_dates(series: pd.Series) -> bool:
    """Return whether a column holds text, and all that is not missing is a date or timestamp of ISO 8601."""
    from pytest_mlgate.tables.kinds import kind_of

    return kind_of(series) == "string" and iso_ticks(series.dropna().unique()) is not None
