"""Spans of time as people write them."""

from __future__ import annotations

import pandas as pd
import pytest

from pytest_mlgate.gates.drift.spans import parse_span


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("30 days", "2024-01-01", "2024-01-31"),
        ("1 week", "2024-01-01", "2024-01-08"),
        ("week", "2024-01-01", "2024-01-08"),
        ("2 Months", "2024-01-31", "2024-03-31"),
        ("1 month", "2024-01-31", "2024-02-29"),
        ("1 year", "2024-02-29", "2025-02-28"),
        ("36hours", "2024-01-01", "2024-01-02T12:00"),
        ("90 minutes", "2024-01-01", "2024-01-01T01:30"),
    ],
)
def test_a_span_leads_from_one_moment_to_another(text: str, start: str, end: str) -> None:
    assert pd.Timestamp(start) + parse_span(text) == pd.Timestamp(end)


@pytest.mark.parametrize("text", ["", "30", "0 days", "-1 day", "1.5 days", "30 dys", "1 day 2 hours", "1234567 days"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="30 days"):
        parse_span(text)
