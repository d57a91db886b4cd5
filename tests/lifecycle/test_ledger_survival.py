"""What a ledger outlives: SIGKILL at any moment, several processes at once, a full disk, a folder that is not ours."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.lifecycle.appending import read_ledger
from tests.lifecycle.made import promote, to_production, write

NOBODY = 65534
ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "mlgate-ledger.jsonl"


def forked(work: Callable[[], object]) -> int:
    """Start a process that does this and ends: with 0, or with 1 where it raised. No test of ours goes on in it."""
    with warnings.catch_warnings():  # newer Pythons warn of threads: numpy's are idle, and the child needs none of them
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid:
        return pid
    try:
        work()
        os._exit(0)
    except BaseException:
        os._exit(1)


def exit_code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def killed_while_promoting(path: Path, kills: int) -> int:
    """Kill promoting processes at random moments, and return how many events they recorded; see `killing.py`."""
    command = [sys.executable, "-m", "tests.lifecycle.killing", str(path), str(kills)]
    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert found.returncode == 0, found.stderr
    return int(found.stdout)


def test_killed_at_some_moments(path: Path) -> None:
    assert killed_while_promoting(path, 20) > 5


@pytest.mark.slow
def test_killed_at_500_random_moments(path: Path) -> None:
    assert killed_while_promoting(path, 500) > 125


def test_four_processes_at_once(path: Path) -> None:
    def promote_some(number: int) -> None:
        for step in range(15):
            promote(path, f"v{number}.{step}")

    pids = [forked(lambda number=number: promote_some(number)) for number in range(4)]  # type: ignore[misc]

    assert [exit_code(pid) for pid in pids] == [0] * 4
    found = read_ledger(path).whole()
    versions = [event.version for _, event in found.events()]
    assert sorted(versions) == sorted(f"v{number}.{step}" for number in range(4) for step in range(15))


def refused(path: Path, before: Callable[[], Any]) -> None:
    """Promote in a process of its own after ``before``, and check that it is refused in our words."""

    def attempt() -> None:
        before()
        try:
            promote(path, "v9")
        except InputError as error:
            os._exit(0 if "nothing was changed" in str(error) else 2)
        os._exit(3)

    assert exit_code(forked(attempt)) == 0


def test_a_file_that_cannot_grow_changes_nothing(path: Path) -> None:
    """As a disk that fills while the line is written: the system takes some bytes, and no more."""
    write(path, to_production(read_ledger(path), "v1"))
    before = path.read_bytes()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 100, len(before) + 100))

    refused(path, limit)

    assert path.read_bytes() == before
    assert len(promote(path, "v2").lines) == 4


def test_a_folder_and_a_file_that_are_not_ours_to_write_to(path: Path) -> None:
    write(path, to_production(read_ledger(path), "v1"))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.chmod(0o444)
    path.parent.chmod(0o555)
    for parent in path.parents[1:-2]:
        parent.chmod(parent.stat().st_mode | 0o055)

    def as_nobody() -> None:
        if os.getuid() == 0:  # whom no permission stops
            os.setuid(NOBODY)

    try:
        refused(path, as_nobody)
        refused(path.with_name("another"), as_nobody)
        assert sorted(path.parent.iterdir()) == [path]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert exit_code(forked(lambda: (as_nobody(), read_ledger(path)))) == 0
    finally:
        path.parent.chmod(0o755)
