"""Whether the digest of a model file is recorded where a person who reviews the commit sees it.

Nobody can review a large binary file in a commit, nor tell a year later from its name which one was meant. What can be
reviewed is its SHA-256, in a text beside it: the environment record (``model.joblib.mlgate.json``), what ``sha256sum``
writes (``model.joblib.sha256``), a Git LFS pointer, which git itself writes, or ``[artifacts] trusted``.
"""

from __future__ import annotations

import os
from pathlib import Path

from pytest_mlgate.artifacts.environment import git_output
from pytest_mlgate.artifacts.inspection.report import Finding, Inspection
from pytest_mlgate.artifacts.record import SUFFIX, read_environment_record, record_path
from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.files import read_regular_file

SUMS = ".sha256"
_LONGEST = 64 * 1024


def digest_finding(found: Inspection, *, above: int) -> Finding | None:
    """Return what is wrong with how the digest of an inspected file is recorded; None where nothing is.

    Parameters
    ----------
    found : Inspection
    above : int
        A file of up to so many bytes needs no record; a wrong one is wrong all the same.

    Returns
    -------
    Finding or None
        ``unrecorded`` where the digest is recorded nowhere, or where the file is committed and its record is not;
        ``record`` where one cannot be read, or speaks of other bytes.
    """
    path = Path(found.source)
    if not found.digest:
        return None  # it was not read, and is refused for that
    try:
        said = {record: digest for record, digest in _recorded(path).items() if digest is not None}
    except InputError as error:
        return Finding(reason="record", message=error.message, fix=error.fix)
    for record, digest in said.items():
        if digest != found.digest:
            message = (
                f"{record.name} speaks of a file with SHA-256 {digest[:12]}..., this one has {found.digest[:12]}..."
            )
            return Finding(reason="record", message=message, fix=_way_out(path))
    if found.size <= above or f"sha256:{found.digest}" in found.trusted or _in_lfs(path):
        return None
    if not said:
        message = f"has {found.size:,} bytes, more than {above:,}, and its digest is recorded nowhere"
        return Finding(reason="unrecorded", message=message, fix=_way_out(path))
    return _uncommitted(path, list(said))


def _recorded(path: Path) -> dict[Path, str | None]:
    """Return the digest that each record beside a file gives it, None where there is no such record."""
    record = read_environment_record(path)
    sums = path.with_name(path.name + SUMS)
    return {
        record_path(path): None if record is None else record.artifact.digest,
        sums: _of_sums(sums, path.name) if os.path.lexists(sums) else None,
    }


def _of_sums(sums: Path, name: str) -> str:
    """Return what a file of ``sha256sum`` says of a name; InputError where it says nothing."""
    text = read_regular_file(sums, what="list of digests", limit=_LONGEST).decode("utf-8", "replace")
    for line in text.splitlines():
        digest, _, named = line.partition(" ")
        if len(digest) == 64 and Path(named.lstrip(" *") or name).name == name:
            return digest.lower()
    raise InputError(f"{sums.name} has no line for {name}", fix=f"write it with: sha256sum {name} > {sums.name}")


def _in_lfs(path: Path) -> bool:
    """Whether git keeps the file as a pointer, which holds its digest."""
    said = git_output(path.parent, "check-attr", "-z", "filter", "--", path.name)
    return said is not None and said.split("\0")[2:3] == ["lfs"]


def _uncommitted(path: Path, records: list[Path]) -> Finding | None:
    """Return the finding of a file that git has, or is about to have, without a record of it."""
    listed = git_output(path.parent, "ls-files", "-z", "--", *(one.name for one in (path, *records)))
    names = set((listed or "").split("\0"))
    if path.name not in names or names & {one.name for one in records}:
        return None
    record = records[0].name
    message = f"is committed and its record is not: git does not know {record}"
    return Finding(reason="unrecorded", message=message, fix=f"git add {record}")


def _way_out(path: Path) -> str:
    return (
        f"write {path.name}{SUFFIX} with `record_environment` as it is trained, or sha256sum {path.name} > "
        f"{path.name}{SUMS}, and commit that beside it; or keep the file in Git LFS, or out of git"
    )
