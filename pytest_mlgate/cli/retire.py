"""``mlgate retire``: a version never serves again; why, and what is kept of it until when, in one file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ActorOption, ConfigOption, app, block, load, refuse, say, two_lines
from pytest_mlgate.cli.progress import working
from pytest_mlgate.cli.registry import follow
from pytest_mlgate.problems import short, suggest

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.bundle import Written


@app.command()
def retire(
    version: Annotated[str, typer.Argument(help="As the ledger calls it.")],
    reason: Annotated[str, typer.Option(help="Why; stays in the ledger.")],
    kept_until: Annotated[
        str, typer.Option(metavar="DAY", help="To which day what is kept of it stays, such as 2030-12-31.")
    ],
    config: ConfigOption = None,
    model: Annotated[str | None, typer.Option(help="Default: the configuration's.")] = None,
    end_of_service: Annotated[
        bool, typer.Option("--end-of-service", help="It is what serves, and nothing serves from here on.")
    ] = False,
    bundle: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The archive bundle to write. Default: in the archive, if it ever served."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT", help="What is lost, or must not be kept, such as sample; may be repeated."),
    ] = None,
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: ActorOption = None,
) -> None:
    """Retire a version for ever, and put what is kept of it into one file that `mlgate replay` tries again.

    Refused for what serves, for the only version to go back to, and where model, sample or verdict lack in the bundle.
    So it is for what an alias of the registry points to, where the ledger says otherwise.
    Exit codes: 0 retired; 1 refused; 2 bad usage or configuration; 3 retired, and the registry did not follow.
    """
    from pytest_mlgate.lifecycle.retiring import Leaving, retirement

    if not reason.strip():
        refuse("--reason is blank; a retirement has one")
    try:
        until = date.fromisoformat(kept_until).isoformat()
    except ValueError:
        refuse(f"--kept-until {kept_until}: is no day, such as 2030-12-31")
    settings = load(config, may_lack=FILES)
    refuse_unknown(without or [], list(settings.lifecycle.keep))
    name = model or settings.name
    asked = Leaving(
        model=name,
        version=version,
        reason=reason.strip(),
        kept_until=until,
        actor=actor,
        approver=approver,
        ends_service=end_of_service,
        without=tuple(without or ()),
        to=None if bundle is None else bundle.absolute(),
    )
    try:
        if name == settings.name:
            _refuse_aliased(settings, version)
        with working("writing the bundle and trying it"):
            written = retirement(settings, asked)
    except InputError as error:
        block(two_lines(error))
    say(f"{name} {version} is retired" + ("; nothing serves" if end_of_service else ""))
    if written is None:
        say("  no bundle: it never was in production, and no --bundle was named")
    else:
        tell(written)
    if name == settings.name:
        follow(settings)


def tell(written: Written) -> None:
    """Say what is in a bundle, and what is not."""
    files = f"{len(written.manifest.files)} files, {written.size:,} bytes, sha256:{written.digest}"
    say(f"  bundle {short(written.path)}: {files}")
    for role, why in written.manifest.absent.items():
        say(f"  without {role}: {why}")
    say(f"next: mlgate replay {short(written.path)}")


def _refuse_aliased(config: Config, version: str) -> None:
    """Refuse a version that an alias points to behind the ledger's back: it may be what serves in truth."""
    from pytest_mlgate.lifecycle.appending import read_ledger
    from pytest_mlgate.lifecycle.divergence import compare
    from pytest_mlgate.lifecycle.registries import registry_of

    registry = registry_of(config)
    if registry is None:
        return
    ledger = read_ledger(config.ledger).whole()
    known = ledger.model(config.name).versions.get(version)
    for one in compare(ledger, config.name, registry, config.lifecycle.aliases).differences:
        if one.kind == "ahead" or (one.kind == "moved" and known is not None and one.uri == known.registered):
            raise InputError(f"{one.message}; nothing was changed", fix=one.fix)


def refuse_unknown(without: list[str], own: list[str]) -> None:
    """End the command with exit code 2 where something is left out that no bundle has."""
    from pytest_mlgate.lifecycle.evidence import USUAL

    known = [*USUAL, *own]
    for role in without:
        if role not in known and not role.startswith("schema-"):
            refuse(f"--without {role}: {suggest(role, known)}")
