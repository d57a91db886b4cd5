"""Lock files: what an environment is made of, as the tools that write them say it."""

from __future__ import annotations

from pytest_mlgate.artifacts.locks.lock import Lock, Pin
from pytest_mlgate.artifacts.locks.reading import read_lock

__all__ = ["Lock", "Pin", "read_lock"]
