"""Opening a file that somebody named: once, a regular file only, within a size limit."""

from __future__ import annotations

import difflib
import os
import stat
from pathlib import Path

from pytest_mlgate.checks import InputError

# Far above any table or model that fits in memory beside its parsed form.
MAX_BYTES = 4 * 1024**3


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
    name = os.fspath(path)
    try:
        # Without O_NONBLOCK a named pipe that nobody writes to would keep us here for ever.
        descriptor = os.open(name, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0))
    except FileNotFoundError:
        raise _missing(Path(name), what) from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise InputError(f"{what} {name!r} cannot be opened: {reason}", fix="check the path and its rights") from None
    try:
        data = _read_open(descriptor, name, what, limit)
    finally:
        os.close(descriptor)
    if not data:
        raise InputError(f"{what} {name!r} is empty (0 bytes)", fix="write it again")
    if len(data) > limit:
        raise _too_large(name, what, len(data), limit)
    return data


def _read_open(descriptor: int, name: str, what: str, limit: int) -> bytes:
    status = os.fstat(descriptor)
    if stat.S_ISDIR(status.st_mode):
        raise InputError(f"{what} {name!r} is a directory", fix="name one file in it")
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{what} {name!r} is not a regular file", fix="name a file, not a pipe or a device")
    if status.st_size > limit:
        raise _too_large(name, what, status.st_size, limit)
    try:
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read(limit + 1)  # a file that grows while it is read stays bounded
    except OSError as error:
        raise InputError(f"{what} {name!r} cannot be read: {error.strerror}", fix="check the disk") from None


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
