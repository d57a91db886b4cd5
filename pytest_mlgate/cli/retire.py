"""``mlgate retire``: a version never serves again; why, and until when what is kept of it stays."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ActorOption, ConfigOption, app, block, load, refuse, two_lines


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
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: ActorOption = None,
) -> None:
    """Retire a version for ever; refused for what serves, and for the only version to go back to.

    Exit codes: 0 retired; 1 refused; 2 bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.appending import append, read_ledger
    from pytest_mlgate.lifecycle.people import who
    from pytest_mlgate.lifecycle.states import RETIRED, next_event, refuse_retirement

    if not reason.strip():
        refuse("--reason is blank; a retirement has one")
    try:
        until = date.fromisoformat(kept_until).isoformat()
    except ValueError:
        refuse(f"--kept-until {kept_until}: is no day, such as 2030-12-31")
    settings = load(config, may_lack=FILES)
    name = model or settings.name
    try:
        known = read_ledger(settings.ledger).whole().model(name)
        refuse_retirement(known, name, version, ends_service=end_of_service)
        event = next_event(
            known,
            "retire",
            model=name,
            version=version,
            to_stage=RETIRED,
            actor=actor or who(settings.folder),
            approver=approver,
            reason=reason.strip(),
            kept_until=until,
            ends_service=end_of_service,
        )
        append(settings.ledger, lambda ledger: event)
    except InputError as error:
        block(two_lines(error))
    typer.echo(f"{name} {version} is retired" + ("; nothing serves" if end_of_service else ""))
