"""What is different in a place, as a contract says it: in YAML, and in the metadata of a pandera schema."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.places import PLACES, PlaceName, PlaceSettings, rule_id, rule_word, stated_rules
from pytest_mlgate.tables.yaml_nodes import Reader, nearest

if TYPE_CHECKING:
    import yaml

    from pytest_mlgate.tables.contract import TableSpec


def read_places(reader: Reader, node: yaml.Node, spec: TableSpec) -> dict[str, PlaceSettings]:
    """Return what a contract's YAML form says of places.

    Parameters
    ----------
    reader : Reader
    node : yaml.Node
        The value of ``places``.
    spec : TableSpec
        The rest of the contract.
    """
    found = reader.mapping(node, "`places`", PLACES)
    if not found:
        raise reader.error(node, "`places` is empty", fix="name a place, or remove it")
    return {name: _read_place(reader, name, value, spec) for name, value in found.items()}


def _read_place(reader: Reader, name: str, node: yaml.Node, spec: TableSpec) -> PlaceSettings:
    given: dict[str, Any] = {}
    for key, value in reader.mapping(node, f"places.{name}", tuple(PlaceSettings.model_fields)).items():
        where = f"places.{name}.{key}"
        given[key] = reader.scalar(value, where) if key.endswith("_rows") else _names(reader, where, key, value, spec)
    try:
        place = PlaceSettings.model_validate(given, strict=True)
    except ValidationError as error:
        raise reader.error(node, f"places.{name}: {_first(error)}") from error
    if not place.said():
        raise reader.error(node, f"places.{name} says nothing", fix="say what is different there, or remove it")
    _fits_the_rows(reader, name, node, place, spec)
    return place


def _names(reader: Reader, where: str, key: str, node: yaml.Node, spec: TableSpec) -> tuple[str, ...]:
    names = tuple(str(value) for value in reader.values(node, f"`{where}`"))
    if key == "optional":
        columns = [column.name for column in spec.columns]
        for name in names:
            if name not in columns:
                raise reader.error(node, f"{where} names {name!r}, which is no column{nearest(name, columns)}")
    if key not in ("checks", "skip_checks"):
        return names
    stated = stated_rules(spec)
    for name in names:
        if rule_id(name) not in stated:
            raise reader.error(
                node,
                f"{where} names {name!r}, which the contract does not ask{nearest(name, map(rule_word, stated))}",
                fix="name a rule of this contract as `column.check`, or one of `unique`, `strict`, `rows`",
            )
    return tuple(map(rule_id, names))


def _fits_the_rows(reader: Reader, name: str, node: yaml.Node, place: PlaceSettings, spec: TableSpec) -> None:
    low, high = spec.rows or (None, None)
    if "row_count" in place.skip_checks:
        return
    for least, most in ((low, place.max_rows), (place.min_rows, high)):
        if least is not None and most is not None and least > most:
            raise reader.error(
                node,
                f"places.{name} asks for {least} rows at least and {most} at most, together with `rows`",
                fix=f"correct one of them, or add `rows` to places.{name}.skip_checks",
            )


_ADAPTER: TypeAdapter[Any] = TypeAdapter(dict[PlaceName, PlaceSettings])


def places_of_metadata(metadata: Any) -> dict[str, PlaceSettings]:
    """Return the places that the metadata of a pandera schema states: ``{"places": {"serving": {...}}}``.

    Raises
    ------
    InputError
        They are no mapping of places to what is different there.
    """
    if not isinstance(metadata, Mapping) or "places" not in metadata:
        return {}
    try:
        return dict(_ADAPTER.validate_python(metadata["places"]))
    except ValidationError as error:
        raise InputError(
            f'the schema: metadata["places"]: {_first(error)}',
            fix=f"give a dict of places ({', '.join(PLACES)}), each with some of "
            + ", ".join(PlaceSettings.model_fields),
        ) from error


def homes_of_metadata(column: Any, metadata: Any) -> tuple[str, ...]:
    """Return the places that a column of a pandera schema names: ``{"places": ["train", "holdout"]}``.

    Raises
    ------
    InputError
        They are no list of places.
    """
    if not isinstance(metadata, Mapping) or "places" not in metadata:
        return ()
    named = metadata["places"]
    fix = f"give a list of {', '.join(PLACES)}"
    if isinstance(named, str) or not isinstance(named, list | tuple | set | frozenset) or not named:
        raise InputError(f'column {column!r}: metadata["places"] is {named!r}', fix=fix)
    for name in named:
        if name not in PLACES:
            near = difflib.get_close_matches(str(name), PLACES, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(PLACES)}"
            raise InputError(f'schema: column {column!r}: metadata["places"] names {name!r}, no place{hint}', fix=fix)
    return tuple(name for name in PLACES if name in named)


def _first(error: ValidationError) -> str:
    found = error.errors()[0]
    at = ".".join(str(part) for part in found["loc"] if part != "[key]")
    said = found["msg"].removeprefix("Value error, ")
    return f"{at}: {said}" if at else said
