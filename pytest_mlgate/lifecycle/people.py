"""Who acts, as the surroundings name them; nothing here proves it."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from pathlib import Path

from pytest_mlgate.artifacts.environment import git_output


def who(folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """Return who acts: the actor of the continuous integration's job, else git's user, else the system's.

    Parameters
    ----------
    folder : Path
        In whose work tree git is asked.
    environ : Mapping
    """
    for name in ("GITHUB_ACTOR", "GITLAB_USER_LOGIN"):
        if environ.get(name):
            return f"@{environ[name]}"
    said = [(git_output(folder, "config", "--get", f"user.{key}") or "").strip() for key in ("name", "email")]
    if all(said):
        return "{} <{}>".format(*said)
    try:
        return said[1] or said[0] or getpass.getuser()
    except (OSError, KeyError):  # a container may run as a user that nothing names
        return f"uid {os.getuid()}"
