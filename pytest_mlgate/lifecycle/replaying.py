"""A replay: whether a bundle is what was written, its parts belong together, and its model still answers the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.launch import MEMORY, TIMEOUT, Launch
from pytest_mlgate.artifacts.record import SUFFIX
from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.bundle import Bundle, open_bundle
from pytest_mlgate.lifecycle.events import Event, decode
from pytest_mlgate.lifecycle.events import to_json as event_to_json
from pytest_mlgate.lifecycle.manifest import KIND, Manifest
from pytest_mlgate.lifecycle.reconciling import is_called
from pytest_mlgate.verdict import Verdict, read_verdict, unresolved

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.golden_predictions import GoldenPredictions
    from pytest_mlgate.artifacts.model import Model

BUNDLED_LOCK = "lock"
"""What an environment is called that is made from the bundle's own lock file; `@` and an interpreter may follow."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """Where and how a bundle's model is loaded.

    Attributes
    ----------
    roots : tuple of str
        Folders where classes of the project's own are found.
    trusted : tuple of str
        Of the user's own configuration: never of the bundle's.
    max_size : int or None
        Largest model file, in bytes.
    timeout : float
        Seconds.
    memory : int
        Bytes.
    environment : str or None
        Another environment, as the round trip takes it, or :data:`BUNDLED_LOCK`.
    ledger : Path or None
        The one that has the bundle's digest.
    """

    roots: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    max_size: int | None = None
    timeout: float = TIMEOUT
    memory: int = MEMORY
    environment: str | None = None
    ledger: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """One thing for which a bundle is not what it was, or cannot be told to be: which part, what, and the way out."""

    what: str
    message: str
    fix: str = ""

    def __str__(self) -> str:
        return f"{self.what}: {self.message}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """What the model answered.

    Attributes
    ----------
    rows : int
    methods : tuple of str
    taken : str
        When the stored answers were given.
    exact : bool
        Whether it answers bit for bit as then; else to the last bits.
    moved : tuple of str
        Versions that are others than then.
    versions : Mapping of str to str
        Of Python and the libraries that answered.
    """

    rows: int
    methods: tuple[str, ...]
    taken: str
    exact: bool
    moved: tuple[str, ...]
    versions: Mapping[str, str]


@dataclass(kw_only=True)
class Replay:
    """What a replay found.

    Attributes
    ----------
    bundle : Path
    manifest : Manifest
    digest : str
        SHA-256 of the bundle.
    size : int
    faults : list of Fault
        Empty: it answers the same.
    events : tuple of Event
        The ledger's lines of the version.
    verdict : Verdict or None
    answered : Answered or None
        None where the model was not asked, or did not answer as then.
    """

    bundle: Path
    manifest: Manifest
    digest: str
    size: int
    faults: list[Fault] = field(default_factory=list)
    events: tuple[Event, ...] = ()
    verdict: Verdict | None = None
    answered: Answered | None = None

    @property
    def promotion(self) -> Event | None:
        """The promotion that rests on the verdict; the last, if it was promoted by it twice."""
        digest = self.verdict.to_json()["digest"] if self.verdict else None
        found = [event for event in self.events if event.verdict is not None and event.verdict.digest == digest]
        return found[-1] if found else None

    @property
    def outcomes(self) -> Mapping[str, int]:
        """How many checks of the verdict came to which outcome."""
        return Counter(check.outcome.value for check in self.verdict.checks) if self.verdict else {}


def replay(path: Path, scratch: Path, around: Surroundings) -> Replay:
    """Verify a bundle to its last byte, load its model in a fresh process, and compare its answers with those stored.

    Parameters
    ----------
    path : Path
    scratch : Path
        An empty folder that the bundle's files are put into.
    around : Surroundings

    Raises
    ------
    InputError
        Where it is no bundle, or nothing of it can be read.
    """
    bundle = open_bundle(path, scratch)
    found = Replay(bundle=path, manifest=bundle.manifest, digest=bundle.digest, size=bundle.size)
    found.faults += [Fault(what="bundle", message=said, fix=KIND.again) for said in bundle.wrong]
    found.events, found.verdict, stored = _events(found, bundle), _verdict(found, bundle), _sample(found, bundle)
    found.faults += _strangers(bundle, found, stored)
    if around.ledger is not None:
        retired = bundle.manifest.retirement is not None
        found.faults += (_unrecorded if retired else _without_lines)(around.ledger, bundle)
    for role in ("artifact", "sample"):
        if role not in bundle.manifest.files:
            why = bundle.manifest.absent.get(role, "nothing says why")
            found.faults.append(Fault(what=role, message=f"is not in the bundle ({why}): nothing can be asked"))
    if stored is not None and not found.faults:
        found.answered = _asked(found, bundle, stored, around)
    return found


def _events(found: Replay, bundle: Bundle) -> tuple[Event, ...]:
    events: list[Event] = []
    if "ledger" not in bundle.files:
        return ()
    for number, line in enumerate(bundle.files["ledger"].read_bytes().splitlines(), 1):
        try:
            event, _ = decode(line)
        except ValueError as error:
            found.faults.append(Fault(what="ledger", message=f"line {number} {error}"))
            continue
        if isinstance(event, Event):
            events.append(event)
    return tuple(events)


def _verdict(found: Replay, bundle: Bundle) -> Verdict | None:
    if "verdict" not in bundle.files:
        return None
    try:
        return read_verdict(bundle.files["verdict"])
    except (OSError, ValueError) as error:
        found.faults.append(Fault(what="verdict", message=str(error)))
        return None


def _sample(found: Replay, bundle: Bundle) -> GoldenPredictions | None:
    from pytest_mlgate.artifacts.golden_predictions import read_golden_predictions

    if "sample" not in bundle.files:
        return None
    try:
        return read_golden_predictions(bundle.files["sample"])
    except InputError as error:
        found.faults.append(Fault(what="sample", message=error.message))
        return None


def _strangers(bundle: Bundle, found: Replay, stored: GoldenPredictions | None) -> Iterator[Fault]:
    """Yield what does not belong to the rest, although each part alone is whole."""
    manifest, events = bundle.manifest, found.events
    if "ledger" in bundle.files and not events:
        yield Fault(what="ledger", message="has no event of the version")
    for event in events:
        same = (event.model, event.artifact) == (manifest.model, manifest.artifact)
        if not same or not is_called(manifest.version, event):
            said = f"{event.model} {event.version} ({event.artifact[:12]})"
            yield Fault(what="ledger", message=f"the event {event.id} is of {said}")
    yield from _others(manifest, "kept", {role: seen.digest for one in events for role, seen in one.kept.items()})
    if found.verdict is not None:
        identity = found.verdict.identity
        parts = {role: _at(identity, role) for role in ("card", "configuration", "policy")}
        yield from _others(manifest, "judged", {"artifact": manifest.artifact, **parts})
        judged = _at(identity, "inputs", "candidate", "digest")
        if judged != manifest.artifact:
            message = f"is of another file ({str(judged)[:12]}) than the bundle ({manifest.artifact[:12]})"
            yield Fault(what="verdict", message=message)
        if found.promotion is None:
            yield Fault(what="verdict", message="no event of the version rests on it")
    if stored is not None and stored.artifact.get("digest") != manifest.artifact:
        message = f"has the answers of another file ({str(stored.artifact.get('digest'))[:12]})"
        yield Fault(what="sample", message=message)


def _others(manifest: Manifest, why: str, expected: Mapping[str, Any]) -> Iterator[Fault]:
    for role, digest in expected.items():
        member = manifest.files.get(role)
        if member is not None and digest is not None and member.digest != digest:
            message = f"is not the one that was {why} ({member.digest[:12]}, and not {str(digest)[:12]})"
            yield Fault(what=role, message=message)


def _at(value: Any, *keys: str) -> Any:
    """Return what is at a path of keys; None where there is no such path."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _unrecorded(ledger: Path, bundle: Bundle) -> Iterator[Fault]:
    """Yield why a ledger does not know the bundle; InputError where it answers no question."""
    manifest = bundle.manifest
    named = [
        event.kept["bundle"].digest
        for _, event in read_ledger(ledger).whole().events(manifest.model)
        if event.version == manifest.version and "bundle" in event.kept
    ]
    if bundle.digest not in named:
        said = f"it has {named[-1][:12]}" if named else "no event of the version names a bundle"
        message = f"{ledger.name} knows none with SHA-256 {bundle.digest[:12]}: {said}"
        yield Fault(what="bundle", message=message, fix=KIND.again)


def _without_lines(ledger: Path, bundle: Bundle) -> Iterator[Fault]:
    """Yield what a ledger does not know of the bundle of a version that was not retired: of that none has the digest.

    Its lines have to be the ledger's, and everything in it what they say was kept. InputError where the ledger answers
    no question.
    """
    manifest = bundle.manifest
    there = {line.raw: line.event for line in read_ledger(ledger).whole().lines}
    lines = bundle.files["ledger"].read_bytes().splitlines() if "ledger" in bundle.files else []
    if not lines:
        yield Fault(what="ledger", message=f"no line that could be looked up in {ledger.name}", fix=KIND.again)
    expected = {"artifact": manifest.artifact}
    for number, line in enumerate(lines, 1):
        event = there.get(line)
        if event is None:
            yield Fault(what="ledger", message=f"line {number} does not stand in {ledger.name}", fix=KIND.again)
        elif isinstance(event, Event):
            expected |= {role: seen.digest for role, seen in event.kept.items()}
    for role, member in manifest.files.items():
        if role != "ledger" and member.digest != expected.get(role):
            yield Fault(what=role, message=f"is none that {ledger.name} says was kept", fix=KIND.again)


def _asked(found: Replay, bundle: Bundle, stored: GoldenPredictions, around: Surroundings) -> Answered | None:
    """Load the model and ask it the sample; None where it does not load, or answers otherwise: then that is a fault."""
    from pytest_mlgate.gates.roundtrip.golden import compare_stored, versions_moved

    try:
        python = _python(bundle, around)
    except InputError as error:
        found.faults.append(Fault(what="environment", message=error.message, fix=error.fix))
        return None
    try:
        model = _loaded(bundle, around, python)
        try:
            told, details = compare_stored(model, stored, hide=True)
            moved = tuple(versions_moved(model, stored))
        finally:
            model.close()
    except InputError as error:
        found.faults.append(Fault(what="artifact", message=error.message, fix=error.fix))
        return None
    if told:
        since = f"; {', '.join(moved)}" if moved else ""
        fix = "ask it where the versions are those of then: `--env lock`" if moved else ""
        message = f"are others than on {stored.time[:10]}: {told}{since}"
        found.faults.append(Fault(what="answers", message=message, fix=fix))
        return None
    return Answered(
        rows=len(stored.rows),
        methods=tuple(stored.answers),
        taken=stored.time,
        exact=not details["rounded"],
        moved=moved,
        versions=dict(model.versions),
    )


def _python(bundle: Bundle, around: Surroundings) -> str | None:
    """Return the interpreter that was asked for; None: this one."""
    from pytest_mlgate.artifacts.environments import find_environment
    from pytest_mlgate.gates.roundtrip.elsewhere import NEEDS

    said = around.environment
    if said is None:
        return None
    name, at, python = said.partition("@")
    if name == BUNDLED_LOCK:
        if BUNDLED_LOCK not in bundle.files:
            why = bundle.manifest.absent.get(BUNDLED_LOCK, "nothing says why")
            raise InputError(f"the bundle has no lock file ({why})", fix="name another: `--env /path/to/python`")
        said = f"{bundle.files[BUNDLED_LOCK]}{at}{python}"
    return find_environment(said, folder=Path.cwd(), needs=NEEDS).interpreter.path


def _loaded(bundle: Bundle, around: Surroundings, python: str | None) -> Model:
    from pytest_mlgate.artifacts.inspection import Trust
    from pytest_mlgate.artifacts.model import open_file

    file = bundle.files["artifact"]
    if "record" in bundle.files:  # beside it, where an error of loading looks for the versions that wrote it
        bundle.files["record"].rename(file.with_name(file.name + SUFFIX))
    launch = Launch(roots=around.roots, timeout=around.timeout, memory=around.memory, python=python)
    name = f"the model of {bundle.manifest.model} {bundle.manifest.version}"
    return open_file(file, source=name, launch=launch, trust=Trust.of(around.trusted), max_size=around.max_size)


def to_json(found: Replay) -> dict[str, Any]:
    """Return what a replay found as plain builtins."""
    verdict, promotion = found.verdict, found.promotion
    return {
        "bundle": str(found.bundle),
        "digest": found.digest,
        "manifest": asdict(found.manifest),
        "same": not found.faults,
        "faults": [asdict(fault) for fault in found.faults],
        "answered": None if found.answered is None else asdict(found.answered),
        "decision": None
        if verdict is None
        else {
            "decision": verdict.decision,
            "stage": verdict.stage,
            "finished": verdict.finished,
            "reasons": list(verdict.reasons),
            "outcomes": dict(found.outcomes),
            "not_passed": [check.to_json() for check in unresolved(verdict.checks)],
            "promotion": None if promotion is None else event_to_json(promotion),
        },
        "events": [event_to_json(event) for event in found.events],
    }
