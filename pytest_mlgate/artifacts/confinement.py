"""What a model's process may use: so much memory, CPU time and disk, and no connection through Python's sockets.

Run in the model's process only. This is no sandbox: code that wants out gets out, and libraries that open connections
by themselves, below Python, are not seen. It keeps a leak from taking the machine along, a loop from outliving the run,
and a download from becoming part of a model unnoticed.
"""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from pytest_mlgate.artifacts.asking import NetworkRefused

# Kept back, so that a process that ran out of memory can still say so.
_RESERVE = 64 * 1024**2
_GRACE = 5
_KEPT = 5


def renew(*, memory: int, seconds: float) -> None:
    """Set the bounds of the next question: those of memory anew, where a reserve was opened, and CPU time from now."""
    limit_memory(memory)
    limit_cpu(seconds)


def limit_memory(limit: int) -> None:
    """Bound the memory that the process may ask for, and the size of a file that it may write.

    Parameters
    ----------
    limit : int
        Bytes. What counts is memory that is mapped to be written to (``RLIMIT_DATA``), used or not; not the address
        space, of which libraries reserve much more than they use. Linux alone counts so; elsewhere nothing is bounded.
    """
    _bound("RLIMIT_DATA", limit, limit + _RESERVE)
    _bound("RLIMIT_FSIZE", limit, limit)


def _bound(name: str, soft: int, hard: int) -> None:
    """Set a limit, or the one that is above it where that is lower already; nothing where the platform has none."""
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        kind = getattr(resource, name)
        _, above = resource.getrlimit(kind)
        highest = hard if above == resource.RLIM_INFINITY else min(hard, above)
        resource.setrlimit(kind, (min(soft, highest), highest))


def recover_memory() -> bool:
    """Give what was kept back, after memory ran out, and return whether so much is held that no question has room.

    A leak keeps what it has: the process is then better ended, and what it holds given to others.
    """
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import gc
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
        resource.setrlimit(resource.RLIMIT_DATA, (hard, hard))
        gc.collect()
        with open("/proc/self/statm", encoding="ascii") as stream:
            held = int(stream.read().split()[5]) * resource.getpagesize()
        return held > soft / 2
    return True


def limit_cpu(seconds: float) -> None:
    """Bound the CPU time from now on: as many seconds as a question may take, on every core, and a few more.

    The run ends a process that takes too long; this ends one whose run was stopped.
    """
    with contextlib.suppress(ImportError, AttributeError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = math.ceil(time.process_time() + seconds * (os.cpu_count() or 1)) + _GRACE
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def no_core_dumps() -> None:
    """Let a crash leave no file behind."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def refuse_network() -> list[str]:
    """Refuse sockets that lead out of the machine or back into it, for the rest of the process.

    Returns
    -------
    list of str
        Fills with what code tried to reach, a few of each process: a refusal may be caught, and the answer be another
        one for it.

    Notes
    -----
    Sockets of the file system's kind (``AF_UNIX``) are let be: Python's own ``multiprocessing`` and ``asyncio`` talk to
    themselves through them.
    """
    import socket

    attempts: list[str] = []
    local = getattr(socket, "AF_UNIX", None)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.__new__":
            if arguments[1] not in (-1, local):  # -1: the kind of a descriptor that there is; its use is seen
                raise NetworkRefused("a network socket")
        elif event in _REACHING and getattr(arguments[0], "family", None) != local:
            target = _REACHING[event](*arguments)
            if len(attempts) < _KEPT and target not in attempts:
                attempts.append(target)
            raise NetworkRefused(f"a network connection to {target}")

    sys.addaudithook(hook)
    return attempts


def _address(_: Any, address: Any) -> str:
    return ":".join(map(str, address[:2])) if isinstance(address, tuple) else str(address)


def _host(host: Any, port: Any = None, *_: Any) -> str:
    return f"{host}:{port}" if port else str(host)


# What the arguments of an audited event say of where it leads.
_REACHING: dict[str, Callable[..., str]] = {
    "socket.bind": _address,
    "socket.connect": _address,
    "socket.getaddrinfo": _host,
    "socket.gethostbyaddr": _host,
    "socket.gethostbyname": _host,
    "socket.getnameinfo": lambda address: _address(None, address),
    "socket.sendmsg": _address,
    "socket.sendto": _address,
}
