"""The table at the end of a run, and the sentence below it."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import worst_first
from pytest_mlgate.reports.signs import fitting
from pytest_mlgate.reports.table import Row, rows
from pytest_mlgate.reports.text import columns, one_line, printable, wrapped
from pytest_mlgate.verdict import Verdict, unresolved

_MOST = 3
"""Lines of a message that does not fit beside its name; `mlgate explain` and -v have all of it."""
_COLOURS = {"pass": "green", "fail": "red", "error": "red"}


def write(terminal: Any, verdict: Verdict, explain: str, reports: Mapping[str, Path], trouble: Iterable[str]) -> None:
    """Write a verdict to pytest's terminal reporter; ``explain`` is the command that explains a check.

    With ``-q`` only what is not a pass has a row, with ``-qq`` nothing has; with ``-v`` every check has one, and with
    ``-vv`` it says what to do.
    """
    write_rows(terminal, verdict)
    width = columns(isatty=terminal.isatty)
    for note in (*verdict.notes, *trouble):
        _write(terminal, "\n".join(wrapped(f"note: {one_line(note)}", width)), yellow=True)
    good = verdict.decision == "promote"
    _write(terminal, concluded(verdict, explain, width), bold=True, **{"green" if good else "red": True})
    for path in reports.values():
        _write(terminal, f"report: {_near(path)}")


def write_rows(terminal: Any, verdict: Verdict) -> None:
    """Write the table alone."""
    terminal.section(_shown(terminal, one_line(f"mlgate: {verdict.model} -> {verdict.stage}")), sep="=", bold=True)
    verbosity = terminal.verbosity
    if verbosity < -1:
        return
    table = rows(verdict.checks, each=verbosity > 0)
    if verbosity < 0:
        table = [row for row in table if row.state != "pass"]
    width = columns(isatty=terminal.isatty)
    for row, text in zip(table, narrowed(table, width, shorten=verbosity < 1), strict=True):
        fix = wrapped(f"    fix: {one_line(row.fix)}", width) if verbosity > 1 and row.fix else []
        _write(terminal, "\n".join([text, *fix]), **{_colour(row): True})


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


def narrowed(table: list[Row], width: int, *, shorten: bool) -> list[str]:
    """Return the rows as :func:`lines` does, each broken to a width; ``shorten``: a message has three lines at most."""
    return [
        _narrow(line, one_line(row.message), width, shorten=shorten)
        for row, line in zip(table, lines(table), strict=True)
    ]


def _narrow(line: str, message: str, width: int, *, shorten: bool) -> str:
    """Return a row in lines of a width: a message that does not fit beside goes below, in three lines if shortened."""
    if len(line) <= width or not message:
        return line
    head, below = line.removesuffix(message).rstrip(), wrapped(message, width, indent=4)
    if shorten and len(below) > _MOST:
        below = [*below[: _MOST - 1], f"{below[_MOST - 1][: width - 4].rstrip()} ..."]
    return "\n".join([head, *below])


def _write(terminal: Any, text: str, **markup: bool) -> None:
    for line in _shown(terminal, text).split("\n"):
        terminal.write_line(line, **markup)


def _shown(terminal: Any, text: str) -> str:
    writer = terminal.config.get_terminal_writer()
    return fitting(text, getattr(writer, "_file", None))  # pytest would escape the whole line for one sign


def concluded(verdict: Verdict, explain: str, width: int) -> str:
    """Return :func:`conclusion` in lines of a width; the command stands whole on a line of its own: it is copied."""
    said = printable(conclusion(verdict, explain))
    if len(said) <= width:
        return said
    plain = printable(conclusion(verdict))
    command = said.removeprefix(plain).strip()
    return "\n".join([*wrapped(plain, width), *([f"    {command}"] if command else [])])


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
