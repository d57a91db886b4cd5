"""The environment record: what trained a model file, kept beside it in ``<file>.mlgate.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.sealed import Kind
from pytest_mlgate.checks import InputError

SUFFIX = ".mlgate.json"
KIND = Kind(
    format="mlgate environment record",
    version=1,
    what="environment record",
    again="train again with `record_environment`, or remove the record",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ArtifactSaid:
    """The file that a record speaks of: its name beside the record, the SHA-256 and number of its bytes, its format."""

    name: str
    digest: str
    size: int
    format: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DataSaid:
    """A table that was used: where it was, the digest that a verdict gives it too, and its size where it is a file."""

    source: str
    digest: str
    size: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class EnvironmentRecord:
    """What trained a model file.

    Attributes
    ----------
    artifact : ArtifactSaid
    python, implementation, platform, machine : str
        ``3.11.7``, ``CPython``, ``Linux-6.1-x86_64-with-glibc2.36``, ``x86_64``.
    packages : Mapping of str to str
        Versions of what the file needs, by normalised name; not of everything that is installed.
    pickled : tuple of str
        Those of them whose objects are in the file.
    own : tuple of str
        Top-level modules of the project's own that the file names.
    by_value : bool
        Whether code travels in the file.
    unread : str
        Why the file's names could not be read, where they could not: then ``packages`` has all that is installed of
        the libraries that models are made of.
    data : Mapping of str to DataSaid
        Tables by role: ``train``.
    code : Mapping or None
        ``{"commit": str, "clean": bool}`` of git.
    seed : int or None
    command : tuple of str
        Secrets masked.
    hyperparameters : Mapping or None
    run : Mapping of str to str
        ``id`` and ``url`` of the run in a tracking system, as far as they were given.
    time : str
        UTC, ISO 8601.
    written_by : str
        ``pytest-mlgate 0.1.0``.
    """

    artifact: ArtifactSaid
    python: str
    implementation: str
    platform: str
    machine: str
    packages: Mapping[str, str]
    pickled: tuple[str, ...]
    own: tuple[str, ...]
    by_value: bool
    unread: str
    data: Mapping[str, DataSaid]
    code: Mapping[str, Any] | None
    seed: int | None
    command: tuple[str, ...]
    hyperparameters: Mapping[str, Any] | None
    run: Mapping[str, str]
    time: str
    written_by: str

    def to_json(self) -> dict[str, Any]:
        """Return the record as plain builtins, with the digest of its own content."""
        content = asdict(self)
        return KIND.seal({**content, **{name: list(content[name]) for name in ("pickled", "own", "command")}})

    @classmethod
    def from_json(cls, record: Mapping[str, Any]) -> EnvironmentRecord:
        """Build a record from what :meth:`to_json` returned.

        Raises
        ------
        ValueError
            Where it is none, of another version, changed after it was written, or lacks something.
        """
        values = KIND.unseal(record)
        try:
            values["artifact"] = ArtifactSaid(**values["artifact"])
            values["data"] = {name: DataSaid(**said) for name, said in values["data"].items()}
            values |= {name: tuple(values[name]) for name in ("pickled", "own", "command")}
            values["packages"] = {str(name): str(version) for name, version in values["packages"].items()}
            return cls(**values)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"is damaged ({type(error).__name__}: {error})") from None


def record_path(artifact: str | os.PathLike[str]) -> Path:
    """Return where the record of a model file lies: ``model.joblib`` has ``model.joblib.mlgate.json``."""
    path = Path(artifact)
    return path.with_name(path.name + SUFFIX)


def read_environment_record(artifact: str | os.PathLike[str]) -> EnvironmentRecord | None:
    """Return the record beside a model file; None where there is none.

    Raises
    ------
    InputError
        Where there is a file of that name that cannot be read, is none, or was changed after it was written.
    """
    path = record_path(artifact)
    if not os.path.lexists(path):
        return None
    record = KIND.read(path)
    try:
        return EnvironmentRecord.from_json(record)
    except ValueError as error:
        raise InputError(f"environment record {str(path)!r} {error}", fix=KIND.again) from None


def write_environment_record(record: EnvironmentRecord, artifact: str | os.PathLike[str]) -> Path:
    """Write the record of a model file beside it, whole or not at all; an older record of it is replaced.

    Raises
    ------
    InputError
        Where another file has that name, or it cannot be written.
    """
    path = record_path(artifact)
    KIND.write(path, record.to_json())
    return path


def record_schema() -> dict[str, Any]:
    """Return the JSON schema (draft 2020-12) that every environment record fits."""
    file = resources.files("pytest_mlgate.artifacts").joinpath("record.schema.json")
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema
