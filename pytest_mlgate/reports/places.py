"""Where a check stands: the line of the configuration, the card or the test that a person would open."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_mlgate.checks import Check
from pytest_mlgate.config import Config
from pytest_mlgate.locator import nearest_line
from pytest_mlgate.naming import TABLES

_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A file, from the root of the repository and with forward slashes, and a line of it, from 1."""

    file: str
    line: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def repository_root(folder: Path, environ: Mapping[str, str] = os.environ) -> Path:
    """Return the root of the repository that a folder lies in.

    That is the nearest folder up with a ``.git``; where there is none, the workspace that the machine of continuous
    integration names, if it holds the folder; else the folder itself.
    """
    root = next((path for path in (folder, *folder.parents) if (path / ".git").exists()), None)
    named = (Path(environ[name]) for name in _WORKSPACES if environ.get(name))
    return root or next((path for path in named if folder.is_relative_to(path)), folder)


def from_root(path: Path, root: Path) -> str | None:
    """Return a path from the root of the repository; None where it leads out of it."""
    path = Path(os.path.normpath(path))
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else None


def places_of(
    checks: Iterable[Check],
    settings: Config,
    root: Path,
    *,
    tests: Mapping[str, tuple[Path, int]],
    card: str | None = None,
) -> dict[str, Place]:
    """Return where each check stands, by its id.

    Parameters
    ----------
    checks : iterable of Check
    settings : Config
        Of a file.
    root : Path
        Of the repository.
    tests : Mapping
        File and line of each test that runs gates, by the name under which its checks are known.
    card : str or None
        The source of the card that was judged, as the verdict has it.
    """
    assert settings.path is not None
    keys, lines = dict(settings.lines), {(entry.gate.name, entry.entry): entry.line or 1 for entry in settings.entries}
    top = Place(file=from_root(settings.path, root) or settings.path.name)
    found: dict[str, Place] = {}
    for check in checks:
        key = (check.gate, check.entry)
        if key in lines:
            place = _in_card(check, settings, card) or (settings.path, lines[key])
        elif check.entry in tests:
            place = tests[check.entry]
        else:
            place = (settings.path, nearest_line(keys, _key(check)) or 1)
        file = from_root(place[0], root)
        found[check.id] = top if file is None else Place(file=file, line=max(1, place[1]))
    return found


def _in_card(check: Check, settings: Config, judged: str | None) -> tuple[Path, int] | None:
    """Return the line of a model card or a datasheet; None where a check is about none."""
    line = check.details.get("line")
    if check.gate != "card" or not isinstance(line, int):
        return None
    own = next(entry.settings for entry in settings.entries if (entry.gate.name, entry.entry) == ("card", check.entry))
    named = getattr(own, "path", None)
    path = settings.resolve(named or "MODEL_CARD.md")
    if check.subject.startswith("datasheet:"):
        sheet = getattr(own, "datasheet", None)
        return (settings.resolve(sheet), line) if isinstance(sheet, str) else None
    if named is None and judged is not None and settings.resolve(judged) != path:
        return None  # a conftest.py gave another card
    return (path, line) if path.is_file() else None


def _key(check: Check) -> tuple[str, ...]:
    """Return the key of the configuration that a check of no gate is about."""
    if check.gate == "governance":
        return ("governance", *check.subject.split("."))
    if check.gate == "run" and check.subject in (*TABLES, "candidate", "baseline"):
        return ("data" if check.subject in TABLES else "model", check.subject)
    return (check.gate,)
