"""A verdict as Markdown: the job summary of a CI run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from pytest_mlgate.reports import Run
from pytest_mlgate.reports.table import Row, rows
from pytest_mlgate.reports.terminal import conclusion
from pytest_mlgate.reports.text import one_line, shortened
from pytest_mlgate.verdict import Verdict

SUMMARY = 1024 * 1024
"""Bytes that GitHub takes as the summary of one step; of more it shows nothing."""
_NAME, _CELL, _NOTES = 300, 2_000, 50


def render(run: Run) -> str:
    """Return a run's verdict as GitHub-flavoured Markdown, nothing of its text taken for markup."""
    return summary(run.verdict)


def summary(verdict: Verdict, *, limit: int = SUMMARY) -> str:
    """Return a verdict as Markdown of at most ``limit`` bytes; rows that do not fit are left out and counted."""
    table = rows(verdict.checks)
    head = [*title(verdict), "", "| gate | subject | outcome | evidence |", "| --- | --- | --- | --- |"]
    tail = ["", *notes(verdict), "", *identity(verdict)]
    lines = [_row(row) for row in table]
    kept = fitting(lines, limit - size(head) - size(tail) - 200)
    left = table[len(kept) :]
    said = [f"\n{left_out(len(left), sum(row.blocks for row in left))}"] if left else []
    return "\n".join([*head, *kept, *said, *tail]) + "\n"


def escape(text: str) -> str:
    """Return text that a Markdown table cell shows as it is: no markup, no HTML, no link, no mention, no line break."""
    entities = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    marked = re.sub(r"([\\`*_{}\[\]()#!|~]|:(?=//)|(?i:(?<=www))\.)", r"\\\1", entities)
    return marked.replace("@", "@&#8203;")  # GitHub looks for names after escapes are gone; a blank of no width is none


def cell(text: str, limit: int = _CELL) -> str:
    """Return text as :func:`escape` does, a long one shortened."""
    return escape(shortened(text, limit))


def title(verdict: Verdict) -> Iterator[str]:
    """Yield the heading and the sentence below it."""
    sign = "✅" if verdict.decision == "promote" else "❌"
    model, stage = cell(verdict.model, _NAME), escape(verdict.stage)
    yield f"## {sign} mlgate: {model} → {stage}: **{verdict.decision}**"
    yield ""
    yield cell(conclusion(verdict).replace(" listed above", ""))


def notes(verdict: Verdict) -> Iterator[str]:
    """Yield the verdict's notes as a list."""
    for note in verdict.notes[:_NOTES]:
        yield f"- {cell(note)}"
    if len(verdict.notes) > _NOTES:
        yield f"- {len(verdict.notes) - _NOTES} more notes are in the verdict"


def identity(verdict: Verdict) -> Iterator[str]:
    """Yield what was judged, folded up."""
    yield "<details><summary>What was judged</summary>"
    yield ""
    yield "| input | source | SHA-256 |"
    yield "| --- | --- | --- |"
    for name, evidence in verdict.identity.get("inputs", {}).items():
        digest = f"`{evidence['digest']}`" if evidence["digest"] else "none"
        yield f"| {cell(name, _NAME)} | {cell(str(evidence.get('source', '')), _NAME)} | {digest} |"
    yield ""
    code = verdict.identity.get("code") or {}
    if code.get("commit"):
        yield f"Code: `{code['commit']}`{'' if code['clean'] else ' with uncommitted changes'}. "
    yield f"Finished {escape(verdict.finished)}."
    yield ""
    yield "</details>"


def fitting(lines: Iterable[str], limit: int) -> list[str]:
    """Return the first lines, as many as have ``limit`` bytes together."""
    kept: list[str] = []
    for line in lines:
        limit -= size([line])
        if limit < 0:
            break
        kept.append(line)
    return kept


def size(lines: Iterable[str]) -> int:
    """Return the bytes of lines, with their ends."""
    return sum(len(line.encode("utf-8", "backslashreplace")) + 1 for line in lines)


def left_out(count: int, blocking: int) -> str:
    """Say that rows did not fit."""
    rest = f"{count} more rows are" if count > 1 else "1 more row is"
    how = "all" if blocking == count else blocking or "none"
    return f"**{rest} left out here for length, {how} of them blocking; all are in `.mlgate/verdict.json`.**"


def _row(row: Row) -> str:
    state = f"**{row.state}**" if row.blocks else row.state
    return f"| {cell(row.gate, _NAME)} | {cell(row.subject, _NAME)} | {state} | {cell(row.message)} |"
