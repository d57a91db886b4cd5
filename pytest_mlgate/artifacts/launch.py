"""How a model's process is started, and what it may use."""

from __future__ import annotations

from dataclasses import dataclass

TIMEOUT = 120.0
"""Seconds that a model may take to load, and for each question."""


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
    """

    roots: tuple[str, ...] = ()
    timeout: float = TIMEOUT
    hash_seed: int = 0
    threads: int | None = None
