"""How a model's process is started, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass

TIMEOUT = 120.0
"""Seconds that a model may take to load, and for each question."""


MEMORY = 8 * 1024**3
"""Bytes that a model's process may use."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Launch:
    """How a model's process is started, and what it may use.

    Attributes
    ----------
    roots : tuple of str
        Folders that come first on the process's import path.
    timeout : float
        Seconds for each request; starting counts towards the first.
    hash_seed : int
        ``PYTHONHASHSEED`` of the process: the order of sets of text follows it.
    threads : int or None
        Threads of numerical libraries; None: one, unless the user's environment says otherwise.
    memory : int
        Bytes that the process may use, and that a file which it writes may have. Bounded on Linux only.
    network : bool
        Whether Python's sockets may lead to another process than its own.
    python : str or None
        Another interpreter than the run's, of which only what is installed there is imported.
    """

    roots: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    hash_seed: int = 0
    threads: int | None = None
    memory: int = MEMORY
    network: bool = False
    python: str | None = None
