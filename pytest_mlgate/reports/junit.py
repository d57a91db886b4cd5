"""JUnit's XML with a test case for each check, as Jenkins and GitLab read it.

pytest's own ``--junitxml`` has a test case for each gate, which may have made fifty checks. Jenkins tells test cases
apart by class and name, GitLab too, and drops the second one of a name: the class is model and gate, the name the
check's id. The schema of Jenkins' xUnit plugin (junit-10.xsd) knows properties of suites only, so those of a check
stand at the suite of its gate, behind its id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from xml.etree import ElementTree as ET

from pytest_mlgate.checks import Check, Outcome, describe
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.findings import name_of
from pytest_mlgate.reports.table import state
from pytest_mlgate.reports.terminal import conclusion
from pytest_mlgate.reports.text import one_line, printable, shortened

_MESSAGE, _TEXT = 1_000, 20_000  # an attribute that is shown in a list, and what is shown when it is opened
_NUMBERS = ("observed", "limit", "p", "p_adjusted", "n")


def render(run: Run) -> str:
    """Return the XML of a run: a suite a gate, and one for the verdict."""
    checks = run.verdict.checks
    root = ET.Element("testsuites", name=_line(f"mlgate: {run.verdict.model} -> {run.verdict.stage}"))
    for (gate, entry), group in groupby(checks, key=lambda check: (check.gate, check.entry)):
        _suite(root, run, f"{gate}[{entry}]" if entry else gate, list(group))
    _verdict(root, run)
    total = {name: sum(int(suite.get(name, "0")) for suite in root) for name in ("tests", "failures", "errors")}
    for name, count in total.items():
        root.set(name, str(count))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, run: Run, name: str, checks: Sequence[Check]) -> None:
    suite = ET.SubElement(root, "testsuite", name=_line(name), timestamp=_line(run.verdict.started))
    properties = ET.SubElement(suite, "properties")
    for check in checks:
        for key, value in _properties(check):
            ET.SubElement(properties, "property", name=_unattached(f"{name_of(run, check)}.{key}"), value=_line(value))
    for check in checks:
        _case(suite, run, check)
    for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(len(list(suite.iter(tag)))))


def _properties(check: Check) -> Iterator[tuple[str, str]]:
    yield "code", check.code
    yield "outcome", check.outcome.value
    yield "severity", check.severity.value
    for name in _NUMBERS:
        value = getattr(check, name)
        if value is not None:
            yield name, repr(value)
    if check.interval is not None:
        ends = ["open" if end is None else repr(end) for end in (check.interval.low, check.interval.high)]
        yield "interval", f"{ends[0]} to {ends[1]} ({check.interval.level:.0%}, {check.interval.method})"
    if check.waiver is not None:
        waiver = check.waiver
        yield "waiver", f"until {waiver.expires} by {waiver.author}: {waiver.reason}"


def _case(suite: ET.Element, run: Run, check: Check) -> None:
    classname = _line(f"{run.verdict.model}.{check.gate}")
    case = ET.SubElement(suite, "testcase", classname=classname, name=_unattached(name_of(run, check)), time="0")
    place = run.places.get(check.id)
    text = describe(check) + (f"\n    at {place}" if place is not None else "")
    if check.outcome is Outcome.PASS:
        ET.SubElement(case, "system-out").text = _text(text)
        return
    # What is no pass and goes on is no failure either; as a skipped test it is seen.
    tag = "skipped" if not check.blocks else "error" if check.outcome is Outcome.ERROR else "failure"
    found = ET.SubElement(case, tag, type=check.outcome.value, message=_line(f"{state(check)}: {check.message}"))
    found.text = _text(text)


def _verdict(root: ET.Element, run: Run) -> None:
    verdict = run.verdict
    bad = verdict.decision != "promote"
    suite = ET.SubElement(root, "testsuite", name="verdict", timestamp=_line(verdict.started))
    counts = {"tests": "1", "failures": "1" if bad else "0", "errors": "0", "skipped": "0"}
    for name, count in counts.items():
        suite.set(name, count)
    properties = ET.SubElement(suite, "properties")
    said = {"model": verdict.model, "stage": verdict.stage, "decision": verdict.decision, "started": verdict.started}
    for key, value in {**said, "finished": verdict.finished, "digest": verdict.to_json()["digest"]}.items():
        ET.SubElement(properties, "property", name=key, value=_line(value))
    case = ET.SubElement(suite, "testcase", classname=_line(f"{verdict.model}.run"), name="verdict", time="0")
    if bad:
        failure = ET.SubElement(case, "failure", type="block", message=_line(conclusion(verdict)))
        failure.text = _text("\n".join(["BLOCK", *verdict.reasons]))


def _line(text: str) -> str:
    return _unattached(one_line(shortened(text, _MESSAGE)))


def _text(text: str) -> str:
    return _unattached(printable(shortened(text, _TEXT)))


def _unattached(text: str) -> str:
    """Return text in which GitLab finds no file to attach."""
    return text.replace("[[ATTACHMENT|", "[ [ATTACHMENT|")
