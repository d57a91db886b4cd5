"""``mlgate ledger``: is the record of promotions whole, and two histories of it become one."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, LedgerOption, app, block, ledger_path, refuse, say, two_lines
from pytest_mlgate.problems import short

ledger = typer.Typer(no_args_is_help=True, help="The record of promotions: verify it, merge two histories of it.")
app.add_typer(ledger, name="ledger")


@ledger.command()
def verify(
    config: ConfigOption = None,
    file: LedgerOption = None,
    since: Annotated[
        str | None, typer.Option(metavar="COMMIT", help="Every line of the ledger in that commit must still be there.")
    ] = None,
    contains: Annotated[
        str | None, typer.Option(metavar="DIGEST", help="Digest of a line, noted elsewhere, that must be there.")
    ] = None,
) -> None:
    """Check every line of the ledger: none changed, taken out or put in between, and no rule broken.

    Exit codes: 0 whole; 1 not; 2 bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.appending import read_ledger
    from pytest_mlgate.lifecycle.history import backward

    path = ledger_path(config, file)
    try:
        found = read_ledger(path).whole()
    except InputError as error:
        block(two_lines(error))
    digests = set(found.by_digest)
    if contains is not None and not any(digest.startswith(contains.lower()) for digest in digests):
        block(f"{short(path)}: no line has the digest {contains}: lines were taken from its end, or it is another one")
    for raw in _committed(path, since) if since is not None else ():
        if raw not in {line.raw for line in found.lines}:
            block(f"{short(path)}: this line of {since} is not there any more: {raw[:200].decode(errors='replace')}")
    if found.torn:
        size = len(found.torn)
        typer.echo(
            f"{short(path)}: its last line was cut off after {size} bytes, and does not count; "
            "the next event sets it aside in a file of its own"
        )
    for before, line in backward(found):
        typer.echo(
            f"{short(path)}:{line.number}: the clock went back: {line.event.time}, after {before.event.time} in line "
            f"{before.number}"
        )
    events = "1 event" if len(found.lines) == 1 else f"{len(found.lines)} events"
    typer.echo(f"{short(path)}: whole, {events}" + (f", the last {found.head}" if found.head else ""))


@ledger.command()
def merge(
    config: ConfigOption = None,
    file: LedgerOption = None,
    serving: Annotated[
        list[str] | None,
        typer.Option(
            metavar="[MODEL=]VERSION",
            help="What serves from here on, where the histories disagree; `MODEL=` for nothing. May be repeated.",
        ),
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Who merges. Default: as git, or the system, knows you.")] = None,
    reason: Annotated[str, typer.Option(help="Why it is decided so.")] = "",
) -> None:
    """Make one history of two, after a git merge of branches that each recorded events; all of them are kept.

    Exit codes: 0 merged; 1 the histories disagree on what serves, or the ledger is broken; 2 bad usage or
    configuration.
    """
    from pytest_mlgate.lifecycle.appending import append_merge, read_ledger
    from pytest_mlgate.lifecycle.merging import merged
    from pytest_mlgate.lifecycle.people import who

    path = ledger_path(config, file)
    try:
        models = {event.model for _, event in read_ledger(path).events()}
        choices = dict(_choice(text, models) for text in serving or ())
        actor = actor or who(path.parent)
        found = append_merge(path, lambda there: merged(there, actor=actor, reason=reason, serving=choices))
    except InputError as error:
        block(two_lines(error))
    say(f"{short(path)}: one history of {len(found.lines)} events")
    for name, model in found.state.items():
        say(f"  {name}: {model.serving or 'nothing'} serves")


def _choice(text: str, models: set[str]) -> tuple[str, str]:
    name, equals, version = text.rpartition("=")
    if equals:
        return name, version
    if len(models) != 1:
        refuse(f"--serving {text}: the ledger has more than one model: write MODEL=VERSION")
    return next(iter(models)), text


def _committed(path: Path, commit: str) -> list[bytes]:
    answer = subprocess.run(
        ["git", "-C", str(path.parent), "show", "--no-textconv", f"{commit}:./{path.name}"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if answer.returncode != 0:
        refuse(f"git shows no {path.name} in {commit}: {answer.stderr.decode(errors='replace').strip()}")
    return answer.stdout.splitlines()
