"""``mlgate promote`` and ``mlgate rollback``: what serves follows from a verdict, and the way back is tried first."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pytest_mlgate.checks import InputError, Waiver
from pytest_mlgate.cli.common import FILES, ConfigOption, PolicyOption, app, block, load, refuse, two_lines
from pytest_mlgate.policy import STAGES
from pytest_mlgate.problems import short, suggest

if TYPE_CHECKING:
    from pytest_mlgate.config import Config
    from pytest_mlgate.lifecycle.events import Event, FileSeen
    from pytest_mlgate.lifecycle.requirements import Missing
    from pytest_mlgate.lifecycle.states import ModelState
    from pytest_mlgate.verdict import Verdict

_ActorOption = Annotated[str | None, typer.Option(help="Who acts. Default: as CI, git or the system knows you.")]
_NoticedOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="When the trouble was noticed that this reacts to (UTC).")
]


@app.command()
def promote(
    to: Annotated[str, typer.Option(metavar="STAGE", help="validation, pre-production, production or monitoring.")],
    config: ConfigOption = None,
    version: Annotated[
        str | None, typer.Option(help="What this file is called. Default: the first 12 digits of its SHA-256.")
    ] = None,
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: _ActorOption = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    first_version: Annotated[
        bool, typer.Option("--first-version", help="There is nothing to go back to yet, and that is known.")
    ] = False,
    policy: PolicyOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what is missing, and record nothing.")] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Promote in spite of what is missing; needs --reason, and is marked for ever."),
    ] = False,
) -> None:
    """Record that the candidate goes to a stage, where nothing is missing of what the policy asks.

    Exit codes: 0 promoted, or nothing is missing; 1 refused; 2 bad usage or configuration.
    """
    if to not in STAGES:
        refuse(f"--to {to}: {suggest(to, STAGES)}")
    if force and not reason.strip():
        refuse("--force needs a --reason, which stays in the ledger")
    settings = load(
        config, may_lack=("model.baseline", *(key for key in FILES if key.startswith("data."))), policy=policy
    )
    try:
        event, found = _promotion(settings, to, version, approver, actor, reason.strip(), first_version)
        for one in found:
            typer.echo(f"missing  {one}\n    fix: {one.fix}", err=True)
        if found and not force:
            block(f"{event.model} {event.version} does not go to {to}: {len(found)} missing")
        if dry_run:
            typer.echo(f"{event.model} {event.version} can go to {to}" + (", by force" if found else ""))
            return
        _record(settings, event, tuple(str(one) for one in found))
    except InputError as error:
        block(two_lines(error))
    typer.echo(f"{event.model} {event.version} is in {to}" + (", by force" if found else ""))


def _promotion(
    config: Config,
    to: str,
    version: str | None,
    approver: str | None,
    actor: str | None,
    reason: str,
    first_version: bool,
) -> tuple[Event, list[Missing]]:
    from pytest_mlgate.artifacts.environment import git_output
    from pytest_mlgate.lifecycle.appending import read_ledger
    from pytest_mlgate.lifecycle.events import NO_BASELINE, VerdictSeen
    from pytest_mlgate.lifecycle.people import who
    from pytest_mlgate.lifecycle.requirements import Present, data_of, missing
    from pytest_mlgate.lifecycle.states import PRODUCTION, next_event, refuse_edge
    from pytest_mlgate.tables.files import file_digest

    file = _candidate(config)
    digest, _ = file_digest(file, what="model")
    name, version = config.name, version or digest[:12]
    known = read_ledger(config.ledger).whole().model(name)
    refuse_edge(known, name, version, to)
    verdict, why_none = _verdict(config)
    code = (verdict.identity.get("code") if verdict else None) or {}
    commit = code.get("commit")
    author = git_output(config.folder, "log", "-1", "--format=%an <%ae>", str(commit)) if commit else None
    actor = actor or who(config.folder)
    here = Present(
        folder=config.folder,
        model=name,
        stage=to,
        configuration=config.digest,
        policy=config.policies.at(to),
        card=config.card_file,
        actor=actor,
        author=(author or "").strip(),
        approver=approver,
        approvers=tuple(config.governance.approvers),
        now=datetime.now(UTC),
    )
    found = list(missing(verdict, why_none, here))
    inputs = verdict.identity.get("inputs", {}) if verdict else {}
    if verdict and inputs.get("candidate", {}).get("digest") != digest:
        found = [one for one in found if one.what != "candidate"]
        found.append(_other_candidate(config, inputs))
    kept: dict[str, FileSeen] = {}
    target: Any = None
    if to == PRODUCTION:
        target, kept, more = _way_back(config, known, version, digest, first_version)
        found += more
    baseline = str(inputs.get("baseline", {}).get("digest", "")) if verdict else None
    event = next_event(
        known,
        "promote",
        model=name,
        version=version,
        to_stage=to,
        artifact=digest,
        path=_below(file, config),
        actor=actor,
        approver=approver,
        reason=reason,
        verdict=None
        if verdict is None
        else VerdictSeen(
            digest=verdict.to_json()["digest"],
            decision=verdict.decision,
            stage=verdict.stage,
            finished=verdict.finished,
        ),
        policy=here.policy.digest,
        waivers=_waivers(verdict),
        baseline=(baseline or NO_BASELINE) if verdict else None,
        commit=commit,
        data=data_of(verdict) if verdict else {},
        card=verdict.identity.get("card") if verdict else None,
        rollback_target=target,
        kept=kept,
    )
    return event, found


def _candidate(config: Config) -> Path:
    from pytest_mlgate.artifacts.references import is_reference
    from pytest_mlgate.tables.reading import is_table_path

    said = config.model.candidate
    if said is None or is_reference(said) or is_table_path(said) or not config.resolve(said).is_file():
        raise InputError(f"`[model] candidate` = {said!r} is no model file", fix="a promotion is of a file: name one")
    return config.resolve(said)


def _verdict(config: Config) -> tuple[Verdict | None, str]:
    from pytest_mlgate.verdict import read_verdict

    path = config.results / "verdict.json"
    if not path.is_file():
        return None, f"there is none ({short(path)})"
    try:
        return read_verdict(path), ""
    except (OSError, ValueError) as error:
        return None, f"{short(path)}: {error}"


def _other_candidate(config: Config, inputs: dict[str, Any]) -> Missing:
    from pytest_mlgate.lifecycle.requirements import Missing

    judged = str(inputs.get("candidate", {}).get("digest", "")) or "no file"
    message = f"{config.model.candidate} is not what was judged ({judged[:12]})"
    return Missing(what="artifact", message=message, fix="run the gates again, of this file")


def _waivers(verdict: Verdict | None) -> tuple[Waiver, ...]:
    checks = verdict.checks if verdict else ()
    return tuple(dict.fromkeys(check.waiver for check in checks if check.waiver is not None))


def _way_back(
    config: Config, known: ModelState, version: str, digest: str, first_version: bool
) -> tuple[Any, dict[str, FileSeen], list[Missing]]:
    """Return the rollback target, the candidate's stored sample, and what is missing of either."""
    from pytest_mlgate.lifecycle.archive import answers
    from pytest_mlgate.lifecycle.events import FIRST_VERSION, RollbackTarget
    from pytest_mlgate.lifecycle.requirements import Missing

    found: list[Missing] = []
    kept, without = _sample(config, digest)
    found += without
    name = known.target(version)
    if name is None:
        if not (first_version or config.governance.rollback.first_version):
            message = "there is no version to go back to"
            fix = "say so where this is the first: `--first-version`, or `[governance.rollback] first_version = true`"
            found.append(Missing(what="rollback", message=message, fix=fix))
        return FIRST_VERSION, kept, found
    loads = True
    try:
        answers(known.versions[name], name, folder=config.ledger.parent, archive=config.archive, load=config.loading)
    except InputError as error:
        loads = False
        found.append(Missing(what="rollback", message=error.message, fix=error.fix))
    return RollbackTarget(version=name, digest=known.versions[name].artifact, loads=loads), kept, found


def _sample(config: Config, digest: str) -> tuple[dict[str, FileSeen], list[Missing]]:
    import json

    from pytest_mlgate.lifecycle.events import FileSeen
    from pytest_mlgate.lifecycle.requirements import Missing

    fix = "`mlgate golden predictions --to FILE`, and name it: `[gates.roundtrip] golden`"
    named = next(
        (getattr(entry.settings, "golden", None) for entry in config.entries if entry.gate.name == "roundtrip"), None
    )
    if named is None:
        message = "no golden predictions are configured; without them nobody can tell later whether it still answers"
        return {}, [Missing(what="sample", message=message, fix=fix)]
    path = config.resolve(named)
    try:
        data = path.read_bytes()
        of = json.loads(data)["artifact"]["digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        return {}, [Missing(what="sample", message=f"{named} cannot be read: {error}", fix=fix)]
    if of != digest:
        return {}, [
            Missing(what="sample", message=f"{named} has the answers of another file ({str(of)[:12]})", fix=fix)
        ]
    return {"sample": FileSeen(path=_below(path, config), digest=hashlib.sha256(data).hexdigest())}, []


def _below(path: Path, config: Config) -> str:
    folder = config.ledger.parent
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _record(config: Config, event: Event, forced: tuple[str, ...]) -> None:
    from dataclasses import replace

    from pytest_mlgate.lifecycle.appending import append
    from pytest_mlgate.lifecycle.archive import keep
    from pytest_mlgate.lifecycle.states import PRODUCTION

    folder = config.ledger.parent
    if event.to_stage == PRODUCTION and config.lifecycle.archive:
        keep(config.archive, folder / event.path, event.artifact)
        for seen in event.kept.values():
            keep(config.archive, folder / seen.path, seen.digest)
    append(config.ledger, lambda ledger: replace(event, forced=forced))


@app.command()
def rollback(
    reason: Annotated[str, typer.Option(help="Why; stays in the ledger.")],
    config: ConfigOption = None,
    to: Annotated[str | None, typer.Option(metavar="VERSION", help="Default: the one before what serves.")] = None,
    model: Annotated[str | None, typer.Option(help="Default: the configuration's.")] = None,
    approver: Annotated[str | None, typer.Option(help="Who agreed.")] = None,
    actor: _ActorOption = None,
    noticed: _NoticedOption = None,
) -> None:
    """Let a version serve that did before: no gate runs, nothing is trained; it is loaded and asked first.

    Exit codes: 0 it serves; 1 refused; 2 bad usage or configuration.
    """
    from pytest_mlgate.lifecycle.appending import append, read_ledger
    from pytest_mlgate.lifecycle.archive import answers
    from pytest_mlgate.lifecycle.people import who
    from pytest_mlgate.lifecycle.states import PRODUCTION, next_event, refuse_rollback

    if not reason.strip():
        refuse("--reason is blank; a rollback has one")
    settings = load(config, may_lack=FILES)
    name = model or settings.name
    since = None if noticed is None else _utc(noticed)
    try:
        known = read_ledger(settings.ledger).whole().model(name)
        version = to or known.target()
        if version is None:
            raise InputError(f"{name} has no version to go back to", fix="name one that once served: `--to`")
        refuse_rollback(known, name, version)
        answers(
            known.versions[version],
            version,
            folder=settings.ledger.parent,
            archive=settings.archive,
            load=settings.loading,
        )
        event = next_event(
            known,
            "rollback",
            model=name,
            version=version,
            to_stage=PRODUCTION,
            actor=actor or who(settings.folder),
            approver=approver,
            reason=reason.strip(),
            noticed=since,
        )
        append(settings.ledger, lambda ledger: event)
    except InputError as error:
        block(two_lines(error))
    typer.echo(f"{name} {version} serves")


def _utc(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"--noticed {text}: is no time, such as 2027-01-31T08:00")
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return moment.isoformat(timespec="seconds")
