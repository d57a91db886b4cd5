"""A contract as YAML, with what is known of it in comments; read back by :mod:`pytest_mlgate.tables.contract`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import yaml

from pytest_mlgate.tables.contract import ColumnSpec, TableSpec
from pytest_mlgate.tables.places import rule_word


@dataclass(frozen=True, kw_only=True, slots=True)
class Remarks:
    """What stands beside a column as comments.

    Attributes
    ----------
    column : str
        Of the column as a whole.
    beside : Mapping of str to str
        ``dtype``, ``nullable``, ``required``, ``unique`` or the name of a check, to what is said of that line.
    lines : tuple of str
        Comments on lines of their own.
    """

    column: str = ""
    beside: Mapping[str, str] = field(default_factory=dict)
    lines: tuple[str, ...] = ()


KEYS = """\
dtype      number, integer, string, boolean, datetime, any, or a dtype of pandas (float64, category, ...)
nullable   may values be missing?            unique    may a value come twice?
required   may the column be absent?         checks    in_range, isin, notin, ge, gt, le, lt, eq, ne,
                                                       str_length, str_matches (pandera's words),
                                                       not_constant, not_decreasing
places     the tables that have the column, if not all: train, holdout, reference, current, serving, predictions"""


def to_yaml(spec: TableSpec, *, header: Sequence[str] = (), remarks: Mapping[str, Remarks] | None = None) -> str:
    """Return a contract's YAML form.

    Parameters
    ----------
    spec : TableSpec
    header : sequence of str
        Lines that the file begins with, as comments.
    remarks : Mapping of str to Remarks or None
        What is said of each column, by its name.

    Returns
    -------
    str
        That :func:`~pytest_mlgate.tables.contract.parse_contract` reads as the same contract.
    """
    lines = [*(_line("", text) for text in header), *(f"#   {line}" for line in KEYS.splitlines())]
    lines += ["", f"strict: {_flag(spec.strict)}  # true: a column that is not listed is refused"]
    if spec.rows is not None:
        lines.append(f"rows: {_flow(spec.rows)}  # how many, both ends included; null: no limit")
    if spec.unique:
        lines.append(f"unique: {_flow(spec.unique)}  # no two rows agree in all of these")
    lines += _places(spec)
    lines += ["", "columns:"]
    for column in spec.columns:
        lines += _column(column, (remarks or {}).get(column.name, Remarks()))
    return "\n".join(lines) + "\n"


def _places(spec: TableSpec) -> Iterator[str]:
    if spec.places:
        yield ""
        yield "places:  # what is different there"
    for name, place in spec.places.items():
        yield f"  {name}:"
        for key, value in place.said().items():
            if key in ("checks", "skip_checks"):
                value = [rule_word(rule) for rule in value]
            yield f"    {key}: {_flow(value) if isinstance(value, list) else value}"


def _column(column: ColumnSpec, remarks: Remarks) -> Iterator[str]:
    yield _beside(f"  {scalar(column.name)}:", remarks.column)
    yield _beside(f"    dtype: {scalar(column.dtype)}", remarks.beside.get("dtype", ""))
    yield _beside(f"    nullable: {_flag(column.nullable)}", remarks.beside.get("nullable", ""))
    if not column.required:
        yield _beside("    required: false", remarks.beside.get("required", ""))
    if column.unique:
        yield _beside("    unique: true", remarks.beside.get("unique", ""))
    if column.places:
        yield f"    places: {_flow(column.places)}"
    if column.description:
        yield f"    description: {scalar(column.description)}"
    yield from (_line("    ", text) for text in remarks.lines)
    if column.checks:
        yield "    checks:"
    for name, arguments in column.checks.items():
        said = _arguments(name, arguments)
        if column.dtype == "datetime":  # whose days are read as their first moment
            said = said.replace(" 00:00:00]", "]").replace(" 00:00:00,", ",").removesuffix(" 00:00:00")
        yield _beside(f"      {name}: {said}", remarks.beside.get(name, ""))


def _arguments(name: str, arguments: tuple[Any, ...]) -> str:
    if not arguments:
        return "true"
    if name in ("isin", "notin"):
        return _flow(arguments[0])
    return _flow(arguments) if len(arguments) > 1 else scalar(arguments[0])


def _flow(values: Sequence[Any]) -> str:
    return "[" + ", ".join(scalar(value) for value in values) + "]"


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _beside(line: str, text: str) -> str:
    return f"{line}  # {comment(text)}" if text else line


def _line(indent: str, text: str) -> str:
    return f"{indent}# {comment(text)}".rstrip()


def scalar(value: Any) -> str:
    """One value as YAML that is safe as a key and inside a flow list: quoted where a reader would take it otherwise."""
    if isinstance(value, str) and not value.isprintable():
        # PyYAML folds text with line breaks over several lines, which no key may be.
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value) + '"'
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")  # PyYAML would write the tag's name too
    text: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9)
    return text.strip()[1:-1]


def comment(text: str) -> str:
    """Text that cannot leave the comment it stands in."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
