"""Two histories of one ledger become one state: what either changed holds, and where both did the stricter holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.events import Event
from pytest_mlgate.lifecycle.states import RETIRED, SERVING, ModelState, State, Version
from pytest_mlgate.policy import STAGES


class Disputed(InputError):
    """Two histories disagree on what serves; ``models`` has the versions to choose from, by model."""

    def __init__(self, models: Mapping[str, tuple[str, ...]]) -> None:
        self.models = dict(models)
        said = "; ".join(f"{name}: {' or '.join(versions)}" for name, versions in models.items())
        name, versions = next(iter(models.items()))
        super().__init__(
            f"the histories disagree on what serves: {said}",
            fix=f"say which: `mlgate ledger merge --serving {name}={versions[0]}`",
        )


def reconcile(base: State, ours: State, theirs: State, serving: Mapping[str, str]) -> State:
    """Return the state after two histories with a common beginning.

    A version that one of them moved stands where it was moved to; that both moved, in the earlier of the two stages;
    that either retired, retired. The version that serves is the one that either history changed to.

    Parameters
    ----------
    base, ours, theirs : State
        Where both began, and where each ended.
    serving : Mapping of str to str
        Of models whose pointer both moved: the version that serves; empty text: none.

    Raises
    ------
    Disputed
        Where both moved the pointer of a model that ``serving`` does not name.
    InputError
        Where it names a version that cannot serve.
    """
    merged: dict[str, ModelState] = {}
    disputed: dict[str, tuple[str, ...]] = {}
    for name in {**ours, **theirs}:
        before, one, other = (state.get(name, ModelState()) for state in (base, ours, theirs))
        try:
            merged[name] = _reconcile(name, before, one, other, serving.get(name))
        except Disputed as error:
            disputed |= error.models
    if disputed:
        raise Disputed(disputed)
    return merged


def _reconcile(name: str, base: ModelState, ours: ModelState, theirs: ModelState, choice: str | None) -> ModelState:
    theirs = _without_clashes(ours, theirs)
    versions = dict(_versions(base, ours, theirs))
    top = _serving(name, base, ours, theirs, versions, choice)
    if top is not None and versions[top].stage not in SERVING:
        stage = next(side.versions[top].stage for side in (ours, theirs) if top in side.stack)
        versions[top] = replace(versions[top], stage=stage)
    standby = dict.fromkeys((*ours.stack, *theirs.stack))
    stack = tuple(other for other in standby if other != top and versions[other].stage in SERVING)
    return ModelState(versions=versions, stack=(*stack, top) if top is not None else ())


def name_beside(version: str, artifact: str) -> str:
    """Return what a version is called where another file has its name too."""
    return f"{version}@{artifact[:8]}"


def is_called(name: str, event: Event) -> bool:
    """Whether a version of this name is the one of an event, which may have had another name before a merge."""
    return name in (event.version, name_beside(event.version, event.artifact))


def _without_clashes(ours: ModelState, theirs: ModelState) -> ModelState:
    """Give a version that goes by one name on both sides, and is another file on each, a name of its own."""
    names = {
        name: name_beside(name, version.artifact)
        for name, version in theirs.versions.items()
        if name in ours.versions and ours.versions[name].artifact != version.artifact
    }
    return ModelState(
        versions={names.get(name, name): version for name, version in theirs.versions.items()},
        stack=tuple(names.get(name, name) for name in theirs.stack),
    )


def _versions(base: ModelState, ours: ModelState, theirs: ModelState) -> Iterator[tuple[str, Version]]:
    for name in {**ours.versions, **theirs.versions}:
        one, other = ours.versions.get(name), theirs.versions.get(name)
        if one is None or other is None:
            found = one or other
            assert found is not None
            yield name, found
            continue
        before = base.versions.get(name)
        stages = {one.stage, other.stage}
        if before is not None and len(stages) == 2 and before.stage in stages:
            stages -= {before.stage}
        stage = RETIRED if RETIRED in stages else min(stages, key=STAGES.index)
        forced = tuple(dict.fromkeys((*one.forced, *other.forced)))
        kept = {**one.kept, **other.kept}
        registered = one.registered or other.registered
        yield (
            name,
            replace(one, stage=stage, held=one.held | other.held, forced=forced, kept=kept, registered=registered),
        )


def _serving(
    name: str,
    base: ModelState,
    ours: ModelState,
    theirs: ModelState,
    versions: Mapping[str, Version],
    choice: str | None,
) -> str | None:
    if ours.serving == theirs.serving or theirs.serving == base.serving:
        wanted = [ours.serving]
    elif ours.serving == base.serving:
        wanted = [theirs.serving]
    else:
        wanted = [ours.serving, theirs.serving]
    alive = [version for version in (*wanted, *ours.stack, *theirs.stack) if version and _lives(versions, version)]
    if len(wanted) == 1 and (wanted[0] is None or _lives(versions, wanted[0])):
        return wanted[0]
    if not alive:
        return None
    candidates = tuple(dict.fromkeys(alive))
    if choice is None:
        raise Disputed({name: candidates})
    if choice == "":
        return None
    if choice not in candidates:
        raise InputError(
            f"version {choice!r} of {name} cannot serve after this merge",
            fix=f"choose one of {', '.join(candidates)}, or `{name}=` for none",
        )
    return choice


def _lives(versions: Mapping[str, Version], name: str) -> bool:
    return versions[name].stage != RETIRED
