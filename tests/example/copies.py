"""A copy of the example, committed, and what a user types in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from pytest_mlgate.verdict import read_verdict

EXAMPLE = Path(__file__).parents[2] / "example_project"
AUTHOR = (("config", "user.name", "Ada King"), ("config", "user.email", "ada@flights.org"))
WAY_UP = ("validation", "pre-production", "production")
APPROVER = "@flights-model-risk-lead"
EARLY = "early.toml"
"""A policy that asks for no verdict before production: one run of the gates is enough to go all the way up."""


def copy_example(root: Path) -> Path:
    """Copy the example into a folder and commit it there; nothing is trained."""
    ignore = shutil.ignore_patterns("data", "artifacts", ".mlgate", "__pycache__", "mlgate-*")
    shutil.copytree(EXAMPLE, root / "example_project", ignore=ignore)
    (root / EARLY).write_text("[validation]\nverdict = false\n[pre-production]\nverdict = false\n")
    (root / ".gitignore").write_text("__pycache__/\n")  # as the repository's own has it
    for arguments in (("init", "-q"), *AUTHOR, ("add", "-A"), ("commit", "-q", "-m", "The example")):
        subprocess.run(["git", *arguments], cwd=root, check=True)
    return root


def train(root: Path, *switches: str) -> None:
    """Train both models of a copy."""
    subprocess.run([sys.executable, "-m", "example_project.train", *switches], cwd=root, check=True)


def gates(root: Path, *options: str, **environment: str) -> tuple[int, dict[str, Any], str]:
    """Run all gates of a copy; return pytest's exit code, the verdict, and what was printed."""
    command = [sys.executable, "-m", "pytest", "example_project", "--mlgate", *options]
    ended = subprocess.run(
        command, cwd=root, env={**os.environ, **environment}, check=False, stdout=subprocess.PIPE, text=True
    )
    path = root / "example_project" / ".mlgate" / "verdict.json"
    read_verdict(path)  # whole, and unchanged since it was written
    verdict: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return ended.returncode, verdict, ended.stdout


def mlgate(root: Path, *arguments: str) -> tuple[int, str]:
    """Run the command in a copy of the example; return its exit code, and all that it says."""
    command = [sys.executable, "-c", "from pytest_mlgate.cli import main; main()", *arguments]
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "GITLAB_"))}
    ended = subprocess.run(
        command,
        cwd=root / "example_project",
        env=surroundings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout


def adopt_the_champion(root: Path) -> None:
    """Take the champion into the ledger, as a model that served before there were gates."""
    why = ("--force", "--reason", "it served before there were gates")
    for stage in WAY_UP:
        said = mlgate(root, "promote", "--config", "champion.toml", "--to", stage, "--first-version", *why)
        assert said[0] == 0, said[1]


def before_production(root: Path) -> None:
    """Lead the candidate up to pre-production."""
    for stage in WAY_UP[:2]:
        said = mlgate(root, "promote", "--to", stage, "--policy", str(root / EARLY))
        assert said[0] == 0, said[1]
