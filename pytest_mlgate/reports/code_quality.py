"""GitLab's code-quality report: what is no pass, on its line, in the widget of a merge request.

Format: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import json
from typing import Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.findings import findings, fingerprint, name_of, place
from pytest_mlgate.reports.table import state
from pytest_mlgate.reports.text import one_line, shortened

_DESCRIPTION = 1_000


def render(run: Run) -> str:
    """Return the JSON of all findings, the worst first."""
    found = [_finding(run, check) for check in findings(run.verdict.checks)]
    return json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _finding(run: Run, check: Check) -> dict[str, Any]:
    at = place(run, check)
    text = f"{name_of(run, check)}: {state(check)}: {check.message}"
    return {
        "description": one_line(shortened(text, _DESCRIPTION)),
        "check_name": check.code,
        "fingerprint": fingerprint(run, check),
        "severity": _severity(check),
        "location": {"path": at.file, "lines": {"begin": at.line}},
    }


def _severity(check: Check) -> str:
    if check.blocks:
        return {Outcome.ERROR: "blocker", Outcome.FAIL: "critical"}.get(check.outcome, "major")
    return "minor" if check.severity is not Severity.NOTE and check.waiver is None else "info"
