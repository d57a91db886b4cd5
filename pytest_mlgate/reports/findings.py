"""What reports that list problems have in common: which checks they list, and the name of one that stays the same."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from pytest_mlgate.checks import Check, Outcome, Severity, worst_first
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.places import Place
from pytest_mlgate.reports.text import one_line

_NAME = 300


def findings(checks: Iterable[Check]) -> list[Check]:
    """Return the checks that are no pass, the worst first; without those that did not apply, which were only noted."""
    return [
        check
        for check in worst_first(checks)
        if check.outcome is not Outcome.PASS
        and not (check.outcome is Outcome.SKIP and check.severity is Severity.NOTE and check.waiver is None)
    ]


def fingerprint(run: Run, check: Check) -> str:
    """Return 32 hexadecimal digits that a check has in every run, whatever it finds and on whichever line it stands."""
    name = f"{run.config}\0{check.code}\0{check.id}"
    return hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def name_of(run: Run, check: Check) -> str:
    """Return a check's id on one line; a very long one is cut, and two of them stay two."""
    name = check.id
    return one_line(name if len(name) <= _NAME else f"{name[:_NAME]} ... {fingerprint(run, check)[:8]}")


def place(run: Run, check: Check) -> Place:
    """Return where a check stands; where that is not known, the configuration."""
    return run.places.get(check.id, Place(file=run.config))
