"""A contract as it is in one place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from pytest_mlgate.tables.contract import ColumnSpec, TableSpec
from pytest_mlgate.tables.places import IDS, PLACES, PREDICTIONS, Place, resolve

ELSEWHERE = ""
"""A table that is in none of the places."""


def places_that_differ(*specs: TableSpec) -> tuple[str, ...]:
    """Return the places in which one of some contracts is another than elsewhere.

    Predictions, which have none of the features, are told of only where a contract names them.
    """
    named = {name for spec in specs for name in (*spec.places, *(home for c in spec.columns for home in c.places))}
    asked = [place for place in PLACES if place in named or place != PREDICTIONS]
    return tuple(place for place in asked if any(_place(spec, place) != _place(spec, ELSEWHERE) for spec in specs))


def forbidden_in(spec: TableSpec, place: str) -> frozenset[str]:
    """Return the columns that must not be in a place."""
    return _place(spec, place).forbidden


def in_place(spec: TableSpec, place: str, *, without: Collection[str] = ()) -> TableSpec:
    """Return what a contract asks in a place, as a contract without places.

    Parameters
    ----------
    spec : TableSpec
    place : str
    without : collection of str
        Columns to leave out, such as those that are forbidden there.
    """
    here = _place(spec, place)
    known = {column.name for column in spec.columns}
    unknown = tuple(ColumnSpec(name=name, nullable=True) for name in sorted(here.required - known))
    columns = (*(_column(column, here) for column in spec.columns), *unknown)
    return replace(
        spec,
        columns=tuple(column for column in columns if column.name not in without),
        strict=spec.strict and "strict" not in here.skipped,
        unique=() if "unique" in here.skipped else spec.unique,
        rows=_rows(spec, here),
        places={},
    )


def _place(spec: TableSpec, name: str) -> Place:
    return resolve(name, {column.name: column.places for column in spec.columns}, spec.places)


def _column(column: ColumnSpec, here: Place) -> ColumnSpec:
    skipped = {rule.removeprefix(f"{column.name}.") for rule in here.skipped if rule.startswith(f"{column.name}.")}
    required = (column.required and column.name not in here.optional) or column.name in here.required
    return replace(
        column,
        dtype="any" if "dtype" in skipped else column.dtype,
        nullable=column.nullable or "nullable" in skipped,
        unique=column.unique and "unique" not in skipped,
        required=required and "required" not in skipped,
        checks={word: given for word, given in column.checks.items() if IDS.get(word, word) not in skipped},
        places=(),
        line=0,
    )


def _rows(spec: TableSpec, here: Place) -> tuple[int | None, int | None] | None:
    low, high = spec.rows if spec.rows is not None and "row_count" not in here.skipped else (None, None)
    lows = [end for end in (low, here.min_rows) if end is not None]
    highs = [end for end in (high, here.max_rows) if end is not None]
    return (max(lows, default=None), min(highs, default=None)) if lows or highs else None
