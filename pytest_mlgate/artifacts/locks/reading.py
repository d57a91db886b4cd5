"""Lock files by their content: which format it is, and what it says."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.locks import conda, requirements, tables
from pytest_mlgate.artifacts.locks.lock import Found, Lock, merged
from pytest_mlgate.checks import InputError

_KNOWN = "a requirements file, uv.lock, poetry.lock, pylock.toml, or an environment of conda"
_REQUIREMENTS = "requirements file"


def read_lock(path: str | os.PathLike[str], *, environment: Mapping[str, str] | None = None) -> Lock:
    """Read what a lock file says of an environment.

    Parameters
    ----------
    path : path-like
        A requirements file, ``uv.lock``, ``poetry.lock``, ``pylock.toml``, a conda environment in YAML, an explicit
        lock or exported list of conda, or a file of conda-lock; told by its content.
    environment : Mapping of str to str, optional
        Values of environment markers (``python_full_version``, ``sys_platform``, ...) that are not those of this
        interpreter.

    Raises
    ------
    InputError
        Where the file cannot be read, is of another format, is damaged, or names no distribution.
    """
    from pytest_mlgate.tables.files import read_regular_file

    file = Path(path)
    data = read_regular_file(file, what="lock file", limit=requirements.MAX_BYTES)
    kind, found = _read(file, decoded(file, data), environment)
    pins = merged(found.pins)
    if not pins:
        raise InputError(
            f"lock file {str(file)!r} ({kind}) names no distribution: nothing could be compared", fix=f"name {_KNOWN}"
        )
    return Lock(
        path=file,
        kind=kind,
        digest=_digest(data, found.included),
        pins=pins,
        python=found.python,
        requirements=found.requirements,
    )


def decoded(path: Path, data: bytes) -> str:
    """Return a lock file's text; InputError where it is no UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"lock file {str(path)!r} is no UTF-8 text (byte {error.start})", fix=f"name {_KNOWN}"
        ) from None


def _read(path: Path, text: str, environment: Mapping[str, str] | None) -> tuple[str, Found]:
    document = _toml(text)
    if document is not None:
        kind = tables.kind_of(document)
        if kind is None:
            raise _unknown(path, "TOML")
        return kind, tables.read(kind, document, environment, where=str(path))
    if conda.EXPLICIT.search(text):
        return "explicit lock of conda", conda.read_lines(path, text)
    if text.lstrip().startswith(("{", "[")):
        raise _unknown(path, "JSON")
    if conda.EXPORTED.fullmatch(_without_comments(text)):
        return "exported list of conda", conda.read_lines(path, text)
    if (yaml := _yaml(path, text)) is not None:
        return "conda environment", conda.read_document(path, yaml, environment)
    return _REQUIREMENTS, requirements.read(path, text, environment)


def _toml(text: str) -> Mapping[str, Any] | None:
    """Return a TOML document with tables in it; a slip of the pen, `numpy=2` alone on a line, is TOML as well."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if any(isinstance(value, dict | list) for value in document.values()) else None


def _yaml(path: Path, text: str) -> Mapping[str, Any] | None:
    """Return an environment in YAML; None where the text is anything else."""
    if not any(line.startswith(("dependencies:", "package:")) for line in text.splitlines()):
        return None  # cheaper than to parse a long requirements file as YAML, and slower it would be by far
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(text, Loader=loader)
    except (yaml.YAMLError, RecursionError) as error:
        raise InputError(
            f"lock file {str(path)!r} is no YAML: {' '.join(str(error).split())[:200]}", fix=f"name {_KNOWN}"
        ) from None
    if not conda.is_document(document):
        raise _unknown(path, "YAML")
    found: Mapping[str, Any] = document
    return found


def _without_comments(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip() and not line.startswith("#"))


def _unknown(path: Path, language: str) -> InputError:
    return InputError(
        f"lock file {str(path)!r} is {language}, and of no format that is read here", fix=f"name {_KNOWN}"
    )


def _digest(data: bytes, included: Mapping[Path, bytes]) -> str:
    """Return one SHA-256 of a file and what it includes; the order of the included ones is that of their paths."""
    if not included:
        return hashlib.sha256(data).hexdigest()
    parts = [data, *(included[path] for path in sorted(included))]
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()
