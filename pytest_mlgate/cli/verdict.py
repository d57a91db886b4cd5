"""``mlgate verdict``: the last verdict once more, checked, as text, JSON or what signing tools sign."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ConfigOption, app, block, load, refuse, two_lines
from pytest_mlgate.problems import short, suggest

if TYPE_CHECKING:
    from pytest_mlgate.verdict import Verdict

FORMATS = ("text", "json", "in-toto", "in-toto-predicate")


@app.command()
def verdict(
    config: ConfigOption = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="A verdict's file. Default: that of the last run.")
    ] = None,
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="text; json; in-toto: a Statement with the test-result predicate, for a tool that signs; "
            "in-toto-predicate: the predicate alone, for one that makes the statement itself.",
        ),
    ] = "text",
    url: Annotated[str | None, typer.Option(help="Of the run, for in-toto.")] = None,
    to: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there. Default: print it.")] = None,
) -> None:
    """Show the verdict of the last run, after a check that it is as it was written.

    Nothing is judged again, and nothing is signed: that is for cosign, GitHub's attestations, or another tool.

    Exit codes: 0 shown, whatever it decides; 1 there is none, it was changed, or it is of no file; 2 bad usage or
    configuration.
    """
    from pytest_mlgate.verdict import read_verdict

    if form not in FORMATS:
        refuse(f"--format {form}: {suggest(form, FORMATS)}")
    path = file if file is not None else load(config, may_lack=FILES).results / "verdict.json"
    if not path.is_file():
        block(f"{short(path)}: there is no verdict; `mlgate check` writes one")
    try:
        text = _shown(read_verdict(path), form, url, isatty=to is None and sys.stdout.isatty())
    except InputError as error:
        block(two_lines(error))
    except (OSError, ValueError) as error:
        block(f"{short(path)}: {error}\n    fix: run the gates again: `mlgate check`")
    if to is None:
        typer.echo(text)
        return
    _write(to, text)


def _shown(found: Verdict, form: str, url: str | None, *, isatty: bool) -> str:
    from pytest_mlgate.reports import in_toto

    if form == "text":
        return _text(found, isatty=isatty)
    made: dict[str, Any] = found.to_json()
    if form == "in-toto":
        made = in_toto.statement(found, url=url)
    elif form == "in-toto-predicate":
        made = in_toto.predicate(found, url=url)
    return json.dumps(made, indent=2, ensure_ascii=False, allow_nan=False)


def _text(found: Verdict, *, isatty: bool) -> str:
    from pytest_mlgate.reports.table import rows
    from pytest_mlgate.reports.terminal import concluded, narrowed
    from pytest_mlgate.reports.text import columns, one_line, wrapped

    width = columns(isatty=isatty)
    head = one_line(f"mlgate: {found.model} -> {found.stage}, {found.finished}")
    notes = [line for note in found.notes for line in wrapped(f"note: {one_line(note)}", width)]
    table = narrowed(rows(found.checks), width, shorten=False)
    return "\n".join([head, *table, *notes, concluded(found, "mlgate explain", width)])


def _write(path: Path, text: str) -> None:
    from pytest_mlgate.tables.writing import write_atomically

    try:
        write_atomically(path.absolute(), text + "\n")
    except OSError as error:
        refuse(f"--to {path}: cannot be written: {error.strerror}")
