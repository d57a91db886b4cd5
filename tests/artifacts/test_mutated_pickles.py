"""Damaged pickles run nothing, hold nobody up and take no memory; the accepted ask for the names that were told."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


def judged(count: int, seed: int) -> dict[str, Any]:
    """What became of so many mutants, in a process of their own."""
    command = [sys.executable, "-W", "ignore", "-m", "tests.artifacts.corpora.judging", str(count), str(seed)]
    answer = subprocess.run(
        command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=1500
    )
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("count", "seed"), [(400, 1), pytest.param(20_000, 2027, marks=pytest.mark.slow)], ids=["few", "20 000"]
)
def test_mutants(count: int, seed: int) -> None:
    found = judged(count, seed)

    assert found["files"] == count
    assert found["errors"] == []
    assert found["noticed"] == []
    assert found["beyond"] == []
    assert found["slowest"] < 5
    assert found["megabytes"] < 150
    # Without mutants that are accepted and load, the comparison would compare nothing.
    assert found["accepted"] >= count // 100
    assert found["loaded"] >= found["accepted"] // 4
