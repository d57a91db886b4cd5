"""``mlgate replay``: whether a version still answers the same, and why it was let into production."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, app, artifacts_of, block, refuse, two_lines
from pytest_mlgate.cli.progress import working
from pytest_mlgate.reports.text import one_line

if TYPE_CHECKING:
    from pytest_mlgate.checks import Check
    from pytest_mlgate.lifecycle.events import Event
    from pytest_mlgate.lifecycle.replaying import Replay, Surroundings


@app.command()
def replay(
    bundle: Annotated[Path, typer.Argument(help="What `mlgate retire` or `mlgate bundle` wrote.")],
    environment: Annotated[
        str | None,
        typer.Option(
            "--env",
            help="Ask it in another environment, as `mlgate check --env` takes it; `lock`, `lock@python3.12`: made "
            "from the lock file in the bundle, which fetches packages.",
        ),
    ] = None,
    ledger: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The ledger that has the bundle's digest, or its lines.")
    ] = None,
    trusted: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A class of your own, package.module:Class, or sha256: and a digest."),
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds for loading, and for each question.", min=1)] = 120.0,
    memory: Annotated[float, typer.Option(help="GiB that the model's process may use.", min=0.1)] = 8.0,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    config: ConfigOption = None,
) -> None:
    r"""Verify every byte of an archive bundle, ask its model the stored sample, and say why it was let into production.

    Nothing of the bundle is trusted: beside --trusted, what `\[artifacts] trusted` in the nearest mlgate.toml lists is.
    Exit codes: 0 it answers the same; 1 it does not, or was changed; 2 bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.replaying import replay as replayed
    from pytest_mlgate.lifecycle.replaying import to_json

    for file in (bundle, ledger):
        if file is not None and not file.is_file():
            refuse(f"{file}: there is no such file")
    around = _surroundings(environment, ledger, trusted or [], timeout, memory, config)
    try:
        with (
            working("verifying the bundle and asking its model"),
            tempfile.TemporaryDirectory(prefix="mlgate-") as scratch,
        ):
            found = replayed(bundle, Path(scratch), around)
    except InputError as error:
        if as_json:
            fault = {"what": "bundle", "message": error.message, "fix": error.fix}
            typer.echo(json.dumps({"bundle": str(bundle), "same": False, "faults": [fault]}, indent=2))
            raise typer.Exit(1) from None
        block(two_lines(error))
    if as_json:
        typer.echo(json.dumps(to_json(found), indent=2, ensure_ascii=False))
    else:
        for line in _told(found, around):
            typer.echo(line)
    raise typer.Exit(1 if found.faults else 0)


def _surroundings(
    environment: str | None,
    ledger: Path | None,
    trusted: list[str],
    timeout: float,
    memory: float,
    config: Path | None,
) -> Surroundings:
    from pytest_mlgate.artifacts.inspection import Trust
    from pytest_mlgate.lifecycle.replaying import Surroundings

    section, folder = artifacts_of(config)
    try:
        Trust.of(trusted)
    except InputError as error:
        refuse(f"--{two_lines(error)}")
    return Surroundings(
        roots=(str(folder),),
        trusted=(*section.trusted, *trusted),
        max_size=section.max_size,
        timeout=timeout,
        memory=int(memory * 1024**3),
        environment=environment,
        ledger=ledger,
    )


def _told(found: Replay, around: Surroundings) -> Iterator[str]:
    manifest, left = found.manifest, found.manifest.retirement
    if left is not None:
        how = f"retired {left.day} by {left.actor}"
    else:
        how = f"in {found.events[-1].to_stage} when it was written" if found.events else "not retired"
    yield one_line(f"{manifest.model} {manifest.version} ({manifest.artifact[:12]}), {how}")
    if left is not None:
        yield _row("reason", left.reason)
        yield _row("kept", f"until {left.kept_until}")
    yield _row("bundle", f"{len(manifest.files)} files, {found.size:,} bytes, sha256:{found.digest}")
    for role, why in manifest.absent.items():
        yield _row("absent", f"{role}: {why}")
    yield from map(_event, found.events)
    yield from _decision(found)
    yield from _answers(found)
    for fault in found.faults:
        yield _row("wrong", str(fault))
        yield from (_row("", line) for line in fault.fix.splitlines())
    name = one_line(f"{manifest.model} {manifest.version}")
    if found.faults:
        yield f"NOT REPLAYED: {name}: {len(found.faults)} wrong"
        return
    yield f"REPLAYED: {name} answers as then, and its files are those of then"
    if around.ledger is None:
        of = "its lines with those there" if left is None else "with the one that was recorded at the retirement"
        yield f"  the digests find accidents; `--ledger` compares {of}"


def _event(event: Event) -> str:
    way = f"{event.from_stage or 'new'} → {event.to_stage}"
    people = f"by {event.actor}" + (f", approved by {event.approver}" if event.approver else "")
    return _row(event.event, f"{event.time[:10]} {way} {people}")


def _row(label: str, text: str) -> str:
    return f"  {label:9} {one_line(text)}"


def _decision(found: Replay) -> Iterator[str]:
    """Yield why it was let in: the verdict, what went on without a pass, and what was waived or forced."""
    from pytest_mlgate.verdict import unresolved

    verdict = found.verdict
    if verdict is None:
        yield _row("decision", "is not known: there is no verdict")
    else:
        outcomes = ", ".join(f"{number} {outcome}" for outcome, number in sorted(found.outcomes.items()))
        yield _row("decision", f"{verdict.decision} for {verdict.stage}, {verdict.finished[:10]}: {outcomes}")
        yield _row("asked", ", ".join(dict.fromkeys(check.gate for check in verdict.checks)))
        for check in unresolved(verdict.checks):
            yield _row("went on", f"{check.id}: {check.outcome}: {check.message}; {_why(check)}")
        yield from (_row("blocks", reason) for reason in verdict.reasons)
    for one in found.events:
        yield from (_row("FORCED", f"{what} ({one.reason})") for what in one.forced)


def _why(check: Check) -> str:
    """Return why a check that is no pass let the version through."""
    waiver = check.waiver
    if waiver is None:
        return f"severity {check.severity}"
    return f"waived until {waiver.expires}: {waiver.reason} ({waiver.author})"


def _answers(found: Replay) -> Iterator[str]:
    answered = found.answered
    if answered is None:
        return
    how = "bit for bit" if answered.exact else "to the last bits"
    yield _row("answers", f"{answered.rows} rows as on {answered.taken[:10]}, {how}: {', '.join(answered.methods)}")
    yield _row("with", ", ".join(f"{name} {version}" for name, version in answered.versions.items()))
    if answered.moved:
        yield _row("others", ", ".join(answered.moved))
