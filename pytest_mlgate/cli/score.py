"""``mlgate score``: the ML Test Score of this project, each point with its evidence."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from pytest_mlgate.cli.common import FILES, ConfigOption, app, load, refuse
from pytest_mlgate.problems import suggest

FORMATS = ("text", "json")


@app.command()
def score(
    config: ConfigOption = None,
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
) -> None:
    r"""Print the 28 tests of the ML Test Score (Breck et al. 2017), and what of this project answers each.

    A point is for checks of the last verdict that gave an answer, half a point for what governance, the card or
    `\[score]` states; a gate that is only configured gives none. Exit codes: 0 printed; 2 bad usage or configuration.
    """
    from pytest_mlgate.reports.score import lines
    from pytest_mlgate.reports.text import columns
    from pytest_mlgate.score.scoring import score_of

    if form not in FORMATS:
        refuse(f"--format {form}: {suggest(form, FORMATS)}")
    found = score_of(load(config, may_lack=FILES))
    if form == "json":
        typer.echo(json.dumps(found.to_json(), indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(lines(found, width=columns(isatty=sys.stdout.isatty()))))
