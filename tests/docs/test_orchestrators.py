"""The tasks on orchestrators.md, run by Dagster and Prefect; those of Airflow with a stand-in for its decorators."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pytest_mlgate.cli import app
from tests.docs.pages import ROOT, blocks_of
from tests.docs.worlds import make_flights

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "recipes" / "orchestrators.md"
DAGSTER = """
import dagster as dg
from tasks import flights_of_the_day, rows_are_as_the_model_knows_them, scores


def day():
    found = dg.materialize([flights_of_the_day, rows_are_as_the_model_knows_them, scores], raise_on_error=False)
    made = [event.asset_key.to_user_string() for event in found.get_asset_materialization_events()]
    print(found.success, made, [check.passed for check in found.get_asset_check_evaluations()])
"""
PREFECT = """
from tasks import nightly

def day():
    try:
        print(nightly())
    except AssertionError as failure:
        print(type(failure).__name__, str(failure).splitlines()[0])
"""
AIRFLOW = """
import importlib, sys, types

def once(*args, **settings):
    return args[0] if args else once

sys.modules["airflow"], sys.modules["airflow.sdk"] = types.ModuleType("airflow"), types.ModuleType("airflow.sdk")
sys.modules["airflow.sdk"].dag = sys.modules["airflow.sdk"].task = once

def day():
    sys.modules.pop("tasks", None)
    try:
        importlib.import_module("tasks")
    except AssertionError as failure:
        print(type(failure).__name__, str(failure).splitlines()[0])
"""
TWO_DAYS = """
import pandas as pd

day()
rows = pd.read_parquet("data/current.parquet")
rows.assign(hour=rows["hour"].clip(lower=16)).to_parquet("data/current.parquet")
day()
"""
"""A good day, and one that has to be stopped."""


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an environment with both libraries; they are too heavy for that of all tests."""
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv, "uv is one of the `dev` extra"
    folder = tmp_path_factory.mktemp("orchestrators")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    python = folder / "bin" / "python"
    subprocess.run(
        [uv, "pip", "install", "--quiet", "--python", str(python), "dagster", "prefect", str(ROOT)], check=True
    )
    return python


@pytest.fixture
def project(tmp_path: Path) -> Path:
    make_flights(tmp_path)
    schema = str(tmp_path / "schema.yaml")
    found = CliRunner().invoke(
        app, ["schema", "infer", str(tmp_path / "data" / "train.parquet"), "-o", schema, "--force"]
    )
    assert found.exit_code == 0, found.output
    (gates,) = (block for block in blocks_of(PAGE) if block.mark == "file")
    (tmp_path / gates.value).write_text(gates.source, encoding="utf-8")
    return tmp_path


def _run(python: Path, project: Path, word: str, driver: str) -> str:
    (tasks,) = (block for block in blocks_of(PAGE) if block.mark == "run by" and f"{word}" in block.source)
    (project / "tasks.py").write_text(tasks.source, encoding="utf-8")
    (project / "driver.py").write_text(driver + TWO_DAYS, encoding="utf-8")
    environment = {
        **os.environ,
        "HOME": str(project),
        "PREFECT_HOME": str(project / ".prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "300",
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "DO_NOT_TRACK": "1",
    }
    found = subprocess.run(
        [str(python), "driver.py"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_dagster_makes_what_is_downstream_only_where_the_gate_says_yes(interpreter: Path, project: Path) -> None:
    printed = _run(interpreter, project, "import dagster", DAGSTER)

    assert "True ['flights_of_the_day', 'scores'] [True]\nFalse ['flights_of_the_day'] [False]" in printed


def test_prefect_scores_only_where_the_gate_says_yes(interpreter: Path, project: Path) -> None:
    printed = _run(interpreter, project, "from prefect", PREFECT)

    assert "scored data/current.parquet\nGateFailure drift:hour" in printed


def test_airflows_tasks_raise_where_the_gate_says_no(project: Path) -> None:
    printed = _run(Path(sys.executable), project, "from airflow", AIRFLOW)

    assert printed.count("scored, after") == 1
    assert "\nGateFailure drift:hour" in printed
