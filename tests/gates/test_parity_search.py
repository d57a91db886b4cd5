"""The search: rows chosen on purpose, what a column may hold, the smallest row, and the test made of it."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import hypothesis
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.facts import ColumnFacts, TableFacts, allows, facts_of
from pytest_mlgate.gates.parity.regression import frame_literal
from pytest_mlgate.gates.parity.search import as_regression_test, choose_rows, find_smallest
from pytest_mlgate.gates.parity.shrinking import fewest, plainer_values
from pytest_mlgate.gates.parity.values import with_values
from pytest_mlgate.gates.schema import check_schema
from tests.gates.parity_catalogue import CONTRACT, orders

# choosing


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """A thousand rows, each telling value in one of them."""
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "time": pd.Timestamp("2023-05-02") + pd.to_timedelta(rng.integers(0, 28 * 86400, 1000), unit="s"),
            "number": rng.normal(50, 5, 1000),
            "level": rng.choice(["a", "b", "c"], 1000),
            "gap": rng.normal(0, 1, 1000),
        }
    )
    rows.loc[11, "time"] = pd.Timestamp("2024-02-29 12:00")
    rows.loc[12, "time"] = pd.Timestamp("2024-03-10 12:00")  # clocks change in New York
    rows.loc[13, "time"] = pd.Timestamp("2023-07-31 12:00")
    rows.loc[[20, 21, 22], "number"] = [-1e6, 1e6, 0.0]
    rows.loc[[30, 31, 32, 33], "level"] = ["rare", "", "Ü", "a much longer text"]
    rows.loc[40, "gap"] = np.nan
    return rows


@pytest.mark.parametrize("position", [11, 12, 13, 20, 21, 22, 30, 31, 32, 33, 40])
def test_telling_rows_are_among_the_chosen(many, position):
    assert position in choose_rows(many, n=60, seed=1).index


def test_as_many_distinct_rows_are_chosen_as_were_asked_for_in_their_order(many):
    chosen = choose_rows(many, n=100, seed=1)

    assert len(chosen) == 100
    assert chosen.index.is_monotonic_increasing
    assert chosen.index.is_unique
    pd.testing.assert_frame_equal(chosen, many.loc[chosen.index])


def test_the_rest_of_the_chosen_rows_is_a_sample_that_the_seed_decides(many):
    one, again, other = (set(choose_rows(many, n=100, seed=seed).index) for seed in (1, 1, 2))

    assert one == again
    assert 50 < len(one - other) < 80


def test_a_small_table_is_asked_whole(many):
    assert choose_rows(many.head(7), n=7, seed=0).equals(many.head(7))


@pytest.mark.parametrize(("rows", "n"), [(pd.DataFrame({"x": [1]}), 0), (pd.DataFrame({"x": []}), 5)])
def test_no_row_to_ask_is_an_error(rows, n):
    with pytest.raises(InputError):
        choose_rows(rows, n=n, seed=0)


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(pd.date_range("2023-01-01", periods=400, tz="Europe/Berlin")),
        pd.Series(pd.date_range("2023-01-01", periods=400)).astype("category"),
        pd.Series([1, None] * 200, dtype="Int64"),
        pd.Series([True, None] * 200, dtype=object),
        pd.Series([[1], [2]] * 200),
        pd.Series([None] * 400, dtype=object),
        pd.Series([pd.Timedelta(1, "s")] * 400),
        pd.Series([np.inf, -np.inf] * 200),
        pd.Series([1, "a"] * 200, dtype=object),
        pd.Series(["a", None] * 200, dtype="string"),
    ],
    ids=lambda column: str(column.dtype),
)
def test_rows_of_any_dtype_can_be_chosen_and_searched(column):
    rows = pd.DataFrame({"x": column})

    assert len(choose_rows(rows, n=50, seed=0)) == 50
    found = find_smallest(rows, lambda some: len(some) > 1, examples=50)
    assert found is not None
    assert len(found.rows) == 2


# what a column may hold


def test_without_a_contract_only_what_real_rows_show_is_allowed():
    rows = pd.DataFrame({"text": ["a", "b"], "code": [1, 4], "share": [0.25, np.nan], "flag": [True, True]})
    facts = facts_of(rows).columns

    assert [allows(facts["text"], value) for value in ("a", "c", "", None)] == [True, False, False, False]
    assert [allows(facts["code"], value) for value in (1, 2, 4)] == [True, False, True]
    assert [allows(facts["share"], value) for value in (0.25, 0.5, None)] == [True, False, True]
    assert not allows(facts["flag"], False)


def test_a_contract_opens_what_it_does_not_close():
    schema = pa.DataFrameSchema(
        {
            "text": pa.Column(str, pa.Check.str_length(1, 3), nullable=True),
            "code": pa.Column(int, [pa.Check.gt(0), pa.Check.lt(10), pa.Check.ne(5)]),
            "level": pa.Column(str, pa.Check.isin(["a", "b", "c"])),
            "odd": pa.Column(int, pa.Check(lambda values: values % 2 == 1)),
        }
    )
    rows = pd.DataFrame({"text": ["a", "b"], "code": [1, 4], "level": ["a", "a"], "odd": [1, 3], "more": ["x", "y"]})
    facts = facts_of(rows, schema).columns

    assert [allows(facts["text"], value) for value in ("ü", "", "abcd", None)] == [True, False, False, True]
    assert [value for value in range(-1, 12) if allows(facts["code"], value)] == [1, 2, 3, 4, 6, 7, 8, 9]
    assert allows(facts["level"], "c")
    assert [value for value in range(6) if allows(facts["odd"], value)] == [1, 3]  # a check that is not understood
    assert not allows(facts["more"], "z")


def test_every_mutated_row_fits_the_contract():
    asked = []

    assert find_smallest(orders(), lambda rows: bool(asked.append(rows)), contract=CONTRACT, examples=150) is None
    mutated = [rows for rows in asked[121:] if len(rows) > 1 or rows["placed"].iloc[0] is not None]
    assert len(mutated) > 200
    broken = check_schema(pd.concat(mutated, ignore_index=True), CONTRACT)
    assert [check.message for check in broken.checks if check.outcome != "pass"] == []


def test_rules_over_rows_and_columns_are_kept():
    rows = pd.DataFrame({"id": range(30), "low": np.arange(30) / 2, "high": np.arange(30) / 2 + 3})
    schema = pa.DataFrameSchema(
        {"id": pa.Column(int, unique=True), "low": pa.Column(float), "high": pa.Column(float)},
        checks=pa.Check(lambda some: some["low"] <= some["high"]),
    )
    broken = []

    def differs(some):
        broken.append(some["id"].duplicated().any() or (some["low"] > some["high"]).any())
        return False

    find_smallest(rows, differs, contract=schema, examples=100)
    assert len(broken) > 60
    assert not any(broken)


# the smallest row


def test_a_boundary_that_no_real_row_holds_is_found_in_one_typical_row():
    found = find_smallest(orders(), lambda rows: bool((rows["items"] == 0).any()), contract=CONTRACT)

    assert found is not None
    assert (found.source, found.telling, len(found.rows)) == ("mutated row", ("items",), 1)
    assert (found.rows.dtypes == orders().dtypes).all()


def test_two_values_that_only_matter_together_are_found():
    def differs(rows):
        return bool(((rows["amount"] == 0) & (rows["balance"] < -500)).any())

    found = find_smallest(orders(), differs, contract=CONTRACT)

    assert found is not None
    assert set(found.telling) <= {"amount", "balance"}
    assert len(found.rows) == 1
    assert differs(found.rows)


def test_everything_but_the_cause_is_that_of_one_real_row():
    rows = orders()
    found = find_smallest(rows, lambda some: bool((some["plan"] == "pro").any()))

    assert found is not None
    others = found.rows.drop(columns="plan").astype(object).iloc[0]
    assert (rows.drop(columns="plan").astype(object) == others).all(axis=1).any()
    assert found.telling == ("plan",)


def test_no_more_rows_are_kept_than_the_defect_needs():
    found = find_smallest(orders(), lambda rows: rows["plan"].nunique() == 3)

    assert found is not None
    assert len(found.rows) == 3
    assert found.telling == ("plan",)


def test_nothing_is_found_where_nothing_differs():
    assert find_smallest(orders(), lambda rows: False, examples=20) is None


def test_the_same_seed_gives_the_same_answer_whatever_was_imported_in_between(tmp_path, monkeypatch):
    def differs(rows):
        return bool(((rows["items"] == 0) & (rows["amount"] == 0)).any())

    one = find_smallest(orders(), differs, contract=CONTRACT, seed=3)
    (tmp_path / "constants_of_a_user.py").write_text(f"NUMBERS = {list(range(200, 400))}\n")
    monkeypatch.syspath_prepend(tmp_path)
    __import__("constants_of_a_user")
    again = find_smallest(orders(), differs, contract=CONTRACT, seed=3)

    assert one is not None
    assert again is not None
    pd.testing.assert_frame_equal(one.rows, again.rows)
    assert (one.tried, one.asked) == (again.tried, again.asked)


def test_what_was_found_is_asked_first_in_the_next_run(tmp_path):
    def differs(rows):
        return bool((rows["items"] == 0).any())

    first = find_smallest(orders(), differs, contract=CONTRACT, database=tmp_path / "kept")
    second = find_smallest(orders(), differs, contract=CONTRACT, database=tmp_path / "kept")
    other = find_smallest(orders(), differs, contract=CONTRACT, database=tmp_path / "kept", key="other")

    assert first is not None
    assert second is not None
    assert other is not None
    assert first.tried > 100
    assert (second.source, second.tried) == ("earlier run", 1)
    assert other.source == "mutated row"
    pd.testing.assert_frame_equal(first.rows, second.rows)


def test_what_no_longer_differs_is_forgotten(tmp_path):
    asked = []

    def count(rows):
        asked.append(rows)
        return False

    find_smallest(orders(), lambda rows: len(rows) == 1, database=tmp_path)
    for _ in range(2):
        asked.append(None)
        find_smallest(orders(), count, database=tmp_path, examples=1)
    second = [index for index, rows in enumerate(asked) if rows is None][1]

    assert len(asked[1]) == 1
    assert len(asked[second + 1]) == len(orders())


def test_what_the_contract_no_longer_allows_is_not_asked_again(tmp_path):
    def differs(rows):
        return bool((rows["items"] == 0).any())

    assert find_smallest(orders(), differs, contract=CONTRACT, database=tmp_path) is not None
    assert find_smallest(orders(), differs, database=tmp_path, examples=20) is None


def test_a_damaged_record_is_passed_over(tmp_path):
    find_smallest(orders(), lambda rows: True, database=tmp_path)
    for path in [path for path in tmp_path.rglob("*") if path.is_file()]:
        path.write_bytes(path.read_bytes()[:40])

    found = find_smallest(orders(), lambda rows: True, database=tmp_path)

    assert found is not None
    assert found.source == "real row"


def test_a_slow_question_is_not_asked_beyond_the_time():
    def slow(rows):
        time.sleep(0.05)
        return len(rows) > 60

    started = time.monotonic()
    found = find_smallest(orders(), slow, seconds=2)

    assert time.monotonic() - started < 20  # asking all it wants would take a minute
    assert found is not None
    assert slow(found.rows)


def test_the_budget_of_questions_is_kept():
    asked = []

    assert find_smallest(orders(), lambda rows: bool(asked.append(rows)), contract=CONTRACT, examples=10) is None
    assert 30 < len(asked) < 41  # real rows together and ten of them, ten of one column, ten drawn, one of many columns


def test_what_the_question_raises_reaches_the_caller():
    def broken(rows):
        if len(rows) == 1:
            raise RuntimeError("the service is gone")
        return False

    with pytest.raises(RuntimeError, match="gone"):
        find_smallest(orders(), broken)


def test_a_question_cannot_change_the_rows():
    rows = orders()

    def changing(some):
        some["items"] = 0
        return True

    found = find_smallest(rows, changing)

    assert found is not None
    assert rows.equals(orders())
    assert (found.rows["items"] > 0).all()


@pytest.mark.parametrize(
    ("rows", "settings"),
    [
        (pd.DataFrame({"x": []}), {}),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), {}),
        (pd.DataFrame({"x": [1]}), {"seconds": 0}),
        (pd.DataFrame({"x": [1]}), {"examples": 0}),
    ],
)
def test_a_search_that_could_not_ask_is_an_error(rows, settings):
    with pytest.raises(InputError):
        find_smallest(rows, lambda some: False, **settings)


def test_it_prints_nothing_and_leaves_hypothesis_and_the_folder_as_they_were(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = hypothesis.settings.default

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_smallest(orders(), lambda rows: bool((rows["amount"] == 0.5).any()), contract=CONTRACT)

    assert capsys.readouterr() == ("", "")
    assert hypothesis.settings.default is before
    assert list(Path(tmp_path).iterdir()) == []


@given(st.sets(st.integers(0, 40), min_size=1), st.integers(0, 3))
def test_no_single_item_of_the_fewest_can_be_left_out(culprits, missing):
    """A monotone question: any ``len(culprits) - missing`` of the culprits show it."""
    needed = max(len(culprits) - missing, 1)

    def shows(some):
        return len(culprits & set(some)) >= needed

    kept = fewest(range(41), shows)

    assert shows(kept)
    assert kept == sorted(kept)
    assert not any(shows(kept[:at] + kept[at + 1 :]) for at in range(len(kept))) or len(kept) == 1
    assert len(kept) == needed


@given(st.one_of(st.floats(), st.integers(), st.text(), st.booleans(), st.datetimes().map(pd.Timestamp)))
def test_plainer_values_come_to_an_end(value):
    kind = {float: "number", int: "integer", str: "string", bool: "boolean"}.get(type(value), "datetime")
    facts = ColumnFacts(kind=kind)
    for _ in range(1000):
        plainer = next(plainer_values(value, facts), None)
        if plainer is None:
            return
        value = plainer
    pytest.fail(f"never ends: {value!r}")


# rows rebuilt


def test_a_missing_value_in_a_column_of_integers_becomes_what_pandas_reads():
    rows = pd.DataFrame({"small": [1, 2], "large": [2**60 + 1, 2], "flag": [True, False]})
    changed = with_values(rows, {(1, "small"): None, (1, "large"): None, (1, "flag"): None})

    assert [str(dtype) for dtype in changed.dtypes] == ["float64", "Int64", "object"]
    assert changed["large"].iloc[0] == 2**60 + 1
    assert changed.iloc[1].isna().all()


def test_other_values_keep_the_dtype():
    rows = orders(n=5)
    rows["level"] = pd.Categorical(["a", "b", "a", "b", "a"], ordered=True)
    changed = with_values(rows, {(0, "items"): 7, (1, "city"): "ü", (2, "amount"): None, (3, "level"): "c"})

    same = changed.dtypes.drop("level")
    assert (same == rows.dtypes.drop("level")).all()
    assert list(changed["level"].cat.categories) == ["a", "b", "c"]


_FRAMES = {
    "numbers": pd.DataFrame({"i": [1, -(2**63)], "f": [0.1, np.nan], "g": [np.inf, -0.0], "s": np.float32([0.1, 2])}),
    "nullable": pd.DataFrame({"i": pd.Series([2**60 + 1, None], dtype="Int64"), "b": pd.array([True, None])}),
    "text": pd.DataFrame({"t": ["e\u0301 'x' \"y\"\n\\", "日本\u00a0"], "o": pd.Series([None, "a"], dtype=object)}),
    "strings": pd.DataFrame({"t": pd.Series(["a", None], dtype="string")}),
    "mixed": pd.DataFrame({"o": pd.Series([np.nan, 1], dtype=object), "p": pd.Series([True, None], dtype=object)}),
    "times": pd.DataFrame(
        {
            "naive": pd.Series([pd.Timestamp("2024-02-29 23:59:59.000001"), pd.NaT], dtype="datetime64[us]"),
            "twice": pd.Series(pd.to_datetime(["2023-10-29 00:30Z", "2023-10-29 01:30Z"]).tz_convert("Europe/Berlin")),
            "fixed": pd.Series(pd.to_datetime(["2023-10-29 00:30+02:00", None])),
            "span": pd.Series([pd.Timedelta("1 days 00:00:01"), pd.NaT]),
        }
    ),
    "categories": pd.DataFrame(
        {
            "c": pd.Categorical(["b", None], categories=["b", "a"], ordered=True),
            "n": pd.Categorical([3, 1], categories=[1, 3]),
        }
    ),
    "order": orders(n=3).reset_index(drop=True),
    "names": pd.DataFrame({1: [1], "a b": [2], "'": [3]}),
}


@pytest.mark.parametrize("frame", _FRAMES.values(), ids=_FRAMES)
def test_a_literal_builds_the_frame_again(frame):
    built = eval(frame_literal(frame), {"pd": pd})

    pd.testing.assert_frame_equal(built, frame, check_exact=True)
    kinds = [[type(value) for value in frame[name].astype(object)] for name in frame]
    assert [[type(value) for value in built[name].astype(object)] for name in built] == kinds


_SIDES = """
def train(rows):
    return rows[["items"]] * 1.0

def serve(rows):
    return rows[["items"]].where(rows["plan"] != "pro", -1.0)

def corrected(rows):
    return rows[["items"]]
"""


def test_the_regression_test_fails_until_the_service_is_corrected(tmp_path, monkeypatch):
    (tmp_path / "sides_of_a_user.py").write_text(_SIDES)
    monkeypatch.syspath_prepend(tmp_path)
    sides = __import__("sides_of_a_user")
    found = find_smallest(orders(), lambda rows: not sides.train(rows).equals(sides.serve(rows) * 1.0))
    assert found is not None

    for serve, failing in (("serve", True), ("corrected", False)):
        text = as_regression_test(
            found, train="sides_of_a_user:train", serve=f"sides_of_a_user:{serve}", settings={"examples": 0}
        )
        names: dict = {}
        exec(compile(text, "test_parity_plan.py", "exec"), names)
        test = names["test_service_and_training_agree_on_plan"]
        if failing:
            with pytest.raises(AssertionError, match="items"):
                test()
        else:
            test()


def test_facts_may_be_given_as_they_are():
    facts = TableFacts(columns={"x": ColumnFacts(kind="integer", levels=(1, 2, 77))})
    found = find_smallest(pd.DataFrame({"x": [1, 2]}), lambda rows: bool((rows["x"] == 77).any()), contract=facts)

    assert found is not None
    assert found.rows["x"].tolist() == [77]
