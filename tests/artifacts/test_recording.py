"""``record_environment``: at once, or at the end of a ``with`` statement; of a file that is there, or a warning."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import jsonschema
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlgate import record_environment
from pytest_mlgate.artifacts.record import read_environment_record, record_path, record_schema
from pytest_mlgate.checks import InputError
from pytest_mlgate.tables import frame_digest, read_table
from tests.artifacts.test_environment_record import git

MODEL = LogisticRegression(C=0.5).fit([[0.0], [1.0]], [0, 1])


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_that_is_there_is_recorded_at_once(folder: Path) -> None:
    joblib.dump(MODEL, "model.joblib")
    pd.DataFrame({"a": [1, 2]}).to_parquet("train.parquet")

    recording = record_environment(
        "model.joblib",
        data={"train": "train.parquet", "holdout": pd.DataFrame({"a": [3]})},
        seed=np.int64(7),
        hyperparameters=MODEL,
        run="https://user:hunter2@runs.example.org/42",
        command=["python", "train.py", "--password", "hunter2"],
    )

    record = recording.record
    assert record is not None
    assert record == read_environment_record("model.joblib")
    assert record.packages == {name: version(name) for name in ("joblib", "numpy", "scikit-learn", "scipy")}
    assert record.pickled == ("numpy", "scikit-learn")
    assert (record.artifact.name, record.artifact.format) == ("model.joblib", "joblib")
    assert record.artifact.size == os.path.getsize("model.joblib")
    assert record.data["train"].digest == read_table("train.parquet").digest
    assert record.data["holdout"].digest == frame_digest(pd.DataFrame({"a": [3]}))
    assert (record.seed, record.hyperparameters["C"], record.unread) == (7, 0.5, "")
    text = recording.path.read_text()
    assert "hunter2" not in text
    jsonschema.Draft202012Validator(record_schema()).validate(json.loads(text))


def test_in_a_with_statement_the_file_that_is_written_there_is_recorded(folder: Path) -> None:
    with record_environment("model.joblib") as recording:
        assert recording.record is None
        recording.hyperparameters = MODEL
        recording.seed = 3
        joblib.dump(MODEL, "model.joblib")

    assert recording.record is not None
    assert recording.record.seed == 3
    assert recording.record == read_environment_record("model.joblib")


def test_an_older_record_stands_until_the_new_file_is_there(folder: Path) -> None:
    joblib.dump(MODEL, "model.joblib")
    old = record_environment("model.joblib", seed=1).path.read_bytes()

    with record_environment("model.joblib", seed=2) as recording:
        assert recording.path.read_bytes() == old
        joblib.dump(MODEL, "model.joblib")  # the same bytes, and written all the same

    assert recording.record is not None
    assert recording.record.seed == 2


def test_where_training_raises_nothing_is_written(folder: Path) -> None:
    joblib.dump(MODEL, "model.joblib")

    with pytest.raises(ZeroDivisionError), record_environment("model.joblib"):
        raise ZeroDivisionError

    assert not record_path("model.joblib").exists()


def test_a_file_that_the_statement_did_not_write_is_not_recorded(folder: Path) -> None:
    joblib.dump(MODEL, "old.joblib")

    for name in ("old.joblib", "new.joblib"):
        with pytest.raises(InputError, match="was not written inside of the with statement"), record_environment(name):
            pass
        assert not record_path(name).exists()


def test_no_file_and_no_with_statement_is_said(folder: Path) -> None:
    with pytest.warns(UserWarning, match=r"model '.*model\.joblib' does not exist, and no with statement waits for it"):
        record_environment("model.joblib")

    assert os.listdir() == []


def test_the_trees_state_is_that_of_before_and_its_output_makes_it_not_unclean(folder: Path) -> None:
    git(folder, "init", "-q")
    Path("train.py").write_text("")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")

    with record_environment("model.joblib") as recording:
        joblib.dump(MODEL, "model.joblib")
        Path("another output").touch()
    assert recording.record is not None
    assert recording.record.code == {"commit": git(folder, "rev-parse", "HEAD"), "clean": True}

    os.remove("another output")
    again = record_environment("model.joblib").record  # file and record are there, and git does not know them
    assert again is not None
    assert again.code == recording.record.code

    Path("train.py").write_text("changed")
    changed = record_environment("model.joblib").record
    assert changed is not None
    assert changed.code is not None
    assert changed.code["clean"] is False


def test_a_file_whose_names_cannot_be_read_is_recorded_with_the_reason(folder: Path) -> None:
    Path("model.pkl").write_bytes(pickle.dumps(MODEL)[:-10])

    record = record_environment("model.pkl").record

    assert record is not None
    assert record.unread
    assert record.packages["scikit-learn"] == version("scikit-learn")
    assert record.pickled == ()


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"data": {"train": "train.parquet"}}, r"table train: 'train.parquet' does not exist"),
        ({"data": {"train": "."}}, r"is a directory"),
        ({"seed": 0.5}, r"seed = 0.5 is no whole number"),
        ({"seed": True}, r"seed = True is no whole number"),
        ({"hyperparameters": 3}, r"hyperparameters are a dictionary"),
        ({"run": {"name": "a"}}, r"is neither a text nor a mapping"),
        ({"run": 3}, r"is neither a text nor a mapping"),
    ],
)
def test_what_is_given_wrongly_is_one_message_and_nothing_is_written(
    folder: Path, options: dict[str, Any], says: str
) -> None:
    joblib.dump(MODEL, "model.joblib")

    with pytest.raises(InputError, match=says):
        record_environment("model.joblib", **options)

    assert not record_path("model.joblib").exists()


def test_a_foreign_file_is_refused_before_training_begins(folder: Path) -> None:
    record_path("model.joblib").write_text("mine")

    with pytest.raises(InputError, match="is no environment record that could be renewed"):
        record_environment("model.joblib")

    assert record_path("model.joblib").read_text() == "mine"


def test_a_training_script_says_how_it_was_called_and_loads_nothing_for_it(folder: Path) -> None:
    joblib.dump(MODEL, "model.joblib")
    Path("train.csv").write_text("a\n1\n")
    Path("train.py").write_text(
        "import sys\n"
        "from pytest_mlgate import record_environment\n"
        "record_environment('model.joblib', data={'train': 'train.csv'}, run='42', seed=0)\n"
        "print(sorted({'numpy', 'pandas', 'sklearn', 'joblib', 'pyarrow', 'scipy', 'pytest'} & set(sys.modules)))\n"
    )

    said = subprocess.run(
        [sys.executable, "train.py", "--token=hunter2"], capture_output=True, text=True, check=True
    ).stdout

    record = read_environment_record("model.joblib")
    assert said == "[]\n"
    assert record is not None
    assert record.command == (os.path.basename(sys.executable), "train.py", "--token=***")
    assert record.run == {"id": "42"}
    assert record.data["train"].source == "train.csv"


def test_nothing_is_said_at_the_end_of_a_good_recording(folder: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with record_environment("model.joblib"):
            joblib.dump(MODEL, "model.joblib")
        record_environment("model.joblib")
