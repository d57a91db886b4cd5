"""SARIF 2.1.0: what is no pass as results that GitHub's code scanning, and editors, put on their line.

Specification: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from pytest_mlgate.checks import Check, Severity
from pytest_mlgate.codes import all_codes
from pytest_mlgate.gates.base import Code
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.findings import findings, fingerprint, name_of, place
from pytest_mlgate.reports.table import state
from pytest_mlgate.reports.terminal import conclusion
from pytest_mlgate.reports.text import one_line, printable, shortened

RESULTS = 5_000
"""Results of a run that code scanning shows; of more it keeps the worst of its own choice."""
_MESSAGE = 4_000
_LEVELS = {Severity.BLOCK: "error", Severity.WARN: "warning", Severity.NOTE: "note"}


def render(run: Run) -> str:
    """Return the JSON of a SARIF log with one run."""
    log = {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [_run(run)]}
    return json.dumps(log, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _run(run: Run) -> dict[str, Any]:
    found = findings(run.verdict.checks)
    listed = found[:RESULTS]
    rules = sorted({check.code for check in listed})
    known = all_codes()
    return {
        "tool": {
            "driver": {
                "name": "mlgate",
                "fullName": "pytest-mlgate: quality gates for machine-learning models",
                "version": version("pytest-mlgate"),
                "rules": [_rule(code, known.get(code)) for code in rules],
            }
        },
        # up to its last slash the category, by which code scanning tells the models of a repository apart
        "automationDetails": {"id": f"mlgate/{_uri(run.config)}/"},
        "invocations": [_invocation(run, left_out=len(found) - len(listed))],
        "results": [_result(run, check, rules.index(check.code)) for check in listed],
        "properties": {
            "model": _line(run.verdict.model),
            "stage": run.verdict.stage,
            "decision": run.verdict.decision,
            "verdict": run.verdict.to_json()["digest"],
        },
    }


def _invocation(run: Run, *, left_out: int) -> dict[str, Any]:
    said: Sequence[str] = (conclusion(run.verdict), *run.verdict.notes)
    if left_out:
        said = (*said, f"{left_out} results more are left out: code scanning shows {RESULTS}; all are in the verdict")
    return {
        "executionSuccessful": True,
        "startTimeUtc": _utc(run.verdict.started),
        "endTimeUtc": _utc(run.verdict.finished),
        "toolExecutionNotifications": [{"level": "note", "message": {"text": _line(text)}} for text in said],
    }


def _rule(name: str, code: Code | None) -> dict[str, Any]:
    if code is None:  # of a third party's gate that cannot be loaded here
        return {"id": name, "shortDescription": {"text": name}, "help": {"text": name}}
    return {
        "id": name,
        "name": code.title,
        "shortDescription": {"text": code.title},
        "fullDescription": {"text": code.why},
        "help": {
            "text": f"{code.why}\n\nWhat to do: {code.fix}\n\nmlgate explain {name}",
            "markdown": f"{code.why}\n\n**What to do:** {code.fix}\n\n`mlgate explain {name}`",
        },
    }


def _result(run: Run, check: Check, rule: int) -> dict[str, Any]:
    at = place(run, check)
    text = f"{name_of(run, check)}: {state(check)}: {check.message}" + (
        f"\nWhat to do: {check.fix}" if check.fix else ""
    )
    mark = fingerprint(run, check)
    found: dict[str, Any] = {
        "ruleId": check.code,
        "ruleIndex": rule,
        "level": "error" if check.blocks else _LEVELS[check.severity],
        "message": {"text": _inert(printable(shortened(text, _MESSAGE)))},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": _uri(at.file), "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": at.line},
                },
                "logicalLocations": [{"fullyQualifiedName": name_of(run, check)}],
            }
        ],
        # The first is what GitHub goes by. It would be made from the line's text, which many checks share.
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:1", "mlgateCheck/v1": mark},
        "properties": {"outcome": check.outcome.value, "severity": check.severity.value},
    }
    if check.waiver is not None:
        waiver = check.waiver
        reason = _line(f"until {waiver.expires} by {waiver.author}: {waiver.reason}")
        found["suppressions"] = [{"kind": "external", "status": "accepted", "justification": reason}]
    return found


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogateescape"), safe="/")


def _line(text: str) -> str:
    return one_line(shortened(text, _MESSAGE))


def _inert(text: str) -> str:
    """Return text in which no reader finds a link: ``[text](target)`` is one in SARIF's plain text, too."""
    return text.replace("](", "] (")


def _utc(time: str) -> str:
    return time.replace("+00:00", "Z")
