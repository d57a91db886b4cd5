"""Reading and appending to a ledger's file: under a lock, on disk before it counts, and nothing lost.

The lock is the operating system's on the file itself: it ends with the process that holds it, however that ends. An
event counts once its whole line, with the line break, is on disk; a line that was cut off is moved to a file of its
own by whoever appends next.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.events import Event, FileSeen, Merge
from pytest_mlgate.lifecycle.ledger import Ledger, Line, extended, parse
from pytest_mlgate.problems import short
from pytest_mlgate.tables.writing import sync_folder, write_atomically

WAIT = 60.0
"""Seconds that others may hold the lock."""

_FLAGS = os.O_CLOEXEC | os.O_NONBLOCK  # without the second, a named pipe would keep us here for ever


def read_ledger(path: Path, *, wait: float = WAIT) -> Ledger:
    """Return the ledger in a file; one that is not there has no lines.

    Raises
    ------
    InputError
        Where it cannot be read, or is none.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    except FileNotFoundError:
        return Ledger(path=path)
    except OSError as error:
        raise _cannot(path, "read", error) from None
    try:
        with suppress(OSError):  # where the file system knows no locks, a line that is being written looks torn
            lock(descriptor, path, fcntl.LOCK_SH, wait)
        return parse(_contents(descriptor, path), path)
    finally:
        os.close(descriptor)


def append(path: Path, make: Callable[[Ledger], Event], *, wait: float = WAIT) -> tuple[Line, Ledger]:
    """Append one event to a ledger, and return its line and the ledger after it.

    Parameters
    ----------
    path : Path
        The file; it is made where there is none.
    make : callable
        From the ledger as it is, with nobody else able to change it, to the event; ``previous`` and ``set_aside`` are
        filled in here. It should be quick: others wait.
    wait : float
        Seconds to wait for others.

    Raises
    ------
    InputError
        Where the ledger has two histories or is none, the event breaks a rule, others hold the lock for too long, or it
        cannot be written. The ledger is then what it was.
    """
    with _exclusive(path, wait) as descriptor:
        data = _contents(descriptor, path)
        ledger = parse(data, path).whole()
        event = replace(make(ledger), previous=ledger.head)
        after = extended(ledger, event)  # whether it may stand there, before anything is written
        if ledger.torn:
            after = extended(ledger, replace(event, set_aside=_set_aside(path, ledger.torn)))
        line = after.lines[-1]
        _write(descriptor, path, line.raw + b"\n", len(data) - len(ledger.torn))
        return line, after


def append_merge(path: Path, make: Callable[[Ledger], tuple[Ledger, Merge | None]], *, wait: float = WAIT) -> Ledger:
    """Write a ledger of several histories anew: the same lines, and the merge that follows them all.

    Parameters
    ----------
    path : Path
    make : callable
        From the ledger as it is to the one whose lines are written, and the merge if there is one to be made.
    wait : float
        Seconds to wait for others.

    Raises
    ------
    InputError
        As :func:`append` does. The new file takes the place of the old one in one step, or not at all.
    """
    with _exclusive(path, wait) as descriptor:
        ledger, merge = make(parse(_contents(descriptor, path), path))
        if merge is not None:
            after = extended(ledger, merge)  # whether it may stand there, before anything is written
            if ledger.torn:
                after = extended(ledger, replace(merge, set_aside=_set_aside(path, ledger.torn)))
            ledger = after
        _put(path, b"".join(line.raw + b"\n" for line in ledger.lines) + (b"" if merge else ledger.torn))
        return ledger


@contextmanager
def _exclusive(path: Path, wait: float) -> Iterator[int]:
    """Hold the file that ``path`` names now, made where there is none; removed again where nothing was written."""
    while True:
        descriptor, made = _opened(path)
        try:
            try:
                lock(descriptor, path, fcntl.LOCK_EX, wait)
            except OSError as error:
                raise _cannot(path, "locked", error) from None
            if not _is_at(descriptor, path):  # git, or a merge of ours, put another file there meanwhile
                continue
            try:
                yield descriptor
            except BaseException:
                if made and os.fstat(descriptor).st_size == 0:
                    path.unlink(missing_ok=True)
                raise
            return
        finally:
            os.close(descriptor)


def _opened(path: Path) -> tuple[int, bool]:
    try:
        with suppress(FileNotFoundError):
            return os.open(path, os.O_RDWR | _FLAGS), False
        with suppress(FileExistsError):
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | _FLAGS, 0o644), True
        return os.open(path, os.O_RDWR | _FLAGS), False
    except OSError as error:
        raise _cannot(path, "written", error) from None


def lock(descriptor: int, path: Path, kind: int, wait: float = WAIT) -> None:
    """Take a lock of the operating system's; InputError where others hold it for too long."""
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= end:
                raise InputError(
                    f"{short(path)}: another process has been writing to it for {wait:g} s",
                    fix="wait for it; a process that ended holds no lock",
                ) from None
            time.sleep(0.01)


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(there, os.fstat(descriptor))


def _contents(descriptor: int, path: Path) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"{short(path)}: is no regular file, and so no ledger", fix="name a file, or one to be made")
    try:
        with open(descriptor, "rb", closefd=False) as file:
            file.seek(0)
            return file.read()
    except OSError as error:
        raise _cannot(path, "read", error) from None


def _write(descriptor: int, path: Path, raw: bytes, keep: int) -> None:
    """Put a line after the first ``keep`` bytes, to disk; where that fails the file ends there again."""
    try:
        os.ftruncate(descriptor, keep)
        written = os.pwrite(descriptor, raw, keep)
        if written != len(raw):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        os.fsync(descriptor)
        sync_folder(path.parent)
    except BaseException as error:
        with suppress(OSError):  # what cannot be taken back is a torn line, or stays whole: both are known then
            os.ftruncate(descriptor, keep)
            os.fsync(descriptor)
        if isinstance(error, OSError):
            raise _cannot(path, "written", error) from None
        raise


def _set_aside(path: Path, torn: bytes) -> FileSeen | None:
    """Keep a torn line in a file of its own beside the ledger, on disk before it is taken from there."""
    if not torn:
        return None
    digest = hashlib.sha256(torn).hexdigest()
    aside = path.with_name(f"{path.name}.torn-{digest[:12]}")
    _put(aside, torn)
    return FileSeen(path=aside.name, digest=digest)


def _put(path: Path, body: bytes) -> None:
    try:
        write_atomically(path, body)
        sync_folder(path.parent)
    except OSError as error:
        raise _cannot(path, "written", error) from None


def _cannot(path: Path, what: str, error: OSError) -> InputError:
    return InputError(
        f"{short(path)}: cannot be {what}: {error.strerror}; nothing was changed", fix="check the disk, and the rights"
    )
