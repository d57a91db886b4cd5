"""A contract as Python: a pandera ``DataFrameSchema`` literal, laid out as ruff lays it out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pytest_mlgate.tables.contract import KINDS, ColumnSpec, TableSpec
from pytest_mlgate.tables.contract_yaml import Remarks, comment

WIDTH = 88
"""The length of a line that ruff fills by default."""

_OWN = ("not_constant", "not_decreasing")


def to_python(
    spec: TableSpec,
    *,
    header: Sequence[str] = (),
    remarks: Mapping[str, Remarks] | None = None,
    name: str = "schema",
) -> str:
    """Return a contract as the source of a module.

    Parameters
    ----------
    spec : TableSpec
    header : sequence of str
        Lines of comment that the module begins with.
    remarks : Mapping of str to Remarks or None
        What is said of each column, by its name.
    name : str
        What the schema is called in the module.

    Returns
    -------
    str
        A module whose ``name`` is the same contract as a ``pandera.pandas.DataFrameSchema``:
        :func:`~pytest_mlgate.tables.contract_pandera.from_pandera` reads it back.
    """
    lines = [f"# {comment(text)}".rstrip() for text in header]
    body = list(_schema(spec, remarks or {}, name))
    return "\n".join([*lines, *([""] if lines else []), *_imports(spec, body), "", *body]) + "\n"


def _imports(spec: TableSpec, body: list[str]) -> list[str]:
    # By what the literals call; a text that looks like such a call costs an import that is not used, at worst.
    text = "\n".join(body)
    own = [*(word for word in _OWN if any(word in column.checks for column in spec.columns))]
    own += ["kind"] if any(column.dtype in KINDS and column.dtype != "any" for column in spec.columns) else []
    own += ["row_count"] if spec.rows is not None else []
    lines = ["import datetime"] if "datetime.date(" in text else []
    lines += [""] if lines else []
    lines += ["import pandas as pd"] if "pd.Timestamp(" in text else []
    lines += ["import pandera.pandas as pa"]
    if own:
        lines.append(f"from pytest_mlgate.tables.rules import {', '.join(sorted(own))}")
    return lines


def _schema(spec: TableSpec, remarks: Mapping[str, Remarks], name: str) -> Iterator[str]:
    yield f"{name} = pa.DataFrameSchema("
    yield "    {"
    for column in spec.columns:
        yield from _column(column, remarks.get(column.name, Remarks()))
    yield "    },"
    if spec.rows is not None:
        low, high = spec.rows
        yield f"    checks=pa.Check(row_count, lowest={low}, highest={high}),"
    yield from _beside(f"    strict={spec.strict},", "True: a column that is not listed is refused")
    if spec.unique:
        yield from _call("    ", "unique=", [literal(value) for value in spec.unique], "[]", "")
    if spec.places:
        yield from _places(spec)
    yield ")"


def _places(spec: TableSpec) -> Iterator[str]:
    yield "    metadata={"
    yield '        "places": {'
    for name, place in spec.places.items():
        yield f"            {literal(name)}: {{"
        for key, value in place.said().items():
            before = f"{literal(key)}: "
            if isinstance(value, list):
                yield from _call(" " * 16, before, [literal(word) for word in value], "[]", "")
            else:
                yield f"{' ' * 16}{before}{value},"
        yield "            },"
    yield "        },"
    yield "    },"


def _column(column: ColumnSpec, remarks: Remarks) -> Iterator[str]:
    yield from _beside(f"        {literal(column.name)}: pa.Column(", remarks.column)
    yield from _beside(f"            {_dtype(column.dtype)},", remarks.beside.get("dtype", ""))
    yield from (f"            # {comment(text)}".rstrip() for text in remarks.lines)
    if column.checks:
        yield "            ["
        for name, arguments in column.checks.items():
            yield from _check(name, arguments, remarks.beside.get(name, ""))
        yield "            ],"
    yield from _beside(f"            nullable={column.nullable},", remarks.beside.get("nullable", ""))
    if column.unique:
        yield from _beside("            unique=True,", remarks.beside.get("unique", ""))
    if not column.required:
        yield from _beside("            required=False,", remarks.beside.get("required", ""))
    if column.description:
        yield f"            description={literal(column.description)},"
    if column.places:
        yield "            metadata={"
        yield from _call(" " * 16, '"places": ', [literal(name) for name in column.places], "[]", "")
        yield "            },"
    yield "        ),"


def _dtype(dtype: str) -> str:
    if dtype == "any":
        return "None"
    return f"kind({literal(dtype)})" if dtype in KINDS else literal(dtype)


def _check(name: str, arguments: tuple[Any, ...], remark: str) -> Iterator[str]:
    indent = " " * 16
    if name == "not_constant":
        yield from _beside(f"{indent}pa.Check(not_constant, rows={arguments[0]}),", remark)
    elif name == "not_decreasing":
        yield from _beside(f"{indent}pa.Check(not_decreasing),", remark)
    elif name in ("isin", "notin"):
        items = [literal(value) for value in arguments[0]]
        line = f"{indent}pa.Check.{name}([{', '.join(items)}]),"
        if len(line) <= WIDTH:
            yield from _beside(line, remark)
        else:
            yield from _beside(f"{indent}pa.Check.{name}(", remark)
            yield from _call(indent + "    ", "", items, "[]", "")
            yield f"{indent}),"
    else:
        yield from _call(indent, f"pa.Check.{name}", [literal(value) for value in arguments], "()", remark)


def _call(indent: str, before: str, items: list[str], brackets: str, remark: str) -> Iterator[str]:
    """On one line where it fits; else each item on a line of its own, with the comma that keeps it so."""
    line = f"{indent}{before}{brackets[0]}{', '.join(items)}{brackets[1]},"
    if len(line) <= WIDTH:
        yield from _beside(line, remark)
        return
    yield from _beside(f"{indent}{before}{brackets[0]}", remark)
    yield from (f"{indent}    {item}," for item in items)
    yield f"{indent}{brackets[1]},"


def _beside(line: str, text: str) -> Iterator[str]:
    """A remark behind its line, or above it where that would be too long: ruff breaks the line otherwise."""
    told = f"  # {comment(text)}" if text else ""
    if len(line) + len(told) <= WIDTH:
        yield line + told
        return
    yield f"{line[: len(line) - len(line.lstrip())]}#{told[3:]}" if told else line
    if told:
        yield line


def literal(value: Any) -> str:
    """Return a value as Python, text in the quotes that ruff prefers."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, datetime):
        return f"pd.Timestamp({_quoted(value.isoformat(sep=' ').removesuffix(' 00:00:00'))})"
    if isinstance(value, date):
        return repr(value)  # datetime.date(...)
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)


def _quoted(text: str) -> str:
    inner = repr(text)[1:-1]
    if '"' not in text:
        return f'"{inner}"'
    if "'" not in text or text.count('"') > text.count("'"):
        return f"'{inner}'"  # as repr has it: an escape for each single quote, and the fewer of them
    return '"' + inner.replace("\\'", "'").replace('"', '\\"') + '"'
