"""The ledger: events as hash-chained JSON lines in one file, read and verified to the last byte.

Each line names the digest of the line before it, so that no line can be changed, taken out or put in between without
all later ones saying so. Lines taken from the end leave no trace in the file itself: git has them.

Branches of the code may each have events of their own. Their lines are never rewritten: a merge is a line that follows
both ends, and until it is written the ledger has two ends and answers no question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.events import Event, Merge, decode, encode
from pytest_mlgate.lifecycle.reconciling import reconcile
from pytest_mlgate.lifecycle.states import EMPTY, ModelState, State, apply
from pytest_mlgate.problems import short

_MARKER = re.compile(rb"(<{7}|\|{7}|={7}|>{7})( .*)?\r?")
_MERGE = "`mlgate ledger merge` keeps both histories"


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One event, and where it stands."""

    number: int
    event: Event | Merge
    digest: str
    raw: bytes


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """A ledger that was read, and found whole as far as it goes.

    Attributes
    ----------
    path : Path
    lines : tuple of Line
        Each after those that it follows.
    torn : bytes
        What stands after the last line break: a line whose writing was cut off, and which does not count.
    conflict : int or None
        The line with the first marker that a git merge left.
    """

    path: Path
    lines: tuple[Line, ...] = ()
    torn: bytes = b""
    conflict: int | None = None
    states: Mapping[str | None, State] = field(default_factory=lambda: {None: EMPTY}, repr=False)

    @cached_property
    def by_digest(self) -> Mapping[str, Line]:
        """The lines by their digests."""
        return {line.digest: line for line in self.lines}

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Digests of the lines that none follows: one, or more where histories were not merged."""
        followed = {parent for line in self.lines for parent in line.event.parents}
        return tuple(line.digest for line in self.lines if line.digest not in followed)

    @property
    def head(self) -> str | None:
        """Digest of the last line; None where there is none."""
        return self.heads[0] if self.heads else None

    @property
    def state(self) -> State:
        """What follows from all events."""
        return self.states[self.head]

    def model(self, name: str) -> ModelState:
        """Return what is known of a model; nothing is, where no event names it."""
        return self.state.get(name, ModelState())

    def events(self, model: str | None = None) -> Iterator[tuple[Line, Event]]:
        """Yield the events of a model, or of all, in their order."""
        for line in self.lines:
            if isinstance(line.event, Event) and model in (None, line.event.model):
                yield line, line.event

    def ancestors(self, digest: str | None) -> frozenset[str]:
        """Return the digests of a line and of all that it follows."""
        return ancestors(self.by_digest, digest)

    def whole(self) -> Ledger:
        """Return this ledger; InputError where it has two histories, and so answers no question."""
        place = short(self.path)
        if self.conflict is not None:
            raise InputError(f"{place}:{self.conflict}: a git merge left its conflict here", fix=_MERGE)
        if len(self.heads) > 1:
            numbers = ", ".join(str(self.by_digest[head].number) for head in self.heads)
            raise InputError(f"{place}: has {len(self.heads)} histories, which end in the lines {numbers}", fix=_MERGE)
        return self


def ancestors(lines: Mapping[str, Line], digest: str | None) -> frozenset[str]:
    """Return the digests of a line and of all that it follows."""
    found: set[str] = set()
    todo = [digest]
    while todo:
        here = todo.pop()
        if here is not None and here not in found:
            found.add(here)
            todo.extend(lines[here].event.parents)
    return frozenset(found)


def parse(data: bytes, path: Path) -> Ledger:
    """Return the ledger that a file's bytes are.

    Two histories, and the markers of a git merge between them, are read: :meth:`Ledger.whole` refuses them.

    Raises
    ------
    InputError
        At the first line that is no event, was changed, follows nothing that is there, or breaks a rule.
    """
    *whole, torn = data.split(b"\n")
    conflict = next((number for number, raw in enumerate(whole, 1) if _MARKER.fullmatch(raw)), None)
    lines: dict[str, Line] = {}
    states: dict[str | None, State] = {None: EMPTY}
    ids: set[str] = set()
    for number, raw in enumerate(whole, 1):
        if _MARKER.fullmatch(raw):
            continue
        try:
            line = _line(number, raw)
            if line.digest in lines:
                if conflict is None:
                    raise ValueError(f"is line {lines[line.digest].number} once more: delete one of them")
                continue  # both sides of a conflict may begin with the same lines
            _refuse_loose(line, lines)
            if line.event.id in ids:
                raise ValueError(f"has the id of another event: {line.event.id}")
            states[line.digest] = _after(line, lines, states)
        except (ValueError, InputError) as error:
            fix = (error.fix if isinstance(error, InputError) else "") or (
                "restore the file from git; `git log -p` shows which change broke it"
            )
            raise InputError(f"{short(path)}:{number}: {error}", fix=fix) from None
        lines[line.digest] = line
        ids.add(line.event.id)
    return Ledger(path=path, lines=tuple(lines.values()), torn=torn, conflict=conflict, states=states)


def extended(ledger: Ledger, event: Event | Merge) -> Ledger:
    """Return the ledger with one more line, which nothing cut off; InputError where it may not stand there."""
    raw = encode(event)[0].rstrip(b"\n")
    try:
        line = _line(len(ledger.lines) + 1, raw)
        _refuse_loose(line, ledger.by_digest)
    except ValueError as error:
        raise InputError(
            f"{short(ledger.path)}: the event {error}", fix="report it: no line of ours looks so"
        ) from None
    state = _after(line, ledger.by_digest, ledger.states)
    return Ledger(path=ledger.path, lines=(*ledger.lines, line), states={**ledger.states, line.digest: state})


def _line(number: int, raw: bytes) -> Line:
    event, digest = decode(raw)
    return Line(number=number, event=event, digest=digest, raw=raw)


def _refuse_loose(line: Line, lines: Mapping[str, Line]) -> None:
    for parent in line.event.parents:
        if parent is None and lines:
            raise ValueError("begins a second history: it names no line before it")
        if parent is not None and parent not in lines:
            raise ValueError(f"follows a line that is not there ({parent[:12]}): one was changed, taken out or moved")


def _after(line: Line, lines: Mapping[str, Line], states: Mapping[str | None, State]) -> State:
    event = line.event
    if isinstance(event, Event):
        return apply(states[event.previous], event)
    state = states[event.previous]
    seen = ancestors(lines, event.previous)
    for other in event.merged:
        of_other = ancestors(lines, other)
        if of_other <= seen:
            raise ValueError("merges a history that is merged already")
        common = [digest for digest in lines if digest in seen and digest in of_other]
        base = states[common[-1] if common else None]
        state = reconcile(base, state, states[other], event.serving)
        seen |= of_other
    return state
