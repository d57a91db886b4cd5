"""What a comparison of two files may import and allocate: modules and bytes, no times."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import check_drift

HEAVY = ("pandas", "scipy", "sklearn", "joblib", "pandera", "hypothesis", "polars", "duckdb", "narwhals")
ROWS = 40_000


def write(path: Path, rows: int, columns: int, seed: int) -> Path:
    """Numbers of four shapes and some words, as Parquet."""
    rng = np.random.default_rng(seed)
    shapes = (rng.normal, rng.lognormal, rng.pareto, rng.normal)
    table = {f"x{i}": shapes[i % 4](1.0, size=rows) for i in range(columns)}
    table = {name: np.round(x, 2) if name.endswith("3") else x for name, x in table.items()}
    words = pa.array(rng.choice(["red", "green", "blue"], rows))
    pq.write_table(pa.table({**table, "colour": words}), path)
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("tables")
    return write(folder / "reference.parquet", ROWS, 8, 0), write(folder / "current.parquet", ROWS, 8, 1)


def loaded(code: str, *arguments: Path) -> set[str]:
    """Return the modules that a fresh interpreter has after some code."""
    told = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", told, *arguments], check=True, capture_output=True, text=True)
    return set(json.loads(ended.stdout.splitlines()[-1]))


def test_the_package_imports_nothing_of_others() -> None:
    found = loaded("import pytest_mlgate")

    assert not found & {*HEAVY, "numpy", "pyarrow", "pydantic", "pytest"}


def test_a_comparison_of_two_files_imports_numpy_arrow_and_pydantic_alone(files: tuple[Path, Path]) -> None:
    code = "import sys; from pytest_mlgate import check_drift; assert len(check_drift(*sys.argv[1:]).checks) == 9"
    found = loaded(code, *files)

    assert not found & set(HEAVY)
    assert "pyarrow.compute" not in found  # a tenth of what is imported otherwise
    assert not {name for name in found if name.startswith("pytest_mlgate.gates.baseline")}
    assert {"numpy", "pyarrow.parquet", "pydantic"} <= found


def test_neither_few_rows_nor_a_small_p_value_import_any_of_scipy(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{rows}.parquet", rows, 4, rows) for rows in (1000, 150, 3000)]
    code = "import sys; from pytest_mlgate import check_drift; [check_drift(sys.argv[1], x) for x in sys.argv[2:]]"

    assert "scipy" not in loaded(code, *paths)


def test_a_session_that_does_not_use_the_plugin_imports_nothing_for_it(tmp_path: Path) -> None:
    (tmp_path / "test_nothing.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
    code = (
        "import sys, pytest; assert pytest.main(['-q', '-p', 'no:cacheprovider', '-p', 'no:hypothesispytest',"
        " '-p', 'no:xdist', '-p', 'no:cov', sys.argv[1]]) == 0"
    )
    found = loaded(code, tmp_path)
    own = {name for name in found if name.startswith("pytest_mlgate")}

    assert "pytest_mlgate.plugin" in own
    assert own <= {"pytest_mlgate", *(f"pytest_mlgate.{name}" for name in ("fixtures", "gates", "plugin", "transport"))}
    assert not found & {"numpy", "pyarrow", "pydantic", *HEAVY} - {"hypothesis"}


def test_only_as_many_columns_are_in_memory_as_are_compared_at_a_time(tmp_path: Path) -> None:
    """The peak of what Python, numpy and Arrow allocate, against both tables as Arrow loads them."""
    paths = [write(tmp_path / f"{seed}.parquet", 50_000, 24, seed) for seed in range(2)]
    tables = sum(pq.read_metadata(path).num_rows * 24 * 8 for path in paths)
    check_drift(*paths, columns=["x0", "colour"])  # imports are no part of it
    pool = pa.proxy_memory_pool(pa.default_memory_pool())
    before = pa.default_memory_pool()
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        assert len(check_drift(*paths).checks) == 25
        peak = tracemalloc.get_traced_memory()[1] + (pool.max_memory() or 0)
    finally:
        tracemalloc.stop()
        pa.set_memory_pool(before)

    assert peak < 0.35 * tables  # one table whole, of two, would be half
