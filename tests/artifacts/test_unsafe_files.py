"""Files that would run something as they are loaded: all refused, and nothing ran; without inspection they do run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mlgate.artifacts.inspection import inspect_artifact
from pytest_mlgate.artifacts.model import ModelError, load_model
from tests.artifacts.corpora.unsafe import UnsafeFile, unsafe_files, unsafe_names

NAMES = unsafe_names()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("unsafe files")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, tuple[Path, UnsafeFile]]:
    made = unsafe_files(lambda name: str(folder / f"marker of {NAMES.index(name)}"))
    found = {}
    for name, unsafe in made.items():
        path = folder / f"{NAMES.index(name)}{unsafe.suffix}"
        path.write_bytes(unsafe.content)
        found[name] = path, unsafe
    return found


def markers(folder: Path) -> set[str]:
    return {NAMES[int(path.name.split()[-1].split(".")[0])] for path in folder.glob("marker of *")}


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 60


@pytest.mark.parametrize("name", NAMES)
def test_it_is_not_accepted_and_nothing_ran(files: dict[str, tuple[Path, UnsafeFile]], folder: Path, name: str) -> None:
    path, _ = files[name]

    found = inspect_artifact(path)

    assert found.verdict in ("refused", "untrusted")
    assert found.findings
    assert all(finding.message and finding.fix for finding in found.findings)
    assert not markers(folder)


def test_no_process_is_started_for_any_of_them(
    files: dict[str, tuple[Path, UnsafeFile]], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("started a process"))

    for path, _ in files.values():
        with pytest.raises(ModelError, match=path.name) as caught:
            load_model(path, root=folder)
        assert caught.value.fix

    assert not markers(folder)


@pytest.mark.slow
def test_a_plain_loader_runs_them(tmp_path: Path) -> None:
    made = unsafe_files(lambda name: str(tmp_path / f"marker of {NAMES.index(name)}"))
    runs = {name: unsafe for name, unsafe in made.items() if unsafe.loader}
    for name, unsafe in runs.items():
        (tmp_path / str(NAMES.index(name))).write_bytes(unsafe.content)
    loaders = {str(NAMES.index(name)): unsafe.loader for name, unsafe in runs.items()}
    (tmp_path / "loaders.json").write_text(json.dumps(loaders))

    command = [sys.executable, "-W", "ignore", "-m", "tests.artifacts.corpora.control", str(tmp_path)]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[2], timeout=600)

    assert sorted(set(runs) - markers(tmp_path)) == []
    assert len(runs) >= 60
