"""Workflow commands that put checks on the line they come from: of the configuration, the card or a test."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlgate.checks import Check
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.findings import findings, name_of, place
from pytest_mlgate.reports.table import state
from pytest_mlgate.reports.text import printable, shortened

EACH = 10
"""Errors, and as many warnings, that GitHub shows of one step."""
_TEXT = 4_000


def workflow_commands(run: Run) -> Iterator[str]:
    """Yield ``::error`` for checks that block and ``::warning`` for what is left open, the worst first, ten of each.

    Where there are more, the tenth says how many.
    """
    found = findings(run.verdict.checks)
    for command, checks in (
        ("error", [check for check in found if check.blocks]),
        ("warning", [check for check in found if not check.blocks]),
    ):
        shown = checks if len(checks) <= EACH else checks[: EACH - 1]
        yield from (_command(run, command, check) for check in shown)
        if len(shown) < len(checks):
            rest = f"{len(checks) - len(shown)} more {'block' if command == 'error' else 'are left open'}"
            yield f"::{command} title=mlgate::{rest}: GitHub shows {EACH} a step; all are in the verdict"


def _command(run: Run, command: str, check: Check) -> str:
    at = place(run, check)
    text = f"{state(check)}: {check.message}" + (f"\nfix: {check.fix}" if check.fix else "")
    where = f"file={_property(at.file)},line={at.line},title={_property(name_of(run, check))}"
    return f"::{command} {where}::{_data(shortened(text, _TEXT))}"


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
