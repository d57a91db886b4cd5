"""Damaged and odd files: each is refused with one message that names the file, and nothing is started for it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from pytest_mlgate.artifacts.inspection import Limits, inspect_artifact
from pytest_mlgate.artifacts.model import ModelError, load_model
from tests.artifacts.corpora.odd import good_joblib, odd_files

FILES = odd_files()


def test_there_are_enough_of_them() -> None:
    assert len(FILES) >= 30


@pytest.mark.parametrize("name", sorted(FILES))
def test_it_is_refused_with_one_message(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    make, words = FILES[name]
    path = make(tmp_path)
    if "checker" not in name:
        monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("started a process"))
    start = time.monotonic()

    found = inspect_artifact(path)
    with pytest.raises(ModelError) as caught:
        load_model(path)

    assert found.verdict == "refused"
    assert words in caught.value.message
    assert path.name in caught.value.message
    assert "\n" not in caught.value.message
    assert len(caught.value.message) < 600 + len(str(path))
    assert caught.value.fix
    assert time.monotonic() - start < 60


def test_names_before_the_break_are_told(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(good_joblib()[:-1])

    found = inspect_artifact(path)

    assert found.verdict == "refused"
    assert "numpy:dtype" in found.names


def test_a_file_above_the_limit_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(good_joblib())

    with pytest.raises(ModelError, match=r"model\.joblib' has [\d,]+ bytes, more than the 100 that are read"):
        load_model(path, max_size=100)


def test_bounds_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "model.pkl"
    path.write_bytes(b"\x80\x02" + b"N0" * 200_000 + b"N.")

    (finding,) = inspect_artifact(path, limits=Limits(opcodes=100_000)).findings

    assert finding.reason == "limit"
    assert "more than 100,000 instructions" in finding.message
    assert inspect_artifact(path).verdict == "accepted"


def test_a_link_is_followed_and_its_target_is_hashed(tmp_path: Path) -> None:
    (tmp_path / "target.joblib").write_bytes(good_joblib())
    (tmp_path / "model.joblib").symlink_to("target.joblib")

    found = inspect_artifact(tmp_path / "model.joblib")

    assert found.verdict == "accepted"
    assert found.digest == inspect_artifact(tmp_path / "target.joblib").digest


def test_a_file_that_changes_while_it_is_read_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(good_joblib() * 2)
    read = os.pread

    def reading(descriptor: int, count: int, offset: int) -> bytes:
        data = read(descriptor, count, offset)
        os.truncate(path, 100)
        return data

    monkeypatch.setattr("os.pread", reading)

    (finding,) = inspect_artifact(path).findings

    assert finding.reason == "changed"


def test_a_pipe_that_takes_the_place_of_a_file_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(good_joblib())
    look = os.stat

    def looking(name: object, **options: object) -> os.stat_result:
        status = look(name, **options)  # type: ignore[arg-type, call-overload]
        if name == str(path) and not path.is_fifo():
            path.unlink()
            os.mkfifo(path)
        return status

    monkeypatch.setattr("os.stat", looking)
    done = threading.Event()
    found = []
    threading.Thread(target=lambda: (found.append(inspect_artifact(path)), done.set()), daemon=True).start()

    assert done.wait(30)
    assert "not a regular file" in found[0].findings[0].message


def test_a_name_that_disagrees_is_a_remark_and_no_refusal(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    path.write_bytes(good_joblib())

    found = inspect_artifact(path)

    assert found.verdict == "accepted"
    assert [finding.weight for finding in found.findings] == ["remark"]
    assert "is called .skops, and holds joblib" in found.findings[0].message
