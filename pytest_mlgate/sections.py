"""The sections of ``mlgate.toml`` that belong to no gate, as typed models."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from pytest_mlgate.artifacts.inspection.trust import Trust
from pytest_mlgate.checks import InputError
from pytest_mlgate.policy import STAGES, Stage


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
    version: str | None = None
    stage: Stage = "validation"
    task: Literal["binary", "multiclass", "regression", "ranking"] | None = None
    positive: Label | None = None
    candidate: str | None = None
    baseline: str | None = None
    seed: Annotated[int, Field(ge=0)] = 0
    timeout: Annotated[float, Field(gt=0)] = 120.0
    memory: Annotated[float, Field(gt=0)] = 8.0
    """GiB that a model's process may use."""
    network: bool = False
    """Whether a model may open connections through Python's sockets."""


def _spark_option(key: str) -> str:
    if key in ("spark.master", "spark.remote"):
        raise ValueError(f"is said outside of `config`: {key.removeprefix('spark.')} = ...")
    if not key.startswith("spark."):
        raise ValueError("is no option of Spark's, which start with `spark.`")
    return key


class SparkSection(_Section):
    """``[data.spark]``: how to make the session that ``spark:`` tables are read in, where none is active."""

    master: Annotated[str, Field(min_length=1)] | None = None
    """``local[4]``, ``yarn``, ``spark://host:7077``, ``k8s://...``."""
    remote: Annotated[str, Field(min_length=1)] | None = None
    """A Spark Connect server: ``sc://host:15002``."""
    config: dict[Annotated[str, AfterValidator(_spark_option)], bool | int | float | str] = {}
    """Spark's own options, by their names."""

    @model_validator(mode="after")
    def _says_where(self) -> SparkSection:
        if (self.master is None) == (self.remote is None):
            # of no value that would be shown: one of them may be a key to a store
            text = '`data.spark` says where Spark runs, once: either master = "local[4]" or remote = "sc://host"'
            raise PydanticCustomError("where", text)
        return self

    @property
    def options(self) -> dict[str, str]:
        """What the session is made by, as Spark reads it."""
        where = {"spark.master": self.master, "spark.remote": self.remote}
        said = {**{key: value for key, value in where.items() if value is not None}, **self.config}
        return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in said.items()}


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
    spark: SparkSection | None = None


SignalKind = Literal["performance", "inputs", "volume", "errors", "outputs"]
SIGNAL_KINDS: tuple[str, ...] = get_args(SignalKind)


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _threshold(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("should be a number or a text")
    return _label(value)


class SignalSection(_Section):
    """``[[governance.monitoring]]``: what is watched in production, from which value on, and who is told."""

    kind: Annotated[list[SignalKind], BeforeValidator(_listed), Field(min_length=1)]
    """One or several: ``performance`` when labels come, distribution of the ``inputs``, ``volume`` of requests,
    ``errors`` of the service, ``outputs`` out of range."""
    signal: str | None = None
    threshold: Annotated[int | float | str, BeforeValidator(_threshold)] | None = None
    notify: str | None = None


class RollbackSection(_Section):
    """``[governance.rollback]``: the way back."""

    target: str | None = None
    """A model file, or a reference to one."""
    first_version: bool = False
    """Whether there is nothing to go back to; the steps then say what answers instead."""
    steps: list[str] = []


class RetrainingSection(_Section):
    """``[governance.retraining]``: when the model is fitted again: at least one trigger, each with its number."""

    calendar: str | None = None
    drift: str | None = None
    metric: str | None = None


class ReleaseSection(_Section):
    """``[governance.release]``: how a new version takes over."""

    strategy: Literal["shadow", "canary", "blue-green", "a/b"] | None = None
    plan: str | None = None
    """How much of the traffic, for how long, and what ends it."""


class RetirementSection(_Section):
    """``[governance.retirement]``: what ends the model's life; of a retired model why and when, and what is kept."""

    condition: str | None = None
    reason: str | None = None
    date: dt.date | None = None
    kept: str | None = None


class LineageSection(_Section):
    """``[governance.lineage]``: where the model comes from, as far as a run cannot know it by itself."""

    commit: str | None = None
    train: str | None = None
    """SHA-256 of the rows it was fitted on."""
    run: str | None = None
    """The run that fitted it: a URL, an identifier, or the command."""


def _entries(value: list[str]) -> list[str]:
    try:
        Trust.of(value)
    except InputError as error:
        message = error.message.removeprefix("trusted: ")
        raise ValueError(f"{message}; {error.fix}") from None
    return value


class ArtifactsSection(_Section):
    """``[artifacts]``: which model files are loaded."""

    trusted: Annotated[list[str], AfterValidator(_entries)] = []
    """What is trusted beyond the built-in list: ``package.module:Class``, or ``sha256:`` and a file's digest."""
    max_size: Annotated[int, Field(gt=0)] = 4 * 1024**3
    """Largest model file in bytes."""


class GovernanceSection(_Section):
    """``[governance]``: who answers for the model, who watches it, and the way back; part of the verdict."""

    owner: str | None = None
    contact: str | None = None
    approvers: list[str] = []
    sensitive_decisions: bool = False
    """Whether it decides about people, or with legal effect."""
    explanation: str | None = None
    """The method by which a decision is explained, and to whom."""
    monitoring: list[SignalSection] = []
    rollback: RollbackSection = RollbackSection()
    retraining: RetrainingSection = RetrainingSection()
    release: ReleaseSection = ReleaseSection()
    retirement: RetirementSection = RetirementSection()
    lineage: LineageSection = LineageSection()


ROLE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""What a file that is kept may be called by what it is."""
ALWAYS_KEPT = ("artifact", "sample", "verdict", "card", "configuration", "policy", "attestation", "ledger", "bundle")
"""What no configuration has to name."""


def _may_keep(role: str) -> str:
    if role in ALWAYS_KEPT:
        raise ValueError("is kept anyway: leave it out")
    if ROLE.fullmatch(role) is None or role == "manifest":
        raise ValueError("should be a word of lower-case letters, digits, - and _, and not `manifest`")
    return role


def _alias_stage(stage: str) -> str:
    stages = [other for other in STAGES if other not in ("exploration", "retired")]
    if stage not in stages:
        raise ValueError(f"an alias is of one of {', '.join(stages)}")
    return stage


def _different(aliases: dict[str, str]) -> dict[str, str]:
    twice = next((alias for alias in aliases.values() if list(aliases.values()).count(alias) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} would point to two versions: give each stage an alias of its own")
    return aliases


class LifecycleSection(_Section):
    """``[lifecycle]``: where promotions are recorded, where what was promoted is kept, which registry follows."""

    ledger: Annotated[str, Field(min_length=1)] = "mlgate-ledger.jsonl"
    archive: str = "mlgate-archive"
    """A folder; empty: nothing is kept, and models have to stay where they are."""
    keep: dict[Annotated[str, AfterValidator(_may_keep)], Annotated[str, Field(min_length=1)]] = {}
    """Files that are kept with each version that goes to production, by what they are: ``lock``, ``profile``, ..."""
    registry: Annotated[str, Field(min_length=1)] | None = None
    """The registry that follows the ledger: ``mlflow``, or what another package provides."""
    options: dict[str, Any] = {}
    """What the registry is told; it says itself what it knows."""
    aliases: Annotated[
        dict[Annotated[str, AfterValidator(_alias_stage)], Annotated[str, Field(min_length=1)]],
        AfterValidator(_different),
    ] = {"production": "champion"}
    """What the registry calls the version in a stage; in production: the one that serves."""


SCORED = tuple(f"{section}-{number}" for section in ("data", "model", "infra", "monitor") for number in range(1, 8))
"""The tests of the ML Test Score, which ``[score]`` may state the evidence of."""


class WaiverSection(_Section):
    """``[[waivers]]``: a named, dated decision to go on in spite of a check."""

    check: Annotated[str, Field(min_length=1)]
    reason: Annotated[str, Field(min_length=1)]
    author: Annotated[str, Field(min_length=1)]
    expires: dt.date
