"""``check_drift`` on two Parquet files against rivals and a hand-made limit, each a process of its own.

``python tests/benchmarks/rivals.py`` first, then ``pytest -m benchmark -s tests/benchmarks/test_drift_speed.py``. What
is compared is the CPU time and the peak memory of the whole process, imports and decoding included, on the same files
in the same run.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.benchmarks.measuring import Run, measure
from tests.benchmarks.rivals import python_of

pytestmark = pytest.mark.benchmark

COLUMNS = 50
LEVELS = (3, 5, 8, 12, 20, 30, 50, 80, 120, 200)


def table(rows: int, seed: int) -> pa.Table:
    """40 floats (normal, log-normal, uniform, two decimals with heavy ties) and 10 strings of 3 to 200 levels."""
    rng = np.random.default_rng(seed)
    makers = (
        lambda: rng.normal(size=rows),
        lambda: rng.lognormal(size=rows),
        lambda: rng.uniform(size=rows),
        lambda: np.round(rng.normal(10, 2, rows), 2),
    )
    columns = {f"f{i:02d}": pa.array(makers[i % 4]()) for i in range(COLUMNS - len(LEVELS))}
    for i, levels in enumerate(LEVELS):
        shares = 1 / np.arange(1, levels + 1)
        codes = rng.choice(levels, rows, p=shares / shares.sum()).astype(np.int32)
        words = pa.DictionaryArray.from_arrays(codes, [f"level {level}" for level in range(levels)])
        columns[f"s{i}"] = words.cast(pa.string())
    return pa.table(columns)


@pytest.fixture(scope="module", params=[100_000, 1_000_000])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, Path, Path]:
    folder = tmp_path_factory.mktemp("tables")
    paths = [folder / "reference.parquet", folder / "current.parquet"]
    for seed, path in enumerate(paths):
        pq.write_table(table(request.param, seed), path)
    return request.param, paths[0], paths[1]


def test_drift_of_fifty_columns_from_two_files(files: tuple[int, Path, Path]) -> None:
    rows, reference, current = files
    contenders: dict[str, tuple[Path | str, str, tuple[str, ...]]] = {
        "check_drift": (sys.executable, "ours.py", ()),
        "bare decode of both files": (sys.executable, "decode.py", ()),
        "hand-made limit": (sys.executable, "floor.py", ()),
        "scipy loop, KS alone": (sys.executable, "scipy_loop.py", ("ks",)),
        "scipy loop, all statistics": (sys.executable, "scipy_loop.py", ()),
        "deepchecks (a sample of 100 000 rows)": (python_of("deepchecks"), "deepchecks_drift.py", ()),
        "evidently": (python_of("evidently"), "evidently_report.py", ()),
    }
    loaded = sum(pq.read_table(path).nbytes for path in (reference, current)) / 2**20
    print(f"\n{rows} rows x {COLUMNS} columns; both tables as Arrow loads them: {loaded:.0f} MiB")
    ours: Run | None = None
    for name, (python, script, extra) in contenders.items():
        if not Path(python).is_file():
            print(f"  {name}: not installed; `python tests/benchmarks/rivals.py` makes its environment")
            continue
        run = measure(python, script, reference, current, *extra)
        ours = ours or run
        if run.cpu is None:
            print(f"  {name}: {run.said}")
            continue
        assert ours.cpu is not None, ours.said
        print(
            f"  {name}: {run.cpu:.1f} s CPU, {run.wall:.1f} s wall, {run.peak:.0f} MiB;"
            f" ours is {ours.cpu / run.cpu:.3f} of its CPU, {ours.wall / run.wall:.3f} of its time,"
            f" {ours.peak / run.peak:.2f} of its memory"
        )
    assert ours is not None
    assert ours.said.splitlines()[-1] == str(COLUMNS)
