"""Workflow commands that put blocking checks on the line of the configuration they come from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_mlgate.checks import Check, Outcome, worst_first
from pytest_mlgate.config import Config
from pytest_mlgate.reports.text import printable
from pytest_mlgate.verdict import Verdict


def workflow_commands(verdict: Verdict, settings: Config, workspace: Path) -> Iterator[str]:
    """Yield one ``::error`` for each check that blocks and one ``::warning`` for each that is left open."""
    lines = {(entry.gate.name, entry.entry): entry.line for entry in settings.entries}
    for check in worst_first(verdict.checks):
        if check.outcome is Outcome.PASS:
            continue
        command = "error" if check.blocks else "warning"
        place = [f"title={_property(check.id)}"]
        if settings.path is not None and (check.gate, check.entry) in lines:
            place = [
                f"file={_property(_relative(settings.path, workspace))}",
                f"line={lines[check.gate, check.entry] or 1}",
                *place,
            ]
        yield f"::{command} {','.join(place)}::{_data(_text(check))}"


def _text(check: Check) -> str:
    return f"{check.outcome.value}: {check.message}" + (f"\nfix: {check.fix}" if check.fix else "")


def _data(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _relative(path: Path, workspace: Path) -> str:
    return path.relative_to(workspace).as_posix() if path.is_relative_to(workspace) else path.as_posix()
