"""One contract in its two forms, YAML and Python, and what tells two contracts apart."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pandera.pandas as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError, Outcome
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.tables.contract import KINDS, ColumnSpec, TableSpec, parse_contract
from pytest_mlgate.tables.contract_diff import compare_contracts
from pytest_mlgate.tables.contract_pandera import from_pandera
from pytest_mlgate.tables.contract_places import ELSEWHERE, in_place
from pytest_mlgate.tables.contract_python import to_python
from pytest_mlgate.tables.contract_yaml import Remarks, to_yaml
from pytest_mlgate.tables.places import PLACES, PlaceSettings, stated_rules
from pytest_mlgate.tables.rules import kind

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(-1e6, 1e6).map(lambda value: value + 0.0)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.none() | st.just(UTC))
VALUES = {"number": NUMBERS, "integer": NUMBERS, "string": TEXTS, "datetime": MOMENTS, "any": NUMBERS | TEXTS}


@st.composite
def columns(draw: st.DrawFn, name: str, dtype: str | None = None) -> ColumnSpec:
    dtype = dtype or draw(st.sampled_from([*KINDS, "float64", "category", "Int64"]))
    checks: dict[str, tuple[Any, ...]] = {}
    values = VALUES.get(dtype)
    if values is not None:
        if draw(st.booleans()):
            word = draw(st.sampled_from(["isin", "notin"]))
            checks[word] = (draw(st.lists(values, min_size=1, max_size=6)),)
        one = draw(values)
        for word in draw(st.sets(st.sampled_from(["ge", "gt", "le", "lt", "eq", "ne"]), max_size=2)):
            checks[word] = (one,)
    if dtype in ("number", "integer") and draw(st.booleans()):
        low, high = sorted([draw(NUMBERS), draw(NUMBERS)])
        checks["in_range"] = (low, high)
    if dtype == "string":
        if draw(st.booleans()):
            low, high = draw(st.sampled_from([(0, 3), (2, None), (None, 5), (4, 4)]))
            checks["str_length"] = (low, high)
        if draw(st.booleans()):
            checks["str_matches"] = (draw(st.sampled_from([r"^[A-Z]{3}\Z", "a|b", r"\d+ \"x'", "é"])),)
    if draw(st.booleans()):
        checks["not_constant"] = (draw(st.integers(1, 500)),)
    if draw(st.booleans()):
        checks["not_decreasing"] = ()
    return ColumnSpec(
        name=name,
        dtype=dtype,
        nullable=draw(st.booleans()),
        unique=draw(st.booleans()),
        required=draw(st.booleans()),
        description=draw(TEXTS),
        checks=checks,
        places=tuple(place for place in PLACES if draw(st.integers(0, 5)) == 0),
    )


@st.composite
def contracts(draw: st.DrawFn) -> TableSpec:
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    spec = TableSpec(
        columns=tuple(draw(columns(name)) for name in names),
        strict=draw(st.booleans()),
        unique=tuple(draw(st.lists(st.sampled_from(names), max_size=2, unique=True))),
        rows=draw(st.sampled_from([None, (1, None), (None, 10), (5, 7)])),
    )
    placed = draw(st.lists(st.sampled_from(PLACES), max_size=2, unique=True))
    found = {name: draw(settings_of_places(spec, places_of_rows=(5, 7))) for name in placed}
    return replace(spec, places={name: place for name, place in found.items() if place.said()})


@st.composite
def settings_of_places(draw: st.DrawFn, spec: TableSpec, places_of_rows: tuple[int, int]) -> PlaceSettings:
    """What may differ in a place: columns in one of three lists, rules in one of two."""
    columns: dict[str, list[str]] = {"required": [], "optional": [], "forbidden": []}
    for column in spec.columns:
        where = draw(st.sampled_from([*columns, None, None]))
        if where is not None:
            columns[where].append(column.name)
    if draw(st.booleans()):
        unknown = draw(NAMES.filter(lambda name: name not in {column.name for column in spec.columns}))
        columns[draw(st.sampled_from(["required", "forbidden"]))].append(unknown)
    rules: dict[str, list[str]] = {"checks": [], "skip_checks": []}
    for rule in stated_rules(spec):
        where = draw(st.sampled_from([*rules, None, None]))
        if where is not None:
            rules[where].append(rule)
    low, high = (draw(st.none() | st.just(end)) for end in places_of_rows)
    return PlaceSettings(**columns, **rules, min_rows=low, max_rows=high)


def bare(spec: TableSpec) -> TableSpec:
    """Without where it was read, and with a dtype of pandas as pandas spells it."""
    return replace(
        spec,
        source="",
        columns=tuple(replace(column, line=0, checks=dict(column.checks)) for column in spec.columns),
    )


def as_python(spec: TableSpec) -> pa.DataFrameSchema:
    namespace: dict[str, Any] = {}
    exec(compile(to_python(spec), "schema.py", "exec"), namespace)
    return namespace["schema"]


@given(contracts())
def test_yaml_to_python_to_yaml_keeps_the_contract(spec: TableSpec) -> None:
    once = parse_contract(to_yaml(spec))
    back, left = from_pandera(as_python(once))

    assert left == ()
    assert bare(once) == bare(spec)
    assert bare(parse_contract(to_yaml(back))) == bare(spec)


@given(contracts(), NAMES)
def test_a_remark_cannot_leave_its_comment(spec: TableSpec, text: str) -> None:
    remarks = {
        column.name: Remarks(
            column=text, beside=dict.fromkeys([*column.checks, "dtype", "nullable"], text), lines=(text,)
        )
        for column in spec.columns
    }
    header = (text, "x\nstrict: maybe")

    assert bare(parse_contract(to_yaml(spec, header=header, remarks=remarks))) == bare(spec)
    namespace: dict[str, Any] = {}
    exec(compile(to_python(spec, header=header, remarks=remarks), "schema.py", "exec"), namespace)
    assert bare(from_pandera(namespace["schema"])[0]) == bare(spec)


def test_the_python_form_is_laid_out_as_ruff_does() -> None:
    pytest.importorskip("ruff")
    spec = parse_contract(
        """
rows: [1, null]
unique: [a, b]
columns:
  a: {dtype: number, checks: {in_range: [0, 1e5], not_constant: 100}}
  b: {dtype: string, nullable: true, required: false, description: 'it''s "so"', checks: {isin: [x, 'a"b', "it's"]}}
  c: {dtype: string, checks: {isin: [aaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbb, cccccccccccccccccccccccc, d]}}
  d: {dtype: datetime, unique: true, checks: {ge: 2013-01-01, lt: 2014-01-01 05:06:07, not_decreasing: true}}
  e: {dtype: float64, checks: {str_matches: 'a\\d"'}}
  é: {dtype: any, places: [train, holdout]}
  f: {dtype: any, places: [train, holdout, reference, current, serving, predictions]}
places:
  serving: {optional: [a], skip_checks: [a.in_range, b.isin, c.isin, d.ge, d.lt, d.not_decreasing, rows], min_rows: 5}
  train: {checks: [a.not_constant], forbidden: ['"']}
"""
    )
    long = "a remark that is so long that it does not fit behind its line, whatever the line is"
    remarks = {
        column.name: Remarks(
            column=long, beside=dict.fromkeys([*column.checks, "dtype", "nullable"], long), lines=("x",)
        )
        for column in spec.columns
    }
    for source in (to_python(spec), to_python(spec, header=("one", "two"), remarks=remarks)):
        found = subprocess.run(
            [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "-"],
            input=source,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        assert (found.returncode, found.stdout) == (0, "")


def test_a_kind_is_a_dtype_whatever_carries_it() -> None:
    schema = pa.DataFrameSchema({"x": pa.Column(kind("integer"), nullable=True)})

    for values in ([1, 2], [1.0, None], pd.array([1, None], dtype="Int64"), pd.Categorical([1, 2])):
        assert check_schema(pd.DataFrame({"x": values}), schema).outcome is Outcome.PASS
    check = check_schema(pd.DataFrame({"x": [1.5]}), schema).checks[0]
    assert (check.code, check.message) == ("MLG203", "table.x is float64, the schema asks for integer (all 1 rows)")
    with pytest.raises(ValueError, match="'nubmer' is no kind of value"):
        kind("nubmer")


@pytest.mark.parametrize(
    ("check", "said"),
    [
        ("not_constant: many", "not a whole number"),
        ("not_constant: -1", "not a whole number"),
        ("not_decreasing: false", "asks for nothing"),
        ("str_length: [null, null]", "neither end"),
        ("str_length: [2, 1]", "2 is not below 1"),
        ("ge: 5", "is no timestamp"),
        ("ge: soon", "is no timestamp"),
    ],
)
def test_a_rule_that_says_nothing_is_refused(check: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        parse_contract(f"columns:\n  x: {{dtype: datetime, checks: {{{check}}}}}")


def test_days_are_timestamps_in_a_column_of_timestamps() -> None:
    spec = parse_contract("columns:\n  x: {dtype: datetime, checks: {in_range: [2013-01-01, 2013-12-31 10:00]}}")
    frame = pd.DataFrame({"x": pd.to_datetime(["2013-01-01", "2012-12-31"])})

    assert spec.columns[0].checks["in_range"] == (datetime(2013, 1, 1), datetime(2013, 12, 31, 10))
    assert check_schema(frame, spec).checks[0].message.startswith("table.x: 1 of 2 values (50.00%) break in_range")


def test_rules_over_a_column_and_a_table_are_judged() -> None:
    spec = parse_contract("rows: [3, null]\ncolumns:\n  x: {checks: {not_constant: 2, not_decreasing: true}}")

    def broken(values: list[int]) -> set[str]:
        checks = check_schema(pd.DataFrame({"x": values}), spec).checks
        return {check.subject for check in checks if check.outcome is not Outcome.PASS}

    assert broken([1, 2, 2]) == set()
    assert broken([1, 1]) == {"table.row_count", "table.x.not_constant"}
    assert broken([1, 3, 2]) == {"table.x.not_decreasing"}


def test_what_a_contract_has_no_word_for_is_told() -> None:
    schema = pa.DataFrameSchema(
        {
            "a": pa.Column(
                float, [pa.Check(lambda s: s > 0, name="positive"), pa.Check.in_range(0, 1, include_max=False)]
            ),
            "b": pa.Column(str, coerce=True),
        },
        ordered=True,
        unique=[["a"], ["b"]],
    )
    spec, left = from_pandera(schema)

    assert spec.columns[0].checks == {"ge": (0,), "lt": (1,)}
    assert spec.unique == ("a",)
    assert set(left) == {("a", "positive"), ("b", "coerce"), ("", "ordered"), ("", "unique b")}


def changes(old: str, new: str) -> list[tuple[str, str, bool, bool]]:
    found = compare_contracts(parse_contract(old), parse_contract(new))
    return [(c.kind, c.message, c.breaks_consumer, c.breaks_producer) for c in found]


def one(old: str, new: str) -> list[tuple[str, str, bool, bool]]:
    return changes(f"columns:\n  x: {old}\n  y: any", f"columns:\n  x: {new}\n  y: any")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("number", "number", []),
        ("integer", "number", [("type", "type changed from integer to number", True, False)]),
        ("number", "string", [("type", "type changed from number to string", True, True)]),
        ("string", "any", [("type", "type changed from string to any", True, False)]),
        ("float64", "number", [("type", "type changed from float64 to number", True, False)]),
        ("number", "{dtype: number, nullable: true}", [("nullable", "values may be missing now", True, False)]),
        ("{nullable: true}", "any", [("nullable", "no value may be missing now", False, True)]),
        ("any", "{required: false}", [("required", "optional now: it may be absent", True, False)]),
        ("any", "{unique: true}", [("unique", "must be unique now", False, True)]),
        (
            "{checks: {in_range: [0, 1]}}",
            "{checks: {in_range: [0, 2]}}",
            [("range", "range wider: values from 0 to 1 before, from 0 to 2 now", True, False)],
        ),
        (
            "{checks: {in_range: [0, 1]}}",
            "{checks: {ge: 0, lt: 1}}",
            [("range", "range narrower: values from 0 to 1 before, from 0 below 1 now", False, True)],
        ),
        ("{checks: {in_range: [0, 1]}}", "{checks: {ge: 0, le: 1}}", []),
        (
            "{checks: {in_range: [0, 1]}}",
            "{checks: {in_range: [0.5, 2]}}",
            [("range", "range moved: values from 0 to 1 before, from 0.5 to 2 now", True, True)],
        ),
        (
            "{checks: {isin: [a, b]}}",
            "{checks: {isin: [b, c]}}",
            [("levels", "levels added: c; levels removed: a", True, True)],
        ),
        ("{checks: {isin: [a]}}", "{checks: {isin: [a, b]}}", [("levels", "levels added: b", True, False)]),
        ("{checks: {isin: [a]}}", "any", [("levels", "levels open: others may come", True, False)]),
        ("any", "{checks: {isin: [a]}}", [("levels", "levels closed: a", False, True)]),
        ("{checks: {isin: [a, b]}}", "{checks: {isin: [b, a]}}", []),
        (
            "{checks: {isin: [0, 1]}}",
            "{checks: {in_range: [0, 9]}}",
            [
                ("levels", "levels open: others may come", True, False),
                ("range", "range told otherwise: values without limit before, from 0 to 9 now", False, False),
            ],
        ),
        ("any", "{checks: {notin: [a]}}", [("levels", "a refused now", False, True)]),
        (
            "{checks: {str_length: [1, 3]}}",
            "{checks: {str_length: [1, null]}}",
            [("length", "length wider: lengths from 1 to 3 before, from 1 now", True, False)],
        ),
        ("any", "{checks: {str_matches: a}}", [("pattern", "must match 'a' now", False, True)]),
        (
            "{checks: {not_constant: 9}}",
            "{checks: {not_constant: 99}}",
            [("rule", "99 values must not all be the same now", True, False)],
        ),
        ("{checks: {not_decreasing: true}}", "any", [("rule", "may decrease from row to row now", True, False)]),
    ],
)  # fmt: skip
def test_a_change_of_a_column_is_told_with_whom_it_breaks(old: str, new: str, expected: list[Any]) -> None:
    assert one(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "columns: {a: any, b: any}",
            "columns: {a: any}",
            [("removed", "removed: it may no longer be there", True, False)],
        ),
        (
            "columns: {a: any}",
            "columns: {a: any, b: {required: false}}",
            [("added", "added (any, optional)", False, False)],
        ),
        ("columns: {a: any}", "columns: {a: any, b: number}", [("added", "added (number, required)", False, True)]),
        (
            "strict: true\ncolumns: {a: any}",
            "strict: true\ncolumns: {a: any, b: {required: false}}",
            [("added", "added (any, optional)", True, False)],
        ),
        (
            "columns: {a: any}",
            "strict: true\ncolumns: {a: any}",
            [("strict", "columns that are not listed are refused now", False, True)],
        ),
        (
            "unique: [a]\ncolumns: {a: any, b: any}",
            "unique: [a, b]\ncolumns: {a: any, b: any}",
            [("unique", "rows unique in a before, in a, b now", True, False)],
        ),
        (
            "rows: [1, 5]\ncolumns: {a: any}",
            "rows: [2, 5]\ncolumns: {a: any}",
            [("rows", "number of rows narrower: rows from 1 to 5 before, from 2 to 5 now", False, True)],
        ),
    ],
)  # fmt: skip
def test_a_change_of_the_table_is_told(old: str, new: str, expected: list[Any]) -> None:
    assert changes(old, new) == expected


OF_PLACES = """
columns:
  temp: {dtype: number, checks: {ge: 0, le: 100}}
  late: integer
"""


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "places: {serving: {optional: [temp]}}", [("in serving: optional now: it may be absent", True, False)]),
        ("places: {serving: {optional: [temp]}}", "", [("in serving: must be there now", False, True)]),
        ("", "places: {serving: {forbidden: [late]}}", [("in serving: must not be there now", True, True)]),
        (
            "places: {serving: {forbidden: [late]}}",
            "places: {serving: {optional: [late]}}",
            [("in serving: may be there now", True, False)],
        ),
        ("", "places: {train: {forbidden: [id]}}", [("in train: must not be there now", False, True)]),
        ("", "places: {train: {required: [id]}}", [("in train: added (any, required)", False, True)]),
        (
            "",
            "places: {serving: {skip_checks: [temp.le]}}",
            [("in serving: range wider: values from 0 to 100 before, from 0 now", True, False)],
        ),
        (
            "",
            "places: {train: {checks: [temp.le]}}",
            [("except in train: range wider: values from 0 to 100 before, from 0 now", True, False)],
        ),
        (
            "",
            "places: {serving: {min_rows: 5}}",
            [("in serving: number of rows narrower: rows without limit before, from 5 now", False, True)],
        ),
        (
            "",
            "places: {serving: {skip_checks: [late.dtype]}}",
            [("in serving: type changed from integer to any", True, False)],
        ),
        ("places: {predictions: {required: [score]}}", "places: {predictions: {required: [score]}}", []),
        (
            "",
            "places: {predictions: {required: [score]}}",
            [
                ("in predictions: added (any, required)", False, True),
            ],
        ),
    ],
)  # fmt: skip
def test_a_change_of_a_place_is_told_with_the_place(old: str, new: str, expected: list[Any]) -> None:
    found = [change[1:] for change in changes(OF_PLACES + old, OF_PLACES + new)]

    assert found == expected


def test_a_column_that_names_its_places_is_optional_in_the_others() -> None:
    def told(old: str, new: str) -> list[tuple[str, bool, bool]]:
        form = "columns: {{temp: number, late: {{dtype: integer, {0}}}}}"
        return [change[1:] for change in changes(form.format(old), form.format(new))]

    others = "in reference, current, serving"
    assert told("", "places: [train, holdout]") == [(f"{others}: optional now: it may be absent", True, False)]
    assert told("places: [train]", "places: [train, holdout]") == [("in holdout: must be there now", False, True)]
    assert told("places: [train]", "places: [train], nullable: true") == [("values may be missing now", True, False)]


def test_a_change_everywhere_but_in_one_place_says_so() -> None:
    places = "places: {train: {skip_checks: [temp.le]}}"
    old, new = OF_PLACES + places, OF_PLACES.replace("100", "90") + places

    (change,) = changes(old, new)

    assert change[1] == "except in train: range narrower: values from 0 to 100 before, from 0 to 90 now"


@st.composite
def pairs(draw: st.DrawFn) -> tuple[ColumnSpec, ColumnSpec, list[Any]]:
    dtype = draw(st.sampled_from(["integer", "string"]))
    few = st.integers(-3, 3) if dtype == "integer" else st.sampled_from(["", "a", "ab", "abc", "b"])

    def column() -> ColumnSpec:
        checks: dict[str, tuple[Any, ...]] = {}
        for word in draw(st.sets(st.sampled_from(["isin", "notin"]), max_size=2)):
            checks[word] = (draw(st.lists(few, min_size=1, max_size=4)),)
        words = ["ge", "gt", "le", "lt", "eq", "ne"] if dtype == "integer" else ["str_length", "str_matches"]
        for word in draw(st.sets(st.sampled_from(words), max_size=3)):
            given = draw(few)
            if word == "str_length":
                checks[word] = draw(st.sampled_from([(0, 1), (1, None), (2, 3), (None, 2)]))
            elif word == "str_matches":
                checks[word] = (draw(st.sampled_from(["a", "b", "ab"])),)
            else:
                checks[word] = (given,)
        if draw(st.booleans()):
            checks["not_constant"] = (draw(st.integers(1, 4)),)
        if dtype == "integer" and draw(st.booleans()):
            checks["not_decreasing"] = ()
        return ColumnSpec(
            name="x",
            dtype=draw(st.sampled_from([dtype, "any"])),
            nullable=draw(st.booleans()),
            unique=draw(st.booleans()),
            checks=checks,
        )

    return column(), column(), draw(st.lists(few | st.none(), min_size=1, max_size=4))


@settings(max_examples=60)
@given(pairs())
def test_no_table_that_one_refuses_and_the_other_takes_is_missed(
    pair: tuple[ColumnSpec, ColumnSpec, list[Any]],
) -> None:
    old, new, values = pair
    assume(not all(value is None for value in values))
    numeric = any(isinstance(value, int) for value in values)
    frame = pd.DataFrame({"x": pd.Series(values, dtype=float if numeric else object)})
    before, after = (check_schema(frame, TableSpec(columns=(column,))).outcome is Outcome.PASS for column in (old, new))
    found = compare_contracts(TableSpec(columns=(old,)), TableSpec(columns=(new,)))

    assert not (before and not after) or any(change.breaks_producer for change in found), found
    assert not (after and not before) or any(change.breaks_consumer for change in found), found


@settings(max_examples=40)
@given(st.data())
def test_in_no_place_is_a_table_missed_that_one_refuses_and_the_other_takes(data: st.DataObject) -> None:
    old, new = (data.draw(of_two_columns()) for _ in range(2))
    held = data.draw(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3, unique=True))
    frame = pd.DataFrame({name: data.draw(st.lists(st.integers(0, 2), min_size=2, max_size=2)) for name in held})
    place = data.draw(st.sampled_from(["train", "serving", "table"]))
    assume(not ({"a", "b"}).isdisjoint(held))  # else it is the table of something else
    before, after = (check_schema(frame, spec, name=place).outcome is Outcome.PASS for spec in (old, new))
    found = compare_contracts(old, new)

    assert not (before and not after) or any(change.breaks_producer for change in found), found
    assert not (after and not before) or any(change.breaks_consumer for change in found), found


@st.composite
def of_two_columns(draw: st.DrawFn) -> TableSpec:
    columns = tuple(
        ColumnSpec(
            name=name,
            unique=draw(st.booleans()),
            required=draw(st.booleans()),
            checks={"ge": (1,)} if draw(st.booleans()) else {},
            places=tuple(draw(st.sampled_from([(), (), ("train",), ("train", "serving")]))),
        )
        for name in ("a", "b")
    )
    spec = TableSpec(columns=columns, strict=draw(st.booleans()), rows=draw(st.sampled_from([None, (1, 2), (3, None)])))
    found = {name: draw(settings_of_places(spec, (3, 3))) for name in ("train", "serving") if draw(st.booleans())}
    return replace(spec, places={name: place for name, place in found.items() if place.said()})


@given(contracts())
def test_a_contract_does_not_differ_from_itself(spec: TableSpec) -> None:
    assert compare_contracts(spec, spec) == []


@given(contracts(), contracts())
def test_there_and_back_swaps_whom_it_breaks(old: TableSpec, new: TableSpec) -> None:
    # What is one change of two places there may be two on the way back: `levels open`, of two sets.
    old, new = (in_place(spec, ELSEWHERE) for spec in (old, new))

    def count(changes: Any) -> tuple[int, int]:
        kinds = [change for change in changes if change.kind not in ("added", "removed")]
        return sum(c.breaks_consumer for c in kinds), sum(c.breaks_producer for c in kinds)

    assert count(compare_contracts(old, new)) == count(compare_contracts(new, old))[::-1]


def test_days_that_are_no_timestamps_keep_their_type() -> None:
    spec = TableSpec(columns=(ColumnSpec(name="d", checks={"ge": (date(2013, 1, 31),)}),))

    assert re.search(r"import datetime\n", to_python(spec))
    assert bare(parse_contract(to_yaml(from_pandera(as_python(spec))[0]))) == bare(spec)
