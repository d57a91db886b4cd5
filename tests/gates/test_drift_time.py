"""Windows, seasons and the trend: which rows of which time are compared."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.drift import check_drift
from pytest_mlgate.gates.drift.profiling import profile_table


def one(result: GateResult, subject: str) -> Check:
    found = [check for check in result.checks if check.subject == subject]
    assert len(found) == 1, [(check.subject, check.message) for check in result.checks]
    return found[0]


def hourly(start: str, hours: int, seed: int = 0, **columns: Any) -> pd.DataFrame:
    moments = pd.date_range(start, periods=hours, freq="h")
    return pd.DataFrame({"t": moments, "x": np.random.default_rng(seed).normal(size=hours), **columns})


YEAR = hourly("2023-01-01", 365 * 24)


# windows


@pytest.mark.parametrize(
    ("window", "rows"),
    [
        ("30 days", 720),
        ("last 30 days", 720),
        ("1 week", 168),
        ("48 hours", 48),
        ("1 month", 28 * 24),
        ("1 year", 1416),
    ],
)
def test_only_the_rows_of_the_window_are_compared(window: str, rows: int) -> None:
    current = hourly("2024-01-01", 59 * 24)  # up to 28 February, 23:00

    result = check_drift(YEAR, current, time="t", window=window)

    # the month before 28 February 23:00 begins after 28 January 23:00: 31 days
    expected = 31 * 24 if window == "1 month" else rows
    assert one(result, "x").n == expected
    assert one(result, "rows").details["current_rows"] == expected


def test_the_run_names_the_window_its_rows_and_its_period() -> None:
    note = one(check_drift(YEAR, hourly("2024-01-01", 2000), time="t", window="10 days"), "rows")

    assert (note.code, note.outcome, note.severity) == ("MLG512", Outcome.PASS, Severity.NOTE)
    assert note.message == "240 of 2000 current rows, the last 10 days (2024-03-14T08:00:00 to 2024-03-24T07:00:00)"
    assert note.details["period"] == ["2024-03-14T08:00:00", "2024-03-24T07:00:00"]
    assert note.details["current_given"] == 2000


def test_drift_of_the_last_week_is_not_thinned_out_by_the_months_before() -> None:
    current = hourly("2024-01-01", 2400, seed=1)
    current.loc[current.index[-336:], "x"] += 2

    assert one(check_drift(YEAR, current, time="t"), "x").outcome is not Outcome.FAIL
    assert one(check_drift(YEAR, current, time="t", window="2 weeks"), "x").outcome is Outcome.FAIL


@pytest.mark.parametrize(
    "form",
    [
        lambda t: t,
        lambda t: t.dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo"),
        lambda t: t.dt.strftime("%Y-%m-%dT%H:%M:%S"),
        lambda t: t.dt.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        lambda t: t.dt.strftime("%Y-%m-%d %H:%M").astype("category"),
        lambda t: t.astype("timestamp[us][pyarrow]"),
        lambda t: t.astype(object),
        lambda t: t.dt.to_period("h"),
    ],
    ids=["naive", "zone", "text", "offset", "category", "arrow", "objects", "periods"],
)
def test_every_kind_of_time_cuts_the_same_rows(form: Any) -> None:
    current = hourly("2024-01-01", 1000).sample(frac=1, random_state=0)
    kept = current[current["t"] > current["t"].max() - pd.Timedelta(days=3)]

    result = check_drift(YEAR, current.assign(t=form(current["t"])), time="t", exclude=["t"], window="3 days")

    expected = check_drift(YEAR, kept, exclude=["t"])
    assert one(result, "x").observed == one(expected, "x").observed
    assert one(result, "x").n == 72


def test_dates_without_an_hour_count_as_days() -> None:
    current = hourly("2024-01-01", 1000)
    current["t"] = current["t"].dt.date

    assert one(check_drift(YEAR, current, time="t", exclude=["t"], window="3 days"), "x").n == 24 + 24 + 16


def test_rows_without_a_time_are_left_out_and_counted() -> None:
    current = hourly("2024-01-01", 1000)
    current.loc[current.index[-5:], "t"] = pd.NaT

    note = one(check_drift(YEAR, current, time="t", window="10 days"), "rows")

    assert "240 of 1000 current rows" in note.message
    assert "5 rows without a time are left out" in note.message


def test_a_window_needs_a_time_column_that_holds_times() -> None:
    current = hourly("2024-01-01", 100)

    (unnamed,) = check_drift(YEAR, current, window="1 day").checks
    (absent,) = check_drift(YEAR, current[["x"]], time="t", window="1 day").checks
    (number,) = check_drift(YEAR, current.assign(t=20240101), time="t", window="1 day").checks
    (empty,) = check_drift(YEAR, current.assign(t=pd.NaT), time="t", window="1 day").checks

    assert {check.outcome for check in (unnamed, absent, number, empty)} == {Outcome.ERROR}
    assert "no time column is named" in unnamed.message
    assert "needs the time column 't', and current does not have it" in absent.message
    assert "column 't' of current holds number values, and window needs timestamps" in number.message
    assert "holds no value" in empty.message


def test_a_window_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="30 days"):
        check_drift(YEAR, YEAR, time="t", window="30 dys")


# seasons


def test_a_season_compares_with_the_same_months_of_the_reference() -> None:
    seasonal = YEAR.assign(x=YEAR["x"] + YEAR["t"].dt.month)
    current = hourly("2024-07-01", 31 * 24, seed=2)
    current["x"] += 7

    assert one(check_drift(seasonal, current, time="t"), "x").outcome is Outcome.FAIL
    result = check_drift(seasonal, current, time="t", season="month")

    assert one(result, "x").outcome is Outcome.PASS
    assert one(result, "x").details["reference_n"] == 31 * 24
    assert one(result, "rows").message == "744 of 8760 reference rows, of the same months (July)"


@pytest.mark.parametrize(
    ("season", "days", "names"),
    [
        ("quarter", 181, "Q1, Q2"),  # 1 January to 29 June
        ("weekday", 365, "Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday"),
        ("hour", 365, ", ".join(f"{hour:02d}:00" for hour in range(24))),
    ],
)
def test_quarters_weekdays_and_hours_are_seasons_too(season: str, days: int, names: str) -> None:
    result = check_drift(YEAR, hourly("2024-01-01", 180 * 24), time="t", season=season)

    assert one(result, "rows").details["reference_rows"] == days * 24
    assert f"of the same {season}s ({names})" in one(result, "rows").message


def test_weekdays_are_those_of_the_calendar() -> None:
    current = hourly("2024-01-06", 48)  # a Saturday and a Sunday

    result = check_drift(YEAR, current, time="t", season="weekday")

    assert "(Saturday, Sunday)" in one(result, "rows").message
    assert one(result, "rows").details["reference_rows"] == YEAR["t"].dt.day_of_week.isin([5, 6]).sum()


def test_an_hour_of_dates_without_one_is_an_error_and_not_a_comparison_of_midnights() -> None:
    days = YEAR.assign(t=YEAR["t"].dt.normalize())

    (check,) = check_drift(days, days.tail(100), time="t", season="hour").checks

    assert check.outcome is Outcome.ERROR
    assert check.message == "season = 'hour': 't' of current holds dates without a time of day"


def test_the_season_is_that_of_the_window() -> None:
    result = check_drift(YEAR, hourly("2024-01-01", 90 * 24), time="t", window="20 days", season="month")

    assert "(March)" in one(result, "rows").message


def test_a_season_that_the_reference_has_never_seen_is_an_error_that_names_it() -> None:
    (check,) = check_drift(YEAR.head(31 * 24), hourly("2024-05-01", 60 * 24), time="t", season="month").checks

    assert check.outcome is Outcome.ERROR
    assert "the reference has no row of any month of the current rows (May, June)" in check.message


def test_missing_parts_of_a_season_are_named_and_not_passed() -> None:
    result = check_drift(YEAR.head(31 * 24), hourly("2024-01-01", 60 * 24), time="t", season="month")

    check = one(result, "season")
    assert (check.code, check.outcome, check.severity) == ("MLG513", Outcome.INCONCLUSIVE, Severity.WARN)
    assert "no row of February: 696 of 1440 current rows (48.3%)" in check.message
    assert check.details["rows_by_part"] == {"February": 696}


def test_of_a_sensitive_time_no_moment_is_told() -> None:
    result = check_drift(
        YEAR.head(31 * 24),
        hourly("2024-01-01", 60 * 24),
        time="t",
        window="58 days",
        season="month",
        trend="20 days",
        sensitive=["t"],
    )
    written = json.dumps([[check.to_json(), check.evidence] for check in result.checks])

    assert not [word for word in ("2023-", "2024-", "January", "February") if word in written]


# trend


def trend_of(result: GateResult) -> dict[str, Any]:
    found = dict(one(result, "trend").evidence["trend"])
    assert json.loads(json.dumps(found)) == found
    return found


def test_the_trend_shows_when_a_column_began_to_move() -> None:
    current = hourly("2024-01-01", 60 * 24, seed=1, c=["a"] * 720 + ["b"] * 720)
    current["x"] += np.where(current.index >= 720, 1.5, 0)

    trend = trend_of(check_drift(YEAR.assign(c="a"), current, time="t", trend="10 days"))

    x, c = trend["columns"]["x"], trend["columns"]["c"]
    assert len(trend["windows"]) == len(x["distance"]) == len(x["psi"]) == 43  # 425 days, the oldest window is half
    assert max(x["distance"][1:40]) < 0.15 < 0.4 < min(x["distance"][40:])
    assert x["psi"][-1] > 1
    assert c["distance"][40:] == [1, 1, 1]
    assert c["distance"][39] == 0
    assert "t" not in trend["columns"]
    assert trend["windows"][-1] == {
        "after": "2024-02-19T23:00:00",
        "until": "2024-02-29T23:00:00",
        "rows": 240,
        "small": False,
    }


def test_the_distance_of_a_window_is_that_of_its_rows_to_the_whole_reference() -> None:
    current = hourly("2024-01-01", 480, seed=4)

    trend = trend_of(check_drift(YEAR, current, time="t", trend="5 days"))

    expected = one(check_drift(YEAR, current.tail(120)), "x")
    assert trend["columns"]["x"]["distance"][-1] == expected.observed
    assert trend["columns"]["x"]["psi"][-1] == expected.details["psi"]


def test_a_trend_judges_nothing_and_changes_no_other_check() -> None:
    current = hourly("2024-01-01", 480, seed=4)
    plain = check_drift(YEAR, current, time="t")

    result = check_drift(YEAR, current, time="t", trend="month")

    assert result.checks[:-1] == plain.checks
    assert (result.checks[-1].code, result.checks[-1].severity) == ("MLG512", Severity.NOTE)


def test_small_and_empty_windows_are_named_and_not_measured() -> None:
    current = pd.concat([hourly("2024-02-01", 24), hourly("2024-03-01", 480)])

    result = check_drift(YEAR, current, time="t", trend="20 days")
    trend = trend_of(result)

    small = [window["small"] for window in trend["windows"]]
    assert [value is None for value in trend["columns"]["x"]["distance"]] == small
    assert one(result, "trend").details["small_windows"] == [n for n, flag in enumerate(small, start=1) if flag]
    assert sum(small) >= 2
    assert "too small to be measured: " in one(result, "trend").message


def test_a_trend_has_at_most_sixty_windows_and_counts_what_is_older() -> None:
    result = check_drift(YEAR, hourly("2024-01-01", 480), time="t", trend="2 days")

    trend = trend_of(result)
    assert len(trend["windows"]) == 60
    assert one(result, "trend").details["older_rows"] == len(YEAR) + 480 - 120 * 24


def test_a_column_of_two_types_is_measured_where_a_window_is_of_one_side() -> None:
    current = hourly("2024-01-01", 480)

    trend = trend_of(
        check_drift(YEAR.assign(k=1), current.assign(k=pd.array([1] * 480, "Int8")), time="t", trend="week")
    )

    assert set(trend["columns"]["k"]["distance"][1:]) == {0}


def test_the_trend_looks_at_all_rows_whatever_is_judged() -> None:
    current = hourly("2024-01-01", 960)
    whole = trend_of(check_drift(YEAR, current, time="t", trend="10 days"))

    cut = trend_of(check_drift(YEAR, current, time="t", trend="10 days", window="10 days", season="month", block=24))

    assert cut == whole


def test_a_profile_goes_with_a_window_and_not_where_its_rows_are_needed() -> None:
    profile = profile_table(YEAR, time="t")
    current = hourly("2024-01-01", 2000)

    windowed = check_drift(profile, current, time="t", window="30 days")

    assert one(windowed, "x").n == 720
    for needs in ({"season": "month"}, {"block": 24}, {"trend": "7 days"}, {"within": ["x"]}):
        (check,) = check_drift(profile, current, time="t", **needs).checks
        assert check.outcome is Outcome.ERROR
        assert f"{next(iter(needs))} needs rows, and the reference is a profile" in check.message
