"""What a whole promotion outlives: SIGKILL at any moment, several at once, a full disk, a folder that is not ours."""

from __future__ import annotations

import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.promotion import Asked, promotion, record
from tests.lifecycle.killing_promotions import before_production, promote
from tests.lifecycle.test_ledger_survival import NOBODY, ROOT, exit_code, forked
from tests.lifecycle.world import World


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return before_production(tmp_path_factory.mktemp("world"))


@pytest.mark.slow
def test_killed_at_500_random_moments_a_promotion_counts_whole_or_not_at_all(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.lifecycle.killing_promotions", str(tmp_path), "500"]

    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)

    assert found.returncode == 0, found.stderr
    assert 50 < int(found.stdout) < 450  # some before, some after it counted


def test_four_processes_lose_and_double_no_event(world: World) -> None:
    before = len(list(read_ledger(world.ledger).events()))
    world.judged("validation")

    def promote_some(number: int) -> None:
        for step in range(5):
            promote(world.path, "validation", f"w{number}.{step}")

    pids = [forked(lambda number=number: promote_some(number)) for number in range(4)]  # type: ignore[misc]

    assert [exit_code(pid) for pid in pids] == [0] * 4
    events = [event for _, event in read_ledger(world.ledger).whole().events()][before:]
    assert sorted(event.version for event in events) == sorted(f"w{n}.{step}" for n in range(4) for step in range(5))


@pytest.mark.parametrize("why", ["a full disk", "a read-only folder"])
def test_what_cannot_be_written_is_one_clear_error_and_changes_nothing(world: World, why: str) -> None:
    world.judged("production")
    config = load_config(world.path / "mlgate.toml")
    asked = Asked(to="production", version="v1", actor="Ada", approver="Grace", first_version=True)
    event, missing, _ = promotion(config, asked)
    assert not missing

    def attempt() -> None:
        if why == "a full disk":  # the system takes some bytes, and no more
            resource.setrlimit(resource.RLIMIT_FSIZE, (200, 200))
        elif os.getuid() == 0:  # whom no permission stops
            os.setuid(NOBODY)
        try:
            record(config, event, ())
        except InputError as error:
            os._exit(0 if "cannot be written" in str(error) and "nothing was promoted" in str(error) else 2)
        os._exit(3)

    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in world.path.rglob("*") if path.is_file()}
    if why == "a read-only folder":
        world.path.chmod(0o555)
        for parent in world.path.parents[:-2]:
            parent.chmod(parent.stat().st_mode | 0o055)
    try:
        assert exit_code(forked(attempt)) == 0
        assert before == {
            path: hashlib.sha256(path.read_bytes()).hexdigest() for path in world.path.rglob("*") if path.is_file()
        }
    finally:
        world.path.chmod(0o755)
