"""The table at the end of a run, and the sentence below it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import worst_first
from pytest_mlgate.reports.table import Row, rows
from pytest_mlgate.reports.text import one_line, printable
from pytest_mlgate.verdict import Verdict, unresolved

_COLOURS = {"pass": "green", "fail": "red", "error": "red"}


def write(terminal: Any, verdict: Verdict, explain: str, reports: Mapping[str, Path], trouble: Iterable[str]) -> None:
    """Write a verdict to pytest's terminal reporter; ``explain`` is the command that explains a check."""
    write_rows(terminal, verdict)
    for note in (*verdict.notes, *trouble):
        terminal.write_line(f"note: {one_line(note)}", yellow=True)
    good = verdict.decision == "promote"
    terminal.write_line(printable(conclusion(verdict, explain)), bold=True, **{"green" if good else "red": True})
    for path in reports.values():
        terminal.write_line(f"report: {_near(path)}")


def write_rows(terminal: Any, verdict: Verdict) -> None:
    """Write the table alone."""
    terminal.section(one_line(f"mlgate: {verdict.model} -> {verdict.stage}"), sep="=", bold=True)
    table = rows(verdict.checks)
    for row, line in zip(table, lines(table), strict=True):
        terminal.write_line(line, **{_colour(row): True})


def lines(table: list[Row]) -> list[str]:
    """Return the rows of a verdict as aligned text; a name that is too long moves only its own line."""
    shown = [replace(row, subject=one_line(row.subject), message=one_line(row.message)) for row in table]
    gate, subject, state = [
        min(limit, max((len(getattr(row, part)) for row in shown), default=0))
        for part, limit in (("gate", 16), ("subject", 32), ("state", 19))
    ]
    return [
        f"{row.gate:<{gate}}  {row.subject:<{subject}}  {row.state:<{state}}  {row.message}".rstrip() for row in shown
    ]


def conclusion(verdict: Verdict, explain: str = "") -> str:
    """Return the decision in a line: what blocks, or what is left open although it does not."""
    count = len(verdict.checks)
    total = "1 check" if count == 1 else f"{count} checks"
    blocking = [check for check in worst_first(verdict.checks) if check.blocks]
    if verdict.decision == "block":
        if not blocking:
            return f"BLOCK: {'; '.join(verdict.reasons)}"
        verb = "blocks" if len(blocking) == 1 else "block"
        command = f"   {explain} {shlex.quote(blocking[0].id)}" if explain else ""
        return f"BLOCK: {len(blocking)} of {total} {verb}.{command}"
    open_ones = unresolved(verdict.checks)
    rest = f"; {len(open_ones)} listed above not a pass, and not blocking at this stage" if open_ones else ""
    return f"PROMOTE: {total}, none blocks{rest}."


def _colour(row: Row) -> str:
    word = row.state.split(" ", 1)[0]
    return _COLOURS.get(word, "yellow") if row.blocks or word == "pass" else "yellow"


def _near(path: Path) -> str:
    relative = os.path.relpath(path)
    return relative if not relative.startswith("..") else str(path)
