"""``mlgate promote``: a version goes to a stage where nothing is missing of what the policy asks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import (
    FILES,
    ActorOption,
    ConfigOption,
    NoticedOption,
    PolicyOption,
    app,
    block,
    load,
    past_moment,
    refuse,
    say,
    two_lines,
)
from pytest_mlgate.cli.progress import working
from pytest_mlgate.cli.registry import follow
from pytest_mlgate.policy import STAGES
from pytest_mlgate.problems import suggest


@app.command()
def promote(
    to: Annotated[str, typer.Option(metavar="STAGE", help="validation, pre-production, production or monitoring.")],
    config: ConfigOption = None,
    version: Annotated[
        str | None,
        typer.Option(
            help=r"What this file is called. Default: `\[model] version`, or the first digits of its SHA-256."
        ),
    ] = None,
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: ActorOption = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    first_version: Annotated[
        bool, typer.Option("--first-version", help="There is nothing to go back to yet, and that is known.")
    ] = False,
    attestation: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="An attestation of the verdict: Sigstore bundle, DSSE envelope or in-toto statement. Its subject, "
            "verdict and result are checked, its signature is not: `gh attestation verify` and `cosign` do that.",
        ),
    ] = None,
    noticed: NoticedOption = None,
    policy: PolicyOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is missing, and record nothing.")] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Promote in spite of what is missing; needs --reason, and is marked for ever."),
    ] = False,
) -> None:
    """Record that the candidate goes to a stage, where nothing is missing of what the policy asks.

    Exit codes: 0 promoted, or nothing is missing; 1 refused; 2 bad usage or configuration; 3 promoted, and the registry
    did not follow.
    """
    from pytest_mlgate.lifecycle.promotion import Asked, promotion, record

    if to not in STAGES:
        refuse(f"--to {to}: {suggest(to, STAGES)}")
    if force and not reason.strip():
        refuse("--force needs a --reason, which stays in the ledger")
    settings = load(
        config, may_lack=("model.baseline", *(key for key in FILES if key.startswith("data."))), policy=policy
    )
    asked = Asked(
        to=to,
        version=version,
        actor=actor,
        approver=approver,
        reason=reason.strip(),
        first_version=first_version,
        attestation=attestation,
        noticed=None if noticed is None else past_moment(noticed, option="--noticed"),
    )
    try:
        with working("looking at verdict, files and the way back"):
            event, found, absent = promotion(settings, asked)
        for one in found:
            typer.echo(f"missing  {one}\n    fix: {one.fix}", err=True)
        if found and not (force and all(one.by_force for one in found)):
            block(f"{event.model} {event.version} does not go to {to}: {len(found)} missing")
        if dry_run:
            typer.echo(f"{event.model} {event.version} can go to {to}" + (", by force" if found else ""))
            return
        record(settings, event, tuple(str(one) for one in found))
    except InputError as error:
        block(two_lines(error))
    for role, why in absent.items():
        typer.echo(f"not kept  {role}: {why}", err=True)
    say(f"{event.model} {event.version} is in {to}" + (", by force" if found else ""))
    follow(settings, restore=(to,), verified=(event.registered or "",))
