"""Files that a gate's settings name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def in_project(name: str, roots: Sequence[str]) -> Path:
    """Return the path of a file that a setting names, relative to the configuration's folder."""
    return Path(*roots[:1]) / Path(name).expanduser()
