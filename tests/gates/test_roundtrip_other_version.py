"""A model of another scikit-learn: it fails here with both versions named, and passes where its own lock file is tried.

The environment is made once and kept where `--mlgate-env` keeps its own.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pandas as pd
import pytest

from pytest_mlgate.artifacts.environments import find_environment
from pytest_mlgate.artifacts.golden_predictions import write_golden_predictions
from pytest_mlgate.artifacts.model import load_model
from pytest_mlgate.gates.base import Facts, Inputs
from pytest_mlgate.gates.roundtrip.elsewhere import NEEDS
from pytest_mlgate.gates.roundtrip.environment import versions
from pytest_mlgate.gates.roundtrip.golden import golden
from pytest_mlgate.gates.roundtrip.settings import Settings
from pytest_mlgate.gates.roundtrip.trip import begin
from pytest_mlgate.lifecycle.golden_predictions import take_golden_predictions
from pytest_mlgate.verdict import read_verdict

ROOT = Path(__file__).parents[2]
HERE = version("scikit-learn")
OTHER = "1.8.0" if HERE.startswith("1.7.") else "1.7.2"
# Everything else as it is here, so that scikit-learn alone is another one; packaging for `record_environment`.
LOCK = f"scikit-learn=={OTHER}\n" + "".join(f"{name}=={version(name)}\n" for name in (*NEEDS, "scipy", "packaging"))
TRAIN = """
import joblib
import numpy as np
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OrdinalEncoder

from pytest_mlgate import record_environment

rng = np.random.default_rng(0)
rows = pd.DataFrame({"hour": rng.integers(0, 24, 400), "origin": rng.choice(["JFK", "LGA"], 400)})
rows["late"] = (rows["hour"] + rng.normal(0, 6, 400) > 14).astype(int)
rows.to_parquet("holdout.parquet")
with record_environment("model.joblib", seed=0):
    columns = make_column_transformer((OrdinalEncoder(), ["origin"]), remainder="passthrough")
    model = make_pipeline(columns, RandomForestClassifier(n_estimators=10, random_state=0))
    joblib.dump(model.fit(rows[["hour", "origin"]], rows["late"]), "model.joblib")
"""
CONFIGURATION = """
[model]
stage = "validation"
candidate = "model.joblib"
[data]
holdout = "holdout.parquet"
target = "late"
[gates.roundtrip]
sample = 50
alone = 2
lock = "requirements.txt"
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose model was trained in an environment of its own."""
    folder = tmp_path_factory.mktemp("project")
    for name, text in {"requirements.txt": LOCK, "train.py": TRAIN, "mlgate.toml": CONFIGURATION}.items():
        (folder / name).write_text(text)
    python = find_environment("requirements.txt", folder=folder, needs=NEEDS).interpreter.path
    trained = subprocess.run(
        [python, "train.py"], cwd=folder, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert trained.returncode == 0, trained.stderr
    return folder


@pytest.mark.slow
def test_it_fails_here_with_both_versions_named(project: Path) -> None:
    candidate = load_model(project / "model.joblib")
    rows = pd.read_parquet(project / "holdout.parquet")
    facts = Facts(target="late", import_roots=(str(project),))
    trip = begin(Settings(), Inputs(facts=facts, values={"candidate": candidate, "holdout": rows}))

    (check,) = versions(trip)
    candidate.close()

    assert (check.subject, check.code, check.blocks) == ("versions.scikit-learn", "MLG409", True)
    assert check.message.startswith(f"trained with scikit-learn {OTHER}, here {HERE}: another minor version")
    assert check.fix == f"install scikit-learn=={OTHER}, or train and save it again with {HERE}"


@pytest.mark.slow
def test_golden_predictions_of_one_machine_are_compared_on_another(project: Path) -> None:
    candidate = load_model(project / "model.joblib")
    rows = pd.read_parquet(project / "holdout.parquet")
    facts = Facts(target="late", import_roots=(str(project),))
    taken = take_golden_predictions(candidate, rows, facts, source="holdout.parquet", digest="0" * 64)
    write_golden_predictions(taken, project / "golden.json")
    settings = Settings(golden="golden.json")
    trip = begin(settings, Inputs(facts=facts, values={"candidate": candidate, "holdout": rows}))
    python = find_environment("requirements.txt", folder=project, needs=NEEDS).interpreter.path
    trip._fresh = trip.open(trip.data, trip.form, python=python)

    (check,) = golden(trip)
    trip.close()
    candidate.close()

    assert (check.code, check.outcome) == ("MLG455", "pass")
    assert "answers 100 rows as on" in check.message
    assert f"scikit-learn {HERE} then, {OTHER} now" in check.message


@pytest.mark.slow
def test_it_passes_where_its_own_lock_file_is_tried(project: Path) -> None:
    options = ("-p", "no:cacheprovider", "--mlgate-env", "requirements.txt", "mlgate.toml")
    command = [sys.executable, "-m", "pytest", "--mlgate", *options]
    status = subprocess.run(command, cwd=project, capture_output=True, timeout=600).returncode

    verdict = read_verdict(project / ".mlgate" / "verdict.json")
    found = {check.subject: check for check in verdict.checks}
    assert (status, verdict.decision, verdict.reasons) == (0, "promote", ())
    there = found["in requirements.txt"]
    assert there.outcome == "pass"
    assert "answers the same 50 rows as here, bit for bit, with Python" in there.message
    assert there.details["packages"]["scikit-learn"] == OTHER
    here = found["versions.scikit-learn"]
    assert (here.outcome, here.severity) == ("fail", "warn")
    assert f"trained with scikit-learn {OTHER}, here {HERE}" in here.message
    assert found["lock"].outcome == "pass"
