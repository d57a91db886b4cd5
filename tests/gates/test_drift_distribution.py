"""What drift keeps of a column for a report to draw."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import GateResult
from pytest_mlgate.gates.drift import check_drift
from pytest_mlgate.gates.drift.columns import Column, from_numbers
from pytest_mlgate.gates.drift.distribution import BINS, MOST_LEVELS, distribution
from pytest_mlgate.gates.drift.profiling import profile_table


def drawn(result: GateResult, subject: str) -> dict[str, Any]:
    (check,) = [check for check in result.checks if check.subject == subject]
    return dict(check.evidence.get("distribution", {}))


def both(reference: Any, current: Any, **more: Any) -> dict[str, Any]:
    return drawn(check_drift(pd.DataFrame({"x": reference}), pd.DataFrame({"x": current}), **more), "x")


def test_numbers_are_counted_in_bins_as_numpy_counts_them() -> None:
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=5000), rng.normal(0.5, size=3000)
    found = both(one, two)
    edges = np.linspace(found["start"], found["stop"], BINS + 1)

    assert found["kind"] == "number"
    # the ends are shown with six digits, which may move a row to the bin beside it
    assert np.abs(np.histogram(one, edges)[0] - found["reference"]).max() <= 1
    assert np.abs(np.histogram(two, edges)[0] - found["current"]).max() <= 1
    assert sum(found["reference"]) + sum(found["outside"][0]) == 5000
    assert 0 < sum(found["outside"][0]) <= 0.01 * 5000


def test_a_few_whole_numbers_have_a_bin_each() -> None:
    found = both([0] * 60 + [1] * 30 + [7] * 10, [1] * 50 + [2] * 50)

    assert (found["start"], found["stop"]) == (-0.5, 7.5)
    assert found["reference"] == [60, 30, 0, 0, 0, 0, 0, 10]
    assert found["current"] == [0, 50, 50, 0, 0, 0, 0, 0]


def test_levels_are_counted_the_most_frequent_first_and_the_rest_as_one() -> None:
    levels = [f"level {number:02}" for number in range(MOST_LEVELS + 5) for _ in range(number + 1)]
    found = both([*levels, None], levels[:100])

    assert found["levels_in_all"] == MOST_LEVELS + 5
    assert len(found["levels"]) == MOST_LEVELS
    assert sum(found["reference"]) + found["others"][0] == len(levels)
    assert sum(found["current"]) + found["others"][1] == 100
    assert found["missing"] == [1, 0]


def test_a_long_level_is_cut() -> None:
    found = both(["x" * 500] * 50, ["y"] * 50)

    assert max(map(len, found["levels"])) <= 60


def test_nothing_of_a_sensitive_column_is_kept() -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"income": rng.normal(size=300), "creed": rng.choice(["secret-a", "secret-b"], 300)})
    result = check_drift(frame, frame.sample(frac=0.5, random_state=1), sensitive=["income", "creed"])

    assert [check.evidence for check in result.checks] == [{}] * len(result.checks)
    assert "secret" not in json.dumps([dict(check.evidence) for check in result.checks])


def test_a_group_shows_the_column_that_moved_most_in_it() -> None:
    rng = np.random.default_rng(0)
    origin = np.repeat(["EWR", "JFK"], 2000)
    before = pd.DataFrame({"origin": origin, "x": rng.normal(size=4000)})
    after = before.assign(x=before["x"] + 3 * (origin == "JFK"))
    found = drawn(check_drift(before, after, within=["origin"]), "origin=JFK")

    assert sum(found["reference"]) + sum(found["outside"][0]) == 2000


def test_moments_are_told_as_such() -> None:
    days = pd.date_range("2026-01-01", periods=400, freq="D")
    found = both(days, days + pd.Timedelta(days=30))

    assert found["kind"] == "timestamp"
    assert found["start"].startswith("2026-01")


def test_a_profile_gives_the_counts_of_its_rows() -> None:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"x": rng.normal(size=20_000), "c": rng.choice(["a", "b", "c"], 20_000)})
    now = rows.sample(frac=0.3, random_state=1)
    of_rows, of_profile = check_drift(rows, now), check_drift(profile_table(rows), now)

    assert drawn(of_profile, "c") == drawn(of_rows, "c")
    exact, sketched = (np.array(drawn(result, "x")["reference"]) for result in (of_rows, of_profile))
    # its edges lie elsewhere, by less than a bin, and a cell holds about 20 rows
    assert np.abs(exact.cumsum() - sketched.cumsum()).max() < 0.05 * 20_000
    assert abs(int(exact.sum()) - int(sketched.sum())) < 0.01 * 20_000


finite = st.floats(allow_nan=False, allow_infinity=True, width=64)


@settings(deadline=None, max_examples=150)
@given(st.lists(finite, max_size=40), st.lists(finite, max_size=40))
def test_every_row_is_counted_once_whatever_the_values(one: list[float], two: list[float]) -> None:
    sides = [_column(values) for values in (one, two)]
    found = distribution(*sides)

    if found:
        for number, (key, values) in enumerate((("reference", one), ("current", two))):
            assert sum(found[key]) + sum(found["outside"][number]) == len(values)
            assert min([*found[key], *found["outside"][number]]) >= 0
        assert len(json.dumps(found, allow_nan=False)) < 2000


def _column(values: list[float]) -> Column:
    return from_numbers(np.array(values, dtype=np.float64), "number")


@pytest.mark.parametrize("values", [[], [np.inf, -np.inf], [1e308, -1e308], [np.nan]])
def test_what_has_no_bins_is_left_out(values: list[float]) -> None:
    assert distribution(_column(values), _column(values)) == {}
