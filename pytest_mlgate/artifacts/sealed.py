"""JSON files that carry the digest of their own content.

They are written whole, read back unchanged or refused, and never take the place of another file. The digest finds
accidents; a forger can compute it too.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.writing import digest_of, has_own_digest, write_atomically


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of such files.

    Attributes
    ----------
    format : str
        What every file of the kind says of itself under ``format``.
    version : int
        The one that is written and read.
    what : str
        What it is called in messages.
    again : str
        What to do about one that cannot be used.
    limit : int
        Largest size that is read, in bytes.
    """

    format: str
    version: int
    what: str
    again: str
    limit: int = 16 * 1024**2

    def seal(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return content with what it is, its version and its digest."""
        record = {"format": self.format, "schema_version": self.version, **content}
        return {**record, "digest": digest_of(record)}

    def unseal(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """Return the content of a record; ValueError where it is of another kind or version, or was changed."""
        if record.get("format") != self.format:
            raise ValueError(f"is no {self.what}")
        if record.get("schema_version") != self.version:
            raise ValueError(f"has schema_version {record.get('schema_version')!r}; this version reads {self.version}")
        if not has_own_digest(record):
            raise ValueError("was changed after it was written: its digest is not that of its content")
        return {key: value for key, value in record.items() if key not in ("digest", "format", "schema_version")}

    def read(self, path: Path) -> dict[str, Any]:
        """Return the record in a file, as it stands there; InputError where it is none that :meth:`unseal` takes."""
        from pytest_mlgate.tables.files import read_regular_file

        data = read_regular_file(path, what=self.what, limit=self.limit)
        try:
            record = _object(data, self.what)
            self.unseal(record)
        except ValueError as error:
            raise InputError(f"{self.what} {str(path)!r} {error}", fix=self.again) from None
        return record

    def write(self, path: Path, record: Mapping[str, Any]) -> None:
        """Write a sealed record, whole or not at all; one of the same kind is replaced.

        Raises
        ------
        InputError
            Where another file has that name, or it cannot be written.
        """
        self.refuse_foreign(path)
        text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
        try:
            write_atomically(path, f"{text}\n".encode("utf-8", "surrogatepass"))
        except OSError as error:
            raise InputError(
                f"{self.what} {str(path)!r} cannot be written: {error.strerror}", fix="check the path and its rights"
            ) from None

    def refuse_foreign(self, path: Path) -> None:
        """Raise :class:`InputError` where a file of another kind has this name."""
        from pytest_mlgate.tables.files import read_regular_file

        if not os.path.lexists(path):
            return
        try:
            data = read_regular_file(path, what="file", limit=self.limit)
            ours = _object(data, self.what).get("format") == self.format
        except (InputError, ValueError):
            ours = False
        if not ours:
            raise InputError(
                f"{str(path)!r} is already there, and is no {self.what} that could be renewed",
                fix="move it away, or give another name",
            )


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        found = json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"is no JSON ({str(error)[:100]})") from None
    if not isinstance(found, dict):
        raise ValueError(f"is no {what}")
    return found
