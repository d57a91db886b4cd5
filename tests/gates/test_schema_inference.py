"""An inferred contract accepts what it came from and a fresh sample, and refuses what is broken."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.pandas import column, data_frames
from sklearn import datasets

from pytest_mlgate.checks import InputError, Outcome, describe
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.tables.contract import parse_contract
from pytest_mlgate.tables.inference import infer_contract


def sample(seed: int, n: int = 1000) -> pd.DataFrame:
    """Columns of many shapes, light and heavy tails, rare and common levels."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "normal": rng.normal(50, 20, n),
            "small": rng.normal(0.002, 0.0001, n),
            "exponential": rng.exponential(3, n),
            "lognormal": rng.lognormal(0, 1, n),
            "uniform": rng.uniform(0, 1, n),
            "count": rng.poisson(3, n),
            "celsius": rng.normal(8, 4, n).round().astype(int),
            "hour": rng.integers(0, 24, n),
            "origin": rng.choice(["JFK", "LGA", "no"], n),
            "tail": [f"N{i}" for i in rng.zipf(1.5, n)],
            "sometimes": np.where(rng.random(n) < 0.1, np.nan, rng.random(n)),
            "flag": rng.random(n) < 0.3,
            "time": pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 10**6, n), unit="s"),
            "row_id": rng.permutation(10**6)[:n],
            "late": rng.integers(0, 2, n),
        }
    )


@pytest.fixture(scope="module")
def contract():
    return parse_contract(infer_contract(sample(0), target="late"))


def told(frame, contract) -> set[str]:
    return {check.subject for check in check_schema(frame, contract).checks if check.outcome is not Outcome.PASS}


def test_it_accepts_its_own_rows_and_fresh_ones(contract):
    refused = [seed for seed in range(100) if told(sample(seed), contract)]

    # Far tails make some refusal possible; seeded, none of the hundred is.
    assert refused == []


@pytest.mark.parametrize("load", ["load_iris", "load_wine", "load_breast_cancer", "load_diabetes"])
def test_halves_of_real_tables_fit_each_others_contract(load):
    frame = getattr(datasets, load)(as_frame=True).frame.sample(frac=1, random_state=0)
    half = len(frame) // 2
    text = infer_contract(frame.iloc[:half], target="target")

    result = check_schema(frame.iloc[half:], parse_contract(text))

    assert result.outcome is Outcome.PASS, "\n".join(map(describe, result.checks))


CORRUPTIONS = {
    "unseen level": (lambda f: f.assign(origin=f["origin"].where(f.index != 3, "XXX")), "origin.isin"),
    "missing value": (lambda f: f.assign(normal=f["normal"].where(f.index != 3)), "normal.nullable"),
    "missing integer": (lambda f: f.assign(hour=f["hour"].where(f.index != 3)), "hour.nullable"),
    "missing column": (lambda f: f.drop(columns="uniform"), "uniform.required"),
    "renamed column": (lambda f: f.rename(columns={"hour": "Hour"}), "hour.required"),
    "number as text": (lambda f: f.assign(normal=f["normal"].astype(str)), "normal.dtype"),
    "date as text": (lambda f: f.assign(time=f["time"].astype(str)), "time.dtype"),
    "boolean as number": (lambda f: f.assign(flag=f["flag"].astype(int)), "flag.dtype"),
    "text as number": (lambda f: f.assign(origin=1), "origin.dtype"),
    "integer as fraction": (lambda f: f.assign(hour=f["hour"] / 7), "hour.dtype"),
    "repeated id": (lambda f: f.assign(row_id=f["row_id"].where(f.index != 3, f["row_id"].iloc[4])), "row_id.unique"),
    "third class": (lambda f: f.assign(late=f["late"].where(f.index != 3, 2)), "late.isin"),
    "sentinel": (lambda f: f.assign(uniform=f["uniform"].where(f.index != 3, -999.0)), "uniform.in_range"),
    "infinite": (lambda f: f.assign(uniform=f["uniform"].where(f.index != 3, np.inf)), "uniform.in_range"),
    **{
        f"{name} in another unit": (lambda f, name=name: f.assign(**{name: f[name] * 100}), f"{name}.in_range")
        for name in ("normal", "small", "exponential", "lognormal", "uniform", "count", "celsius", "hour", "sometimes")
    },
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_it_refuses_a_broken_table_for_that_reason_only(contract, name):
    corrupt, reason = CORRUPTIONS[name]

    found = told(corrupt(sample(1)), contract)

    assert len(found) == 1
    assert next(iter(found)).startswith(f"table.{reason}")


def test_a_set_is_closed_only_where_each_level_was_seen_often():
    frame = pd.DataFrame(
        {"often": ["a"] * 30 + ["b"] * 20, "rare": ["a"] * 31 + ["b"] * 19, "many": map(str, range(50))}
    )

    often, rare, many = parse_contract(infer_contract(frame)).columns

    assert often.checks == {"isin": (["a", "b"],)}
    assert "isin" not in {*rare.checks, *many.checks}
    assert '"b" was seen in 19 rows only' in infer_contract(frame)


def test_a_range_around_zero_has_as_much_room_on_each_side():
    values = np.random.default_rng(5).normal(0.001, 1, 5000)

    low, high = parse_contract(infer_contract(pd.DataFrame({"x": values}))).columns[0].checks["in_range"]

    assert -9 < low < -6
    assert 6 < high < 9


def test_the_largest_value_seen_in_another_unit_is_always_refused():
    skewed = np.r_[np.full(600, 1e-6), np.linspace(1e-6, 1, 400)]

    contract = parse_contract(infer_contract(pd.DataFrame({"x": skewed})))

    assert told(pd.DataFrame({"x": skewed * 100}), contract) == {"table.x.in_range"}


def test_a_small_table_of_whole_numbers_is_not_held_to_whole_numbers():
    few, enough = pd.DataFrame({"price": range(10, 59)}), pd.DataFrame({"price": range(10, 60)})

    assert parse_contract(infer_contract(few)).columns[0].dtype == "number"
    assert parse_contract(infer_contract(enough)).columns[0].dtype == "integer"


def test_only_columns_named_like_an_id_are_unique():
    frame = pd.DataFrame({name: range(40) for name in ("row_id", "id", "userId", "paid", "distance", "key")})

    unique = [column.name for column in parse_contract(infer_contract(frame, id_column="key")).columns if column.unique]

    assert unique == ["row_id", "id", "userId", "key"]


@pytest.mark.parametrize(
    "name",
    ["", " ", "no", "1", "null", "a: b", "#x", "é", "😀", "שלום", '"', "'", "a\nb", "- a", "x" * 200, "\x85", "\u2028"],
)
def test_odd_column_names_and_levels_round_trip(name):
    frame = pd.DataFrame({name: [name] * 30, "other": [f"{name}{i}" for i in range(30)]})

    contract = parse_contract(infer_contract(frame, source=f"odd {name}.csv"))

    assert [column.name for column in contract.columns] == [name, "other"]
    assert contract.columns[0].checks == {"isin": ([name],)}
    assert told(frame, contract) == set()


def test_a_level_cannot_leave_its_comment():
    text = infer_contract(pd.DataFrame({"x": ["a\nstrict: true"] * 3 + ["b"]}), source="t\nstrict: true")

    assert parse_contract(text).strict is False


def test_no_rows_no_contract():
    with pytest.raises(InputError, match="0 rows"):
        infer_contract(pd.DataFrame({"a": []}))
    with pytest.raises(InputError, match="twice"):
        infer_contract(pd.DataFrame([[1, 2]], columns=["a", "a"]))


ANY_FLOAT = st.floats(allow_nan=True, allow_infinity=True, width=64)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    data_frames(
        [
            column("f", elements=ANY_FLOAT, dtype=float),
            column("i", elements=st.integers(-(2**63), 2**63 - 1), dtype="int64"),
            column("s", elements=st.one_of(st.none(), st.text(max_size=5)), dtype=object),
            column(
                "m", elements=st.one_of(st.none(), st.integers(-5, 5), st.text(max_size=2), st.booleans()), dtype=object
            ),
            column("b", elements=st.booleans(), dtype=bool),
        ]
    ),
    st.integers(1, 40),
)
def test_any_table_fits_the_contract_inferred_from_it(frame, times):
    if not len(frame):
        return
    frame = pd.concat([frame] * times, ignore_index=True)

    contract = parse_contract(infer_contract(frame, target="i"))
    broken = [check for check in check_schema(frame, contract).checks if check.outcome is Outcome.FAIL]

    assert broken == []


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("shift", [0, 18])
def test_a_range_never_crosses_zero_where_no_value_does(sign, shift):
    ages = np.abs(np.random.default_rng(1).normal(25, 12, 3000)) + shift

    low, high = parse_contract(infer_contract(pd.DataFrame({"age": sign * ages}))).columns[0].checks["in_range"]

    assert low * high >= 0
    assert low <= (sign * ages).min() <= (sign * ages).max() <= high


def test_dates_as_text_are_text_with_a_comment():
    days = [f"2021-01-{day:02d}" for day in range(1, 11)] * 30
    text = infer_contract(pd.DataFrame({"signup": days, "plan": ["a", "b"] * 150}))

    signup, plan = parse_contract(text).columns

    assert (signup.dtype, signup.checks) == ("string", {})
    assert "# dates as text (ISO 8601), from 2021-01-01 to 2021-01-10; left open" in text
    assert plan.checks == {"isin": (["a", "b"],)}
