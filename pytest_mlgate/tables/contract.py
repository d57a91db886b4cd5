"""The YAML form of a table's contract: read strictly, every error with its file and line.

The words are pandera's (``columns``, ``nullable``, ``unique``, ``required``, ``checks: {in_range, isin, ...}``); the
form is our own, because pandera's writer keeps no comments and names a dtype of one reader (``int64``) where a
contract means a kind of value that CSV, Parquet and both generations of pandas strings can hold.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.places import PLACES
from pytest_mlgate.tables.places_read import read_places
from pytest_mlgate.tables.yaml_nodes import Reader, is_empty, nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pytest_mlgate.tables.places import PlaceSettings

KINDS = ("number", "integer", "string", "boolean", "datetime", "any")
"""Kinds of value that ``dtype`` may name; any other word is a dtype of pandas (``float64``, ``category``, ...)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnSpec:
    """What a contract says of one column.

    Attributes
    ----------
    name : str
    dtype : str
        One of :data:`KINDS`, or the name of a pandas dtype.
    nullable, unique, required : bool
    checks : Mapping of str to tuple
        Name of the check, as pandera spells it, to its arguments.
    places : tuple of str
        The places that have this column; it may be absent elsewhere. None: all but the predictions.
    line : int
        Where the column stands in the file, from 1.
    """

    name: str
    dtype: str = "any"
    nullable: bool = False
    unique: bool = False
    required: bool = True
    checks: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    description: str = ""
    places: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSpec:
    """A contract: columns, whether others are refused, what is unique together, how many rows, what differs where."""

    columns: tuple[ColumnSpec, ...]
    strict: bool = False
    unique: tuple[str, ...] = ()
    rows: tuple[int | None, int | None] | None = None
    places: Mapping[str, PlaceSettings] = field(default_factory=dict)
    source: str = "schema.yaml"


def read_contract(path: str | Path) -> TableSpec:
    """Read a contract from a YAML file.

    Raises
    ------
    InputError
        The file cannot be read, or is no contract; the message starts with ``file:line``.
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{path}: the schema cannot be read ({error.strerror or error})",
            fix="correct `schema`: a path relative to the configuration, or an import path `package.module:Name`",
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: the schema is not UTF-8 ({error.reason})", fix="save the file as UTF-8") from error
    return parse_contract(text, source=str(path))


def parse_contract(text: str, *, source: str = "schema.yaml") -> TableSpec:
    """Return the contract that a YAML text states.

    Parameters
    ----------
    text : str
    source : str
        How messages name the text.

    Raises
    ------
    InputError
        With ``source:line``, the value, and what is allowed.
    """
    reader = Reader(source)
    root = reader.mapping(reader.compose(text), "the contract", ("columns", "strict", "unique", "rows", "places"))
    if "columns" not in root:
        raise reader.error(None, "a contract needs `columns`", fix="columns: {name: {dtype: number}}")
    columns = tuple(_column(reader, name, node) for name, node in reader.entries(root["columns"], "`columns`"))
    if not columns:
        raise reader.error(root["columns"], "`columns` is empty: nothing would be checked", fix="list the columns")
    unique = tuple(str(v) for v in reader.values(root["unique"], "`unique`")) if "unique" in root else ()
    known = {column.name for column in columns}
    for name in unique:
        if name not in known:
            raise reader.error(root["unique"], f"`unique` names {name!r}, which is no column{nearest(name, known)}")
    strict = reader.boolean(root["strict"], "`strict`") if "strict" in root else False
    rows = _lengths(reader, "integer", "rows", root["rows"]) if "rows" in root else None
    spec = TableSpec(columns=columns, strict=strict, unique=unique, rows=rows, source=source)
    return replace(spec, places=read_places(reader, root["places"], spec)) if "places" in root else spec


_COLUMN_KEYS = ("dtype", "nullable", "unique", "required", "checks", "description", "places")


def _column(reader: Reader, name: str, node: yaml.Node) -> ColumnSpec:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and node.value:  # `temp: number`, the short form
        return ColumnSpec(name=name, dtype=_dtype(reader, name, node), line=line)
    keys = {} if is_empty(node) else reader.mapping(node, f"column {name!r}", _COLUMN_KEYS)
    flags = {
        key: reader.boolean(keys[key], f"{name}.{key}") for key in ("nullable", "unique", "required") if key in keys
    }
    dtype = _dtype(reader, name, keys["dtype"]) if "dtype" in keys else "any"
    found = reader.entries(keys["checks"], f"`{name}.checks`") if "checks" in keys else []
    checks = {check: _check(reader, name, dtype, check, value) for check, value in found}
    description = str(reader.scalar(keys["description"], f"{name}.description")) if "description" in keys else ""
    places = _homes(reader, name, keys["places"]) if "places" in keys else ()
    return ColumnSpec(name=name, dtype=dtype, checks=checks, description=description, places=places, line=line, **flags)


def _homes(reader: Reader, name: str, node: yaml.Node) -> tuple[str, ...]:
    named = [str(value) for value in reader.values(node, f"`{name}.places`")]
    for place in named:
        if place not in PLACES:
            raise reader.error(
                node,
                f"{name}.places: {place!r} is no place{nearest(place, PLACES)}",
                fix=f"places are {', '.join(PLACES)}",
            )
    if not named:
        raise reader.error(node, f"{name}.places is empty", fix="name the places that have the column, or remove it")
    return tuple(place for place in PLACES if place in named)


def _dtype(reader: Reader, name: str, node: yaml.Node) -> str:
    word = reader.scalar(node, f"{name}.dtype")
    if isinstance(word, str) and word in KINDS:
        return word
    from pandas.api.types import pandas_dtype

    try:
        if not isinstance(word, str):
            raise TypeError
        pandas_dtype(word)
    except (TypeError, ValueError, ImportError) as error:
        raise reader.error(
            node,
            f"{name}.dtype: {word!r} is neither a kind of value nor a dtype of pandas{nearest(str(word), KINDS)}",
            fix=f"use one of {', '.join(KINDS)}, or a pandas dtype such as float64 or category",
        ) from error
    return word


def _check(reader: Reader, column: str, dtype: str, check: str, node: yaml.Node) -> tuple[Any, ...]:
    where = f"{column}.checks.{check}"
    if check not in _CHECKS:
        raise reader.error(
            node, f"{where}: no such check{nearest(check, _CHECKS)}", fix=f"checks are {', '.join(sorted(_CHECKS))}"
        )
    return _CHECKS[check](reader, dtype, where, node)


def _one(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    return (_typed(reader, dtype, where, node),)


def _text(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    pattern = reader.scalar(node, where)
    try:
        re.compile(pattern)
    except (TypeError, re.error) as error:
        raise reader.error(node, f"{where}: {pattern!r} is no regular expression ({error})") from error
    return (pattern,)


def _several(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    values = [_typed(reader, dtype, where, item) for item in reader.items(node, where)]
    if not values:
        raise reader.error(node, f"{where}: the list is empty", fix="list the values, or remove the check")
    return (values,)


def _pair(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    items = _two(reader, where, node)
    low, high = (_typed(reader, dtype, where, item) for item in items)
    return _ordered(reader, where, node, low, high)


def _two(reader: Reader, where: str, node: yaml.Node) -> list[yaml.Node]:
    items = reader.items(node, where)
    if len(items) != 2:
        raise reader.error(node, f"{where} has {len(items)} values, needs two: [lowest, highest]")
    return items


def _ordered(reader: Reader, where: str, node: yaml.Node, low: Any, high: Any) -> tuple[Any, Any]:
    try:
        ordered = low <= high
    except TypeError:
        ordered = False
    if not ordered:
        raise reader.error(node, f"{where}: {low!r} is not below {high!r}", fix="write [lowest, highest]")
    return (low, high)


def _lengths(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    """Two counts, of which one may be null: no limit."""
    low, high = (
        None if reader.scalar(item, where) is None else _count(reader, dtype, where, item)[0]
        for item in _two(reader, where, node)
    )
    if low is None and high is None:
        raise reader.error(node, f"{where}: neither end is a number", fix="write [lowest, highest], or remove it")
    return (low, high) if low is None or high is None else _ordered(reader, where, node, low, high)


def _count(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    value = reader.scalar(node, where)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise reader.error(node, f"{where}: {value!r} is not a whole number of 0 or more")
    return (value,)


def _true(reader: Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    if reader.boolean(node, where) is not True:
        raise reader.error(node, f"{where}: false asks for nothing", fix="write true, or remove the check")
    return ()


_CHECKS: dict[str, Callable[[Reader, str, str, yaml.Node], tuple[Any, ...]]] = {
    **dict.fromkeys(("ge", "gt", "le", "lt", "eq", "ne"), _one),
    **dict.fromkeys(("isin", "notin"), _several),
    "in_range": _pair,
    "str_length": _lengths,
    "str_matches": _text,
    "not_constant": _count,
    "not_decreasing": _true,
}


_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")


def _typed(reader: Reader, dtype: str, where: str, node: yaml.Node) -> Any:
    value = reader.scalar(node, where)
    if value is None:
        raise reader.error(node, f"{where}: no value", fix="missing values are allowed with `nullable: true`")
    if (
        dtype != "string"
        and isinstance(value, str)
        and getattr(node, "style", "") is None
        and _SCIENTIFIC.fullmatch(value)
    ):
        value = float(value)  # PyYAML reads 1e5 as text (YAML 1.1 wants 1.0e+5); a person means the number
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and value == value
    if dtype in ("number", "integer") and not is_number:
        raise reader.error(node, f"{where}: {node.value!r} is not a number")
    if dtype == "string" and not isinstance(value, str):
        raise reader.error(node, f"{where}: YAML reads {node.value} as {value!r}, not as text", fix="put it in quotes")
    if dtype == "datetime":
        return _moment(reader, where, node, value)
    return value


def _moment(reader: Reader, where: str, node: yaml.Node, value: Any) -> datetime:
    """A timestamp; a day is its first moment, since timestamps are not compared with days."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time())
    raise reader.error(node, f"{where}: {value!r} is no timestamp", fix="write 2013-01-31 or 2013-01-31 05:06:00")
