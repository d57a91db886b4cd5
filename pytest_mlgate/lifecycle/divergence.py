"""Where a registry says otherwise than the ledger: not told yet, ahead of this ledger, or moved behind its back.

What a registry should say follows from the ledger alone. Each version's tag :data:`LINE` has the digest of the newest
line that is of it and has reached the registry, and is the last thing that is written there. So an alias that points
where that line or one since had let it is only behind; one that points anywhere else was moved by somebody; and a line
that this ledger does not have shows that this ledger is an old one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_mlgate.lifecycle.events import Event
from pytest_mlgate.lifecycle.ledger import Ledger, Line
from pytest_mlgate.lifecycle.reconciling import is_called
from pytest_mlgate.lifecycle.registries import Registry
from pytest_mlgate.lifecycle.states import EMPTY, PRODUCTION, RETIRED, ModelState

LINE = "mlgate.ledger"
"""The tag with the digest of the newest line of the ledger that is of a version, and has reached the registry."""

SYNC = "`mlgate registry sync`"


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One thing that a registry says otherwise than the ledger.

    Attributes
    ----------
    kind : str
        ``behind``: a line has not reached it yet. ``ahead``: it has a line that this ledger has not. ``moved``: an
        alias points elsewhere, though every line had reached it. ``gone``: a version is not there any more.
        ``unregistered``: what serves was never in it.
    message, fix : str
    stage : str
        Of an alias; empty for what concerns none.
    uri : str or None
        The version, or that to which the alias points.
    """

    kind: Literal["behind", "ahead", "moved", "gone", "unregistered"]
    message: str
    fix: str
    stage: str = ""
    uri: str | None = None

    def __str__(self) -> str:
        return self.message


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a registry says of a model, beside what the ledger says.

    Attributes
    ----------
    differences : tuple of Difference
        The gravest first.
    pending : tuple of Line
        Lines of registered versions that have not reached the registry, in their order.
    wanted, found : Mapping of str to (str or None)
        Where aliases should point, and where they do, by stage. Not among the first: a stage that no version of the
        registry ever came to, and one whose version is not registered.
    """

    differences: tuple[Difference, ...] = ()
    pending: tuple[Line, ...] = ()
    wanted: Mapping[str, str | None] = field(default_factory=dict)
    found: Mapping[str, str | None] = field(default_factory=dict)


def compare(ledger: Ledger, model: str, registry: Registry, aliases: Mapping[str, str]) -> Comparison:
    """Return where a registry says otherwise than the ledger of a model; nothing is changed.

    Parameters
    ----------
    ledger : Ledger
    model : str
    registry : Registry
    aliases : Mapping of str to str
        By stage.

    Raises
    ------
    InputError
        Where the registry does not answer: nothing is known then.
    """
    seen = _Seen(ledger, model, registry)
    wanted = _Wanted(ledger, model, aliases, ledger.head)
    # asked also where there is nothing to compare yet: that it answers is part of saying the same
    found = {stage: registry.alias(alias) for stage, alias in aliases.items()}
    differences = list(seen.differences())
    for stage in wanted.said:
        alias = aliases[stage]
        if stage not in wanted.uris:
            version = wanted.versions[stage]
            message = f"{version} is in {stage}, and no event says that the registry has it: nothing moves {alias}"
            fix = "set the alias yourself; the next version that goes there from the registry is followed again"
            differences.append(Difference(kind="unregistered", message=message, fix=fix, stage=stage))
        elif found[stage] != wanted.uris[stage]:
            only_behind = seen.was_let(stage, aliases, found[stage])
            differences.append(seen.alias(stage, alias, wanted.uris[stage], found[stage], only_behind=only_behind))
    grave = ("ahead", "moved", "gone", "unregistered", "behind")
    return Comparison(
        differences=tuple(sorted(differences, key=lambda one: grave.index(one.kind))),
        pending=tuple(seen.pending),
        wanted=wanted.uris,
        found=found,
    )


class _Seen:
    """What a registry has of each version: the newest line that has reached it."""

    def __init__(self, ledger: Ledger, model: str, registry: Registry) -> None:
        self.ledger, self.model, self.registry, self.state = ledger, model, registry, ledger.model(model)
        lines: dict[str, list[Line]] = {}
        for line, event in ledger.events(model):
            if event.registered is not None:
                lines.setdefault(event.registered, []).append(line)
        self.lines = lines
        self.tags = {uri: registry.tags(uri) for uri in lines}
        digests = [digest for digest in map(self.line_of, lines) if digest in ledger.by_digest]
        reached = [ledger.by_digest[digest] for digest in digests if digest is not None]
        self.reached = max(reached, key=lambda line: line.number).digest if reached else None
        self.pending = sorted((line for uri in lines for line in self._pending(uri)), key=lambda line: line.number)

    def line_of(self, uri: str) -> str | None:
        """Return the digest of the line that a version's tag names."""
        if uri not in self.tags:
            self.tags[uri] = self.registry.tags(uri)
        return (self.tags[uri] or {}).get(LINE)

    def was_let(self, stage: str, aliases: Mapping[str, str], found: str | None) -> bool:
        """Whether an alias points where the newest line that has reached the registry, or one since, had let it.

        Whoever was stopped may have set an alias and not told its line; so may several, one after the other. Where no
        line had let it anywhere, it may point to anything.
        """
        number = 0 if self.reached is None else self.ledger.by_digest[self.reached].number
        since = [line.digest for line in self.ledger.lines if line.number > number]
        then = [_Wanted(self.ledger, self.model, aliases, head) for head in (self.reached, *since)]
        return stage not in then[0].said or any(found == one.uris.get(stage, "unknown") for one in then)

    def _pending(self, uri: str) -> list[Line]:
        digest = self.line_of(uri)
        if self.tags[uri] is None or (digest is not None and digest not in self.ledger.by_digest):
            return []  # gone, or ahead of this ledger
        number = 0 if digest is None else self.ledger.by_digest[digest].number
        return [line for line in self.lines[uri] if line.number > number]

    def differences(self) -> Iterator[Difference]:
        stages = {version.registered: version.stage for version in self.state.versions.values()}
        for uri in self.lines:
            there = self.line_of(uri)
            if self.tags[uri] is None:
                if stages.get(uri, RETIRED) != RETIRED:
                    message = f"{self.named(uri)} is not in the registry any more"
                    yield Difference(kind="gone", message=message, fix="restore it there, or retire it here", uri=uri)
            elif there is not None and there not in self.ledger.by_digest:
                yield _ahead(self.named(uri), there, uri)
        for line in self.pending:
            event = line.event
            assert isinstance(event, Event)
            message = f"line {line.number} ({event.event} {event.version} to {event.to_stage}) has not reached it yet"
            yield Difference(kind="behind", message=message, fix=f"{SYNC} repeats the steps", uri=event.registered)

    def named(self, uri: str | None) -> str:
        """Return what a version is called, by the registry and by the ledger."""
        if uri is None:
            return "nothing"
        names = [name for name, version in self.state.versions.items() if version.registered == uri]
        return f"{uri} ({', '.join(names)})" if names else f"{uri} (no version that the ledger knows)"

    def alias(self, stage: str, alias: str, wanted: str | None, found: str | None, *, only_behind: bool) -> Difference:
        """Return what is different where an alias points elsewhere than it should."""
        there = None if found is None else self.line_of(found)
        if there is not None and there not in self.ledger.by_digest:
            return _ahead(f"{alias} -> {found}", there, found)
        message = f"{alias} points to {self.named(found)}, and by the ledger to {self.named(wanted)}"
        if only_behind:
            fix = f"{SYNC} repeats the steps"
            return Difference(kind="behind", message=f"{message}: not set yet", fix=fix, stage=stage, uri=found)
        new = "removed it, or it is new in `[lifecycle.aliases]`"
        message += f": somebody {new if found is None else 'moved it'}"
        fix = f"was it meant, record it (`mlgate rollback --to VERSION`); else `{SYNC[1:-1]} --restore` sets it back"
        return Difference(kind="moved", message=message, fix=fix, stage=stage, uri=found)


def _ahead(named: str, digest: str, uri: str | None) -> Difference:
    message = f"{named} carries the line {digest[:12]} of a ledger, which this one has not"
    return Difference(kind="ahead", message=message, fix="this ledger is an older one, or another: `git pull`", uri=uri)


class _Wanted:
    """Where aliases should point after a line, by stage.

    Attributes
    ----------
    said : list of str
        Stages that a version of the registry ever came to: where none did, an alias is not the ledger's to move.
    versions : dict of str to (str or None)
        The version that is meant.
    uris : dict of str to (str or None)
        What the registry calls it. Of a version that is not registered there is none.
    """

    def __init__(self, ledger: Ledger, model: str, aliases: Mapping[str, str], head: str | None) -> None:
        state = ledger.states.get(head, EMPTY).get(model, ModelState())
        past = ledger.ancestors(head)
        events = [event for line, event in ledger.events(model) if line.digest in past]
        reached = {event.to_stage for event in events if event.registered is not None}
        self.said = [stage for stage in aliases if stage in reached]
        self.versions = {
            stage: state.serving if stage == PRODUCTION else _newest_in(events, state, stage) for stage in self.said
        }
        self.uris = {
            stage: None if version is None else state.versions[version].registered
            for stage, version in self.versions.items()
            if version is None or state.versions[version].registered is not None
        }


def _newest_in(events: Collection[Event], state: ModelState, stage: str) -> str | None:
    """Return the version that came into a stage last, of those that are still there."""
    there = state.in_stage(stage)
    came = [
        name
        for event in events
        if event.to_stage == stage
        for name in there
        if is_called(name, event) and state.versions[name].artifact == event.artifact
    ]
    return came[-1] if came else None
