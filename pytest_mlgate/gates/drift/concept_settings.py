"""What the configuration may say of concept drift."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pytest_mlgate.gates.drift.spans import Span

if TYPE_CHECKING:
    from pytest_mlgate.gates.baseline import Settings as MetricSettings

_OF_METRIC = ("metric", "metric_params", "greater_is_better", "response", "threshold", "resamples")


class ConceptSettings(BaseModel):
    """The table ``[gates.drift.concept]``: whether the model is still as good as it was, window by window."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    metric: Any = None
    """As in the gate ``baseline``; None: roc_auc (binary), accuracy (multiclass), r2 (regression)."""
    metric_params: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the metric's function."""
    greater_is_better: bool | None = None
    """False where a smaller value of a function of the user's own is better; its negative is then judged."""
    response: Literal["predict", "predict_proba", "decision_function"] | None = None
    """What such a function is given beside the truth."""
    threshold: float | None = Field(default=None, gt=0)
    """The probability from which on a row counts as positive."""
    resamples: int = Field(default=2000, ge=200)
    """Resamples of the bootstrap, where the interval is one."""
    window: Span | None = None
    """The span of a window, by the column ``time`` under ``[data]``; None: 30 days, where there is such a column."""
    rows: int | None = Field(default=None, ge=50)
    """Labelled rows a window instead; None: 5000, where there is no time column."""
    margin: float = Field(default=0.02, ge=0)
    """The largest loss since training that does not matter, in the unit of the metric."""
    min_rows: int = Field(default=200, ge=2)
    """A window with fewer labelled rows is not judged."""
    min_class_rows: int = Field(default=30, ge=2)
    """Nor is one with fewer rows of either class, in a binary task."""
    value: float | None = None
    """The metric at training time; None: measured on the holdout."""
    n: int | None = Field(default=None, ge=2)
    """Rows that ``value`` was measured on; None: it is taken for exact."""

    @model_validator(mode="after")
    def _agree(self) -> Self:
        if self.window is not None and self.rows is not None:
            raise ValueError("give `window` (a span of time) or `rows` (a number of rows), not both")
        if self.n is not None and self.value is None:
            raise ValueError("n says on how many rows `value` was measured: give `value` too")
        self.of_metric()
        return self

    def of_metric(self) -> MetricSettings:
        """Return what is said of the metric as the baseline gate's settings, which check it."""
        from pytest_mlgate.gates.baseline import Settings as MetricSettings

        said = {key: getattr(self, key) for key in _OF_METRIC}
        return MetricSettings(**said, margin=self.margin)
