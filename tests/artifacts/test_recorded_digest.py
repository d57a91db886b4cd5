"""A large model file without its digest beside it is refused, and so is a record that speaks of other bytes."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner, Result

from pytest_mlgate import record_environment
from pytest_mlgate.cli import app

NAME = "a model.joblib"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    joblib.dump(LogisticRegression().fit(np.eye(2), [0, 1]), NAME)
    return tmp_path


def inspect(*arguments: str, above: int = 100) -> Result:
    return CliRunner().invoke(app, ["inspect", NAME, f"--digest-above={above}", *arguments])


def digest() -> str:
    return hashlib.sha256(Path(NAME).read_bytes()).hexdigest()


def git(*arguments: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *arguments], check=True, capture_output=True)


def test_a_large_file_without_a_record_is_refused_with_the_way_out(folder: Path) -> None:
    result = inspect()

    assert (result.exit_code, f"{NAME}: refused" in result.output) == (1, True)
    assert "bytes, more than 100, and its digest is recorded nowhere" in result.output
    assert f"sha256sum {NAME} > {NAME}.sha256" in result.output
    assert json.loads(inspect("--json").output)[0]["findings"][-1]["reason"] == "unrecorded"


def test_a_small_file_and_a_plain_inspection_need_no_record(folder: Path) -> None:
    assert inspect(above=10**6).exit_code == 0
    assert CliRunner().invoke(app, ["inspect", NAME]).exit_code == 0


@pytest.mark.parametrize(
    "line", ["{digest}  {name}\n", "{digest} *{name}\n", "{digest}\n", "{other}  b.joblib\n{digest}  {name}\n"]
)
def test_a_list_of_digests_is_a_record(folder: Path, line: str) -> None:
    Path(f"{NAME}.sha256").write_text(line.format(digest=digest(), name=NAME, other="0" * 64), encoding="utf-8")

    assert (inspect("--quiet").exit_code, inspect("--quiet").output) == (0, "")


def test_the_environment_record_is_one(folder: Path) -> None:
    record_environment(NAME)

    assert inspect().exit_code == 0


def test_a_digest_that_is_trusted_is_recorded(folder: Path) -> None:
    assert inspect("--trusted", f"sha256:{digest()}").exit_code == 0


@pytest.mark.parametrize("above", [100, 10**6])
def test_a_record_of_other_bytes_is_refused_whatever_the_size(folder: Path, above: int) -> None:
    record_environment(NAME)
    joblib.dump(LogisticRegression(C=2.0).fit(np.eye(2), [0, 1]), NAME)

    result = inspect(above=above)

    assert (result.exit_code, f"{NAME}.mlgate.json speaks of a file with SHA-256" in result.output) == (1, True)


def test_one_record_that_is_right_does_not_cover_one_that_is_wrong(folder: Path) -> None:
    record_environment(NAME)
    Path(f"{NAME}.sha256").write_text(f"{'0' * 64}  {NAME}\n", encoding="utf-8")

    assert f"{NAME}.sha256 speaks of" in inspect().output


@pytest.mark.parametrize(
    ("suffix", "text", "says"),
    [
        (".sha256", "abc\n", "has no line for a model.joblib"),
        (".sha256", "", "is empty"),
        (".mlgate.json", "{}", "is no environment record"),
    ],
)
def test_a_record_that_says_nothing_is_named(folder: Path, suffix: str, text: str, says: str) -> None:
    Path(NAME + suffix).write_text(text, encoding="utf-8")

    assert (inspect().exit_code, says in inspect().output) == (1, True)


def test_a_record_that_is_not_committed_with_the_file_does_not_count(folder: Path) -> None:
    git("init", "-q")
    record_environment(NAME)
    git("add", NAME)

    result = inspect()
    assert (result.exit_code, "is committed and its record is not" in result.output) == (1, True)
    assert f"git add {NAME}.mlgate.json" in result.output
    git("add", f"{NAME}.mlgate.json")
    assert inspect().exit_code == 0


def test_what_git_lfs_keeps_has_its_digest_in_the_pointer(folder: Path) -> None:
    git("init", "-q")
    (folder / ".gitattributes").write_text("*.joblib filter=lfs diff=lfs merge=lfs -text\n", encoding="utf-8")

    assert inspect().exit_code == 0


def test_a_file_that_is_refused_for_itself_stays_so(folder: Path) -> None:
    Path(NAME).write_bytes(b"cos\nsystem\n.")
    result = inspect(above=0)

    assert result.exit_code == 1
    assert "posix:system" in result.output or "os:system" in result.output
