"""A pandera schema as a contract's value, so that it can be compared and written in another form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pytest_mlgate.tables.contract import ColumnSpec, TableSpec
from pytest_mlgate.tables.places import PlaceSettings, exact_rule, stated_rules
from pytest_mlgate.tables.places_read import homes_of_metadata, places_of_metadata
from pytest_mlgate.tables.rules import kind_word, own_rule


def from_pandera(schema: Any, *, source: str = "schema") -> tuple[TableSpec, tuple[tuple[str, str], ...]]:
    """Return the contract that a pandera schema states, and what of it a contract has no word for.

    Parameters
    ----------
    schema : pandera.pandas.DataFrameSchema
    source : str
        How messages name it.

    Returns
    -------
    TableSpec
    tuple of (str, str)
        The column (``""`` for the table), and the rule as text: a check of the user's own, a coercion, an index, ...
    """
    left: list[tuple[str, str]] = []
    columns = tuple(_column(str(name), column, left) for name, column in schema.columns.items())
    rows = _rows(schema, left)
    strict = schema.strict is True
    for said, what in (
        (schema.strict == "filter", "strict='filter'"),
        (bool(schema.ordered), "ordered"),
        (getattr(schema, "index", None) is not None, "an index"),
        (bool(schema.coerce), "coerce"),
        (schema.dtype is not None, f"dtype {schema.dtype}"),
        (bool(getattr(schema, "unique_column_names", False)), "unique_column_names"),
        (bool(getattr(schema, "parsers", None)), "parsers"),
    ):
        if said:
            left.append(("", what))
    groups = _groups(schema.unique)
    left += [("", f"unique {', '.join(group)}") for group in groups[1:]]
    unique = groups[0] if groups else ()
    spec = TableSpec(columns=columns, strict=strict, unique=unique, rows=rows, source=source)
    return replace(spec, places=_places(schema, spec, left)), tuple(left)


def _places(schema: Any, spec: TableSpec, left: list[tuple[str, str]]) -> dict[str, PlaceSettings]:
    """What the schema says of places, but for names that the contract has no word for."""
    rules = stated_rules(spec)
    known = {"optional": [column.name for column in spec.columns], "checks": rules, "skip_checks": rules}
    found = {}
    for name, place in places_of_metadata(schema.metadata).items():
        said = place.said()
        for key, names in known.items():
            given = [exact_rule(word, names) if names is rules else word for word in said.get(key, ())]
            left += [("", f"places.{name}.{key}: {word}") for word in given if word not in names]
            said[key] = [word for word in given if word in names]
        found[name] = PlaceSettings(**said)
    return {name: place for name, place in found.items() if place.said()}


def _groups(unique: Any) -> list[tuple[str, ...]]:
    if not unique:
        return []
    if isinstance(unique, str):
        return [(unique,)]
    nested = isinstance(unique[0], list | tuple)
    return [tuple(map(str, group)) for group in (unique if nested else [unique])]


def _rows(schema: Any, left: list[tuple[str, str]]) -> tuple[int | None, int | None] | None:
    rows = None
    for check in schema.checks or ():
        if own_rule(check) == "row_count" and rows is None:
            rows = (check.statistics["lowest"], check.statistics["highest"])
        else:
            left.append(("", _told(check)))
    return rows


def _column(name: str, column: Any, left: list[tuple[str, str]]) -> ColumnSpec:
    checks: dict[str, tuple[Any, ...]] = {}
    for check in column.checks or ():
        found = None if getattr(check, "raise_warning", False) else _check(check)
        if found is None or set(found) & set(checks):
            left.append((name, _told(check)))
        else:
            checks |= found
    if column.coerce:
        left.append((name, "coerce"))
    if column.regex:
        left.append((name, "the name is a regular expression"))
    if getattr(column, "parsers", None):
        left.append((name, "parsers"))
    return ColumnSpec(
        name=name,
        dtype=_dtype(column.dtype),
        nullable=bool(column.nullable),
        unique=bool(column.unique),
        required=bool(column.required),
        checks=checks,
        description=column.description or "",
        places=homes_of_metadata(name, column.metadata),
    )


def _dtype(dtype: Any) -> str:
    if dtype is None:
        return "any"
    return kind_word(dtype) or str(dtype)


def _check(check: Any) -> dict[str, tuple[Any, ...]] | None:
    """A check in the words of the YAML form; None where it has none."""
    given: Mapping[str, Any] = check.statistics or {}
    own = own_rule(check)
    if own == "not_constant":
        return {"not_constant": (given["rows"],)}
    if own == "not_decreasing":
        return {"not_decreasing": ()}
    try:
        return dict(_builtin(check.name, given))
    except KeyError:
        return None


_ONE = {
    "greater_than_or_equal_to": ("ge", "min_value"),
    "greater_than": ("gt", "min_value"),
    "less_than_or_equal_to": ("le", "max_value"),
    "less_than": ("lt", "max_value"),
    "equal_to": ("eq", "value"),
    "not_equal_to": ("ne", "value"),
}
_LISTS = {"isin": "allowed_values", "notin": "forbidden_values"}


def _builtin(name: str, given: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    if name in _ONE:
        word, key = _ONE[name]
        yield word, (_plain(given[key]),)
    elif name in _LISTS:
        yield name, ([_plain(value) for value in given[_LISTS[name]]],)
    elif name == "in_range":
        low, high = _plain(given["min_value"]), _plain(given["max_value"])
        if given["include_min"] and given["include_max"]:
            yield "in_range", (low, high)
        else:
            yield ("ge" if given["include_min"] else "gt"), (low,)
            yield ("le" if given["include_max"] else "lt"), (high,)
    elif name == "str_length":
        exact = given.get("exact_value")  # pandera 0.24 knows no exact length; later versions may tell it alone
        yield "str_length", (exact, exact) if exact is not None else (given["min_value"], given["max_value"])
    elif name == "str_matches":
        yield "str_matches", (getattr(given["pattern"], "pattern", given["pattern"]),)
    else:
        raise KeyError(name)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):  # a Timestamp is one, and knows nanoseconds that YAML does not
        return value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value
    return value.item() if hasattr(value, "item") else value


def _told(check: Any) -> str:
    said = str(check.error or check.name or "a check")
    return said if len(said) <= 80 else f"{said[:76]} ..."
