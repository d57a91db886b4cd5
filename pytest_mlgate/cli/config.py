"""``mlgate config``: whether the configuration is right."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.cli.common import app, config_path

config = typer.Typer(no_args_is_help=True, help="The configuration, and policy files.")
app.add_typer(config, name="config")

_PATHS = "mlgate.toml, a pyproject.toml, or a policy file. Default: the nearest configuration from here up."


@config.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help=_PATHS)] = None,
    files: Annotated[bool, typer.Option("--files", help="The models and tables have to be there, too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only what is wrong.")] = False,
) -> None:
    r"""Print what is wrong with configurations and policies, one line each: `path:line: message`. No model is loaded.

    A pyproject.toml without a `\[tool.mlgate]` is right.

    Exit codes: 0 nothing is wrong; 1 something is; 2 bad usage, or there is no such file.
    """
    from pytest_mlgate.cli.config_check import Request, run

    asked = tuple(paths or ()) or (config_path(None),)
    raise typer.Exit(run(Request(paths=asked, files=files, quiet=quiet)))
