"""An MLflow signature's inputs as a contract.

The ``signature`` of an ``MLmodel`` file, whose ``inputs`` are JSON as text (``mlflow.types.Schema.to_json``), or the
same mapping by itself (``ModelSignature.to_dict``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.importing.carrying import Draft, Imported

_KINDS = {
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "float": "number",
    "double": "number",
    "string": "string",
    "datetime": "datetime",
}
_FIX = "log the model with a signature of named columns (`mlflow.models.infer_signature` on a data frame)"


def is_signature(value: Any) -> bool:
    """Return whether a value is an ``MLmodel`` or a signature."""
    if not isinstance(value, dict):
        return False
    if "flavors" in value:
        return True
    signature = value.get("signature", value)
    return isinstance(signature, dict) and isinstance(signature.get("inputs"), str | list)


def from_signature(value: Mapping[str, Any], source: str) -> Imported:
    """Return a signature's inputs as a contract; it says nothing of missing values in columns of text and floats."""
    signature = value if "inputs" in value else value.get("signature")
    if not isinstance(signature, dict) or not signature.get("inputs"):
        raise InputError(f"{source} is an MLflow model without a signature of its inputs", fix=_FIX)
    inputs = _specs(signature["inputs"], source)
    draft = Draft()
    for place, column in enumerate(inputs):
        _column(draft, column, place, source)
    for key in ("outputs", "params"):
        if signature.get(key):
            draft.lose("", f"{key}: {_short(signature[key])} (no columns of the table)")
    notes = ("MLflow says nothing of missing values in text, floats and timestamps: they may be missing here.",)
    return draft.finish(source=source, kind="an MLflow signature", notes=notes)


def _specs(inputs: Any, source: str) -> list[dict[str, Any]]:
    try:
        found = json.loads(inputs) if isinstance(inputs, str) else inputs
    except ValueError as error:
        raise InputError(f"{source}: the signature's inputs are not JSON ({error})", fix=_FIX) from error
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise InputError(f"{source}: the signature's inputs are no list of columns", fix=_FIX)
    return found


def _column(draft: Draft, given: Mapping[str, Any], place: int, source: str) -> None:
    name, kind = given.get("name"), given.get("type")
    if not isinstance(name, str):
        what = "a tensor" if kind == "tensor" else f"column {place}"
        raise InputError(f"{source}: {what} of the signature's inputs has no name", fix=_FIX)
    if name in draft.columns:
        raise InputError(f"{source}: the signature has the column {name!r} twice", fix=_FIX)
    column = draft.column(name)
    column.required = bool(
        given.get("required", not given.get("optional", False))
    )  # `optional` is MLflow 2.5 and before
    if isinstance(kind, str) and kind in _KINDS:
        column.dtype = _KINDS[kind]
        # A whole number or a boolean that is missing makes a column of floats or objects, which MLflow refuses.
        column.nullable = column.dtype not in ("integer", "boolean") or not column.required
    else:
        rest = {key: value for key, value in given.items() if key not in ("name", "required", "optional")}
        draft.lose(name, _short(rest))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:116]} ..."
