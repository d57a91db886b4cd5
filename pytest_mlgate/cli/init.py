"""``mlgate init``: a first configuration."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import app, refuse, say
from pytest_mlgate.cli.progress import working

_TABLES = (
    "One or more tables: CSV, Parquet, Feather or JSON lines. What each is, is told by its file's name (train, "
    "test/holdout/valid, reference, current/prod); a single other one is the holdout, two others are train and holdout."
)

_TRUSTED = (
    "A class of your own that the model's file needs, package.module:Class; may be repeated, and is written down."
)


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
    trusted: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_TRUSTED)] = None,
    folder: Annotated[Path, typer.Option(help="Where to write.")] = Path(),
) -> None:
    """Write a commented mlgate.toml and an inferred schema for a model and its tables; never overwrite."""
    from pytest_mlgate.scaffold import scaffold

    said: list[str] = []
    try:
        try:
            with working("looking at the model and the tables"):
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
                    trusted=trusted or (),
                    folder=folder,
                    say=said.append,
                )
        finally:
            for line in said:
                say(line)
    except InputError as error:
        refuse(f"{error.message}\n    fix: {error.fix}" if error.fix else error.message)
    for path in written:
        say(f"wrote {path}")
    say("next: pytest --mlgate")
