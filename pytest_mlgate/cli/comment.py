"""``mlgate comment``: the comment that a run wrote goes to its pull request, in place of that of an earlier run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import FILES, ConfigOption, app, block, load, two_lines
from pytest_mlgate.problems import short


@app.command()
def comment(
    config: ConfigOption = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="The comment. Default: that of the last run.")
    ] = None,
    pull_request: Annotated[
        int | None,
        typer.Option(metavar="NUMBER", min=1, help="Default: that of the event which GitHub started this for."),
    ] = None,
    author: Annotated[
        str, typer.Option(metavar="LOGIN", help="Who writes with this token. Comments of others are never changed.")
    ] = "github-actions[bot]",
) -> None:
    """Put the comment of the last run on its pull request on GitHub, in place of the one of an earlier run.

    `mlgate check --report comment` writes it. The token is that of GITHUB_TOKEN, and may be one that only reads where
    the pull request comes from a fork or from Dependabot: then nothing is written, and that is said. Outside of a pull
    request there is nothing to do.

    Exit codes: 0 written, or nothing to do; 1 not written; 2 bad usage or configuration.
    """
    from pytest_mlgate.reports import KINDS

    path = file if file is not None else load(config, may_lack=FILES).results / KINDS["comment"]
    try:
        typer.echo(_publish(_read(path), _event(), pull_request, author))
    except InputError as error:
        block(two_lines(error))


def _read(path: Path) -> str:
    from pytest_mlgate.reports.comment import LIMIT, MARKER

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        message = f"{short(path)}: there is no comment ({error})"
        raise InputError(message, fix="let the run write it: `mlgate check --report comment`") from None
    if not text.startswith(MARKER) or len(text) > LIMIT:
        raise InputError(f"{short(path)} is no comment of mlgate's", fix="name what `--report comment` wrote")
    return text


def _event() -> dict[str, Any]:
    path = os.environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        event = json.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"GITHUB_EVENT_PATH: {path} cannot be read: {error}", fix="run this in a job of GitHub's"
        ) from None
    return event if isinstance(event, dict) else {}


def _publish(text: str, event: dict[str, Any], number: int | None, author: str) -> str:
    """Write the comment; return what was done."""
    from pytest_mlgate.reports.forge import Forge, Refused

    pull = event.get("pull_request")
    pull = pull if isinstance(pull, dict) else {}
    number = number or pull.get("number")
    if number is None:
        return "mlgate: no pull request: nothing to comment on"
    forge = Forge.from_environment()
    marker = text.partition("\n")[0]
    try:
        for found in forge.comments(number):
            if (found.get("body") or "").startswith(marker) and (found.get("user") or {}).get("login") == author:
                return f"mlgate: comment changed: {forge.change(found['id'], text)}"
        return f"mlgate: comment written: {forge.write(number, text)}"
    except Refused as error:
        why = next(_reads_only(pull), None)
        if why is None:
            raise
        return (
            f"mlgate: no comment: {why}, and the token may only read ({error.message}); the job summary says the same"
        )


def _reads_only(pull: dict[str, Any]) -> Iterator[str]:
    """Yield why GitHub gives this run a token that only reads, where it does."""
    source, target = ((pull.get(end) or {}).get("repo") or {} for end in ("head", "base"))
    if pull and source.get("full_name") != target.get("full_name"):
        yield "the pull request comes from a fork"
    if os.environ.get("GITHUB_ACTOR") == "dependabot[bot]":
        yield "Dependabot started this run"
