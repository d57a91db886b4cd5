"""What follows from a ledger's events: each version's stage, what serves, what one may go back to, what may come next.

Every rule of the lifecycle stands here once: a promotion asks it before its event is written, and whoever reads a
ledger asks it of every line.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.events import FIRST_VERSION, Event, FileSeen, Kind, RollbackTarget, now
from pytest_mlgate.policy import STAGES, expired

PRODUCTION, RETIRED = "production", "retired"
SERVING = (PRODUCTION, "monitoring")
"""Stages in which a version may serve."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Version:
    """What a ledger says of one version.

    Attributes
    ----------
    artifact, path : str
        SHA-256 of its file, and where it lay when it was last named.
    stage : str
    held : frozenset of str
        Every stage that it was in.
    forced : tuple of str
        What was ever overridden for it; stays for ever.
    kept : Mapping of str to FileSeen
        What the archive has of it, the newest of each.
    registered : str or None
        Where a registry has it, as it was last named.
    """

    artifact: str
    path: str
    stage: str
    held: frozenset[str] = frozenset()
    forced: tuple[str, ...] = ()
    kept: Mapping[str, FileSeen] = field(default_factory=dict)
    registered: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelState:
    """What a ledger says of one model.

    Attributes
    ----------
    versions : Mapping of str to Version
    stack : tuple of str
        Versions that served and that one may go back to, the one that serves last.
    """

    versions: Mapping[str, Version] = field(default_factory=dict)
    stack: tuple[str, ...] = ()

    @property
    def serving(self) -> str | None:
        """The version that serves; None where none does."""
        return self.stack[-1] if self.stack else None

    def target(self, version: str | None = None) -> str | None:
        """Return what one would go back to if ``version`` served; default: from what serves now."""
        serving = self.serving if version is None else version
        others = [name for name in self.stack if name != serving]
        return others[-1] if others else None

    def in_stage(self, stage: str) -> tuple[str, ...]:
        """Return the versions in a stage, in the order in which they became known."""
        return tuple(name for name, version in self.versions.items() if version.stage == stage)


def next_event(known: ModelState, kind: Kind, *, version: str, **said: Any) -> Event:
    """Return the event that follows from what is known of a model now; what else it says are keywords of the event.

    Of a version that the ledger knows, ``artifact``, ``path`` and ``registered`` are what it knows, unless ``said`` has
    others.
    """
    found = known.versions.get(version)
    of_version: dict[str, Any] = {}
    if found is not None:
        of_version = {"artifact": found.artifact, "path": found.path, "registered": found.registered}
    return Event(
        event=kind,
        id=uuid.uuid4().hex,
        time=now(),
        version=version,
        from_stage=None if found is None else found.stage,
        from_version=known.serving,
        **{**of_version, **said},
    )


State = Mapping[str, ModelState]
EMPTY: State = {}


def allowed(from_stage: str | None, to_stage: str) -> bool:
    """Whether there is an edge: one stage up, to any earlier one, and from every stage but ``retired`` to it."""
    if from_stage == RETIRED:
        return False
    if to_stage == RETIRED:
        return from_stage is not None
    here = -1 if from_stage is None else STAGES.index(from_stage)
    there = STAGES.index(to_stage)
    # what nothing is known of is being explored: it may go to validation at once
    return there < here or there == here + 1 or (from_stage is None and there == 1)


def apply(state: State, event: Event) -> State:
    """Return the state after an event.

    Raises
    ------
    InputError
        Where the event breaks a rule of the lifecycle.
    """
    model = state.get(event.model, ModelState())
    return {**state, event.model: _RULES[event.event](model, event)}


def refuse_edge(model: ModelState, name: str, version: str, to_stage: str) -> None:
    """Raise :class:`InputError` where a version of model ``name`` may not be promoted to a stage, whoever forces it."""
    known = model.versions.get(version)
    here = None if known is None else known.stage
    label = f"version {version!r} of {name}"
    if here == RETIRED:
        raise InputError(f"{label} is retired, and nothing leaves retired", fix="promote another version")
    if to_stage == RETIRED:
        raise InputError("a version is not promoted to retired", fix="`mlgate retire` retires it")
    if not allowed(here, to_stage):
        raise InputError(f"{label} is in {here or 'no stage yet'}, from where it {_way(here, to_stage)}", fix=_up(here))
    if to_stage not in SERVING:
        _refuse_to_lose(model, name, version, f"moved to {to_stage}")


def _way(here: str | None, to_stage: str) -> str:
    return "cannot be promoted to the same stage" if here == to_stage else f"cannot go to {to_stage} at once"


def _up(here: str | None) -> str:
    following = STAGES[1] if here is None else STAGES[min(STAGES.index(here) + 1, len(STAGES) - 2)]
    if here in SERVING:
        return "`mlgate rollback --to` lets a version serve that once did"
    return f"the next stage is {following}"


def _refuse_to_lose(model: ModelState, name: str, version: str, what: str) -> None:
    """Refuse to take what serves, or the only version that one could go back to."""
    if version == model.serving:
        raise InputError(
            f"version {version!r} of {name} serves, and cannot be {what}",
            fix="promote another version to production, or roll back, first",
        )
    if version in model.stack and len(model.stack) == 2:
        raise InputError(
            f"version {version!r} of {name} is the only one to roll back to from {model.serving!r}, "
            f"and cannot be {what}",
            fix="it can once another version was promoted to production",
        )


def _promote(model: ModelState, event: Event) -> ModelState:
    refuse_edge(model, event.model, event.version, event.to_stage)
    _refuse_mismatch(model, event)
    if event.to_stage == PRODUCTION:
        _refuse_unfounded(model, event)
    if event.forced and not event.reason.strip():
        raise InputError("a forced promotion needs a reason", fix="say why in `reason`")
    stack = model.stack
    if event.to_stage == PRODUCTION:
        stack = (*(name for name in stack if name != event.version), event.version)
    elif event.to_stage not in SERVING:
        stack = tuple(name for name in stack if name != event.version)
    return ModelState(versions=_moved(model, event), stack=stack)


def _refuse_unfounded(model: ModelState, event: Event) -> None:
    """Refuse a promotion to production without a verdict for it, or without a way back, unless it was forced."""
    target = model.target(event.version)
    if event.rollback_target is None:
        raise InputError("a promotion to production names a rollback target", fix="or says `first_version`")
    if isinstance(event.rollback_target, RollbackTarget):
        named: str | None = event.rollback_target.version
    else:
        named = None
    if named != target:
        serves = f"{target!r} is what one would go back to" if target else "there is no version to go back to"
        raise InputError(
            f"the rollback target of a promotion is {named or FIRST_VERSION!r}, and {serves}", fix="promote again"
        )
    if isinstance(event.rollback_target, RollbackTarget):
        version = model.versions[event.rollback_target.version]
        if version.artifact != event.rollback_target.digest:
            raise InputError(
                f"the rollback target {named!r} is another file than the ledger knows", fix="name its own digest"
            )
    if event.forced:
        return
    seen = event.verdict
    if seen is None or seen.decision != "promote" or seen.stage != PRODUCTION:
        raise InputError(
            f"version {event.version!r} of {event.model} has no verdict that promotes it to production",
            fix="run the gates for that stage; or force it, with a reason",
        )
    if isinstance(event.rollback_target, RollbackTarget) and not event.rollback_target.loads:
        raise InputError(f"the rollback target {named!r} does not load", fix="mend it; or force, with a reason")
    for waiver in event.waivers:
        if expired(waiver, event.moment.date()):
            raise InputError(
                f"the waiver of {waiver.check} is over since {waiver.expires}", fix="mend what it waived, or renew it"
            )


def _rollback(model: ModelState, event: Event) -> ModelState:
    refuse_rollback(model, event.model, event.version)
    _refuse_mismatch(model, event)
    _refuse_without_reason(event)
    if event.to_stage != PRODUCTION:
        raise InputError("a rollback leads to production", fix="`mlgate rollback` writes it so")
    if event.version in model.stack:  # what came after it is left behind, so that one more step leads further back
        stack = model.stack[: model.stack.index(event.version) + 1]
    else:
        stack = (*model.stack, event.version)
    return ModelState(versions=_moved(model, event), stack=stack)


def refuse_rollback(model: ModelState, name: str, version: str) -> None:
    """Raise :class:`InputError` where one may not go back to a version."""
    known = model.versions.get(version)
    label = f"version {version!r} of {name}"
    held = [other for other, found in model.versions.items() if _can_return(model, other, found)]
    fix = f"those that can: {', '.join(held)}" if held else "there is none that can; promote another version"
    if known is None:
        raise InputError(f"the ledger knows no {label}", fix=fix)
    if known.stage == RETIRED:
        raise InputError(f"{label} is retired, and no rollback target", fix=fix)
    if version == model.serving:
        raise InputError(f"{label} is what serves", fix=fix)
    if PRODUCTION not in known.held:
        raise InputError(f"{label} never was in production: a rollback restores what was", fix=fix)


def _can_return(model: ModelState, name: str, version: Version) -> bool:
    return PRODUCTION in version.held and version.stage != RETIRED and name != model.serving


def _retire(model: ModelState, event: Event) -> ModelState:
    refuse_retirement(model, event.model, event.version, ends_service=event.ends_service)
    _refuse_mismatch(model, event)
    _refuse_without_reason(event)
    if event.to_stage != RETIRED:
        raise InputError("a retirement leads to retired", fix="`mlgate retire` writes it so")
    stack = () if event.ends_service else tuple(name for name in model.stack if name != event.version)
    return ModelState(versions=_moved(model, event), stack=stack)


def refuse_retirement(model: ModelState, name: str, version: str, *, ends_service: bool = False) -> None:
    """Raise :class:`InputError` where a version may not be retired."""
    known = model.versions.get(version)
    if known is None:
        names = ", ".join(model.versions) or "none"
        raise InputError(f"the ledger knows no version {version!r} of {name}", fix=f"known are: {names}")
    if known.stage == RETIRED:
        raise InputError(f"version {version!r} of {name} is retired already", fix="nothing is to be done")
    if ends_service:
        if version != model.serving:
            raise InputError(
                f"version {version!r} of {name} does not serve: its retirement ends no service",
                fix="retire it without --end-of-service",
            )
        return
    _refuse_to_lose(model, name, version, "retired")


def _refuse_without_reason(event: Event) -> None:
    if not event.reason.strip():
        raise InputError(f"a {event.event} needs a reason", fix="say why in `reason`")


def refuse_another_file(model: ModelState, name: str, version: str, artifact: str) -> None:
    """Raise :class:`InputError` where a version is known to be other bytes, whoever forces it."""
    known = model.versions.get(version)
    if known is not None and known.artifact != artifact:
        raise InputError(
            f"version {version!r} of {name} is the file with SHA-256 {known.artifact[:12]}, not {artifact[:12]}",
            fix="give other bytes another name: `--version`, or `[model] version`",
        )


def _refuse_mismatch(model: ModelState, event: Event) -> None:
    """Refuse an event that says otherwise of what was before than the events before it."""
    refuse_another_file(model, event.model, event.version, event.artifact)
    known = model.versions.get(event.version)
    label = f"version {event.version!r} of {event.model}"
    here = None if known is None else known.stage
    if event.from_stage != here:
        raise InputError(f"{label} was in {here or 'no stage'}, not {event.from_stage or 'in none'}", fix="do it again")
    if event.from_version != model.serving:
        raise InputError(
            f"{model.serving or 'nothing'} served, not {event.from_version or 'nothing'}", fix="do it again"
        )


def _moved(model: ModelState, event: Event) -> Mapping[str, Version]:
    known = model.versions.get(event.version, Version(artifact=event.artifact, path=event.path, stage=event.to_stage))
    version = replace(
        known,
        path=event.path,
        stage=event.to_stage,
        held=known.held | {event.to_stage},
        forced=(*known.forced, *(what for what in event.forced if what not in known.forced)),
        kept={**known.kept, **event.kept},
        registered=event.registered or known.registered,
    )
    return {**model.versions, event.version: version}


_RULES = {"promote": _promote, "rollback": _rollback, "retire": _retire}
