"""``mlgate inspect``: what a model file is, what it needs, and whether it may be loaded; nothing of it runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, app, artifacts_of, refuse
from pytest_mlgate.reports.text import printable

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.inspection import Finding, Inspection

_ABOVE = (
    "Refuse a larger file whose SHA-256 is recorded neither beside it (FILE.mlgate.json, FILE.sha256) nor by Git LFS, "
    "and any file whose record speaks of other bytes."
)
_TRUSTED = "A class of your own, package.module:Class, or sha256: and a file's digest; may be repeated."


@app.command("inspect")
def inspect_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Model files, of any format.")],
    trusted: Annotated[list[str] | None, typer.Option(metavar="NAME", help=_TRUSTED)] = None,
    above: Annotated[int | None, typer.Option("--digest-above", metavar="BYTES", min=0, help=_ABOVE)] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only files that are not accepted.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array, one object a file.")] = False,
    config: ConfigOption = None,
) -> None:
    r"""Say what model files are, what they need and whether they may be loaded; nothing of them runs.

    Beside --trusted, what `\[artifacts] trusted` in the nearest mlgate.toml lists is trusted. Exit codes: 0 where every
    file is accepted, 1 where one is not, 2 bad usage.
    """
    from pytest_mlgate.artifacts.inspection import Limits, Trust, inspect_artifact

    section, _ = artifacts_of(config)
    try:
        trust = Trust.of([*section.trusted, *(trusted or [])])
    except InputError as error:
        refuse(f"--{error.message}\n    fix: {error.fix}")
    limits = Limits(size=section.max_size)
    found = [_recorded(inspect_artifact(path, trust=trust, limits=limits), above) for path in files]
    shown = [one for one in found if not quiet or one.verdict != "accepted"]
    if as_json:
        typer.echo(json.dumps([one.to_dict() for one in shown], indent=2))
    elif shown:
        typer.echo(printable("\n\n".join("\n".join(_lines(one)) for one in shown)))
    raise typer.Exit(0 if all(one.verdict == "accepted" for one in found) else 1)


def _recorded(found: Inspection, above: int | None) -> Inspection:
    """Return an inspection with what is wrong with the record of the file's digest, where that is asked."""
    from pytest_mlgate.artifacts.recorded import digest_finding

    finding = None if above is None else digest_finding(found, above=above)
    return found if finding is None else replace(found, findings=(*found.findings, finding))


def _lines(found: Inspection) -> Iterator[str]:
    from pytest_mlgate.artifacts.inspection.words import trust_lines

    yield f"{found.source}: {found.verdict}"
    kind = f"{found.format}, {found.compression}" if found.compression else found.format
    facts = {
        "format": kind,
        "size": f"{found.size:,} bytes",
        "digest": f"sha256:{found.digest}" if found.digest else "",
        "versions": ", ".join(f"{name} {version}" for name, version in sorted(found.versions.items())),
        "trusted": ", ".join(found.trusted),
    }
    yield from (f"  {name:9} {value}" for name, value in facts.items() if value and found.digest)
    for number, name in enumerate(found.names):
        yield f"  {'' if number else 'names':9} {name}"
    for finding in found.findings:
        yield from _said(finding)
    if found.verdict == "untrusted":
        yield from (f"  {line}" for line in trust_lines(found).splitlines())


def _said(finding: Finding) -> Iterator[str]:
    from pytest_mlgate.artifacts.inspection.words import place

    yield f"  {finding.weight:9} {finding.message}{place(finding)}"
    yield f"  {'':9} fix: {finding.fix}"
