"""A table whose rows stay where they are has the checks that the same rows have in memory."""

from __future__ import annotations

import datetime as dt
import math
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pandera.pandas as pa
import polars as pl
import pyarrow
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_mlgate import check_schema
from pytest_mlgate.checks import GateResult, InputError, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import GATE, Settings, engine_tables
from pytest_mlgate.tables.contract import parse_contract
from pytest_mlgate.tables.engines import frame_of, parquet, streams
from pytest_mlgate.tables.engines.lazy import lazy_table
from pytest_mlgate.tables.reading import read_table

needs_polars_batches = pytest.mark.skipif(not hasattr(pl.LazyFrame, "collect_batches"), reason="polars before 1.34")


@pytest.fixture(autouse=True)
def _few_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (parquet, streams):
        monkeypatch.setattr(module, "BATCH", 3)
    monkeypatch.setattr(engine_tables, "CELLS", 8)


def told(result: GateResult) -> list[tuple[Any, ...]]:
    """Everything that a reader or a policy sees of the checks, in an order of their names."""
    return sorted(
        (check.subject, check.code, check.outcome.value, check.severity.value, check.message, check.observed, check.n)
        for check in result.checks
    )


def same_as_in_memory(table: pyarrow.Table, schema: Any, folder: Path, **kwargs: Any) -> GateResult:
    """Judge rows in memory, in a file of several row groups, and by duckdb; they must not differ."""
    path = folder / "rows.parquet"
    pq.write_table(table, path, row_group_size=4)
    memory = check_schema(read_table(path).frame, schema, **kwargs)
    assert told(check_schema(path, schema, **kwargs)) == told(memory)
    connection = duckdb.connect()  # which a relation does not keep open
    relation = connection.read_parquet(str(path))
    assert told(check_schema(relation, schema, **kwargs)) == told(
        check_schema(frame_of(lazy_table(relation), name="table"), schema, **kwargs)
    )
    return memory


_NAN, _INF = math.nan, math.inf
_DAY = dt.datetime(2024, 2, 29, 12)
VALUES: dict[str, tuple[pyarrow.DataType, list[Any]]] = {
    "double": (pyarrow.float64(), [0.0, -0.0, 1.0, 2.5, 100.0, -3.0, _NAN, _INF, -_INF]),
    "float": (pyarrow.float32(), [0.1, 0.5, 2.0, 100.0, _NAN]),
    "int64": (pyarrow.int64(), [0, 1, 2, 3, -5, 100, 2**53, 2**53 + 1, -(2**63)]),
    "int8": (pyarrow.int8(), [0, 1, 2, -5, 100]),
    "uint64": (pyarrow.uint64(), [0, 1, 2, 2**64 - 1]),
    "string": (pyarrow.string(), ["", "a", "b", "bb", "é", "\U0001f600", "1", "x" * 100, "x" * 99 + "y"]),
    "large": (pyarrow.large_string(), ["a", "b", "B "]),
    "bool": (pyarrow.bool_(), [True, False]),
    "moment": (pyarrow.timestamp("us"), [_DAY, _DAY + dt.timedelta(days=1), dt.datetime(1969, 1, 1)]),
    "nano": (pyarrow.timestamp("ns"), [_DAY, _DAY + dt.timedelta(microseconds=1)]),
    "zoned": (pyarrow.timestamp("us", "Asia/Tokyo"), [_DAY, _DAY + dt.timedelta(hours=1)]),
    "date": (pyarrow.date32(), [dt.date(2024, 2, 29), dt.date(1970, 1, 1)]),
    "decimal": (pyarrow.decimal128(12, 3), [Decimal("1.500"), Decimal("-2.000"), Decimal("100.000")]),
    "dictionary": (pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), ["a", "b", "c"]),
    "null": (pyarrow.null(), [None]),
}

_RULES: dict[str, Any] = {
    "ge": st.sampled_from([0, -5, 0.1, 2**53]),
    "gt": st.sampled_from([0, 0.1, -6]),
    "le": st.sampled_from([2, 100, 100.0]),
    "lt": st.sampled_from([101, 3, math.inf]),
    "eq": st.sampled_from([1, 0.1]),
    "ne": st.sampled_from([7, 1]),
    "in_range": st.sampled_from([[0, 100], [-6, 2.5], [0.1, 1]]),
    "isin": st.sampled_from([["a", "b"], [0, 1, 2], ["a", "b", "B ", "bb", "", "é"]]),
    "notin": st.sampled_from([["zz"], ["a"], [7]]),
    "str_length": st.sampled_from([[1, 2], [None, 99], [0, None]]),
    "str_matches": st.sampled_from(["[ab]*$", "^x+", "é|a"]),
    "not_constant": st.sampled_from([1, 3]),
    "not_decreasing": st.just(True),
}
_KINDS = st.sampled_from(["number", "integer", "string", "boolean", "datetime", "any", "float64", "int64", "category"])


@st.composite
def tables(draw: st.DrawFn) -> pyarrow.Table:
    rows = draw(st.integers(1, 14))
    columns = {}
    for name in draw(st.lists(st.sampled_from(list(VALUES)), min_size=1, max_size=3, unique=True)):
        type_, values = VALUES[name]
        few = draw(st.lists(st.sampled_from(values), min_size=1, max_size=4))
        cells = st.sampled_from([*few, None] if draw(st.booleans()) else few)
        columns[name] = pyarrow.array(draw(st.lists(cells, min_size=rows, max_size=rows)), type_)
    return pyarrow.table(columns)


@st.composite
def contracts(draw: st.DrawFn, table: pyarrow.Table) -> str:
    lines = [f"strict: {str(draw(st.booleans())).lower()}"]
    if draw(st.integers(0, 4)) == 0:
        lines.append(f"rows: [{draw(st.sampled_from(['null', '3']))}, 9]")
    named = [*table.column_names, *(["absent"] if draw(st.integers(0, 5)) == 0 else [])]
    if draw(st.integers(0, 3)) == 0:
        lines.append(f"unique: [{', '.join(repr(name) for name in named)}]")
    lines.append("columns:")
    for name in named:
        kind = draw(st.one_of(_KINDS, st.just(_RIGHT.get(name, "any"))))
        flags = [draw(st.booleans()) for _ in range(2)]
        lines.append(f"  {name!r}:\n    dtype: {kind}\n    nullable: {str(flags[0]).lower()}")
        lines.append(f"    unique: {str(draw(st.integers(0, 4)) == 0).lower()}")
        words = draw(st.lists(st.sampled_from(list(_RULES)), max_size=2, unique=True))
        rules = [f"      {word}: {yaml_of(draw(_RULES[word]))}" for word in words]
        lines += ["    checks:", *rules] if rules else []
    return "\n".join(lines)


_RIGHT = {
    "double": "number",
    "float": "number",
    "int64": "integer",
    "int8": "integer",
    "uint64": "integer",
    "string": "string",
    "large": "string",
    "bool": "boolean",
    "moment": "datetime",
}


def yaml_of(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(yaml_of, value))}]"
    if isinstance(value, str):
        return repr(value)
    return {True: "true", None: "null", math.inf: ".inf"}.get(value, str(value)) if value != 1 else "1"


def parsed(text: str) -> Any:
    """Return the contract, or None where the form refuses it."""
    try:
        return parse_contract(text)
    except InputError:
        return None


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(data=st.data())
def test_contracts_have_the_outcome_of_the_rows_in_memory(data: st.DataObject, tmp_path: Path) -> None:
    table = data.draw(tables())
    contract = parsed(data.draw(contracts(table)))
    if contract is not None:
        same_as_in_memory(table, contract, tmp_path, max_examples=data.draw(st.integers(0, 5)))


ODD = pyarrow.table(
    {
        "x": pyarrow.array([1.0, 2.0, _NAN, None, 50.0, -1.0, 2.0, 3.0, 4.0, 5.0]),
        "k": pyarrow.array([3, 1, 2, 3, 4, 5, 6, 7, 8, 9], pyarrow.int64()),
        "gap": pyarrow.array([3, None, 2, 3, 4, 5, 6, 7, 8, 9], pyarrow.int64()),
        "t": pyarrow.array(["a", "b", None, "a", "c", "d", "e", "f", "bb", "zz"]),
        "d": pyarrow.array([dt.date(2024, 1, day) for day in range(1, 11)]),
        "c": pyarrow.array(["u", "v", "u", "u", "v", "u", "v", "u", "v", None]).dictionary_encode(),
        "none": pyarrow.nulls(10, pyarrow.float64()),
    }
)


def _refuse(value: Any) -> bool:
    if value == 5:
        raise RuntimeError("five is no number")
    return bool(value > 0)


SCHEMAS: dict[str, pa.DataFrameSchema] = {
    "one by one": pa.DataFrameSchema(
        {
            "x": pa.Column(float, [pa.Check.ge(0), pa.Check.le(10)], nullable=True),
            "k": pa.Column(int, pa.Check.isin([1, 2, 3])),
            "t": pa.Column(str, [pa.Check.str_matches("[a-e]$"), pa.Check.str_length(1, 1)], nullable=True),
        }
    ),
    "what fits": pa.DataFrameSchema(
        {"x": pa.Column(float, pa.Check.in_range(-1, 50), nullable=True), "k": pa.Column("int64", pa.Check.gt(0))}
    ),
    "missing values": pa.DataFrameSchema({"x": pa.Column(float), "gap": pa.Column(float), "t": pa.Column(str)}),
    "another width": pa.DataFrameSchema({"x": pa.Column("float32", nullable=True), "gap": pa.Column("int64")}),
    "two of a name": pa.DataFrameSchema({"k": pa.Column(int, [pa.Check.isin([9]), pa.Check.isin([1, 9])])}),
    "unique": pa.DataFrameSchema({"k": pa.Column(int, unique=True), "x": pa.Column(float, nullable=True, unique=True)}),
    "later ones only": pa.DataFrameSchema({"k": pa.Column(int, unique=True, report_duplicates="exclude_first")}),
    "unique together": pa.DataFrameSchema({"k": pa.Column(int), "t": pa.Column(nullable=True)}, unique=["k", "t"]),
    "a mean": pa.DataFrameSchema({"x": pa.Column(float, pa.Check(lambda s: s > s.mean()), nullable=True)}),
    "one truth": pa.DataFrameSchema({"k": pa.Column(int, pa.Check(lambda s: bool(s.sum() == 0), name="sums to 0"))}),
    "own, one by one": pa.DataFrameSchema({"k": pa.Column(int, pa.Check(lambda v: v != 7, element_wise=True))}),
    "raises late": pa.DataFrameSchema({"k": pa.Column(int, pa.Check(_refuse, element_wise=True))}),
    "rows": pa.DataFrameSchema({"x": pa.Column(nullable=True)}, pa.Check(lambda f: f["x"] < f["k"])),
    "groups": pa.DataFrameSchema(
        {
            "k": pa.Column(int, pa.Check(lambda g: g["u"].mean() > g["v"].mean(), groupby="c")),
            "c": pa.Column(nullable=True),
        }
    ),
    "coerced": pa.DataFrameSchema(
        {"t": pa.Column(int, coerce=True, nullable=True), "k": pa.Column(float, coerce=True)}
    ),
    "strict and in order": pa.DataFrameSchema(
        {"k": pa.Column(), "x": pa.Column(nullable=True)}, strict=True, ordered=True
    ),
    "absent": pa.DataFrameSchema({"k": pa.Column(int), "there": pa.Column(float), "or not": pa.Column(required=False)}),
    "by a pattern": pa.DataFrameSchema({"^(x|gap)$": pa.Column(float, pa.Check.lt(10), regex=True, nullable=True)}),
    "an index": pa.DataFrameSchema({"k": pa.Column(int)}, index=pa.Index(int, pa.Check.lt(5))),
    "objects": pa.DataFrameSchema({"d": pa.Column(object, pa.Check.le(dt.date(2024, 1, 5)))}),
    "dictionaries": pa.DataFrameSchema({"c": pa.Column("category", pa.Check.isin(["u"]), nullable=True)}),
    "no value": pa.DataFrameSchema({"none": pa.Column(float, pa.Check.ge(0), nullable=True), "k": pa.Column(int)}),
    "no value at all": pa.DataFrameSchema({"none": pa.Column(float)}),
    "a wrong kind": pa.DataFrameSchema(
        {"t": pa.Column(int, pa.Check.ge(0)), "k": pa.Column(str, pa.Check.isin(["1"]))}
    ),
    "warned of": pa.DataFrameSchema({"k": pa.Column(int, pa.Check.lt(5, raise_warning=True))}),
    "switched off": pa.DataFrameSchema(
        {"k": pa.Column(int, pa.Check.lt(5, n_failure_cases=1))}, drop_invalid_rows=True
    ),
    "a default": pa.DataFrameSchema({"x": pa.Column(float, pa.Check.lt(4), default=9.0)}),
    "strangers": pa.DataFrameSchema({"other": pa.Column(int)}),
}


PASSING = {"what fits", "warned of", "no value"}  # the last two with a warning


@pytest.mark.parametrize("name", SCHEMAS)
def test_pandera_schemas_have_the_outcome_of_the_rows_in_memory(name: str, tmp_path: Path) -> None:
    result = same_as_in_memory(ODD, SCHEMAS[name], tmp_path)

    assert (result.outcome is Outcome.PASS) == (name in PASSING)


@needs_polars_batches
@pytest.mark.parametrize("name", ["one by one", "unique", "missing values", "objects", "a mean", "rows"])
def test_a_lazy_frame_of_polars_is_judged_by_all_of_its_values(name: str, tmp_path: Path) -> None:
    frame = pl.from_arrow(ODD)
    assert isinstance(frame, pl.DataFrame)
    memory = check_schema(frame_of(lazy_table(frame.lazy()), name="table"), SCHEMAS[name])

    assert told(check_schema(frame.lazy(), SCHEMAS[name])) == told(memory)
    assert memory.outcome is not Outcome.PASS


@pytest.mark.parametrize("name", ["one by one", "unique", "missing values", "unique together", "own, one by one"])
def test_more_rows_than_are_held_are_judged_all_the_same(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(ODD, tmp_path / "rows.parquet", row_group_size=4)
    memory = check_schema(read_table(tmp_path / "rows.parquet").frame, SCHEMAS[name])
    monkeypatch.setattr(engine_tables, "MOST_CELLS", 9)
    monkeypatch.setattr("pytest_mlgate.tables.engines.MOST_CELLS", 9)

    assert told(check_schema(tmp_path / "rows.parquet", SCHEMAS[name])) == told(memory)


@pytest.mark.parametrize("name", ["a mean", "one truth", "rows", "objects", "by a pattern", "coerced", "groups"])
def test_a_rule_that_needs_more_than_is_held_is_an_error(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(ODD, tmp_path / "rows.parquet")
    monkeypatch.setattr(engine_tables, "MOST_CELLS", 9)
    monkeypatch.setattr("pytest_mlgate.tables.engines.MOST_CELLS", 9)

    result = check_schema(tmp_path / "rows.parquet", SCHEMAS[name])

    assert result.outcome is Outcome.ERROR
    assert {check.code for check in result.checks} <= {"MLG208", "MLG209", "MLG002"}
    assert "held in memory" in result.checks[0].message


def test_rows_that_come_in_another_order_each_time_repeat_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, times = parquet.ParquetFiles.batches, iter(range(1000))

    def turned(self: Any, names: Any) -> Any:
        batches = list(given(self, names))
        return iter(batches[::-1] if next(times) % 2 else batches)

    monkeypatch.setattr(parquet.ParquetFiles, "batches", turned)
    pq.write_table(ODD, tmp_path / "rows.parquet")

    found = {check.subject: check for check in check_schema(tmp_path / "rows.parquet", SCHEMAS["unique"]).checks}

    assert found["table.k.unique"].details["failure_count"] == 2
    assert found["table.x.unique"].details["failure_count"] == 2


def test_a_file_without_statistics_is_looked_at(tmp_path: Path) -> None:
    contract = parse_contract("columns: {k: {dtype: integer, checks: {lt: 9}}, x: {dtype: number, nullable: true}}")
    pq.write_table(ODD, tmp_path / "rows.parquet", write_statistics=False)

    (check,) = check_schema(tmp_path / "rows.parquet", contract).checks

    assert check.message == "table.k: 1 of 10 values (10.00%) break less_than(9); row 9: 9"


def test_statistics_that_leave_nan_out_hide_no_missing_value(tmp_path: Path) -> None:
    pq.write_table(pyarrow.table({"x": [1.0, _NAN, 2.0]}), tmp_path / "rows.parquet")
    contract = parse_contract("columns: {x: {dtype: number, checks: {in_range: [0, 5]}}}")

    (check,) = check_schema(tmp_path / "rows.parquet", contract).checks

    assert (check.code, check.message) == ("MLG204", "table.x: 1 of 3 values (33.33%) are missing; row 1")


def test_row_groups_without_rows_and_without_values_say_nothing(tmp_path: Path) -> None:
    schema = pyarrow.schema({"k": pyarrow.int64(), "t": pyarrow.string()})
    with pq.ParquetWriter(tmp_path / "rows.parquet", schema) as writer:
        for k, t in (([], []), ([None, None], [None, None]), ([4, 5], ["a", "b"]), ([], [])):
            columns = [pyarrow.array(k, pyarrow.int64()), pyarrow.array(t, pyarrow.string())]
            writer.write_table(pyarrow.table(columns, schema=schema))
    fits = "columns: {k: {dtype: integer, nullable: true, checks: {le: 5}}, t: {dtype: string, nullable: true}}"

    assert check_schema(tmp_path / "rows.parquet", parse_contract(fits)).outcome is Outcome.PASS
    (check,) = check_schema(tmp_path / "rows.parquet", parse_contract(fits.replace("le: 5", "le: 4"))).checks
    assert check.message == "table.k: 1 of 4 values (25.00%) break less_than_or_equal_to(4); row 3: 5"


def test_ends_of_text_that_a_footer_cuts_off_are_not_believed(tmp_path: Path) -> None:
    text = "x" * 5000
    pq.write_table(pyarrow.table({"t": [text + "y", text + "z"]}), tmp_path / "rows.parquet")
    contract = parse_contract(f"columns: {{t: {{dtype: string, checks: {{isin: ['{text}y']}}}}}}")

    assert check_schema(tmp_path / "rows.parquet", contract).checks[0].details["failure_count"] == 1


def test_a_nameless_index_of_pandas_is_no_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"k": pd.array([1, None, 3], dtype="Int64")}, index=[5, 6, 7])
    frame.to_parquet(tmp_path / "rows.parquet")
    schema = pa.DataFrameSchema({"k": pa.Column("Int64", pa.Check.ge(1), nullable=True)}, strict=True)

    result = check_schema(tmp_path / "rows.parquet", schema)

    assert told(result) == told(check_schema(read_table(tmp_path / "rows.parquet").frame, schema))
    assert result.outcome is Outcome.PASS


def test_a_folders_name_makes_a_column_of_a_folder_and_none_of_a_file(tmp_path: Path) -> None:
    for month in (1, 2):
        (tmp_path / f"month={month}").mkdir()
        pq.write_table(pyarrow.table({"k": [month]}), tmp_path / f"month={month}" / "part.parquet")
    strict = parse_contract("strict: true\ncolumns: {k: integer, month: {dtype: integer, checks: {le: 1}}}")

    (check,) = check_schema(tmp_path, strict).checks
    assert check.message == "table.month: 1 of 2 values (50.00%) break less_than_or_equal_to(1); row 1: 2"
    assert check_schema(tmp_path / "month=1" / "part.parquet", strict).checks[0].code == "MLG202"


def test_a_table_without_rows_is_an_error(tmp_path: Path) -> None:
    pq.write_table(ODD.slice(0, 0), tmp_path / "rows.parquet")

    (check,) = check_schema(tmp_path / "rows.parquet", SCHEMAS["what fits"]).checks

    assert (check.outcome, check.message) == (Outcome.ERROR, "table has no rows")


def test_what_a_check_writes_does_not_reach_the_file(tmp_path: Path) -> None:
    def write(series: pd.Series) -> bool:
        series.iloc[:] = 0
        return True

    path = tmp_path / "rows.parquet"
    pq.write_table(ODD, path)
    before = path.read_bytes()

    check_schema(path, pa.DataFrameSchema({"k": pa.Column(int, pa.Check(write))}))

    assert path.read_bytes() == before


_LOADED = """
import sys
from pytest_mlgate import check_schema
result = check_schema(sys.argv[1], sys.argv[2])
print(result.outcome.value, result.checks[0].message)
heavy = {"pandas", "pandera", "scipy", "sklearn", "polars", "duckdb", "narwhals", "hypothesis"}
print(sorted(heavy & set(sys.modules)))
"""


def test_a_footer_that_answers_all_needs_no_data_frame(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    table = {"x": rng.normal(size=100), "k": np.arange(100), "t": ["a", "b"] * 50}
    pq.write_table(pyarrow.table(table), tmp_path / "rows.parquet")
    (tmp_path / "schema.yaml").write_text(
        "columns:\n  x: {dtype: number, checks: {in_range: [-9, 9]}}\n"
        "  k: {dtype: integer, checks: {ge: 0, lt: 100}}\n  t: {dtype: string, checks: {isin: [a, b]}}\n"
    )
    command = [sys.executable, "-c", _LOADED, str(tmp_path / "rows.parquet"), str(tmp_path / "schema.yaml")]

    said, modules = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()

    assert said == "pass 100 rows, 3 columns fit the schema"
    assert modules == "[]"


def test_what_is_too_large_for_sanity_keeps_what_the_schema_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("train", "holdout"):
        (tmp_path / name).mkdir()
        pq.write_table(ODD.slice(0, 10 if name == "train" else 1), tmp_path / name / "part.parquet")
    monkeypatch.setattr("pytest_mlgate.tables.engines.MOST_CELLS", 9)
    tables = {name: str(tmp_path / name) for name in ("train", "holdout")}

    result = run_gate(GATE, Settings(schema=SCHEMAS["one by one"]), Inputs(values=tables))

    found = {check.subject: check for check in result.checks}
    assert found["train.k.isin"].details["failure_count"] == 6
    assert found["train.sanity"].outcome is Outcome.ERROR
    assert "10 rows of 7 columns" in found["train.sanity"].message
    assert found["sanity.row_order"].message == "no column of holdout is sorted without its rows"


def test_sanity_of_tables_that_stay_where_they_are_is_that_of_their_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"id": np.arange(400), "x": rng.normal(size=400), "y": rng.integers(0, 2, 400)})
    sides = {"train": frame.iloc[:300], "holdout": frame.iloc[250:]}
    for name, side in sides.items():
        (tmp_path / name).mkdir()
        side.to_parquet(tmp_path / name / "part.parquet", index=False)
    facts, asked = Facts(id="id", target="y"), Settings(schema=parse_contract("columns: {x: number}"))

    elsewhere = run_gate(GATE, asked, Inputs(facts=facts, values={name: str(tmp_path / name) for name in sides}))

    assert told(elsewhere) == told(run_gate(GATE, asked, Inputs(facts=facts, values=sides)))
    assert {check.code for check in elsewhere.checks if check.outcome is Outcome.FAIL} == {"MLG213"}
