"""A small model with its tables and configuration, and all that documents say of it, gathered once."""

from __future__ import annotations

import shutil
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlgate.config import Config, load_config
from pytest_mlgate.documents.facts import ModelFacts
from pytest_mlgate.documents.gathering import gather

CONFIGURATION = """
[model]
name = "delays"
version = "2.1"
candidate = "model.joblib"
baseline = "old.joblib"

[data]
target = "late"
train = "train.parquet"
holdout = "holdout.parquet"
time = "day"
features = ["x", "z"]
groups = ["place", "secret"]
sensitive = ["secret"]

[[gates.baseline]]
metric = "neg_brier_score"

[governance]
owner = "@jo-martin"
contact = "#models"

[[governance.monitoring]]
kind = "volume"
signal = "requests | a day"
threshold = "fewer than 500"
notify = "#oncall"

[governance.rollback]
target = "old.joblib"
steps = ["restart the service"]
"""


def rows(n: int, seed: int) -> pd.DataFrame:
    """Rows of which the place decides how much is known, with some missing values."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"x": rng.normal(size=n), "z": rng.normal(size=n)})
    frame["place"] = rng.choice(["EWR", "JFK", "L|A"], size=n, p=[0.5, 0.3, 0.2])
    frame["secret"] = rng.choice(["hidden-a", "hidden-b"], size=n)
    frame["late"] = (frame["x"] + rng.normal(size=n) > 0.4).astype(int)
    frame["day"] = pd.Timestamp("2013-01-01") + pd.to_timedelta(np.arange(n) // 10, unit="D")
    frame["temp"] = frame["x"].where(rng.random(n) > 0.1)
    return frame


def make(folder: Path) -> Path:
    """Write tables, models and configuration into a folder, and return it."""
    train, holdout = rows(600, 1), rows(500, 2)
    train.to_parquet(folder / "train.parquet", index=False)
    holdout.to_parquet(folder / "holdout.parquet", index=False)
    for name, part in (("model", train), ("old", train[:60])):
        joblib.dump(LogisticRegression().fit(part[["x", "z"]], part["late"]), folder / f"{name}.joblib")
    (folder / "mlgate.toml").write_text(CONFIGURATION, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a project, which no test writes into."""
    return make(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="session")
def config(made: Path) -> Config:
    """Its configuration."""
    return load_config(made / "mlgate.toml")


@pytest.fixture(scope="session")
def facts(config: Config) -> ModelFacts:
    """All that documents say of the model."""
    return gather(config)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy of the project, to write into."""
    return Path(shutil.copytree(made, tmp_path / "project"))
