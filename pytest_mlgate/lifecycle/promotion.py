"""A promotion: the event that it would be, everything that stands in its way, and the record of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.environment import git_output
from pytest_mlgate.artifacts.golden_predictions import KIND
from pytest_mlgate.checks import InputError, Waiver
from pytest_mlgate.lifecycle.appending import append, read_ledger
from pytest_mlgate.lifecycle.archive import answers, below, keep, keep_content
from pytest_mlgate.lifecycle.attestations import read_attestation, unattested
from pytest_mlgate.lifecycle.divergence import compare
from pytest_mlgate.lifecycle.events import FIRST_VERSION, NO_BASELINE, Event, FileSeen, RollbackTarget, VerdictSeen
from pytest_mlgate.lifecycle.keeping import to_keep
from pytest_mlgate.lifecycle.people import who
from pytest_mlgate.lifecycle.registries import Fetched, Registry, registry_of
from pytest_mlgate.lifecycle.requirements import Missing, Present, data_of, missing, moved_baseline, present
from pytest_mlgate.lifecycle.states import PRODUCTION, ModelState, next_event, refuse_another_file, refuse_edge
from pytest_mlgate.problems import short
from pytest_mlgate.tables.files import file_digest
from pytest_mlgate.verdict import Verdict, read_verdict

if TYPE_CHECKING:
    from pytest_mlgate.config import Config


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What somebody asks for.

    Attributes
    ----------
    to : str
        The stage.
    version : str or None
        What the candidate's file is called; None: as the configuration calls it, ``[model] version``, or else by the
        first 12 digits of its SHA-256.
    actor : str or None
        Who acts; None: as the surroundings say.
    approver : str or None
    reason : str
    first_version : bool
        Whether it is said that there is nothing to go back to yet.
    attestation : Path or None
        The file of an attestation of the verdict.
    noticed : str or None
        When the trouble was noticed that this reacts to, as an event has it.
    """

    to: str
    version: str | None = None
    actor: str | None = None
    approver: str | None = None
    reason: str = ""
    first_version: bool = False
    attestation: Path | None = None
    noticed: str | None = None


def promotion(config: Config, asked: Asked) -> tuple[Event, list[Missing], Mapping[str, str]]:
    """Return the event that a promotion would be, and everything that stands in its way; nothing is recorded.

    Returns
    -------
    event : Event
    missing : list of Missing
    absent : Mapping of str to str
        What an archive bundle of the version will not have, and why; that stands in no way.

    Raises
    ------
    InputError
        Where there is no file to promote, or the ledger answers no question.
    """
    registry = registry_of(config)
    file, fetched = _candidate(config, registry)
    digest, _ = file_digest(file, what="model")
    unnamed = fetched.version if fetched else digest[:12]
    name, version = config.name, asked.version or config.model.version or unnamed
    known = read_ledger(config.ledger).whole().model(name)
    verdict, why_none = _verdict(config)
    here = _present(config, asked, verdict)
    found = [*_against_the_rules(known, name, version, digest, asked.to), *missing(verdict, why_none, here)]
    judged = verdict if verdict is not None and _is_of(verdict, name, digest) else None
    if verdict:
        found = _with_artifact(found, verdict, digest, str(config.model.candidate))
        found += moved_baseline(verdict, config.place) if here.policy.verdict else ()
    attested, in_doubt = _attested(config, asked, here, verdict, digest)
    found += in_doubt
    if registry is not None:
        found += _unfollowed(config, registry, asked.to, fetched)
    kept: dict[str, FileSeen] = {}
    absent: Mapping[str, str] = {}
    target: Any = None
    if asked.to == PRODUCTION:
        sample, without = _sample(config, digest)
        target, in_the_way = _way_back(config, known, version, asked.first_version)
        keeping = to_keep(config, file, judged, here.policy)
        kept, absent = {**keeping.files, **sample}, keeping.absent
        kept |= {} if attested is None else {"attestation": attested}
        found += [*without, *in_the_way, *keeping.missing]
    event = next_event(
        known,
        "promote",
        model=name,
        version=version,
        to_stage=asked.to,
        artifact=digest,
        path=below(file, config.ledger.parent),
        actor=here.actor,
        approver=asked.approver,
        reason=asked.reason,
        policy=here.policy.digest,
        rollback_target=target,
        kept=kept,
        noticed=asked.noticed,
        attestation=None if attested is None else attested.digest,
        **({} if fetched is None or not fetched.ours else {"registered": fetched.uri}),
        **({} if judged is None else grounds(judged)),
    )
    return event, found, absent


def record(config: Config, event: Event, forced: tuple[str, ...]) -> None:
    """Keep the files of a promotion to production, and append it to the ledger.

    Raises
    ------
    InputError
        Where either cannot be written, a file was changed meanwhile, or others changed what the event follows from.
    """
    folder = config.ledger.parent
    if event.to_stage == PRODUCTION and config.lifecycle.archive:
        keep(config.archive, folder / event.path, event.artifact)
        keep_content(config.archive, config.policies.at(event.to_stage).content, ".json")
        for seen in event.kept.values():
            keep(config.archive, folder / seen.path, seen.digest)
    append(config.ledger, lambda ledger: replace(event, forced=forced))


def _present(config: Config, asked: Asked, verdict: Verdict | None) -> Present:
    commit = _commit(verdict)
    author = git_output(config.folder, "log", "-1", "--format=%an <%ae>", commit) if commit else None
    actor = asked.actor or who(config.folder)
    return present(config, asked.to, actor=actor, author=(author or "").strip(), approver=asked.approver)


def _candidate(config: Config, registry: Registry | None) -> tuple[Path, Fetched | None]:
    """Return the candidate's file, and what the registry that follows the ledger says of it."""
    from pytest_mlgate.artifacts.references import is_reference, reference_file, scheme_of
    from pytest_mlgate.tables.reading import is_table_path

    said = config.model.candidate
    file: Path | None = None
    if said is not None and is_reference(said):
        if registry is not None and scheme_of(said) == config.lifecycle.registry:
            fetched = registry.fetch(said.partition(":")[2])
            return fetched.file, fetched
        file = reference_file(said, config.place, role="candidate")
    elif said is not None:
        file = config.resolve(said)
    if file is None or is_table_path(str(file)) or not file.is_file():
        raise InputError(f"`[model] candidate` = {said!r} is no model file", fix="a promotion is of a file: name one")
    return file, None


def _unfollowed(config: Config, registry: Registry, stage: str, fetched: Fetched | None) -> list[Missing]:
    """Return why the registry could not follow the ledger to a stage."""
    name = config.lifecycle.registry
    found = []
    if fetched is None or not fetched.ours:
        what = "it is a version of another model there" if fetched else "it is not named as a version there"
        message = f"{name} could not follow: {config.model.candidate} has nothing to point to: {what}"
        fix = f'register the file, and name it: `candidate = "{name}:..."`'
        found.append(Missing(what="registry", message=message, fix=fix))
    try:
        ledger = read_ledger(config.ledger).whole()
        differences = compare(ledger, config.name, registry, config.lifecycle.aliases).differences
    except InputError as error:
        return [*found, Missing(what="registry", message=error.message, fix=error.fix, by_force=False)]
    for one in differences:
        if one.kind == "ahead" or (one.kind == "moved" and one.stage == stage):
            by_force = one.kind == "moved"
            found.append(Missing(what="registry", message=one.message, fix=one.fix, by_force=by_force))
    return found


def _verdict(config: Config) -> tuple[Verdict | None, str]:
    path = config.results / "verdict.json"
    if not path.is_file():
        return None, f"there is none ({short(path)})"
    try:
        return read_verdict(path), ""
    except (OSError, ValueError) as error:
        return None, f"{short(path)}: {error}"


def _commit(verdict: Verdict | None) -> str | None:
    commit = ((verdict.identity.get("code") if verdict else None) or {}).get("commit")
    return None if commit is None else str(commit)


def _against_the_rules(known: ModelState, name: str, version: str, digest: str, to: str) -> Iterator[Missing]:
    """Yield what no force goes past: a step that is none, and other bytes under a name that has some."""
    try:
        refuse_another_file(known, name, version, digest)
    except InputError as error:
        yield Missing(what="version", message=error.message, fix=error.fix, by_force=False)
    try:
        refuse_edge(known, name, version, to)
    except InputError as error:
        yield Missing(what="step", message=error.message, fix=error.fix, by_force=False)


def _judged(verdict: Verdict) -> str:
    """Return the SHA-256 of the file that a verdict is of."""
    return str(verdict.identity.get("inputs", {}).get("candidate", {}).get("digest", ""))


def _is_of(verdict: Verdict, model: str, digest: str) -> bool:
    """Whether a verdict speaks of this file: one that does not is no ground, for a forced promotion neither."""
    return verdict.model == model and _judged(verdict) == digest


def _with_artifact(found: list[Missing], verdict: Verdict, digest: str, candidate: str) -> list[Missing]:
    judged = _judged(verdict)
    if judged == digest:
        return found
    message = f"{candidate} is not what was judged ({judged[:12] or 'no file'})"
    other = Missing(what="artifact", message=message, fix="run the gates again, of this file")
    return [*(one for one in found if one.what != "candidate"), other]


def _attested(
    config: Config, asked: Asked, here: Present, verdict: Verdict | None, digest: str
) -> tuple[FileSeen | None, list[Missing]]:
    """Return the attestation that was presented, and what is missing of it."""
    required = here.policy.attestation == "required"
    if asked.attestation is None:
        message = f"none was presented, and {asked.to} asks for one"
        fix = "have the verdict signed (`mlgate verdict --format in-toto`), and name the file: `--attestation`"
        return None, [Missing(what="attestation", message=message, fix=fix)] if required else []
    try:
        found = read_attestation(asked.attestation)
    except InputError as error:
        return None, [Missing(what="attestation", message=error.message, fix=error.fix)]
    of = None if verdict is None else str(verdict.to_json()["digest"])
    seen = FileSeen(path=below(asked.attestation.absolute(), config.ledger.parent), digest=found.digest)
    return seen, list(unattested(found, artifact=digest, verdict=of, signed=required))


def grounds(verdict: Verdict) -> dict[str, Any]:
    """Return what an event says of the verdict that it rests on."""
    baseline = str(verdict.identity.get("inputs", {}).get("baseline", {}).get("digest", ""))
    return {
        "verdict": VerdictSeen(
            digest=verdict.to_json()["digest"],
            decision=verdict.decision,
            stage=verdict.stage,
            finished=verdict.finished,
        ),
        "waivers": _waivers(verdict),
        "baseline": baseline or NO_BASELINE,
        "commit": _commit(verdict),
        "data": data_of(verdict),
        "card": verdict.identity.get("card"),
    }


def _waivers(verdict: Verdict) -> tuple[Waiver, ...]:
    return tuple(dict.fromkeys(check.waiver for check in verdict.checks if check.waiver is not None))


def _way_back(config: Config, known: ModelState, version: str, first_version: bool) -> tuple[Any, list[Missing]]:
    """Return the rollback target, and what is missing of it."""
    name = known.target(version)
    if name is None:
        if first_version or config.governance.rollback.first_version:
            return FIRST_VERSION, []
        message = "there is no version to go back to"
        fix = "say so where this is the first: `--first-version`, or `[governance.rollback] first_version = true`"
        return FIRST_VERSION, [Missing(what="rollback", message=message, fix=fix)]
    found: list[Missing] = []
    try:
        answers(known.versions[name], name, folder=config.ledger.parent, archive=config.archive, load=config.loading)
    except InputError as error:
        found.append(Missing(what="rollback", message=error.message, fix=error.fix))
    return RollbackTarget(version=name, digest=known.versions[name].artifact, loads=not found), found


def _sample(config: Config, digest: str) -> tuple[dict[str, FileSeen], list[Missing]]:
    """Return the candidate's stored sample, or what is missing of it."""
    fix = "`mlgate golden predictions --to FILE`, and name it: `[gates.roundtrip] golden`"
    named = config.setting("roundtrip", "golden")
    if named is None:
        message = "no golden predictions are configured; without them nobody can tell later whether it still answers"
        return {}, [Missing(what="sample", message=message, fix=fix)]
    path = config.resolve(named)
    try:
        data = path.read_bytes()
        of = KIND.unseal(json.loads(data))["artifact"]["digest"]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return {}, [Missing(what="sample", message=f"{named} cannot be read: {error}", fix=fix)]
    if of != digest:
        message = f"{named} has the answers of another file ({str(of)[:12]})"
        return {}, [Missing(what="sample", message=message, fix=fix)]
    return {"sample": FileSeen(path=below(path, config.ledger.parent), digest=hashlib.sha256(data).hexdigest())}, []
