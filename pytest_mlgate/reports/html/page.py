"""From a verdict and its evidence to the values that the template shows: what blocks first, then everything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pytest_mlgate.checks import worst_first
from pytest_mlgate.reports.html.building import MOST_CARDS, MOST_LINES, Builder
from pytest_mlgate.reports.html.identity import environment, facts, identity, waivers
from pytest_mlgate.reports.html.parts import grouped, name_of
from pytest_mlgate.reports.html.view import Gate, Page
from pytest_mlgate.verdict import Verdict, unresolved


def build(verdict: Verdict, evidence: Mapping[str, Any], *, notes: Sequence[str] = ()) -> Page:
    """Return the page of a verdict.

    Parameters
    ----------
    verdict : Verdict
    evidence : Mapping
        By the id of its check.
    notes : sequence of str
        What a reader has to know of the page itself.
    """
    builder = Builder(verdict, evidence)
    blocking = [check for check in worst_first(verdict.checks) if check.blocks]
    cards = tuple(map(builder.card, blocking[:MOST_CARDS]))
    more = tuple(map(builder.line, blocking[MOST_CARDS : MOST_CARDS + MOST_LINES]))
    open_ones = unresolved(verdict.checks)
    gates = tuple(builder.gates())
    said = [*notes, *_lines_alone(len(blocking)), *(text for gate in gates for text in _left_out(gate))]
    return Page(
        model=name_of(verdict.model),
        stage=verdict.stage,
        decision=verdict.decision,
        conclusion=conclusion(verdict),
        facts=tuple(facts(verdict)),
        notes=verdict.notes,
        blocking=cards,
        more_blocking=more,
        unresolved=tuple(map(builder.line, open_ones[:MOST_LINES])),
        waived=waivers(verdict),
        gates=gates,
        identity=tuple(identity(verdict)),
        environment=tuple(environment(verdict)),
        left_out=tuple(said),
        digest=verdict.to_json()["digest"],
        version=version("pytest-mlgate"),
    )


def conclusion(verdict: Verdict) -> str:
    """Return the decision in a sentence."""
    total = _checks(len(verdict.checks))
    blocking = sum(check.blocks for check in verdict.checks)
    if verdict.decision == "block":
        if not blocking:
            return "; ".join(verdict.reasons)
        return f"{grouped(blocking)} of {total} {'blocks' if blocking == 1 else 'block'}."
    open_ones = len(unresolved(verdict.checks))
    rest = f" {grouped(open_ones)} {'is' if open_ones == 1 else 'are'} not a pass, and not blocking at this stage."
    return f"{total}, none blocks.{rest if open_ones else ''}"


def _checks(count: int) -> str:
    return "1 check" if count == 1 else f"{grouped(count)} checks"


def _lines_alone(blocking: int) -> list[str]:
    if blocking <= MOST_CARDS:
        return []
    rest = f"{grouped(blocking - MOST_CARDS)} of {grouped(blocking)} checks that block"
    return [f"{rest} are listed in a line each, without their evidence"]


def _left_out(gate: Gate) -> list[str]:
    return [
        f"{' '.join(filter(None, (gate.name, entry.name)))}: {text}"
        for entry in gate.entries
        for text in entry.left_out
    ]
