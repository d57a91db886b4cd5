"""What the configuration may say of fairness."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_mlgate.gates.base import GateSettings

REGRESSION = ("mean_error", "mean_absolute_error")
"""Metrics of predicted values; all others are rates of labels."""


class _Table(BaseModel):
    """A number for each metric that is to be judged."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    below: ClassVar[float] = 1.0

    @model_validator(mode="before")
    @classmethod
    def _numbers(cls, data: Any) -> Any:
        for name, value in data.items() if isinstance(data, dict) else ():
            if name not in cls.model_fields:
                continue
            if isinstance(value, bool | str):
                raise ValueError(f"{name} should be a number, not {value!r}")
            if isinstance(value, int | float) and name not in REGRESSION and cls.below < value <= 100:
                raise ValueError(f"{name} = {value:g} for a rate that ends at 1: for {value:g} % write {value / 100:g}")
        return data

    def given(self) -> dict[str, float]:
        """Return the metrics that are named, with their numbers, in a fixed order."""
        return {name: value for name in type(self).model_fields if (value := getattr(self, name)) is not None}


Difference = Annotated[float | None, Field(ge=0, lt=1)]
Amount = Annotated[float | None, Field(ge=0)]
Ratio = Annotated[float | None, Field(gt=0, le=1)]


class Limits(_Table):
    """The largest difference between any two groups, by metric."""

    selection_rate: Difference = None
    true_positive_rate: Difference = None
    false_positive_rate: Difference = None
    true_negative_rate: Difference = None
    false_negative_rate: Difference = None
    precision: Difference = None
    error_rate: Difference = None
    mean_error: Amount = None
    mean_absolute_error: Amount = None


class Ratios(_Table):
    """The smallest ratio between any two groups, the lower rate over the higher, by metric."""

    selection_rate: Ratio = None
    true_positive_rate: Ratio = None
    false_positive_rate: Ratio = None
    true_negative_rate: Ratio = None
    false_negative_rate: Ratio = None
    precision: Ratio = None
    error_rate: Ratio = None


class Settings(GateSettings):
    """What ``[gates.fairness]`` may say."""

    groups: tuple[str | tuple[str, ...], ...] = ()
    """Columns of the holdout that name groups, or lists of columns for combinations; default: ``[data] groups``."""
    limits: Limits = Limits()
    """The largest difference between any two groups, by metric."""
    ratios: Ratios = Ratios()
    """The smallest ratio between any two groups, by metric; 0.8 is the four-fifths rule."""
    worsening: float | None = Field(default=None, ge=0)
    """By how much a difference between two groups may exceed the baseline's; None: not compared."""
    reason: str = ""
    """Why the limits are what they are; stands in the verdict."""
    threshold: float | None = None
    """Scores of at least this are positive; default: the labels that the model predicts."""
    positive: bool | int | float | str | None = None
    """The label whose rates are compared; default: `positive` of the model, else the larger of two labels."""
    min_rows: int = Field(default=50, ge=2)
    """A group with fewer rows that count for a metric (positives, for the true positive rate) is small."""
    small_groups: Literal["warn", "block"] = "warn"
    """What a group that is too small to judge by itself does."""
    groups_must_pass: bool = False
    """Whether a metric that is not settled for every pair of groups blocks too."""
    resamples: int = Field(default=2000, ge=200)
    """Resamples of the comparison with the baseline."""

    @property
    def regression(self) -> bool:
        """Whether predicted values are judged, and not labels."""
        return any(name in REGRESSION for name in self.limits.given())

    @property
    def metrics(self) -> tuple[str, ...]:
        """All metrics that are named, once each."""
        return tuple(dict.fromkeys([*self.limits.given(), *self.ratios.given()]))

    @model_validator(mode="after")
    def _asks_something(self) -> Self:
        if not self.metrics:
            raise ValueError("no limit is given: name a metric under `limits` or `ratios`, as selection_rate = 0.1")
        kinds = {name in REGRESSION for name in self.metrics}
        if len(kinds) > 1:
            raise ValueError("limits name metrics of labels and of values: give each an entry of its own")
        if self.regression and self.threshold is not None:
            raise ValueError("threshold makes labels of scores, and the limits are about predicted values")
        if not self.regression and self.worsening is not None and self.worsening >= 1:
            raise ValueError(f"worsening = {self.worsening:g} for a rate that ends at 1")
        return self
