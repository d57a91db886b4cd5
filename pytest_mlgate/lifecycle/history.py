"""Questions about the past: what was in which stage then, and how long things took."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pytest_mlgate.lifecycle.ledger import Ledger, Line
from pytest_mlgate.lifecycle.states import PRODUCTION, State

CANARY = "pre-production"


def states_at(ledger: Ledger, moment: datetime) -> tuple[State, ...]:
    """Return what was the case at a moment: one answer, or several that the ledger cannot tell apart.

    There are several where a clock went back, so that an event stands after one of a later time; and between the time
    at which two branches of the code parted and the merge of their histories.

    Parameters
    ----------
    ledger : Ledger
    moment : datetime
        With a time zone.
    """
    early = {line.digest for line in ledger.lines if line.event.moment <= moment}
    surely: set[str] = set()
    for line in ledger.lines:
        if line.digest in early and all(parent in surely for parent in line.event.parents if parent):
            surely.add(line.digest)
    perhaps = set(early)
    for line in reversed(ledger.lines):
        if line.digest in perhaps:
            perhaps.update(parent for parent in line.event.parents if parent is not None)
    found: list[State] = []
    for known in (surely, perhaps):
        for head in _heads(ledger, known):
            if ledger.states[head] not in found:
                found.append(ledger.states[head])
    return tuple(found)


def _heads(ledger: Ledger, known: set[str]) -> list[str | None]:
    followed = {parent for line in ledger.lines if line.digest in known for parent in line.event.parents}
    heads: list[str | None] = [
        line.digest for line in ledger.lines if line.digest in known and line.digest not in followed
    ]
    return heads or [None]


def backward(ledger: Ledger) -> Iterator[tuple[Line, Line]]:
    """Yield every line that is of an earlier time than one that it follows, after that one."""
    for line in ledger.lines:
        for parent in line.event.parents:
            before = ledger.by_digest.get(parent or "")
            if before is not None and line.event.moment < before.event.moment:
                yield before, line


@dataclass(frozen=True, kw_only=True, slots=True)
class Delay:
    """How long one thing took.

    Attributes
    ----------
    what : str
        ``verdict to pre-production``, ``verdict to production``, ``notice to rollback``, ...
    model, version : str
    seconds : float
        Below 0 where a clock went back.
    line : int
        Where the event stands.
    """

    what: str
    model: str
    version: str
    seconds: float
    line: int


def delays(ledger: Ledger, model: str | None = None) -> Iterator[Delay]:
    """Yield the time from a verdict to the canary and to production, and from a notice of trouble to the reaction."""
    for line, event in ledger.events(model):
        spans = []
        if event.event == "promote" and event.to_stage in (CANARY, PRODUCTION) and event.verdict is not None:
            spans.append((f"verdict to {event.to_stage}", event.verdict.finished))
        if event.noticed is not None:
            spans.append((f"notice to {event.event}", event.noticed))
        for what, since in spans:
            seconds = (event.moment - datetime.fromisoformat(since)).total_seconds()
            yield Delay(what=what, model=event.model, version=event.version, seconds=seconds, line=line.number)
