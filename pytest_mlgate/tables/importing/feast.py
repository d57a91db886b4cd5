"""A Feast feature view as a contract: its features, its entities' keys and its timestamp.

The JSON of its protobuf message (``FeatureView.proto``: ``spec.features`` with ``name`` and ``valueType``, in camel
case, or in snake case as dumps with the field names have it), or the object itself, read by its attributes: feast need
not be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.importing.carrying import Draft, Imported

# feast/types/Value.proto, ValueType.Enum; Python's names of the same types beside them.
_NUMBERS = {1: "BYTES", 2: "STRING", 3: "INT32", 4: "INT64", 5: "DOUBLE", 6: "FLOAT", 7: "BOOL", 8: "UNIX_TIMESTAMP"}
_KINDS = {
    "STRING": "string",
    "INT32": "integer",
    "INT64": "integer",
    "FLOAT": "number",
    "DOUBLE": "number",
    "FLOAT32": "number",
    "FLOAT64": "number",
    "BOOL": "boolean",
    "UNIX_TIMESTAMP": "datetime",
    "UNIXTIMESTAMP": "datetime",
}


def is_view(value: Any) -> bool:
    """Return whether a value is a feature view."""
    if isinstance(value, dict):
        spec = value.get("spec", value)
        return isinstance(spec, dict) and isinstance(spec.get("features"), list)
    features = getattr(value, "features", None)
    return isinstance(features, list | tuple) and hasattr(value, "entities") and not isinstance(value, type)


def from_view(value: Any, source: str) -> Imported:
    """Return a feature view as a contract: any value may be missing but of the keys and the timestamp."""
    spec = value.get("spec", value) if isinstance(value, dict) else value
    draft = Draft()
    keys = _items(spec, "entity_columns")
    for key in keys:
        _column(draft, key, source, nullable=False)
    entities = [name for name in _items(spec, "entities") if isinstance(name, str)]
    for name in entities if not keys else ():
        if name != "__dummy":  # Feast's own, for a view without an entity
            draft.lose("", f"entity {name}: the view names it, and not the column of its key")
    time = _get(_get(spec, "batch_source"), "timestamp_field")
    if isinstance(time, str) and time:
        draft.column(time).dtype, draft.column(time).nullable = "datetime", False
    for feature in _items(spec, "features"):
        _column(draft, feature, source, nullable=True)
    ttl = _get(spec, "ttl")
    if ttl:
        draft.lose("", f"ttl: {ttl}")
    return draft.finish(source=source, kind="a Feast feature view", notes=("Feast lets any feature be missing.",))


def _column(draft: Draft, given: Any, source: str, *, nullable: bool) -> None:
    name = _get(given, "name")
    if not isinstance(name, str) or not name:
        raise InputError(f"{source}: a feature has no name", fix="give the JSON of a feature view")
    if name in draft.columns and nullable:
        return  # a key is told once, as a key
    kind = _get(given, "value_type")
    kind = _get(given, "dtype") if kind is None else kind
    word = _NUMBERS.get(kind, str(kind)) if isinstance(kind, int) else str(getattr(kind, "name", kind))
    column = draft.column(name)
    column.nullable = nullable
    column.description = " ".join(str(_get(given, "description") or "").split())
    if word.upper() in _KINDS:
        column.dtype = _KINDS[word.upper()]
    else:
        draft.lose(name, f"type: {kind if kind is not None else 'none'}")


def _items(owner: Any, name: str) -> list[Any]:
    found = _get(owner, name)
    return list(found) if isinstance(found, Iterable) and not isinstance(found, str | Mapping) else []


def _get(owner: Any, name: str) -> Any:
    """A field by its name: of a mapping in snake or camel case, of an object its attribute."""
    if isinstance(owner, Mapping):
        first, *rest = name.split("_")
        return owner.get(name, owner.get(first + "".join(word.capitalize() for word in rest)))
    return getattr(owner, name, None)
