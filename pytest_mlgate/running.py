"""One gate run inside a test: gather its inputs, run it, apply the policy, keep the result for the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import pytest

from pytest_mlgate.checks import Check, GateResult, InputError, Severity

if TYPE_CHECKING:
    import pandas as pd
    from _pytest.outcomes import Failed

    from pytest_mlgate.config import Config
    from pytest_mlgate.gates.base import Gate, GateSettings
    from pytest_mlgate.policy import Policy
    from pytest_mlgate.tables import TableRead


else:
    Failed = pytest.fail.Exception  # its public name, which a type checker takes for no class


class NotConfigured(Failed):
    """A model or table that the configuration does not name was asked for."""


class Record(TypedDict):
    """What one gate run sends to the process that writes the verdict; builtins only."""

    gate: str
    entry: str
    checks: list[dict[str, Any]]
    inputs: dict[str, dict[str, Any]]


@dataclass(kw_only=True)
class Store:
    """What one process has read: each file once, however many gates ask for it."""

    config: Config
    stage: str | None = None
    reads: dict[Path, TableRead] = field(default_factory=dict)
    handed: list[tuple[Any, TableRead]] = field(default_factory=list)

    def table(self, name: str) -> pd.DataFrame:
        """Return a configured table; a copy, so that a test that changes it changes no gate's input."""
        from pytest_mlgate.tables import read_table

        setting = getattr(self.config.data, name)
        if setting is None:
            raise not_configured(name)
        path = self.config.resolve(setting)
        if path not in self.reads:
            self.reads[path] = read_table(path)
        read = self.reads[path]
        copy = read.frame.copy(deep=not _copies_on_write())
        self.handed.append((copy, read))
        return copy

    def read_of(self, value: Any) -> TableRead | None:
        """Return the read behind a table that :meth:`table` handed out."""
        return next((read for handed, read in self.handed if handed is value), None)

    def model(self, name: str) -> Any:
        """Return the handle of a configured model."""
        from pytest_mlgate.artifacts.model import load_model
        from pytest_mlgate.config import is_import_path

        model = self.config.model
        setting = getattr(model, name)
        if setting is None:
            raise not_configured(name)
        ref = setting if is_import_path(setting) else self.config.resolve(setting)
        roots = self.config.import_roots
        return load_model(ref, root=self.config.folder, import_roots=roots, timeout=model.timeout)

    @property
    def policy(self) -> Policy:
        """The policy of the stage asked for; without a configuration file the strict one of production."""
        from pytest_mlgate.policy import policy_for

        configured = self.config.model.stage if self.config.path is not None else "production"
        return policy_for(self.stage or configured)


STORE = pytest.StashKey[Store]()


def store_of(config: pytest.Config) -> Store:
    """Return the session's store, reading the configuration on first use.

    A configuration that cannot be used fails the test that asked, in the configuration's own words.
    """
    if STORE not in config.stash:
        from pytest_mlgate.collection import configuration
        from pytest_mlgate.config import Config
        from pytest_mlgate.problems import ConfigError

        try:
            found = configuration(config)
        except ConfigError as error:
            pytest.fail(str(error), pytrace=False)
        config.stash[STORE] = Store(
            config=found or Config(folder=config.rootpath), stage=config.getoption("mlgate_stage", None)
        )
    return config.stash[STORE]


def without_group(name: str) -> str:
    """Return a test's name without the ``@group`` that xdist's ``--dist loadgroup`` appends to it."""
    head, at, group = name.rpartition("@")
    return name if not at or "]" in group else head


def run(
    item: pytest.Item,
    gate: Gate,
    settings: GateSettings,
    values: Mapping[str, Any],
    *,
    config: Config,
    entry: str,
) -> GateResult:
    """Run a gate for a test, apply policy and waivers, and keep the result on the item.

    Parameters
    ----------
    item : pytest.Item
        The test that asks; its marker ``mlgate`` may name another stage or a lower severity.
    gate, settings
        What to run.
    values : Mapping
        Models and tables by input name, as the fixtures returned them.
    config : Config
        What the fixture ``mlgate_config`` returned.
    entry : str
        The name under which the checks are known.
    """
    from pytest_mlgate.gates.base import Inputs, run_gate

    __tracebackhide__ = True
    store = store_of(item.config)
    own = {name: _pristine(store, value) for name, value in values.items() if value is not None}
    settings, policy = _marked(item, settings, store.policy)
    result = run_gate(gate, settings, Inputs(facts=config.facts, values=own), entry=entry)
    result = replace(result, checks=tuple(_level(result.checks, policy, config)))
    _keep(item, result, {name: _evidence(store, values[name], own[name]) for name in own})
    return result


def _marked(item: pytest.Item, settings: GateSettings, policy: Policy) -> tuple[GateSettings, Policy]:
    from pytest_mlgate.policy import STAGES, policy_for

    for mark in reversed(list(item.iter_markers("mlgate"))):  # the closest has the last word
        unknown = sorted(set(mark.kwargs) - {"stage", "severity"})
        if mark.args or unknown:
            pytest.fail(f"marker mlgate takes stage= and severity= only, not {mark.args or unknown!r}", pytrace=False)
        if mark.kwargs.get("stage") is not None:
            if mark.kwargs["stage"] not in STAGES:
                pytest.fail(f"marker mlgate: stage={mark.kwargs['stage']!r} is none of {STAGES}", pytrace=False)
            policy = policy_for(mark.kwargs["stage"])
        if mark.kwargs.get("severity") is not None:
            try:
                settings = settings.model_copy(update={"severity": Severity(mark.kwargs["severity"])})
            except ValueError:
                known = ", ".join(Severity)
                message = f"marker mlgate: severity={mark.kwargs['severity']!r} is none of {known}"
                pytest.fail(message, pytrace=False)
    return settings, policy


def _level(checks: Iterable[Check], policy: Policy, config: Config) -> Iterable[Check]:
    from pytest_mlgate.policy import level, waive

    today = datetime.now(UTC).date()
    return (waive(level(check, policy), config.waivers, today) for check in checks)


def _pristine(store: Store, value: Any) -> Any:
    read = store.read_of(value)
    return value if read is None else read.frame


def _evidence(store: Store, value: Any, own: Any) -> dict[str, Any]:
    """Return the digest of an input and where it came from."""
    from pytest_mlgate.artifacts.model import as_model
    from pytest_mlgate.tables import as_frame, frame_digest

    read = store.read_of(value)
    if read is not None:
        source = Path(read.path)
        place = source.relative_to(store.config.folder) if source.is_relative_to(store.config.folder) else source
        return {"digest": read.digest, "source": place.as_posix(), "rows": len(read.frame)}
    try:
        if hasattr(own, "predict") or callable(own):
            model = as_model(own, name="model")
            return {"digest": model.digest, "source": _relative(model.source, store.config.folder)}
        frame = as_frame(own, name="table")
        return {"digest": frame_digest(frame), "source": "fixture", "rows": len(frame)}
    except InputError:  # the gate has said what is wrong with it
        return {"digest": "", "source": type(own).__name__}


def _relative(source: str, folder: Path) -> str:
    path = Path(source)
    return path.relative_to(folder).as_posix() if path.is_absolute() and path.is_relative_to(folder) else source


def _keep(item: pytest.Item, result: GateResult, inputs: dict[str, dict[str, Any]]) -> None:
    from pytest_mlgate.plugin import RESULTS
    from pytest_mlgate.reports.text import printable

    record: Record = {
        "gate": result.gate,
        "entry": result.entry,
        "checks": [check.to_json() for check in result.checks],
        "inputs": inputs,
    }
    item.stash.setdefault(RESULTS, []).append(_sendable(record))
    for check in result.checks:
        state = "waived" if check.waiver is not None else check.outcome.value
        value = f"{state} ({check.severity.value}): {check.message}"
        item.user_properties.append((printable(f"mlgate:{check.id}"), printable(value)))


def _sendable(value: Any) -> Any:
    """Return builtins whose text can be sent between processes: half of a surrogate pair would end the session."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_sendable(key): _sendable(item) for key, item in value.items()}
    return [_sendable(item) for item in value] if isinstance(value, list) else value


def not_configured(name: str) -> NotConfigured:
    """Return what to raise where a model or table is asked for that the configuration does not name."""
    section = "model" if name in ("candidate", "baseline") else "data"
    message = (
        f"no {name} is configured: set `[{section}] {name}` in mlgate.toml, or override `mlgate_{name}` in conftest.py"
    )
    return NotConfigured(message, pytrace=False)


def _copies_on_write() -> bool:
    import pandas as pd

    return int(pd.__version__.split(".")[0]) >= 3
