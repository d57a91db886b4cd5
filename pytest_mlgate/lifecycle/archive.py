"""Files that have to outlive the next training: copies by their SHA-256, and a stored answer to compare with."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.files import read_regular_file
from pytest_mlgate.tables.writing import sync_folder, write_atomically

if TYPE_CHECKING:
    from pytest_mlgate.lifecycle.states import Version


def keep(archive: Path, source: Path, digest: str) -> Path:
    """Copy a file into the archive under its SHA-256, on disk when this returns; one that is there stays.

    Raises
    ------
    InputError
        Where it is not the file with that digest, or cannot be copied.
    """
    target = archive / f"{digest}{source.suffix}"
    if target.is_file() and _digest(target) == digest:
        return target
    data = read_regular_file(source, what="file")
    if hashlib.sha256(data).hexdigest() != digest:
        raise InputError(f"{str(source)!r} was changed while it was promoted", fix="keep it still, and do it again")
    return keep_content(archive, data, source.suffix)


def keep_content(archive: Path, data: bytes, suffix: str) -> Path:
    """Write bytes into the archive under their SHA-256, on disk when this returns; InputError where that fails."""
    target = archive / f"{hashlib.sha256(data).hexdigest()}{suffix}"
    try:
        write_atomically(target, data)
        sync_folder(archive)
    except OSError as error:
        raise InputError(
            f"{str(target)!r} cannot be written: {error.strerror}; nothing was promoted", fix="check disk and rights"
        ) from None
    return target


def find(digest: str, path: str, *, folder: Path, archive: Path) -> Path:
    """Return a file with these bytes: where it lay when it was recorded, or in the archive.

    Raises
    ------
    InputError
        Where neither has them.
    """
    known = folder / path
    for place in (known, archive / f"{digest}{known.suffix}"):
        if place.is_file() and _digest(place) == digest:
            return place
    raise InputError(
        f"the file with SHA-256 {digest[:12]} is neither {path} nor in {archive.name}/",
        fix="restore it; `git log` or your store of artifacts may have it",
    )


def below(path: Path, folder: Path) -> str:
    """Return a path as it is recorded: relative to a folder that it lies below, so that both may be moved."""
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def answers(version: Version, name: str, *, folder: Path, archive: Path, load: Mapping[str, Any]) -> None:
    """Load a version in a fresh process, and compare its answers to its stored sample with those stored.

    Parameters
    ----------
    version : Version
    name : str
        Of the version, for messages.
    folder, archive : Path
    load : Mapping
        Keywords of :func:`pytest_mlgate.artifacts.model.load_model`.

    Raises
    ------
    InputError
        Where it is not there, does not load, has no sample, or answers otherwise.
    """
    from pytest_mlgate.artifacts.golden_predictions import read_golden_predictions
    from pytest_mlgate.artifacts.model import ModelError, load_model
    from pytest_mlgate.gates.roundtrip.golden import compare_stored

    sample = version.kept.get("sample")
    if sample is None:
        raise InputError(f"version {name!r} has no stored sample to answer", fix="go back to one that has")
    file = find(version.artifact, version.path, folder=folder, archive=archive)
    golden = read_golden_predictions(find(sample.digest, sample.path, folder=folder, archive=archive))
    try:
        model = load_model(file, **load)
        try:
            wrong, _ = compare_stored(model, golden, hide=True)
        finally:
            model.close()
    except ModelError as error:
        raise InputError(f"version {name!r} does not load here: {error.message}", fix=error.fix) from None
    if wrong:
        raise InputError(
            f"version {name!r} answers otherwise than on {golden.time[:10]}: {wrong}",
            fix="find what changed since: versions, processor, or data that the model reads",
        )
