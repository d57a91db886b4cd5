"""``mlgate golden``: a stored table of predictions to compare with, changed only with a reason and an author."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli.common import ConfigOption, app, block, load, refuse, say, two_lines
from pytest_mlgate.problems import short
from pytest_mlgate.reports.text import printable

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.config import Config, Entry
    from pytest_mlgate.lifecycle.golden import GoldenRecord
    from pytest_mlgate.lifecycle.ratchet import Present, Step
    from pytest_mlgate.tables import TableRead

golden = typer.Typer(
    no_args_is_help=True,
    help="A golden baseline: kept in git, changed with a reason, only better. And golden predictions.",
)
app.add_typer(golden, name="golden")


@golden.command()
def update(
    reason: Annotated[str, typer.Option(help="Why the golden baseline changes; kept in its record.")],
    author: Annotated[str, typer.Option(help="Who answers for that.")],
    config: ConfigOption = None,
    to: Annotated[
        Path | None, typer.Option(metavar="FILE", help=r"The table to write (.parquet). Default: `\[model] baseline`.")
    ] = None,
    accept_worse: Annotated[
        bool, typer.Option("--accept-worse", help="Write it although a metric got worse; the record says so.")
    ] = False,
    new_holdout: Annotated[
        bool,
        typer.Option(
            "--new-holdout",
            help="Write it although the present one has no answer for some rows of the holdout and cannot be compared.",
        ),
    ] = False,
) -> None:
    """Let the candidate's answers on the holdout be the golden baseline, where no metric got worse.

    Exit codes: 0 written; 1 it got worse, or could not be compared; 2 bad usage or configuration.
    """
    for name, value in (("reason", reason), ("author", author)):
        if not value.strip():
            refuse(f"--{name} is blank; a golden baseline changes only with a reason and an author")
    settings = load(config, may_lack=("model.baseline",))
    table = _target(settings, to)
    entries = _entries(settings)
    try:
        written = _update(
            settings,
            entries,
            table,
            reason=reason.strip(),
            author=author.strip(),
            accept_worse=accept_worse,
            new_holdout=new_holdout,
        )
    except InputError as error:
        block(two_lines(error))
    except OSError as error:
        block(f"{short(table)}: cannot be written: {error}")
    for line in written:
        say(line)


@golden.command()
def show(config: ConfigOption = None) -> None:
    """Say why the golden baseline is what it is, and what it was before."""
    from pytest_mlgate.lifecycle.golden import check_digest, read_record

    settings = load(config, may_lack=("model.baseline",))
    table = _configured(settings)
    if table is None:
        refuse(f"`[model] baseline` = {settings.model.baseline!r} is no golden baseline: it names a .parquet table")
    try:
        record = read_record(table)
        if record is None:
            refuse(f"{short(table)} has no record: it is no golden baseline; `mlgate golden update` makes it one")
        for line in _told(record):
            typer.echo(printable(line))
        check_digest(record, table, hashlib.sha256(table.read_bytes()).hexdigest())
    except InputError as error:
        block(two_lines(error))
    except OSError as error:
        block(f"{short(table)}: cannot be read: {error.strerror}")


def _update(
    config: Config,
    entries: Iterable[Entry],
    table: Path,
    *,
    reason: str,
    author: str,
    accept_worse: bool,
    new_holdout: bool,
) -> list[str]:
    """Measure, compare, write; return what to say. Nothing is written where anything is in the way."""
    from pytest_mlgate.lifecycle import ratchet
    from pytest_mlgate.lifecycle.golden import record_path, write_golden

    facts = config.facts
    before = ratchet.present(table, facts)
    candidate, holdout, read = _asked(config)
    try:
        compared = _comparable(before, holdout, new_holdout=new_holdout)
        content = ratchet.as_parquet(ratchet.answers(candidate, holdout, facts))
        kept = ratchet.stored(content, facts)
        old = before.model if before is not None and compared else None
        steps = ratchet.measure(entries, facts, holdout, candidate=candidate, table=kept, old=old)
    finally:
        candidate.close()
    if not accept_worse and any(step.worse for step in steps):
        block(_worse(steps, table))
    record = ratchet.new_record(
        table,
        hashlib.sha256(content).hexdigest(),
        candidate=candidate,
        source=_source(candidate, config.folder),
        holdout=read,
        steps=steps,
        before=None if before is None else before.record,
        reason=reason,
        author=author,
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        new_holdout=not compared,
    )
    write_golden(table, content, record)
    line = f'baseline = "{Path(os.path.relpath(table, config.folder)).as_posix()}"'
    said = [f"wrote {short(table)} and {short(record_path(table))}", *map(_measured, steps)]
    if _configured(config) is None:
        said.append(f"next: under [model] in {config.path.name if config.path else 'mlgate.toml'}: {line}")
    return [*said, "next: commit both files"]


def _target(config: Config, to: Path | None) -> Path:
    """Return the table to write; exit 2 where none is named, or another than the one that is compared with."""
    from pytest_mlgate.lifecycle.golden import EXTENSION

    named = _configured(config)
    if to is None:
        if named is None:
            baseline = config.model.baseline or "dummy"
            refuse(f"`[model] baseline` = {baseline!r} is no .parquet table; name one: --to golden/baseline{EXTENSION}")
        return named
    table = Path(os.path.abspath(to))
    if table.suffix != EXTENSION:
        refuse(f"--to {to}: a golden baseline is a {EXTENSION} file")
    if named is not None and named != table:
        refuse(f"--to {to}: `[model] baseline` names {short(named)}; leave --to out, or change the configuration first")
    return table


def _configured(config: Config) -> Path | None:
    """Return the table that `[model] baseline` names; None where it names anything else."""
    from pytest_mlgate.artifacts.references import is_reference
    from pytest_mlgate.lifecycle.golden import EXTENSION

    baseline = config.model.baseline
    if baseline is None or is_reference(baseline) or not baseline.endswith(EXTENSION):
        return None
    return config.resolve(baseline)


def _entries(config: Config) -> list[Entry]:
    """Return the entries that measure it; exit 2 where the configuration lacks what an update needs."""
    needed: Mapping[str, Any] = {
        "[model] candidate": config.model.candidate,
        "[data] holdout": config.data.holdout,
        "[data] target": config.data.target,
        "[data] id": config.data.id,
    }
    lacking = [f"`{key}`" for key, value in needed.items() if value is None]
    if lacking:
        refuse(f"a golden baseline needs {', '.join(lacking)} in the configuration")
    for key in ("id", "target"):
        if getattr(config.data, key) in config.data.sensitive:
            refuse(f"`[data] {key}` is sensitive, and a golden baseline would keep its values in git")
    entries = [entry for entry in config.entries if entry.gate.name == "baseline"]
    if not entries:
        refuse("no [[gates.baseline]] is configured: there is nothing to measure a golden baseline by")
    scored = next((entry for entry in entries if entry.settings.score is not None), None)  # type: ignore[attr-defined]
    if scored is not None:  # a candidate's answers to the holdout hold no judge's score of them
        refuse(f"{scored.name} compares a `score` column, and a golden baseline holds what a metric judges")
    return entries


def _asked(config: Config) -> tuple[Model, pd.DataFrame, TableRead]:
    """Return the configured candidate and the holdout, read as a run of the gates reads them."""
    from pytest_mlgate.store import Store

    store = Store(config=config)
    holdout = store.table("holdout")
    read = store.read_of(holdout)
    assert read is not None
    return store.model("candidate"), read.frame, read


def _source(candidate: Model, folder: Path) -> str:
    reference = candidate.provenance.get("reference")
    path = Path(candidate.source)
    return str(reference or (path.relative_to(folder).as_posix() if path.is_relative_to(folder) else candidate.source))


def _comparable(before: Present | None, holdout: pd.DataFrame, *, new_holdout: bool) -> bool:
    """Whether there is a golden table with an answer for each row; a comparison is never left out in silence."""
    from pytest_mlgate.lifecycle.ratchet import covers

    if before is None:
        return True
    gap = covers(before.model, holdout)
    if gap is None and new_holdout:
        refuse("--new-holdout: the present golden baseline answers every row of this holdout, and is compared with")
    if gap is not None and not new_holdout:
        raise InputError(
            f"{gap.message}: nothing can be compared",
            fix="keep the old holdout; or give --new-holdout, and the record says that nothing was compared",
        )
    return gap is None


def _worse(steps: Iterable[Step], table: Path) -> str:
    lines = [f"worse than {short(table)}, which stays as it is:"]
    lines += [f"    {step.entry}: {step.old:.6g} before, {step.new.value:.6g} now" for step in steps if step.worse]
    return "\n".join(
        [*lines, "    fix: improve the candidate; or accept it with --accept-worse, and say why in --reason"]
    )


def _measured(step: Step) -> str:
    before = "" if step.old is None else f", {step.old:.6g} before"
    return f"  {step.entry}  {step.new.value:.6g}{before}" + ("  (worse, accepted)" if step.worse else "")


def _told(record: GoldenRecord) -> Iterable[str]:
    """Yield the record and those before it in words."""
    source = f"{record.source} ({record.source_digest[:12]})" if record.source_digest else record.source
    yield f"{record.table}: what {source} answered on {record.holdout_rows} rows ({record.holdout_digest[:12]})"
    yield from _one(record)
    for earlier in record.history:
        yield from _one(earlier)


def _one(record: GoldenRecord) -> Iterable[str]:
    yield f"{record.time}  {record.author}: {record.reason}"
    for entry, found in record.metrics.items():
        limits = found.interval
        ends = (
            "" if limits is None else f" [{_end(limits.low)}, {_end(limits.high)}] {limits.level:.0%}, {limits.method}"
        )
        worse = "  (worse than before, accepted)" if entry in record.accepted_worse else ""
        yield f"  {entry}  {found.value:.6g}{ends}{worse}"
    if record.new_holdout:
        yield "  not compared with the one before: a new holdout"


def _end(value: float | None) -> str:
    return "open" if value is None else f"{value:.4g}"
