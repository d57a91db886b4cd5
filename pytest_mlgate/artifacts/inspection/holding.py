"""A file that is opened once: what is hashed, inspected and loaded are the same bytes, whatever happens to its path."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_mlgate.artifacts.inspection.refusal import Refused
from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.files import open_regular_file

_PART = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """An open file, to be read by position only.

    Attributes
    ----------
    descriptor : int
        Open until the context that gave it ends.
    size : int
        Bytes.
    digest : str
        SHA-256 of them in hexadecimal.
    folder : Path
        That of the path it was opened by.
    """

    descriptor: int
    size: int
    digest: str
    folder: Path

    def head(self, count: int) -> bytes:
        """Return the first bytes, fewer where there are fewer."""
        return os.pread(self.descriptor, min(count, self.size), 0)

    def read_all(self) -> bytes:
        """Return all bytes; for files that were found to be small."""
        return os.pread(self.descriptor, self.size, 0)


@contextlib.contextmanager
def hold(path: str | os.PathLike[str], *, limit: int, copy: bool) -> Iterator[Held]:
    """Open a regular file once, and hash it.

    Parameters
    ----------
    path : path-like
        A link is followed, once; what it leads to must be a regular file.
    limit : int
        Largest size in bytes.
    copy : bool
        Hash and hold a private copy, which has no name and which nobody else can write to. Without one, a file that
        changes while it is held is noticed by its times only.

    Raises
    ------
    InputError
        Where the file is missing, no regular file, unreadable, empty or larger than the limit.
    Refused
        Where it changed while it was held.
    """
    with open_regular_file(path, what="model", limit=limit) as descriptor, contextlib.ExitStack() as stack:
        before = os.fstat(descriptor)
        target = stack.enter_context(tempfile.TemporaryFile(prefix="mlgate-")).fileno() if copy else None
        digest, size = _hashed(descriptor, target, os.fspath(path), limit)
        _unchanged(before, os.fstat(descriptor), size)
        folder = Path(os.path.abspath(os.fspath(path))).parent
        held = descriptor if target is None else target
        yield Held(descriptor=held, size=size, digest=digest, folder=folder)
        if target is None:
            _unchanged(before, os.fstat(descriptor), size)


def _hashed(descriptor: int, target: int | None, name: str, limit: int) -> tuple[str, int]:
    """Return digest and size, copying on the way."""
    digest, size = hashlib.sha256(), 0
    while size <= limit:  # a file that grows while it is read stays bounded
        try:
            part = os.pread(descriptor, _PART, size)
        except OSError as error:
            raise InputError(f"model {name!r} cannot be read: {error.strerror}", fix="check the disk") from None
        if not part:
            break
        digest.update(part)
        size += len(part)
        if target is not None:
            _write(target, part)
    return digest.hexdigest(), size


def _write(target: int, part: bytes) -> None:
    view = memoryview(part)
    try:
        while view:
            view = view[os.write(target, view) :]
    except OSError as error:
        folder = tempfile.gettempdir()
        raise InputError(
            f"no private copy of the model can be written to {folder}: {error.strerror}",
            fix="make room there, or name another folder in TMPDIR",
        ) from None


def _unchanged(before: os.stat_result, after: os.stat_result, size: int) -> None:
    same = (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (
        after.st_size,
        after.st_mtime_ns,
        after.st_ctime_ns,
    )
    if not same or before.st_size != size or not stat.S_ISREG(after.st_mode):
        raise Refused("changed", "changed while it was read", fix="wait until it is written, then try again")
