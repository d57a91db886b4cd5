"""Tables whose rows stay where they are, named in a configuration or returned by an overridden fixture."""

from __future__ import annotations

import sys
from typing import Any

# An in-process session forgets what it imported, and these cannot be imported twice in one process.
import duckdb  # noqa: F401
import narwhals  # noqa: F401
import numpy as np
import pandas as pd
import pandas.core.arrays.arrow.extension_types
import pandera.pandas  # noqa: F401
import polars  # noqa: F401
import pyarrow.parquet  # noqa: F401
import pytest
import scipy.optimize
import scipy.special  # noqa: F401
import sklearn.metrics  # noqa: F401

from tests.plugin.conftest import Project

# Nor does pandas register types with pyarrow twice.
pd.DataFrame({"x": [1]}).to_parquet()

OVERRIDE = """
    import polars as pl
    import pytest

    @pytest.fixture(scope="session")
    def mlgate_current():
        return pl.scan_parquet("current/*/*.parquet", hive_partitioning=False)
    """


@pytest.fixture
def partitioned(project: Project) -> Project:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"x": rng.normal(size=3000), "word": rng.choice(["a", "b"], 3000)})
    frame.iloc[:1500].to_parquet(project.path / "train.parquet", index=False)
    for month in (1, 2):
        (project.path / "current" / f"month={month}").mkdir(parents=True)
        part = frame.iloc[1500:].iloc[month - 1 :: 2]
        part.to_parquet(project.path / "current" / f"month={month}" / "part.parquet", index=False)
    return project


def configured(project: Project, current: str) -> dict[str, Any]:
    line = f"current = {current!r}" if current else ""
    project.write(
        "mlgate.toml",
        f"""
        [data]
        reference = "train.parquet"
        {line}
        [gates.drift]
        rows_in_memory = 1000
        [gates.schema]
        schema = "schema.yaml"
        tables = ["current"]
        """,
    )
    project.write("schema.yaml", "columns:\n  x: {checks: {lt: 1.0}}\n")
    project.run()
    verdict = project.verdict()
    return {"checks": {check.id: check for check in verdict.checks}, "inputs": verdict.identity["inputs"]}


SETTINGS = {
    "folder": "current",
    "pattern": "current/**/*.parquet",
    "query": 'duckdb:SELECT x, word FROM "current/*/*.parquet"',
    "fixture": "",
}


@pytest.mark.parametrize("how", SETTINGS)
def test_the_same_rows_have_the_same_verdict_however_they_are_named(partitioned: Project, how: str) -> None:
    if how == "fixture":
        partitioned.write("conftest.py", OVERRIDE)

    found = configured(partitioned, SETTINGS[how])

    drift = {name: check for name, check in found["checks"].items() if name in ("drift:x", "drift:word")}
    assert {name: (check.outcome, check.n) for name, check in drift.items()} == {
        "drift:x": ("pass", 1500),
        "drift:word": ("pass", 1500),
    }
    assert drift["drift:x"].details["counted_in_cells"] == ["current"]
    # A lazy table is collected for a gate that looks at rows: that a value is too large is seen.
    assert any(check.gate == "schema" and check.outcome == "fail" for check in found["checks"].values())
    seen = found["inputs"]["current"]
    assert (len(seen["digest"]), seen["rows"]) == (64, 1500)
    assert seen.get("read_from", "") == SETTINGS[how]


def test_a_setting_that_names_nothing_is_said_in_one_line(partitioned: Project) -> None:
    found = configured(partitioned, "current/*.parquet")

    drift = [check for check in found["checks"].values() if check.gate in ("run", "drift")]
    assert any("there is no Parquet file in 'current/*.parquet'" in check.message for check in drift)


PREDICTIONS = """
    import polars as pl
    import pytest

    @pytest.fixture(scope="session")
    def mlgate_candidate():
        return pl.scan_parquet("after/*.parquet")
    """


@pytest.mark.parametrize("candidate", ["after", "after/*.parquet", "duckdb:SELECT * FROM 'after/*.parquet'", ""])
def test_predictions_are_judged_wherever_a_setting_or_a_fixture_has_them(project: Project, candidate: str) -> None:
    rng = np.random.default_rng(0)
    late = rng.integers(0, 2, 3000)
    for name in ("before", "after"):
        (project.path / name).mkdir()
        frame = pd.DataFrame({"id": range(3000), "late": late, "score": late + rng.normal(size=3000)})
        frame.to_parquet(project.path / name / "part.parquet", index=False)
    project.write(
        "mlgate.toml",
        f"""
        [model]
        candidate = {candidate or "missing.joblib"!r}
        baseline = "before"
        [data]
        id = "id"
        target = "late"
        [gates.baseline]
        margin = 0.1
        rows_in_memory = 1000
        """,
    )
    if not candidate:
        project.write("missing.joblib", "nobody reads it")
        project.write("conftest.py", PREDICTIONS)

    project.run()

    verdict = project.verdict()
    (main,) = (check for check in verdict.checks if check.id == "baseline")
    assert (main.outcome, main.n) == ("pass", 3000), main.message
    assert main.details["counted"]["rows"] == 3000
    assert not {"engine", "read_from", "rows"} & set(main.details)
    inputs = verdict.identity["inputs"]
    assert {name: (seen.get("read_from", ""), seen["rows"]) for name, seen in inputs.items()} == {
        "candidate": (candidate, 3000),
        "baseline": ("before", 3000),
    }
    assert {len(seen["digest"]) for seen in inputs.values()} == {64}
    assert inputs["candidate"]["engine"] in ("Parquet files", "duckdb", "polars")


def test_a_run_without_spark_ends_in_one_error_and_blocks(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("conftest.py", "import sys\nsys.modules['pyspark'] = sys.modules['pyspark.sql'] = None\n")
    monkeypatch.setitem(sys.modules, "pyspark", sys.modules.get("pyspark"))  # what the run sets is undone
    monkeypatch.setitem(sys.modules, "pyspark.sql", sys.modules.get("pyspark.sql"))
    project.write("mlgate.toml", '[data]\nreference = "train.csv"\ncurrent = "spark:prod.requests"\n[gates.drift]\n')
    project.write("train.csv", "x\n1\n2\n")

    project.run()

    verdict = project.verdict()
    assert verdict.decision == "block"
    assert any("pyspark is not installed" in check.message for check in verdict.checks if check.outcome == "error")


def test_every_table_may_be_rows_that_stay_where_they_are(partitioned: Project) -> None:
    rows = pd.read_parquet(partitioned.path / "train.parquet")
    (partitioned.path / "holdout").mkdir()
    rows.assign(x=rows["x"] + 1e-9).to_parquet(partitioned.path / "holdout" / "part.parquet", index=False)
    partitioned.write(
        "mlgate.toml",
        """
        [data]
        train = "current"
        holdout = "holdout/*.parquet"
        serving = "duckdb:SELECT * FROM 'train.parquet' LIMIT 1000"
        [gates.schema]
        schema = "schema.yaml"
        """,
    )
    partitioned.write("schema.yaml", "columns:\n  x: {checks: {lt: 9.0}}\n  month: {dtype: integer, places: [train]}\n")
    partitioned.write(
        "test_own.py",
        """
        def test_rows(mlgate_holdout, mlgate_train):
            assert (mlgate_holdout.rows, mlgate_train.rows) == (1500, 1500)
        """,
    )
    partitioned.run().assert_outcomes(passed=3)

    verdict = partitioned.verdict()
    checks = {check.id: check for check in verdict.checks if check.gate == "schema"}
    assert {name: checks[name].n for name in ("schema:train", "schema:holdout", "schema:serving")} == {
        "schema:train": 1500,
        "schema:holdout": 1500,
        "schema:serving": 1000,
    }
    assert checks["schema:holdout.shared_rows"].outcome == "pass"
    inputs = verdict.identity["inputs"]
    assert [inputs[name]["engine"] for name in ("train", "holdout", "serving")] == ["Parquet files"] * 2 + ["duckdb"]
    assert inputs["holdout"]["read_from"] == "holdout/*.parquet"


def test_a_command_that_needs_one_file_says_so(partitioned: Project) -> None:
    from typer.testing import CliRunner

    from pytest_mlgate.cli import app

    partitioned.write(
        "mlgate.toml", '[data]\nholdout = "current"\ntarget = "x"\n[gates.schema]\nschema = "schema.yaml"\n'
    )
    partitioned.write("schema.yaml", "columns:\n  x: number\n")

    result = CliRunner().invoke(app, ["schema", "check"])

    assert "not judged: holdout (current is no single file: a run judges it)" in result.output
