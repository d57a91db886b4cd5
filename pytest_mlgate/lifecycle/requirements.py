"""What a promotion asks of a verdict: that it is of what lies here now, fresh, and that somebody agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.references import Place, reference_file
from pytest_mlgate.checks import InputError
from pytest_mlgate.config import Config
from pytest_mlgate.naming import resolve
from pytest_mlgate.policy import Policy, expired, unasked
from pytest_mlgate.promotion_codes import REQUIRED_GATE
from pytest_mlgate.tables.files import file_digest
from pytest_mlgate.verdict import Verdict

if TYPE_CHECKING:
    from pytest_mlgate.tables.engines.sessions import SparkSessions


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing:
    """One thing that stands in the way, by its name: what it is, the way out, and whether force goes past it."""

    what: str
    message: str
    fix: str
    by_force: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """What lies here now.

    Attributes
    ----------
    folder : Path
        What the sources of a verdict's inputs are relative to.
    model, stage : str
        What is promoted, and where to.
    configuration : str
        SHA-256 of the configuration.
    policy : Policy
        Of that stage.
    card : Path or None
        The model card, where the configuration judges one.
    actor, author : str
        Who promotes, and who wrote the commit that was judged; ``author`` is empty where that is not known.
    approver : str or None
    approvers : tuple of str
        Who may approve; empty: anybody.
    now : datetime
    sessions : SparkSessions or None
        Where a session of Spark comes from, for tables that are read again; None: the active one. What is made of it
        is stopped.
    """

    folder: Path
    model: str
    stage: str
    configuration: str
    policy: Policy
    card: Path | None
    actor: str
    author: str
    approver: str | None
    approvers: tuple[str, ...]
    now: datetime
    sessions: SparkSessions | None = None


def present(config: Config, stage: str, *, actor: str = "", author: str = "", approver: str | None = None) -> Present:
    """Return what lies here now, with the policy of a stage; the people are as :class:`Present` has them."""
    return Present(
        folder=config.folder,
        model=config.name,
        stage=stage,
        configuration=config.digest,
        policy=config.policies.at(stage),
        card=config.card_file,
        actor=actor,
        author=author,
        approver=approver,
        approvers=tuple(config.governance.approvers),
        now=datetime.now(UTC),
        sessions=config.spark_sessions(),
    )


_AGAIN = "run the gates again: `mlgate check --stage {stage}`"


def missing(verdict: Verdict | None, why_none: str, here: Present) -> Iterator[Missing]:
    """Yield everything that stands in the way of a promotion, not only the first."""
    again = _AGAIN.format(stage=here.stage)
    if here.policy.verdict:
        if verdict is None:
            yield Missing(what="verdict", message=why_none, fix=again)
        else:
            yield from _of_verdict(verdict, here, again)
    yield from _approval(here)


def _of_verdict(verdict: Verdict, here: Present, again: str) -> Iterator[Missing]:
    if verdict.model != here.model:
        yield Missing(what="model", message=f"the verdict is of {verdict.model!r}, not of {here.model!r}", fix=again)
    if verdict.stage != here.stage:
        message = f"the verdict is for {verdict.stage}, and this is a promotion to {here.stage}"
        yield Missing(what="stage", message=message, fix=again)
    if verdict.decision != "promote":
        blocking = sum(check.blocks for check in verdict.checks)
        message = f"the verdict blocks: {blocking} of its {len(verdict.checks)} checks do"
        yield Missing(what="decision", message=message, fix="mend what they name: `mlgate explain CHECK`")
    yield from stale(verdict, here)
    if here.policy.clean_tree and not (verdict.identity.get("code") or {}).get("clean"):
        message = "the verdict is not of a commit: the code lay in no work tree, or with changes"
        yield Missing(what="tree", message=message, fix=f"commit, and then {again}")
    for check in unasked(here.policy, verdict.checks, REQUIRED_GATE):
        if check.blocks:
            yield Missing(what=f"gate {check.subject}", message=check.message, fix=check.fix)
    for check in verdict.checks:
        if check.waiver is not None and expired(check.waiver, here.now.date()):
            message = f"the waiver of {check.id} is over since {check.waiver.expires}"
            yield Missing(what="waiver", message=message, fix="mend what it waived, or renew it and run again")


def stale(verdict: Verdict, here: Present) -> Iterator[Missing]:
    """Yield everything by which a verdict is not of what lies here now, the candidate's file apart, or is too old."""
    again = _AGAIN.format(stage=here.stage)
    try:
        yield from _same(verdict, here, again)
    finally:
        if here.sessions is not None:
            here.sessions.stop()
    yield from _fresh(verdict, here, again)


def _same(verdict: Verdict, here: Present, again: str) -> Iterator[Missing]:
    for name, seen in verdict.identity.get("inputs", {}).items():
        source, digest = str(seen.get("source", "")), str(seen.get("digest", ""))
        setting = str(seen.get("read_from", ""))
        if name == "candidate" or len(digest) != 64 or (source in ("", "fixture") and not setting):
            continue  # what neither a file nor a setting is behind, nothing here can look at again
        if setting:
            said = _rows_changed(here, setting, digest)
        else:
            said = changed(here.folder / source, digest, profile="profile_of" in seen)
        if said:
            yield Missing(what=name, message=f"{setting or source} {said}", fix=again)
    for what, now in (("configuration", here.configuration), ("policy", here.policy.digest)):
        if verdict.identity.get(what) != now:
            yield Missing(what=what, message="is not the one that was judged by", fix=again)
    for name, digest in verdict.identity.get("files", {}).items():
        path = resolve(here.folder, str(name))
        said = "" if path == here.card else changed(path, str(digest))
        if said:
            yield Missing(what=str(name), message=said, fix=again)
    card = verdict.identity.get("card")
    if here.card is not None and card is not None:
        said = changed(here.card, str(card))
        if said:
            yield Missing(what="card", message=f"{here.card.name} {said}", fix=again)


def moved_baseline(verdict: Verdict, place: Place) -> Iterator[Missing]:
    """Yield what is wrong with a baseline that a reference named, where that names another file by now, or none."""
    seen = verdict.identity.get("inputs", {}).get("baseline", {})
    reference, digest = str(seen.get("reference", "")), str(seen.get("digest", ""))
    if not reference or len(digest) != 64:
        return
    again = _AGAIN.format(stage=verdict.stage)
    try:
        file = reference_file(reference, place, role="baseline")
        now = None if file is None else file_digest(file, what="model")[0]
    except InputError as error:
        yield Missing(what="baseline", message=error.message, fix=error.fix or again)
        return
    if now != digest:
        there = "no file" if now is None else now[:12]
        message = (
            f"{reference} means another file than the one that was compared with ({there} now, {digest[:12]} then)"
        )
        yield Missing(what="baseline", message=message, fix=again)


def _rows_changed(here: Present, setting: str, digest: str) -> str:
    """Return what is wrong with rows that a pattern, a folder or a query named; empty where they are the same."""
    from pytest_mlgate.tables.engines.opening import judged_digest, open_setting

    try:
        found = judged_digest(open_setting(setting, here.folder, here.sessions))
    except InputError as error:
        return f"cannot be compared: {error.message}"
    return "" if found == digest else _other_bytes(found, digest)


def _other_bytes(now: str, then: str) -> str:
    return f"was changed since it was judged ({now[:12]} now, {then[:12]} then)"


def changed(path: Path, digest: str, *, profile: bool = False) -> str:
    """Return what is wrong with a file that had a SHA-256 when it was judged; empty where it has it still."""
    try:
        if profile:
            from pytest_mlgate.tables.profile import Profile

            found = Profile.read(path).digest
        else:
            found, _ = file_digest(path, what="file")
    except InputError as error:
        return f"cannot be compared: {error.message}"
    return "" if found == digest else _other_bytes(found, digest)


def _fresh(verdict: Verdict, here: Present, again: str) -> Iterator[Missing]:
    finished = datetime.fromisoformat(verdict.finished)
    days = (here.now - finished).total_seconds() / 86_400
    if days < -1 / 24:
        message = f"the verdict is of {verdict.finished}, which is yet to come: which clock is wrong?"
        yield Missing(what="age", message=message, fix=again)
    limit = here.policy.max_age_days
    if limit is not None and days > limit:
        yield Missing(what="age", message=f"the verdict is {days:.1f} days old, and {limit:g} are allowed", fix=again)


def _approval(here: Present) -> Iterator[Missing]:
    if here.approver is None:
        if here.policy.approver != "none":
            message = f"nobody approved, and {here.stage} asks for it"
            yield Missing(what="approver", message=message, fix="name who did: `--approver`")
        return
    if here.approvers and here.approver.casefold() not in {name.casefold() for name in here.approvers}:
        message = f"{here.approver} does not stand in [governance] approvers"
        yield Missing(what="approver", message=message, fix=f"one of {', '.join(here.approvers)} approves")
    author = here.author or here.actor
    if here.policy.approver == "other" and here.approver.casefold() in _spellings(author):
        message = f"{here.approver} is the author, and {here.stage} asks for somebody else"
        yield Missing(what="approver", message=message, fix="somebody else approves")


def _spellings(person: str) -> set[str]:
    """Return what somebody may be called: `Ada King <ada@x.org>` is also Ada King, ada@x.org and @ada."""
    name, _, mail = person.casefold().rstrip("> ").partition("<")
    local = mail.partition("@")[0]
    return {person.casefold(), name.strip(), mail, f"@{local}" if local else ""} - {""}


def data_of(verdict: Verdict) -> Mapping[str, str]:
    """Return the digest of each table that was judged, by its name."""
    inputs = verdict.identity.get("inputs", {})
    tables = {name: seen for name, seen in inputs.items() if name not in ("candidate", "baseline", "card")}
    return {name: str(seen["digest"]) for name, seen in tables.items() if len(str(seen.get("digest", ""))) == 64}
