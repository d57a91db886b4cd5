"""The process that sees all results: it collects them from the reports and forms one verdict."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlgate.checks import Check, Outcome, worst_first
from pytest_mlgate.collection import nodeid_of
from pytest_mlgate.reports.text import printable
from pytest_mlgate.transport import without_group
from pytest_mlgate.verdict import Verdict, decide, not_run, write_atomically, write_verdict

if TYPE_CHECKING:
    from pytest_mlgate.config import Config, Entry
    from pytest_mlgate.transport import Record


class GateSession:
    """One run with ``--mlgate``, from the first report to the verdict."""

    def __init__(self, config: pytest.Config, settings: Config, stage: str) -> None:
        self.config = config
        self.settings = settings
        self.stage = stage
        self.started = _now()
        self.records: dict[str, list[list[Record]]] = {}
        self.failed: dict[str, list[Check]] = {}
        self.deselected: set[str] = set()
        self.session: pytest.Session | None = None
        self.collected: int | None = None
        self.stopped: str | None = None
        self.interrupted = False
        self.verdict: Verdict | None = None
        self.trouble: list[str] = []

    @property
    def file(self) -> str:
        """The configuration file as node ids begin."""
        return nodeid_of(self.settings, self.config)

    def pytest_report_header(self) -> str:
        """Say which model is judged, for which stage, by which configuration."""
        count = len(self.settings.entries)
        gates = "1 gate" if count == 1 else f"{count} gates"
        return f"mlgate: {self.settings.name} -> {self.stage} ({self.file}, {gates})"

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Remember what was deselected, for the reason in the verdict."""
        self.deselected.update(item.nodeid for item in items)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the gates of a test found; of repeated runs of one test all, so that the worst counts."""
        if self.session is not None and self.collected is not None:
            self.session.testscollected = self.collected + 1
        found = getattr(report, "mlgate", None)
        entry = self._entry_of(report.nodeid)
        nodeid = f"{self.file}::{entry.name}" if entry is not None else report.nodeid
        if found:
            self.records.setdefault(nodeid, []).append(found)
        elif entry is not None and (report.failed or report.skipped):
            self.failed.setdefault(nodeid, []).append(_without_result(entry, report))

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Report the verdict as the last test, also where the loop is left by an exception."""
        self.session = session
        if not session.config.option.collectonly:
            session.testscollected += 1  # the verdict, so that progress ends at 100 %
        try:
            return (yield)
        except KeyboardInterrupt as error:  # Ctrl-C, or what pytest derives from it: errors of the collection
            self.interrupted = True
            self.stopped = str(error) or "interrupted"
            raise
        except BaseException as error:
            self.stopped = str(error) or type(error).__name__
            raise
        finally:
            if not session.config.option.collectonly:
                self._judge()
                self._announce()

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the verdict; what went wrong after it was formed still blocks."""
        if session.config.option.collectonly:
            return
        late = exitstatus in (pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR)
        if self.verdict is None or (late and self.verdict.decision == "promote"):
            self.interrupted = True
            self.stopped = self.stopped or "the session ended before its gates did"
            self._judge()
        assert self.verdict is not None
        try:
            write_verdict(self.verdict, self.settings.results / "verdict.json")
        except OSError as error:  # nobody can go by a verdict that is not there
            self.interrupted = True
            self.stopped = f"the verdict could not be written: {error}"
            self._judge()
        try:
            self._write_reports(self.verdict)
        except OSError as error:
            self.trouble.append(f"a report could not be written: {error}")
        bad = self.trouble or self.verdict.decision == "block"
        if bad and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print the table that a person needs first, and annotations where GitHub runs this."""
        from pytest_mlgate.reports import github, terminal

        if self.verdict is None:
            return
        terminal.write(terminalreporter, self.verdict, self._written(), self.trouble)
        if os.environ.get("GITHUB_ACTIONS") == "true":
            workspace = Path(os.environ.get("GITHUB_WORKSPACE") or self.config.rootpath)
            for line in github.workflow_commands(self.verdict, self.settings, workspace):
                terminalreporter.write_line(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Remember how many tests there are: xdist sets the session's own count at each worker's start."""
        self.collected = len(ids)

    def pytest_internalerror(self) -> None:
        """Block: under xdist a worker that ends so takes results along, and leaves the exit status at 0."""
        self.interrupted = True
        self.stopped = self.stopped or "an internal error of pytest or of a plugin"

    def _entry_of(self, nodeid: str) -> Entry | None:
        file, _, name = nodeid.partition("::")
        if file != self.file:
            return None
        name = without_group(name)
        return next((entry for entry in self.settings.entries if entry.name == name), None)

    def _judge(self) -> None:
        from pytest_mlgate.artifacts.environment import environment, git_state
        from pytest_mlgate.policy import policy_for

        checks, inputs = self._configured()
        checks += self._handwritten()
        if self.interrupted and self.stopped is not None:
            checks.append(_run_check("MLG004", "stopped", self.stopped, "run it again, to its end"))
        decision, reasons = decide(checks)
        self.verdict = Verdict(
            model=self.settings.name,
            stage=self.stage,
            decision=decision,
            reasons=reasons,
            checks=tuple(checks),
            identity={
                "inputs": inputs,
                "configuration": self.settings.digest or None,
                "policy": policy_for(self.stage).digest,
                "code": git_state(self.settings.folder),
            },
            environment=environment(),
            notes=tuple(self._notes(checks)),
            owner=self.settings.governance.owner,
            seed=self.settings.model.seed,
            started=self.started,
            finished=_now(),
        )

    def _configured(self) -> tuple[list[Check], dict[str, Any]]:
        checks: list[Check] = []
        inputs: dict[str, Any] = {}
        changed: dict[str, Check] = {}
        for entry in self.settings.entries:
            nodeid = f"{self.file}::{entry.name}"
            runs = self.records.get(nodeid, [])
            records = [record for run in runs for record in run]
            failed = self.failed.get(nodeid, [])
            checks += _worst_of(runs, failed)
            if not runs and not failed:
                checks.append(not_run(entry.gate.name, entry.entry, self._why_not(nodeid)))
            for name, evidence in ((n, e) for record in records for n, e in record["inputs"].items()):
                if inputs.setdefault(name, evidence)["digest"] != evidence["digest"]:
                    message = f"{name} was not the same for every gate: it changed during the run"
                    changed[name] = _run_check("MLG003", name, message, "keep the inputs still while they are judged")
        return checks + list(changed.values()), dict(sorted(inputs.items()))

    def _handwritten(self) -> list[Check]:
        own = {f"{self.file}::{entry.name}" for entry in self.settings.entries}
        nodeids = sorted(set(self.records) - own)
        return [check for nodeid in nodeids for check in _worst_of(self.records[nodeid])]

    def _why_not(self, nodeid: str) -> str:
        option = self.config.option
        if self.stopped is not None:
            return self.stopped
        choices = ("keyword", "markexpr", "deselect", "lf", "stepwise")
        if nodeid in self.deselected or any(getattr(option, name, None) for name in choices):
            return "it was deselected"
        return f"no report of it came; do norecursedirs, --ignore or a conftest.py keep pytest from {self.file}?"

    def _notes(self, checks: list[Check]) -> Iterable[str]:
        from pytest_mlgate.policy import expired

        today = datetime.now(UTC).date()
        if any(check.details.get("no_baseline") for check in checks):
            yield "no baseline: the candidate was compared with a dummy"
        for waiver in self.settings.waivers:
            if expired(waiver, today):
                yield f"the waiver of {waiver.check} is over since {waiver.expires}: {waiver.reason} ({waiver.author})"
            elif not any(check.waiver == waiver for check in checks):
                yield f"the waiver of {waiver.check} covers nothing: no such check needed one ({waiver.author})"

    def _announce(self) -> None:
        """Send the verdict through pytest as the report of a last test: it counts, and stands in JUnit."""
        assert self.verdict is not None
        nodeid, location = f"{self.file}::verdict", (self.file, None, "verdict")
        reasons = printable("\n".join(self.verdict.reasons))
        hook = self.config.hook
        hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        for when in ("call", "teardown"):
            bad = when == "call" and self.verdict.decision == "block"
            report = pytest.TestReport(
                nodeid=nodeid,
                location=location,
                keywords={},
                outcome="failed" if bad else "passed",
                longrepr=f"BLOCK: {len(self.verdict.reasons)} reason(s)\n{reasons}" if bad else None,
                when=when,
                user_properties=[("mlgate:decision", self.verdict.decision), ("mlgate:stage", self.stage)],
            )
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)

    def _written(self) -> dict[str, Path]:
        from pytest_mlgate.reports import KINDS

        folder = self.settings.results
        return {kind: folder / KINDS[kind] for kind in dict.fromkeys(self.config.getoption("mlgate_report"))}

    def _write_reports(self, verdict: Verdict) -> None:
        from pytest_mlgate.reports import markdown

        text = markdown.render(verdict)
        for path in self._written().values():
            write_atomically(path, text)
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            with open(summary, "a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)


def _worst_of(runs: list[list[Record]], failed: Iterable[Check] = ()) -> list[Check]:
    """Return the checks of one test; where it ran more than once, of each check the worst."""
    found: dict[str, Check] = {}
    made = (Check.from_json(check) for run in runs for record in run for check in record["checks"])
    for check in (*made, *failed):
        found[check.id] = worst_first([found.get(check.id, check), check])[0]
    return list(found.values())


def _without_result(entry: Entry, report: pytest.TestReport) -> Check:
    """Return the check of a gate that never came to answer: its fixture failed, it crashed, or it was skipped."""
    text = _reason(report)
    return Check(
        code="MLG002",
        gate=entry.gate.name,
        entry=entry.entry,
        outcome=Outcome.SKIP if report.skipped else Outcome.ERROR,
        message=f"skipped: {text}" if report.skipped else text,
        fix="mend what the message names; the gate has judged nothing",
    )


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    if isinstance(longrepr, tuple):
        return str(longrepr[2])
    crash = getattr(longrepr, "reprcrash", None)
    return str(crash.message if crash is not None else longrepr or "no reason given").strip()


def _run_check(code: str, subject: str, message: str, fix: str) -> Check:
    return Check(code=code, gate="run", subject=subject, outcome=Outcome.ERROR, message=message, fix=fix)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
