"""What was heard of the gates in a run, and what that comes to: checks, and the inputs they judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, worst_first
from pytest_mlgate.transport import test_name, without_group
from pytest_mlgate.verdict import not_run

if TYPE_CHECKING:
    import pytest

    from pytest_mlgate.config import Config, Entry
    from pytest_mlgate.transport import Record

# Tables that have to differ: a model is not judged on the rows it was fitted on, nor drift measured from itself.
_DISTINCT = (("train", "holdout"), ("reference", "current"))


class Tally:
    """Reports by test, and which tests there should have been.

    Parameters
    ----------
    settings : Config
    file : str
        What the node ids of the configured gates begin with.
    """

    def __init__(self, settings: Config, file: str) -> None:
        self.settings = settings
        self.file = file
        self.records: dict[str, list[list[Record]]] = {}
        self.failed: dict[str, list[Check]] = {}
        self.collected: set[str] = set()
        self.deselected: set[str] = set()
        self.reported: set[str] = set()
        self.lines: dict[str, tuple[str, int]] = {}  # by the name of a test: its file, and the line it begins on

    def expect(self, collected: Iterable[str], deselected: Iterable[str]) -> None:
        """Remember tests that run gates: those that were collected, and those that were then left out."""
        self.collected.update(collected)
        self.deselected.update(deselected)

    def add(self, report: pytest.TestReport) -> None:
        """Keep what a report says of gates; of repeated runs of one test all, so that the worst counts."""
        found = getattr(report, "mlgate", None)
        entry = self.entry_of(report.nodeid)
        nodeid = self.nodeid(entry) if entry is not None else without_group(report.nodeid)
        self.reported.add(nodeid)
        if entry is None:
            file, line, _ = report.location
            self.lines[test_name(nodeid)] = (file, (line or 0) + 1)
        if found:
            self.records.setdefault(nodeid, []).append(found)
        elif report.failed or report.skipped:
            if entry is not None:
                check = _without_result(entry.gate.name, entry.entry, report)
                self.failed.setdefault(nodeid, []).append(check)
            elif getattr(report, "mlgate_test", False):
                check = _without_result("test", test_name(nodeid), report)
                self.failed.setdefault(nodeid, []).append(check)

    def entry_of(self, nodeid: str) -> Entry | None:
        """Return the configured gate that a node id names."""
        file, _, name = nodeid.partition("::")
        if file != self.file:
            return None
        name = without_group(name)
        return next((entry for entry in self.settings.entries if entry.name == name), None)

    def nodeid(self, entry: Entry) -> str:
        """Return the node id of a configured gate."""
        return f"{self.file}::{entry.name}"

    def checks(self, why_not: Callable[[str], str]) -> list[Check]:
        """Return all checks: of configured gates in their order, then of handwritten tests, then of the run itself.

        Parameters
        ----------
        why_not : callable
            From the node id of a test that was not heard of to the reason.
        """
        return [*self._configured(why_not), *self._handwritten(why_not), *self._same_inputs()]

    def inputs(self) -> dict[str, Any]:
        """Return the digest and source of every model and table that the configured gates judged, by name."""
        found: dict[str, Any] = {}
        for name, evidence in self._judged():
            found.setdefault(name, evidence)
        return dict(sorted(found.items()))

    def evidence(self) -> dict[str, Any]:
        """Return what is kept beside the verdict, by the id of its check."""
        records = (record for runs in self.records.values() for run in runs for record in run)
        return {name: found for record in records for name, found in sorted(record["evidence"].items())}

    def _configured(self, why_not: Callable[[str], str]) -> Iterator[Check]:
        for entry in self.settings.entries:
            nodeid = self.nodeid(entry)
            runs, failed = self.records.get(nodeid, []), self.failed.get(nodeid, [])
            yield from _worst_of(runs, failed)
            if not runs and not failed:
                yield not_run(entry.gate.name, entry.entry, why_not(nodeid))

    def _handwritten(self, why_not: Callable[[str], str]) -> Iterator[Check]:
        own = {self.nodeid(entry) for entry in self.settings.entries}
        for nodeid in sorted({*self.records, *self.failed, *self.collected, *self.deselected} - own):
            runs = self.records.get(nodeid, [])
            # a test of the user's own that fails after its gates have answered is no matter of theirs
            yield from _worst_of(runs, () if runs else self.failed.get(nodeid, ()))
            if nodeid not in self.reported:
                yield not_run("test", test_name(nodeid), why_not(nodeid))

    def _same_inputs(self) -> Iterator[Check]:
        found = self.inputs()
        changed = {name for name, evidence in self._judged() if _changed(name, evidence, found[name])}
        for name in sorted(changed):
            message = f"{name} was not the same for every gate: it changed during the run"
            yield run_check("MLG003", name, message, "keep the inputs still while they are judged")
        for one, other in _DISTINCT:
            if _digests(found.get(one, {})) & _digests(found.get(other, {})):
                message = f"{one} and {other} are the same table ({found[other]['source']}): the answer means nothing"
                yield run_check("MLG005", other, message, f"give `{other}` rows that `{one}` does not hold")

    def _judged(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for entry in self.settings.entries:
            for run in self.records.get(self.nodeid(entry), []):
                for record in run:
                    yield from record["inputs"].items()


def _changed(name: str, evidence: Mapping[str, Any], first: Mapping[str, Any]) -> bool:
    """Whether an input is not what another gate judged; two entries may be about two cards."""
    another_card = name == "card" and evidence["source"] != first["source"]
    return evidence["digest"] != first["digest"] and not another_card


def _digests(evidence: Mapping[str, Any]) -> set[str]:
    """Return the digests of a table, or of a profile and the tables behind it."""
    return {evidence.get("digest", ""), *evidence.get("profile_of", ())} - {""}


def run_check(code: str, subject: str, message: str, fix: str) -> Check:
    """Return a check of the run itself."""
    return Check(code=code, gate="run", subject=subject, outcome=Outcome.ERROR, message=message, fix=fix)


def _worst_of(runs: list[list[Record]], failed: Iterable[Check] = ()) -> list[Check]:
    """Return the checks of one test; where it ran more than once, of each check the worst."""
    found: dict[str, Check] = {}
    made = (Check.from_json(check) for run in runs for record in run for check in record["checks"])
    for check in (*made, *failed):
        found[check.id] = worst_first([found.get(check.id, check), check])[0]
    return list(found.values())


def _without_result(gate: str, entry: str, report: pytest.TestReport) -> Check:
    """Return the check of a gate that never came to answer: its fixture failed, it crashed, or it was skipped."""
    text, _, fix = _reason(report).partition("\n    fix: ")
    return Check(
        code="MLG002",
        gate=gate,
        entry=entry,
        outcome=Outcome.SKIP if report.skipped else Outcome.ERROR,
        message=f"skipped: {text}" if report.skipped else text,
        fix=fix or "mend what the message names; the gate has judged nothing",
    )


def _reason(report: pytest.TestReport) -> str:
    longrepr = report.longrepr
    if isinstance(longrepr, tuple):
        return str(longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(longrepr, "reprcrash", None)
    text = str(crash.message if crash is not None else longrepr or "no reason given").strip()
    return text.removeprefix("Failed: ").removeprefix("NotConfigured: ")
