"""The YAML form of a schema: what it says, and that every mistake is told with file and line."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import InputError, Outcome
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.tables.contract import KINDS, parse_contract, read_contract
from pytest_mlgate.tables.kinds import is_of_kind, kind_of

CONTRACT = """\
# a comment
strict: true
unique: [a, b]
columns:
  a: number
  b:
    dtype: string
    nullable: true
    required: false
    description: where from
    checks:
      isin: [x, 'no']
      str_length: [1, 2]
  c:
    unique: true
    checks: {in_range: [0, 1e5], ne: 7}
"""


def test_a_contract_says_what_it_says():
    spec = parse_contract(CONTRACT)
    a, b, c = spec.columns

    assert (spec.strict, spec.unique) == (True, ("a", "b"))
    assert (a.name, a.dtype, a.nullable, a.unique, a.required) == ("a", "number", False, False, True)
    assert (b.dtype, b.nullable, b.required, b.description) == ("string", True, False, "where from")
    assert b.checks == {"isin": (["x", "no"],), "str_length": (1, 2)}
    assert (c.dtype, c.unique) == ("any", True)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("columns: [a", 1, "not YAML"),
        ("columns:\n  a:\n   - b\n  c: {", 4, "not YAML"),
        ("", None, "empty"),
        ("a: 1\n---\nb: 2", 2, "not YAML"),
        ("- a", 1, "not a mapping"),
        ("strict: true", None, "needs `columns`"),
        ("columns: {}", 1, "nothing would be checked"),
        ("colums:\n  a: number", 2, "did you mean `columns`"),
        ("columns:\n  a:\n    dtyp: number", 3, "did you mean `dtype`"),
        ("columns:\n  a: nubmer", 2, "did you mean `number`"),
        ("columns:\n  a: {dtype: 3}", 2, "neither a kind of value nor a dtype"),
        ("columns:\n  a: {nullable: 0}", 2, "not true or false"),
        ("columns:\n  a: number\n  a: string", 3, "'a' twice"),
        ("columns:\n  a:\n    checks: {in_rnge: [0, 1]}", 3, "did you mean `in_range`"),
        ("columns:\n  a:\n    checks:\n      in_range: [1, 0]", 4, "1 is not below 0"),
        ("columns:\n  a:\n    checks: {in_range: [1]}", 3, "needs two"),
        ("columns:\n  a:\n    checks: {in_range: 1}", 3, "not a list"),
        ("columns:\n  a:\n    checks: {in_range: [a, 1]}", 3, "is not below"),
        ("columns:\n  a: {dtype: number, checks: {ge: low}}", 2, "not a number"),
        ("columns:\n  a: {dtype: number, checks: {ge: .nan}}", 2, "not a number"),
        ("columns:\n  a: {dtype: integer, checks: {ge: yes}}", 2, "not a number"),
        ("columns:\n  a: {dtype: string, checks: {isin: [yes, no]}}", 2, "put it in quotes"),
        ("columns:\n  a: {checks: {isin: []}}", 2, "list is empty"),
        ("columns:\n  a: {checks: {isin: [null]}}", 2, "nullable: true"),
        ("columns:\n  a: {checks: {isin: [[1]]}}", 2, "not a single value"),
        ("columns:\n  a: {checks: {str_matches: '('}}", 2, "no regular expression"),
        ("columns:\n  a: {checks: {ge: !!python/object:os.system x}}", 2, "cannot be read"),
        ("columns:\n  a: {checks: {ge: 2001-99-99}}", 2, "cannot be read"),
        ("columns:\n  ? [a]\n  : number", 2, "no single word"),
        ("unique: [z]\ncolumns:\n  a: number", 1, "'z', which is no column"),
        ("columns: {a: {places: [hold-out]}}", 1, "did you mean `holdout`"),
        ("columns:\n  a:\n    places: []", 3, "a.places is empty"),
        ("columns: {a: any}\nplaces: {}", 2, "`places` is empty"),
        ("columns: {a: any}\nplaces:\n  servin: {optional: [a]}", 3, "did you mean `serving`"),
        ("columns: {a: any}\nplaces:\n  serving: {optinal: [a]}", 3, "did you mean `optional`"),
        ("columns: {age: any}\nplaces:\n  train:\n    optional: [aeg]", 4, "did you mean `age`"),
        (
            "columns: {a: any}\nplaces:\n  train: {min_rows: 0}",
            3,
            "min_rows: Input should be greater than or equal to 1",
        ),
        ("columns: {a: any}\nplaces:\n  train: {min_rows: true}", 3, "min_rows: Input should be a valid integer"),
        ("columns: {a: any}\nplaces:\n  train: {min_rows: '5'}", 3, "min_rows: Input should be a valid integer"),
        ("columns: {a: any}\nplaces:\n  train: {min_rows: 5, max_rows: 4}", 3, "min_rows = 5 is above max_rows = 4"),
        ("columns: {a: any}\nplaces:\n  train: {required: [a], forbidden: [a]}", 3, "it cannot be both"),
        ("columns: {a: any}\nplaces:\n  train: {optional: []}", 3, "says nothing"),
        ("columns: {a: any}\nplaces:\n  train: {}", 3, "says nothing"),
        ("columns: {a: {checks: {ge: 0}}}\nplaces:\n  train: {checks: [a.gr]}", 3, "did you mean `a.ge`"),
        ("columns: {a: any}\nplaces:\n  train: {checks: [a.unique]}", 3, "which the contract does not ask"),
        ("rows: [9, null]\ncolumns: {a: any}\nplaces:\n  train: {max_rows: 5}", 4, "together with `rows`"),
        ("x: &a [*a]", 1, "unknown key"),
        ("[" * 5000, None, "not YAML"),
        ("columns: \x00", None, "not YAML"),
    ],
)
def test_every_mistake_is_told_with_its_line(text, line, said):
    with pytest.raises(InputError) as caught:
        parse_contract(text, source="contracts/flights.yaml")

    start = f"contracts/flights.yaml:{line}: " if line else "contracts/flights.yaml: "
    message = caught.value.message + " " + caught.value.fix
    assert caught.value.message.startswith(start)
    assert said in message
    assert "\n" not in caught.value.message
    assert caught.value.fix


def test_a_file_that_is_not_text_or_not_there_is_told(tmp_path):
    (tmp_path / "latin.yaml").write_bytes("columns: {é: number}".encode("latin-1"))

    with pytest.raises(InputError, match="not UTF-8"):
        read_contract(tmp_path / "latin.yaml")
    with pytest.raises(InputError, match="cannot be read"):
        read_contract(tmp_path)


def test_a_byte_order_mark_does_not_matter(tmp_path):
    (tmp_path / "bom.yaml").write_bytes(b"\xef\xbb\xbfcolumns: {a: number}")

    assert read_contract(tmp_path / "bom.yaml").columns[0].name == "a"


@pytest.mark.parametrize(
    ("series", "kind"),
    [
        (pd.Series([1, 2]), "integer"),
        (pd.Series([1, None], dtype="Int64"), "integer"),
        (pd.Series([1, 2], dtype="uint8[pyarrow]"), "integer"),
        (pd.Series([1.5]), "number"),
        (pd.Series([1.5], dtype="float32"), "number"),
        (pd.Series([1.5], dtype=object), "number"),
        (pd.Series([True, None], dtype=object), "boolean"),
        (pd.Series([True], dtype="boolean"), "boolean"),
        (pd.Series(["a", None]), "string"),
        (pd.Series(["a"], dtype="string[pyarrow]"), "string"),
        (pd.Series(["a", None], dtype=object), "string"),
        (pd.Series(["a", "b"], dtype="category"), "string"),
        (pd.Series([1, 2], dtype="category"), "integer"),
        (pd.Series(pd.to_datetime(["2020-01-01"])), "datetime"),
        (pd.Series(pd.to_datetime(["2020-01-01"], utc=True)), "datetime"),
        (pd.Series([0, 1], dtype=pd.SparseDtype("int64")), "integer"),
        (pd.Series([1, "a"], dtype=object), "any"),
        (pd.Series([[1], [2]], dtype=object), "any"),
        (pd.Series([1 + 2j]), "any"),
        (pd.Series(pd.to_timedelta([1])), "any"),
        (pd.Series([None, None], dtype=object), "any"),
    ],
)
def test_a_kind_is_told_whatever_dtype_carries_it(series, kind):
    assert kind_of(series) == kind
    assert is_of_kind(series, kind)
    others = set(KINDS) - {kind, "any", "number"}
    if kind not in ("any", "number"):
        assert not any(is_of_kind(series, other) for other in others)


def test_whole_floats_are_integers_and_others_are_not():
    assert is_of_kind(pd.Series([1.0, np.nan]), "integer")
    assert not is_of_kind(pd.Series([1.5, np.nan]), "integer")
    assert not is_of_kind(pd.Series([np.inf]), "integer")
    assert not is_of_kind(pd.Series([True]), "number")
    assert is_of_kind(pd.Series([np.nan]), "string")


def test_the_contract_judges_as_it_reads():
    frame = pd.DataFrame({"a": [1, 2], "b": ["x", None], "c": [1.0, 2.0]})
    broken = pd.DataFrame({"a": [1, 1], "b": ["no", "no"], "c": [7.0, 1e6], "d": 0})

    spec = parse_contract(CONTRACT)
    subjects = {check.subject for check in check_schema(broken, spec).checks}

    assert check_schema(frame, spec).outcome is Outcome.PASS
    assert check_schema(frame.drop(columns="b"), spec).outcome is Outcome.PASS
    assert subjects == {
        "table.d.strict",
        "table.unique",
        "table.c.in_range",
        "table.c.not_equal_to",
    }


def test_numbers_stored_as_text_are_a_wrong_type_and_nothing_else():
    spec = parse_contract("columns: {c: {dtype: integer, checks: {in_range: [0, 9]}, unique: true}}")

    (check,) = check_schema(pd.DataFrame({"c": ["1", "2"]}), spec).checks

    assert check.code == "MLG203"
    assert "(string), the schema asks for integer (all 2 rows)" in check.message


@pytest.mark.parametrize(
    ("rows", "count", "said", "limit"),
    [
        ("[3, null]", 2, "table has 2 rows, the schema asks for 3 at least", 3),
        ("[null, 3]", 4, "table has 4 rows, the schema asks for 3 at most", 3),
        ("[2, 3]", 1, "table has 1 row, the schema asks for 2 to 3", 2),
        ("[2, 3]", 9, "table has 9 rows, the schema asks for 2 to 3", 3),
        ("[3, 3]", 4, "table has 4 rows, the schema asks for exactly 3", 3),
    ],
)
def test_a_number_of_rows_is_told_with_its_limit_and_the_way_out(rows, count, said, limit):
    spec = parse_contract(f"rows: {rows}\ncolumns: {{c: any}}")

    (check,) = check_schema(pd.DataFrame({"c": range(count)}), spec, sensitive=["c"]).checks

    assert (check.code, check.subject, check.outcome) == ("MLG219", "table.row_count", Outcome.FAIL)
    assert (check.message, check.observed, check.limit) == (said, count, limit)
    assert "correct `rows` in the schema" in check.fix


def test_a_constant_column_is_told_with_its_value_and_how_many_there_are():
    spec = parse_contract("columns: {c: {dtype: number, nullable: true, checks: {not_constant: 3}}}")
    frame = pd.DataFrame({"c": [7.5, None, 7.5, 7.5]})

    (check,) = check_schema(frame, spec).checks
    (hidden,) = check_schema(frame, spec, sensitive=["c"]).checks

    assert check.message == "table.c: all 3 values are the same (7.5), and 3 or more must not be"
    assert hidden.message == "table.c: all 3 values are the same, and 3 or more must not be"
    assert "raise `not_constant: 3` in the schema, or remove it" in check.fix
    assert check.code == "MLG206"


def test_a_value_below_the_one_before_is_told_with_it():
    spec = parse_contract("columns: {c: {dtype: number, nullable: true, checks: {not_decreasing: true}}}")
    frame = pd.DataFrame({"c": [1.0, 3.0, None, 2.0]}, index=["a", "b", "c", "d"])

    (check,) = check_schema(frame, spec).checks
    (hidden,) = check_schema(frame, spec, sensitive=["c"]).checks

    assert (
        check.message
        == "table.c: 1 of 4 values (25.00%) are below the one before (not_decreasing); row 3 (d): 2 after 3"
    )
    assert check.details["rows"] == [{"row": 3, "index": "d", "value": 2.0, "before": 3.0}]
    assert "2" not in hidden.message.split(";")[1]
    assert "remove `not_decreasing`" in check.fix


def test_a_pandas_dtype_is_asked_for_exactly():
    spec = parse_contract("columns: {c: float32}")

    assert check_schema(pd.DataFrame({"c": np.array([1], dtype="float32")}), spec).outcome is Outcome.PASS
    assert check_schema(pd.DataFrame({"c": [1.0]}), spec).outcome is Outcome.FAIL
