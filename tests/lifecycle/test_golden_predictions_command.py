"""``mlgate golden predictions``: one file of rows and answers, from the configured candidate and holdout."""

from __future__ import annotations

from pathlib import Path

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner, Result

from pytest_mlgate.artifacts.golden_predictions import read_golden_predictions
from pytest_mlgate.cli import app
from pytest_mlgate.tables import read_table

CONFIGURATION = """
[model]
candidate = "model.joblib"
seed = 5

[data]
holdout = "holdout.parquet"
target = "late"
sensitive = [{sensitive}]

[gates.drift]
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(rng.normal(size=(200, 2)), columns=["a", "b"])
    frame["late"] = (frame["a"] > 0).astype(int)
    frame.to_parquet("holdout.parquet")
    joblib.dump(LogisticRegression().fit(frame[["a", "b"]], frame["late"]), "model.joblib")
    (tmp_path / "mlgate.toml").write_text(CONFIGURATION.format(sensitive=""))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["golden", "predictions", *arguments])


def test_rows_and_answers_are_written_and_the_next_step_is_said(project: Path) -> None:
    result = run("--to", "golden/late.json", "--rows", "30")

    assert (result.exit_code, result.output) == (
        0,
        "wrote golden/late.json: 30 rows, decision_function, predict, predict_proba\n"
        'next: under [gates.roundtrip] in mlgate.toml: golden = "golden/late.json"\n'
        "next: keep it where the model's file is kept\n",
    )
    found = read_golden_predictions("golden/late.json")
    model, read = joblib.load("model.joblib"), read_table("holdout.parquet")
    assert found.rows.equals(read.frame[["a", "b"]].iloc[list(found.positions)].reset_index(drop=True))
    assert found.answers["predict_proba"].tobytes() == model.predict_proba(found.rows).tobytes()
    assert (found.seed, dict(found.table)) == (5, {"source": "holdout.parquet", "digest": read.digest, "rows": 200})
    assert found.artifact["source"] == "model.joblib"


@pytest.mark.slow
def test_what_is_in_the_way_is_said_and_nothing_is_written(project: Path) -> None:
    (project / "foreign.json").write_text("{}")
    for arguments, status, says in (
        ((), 2, "`[gates.roundtrip] golden` names no file; name one: --to"),
        (("--to", "late.parquet"), 2, "golden predictions are a .json file"),
        (("--to", "foreign.json"), 2, "is no file of golden predictions that could be renewed"),
        (("--to", "late.json", "--rows", "0"), 2, "golden predictions keep 1 to 10000 rows"),
    ):
        result = run(*arguments)
        assert (result.exit_code, says in result.output) == (status, True), result.output
    (project / "mlgate.toml").write_text(CONFIGURATION.format(sensitive='"b"'))
    assert "is given the sensitive column 'b'" in run("--to", "late.json").output
    (project / "model.joblib").write_bytes(b"\x80\x04.")
    result = run("--to", "late.json")
    assert (result.exit_code, "model.joblib" in result.output) == (1, True)

    assert not (project / "late.json").exists()
    assert (project / "foreign.json").read_text() == "{}"
