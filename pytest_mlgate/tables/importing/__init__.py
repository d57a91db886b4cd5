"""Contracts that people have already, in the words of other tools, as a contract of ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import yaml

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.importing import feast as feast
from pytest_mlgate.tables.importing import great_expectations as great_expectations
from pytest_mlgate.tables.importing import json_schema as json_schema
from pytest_mlgate.tables.importing import mlflow as mlflow
from pytest_mlgate.tables.importing.carrying import Imported

KINDS: dict[str, tuple[Callable[[Any], bool], Callable[[Any, str], Imported]]] = {
    "great-expectations": (great_expectations.is_suite, great_expectations.from_suite),
    "mlflow": (mlflow.is_signature, mlflow.from_signature),
    "feast": (feast.is_view, feast.from_view),
    "json-schema": (json_schema.is_schema, json_schema.from_schema),
    "pydantic": (json_schema.is_model, json_schema.from_model),
}
"""The kinds of contract: what tells one, and what reads it."""

__all__ = ["KINDS", "Imported", "import_contract", "parse"]


def parse(text: str, source: str) -> Any:
    """Return what a JSON or YAML text holds.

    Raises
    ------
    InputError
        It is neither, or no mapping.
    """
    try:
        value = json.loads(text)
    except ValueError:
        try:
            value = yaml.safe_load(text)
        except (yaml.YAMLError, RecursionError) as error:
            reason = " ".join(str(error).split())[:120]
            raise InputError(f"{source}: neither JSON nor YAML ({reason})", fix=_FIX) from error
    except RecursionError as error:
        raise InputError(f"{source}: nested too deeply to be a contract", fix=_FIX) from error
    if not isinstance(value, dict):
        raise InputError(f"{source}: holds {type(value).__name__}, not a contract", fix=_FIX)
    return value


_FIX = (
    "give a Great Expectations suite, a JSON Schema, an MLmodel file or signature, a Feast feature view as JSON, or the"
    " import path `package.module:Name` of a pydantic model or a feature view"
)


def import_contract(value: Any, *, kind: str | None = None, source: str = "the file") -> Imported:
    """Return another tool's contract as one of ours.

    Parameters
    ----------
    value : dict, or object
        What the file holds, or what the import path names.
    kind : str or None
        One of :data:`KINDS`; None tells it by the content.
    source : str
        How messages name it.

    Raises
    ------
    InputError
        It is none of these, not of the kind that was said, or states no column.
    """
    if kind is not None and kind not in KINDS:
        raise InputError(f"{kind!r} is no kind of contract", fix=f"kinds are {', '.join(KINDS)}")
    found = [name for name, (tells, _) in KINDS.items() if tells(value)]
    if not found or (kind is not None and kind not in found):
        keys = f"keys {', '.join(map(str, list(value)[:8])) or 'none'}" if isinstance(value, dict) else _type(value)
        wanted = f"a {kind} contract" if kind else "a contract of any kind that can be imported"
        raise InputError(f"{source} is not {wanted}: {keys}", fix=_FIX)
    imported = KINDS[kind or found[0]][1](value, source)
    if not imported.spec.columns:
        raise InputError(f"{source} states no column", fix="give a contract that names the columns of a table")
    return imported


def _type(value: Any) -> str:
    named = value if isinstance(value, type) else type(value)
    return f"{'the class' if isinstance(value, type) else 'of type'} {named.__module__}.{named.__qualname__}"
