"""The page on a year of flights, flights-by-month.md, says what the example measures."""

from __future__ import annotations

from pathlib import Path

import pytest

from example_project.months import as_markdown, distances, plot
from example_project.train import year

PAGE = Path(__file__).parents[2] / "docs" / "flights-by-month.md"


@pytest.mark.slow
def test_the_page_has_the_table_that_the_example_prints(tmp_path: Path) -> None:
    table = distances(year())
    plot(table, tmp_path / "months.svg")

    assert as_markdown(table) in PAGE.read_text()
    drawn = (tmp_path / "months.svg").read_text()
    assert all(f">{column}<" in drawn for column in table.columns[1:])  # each line has its name in the legend
