"""``mlgate check``: pytest with the right flags."""

from __future__ import annotations

from typing import Annotated

import typer

from pytest_mlgate.cli.common import ConfigOption, PolicyOption, app, config_path


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def check(
    context: typer.Context,
    config: ConfigOption = None,
    stage: Annotated[str | None, typer.Option(help="Stage that the model asks for.")] = None,
    policy: PolicyOption = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="GATE", help="Run this gate alone, write no verdict, exit by it. May be repeated."),
    ] = None,
    report: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND",
            help="Write a report beside the verdict: markdown, html, comment, junit, sarif, code-quality or metrics. "
            "May be repeated.",
        ),
    ] = None,
    env: Annotated[
        list[str] | None,
        typer.Option(
            metavar="ENV",
            help="Make the round trip there too: an interpreter, a virtual environment, or a lock file, from which one "
            "is made (this fetches packages). May be repeated.",
        ),
    ] = None,
) -> None:
    """Run every gate through pytest: the configured ones, and the tests beside the file that call any.

    Further arguments go to pytest.
    """
    import pytest

    path = config_path(config)
    where = [str(path)] if only else ["--mlgate-gates-only", str(path.parent)]
    arguments = ["--mlgate", f"--mlgate-config={path}"]
    arguments += [f"--mlgate-stage={stage}"] if stage else []
    arguments += [f"--mlgate-policy={policy.absolute()}"] if policy else []
    arguments += [f"--mlgate-only={name}" for name in only or ()]
    arguments += [f"--mlgate-report={kind}" for kind in report or ()]
    arguments += [f"--mlgate-env={said}" for said in env or ()]
    exit_code = pytest.main([*arguments, *context.args, *where])
    if exit_code == pytest.ExitCode.OK:
        raise typer.Exit(0)
    raise typer.Exit(2 if exit_code == pytest.ExitCode.USAGE_ERROR else 1)
