"""Contracts in the words of other tools, written after their documentation, as contracts of ours."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

import pandas as pd
import pydantic
import pytest

from pytest_mlgate.checks import InputError, Outcome
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.tables.contract import parse_contract
from pytest_mlgate.tables.importing import import_contract, parse
from pytest_mlgate.tables.importing.carrying import Imported, avoided, searched


def columns(found: Imported) -> dict[str, tuple[Any, ...]]:
    """The columns as they are read back from the file that is written."""
    spec = parse_contract(found.to_yaml())
    return {c.name: (c.dtype, c.nullable, c.required, c.unique, dict(c.checks)) for c in spec.columns}


def losses(found: Imported) -> list[str]:
    """What is lost; each of them stands in both files too."""
    lost = [str(loss) for loss in found.losses]
    exec(compile(found.to_python(), "schema.py", "exec"), {})
    for text in (found.to_yaml(), found.to_python()):
        assert all(f"NOT CARRIED OVER: {what}" in text for what in lost)
    return lost


def expect(name: str, **kwargs: Any) -> dict[str, Any]:
    return {"type": name, "kwargs": kwargs, "meta": {}, "id": "6f4e7e84-0001", "severity": "critical"}


# great_expectations 1: ExpectationSuite.to_json_dict, as a file context stores it.
DAYS = {"min_value": "2013-01-01", "max_value": "2014-01-01"}

SUITE = {
    "name": "flights",
    "expectations": [
        expect("expect_column_to_exist", column="carrier"),
        expect("expect_column_values_to_not_be_null", column="carrier"),
        expect("expect_column_values_to_be_in_set", column="carrier", value_set=["AA", "DL", "UA"]),
        expect("expect_column_values_to_be_of_type", column="distance", type_="int64"),
        expect("expect_column_values_to_be_between", column="distance", min_value=50, max_value=5000),
        expect("expect_column_values_to_be_between", column="temp", min_value=-40.0, strict_min=True, max_value=None),
        expect("expect_column_values_to_be_in_type_list", column="temp", type_list=["FLOAT", "INTEGER"]),
        expect("expect_column_values_to_be_unique", column="flight"),
        expect("expect_column_values_to_match_regex", column="tail", regex="^N[0-9]+"),
        expect("expect_column_value_lengths_to_be_between", column="tail", min_value=4, max_value=None),
        expect("expect_column_value_lengths_to_equal", column="dest", value=3),
        expect("expect_column_values_to_not_match_regex", column="dest", regex="X{3}"),
        expect("expect_column_values_to_be_between", column="scheduled", **DAYS),
        expect("expect_column_values_to_be_increasing", column="scheduled"),
        expect("expect_table_row_count_to_be_between", min_value=1000, max_value=None),
        expect("expect_compound_columns_to_be_unique", column_list=["carrier", "flight"]),
        expect("expect_table_columns_to_match_set", column_set=["carrier", "origin"], exact_match=False),
        # Not to be carried over:
        expect("expect_column_values_to_be_between", column="humid", min_value=0, max_value=100, mostly=0.95),
        expect("expect_column_mean_to_be_between", column="humid", min_value=40, max_value=70),
        expect("expect_column_values_to_not_be_null", column="late", row_condition='x=="y"', condition_parser="pandas"),
        expect("expect_column_values_to_be_between", column="gate", max_value={"$PARAMETER": "gates"}),
        expect("expect_column_pair_values_a_to_be_greater_than_b", column_A="arr", column_B="dep"),
        expect("expect_column_distinct_values_to_equal_set", column="origin", value_set=["EWR", "JFK"]),
    ],
    "meta": {"great_expectations_version": "1.3.0"},
    "notes": None,
}  # fmt: skip


def test_a_suite_of_great_expectations() -> None:
    found = import_contract(SUITE)
    spec = parse_contract(found.to_yaml())

    assert columns(found) == {
        "carrier": ("any", False, True, False, {"isin": (["AA", "DL", "UA"],)}),
        "distance": ("integer", True, True, False, {"in_range": (50, 5000)}),
        "temp": ("number", True, True, False, {"gt": (-40.0,)}),
        "flight": ("any", True, True, True, {}),
        "tail": ("any", True, True, False, {"str_matches": ("^N[0-9]+",), "str_length": (4, None)}),
        "dest": ("any", True, True, False, {"str_length": (3, 3), "str_matches": ("(?!(?s:.)*?(?:X{3}))",)}),
        "scheduled": (
            "datetime",
            True,
            True,
            False,
            {"in_range": (pd.Timestamp("2013-01-01"), pd.Timestamp("2014-01-01")), "not_decreasing": ()},
        ),
        "origin": ("any", True, True, False, {"isin": (["EWR", "JFK"],)}),
        "humid": ("any", True, True, False, {}),
        "late": ("any", True, True, False, {}),
        "gate": ("any", True, True, False, {}),
    }
    assert (spec.rows, spec.unique, spec.strict) == ((1000, None), ("carrier", "flight"), False)
    assert [loss.split("(")[0] for loss in losses(found)] == [
        "humid: expect_column_values_to_be_between",
        "humid: expect_column_mean_to_be_between",
        "late: expect_column_values_to_not_be_null",
        "gate: expect_column_values_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "origin: expect_column_distinct_values_to_equal_set",
    ]


def test_a_suite_of_before_version_1() -> None:
    # great_expectations 0.18: `expectation_suite_name`, `expectation_type`.
    old = {
        "expectation_suite_name": "flights",
        "data_asset_type": None,
        "ge_cloud_id": None,
        "expectations": [
            {"expectation_type": "expect_column_values_to_be_unique", "kwargs": {"column": "id"}, "meta": {}},
            {
                "expectation_type": "expect_table_columns_to_match_ordered_list",
                "kwargs": {"column_list": ["id", "age"]},
                "meta": {},
            },
        ],
        "meta": {"great_expectations_version": "0.18.21"},
    }
    found = import_contract(old)

    assert list(columns(found)) == ["id", "age"]
    assert found.spec.strict is True
    assert losses(found) == [
        'expect_table_columns_to_match_ordered_list(column_list=["id", "age"]) (the order of the columns)'
    ]


# Files as the tools themselves wrote them; contracts/README.md says how.
CONTRACTS = Path(__file__).parent / "contracts"


def stored(name: str) -> Imported:
    return import_contract(parse((CONTRACTS / name).read_text(encoding="utf-8"), name))


def test_a_file_of_great_expectations_1_carries_over_all_that_is_a_rule_of_rows() -> None:
    found = stored("great_expectations_1.24.json")
    spec = parse_contract(found.to_yaml())

    nothing = ("any", True, True, False, {})
    start, end = pd.Timestamp("2013-01-01"), pd.Timestamp("2013-12-31 23:59")
    assert columns(found) == {
        "carrier": ("any", False, True, False, {"isin": (["AA", "DL", "UA"],)}),
        "note": nothing,
        "late": nothing,
        "cancelled": nothing,
        "stops": ("any", True, True, False, {"isin": ([0, 1, 2],)}),
        "tail": (
            "any",
            True,
            True,
            False,
            {"notin": (["?", "N/A"],), "str_matches": ("(?s:.)*?(?:N[0-9]+)",), "str_length": (4, None)},
        ),
        "origin": ("any", True, True, False, {"isin": (["EWR", "JFK", "LGA"],)}),
        "terminal": ("any", True, True, False, {"isin": (["1", "2"],)}),
        "distance": ("integer", True, True, False, {"in_range": (50, 5000), "ge": (50,), "le": (5000,)}),
        "temp": ("any", True, True, False, {"gt": (-40.5,)}),
        "wind": ("any", True, True, False, {"lt": (80,)}),
        "scheduled": ("datetime", True, True, False, {"in_range": (start, end), "not_decreasing": ()}),
        "humid": nothing,
        "gate": nothing,
        "delay": nothing,
        "speed": ("any", True, True, False, {"ge": (0,)}),
        "flight": ("integer", True, True, True, {}),
        "dest": ("any", True, True, False, {"str_matches": ("(?!(?s:.)*?(?:X{3}))",), "str_length": (3, 3)}),
        "seat": ("any", True, True, False, {"str_matches": ("(?s:.)*?(?:(?:^[A-K])|(?:^[0-9]))",)}),
        "plane": nothing,
        "countdown": nothing,
        "booked": nothing,
        "extra": nothing,
    }
    assert (spec.strict, spec.rows, spec.unique) == (True, (1000, None), ("carrier", "flight"))
    assert "# IATA codes" in found.to_yaml()


def test_a_file_of_great_expectations_1_loses_nothing_without_a_word() -> None:
    found = stored("great_expectations_1.24.json")
    suite = json.loads((CONTRACTS / "great_expectations_1.24.json").read_text(encoding="utf-8"))
    told = losses(found)

    whole = {
        "expect_column_to_exist",
        "expect_column_values_to_not_be_null",
        "expect_column_values_to_be_in_set",
        "expect_column_values_to_not_be_in_set",
        "expect_column_distinct_values_to_be_in_set",
        "expect_column_values_to_be_between",
        "expect_column_values_to_be_of_type",
        "expect_column_values_to_be_in_type_list",
        "expect_column_values_to_be_unique",
        "expect_column_values_to_be_increasing",
        "expect_column_values_to_match_regex",
        "expect_column_values_to_not_match_regex",
        "expect_column_values_to_match_regex_list",
        "expect_column_value_lengths_to_be_between",
        "expect_column_value_lengths_to_equal",
        "expect_compound_columns_to_be_unique",
        "expect_table_row_count_to_be_between",
        "expect_table_columns_to_match_set",
    }
    kinds = {item["type"] for item in suite["expectations"]}
    untold = {kind for kind in kinds if not any(kind in loss for loss in told)}
    assert len(kinds) == 58
    assert untold <= whole | {"expect_column_values_to_not_match_regex_list"}  # told as a second `str_matches`
    assert "seat: a second str_matches: (?!(?s:.)*?(?:(?:Z)|(?:Q)))" in told
    assert [loss.rsplit(" (", 1)[1] for loss in told if "severity" in loss] == [
        "its severity, warning: every rule of a contract blocks)",
        "its severity, info: every rule of a contract blocks)",
    ]
    assert [loss.split(": ")[0] for loss in told if "a parameter" in loss] == ["gate"]


def test_a_file_of_great_expectations_0_18() -> None:
    found = stored("great_expectations_0.18.json")
    spec = parse_contract(found.to_yaml())
    held = columns(found)

    assert {name: told[0] for name, told in held.items() if told[0] != "any"} == {
        "temp": "number",
        "scheduled": "datetime",
        "flight": "integer",
    }
    assert held["carrier"] == ("any", False, True, False, {"isin": (["AA", "DL", "UA"],)})
    assert held["distance"][4] == {"in_range": (50, 5000), "ge": (60,)}
    assert held["departs"][4] == {"not_decreasing": (), "le": (500,)}
    assert held["dest"][4] == {"str_matches": ("(?!(?s:.)*?(?:X{3}))",), "str_length": (3, 3)}
    assert (spec.strict, spec.rows, spec.unique) == (True, (10, 20), ("carrier", "flight"))
    assert "# IATA codes" in found.to_yaml()
    assert [loss.split("(")[0] for loss in losses(found)] == [
        "carrier: expect_column_to_exist",
        "late: expect_column_values_to_not_be_null",
        "origin: expect_column_distinct_values_to_contain_set",
        "arrives: expect_column_values_to_be_between",
        "gate: expect_column_values_to_be_between",
        "departs: expect_column_values_to_be_increasing",
        "temp: expect_column_mean_to_be_between",
        "distance: expect_column_min_to_be_between",
        "departs: expect_column_max_to_be_between",
        "carrier: expect_column_unique_value_count_to_be_between",
        "expect_column_pair_values_a_to_be_greater_than_b",
        "expect_table_column_count_to_equal",
        "expect_table_columns_to_match_ordered_list",
    ]


def test_a_file_of_mlflow_3() -> None:
    found = stored("MLmodel")

    assert {name: told[:3] for name, told in columns(found).items()} == {
        "distance": ("integer", False, True),
        "small": ("integer", False, True),
        "temp": ("number", True, False),
        "half": ("number", True, True),
        "carrier": ("string", True, True),
        "scheduled": ("datetime", True, True),
        "delayed": ("boolean", False, True),
        "photo": ("any", True, True),
        "stops": ("any", True, True),
        "extra": ("any", True, True),
        "note": ("string", True, False),
    }
    assert [loss.split(":")[0] for loss in losses(found)] == ["photo", "stops", "extra", "outputs", "params"]


@pytest.mark.parametrize(
    ("patterns", "match_on", "expected"),
    [
        (["^a", "b$"], "any", {"str_matches": ("(?s:.)*?(?:(?:^a)|(?:b$))",)}),
        (["^a", "b$"], "all", {}),
        (["(a)\\1", "b"], "any", {}),  # the reference would count another group
        (["(", "b"], "any", {}),
        ([], "any", {}),
    ],
)
def test_several_patterns_are_one_where_that_means_the_same(
    patterns: list[str], match_on: str, expected: dict[str, Any]
) -> None:
    one = expect("expect_column_values_to_match_regex_list", column="x", regex_list=patterns, match_on=match_on)
    found = import_contract({"expectations": [one]})

    assert columns(found)["x"][4] == expected
    assert bool(losses(found)) is not bool(expected)


def test_a_second_rule_of_one_kind_is_told() -> None:
    twice = [expect("expect_column_values_to_match_regex", column="x", regex=regex) for regex in ("^a", "^b", "(")]

    assert losses(import_contract({"expectations": twice})) == [
        "x: a second str_matches: ^b",
        'x: expect_column_values_to_match_regex(regex="(") (no regular expression of Python)',
    ]


ROW = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.com/flight.schema.json",
    "title": "Flight",
    "type": "object",
    "properties": {
        "carrier": {"type": "string", "enum": ["AA", "DL"], "description": "who\nflies"},
        "distance": {"type": "integer", "minimum": 50, "maximum": 5000},
        "temp": {"type": ["number", "null"], "exclusiveMinimum": -40},
        "tail": {"type": "string", "pattern": "N[0-9]", "minLength": 2},
        "scheduled": {"type": "string", "format": "date-time"},
        "delayed": {"type": "boolean"},
        "dest": {"$ref": "#/$defs/airport"},
        "old": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
        "grade": {"enum": [1, 2, None]},
        "either": {"anyOf": [{"type": "integer"}, {"type": "null"}], "title": "Either", "default": None},
        "stops": {"type": "array", "items": {"type": "string"}},
        "mail": {"type": "string", "format": "email"},
        "even": {"type": "integer", "multipleOf": 2},
    },
    "required": [
        "carrier", "distance", "temp", "tail", "scheduled", "delayed", "dest", "old", "grade", "either", "even",
    ],
    "additionalProperties": False,
    "minProperties": 3,
    "$defs": {"airport": {"type": "string", "minLength": 3, "maxLength": 3}},
}  # fmt: skip


def test_a_json_schema() -> None:
    found = import_contract(ROW)

    assert columns(found) == {
        "carrier": ("string", False, True, False, {"isin": (["AA", "DL"],)}),
        "distance": ("integer", False, True, False, {"in_range": (50, 5000)}),
        "temp": ("number", True, True, False, {"gt": (-40,)}),
        "tail": ("string", False, True, False, {"str_length": (2, None), "str_matches": ("(?s:.)*?(?:N[0-9])",)}),
        "scheduled": ("datetime", False, True, False, {}),
        "delayed": ("boolean", False, True, False, {}),
        "dest": ("string", False, True, False, {"str_length": (3, 3)}),
        "old": ("number", False, True, False, {"gt": (0,)}),
        "grade": ("number", True, True, False, {"isin": ([1, 2],)}),
        "either": ("integer", True, True, False, {}),
        "stops": ("any", True, False, False, {}),
        "mail": ("string", True, False, False, {}),
        "even": ("integer", False, True, False, {}),
    }
    assert found.spec.strict is True
    assert found.spec.columns[0].description == "who flies"
    assert losses(found) == [
        "stops: type: array",
        'stops: items: {"type": "string"}',
        'mail: format: "email"',
        "even: multipleOf: 2",
        "minProperties: 3",
    ]


def test_a_json_schema_of_rows_and_one_behind_a_reference() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}}}
    behind = {"$ref": "#/definitions/row", "definitions": {"row": rows["items"]}}

    assert (
        columns(import_contract(rows)) == columns(import_contract(behind)) == {"a": ("number", True, False, False, {})}
    )
    with pytest.raises(InputError, match="leads nowhere"):
        import_contract({"$ref": "#/definitions/x", "definitions": {}})
    with pytest.raises(InputError, match="leads nowhere"):
        import_contract({"$ref": "#/$defs/x", "$defs": {"x": {"$ref": "#/$defs/x"}}})


class Airport(StrEnum):
    EWR = "EWR"
    JFK = "JFK"


class Flight(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    origin: Airport
    distance: int = pydantic.Field(ge=50, le=5000)
    temp: float | None = None
    share: float = pydantic.Field(gt=0, lt=1)
    code: str = pydantic.Field(pattern="^[A-Z]{3}$", max_length=3)
    cabin: Literal["eco", "first"]
    when: datetime

    @pydantic.field_validator("distance")
    @classmethod
    def _even(cls, value: int) -> int:
        return value


def test_a_pydantic_model() -> None:
    found = import_contract(Flight)

    assert columns(found) == {
        "origin": ("string", False, True, False, {"isin": (["EWR", "JFK"],)}),
        "distance": ("integer", False, True, False, {"in_range": (50, 5000)}),
        "temp": ("number", True, False, False, {}),
        "share": ("number", False, True, False, {"gt": (0,), "lt": (1,)}),
        "code": ("string", False, True, False, {"str_length": (None, 3), "str_matches": ("^[A-Z]{3}$",)}),
        "cabin": ("string", False, True, False, {"isin": (["eco", "first"],)}),
        "when": ("datetime", False, True, False, {}),
    }
    assert found.spec.strict is True
    assert losses(found) == ["the validator _even"]


# mlflow: `signature` of an MLmodel file, inputs as `Schema.to_json` writes them.
MLMODEL = """
artifact_path: model
flavors:
  python_function:
    loader_module: mlflow.sklearn
mlflow_version: 2.19.0
signature:
  inputs: '[{"type": "long", "name": "distance", "required": true}, {"type": "double",
    "name": "temp", "required": true}, {"type": "string", "name": "carrier", "required":
    false}, {"type": "datetime", "name": "scheduled", "required": true}, {"type": "boolean",
    "name": "delayed", "required": true}, {"type": "array", "items": {"type": "long"},
    "name": "stops", "required": true}]'
  outputs: '[{"type": "tensor", "tensor-spec": {"dtype": "int64", "shape": [-1]}}]'
  params: null
"""


def test_an_mlflow_model() -> None:
    found = import_contract(parse(MLMODEL, "MLmodel"))

    assert columns(found) == {
        "distance": ("integer", False, True, False, {}),
        "temp": ("number", True, True, False, {}),
        "carrier": ("string", True, False, False, {}),
        "scheduled": ("datetime", True, True, False, {}),
        "delayed": ("boolean", False, True, False, {}),
        "stops": ("any", True, True, False, {}),
    }
    assert [loss.split(":")[0] for loss in losses(found)] == ["stops", "outputs"]


def test_an_mlflow_signature_by_itself() -> None:
    signature = parse(MLMODEL, "MLmodel")["signature"]
    plain = {"inputs": json.loads(signature["inputs"])}

    assert columns(import_contract(signature)) == columns(import_contract(plain))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"flavors": {}, "run_id": "x"}, "without a signature"),
        (
            {"inputs": '[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 4]}}]'},
            "a tensor .* no name",
        ),
        ({"inputs": '[{"type": "double"}]'}, "column 0 .* no name"),
        ({"inputs": "[{"}, "not JSON"),
        ({"inputs": '{"a": 1}'}, "no list of columns"),
        ({"inputs": [{"type": "double", "name": "a"}] * 2}, "'a' twice"),
    ],
)
def test_an_mlflow_signature_that_names_no_columns(value: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        import_contract(value)


# feast: MessageToJson of feast.core.FeatureView, as `feast feature-views describe` and the registry's dump have it.
VIEW = {
    "spec": {
        "name": "driver_hourly_stats",
        "entities": ["driver"],
        "entityColumns": [{"name": "driver_id", "valueType": "INT64"}],
        "features": [
            {"name": "conv_rate", "valueType": "FLOAT", "description": "conversions"},
            {"name": "avg_daily_trips", "valueType": "INT64"},
            {"name": "city", "valueType": 2},
            {"name": "embedding", "valueType": "FLOAT_LIST"},
        ],
        "ttl": "86400s",
        "batchSource": {"type": "BATCH_FILE", "timestampField": "event_timestamp"},
        "online": True,
    },
    "meta": {"createdTimestamp": "2024-01-01T00:00:00Z"},
}


def test_a_feast_feature_view() -> None:
    found = import_contract(VIEW)

    assert columns(found) == {
        "driver_id": ("integer", False, True, False, {}),
        "event_timestamp": ("datetime", False, True, False, {}),
        "conv_rate": ("number", True, True, False, {}),
        "avg_daily_trips": ("integer", True, True, False, {}),
        "city": ("string", True, True, False, {}),
        "embedding": ("any", True, True, False, {}),
    }
    assert losses(found) == ["embedding: type: FLOAT_LIST", "ttl: 86400s"]


def test_a_feature_view_as_feast_itself_writes_it() -> None:
    found = stored("feast_view.json")

    assert {name: told[:2] for name, told in columns(found).items()} == {
        "driver_id": ("integer", False),
        "event_timestamp": ("datetime", False),
        "conv_rate": ("number", True),
        "acc_rate": ("number", True),
        "avg_daily_trips": ("integer", True),
        "trips32": ("integer", True),
        "city": ("string", True),
        "active": ("boolean", True),
        "last_trip": ("datetime", True),
        "raw": ("any", True),
        "embedding": ("any", True),
    }
    assert losses(found) == ["raw: type: BYTES", "embedding: type: FLOAT_LIST", "ttl: 86400s"]


class FeastType:
    """As feast.types: a primitive is told by its text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def test_a_feature_view_as_an_object() -> None:
    view = SimpleNamespace(
        name="stats",
        entities=["driver"],
        features=[
            SimpleNamespace(name="rate", dtype=FeastType("Float32"), description="", tags={}),
            SimpleNamespace(name="last", dtype=FeastType("UnixTimestamp"), description="", tags={}),
            SimpleNamespace(name="trips", dtype=FeastType("Array(Int64)"), description="", tags={}),
        ],
        batch_source=SimpleNamespace(timestamp_field="ts"),
        ttl=None,
    )
    found = import_contract(view)

    assert {name: told[0] for name, told in columns(found).items()} == {
        "ts": "datetime",
        "rate": "number",
        "last": "datetime",
        "trips": "any",
    }
    assert losses(found) == [
        "entity driver: the view names it, and not the column of its key",
        "trips: type: Array(Int64)",
    ]


@pytest.mark.parametrize("text", ["[1, 2]", "just words", "a: [", "", "\x00", "[" * 100_000])
def test_a_file_that_is_no_contract(text: str) -> None:
    with pytest.raises(InputError) as error:
        parse(text, "x.json")

    assert error.value.message.startswith("x.json")
    assert "Great Expectations" in error.value.fix


@pytest.mark.parametrize("value", [{}, {"a": 1, "b": 2}, {"expectations": [1]}, int, 3, {"spec": {}}])
def test_something_else_is_one_clear_error(value: Any) -> None:
    with pytest.raises(InputError, match=r"^x is not a contract of any kind that can be imported"):
        import_contract(value, source="x")


def test_a_kind_that_is_said_must_be_the_one_it_is() -> None:
    assert columns(import_contract(ROW, kind="json-schema"))
    with pytest.raises(InputError, match="is not a mlflow contract"):
        import_contract(ROW, kind="mlflow")
    with pytest.raises(InputError, match="states no column"):
        import_contract({"expectations": []})


@pytest.mark.parametrize("pattern", ["b", "^b", "^b|c", "b$", "(?=a)a", "x|^a", "^$"])
@pytest.mark.parametrize("text", ["", "a", "ab", "ba", "b", "c", "a\nb", "xc"])
def test_a_pattern_that_is_searched_for_is_matched_from_the_beginning(pattern: str, text: str) -> None:
    import re

    found = re.search(pattern, text) is not None

    assert (re.match(str(searched(pattern)), text) is not None) is found
    assert (re.match(str(avoided(pattern)), text) is not None) is not found


@pytest.mark.parametrize("form", ["yaml", "python"])
def test_an_imported_contract_judges_a_table(form: str) -> None:
    found = import_contract(Flight)
    namespace: dict[str, Any] = {}
    if form == "python":
        exec(compile(found.to_python(), "schema.py", "exec"), namespace)
    schema = namespace["schema"] if form == "python" else parse_contract(found.to_yaml())
    frame = pd.DataFrame(
        {
            "origin": ["EWR", "JFK"],
            "distance": [100, 200],
            "share": [0.5, 0.25],
            "code": ["ABC", "DEF"],
            "cabin": ["eco", "first"],
            "when": pd.to_datetime(["2013-01-01", "2013-01-02"]),
        }
    )
    broken = frame.assign(distance=[1, 200], share=[0.5, 1.0], code=["AB", "DEF"], cabin=["eco", "third"], more=1)

    assert check_schema(frame, schema).outcome is Outcome.PASS
    assert {check.subject for check in check_schema(broken, schema).checks} == {
        "table.more.strict",
        "table.distance.in_range",
        "table.share.less_than",
        "table.code.str_matches",
        "table.cabin.isin",
    }
