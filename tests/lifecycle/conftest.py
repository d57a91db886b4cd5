"""A project whose candidate is a table of predictions: to ask it costs no process."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from tests.lifecycle.retired import promoted
from tests.lifecycle.world import World

CONFIGURATION = """
[model]
name = "flights-late"
task = "binary"
positive = 1
candidate = "candidate.parquet"
baseline = "golden/late.parquet"

[data]
holdout = "holdout.parquet"
target = "late"
id = "flight"

[[gates.baseline]]
metric = "accuracy"
margin = 0.05

[[gates.baseline]]
metric = "roc_auc"
margin = 0.05
"""
ROWS = 400


class Project:
    """A folder with a holdout, a candidate and a configuration."""

    def __init__(self, folder: Path) -> None:
        self.path = folder
        self.table, self.record = folder / "golden/late.parquet", folder / "golden/late.golden.json"
        rng = np.random.default_rng(0)
        self.late = rng.integers(0, 2, ROWS)
        self.noise = rng.normal(size=ROWS)
        pd.DataFrame({"flight": np.arange(ROWS), "late": self.late}).to_parquet(folder / "holdout.parquet")
        self.candidate(1.0)
        self.configure()

    def configure(self, **changes: str) -> None:
        """Write the configuration; keywords replace what the first such line says: ``baseline='"dummy"'``."""
        lines = textwrap.dedent(CONFIGURATION).splitlines()
        for key, value in changes.items():
            first = next(number for number, line in enumerate(lines) if line.startswith(f"{key} ="))
            lines[first] = f"{key} = {value}"
        (self.path / "mlgate.toml").write_text("\n".join(lines) + "\n")

    def candidate(self, noise: float) -> None:
        """Write the candidate's answers: the less noise, the better in every metric."""
        score = 1 / (1 + np.exp(-(self.late - 0.5) - noise * self.noise))
        answers = {"prediction": (score > 0.5).astype(int), "probability_0": 1 - score, "probability_1": score}
        pd.DataFrame({"flight": np.arange(ROWS), **answers}).to_parquet(self.path / "candidate.parquet")

    def more_rows(self) -> None:
        """Put rows into the holdout, and into the candidate, that the golden table has never seen."""
        for name in ("holdout", "candidate"):
            frame = pd.read_parquet(self.path / f"{name}.parquet")
            more = frame.head(10).assign(flight=np.arange(ROWS, ROWS + 10))
            pd.concat([frame, more]).to_parquet(self.path / f"{name}.parquet")

    def update(self, *options: str, reason: str = "a first one", author: str = "R. Viewer") -> Result:
        """Run ``mlgate golden update``."""
        return self.run("update", "--reason", reason, "--author", author, *options)

    def run(self, *arguments: str) -> Result:
        """Run ``mlgate golden``."""
        return CliRunner().invoke(app, ["golden", *arguments, "--config", str(self.path / "mlgate.toml")])

    def files(self) -> dict[str, bytes]:
        """Return the bytes of everything in the golden folder."""
        return {path.name: path.read_bytes() for path in sorted((self.path / "golden").glob("*"))}

    def json(self) -> dict[str, Any]:
        """Return the record."""
        found: dict[str, Any] = json.loads(self.record.read_text())
        return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project without a golden baseline, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def golden(project: Project) -> Project:
    """The same with one."""
    result = project.update()
    assert result.exit_code == 0, result.output
    return project


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """A project with a model of its own, in the working folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    return World(tmp_path)


@pytest.fixture(scope="session")
def in_production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one version in production; it is copied, not changed."""
    return promoted(tmp_path_factory.mktemp("promoted"))
