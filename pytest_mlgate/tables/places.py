"""One contract in several places: what a table may lack, must not have, and is not asked, by where it passes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from pytest_mlgate.tables.contract import ColumnSpec, TableSpec

PlaceName = Literal["train", "holdout", "reference", "current", "serving", "predictions"]
PLACES: tuple[PlaceName, ...] = get_args(PlaceName)
PREDICTIONS = "predictions"
"""The candidate, where it is a table of predictions: the one place that has none of the features."""

IDS = {
    "ge": "greater_than_or_equal_to",
    "gt": "greater_than",
    "le": "less_than_or_equal_to",
    "lt": "less_than",
    "eq": "equal_to",
    "ne": "not_equal_to",
}
"""Checks that the YAML form spells otherwise than pandera, and so than the ids of checks do."""
_WORDS = {rule: word for word, rule in IDS.items()}


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

    def said(self) -> dict[str, Any]:
        """Return what is set, as builtins."""
        return {key: value for key, value in self.model_dump(mode="json").items() if value not in (None, [])}


Places = Mapping[str, PlaceSettings]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What is asked in one place, all sources together.

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


def resolve(name: str, homes: Mapping[str, Iterable[str]], *layers: Places) -> Place:
    """Return what is asked in a place.

    Parameters
    ----------
    name : str
        One of :data:`PLACES`; a table of another name is in none of them.
    homes : Mapping of str to iterable of str
        The places that a column names itself; none: it is a column of all but the predictions.
    *layers : Mapping of str to PlaceSettings
        What is said of all places: a rule that some of them name in ``checks`` holds in these only. What a later layer
        says of a column, a rule or a number of rows goes before what an earlier one says.

    Raises
    ------
    InputError
        The layers contradict one another.
    """
    own = PlaceSettings()
    for layer in layers:
        own = _over(own, layer.get(name, PlaceSettings()), name)
    elsewhere = {
        column for column, named in homes.items() if (name not in named if list(named) else name == PREDICTIONS)
    }
    if name not in PLACES:  # which excuses no column
        elsewhere = set()
    only = {rule for layer in layers for place in layer.values() for rule in place.checks} - set(own.checks)
    return Place(
        required=frozenset(own.required),
        optional=frozenset(own.optional) | frozenset(own.forbidden) | (elsewhere - set(own.required)),
        forbidden=frozenset(own.forbidden),
        skipped=frozenset(own.skip_checks) | only,
        min_rows=own.min_rows,
        max_rows=own.max_rows,
    )


def _over(before: PlaceSettings, after: PlaceSettings, name: str) -> PlaceSettings:
    columns = {*after.required, *after.optional, *after.forbidden}
    rules = {*after.checks, *after.skip_checks}

    def both(key: str, told: set[str]) -> tuple[str, ...]:
        return (*(word for word in getattr(before, key) if word not in told), *getattr(after, key))

    low, high = (getattr(after, key) or getattr(before, key) for key in ("min_rows", "max_rows"))
    if low is not None and high is not None and low > high:
        raise InputError(
            f"schema: places.{name}: min_rows = {low} is above max_rows = {high}; one is the schema's, the other the "
            "configuration's",
            fix=f"set both under places.{name}",
        )
    return PlaceSettings(
        **{key: both(key, columns) for key in ("required", "optional", "forbidden")},
        **{key: both(key, rules) for key in ("checks", "skip_checks")},
        min_rows=low,
        max_rows=high,
    )


def rule_id(name: str) -> str:
    """Return a rule as ids of checks spell it: ``temp.ge`` is ``temp.greater_than_or_equal_to``."""
    column, dot, word = name.rpartition(".")
    if not dot:
        return "row_count" if word == "rows" else word
    return f"{column}.{IDS.get(word, word)}"


def exact_rule(name: str, known: Collection[str]) -> str:
    """Return a rule as ids spell it; a check of the user's own may have a name that is a word of the YAML form."""
    return name if name in known else rule_id(name)


def rule_word(name: str) -> str:
    """Return a rule as the YAML form spells it."""
    column, dot, word = name.rpartition(".")
    if not dot:
        return "rows" if word == "row_count" else word
    return f"{column}.{_WORDS.get(word, word)}"


def stated_rules(spec: TableSpec) -> list[str]:
    """Return the rules that a contract states, as ids spell them."""
    table = (("unique", bool(spec.unique)), ("strict", spec.strict), ("row_count", spec.rows is not None))
    return [
        *(name for name, said in table if said),
        *(f"{column.name}.{name}" for column in spec.columns for name in _rules_of(column)),
    ]


def _rules_of(column: ColumnSpec) -> Iterator[str]:
    for name, said in (
        ("required", column.required),
        ("dtype", column.dtype != "any"),
        ("nullable", not column.nullable),
        ("unique", column.unique),
    ):
        if said:
            yield name
    yield from (IDS.get(word, word) for word in column.checks)
