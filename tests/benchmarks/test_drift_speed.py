"""``check_drift`` on two Parquet files against rivals and a hand-made limit, each a process of its own.

``python tests/benchmarks/rivals.py`` first, then ``pytest -m benchmark -s tests/benchmarks/test_drift_speed.py``. What
is compared is the CPU time and the peak memory of the whole process, imports and decoding included, on the same files
in the same run, medians of three runs.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate.gates.drift.profiling import profile_table
from tests.benchmarks.measuring import RUNS, Run, measure, tell
from tests.benchmarks.rivals import python_of

pytestmark = pytest.mark.benchmark

COLUMNS = 50
LEVELS = (3, 5, 8, 12, 20, 30, 50, 80, 120, 200)
Contender = tuple[Path | str, str, tuple[str | Path, ...]]
LIMIT: Contender = (sys.executable, "floor.py", ())
SCIPY: Contender = (sys.executable, "scipy_loop.py", ())
DEEPCHECKS: Contender = (python_of("deepchecks"), "deepchecks_drift.py", ())
EVIDENTLY: Contender = (python_of("evidently"), "evidently_report.py", ())


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


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@cache
def files(folder: Path, rows: int) -> tuple[Path, Path]:
    """Return the paths of the reference and of the current table, written once."""
    paths = [folder / f"{name}_{rows}.parquet" for name in ("reference", "current")]
    for seed, path in enumerate(paths):
        pq.write_table(table(rows, seed), path)
    return paths[0], paths[1]


def race(what: str, contenders: dict[str, Contender], tables: tuple[Path, Path], targets: dict[str, float]) -> Run:
    """Run all contenders three times, run and run about, tell CPU, wall and memory, and return one run of ours."""
    found: dict[str, list[Run]] = {}
    for _ in range(RUNS):
        for name, (python, script, extra) in contenders.items():
            if not Path(python).is_file():
                print(f"  {name}: not installed; `python tests/benchmarks/rivals.py` makes its environment")
                continue
            found.setdefault(name, []).append(measure(python, script, *tables, *extra))
    for name, runs in found.items():
        assert all(run.cpu is not None for run in runs), f"{name}: {runs[0].said}"
    tell(what, {name: [run.cpu or 0.0 for run in runs] for name, runs in found.items()}, targets=targets)
    tell(f"{what}, time", {name: [run.wall for run in runs] for name, runs in found.items()}, unit="s, wall")
    tell(f"{what}, memory", {name: [run.peak for run in runs] for name, runs in found.items()}, unit="MiB at the peak")
    return next(iter(found.values()))[0]


def test_all_columns_of_a_hundred_thousand_rows(folder: Path) -> None:
    contenders: dict[str, Contender] = {
        "check_drift": (sys.executable, "ours.py", ()),
        "bare decode of both files": (sys.executable, "decode.py", ()),
        "hand-made limit": LIMIT,
        "scipy loop": SCIPY,
        "deepchecks": DEEPCHECKS,
        "evidently": EVIDENTLY,
    }
    targets = {"evidently": 1 / 20, "scipy loop": 1 / 4, "deepchecks": 1.0}
    ours = race("drift, 100 000 x 50", contenders, files(folder, 100_000), targets)
    assert ours.said.splitlines()[-1] == str(COLUMNS)


def test_all_columns_of_a_million_rows(folder: Path) -> None:
    """Without evidently, which gave up after 500 s of CPU."""
    contenders: dict[str, Contender] = {
        "check_drift": (sys.executable, "ours.py", ()),
        "bare decode of both files": (sys.executable, "decode.py", ()),
        "hand-made limit": LIMIT,
        "scipy loop": SCIPY,
        "deepchecks, on its sample of 100 000 rows": DEEPCHECKS,
    }
    targets = {"deepchecks, on its sample of 100 000 rows": 1.0}
    ours = race("drift, 1 000 000 x 50", contenders, files(folder, 1_000_000), targets)
    print(f"  peak {ours.peak:.0f} MiB (at most 400: {'reached' if ours.peak <= 400 else 'MISSED'})")
    assert ours.said.splitlines()[-1] == str(COLUMNS)


def test_the_numbers_of_a_million_rows_against_a_loop_over_ks_2samp(folder: Path) -> None:
    """The 40 columns of numbers alone; ours computes PSI, ranges and what the report draws as well."""
    numbers = COLUMNS - len(LEVELS)
    contenders: dict[str, Contender] = {
        "check_drift, judge='ks', numbers alone": (sys.executable, "ours.py", ("numbers",)),
        "bare decode of the same columns": (sys.executable, "decode.py", ("numbers",)),
        "scipy loop, KS alone, numbers read": (sys.executable, "scipy_loop.py", ("ks", "numbers")),
        "scipy loop, KS alone, every column read": (sys.executable, "scipy_loop.py", ("ks",)),
    }
    targets = {"scipy loop, KS alone, numbers read": 1 / 8, "scipy loop, KS alone, every column read": 1 / 8}
    ours = race("KS, 1 000 000 x 40 numbers", contenders, files(folder, 1_000_000), targets)
    assert ours.said.splitlines()[-1] == str(numbers)


def test_a_million_rows_against_a_profile(folder: Path) -> None:
    reference, current = files(folder, 1_000_000)
    profile = folder / "reference.json"
    profile_table(reference).write(profile)
    contenders: dict[str, Contender] = {
        "check_drift with a profile": (sys.executable, "ours.py", ("profile", profile)),
        "bare decode of the current file": (sys.executable, "decode.py", ("current",)),
    }
    targets = {"bare decode of the current file": 6.0}
    ours = race("drift with a profile, 1 000 000 x 50", contenders, (reference, current), targets)
    assert ours.said.splitlines()[-1] == str(COLUMNS)
