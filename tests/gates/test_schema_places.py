"""One schema in several places: what may be absent, what must not be there, how many rows; and polars frames."""

from __future__ import annotations

import re

import pandas as pd
import pandera.pandas as pa
import pytest

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import GATE, Settings, check_schema
from pytest_mlgate.tables.contract import parse_contract
from pytest_mlgate.tables.contract_python import to_python


@pytest.fixture
def frame():
    return pd.DataFrame({"temp": [50.0, 60.0, 70.0, 80.0], "dep_delay": [1.0, 2.0, 3.0, 4.0], "late": [0, 1, 0, 1]})


@pytest.fixture
def schema():
    return pa.DataFrameSchema(
        {
            "temp": pa.Column(float, pa.Check.in_range(0, 120)),
            "dep_delay": pa.Column(float, pa.Check.ge(0)),
            "late": pa.Column(int, pa.Check.isin([0, 1])),
        }
    )


def run(schema, places, tables=None, **values):
    settings = Settings(schema=schema, places=places, tables=tables, sanity=False)
    return run_gate(GATE, settings, Inputs(facts=Facts(target="late", id="id"), values=values))


def only(result) -> Check:
    (check,) = result.checks
    return check


def test_a_column_may_be_absent_in_one_place_and_not_in_another(frame, schema):
    places = {"serving": {"optional": ["dep_delay"]}}
    requests = frame.drop(columns=["dep_delay", "late"])

    served = only(run(schema, places, serving=requests))
    current = only(run(schema, places, current=requests))

    assert served.outcome is Outcome.PASS
    assert "dep_delay, late are not there yet" in served.message
    assert (current.code, current.subject) == ("MLG202", "current.dep_delay.required")
    assert schema.columns["dep_delay"].required, "the user's schema is left as it was"


def test_an_optional_column_is_judged_where_it_is_there(frame, schema):
    check = only(run(schema, {"serving": {"optional": ["dep_delay"]}}, serving=frame.assign(dep_delay=-1.0)))

    assert check.subject == "serving.dep_delay.greater_than_or_equal_to"


def test_a_column_that_must_not_be_there_is_told_and_its_absence_is_not(frame, schema):
    places = {"serving": {"forbidden": ["late", "dep_delay"]}}

    there = only(run(schema, places, serving=frame.drop(columns="dep_delay")))
    absent = only(run(schema, places, serving=frame[["temp"]]))

    assert (there.code, there.outcome, there.subject) == ("MLG207", Outcome.FAIL, "serving.late.forbidden")
    assert there.message == "serving has the column late, which is forbidden there"
    assert absent.outcome is Outcome.PASS


def test_a_place_may_require_the_label_and_columns_that_the_schema_does_not_know(frame, schema):
    check_label = only(run(schema, {"current": {"required": ["late"]}}, current=frame.drop(columns="late")))
    unknown = only(run(schema, {"current": {"required": ["request_id"]}}, current=frame))

    assert check_label.subject == "current.late.required"
    assert unknown.message == "current has no column request_id, which the schema requires"


@pytest.mark.parametrize(
    ("place", "rows", "fails"),
    [({"min_rows": 5}, 4, True), ({"min_rows": 4}, 4, False), ({"max_rows": 3}, 4, True), ({"max_rows": 4}, 4, False)],
)
def test_a_table_has_as_many_rows_as_its_place_asks_for(frame, schema, place, rows, fails):
    check = only(run(schema, {"serving": place}, serving=frame))

    assert (check.code, check.outcome) == (("MLG219", Outcome.FAIL) if fails else ("MLG201", Outcome.PASS))
    assert not fails or (check.observed, check.limit) == (4.0, float(next(iter(place.values()))))


def test_a_rule_may_be_skipped_in_one_place(frame, schema):
    hot = frame.assign(temp=999.0)
    places = {"serving": {"skip_checks": ["temp.in_range"]}}

    assert only(run(schema, places, serving=hot)).outcome is Outcome.PASS
    assert only(run(schema, places, current=hot)).subject == "current.temp.in_range"


def test_a_rule_that_places_name_holds_in_these_only(frame, schema):
    hot = frame.assign(temp=999.0)
    places = {"train": {"checks": ["temp.in_range"]}}

    found = {check.subject: check.outcome for check in run(schema, places, train=hot, holdout=hot.copy()).checks}

    assert found == {"train.temp.in_range": Outcome.FAIL, "holdout": Outcome.PASS}


def test_the_second_rule_of_one_name_keeps_its_own(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, [pa.Check.isin([1.0]), pa.Check.isin([2.0])])})

    check = only(run(schema, {"train": {"skip_checks": ["temp.isin"]}}, train=frame))

    assert check.subject == "train.temp.isin#2"


@pytest.mark.parametrize("rule", ["temp.less_than_or_equal_to", "temp.le"])
def test_the_configuration_says_of_a_yaml_contract_what_differs(frame, rule):
    spec = parse_contract("columns: {temp: {dtype: number, checks: {le: 65}}, dep_delay: number, late: integer}")
    place = {"optional": ["dep_delay"], "skip_checks": [rule]}

    assert check_schema(frame[["temp", "late"]], spec, name="serving", place=place).outcome is Outcome.PASS


PLACES = """
strict: true
columns:
  temp: {dtype: number, checks: {ge: 55, le: 120}}
  dep_delay: {dtype: number, places: [train, holdout]}
  late: {dtype: integer, unique: true}
places:
  train:
    checks: [temp.ge]
  serving:
    optional: [temp]
    forbidden: [late]
    skip_checks: [temp.le, strict]
    min_rows: 5
"""


@pytest.fixture(params=["yaml", "python"])
def placed(request):
    """One contract that says what differs where, in its two forms."""
    spec = parse_contract(PLACES)
    if request.param == "yaml":
        return spec
    namespace: dict = {}
    exec(compile(to_python(spec), "schema.py", "exec"), namespace)
    return namespace["schema"]


def found(result) -> dict[str, Outcome]:
    return {check.subject: check.outcome for check in result.checks}


def test_a_contract_says_itself_what_differs_where(frame, placed):
    frame = frame.assign(late=[0, 1, 2, 3])
    assert found(run(placed, {}, train=frame, holdout=frame.copy())) == {
        "train.temp.greater_than_or_equal_to": Outcome.FAIL,
        "holdout": Outcome.PASS,
    }
    assert found(run(placed, {}, current=frame.drop(columns=["dep_delay"]))) == {"current": Outcome.PASS}
    assert found(run(placed, {}, train=frame.drop(columns=["dep_delay"]).assign(temp=60))) == {
        "train.dep_delay.required": Outcome.FAIL
    }
    served = frame.assign(temp=999.0, other=1)
    assert found(run(placed, {}, serving=served)) == {
        "serving.late.forbidden": Outcome.FAIL,
        "serving.rows": Outcome.FAIL,
    }
    assert found(run(placed, {}, serving=pd.DataFrame({"other": range(5), "dep_delay": 1.0}))) == {
        "serving": Outcome.PASS
    }


def test_what_the_configuration_says_of_a_place_goes_before_the_contract(frame, placed):
    frame = frame.assign(late=[0, 1, 2, 3])
    places = {"serving": {"required": ["late"], "checks": ["temp.le"], "min_rows": 4}, "train": {"max_rows": 3}}

    assert found(run(placed, places, serving=frame.assign(temp=999.0))) == {
        "serving.temp.less_than_or_equal_to": Outcome.FAIL
    }
    assert found(run(placed, places, train=frame, current=frame.assign(temp=999.0))) == {
        "train.temp.greater_than_or_equal_to": Outcome.FAIL,
        "train.rows": Outcome.FAIL,
        "current": Outcome.PASS,  # `temp.le` is asked of serving alone now
    }


def test_a_rule_that_the_configuration_takes_out_of_its_only_place_is_asked_nowhere(frame, placed):
    frame = frame.assign(late=[0, 1, 2, 3])

    assert found(run(placed, {"train": {"skip_checks": ["temp.ge"]}}, train=frame, holdout=frame.copy())) == {
        "train": Outcome.PASS,
        "holdout": Outcome.PASS,
    }


def test_limits_of_rows_that_contradict_one_another_are_an_error(frame, placed):
    check = only(run(placed, {"serving": {"max_rows": 4}}, serving=frame))

    assert check.outcome is Outcome.ERROR
    assert "places.serving: min_rows = 5 is above max_rows = 4" in check.message
    assert check.fix == "set both under places.serving"


def test_predictions_that_a_contract_speaks_of_and_nothing_names_are_told(frame):
    spec = parse_contract("columns: {temp: number}\nplaces: {predictions: {required: [score]}}")

    fits, told = run(spec, {}, holdout=frame).checks

    assert (fits.outcome, told.outcome, told.severity) == (Outcome.PASS, Outcome.SKIP, Severity.NOTE)
    assert told.message == "the schema says what predictions hold, and they are not judged: nothing names them"


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ("serving", r'metadata\["places"\]: Input should be a valid dictionary'),
        ({"servin": {}}, r"metadata\[.places.\]: servin: Input should be 'train'"),
        ({"serving": {"optinal": ["temp"]}}, r"serving.optinal: Extra inputs are not permitted"),
        ({"serving": {"min_rows": 0}}, r"serving.min_rows: Input should be greater than or equal to 1"),
        ({"serving": {"optional": ["tmp"]}}, r"places.serving.optional names 'tmp'.*did you mean 'temp'"),
        ({"serving": {"checks": ["temp.isin"]}}, r"places.serving.checks names 'temp.isin', which is no rule"),
    ],
)
def test_metadata_of_a_schema_that_means_nothing_is_an_error(frame, places, said):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check.in_range(0, 120))}, metadata={"places": places})

    check = only(run(schema, {}, serving=frame))

    assert check.outcome is Outcome.ERROR
    assert re.search(said, check.message), check.message


def test_a_model_of_pandera_says_in_its_config_what_differs_where(frame):
    class Flights(pa.DataFrameModel):
        temp: float
        late: int

        class Config:
            metadata = {"places": {"serving": {"forbidden": ["late"]}}}  # noqa: RUF012 - pandera reads a dict

    assert only(run(Flights, {}, serving=frame)).subject == "serving.late.forbidden"
    assert only(run(Flights, {}, current=frame)).outcome is Outcome.PASS


def test_a_column_of_pandera_names_its_places_in_its_metadata(frame):
    schema = pa.DataFrameSchema(
        {"temp": pa.Column(float), "dep_delay": pa.Column(float, metadata={"places": ["train", "holdout"]})}
    )
    rows = frame.drop(columns="dep_delay")

    assert only(run(schema, {}, current=rows)).outcome is Outcome.PASS
    assert only(run(schema, {}, train=rows)).subject == "train.dep_delay.required"
    assert only(check_schema(rows, schema)).subject == "table.dep_delay.required"


def test_one_table_in_two_places_that_differ_is_judged_in_both(frame, schema):
    found = [check.subject for check in run(schema, {"train": {"min_rows": 9}}, train=frame, reference=frame).checks]

    assert found == ["train.rows", "reference"]


@pytest.mark.parametrize(
    ("places", "said"),
    [
        ({"serving": {"optional": ["dep_dely"]}}, "did you mean 'dep_delay'"),
        ({"serving": {"skip_checks": ["temp.in_rnge"]}}, "did you mean 'temp.in_range'"),
    ],
)
def test_a_name_that_means_nothing_is_an_error_with_the_nearest(frame, schema, places, said):
    check = only(run(schema, places, serving=frame))

    assert check.outcome is Outcome.ERROR
    assert said in check.message


@pytest.mark.parametrize("rule", ["temp.unique", "temp.nullable", "unique", "strict", "temp.ge"])
def test_a_place_cannot_keep_a_rule_for_itself_that_the_schema_does_not_ask(frame, rule):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, nullable=True)})

    check = only(run(schema, {"train": {"checks": [rule]}}, train=frame))

    assert check.outcome is Outcome.ERROR
    assert "no rule that the schema asks" in check.message


def test_a_table_that_passes_says_which_rules_it_was_not_asked(frame, schema):
    check = only(run(schema, {"train": {"skip_checks": ["temp.in_range"]}}, train=frame))

    assert check.message.endswith("fit the schema; not asked here: temp.in_range")
    assert check.details["not_asked"] == ["temp.in_range"]


def test_metadata_that_names_no_place_is_an_error(frame):
    schema = pa.DataFrameSchema({"temp": pa.Column(float, metadata={"places": ["hold-out"]})})

    assert "did you mean 'holdout'" in only(run(schema, {}, train=frame)).message


@pytest.mark.parametrize(
    "place",
    [
        {"required": ["a"], "forbidden": ["a"]},
        {"required": ["a"], "optional": ["a"]},
        {"checks": ["a.isin"], "skip_checks": ["a.isin"]},
        {"min_rows": 5, "max_rows": 4},
        {"min_rows": 0},
        {"optinal": ["a"]},
    ],
)
def test_a_place_that_contradicts_itself_is_refused(place):
    with pytest.raises(ValueError, match=r"places"):
        Settings(schema="a:b", places={"serving": place})


def test_a_table_of_predictions_is_held_to_what_the_schema_says_of_it(frame, tmp_path):
    schema = pa.DataFrameSchema(
        {
            "temp": pa.Column(float),
            "score": pa.Column(float, pa.Check.in_range(0, 1), metadata={"places": ["predictions"]}),
        }
    )
    table = pd.DataFrame({"id": [1, 2, 3, 4], "score": [0.1, 0.2, 0.3, 1.4]})
    places = {"predictions": {"forbidden": ["temp"]}}

    result = run(schema, places, holdout=frame, candidate=table)

    assert {check.subject: check.outcome for check in result.checks} == {
        "holdout": Outcome.PASS,
        "predictions.score.in_range": Outcome.FAIL,
    }


def test_a_model_is_no_table_of_predictions(frame, schema):
    check = only(run(schema, {}, tables=["predictions"], candidate=lambda rows: rows["temp"]))

    assert "not a table of predictions" in check.message


# A schema that no table can fit.


@pytest.mark.parametrize(
    "checks",
    [
        [pa.Check.ge(10), pa.Check.le(5)],
        [pa.Check.gt(5), pa.Check.le(5)],
        [pa.Check.isin([])],
        [pa.Check.isin([1, 2]), pa.Check.ge(3)],
        [pa.Check.in_range(0, 5), pa.Check.ge(6)],
    ],
)
def test_a_schema_that_contradicts_itself_is_an_error_that_names_the_column(frame, checks):
    check = only(check_schema(frame, pa.DataFrameSchema({"temp": pa.Column(float, checks)})))

    assert check.outcome is Outcome.ERROR
    assert "contradicts itself: column temp" in check.message


def test_a_schema_that_contradicts_itself_or_knows_no_column_is_named_with_file_and_line(frame, tmp_path):
    path = tmp_path / "flights.yaml"
    path.write_text("columns:\n  late: integer\n  temp: {dtype: number, checks: {ge: 10, le: 5}}\n")
    against = only(check_schema(frame, str(path)))
    path.write_text("columns:\n  speed: number\n")
    stranger = only(check_schema(frame, str(path), name="holdout"))

    assert against.message.startswith("the schema flights.yaml contradicts itself: column temp (line 3): ")
    assert against.fix == "correct the schema flights.yaml"
    assert stranger.message == (
        "holdout has no column of the schema flights.yaml: holdout has temp, dep_delay, late; the schema asks for speed"
    )


def test_rules_that_go_together_are_no_contradiction(frame):
    checks = [pa.Check.ge(50), pa.Check.le(80), pa.Check.in_range(50, 80), pa.Check.isin([50.0, 60.0, 70.0, 80.0])]

    assert check_schema(frame, pa.DataFrameSchema({"temp": pa.Column(float, checks)})).outcome is Outcome.PASS


# polars.


@pytest.fixture
def pl():
    return pytest.importorskip("polars")


@pytest.fixture
def polars_schema(pl):
    import pandera.polars as pp

    return pp.DataFrameSchema(
        {
            "temp": pp.Column(pl.Float64, pp.Check.in_range(0, 120), unique=True),
            "origin": pp.Column(pl.String),
            "late": pp.Column(pl.Int64, required=False),
        }
    )


def broken(make):
    return make({"temp": [50.0, 500.0, 50.0], "origin": ["JFK", None, "LGA"]})


@pytest.mark.parametrize("form", ["eager", "lazy", "pandas"])
def test_a_polars_schema_judges_the_rows_of_every_kind_of_frame(pl, polars_schema, form):
    frame = broken(pd.DataFrame) if form == "pandas" else broken(pl.DataFrame)

    result = check_schema(frame.lazy() if form == "lazy" else frame, polars_schema)

    found = {check.subject: (check.code, check.details["rows"]) for check in result.checks}
    assert found == {
        "table.temp.in_range": ("MLG206", [{"row": 1, "value": 500.0}]),
        "table.temp.unique": ("MLG205", [{"row": 0, "value": 50.0}, {"row": 2, "value": 50.0}]),
        "table.origin.nullable": ("MLG204", [{"row": 1}]),
    }


@pytest.mark.parametrize("lazy", [False, True])
def test_a_polars_frame_is_judged_by_a_pandas_schema(pl, schema, frame, lazy):
    polars = pl.from_pandas(frame.assign(temp=999.0))

    check = only(check_schema(polars.lazy() if lazy else polars, schema))

    assert check.details["failure_count"] == 4


def test_a_polars_table_of_a_fixture_is_judged_in_its_place(pl, polars_schema):
    clean = pl.DataFrame({"temp": [50.0, 51.0], "origin": ["JFK", "LGA"]}).lazy()
    settings = Settings(schema=polars_schema, places={"serving": {"min_rows": 3, "forbidden": ["late"]}})

    result = run_gate(GATE, settings, Inputs(values={"serving": clean}))

    assert [check.subject for check in result.checks if check.blocks] == ["serving.rows"]


def test_polars_types_missing_columns_and_checks_that_raise_are_told(pl, polars_schema):
    import pandera.polars as pp

    schema = polars_schema.add_columns(
        {"x": pp.Column(pl.Int64, pp.Check(lambda data: 1 / 0, name="broken")), "y": pp.Column(pl.Int64)}
    )
    frame = pl.DataFrame({"temp": ["a"], "origin": ["JFK"], "x": [1]})

    found = {check.subject: check for check in check_schema(frame, schema).checks}

    assert found["table.temp.dtype"].message.startswith("table.temp is String, the schema asks for Float64")
    assert found["table.y.required"].code == "MLG202"
    assert found["table.x.broken"].outcome is Outcome.ERROR


def test_a_query_that_cannot_be_collected_is_an_error(pl, polars_schema):
    lazy = pl.DataFrame({"temp": [1.0]}).lazy().select(pl.col("nowhere"))

    check = only(check_schema(lazy, polars_schema))

    assert check.outcome is Outcome.ERROR
    assert "collecting it raised ColumnNotFoundError" in check.message


def test_a_polars_check_that_only_warns_is_a_failure_of_severity_warn(pl):
    import pandera.polars as pp

    schema = pp.DataFrameSchema({"a": pp.Column(pl.Int64, pp.Check.ge(2, raise_warning=True))})

    check = only(check_schema(pl.DataFrame({"a": [1, 2]}), schema))

    assert (check.outcome, check.severity) == (Outcome.FAIL, Severity.WARN)
