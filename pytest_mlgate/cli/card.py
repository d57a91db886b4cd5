"""``mlgate card``: judge a card alone, as a hook before a commit does."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pytest_mlgate.cli.common import app, refuse

if TYPE_CHECKING:
    from pytest_mlgate.checks import Check

card = typer.Typer(no_args_is_help=True, help="The model card: written from what was measured, and judged.")
app.add_typer(card, name="card")

_STAGE = "What the card is asked for. Default: the configuration's stage, else pre-production."
_PRESET = "minimal-7, mitchell-9, huggingface, annex-iv or playbook-es. Default: the configuration's, else minimal-7."


@card.command()
def lint(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Cards: Markdown or JSON.")],
    stage: Annotated[str | None, typer.Option(metavar="STAGE", help=_STAGE)] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help=_PRESET)] = None,
    lang: Annotated[
        str | None, typer.Option(metavar="en|es", help="Language of messages. Default: the card's.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only what fails the card, no warnings.")] = False,
) -> None:
    """Print what a card lacks, one line each: `path:line: message`. Nothing is measured, no model is loaded.

    The settings of a `[gates.card]` that names the file are used, of the nearest mlgate.toml from the file up.

    Exit codes: 0 nothing fails; 1 something does; 2 bad usage, or a file that cannot be read.
    """
    from pydantic import ValidationError

    from pytest_mlgate.checks import InputError
    from pytest_mlgate.gates.base import Facts, Inputs
    from pytest_mlgate.gates.card import STAGE, Settings, as_card, judge
    from pytest_mlgate.policy import STAGES

    if stage is not None and stage not in STAGES:
        refuse(f"--stage {stage}: choose one of {', '.join(STAGES)}")
    given = {key: value for key, value in (("preset", preset), ("lang", lang)) if value is not None}
    failed = False
    for file in files:
        configured, its_stage = _configured(file)
        if preset is not None:
            configured.pop("sections", None)
        try:
            settings = Settings(**{**configured, **given})
            read = as_card(file, settings)
        except ValidationError as error:
            refuse("; ".join(str(one["msg"]).removeprefix("Value error, ") for one in error.errors()))
        except InputError as error:
            refuse(error.message)
        inputs = Inputs(facts=Facts(stage=stage or its_stage or STAGE), values={})
        for found in judge(read, settings, inputs):
            failed |= found.blocks
            if found.outcome != "pass" and (found.blocks or not quiet):
                typer.echo(_line(file, found))
    raise typer.Exit(1 if failed else 0)


def _line(file: Path, check: Check) -> str:
    """Return a check as one line: place, whether it is only a warning, message, and what to do."""
    from pytest_mlgate.reports.text import printable

    line = check.details.get("line", 1)
    message = check.message.removeprefix(f"{file.name}:{line}: ").removeprefix(f"{file.name}: ")
    kind = "" if check.blocks else f"{check.severity.value}: "
    fix = f"; {check.fix}" if check.fix else ""
    return printable(f"{file}:{line}: {kind}{message}{fix} [{check.code}]").replace("\n", " ")


def _configured(file: Path) -> tuple[dict[str, Any], str | None]:
    """Return the settings of the gate that names a card, and the stage; nothing where there is no such gate.

    Only these are read: a hook must not fail because a model is not there yet.
    """
    path = Path(os.path.abspath(file))
    for folder in path.parents:
        for name in ("mlgate.toml", "pyproject.toml"):
            try:
                document = tomllib.loads((folder / name).read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            section = document if name == "mlgate.toml" else document.get("tool", {}).get("mlgate")
            if isinstance(section, dict):
                return _of(section, folder, path)
    return {}, None


def _of(document: dict[str, Any], folder: Path, path: Path) -> tuple[dict[str, Any], str | None]:
    gates, model = document.get("gates"), document.get("model")
    stage = model.get("stage") if isinstance(model, dict) else None
    entries = gates.get("card", []) if isinstance(gates, dict) else []
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, dict) and os.path.normpath(folder / str(entry.get("path", "MODEL_CARD.md"))) == str(path):
            kept = {key: entry[key] for key in ("preset", "sections", "headings", "lang", "max_age") if key in entry}
            return kept, stage if isinstance(stage, str) else None
    return {}, None
