"""``mlgate rollback``: a version serves again that did before, after it was tried."""

from __future__ import annotations

from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import (
    FILES,
    ActorOption,
    ConfigOption,
    NoticedOption,
    app,
    block,
    load,
    past_moment,
    refuse,
    say,
    two_lines,
)


@app.command()
def rollback(
    reason: Annotated[str, typer.Option(help="Why; stays in the ledger.")],
    config: ConfigOption = None,
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="Default: the one before what serves.")] = None,
    model: Annotated[str | None, typer.Option(help="Default: the configuration's.")] = None,
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: ActorOption = None,
    noticed: NoticedOption = None,
) -> None:
    """Let a version serve that did before: no gate runs, nothing is trained; it is loaded and asked first.

    Exit codes: 0 it serves; 1 refused; 2 bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.appending import append, read_ledger
    from pytest_mlgate.lifecycle.archive import answers
    from pytest_mlgate.lifecycle.people import who
    from pytest_mlgate.lifecycle.states import PRODUCTION, next_event, refuse_rollback

    if not reason.strip():
        refuse("--reason is blank; a rollback has one")
    settings = load(config, may_lack=FILES)
    name = model or settings.name
    since = None if noticed is None else past_moment(noticed, option="--noticed")
    try:
        known = read_ledger(settings.ledger).whole().model(name)
        version = to or known.target()
        if version is None:
            raise InputError(f"{name} has no version to go back to", fix="name one that once served: `--to`")
        refuse_rollback(known, name, version)
        answers(
            known.versions[version],
            version,
            folder=settings.ledger.parent,
            archive=settings.archive,
            load=settings.loading,
        )
        event = next_event(
            known,
            "rollback",
            model=name,
            version=version,
            to_stage=PRODUCTION,
            actor=actor or who(settings.folder),
            approver=approver,
            reason=reason.strip(),
            noticed=since,
        )
        append(settings.ledger, lambda ledger: event)
    except InputError as error:
        block(two_lines(error))
    say(f"{name} {version} serves")
