"""What governance is judged by beside the configuration: where it lies, and what the run knows of itself."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pytest_mlgate.cards.people import CodeOwners
from pytest_mlgate.checks import Check


@dataclass(frozen=True, kw_only=True, slots=True)
class RunFacts:
    """What a run knows.

    Attributes
    ----------
    folder : Path
        What relative paths are relative to.
    code_owners : CodeOwners or None
        The repository's, where it has such a file.
    candidate : str or None
        The candidate as the configuration names it.
    commit : str or None
        Of the work tree that the configuration lies in.
    clean : bool
        Whether that tree is the commit and nothing else.
    train : str or None
        SHA-256 of the training rows, where the run has them.
    run : str or None
        The URL of the continuous integration's job.
    card : Mapping of str to str
        What the model card says: places by the item that they are about (``monitoring``: ``MODEL_CARD.md:41``).
    """

    folder: Path = field(default_factory=Path)
    code_owners: CodeOwners | None = None
    candidate: str | None = None
    commit: str | None = None
    clean: bool = True
    train: str | None = None
    run: str | None = None
    card: Mapping[str, str] = field(default_factory=dict)


def job_url(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return the URL of the job that this process is part of, where the continuous integration says it."""
    github = [environ.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    if all(github):
        return "{}/{}/actions/runs/{}".format(*github)
    return next((environ[name] for name in ("CI_JOB_URL", "BUILD_URL") if environ.get(name)), None)


def said_in_card(checks: Iterable[Check]) -> dict[str, str]:
    """Return what the cards that gates read say of governance, and where."""
    said: dict[str, str] = {}
    for check in checks:
        found = check.details.get("governance") if check.gate == "card" else None
        if isinstance(found, Mapping):
            said = {**found, **said}
    return said


def train_digest(inputs: Mapping[str, Mapping[str, object]], folder: Path, configured: str | None) -> str | None:
    """Return the SHA-256 of the training rows: as a gate read them, else of the configured file; None without any."""
    digest = inputs.get("train", {}).get("digest")
    if digest:
        return str(digest)
    if configured is None:
        return None
    try:
        with open(folder / os.path.expanduser(configured), "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:  # a gate that needs it says so
        return None
