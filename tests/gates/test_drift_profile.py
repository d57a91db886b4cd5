"""Drift from a profile: it agrees with drift from the rows as far as the profile knows, and says where it does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate import GateResult, Profile, check_drift, check_schema, merge_profiles, profile_table
from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import GATE as SCHEMA

N = 100_000


def table(seed: int, rows: int = N, shift: float = 0.0) -> pd.DataFrame:
    """Columns as they come: continuous, tied, zero-inflated, heavy-tailed, with gaps, times, levels."""
    rng = np.random.default_rng(seed)
    late = rng.random(rows) < 0.2 + shift / 5
    return pd.DataFrame(
        {
            "temp": np.round(rng.normal(15 + 8 * shift, 8, rows), 2),
            "score": rng.normal(shift, 1, rows),
            "hour": rng.choice(24, rows, p=np.arange(1, 25) / 300),
            "rain": np.where(rng.random(rows) < 0.9 - shift / 4, 0.0, rng.exponential(size=rows)),
            "delay": rng.pareto(0.7, rows) * (1 + shift),
            "wind": np.where(rng.random(rows) < 0.05 + shift / 10, np.nan, rng.gamma(2, 4, rows)),
            "when": pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 86_400 * 90, rows), unit="s"),
            "carrier": rng.choice(["UA", "B6", "EV", "DL", "AA", "HA"], rows, p=[0.3, 0.2, 0.2, 0.15, 0.149, 0.001]),
            "dest": rng.zipf(1.6, rows).clip(max=5000).astype(str),
            "late": late,
            "gate": pd.Categorical(np.where(rng.random(rows) < 0.5, "A", np.where(late, "B", "C"))),
        }
    )


def by_subject(result: GateResult) -> dict[str, Check]:
    return {check.subject: check for check in result.checks}


@pytest.fixture(scope="module")
def reference() -> pd.DataFrame:
    return table(0)


@pytest.mark.parametrize("shift", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("kind", ["rows", "profile", "merged"])
def test_a_profile_answers_as_the_rows_do(reference: pd.DataFrame, shift: float, kind: str) -> None:
    current = table(1, shift=shift)
    profile = profile_table(reference)
    if kind == "merged":
        profile = merge_profiles(*(profile_table(reference.iloc[day::10]) for day in range(10)))
    other = profile_table(current) if kind == "profile" else current
    rows, found = (by_subject(check_drift(side, now)) for side, now in ((reference, current), (profile, other)))

    assert list(found) == list(rows)
    for subject, check in found.items():
        low, high = check.details.get("distance_interval", [check.observed, check.observed])
        assert low - 1e-9 <= rows[subject].details["distance"] <= high + 1e-9 or subject == "dest"
        if check.code != "MLG520":
            assert (check.outcome, check.severity) == (rows[subject].outcome, rows[subject].severity)
        assert check.code != "MLG520" or subject == "dest"


def test_the_sides_may_change_places(reference: pd.DataFrame) -> None:
    current = table(1, shift=0.3)
    profile = profile_table(current)
    rows, found = (by_subject(check_drift(reference, now)) for now in (current, profile))

    for subject in ("temp", "rain", "delay", "carrier", "wind:missing"):
        assert found[subject].outcome is rows[subject].outcome
        assert found[subject].observed == pytest.approx(rows[subject].observed, abs=0.002)


BY_NAME = ("psi", "ks", "total_variation", "jensen_shannon", "hellinger", "cramers_v", "wasserstein", "energy")


@pytest.mark.parametrize("judge", BY_NAME)
@pytest.mark.parametrize("merged", [False, True])
def test_statistics_by_name_are_those_of_the_rows(reference: pd.DataFrame, judge: Any, merged: bool) -> None:
    current = table(1, shift=0.3)
    parts = [profile_table(reference.iloc[day::4]) for day in range(4)]
    profile = merge_profiles(*parts) if merged else profile_table(reference)
    rows, found = (by_subject(check_drift(side, current, judge=judge)) for side in (reference, profile))

    for subject in ("temp", "score", "hour", "wind", "carrier", "late", "gate"):
        assert found[subject].observed == pytest.approx(rows[subject].observed, abs=0.01)


columns = st.one_of(
    st.lists(st.integers(0, 5), min_size=60, max_size=200).map(lambda values: np.array(values, dtype=float)),
    st.tuples(st.integers(0, 99), st.integers(60, 300), st.floats(0, 2)).map(
        lambda drawn: np.random.default_rng(drawn[0]).normal(drawn[2], 1, drawn[1])
    ),
)


@given(columns, columns, st.integers(1, 30), st.integers(2, 64))
@settings(max_examples=60, deadline=None)
def test_a_profile_never_contradicts_the_rows(before: np.ndarray, after: np.ndarray, min_rows: int, cells: int) -> None:
    first, second = pd.DataFrame({"x": before}), pd.DataFrame({"x": after})
    rows = by_subject(check_drift(first, second, columns=["x"]))["x"]
    found = by_subject(check_drift(profile_table(first, min_rows=min_rows, cells=cells), second, columns=["x"]))["x"]

    low, high = found.details["distance_interval"]
    assert low - 1e-9 <= rows.details["distance"] <= high + 1e-9
    assert {found.outcome, rows.outcome} != {Outcome.PASS, Outcome.FAIL}
    if found.outcome is Outcome.PASS:
        assert rows.outcome is Outcome.PASS


def test_a_profile_too_coarse_for_the_limit_is_inconclusive_and_says_so() -> None:
    rng = np.random.default_rng(0)
    before, after = pd.DataFrame({"x": rng.normal(size=N)}), pd.DataFrame({"x": rng.normal(0.5, 1, N)})
    (check,) = check_drift(profile_table(before, cells=4), after).checks

    assert (check.code, check.outcome) == ("MLG520", Outcome.INCONCLUSIVE)
    assert "the profile is too coarse: it does not tell whether the limit of 0.2 is reached" in check.message
    assert "more cells" in check.fix


def test_a_rare_level_of_a_profile_is_not_called_new() -> None:
    before = pd.DataFrame({"c": ["a"] * 5000 + ["b"] * 4000 + ["once", "twice"] * 10})
    after = pd.DataFrame({"c": ["a"] * 5000 + ["b"] * 4000 + ["once", "fresh"] * 10})
    (check,) = check_drift(profile_table(before), after).checks

    assert check.outcome is Outcome.PASS
    assert "levels that the profile does not name, rare or new: fresh, once" in check.message


def test_a_level_is_new_where_the_profile_names_all() -> None:
    before = pd.DataFrame({"c": ["a"] * 5000 + ["b"] * 4000})
    after = pd.DataFrame({"c": ["a"] * 5000 + ["b"] * 1000 + ["fresh"] * 3000})
    (check,) = check_drift(profile_table(before), after).checks

    assert check.outcome is Outcome.FAIL
    assert "levels not in the reference: fresh" in check.message


def test_many_new_levels_cannot_hide_among_rare_ones() -> None:
    before = pd.DataFrame({"c": ["a"] * 9000 + [f"rare {i}" for i in range(500)]})
    after = pd.DataFrame({"c": ["a"] * 5000 + [f"new {i}" for i in range(4000)]})
    (check,) = check_drift(profile_table(before), after).checks

    assert check.outcome is Outcome.FAIL


@pytest.mark.slow
@pytest.mark.parametrize("judge", ["distance", "jensen_shannon"])
def test_picking_the_frequent_levels_raises_no_alarm(judge: Any) -> None:
    """200 runs without drift, 400 levels of about 20 rows in the reference: half of them by chance have enough."""
    alarms = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        shares = np.concatenate([np.full(4, 0.1), np.full(400, 0.6 / 400)])
        before, after = (pd.DataFrame({"c": rng.choice(404, 13_000, p=shares).astype(str)}) for _ in range(2))
        (check,) = check_drift(profile_table(before), after, judge=judge, max_distance=0.02, warn_distance=0.01).checks
        alarms += check.outcome is Outcome.FAIL

    assert alarms <= 14  # 5 % of 200, and two standard deviations


def test_a_sensitive_column_is_judged_by_what_is_missing_alone() -> None:
    before, after = table(0, 5000), table(1, 5000)
    after.loc[:2500, "wind"] = np.nan
    result = check_drift(profile_table(before, sensitive=["wind", "carrier"]), after)
    found = by_subject(result)

    assert found["wind:missing"].outcome is Outcome.FAIL
    assert "wind" not in found
    assert "carrier" not in found
    (note,) = (check for check in result.checks if check.outcome is Outcome.SKIP)
    assert (note.code, note.severity) == ("MLG520", "note")
    assert "wind, carrier" in note.message


def test_a_profile_of_sensitive_columns_only_is_no_pass() -> None:
    before = pd.DataFrame({"x": np.arange(100.0)})

    assert check_drift(profile_table(before, sensitive=["x"]), before).outcome is Outcome.ERROR


def test_an_identifier_stays_one_and_is_not_compared() -> None:
    before, after = pd.DataFrame({"id": range(500), "x": 1.0}), pd.DataFrame({"id": range(500, 900), "x": 1.0})

    assert by_subject(check_drift(profile_table(before), after))["id"].code == "MLG506"
    assert by_subject(check_drift(profile_table(before), profile_table(after)))["id"].code == "MLG506"


@pytest.mark.parametrize("columns", [None, ["id"]])
def test_what_a_profile_took_for_an_identifier_cannot_be_compared(columns: Any) -> None:
    before = pd.DataFrame({"id": range(500), "x": 1.0})
    after = pd.DataFrame({"id": [1, 2] * 200, "x": 1.0})
    check = by_subject(check_drift(profile_table(before), after, columns=columns))["id"]

    assert (check.code, check.outcome, check.severity) == ("MLG520", Outcome.INCONCLUSIVE, "block")


def test_columns_of_another_type_are_an_error_as_with_rows() -> None:
    before, after = pd.DataFrame({"x": np.arange(50.0) % 7}), pd.DataFrame({"x": ["a"] * 50})

    assert check_drift(profile_table(before), after).checks[0].code == "MLG504"


def test_categories_of_numbers_are_no_numbers() -> None:
    numbers = pd.DataFrame({"x": [1, 2] * 500})

    for before, after in ((numbers, numbers.astype("category")), (numbers.astype("category"), numbers)):
        assert check_drift(profile_table(before), after).checks[0].code == "MLG504"


def test_time_ranges_that_do_not_overlap_are_said_so() -> None:
    before, after = table(0, 5000)[["when"]], table(1, 5000)[["when"]] + pd.Timedelta("200D")

    for other in (after, profile_table(after)):
        assert check_drift(profile_table(before), other).checks[0].code == "MLG507"


def test_infinite_values_are_counted_and_compared() -> None:
    before = pd.DataFrame({"x": np.concatenate([np.full(500, np.inf), np.arange(500.0)])})
    after = pd.DataFrame({"x": np.concatenate([np.full(200, -np.inf), np.arange(800.0)])})
    (check,) = check_drift(profile_table(before), after).checks

    assert "500 infinite values in the reference" in check.message
    assert check.observed == pytest.approx(check_drift(before, after).checks[0].details["distance"], abs=0.03)


@pytest.mark.parametrize(
    ("settings", "word"),
    [({"block": 100}, "block"), ({"season": "month"}, "season"), ({"within": ["carrier"]}, "within")],
)
def test_what_needs_the_rows_says_so(settings: dict[str, Any], word: str) -> None:
    before, after = table(0, 3000), table(1, 3000)
    result = check_drift(profile_table(before, time="when"), after, time="when", **settings)

    assert result.outcome is Outcome.ERROR
    assert any(f"{word} needs rows, and the reference is a profile" in check.message for check in result.checks)


def test_a_path_to_a_profile_is_read(tmp_path: Path) -> None:
    before, after = table(0, 3000), table(1, 3000)
    path = profile_table(before).write(tmp_path / "p.json")

    assert check_drift(path, after).checks == check_drift(Profile.read(path), after).checks
    assert check_drift(str(path), after).checks == check_drift(path, after).checks


def test_a_gate_that_needs_rows_refuses_a_profile() -> None:
    result = check_schema(profile_table(table(0, 3000)), "schema.yaml")  # type: ignore[arg-type]

    assert result.outcome is Outcome.ERROR


def test_rows_are_not_to_be_had_of_a_profile() -> None:
    with pytest.raises(InputError, match="'train' is a profile, which holds no rows"):
        Inputs(values={"train": profile_table(table(0, 3000))}).table("train")


def test_the_schema_gate_leaves_a_profile_out_and_says_so(tmp_path: Path) -> None:
    import pandera.pandas as pa

    frame = pd.DataFrame({"x": np.arange(50.0) % 7})
    schema = pa.DataFrameSchema({"x": pa.Column(float)})
    inputs = Inputs(facts=Facts(), values={"reference": profile_table(frame), "train": frame})
    result = run_gate(SCHEMA, SCHEMA.settings(schema=schema), inputs)
    (skipped,) = (check for check in result.checks if check.outcome is Outcome.SKIP)

    assert (skipped.code, skipped.subject) == ("MLG209", "reference")
    named = run_gate(SCHEMA, SCHEMA.settings(schema=schema, tables=("reference",)), inputs)
    assert named.outcome is Outcome.ERROR
