"""``mlgate report``: the last verdict and its evidence as one HTML page, nothing run again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ConfigOption, app, block, load, refuse, say, two_lines
from pytest_mlgate.cli.progress import working
from pytest_mlgate.problems import short


@app.command()
def report(
    config: ConfigOption = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="A verdict's file, its evidence beside it. Default: the last run's."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write it there. Default: report.html beside the verdict.")
    ] = None,
) -> None:
    """Write the report of the last run: one HTML page with plots, which loads nothing and runs nothing.

    Made from verdict.json and evidence.json; nothing is judged again. Evidence of another run is left out, and the page
    says so. Needs the extra `report`.

    Exit codes: 0 written, whatever the verdict decides; 1 there is no verdict, or it was changed; 2 bad usage or
    configuration, or a package is missing.
    """
    from pytest_mlgate.reports import Run, html
    from pytest_mlgate.tables.writing import write_atomically
    from pytest_mlgate.verdict import read_evidence, read_verdict

    try:
        html.require()
    except InputError as error:
        refuse(two_lines(error))
    path = file if file is not None else load(config, may_lack=FILES).results / "verdict.json"
    if not path.is_file():
        block(f"{short(path)}: there is no verdict; `mlgate check` writes one")
    beside = path.with_name("evidence.json")
    try:
        verdict = read_verdict(path)
    except (OSError, ValueError) as error:
        block(f"{short(path)}: {error}\n    fix: run the gates again: `mlgate check`")
    try:
        evidence = read_evidence(beside, verdict.to_json()["digest"])
    except (OSError, ValueError) as error:
        block(f"{short(beside)}: {error}\n    fix: run the gates again, or make the page without it: take it away")
    notes: tuple[str, ...] = ()
    if evidence is None:
        notes = ("evidence.json is of another run: curves, distributions and rows are missing",)
        typer.echo(f"note: {notes[0]}", err=True)
    elif not beside.exists():
        notes = ("there is no evidence.json beside the verdict: curves, distributions and rows, where there were any",)
    with working("drawing"):
        text = html.render(Run(verdict=verdict, evidence=evidence or {}), notes=notes)
    target = output if output is not None else path.with_name("report.html")
    try:
        write_atomically(target.absolute(), text)
    except OSError as error:
        refuse(f"{short(target)}: cannot be written: {error.strerror or error}")
    say(f"report: {short(target)}")
