"""What the plugin costs a run that does not use it: ``pytest -m benchmark -s tests/benchmarks``."""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

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

    one, other = statistics.median(with_it), statistics.median(without)
    print(
        f"\nempty session, median CPU of {RUNS} runs: {one * 1000:.0f} ms with the plugin, "
        f"{other * 1000:.0f} ms with -p no:mlgate, ratio {one / other:.3f}"
    )
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
