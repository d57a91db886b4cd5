"""A verdict as Markdown: the job summary of a CI run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_mlgate.reports.table import rows
from pytest_mlgate.reports.terminal import conclusion
from pytest_mlgate.reports.text import one_line
from pytest_mlgate.verdict import Verdict


def render(verdict: Verdict) -> str:
    """Return a verdict as GitHub-flavoured Markdown, nothing of its text taken for markup."""
    return "\n".join(_lines(verdict)) + "\n"


def escape(text: str) -> str:
    """Return text that a Markdown table cell shows as it is: no markup, no HTML, no link, no line break."""
    entities = one_line(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#!|~@]|:(?=//))", r"\\\1", entities)


def _lines(verdict: Verdict) -> Iterator[str]:
    sign = "✅" if verdict.decision == "promote" else "❌"
    yield f"## {sign} mlgate: {escape(verdict.model)} → {escape(verdict.stage)}: **{verdict.decision}**"
    yield ""
    yield escape(conclusion(verdict))
    yield ""
    yield "| gate | subject | outcome | evidence |"
    yield "| --- | --- | --- | --- |"
    for row in rows(verdict.checks):
        state = f"**{row.state}**" if row.blocks else row.state
        yield f"| {escape(row.gate)} | {escape(row.subject)} | {state} | {escape(row.message)} |"
    yield ""
    for note in verdict.notes:
        yield f"- {escape(note)}"
    yield from ("", *_identity(verdict))


def _identity(verdict: Verdict) -> Iterator[str]:
    yield "<details><summary>What was judged</summary>"
    yield ""
    yield "| input | source | SHA-256 |"
    yield "| --- | --- | --- |"
    for name, evidence in verdict.identity.get("inputs", {}).items():
        digest = f"`{evidence['digest']}`" if evidence["digest"] else "none"
        yield f"| {escape(name)} | {escape(str(evidence.get('source', '')))} | {digest} |"
    yield ""
    code = verdict.identity.get("code") or {}
    if code.get("commit"):
        yield f"Code: `{code['commit']}`{'' if code['clean'] else ' with uncommitted changes'}. "
    yield f"Finished {escape(verdict.finished)}."
    yield ""
    yield "</details>"
