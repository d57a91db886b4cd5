"""What one schema asks in one place: a label that comes later, a column that must not be there, a number of rows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.schema.codes import FIX
from pytest_mlgate.gates.schema.validation import ALL_ROWS, Failure, rule_names
from pytest_mlgate.tables.places import Place, PlaceSettings, exact_rule, resolve


def place_of(name: str, places: Mapping[str, PlaceSettings], schema: Any) -> Place:
    """Return what a schema asks in a place.

    Parameters
    ----------
    name : str
    places : Mapping of str to PlaceSettings
        What the configuration says of all places: of a column, a rule or a number of rows that the schema speaks of
        too, the configuration goes before.
    schema : pandera.DataFrameSchema
        Which may say in its metadata what is different in a place, and whose columns may name their places:
        ``Column(metadata={"places": ["train", "holdout"]})``.

    Raises
    ------
    InputError
        Where a name is no column or rule of the schema.
    """
    from pytest_mlgate.tables.places_read import homes_of_metadata

    homes = {key: homes_of_metadata(key, column.metadata) for key, column in schema.columns.items()}
    layers = [_named(layer, schema) for layer in (places_of_schema(schema), places)]
    return resolve(name, homes, *layers)


def places_of_schema(schema: Any) -> dict[str, PlaceSettings]:
    """Return what a schema itself says of places."""
    from pytest_mlgate.tables.places_read import places_of_metadata

    return places_of_metadata(getattr(schema, "metadata", None))


def _named(places: Mapping[str, PlaceSettings], schema: Any) -> dict[str, PlaceSettings]:
    """Rules as ids spell them. A name that means nothing would be a rule that is never asked."""
    rules = rule_names(schema)
    regular = any(getattr(column, "regex", False) for column in schema.columns.values())
    found = {}
    for name, place in places.items():
        keys = ("checks", "skip_checks")
        spelt = {key: tuple(exact_rule(rule, rules) for rule in getattr(place, key)) for key in keys}
        found[name] = place.model_copy(update=spelt)
        if not regular:
            _check_known(place.optional, map(str, schema.columns), f"places.{name}.optional", "column of the schema")
            for key in keys:
                _check_known(spelt[key], rules, f"places.{name}.{key}", "rule that the schema asks")
    return found


def _check_known(named: Iterable[Any], known: Iterable[str], where: str, what: str) -> None:
    names = list(known)
    for name in named:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(names[:12])}"
            raise InputError(f"schema: {where} names {name!r}, which is no {what}{hint}", fix=f"correct `{where}`")


def failures_of_place(names: Iterable[Any], place: Place, schema: Any) -> list[Failure]:
    """Return the columns that must not be here, and those that must and the schema does not know."""
    columns = [str(name) for name in names]
    known = {str(name) for name in schema.columns}
    there = [name for name in columns if name in place.forbidden]
    absent = sorted(name for name in place.required if name not in columns and name not in known)
    return [
        *(Failure(kind="unexpected", column=name, rule="forbidden", rows=ALL_ROWS) for name in there),
        *(Failure(kind="missing", column=name, rule="required", rows=ALL_ROWS) for name in absent),
    ]


def asked_here(failures: Iterable[Failure], place: Place) -> list[Failure]:
    """Return the failures of the rules that are asked in a place."""
    return [
        failure
        for failure in failures
        if (failure.rule if failure.column is None else f"{failure.column}.{failure.rule}") not in place.skipped
        and not (failure.kind in ("unexpected", "order") and failure.rule in place.skipped)
    ]


def check_volume(table: str, rows: int, place: Place) -> list[Check]:
    """Return the failing check of a table with fewer or more rows than its place allows; else nothing."""
    low, high = place.min_rows, place.max_rows
    if low is not None and rows < low:
        limit, said = low, f"fewer than min_rows = {low}"
    elif high is not None and rows > high:
        limit, said = high, f"more than max_rows = {high}"
    else:
        return []
    return [
        Check(
            code="MLG219",
            subject=f"{table}.rows",
            outcome=Outcome.FAIL,
            message=f"{table} has {rows} rows, {said}",
            fix=FIX["MLG219"],
            observed=float(rows),
            limit=float(limit),
            n=rows,
        )
    ]
