"""What a gate is, what it is given, and how it is run."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ConfigDict, ValidationInfo, ValidatorFunctionWrapHandler, field_validator

from pytest_mlgate.checks import Check, GateResult, InputError, Outcome, Severity

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.artifacts.model import Model


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One kind of check: its stable code, what it asks, why that matters and how to mend it."""

    code: str
    title: str
    why: str
    fix: str


class GateSettings(BaseModel):
    """Settings that every gate has; a gate's own settings derive from it.

    Unknown keys are refused, and NaN and infinity are refused for every number.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, strict=False)

    name: str | None = None
    """The entry's name in ``gate[name]``; default: :meth:`default_name`."""
    severity: Severity = Severity.BLOCK
    """The highest severity that a check of this entry may have."""

    @field_validator("*", mode="wrap")
    @classmethod
    def _nothing_in_disguise(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        # pydantic would take "0.05" and true for numbers, and "no" for false; in a threshold each is a slip of the pen
        kinds = _leaf_types(cls.model_fields[info.field_name or ""].annotation)
        if kinds & {int, float} and not kinds & {str, Any}:
            if isinstance(value, str):
                raise ValueError(f"should be a number, not the text {value!r}")
            if isinstance(value, bool) and bool not in kinds:
                raise ValueError(f"should be a number, not {str(value).lower()}")
        result = handler(value)
        _refuse_disguise(value, result)
        return result

    def default_name(self) -> str:
        """The entry's name where none is given; empty for the gate itself."""
        return ""

    def wants(self, name: str) -> bool:
        """Whether an optional input is used: a model that nobody asks need not be loaded."""
        return True


def _refuse_disguise(given: Any, result: Any) -> None:
    """Refuse a text, number or truth value that became something else on the way, at any depth."""
    if isinstance(result, bool):
        if not isinstance(given, bool):
            raise ValueError(f"should be true or false, not {given!r}")
    elif isinstance(result, int | float):
        if isinstance(given, str):
            raise ValueError(f"should be a number, not the text {given!r}")
        if isinstance(given, bool):
            raise ValueError(f"should be a number, not {str(given).lower()}")
    elif isinstance(result, BaseModel) and isinstance(given, Mapping):
        for key, field_info in type(result).model_fields.items():
            name = next((name for name in (field_info.alias, key) if name in given), None)
            if name is not None:
                _refuse_disguise(given[name], getattr(result, key))
    elif isinstance(result, Mapping) and isinstance(given, Mapping):
        for key in result.keys() & given.keys():
            _refuse_disguise(given[key], result[key])
    elif isinstance(result, list | tuple) and isinstance(given, list | tuple) and len(result) == len(given):
        for one, other in zip(given, result, strict=True):
            _refuse_disguise(one, other)


def _leaf_types(annotation: Any) -> set[Any]:
    parts = get_args(annotation)
    if not parts:
        return {type(annotation) if isinstance(annotation, str) else annotation}
    return set().union(*(_leaf_types(part) for part in parts))


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """What the configuration says of the model and the data, for every gate alike."""

    task: str | None = None
    """``binary``, ``multiclass``, ``regression`` or ``ranking``; None: found out."""
    positive: Any = None
    """The label counted as positive in a binary task; None: the larger of the two labels, as scikit-learn sorts."""
    target: str | None = None
    features: tuple[str, ...] | None = None
    groups: tuple[str, ...] = ()
    id: str | None = None
    time: str | None = None
    weight: str | None = None
    sensitive: tuple[str, ...] = ()
    seed: int = 0
    import_roots: tuple[str, ...] = ()
    """Folders that import paths are resolved in, first to last."""
    environments: tuple[str, ...] = ()
    """Other environments that a model is to be tried in: interpreters, virtual environments, lock files."""
    kept: str = ""
    """Folder for what is kept between runs; empty: nothing is kept."""
    version: str | None = None
    """Of the candidate, as the configuration has it."""
    stage: str = ""
    """The stage that the run asks for; empty outside of a run."""
    judged_by: tuple[Any, ...] = ()
    """Settings of the gates ``baseline`` of the same configuration: what else is known of a model's worth."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inputs:
    """Models and tables handed to a gate, by name (``candidate``, ``holdout``, ...).

    ``identity`` has of each what the verdict will say: ``digest`` (SHA-256), ``source``, ``rows``; empty outside a run.
    """

    facts: Facts = field(default_factory=Facts)
    values: Mapping[str, Any]
    identity: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def given(self, name: str) -> bool:
        """Whether an optional input was given."""
        return self.values.get(name) is not None

    def table(self, name: str) -> pd.DataFrame:
        """Return a table as a pandas data frame."""
        from pytest_mlgate.tables import as_frame

        return as_frame(self.value(name), name=name)

    def model(self, name: str, *, rows_in_memory: int | None = None) -> Model:
        """Return a model handle; a table of predictions in Parquet is read at once up to ``rows_in_memory`` rows."""
        from pytest_mlgate.artifacts.model import as_model

        facts = self.facts
        hidden = facts.id in facts.sensitive
        return as_model(self.value(name), name=name, id=facts.id, sensitive=hidden, rows_in_memory=rows_in_memory)

    def value(self, name: str) -> Any:
        """Return what was given under a name, as it was given; InputError where nothing was."""
        if not self.given(name):
            raise InputError(
                f"no {name} is configured",
                fix=f"set `{name}` in mlgate.toml, or override the fixture `mlgate_{name}` in conftest.py",
            )
        return self.values[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gate:
    """A family of questions.

    Attributes
    ----------
    name : str
        Key below ``[gates]``, marker ``mlgate_<name>`` and method of the ``mlgate`` fixture.
    codes : tuple of Code
        Every kind of check the gate can make.
    settings : type of GateSettings
        What the configuration may say.
    inputs, optional : tuple of str
        Inputs it needs, and inputs it uses where they are given: names of the fixtures ``mlgate_<input>``.
    run : callable
        ``run(settings, inputs) -> list of Check``; knows neither pytest nor the configuration file.
    """

    name: str
    codes: tuple[Code, ...]
    settings: type[GateSettings]
    inputs: tuple[str, ...]
    run: Callable[[Any, Inputs], list[Check]]
    optional: tuple[str, ...] = ()


def run_gate(gate: Gate, settings: GateSettings, inputs: Inputs, *, entry: str | None = None) -> GateResult:
    """Run one gate entry; whatever goes wrong becomes an ``error`` check, never an exception.

    Parameters
    ----------
    gate : Gate
    settings : GateSettings
        An instance of ``gate.settings``.
    inputs : Inputs
        The models and tables the gate names.
    entry : str or None
        The entry's name; None: what the settings say.
    """
    try:
        checks = gate.run(settings, inputs)
    except InputError as error:
        checks = [_error(error.message, fix=error.fix, details=error.details)]
    except Exception as error:  # a defect in a gate, or in what it called, must block and not end the run
        checks = [
            _error(
                f"{gate.name} raised {type(error).__name__}: {error}",
                fix="if the message does not name your own code or data, please report it as a bug",
                details={"internal_traceback": traceback.format_exc()},
            )
        ]
    if entry is None:
        entry = settings.name if settings.name is not None else settings.default_name()
    if not checks:
        checks = [_error(f"{gate.name} made no check", fix="give the gate something to judge, or remove it")]
    stamped = tuple(
        replace(check, severity=_capped(check.severity, settings.severity), gate=gate.name, entry=entry)
        for check in checks
    )
    return GateResult(gate=gate.name, entry=entry, checks=stamped)


def _capped(severity: Severity, most: Severity) -> Severity:
    return max(severity, most, key=list(Severity).index)


def _error(message: str, *, fix: str, details: Mapping[str, Any] | None = None) -> Check:
    return Check(code="MLG002", outcome=Outcome.ERROR, message=message, fix=fix, details=details or {})
