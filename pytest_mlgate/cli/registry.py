"""``mlgate registry``: a registry of models follows the ledger."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ConfigOption, app, block, load, refuse, say, two_lines

if TYPE_CHECKING:
    from pytest_mlgate.config import Config

registry = typer.Typer(no_args_is_help=True, help="The registry that follows the ledger: bring it up to date.")
app.add_typer(registry, name="registry")

BEHIND = 3
"""The exit code of a command that recorded its event, and whose registry did not follow."""


@registry.command()
def sync(
    config: ConfigOption = None,
    restore: Annotated[
        bool, typer.Option("--restore", help="Set aliases back that somebody moved: to where the ledger has them.")
    ] = False,
) -> None:
    """Repeat what the registry has not been told of yet: verdicts, tags, aliases.

    Exit codes: 0 it says what the ledger says; 1 it does not, or could not be asked; 2 bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.mirroring import mirror
    from pytest_mlgate.lifecycle.registries import registry_of

    settings = load(config, may_lack=FILES)
    name = settings.lifecycle.registry
    if name is None:
        refuse("no registry is configured: `[lifecycle] registry`")
    try:
        found = registry_of(settings)
        assert found is not None
        done, left = mirror(settings, found, restore=settings.lifecycle.aliases if restore else ())
    except InputError as error:
        block(two_lines(error))
    for what in done:
        say(f"  {what}")
    for one in left:
        typer.echo(f"differs  {one}\n    fix: {one.fix}", err=True)
    if left:
        block(f"registry {name} does not say what the ledger says: {len(left)} left")
    say(f"registry {name} says what the ledger says" + ("" if done else "; nothing was to be done"))


def follow(config: Config, *, restore: Collection[str] = (), verified: Collection[str] = ()) -> None:
    """Tell the registry, if there is one, of the event that was just recorded; exit 3 where that fails."""
    from pytest_mlgate.lifecycle.mirroring import mirror
    from pytest_mlgate.lifecycle.registries import registry_of

    try:
        registry = registry_of(config)
        if registry is None:
            return
        _, left = mirror(config, registry, restore=restore, verified=verified)
    except InputError as error:
        typer.echo(f"mlgate: recorded, and the registry did not follow: {two_lines(error)}", err=True)
        typer.echo("    then: `mlgate registry sync` repeats what was not done", err=True)
        raise typer.Exit(BEHIND) from None
    for one in left:
        typer.echo(f"differs  {one}\n    fix: {one.fix}", err=True)
