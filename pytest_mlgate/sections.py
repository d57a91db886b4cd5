"""The sections of ``mlgate.toml`` that belong to no gate, as typed models."""

from __future__ import annotations

import math
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pytest_mlgate.policy import Stage


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


def _label(value: object) -> object:
    if not isinstance(value, bool | int | float | str) or (isinstance(value, float) and not math.isfinite(value)):
        raise ValueError("should be a number, a text, true or false")
    return value


Label = Annotated[bool | int | float | str, BeforeValidator(_label)]


class ModelSection(_Section):
    """``[model]``: what is judged, and for which stage."""

    name: str | None = None
    stage: Stage = "validation"
    task: Literal["binary", "multiclass", "regression", "ranking"] | None = None
    positive: Label | None = None
    candidate: str | None = None
    baseline: str | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    timeout: Annotated[float, Field(gt=0)] = 120.0


class DataSection(_Section):
    """``[data]``: the tables, and what their columns mean."""

    target: str | None = None
    train: str | None = None
    holdout: str | None = None
    reference: str | None = None
    current: str | None = None
    serving: str | None = None
    features: list[str] | None = None
    groups: list[str] = []
    id: str | None = None
    time: str | None = None
    weight: str | None = None
    sensitive: list[str] = []


class GovernanceSection(_Section):
    """``[governance]``: who answers for the model, and to whom its decisions are explained; part of the verdict."""

    owner: str | None = None
    contact: str | None = None
    sensitive_decisions: bool = False
    """Whether it decides about people, or with legal effect."""
    explanation: str | None = None
    """The method by which a decision is explained, and to whom."""


class WaiverSection(_Section):
    """``[[waivers]]``: a named, dated decision to go on in spite of a check."""

    check: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    author: Annotated[str, Field(min_length=1)]
    expires: date
