"""``mlgate retire``: a version never serves again; why, and what is kept of it until when, in one file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ActorOption, ConfigOption, app, block, load, refuse, say, two_lines
from pytest_mlgate.cli.progress import working
from pytest_mlgate.problems import short, suggest

if TYPE_CHECKING:
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
    Exit codes: 0 retired; 1 refused; 2 bad usage or configuration.
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
        with working("writing the bundle and trying it"):
            written = retirement(settings, asked)
    except InputError as error:
        block(two_lines(error))
    say(f"{name} {version} is retired" + ("; nothing serves" if end_of_service else ""))
    if written is None:
        say("  no bundle: it never was in production, and no --bundle was named")
        return
    tell(written)


def tell(written: Written) -> None:
    """Say what is in a bundle, and what is not."""
    files = f"{len(written.manifest.files)} files, {written.size:,} bytes, sha256:{written.digest}"
    say(f"  bundle {short(written.path)}: {files}")
    for role, why in written.manifest.absent.items():
        say(f"  without {role}: {why}")
    say(f"next: mlgate replay {short(written.path)}")


def refuse_unknown(without: list[str], own: list[str]) -> None:
    """End the command with exit code 2 where something is left out that no bundle has."""
    from pytest_mlgate.lifecycle.evidence import USUAL

    known = [*USUAL, *own]
    for role in without:
        if role not in known and not role.startswith("schema-"):
            refuse(f"--without {role}: {suggest(role, known)}")
