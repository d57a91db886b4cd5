"""Long scans: told to whoever looks on, and ended at their next step where nobody waits for them any more."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future

_Item = TypeVar("_Item")
_Found = TypeVar("_Found")

Show: TypeAlias = Callable[[str], None]
"""Shows how far a scan is, in the place of what it showed before; the empty text takes that back."""

_PATIENCE = 1.0
"""Seconds for which nothing is said of a scan: it may end before anybody could read it."""
_PARTING = 2.0
"""Seconds for which the end of what was stopped is waited for."""
_GLANCE = 0.1
"""Seconds after which Ctrl-C is heard of at last."""
_EVERY = 0.2
"""Seconds between two looks at one that goes on."""


class Stopped(KeyboardInterrupt):
    """A scan was ended before its end, by Ctrl-C or because another part of it failed; no error of the data."""


class Scan:
    """One pass after another over rows or bytes.

    Parameters
    ----------
    columns, rows, size : int
        How many columns, rows or bytes there are to go; 0: not known.
    show : callable or None
        Where it is shown how far it is.
    outer : Scan or None
        The scan that this one is a part of, and ends with.
    """

    def __init__(
        self, *, columns: int = 0, rows: int = 0, size: int = 0, show: Show | None, outer: Scan | None
    ) -> None:
        self._columns, self._rows, self._size, self._show, self._outer = columns, rows, size, show, outer
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
        if self._rows:
            return f"{done['rows']:,} of {self._rows:,} rows"
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
def reading(rows: int) -> Iterator[Scan]:
    """Give a scan of a table's rows for what hands them on: what others do between two batches is no part of it."""
    outer = _SCAN.get()
    scan = Scan(rows=rows, show=_SHOW.get() if outer is None else None, outer=outer)
    try:
        yield scan
    finally:
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


def in_reach(function: Callable[[], _Found], *, stop: Callable[[], None]) -> _Found:
    """Return what a function of another library finds, and hear of Ctrl-C meanwhile.

    The library may look for signals never, or only for SIGINT, or make an error of its own of one (duckdb). So it works
    in a thread while the main thread waits. From any other thread it is called as it is: no signal comes there.

    Parameters
    ----------
    function : callable
    stop : callable
        Ends what goes on. What has not ended some moments later is left behind, and ends with the process.
    """
    import threading
    from concurrent.futures import Future

    if threading.current_thread() is not threading.main_thread():
        return function()
    found: Future[_Found] = Future()

    def work() -> None:
        try:
            found.set_result(function())
        except BaseException as error:
            found.set_exception(error)

    thread = threading.Thread(target=copy_context().run, args=(work,), daemon=True)
    thread.start()
    try:
        return _all_of([found])[0]
    except KeyboardInterrupt:
        stop()
        thread.join(_PARTING)
        raise


def _all_of(futures: Sequence[Future[_Found]]) -> list[_Found]:
    """Return all results, or raise the first error; with a look every moment.

    A lock that is waited for without a limit does not let Ctrl-C through where a library has put a handler of its own
    before Python's (polars does, when it is imported).
    """
    from concurrent.futures import FIRST_EXCEPTION, wait

    while True:
        _, others = wait(futures, timeout=_GLANCE, return_when=FIRST_EXCEPTION)
        for future in futures:
            if future.done():
                future.result()
        if not others:
            return [future.result() for future in futures]


def each_column(function: Callable[[_Item], _Found], columns: Sequence[_Item], *, threads: int) -> list[_Found]:
    """Return what a function says of each column, in their order.

    Parameters
    ----------
    function : callable
    columns : sequence
    threads : int
        How many are looked at at once. With 1 it is the thread of the caller: what an engine computes is stopped only
        where the main thread waits for it.

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
                return _all_of(asked)
            except BaseException:
                scan.stop()
                raise
