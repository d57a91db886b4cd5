"""``mlgate bundle``: the evidence of a version that is not retired, in one file; it goes on serving."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ConfigOption, app, block, load, say, two_lines
from pytest_mlgate.cli.retire import refuse_unknown, tell


@app.command()
def bundle(
    version: Annotated[str | None, typer.Argument(help="As the ledger calls it. Default: what serves.")] = None,
    config: ConfigOption = None,
    model: Annotated[str | None, typer.Option(help="Default: the configuration's.")] = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The file to write. Default: in this folder, named by its content."),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="WHAT", help="What is lost, or must not be shown, such as sample; may be repeated."),
    ] = None,
) -> None:
    """Put what is kept of a version into one file, for an audit of what serves; the ledger stays as it is.

    Refused where model, sample or verdict lack in the bundle. Exit codes: 0 written; 1 refused; 2 bad usage or
    configuration.
    """
    from pytest_mlgate.lifecycle.appending import read_ledger
    from pytest_mlgate.lifecycle.evidence import bundled, refuse_without_evidence

    settings = load(config, may_lack=FILES)
    refuse_unknown(without or [], list(settings.lifecycle.keep))
    name = model or settings.name
    try:
        ledger = read_ledger(settings.ledger).whole()
        chosen = version or ledger.model(name).serving
        if chosen is None:
            raise InputError(f"no version of {name} serves", fix="name one that did: `mlgate bundle VERSION`")
        refuse_without_evidence(ledger, name, chosen)
        file = None if to is None else to.absolute()
        written = bundled(settings, ledger, name, chosen, folder=Path.cwd(), to=file, without=without or ())
    except InputError as error:
        block(two_lines(error))
    say(f"{name} {chosen} as the ledger knows it")
    tell(written)
