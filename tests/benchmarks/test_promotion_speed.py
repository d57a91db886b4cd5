"""What `mlgate promote` takes on the example once its verdict exists: ``pytest -m benchmark -s tests/benchmarks``."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measuring import CONTENDERS, tell
from tests.example.copies import APPROVER, adopt_the_champion, before_production, copy_example, gates, train

RUNS = 5


@pytest.mark.benchmark
def test_a_promotion_of_the_example_to_production(tmp_path: Path) -> None:
    """Print it with and without the trial of the rollback target, which loads a model in a process of its own."""
    root = copy_example(tmp_path)
    train(root)
    code, verdict, _ = gates(root, "--mlgate-stage=production")
    assert (code, verdict["decision"]) == (0, "promote")
    adopt_the_champion(root)
    before_production(root)
    ledger, archive = root / "example_project/mlgate-ledger.jsonl", root / "example_project/mlgate-archive"
    before, kept = ledger.read_bytes(), set(archive.iterdir())
    found = []
    for _ in range(RUNS + 1):  # the first fills the caches of bytecode and of the disk
        found.append(_promoted(root))
        ledger.write_bytes(before)
        for path in set(archive.iterdir()) - kept:
            path.unlink()

    for name, without in (("whole", False), ("without the trial of the rollback target", True)):
        spent = [_less(whole, trial if without else [0.0] * 3) for whole, trial in found[1:]]
        parts = zip(("wall", "CPU", "children's CPU"), zip(*spent, strict=True), strict=True)
        tell(f"mlgate promote --to production, {name}", dict(parts), unit="s")
    assert len(found) == RUNS + 1


def _promoted(root: Path) -> tuple[list[float], list[float]]:
    """Return what a promotion took, and what the trial in it did: wall, CPU, and CPU of children, in seconds."""
    command = [sys.executable, CONTENDERS / "promoting.py", "promote", "--to", "production", "--approver", APPROVER]
    surroundings = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    ended = subprocess.run(
        command, cwd=root / "example_project", env=surroundings, stderr=subprocess.PIPE, text=True, check=True
    )
    said = json.loads(ended.stderr.splitlines()[-1])
    assert said["code"] == 0, ended.stderr
    return said["whole"], said["trial"]


def _less(whole: list[float], part: list[float]) -> list[float]:
    return [one - other for one, other in zip(whole, part, strict=True)]
