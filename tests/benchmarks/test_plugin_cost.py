"""What the plugin costs a run that does not use it: ``pytest -m benchmark -s tests/benchmarks``."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.measuring import tell

RUNS = 15


@pytest.mark.benchmark
def test_cpu_of_an_empty_session_with_and_without_the_plugin(tmp_path: Path) -> None:
    """Print the ratio; run and run about, so that a busy machine slows both alike."""
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n")
    with_it: list[float] = []
    without: list[float] = []
    _cpu(tmp_path)  # fills the caches of bytecode and of the disk
    for _ in range(RUNS):
        with_it.append(_cpu(tmp_path))
        without.append(_cpu(tmp_path, "-p", "no:mlgate"))

    tell("an empty session", {"with the plugin": with_it, "with -p no:mlgate": without})
    extra = [1000 * (one - other) for one, other in zip(with_it, without, strict=True)]
    tell("the plugin, unused", {"on top of an empty session": extra}, unit="ms of CPU", note="at most 15")
    assert len(with_it) == len(without) == RUNS


def _cpu(folder: Path, *arguments: str) -> float:
    """Return user and system time of a child session, in seconds."""
    # hypothesis' own plugin imports hypothesis in every session, which would hide what is measured here
    quiet = ("-q", "-p", "no:hypothesispytest", "-p", "no:cacheprovider")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *arguments], cwd=folder, check=True, stdout=subprocess.DEVNULL
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
