"""What the configuration may say of drift."""

from __future__ import annotations

import math
from collections.abc import Mapping
from numbers import Real
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator, model_validator

from pytest_mlgate.gates.base import GateSettings
from pytest_mlgate.gates.drift.concept_settings import ConceptSettings
from pytest_mlgate.gates.drift.decision import Judge, Limits
from pytest_mlgate.gates.drift.importance import weights
from pytest_mlgate.gates.drift.limits import (
    HALF_DEVIATION,
    MISSING,
    UNBOUNDED,
    converted,
    key_of,
    loosening,
    scale_of,
)
from pytest_mlgate.gates.drift.selection import Season
from pytest_mlgate.gates.drift.spans import Span

WARN_SHARE = 0.5
"""Where no ``warn_distance`` is given, this share of ``max_distance`` is warned of."""
PSI_WARN_SHARE = 0.4
"""0.1 of 0.25, the pair that is taught."""


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or math.isnan(value):
        raise ValueError(f"should be a number, not {value!r}")
    return float(value)


def _distance(value: object, info: ValidationInfo) -> float:
    number = _number(value)
    # A column without a statistic of its own has the gate's, which is not known here: _distances_of_columns looks.
    judge = info.data.get("judge", "distance")
    if not 0 < number < math.inf or (judge is not None and judge not in UNBOUNDED and number > 1):
        raise ValueError(_no_distance(number))
    return number


def _no_distance(number: float) -> str:
    percent = f" (write {number / 100:g} for {number:g} percent)" if 1 < number <= 100 else ""
    return f"should be a distance above 0 and at most 1, such as 0.2, not {number:g}{percent}"


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


def _area(value: object) -> float:
    number = _number(value)
    if not 0.5 < number < 1:
        raise ValueError(f"should be an area under the ROC curve above 0.5 and below 1, such as 0.6, not {value!r}")
    return number


Distance = Annotated[float, BeforeValidator(_distance)]
Level = Annotated[float, BeforeValidator(_level)]
Psi = Annotated[float, BeforeValidator(_psi)]


class ColumnSettings(BaseModel):
    """Limits of one column, and why they are its own."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    judge: Judge | None = None
    """The statistic; None: as the gate."""
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

    judge: Judge = "distance"
    """What is held against the limits: the distance (KS, or total variation for categories), PSI minus its expectation
    without drift, or a statistic by name."""
    max_distance: Distance | None = None
    """Distance from which a significant difference blocks; None: half a standard deviation on the statistic's scale."""
    warn_distance: Distance | None = None
    """Distance from which it is warned of; None: half of ``max_distance``."""
    columns: dict[str, ColumnSettings] = Field(default_factory=dict)
    """Limits by column (``name`` or ``name:missing``, or a pattern); a list of names is short for ``only``."""
    only: list[str] | None = Field(default=None, min_length=1)
    """Compare these columns only; None: all of the reference."""
    exclude: list[str] = Field(default_factory=list)
    """Columns that are not compared."""
    alpha: Level = 0.05
    """Level of the whole gate."""
    adjust: Literal["holm", "benjamini-hochberg"] = "holm"
    """How p-values are adjusted for the number of tests."""
    max_psi: Psi = 0.25
    """With ``judge = "psi"``: blocks from here on; warned of from 0.4 of it."""
    block: int | None = Field(default=None, ge=2)
    """Rows that are permuted together, for rows that depend on their predecessors; None: rows are independent."""
    window: Span | None = None
    """Only current rows of this span before the newest one are compared, such as ``30 days``."""
    season: Season | None = None
    """The reference is reduced to rows of the same months (quarters, weekdays, hours) as the current rows."""
    trend: Span | None = None
    """Distances of past windows of this span are kept as evidence."""
    within: list[str] = Field(default_factory=list)
    """The columns are compared within each level of these as well."""
    predictions: bool = False
    """Whether the candidate's answers on both tables are judged like a column."""
    domain_classifier: bool = False
    """Whether a classifier is to tell the current rows from the reference ones."""
    max_auc: Annotated[float, BeforeValidator(_area)] | None = None
    """The area under its ROC curve that blocks, where that is above for certain; None: it is only noted."""
    concept: ConceptSettings | None = None
    """How the candidate's metric is judged over windows of labelled current rows; None: it is not."""
    rows_in_memory: int = Field(default=10_000_000, ge=1)
    """Rows up to which a column of a file or of a lazy table is read whole; of more it is counted where it is."""
    importance: dict[str, float] | str | None = None
    """Weights by column, or a JSON file of them: less important columns may move farther."""

    @field_validator("importance", mode="before")
    @classmethod
    def _weights(cls, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else weights(value)

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
    def _columns_fit_their_statistics(self) -> Self:
        for key, own in self.columns.items():
            if own.judge is not None and key.endswith(MISSING):
                raise ValueError(
                    f"columns.{key}: the share of missing values is judged by total variation, not by name"
                )
            for name, limit in (("max_distance", own.max_distance), ("warn_distance", own.warn_distance)):
                if limit is not None and limit > 1 and self.scale(key) not in UNBOUNDED:
                    raise ValueError(f"columns.{key}: {name} {_no_distance(limit)}")
        return self

    @model_validator(mode="after")
    def _warns_before_it_blocks(self) -> Self:
        for name, block, warn in self._pairs():
            if warn is not None and not warn < block:
                raise ValueError(f"{name}warn_distance={warn} should be below max_distance={block:g}")
        return self

    @model_validator(mode="after")
    def _blocks_permute_distances(self) -> Self:
        judges = {"": self.judge, **{f"columns.{key}: ": own.judge or self.judge for key, own in self.columns.items()}}
        for where, judge in judges.items():
            if self.block is not None and judge != "distance":
                raise ValueError(f"{where}block goes with judge = 'distance' only, not with {judge!r}")
        return self

    @model_validator(mode="after")
    def _max_psi_judges_psi(self) -> Self:
        judges = {self.judge, *(column.judge for column in self.columns.values())}
        if self.max_psi != type(self).model_fields["max_psi"].default and "psi" not in judges:
            raise ValueError(
                f"max_psi = {self.max_psi:g} is the limit of PSI, which nothing is judged by: set judge = 'psi'"
            )
        return self

    @model_validator(mode="after")
    def _max_auc_judges_the_classifier(self) -> Self:
        if self.max_auc is not None and not self.domain_classifier:
            raise ValueError("max_auc is the limit of the domain classifier: set domain_classifier = true")
        return self

    def wants(self, name: str) -> bool:
        """Whether an optional input is used: the candidate where it is asked, the holdout where it is measured on."""
        measured = self.concept is not None and self.concept.value is None
        return {"candidate": self.predictions or self.concept is not None, "holdout": measured}.get(name, True)

    def _pairs(self) -> list[tuple[str, float, float | None]]:
        own = [
            (f"columns.{key}: ", column.max_distance or self.usual(self.scale(key)), column.warn_distance)
            for key, column in self.columns.items()
        ]
        return [("", self.usual(scale_of(self.judge)), self.warn_distance), *own]

    def own(self, subject: str) -> ColumnSettings:
        """Return what is said of a column (``name``) or of its missing values (``name:missing``)."""
        key = key_of(self.columns, subject)
        return ColumnSettings() if key is None else self.columns[key]

    def judge_of(self, subject: str) -> Judge:
        """Return the statistic that was asked for."""
        return self.own(subject).judge or self.judge

    def scale(self, subject: str) -> str:
        """Return the scale of a subject's own limits."""
        return "distance" if subject.endswith(MISSING) else scale_of(self.judge_of(subject))

    def usual(self, scale: str) -> float:
        """Return the gate's ``max_distance`` on a scale."""
        given = scale_of(self.judge)
        limit = HALF_DEVIATION[given] if self.max_distance is None else self.max_distance
        return converted(limit, given, scale)

    def limits(self, subject: str, judge: Judge) -> Limits:
        """Return the limits of a column (``name``) or of its missing values (``name:missing``).

        A column's own ``max_distance`` keeps the gate's ratio between warning and blocking, where it names no
        ``warn_distance`` of its own. Limits on one scale hold on another in proportion to the defaults. ``judge`` is
        the scale of what was measured, which is not the one asked for where that makes no sense for the column.
        """
        own = self.own(subject)
        if judge == "psi":
            given, usual, ratio, warn = own.max_psi, self.max_psi, PSI_WARN_SHARE, None
        else:
            asked = self.scale(subject)
            given = None if own.max_distance is None else converted(own.max_distance, asked, judge)
            warn = None if own.warn_distance is None else converted(own.warn_distance, asked, judge)
            usual = self.usual(judge)
            ratio = (self.warn_distance or 0) / self.usual(scale_of(self.judge)) or WARN_SHARE
        block, reason = given or usual, own.reason
        if given is None and not subject.endswith(MISSING):
            block, reason = self._by_importance(subject, usual, judge, reason)
        warn = block * ratio if warn is None else warn
        return Limits(block=block, warn=warn, reason=reason, loosened=block > usual or warn > usual * ratio)

    def _by_importance(self, subject: str, usual: float, judge: Judge, reason: str) -> tuple[float, str]:
        """Return a column's limit, loosened by how unimportant it is, and why."""
        if not isinstance(self.importance, Mapping) or subject not in self.importance:
            return usual, reason
        weight = self.importance[subject] / max(self.importance.values())
        factor = loosening(weight, self.usual("distance"))
        if factor <= 1:
            return usual, reason
        block = usual * factor if judge in (*UNBOUNDED, "psi") else min(usual * factor, 1.0)
        return block, f"its importance is {weight:.2g} of the largest" + (f"; {reason}" if reason else "")
