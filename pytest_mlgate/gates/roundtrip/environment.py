"""The questions of a round trip about versions: what wrote the file, what reads it here, what the service will have."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.needs import installed
from pytest_mlgate.artifacts.versions import Difference, Rank, Trained, differences, lock_differences
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.paths import in_project
from pytest_mlgate.gates.roundtrip.elsewhere import vouched

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.record import EnvironmentRecord
    from pytest_mlgate.gates.roundtrip.trip import Trip

VERSIONS, NO_RECORD, RECORD, LOCK = "MLG409", "MLG451", "MLG452", "MLG453"
_SEVERITY = {Rank.FAIL: Severity.BLOCK, Rank.WARN: Severity.WARN}


def record(trip: Trip) -> Iterator[Check]:
    """Ask for the environment record beside the file; a model without a file can have none."""
    if trip.saved:
        return
    writer = trip.writer
    name = os.path.basename(trip.candidate.source)
    if writer.wrong:
        yield Check(
            code=RECORD,
            subject="record",
            outcome=Outcome.FAIL,
            message=f"the environment record beside {name} {writer.wrong}",
            fix="write it again where the file is trained, with `record_environment`; or remove it",
        )
    elif writer.record is None:
        said = _listed(writer.said) or "nothing"
        yield Check(
            code=NO_RECORD,
            subject="record",
            outcome=Outcome.FAIL,
            severity=Severity(trip.settings.record),
            message=f"no environment record beside {name} says what trained it; the file itself says {said}",
            fix=f'train inside of `with pytest_mlgate.record_environment("{name}", data={{"train": ...}}, seed=...):`',
        )
    else:
        found = writer.record
        what = f"Python {found.python}, {_listed(found.packages)}"
        yield Check(
            code=RECORD,
            subject="record",
            outcome=Outcome.PASS,
            message=f"trained on {found.time[:10]} with {what}{_commit(found)}",
            details={"record": _shown(found)},
        )


def versions(trip: Trip) -> Iterator[Check]:
    """Compare what wrote the file with what reads it here."""
    writer = trip.writer
    if trip.saved:
        return
    if not writer.known:
        yield Check(
            code=VERSIONS,
            subject="versions",
            outcome=Outcome.INCONCLUSIVE,
            severity=Severity.WARN,
            message="nothing says which versions wrote the file",
            fix="write an environment record beside it: `record_environment` in the training script",
        )
        return
    trained = writer.trained
    found = differences(trained, installed(trained.packages), python=platform.python_version())
    same = f"written and read with the same versions: {_listed(trained.packages)}"
    for check in graded(found, code=VERSIONS, subject="versions", where="here", same=same):
        yield vouched(check, trip)


def lock(trip: Trip) -> Iterator[Check]:
    """Compare what wrote the file (where nobody knows, what reads it here) with the service's lock file."""
    from pytest_mlgate.artifacts.locks import read_lock

    if trip.settings.lock is None:
        return
    path = in_project(trip.settings.lock, trip.facts.import_roots)
    found, writer = read_lock(path), trip.writer
    trained, word = writer.trained, "trained"
    if not writer.known:
        trained = Trained(packages=writer.needs.packages, pickled=writer.needs.pickled, by_value=writer.needs.by_value)
        word = "judged"
    yield from graded(
        lock_differences(trained, found),
        code=LOCK,
        subject="lock",
        where=f"in {path.name}",
        same=f"{path.name} ({found.kind}) names what it was {word} with: {_listed(trained.packages)}",
        word=word,
        fix=f"train and judge with what {path.name} pins, or pin there what trained it",
    )


def graded(
    found: Sequence[Difference],
    *,
    code: str,
    subject: str,
    where: str,
    same: str,
    word: str = "trained",
    fix: str = "",
) -> Iterator[Check]:
    """Yield one check for each difference that matters, then one for all that do not, or one that passes.

    Parameters
    ----------
    found : sequence of Difference
    code, subject : str
        Of the checks; a difference that matters has the subject ``subject.name``.
    where : str
        What the other side is called: ``here``, ``in requirements.txt``.
    same : str
        The message where nothing differs.
    word : str
        What was done with the versions of the one side: ``trained``.
    fix : str
        What to do; default: install what trained it.
    """
    notes = [one for one in found if one.rank is Rank.NOTE]
    for one in found:
        if one.rank is Rank.NOTE:
            continue
        yield Check(
            code=code,
            subject=f"{subject}.{one.name}",
            outcome=Outcome.FAIL,
            severity=_SEVERITY[one.rank],
            message=f"{word} with {one.name} {one.trained}, {where} {one.other}: {one.why}",
            fix=fix or f"install {one.name}=={one.trained}, or train and save it again with {one.other}",
            details={"name": one.name, "trained": one.trained, "other": one.other, "rank": one.rank.value},
        )
    if notes:
        told = ", ".join(f"{one.name} {one.trained} {word}, {where} {one.other}" for one in notes)
        yield Check(
            code=code,
            subject=subject,
            outcome=Outcome.FAIL,
            severity=Severity.NOTE,
            message=f"other patch levels: {told}",
            fix="nothing, unless answers differ",
            details={one.name: {"trained": one.trained, "other": one.other} for one in notes},
        )
    elif not found:
        yield Check(code=code, subject=subject, outcome=Outcome.PASS, message=same)


def _listed(packages: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in sorted(packages.items()))


def _commit(found: EnvironmentRecord) -> str:
    if found.code is None:
        return ""
    return f"; commit {str(found.code['commit'])[:12]}" + ("" if found.code["clean"] else ", its tree not clean")


def _shown(found: EnvironmentRecord) -> dict[str, Any]:
    """Return a record without hyperparameters, which may be many: it has a digest to be found by."""
    return {key: value for key, value in found.to_json().items() if key != "hyperparameters"}
