"""Columns that a relation names: they must be there, and the model must be given them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.gates.behaviour.rows import Asked


class UnusedColumn(InputError):
    """The model is given none of the columns, so that no answer could break the relation."""


def known_column(name: str, asked: Asked, key: str) -> str:
    """Return the name of a column; InputError with the nearest spelling where the table has none of that name."""
    if name not in asked.columns:
        near = difflib.get_close_matches(name, asked.columns, n=1)
        raise InputError(
            f"{asked.name} has no column {name!r} ({key})",
            fix=f"did you mean {near[0]!r}?" if near else f"its columns are {', '.join(asked.columns[:20])}",
        )
    return name


def unused(label: str, asked: Asked, key: str, *, allow: bool = False) -> UnusedColumn:
    """Return the error of a relation that cannot fail."""
    features = [str(name) for name in asked.table.columns]
    shown = ", ".join(features[:8]) + (", ..." if len(features) > 8 else "")
    guard = ', or say that it need not be one: `{columns = [...], unused = "allow"}`' if allow else ""
    return UnusedColumn(
        f"{key}: the candidate is not given {label!r}, so nothing about it could fail "
        f"(its {len(features)} features: {shown})",
        fix=f"name a column that the candidate is given, take {label!r} out{guard}",
    )
