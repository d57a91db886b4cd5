"""The record of where a verdict was made: interpreter, packages, and the state of the code."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

_PACKAGES = (
    *("catboost", "hypothesis", "joblib", "lightgbm", "mlflow", "numpy", "onnxruntime", "pandas", "pandera", "polars"),
    *("pyarrow", "pydantic", "pytest", "pytest-mlgate", "scikit-learn", "scipy", "skops", "torch", "xgboost"),
)


def environment() -> dict[str, Any]:
    """Return Python's version, the platform, and the versions of installed packages that can change a verdict.

    Nothing is imported; packages that are not installed are left out.
    """
    found: dict[str, str] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "packages": found,
    }


def git_state(folder: str | os.PathLike[str], *, aside: Iterable[str | os.PathLike[str]] = ()) -> dict[str, Any] | None:
    """Return ``{"commit": str, "clean": bool}`` of the git work tree that a folder is in, or None.

    None where git is not installed or fails, where the folder is in no work tree, and before the first commit.
    Untracked files that are not ignored make a tree unclean: a gate may have read them.

    Parameters
    ----------
    folder : path-like
    aside : iterable of path-like
        Files whose state does not count: what is written from the tree, and not read.
    """
    commit = git_output(folder, "rev-parse", "--verify", "HEAD")
    top = git_output(folder, "rev-parse", "--show-toplevel")
    if commit is None or top is None:
        return None
    root = Path(top.rstrip("\n"))
    outputs = [Path(os.path.realpath(path)) for path in aside]
    inside = [path.relative_to(root).as_posix() for path in outputs if path.is_relative_to(root)]
    status = git_output(
        folder, "status", "--porcelain", "--", ":/", *(f":(top,exclude,literal){path}" for path in inside)
    )
    if status is None:
        return None
    return {"commit": commit.strip(), "clean": not status.strip()}


def git_output(folder: str | os.PathLike[str], *arguments: str) -> str | None:
    """Return what git prints in a folder; None where it fails or is not installed."""
    # A hook of git's sets GIT_DIR and GIT_INDEX_FILE, which would name another tree than the folder's.
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        answer = subprocess.run(
            # No program that the repository's own configuration names is started, and no index is written.
            ["git", "-c", "core.fsmonitor=false", "-C", str(Path(folder)), *arguments],
            env={**env, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return answer.stdout.decode("utf-8", "replace") if answer.returncode == 0 else None
