"""``check_schema`` on the path of a Parquet file, against decoding it, pandera alone and great_expectations.

Each is a process of its own; what it imports is measured by another process that imports the same and reads nothing.
``pytest -m benchmark -s tests/benchmarks/test_file_schema_speed.py``
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.benchmarks.measuring import RUNS, Run, measure, tell
from tests.benchmarks.rivals import python_of
from tests.benchmarks.test_schema_speed import ROWS, table

pytestmark = pytest.mark.benchmark

CONTENDERS = {
    "ours, YAML": "ours, imports",
    "ours, pandera": "pandera, imports",  # which a schema of pandera's needs, and the columns that no footer answers
    "decode": "decode, imports",
    "pandera": "pandera, imports",
}
"""What is measured, and the process that only imports for it."""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("file") / "rows.parquet"
    table(ROWS, seed=0).to_parquet(path, index=False)
    return path


@pytest.fixture(scope="module")
def runs(file: Path) -> dict[str, list[Run]]:
    kinds = {
        "x": "{dtype: number, checks: {in_range: [-10, 10]}}",
        "k": "{dtype: integer, checks: {in_range: [0, 99]}}",
        "t": "{dtype: string, checks: {isin: [a, b, c]}}",
        "l": "integer",
    }
    names = table(1, seed=0).columns
    contract = file.with_name("schema.yaml")
    contract.write_text("columns:\n" + "".join(f"  {name}: {kinds[name[0]]}\n" for name in names))
    asked = dict.fromkeys([*CONTENDERS, *CONTENDERS.values()])
    found: dict[str, list[Run]] = {name: [] for name in asked}
    for _ in range(RUNS):
        for name in asked:
            found[name].append(measure(sys.executable, "file_schema.py", name, file, contract))
    assert all(run.cpu is not None for runs in found.values() for run in runs), found
    return found


@pytest.mark.parametrize(("ours", "other", "most"), [("ours, YAML", "decode", 1.5), ("ours, pandera", "pandera", 1.3)])
def test_a_million_rows_of_fifty_columns_from_a_file(
    runs: dict[str, list[Run]], ours: str, other: str, most: float
) -> None:
    whole = {name: [run.cpu or 0.0 for run in runs[name]] for name in (ours, other)}
    bare = {name: [run.cpu or 0.0 for run in runs[CONTENDERS[name]]] for name in (ours, other)}
    apart = {name: [one - less for one, less in zip(whole[name], bare[name], strict=True)] for name in whole}

    tell(f"a file against a schema: {ours}, imports included", whole, targets={other: most})
    tell(f"a file against a schema: {ours}, without imports", apart, targets={other: most})
    peaks = {name: [run.peak for run in runs[name]] for name in (ours, other)}
    tell(f"a file against a schema: {ours}, memory", peaks, unit="MiB at the peak")
    assert runs["ours, YAML"][0].said.strip().endswith("[]")  # neither pandas nor pandera


def test_the_same_file_by_great_expectations(runs: dict[str, list[Run]], file: Path) -> None:
    python = python_of("great_expectations")
    if not python.is_file():
        pytest.skip("not installed: `python tests/benchmarks/rivals.py great_expectations` makes its environment")
    script = "great_expectations_schema.py"
    theirs = [[measure(python, script, file, *extra) for _ in range(RUNS)] for extra in ((), ("imports",))]
    assert all(run.cpu is not None for found in theirs for run in found), theirs
    whole = {"ours, YAML": [run.cpu or 0.0 for run in runs["ours, YAML"]]}
    whole["great_expectations"] = [run.cpu or 0.0 for run in theirs[0]]
    bare = {"ours, YAML": runs["ours, imports"], "great_expectations": theirs[1]}
    apart = {name: [one - (run.cpu or 0.0) for one, run in zip(whole[name], bare[name], strict=True)] for name in whole}

    tell("a file against a schema: great_expectations, imports included", whole, targets={"great_expectations": 1.0})
    tell("a file against a schema: great_expectations, without imports", apart, targets={"great_expectations": 1.0})
