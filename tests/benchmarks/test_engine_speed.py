"""The same rows by every engine, and ten times as many: each a process of its own.

``pytest -m benchmark -s tests/benchmarks/test_engine_speed.py`` writes ten million rows of ten floats (0.7 GB), and
then a hundred million (7.5 GB), as Parquet under the folder for temporary files, and deletes them, also when it fails;
with ``-k every`` the first alone. The digest of what is counted and the verdict have to be the same from all.
"""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pytest_mlgate.gates.drift.profiling import profile_table
from tests.benchmarks.measuring import CONTENDERS, RUNS, Run, measure, tell

pytestmark = pytest.mark.benchmark

BYTES = 80_000_000
"""What a million rows take at most."""
MOST_MEMORY = 1024
"""MiB."""


@contextmanager
def rows(millions: int) -> Iterator[Path]:
    """Write rows under a folder that is deleted in the end, and a profile of another million beside them."""
    needed, free = millions * BYTES, shutil.disk_usage(tempfile.gettempdir()).free
    if free < 2 * needed:
        pytest.fail(f"{millions} million rows take {needed / 1e9:.1f} GB, and {free / 1e9:.1f} GB are free")
    with tempfile.TemporaryDirectory(prefix="mlgate-rows-") as name:
        for folder, count, seed in (("reference", 1, 0), ("current", millions, 1)):
            command = [sys.executable, CONTENDERS / "write_rows.py", Path(name, folder), str(count), str(seed)]
            subprocess.run(command, check=True)
        profile_table(pq.ParquetFile(Path(name, "reference", "part=0", "000.parquet")).read()).write(
            Path(name, "reference.json")
        )
        yield Path(name)


def answered(runs: list[Run], what: str) -> str:
    """Return what all runs said, which has to be one thing."""
    assert all(run.cpu is not None for run in runs), f"{what}: {runs[0].said}"
    said = {run.said.strip().splitlines()[-1] for run in runs}
    assert len(said) == 1, f"{what}: {said}"
    return said.pop()


def installed() -> list[str]:
    found = ["files", "duckdb", "polars", "ibis"]
    return [*found, *(["spark"] if importlib.util.find_spec("pyspark") and shutil.which("java") else [])]


def test_every_engine_counts_ten_million_rows() -> None:
    found: dict[str, list[Run]] = {}
    with rows(10) as folder:
        for _ in range(RUNS):
            for engine in installed():
                run = measure(sys.executable, "count_by_engine.py", engine, folder / "current")
                found.setdefault(engine, []).append(run)
    said = {answered(runs, engine) for engine, runs in found.items()}
    tell("640 counts, 10 000 000 x 10", {name: [run.cpu or 0.0 for run in runs] for name, runs in found.items()})
    tell(
        "640 counts, 10 000 000 x 10, memory",
        {name: [run.peak for run in runs] for name, runs in found.items()},
        unit="MiB at the peak",
    )
    assert len(said) == 1
    print(f"  all: {said.pop()}")


def test_a_hundred_million_rows_cost_what_ten_times_ten_million_do() -> None:
    engines = ("files", "duckdb")
    with rows(100) as folder:
        tables = {10: folder / "current" / "part=0", 100: folder / "current"}
        counted = {
            (engine, millions): [measure(sys.executable, "count_by_engine.py", engine, table)]
            for engine in engines
            for millions, table in tables.items()
        }
        judged: dict[tuple[str, int], list[Run]] = {}
        for _ in range(RUNS):
            for engine in engines:
                for millions, table in tables.items():
                    run = measure(sys.executable, "drift_by_engine.py", engine, table, folder / "reference.json")
                    judged.setdefault((engine, millions), []).append(run)
    for engine in engines:
        tell(
            f"check_drift with a profile, by {engine}, a million rows",
            {f"{m} 000 000 rows": [(run.cpu or 0.0) / m for run in judged[engine, m]] for m in (100, 10)},
            targets={"10 000 000 rows": 1.15},
        )
        tell(
            f"check_drift with a profile, by {engine}, memory",
            {f"{m} 000 000 rows": [run.peak for run in judged[engine, m]] for m in (100, 10)},
            unit="MiB at the peak",
        )
        tell(
            f"check_drift with a profile, by {engine}, time",
            {f"{m} 000 000 rows": [run.wall for run in judged[engine, m]] for m in (100, 10)},
            unit="s, wall",
        )
    for millions in tables:
        for what, found in (("640 counts", counted), ("verdict", judged)):
            said = {engine: answered(found[engine, millions], f"{what}, {engine}, {millions}") for engine in engines}
            print(f"  {what} of {millions} 000 000 rows: {said}")
            assert len(set(said.values())) == 1
    peaks = [run.peak for runs in (*counted.values(), *judged.values()) for run in runs]
    assert max(peaks) < MOST_MEMORY, peaks
