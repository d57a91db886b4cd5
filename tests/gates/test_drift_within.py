"""Within groups: what moves for one group alone."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.drift import check_drift


def one(result: GateResult, subject: str) -> Check:
    found = [check for check in result.checks if check.subject == subject]
    assert len(found) == 1, [(check.subject, check.message) for check in result.checks]
    return found[0]


def flights(seed: int, origins: dict[str, int], **shifts: float) -> pd.DataFrame:
    """Rows of some origins; the values of ``x`` are shifted for those that are named."""
    rng = np.random.default_rng(seed)
    names = np.repeat(list(origins), list(origins.values()))
    rng.shuffle(names)
    frame = pd.DataFrame({"origin": names, "x": rng.normal(size=names.size), "y": rng.normal(size=names.size)})
    frame["x"] += frame["origin"].map(shifts).fillna(0.0).astype(float)
    return frame


AIRPORTS = {"EWR": 2000, "JFK": 2000, "LGA": 2000}
BEFORE = flights(0, AIRPORTS)


def test_what_moves_for_one_group_is_found_within_it() -> None:
    after = flights(1, AIRPORTS, LGA=0.6)

    result = check_drift(BEFORE, after, within=["origin"])

    assert one(result, "x").severity is not Severity.BLOCK or one(result, "x").outcome is Outcome.PASS
    check = one(result, "origin=LGA")
    assert (check.code, check.outcome, check.severity) == ("MLG514", Outcome.FAIL, Severity.BLOCK)
    assert check.message.startswith("x: D 0.2")
    assert (check.details["column"], check.details["level"], check.n) == ("x", "LGA", 2000)
    assert check.observed == check.details["failed"]["x"]["distance"] >= check.limit == 0.2
    assert one(result, "origin=EWR").outcome is one(result, "origin=JFK").outcome is Outcome.PASS
    assert one(result, "origin=EWR").message.startswith("worst: ")


def test_the_comparison_is_that_of_the_groups_rows_alone() -> None:
    after = flights(1, AIRPORTS, LGA=0.6)
    alone = check_drift(*(frame[frame["origin"] == "LGA"] for frame in (BEFORE, after)), columns=["x"])

    check = one(check_drift(BEFORE, after, within=["origin"]), "origin=LGA")

    assert (check.observed, check.p) == (one(alone, "x").observed, one(alone, "x").p)


def test_all_tests_of_the_gate_are_one_family() -> None:
    result = check_drift(BEFORE, flights(1, AIRPORTS, LGA=0.6), within=["origin"])

    # origin, x and y over all rows; x and y in each of three groups
    assert one(result, "x").details["tests"] == one(result, "origin=LGA").details["tests"] == 9
    check = one(result, "origin=LGA")
    assert check.p_adjusted == pytest.approx(9 * check.p)


def test_the_worst_column_speaks_and_the_others_that_fail_are_listed() -> None:
    after = flights(1, AIRPORTS, LGA=0.6)
    after.loc[after["origin"] == "LGA", "y"] += 2

    check = one(check_drift(BEFORE, after, within=["origin"]), "origin=LGA")

    assert check.message.startswith("y: D 0.6")
    assert "also x" in check.message
    assert list(check.details["failed"]) == ["y", "x"]


def test_small_levels_are_pooled_named_and_judged_together() -> None:
    small = {f"S{k}": 80 for k in range(10)}
    before = flights(0, {**AIRPORTS, **small})
    after = flights(1, {**AIRPORTS, **small}, **dict.fromkeys(small, 1.5))

    result = check_drift(before, after, within=["origin"])

    check = one(result, "origin=(small groups)")
    assert (check.outcome, check.severity, check.n) == (Outcome.FAIL, Severity.BLOCK, 800)
    assert "together: S0, S1, S2, S3, S4 and 5 more" in check.message
    assert check.details["levels"] == sorted(small)
    assert check.details["levels_pooled"] == 10
    assert not [c for c in result.checks if c.subject.startswith("origin=S")]


def test_every_row_is_in_one_group() -> None:
    sizes = {"EWR": 3000, "A": 30, "B": 300, "C": 900}

    result = check_drift(flights(0, sizes), flights(1, sizes), within=["origin"])

    assert sum(c.n for c in result.checks if c.code == "MLG514") == sum(sizes.values())


def test_too_few_rows_in_small_groups_warn_and_are_no_pass() -> None:
    sizes = {"EWR": 3000, "A": 10, "B": 12}
    result = check_drift(flights(0, sizes), flights(1, sizes), within=["origin"])

    check = one(result, "origin=(small groups)")
    assert (check.outcome, check.severity) == (Outcome.INCONCLUSIVE, Severity.WARN)
    assert "not settled: 2 of 2 comparisons" in check.message
    assert check.details["inconclusive"] == ["x", "y"]
    assert result.outcome is Outcome.PASS


def test_new_and_gone_levels_are_named_and_what_cannot_be_compared_is_no_pass() -> None:
    before, after = flights(0, {**AIRPORTS, "SWF": 2000}), flights(1, {**AIRPORTS, "ISP": 2000, "HPN": 3})

    check = one(check_drift(before, after, within=["origin"]), "origin=(new or gone)")

    assert (check.outcome, check.severity) == (Outcome.INCONCLUSIVE, Severity.WARN)
    assert "new: HPN, ISP" in check.message
    assert "gone: SWF" in check.message
    assert "one side has no row of them: HPN, ISP, SWF" in check.message
    assert check.details["new_levels"] == {"HPN": 3, "ISP": 2000}


def test_a_few_rows_of_a_new_level_are_judged_with_the_small_groups() -> None:
    before, after = flights(0, {**AIRPORTS, "B": 400}), flights(1, {**AIRPORTS, "B": 400, "HPN": 3})

    result = check_drift(before, after, within=["origin"])

    assert one(result, "origin=(new or gone)").outcome is Outcome.PASS
    assert one(result, "origin=(new or gone)").message == "new: HPN"
    assert one(result, "origin=(small groups)").n == 403


def test_rows_without_a_group_are_a_group() -> None:
    before, after = (frame.assign(origin=frame["origin"].where(frame["origin"] != "JFK")) for frame in (BEFORE, BEFORE))

    assert one(check_drift(before, after, within=["origin"]), "origin=(missing)").n == 2000


@pytest.mark.parametrize(
    ("levels", "subjects"),
    [
        (pd.Series([1, 2] * 3000), ["g=1", "g=2"]),
        (pd.Series([1.0, 2.5] * 3000), ["g=1", "g=2.5"]),
        (pd.Series([True, False] * 3000), ["g=False", "g=True"]),
        (pd.Series(["a", "b"] * 3000, dtype="category"), ["g=a", "g=b"]),
        (pd.Series([3, 4] * 3000, dtype="Int32"), ["g=3", "g=4"]),
        (pd.Series(["a", "b"] * 3000, dtype="string[pyarrow]"), ["g=a", "g=b"]),
    ],
    ids=lambda value: str(getattr(value, "dtype", "")),
)
def test_groups_may_be_of_any_type(levels: Any, subjects: list[str]) -> None:
    frame = pd.DataFrame({"g": levels, "x": np.random.default_rng(0).normal(size=6000)})

    result = check_drift(frame, frame, within=["g"])

    assert [check.subject for check in result.checks if check.code == "MLG514"] == subjects


def test_several_group_columns_each_cut_all_rows() -> None:
    frame = BEFORE.assign(half=np.arange(6000) % 2)

    result = check_drift(frame, frame, within=["origin", "half"])

    groups = [check for check in result.checks if check.code == "MLG514"]
    assert [check.subject for check in groups] == ["origin=EWR", "origin=JFK", "origin=LGA", "half=0", "half=1"]
    assert one(result, "half=0").details["comparisons"] == 3  # origin, x and y


def test_a_columns_own_limit_holds_within_groups_too() -> None:
    after = flights(1, AIRPORTS, LGA=0.6)

    result = check_drift(BEFORE, after, within=["origin"], columns={"x": {"max_distance": 0.5, "reason": "new fleet"}})

    assert one(result, "origin=LGA").severity is not Severity.BLOCK or one(result, "origin=LGA").outcome is Outcome.PASS


def test_missing_values_of_one_group_are_judged_within_it() -> None:
    after = flights(1, AIRPORTS)
    after.loc[(after["origin"] == "LGA") & (after.index % 2 == 0), "y"] = np.nan

    check = one(check_drift(BEFORE, after, within=["origin"]), "origin=LGA")

    assert (check.outcome, check.details["column"]) == (Outcome.FAIL, "y:missing")


def test_a_column_that_cannot_be_compared_is_said_once_and_not_for_every_group() -> None:
    result = check_drift(BEFORE.assign(k=1), BEFORE.assign(k="one"), within=["origin"])

    assert [check.subject for check in result.checks if check.code == "MLG504"] == ["k"]
    assert one(result, "origin=LGA").outcome is Outcome.PASS


def test_of_a_sensitive_group_column_no_level_is_told() -> None:
    before = flights(0, {**AIRPORTS, "SWF": 2000, "S1": 50})
    after = flights(1, {**AIRPORTS, "ISP": 2000, "S1": 50}, LGA=2)

    result = check_drift(before, after, within=["origin"], sensitive=["origin"])
    written = json.dumps([check.to_json() for check in result.checks])

    assert not [name for name in ("EWR", "JFK", "LGA", "SWF", "ISP", "S1") if name in written]
    assert len([c for c in result.checks if c.outcome is Outcome.FAIL and c.code == "MLG514"]) == 1


@pytest.mark.parametrize(
    ("changes", "within", "message"),
    [
        ({}, ["orgin"], "reference has no column 'orgin'"),
        ({"day": pd.Timestamp("2024-01-01")}, ["day"], "holds timestamps"),
        ({"many": np.arange(6000)}, ["many"], "6000 levels, more than 500"),
    ],
)
def test_what_cannot_group_rows_is_an_error(changes: dict[str, Any], within: list[str], message: str) -> None:
    frame = BEFORE.assign(**changes)

    (check,) = check_drift(frame, frame, within=within).checks

    assert check.outcome is Outcome.ERROR
    assert message in check.message
    assert check.fix


def test_groups_go_with_windows_and_blocks() -> None:
    frames = [frame.assign(t=pd.date_range("2024-01-01", periods=6000, freq="h")) for frame in (BEFORE, BEFORE)]

    result = check_drift(*frames, time="t", window="200 days", within=["origin"], block=10)

    groups = [check for check in result.checks if check.code == "MLG514"]
    assert sum(check.n for check in groups) == 4800
    assert all("p by blocks of 10 rows" in check.message for check in groups)
    assert one(result, "x").details["tests"] == 10  # t, origin, x and y; x and y in three groups


def test_without_groups_nothing_is_cut() -> None:
    assert not [check for check in check_drift(BEFORE, BEFORE).checks if check.code == "MLG514"]
