"""The record of where a verdict was made."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from pytest_mlgate.artifacts.environment import environment, git_state


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    answer = subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return answer.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "a").write_text("a")
    git(tmp_path, "add", "a")
    return tmp_path


def test_the_environment_names_python_and_installed_packages() -> None:
    found = environment()

    assert found["python"] == platform.python_version()
    assert found["packages"]["numpy"] == version("numpy")
    assert json.loads(json.dumps(found)) == found


def test_a_commit_and_whether_the_tree_is_clean(repository: Path) -> None:
    assert git_state(repository) is None  # before the first commit
    git(repository, "commit", "-qm", "first")

    clean = git_state(repository)
    (repository / "new").write_text("b")

    assert clean == {"commit": git(repository, "rev-parse", "HEAD"), "clean": True}
    assert git_state(repository) == {**clean, "clean": False}


def test_a_hooks_environment_does_not_name_another_tree(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "commit", "-qm", "first")
    monkeypatch.setenv("GIT_DIR", "/nowhere")

    state = git_state(repository)

    assert state is not None
    assert state["clean"] is True


def test_no_repository_no_folder_and_no_git_are_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git_state(tmp_path) is None
    assert git_state(tmp_path / "nothing") is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git_state(tmp_path) is None


def test_the_rooms_load_nothing_heavy() -> None:
    code = (
        "import sys; import pytest_mlgate.artifacts.model, pytest_mlgate.artifacts.process, pytest_mlgate.tables;"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'joblib', 'pyarrow', 'pandera', 'hypothesis'};"
        "print(sorted(heavy & set(sys.modules)))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == "[]"
