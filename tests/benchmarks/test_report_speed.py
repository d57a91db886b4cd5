"""What the HTML report of a wide table takes: ``pytest -m benchmark -s tests/benchmarks``."""

from __future__ import annotations

import time

import pytest

from tests.benchmarks.measuring import tell
from tests.reports.made import large, page_of

RUNS = 5


@pytest.mark.benchmark
@pytest.mark.parametrize(("columns", "slices"), [(50, 10), (500, 50)])
def test_seconds_and_bytes_of_a_page(columns: int, slices: int) -> None:
    """Print both; CPU and not the clock, so that a busy machine tells the same."""
    verdict, evidence = large(columns, slices)
    page_of(verdict, {})  # loads what is loaded once
    took, page = [], ""
    for _ in range(RUNS):
        before = time.process_time()
        page = page_of(verdict, evidence)
        took.append(time.process_time() - before)

    note = f"{len(verdict.checks)} checks, {len(page.encode()):,} bytes, {page.count('<svg ')} plots"
    tell(f"a page of {columns} columns and {slices} slices", {"render": took}, note=note)
    assert page.startswith("<!DOCTYPE html>")
