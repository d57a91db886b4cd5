"""What drift decides, column by column."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import Check, GateFailure, GateResult, Outcome, Severity
from pytest_mlgate.gates.drift import CODES, GATE, check_drift


def one(result: GateResult, subject: str) -> Check:
    found = [check for check in result.checks if check.subject == subject]
    assert len(found) == 1, [check.subject for check in result.checks]
    return found[0]


def normal(n: int, shift: float = 0.0, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame({"x": np.random.default_rng(seed).normal(shift, size=n)})


def shares(**counts: int) -> pd.DataFrame:
    return pd.DataFrame({"c": [level for level, count in counts.items() for _ in range(count)]})


# decisions


def test_the_same_rows_pass() -> None:
    check = one(check_drift(normal(1000), normal(1000)), "x")

    assert (check.outcome, check.observed, check.limit, check.p) == (Outcome.PASS, 0, 0.2, 1)
    assert (check.n, check.code, check.id) == (1000, "MLG501", "drift:x")
    assert check.fix == ""


def test_a_large_shift_blocks_and_says_where_it_lies() -> None:
    result = check_drift(normal(1000), normal(1000, shift=1, seed=1))
    check = one(result, "x")

    assert (check.outcome, check.severity, check.limit) == (Outcome.FAIL, Severity.BLOCK, 0.2)
    assert check.details["location"] == pytest.approx(0.5, abs=0.5)
    assert "current values are higher" in check.message
    assert "(10 bins, 0.5 added)" in check.message
    with pytest.raises(GateFailure, match="drift:x"):
        result.raise_for_outcome()


def test_a_shift_of_a_third_of_a_standard_deviation_is_warned_of() -> None:
    result = check_drift(normal(5000), normal(5000, shift=0.35, seed=1))
    check = one(result, "x")

    assert (check.outcome, check.severity, check.limit) == (Outcome.FAIL, Severity.WARN, 0.1)
    assert "(warns from 0.1, limit 0.2)" in check.message
    assert result.outcome is Outcome.PASS


def test_a_small_but_significant_shift_passes_with_a_note() -> None:
    check = one(check_drift(normal(20_000), normal(20_000, shift=0.1, seed=1)), "x")

    assert check.outcome is Outcome.PASS
    assert check.p_adjusted < 0.05
    assert "a significant difference, but a small one" in check.message


def test_too_few_rows_for_the_limit_say_how_many_would_do() -> None:
    check = one(check_drift(normal(50), normal(50, seed=1)), "x")

    assert (check.outcome, check.severity) == (Outcome.INCONCLUSIVE, Severity.BLOCK)
    assert check.details["rows_needed"] == 93  # -ln(0.05 / 2) / 0.2^2
    assert "about 93 rows a side would do" in check.message
    assert "93 rows a side" in check.fix


def test_enough_rows_for_blocking_but_not_for_warning_warn() -> None:
    check = one(check_drift(normal(200), normal(200, seed=1)), "x")

    assert (check.outcome, check.severity, check.limit) == (Outcome.INCONCLUSIVE, Severity.WARN, 0.1)


def test_a_certain_fail_goes_before_a_doubt_about_the_rows() -> None:
    check = one(check_drift(normal(40), normal(40, shift=5, seed=1)), "x")

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.BLOCK)


def test_p_is_adjusted_for_all_columns_by_holm_or_benjamini_hochberg() -> None:
    rng = np.random.default_rng(5)
    before, after = (pd.DataFrame(rng.normal(size=(500, 10)), columns=list("abcdefghij")) for _ in range(2))

    by_holm = check_drift(before, after)
    by_bh = check_drift(before, after, adjust="benjamini-hochberg")

    smallest = min(by_holm.checks, key=lambda check: check.p)
    assert smallest.p_adjusted == pytest.approx(10 * smallest.p)
    assert all(b.p_adjusted <= h.p_adjusted for b, h in zip(by_bh.checks, by_holm.checks, strict=True))
    assert "after Benjamini-Hochberg" in by_bh.checks[0].message


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), shift=st.sampled_from([0.0, 0.3, 0.6]))
def test_the_order_of_rows_and_columns_changes_no_answer(seed: int, shift: float) -> None:
    rng = np.random.default_rng(seed)
    before = pd.DataFrame({"x": rng.normal(size=300), "c": rng.choice(list("abcd"), size=300)})
    after = pd.DataFrame({"x": rng.normal(shift, size=250), "c": rng.choice(list("abce"), size=250)})

    straight = check_drift(before, after)
    shuffled = check_drift(
        before.sample(frac=1, random_state=seed)[["c", "x"]], after.sample(frac=1, random_state=seed)
    )

    assert {check.id: check for check in straight.checks} == {check.id: check for check in shuffled.checks}


@settings(deadline=None, max_examples=25)
@given(seed=st.integers(0, 1000), low=st.floats(0.05, 0.4), more=st.floats(0.0, 0.5))
def test_a_larger_limit_never_turns_a_pass_into_anything_else(seed: int, low: float, more: float) -> None:
    rng = np.random.default_rng(seed)
    before, after = pd.DataFrame({"x": rng.normal(size=800)}), pd.DataFrame({"x": rng.normal(0.3, size=800)})

    strict = one(check_drift(before, after, max_distance=low), "x")
    loose = one(check_drift(before, after, max_distance=low + more), "x")

    assert strict.outcome is not Outcome.PASS or loose.outcome is Outcome.PASS


def test_every_check_is_json_without_nan() -> None:
    rng = np.random.default_rng(0)
    before = pd.DataFrame({"x": np.r_[np.nan, np.inf, rng.normal(size=500)], "c": ["a"] * 502, "late": 0})
    after = pd.DataFrame({"x": [np.nan] * 300, "c": ["b"] * 300, "new": 1})

    records = [check.to_json() for check in check_drift(before, after, target="late").checks]

    assert json.loads(json.dumps(records, allow_nan=False)) == records


# PSI


def test_psi_may_be_the_judge() -> None:
    result = check_drift(normal(2000), normal(2000, shift=0.6, seed=1), judge="psi")
    check = one(result, "x")

    assert (check.outcome, check.limit) == (Outcome.FAIL, 0.25)
    assert check.observed == pytest.approx(check.details["psi"] - check.details["psi_expected"])
    assert check.p == check.details["psi_p"]
    assert check.details["distance"] > 0.2


def test_psi_without_drift_passes_where_there_are_rows_and_is_inconclusive_where_not() -> None:
    assert one(check_drift(normal(2000), normal(2000, seed=1), judge="psi"), "x").outcome is Outcome.PASS
    few = one(check_drift(normal(80), normal(80, seed=1), judge="psi"), "x")

    assert few.outcome is Outcome.INCONCLUSIVE
    assert "do not fill two bins" in few.message


def test_psi_judges_levels_too() -> None:
    check = one(check_drift(shares(a=500, b=500), shares(a=800, b=200), judge="psi"), "c")

    assert (check.outcome, check.details["judge"]) == (Outcome.FAIL, "psi")


def test_psi_does_not_pass_levels_that_share_a_bin() -> None:
    before, after = (pd.DataFrame({"c": [f"{side}{i % 100}" for i in range(2000)]}) for side in "ab")

    check = one(check_drift(before, after, judge="psi"), "c")

    assert check.outcome is not Outcome.PASS
    assert check.details["psi_pooled_share"] == 1


# categories, booleans


def test_levels_that_moved_block_with_their_total_variation() -> None:
    check = one(check_drift(shares(a=500, b=500), shares(a=250, b=750)), "c")

    assert check.outcome is Outcome.FAIL
    assert check.observed == pytest.approx(0.25)
    assert check.details["statistic"] == "total_variation"


def test_levels_never_seen_are_named_and_do_not_fail_by_themselves() -> None:
    check = one(check_drift(shares(a=5000, b=5000), shares(a=5000, b=4990, zeta=10)), "c")

    assert check.outcome is Outcome.PASS
    assert "levels not in the reference: zeta (0.1% of the current rows)" in check.message
    assert check.details["unseen_levels"] == {"zeta": 10}


def test_a_long_list_of_new_levels_is_cut() -> None:
    after = shares(a=4000, **{f"new{i:03}": 20 + i for i in range(80)})
    check = one(check_drift(shares(a=9000), after), "c")

    assert "new079, new078, new077, new076, new075 and 75 more" in check.message
    assert len(check.details["unseen_levels"]) == 50
    assert check.details["unseen_levels_count"] == 80


def test_categories_are_compared_by_value_not_by_code() -> None:
    before = pd.DataFrame({"c": pd.Categorical(["a", "b"] * 500, categories=["a", "b"])})
    after = pd.DataFrame({"c": pd.Categorical(["a", "b"] * 500, categories=["b", "unused", "a"])})

    check = one(check_drift(before, after), "c")

    assert (check.outcome, check.observed) == (Outcome.PASS, 0)
    assert one(check_drift(before, after.astype(str)), "c").observed == 0


def test_missing_values_are_a_level_of_their_own() -> None:
    before, after = shares(a=500, b=500), shares(a=350, b=350)
    after = pd.concat([after, pd.DataFrame({"c": [None] * 300})])

    check = one(check_drift(before, after), "c")

    assert check.outcome is Outcome.FAIL
    assert check.observed == pytest.approx(0.3)
    assert check.details["current_missing"] == 300


def test_booleans_are_categories() -> None:
    before = pd.DataFrame({"b": [True, False] * 500})
    after = pd.DataFrame({"b": pd.array([True, True, True, None] * 250, dtype="boolean")})

    check = one(check_drift(before, after), "b")

    assert check.details["statistic"] == "total_variation"
    assert check.observed == pytest.approx(0.5)


def test_a_tail_of_rare_levels_that_cannot_be_compared_is_not_a_pass() -> None:
    rng = np.random.default_rng(0)
    tail = [f"{side}{i}" for side in "pq" for i in range(1200)]
    before = pd.DataFrame({"c": rng.permutation(["a"] * 1800 + tail[:1200])})
    after = pd.DataFrame({"c": rng.permutation(["a"] * 1800 + tail[1200:])})

    check = one(check_drift(before, after), "c")

    assert check.outcome is Outcome.INCONCLUSIVE
    assert "levels too rare to be compared" in check.message
    assert check.fix.startswith("Group the rare levels")


# missing values of ordered columns


def test_missing_numbers_are_a_check_of_their_own() -> None:
    before, after = normal(2000), normal(2000, seed=1)
    after.loc[after.index < 800, "x"] = np.nan

    result = check_drift(before, after)

    assert one(result, "x").outcome is not Outcome.FAIL
    assert one(result, "x").n == 1200
    missing = one(result, "x:missing")
    assert (missing.outcome, missing.code) == (Outcome.FAIL, "MLG502")
    assert missing.observed == pytest.approx(0.4)
    assert "missing in 0.0% of the reference and 40.0% of the current rows" in missing.message


def test_the_limit_of_missing_values_is_the_gates_unless_it_is_named() -> None:
    before, after = normal(2000), normal(2000, seed=1)
    after.loc[after.index < 800, "x"] = np.nan

    still = check_drift(before, after, columns={"x": {"max_distance": 0.9, "reason": "seasonal"}})
    named = check_drift(before, after, columns={"x:missing": {"max_distance": 0.9, "reason": "new sensor"}})

    assert one(still, "x:missing").outcome is Outcome.FAIL
    assert one(named, "x:missing").outcome is Outcome.PASS


@pytest.mark.parametrize("share_before", [0.0, 0.95])
def test_a_current_column_without_any_value_never_passes(share_before: float) -> None:
    before = normal(2000)
    before.loc[before.index < 2000 * share_before, "x"] = np.nan
    after = pd.DataFrame({"x": [np.nan] * 2000})

    result = check_drift(before, after)

    assert [check.subject for check in result.checks] == ["x:missing"]
    assert result.outcome is (Outcome.FAIL if share_before == 0 else Outcome.INCONCLUSIVE)
    if share_before:
        assert "the shares are alike, but one side has no value to compare" in result.checks[0].message


# timestamps


def days(start: str, n: int, **kwargs: Any) -> pd.DataFrame:
    return pd.DataFrame({"t": pd.date_range(start, periods=n, freq="D", **kwargs)})


def test_time_that_moved_on_warns_and_says_that_the_ranges_do_not_overlap() -> None:
    result = check_drift(days("2020-01-01", 500), days("2022-01-01", 500))
    check = one(result, "t")

    assert (check.code, check.outcome, check.severity) == ("MLG507", Outcome.FAIL, Severity.WARN)
    assert "the time ranges do not overlap" in check.message
    assert check.details["current_range"][0].startswith("2022-01-01")
    assert result.outcome is Outcome.PASS


def test_the_declared_time_of_a_row_is_only_noted() -> None:
    check = one(check_drift(days("2020-01-01", 500), days("2022-01-01", 500), time="t"), "t")

    assert check.severity is Severity.NOTE


@pytest.mark.parametrize("time", [None, "t"])
def test_timestamps_that_go_missing_block(time: str | None) -> None:
    after = days("2020-01-01", 1000)
    after.loc[after.index % 2 == 0, "t"] = pd.NaT

    check = one(check_drift(days("2020-01-01", 1000), after, time=time), "t:missing")

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.BLOCK)


def test_time_zones_are_compared_in_utc() -> None:
    utc = days("2020-01-01", 1000, tz="UTC")
    elsewhere = utc.assign(t=utc["t"].dt.tz_convert("Asia/Tokyo"))

    check = one(check_drift(utc, elsewhere), "t")

    assert (check.outcome, check.observed) == (Outcome.PASS, 0)
    assert "time zones differ (UTC and Asia/Tokyo); compared in UTC" in check.message


# which columns


def test_labels_are_judged_where_both_sides_have_them() -> None:
    before, after = pd.DataFrame({"late": [0, 1] * 500}), pd.DataFrame({"late": [0, 0, 0, 1] * 250})

    assert one(check_drift(before, after, target="late"), "late").outcome is Outcome.FAIL


@pytest.mark.parametrize("side", [0, 1])
def test_labels_that_come_later_are_a_skip_with_its_reason(side: int) -> None:
    frames = [normal(1000), normal(1000, seed=1)]
    frames[side] = frames[side].assign(late=0)

    result = check_drift(*frames, target="late")

    assert result.outcome is Outcome.PASS
    if side == 0:
        check = one(result, "late")
        assert (check.outcome, check.severity, check.code) == (Outcome.SKIP, Severity.NOTE, "MLG508")
        assert "labels often come later" in check.message


def test_a_column_that_is_gone_is_an_error() -> None:
    check = one(check_drift(normal(500).assign(gone=1), normal(500)), "gone")

    assert (check.outcome, check.code) == (Outcome.ERROR, "MLG503")


def test_a_new_column_is_noted() -> None:
    result = check_drift(normal(1000), normal(1000).assign(new=1))
    check = one(result, "new")

    assert (check.outcome, check.severity, check.code) == (Outcome.FAIL, Severity.NOTE, "MLG505")
    assert result.outcome is Outcome.PASS


def ids(kind: str, n: int, start: int) -> Any:
    rng = np.random.default_rng(start)
    return {
        "text": [f"u{start + i}" for i in range(n)],
        "counter": rng.permutation(np.arange(start, start + n)),
        "hash": rng.integers(-(2**62), 2**62, size=n),
    }[kind]


@pytest.mark.parametrize("kind", ["text", "counter", "hash"])
def test_identifiers_are_reported_and_not_compared(kind: str) -> None:
    before, after = normal(1000).assign(k=ids(kind, 1000, 0)), normal(1000).assign(k=ids(kind, 1000, 5000))

    result = check_drift(before, after)

    assert (one(result, "k").outcome, one(result, "k").code) == (Outcome.SKIP, "MLG506")
    assert one(result, "k").severity is Severity.NOTE
    assert result.outcome is Outcome.PASS
    assert "k" not in {check.subject for check in check_drift(before, after, id="k").checks}
    assert one(check_drift(before, after, columns=["k"]), "k").outcome is not Outcome.SKIP


@pytest.mark.parametrize(
    "values",
    [
        np.arange(1000.0),  # a monotone float
        np.random.default_rng(0).choice(10**9, size=1000, replace=False),  # distinct amounts of a wide range
        np.arange(1000) % 999,  # one repeat
    ],
)
def test_a_measurement_is_not_taken_for_an_identifier(values: Any) -> None:
    before, after = pd.DataFrame({"v": values}), pd.DataFrame({"v": values + 10**9})

    assert one(check_drift(before, after), "v").outcome is Outcome.FAIL


def test_a_list_of_columns_restricts_and_a_table_does_not() -> None:
    before, after = normal(1000).assign(y=1.0, z=2.0), normal(1000, seed=1).assign(y=1.0, z=2.0)

    listed = check_drift(before, after, columns=["y"])
    tabled = check_drift(before, after, columns={"y": {"max_distance": 0.3}})

    assert [check.subject for check in listed.checks] == ["y"]
    assert [check.subject for check in tabled.checks] == ["x", "y", "z"]
    assert [check.subject for check in check_drift(before, after, exclude=["y"]).checks] == ["x", "z"]


def test_a_columns_own_limit_applies_and_shows_its_reason() -> None:
    before, after = normal(1000), normal(1000, shift=1, seed=1)

    check = one(check_drift(before, after, columns={"x": {"max_distance": 0.85, "reason": "seasonal"}}), "x")

    assert (check.outcome, check.limit) == (Outcome.PASS, 0.85)
    assert check.message.endswith("limit of its own: seasonal")
    assert check.details["warn"] == pytest.approx(0.425)
    assert check.details["reason"] == "seasonal"


def test_a_tighter_limit_of_a_column_needs_no_apology() -> None:
    before, after = normal(20_000), normal(20_000, shift=0.2, seed=1)

    check = one(check_drift(before, after, columns={"x": {"max_distance": 0.06, "reason": "label"}}), "x")

    assert (check.outcome, check.severity, check.limit) == (Outcome.FAIL, Severity.BLOCK, 0.06)
    assert "limit of its own" not in check.message


def test_paths_and_frames_give_the_same_answer(tmp_path) -> None:
    before, after = normal(300), normal(300, shift=0.4, seed=1)
    for name, frame in (("before", before), ("after", after)):
        frame.to_parquet(tmp_path / f"{name}.parquet")

    by_path = check_drift(tmp_path / "before.parquet", str(tmp_path / "after.parquet"))

    assert by_path == check_drift(before, after)


# the gate


def test_codes_are_unique_and_of_this_gate() -> None:
    codes = [code.code for code in CODES]

    assert len(codes) == len(set(codes))
    assert all(code.startswith("MLG5") for code in codes)
    assert all(code.title and code.why and code.fix for code in CODES)
    assert (GATE.name, GATE.inputs, GATE.codes) == ("drift", ("reference", "current"), CODES)


def test_importing_the_gate_loads_no_numerical_library() -> None:
    code = (
        "import sys, pytest_mlgate.gates.drift;"
        "print({'numpy', 'pandas', 'scipy', 'sklearn', 'pyarrow'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"


# sensitive columns


def people(n: int, seed: int, *, later: bool = False) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    start = pd.Timestamp("2031-01-01" if later else "2021-01-01")
    return pd.DataFrame(
        {
            "plan": rng.choice(["gold", "lead"] if later else ["iron", "lead"], n),
            "income": rng.normal(71_234 if later else 54_321, 1000, n),
            "signup": start + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "asked": (start + pd.to_timedelta(rng.integers(0, 300, n), unit="D")).astype(str),
        }
    )


@pytest.mark.parametrize("judge", ["distance", "psi"])
def test_no_value_of_a_sensitive_column_is_told(judge: Any) -> None:
    before, after = people(1000, 0), people(1000, 1, later=True)
    names = ["plan", "income", "signup", "asked"]

    hidden = check_drift(before, after, judge=judge, sensitive=names)
    shown = check_drift(before, after, judge=judge)
    told = {check.subject: json.dumps(check.to_json()) for check in hidden.checks}
    open_ = json.dumps([check.to_json() for check in shown.checks])

    assert [check.outcome for check in hidden.checks] == [check.outcome for check in shown.checks]
    for value in ("gold", "iron", "lead", "2021", "2031", '"location"', "_range", "most at"):
        assert value not in "".join(told.values())
        assert value in open_ or value in ("iron", "lead")
    assert "levels not in the reference: 1 (" in told["plan"]
    assert "current values are higher" in told["income"]


def test_a_column_that_is_not_sensitive_still_shows_its_values_beside_one_that_is() -> None:
    result = check_drift(people(1000, 0), people(1000, 1, later=True), sensitive=["income"])

    assert "gold" in one(result, "plan").message
    assert "most at" not in one(result, "income").message


def test_an_error_that_quotes_a_sensitive_value_is_named_by_its_type_only(monkeypatch: pytest.MonkeyPatch) -> None:
    def nosy(*_: Any, **__: Any) -> None:
        raise ValueError("could not convert 'SECRET'")

    monkeypatch.setattr("pytest_mlgate.gates.drift.sides.read_column", nosy)
    check = check_drift(shares(a=100), shares(a=100), sensitive=["c"]).checks[0]

    assert (check.code, check.outcome) == ("MLG504", Outcome.ERROR)
    assert "ValueError" in check.message
    assert "SECRET" not in json.dumps(check.to_json())


# dates as text


def text_days(n: int, seed: int, start: str, form: str = "%Y-%m-%d") -> pd.DataFrame:
    moments = pd.Timestamp(start) + pd.to_timedelta(np.random.default_rng(seed).integers(0, 10**7, n), unit="s")
    return pd.DataFrame({"signup": moments.strftime(form)})


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"])
def test_dates_as_text_are_judged_as_timestamps(form: str) -> None:
    before, after = text_days(1000, 0, "2021-01-01", form), text_days(1000, 1, "2023-01-01", form)
    before.loc[3, "signup"] = after.loc[3, "signup"] = None

    check = one(check_drift(before, after), "signup")
    noted = one(check_drift(before, after, time="signup"), "signup")
    read = pd.to_datetime(before["signup"]).to_frame(), pd.to_datetime(after["signup"]).to_frame()

    assert (check.code, check.outcome, check.severity) == ("MLG507", Outcome.FAIL, Severity.WARN)
    assert noted.severity is Severity.NOTE
    assert (check.observed, check.p) == (one(check_drift(*read), "signup").observed, check.p)
    assert check.details["location"].startswith("2021-")


def test_dates_as_text_are_compared_with_timestamps_and_with_categories() -> None:
    before, after = text_days(1000, 0, "2021-01-01"), text_days(1000, 1, "2021-01-01")
    moments, levels = after.apply(pd.to_datetime), after.astype("category")

    assert one(check_drift(before, moments), "signup").outcome is not Outcome.ERROR
    assert one(check_drift(before, levels), "signup").observed == one(check_drift(before, moments), "signup").observed


def test_dates_on_one_side_and_other_text_on_the_other_are_an_error() -> None:
    before, after = text_days(1000, 0, "2021-01-01"), text_days(1000, 1, "2021-01-01")
    after.loc[7, "signup"] = "unknown"
    check = one(check_drift(before, after), "signup")

    assert (check.code, check.outcome) == ("MLG504", Outcome.ERROR)
    assert "is a date of ISO 8601" in check.message


@pytest.mark.parametrize(
    "text", ["2021-13-01", "2021-02-30", "20210101", "2021", "2021-01", "01/02/2021", "v2021-01-01"]
)
def test_text_that_is_no_full_iso_date_stays_text(text: str) -> None:
    assert "total_variation" in str(one(check_drift(shares(**{text: 500}), shares(**{text: 500})), "c").details)
