"""Spans of time as people write them: ``30 days``, ``1 month``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator

if TYPE_CHECKING:
    import pandas as pd

UNITS = ("minute", "hour", "day", "week", "month", "year")
_SPAN = re.compile(rf"(?:last +)?([1-9][0-9]{{0,5}})? *({'|'.join(UNITS)})s?", re.IGNORECASE)


def parse_span(text: str) -> pd.DateOffset:
    """Return a span of time, to be added to a moment or taken from it.

    Parameters
    ----------
    text : str
        A whole number and a unit: ``30 days``, ``1 week``, ``3 months``; a unit alone is one of it,
        and ``last`` before it changes nothing.

    Raises
    ------
    ValueError
        Where it is none.

    Notes
    -----
    Months and years are those of the calendar: one month before 31 March is the last day of February.
    """
    import pandas as pd

    count, unit = _parts(text)
    parts: dict[str, Any] = {f"{unit}s": count}
    return pd.DateOffset(**parts)


def _parts(text: str) -> tuple[int, str]:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'should be a number and a unit of time, such as "30 days" or "1 month", not {text!r}')
    return int(found[1] or 1), found[2].lower()


def _checked(text: str) -> str:
    _parts(text)
    return text


Span = Annotated[str, AfterValidator(_checked)]
"""A setting that :func:`parse_span` can read."""
