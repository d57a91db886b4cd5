"""What the first comparison of a process imports costs: ``pytest -m benchmark -s tests/benchmarks``."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.benchmarks.measuring import measure, tell
from tests.benchmarks.test_drift_speed import table

RUNS = 9


@pytest.mark.benchmark
def test_cpu_of_what_a_first_drift_gate_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that compares two small tables twice: what the first time takes more, in ms."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # as where it is installed
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path / "bytecode"))
    paths = [tmp_path / f"{seed}.parquet" for seed in range(2)]
    for seed, path in enumerate(paths):
        pq.write_table(table(100, seed), path)
    found: dict[str, list[float]] = {"first, with imports": [], "again": [], "numpy and pyarrow.parquet alone": []}
    for run in range(RUNS + 1):  # the first one writes the bytecode
        said = measure(sys.executable, "first.py", *paths).said.split()
        if run:
            for values, one in zip(found.values(), said, strict=True):
                values.append(float(one))
    imports = [one - other for one, other in zip(found["first, with imports"], found["again"], strict=True)]
    tell("the first comparison of a process", found, unit="ms of CPU")
    tell("imports of a first drift gate", {"check_drift": imports}, unit="ms of CPU", note="at most 300")
    assert len(imports) == RUNS
