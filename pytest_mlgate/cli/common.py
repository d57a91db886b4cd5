"""The ``mlgate`` command itself, and what its subcommands share."""

from __future__ import annotations

from collections.abc import Collection
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

if TYPE_CHECKING:
    from pytest_mlgate.checks import InputError
    from pytest_mlgate.config import Config
    from pytest_mlgate.sections import ArtifactsSection

app = typer.Typer(
    name="mlgate",
    help="Quality gates for machine-learning models. Exit codes: 0 promote; 1 block, interrupted or crashed; "
    "2 bad usage or configuration; 3 recorded, and the registry did not follow.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration file. Default: the nearest one from here up."),
]

LedgerOption = Annotated[
    Path | None,
    typer.Option("--ledger", metavar="FILE", help=r"The ledger. Default: as the configuration's `\[lifecycle]` says."),
]

ActorOption = Annotated[str | None, typer.Option(help="Who acts. Default: as CI, git or the system knows you.")]

NoticedOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="When the trouble was noticed that this reacts to (UTC).")
]

PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", metavar="FILE", help="Policy file that has the last word on what a stage requires."),
]

_TABLES = ("train", "holdout", "reference", "current", "serving")
FILES = ("model.candidate", "model.baseline", *(f"data.{name}" for name in _TABLES))
"""Keys of files, for commands that ask none of them."""


_QUIET = ContextVar("mlgate_quiet", default=False)


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
    quiet: Annotated[
        bool, typer.Option("-q", "--quiet", help="Before a command: say nothing of what went well.")
    ] = False,
) -> None:
    _QUIET.set(quiet)
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"mlgate {version_of('pytest-mlgate')}")
        raise typer.Exit(0)


def config_path(named: Path | None) -> Path:
    """Return the configuration that a command means; exit 2 where there is none."""
    from pytest_mlgate.config import nearest_config
    from pytest_mlgate.problems import ConfigError

    if named is not None:
        return named.absolute()
    try:
        found = nearest_config()
    except ConfigError as error:
        refuse(str(error))
    if found is None:
        where = f"from {Path.cwd()} up to the root of the project"
        refuse(f"no mlgate.toml, and no [tool.mlgate] in a pyproject.toml, {where}; name one with --config")
    return found


def load(named: Path | None, *, may_lack: Collection[str] = (), policy: Path | None = None) -> Config:
    """Return the checked configuration; exit 2 with every mistake named."""
    from pytest_mlgate.config import load_config
    from pytest_mlgate.problems import ConfigError

    try:
        return load_config(config_path(named), may_lack=may_lack, policy=policy)
    except ConfigError as error:
        refuse(str(error))


def ledger_path(config: Path | None, ledger: Path | None) -> Path:
    """Return the ledger that a command means; models and tables need not be there to ask it."""
    if ledger is not None:
        return ledger.absolute()
    return load(config, may_lack=FILES).ledger


def artifacts_of(config: Path | None) -> tuple[ArtifactsSection, Path]:
    """Return what a configuration says of model files, and its folder; the rest of it may be wrong, or be not there."""
    from pytest_mlgate.config import artifacts_section, nearest_config
    from pytest_mlgate.problems import ConfigError
    from pytest_mlgate.sections import ArtifactsSection

    try:
        path = config.absolute() if config is not None else nearest_config()
        return (artifacts_section(path), path.parent) if path is not None else (ArtifactsSection(), Path.cwd())
    except ConfigError as error:
        refuse(str(error))


def is_quiet() -> bool:
    """Whether the command was called as ``mlgate --quiet ...``."""
    return _QUIET.get()


def say(text: str) -> None:
    """Print what went well; not as ``mlgate --quiet``."""
    if not is_quiet():
        typer.echo(text)


def moment_of(text: str, *, option: str) -> datetime:
    """Return the time that an option names, in UTC where it says no offset; exit 2 where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"{option} {text}: is no time, such as 2027-01-31 or 2027-01-31T08:00")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def past_moment(text: str, *, option: str) -> str:
    """Return a time that an option names as an event has it, in UTC; exit 2 where it is none, or is yet to come."""
    moment = moment_of(text, option=option).astimezone(UTC)
    if moment > datetime.now(UTC):
        refuse(f"{option} {text}: is yet to come; without an offset (+02:00) a time is UTC")
    return moment.isoformat(timespec="seconds")


def refuse(message: str) -> NoReturn:
    """End the command: the message on stderr, exit 2."""
    typer.echo(f"mlgate: {message}", err=True)
    raise typer.Exit(2)


def block(message: str) -> NoReturn:
    """End the command: the message on stderr, exit 1."""
    typer.echo(f"mlgate: {message}", err=True)
    raise typer.Exit(1)


def two_lines(error: InputError) -> str:
    """Return an error's message, and on a second line what to do."""
    return f"{error.message}\n    fix: {error.fix}" if error.fix else error.message
