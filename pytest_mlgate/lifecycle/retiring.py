"""A retirement: everything that is kept of a version goes into one bundle, before the ledger says that it is over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.appending import append, read_ledger
from pytest_mlgate.lifecycle.archive import below
from pytest_mlgate.lifecycle.bundle import Written
from pytest_mlgate.lifecycle.events import Event, FileSeen
from pytest_mlgate.lifecycle.evidence import ESSENTIAL, bundled
from pytest_mlgate.lifecycle.manifest import Retirement
from pytest_mlgate.lifecycle.people import who
from pytest_mlgate.lifecycle.states import PRODUCTION, RETIRED, next_event, refuse_retirement

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.ledger import Ledger


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
    left = Retirement(
        day=event.time[:10],
        reason=asked.reason,
        actor=event.actor,
        approver=asked.approver,
        kept_until=asked.kept_until,
    )
    written = bundled(
        config,
        ledger,
        asked.model,
        asked.version,
        folder=config.archive,
        to=asked.to,
        without=asked.without,
        retirement=left,
    )
    absent = written.manifest.absent
    return written, tuple(f"{role}: {absent[role]}" for role in ESSENTIAL if role in absent)
