"""pytest's hooks: options, markers and wiring.

Every pytest run of every user imports this file, so it imports the standard library and pytest only; what it hands
over to is imported when a gate is really used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

import pytest

from pytest_mlgate import gates
from pytest_mlgate.transport import MARKER, RESULTS, gate_marks, runs_gates

if TYPE_CHECKING:
    from collections.abc import Generator


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of ``--mlgate``."""
    group = parser.getgroup("mlgate", "quality gates for machine-learning models")
    group.addoption(
        "--mlgate",
        action="store_true",
        help="Run the gates of mlgate.toml (or [tool.mlgate] in pyproject.toml) and write one verdict.",
    )
    group.addoption(
        "--mlgate-config",
        metavar="FILE",
        help="Configuration file. Default: the nearest one, going up from the arguments to the rootdir.",
    )
    group.addoption(
        "--mlgate-stage",
        metavar="STAGE",
        help="Stage that the model asks for, instead of the configured one: exploration, validation, "
        "pre-production, production, monitoring or retired.",
    )
    group.addoption(
        "--mlgate-policy",
        metavar="FILE",
        help="Policy file that has the last word on what the stage requires, whatever the configuration says.",
    )
    group.addoption(
        "--mlgate-report",
        action="append",
        default=[],
        metavar="KIND",
        help="Write a report beside the verdict: markdown; html, a page with plots; comment, of a pull request; junit; "
        "sarif; code-quality and metrics, for GitLab. May be given more than once.",
    )
    group.addoption(
        "--mlgate-env",
        action="append",
        default=[],
        metavar="ENV",
        help="Make the round trip in this environment too: an interpreter, a virtual environment's folder, or a lock "
        "file, from which one is made (this fetches packages); `requirements.txt@python3.12` for another Python. May "
        "be given more than once.",
    )
    group.addoption("--mlgate-only", action="append", default=[], metavar="GATE", help=_hidden())
    group.addoption("--mlgate-gates-only", action="store_true", help=_hidden())


def pytest_configure(config: pytest.Config) -> None:
    """Register markers and fixtures and, with ``--mlgate``, the gates of the configuration."""
    config.addinivalue_line(
        "markers",
        'mlgate(stage=None, severity=None): stage and highest severity ("block", "warn", "note") of the gates that '
        "this test runs.",
    )
    for name in gates.gate_names():
        config.addinivalue_line(
            "markers",
            f"{MARKER}{name}(**settings): run the {name} gate with these settings before the body of the test, "
            "and fail where it blocks.",
        )
    from pytest_mlgate import fixtures

    config.pluginmanager.register(fixtures, "mlgate-fixtures")
    if config.option.mlgate_env:
        from pytest_mlgate.artifacts.environments import absolute

        folder = config.invocation_params.dir
        config.option.mlgate_env = [absolute(said, folder=folder) for said in config.option.mlgate_env]
    if config.option.mlgate_policy:  # absolute, for the workers of xdist
        config.option.mlgate_policy = config.invocation_params.dir / config.option.mlgate_policy
    if config.option.mlgate and not _only_informs(config.option):
        from pytest_mlgate.collection import switch_on

        collector = switch_on(config)
        if not hasattr(config, "workerinput"):
            from contextlib import ExitStack

            from pytest_mlgate.interrupts import heeding_sigterm
            from pytest_mlgate.session import GateSession

            run = ExitStack()
            run.enter_context(heeding_sigterm())
            config.add_cleanup(run.close)
            stage = config.option.mlgate_stage or collector.settings.model.stage
            session = GateSession(config, collector, stage, partial=bool(config.option.mlgate_only))
            config.pluginmanager.register(session, "mlgate-session")
            config.pluginmanager.register(session.progress(), "mlgate-progress")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give marked tests the ``mlgate`` fixture, through which their gates run; last, as conftest files add markers."""
    for item in items:
        if next(gate_marks(item), None) is None:
            continue
        names = getattr(item, "fixturenames", None)
        if names is None:
            raise pytest.UsageError(f"{item.nodeid}: a gate's marker needs a test that can have fixtures")
        if "mlgate" not in names:
            names.append("mlgate")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Run the gates that a test is marked with, before its body."""
    marks = list(gate_marks(item))
    for mark in marks:
        if mark.args:
            pytest.fail(f"{mark.name} takes settings by keyword only, not {mark.args!r}", pytrace=False)
        fixture = getattr(item, "funcargs", {}).get("mlgate")
        if fixture is None:
            _too_late(mark)
        fixture.run_marked(mark.name.removeprefix(MARKER), mark.kwargs)
    result = yield
    for mark in gate_marks(item):
        if mark not in marks:
            _too_late(mark)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Put what the gates found on the report, as builtins: that is how it reaches the process with the verdict."""
    report = yield
    found = item.stash.get(RESULTS, None)
    if found:
        report.mlgate = found
        item.stash[RESULTS] = []
    if runs_gates(item):
        report.mlgate_test = True
    return report


def _only_informs(options: Any) -> bool:
    """Whether pytest will print something and end: no configuration stands in the way of that."""
    names = ("help", "version", "markers", "showfixtures", "show_fixtures_per_test", "cacheshow")
    return any(getattr(options, name, None) for name in names)


def _too_late(mark: pytest.Mark) -> NoReturn:
    pytest.fail(f"{mark.name} was added too late to run: add it no later than in the collection", pytrace=False)


def _hidden() -> str:
    import argparse

    return argparse.SUPPRESS
