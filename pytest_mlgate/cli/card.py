"""``mlgate card``: judge a card alone, as a hook before a commit does."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.cli.common import app, refuse

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
    verdict: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Compare the card's numbers and digests with those of this verdict."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only what fails the card, no warnings.")] = False,
) -> None:
    """Print what cards and datasheets lack, one line each: `path:line: message`. No model is loaded.

    The settings of a `[gates.card]` that names the file are used, of the nearest mlgate.toml from the file up.

    Exit codes: 0 nothing fails; 1 something does; 2 bad usage, or a file that cannot be read.
    """
    from pytest_mlgate.cli.card_lint import Request, run
    from pytest_mlgate.policy import STAGES

    if stage is not None and stage not in STAGES:
        refuse(f"--stage {stage}: choose one of {', '.join(STAGES)}")
    asked = Request(files=tuple(files), stage=stage, preset=preset, lang=lang, verdict=verdict, quiet=quiet)
    raise typer.Exit(run(asked))
