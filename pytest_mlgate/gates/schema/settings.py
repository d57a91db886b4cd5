"""What the configuration may say of the schema."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict, Field, field_validator

from pytest_mlgate.gates.base import GateSettings
from pytest_mlgate.gates.schema.outputs import OutputSettings
from pytest_mlgate.gates.schema.sanity import SanitySettings
from pytest_mlgate.tables.places import PREDICTIONS, PlaceName, PlaceSettings


class Settings(GateSettings):
    """Settings of the gate ``schema``."""

    model_config = ConfigDict(populate_by_name=True)

    contract: Any = Field(alias="schema")
    """Under the key ``schema``: an import path ``package.module:Name`` of a pandera schema or model, or a YAML file."""
    tables: tuple[PlaceName, ...] | None = None
    """The tables to validate; default: every one that is given."""
    max_examples: int = Field(default=5, ge=0, le=1000)
    """How many offending rows each check names."""
    places: dict[PlaceName, PlaceSettings] = Field(default_factory=dict)
    """What is different in a place."""
    outputs: OutputSettings | None = None
    """What the candidate may answer; None: it is not asked."""
    sanity: SanitySettings | None = Field(default_factory=SanitySettings)
    """Questions that need no schema: leakage, and labels and rows that lost their order; false, kept as None: none."""

    @field_validator("contract")
    @classmethod
    def _names_a_schema(cls, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | list | tuple | dict):
            raise ValueError("give an import path `package.module:Name` or a .yaml file")
        if isinstance(value, str) and ":" not in value and not value.lower().endswith((".yaml", ".yml")):
            raise ValueError(f"{value!r} is neither an import path `package.module:Name` nor a .yaml file")
        return value

    @field_validator("tables")
    @classmethod
    def _names_a_table(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and not value:
            raise ValueError("the list is empty: nothing would be validated")
        return value

    @field_validator("sanity", mode="before")
    @classmethod
    def _on_or_off(cls, value: Any) -> Any:
        return {True: SanitySettings(), False: None}[value] if isinstance(value, bool) else value

    @property
    def judges_predictions(self) -> bool:
        """Whether a table of predictions is held to the schema."""
        return PREDICTIONS in (self.tables or self.places)

    def wants(self, name: str) -> bool:
        """Whether an optional input is used: the candidate where its answers or its columns are judged."""
        if name != "candidate":
            return True
        told = self.sanity is not None and self.sanity.asks_candidate
        return self.outputs is not None or self.judges_predictions or told
