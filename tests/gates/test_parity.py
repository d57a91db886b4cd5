"""Gate parity: each way of asking finds a defect that no other way shows."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from pytest_mlgate.checks import Check, GateResult, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.parity import GATE, Settings, check_parity
from pytest_mlgate.gates.parity.answers import Answer, SideError, join, take, to_answer
from pytest_mlgate.gates.parity.comparison import Tolerance, Tolerances, compare, differ, other_columns
from tests.gates.parity_catalogue import CONTRACT, Equivalent, Skewed, equivalent_pairs, orders, skewed_pairs

ROWS = 40


def flights(n: int = ROWS) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "carrier": rng.choice(["UA", "DL", "OO"], n),
            "distance": rng.integers(100, 3000, n),
            "temp": rng.normal(60, 15, n).round(1),
            "scheduled": pd.date_range("2013-07-01 00:30", periods=n, freq="7h"),
        }
    )
    rows.loc[3, "temp"] = np.nan
    return rows


def build(rows: pd.DataFrame) -> pd.DataFrame:
    """The training side of all tests here: features of one row at a time."""
    return pd.DataFrame(
        {
            "km": rows["distance"] * 1.609344,
            "celsius": (rows["temp"] - 32) / 1.8,
            "hour": rows["scheduled"].dt.hour,
            "airline": rows["carrier"].str.lower(),
        }
    )


def parity(serve: Any, train: Any = build, rows: pd.DataFrame | None = None, **settings: Any) -> GateResult:
    settings = {"examples": 0, **settings}
    return check_parity(train, serve, flights() if rows is None else rows, **settings)


def only(result: GateResult) -> Check:
    (check,) = result.checks
    return check


# Sides that agree


def test_the_same_function_twice_passes_and_says_how_it_was_asked() -> None:
    check = only(parity(build))

    assert (check.id, check.code, check.outcome, check.n) == ("parity", "MLG301", Outcome.PASS, ROWS)
    assert check.message == (
        "4 columns agree on 40 rows of serving, asked all at once, a second time, in batches of 7, shuffled, with the "
        "columns in another order and one by one"
    )
    assert check.details["asked"]["serving"]["one_by_one"] == ROWS


def test_rows_of_both_tables_are_asked_and_serve_never_sees_the_label() -> None:
    seen: list[set[str]] = []

    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        seen.append(set(rows.columns))
        return build(rows)

    result = parity(serve, train_rows=flights().assign(late=1), target="late")

    assert only(result).message.startswith("4 columns agree on 40 rows of serving and 40 rows of train")
    assert all(columns == set(flights().columns) for columns in seen)


def test_tables_may_have_other_columns_and_differ_for_another_reason() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return build(rows.assign(temp=rows["temp"].fillna(0), distance=rows["distance"].clip(upper=5000)))

    training = flights().assign(late=1, delay=3.5, distance=flights()["distance"] * 10)

    result = parity(serve, train_rows=training, target="late", examples=20)

    assert {check.subject: check.details["table"] for check in result.checks} == {"celsius": "serving", "km": "train"}
    assert [set(check.details["rows"][0]) - set(flights().columns) for check in result.checks] == [
        set(),
        {"late", "delay"},
    ]


def test_a_label_that_training_returns_is_not_compared() -> None:
    rows = flights().assign(late=1)

    result = parity(build, lambda given: build(given).assign(late=given["late"]), rows, target="late")

    assert result.outcome is Outcome.PASS


# Each pattern has a defect that only it finds


def differs_in(result: GateResult, column: str, code: str, patterns: set[str]) -> Check:
    check = next(check for check in result.checks if check.subject == column)
    assert (check.code, check.outcome) == (code, Outcome.FAIL)
    assert set(check.details["patterns"]) == patterns
    return check


def test_another_value_for_a_missing_one_shows_however_rows_are_asked() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return build(rows.assign(temp=rows["temp"].fillna(0)))

    check = only(parity(serve))

    assert check.id == "parity:celsius"
    assert check.code == "MLG302"
    assert (check.observed, check.limit, check.n) == (1 / ROWS, 0.0, ROWS)
    assert check.message.startswith(
        "1 of 40 rows of serving differ, however they are asked; serve has a value in 1 where train has none; "
        "row 3: train missing, serve -17.7778; that row: "
    )


def test_a_statistic_of_the_batch_shows_one_by_one_and_in_batches() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        filled = rows["temp"].fillna(rows["temp"].mean())
        return build(rows.assign(temp=filled))

    def train(rows: pd.DataFrame) -> pd.DataFrame:
        return build(rows.assign(temp=rows["temp"].fillna(flights()["temp"].mean())))

    check = differs_in(parity(serve, train), "celsius", "MLG305", {"one_by_one", "batches"})

    assert "one by one and in batches of 7 only" in check.message


def test_dummies_of_one_row_are_missing_columns_one_by_one_only() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return pd.get_dummies(rows["carrier"], dtype=int)

    result = parity(serve, lambda rows: pd.get_dummies(rows["carrier"].astype(str), dtype=int))

    check = differs_in(result, "UA", "MLG305", {"one_by_one"})
    assert "serve has no value in" in check.message


def test_what_only_breaks_in_small_batches_shows_there_alone() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        built = build(rows)
        return built.assign(km=0.0) if 1 < len(rows) < ROWS else built

    differs_in(parity(serve), "km", "MLG305", {"batches"})


def test_a_difference_to_the_row_before_shows_when_rows_are_shuffled() -> None:
    def previous(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[[]].assign(newest=rows["scheduled"] >= rows["scheduled"].cummax())

    def train(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[[]].assign(newest=True)

    check = differs_in(parity(previous, train), "newest", "MLG306", {"shuffled"})

    assert "shuffled only" in check.message


def test_columns_taken_by_position_show_when_the_columns_are_in_another_order() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return build(rows).assign(km=pd.to_numeric(rows.iloc[:, 1], errors="coerce") * 1.609344)

    differs_in(parity(serve), "km", "MLG307", {"columns"})


def test_what_is_kept_between_calls_shows_the_second_time() -> None:
    calls: list[int] = []

    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        calls.append(len(rows))
        return build(rows).assign(hour=rows["scheduled"].dt.hour + (len(calls) == 2))

    check = differs_in(parity(serve), "hour", "MLG304", {"again"})

    assert "a second time only" in check.message


def module(folder: Path, source: str) -> str:
    """Write a module that is imported under a name of its own, and return that name."""
    name = f"sides_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(f"import time\nimport pandas as pd\n{source}")
    return name


def configured(folder: Path, rows: pd.DataFrame, **settings: Any) -> GateResult:
    inputs = Inputs(facts=Facts(import_roots=(str(folder),), target="late"), values={"holdout": rows})
    return run_gate(GATE, Settings(**{"examples": 0, **settings}), inputs)


@pytest.mark.parametrize(
    "body",
    [
        "rows['carrier'].map(hash) % 1000",
        "[time.localtime(at.timestamp()).tm_hour for at in rows['scheduled']]",
    ],
    ids=["text hash", "time zone"],
)
def test_what_hangs_on_the_process_shows_in_a_second_one(tmp_path: Path, body: str) -> None:
    name = module(tmp_path, f"def build(rows):\n    return rows[[]].assign(feature={body})\n")

    result = configured(tmp_path, flights(), train=f"{name}:build", serve=f"{name}:build")

    check = differs_in(result, "feature", "MLG308", {"process"})
    assert "in a second process only" in check.message


def test_numbers_text_moments_and_missing_values_come_back_from_the_second_process(tmp_path: Path) -> None:
    name = module(
        tmp_path,
        "def build(rows):\n    print('as chatty as can be')\n"
        "    return rows.assign(half=rows['distance'] / 3, gap=rows['scheduled'] - pd.Timestamp('2013-01-01'),\n"
        "                       kind=rows['carrier'].astype('category'), parts=rows['carrier'].map(list),\n"
        "                       maybe=rows['temp'].round().astype('Int64'))\n",
    )

    check = only(configured(tmp_path, flights(), train=f"{name}:build", serve=f"{name}:build"))

    assert check.outcome is Outcome.PASS
    assert check.details["asked"]["holdout"]["process"] == ROWS


def test_a_side_that_ends_its_process_there_is_an_error_that_says_so(tmp_path: Path) -> None:
    source = (
        "import os\n"
        "def build(rows):\n    if os.environ.get('TZ') == 'Asia/Kathmandu':\n        os._exit(3)\n"
        "    return rows[['distance']]\n"
    )
    name = module(tmp_path, source)

    check = only(configured(tmp_path, flights(), train=f"{name}:build", serve=f"{name}:build"))

    assert (check.code, check.outcome, check.subject) == ("MLG310", Outcome.ERROR, "serve.raised")
    assert "ended its process with exit status 3" in check.message
    assert "in a second process" in check.message


# What a side does to its input, and with it


def test_a_side_that_changes_its_rows_is_named_with_the_columns() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        built = build(rows)
        rows["temp"] = 0.0
        rows["fresh"] = 1
        return built

    check = only(parity(serve))

    assert (check.id, check.code, check.outcome) == ("parity:serve.changes", "MLG309", Outcome.FAIL)
    assert check.message == "serve changes fresh, temp in the rows that it is given (serving)"


def test_a_training_side_that_changes_its_rows_is_found_and_does_not_harm_the_comparison() -> None:
    def train(rows: pd.DataFrame) -> pd.DataFrame:
        rows["distance"] *= 2
        return build(rows.assign(distance=rows["distance"] // 2))

    check = only(parity(build, train))

    assert check.id == "parity:train.changes"


def test_a_training_side_that_differs_from_itself_is_an_error_and_compared_with_nothing() -> None:
    rng = np.random.default_rng(0)

    check = only(parity(build, lambda rows: build(rows).assign(km=rng.random(len(rows)))))

    assert (check.id, check.code, check.outcome) == ("parity:km", "MLG314", Outcome.ERROR)
    assert "when it is asked twice" in check.message


@pytest.mark.parametrize("side", ["train", "serve"])
def test_a_side_that_raises_names_the_row_the_line_and_the_ways(side: str) -> None:
    def broken(rows: pd.DataFrame) -> pd.DataFrame:
        if rows["temp"].isna().any():
            raise ValueError("no temperature")
        return build(rows)

    check = only(parity(broken) if side == "serve" else parity(build, broken))

    assert (check.subject, check.code, check.outcome) == (f"{side}.raised", "MLG310", Outcome.ERROR)
    assert check.message.startswith(f"{side} raised ValueError (test_parity.py:")
    assert ": no temperature (row 3 of serving, asked all at once" in check.message


def test_sys_exit_in_a_side_is_an_error_of_that_side() -> None:
    check = only(parity(lambda rows: sys.exit("bye")))

    assert "serve raised SystemExit" in check.message


def test_what_is_raised_is_not_quoted_where_a_column_is_sensitive() -> None:
    def broken(rows: pd.DataFrame) -> pd.DataFrame:
        raise ValueError(f"carrier {rows['carrier'].iloc[0]}")

    check = only(parity(broken, sensitive=["carrier"]))

    assert "serve raised ValueError" in check.message
    assert "carrier" not in json.dumps(check.to_json())


def test_a_side_that_hangs_is_an_error_after_the_timeout() -> None:
    started = time.monotonic()

    check = only(parity(lambda rows: time.sleep(4), timeout=0.2))

    assert (check.subject, check.code, check.outcome) == ("serve.timeout", "MLG311", Outcome.ERROR)
    assert "gave no answer within 0.2 s" in check.message
    assert time.monotonic() - started < 3.5


@pytest.mark.parametrize(
    ("serve", "said"),
    [
        (lambda rows: build(rows).dropna(), "serve returned 39 rows for 40 (row 3 of serving"),
        (lambda rows: pd.concat([build(rows)] * 2), "serve returned 80 rows for 40"),
        (lambda rows: build(rows).sort_values("km"), "returned the rows in another order than they came"),
    ],
    ids=["fewer", "more", "moved"],
)
def test_rows_lost_added_or_moved_fail(serve: Callable[[pd.DataFrame], Any], said: str) -> None:
    check = next(check for check in parity(serve).checks if check.subject == "serve.rows")

    assert (check.code, check.outcome) == ("MLG313", Outcome.FAIL)
    assert said in check.message


@pytest.mark.parametrize("value", [None, 3, "text", np.zeros((2, 2, 2)), pd.DataFrame(index=range(ROWS))])
def test_what_is_no_table_is_an_error(value: Any) -> None:
    check = parity(lambda rows: value).checks[0]

    assert check.outcome is not Outcome.PASS
    assert check.code in ("MLG312", "MLG313")


def test_a_renamed_column_is_named_on_both_sides_with_its_likeness() -> None:
    result = parity(lambda rows: build(rows).rename(columns={"celsius": "celcius"}))

    assert [(check.subject, check.code) for check in result.checks] == [("celsius", "MLG303"), ("celcius", "MLG303")]
    assert "serve does not return it; it has 'celcius', and train has not" in result.checks[0].message


def test_excluded_columns_are_not_compared() -> None:
    result = parity(lambda rows: build(rows).assign(km=0, request="r1"), exclude=["km", "request"])

    assert result.outcome is Outcome.PASS


def test_a_gate_that_compares_nothing_is_an_error() -> None:
    check = only(parity(build, exclude=["km", "celsius", "hour", "airline"]))

    assert check.outcome is Outcome.ERROR
    assert "no column is left to compare" in check.message


# Tolerances


def test_a_column_may_have_a_tolerance_of_its_own() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return build(rows).assign(km=lambda built: built["km"].round(1))

    assert parity(serve).outcome is Outcome.FAIL
    assert parity(serve, columns={"km": {"atol": 0.06}}).outcome is Outcome.PASS
    assert parity(serve, atol=0.06).outcome is Outcome.PASS


def test_single_precision_is_within_the_default() -> None:
    assert parity(lambda rows: build(rows).astype({"km": "float32", "celsius": "float32"})).outcome is Outcome.PASS


def test_values_of_a_sensitive_column_are_shown_nowhere() -> None:
    rows = flights().assign(income=np.arange(ROWS) * 1000.5 + 7.25)

    result = parity(
        lambda given: build(given).assign(income=given["income"] + 13),
        lambda given: build(given).assign(income=given["income"]),
        rows,
        sensitive=["income"],
        examples=20,
    )

    text = json.dumps([check.to_json() for check in result.checks])
    assert only(result).subject == "income"
    assert "values hidden" in text
    assert "13.0" not in text
    assert "7.25" not in text
    assert "7.75" not in text


# Rows, budgets, sides


def test_a_pass_says_how_many_rows_were_asked_one_by_one_where_the_time_was_short() -> None:
    def slow(rows: pd.DataFrame) -> pd.DataFrame:
        time.sleep(0.01)
        return build(rows)

    check = only(parity(slow, seconds=0.05))

    assert check.outcome is Outcome.PASS
    assert "one by one" in check.message
    assert f"of {ROWS} rows of serving, then the time was up" in check.message
    assert 3 <= check.details["asked"]["serving"]["one_by_one"] < ROWS


def test_rows_are_counted_as_the_table_counts_them() -> None:
    rows = flights(2000)
    rows.loc[1234, "temp"] = 1e6

    result = parity(lambda given: build(given.assign(temp=given["temp"].clip(upper=200))), rows=rows, n_rows=50)

    assert "row 1234: train" in only(result).message


def test_an_estimator_is_asked_to_transform_and_its_columns_are_named() -> None:
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(flights()[["distance", "temp"]])

    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return ((rows[["distance", "temp"]] - scaler.mean_) / scaler.scale_).assign(temp=0)

    assert (
        only(parity(serve, scaler, send=["distance", "temp"], rows=flights()[["distance", "temp"]])).subject == "temp"
    )


def test_an_asynchronous_function_is_waited_for() -> None:
    async def serve(rows: pd.DataFrame) -> pd.DataFrame:
        return build(rows)

    assert parity(serve).outcome is Outcome.PASS


def test_arrays_are_compared_by_position_with_frames() -> None:
    numbers = ["km", "celsius", "hour"]

    result = parity(
        lambda rows: build(rows)[numbers].to_numpy() + np.array([0, 0, 1]), lambda rows: build(rows)[numbers]
    )

    assert only(result).subject == "hour"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"send": ["distance", "late"]}, "`send` names the target 'late'"),
        ({"send": ["distanc"]}, "serving has no column 'distanc', which `send` names"),
    ],
)
def test_columns_to_send_that_cannot_be_sent_are_errors(settings: dict[str, Any], message: str) -> None:
    check = only(parity(build, rows=flights().assign(late=1), target="late", **settings))

    assert (check.code, check.outcome) == ("MLG002", Outcome.ERROR)
    assert message in check.message


@pytest.mark.parametrize(
    ("values", "settings", "message"),
    [
        ({}, {}, "no table is configured"),
        ({}, {"tables": ["holdout"]}, "`tables` names 'holdout', and no holdout is configured"),
        ({"holdout": pd.DataFrame({"a": []})}, {}, "holdout has no rows"),
        ({"holdout": pd.DataFrame({"a": [1]})}, {"train": "no_such_module:f"}, "no_such_module does not import"),
        ({"holdout": pd.DataFrame({"a": [1]})}, {"train": "json:dump"}, ""),
        ({"holdout": pd.DataFrame({"a": [1]})}, {"train": "json:loadz"}, "did you mean `load"),
        ({"holdout": pd.DataFrame({"a": [1]})}, {"train": "json:JSONDecoder"}, "is the class JSONDecoder"),
        ({"holdout": pd.DataFrame({"a": [1]})}, {"train": "string:digits"}, "cannot be asked"),
        ({"holdout": pd.DataFrame({"a": [1]})}, {"path": "/features"}, "not an ASGI or WSGI app"),
    ],
)
def test_what_cannot_be_compared_is_an_error_with_one_message(
    values: dict[str, Any], settings: dict[str, Any], message: str
) -> None:
    settings = {"train": lambda rows: rows, "serve": lambda rows: rows, **settings}

    result = run_gate(GATE, Settings(**settings), Inputs(values=values))

    assert result.outcome is Outcome.ERROR
    assert message in result.checks[0].message


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"train": 3}, "give a function, or an import path"),
        ({"train": "features.build"}, "'features.build' is neither an import path"),
        ({"serve": "candidate"}, "'candidate' is neither an import path"),
        ({"path": "features"}, "should begin with a slash"),
        ({"request": "a:b"}, "`request` is for a service"),
        ({"rows": 1}, "greater than or equal to 2"),
        ({"tables": []}, "the list is empty"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Settings(**{"train": "a:b", "serve": "a:c", **settings})


# The smallest row


def test_a_rare_difference_comes_with_the_smallest_row_that_shows_it() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        built = build(rows)
        built.loc[(rows["carrier"] == "OO") & (rows["distance"] > 2000), "airline"] = "sky"
        return built

    check = only(parity(serve, examples=200))

    assert check.id == "parity:airline"
    assert 'smallest row: {"' in check.message
    assert set(check.details["telling"]) <= {"carrier", "distance"}
    (row,) = check.details["rows"]
    assert row["carrier"] == "OO"
    assert row["distance"] > 2000


def test_a_changed_row_finds_what_no_real_row_shows() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        built = build(rows)
        return built.assign(celsius=built["celsius"].where(rows["temp"] != 0, 99.0))

    rows = flights()
    rows.loc[4, "temp"] = -20.0

    assert parity(serve, rows=rows).outcome is Outcome.PASS
    check = only(parity(serve, rows=rows, examples=300))
    assert (check.code, check.subject) == ("MLG315", "celsius")
    assert check.details["rows"][0]["temp"] == 0


def test_duplicates_that_a_service_drops_are_found_though_no_real_row_comes_twice() -> None:
    check = only(parity(lambda rows: build(rows.drop_duplicates()), examples=200))

    assert (check.code, check.subject) == ("MLG315", "serve.rows")
    assert len(check.details["rows"]) == 2


def test_what_a_service_raises_on_a_changed_row_counts_where_a_schema_allows_the_row() -> None:
    import pandera.pandas as pa

    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        codes = {"UA": 0, "DL": 1, "OO": 2}
        rows["carrier"].map(lambda carrier: codes[carrier])
        return build(rows)

    schema = pa.DataFrameSchema({"carrier": pa.Column(str, pa.Check.isin(["UA", "DL", "OO", "HA"]))})

    assert parity(serve, examples=100).outcome is Outcome.PASS
    check = only(parity(serve, examples=100, schema=schema))
    assert (check.code, check.subject) == ("MLG315", "serve.raised")
    assert check.details["rows"][0]["carrier"] == "HA"


def test_a_service_that_hangs_on_a_changed_row_does_not_pass() -> None:
    def serve(rows: pd.DataFrame) -> pd.DataFrame:
        time.sleep(3 if (rows["temp"] == 0).any() else 0)
        return build(rows)

    rows = flights()
    rows.loc[4, "temp"] = -20.0

    check = only(parity(serve, rows=rows, examples=300, timeout=0.2))

    assert (check.code, check.subject) == ("MLG311", "serve.timeout")


@pytest.mark.slow
@pytest.mark.parametrize("pair", list(skewed_pairs()), ids=lambda pair: pair.name)
def test_the_gate_blocks_every_known_way_to_differ(pair: Skewed) -> None:
    train, serve = pair.make()

    result = check_parity(train, serve, orders(), schema=CONTRACT, target="late")

    assert result.outcome in (Outcome.FAIL, Outcome.ERROR)


@pytest.mark.slow
@pytest.mark.parametrize("pair", list(equivalent_pairs()), ids=lambda pair: pair.name)
def test_the_gate_passes_two_ways_to_compute_the_same(pair: Equivalent) -> None:
    train, serve = pair.make()

    assert check_parity(train, serve, orders(), schema=CONTRACT, target="late", examples=50).outcome is Outcome.PASS


# Answers and their comparison


def answer(values: Any, rows: int | None = None) -> Answer:
    return to_answer(values, rows=len(values) if rows is None else rows, side="serve")


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([1, 2], [1.0, 2.0]),
        ([True, False], [1, 0]),
        ([1.0, np.nan], [1.0, None]),
        (pd.Series([1, None], dtype="Int64"), [1.0, np.nan]),
        (pd.to_datetime(["2013-07-01 10:00", None]), ["2013-07-01T10:00:00", None]),
        (pd.Series(["a", None], dtype="category"), ["a", None]),
        ([[1.0, None], [2.0, 3.0]], [[1.0, float("nan")], [2.0, 3.0]]),
        ([np.inf], [np.inf]),
    ],
)
def test_equal_values_of_another_type_are_equal(expected: Any, actual: Any) -> None:
    assert not differ(answer(pd.DataFrame({"x": expected})), answer([{"x": value} for value in actual]))


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        ([1], ["1"]),
        ([1.0], [None]),
        ([None, "a"], ["", "a"]),
        ([np.inf], [-np.inf]),
        ([2**53], [2**53 + 1]),
        ([100000], [100001]),
        (["a"], ["A"]),
        (pd.to_datetime(["2013-07-01 10:00"]), ["2013-07-01T11:00:00"]),
        (pd.to_datetime(["2013-07-01 10:00"], utc=True), ["2013-07-01T10:00:00"]),
        ([[1, 2]], [[1, 3]]),
        ([{"a": 1}], [{"b": 1}]),
    ],
)
def test_other_values_differ(expected: Any, actual: Any) -> None:
    (found,) = compare(answer(pd.DataFrame({"x": expected})), answer([{"x": value} for value in actual]))

    assert found.rows.tolist() == [0]


def test_a_difference_tells_where_how_much_and_the_first_rows() -> None:
    expected = answer(pd.DataFrame({"x": [1.0, 2.0, np.nan, 4.0]}))
    actual = answer(pd.DataFrame({"x": [1.0, 3.0, 0.0, np.nan]}))

    (found,) = compare(expected, actual, examples=2)

    assert found.rows.tolist() == [1, 2, 3]
    assert (found.share, found.largest, found.relative) == (0.75, 1.0, 0.5)
    assert (found.lost, found.made_up) == (1, 1)
    assert found.first == ((1, 2.0, 3.0), (2, None, 0.0))


def test_a_key_left_out_because_it_is_null_is_a_missing_value() -> None:
    expected = answer(pd.DataFrame({"a": [1.0, 2.0], "b": [np.nan, np.nan]}))

    assert not differ(expected, answer([{"a": 1.0}, {"a": 2.0}]))
    assert other_columns(answer(pd.DataFrame({"a": [1.0], "b": [3.0]})), answer([{"a": 1.0}])) is not None


@pytest.mark.parametrize(
    "value", [{"predictions": [0.1, 0.2]}, [0.1, 0.2], np.array([0.1, 0.2]), pd.Series([0.1, 0.2]), [[0.1], [0.2]]]
)
def test_predictions_come_in_many_wrappings(value: Any) -> None:
    assert not differ(answer(np.array([0.1, 0.2])), answer(value, 2))


def test_what_is_no_table_of_columns_says_what_to_do() -> None:
    with pytest.raises(SideError, match=r"'model' holds one value") as caught:
        answer({"model": "v1", "predictions": [1, 2]}, 2)

    assert "`response`" in caught.value.fix


@given(st_numpy.arrays(float, st.integers(1, 20), elements=st.floats(allow_nan=True, allow_infinity=True)))
def test_an_answer_equals_itself_and_its_parts_joined(values: np.ndarray) -> None:
    whole = answer(pd.DataFrame({"x": values}))
    parts = [take(whole, np.arange(start, min(start + 3, len(values)))) for start in range(0, len(values), 3)]

    assert not differ(whole, whole)
    assert not differ(whole, join(parts), Tolerances(default=Tolerance(rtol=0, atol=0)))


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20), st.floats(0, 1), st.floats(0, 1))
def test_a_wider_tolerance_finds_no_more(values: list[float], one: float, two: float) -> None:
    expected = answer(pd.DataFrame({"x": np.array(values)}))
    actual = answer(pd.DataFrame({"x": np.array(values) + 0.5}))
    narrow, wide = sorted([one, two])

    found = [
        sum(len(d.rows) for d in compare(expected, actual, Tolerances(default=Tolerance(rtol=0.0, atol=atol))))
        for atol in (narrow, wide)
    ]

    assert found[1] <= found[0]


def test_the_gate_is_loaded_without_a_numerical_library() -> None:
    heavy = {"numpy", "pandas", "hypothesis"}
    code = f"import sys, pytest_mlgate.gates.parity; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("settings", [{"exclude": ["celsus"]}, {"columns": {"celsus": {"atol": 1.0}}}])
def test_a_setting_of_a_column_that_neither_side_answers_with_is_refused(settings: dict[str, Any]) -> None:
    rows = pd.DataFrame({"t": [0.0, 10.0, 20.0]})

    def build(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"celsius": frame["t"] + 1})

    (check,) = check_parity(build, build, rows, examples=0, **settings).checks

    assert check.outcome == "error"
    assert "'celsus', which neither side answers with" in check.message
    assert "did you mean 'celsius'" in check.fix
