"""What the configuration may say of a model's behaviour."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_mlgate.gates.base import GateSettings

Always = Literal["determinism", "input", "batch", "bounds"]


class _Item(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Invariance(_Item):
    """Columns whose values must not matter; a bare name stands for ``{columns = [name]}``."""

    columns: tuple[str, ...] = Field(min_length=1)
    """Exchanged together: a row takes all of them from the same other row."""
    tolerance: float = Field(default=0.0, ge=0)
    """By how much the answer may move, in its own unit, beyond rounding."""
    case: bool = True
    """Whether text is also written in upper and in lower case."""
    unused: Literal["error", "allow"] = "error"
    """What is said where the model is given none of the columns."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        if isinstance(data, str):
            return {"columns": (data,)}
        if isinstance(data, dict) and isinstance(data.get("columns"), str):
            return {**data, "columns": (data["columns"],)}
        return data

    @property
    def label(self) -> str:
        """The columns, as ids name them."""
        return "+".join(self.columns)


class Direction(_Item):
    """A column in which the answer goes one way only; a bare name stands for ``{column = name}``."""

    column: str
    by: tuple[Annotated[float, Field(gt=0)], ...] = ()
    """Steps from a row's own value, besides those to real values of the column."""
    tolerance: float = Field(default=0.0, ge=0)
    """By how much the answer may go the other way, in its own unit, beyond rounding."""

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, data: Any) -> Any:
        return {"column": data} if isinstance(data, str) else data


class Settings(GateSettings):
    """What ``[gates.behaviour]`` may say."""

    invariant: tuple[Invariance, ...] = ()
    """Columns whose values must not matter."""
    increasing: tuple[Direction, ...] = ()
    """Columns of which more never lowers the answer."""
    decreasing: tuple[Direction, ...] = ()
    """Columns of which more never raises the answer."""
    low: float | None = None
    """The smallest answer there may be."""
    high: float | None = None
    """The largest answer there may be."""
    mutate: bool = True
    """Whether ``bounds`` are also asked of rows assembled from the values of several real ones."""
    relations: tuple[Always, ...] = ("determinism", "input", "batch", "bounds")
    """What is asked of every model, besides the relations that are declared."""
    float32_tolerance: float | None = Field(default=None, ge=0)
    """By how much single precision may move the answer; None: not asked."""
    max_flips: float = Field(default=0.001, ge=0, lt=1)
    """Share of rows that single precision may move by more."""
    max_share: float = Field(default=0.0, ge=0, lt=1)
    """Share of rows that may break a relation; 0: none of those that were asked."""
    sample: int = Field(default=1000, ge=1)
    """Rows drawn from the table; half as many again are picked on purpose where there are more."""
    alone: int = Field(default=100, ge=1)
    """Rows that are asked one at a time."""
    seconds: float = Field(default=20.0, gt=0)
    """Time for asking rows one at a time, and for the search for the smallest row of each broken relation."""
    table: Literal["holdout", "serving"] = "holdout"
    """Where the rows are taken from."""
    positive: bool | int | float | str | None = None
    """The label whose probability is the answer; default: ``positive`` of the model, else the last of two classes."""

    def wants(self, name: str) -> bool:
        """Whether a table is the one that rows are taken from."""
        return name == self.table

    @model_validator(mode="after")
    def _asks_something_once(self) -> Self:
        declared = [*self.invariant, *self.increasing, *self.decreasing]
        if not declared and not self.relations and self.float32_tolerance is None:
            raise ValueError("no relation is declared: name columns under `invariant`, `increasing` or `decreasing`")
        if (self.low, self.high) != (None, None) and "bounds" not in self.relations:
            raise ValueError('`low` and `high` are judged by the relation "bounds", which `relations` leaves out')
        if self.low is not None and self.high is not None and self.low > self.high:
            raise ValueError(f"low = {self.low:g} is above high = {self.high:g}: no answer lies between")
        directed = [item.column for item in (*self.increasing, *self.decreasing)]
        for names in (directed, [item.label for item in self.invariant]):
            twice = next((name for name in names if names.count(name) > 1), None)
            if twice is not None:
                raise ValueError(f"{twice!r} is named twice: declare each relation once, and one direction a column")
        return self
