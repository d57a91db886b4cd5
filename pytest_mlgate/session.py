"""The process that sees all results: it collects them from the reports and forms one verdict."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shlex
import signal
from collections.abc import Generator, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pytest_mlgate.checks import Check, InputError, Outcome, worst_first
from pytest_mlgate.collection import GateCollector, nodeid_of
from pytest_mlgate.interrupts import leave_at_the_next
from pytest_mlgate.progress import GateProgress
from pytest_mlgate.reports.text import printable
from pytest_mlgate.tables.writing import write_atomically
from pytest_mlgate.tally import Tally, run_check
from pytest_mlgate.verdict import Verdict, decide, write_evidence, write_verdict

if TYPE_CHECKING:
    from pytest_mlgate.policy import Policy
    from pytest_mlgate.reports import Run


class GateSession:
    """One run with ``--mlgate``, from the first report to the verdict.

    Parameters
    ----------
    config : pytest.Config
    collector : GateCollector
        What knows which tests run gates.
    stage : str
    partial : bool
        Whether only some gates were asked for: the table is shown then, and no verdict is given.
    """

    def __init__(self, config: pytest.Config, collector: GateCollector, stage: str, *, partial: bool) -> None:
        self.config = config
        self.collector = collector
        self.settings = settings = replace(collector.settings, entries=collector.entries)
        self.partial = partial
        self.stage = stage
        self.policy: Policy = settings.policies.at(stage)
        self.started = _now()
        self.tally = Tally(settings, nodeid_of(settings, config))
        self.session: pytest.Session | None = None
        self.collected: int | None = None
        self.stopped: str | None = None
        self.interrupted = False
        self.verdict: Verdict | None = None
        self.trouble: list[str] = []  # what failed after the verdict was formed: the run fails for it
        self.notes: list[str] = []
        self.workers: list[Any] = []

    def progress(self) -> GateProgress:
        """Return the plugin that shows which gate runs."""
        return GateProgress(self.config, f"{self.tally.file}::", len(self.settings.entries))

    def pytest_report_header(self) -> str:
        """Say which model is judged, for which stage, by which configuration."""
        count = len(self.settings.entries)
        gates = "1 gate" if count == 1 else f"{count} gates"
        return f"mlgate: {self.settings.name} -> {self.stage} ({self.tally.file}, {gates})"

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self) -> None:
        """Remember which tests run gates."""
        self.tally.expect(self.collector.collected, self.collector.deselected)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self, node: Any) -> None:
        """Remember xdist's workers: where the run is stopped they are told, too."""
        self.workers.append(node)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Remember which tests run gates: under xdist only the workers know."""
        self.tally.expect(*getattr(node, "workeroutput", {}).get("mlgate_tests", ((), ())))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what a report says of gates."""
        if self.session is not None and self.collected is not None:
            self.session.testscollected = self.collected + (0 if self.partial else 1)
        self.tally.add(report)

    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        """Report the verdict as the last test, also where the loop is left by an exception."""
        self.session = session
        if not self.partial and not session.config.option.collectonly:
            session.testscollected += 1  # the verdict, so that progress ends at 100 %
        try:
            return (yield)
        except KeyboardInterrupt as error:  # Ctrl-C, or what pytest derives from it: errors of the collection
            self.interrupted = True
            self.stopped = str(error) or "interrupted"
            leave_at_the_next()
            raise
        except BaseException as error:
            self.stopped = str(error) or type(error).__name__
            raise
        finally:
            if not session.config.option.collectonly:
                self._judge()
                if not self.partial:
                    self._announce()

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Stop what still runs in xdist's workers: it would be waited for, many seconds long."""
        leave_at_the_next()
        if not self.config.option.fulltrace:
            # pytest shows the last place only, but writes out the arguments of all calls before: of a lazy table that
            # is the query which was just interrupted, once more.
            excinfo.traceback = excinfo.traceback[-1:]
            excinfo.value.__suppress_context__ = True
        for worker in self.workers:
            # Only of a worker on this machine is it the worker's own process; xdist has no public name for it.
            process = getattr(getattr(worker.gateway, "_io", None), "popen", None)
            if worker.gateway.spec.popen and process is not None:
                process.send_signal(signal.SIGINT)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Write the verdict; what went wrong after it was formed still blocks."""
        if self.partial or session.config.option.collectonly:
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
        if self.partial:
            terminal.write_rows(terminalreporter, self.verdict)
            return
        terminal.write(terminalreporter, self.verdict, self._explain(), self._written(), [*self.trouble, *self.notes])
        if os.environ.get("GITHUB_ACTIONS") == "true":
            for line in github.workflow_commands(self._run(self.verdict)):
                terminalreporter.write_line(line)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: list[str]) -> None:
        """Remember how many tests there are: xdist sets the session's own count at each worker's start."""
        self.collected = len(ids)

    def pytest_internalerror(self) -> None:
        """Block: under xdist a worker that ends so takes results along, and leaves the exit status at 0."""
        self.interrupted = True
        self.stopped = self.stopped or "an internal error of pytest or of a plugin"

    def _judge(self) -> None:
        from pytest_mlgate.artifacts.environment import environment, git_state
        from pytest_mlgate.governance.facts import said_in_card
        from pytest_mlgate.policy import unasked
        from pytest_mlgate.promotion_codes import REQUIRED_GATE

        policy = self.policy
        recorded = self.settings.recorded
        code, inputs = git_state(self.settings.folder, aside=recorded), self.tally.inputs()
        checks = [self._waived(check) for check in self.tally.checks(self._why_not)]
        if checks and not self.partial:  # without a gate's answer there is nothing to promote, whatever is written
            checks += map(self._waived, unasked(policy, checks, REQUIRED_GATE))
            checks += self._governance(policy, code, inputs, said_in_card(checks))
        if self.interrupted and self.stopped is not None:
            checks.append(run_check("MLG004", "stopped", self.stopped, "run it again, to its end"))
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
                "policy": policy.digest,
                **self._card(),
                "files": self._files(),
                "code": code,
            },
            environment=environment(),
            notes=tuple(self._notes(checks)),
            owner=self.settings.governance.owner,
            seed=self.settings.model.seed,
            started=self.started,
            finished=_now(),
        )

    def _governance(
        self, policy: Policy, code: Mapping[str, Any] | None, inputs: Mapping[str, Any], card: Mapping[str, str]
    ) -> Iterable[Check]:
        from pytest_mlgate.cards.people import code_owners
        from pytest_mlgate.governance import governance_checks
        from pytest_mlgate.governance.facts import RunFacts, job_url, train_digest

        settings = self.settings
        facts = RunFacts(
            folder=settings.folder,
            code_owners=code_owners(settings.folder),
            candidate=settings.model.candidate,
            commit=code["commit"] if code else None,
            clean=bool(code and code["clean"]),
            train=train_digest(inputs, settings.folder, settings.data.train),
            run=job_url(),
            card=card,
        )
        return map(self._waived, governance_checks(settings.governance, policy, facts))

    def _waived(self, check: Check) -> Check:
        """Apply policy and waivers to a check that no gate made.

        Not to a gate that was not run or never came to answer: it goes by the name of the gate's first check, and a
        waiver of what that check found is no waiver of asking.
        """
        from pytest_mlgate.policy import level, waive

        if check.gate not in ("run", "governance", "policy"):
            return check
        waivers = self.settings.waivers if self.policy.waivers else ()
        return waive(level(check, self.policy), waivers, datetime.now(UTC).date())

    def _card(self) -> dict[str, str]:
        """Return the digest of the card that was judged, where one was."""
        path = self.settings.card_file
        if path is None or not path.is_file():
            return {}
        return {"card": hashlib.sha256(path.read_bytes()).hexdigest()}

    def _files(self) -> dict[str, str]:
        """Return the digest of each other file that a gate's settings name, by what names it."""
        from pytest_mlgate.tables.files import file_digest

        found = {}
        for name, path in self.settings.named_files.items():
            with contextlib.suppress(InputError):  # the gate that needs it has said what is wrong with it
                found[name] = file_digest(path, what="file")[0]
        return found

    def _why_not(self, nodeid: str) -> str:
        option = self.config.option
        if self.stopped is not None:
            return self.stopped
        choices = ("keyword", "markexpr", "deselect", "lf", "stepwise")
        if nodeid in self.tally.deselected or any(getattr(option, name, None) for name in choices):
            return "it was deselected"
        return f"no report of it came; do norecursedirs, --ignore or a conftest.py keep pytest from {self.tally.file}?"

    def _notes(self, checks: list[Check]) -> Iterable[str]:
        from pytest_mlgate.policy import expired

        today = datetime.now(UTC).date()
        if any(check.details.get("no_baseline") for check in checks):
            yield "no baseline: the candidate was compared with a dummy"
        yield from self._levelled(checks)
        for waiver in self.settings.waivers:
            if expired(waiver, today):
                yield f"the waiver of {waiver.check} is over since {waiver.expires}: {waiver.reason} ({waiver.author})"
            elif not self.policy.waivers:
                place = self.policy.place("waivers")
                yield f"the waiver of {waiver.check} does not count: {self.stage} takes none ({place})"
            elif not any(check.waiver == waiver for check in checks):
                yield f"the waiver of {waiver.check} covers nothing: no such check needed one ({waiver.author})"

    def _levelled(self, checks: list[Check]) -> Iterable[str]:
        """Say which codes the policy ignores or weighs otherwise, and how many checks that concerns."""
        for code, rule in self.policy.codes.items():
            concerned = sum(check.code == code and check.outcome is not Outcome.PASS for check in checks)
            place, what = self.policy.place(f"codes.{code}"), "ignored" if rule.level == "ignore" else rule.level
            why = f": {rule.reason}" if rule.reason else ""
            if concerned:
                yield f"by policy, {code} is {what} ({place}){why}; that concerns {concerned} of the checks"

    def _announce(self) -> None:
        """Send the verdict through pytest as the report of a last test: it counts, and stands in JUnit."""
        assert self.verdict is not None
        nodeid, location = f"{self.tally.file}::verdict", (self.tally.file, None, "verdict")
        names = [check.id for check in worst_first(self.verdict.checks) if check.blocks]
        reasons = printable("\n".join(["BLOCK", *names]))
        hook = self.config.hook
        hook.pytest_runtest_logstart(nodeid=nodeid, location=location)
        for when in ("call", "teardown"):
            bad = when == "call" and self.verdict.decision == "block"
            report = pytest.TestReport(
                nodeid=nodeid,
                location=location,
                keywords={},
                outcome="failed" if bad else "passed",
                longrepr=reasons if bad else None,
                when=when,
                user_properties=[("mlgate:decision", self.verdict.decision), ("mlgate:stage", self.stage)],
            )
            hook.pytest_runtest_logreport(report=report)
        hook.pytest_runtest_logfinish(nodeid=nodeid, location=location)

    def _explain(self) -> str:
        """Return the command that explains a check, as it works in this folder."""
        from pytest_mlgate.config import nearest_config
        from pytest_mlgate.problems import ConfigError, short

        assert self.settings.path is not None
        with contextlib.suppress(ConfigError):
            if nearest_config() == self.settings.path:
                return "mlgate explain"
        return f"mlgate explain --config {shlex.quote(short(self.settings.path))}"

    def _written(self) -> dict[str, Path]:
        from pytest_mlgate.reports import KINDS

        folder = self.settings.results
        return {kind: folder / KINDS[kind] for kind in dict.fromkeys(self.config.getoption("mlgate_report"))}

    def _write_reports(self, verdict: Verdict) -> None:
        from pytest_mlgate.reports import broken_rows, render

        evidence = self.tally.evidence()
        broken_rows.write(evidence, self.settings.results)
        write_evidence(verdict, evidence, self.settings.results / "evidence.json")
        summary = os.environ.get("GITHUB_STEP_SUMMARY")
        if summary:
            self._summarise(Path(summary), verdict)
        run: Run | None = None
        for kind, path in self._written().items():
            try:
                run = run or self._run(verdict)  # for the first, for all: where checks stand is read from files
                write_atomically(path, render(kind, run))
            except Exception as error:  # whatever it is, verdict and evidence are written, and the other reports can be
                self.trouble.append(f"the {kind} report could not be written: {error or type(error).__name__}")

    def _summarise(self, path: Path, verdict: Verdict) -> None:
        """Append to the summary of the job, which is shown whole or, where it is too long, not at all."""
        from pytest_mlgate.reports import markdown

        with open(path, "ab") as file:
            room = markdown.SUMMARY - file.tell()
            text = markdown.summary(verdict, limit=room).encode("utf-8", "backslashreplace")
            if len(text) <= room:
                file.write(text)
                return
        self.notes.append("the job's summary has no room for this one: earlier ones fill the 1 MiB that is shown")

    def _run(self, verdict: Verdict) -> Run:
        """Return what reports are made of."""
        from pytest_mlgate.governance.facts import job_url
        from pytest_mlgate.reports import Run
        from pytest_mlgate.reports.places import from_root, places_of, repository_root

        path = self.settings.path
        assert path is not None
        root = repository_root(self.settings.folder)
        rootdir = self.config.rootpath
        tests = {name: (rootdir / file, line) for name, (file, line) in self.tally.lines.items()}
        card = verdict.identity["inputs"].get("card", {}).get("source")
        return Run(
            verdict=verdict,
            config=from_root(path, root) or path.name,
            places=places_of(verdict.checks, self.settings, root, tests=tests, card=card),
            evidence=self.tally.evidence(),
            url=job_url(),
        )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
