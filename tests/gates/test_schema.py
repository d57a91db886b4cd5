"""The gate ``schema``: what passes, what fails and how it is told, and what can never pass silently."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import CODES, GATE, Settings, check_schema


@pytest.fixture
def frame():
    return pd.DataFrame(
        {"temp": [50.0, 60.0, 70.0, 80.0], "origin": ["JFK", "LGA", "EWR", "JFK"], "late": [0, 1, 0, 1]}
    )


@pytest.fixture
def schema():
    return pa.DataFrameSchema(
        {
            "temp": pa.Column(float, pa.Check.in_range(0, 120)),
            "origin": pa.Column(str, pa.Check.isin(["JFK", "LGA", "EWR"])),
            "late": pa.Column(int, pa.Check.isin([0, 1])),
        }
    )


def only(result) -> Check:
    (check,) = result.checks
    return check


def run(schema, facts=None, tables=None, **values):
    facts = facts or Facts(target="late")
    settings = Settings(schema=schema, tables=tables, sanity=False)
    return run_gate(GATE, settings, Inputs(facts=facts, values=values))


def test_a_clean_table_is_one_pass_that_says_what_was_seen(frame, schema):
    check = only(check_schema(frame, schema, name="holdout"))

    assert (check.code, check.subject, check.outcome, check.n) == ("MLG201", "holdout", Outcome.PASS, 4)
    assert "4 rows, 3 columns" in check.message


def test_a_broken_check_names_column_rule_count_share_rows_and_values(frame, schema):
    frame.loc[[1, 3], "temp"] = [-5.0, 500.0]

    check = only(check_schema(frame, schema, name="holdout"))

    assert check.id == "schema:holdout.temp.in_range"
    assert (check.code, check.outcome, check.observed, check.limit, check.n) == ("MLG206", Outcome.FAIL, 0.5, 0.0, 4)
    assert "2 of 4 values (50.00%)" in check.message
    assert "row 1: -5, row 3: 500" in check.message
    assert check.details["failure_count"] == 2
    assert check.details["rows"] == [{"row": 1, "value": -5.0}, {"row": 3, "value": 500.0}]


def test_all_failures_come_at_once(frame, schema):
    frame = frame.assign(temp=["a", "b", "c", "d"], origin=["JFK", "XXX", None, "JFK"]).drop(columns="late")

    found = {check.subject: check.code for check in check_schema(frame, schema).checks}

    assert found == {
        "table.temp.dtype": "MLG203",
        "table.origin.nullable": "MLG204",
        "table.origin.isin": "MLG206",
        "table.late.required": "MLG202",
    }


def test_a_check_that_a_wrong_type_makes_impossible_is_told_with_the_type(frame, schema):
    check = only(check_schema(frame.assign(temp=["a", "b", "c", "d"]), schema))

    assert check.code == "MLG203"
    assert "the schema asks for float64" in check.message
    assert "in_range could not be asked" in check.message


def test_duplicates_in_one_column_and_over_several_are_counted(frame):
    schema = pa.DataFrameSchema(
        {"origin": pa.Column(str, unique=True), "late": pa.Column(int)}, unique=["origin", "late"]
    )
    frame["late"] = [1, 0, 0, 1]

    found = {check.subject: check for check in check_schema(frame, schema).checks}

    assert found["table.origin.unique"].details["failure_count"] == 2
    assert found["table.unique"].details["rows"] == [{"row": 0}, {"row": 3}]
    assert {check.code for check in found.values()} == {"MLG205"}


def test_unexpected_unordered_and_doubled_columns_are_told(frame):
    strict = pa.DataFrameSchema({"temp": pa.Column(float), "origin": pa.Column(str)}, strict=True)
    ordered = pa.DataFrameSchema({"origin": pa.Column(str), "temp": pa.Column(float)}, ordered=True)
    doubled = pd.concat([frame[["temp", "origin"]], frame[["temp"]]], axis=1)

    assert only(check_schema(frame, strict)).subject == "table.late.strict"
    assert {check.code for check in check_schema(frame, ordered).checks} == {"MLG207"}
    assert only(check_schema(doubled, strict)).subject == "table.temp.unique_column_names"


def test_a_missing_column_is_one_failure_of_all_rows(frame, schema):
    check = only(check_schema(frame.drop(columns="temp"), schema))

    assert (check.code, check.observed) == ("MLG202", 1.0)
    assert check.message == "table has no column temp, which the schema requires"


def test_a_check_over_the_whole_table_counts_rows_and_shows_no_row(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float)}, checks=pa.Check(lambda df: df["temp"] > 55, name="warm"))

    check = only(check_schema(frame, schema))

    assert check.subject == "table.warm"
    assert check.details["rows"] == [{"row": 0}]
    assert "1 of 4 rows" in check.message


def test_a_row_of_missing_values_counts_in_a_check_over_the_whole_table():
    frame = pd.DataFrame({"a": [1.0, np.nan], "b": [1.0, np.nan]})
    schema = pa.DataFrameSchema(
        {"a": pa.Column(float, nullable=True)},
        checks=pa.Check(lambda df: df["a"] > 0, name="positive", ignore_na=False),
    )

    assert only(check_schema(frame, schema)).details["rows"] == [{"row": 1}]


def test_a_check_of_an_aggregate_fails_without_a_share(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check(lambda s: s.mean() > 100, name="hot"))})

    check = only(check_schema(frame, schema))

    assert (check.outcome, check.observed, check.limit) == (Outcome.FAIL, None, None)
    assert check.message == (
        "table.temp: hot does not hold for the column as a whole; found 4 values, from 50 to 80, 4 different"
    )
    assert check.fix == "the rule names no row: look at the column as a whole; mend the data, or the rule"


def test_what_the_author_of_a_check_says_of_it_is_told(frame):
    cold = pa.Check(lambda s: s.mean() > 1000, name="hot", error="colder than the tropics")
    schema = pa.DataFrameSchema(
        {"temp": pa.Column(float, cold)}, checks=pa.Check(lambda df: len(df) > 9, name="many", error="a day has more")
    )

    table, column = sorted(check_schema(frame, schema).checks, key=lambda check: check.subject)
    hidden = [check.message for check in check_schema(frame, schema, sensitive=["temp"]).checks]

    assert table.message == "table: many does not hold for its 4 rows as a whole: a day has more"
    assert column.message.startswith(
        "table.temp: hot does not hold for the column as a whole: colder than the tropics; "
    )
    assert not any("tropics" in message or "50" in message for message in hidden)


def test_a_set_of_values_is_told_by_what_lacks_and_what_is_too_much(frame):
    schema = pa.DataFrameSchema({"origin": pa.Column(str, pa.Check.unique_values_eq(["JFK", "LGA", "PHL"]))})

    check = only(check_schema(frame, schema))
    hidden = only(check_schema(frame, schema, sensitive=["origin"]))

    assert check.message == "table.origin: its 3 values are not the 3 of unique_values_eq: without PHL and with EWR"
    assert hidden.message == "table.origin: its 3 values are not the 3 of unique_values_eq"


def test_a_check_of_the_users_own_that_rows_break_is_told_in_its_own_words(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check(lambda v: v > 55, error="warm days only"))})

    assert only(check_schema(frame, schema)).message == (
        "table.temp: 1 of 4 values (25.00%) break lambda: warm days only; row 0: 50"
    )
    assert "warm" not in only(check_schema(frame, schema, sensitive=["temp"])).message


def test_columns_out_of_order_a_pattern_without_a_column_and_an_index_say_what_was_looked_at(frame):
    ordered = pa.DataFrameSchema({"origin": pa.Column(str), "temp": pa.Column(float)}, ordered=True)
    pattern = pa.DataFrameSchema({"^x_": pa.Column(float, regex=True), "temp": pa.Column(float)})
    index = pa.DataFrameSchema({"temp": pa.Column(float)}, index=pa.Index(int, pa.Check.ge(1)))

    assert "it is the table's column 1, and the schema's order is origin, temp" in (
        check_schema(frame[["temp", "origin"]], ordered).checks[0].message
    )
    assert "no column that matches the regular expression ^x_" in only(check_schema(frame, pattern)).message
    assert only(check_schema(frame, index)).subject == "table.index.greater_than_or_equal_to"


def test_a_model_class_and_its_own_checks_work(frame):
    class Flights(pa.DataFrameModel):
        temp: float = pa.Field(ge=0)

        @pa.check("temp")
        def plausible(cls, temp):  # noqa: N805 - pandera makes it a class method
            return temp < 75

    assert only(check_schema(frame, Flights)).subject == "table.temp.plausible"


def test_two_failing_checks_of_one_name_are_two_checks(frame):
    schema = pa.DataFrameSchema(
        {"temp": pa.Column(float, [pa.Check(lambda s: s < 55), pa.Check(lambda s: s < 65), pa.Check(lambda s: s < 75)])}
    )

    subjects = [check.subject for check in check_schema(frame, schema).checks]

    assert subjects == ["table.temp.lambda", "table.temp.lambda#2", "table.temp.lambda#3"]


def test_columns_given_by_a_regular_expression_are_each_named(frame):
    schema = pa.DataFrameSchema({"^(temp|late)$": pa.Column(None, pa.Check.le(70), regex=True)})
    missing = pa.DataFrameSchema({"temp": pa.Column(float), "^delay_": pa.Column(float, regex=True)})

    subjects = [check.subject for check in check_schema(frame.assign(late=71), schema).checks]

    assert subjects == ["table.temp.less_than_or_equal_to", "table.late.less_than_or_equal_to"]
    assert only(check_schema(frame, missing)).subject == "table.^delay_.required"


def test_two_rules_of_one_name_are_two_checks_without_their_arguments(frame):
    schema = pa.DataFrameSchema(
        {"temp": pa.Column(float, [pa.Check.isin(range(100, 200)), pa.Check.isin(range(100, 201))])}
    )

    subjects = [check.subject for check in check_schema(frame, schema).checks]

    assert subjects == ["table.temp.isin", "table.temp.isin#2"]


def test_a_rule_about_the_index_is_told(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float)}, index=pa.Index(int, pa.Check.ge(2), name="row"))

    named = frame.rename_axis("row")

    assert only(check_schema(named, schema)).subject == "table.row.greater_than_or_equal_to"
    assert {check.outcome for check in check_schema(frame, schema).checks} == {Outcome.FAIL}


def test_max_examples_bounds_the_rows_named_but_not_the_count(frame, schema):
    check = only(check_schema(frame.assign(temp=999.0), schema, max_examples=1))

    assert len(check.details["rows"]) == 1
    assert check.details["failure_count"] == 4
    assert check.message.endswith("row 0: 999, ...")


def test_an_own_index_is_named_beside_the_position(frame, schema):
    frame.index = pd.Index(["w", "x", "x", "z"])
    frame.loc["z", "temp"] = 500.0

    assert only(check_schema(frame, schema)).details["rows"] == [{"row": 3, "index": "z", "value": 500.0}]


def test_values_of_sensitive_columns_stay_out(frame, schema):
    frame.loc[1, "origin"] = "SECRET"

    text = json.dumps([check.to_json() for check in check_schema(frame, schema, sensitive=["origin"]).checks])

    assert "SECRET" not in text
    assert "row 1" in text


def test_an_exception_that_quotes_a_sensitive_value_is_named_by_its_type_only(frame):
    def nosy(series):
        raise RuntimeError(f"saw {series.iloc[0]}")

    schema = pa.DataFrameSchema({"origin": pa.Column(str, pa.Check(nosy))})

    hidden = only(check_schema(frame, schema, sensitive=["origin"]))
    shown = only(check_schema(frame, schema))

    assert "JFK" not in json.dumps(hidden.to_json())
    assert "RuntimeError" in hidden.message
    assert "saw JFK" in shown.message


def test_the_users_frame_is_not_changed_by_coercion_or_by_a_check_that_writes():
    def vandal(series):
        series.iloc[0] = -1
        return series > -5

    frame = pd.DataFrame({"temp": ["1", "2"], "n": [1, 2]})
    before = frame.copy(deep=True)
    schema = pa.DataFrameSchema({"temp": pa.Column(float, coerce=True), "n": pa.Column(int, pa.Check(vandal))})

    assert check_schema(frame, schema).outcome is Outcome.PASS
    pd.testing.assert_frame_equal(frame, before)


def test_values_that_cannot_be_coerced_are_counted():
    schema = pa.DataFrameSchema({"temp": pa.Column(float, coerce=True)})

    check = only(check_schema(pd.DataFrame({"temp": ["1", "x", "3"]}), schema))

    assert (check.code, check.details["failure_count"]) == ("MLG203", 1)
    assert "cannot be converted to float64" in check.message


# What must never pass silently.


def test_pandera_switched_off_still_judges(frame, schema):
    from pandera.config import config_context

    with config_context(validation_enabled=False):
        result = check_schema(frame.assign(temp=999.0), schema)

    assert result.outcome is Outcome.FAIL


def test_drop_invalid_rows_and_capped_failure_cases_hide_nothing(frame):
    schema = pa.DataFrameSchema(
        {"temp": pa.Column(float, pa.Check.in_range(0, 1, n_failure_cases=1), drop_invalid_rows=True)},
        drop_invalid_rows=True,
    )

    check = only(check_schema(frame, schema))

    assert check.details["failure_count"] == 4
    assert schema.drop_invalid_rows, "the user's schema is left as it was"


def test_a_check_that_only_warns_is_a_failure_of_severity_warn(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check.in_range(0, 1, raise_warning=True))})

    check = only(check_schema(frame, schema))

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.WARN)


def test_a_check_that_raises_is_an_error_that_names_it(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check(lambda s: 1 / 0, name="broken"))})

    check = only(check_schema(frame, schema))

    assert (check.code, check.outcome) == ("MLG208", Outcome.ERROR)
    assert "broken raised ZeroDivisionError" in check.message


@pytest.mark.parametrize("exception", [SystemExit(3), RuntimeError("no")])
def test_a_parser_that_raises_is_an_error(frame, exception):
    def parser(series):
        raise exception

    schema = pa.DataFrameSchema({"temp": pa.Column(float, parsers=pa.Parser(parser))})

    check = only(check_schema(frame, schema))

    assert check.outcome is Outcome.ERROR
    assert type(exception).__name__ in check.message


def test_an_empty_table_is_an_error(frame, schema):
    check = only(check_schema(frame.iloc[:0], schema))

    assert (check.code, check.outcome, check.message) == ("MLG209", Outcome.ERROR, "table has no rows")


def test_the_table_of_something_else_is_an_error_that_names_both_sides(schema):
    check = only(check_schema(pd.DataFrame({"x": [1], "y": [2]}), schema))

    assert check.outcome is Outcome.ERROR
    assert check.message == (
        "table has no column of the schema: table has x, y; the schema asks for temp, origin, late"
    )


def test_checks_that_saw_only_missing_values_are_inconclusive(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check.ge(0), nullable=True), "origin": pa.Column(str)})

    check = only(check_schema(frame.assign(temp=np.nan), schema))

    assert (check.code, check.outcome, check.severity) == ("MLG208", Outcome.INCONCLUSIVE, Severity.WARN)


def test_a_schema_that_states_nothing_is_an_error(frame):
    assert "states nothing" in only(check_schema(frame, pa.DataFrameSchema())).message


# Where the schema comes from.


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("no_such_module:Flights", "ModuleNotFoundError"),
        ("mlgate_contract_a:Flihgts", "did you mean `Flights`"),
        ("mlgate_contract_a:np", "module"),
        ("mlgate_contract_a:LIMIT", "of type builtins.int"),
        ("mlgate_contract_b:X", "RuntimeError: half built"),
        ("mlgate_contract_c:X", "SystemExit"),
        ("missing.yaml", "cannot be read"),
    ],
)
def test_a_schema_that_cannot_be_had_says_why(frame, tmp_path, reference, said):
    (tmp_path / "mlgate_contract_a.py").write_text(
        "import numpy as np\nimport pandera.pandas as pa\nLIMIT = 3\n"
        "Flights = pa.DataFrameSchema({'temp': pa.Column(float)})\n"
    )
    (tmp_path / "mlgate_contract_b.py").write_text("raise RuntimeError('half built')\n")
    (tmp_path / "mlgate_contract_c.py").write_text("raise SystemExit(2)\n")
    path = list(sys.path)

    check = only(run(reference, Facts(import_roots=(str(tmp_path),)), holdout=frame))

    assert check.outcome is Outcome.ERROR
    assert said in check.message
    assert check.fix
    assert sys.path == path


def test_import_paths_start_at_the_configurations_folder(frame, tmp_path):
    (tmp_path / "mlgate_contract_d.py").write_text(
        "import pandera.pandas as pa\nclass Flights(pa.DataFrameModel):\n    temp: float = pa.Field(le=65)\n"
    )

    result = run("mlgate_contract_d:Flights", Facts(import_roots=(str(tmp_path),)), holdout=frame)

    assert only(result).details["failure_count"] == 2


def test_a_yaml_file_is_relative_to_the_configuration(frame, tmp_path):
    (tmp_path / "schema.yaml").write_text("columns: {temp: {dtype: number, checks: {le: 65}}}\n")

    result = run("schema.yaml", Facts(import_roots=(str(tmp_path),)), holdout=frame)

    assert only(result).subject == "holdout.temp.less_than_or_equal_to"


@pytest.mark.parametrize("value", [None, 3, True, 0.5, ["a"], {"a": 1}, "flights", ""])
def test_settings_refuse_what_names_no_schema(value):
    with pytest.raises(ValueError, match=r"schema"):
        Settings(schema=value)


@pytest.mark.parametrize("value", [3, "flights", object(), pa.Column(float), pd.DataFrame])
def test_the_function_answers_with_an_error_for_what_is_no_schema(frame, value):
    check = only(check_schema(frame, value))

    assert check.outcome is Outcome.ERROR
    assert check.fix


def test_settings_refuse_unknown_and_empty_tables():
    with pytest.raises(ValueError, match="train"):
        Settings(schema="a:b", tables=["trian"])
    with pytest.raises(ValueError, match="empty"):
        Settings(schema="a:b", tables=[])


# Which tables.


def test_every_given_table_is_judged_and_one_failure_hides_no_other(frame, schema):
    result = run(schema, train=frame, holdout=frame.assign(temp=999.0), current=frame.iloc[:0])

    outcomes = {check.subject: check.outcome for check in result.checks}

    assert outcomes == {
        "train": Outcome.PASS,
        "holdout.temp.in_range": Outcome.FAIL,
        "current": Outcome.ERROR,
    }


def test_one_and_the_same_table_is_judged_once_and_says_so(frame, schema):
    check = only(run(schema, train=frame, reference=frame))

    assert check.subject == "train"
    assert "the same table is reference" in check.message


def test_a_table_that_cannot_be_read_leaves_the_others_judged(frame, schema, tmp_path):
    result = run(schema, train=frame, holdout=str(tmp_path / "gone.csv"))

    outcomes = {check.subject: check.outcome for check in result.checks}

    assert outcomes == {"train": Outcome.PASS, "holdout": Outcome.ERROR}


def test_no_table_at_all_and_a_named_table_that_is_not_there_are_errors(frame, schema):
    assert "no table is configured" in only(run(schema)).message
    assert "no current is configured" in only(run(schema, tables=["current"], train=frame)).message


def test_tables_restricts_what_is_judged(frame, schema):
    assert only(run(schema, tables=["holdout"], train=frame.iloc[:0], holdout=frame)).subject == "holdout"


@pytest.mark.parametrize("table", ["current", "serving"])
def test_labels_may_be_absent_where_they_come_later(frame, schema, table):
    check = only(run(schema, **{table: frame.drop(columns="late")}))

    assert check.outcome is Outcome.PASS
    assert "late is not there yet" in check.message
    assert "late" in schema.columns
    assert schema.columns["late"].required, "the user's schema is left as it was"


@pytest.mark.parametrize("table", ["train", "holdout", "reference"])
def test_labels_are_required_elsewhere(frame, schema, table):
    assert only(run(schema, **{table: frame.drop(columns="late")})).code == "MLG202"


def test_labels_that_are_there_are_judged_also_in_current(frame, schema):
    assert only(run(schema, current=frame.assign(late=7))).code == "MLG206"


def test_rules_over_several_columns_wait_for_the_labels(frame):
    schema = pa.DataFrameSchema(
        {"temp": pa.Column(float), "late": pa.Column(int)},
        checks=pa.Check(lambda df: df["late"] >= 0, name="label_known"),
        unique=["temp", "late"],
    )
    frame["temp"] = 50.0

    checks = run(schema, current=frame.drop(columns="late")).checks

    assert [(check.outcome, check.severity) for check in checks[1:]] == [(Outcome.SKIP, Severity.NOTE)]
    assert checks[0].outcome is Outcome.PASS


# What comes out.


def test_every_code_says_why_and_how_to_mend_it_and_is_of_this_gate():
    assert len({code.code for code in CODES}) == len(CODES)
    for code in CODES:
        assert code.code.startswith("MLG2")
        assert code.title
        assert code.why
        assert code.fix


@settings(deadline=None, max_examples=40)
@given(
    values=st.lists(st.one_of(st.floats(), st.none(), st.integers(-(10**6), 10**6)), min_size=1, max_size=30),
    dtype=st.sampled_from([object, float]),
)
def test_the_count_is_that_of_a_plain_loop_and_the_result_survives_json(values, dtype):
    frame = pd.DataFrame({"x": pd.Series(values, dtype=dtype)})
    schema = pa.DataFrameSchema(
        {"x": pa.Column(None, pa.Check(lambda s: (s >= 0) & (s <= 10), name="ok"), nullable=True)}
    )
    expected = sum(1 for v in values if v is not None and v == v and not 0 <= v <= 10)

    result = check_schema(frame, schema)

    found = [check for check in result.checks if check.outcome is Outcome.FAIL]
    assert sum(check.details["failure_count"] for check in found) == expected
    for check in result.checks:
        assert Check.from_json(json.loads(json.dumps(check.to_json()))) == check


@settings(deadline=None, max_examples=25)
@given(order=st.permutations(range(6)))
def test_the_order_of_the_rows_changes_no_count(order):
    frame = pd.DataFrame({"x": [1.0, 2.0, 2.0, -1.0, 99.0, 5.0]})
    schema = pa.DataFrameSchema({"x": pa.Column(float, pa.Check.in_range(0, 10), unique=True)})

    def counts(table):
        return {check.subject: check.details["failure_count"] for check in check_schema(table, schema).checks}

    assert counts(frame.iloc[list(order)]) == counts(frame) == {"table.x.in_range": 2, "table.x.unique": 2}


# Names of checks.


def test_a_checks_number_is_its_place_in_the_schema_and_not_among_the_failures():
    schema = pa.DataFrameSchema({"x": pa.Column(float, [pa.Check.in_range(0, 9), pa.Check.in_range(0, 5)])})

    assert only(check_schema(pd.DataFrame({"x": [7.0]}), schema)).subject == "table.x.in_range#2"


@pytest.mark.parametrize("name", ["temp (°C) below 9", "a;b", "$(x)", "<lambda>", "a  b'\"`"])
def test_a_checks_id_survives_a_shell(name):
    import shlex

    schema = pa.DataFrameSchema({"x": pa.Column(float, pa.Check(lambda values: values < 0, name=name))})
    check = only(check_schema(pd.DataFrame({"x": [7.0]}), schema))

    assert shlex.split(check.id) == [check.id]
    assert not set(check.id) & set("()<>|&;$`\"' *?!~")


def test_neither_id_nor_message_of_a_sensitive_column_holds_its_levels():
    schema = pa.DataFrameSchema(
        {
            "plan": pa.Column(
                str, [pa.Check.isin(["gold", "iron"]), pa.Check(lambda v: v == "gold", error="not gold")]
            ),
            "kind": pa.Column(pd.CategoricalDtype(["gold", "iron"])),
        }
    )
    frame = pd.DataFrame({"plan": ["lead"], "kind": ["lead"]})

    checks = check_schema(frame, schema, sensitive=["plan", "kind"]).checks
    text = json.dumps([check.to_json() for check in checks])

    assert {check.subject for check in checks} == {"table.plan.isin", "table.plan.lambda", "table.kind.dtype"}
    assert not any(level in text for level in ("gold", "iron", "lead"))
