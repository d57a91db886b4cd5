"""A retirement: everything that is kept of a version goes into one bundle, before the ledger says that it is over."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.appending import append, read_ledger
from pytest_mlgate.lifecycle.archive import below, find
from pytest_mlgate.lifecycle.bundle import Source, Written, write_bundle
from pytest_mlgate.lifecycle.events import Event, FileSeen
from pytest_mlgate.lifecycle.manifest import Manifest, Retirement
from pytest_mlgate.lifecycle.people import who
from pytest_mlgate.lifecycle.reconciling import is_called
from pytest_mlgate.lifecycle.states import PRODUCTION, RETIRED, Version, next_event, refuse_retirement

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.ledger import Ledger

ESSENTIAL = ("artifact", "sample", "verdict")
"""Without these nobody can tell why a decision was made, nor whether the model still answers the same."""

USUAL = (*ESSENTIAL, "card", "schema", "profile", "lock", "record", "configuration", "policy")
"""What a bundle has of a version that was promoted with all of it, beside the ledger's lines."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaving:
    """What somebody asks for.

    Attributes
    ----------
    model, version : str
    reason : str
    kept_until : str
        A day.
    actor : str or None
        Who acts; None: as the surroundings say.
    approver : str or None
    ends_service : bool
    without : tuple of str
        What may lack in the bundle, or must not be in it.
    to : Path or None
        The bundle's file; None: in the archive, of a version that was in production.
    """

    model: str
    version: str
    reason: str
    kept_until: str
    actor: str | None = None
    approver: str | None = None
    ends_service: bool = False
    without: tuple[str, ...] = ()
    to: Path | None = None


def retirement(config: Config, asked: Leaving) -> Written | None:
    """Write the bundle of a version and record its retirement; return the bundle, None where there is none to be.

    Raises
    ------
    InputError
        Where the version may not be retired, the bundle would lack what is essential, or it cannot be written: nothing
        is changed then.
    """
    ledger = read_ledger(config.ledger).whole()
    known = ledger.model(asked.model)
    refuse_retirement(known, asked.model, asked.version, ends_service=asked.ends_service)
    event = next_event(
        known,
        "retire",
        model=asked.model,
        version=asked.version,
        to_stage=RETIRED,
        actor=asked.actor or who(config.folder),
        approver=asked.approver,
        reason=asked.reason,
        kept_until=asked.kept_until,
        ends_service=asked.ends_service,
    )
    version = known.versions[asked.version]
    if asked.to is None and PRODUCTION not in version.held:
        append(config.ledger, lambda _: event)
        return None
    written, forced = _bundle(config, asked, ledger, event)
    kept = {"bundle": FileSeen(path=below(written.path, config.ledger.parent), digest=written.digest)}
    try:
        append(config.ledger, lambda _: replace(event, kept=kept, forced=forced))
    except BaseException:
        if written.fresh:
            written.path.unlink(missing_ok=True)
        raise
    return written


def _bundle(config: Config, asked: Leaving, ledger: Ledger, event: Event) -> tuple[Written, tuple[str, ...]]:
    if asked.to is None and not config.lifecycle.archive:
        raise InputError(
            "the configuration keeps no archive that the bundle could lie in",
            fix="name its file: `--bundle`; or a folder: `[lifecycle] archive`",
        )
    version = ledger.model(asked.model).versions[asked.version]
    sources, absent = gather(version, folder=config.ledger.parent, archive=config.archive)
    for role in asked.without:
        if sources.pop(role, None) is not None:
            absent[role] = "left out on purpose"
    _refuse_without(absent, asked.without)
    lines = [
        line.raw
        for line, one in ledger.events(asked.model)
        if one.artifact == version.artifact and is_called(asked.version, one)
    ]
    sources["ledger"] = Source(content=b"".join(raw + b"\n" for raw in lines), said=config.ledger.name)
    about = Manifest(
        model=asked.model,
        version=asked.version,
        artifact=version.artifact,
        retirement=Retirement(
            day=event.time[:10],
            reason=asked.reason,
            actor=event.actor,
            approver=asked.approver,
            kept_until=asked.kept_until,
        ),
        files={},
        absent=absent,
    )
    written = write_bundle(about, sources, folder=config.archive, to=asked.to)
    return written, tuple(f"{role}: {absent[role]}" for role in ESSENTIAL if role in absent)


def gather(version: Version, *, folder: Path, archive: Path) -> tuple[dict[str, Source], dict[str, str]]:
    """Return what there is of a version by what it is, and what there is not, and why.

    Only files with the SHA-256 that the ledger knows count.
    """
    kept = {"artifact": FileSeen(path=version.path, digest=version.artifact), **version.kept}
    sources: dict[str, Source] = {}
    absent = {role: "nothing was kept of it when the version was promoted" for role in USUAL if role not in kept}
    for role, seen in kept.items():
        try:
            place = find(seen.digest, seen.path, folder=folder, archive=archive)
        except InputError as error:
            absent[role] = error.message
        else:
            sources[role] = Source(content=place, said=seen.path, digest=seen.digest)
    return sources, absent


def _refuse_without(absent: Mapping[str, str], without: Collection[str]) -> None:
    lacking = [role for role in ESSENTIAL if role in absent and role not in without]
    if lacking:
        said = "; ".join(f"{role}: {absent[role]}" for role in lacking)
        options = " ".join(f"--without {role}" for role in lacking)
        raise InputError(
            f"the bundle would lack what is essential; {said}; nothing was changed",
            fix=f"restore it; or accept it, which the ledger then says for ever: `{options}`",
        )
