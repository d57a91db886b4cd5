"""Dates as text: what is one, and that it is the moment that pandas would read."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.tables.dates import holds_dates, iso_ticks


@settings(deadline=None, max_examples=100)
@given(st.lists(st.datetimes(dt.datetime(1700, 1, 1), dt.datetime(2200, 1, 1)), min_size=1, max_size=5))
def test_a_text_is_the_moment_that_pandas_reads(moments):
    texts = [moment.isoformat() for moment in moments]

    found = pd.to_datetime(pd.Series(texts), format="ISO8601").to_numpy().astype("M8[us]").astype("int64")

    assert iso_ticks(texts) == (found.tolist(), False)


def test_offsets_count_and_far_dates_are_dates():
    assert iso_ticks(["1970-01-01T01:00:00+01:00", "1970-01-01 00:00Z"]) == ([0, 0], True)
    assert iso_ticks(["9999-12-31"]) == ([253402214400 * 10**6], False)  # a usual sentinel, beyond pandas' nanoseconds


@pytest.mark.parametrize(
    "texts",
    [[], ["2021-01-01", "x"], ["2021-01-01", 3], ["2021-02-29"], ["2021-01"], ["2021-01-01", "2021-01-01T00:00Z"]],
    ids=str,
)
def test_what_is_no_column_of_dates(texts):
    assert iso_ticks(texts) is None
    assert not holds_dates(pd.Series(texts, dtype=object))


def test_missing_values_do_not_matter_and_numbers_and_timestamps_are_no_text():
    assert holds_dates(pd.Series(["2021-01-01", None]))
    assert not holds_dates(pd.Series([20210101]))
    assert not holds_dates(pd.to_datetime(pd.Series(["2021-01-01"])))
