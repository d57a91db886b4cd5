"""Long scans: told to whoever looks on, and ended at their next step where nobody waits for them any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from threading import Event, Lock
from typing import TypeAlias, TypeVar

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

Show: TypeAlias = Callable[[str], None]
"""Shows how far a scan is, in the place of what it showed before; the empty text takes that back."""

_PATIENCE = 1.0
"""Seconds for which nothing is said of a scan: it may end before anybody could read it."""
_EVERY = 0.2
"""Seconds between two looks at one that goes on."""


class Stopped(KeyboardInterrupt):
    """A scan was ended before its end, by Ctrl-C or because another part of it failed; no error of the data."""


class Scan:
    """One pass after another over rows or bytes.

    Parameters
    ----------
    columns, size : int
        How many columns or bytes there are to go; 0: not known.
    show : callable or None
        Where it is shown how far it is.
    outer : Scan or None
        The scan that this one is a part of, and ends with.
    """

    def __init__(self, *, columns: int, size: int, show: Show | None, outer: Scan | None) -> None:
        self._columns, self._size, self._show, self._outer = columns, size, show, outer
        self._ended, self._lock = Event(), Lock()
        self._done = {"columns": 0, "rows": 0, "size": 0}
        self._next, self._shown = time.monotonic() + _PATIENCE, False

    def step(self, *, columns: int = 0, rows: int = 0, size: int = 0) -> None:
        """Tell that so much more is done.

        Raises
        ------
        Stopped
            Nobody waits for the rest.
        """
        scan: Scan | None = self
        while scan is not None:
            if scan._ended.is_set():
                raise Stopped
            scan = scan._outer
        if self._show is None:
            return
        with self._lock:
            for name, more in (("columns", columns), ("rows", rows), ("size", size)):
                self._done[name] += more
            if time.monotonic() >= self._next:
                self._next, self._shown = time.monotonic() + _EVERY, True
                self._show(self._words())

    def stop(self) -> None:
        """End it at the next step of each of its threads."""
        self._ended.set()

    def take_back(self) -> None:
        """Leave nothing of it to be seen."""
        with self._lock:
            if self._shown and self._show is not None:
                self._show("")

    def _words(self) -> str:
        done = self._done
        if self._size:
            return f"{done['size'] / 1e9:.1f} of {self._size / 1e9:.1f} GB"
        of = [f"{done['columns']:,} of {self._columns:,} columns"] if self._columns else []
        return ", ".join([*of, *([f"{done['rows']:,} rows read"] if done["rows"] else [])])


_SHOW: ContextVar[Show | None] = ContextVar("mlgate_show_scan", default=None)
_SCAN: ContextVar[Scan | None] = ContextVar("mlgate_scan", default=None)


@contextmanager
def shown_by(show: Show) -> Iterator[None]:
    """Let scans show how far they are; called from any thread, and no more than some times a second."""
    token = _SHOW.set(show)
    try:
        yield
    finally:
        _SHOW.reset(token)


@contextmanager
def scanning(*, columns: int = 0, size: int = 0) -> Iterator[Scan]:
    """Give a scan that each :func:`step` in this context is one of."""
    scan = Scan(columns=columns, size=size, show=_SHOW.get(), outer=_SCAN.get())
    token = _SCAN.set(scan)
    try:
        yield scan
    except BaseException:
        scan.stop()
        raise
    finally:
        _SCAN.reset(token)
        scan.take_back()


@contextmanager
def within_scan(*, size: int) -> Iterator[None]:
    """Read bytes as part of the scan of this context; where there is none, in one of their own."""
    if _SCAN.get() is not None:
        yield
        return
    with scanning(size=size):
        yield


def step(*, rows: int = 0, size: int = 0) -> None:
    """Tell the scan of this context, if there is one, that so many more rows or bytes were read.

    Raises
    ------
    Stopped
        Nobody waits for the rest.
    """
    scan = _SCAN.get()
    if scan is not None:
        scan.step(rows=rows, size=size)


def each_column(function: Callable[[_Item], _Found], columns: Sequence[_Item], *, threads: int) -> list[_Found]:
    """Return what a function says of each column, in their order.

    Parameters
    ----------
    function : callable
    columns : sequence
    threads : int
        How many are looked at at once. With 1 it is the thread of the caller: of an engine's own computations only
        those that were begun by the main thread hear of Ctrl-C.

    Raises
    ------
    BaseException
        Whatever a column raises, Ctrl-C among it; the other columns end at their next step and are waited for.
    """
    from concurrent.futures import ThreadPoolExecutor

    with scanning(columns=len(columns)) as scan:

        def one(column: _Item) -> _Found:
            scan.step()
            found = function(column)
            scan.step(columns=1)
            return found

        if threads == 1:
            return [one(column) for column in columns]
        with ThreadPoolExecutor(max_workers=threads) as pool:
            try:
                asked = [pool.submit(copy_context().run, one, column) for column in columns]
                return [future.result() for future in asked]
            except BaseException:
                scan.stop()
                raise
