"""The ``mlgate`` command."""

from __future__ import annotations

import difflib
import io
import os
import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pytest_mlgate.checks import Check, InputError, describe, worst_first
from pytest_mlgate.config import Config, load_config, nearest_config
from pytest_mlgate.gates.base import Code
from pytest_mlgate.problems import ConfigError

app = typer.Typer(
    name="mlgate",
    help="Quality gates for machine-learning models. Exit codes: 0 promote; 1 block, interrupted or crashed; "
    "2 bad usage or configuration.",
    no_args_is_help=True,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

_TABLES = (
    "One or more tables: CSV, Parquet, Feather or JSON lines. What each is, is told by its file's name (train, "
    "test/holdout/valid, reference, current/prod); a single other one is the holdout, two others are train and holdout."
)

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Configuration file. Default: the nearest one from here up."),
]


@app.callback()
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False) -> None:
    if version:
        from importlib.metadata import version as version_of

        typer.echo(f"mlgate {version_of('pytest-mlgate')}")
        raise typer.Exit(0)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def check(
    context: typer.Context,
    config: ConfigOption = None,
    stage: Annotated[str | None, typer.Option(help="Stage that the model asks for.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="GATE", help="Run this gate alone, write no verdict, exit by it. May be repeated."),
    ] = None,
    report: Annotated[list[str] | None, typer.Option(metavar="KIND", help="Write a report: markdown.")] = None,
) -> None:
    """Run every gate through pytest: the configured ones, and the tests beside the file that call any.

    Further arguments go to pytest.
    """
    import pytest

    path = _config_path(config)
    where = [str(path)] if only else ["--mlgate-gates-only", str(path.parent)]
    arguments = ["--mlgate", f"--mlgate-config={path}"]
    arguments += [f"--mlgate-stage={stage}"] if stage else []
    arguments += [f"--mlgate-only={name}" for name in only or ()]
    arguments += [f"--mlgate-report={kind}" for kind in report or ()]
    exit_code = pytest.main([*arguments, *context.args, *where])
    if exit_code == pytest.ExitCode.OK:
        raise typer.Exit(0)
    raise typer.Exit(2 if exit_code == pytest.ExitCode.USAGE_ERROR else 1)


@app.command()
def init(
    model: Annotated[Path, typer.Argument(help="The model file: joblib or pickle.")],
    tables: Annotated[list[Path], typer.Argument(help=_TABLES)],
    target: Annotated[str | None, typer.Option(help="Column with the labels. Default: found out.")] = None,
    train: Annotated[Path | None, typer.Option(help="Rows that the model was fitted on.")] = None,
    holdout: Annotated[Path | None, typer.Option(help="Labelled rows that nobody fitted on.")] = None,
    reference: Annotated[Path | None, typer.Option(help="Rows that drift is measured from; default: train.")] = None,
    current: Annotated[Path | None, typer.Option(help="Recent rows.")] = None,
    baseline: Annotated[Path | None, typer.Option(help="The model in production.")] = None,
    row_id: Annotated[str | None, typer.Option("--id", help="Column that names a row.")] = None,
    folder: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Write a commented mlgate.toml and an inferred schema for a model and its tables; never overwrite."""
    from pytest_mlgate.scaffold import scaffold

    try:
        written = scaffold(
            model,
            tables,
            target=target,
            train=train,
            holdout=holdout,
            reference=reference,
            current=current,
            baseline=baseline,
            id=row_id,
            folder=folder,
            say=typer.echo,
        )
    except InputError as error:
        _refuse(f"{error.message}\n    fix: {error.fix}" if error.fix else error.message)
    for path in written:
        typer.echo(f"wrote {path}")
    typer.echo("next: pytest --mlgate")


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="CHECK", help="A check's id, as the verdict names it, or a code.")],
    config: ConfigOption = None,
) -> None:
    """Say what a check of the last verdict found, why it matters and what to do; or what a gate or a code means."""
    from pytest_mlgate.codes import all_codes
    from pytest_mlgate.verdict import read_verdict

    codes = all_codes()
    if name in codes:
        typer.echo(_page(codes[name]))
        return
    path = _load(config).results / "verdict.json"
    if not path.is_file():
        _refuse(f"{path}: there is no verdict yet; `mlgate check` writes one")
    try:
        checks = {found.id: found for found in read_verdict(path).checks}
    except (OSError, ValueError) as error:
        _refuse(f"{path}: {error}")
    of_gate = [found for found in checks.values() if name in (found.gate, found.id.partition(":")[0])]
    if name not in checks and of_gate:
        typer.echo("\n".join(describe(found) for found in worst_first(of_gate)))
        return
    if name not in checks:
        near = difflib.get_close_matches(name, [*checks, *codes], n=3, cutoff=0.4) or [*checks, *codes][:3]
        _refuse(f"the verdict has no check {name!r}; near: {', '.join(near)}")
    typer.echo(_explanation(checks[name]))
    if checks[name].code in codes:
        typer.echo("\n" + _page(codes[checks[name].code]))


def main() -> None:
    """Run the command."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller: pytest needs one all the same, to the end of the process
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - open to the end
        elif isinstance(stream, io.TextIOWrapper):  # a sign that it cannot show is no reason to end in a traceback
            stream.reconfigure(errors="backslashreplace")
    app()


def _explanation(check: Check) -> str:
    lines = [describe(check), ""]
    if check.interval is not None:
        ends = ["open" if end is None else f"{end:.6g}" for end in (check.interval.low, check.interval.high)]
        lines.append(f"interval: {ends[0]} to {ends[1]} ({check.interval.level:.0%}, {check.interval.method})")
    for key in ("observed", "limit", "n", "p", "p_adjusted"):
        value = getattr(check, key)
        if value is not None:
            lines.append(f"{key}: {value:.6g}" if isinstance(value, float) else f"{key}: {value}")
    details = {key: value for key, value in check.details.items() if value not in (None, "", [], {})}
    lines += [f"{key}: {value}" for key, value in details.items() if "traceback" not in key]
    if "traceback" in details:  # the model's own frames
        lines.append(str(details["traceback"]).rstrip())
    if check.waiver is not None:
        waiver = check.waiver
        lines.append(f"waived until {waiver.expires} by {waiver.author}: {waiver.reason}")
    return "\n".join(lines)


def _page(code: Code) -> str:
    return f"{code.code}  {code.title}\n\n{code.why}\n\nWhat to do: {code.fix}"


def _config_path(named: Path | None) -> Path:
    if named is not None:
        return named.absolute()
    try:
        found = nearest_config()
    except ConfigError as error:
        _refuse(str(error))
    if found is None:
        where = f"from {Path.cwd()} up to the root of the project"
        _refuse(f"no mlgate.toml, and no [tool.mlgate] in a pyproject.toml, {where}; name one with --config")
    return found


def _load(named: Path | None) -> Config:
    try:
        return load_config(_config_path(named))
    except ConfigError as error:
        _refuse(str(error))


def _refuse(message: str) -> NoReturn:
    typer.echo(f"mlgate: {message}", err=True)
    raise typer.Exit(2)
