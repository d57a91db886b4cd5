"""What there is of a version, in one file: why it was let in, and what tells whether it still answers the same."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.archive import find
from pytest_mlgate.lifecycle.bundle import Source, Written, write_bundle
from pytest_mlgate.lifecycle.events import FileSeen
from pytest_mlgate.lifecycle.manifest import Manifest, Retirement
from pytest_mlgate.lifecycle.reconciling import is_called
from pytest_mlgate.lifecycle.states import PRODUCTION, RETIRED, Version

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.ledger import Ledger

ESSENTIAL = ("artifact", "sample", "verdict")
"""Without these nobody can tell why a decision was made, nor whether the model still answers the same."""

USUAL = (*ESSENTIAL, "card", "schema", "profile", "lock", "record", "configuration", "policy")
"""What a bundle has of a version that was promoted with all of it, beside the ledger's lines."""


def bundled(
    config: Config,
    ledger: Ledger,
    model: str,
    version: str,
    *,
    folder: Path,
    to: Path | None = None,
    without: Collection[str] = (),
    retirement: Retirement | None = None,
) -> Written:
    """Write the bundle of a version: all that is kept of it, and its lines of the ledger.

    Parameters
    ----------
    config : Config
    ledger : Ledger
    model, version : str
    folder : Path
        Where it lies, by a name of its own.
    to : Path or None
        The file instead.
    without : collection of str
        What may lack, or must not be in it.
    retirement : Retirement or None
        Of a version that is being retired.

    Raises
    ------
    InputError
        Where it would lack what is essential, or cannot be written: nothing is changed then.
    """
    known = ledger.model(model).versions[version]
    sources, absent = gather(known, folder=config.ledger.parent, archive=config.archive)
    for role in without:
        if sources.pop(role, None) is not None:
            absent[role] = "left out on purpose"
    _refuse_without(absent, without)
    lines = [
        line.raw for line, one in ledger.events(model) if one.artifact == known.artifact and is_called(version, one)
    ]
    sources["ledger"] = Source(content=b"".join(raw + b"\n" for raw in lines), said=config.ledger.name)
    about = Manifest(
        model=model, version=version, artifact=known.artifact, retirement=retirement, files={}, absent=absent
    )
    return write_bundle(about, sources, folder=folder, to=to)


def refuse_without_evidence(ledger: Ledger, model: str, version: str) -> None:
    """Raise :class:`InputError` where nothing was kept of a version, or its bundle was written for good already."""
    known = ledger.model(model).versions.get(version)
    if known is None:
        names = ", ".join(ledger.model(model).versions) or "none"
        raise InputError(f"the ledger knows no version {version!r} of {model}", fix=f"known are: {names}")
    if known.stage == RETIRED:
        raise InputError(f"version {version!r} of {model} is retired", fix="`mlgate history` names its bundle")
    if PRODUCTION not in known.held:
        raise InputError(
            f"version {version!r} of {model} never was in production: nothing was kept of it",
            fix="a promotion to production keeps what a bundle holds",
        )


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
            fix=f"restore it; or accept that, which is then said for ever: `{options}`",
        )
