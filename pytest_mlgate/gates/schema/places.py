"""What one schema asks in one place: a label that comes later, a column that must not be there, a number of rows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.schema.codes import FIX
from pytest_mlgate.gates.schema.validation import ALL_ROWS, Failure, rule_names

if TYPE_CHECKING:
    import pandas as pd

PlaceName = Literal["train", "holdout", "reference", "current", "serving", "predictions"]
PLACES: tuple[PlaceName, ...] = ("train", "holdout", "reference", "current", "serving", "predictions")
PREDICTIONS = "predictions"
"""The candidate, where it is a table of predictions: the one place that has none of the features."""


class PlaceSettings(BaseModel):
    """What is different in one place."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    required: tuple[str, ...] = ()
    """Columns that must be here, whatever the schema says of them, the target among them."""
    optional: tuple[str, ...] = ()
    """Columns that may be absent here; where they are there, they are judged."""
    forbidden: tuple[str, ...] = ()
    """Columns that must not be here, such as the label among requests."""
    min_rows: int | None = Field(default=None, ge=1)
    max_rows: int | None = Field(default=None, ge=1)
    checks: tuple[str, ...] = ()
    """Rules that hold here and in no place that does not name them too, as ids spell them: ``temp.in_range``."""
    skip_checks: tuple[str, ...] = ()
    """Rules that do not hold here."""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        pairs = (("required", "optional"), ("required", "forbidden"), ("optional", "forbidden"))
        for one, other in (*pairs, ("checks", "skip_checks")):
            both = sorted(set(getattr(self, one)) & set(getattr(self, other)))
            if both:
                raise ValueError(f"{both[0]!r} is in `{one}` and in `{other}`: it cannot be both")
        if self.min_rows is not None and self.max_rows is not None and self.min_rows > self.max_rows:
            raise ValueError(f"min_rows = {self.min_rows} is above max_rows = {self.max_rows}")
        return self


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What a schema asks in one place, all sources together.

    Attributes
    ----------
    required, optional, forbidden : frozenset of str
        Columns.
    skipped : frozenset of str
        Rules that are not asked, ``column.rule`` or ``rule``.
    min_rows, max_rows : int or None
    """

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    min_rows: int | None = None
    max_rows: int | None = None


def place_of(name: str, places: Mapping[str, PlaceSettings], schema: Any) -> Place:
    """Return what a schema asks in a place.

    Parameters
    ----------
    name : str
    places : Mapping of str to PlaceSettings
        Of all places: a rule that some of them name in ``checks`` holds in these only.
    schema : pandera.DataFrameSchema
        Whose columns may name their places: ``Column(metadata={"places": ["train", "holdout"]})``.

    Raises
    ------
    InputError
        Where a name is no column or rule of the schema.
    """
    own = places.get(name, PlaceSettings())
    _check_names(places, schema)
    elsewhere = {
        key
        for key, column in schema.columns.items()
        if (name not in _metadata_places(key, column) if _names_places(column) else name == PREDICTIONS)
    }
    if name not in PLACES:  # a table of another name is in none of the places, which excuses no column
        elsewhere = set()
    only = {rule for place in places.values() for rule in place.checks} - set(own.checks)
    return Place(
        required=frozenset(own.required),
        optional=frozenset(own.optional) | frozenset(own.forbidden) | (elsewhere - set(own.required)),
        forbidden=frozenset(own.forbidden),
        skipped=frozenset(own.skip_checks) | only,
        min_rows=own.min_rows,
        max_rows=own.max_rows,
    )


def _names_places(column: Any) -> bool:
    return isinstance(column.metadata, Mapping) and "places" in column.metadata


def _metadata_places(key: Any, column: Any) -> Iterable[str]:
    named = column.metadata["places"]
    if isinstance(named, str) or not isinstance(named, list | tuple | set | frozenset) or not named:
        raise InputError(f'column {key!r}: metadata["places"] is {named!r}', fix=f"give a list of {', '.join(PLACES)}")
    _check_known(named, PLACES, f'column {key!r}: metadata["places"]', "place")
    return tuple(named)


def _check_names(places: Mapping[str, PlaceSettings], schema: Any) -> None:
    """A name that means nothing would be a rule that is never asked."""
    rules = rule_names(schema)
    regular = any(getattr(column, "regex", False) for column in schema.columns.values())
    for name, place in places.items():
        if not regular:
            _check_known(place.optional, map(str, schema.columns), f"places.{name}.optional", "column of the schema")
            for key in ("checks", "skip_checks"):
                _check_known(getattr(place, key), rules, f"places.{name}.{key}", "rule of the schema")


def _check_known(named: Iterable[Any], known: Iterable[str], where: str, what: str) -> None:
    names = list(known)
    for name in named:
        if name not in names:
            near = difflib.get_close_matches(str(name), names, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(names[:12])}"
            raise InputError(f"schema: {where} names {name!r}, which is no {what}{hint}", fix=f"correct `{where}`")


def failures_of_place(frame: pd.DataFrame, place: Place, schema: Any) -> list[Failure]:
    """Return the columns that must not be here, and those that must and the schema does not know."""
    columns = [str(name) for name in frame.columns]
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
