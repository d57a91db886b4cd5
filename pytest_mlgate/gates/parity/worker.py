"""One thread for each side: what the user's code does there has a time limit, and a loop for what is asynchronous."""

from __future__ import annotations

import contextvars
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pytest_mlgate.gates.parity.answers import SideError

# What stops by itself (an asynchronous call) gets this long to do so, before its thread is given up.
_GRACE = 1.0

Function = Callable[[], Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Worker:
    """What runs functions in a thread of its own.

    Attributes
    ----------
    call : callable
        Runs a function and returns what it returned, or raises what it raised.
    leave : callable
        Runs a function in the end, whatever it raises; where the thread hangs, once that ends, if ever.
    """

    call: Callable[[Function], Any]
    leave: Callable[[Function], None]


@contextmanager
def worker(side: str, *, timeout: float) -> Iterator[Worker]:
    """Yield what runs functions in a thread of this side's own.

    All calls run in one thread, one after the other, so that what belongs to a thread (a database connection, an event
    loop) lives from call to call. Where one takes longer than ``timeout`` seconds, ``call`` raises
    :class:`SideError`, and so does every later call: Python cannot end a thread, and what hangs there would be in the
    way. It is a daemon, so that the run can end.

    Parameters
    ----------
    side : str
        For messages.
    timeout : float
        Seconds, for each call.
    """
    tasks: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
    hung = False

    def loop() -> None:
        while (task := tasks.get()) is not None:
            task()

    thread = threading.Thread(target=loop, name=f"mlgate-parity-{side}", daemon=True)
    thread.start()

    def call(function: Function) -> Any:
        nonlocal hung
        if hung:
            raise too_slow(side, timeout)
        answers: queue.SimpleQueue[tuple[Any, BaseException | None]] = queue.SimpleQueue()
        context = contextvars.copy_context()

        def task() -> None:
            try:
                answers.put((context.run(function), None))
            except BaseException as error:  # also SystemExit: it must not end the thread
                answers.put((None, error))

        tasks.put(task)
        try:
            value, error = answers.get(timeout=timeout + _GRACE)
        except queue.Empty:
            hung = True
            raise too_slow(side, timeout) from None
        if error is not None:
            raise error
        return value

    def leave(function: Function) -> None:
        def task() -> None:
            with suppress(Exception):  # how a side stops is not what was asked
                function()

        tasks.put(task)

    try:
        yield Worker(call=call, leave=leave)
    finally:
        tasks.put(None)
        if not hung:
            thread.join(timeout=timeout + _GRACE)


def too_slow(side: str, timeout: float) -> SideError:
    """Return the error of a call that took too long."""
    return SideError(
        "timeout",
        f"{side} gave no answer within {timeout:g} s",
        fix="find what it waits for; `timeout` gives a call more seconds, `rows` asks about fewer rows at once",
    )
