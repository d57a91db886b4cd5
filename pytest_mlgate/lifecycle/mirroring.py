"""A registry follows the ledger: the steps that bring it there, each of which may be repeated.

In one order: the verdict of each promotion is kept with its version, then tags, then aliases, and last of all each
version's tag with the newest line that is of it. Whoever is stopped in between leaves an older line there, and the next
who comes repeats what was not done.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.appending import lock, read_ledger
from pytest_mlgate.lifecycle.archive import find
from pytest_mlgate.lifecycle.divergence import LINE, Difference, compare
from pytest_mlgate.lifecycle.events import Event
from pytest_mlgate.lifecycle.ledger import Ledger, Line
from pytest_mlgate.lifecycle.registries import Registry
from pytest_mlgate.lifecycle.states import ModelState
from pytest_mlgate.tables.files import file_digest
from pytest_mlgate.verdict import read_verdict

if TYPE_CHECKING:
    from pytest_mlgate.config import Config


def mirror(
    config: Config, registry: Registry, *, restore: Collection[str] = (), verified: Collection[str] = ()
) -> tuple[list[str], list[Difference]]:
    """Bring a registry to where the ledger is; return what was done, and what was left.

    Parameters
    ----------
    config : Config
    registry : Registry
    restore : collection of str
        Stages whose aliases are set also where somebody moved them.
    verified : collection of str
        Versions whose file in the registry was just found to be the ledger's.

    Raises
    ------
    InputError
        Where the registry has lines that this ledger has not, does not answer, a step fails, or an alias would point to
        another file than the ledger's. What was done until then stays, and may be repeated.
    """
    with _alone(config.ledger.parent):
        ledger = read_ledger(config.ledger).whole()
        aliases = config.lifecycle.aliases
        compared = compare(ledger, config.name, registry, aliases)
        for one in compared.differences:
            if one.kind == "ahead":
                raise InputError(one.message, fix=one.fix)
        state = ledger.model(config.name)
        done = list(_attached(config, registry, compared.pending))
        newest = {line.event.registered: line for line in compared.pending if isinstance(line.event, Event)}
        for uri, line in newest.items():
            registry.set_tags(str(uri), _tags(ledger, config.name, line))
        left = [one for one in compared.differences if one.kind != "behind"]
        moved = {one.stage: one for one in left if one.kind == "moved"}
        for stage, uri in compared.wanted.items():
            if compared.found[stage] == uri or (stage in moved and stage not in restore):
                continue
            if uri is not None and uri not in verified:
                verify(registry, uri, state)
            registry.set_alias(aliases[stage], uri)
            done.append(f"{aliases[stage]} -> {uri}" if uri else f"{aliases[stage]} points to nothing")
            if stage in moved:
                left.remove(moved[stage])
        for uri, line in newest.items():
            registry.set_tags(str(uri), {LINE: line.digest})
            done.append(f"{uri} has line {line.number}")
        return done, left


def verify(registry: Registry, uri: str, state: ModelState) -> None:
    """Raise :class:`InputError` where a registry has another file of a version than the ledger knows."""
    name, known = next((name, one) for name, one in state.versions.items() if one.registered == uri)
    digest, _ = file_digest(registry.fetch(uri).file, what="model")
    if digest != known.artifact:
        raise InputError(
            f"the registry has another file of {uri} ({digest[:12]}) than was judged as {name} ({known.artifact[:12]})",
            fix="find out who changed it; no alias is pointed to it",
        )


def _tags(ledger: Ledger, model: str, line: Line) -> dict[str, str]:
    """Return what a version's tags say after a line."""
    event = line.event
    assert isinstance(event, Event)
    versions = ledger.model(model).versions
    named = [name for name, one in versions.items() if one.registered == event.registered]
    same = [name for name, one in versions.items() if one.artifact == event.artifact]  # registered once more since
    name = [*named, *same][0]
    known = versions[name]
    verdicts = [
        one.verdict.digest
        for _, one in ledger.events(model)
        if one.artifact == event.artifact and one.verdict is not None
    ]
    tags = {"model": model, "version": name, "stage": known.stage, "artifact": known.artifact}
    tags["verdict"] = verdicts[-1] if verdicts else "none"
    tags["forced"] = "yes" if known.forced else "no"
    return {f"mlgate.{key}": value for key, value in tags.items()}


def _attached(config: Config, registry: Registry, pending: Collection[Line]) -> Iterator[str]:
    """Keep the verdict of each promotion, and the reports on it, with its version; yield what was done, and not."""
    for line in pending:
        event = line.event
        if not isinstance(event, Event) or event.event != "promote" or event.verdict is None:
            continue
        uri = str(event.registered)
        files = _files(config, event)
        if not files:
            yield f"{uri}: the verdict {event.verdict.digest[:12]} of line {line.number} is nowhere any more"
        elif registry.attach(uri, f"mlgate-{event.verdict.digest[:12]}", files):
            yield f"{uri} has {', '.join(files)} of line {line.number}"
        else:
            yield f"{uri}: the registry has no place for the verdict"


def _files(config: Config, event: Event) -> dict[str, Path]:
    """Return the verdict of a promotion and the reports on it: what lies among the results, if that is of it still."""
    assert event.verdict is not None
    files: dict[str, Path] = {}
    with suppress(OSError, ValueError):
        path = config.results / "verdict.json"
        if read_verdict(path).to_json()["digest"] == event.verdict.digest:
            written = path.stat().st_mtime_ns
            reports = (one for one in config.results.glob("report.*") if one.stat().st_mtime_ns >= written)
            files = {one.name: one for one in (path, *sorted(reports))}  # an older report is of another verdict
    if not files and "verdict" in event.kept:
        seen = event.kept["verdict"]
        with suppress(InputError):
            place = find(seen.digest, seen.path, folder=config.ledger.parent, archive=config.archive)
            files = {"verdict.json": place}
    return files


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one process at a time bring a registry up to date; the lock is the operating system's on the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # where the file system knows no locks, two at once may each do the other's work
            lock(descriptor, folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
