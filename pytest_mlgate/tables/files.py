"""Opening a file that somebody named: once, a regular file only, within a size limit."""

from __future__ import annotations

import contextlib
import difflib
import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.scans import step, within_scan

# Far above any table or model that fits in memory beside its parsed form.
MAX_BYTES = 4 * 1024**3
_CHUNK = 1 << 20


def read_regular_file(path: str | os.PathLike[str], *, what: str, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a regular file; what is hashed, inspected and parsed later is this one reading.

    Parameters
    ----------
    path : path-like
        Links are followed; what they lead to must be a regular file.
    what : str
        What the file should be, for messages (``"table"``, ``"model"``).
    limit : int
        Largest size that is read, in bytes.

    Raises
    ------
    InputError
        Where the file is missing, a directory, a pipe or a device, unreadable, empty, or larger than the limit.
    """
    with open_regular_file(path, what=what, limit=limit) as descriptor:
        try:
            with open(descriptor, "rb", closefd=False) as stream:
                data = stream.read(limit + 1)  # a file that grows while it is read stays bounded
        except OSError as error:
            raise _unreadable(os.fspath(path), what, error) from None
    if len(data) > limit:
        raise _too_large(os.fspath(path), what, len(data), limit)
    return data


@contextlib.contextmanager
def open_regular_file(path: str | os.PathLike[str], *, what: str, limit: int = MAX_BYTES) -> Iterator[int]:
    """Open a regular file for reading, and give its descriptor; anything else is refused before it is opened.

    Parameters
    ----------
    path, what, limit
        As for :func:`read_regular_file`.

    Raises
    ------
    InputError
        Where the file is missing, a directory, a pipe or a device, cannot be opened, is empty, or larger than the
        limit.
    """
    name = os.fspath(path)
    descriptor = _opened(name, what)
    try:
        size = _check_regular(os.fstat(descriptor), name, what)
        if not size:
            raise InputError(f"{what} {name!r} is empty (0 bytes)", fix="write it again")
        if size > limit:
            raise _too_large(name, what, size, limit)
        yield descriptor
    finally:
        os.close(descriptor)


def file_digest(path: str | os.PathLike[str], *, what: str) -> tuple[str, int]:
    """Return the SHA-256 of a regular file in hexadecimal, and its size in bytes, holding little of it in memory.

    The digest is that of :func:`read_regular_file`'s bytes.

    Parameters
    ----------
    path : path-like
    what : str
        What the file should be, for messages.

    Raises
    ------
    InputError
        Where the file is missing, a directory, a pipe or a device, or unreadable.
    """
    name = os.fspath(path)
    descriptor = _opened(name, what)
    try:
        there = _check_regular(os.fstat(descriptor), name, what)
        digest, size = hashlib.sha256(), 0
        with within_scan(size=there), open(descriptor, "rb", closefd=False) as stream:
            while part := stream.read(_CHUNK):
                digest.update(part)
                size += len(part)
                step(size=len(part))
    except OSError as error:
        raise _unreadable(name, what, error) from None
    finally:
        os.close(descriptor)
    return digest.hexdigest(), size


Stamp: TypeAlias = tuple[int, int, int, int]
"""Which file stands at a path, and its state: device, number, bytes, and when it was written last."""


def stamp_of(path: str) -> Stamp | None:
    """Return what is different where a file was written or replaced; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def refuse_changed(path: str, before: Stamp | None) -> None:
    """Raise InputError where a file is no longer the one that was opened: a half of each would be judged."""
    now = stamp_of(path)
    if now == before:
        return
    what = "is not there any more" if now is None else "was written or replaced"
    raise InputError(
        f"table {path!r} {what} while it was judged",
        fix="give files that stay as they are while they are judged: a snapshot, a version, a copy",
    )


def _opened(name: str, what: str) -> int:
    try:
        _check_regular(os.stat(name), name, what)
        # What stood there may have been exchanged: without O_NONBLOCK a named pipe would keep us here for ever.
        return os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except InputError:  # a ValueError as well: it must come first
        raise
    except FileNotFoundError:
        raise _missing(Path(name), what) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{what} {name!r} cannot be opened: {reason}", fix="check the path and its rights") from None


def _check_regular(status: os.stat_result, name: str, what: str) -> int:
    """Return the size of a regular file; InputError where it is none."""
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{what} {name!r} is a directory", fix="name one file in it")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{what} {name!r} is not a regular file", fix="name a file, not a pipe or a device")
    return status.st_size


def _unreadable(name: str, what: str, error: OSError) -> InputError:
    return InputError(f"{what} {name!r} cannot be read: {error.strerror}", fix="check the disk")


def nearest(name: str, known: list[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known name nearest to ``name``, or an empty text."""
    found = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {found[0]!r}?" if found else ""


def _missing(path: Path, what: str) -> InputError:
    folder = path.parent
    if path.is_symlink():
        return InputError(f"{what} {str(path)!r} is a link to a file that does not exist", fix="mend the link")
    if not folder.is_dir():
        return InputError(f"{what} {str(path)!r} does not exist, nor does its folder", fix="check the path")
    try:
        names = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        names = []
    return InputError(
        f"{what} {str(path)!r} does not exist{nearest(path.name, names)}",
        fix=f"write it, or name a file that is in {str(folder)!r}",
    )


def _too_large(name: str, what: str, size: int, limit: int) -> InputError:
    return InputError(
        f"{what} {name!r} has {size:,} bytes, more than the {limit:,} that are read", fix="give a smaller file"
    )
