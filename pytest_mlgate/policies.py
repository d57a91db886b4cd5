"""Policy files: what a stage requires, tightened or loosened, in layers that an organisation's file begins.

A policy file has a table for each stage, and ``[every]`` for all of them; ``extends`` names the file that it builds on.
A configuration's ``[policy]`` is the same, and a file that the command line names has the last word. Later layers
replace single values of earlier ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pytest_mlgate.checks import Severity
from pytest_mlgate.codes import all_codes
from pytest_mlgate.gates import gate_names
from pytest_mlgate.locator import key_lines, nearest_line
from pytest_mlgate.policy import OWED, STAGES, CodeRule, Level, Policy, policy_for
from pytest_mlgate.problems import ConfigError, Problem, decoded, dotted, explain, parsed, short, suggest

OFF = "off"
ITEMS = (*OWED, "explanation", "retired")
Weight = Literal["block", "warn", "note", "off"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class CodeSection(_Section):
    """What is made of one code."""

    level: Level
    reason: str = ""


def _rule(value: object) -> object:
    return {"level": value} if isinstance(value, str) else value


def _with_reason(rule: CodeSection) -> CodeSection:
    if rule.level == "ignore" and not rule.reason.strip():
        raise ValueError('what is ignored has a reason: { level = "ignore", reason = "..." }')
    return rule


class StageSection(_Section):
    """What a file says of one stage, or of every one; what is left out stays as it was."""

    inconclusive: Literal["block", "warn", "note"] | None = None
    gates: dict[str, Weight] = {}
    governance: dict[str, Weight] = {}
    said: Weight | None = None
    codes: dict[str, Annotated[CodeSection, BeforeValidator(_rule), AfterValidator(_with_reason)]] = {}
    waivers: bool | None = None
    verdict: bool | None = None
    max_age_days: Annotated[float, Field(gt=0)] | Literal["off"] | None = None
    clean_tree: bool | None = None
    approver: Literal["none", "named", "other"] | None = None
    attestation: Literal["none", "required"] | None = None


class PolicySection(_Section):
    """A policy file, or the ``[policy]`` of a configuration."""

    extends: Annotated[str, Field(min_length=1)] | None = None
    every: StageSection = StageSection()
    exploration: StageSection = StageSection()
    validation: StageSection = StageSection()
    pre_production: StageSection = Field(default=StageSection(), alias="pre-production")
    production: StageSection = StageSection()
    monitoring: StageSection = StageSection()
    retired: StageSection = StageSection()


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """What one file says.

    Attributes
    ----------
    name : str
        The file, as a person would type it.
    said : PolicySection
    lines : Mapping
        The line of each key below the layer's table.
    """

    name: str
    said: PolicySection
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)

    def values(self, stage: str) -> Iterator[tuple[str, Any, str]]:
        """Yield key, value and place of all that is said of a stage; what is said of every one comes first."""
        for table in ("every", stage):
            section = getattr(self.said, table.replace("-", "_"))
            for key in section.model_fields_set:
                value = getattr(section, key)
                parts = value.items() if isinstance(value, dict) else [(None, value)]
                for part, one in parts:
                    place = (table, key) if part is None else (table, key, part)
                    line = nearest_line(dict(self.lines), place)
                    yield ".".join(place[1:]), one, f"{self.name}:{line}" if line else self.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Policies:
    """The policies of all stages.

    Attributes
    ----------
    layers : tuple of Layer
        The one that the others build on first.
    """

    layers: tuple[Layer, ...] = ()

    def at(self, stage: str) -> Policy:
        """Return the policy of a stage."""
        values = flat(policy_for(stage))
        places: dict[str, str] = {}
        for layer in self.layers:
            for key, value, place in layer.values(stage):
                values[key], places[key] = value, place
        return _policy(stage, values, places)


def flat(policy: Policy) -> dict[str, Any]:
    """Return a policy's values by their keys, those of mappings by dotted ones."""
    values: dict[str, Any] = {}
    for part in fields(policy):
        value = getattr(policy, part.name)
        if part.name not in ("stage", "places"):
            values |= {f"{part.name}.{key}": v for key, v in value.items()} if isinstance(value, Mapping) else {}
            values |= {} if isinstance(value, Mapping) else {part.name: value}
    return values


def _policy(stage: str, values: Mapping[str, Any], places: Mapping[str, str]) -> Policy:
    def below(table: str) -> dict[str, Any]:
        named = {key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{table}.")}
        return {key: value for key, value in sorted(named.items()) if value != OFF}

    rules = {code: CodeRule(level=rule.level, reason=rule.reason) for code, rule in below("codes").items()}
    said, age = values["said"], values["max_age_days"]
    return Policy(
        stage=stage,
        inconclusive=Severity(values["inconclusive"]),
        gates={gate: Severity(weight) for gate, weight in below("gates").items()},
        governance={item: Severity(weight) for item, weight in below("governance").items()},
        said=None if said in (None, OFF) else Severity(said),
        codes=rules,
        waivers=values["waivers"],
        verdict=values["verdict"],
        max_age_days=None if age in (None, OFF) else float(age),
        clean_tree=values["clean_tree"],
        approver=values["approver"],
        attestation=values["attestation"],
        places=dict(places),
    )


def read_layers(path: Path) -> tuple[Layer, ...]:
    """Return the layers of a policy file: those that it extends first, its own last.

    Raises
    ------
    ConfigError
        Where one of them cannot be read, says what no policy says, or extends itself.
    """
    return _layers_of(_File.at(path), ())


def layers_of(
    document: Any, *, file: Path, lines: Mapping[tuple[str | int, ...], int], prefix: tuple[str, ...]
) -> tuple[Layer, ...]:
    """Return the layers of a table in another file: those that it extends first, its own last.

    Parameters
    ----------
    document : Any
        The table.
    file : Path
        What it stands in.
    lines : Mapping
        The line of each key of that file.
    prefix : tuple of str
        The table's own key there.
    """
    found = _File(name=short(file), path=file, folder=file.parent, document=document, lines=dict(lines), prefix=prefix)
    return _layers_of(found, ())


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    """A policy's table, and where it is from; ``folder`` is None for a package's resource."""

    name: str
    path: Path
    folder: Path | None
    document: Any
    lines: dict[tuple[str | int, ...], int]
    prefix: tuple[str, ...] = ()

    @classmethod
    def at(cls, path: Path) -> _File:
        try:
            return cls.of(path.read_bytes(), name=short(path), path=path, folder=path.parent)
        except OSError as error:
            message = f"is no policy file that can be read: {error.strerror}"
            raise ConfigError([Problem(file=path, line=None, message=message)]) from None

    @classmethod
    def of(cls, data: bytes, *, name: str, path: Path, folder: Path | None) -> _File:
        text = decoded(path, data)
        return cls(name=name, path=path, folder=folder, document=parsed(path, text), lines=key_lines(text))

    def problem(self, place: Iterable[str | int], message: str) -> Problem:
        return Problem(file=self.path, line=nearest_line(self.lines, (*self.prefix, *place)), message=message)


def _layers_of(file: _File, chain: tuple[str, ...]) -> tuple[Layer, ...]:
    said = _checked(file)
    identity = f"{file.path}:{'.'.join(file.prefix)}"
    below: tuple[Layer, ...] = ()
    if said.extends is not None:
        below = _layers_of(_extended(file, said.extends, (*chain, identity)), (*chain, identity))
    start = len(file.prefix)
    lines = {key[start:]: line for key, line in file.lines.items() if key[:start] == file.prefix}
    return (*below, Layer(name=file.name, said=said, lines=lines))


def _extended(file: _File, extends: str, chain: tuple[str, ...]) -> _File:
    package, colon, resource = extends.partition(":")
    try:
        if colon and all(part.isidentifier() for part in package.split(".")):
            found = resources.files(package).joinpath(resource)
            made = _File.of(found.read_bytes(), name=extends, path=Path(str(found)), folder=None)
        else:
            made = _File.at(_beside(file, extends))
    except (ImportError, OSError, ValueError, TypeError) as error:
        if isinstance(error, ConfigError):
            raise
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([file.problem(("extends",), f"{_key(file)} = {extends!r}: {reason}")]) from None
    before = [one.rpartition(":")[0] for one in chain]
    if str(made.path) in before:
        names = [short(Path(one)) for one in (*before[before.index(str(made.path)) :], str(made.path))]
        raise ConfigError([file.problem(("extends",), f"a policy that extends itself: {' -> '.join(names)}")])
    return made


def _beside(file: _File, extends: str) -> Path:
    if file.folder is None:
        raise ValueError("a package's policy extends one of a package, as `package:file.toml`")
    path = Path(file.folder, extends).expanduser().resolve()
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


def _key(file: _File) -> str:
    return f"`{dotted((*file.prefix, 'extends'))}`"


def _checked(file: _File) -> PolicySection:
    try:
        said = PolicySection.model_validate(file.document)
    except ValidationError as error:
        where = dotted(file.prefix)
        problems = [file.problem(place, message) for place, message in explain(error, PolicySection, where=where)]
        raise ConfigError(problems) from None
    problems = list(_unknown(file, said))
    if problems:
        raise ConfigError(problems)
    return said


def _unknown(file: _File, said: PolicySection) -> Iterator[Problem]:
    """Yield what names a gate, an item or a code that there is not: it would do nothing, and nobody would notice."""
    gates = gate_names()
    for table in ("every", *STAGES):
        section: StageSection = getattr(said, table.replace("-", "_"))
        known: Iterable[tuple[str, str, Mapping[str, Any], Collection[str]]] = (
            ("gates", "gate", section.gates, gates),
            ("governance", "item", section.governance, ITEMS),
            ("codes", "code", section.codes, all_codes() if section.codes else ()),
        )
        for key, what, named, right in known:
            for name in named:
                if name not in right:
                    place = (table, key, name)
                    message = f"`{dotted((*file.prefix, *place))}`: there is no such {what}; {suggest(name, right)}"
                    yield file.problem(place, message)
