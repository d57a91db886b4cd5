"""What the configuration may say of drift."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from pytest_mlgate.gates.base import GateSettings
from pytest_mlgate.gates.drift.decision import Judge, Limits

WARN_SHARE = 0.5
"""Where no ``warn_distance`` is given, this share of ``max_distance`` is warned of."""
PSI_WARN_SHARE = 0.4
"""0.1 of 0.25, the pair that is taught."""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or math.isnan(value):
        raise ValueError(f"should be a number, not {value!r}")
    return float(value)


def _distance(value: object) -> float:
    number = _number(value)
    if not 0 < number <= 1:
        percent = f" (write {number / 100:g} for {number:g} percent)" if 1 < number <= 100 else ""
        raise ValueError(f"should be a distance above 0 and at most 1, such as 0.2, not {value!r}{percent}")
    return number


def _level(value: object) -> float:
    number = _number(value)
    if not 0 < number < 1:
        percent = f" (write {number / 100:g} for {number:g} percent)" if 1 <= number < 100 else ""
        raise ValueError(f"should be a probability between 0 and 1, such as 0.05, not {value!r}{percent}")
    return number


def _psi(value: object) -> float:
    number = _number(value)
    if not 0 < number < math.inf:
        raise ValueError(f"should be a PSI above 0, such as 0.25, not {value!r}")
    return number


Distance = Annotated[float, BeforeValidator(_distance)]
Level = Annotated[float, BeforeValidator(_level)]
Psi = Annotated[float, BeforeValidator(_psi)]


class ColumnSettings(BaseModel):
    """Limits of one column, and why they are its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    max_distance: Distance | None = None
    """Blocks from here on; None: as the gate."""
    warn_distance: Distance | None = None
    """Warned of from here on; None: the same share of ``max_distance`` as for the gate."""
    max_psi: Psi | None = None
    """The limit with ``judge = "psi"``."""
    reason: str = ""
    """Why; printed wherever the limit is looser than the gate's."""


class Settings(GateSettings):
    """Settings of the gate ``drift``."""

    max_distance: Distance = 0.2
    """Distance (KS, or total variation for categories) from which a significant difference blocks."""
    warn_distance: Distance | None = None
    """Distance from which it is warned of; None: half of ``max_distance``."""
    columns: dict[str, ColumnSettings] = Field(default_factory=dict)
    """Limits by column (``name`` or ``name:missing``); a list of names is short for ``only``."""
    only: list[str] | None = Field(default=None, min_length=1)
    """Compare these columns only; None: all of the reference."""
    exclude: list[str] = Field(default_factory=list)
    """Columns that are not compared."""
    alpha: Level = 0.05
    """Level of the whole gate."""
    adjust: Literal["holm", "benjamini-hochberg"] = "holm"
    """How p-values are adjusted for the number of tests."""
    judge: Judge = "distance"
    """What is held against the limits: the distance, or PSI minus its expectation without drift."""
    max_psi: Psi = 0.25
    """With ``judge = "psi"``: blocks from here on; warned of from 0.4 of it."""

    @model_validator(mode="before")
    @classmethod
    def _names_or_table(cls, data: Any) -> Any:
        """Read ``columns = ["a", "b"]`` as ``only``."""
        if not isinstance(data, Mapping):
            return data
        columns = data.get("columns")
        if isinstance(columns, str):
            raise ValueError(f"columns should be a list of names or a table by column, not {columns!r}")
        if columns is None or isinstance(columns, Mapping):
            return {key: value for key, value in data.items() if key != "columns" or value is not None}
        if data.get("only") is not None:
            raise ValueError("give the names in `only` or in `columns`, not in both")
        return {**{key: value for key, value in data.items() if key != "columns"}, "only": columns}

    @model_validator(mode="after")
    def _warns_before_it_blocks(self) -> Self:
        for name, block, warn in self._pairs():
            if warn is not None and not warn < block:
                raise ValueError(f"{name}warn_distance={warn} should be below max_distance={block}")
        return self

    def _pairs(self) -> list[tuple[str, float, float | None]]:
        own = [
            (f"columns.{k}: ", c.max_distance or self.max_distance, c.warn_distance) for k, c in self.columns.items()
        ]
        return [("", self.max_distance, self.warn_distance), *own]

    def limits(self, subject: str, judge: Judge) -> Limits:
        """Return the limits of a column (``name``) or of its missing values (``name:missing``).

        A column's own ``max_distance`` keeps the gate's ratio between warning and blocking, where it names no
        ``warn_distance`` of its own.
        """
        own = self.columns.get(subject, ColumnSettings())
        if judge == "psi":
            block, usual, ratio = own.max_psi or self.max_psi, self.max_psi, PSI_WARN_SHARE
            warn = None
        else:
            block, usual = own.max_distance or self.max_distance, self.max_distance
            ratio = self.warn_distance / self.max_distance if self.warn_distance else WARN_SHARE
            warn = own.warn_distance
        warn = block * ratio if warn is None else warn
        return Limits(block=block, warn=warn, reason=own.reason, loosened=block > usual or warn > usual * ratio)
