"""What is gathered while another tool's contract is read: the columns, and what could not be carried over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pytest_mlgate.tables.contract import ColumnSpec, TableSpec
from pytest_mlgate.tables.contract_python import to_python
from pytest_mlgate.tables.contract_yaml import Remarks, to_yaml


@dataclass(frozen=True, kw_only=True, slots=True)
class Loss:
    """Something that was not carried over: of which column (``""``: of the table), and what."""

    column: str
    what: str

    def __str__(self) -> str:
        return f"{self.column}: {self.what}" if self.column else self.what


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """A contract that came from another tool.

    Attributes
    ----------
    spec : TableSpec
    losses : tuple of Loss
        All that the contract asks no longer.
    remarks : Mapping of str to Remarks
    header : tuple of str
    """

    spec: TableSpec
    losses: tuple[Loss, ...]
    remarks: Mapping[str, Remarks]
    header: tuple[str, ...]

    def to_yaml(self) -> str:
        """Return it as YAML, with what was not carried over as comments."""
        return to_yaml(self.spec, header=self.header, remarks=self.remarks)

    def to_python(self) -> str:
        """Return it as a module with a pandera schema, with the same comments."""
        return to_python(self.spec, header=self.header, remarks=self.remarks)


@dataclass(kw_only=True, slots=True)
class Column:
    """A column as it is gathered."""

    name: str
    dtype: str = "any"
    nullable: bool = True
    unique: bool = False
    required: bool = True
    description: str = ""
    checks: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def spec(self) -> ColumnSpec:
        """Return what the contract says of it."""
        return ColumnSpec(
            name=self.name,
            dtype=self.dtype,
            nullable=self.nullable,
            unique=self.unique,
            required=self.required,
            checks=self.checks,
            description=self.description,
        )


@dataclass(kw_only=True, slots=True)
class Draft:
    """A contract as it is gathered."""

    columns: dict[str, Column] = field(default_factory=dict)
    strict: bool = False
    unique: tuple[str, ...] = ()
    rows: tuple[int | None, int | None] | None = None
    losses: list[Loss] = field(default_factory=list)

    def column(self, name: str) -> Column:
        """Return the column of a name, a new one where there is none."""
        return self.columns.setdefault(name, Column(name=name))

    def lose(self, column: str, what: str) -> None:
        """Say that something is not carried over."""
        self.losses.append(Loss(column=column, what=what))

    def check(self, column: str, name: str, *arguments: Any) -> None:
        """Add a check to a column; a second one of its name, that says something else, is lost."""
        checks = self.column(column).checks
        if name in checks and checks[name] != arguments:
            self.lose(column, f"a second {name}: {', '.join(map(str, arguments))}")
        else:
            checks[name] = arguments

    def finish(self, *, source: str, kind: str, notes: tuple[str, ...] = ()) -> Imported:
        """Return the contract, with every loss among its comments."""
        for column in self.columns.values():
            self._fit(column)
        lost: dict[str, list[str]] = {}
        for loss in self.losses:
            lost.setdefault(loss.column if loss.column in self.columns else "", []).append(str(loss))
        header = [
            f"The contract of a table: what every row must be. Written by `mlgate schema import` from {source}",
            f"({kind}); now yours: read it, correct it, keep it in version control.",
            *notes,
            *(f"NOT CARRIED OVER: {what}" for what in lost.pop("", [])),
        ]
        remarks = {
            name: Remarks(lines=(*column.notes, *(f"NOT CARRIED OVER: {what}" for what in lost.get(name, []))))
            for name, column in self.columns.items()
        }
        spec = TableSpec(
            columns=tuple(column.spec() for column in self.columns.values()),
            strict=self.strict,
            unique=self.unique,
            rows=self.rows,
            source=source,
        )
        return Imported(spec=spec, losses=tuple(self.losses), remarks=remarks, header=tuple(header))

    def _fit(self, column: Column) -> None:
        """Leave out checks that the column's type cannot be asked, and say so."""
        for name, arguments in list(column.checks.items()):
            values = arguments[0] if name in ("isin", "notin") else arguments
            problem = _unfit(column.dtype, name, values)
            if problem:
                del column.checks[name]
                self.lose(column.name, f"{name}: {', '.join(map(str, values))} ({problem})")
            elif column.dtype == "datetime":
                moments = [datetime.fromisoformat(value) for value in values]
                column.checks[name] = (moments,) if name in ("isin", "notin") else tuple(moments)


def _unfit(dtype: str, name: str, values: Any) -> str:
    if name in ("str_length", "str_matches"):
        return "" if dtype in ("string", "any") else f"no rule for {dtype}"
    if name in ("in_range", "ge", "gt", "le", "lt", "isin", "notin", "eq", "ne"):
        if not values:
            return "an empty list"
        if dtype in ("number", "integer") and not all(map(is_number, values)):
            return "not numbers"
        if dtype == "string" and not all(isinstance(value, str) for value in values):
            return "not text"
        if dtype == "datetime" and not all(map(is_moment, values)):
            return "not timestamps"
        if not all(isinstance(value, str | int | float | bool) for value in values):
            return "not single values"
        if name == "in_range" and values[0] > values[1]:
            return "the lowest is above the highest"
    return ""


def is_number(value: Any) -> bool:
    """Return whether a value is a number, and not NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value


def is_moment(value: Any) -> bool:
    """Return whether a value is a timestamp as text."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def searched(pattern: str, *, anywhere: bool = True) -> str | None:
    """Return a pattern that, matched from the beginning, finds what the given one finds anywhere.

    None where it is no regular expression of Python.
    """
    try:
        re.compile(pattern)
        if not anywhere or (pattern.startswith("^") and "|" not in pattern):
            return pattern
        whole = rf"(?s:.)*?(?:{pattern})"
        re.compile(whole)
    except (re.error, TypeError, RecursionError):
        return None
    return whole


def avoided(pattern: str) -> str | None:
    """Return a pattern that matches where the given one is found nowhere; None where it is no regular expression."""
    whole = searched(pattern)
    return None if whole is None else f"(?!{whole})"
