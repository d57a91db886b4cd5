"""Ctrl-C, and the signal by which CI ends a job: the first ends a run in order, the next one at once."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ONE_PRESS = 1.0
"""Seconds in which a second signal is the first once more: the terminal sends it, and so may a parent."""


@contextmanager
def heeding_sigterm() -> Iterator[None]:
    """Make SIGTERM a ``KeyboardInterrupt``, as Ctrl-C is, where nobody else heeds it; at the end all is as it was."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    found = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    if found[signal.SIGTERM] is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        for number, handler in found.items():
            if handler is not None:  # None: it was not set from Python, and cannot be
                signal.signal(number, handler)


def leave_at_the_next() -> None:
    """Let the next Ctrl-C or SIGTERM end this process at once: what is written by then is whole, or is not there."""
    if threading.current_thread() is not threading.main_thread():
        return
    began = time.monotonic()

    def leave(number: int, _: FrameType | None) -> None:
        if time.monotonic() - began < _ONE_PRESS:
            return
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, leave)


def _interrupt(number: int, _: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt(f"interrupted by {signal.Signals(number).name}")
