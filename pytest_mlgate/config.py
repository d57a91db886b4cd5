"""``mlgate.toml`` as typed values; every error names file, line, key and the nearest right spelling."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from pytest_mlgate.artifacts import references
from pytest_mlgate.checks import Waiver
from pytest_mlgate.gates import BUILTIN, gate_names, load_gate
from pytest_mlgate.gates.base import Facts, Gate, GateSettings
from pytest_mlgate.locator import key_lines, nearest_line
from pytest_mlgate.naming import names_engine, resolve, wrong_names
from pytest_mlgate.policies import Policies, layers_of, read_layers
from pytest_mlgate.problems import ConfigError, Problem, decoded, dotted, explain, parsed, suggest
from pytest_mlgate.sections import (
    SCORED,
    ArtifactsSection,
    DataSection,
    GovernanceSection,
    LifecycleSection,
    ModelSection,
    WaiverSection,
)

if TYPE_CHECKING:
    from pytest_mlgate.tables.engines.sessions import SparkSessions

FILE = "mlgate.toml"


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One configured gate: ``baseline[roc_auc]``."""

    gate: Gate
    settings: GateSettings
    line: int | None = None

    @property
    def entry(self) -> str:
        """The entry's own name, empty where the gate has only one."""
        return self.settings.name if self.settings.name is not None else self.settings.default_name()

    @property
    def name(self) -> str:
        """The name of its item, and the first part of its checks' ids."""
        return f"{self.gate.name}[{self.entry}]" if self.entry else self.gate.name


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """A configuration that was read and found good.

    Attributes
    ----------
    path : Path or None
        The file; None where there is none and everything is at its default.
    folder : Path
        What relative paths are relative to.
    digest : str
        SHA-256 of the file's bytes.
    """

    path: Path | None = None
    folder: Path
    digest: str = ""
    model: ModelSection = field(default_factory=ModelSection)
    data: DataSection = field(default_factory=DataSection)
    artifacts: ArtifactsSection = field(default_factory=ArtifactsSection)
    governance: GovernanceSection = field(default_factory=GovernanceSection)
    lifecycle: LifecycleSection = field(default_factory=LifecycleSection)
    policies: Policies = field(default_factory=Policies)
    entries: tuple[Entry, ...] = ()
    waivers: tuple[Waiver, ...] = ()
    score: Mapping[str, str] = field(default_factory=dict)
    """What is stated of tests of the ML Test Score, by their ids."""
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The model's name; default: the folder's."""
        return self.model.name or self.folder.name

    @property
    def results(self) -> Path:
        """The folder that results are written to."""
        return self.folder / ".mlgate"

    @property
    def ledger(self) -> Path:
        """The file that promotions are recorded in."""
        return self.resolve(self.lifecycle.ledger)

    @property
    def archive(self) -> Path:
        """The folder that copies of what was promoted to production are kept in."""
        return self.resolve(self.lifecycle.archive)

    @property
    def place(self) -> references.Place:
        """What a reference is resolved from."""
        return references.Place(
            folder=self.folder,
            model=self.name,
            ledger=self.ledger,
            archive=self.archive,
            registry=self.lifecycle.registry,
            options=self.lifecycle.options,
        )

    @property
    def recorded(self) -> tuple[Path, ...]:
        """What promotions write, and no run reads: it makes no tree unclean."""
        return (self.ledger, *([self.archive] if self.lifecycle.archive else []))

    def spark_sessions(self) -> SparkSessions:
        """Return where the session of Spark comes from; what is made is stopped by who asked for it."""
        from pytest_mlgate.tables.engines.sessions import SparkSessions

        return SparkSessions(options=None if self.data.spark is None else self.data.spark.options)

    def names_engine(self, setting: str) -> bool:
        """Whether a setting names a table whose rows stay where they are: a query, a pattern or a folder."""
        return names_engine(self.folder, setting)

    @property
    def named_files(self) -> dict[str, Path]:
        """Files that gates' settings name, such as a schema, a lock file or golden predictions, by what names them."""
        named = {text for entry in self.entries for text in _texts(entry.settings.model_dump())}
        return {text: self.resolve(text) for text in sorted(named) if _is_file(self.resolve(text))}

    @property
    def card_file(self) -> Path | None:
        """The model card that a gate judges; None where none does."""
        entry = next((entry for entry in self.entries if entry.gate.name == "card"), None)
        return None if entry is None else self.resolve(getattr(entry.settings, "path", None) or "MODEL_CARD.md")

    @property
    def import_roots(self) -> tuple[str, ...]:
        """Where import paths are looked up: the configuration's folder, then the root of the package it lies in."""
        root = self.folder
        while (root / "__init__.py").is_file():
            root = root.parent
        return tuple(dict.fromkeys((str(self.folder), str(root))))

    @property
    def facts(self) -> Facts:
        """What every gate is told of model and data."""
        data = self.data
        return Facts(
            task=self.model.task,
            positive=self.model.positive,
            target=data.target,
            features=tuple(data.features) if data.features is not None else None,
            groups=tuple(data.groups),
            id=data.id,
            time=data.time,
            weight=data.weight,
            sensitive=tuple(data.sensitive),
            seed=self.model.seed,
            version=self.model.version,
            import_roots=self.import_roots,
            kept=str(self.results / "examples") if self.path is not None else "",
            judged_by=tuple(entry.settings for entry in self.entries if entry.gate.name == "baseline"),
        )

    @property
    def loading(self) -> dict[str, Any]:
        """How models are loaded: keywords of :func:`pytest_mlgate.artifacts.model.load_model`."""
        return {
            "root": self.folder,
            "import_roots": self.import_roots,
            "timeout": self.model.timeout,
            "memory": int(self.model.memory * 1024**3),
            "network": self.model.network,
            "trusted": self.artifacts.trusted,
            "max_size": self.artifacts.max_size,
        }

    def setting(self, gate: str, key: str) -> Any:
        """Return what a gate says of a key: of several entries the first that says it; None where none does."""
        said = (getattr(entry.settings, key, None) for entry in self.entries if entry.gate.name == gate)
        return next((value for value in said if value is not None), None)

    def resolve(self, path: str) -> Path:
        """Return a path of the configuration as an absolute one."""
        return resolve(self.folder, path)


def find_config(start: Path, stop: Path) -> Path | None:
    """Return the nearest configuration from ``start`` up to ``stop``, both included.

    Raises
    ------
    ConfigError
        Where one folder has both ``mlgate.toml`` and a ``[tool.mlgate]`` in its ``pyproject.toml``.
    """
    start = start if start.is_dir() else start.parent
    for folder in (start, *start.parents):
        own, shared = folder / FILE, folder / "pyproject.toml"
        in_shared = shared.is_file() and "mlgate" in _tool_tables(shared)
        if own.is_file() and in_shared:
            raise _both(own, shared)
        if own.is_file() or in_shared:
            return own if own.is_file() else shared
        if folder == stop:
            break
    return None


def nearest_config() -> Path | None:
    """Return the configuration that a command in this folder means: here, or up to the root of the project.

    The root is the nearest folder with a `.git` or a `pyproject.toml`; where there is none, this folder alone counts.

    Raises
    ------
    ConfigError
        Where one folder has two.
    """
    here = Path.cwd()
    marks = (".git", "pyproject.toml", "pytest.ini", "tox.ini", "setup.cfg")
    roots = (folder for folder in (here, *here.parents) if any((folder / mark).exists() for mark in marks))
    return find_config(here, next(roots, here))


def load_config(path: Path, *, may_lack: Collection[str] = (), policy: Path | None = None) -> Config:
    """Read and check a configuration file.

    Parameters
    ----------
    path : Path
        A ``mlgate.toml``, or a ``pyproject.toml`` with a ``[tool.mlgate]`` table.
    may_lack : collection of str
        Keys, such as ``model.baseline``, of files that need not be there yet: what asks is about to write them.
    policy : Path, optional
        A policy file that has the last word, whatever the configuration says.

    Raises
    ------
    ConfigError
        With everything that is wrong, not only the first.
    """
    path = Path(os.path.abspath(path))
    raw = _bytes(path)
    text = decoded(path, raw)
    document: Any = parsed(path, text)
    prefix: tuple[str, ...] = ()
    if path.name == "pyproject.toml":
        prefix = ("tool", "mlgate")
        document = _tool_tables(path).get("mlgate")
        if not isinstance(document, dict):
            raise ConfigError([Problem(file=path, line=None, message="has no [tool.mlgate] table")])
    elif "mlgate" in _tool_tables(path.parent / "pyproject.toml"):
        raise _both(path, path.parent / "pyproject.toml")
    config = _Reader(path, key_lines(text), prefix, may_lack).config(document, hashlib.sha256(raw).hexdigest())
    if policy is None:
        return config
    return replace(config, policies=Policies(layers=(*config.policies.layers, *read_layers(policy))))


def artifacts_section(path: Path) -> ArtifactsSection:
    """Return the ``[artifacts]`` of a configuration file, the rest of which may be wrong.

    Raises
    ------
    ConfigError
        Where the file cannot be read, or that section is wrong.
    """
    path = Path(os.path.abspath(path))
    text = decoded(path, _bytes(path))
    document: Any = parsed(path, text)
    prefix: tuple[str, ...] = ()
    if path.name == "pyproject.toml":
        prefix = ("tool", "mlgate")
        document = _tool_tables(path).get("mlgate")
    reader = _Reader(path, key_lines(text), prefix)
    found: ArtifactsSection = reader.section("artifacts", document or {}, ArtifactsSection)
    if reader.problems:
        raise ConfigError(reader.problems)
    return found


def check_settings(gate: Gate, settings: Mapping[str, Any]) -> GateSettings:
    """Return a gate's settings from keyword arguments.

    Raises
    ------
    ValueError
        With one line for each wrong key or value.
    """
    try:
        return gate.settings.model_validate(dict(settings))
    except ValidationError as error:
        lines = [f"{gate.name}: {message}" for _, message in explain(error, gate.settings)]
        raise ValueError("\n".join(lines)) from None


@dataclass
class _Reader:
    """Turns one document into a :class:`Config`, collecting problems on the way."""

    path: Path
    lines: dict[tuple[str | int, ...], int]
    prefix: tuple[str, ...]
    may_lack: Collection[str] = ()
    problems: list[Problem] = field(default_factory=list)

    def config(self, document: dict[str, Any], digest: str) -> Config:
        sections = ("model", "data", "artifacts", "gates", "governance", "lifecycle", "policy", "waivers", "score")
        for key in document:
            if key not in sections:
                self.problem((key,), f"unknown key `{key}`; {suggest(key, sections)}")
        folder = self.path.parent
        config = Config(
            path=self.path,
            folder=folder,
            digest=digest,
            model=self.section("model", document, ModelSection),
            data=self.section("data", document, DataSection),
            artifacts=self.section("artifacts", document, ArtifactsSection),
            governance=self.section("governance", document, GovernanceSection),
            lifecycle=self.section("lifecycle", document, LifecycleSection),
            policies=self.policies(document.get("policy")),
            entries=tuple(self.entries(document.get("gates", {}))),
            waivers=tuple(self.waivers(document.get("waivers", []))),
            score=dict(self.score(document.get("score", {}))),
            lines={path[len(self.prefix) :]: line for path, line in self.lines.items() if self.within(path)},
        )
        for place, message in wrong_names(document, folder, self.may_lack):
            self.problem(place, message)
        if config.lifecycle.archive and folder.is_relative_to(config.archive):
            message = "should be a folder of its own: it would be all of the project"
            self.problem(("lifecycle", "archive"), f"`lifecycle.archive` = {config.lifecycle.archive!r}: {message}")
        self.registry(config.lifecycle)
        if self.problems:
            raise ConfigError(self.problems)
        return config

    def registry(self, said: LifecycleSection) -> None:
        known = references.registry_names()
        if said.registry is not None and said.registry not in known:
            message = f"no installed package provides this registry; {suggest(said.registry, known)}"
            self.problem(("lifecycle", "registry"), f"`lifecycle.registry` = {said.registry!r}: {message}")
        for key in ("options", "aliases"):
            if said.registry is None and key in said.model_fields_set:
                self.problem(("lifecycle", key), f"`lifecycle.{key}` is told to no registry; name one: `registry`")

    def within(self, path: tuple[str | int, ...]) -> bool:
        return path[: len(self.prefix)] == self.prefix and len(path) > len(self.prefix)

    def problem(self, key: tuple[str | int, ...], message: str) -> None:
        line = nearest_line(self.lines, (*self.prefix, *key))
        self.problems.append(Problem(file=self.path, line=line, message=message))

    def validate(self, key: tuple[str | int, ...], value: Any, kind: type[Any]) -> Any:
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for place, message in explain(error, kind, where=dotted(key)):
                self.problem((*key, *place), message)
        return None

    def section(self, name: str, document: dict[str, Any], kind: type[Any]) -> Any:
        value = document.get(name, {})
        if not isinstance(value, dict):
            self.problem((name,), f"`{name}` is a table: write `[{name}]`")
            return kind()
        return self.validate((name,), value, kind) or kind()

    def policies(self, table: Any) -> Policies:
        if table is None:
            return Policies()
        try:
            prefix = (*self.prefix, "policy")
            return Policies(layers=layers_of(table, file=self.path, lines=self.lines, prefix=prefix))
        except ConfigError as error:
            self.problems += error.problems
        return Policies()

    def entries(self, gates: Any) -> Iterator[Entry]:
        if not isinstance(gates, dict):
            self.problem(("gates",), "`gates` is a table of gates: write `[gates.drift]`, `[[gates.baseline]]`, ...")
            return
        seen: dict[str, int | None] = {}
        for name, value in gates.items():
            gate = self.gate(name)
            tables = value if isinstance(value, list) else [value]
            if not tables:
                self.problem(("gates", name), f"`gates.{name}` is an empty list: nothing would be asked")
            for index, table in enumerate(tables if gate is not None else ()):
                key = ("gates", name, index) if isinstance(value, list) else ("gates", name)
                entry = self.entry(gate, key, table)
                if entry is None:
                    continue
                if entry.name in seen:
                    message = f"a second gate is called `{entry.name}` (the first: line {seen[entry.name]})"
                    self.problem(key, f"{message}; give one of them a `name`")
                seen.setdefault(entry.name, entry.line)
                yield entry

    def gate(self, name: str) -> Gate | None:
        if name not in BUILTIN and name not in gate_names():
            self.problem(("gates", name), f"unknown gate `{name}`; {suggest(name, gate_names())}")
            return None
        try:
            return load_gate(name)
        except LookupError as error:
            self.problem(("gates", name), str(error))
            return None

    def entry(self, gate: Gate | None, key: tuple[str | int, ...], table: Any) -> Entry | None:
        if gate is None or not isinstance(table, dict):
            self.problem(key, f"`{dotted(key)}` is a table of settings, not {table!r}")
            return None
        settings = self.validate(key, table, gate.settings)
        if settings is None:
            return None
        entry = Entry(gate=gate, settings=settings, line=nearest_line(self.lines, (*self.prefix, *key)))
        if "::" in entry.entry or any(sign in entry.entry for sign in "[]\n"):
            message = f"`{dotted((*key, 'name'))}` = {entry.entry!r}: brackets, `::` and line breaks are not allowed"
            self.problem((*key, "name"), message)
            return None
        return entry

    def waivers(self, tables: Any) -> Iterator[Waiver]:
        if not isinstance(tables, list):
            self.problem(("waivers",), "`waivers` is an array of tables: write `[[waivers]]`")
            return
        for index, table in enumerate(tables):
            found = self.validate(("waivers", index), table, WaiverSection)
            if found is not None:
                yield Waiver(
                    check=found.check, reason=found.reason, author=found.author, expires=found.expires.isoformat()
                )

    def score(self, table: Any) -> Iterator[tuple[str, str]]:
        if not isinstance(table, dict):
            self.problem(("score",), "`score` is a table: write `[score]`")
            return
        for key, value in table.items():
            if key not in SCORED:
                self.problem(("score", key), f"unknown key `score.{key}`; {suggest(key, SCORED)}")
            elif not isinstance(value, str):
                message = "should be a text: where the evidence is, a URL or a file, and of when"
                self.problem(("score", key), f"`score.{key}` = {value!r}: {message}")
            else:
                from pytest_mlgate.cards.emptiness import useless

                nothing = useless(value, key=f"score.{key}")
                if nothing:
                    self.problem(("score", key), f"{nothing}; name the evidence, a URL or a file, and of when")
                yield key, value


def _texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, at any depth, that could be a path."""
    if isinstance(value, str):
        if value and len(value) < 4096 and "\0" not in value:
            yield value
    elif isinstance(value, Mapping):
        yield from (text for part in value.values() for text in _texts(part))
    elif isinstance(value, list | tuple | set | frozenset):
        yield from (text for part in value for text in _texts(part))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a sentence may be too long for a name
        return False


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(file=path, line=None, message=f"cannot be read: {error.strerror}")]) from None


def _tool_tables(pyproject: Path) -> Mapping[str, Any]:
    if not pyproject.is_file():
        return {}
    raw = _bytes(pyproject)
    if b"mlgate" not in raw:  # most projects' pyproject.toml: not ours to judge
        return {}
    text = decoded(pyproject, raw)
    tool = parsed(pyproject, text).get("tool", {})
    return tool if isinstance(tool, dict) else {}


def _both(own: Path, shared: Path) -> ConfigError:
    message = f"{shared.name} beside it has a [tool.mlgate] table too; keep one of them"
    return ConfigError([Problem(file=own, line=None, message=message)])
