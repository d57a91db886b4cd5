"""``mlgate golden predictions``: rows and the candidate's answers, to tell next year whether it answers the same."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, load, refuse, say
from pytest_mlgate.cli.golden import golden
from pytest_mlgate.cli.progress import working
from pytest_mlgate.problems import short

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.golden_predictions import GoldenPredictions
    from pytest_mlgate.config import Config

_KEY = "[gates.roundtrip] golden"


@golden.command("predictions")
def predictions(
    config: ConfigOption = None,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=r"The file to write (.json). Default: `\[gates.roundtrip] golden`."),
    ] = None,
    rows: Annotated[int, typer.Option(help="How many rows of the holdout are kept, at most 10 000.")] = 100,
    seed: Annotated[int | None, typer.Option(help=r"Of the choice of rows. Default: `\[model] seed`.")] = None,
) -> None:
    """Keep rows of the holdout and the candidate's answers in one file; none of sensitive columns.

    Exit codes: 0 written; 1 the candidate does not answer; 2 bad usage or configuration.
    """
    from pytest_mlgate.artifacts.golden_predictions import write_golden_predictions
    from pytest_mlgate.artifacts.model import ModelError

    settings = load(config, may_lack=("model.baseline",))
    file = _file(settings, to)
    try:
        with working("asking the candidate"):
            taken = _taken(settings, rows, settings.model.seed if seed is None else seed)
        write_golden_predictions(taken, file)
    except ModelError as error:
        typer.echo(f"mlgate: {error.message}\n    fix: {error.fix}", err=True)
        raise typer.Exit(1) from None
    except InputError as error:
        refuse(f"{error.message}\n    fix: {error.fix}" if error.fix else error.message)
    say(f"wrote {short(file)}: {len(taken.positions)} rows, {', '.join(taken.answers)}")
    if settings.setting("roundtrip", "golden") is None:
        place = Path(os.path.relpath(file, settings.folder)).as_posix()
        say(f'next: under [gates.roundtrip] in {_name(settings)}: golden = "{place}"')
    say("next: keep it where the model's file is kept")


def _taken(config: Config, rows: int, seed: int) -> GoldenPredictions:
    from pytest_mlgate.lifecycle.archive import below
    from pytest_mlgate.lifecycle.golden_predictions import take_golden_predictions
    from pytest_mlgate.store import Store

    store = Store(config=config)
    holdout = store.table("holdout")
    read = store.read_of(holdout)
    assert read is not None
    candidate = store.model("candidate")
    try:
        return take_golden_predictions(
            candidate,
            read.frame,
            config.facts,
            sensitive=config.data.sensitive,
            source=below(read.path, config.folder),
            digest=read.digest,
            named=str(candidate.provenance.get("reference") or below(Path(candidate.source), config.folder)),
            rows=rows,
            seed=seed,
        )
    finally:
        candidate.close()


def _file(config: Config, to: Path | None) -> Path:
    for key, value in (("[model] candidate", config.model.candidate), ("[data] holdout", config.data.holdout)):
        if value is None:
            refuse(f"golden predictions need `{key}` in the configuration")
    named = config.setting("roundtrip", "golden")
    if to is None and named is None:
        refuse(f"`{_KEY}` names no file; name one: --to golden/predictions.json")
    file = Path(os.path.abspath(to)) if to is not None else config.resolve(str(named))
    if file.suffix != ".json":
        refuse(f"{short(file)}: golden predictions are a .json file")
    return file


def _name(config: Config) -> str:
    return config.path.name if config.path else "mlgate.toml"
