"""A Great Expectations suite as a contract.

The JSON of ``ExpectationSuite.to_json_dict``: of version 1 (``name``, and ``type`` of each expectation) and of those
before (``expectation_suite_name``, ``expectation_type``). Expectations about columns ignore missing values, as our
checks do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from pytest_mlgate.tables.importing.carrying import Draft, Imported, avoided, is_moment, searched

_TYPES = {
    "integer": "int int8 int16 int32 int64 uint8 uint16 uint32 uint64 integer long bigint smallint tinyint integertype"
    " longtype shorttype bytetype bigint_type",
    "number": "float float16 float32 float64 double decimal numeric real number floattype doubletype decimaltype"
    " double_precision",
    "string": "str string object text varchar char nvarchar stringtype",
    "boolean": "bool bool_ boolean booleantype",
    "datetime": "datetime datetime64 datetime64[ns] timestamp timestamptype date datetype timestamp_ntz timestamptz",
}
_KIND_OF = {word: kind for kind, words in _TYPES.items() for word in words.split()}


def is_suite(value: Any) -> bool:
    """Return whether a value is a suite: a mapping with a list of expectations that each have a type."""
    found = value.get("expectations") if isinstance(value, dict) else None
    return isinstance(found, list) and all(isinstance(item, dict) and _name(item) for item in found)


def from_suite(value: Mapping[str, Any], source: str) -> Imported:
    """Return a suite as a contract; a column that an expectation names is required, and may have missing values."""
    draft = Draft()
    for expectation in value["expectations"]:
        kwargs = expectation.get("kwargs")
        given = dict(kwargs) if isinstance(kwargs, dict) else {}
        for key in ("result_format", "catch_exceptions", "meta", "include_config"):
            given.pop(key, None)
        _read(draft, _name(expectation), given, _severity(expectation))
        _note(draft, expectation, given.get("column"))
    notes = ("Great Expectations ignores missing values, except where it expects that there are none.",)
    return draft.finish(source=source, kind="a Great Expectations suite", notes=notes)


def _name(expectation: Mapping[str, Any]) -> str:
    name = expectation.get("type") or expectation.get("expectation_type")
    return name if isinstance(name, str) else ""


def _severity(expectation: Mapping[str, Any]) -> str:
    """``warning`` or ``info``, where a failure should not block; "" where it should."""
    severity = expectation.get("severity")  # version 1.6 and later
    return severity if severity in ("warning", "info") else ""


def _note(draft: Draft, expectation: Mapping[str, Any], column: Any) -> None:
    """What people have written beside an expectation, as a comment of its column."""
    meta = expectation.get("meta")
    said = expectation.get("notes") or (meta.get("notes") if isinstance(meta, dict) else None)
    said = (
        said.get("content") if isinstance(said, dict) else said
    )  # version 0: {"format": "markdown", "content": [...]}
    lines = said if isinstance(said, list) else [said]
    if isinstance(column, str) and column in draft.columns:
        draft.columns[column].notes += [
            " ".join(line.split()) for line in lines if isinstance(line, str) and line.strip()
        ]


def _read(draft: Draft, name: str, given: Mapping[str, Any], severity: str) -> None:
    given = {key: _whole(value) for key, value in given.items()}
    column = given.pop("column", "")
    said = f"{name}({', '.join(f'{key}={json.dumps(value, default=str)}' for key, value in given.items())})"
    column = column if isinstance(column, str) else ""
    if column:
        draft.column(column)
    mostly = given.pop("mostly", None)
    conditional = given.pop("row_condition", None)
    given.pop("condition_parser", None)
    reader = _READERS.get(name)
    if mostly not in (None, 1, 1.0):
        draft.lose(column, f"{said} (a contract holds for all rows, not for most)")
    elif conditional is not None:
        draft.lose(column, f"{said} (a contract holds for all rows, not for those of a condition)")
    elif any(isinstance(value, dict) and "$PARAMETER" in value for value in given.values()):
        draft.lose(column, f"{said} (a parameter, whose value is not in the suite)")
    elif reader is None or (name.startswith("expect_column") and not column):
        draft.lose(column, said)
    else:
        problem = reader(draft, column, given)
        if problem:
            draft.lose(column, f"{said} ({problem})")
        if severity:
            draft.lose(column, f"{said} (its severity, {severity}: every rule of a contract blocks)")


def _whole(value: Any) -> Any:
    """A whole number as an integer: version 1 writes 3 as 3.0."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_Reader = Callable[[Draft, str, dict[str, Any]], str]


def _exists(draft: Draft, column: str, given: dict[str, Any]) -> str:
    draft.column(column).required = True
    return "the place of the column" if given.get("column_index") is not None else ""


def _not_null(draft: Draft, column: str, given: dict[str, Any]) -> str:
    draft.column(column).nullable = False
    return ""


def _unique(draft: Draft, column: str, given: dict[str, Any]) -> str:
    draft.column(column).unique = True
    draft.column(column).notes.append(
        "unique: Great Expectations does not count missing values that repeat; here they do"
    )
    return ""


def _in_set(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _set(draft, column, "isin", given)


def _not_in_set(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _set(draft, column, "notin", given)


def _set(draft: Draft, column: str, check: str, given: dict[str, Any]) -> str:
    values = given.get("value_set")
    if not isinstance(values, list) or not values:
        return "no list of values"
    values = [value for value in values if value is not None]
    draft.check(column, check, values)
    return ""


def _equal_set(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _in_set(draft, column, given) or "that each of them comes; that no other comes was carried over"


def _between(draft: Draft, column: str, given: dict[str, Any]) -> str:
    low, high = given.get("min_value"), given.get("max_value")
    open_low, open_high = bool(given.get("strict_min")), bool(given.get("strict_max"))
    if low is None and high is None:
        return "no limit"
    if isinstance(low or high, str) and draft.column(column).dtype == "any" and is_moment(low or high):
        draft.column(column).dtype = "datetime"
    if low is not None and high is not None and not open_low and not open_high:
        draft.check(column, "in_range", low, high)
        return ""
    if low is not None:
        draft.check(column, "gt" if open_low else "ge", low)
    if high is not None:
        draft.check(column, "lt" if open_high else "le", high)
    return ""


def _min(draft: Draft, column: str, given: dict[str, Any]) -> str:
    """What the least value is bounded by from below bounds all values; how far up it may lie is no rule of a row."""
    if given.get("min_value") is None:
        return "no rule of single rows"
    problem = _between(draft, column, {"min_value": given["min_value"], "strict_min": given.get("strict_min")})
    rest = "how high the least value may be; that none is lower was carried over"
    return problem or (rest if given.get("max_value") is not None else "")


def _max(draft: Draft, column: str, given: dict[str, Any]) -> str:
    """The same of the greatest value."""
    if given.get("max_value") is None:
        return "no rule of single rows"
    problem = _between(draft, column, {"max_value": given["max_value"], "strict_max": given.get("strict_max")})
    rest = "how low the greatest value may be; that none is higher was carried over"
    return problem or (rest if given.get("min_value") is not None else "")


def _lengths(draft: Draft, column: str, given: dict[str, Any]) -> str:
    low, high = given.get("min_value"), given.get("max_value")
    low = low + 1 if given.get("strict_min") and isinstance(low, int) else low
    high = high - 1 if given.get("strict_max") and isinstance(high, int) else high
    return _length(draft, column, low, high)


def _length_equal(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _length(draft, column, given.get("value"), given.get("value"))


def _length(draft: Draft, column: str, low: Any, high: Any) -> str:
    if (low is None and high is None) or not all(
        end is None or (isinstance(end, int) and end >= 0) for end in (low, high)
    ):
        return "no whole numbers"
    draft.check(column, "str_length", low, high)
    return ""


def _of_type(draft: Draft, column: str, given: dict[str, Any]) -> str:
    named = given.get("type_list") if given.get("type_list") is not None else [given.get("type_")]
    names = named if isinstance(named, list) else [named]
    found = {_KIND_OF.get(str(name).lower().partition("(")[0]) for name in names}
    kinds = {kind for kind in found if kind}
    if kinds == {"integer", "number"}:
        kinds = {"number"}
    if None in found or len(kinds) != 1:
        return "no single kind of value"
    (kind,) = kinds
    if draft.column(column).dtype not in ("any", kind):
        return f"another type than {draft.column(column).dtype}"
    draft.column(column).dtype = kind
    return ""


def _column_type(draft: Draft, column: str, given: dict[str, Any]) -> str:
    if str(given.get("type_")).lower() in ("object", "o"):  # of values of any kind
        return "no single kind of value"
    return _of_type(draft, column, given)


def _regex(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _pattern(draft, column, searched(given.get("regex")))  # type: ignore[arg-type]


def _regex_list(draft: Draft, column: str, given: dict[str, Any]) -> str:
    if given.get("match_on") not in (None, "any"):
        return "that all of several patterns match"
    return _pattern(draft, column, _any_of(given.get("regex_list"), searched))


def _not_regex_list(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _pattern(draft, column, _any_of(given.get("regex_list"), avoided))


def _any_of(patterns: Any, as_match: Callable[[str], str | None]) -> str | None:
    """One pattern for several; a reference by number would count the groups of those before it."""
    if not isinstance(patterns, list) or not patterns:
        return None
    if any(searched(pattern) is None or (len(patterns) > 1 and _BY_NUMBER.search(pattern)) for pattern in patterns):
        return None
    return as_match("|".join(f"(?:{pattern})" for pattern in patterns))


_BY_NUMBER = re.compile(r"\\[1-9]|\(\?\(")


def _not_regex(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _pattern(draft, column, avoided(given.get("regex")))  # type: ignore[arg-type]


def _pattern(draft: Draft, column: str, pattern: str | None) -> str:
    if pattern is None:
        return "no regular expression of Python"
    draft.check(column, "str_matches", pattern)
    return ""


def _increasing(draft: Draft, column: str, given: dict[str, Any]) -> str:
    draft.check(column, "not_decreasing")
    return "strictly; that it does not decrease was carried over" if given.get("strictly") else ""


def _row_count(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _rows(draft, given.get("min_value"), given.get("max_value"))


def _row_count_equal(draft: Draft, column: str, given: dict[str, Any]) -> str:
    return _rows(draft, given.get("value"), given.get("value"))


def _rows(draft: Draft, low: Any, high: Any) -> str:
    if (low is None and high is None) or not all(
        end is None or (isinstance(end, int) and end >= 0) for end in (low, high)
    ):
        return "no whole numbers"
    if draft.rows not in (None, (low, high)):
        return "a second number of rows"
    draft.rows = (low, high)
    return ""


def _columns(draft: Draft, column: str, given: dict[str, Any]) -> str:
    names = given.get("column_set", given.get("column_list"))
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return "no list of columns"
    for name in names:
        draft.column(name)
    draft.strict = draft.strict or given.get("exact_match") is not False
    return "the order of the columns" if "column_list" in given else ""


def _together(draft: Draft, column: str, given: dict[str, Any]) -> str:
    names = given.get("column_list")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or not names:
        return "no list of columns"
    if draft.unique and set(draft.unique) != set(names):
        return "a second group of columns that are unique together"
    for name in names:
        draft.column(name)
    draft.unique = tuple(names)
    return ""


_READERS: dict[str, _Reader] = {
    "expect_column_to_exist": _exists,
    "expect_column_values_to_not_be_null": _not_null,
    "expect_column_values_to_be_unique": _unique,
    "expect_column_values_to_be_in_set": _in_set,
    "expect_column_distinct_values_to_be_in_set": _in_set,
    "expect_column_distinct_values_to_equal_set": _equal_set,
    "expect_column_values_to_not_be_in_set": _not_in_set,
    "expect_column_values_to_be_between": _between,
    "expect_column_min_to_be_between": _min,
    "expect_column_max_to_be_between": _max,
    "expect_column_type_to_be": _column_type,
    "expect_column_values_to_be_of_type": _of_type,
    "expect_column_values_to_be_in_type_list": _of_type,
    "expect_column_values_to_match_regex": _regex,
    "expect_column_values_to_not_match_regex": _not_regex,
    "expect_column_values_to_match_regex_list": _regex_list,
    "expect_column_values_to_not_match_regex_list": _not_regex_list,
    "expect_column_value_lengths_to_be_between": _lengths,
    "expect_column_value_lengths_to_equal": _length_equal,
    "expect_column_values_to_be_increasing": _increasing,
    "expect_table_row_count_to_be_between": _row_count,
    "expect_table_row_count_to_equal": _row_count_equal,
    "expect_table_columns_to_match_set": _columns,
    "expect_table_columns_to_match_ordered_list": _columns,
    "expect_compound_columns_to_be_unique": _together,
}
