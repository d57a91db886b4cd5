"""``check_schema`` on the path of a Parquet file, against decoding it and against pandera alone.

Each is a process of its own; what it imports is measured by another process that imports the same and reads nothing.
``pytest -m benchmark -s tests/benchmarks/test_file_schema_speed.py``
"""

from __future__ import annotations

import sys

import pytest

from tests.benchmarks.measuring import RUNS, Run, measure, tell
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
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Run]]:
    folder = tmp_path_factory.mktemp("file")
    table(ROWS, seed=0).to_parquet(folder / "rows.parquet", index=False)
    kinds = {
        "x": "{dtype: number, checks: {in_range: [-10, 10]}}",
        "k": "{dtype: integer, checks: {in_range: [0, 99]}}",
        "t": "{dtype: string, checks: {isin: [a, b, c]}}",
        "l": "integer",
    }
    names = table(1, seed=0).columns
    (folder / "schema.yaml").write_text("columns:\n" + "".join(f"  {name}: {kinds[name[0]]}\n" for name in names))
    asked = dict.fromkeys([*CONTENDERS, *CONTENDERS.values()])
    found: dict[str, list[Run]] = {name: [] for name in asked}
    for _ in range(RUNS):
        for name in asked:
            found[name].append(
                measure(sys.executable, "file_schema.py", name, folder / "rows.parquet", folder / "schema.yaml")
            )
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
