"""What the configuration may say of the gate ``parity``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pytest_mlgate.gates.base import GateSettings
from pytest_mlgate.gates.parity.comparison import Tolerance, Tolerances
from pytest_mlgate.gates.parity.sides import CANDIDATE, is_candidate, is_path, is_stored, is_url

TABLES = ("serving", "holdout", "train")
"""Tables whose rows both sides are asked about, where they are given."""


class ColumnSettings(BaseModel):
    """What is allowed in one column."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    rtol: float = Field(default=0.0, ge=0)
    atol: float = Field(default=0.0, ge=0)


class Settings(GateSettings):
    """Settings of the gate ``parity``."""

    model_config = ConfigDict(populate_by_name=True)

    train: Any
    """The training side: a function from rows to a frame or array, an estimator, the import path of either, the file of
    a stored table, or ``candidate`` for the model's own predictions."""
    serve: Any
    """The serving side: as ``train``, or an ASGI or WSGI app (or its import path) with ``path``, or an http(s) URL."""
    path: str | None = None
    """What a service is asked: ``/features``."""
    method: str = "POST"
    request: Any = None
    """From rows to the body of a request; default: a JSON list of objects."""
    response: Any = None
    """From a response's JSON to a frame or array; default: a list of objects, numbers or lists."""
    send: tuple[str, ...] | None = None
    """Columns that ``serve`` is given; default: all but the target and the weight."""
    exclude: tuple[str, ...] = ()
    """Columns of the answers that are not compared."""
    rtol: float = Field(default=1e-5, ge=0)
    atol: float = Field(default=1e-8, ge=0)
    columns: Mapping[str, ColumnSettings] = Field(default_factory=dict)
    """Columns with a tolerance of their own."""
    tables: tuple[Literal["serving", "holdout", "train"], ...] | None = None
    """Whose rows are asked; default: every table that is given."""
    rows: int = Field(default=500, ge=2)
    """How many rows of each table."""
    seconds: float = Field(default=20.0, gt=0)
    """For asking one by one and in batches, for each table, and once more for the search."""
    timeout: float = Field(default=60.0, gt=0)
    """Seconds for each call of a side."""
    contract: Any = Field(default=None, alias="schema")
    """Under the key ``schema``: what the search may put into a column, as in the gate ``schema``."""
    examples: int = Field(default=200, ge=0)
    """Changed rows that the search asks about; 0: none."""

    @field_validator("train", "serve")
    @classmethod
    def _names_a_side(cls, value: Any, info: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | list | tuple | dict):
            raise ValueError("give a function, or an import path `package.module:attribute`")
        if is_path(value) or (is_candidate(value) and info.field_name != "train"):
            _import_path(value)
        return value

    @field_validator("request", "response")
    @classmethod
    def _names_a_function(cls, value: Any) -> Any:
        if isinstance(value, str):
            _import_path(value)
        elif value is not None and not callable(value):
            raise ValueError("give a function, or its import path `package.module:function`")
        return value

    @field_validator("tables", "send")
    @classmethod
    def _names_something(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and not value:
            raise ValueError("the list is empty: nothing would be asked")
        return value

    @model_validator(mode="after")
    def _one_service(self) -> Settings:
        if self.path is not None and not self.path.startswith("/"):
            raise ValueError(f"`path` = {self.path!r} should begin with a slash")
        if self.path is None and not is_url(self.serve):
            for name in ("request", "response"):
                if getattr(self, name) is not None:
                    raise ValueError(f"`{name}` is for a service: set `path`, or take it away")
        return self

    @property
    def searches(self) -> bool:
        """Whether rows are searched for; a changed row has no stored features to be compared with."""
        return self.examples > 0 and not (is_stored(self.train) or is_stored(self.serve))

    @property
    def tolerances(self) -> Tolerances:
        """What is allowed in each column."""
        own = {name: Tolerance(rtol=column.rtol, atol=column.atol) for name, column in self.columns.items()}
        return Tolerances(default=Tolerance(rtol=self.rtol, atol=self.atol), columns=own)

    def wants(self, name: str) -> bool:
        """Whether an optional input is used."""
        if name == CANDIDATE:
            return is_candidate(self.train)
        return self.tables is None or name in self.tables


def _import_path(value: str) -> None:
    module, colon, attribute = value.partition(":")
    if not colon or not all(part.isidentifier() for part in (*module.split("."), *attribute.split("."))):
        raise ValueError(
            f"{value!r} is neither an import path `package.module:attribute` nor an http(s) URL nor a table file"
        )
