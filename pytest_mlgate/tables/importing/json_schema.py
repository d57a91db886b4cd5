"""A JSON Schema of one row, or a pydantic model through its JSON Schema, as a contract.

Drafts 4 to 2020-12: the properties of an object, or of the objects of an array. JSON Schema, "Validation", 2020-12.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.importing.carrying import Column, Draft, Imported, is_number, searched

_KINDS = {"integer": "integer", "number": "number", "string": "string", "boolean": "boolean"}
_REMARKS = {
    "title", "examples", "example", "default", "deprecated", "readOnly", "writeOnly", "$comment", "$schema", "$id",
    "id", "$defs", "definitions", "$anchor", "contentMediaType",
}  # fmt: skip
"""Keywords that ask nothing of a value."""


def is_schema(value: Any) -> bool:
    """Return whether a value is a JSON Schema: it has properties, or leads to a schema that has."""
    if not isinstance(value, dict):
        return False
    return any(isinstance(value.get(key), dict) for key in ("properties", "$defs", "definitions", "items")) and (
        "expectations" not in value and "spec" not in value
    )


def is_model(value: Any) -> bool:
    """Return whether a value is a pydantic model."""
    return isinstance(value, type) and callable(getattr(value, "model_json_schema", None))


def from_model(value: Any, source: str) -> Imported:
    """Return a pydantic model as a contract; validators of its own are not in its JSON Schema."""
    try:
        schema = value.model_json_schema()
    except Exception as error:  # pydantic has an error of its own for each type that JSON has no word for
        raise InputError(
            f"{source}: its JSON Schema cannot be made ({type(error).__name__}: {str(error).splitlines()[0]})",
            fix="give the fields types that JSON Schema has",
        ) from error
    draft = _read(schema, source)
    found = getattr(value, "__pydantic_decorators__", None)
    for kind in ("field_validators", "model_validators", "validators", "root_validators"):
        for name in getattr(found, kind, None) or ():
            draft.lose("", f"the validator {name}")
    return draft.finish(source=source, kind="a pydantic model")


def from_schema(value: Mapping[str, Any], source: str) -> Imported:
    """Return a JSON Schema as a contract."""
    return _read(value, source).finish(source=source, kind="a JSON Schema")


def _read(schema: Mapping[str, Any], source: str) -> Draft:
    draft = Draft()
    row = _resolved(schema, schema, source)
    if row.get("type") == "array" and isinstance(row.get("items"), dict):
        row = _resolved(row["items"], schema, source)
    properties = row.get("properties")
    if not isinstance(properties, dict):
        raise InputError(f"{source} is a JSON Schema without properties", fix="give the schema of one row, an object")
    listed = row.get("required")
    required = set(listed) if isinstance(listed, list) else set()
    for name, one in properties.items():
        column = draft.column(str(name))
        if name not in required:
            column.required = False
            column.notes.append("not required: a row without it has a missing value")
        _property(draft, column, one if isinstance(one, dict) else {}, schema, source)
        column.nullable = column.nullable or not column.required
    draft.strict = row.get("additionalProperties") is False
    for key, value in row.items():
        if key not in {*_REMARKS, "type", "properties", "required", "description"} and not _strictness(key, value):
            draft.lose("", f"{key}: {_short(value)}")
    return draft


def _strictness(key: str, value: Any) -> bool:
    return key == "additionalProperties" and isinstance(value, bool)


def _resolved(node: Mapping[str, Any], root: Mapping[str, Any], source: str) -> dict[str, Any]:
    """A schema with what its local ``$ref`` leads to, and what stands beside that."""
    found, seen = dict(node), set()
    while "$ref" in found:
        reference = found.pop("$ref")
        if reference in seen or not isinstance(reference, str) or not reference.startswith("#"):
            raise InputError(f"{source}: $ref {reference!r} leads nowhere in the file", fix="bundle the schema first")
        seen.add(reference)
        target: Any = root
        for part in reference.removeprefix("#").strip("/").split("/") if reference != "#" else ():
            part = part.replace("~1", "/").replace("~0", "~")
            target = target.get(part) if isinstance(target, dict) else None
        if not isinstance(target, dict):
            raise InputError(f"{source}: $ref {reference!r} leads nowhere in the file", fix="bundle the schema first")
        found = {**target, **found}
    return found


def _property(draft: Draft, column: Column, node: Mapping[str, Any], root: Mapping[str, Any], source: str) -> None:
    column.nullable = False
    rules = _alternatives(column, _resolved(node, root, source), root, source)
    types = rules.pop("type", None)
    names = list(types) if isinstance(types, list) else [types] if types is not None else []
    if "null" in names:
        column.nullable = True
        names.remove("null")
    if set(names) == {"integer", "number"}:
        names = ["number"]
    if not names and types is None:
        column.nullable = column.nullable or not ({"enum", "const"} & set(rules))  # anything, null included
    if len(names) == 1 and names[0] in _KINDS:
        column.dtype = _KINDS[names[0]]
    elif names:
        draft.lose(column.name, f"type: {', '.join(map(str, names))}")
    column.description = " ".join(str(rules.pop("description", "")).split())
    _rules(draft, column, {key: value for key, value in rules.items() if key not in _REMARKS})


def _alternatives(column: Column, rules: dict[str, Any], root: Mapping[str, Any], source: str) -> dict[str, Any]:
    """``anyOf`` of one schema and null, as pydantic writes ``float | None``, is that schema; so is ``allOf`` of one."""
    for key in ("anyOf", "oneOf", "allOf"):
        options = rules.get(key)
        if not isinstance(options, list) or not all(isinstance(option, dict) for option in options):
            continue
        rest = [option for option in options if option.get("type") != "null"]
        kinds = {option.get("type") for option in rest}
        if key != "allOf" and all(set(option) == {"type"} for option in rest) and kinds == {"integer", "number"}:
            rest = [{"type": "number"}]
        if len(rest) == 1 and (key != "allOf" or len(options) == 1):
            column.nullable = column.nullable or len(rest) < len(options)
            outer = {name: value for name, value in rules.items() if name != key}
            inner = _alternatives(column, _resolved(rest[0], root, source), root, source)
            clash = (
                {name for name in outer if name in inner and outer[name] != inner[name]} - _REMARKS - {"description"}
            )
            if not clash:
                return {**inner, **outer}
    return rules


def _rules(draft: Draft, column: Column, rules: dict[str, Any]) -> None:
    name = column.name
    _levels(draft, column, rules)
    _bounds(draft, column, rules)
    low, high = rules.pop("minLength", None), rules.pop("maxLength", None)
    if low is not None or high is not None:
        draft.check(name, "str_length", low, high)
    if "pattern" in rules and searched(rules["pattern"]) is not None:
        draft.check(name, "str_matches", searched(rules.pop("pattern")))
    form = rules.get("format")
    if form in ("date-time", "date") and column.dtype == "string":
        column.dtype = "datetime"
        column.notes.append(f"{form}: text in JSON, a timestamp in a table")
        rules.pop("format")
    if rules.get("multipleOf") == 1 and column.dtype in ("number", "integer"):
        column.dtype = "integer"
        rules.pop("multipleOf")
    for key, value in rules.items():
        draft.lose(name, f"{key}: {_short(value)}")


def _levels(draft: Draft, column: Column, rules: dict[str, Any]) -> None:
    listed = rules.get("enum", [rules["const"]] if "const" in rules else None)
    if not isinstance(listed, list):
        return
    values = [value for value in listed if value is not None]
    if not all(isinstance(value, str | int | float | bool) for value in values) or not values:
        return
    rules.pop("enum", None)
    rules.pop("const", None)
    if None in listed and column.dtype == "any":
        column.nullable = True
    if column.dtype == "any":
        column.dtype = _kind_of(values)
    draft.check(column.name, "isin", values)


def _kind_of(values: list[Any]) -> str:
    if all(isinstance(value, str) for value in values):
        return "string"
    if all(isinstance(value, bool) for value in values):
        return "boolean"
    return "number" if all(map(is_number, values)) else "any"


def _bounds(draft: Draft, column: Column, rules: dict[str, Any]) -> None:
    low, high = rules.pop("minimum", None), rules.pop("maximum", None)
    above, below = rules.pop("exclusiveMinimum", None), rules.pop("exclusiveMaximum", None)
    if isinstance(above, bool):  # draft 4: a flag beside the limit
        low, above = (None, low) if above else (low, None)
    if isinstance(below, bool):
        high, below = (None, high) if below else (high, None)
    if low is not None and high is not None:
        draft.check(column.name, "in_range", low, high)
    else:
        for check, limit in (("ge", low), ("le", high)):
            if limit is not None:
                draft.check(column.name, check, limit)
    for check, limit in (("gt", above), ("lt", below)):
        if limit is not None:
            draft.check(column.name, check, limit)


def _short(value: Any) -> str:
    text = json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:116]} ..."
