"""The YAML form of a table's contract: read strictly, every error with its file and line.

The words are pandera's (``columns``, ``nullable``, ``unique``, ``required``, ``checks: {in_range, isin, ...}``); the
form is our own, because pandera's writer keeps no comments and names a dtype of one reader (``int64``) where a
contract means a kind of value that CSV, Parquet and both generations of pandas strings can hold.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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
    line: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class TableSpec:
    """A contract: its columns, whether others are refused, columns that are unique together, and how many rows."""

    columns: tuple[ColumnSpec, ...]
    strict: bool = False
    unique: tuple[str, ...] = ()
    rows: tuple[int | None, int | None] | None = None
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
    reader = _Reader(source)
    root = reader.mapping(reader.compose(text), "the contract", ("columns", "strict", "unique", "rows"))
    if "columns" not in root:
        raise reader.error(None, "a contract needs `columns`", fix="columns: {name: {dtype: number}}")
    columns = tuple(_column(reader, name, node) for name, node in reader.entries(root["columns"], "`columns`"))
    if not columns:
        raise reader.error(root["columns"], "`columns` is empty: nothing would be checked", fix="list the columns")
    unique = tuple(str(v) for v in reader.values(root["unique"], "`unique`")) if "unique" in root else ()
    known = {column.name for column in columns}
    for name in unique:
        if name not in known:
            raise reader.error(root["unique"], f"`unique` names {name!r}, which is no column{_nearest(name, known)}")
    strict = reader.boolean(root["strict"], "`strict`") if "strict" in root else False
    rows = _lengths(reader, "integer", "rows", root["rows"]) if "rows" in root else None
    return TableSpec(columns=columns, strict=strict, unique=unique, rows=rows, source=source)


_COLUMN_KEYS = ("dtype", "nullable", "unique", "required", "checks", "description")


def _column(reader: _Reader, name: str, node: yaml.Node) -> ColumnSpec:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode) and node.value:  # `temp: number`, the short form
        return ColumnSpec(name=name, dtype=_dtype(reader, name, node), line=line)
    keys = {} if _is_empty(node) else reader.mapping(node, f"column {name!r}", _COLUMN_KEYS)
    flags = {
        key: reader.boolean(keys[key], f"{name}.{key}") for key in ("nullable", "unique", "required") if key in keys
    }
    dtype = _dtype(reader, name, keys["dtype"]) if "dtype" in keys else "any"
    found = reader.entries(keys["checks"], f"`{name}.checks`") if "checks" in keys else []
    checks = {check: _check(reader, name, dtype, check, value) for check, value in found}
    description = str(reader.scalar(keys["description"], f"{name}.description")) if "description" in keys else ""
    return ColumnSpec(name=name, dtype=dtype, checks=checks, description=description, line=line, **flags)


def _dtype(reader: _Reader, name: str, node: yaml.Node) -> str:
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
            f"{name}.dtype: {word!r} is neither a kind of value nor a dtype of pandas{_nearest(str(word), KINDS)}",
            fix=f"use one of {', '.join(KINDS)}, or a pandas dtype such as float64 or category",
        ) from error
    return word


def _check(reader: _Reader, column: str, dtype: str, check: str, node: yaml.Node) -> tuple[Any, ...]:
    where = f"{column}.checks.{check}"
    if check not in _CHECKS:
        raise reader.error(
            node, f"{where}: no such check{_nearest(check, _CHECKS)}", fix=f"checks are {', '.join(sorted(_CHECKS))}"
        )
    return _CHECKS[check](reader, dtype, where, node)


def _one(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    return (_typed(reader, dtype, where, node),)


def _text(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    pattern = reader.scalar(node, where)
    try:
        re.compile(pattern)
    except (TypeError, re.error) as error:
        raise reader.error(node, f"{where}: {pattern!r} is no regular expression ({error})") from error
    return (pattern,)


def _several(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    values = [_typed(reader, dtype, where, item) for item in reader.items(node, where)]
    if not values:
        raise reader.error(node, f"{where}: the list is empty", fix="list the values, or remove the check")
    return (values,)


def _pair(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    items = _two(reader, where, node)
    low, high = (_typed(reader, dtype, where, item) for item in items)
    return _ordered(reader, where, node, low, high)


def _two(reader: _Reader, where: str, node: yaml.Node) -> list[yaml.Node]:
    items = reader.items(node, where)
    if len(items) != 2:
        raise reader.error(node, f"{where} has {len(items)} values, needs two: [lowest, highest]")
    return items


def _ordered(reader: _Reader, where: str, node: yaml.Node, low: Any, high: Any) -> tuple[Any, Any]:
    try:
        ordered = low <= high
    except TypeError:
        ordered = False
    if not ordered:
        raise reader.error(node, f"{where}: {low!r} is not below {high!r}", fix="write [lowest, highest]")
    return (low, high)


def _lengths(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    """Two counts, of which one may be null: no limit."""
    low, high = (
        None if reader.scalar(item, where) is None else _count(reader, dtype, where, item)[0]
        for item in _two(reader, where, node)
    )
    if low is None and high is None:
        raise reader.error(node, f"{where}: neither end is a number", fix="write [lowest, highest], or remove it")
    return (low, high) if low is None or high is None else _ordered(reader, where, node, low, high)


def _count(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    value = reader.scalar(node, where)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise reader.error(node, f"{where}: {value!r} is not a whole number of 0 or more")
    return (value,)


def _true(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> tuple[Any, ...]:
    if reader.boolean(node, where) is not True:
        raise reader.error(node, f"{where}: false asks for nothing", fix="write true, or remove the check")
    return ()


_CHECKS: dict[str, Callable[[_Reader, str, str, yaml.Node], tuple[Any, ...]]] = {
    **dict.fromkeys(("ge", "gt", "le", "lt", "eq", "ne"), _one),
    **dict.fromkeys(("isin", "notin"), _several),
    "in_range": _pair,
    "str_length": _lengths,
    "str_matches": _text,
    "not_constant": _count,
    "not_decreasing": _true,
}


_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+")


def _typed(reader: _Reader, dtype: str, where: str, node: yaml.Node) -> Any:
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


def _moment(reader: _Reader, where: str, node: yaml.Node, value: Any) -> datetime:
    """A timestamp; a day is its first moment, since timestamps are not compared with days."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, date):
        return value if isinstance(value, datetime) else datetime.combine(value, time())
    raise reader.error(node, f"{where}: {value!r} is no timestamp", fix="write 2013-01-31 or 2013-01-31 05:06:00")


def _nearest(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean `{found[0]}`?" if found else ""


def _is_empty(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == ""


class _Reader:
    """YAML nodes to values, with the line in every error. Nodes, because plain loading forgets lines."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._constructor = yaml.SafeLoader("")

    def error(self, node: yaml.Node | None, message: str, *, fix: str = "") -> InputError:
        at = f":{node.start_mark.line + 1}" if node is not None else ""
        return InputError(f"{self.source}{at}: {message}", fix=fix or f"correct {self.source}{at}")

    def compose(self, text: str) -> yaml.Node:
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            at = f":{mark.line + 1}" if mark is not None else ""
            raise InputError(
                f"{self.source}{at}: not YAML: {error.problem}", fix=f"correct {self.source}{at}"
            ) from error
        except (yaml.YAMLError, RecursionError) as error:
            reason = str(error).splitlines()[0]
            raise InputError(f"{self.source}: not YAML: {reason}", fix=f"correct {self.source}") from error
        if node is None:
            raise self.error(None, "the contract is empty", fix="list the table's columns under `columns:`")
        return node

    def entries(self, node: yaml.Node, what: str) -> list[tuple[str, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self.error(node, f"{what} is not a mapping of `key: value`")
        found: dict[str, yaml.Node] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise self.error(key, f"{what} has a key that is no single word")
            if key.value in found:
                raise self.error(key, f"{what} has {key.value!r} twice")
            found[key.value] = value
        return list(found.items())

    def mapping(self, node: yaml.Node, what: str, allowed: tuple[str, ...]) -> dict[str, yaml.Node]:
        found = dict(self.entries(node, what))
        for key, value in found.items():
            if key not in allowed:
                raise self.error(
                    value,
                    f"unknown key `{key}` in {what}{_nearest(key, allowed)}",
                    fix=f"keys are {', '.join(allowed)}",
                )
        return found

    def items(self, node: yaml.Node, what: str) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode):
            raise self.error(node, f"{what} is not a list", fix="write [a, b]")
        return list(node.value)

    def values(self, node: yaml.Node, what: str) -> list[Any]:
        return [self.scalar(item, what) for item in self.items(node, what)]

    def scalar(self, node: yaml.Node, what: str) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise self.error(node, f"{what} is not a single value")
        try:
            return self._constructor.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise self.error(node, f"{what}: {node.value!r} cannot be read as a value") from error

    def boolean(self, node: yaml.Node, what: str) -> bool:
        value = self.scalar(node, what)
        if not isinstance(value, bool):
            raise self.error(node, f"{what} is {value!r}, not true or false")
        return value
