"""From ``mlgate.toml`` to pytest items: one for each configured gate, made without reading data."""

from __future__ import annotations

import inspect
import os
import types
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlgate.transport import runs_gates

if TYPE_CHECKING:
    from _pytest._code.code import TerminalRepr

    from pytest_mlgate.config import Config, Entry


def switch_on(config: pytest.Config) -> GateCollector:
    """Read the configuration, and return what collects its gates, registered.

    Raises
    ------
    pytest.UsageError
        Where the configuration or an option cannot be used; with everything that is wrong.
    """
    from pytest_mlgate.problems import ConfigError
    from pytest_mlgate.store import STORE, Store, configuration

    _check_options(config)
    try:
        found = configuration(config)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from None
    if found is None:
        message = "no mlgate.toml, and no [tool.mlgate] in a pyproject.toml, from the arguments up to"
        raise pytest.UsageError(
            f"--mlgate: {message} {config.rootpath}; `mlgate init` writes one, --mlgate-config names one"
        )
    if config.getoption("mlgate_env") and "roundtrip" not in {entry.gate.name for entry in found.entries}:
        raise pytest.UsageError("--mlgate-env: no [gates.roundtrip] is configured, which would try the model there")
    stage = config.getoption("mlgate_stage")
    only = config.getoption("mlgate_only")
    known = [entry.name for entry in found.entries] + [entry.gate.name for entry in found.entries]
    for name in only:
        if name not in known:
            raise pytest.UsageError(f"--only {name}: configured are {', '.join(dict.fromkeys(known))}")
    config.stash[STORE] = Store(config=found, stage=stage)
    config.add_cleanup(config.stash[STORE].close)
    collector = GateCollector(found, only, gates_only=config.getoption("mlgate_gates_only"))
    config.pluginmanager.register(collector, "mlgate-collector")
    return collector


def nodeid_of(settings: Config, config: pytest.Config) -> str:
    """Return what the node ids of a configuration's gates begin with, also where it lies outside of the rootdir."""
    assert settings.path is not None
    return Path(os.path.relpath(settings.path, config.rootpath)).as_posix()


def _check_options(config: pytest.Config) -> None:
    from pytest_mlgate.checks import InputError
    from pytest_mlgate.policy import STAGES
    from pytest_mlgate.reports import KINDS, require

    stage = config.getoption("mlgate_stage")
    if stage is not None and stage not in STAGES:
        raise pytest.UsageError(f"--mlgate-stage={stage}: choose one of {', '.join(STAGES)}")
    for kind in config.getoption("mlgate_report"):
        if kind not in KINDS:
            raise pytest.UsageError(f"--mlgate-report={kind}: choose one of {', '.join(KINDS)}")
        try:
            require(kind)
        except InputError as error:  # before the run, which would be for nothing
            raise pytest.UsageError(f"--mlgate-report={kind}: {error.message}: {error.fix}") from None


class GateCollector:
    """Adds the configuration to what is collected, once, whatever the arguments are."""

    def __init__(self, settings: Config, only: Sequence[str] = (), *, gates_only: bool = False) -> None:
        self.settings = settings
        self.only = tuple(only)
        self.gates_only = gates_only
        self.collected: list[str] = []
        self.deselected: list[str] = []

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The configured gates that were asked for."""
        only = set(self.only)
        return tuple(entry for entry in self.settings.entries if not only or {entry.name, entry.gate.name} & only)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self, session: pytest.Session) -> None:
        """Add the file to the arguments: `pytest tests/` must not leave the gates out and stay green."""
        path = self.settings.path
        assert path is not None
        config = session.config
        named = [
            (arg, Path(os.path.abspath(config.invocation_params.dir / arg.partition("::")[0]))) for arg in config.args
        ]
        if any(place.is_dir() and path.is_relative_to(place) for _, place in named):
            # once is enough: pytest 8.0 loses a folder's tests where one of its files is named as well
            config.args[:] = [arg for arg, place in named if place != path]
        elif path not in (place for _, place in named):
            config.args.append(str(path))

    @pytest.hookimpl(tryfirst=True)
    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        """Collect the configuration that applies to this run, and no nested project's."""
        if file_path != self.settings.path:
            return None
        nodeid = nodeid_of(self.settings, parent.config)
        file: GateFile = GateFile.from_parent(parent, path=file_path, nodeid=nodeid)
        file.entries = [e for e in self.settings.entries if not self.only or {e.name, e.gate.name} & set(self.only)]
        return file

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Keep one item a gate where folder and file were both named; leave out tests that run none, when asked."""
        seen: set[str] = set()
        kept, others = [], []
        for item in items:
            if isinstance(item, GateItem):
                if item.nodeid in seen:
                    continue
                seen.add(item.nodeid)
            elif self.gates_only and not runs_gates(item):
                others.append(item)
                continue
            kept.append(item)
        items[:] = kept
        if others:
            config.hook.pytest_deselected(items=others)

    @pytest.hookimpl(tryfirst=True)
    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Remember which gates were left out: they block."""
        self.deselected += [item.nodeid for item in items if isinstance(item, GateItem) or runs_gates(item)]

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember which tests run gates."""
        self.collected = [item.nodeid for item in session.items if runs_gates(item)]

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Tell the process with the verdict which tests run gates: under xdist it does not collect."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["mlgate_tests"] = (self.collected, self.deselected)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker which configuration applies."""
        node.workerinput["mlgate_config"] = str(self.settings.path)


class GateFile(pytest.Module):
    """The configuration file as a module of gate functions, so that conftest files and fixtures mean what they mean."""

    entries: Sequence[Entry] = ()

    def _getobj(self) -> types.ModuleType:
        return types.ModuleType(self.path.stem)

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one item for each configured gate."""
        for entry in self.entries:
            item: GateItem = GateItem.from_parent(self, name=entry.name, callobj=_gate_function(entry))
            item.entry = entry
            item.add_marker("mlgate")
            yield item


class GateItem(pytest.Function):
    """One configured gate."""

    entry: Entry

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return the place in the configuration that the gate is declared at."""
        line = self.entry.line
        return self.path, line - 1 if line else None, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> str | TerminalRepr:
        """Return a gate's failure as its checks, and anything else as pytest shows it."""
        from pytest_mlgate.checks import GateFailure
        from pytest_mlgate.reports.text import printable

        if isinstance(excinfo.value, GateFailure) and not self.config.getoption("fulltrace"):
            return printable(str(excinfo.value))
        return super().repr_failure(excinfo, *args)


def _gate_function(entry: Entry) -> Callable[..., None]:
    """Return the test function of a gate: it requests the fixtures that its inputs name."""

    def gate(request: pytest.FixtureRequest, mlgate_config: Config, **values: Any) -> None:
        from pytest_mlgate.fixtures import input_value
        from pytest_mlgate.running import run

        __tracebackhide__ = True
        own = {name: values[f"mlgate_{name}"] for name in entry.gate.inputs}
        own |= {
            name: input_value(request, entry.gate, name) for name in entry.gate.optional if entry.settings.wants(name)
        }
        item: pytest.Item = request.node
        result = run(item, entry.gate, entry.settings, own, config=mlgate_config, entry=entry.entry)
        result.raise_for_outcome()

    names = ("request", "mlgate_config", *(f"mlgate_{name}" for name in entry.gate.inputs))
    kind = inspect.Parameter.KEYWORD_ONLY
    gate.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in names])  # type: ignore[attr-defined]
    gate.__doc__ = f"Gate {entry.name}."
    return gate
