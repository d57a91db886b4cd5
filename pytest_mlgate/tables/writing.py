"""Writing a file that others read: whole or not at all, and the digest of a record's content."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO


def write_atomically(path: Path, content: str | bytes) -> None:
    """Write to a temporary file beside ``path``, flush it to disk, and rename it over ``path``; text as UTF-8."""
    data = content if isinstance(content, bytes) else content.encode("utf-8", "backslashreplace")
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Give a temporary file beside ``path``; at the end it is flushed to disk, and renamed over ``path``."""
    results_folder(path.parent)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")  # a second run at the same time has its own
    try:
        with open(part, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Flush a folder's list of names to disk: a new file, and a renamed one, outlive a power cut only then."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def results_folder(folder: Path) -> None:
    """Make the folder of results, with a ``.gitignore`` of its own so that a clean tree stays clean."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if folder.name == ".mlgate" and not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")


def digest_of(record: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record's canonical JSON (sorted keys, no spaces, UTF-8)."""
    text = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    # a reader of the file makes one character of two halves that stand side by side: so does the digest
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def has_own_digest(record: Mapping[str, Any]) -> bool:
    """Whether the ``digest`` in a record is that of all else in it: it was not changed since it was written."""
    return record.get("digest") == digest_of({key: value for key, value in record.items() if key != "digest"})
