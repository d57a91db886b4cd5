"""The comment on a pull request: what blocks and what to do about it first, everything else folded up.

Its first line is a marker by which the next run finds it and writes it anew. GitHub takes 65 536 characters.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pytest_mlgate.checks import Check, worst_first
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.markdown import cell, fitting, identity, left_out, notes, size, title
from pytest_mlgate.reports.table import rows

LIMIT = 60_000
"""Bytes, and so characters, of the longest comment."""
MARKER = "<!-- mlgate-comment: "
_NAME, _CELL, _BRIEF = 300, 1_000, 300


def marker(config: str) -> str:
    """Return the first line of the comment on one configuration's model."""
    name = quote(config.encode("utf-8", "surrogateescape"), safe="/").replace("-", "%2D")  # no end of an HTML comment
    return f"{MARKER}{name} -->"


def render(run: Run) -> str:
    """Return the comment as Markdown of at most :data:`LIMIT` bytes; rows that do not fit are left out and counted."""
    verdict = run.verdict
    head = [marker(run.config), *title(verdict), ""]
    tail = ["", *notes(verdict), "", *identity(verdict), "", *_origin(run), ""]
    budget = LIMIT - size(head) - size(tail) - 1_000  # for the lines around the tables
    if budget < 0:  # notes and inputs alone fill it
        tail = ["", "**Notes and inputs are left out here for length; all are in `.mlgate/verdict.json`.**"]
        tail, budget = [*tail, "", *_origin(run), ""], LIMIT - size(head) - 2_000
    blocking = [check for check in worst_first(verdict.checks) if check.blocks]
    first = list(_table(run, blocking, budget))
    rest = list(_everything(run, budget - size(first)))
    return "\n".join([*head, *first, *rest, *tail])


def _table(run: Run, checks: list[Check], budget: int) -> Iterator[str]:
    if not checks:
        return
    yield "| blocks | where | evidence | what to do |"
    yield "| --- | --- | --- | --- |"
    kept = fitting((_row(run, check) for check in checks), budget)
    yield from kept
    yield ""
    left = len(checks) - len(kept)
    if left:
        yield left_out(left, left)
        yield ""


def _row(run: Run, check: Check) -> str:
    place = run.places.get(check.id)
    where = cell(str(place), _NAME) if place is not None else ""
    parts = [f"{cell(check.id, _NAME)}: {check.outcome.value}", where, cell(check.message, _CELL)]
    return f"| {' | '.join([*parts, cell(check.fix, _BRIEF)])} |"


def _everything(run: Run, budget: int) -> Iterator[str]:
    table = rows(run.verdict.checks)
    yield f"<details><summary>All {len(run.verdict.checks)} checks</summary>"
    yield ""
    yield "| gate | subject | outcome | evidence |"
    yield "| --- | --- | --- | --- |"
    lines = (
        f"| {cell(row.gate, _NAME)} | {cell(row.subject, _NAME)} | {row.state} | {cell(row.message, _BRIEF)} |"
        for row in table
    )
    kept = fitting(lines, budget)
    yield from kept
    yield ""
    if len(kept) < len(table):
        left = table[len(kept) :]
        yield left_out(len(left), sum(row.blocks for row in left))
        yield ""
    yield "</details>"


def _origin(run: Run) -> Iterator[str]:
    """Say which run and which verdict this is."""
    verdict = f"Verdict `{run.verdict.to_json()['digest'][:12]}`"
    yield f"{verdict}, [the run]({quote(run.url, safe=':/?=&%#')})." if run.url else f"{verdict}."
