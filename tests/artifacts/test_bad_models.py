"""Models that misbehave: one message each, and the run goes on."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.artifacts.asking import METHODS
from pytest_mlgate.artifacts.model import Model, ModelError, load_model
from pytest_mlgate.checks import InputError

from .conftest import rows

BAD_ANSWERS = {
    "raises": r"predict raised KeyError: 'no such column' \(models.py:\d+, in raises: return X\[\"no such column\"\]\)",
    "random_answer": r"predict gave another answer on the second call, with the same rows in 4 of 4 rows \(row 0",
    "stateful": r"another answer on the second call.* in 2 of 4 rows \(row 2: first \d+, then \d+\)",
    "changing_shape": r"another answer on the second call.*first shape \(\d,\), float64, then shape \(\d,\)",
    "short": "predict returned 3 answers for 4 rows",
    "scalar": r"predict returned one value \(1.0\) for 4 rows",
    "none": "predict returned NoneType, not an array",
    "mapping": "predict returned dict, not an array",
    "matrix": r"predict returned an array of shape \(4, 2\), which should have 1 dimensions",
    "ragged": "predict returned list .*, not an array",
    "nan": r"predict returned NaN in 1 of 4 rows \(first: 1; row 1: nan\)",
    "infinite": r"predict returned infinity in 2 of 4 rows \(first: 2, 3; row 2: inf\)",
    "missing": r"predict returned missing values in 1 of 4 rows \(first: 1\)",
    "mixed": r"predict returned array of objects \(int, str\), not an array of numbers or text",
    "complex": "predict returned array of complex128",
    "dates": r"predict returned array of datetime64\[s\]",
    "surrogate": "predict returned array of .*not an array",
    "exits": r"predict called sys.exit\(enough\) \(models.py:\d+",
    "interrupts": "predict raised KeyboardInterrupt",
    "needs": "predict needs the module 'no_such_module_of_ours', which cannot be imported",
    "floods_and_raises": "predict raised RuntimeError: after the flood .*; last lines of its stderr: .*the end of it$",
}


@pytest.mark.parametrize("case", BAD_ANSWERS)
def test_a_bad_answer_is_one_error_and_the_process_goes_on(misbehaving: Model, case: str) -> None:
    with pytest.raises(ModelError, match=BAD_ANSWERS[case]) as caught:
        misbehaving.predict(rows(case))

    assert caught.value.message.startswith("models:predict: ")
    assert caught.value.fix
    assert misbehaving.predict(rows("good", n=len(case))).tolist() == list(range(len(case)))


def test_the_users_traceback_is_kept_without_ours(misbehaving: Model) -> None:
    with pytest.raises(ModelError) as caught:
        misbehaving.predict(rows("raises"))

    traceback = caught.value.details["traceback"]
    assert "models.py" in traceback
    assert "pytest_mlgate" not in traceback


@pytest.mark.parametrize("case", ["floods", "mutates", "forks", "sets_global_state"])
def test_what_does_no_harm_to_the_answer_is_let_pass(misbehaving: Model, case: str) -> None:
    first = misbehaving.predict(rows(case, n=5))

    assert len(first) == 5
    assert misbehaving.predict(rows("good", n=6)).tolist() == list(range(6))


def test_rows_that_are_written_into_are_noted(misbehaving: Model) -> None:
    frame = rows("mutates", n=7)

    misbehaving.predict(frame)

    assert "predict changes the rows it is given" in misbehaving.notes
    pd.testing.assert_frame_equal(frame, rows("mutates", n=7))


def test_text_and_single_columns_are_answers(misbehaving: Model) -> None:
    assert misbehaving.predict(rows("text")).tolist() == ["late"] * 4
    assert misbehaving.predict(rows("column")).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("case", "message"),
    [
        ("outside", r"probabilities outside \[0, 1\] in 1 of 4 rows \(first: 1; row 1: \[-0.5  1.5\]\)"),
        ("sum", r"probabilities that do not sum to 1 in 2 of 4 rows \(first: 0, 1; row 0: \[0.7 0.7\]\)"),
        ("three columns", "returned 3 columns for 2 classes"),
        ("one dimension", r"an array of shape \(4,\), which should have 2 dimensions"),
        ("nan", "predict_proba returned NaN in 1 of 4 rows"),
        ("text", "predict_proba returned text, not numbers"),
        ("list", "predict_proba returned 2 answers for 4 rows"),
    ],
)
def test_bad_probabilities_are_named(scoring: Model, case: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        scoring.predict_proba(rows(case))


def test_scores_are_checked_too(scoring: Model) -> None:
    assert scoring.decision_function(rows("good")).tolist() == [0, 0, 0, 0]
    assert scoring.predict_proba(rows("rounded")).shape == (4, 2)
    with pytest.raises(ModelError, match="decision_function returned NaN in 4 of 4 rows"):
        scoring.decision_function(rows("nan"))
    with pytest.raises(ModelError, match=r"the model \(models.Scores\) has no predict"):
        scoring.predict(rows("good"))


def test_no_rows_and_no_carriable_column_are_refused_before_asking(misbehaving: Model) -> None:
    with pytest.raises(ModelError, match="predict was asked about no rows"):
        misbehaving.predict(rows("good", n=0))
    with pytest.raises(InputError, match="column 'a' mixes types: int, str"):
        misbehaving.predict(pd.DataFrame({"case": ["good"] * 2, "a": pd.Series([1, "x"], dtype=object)}))


DEADLY = {
    "exits_hard": r"predict ended its own process with exit status 3 \(os._exit\?\); .*stderr: farewell",
    "crashes": "predict ended its process by SIGSEGV, a segmentation fault",
    "is_killed": "predict ended its process by SIGKILL, perhaps out of memory",
    "dies_with_a_child_left_behind": "predict ended its own process with exit status 7",
    "closes_descriptors": "predict ended its own process|predict closed its descriptors",
    "writes_nonsense": "predict: its process wrote what is no answer|predict ended its",
}


@pytest.mark.parametrize("name", DEADLY)
def test_a_process_that_dies_is_an_error_now_and_later(user_folder: Path, name: str) -> None:
    model = load_model(f"models:{name}", root=user_folder, timeout=30)

    with pytest.raises(ModelError, match=DEADLY[name]) as first:
        model.predict(rows("any"))
    with pytest.raises(ModelError) as later:
        model.predict(rows("other"))

    assert later.value.message == first.value.message
    model.close()


def test_a_model_that_hangs_is_ended_after_its_time(user_folder: Path) -> None:
    model = load_model("models:hangs", root=user_folder, timeout=20)
    process = model._backend._process
    process.timeout = 0.5
    start = time.monotonic()

    with pytest.raises(ModelError, match=r"predict gave no answer within 0.5 s; .*stderr: still thinking"):
        model.predict(rows("any"))

    assert time.monotonic() - start < 10
    assert process._popen.returncode == -signal.SIGKILL


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("broken:model", r"importing raised RuntimeError: cannot start \(broken.py:1"),
        ("exiting:model", r"importing called sys.exit\(4\)"),
        ("nowhere.models:predict", "importing needs the module 'nowhere', which cannot be imported"),
        ("models:predicts", "the module 'models' has no 'predicts'; did you mean 'predict'"),
        ("models:Scores", "is the class Scores, not a model"),
        ("models:not_a_model", "holds a dict, not a model"),
    ],
)
def test_an_import_path_that_gives_no_model_says_why(user_folder: Path, ref: str, message: str) -> None:
    with pytest.raises(ModelError, match=message) as caught:
        load_model(ref, root=user_folder)

    assert caught.value.message.startswith(f"{ref}: ")
    if ref.startswith("nowhere"):
        assert repr(str(user_folder)) in caught.value.fix


def test_the_process_has_private_surroundings_that_are_gone_at_the_end(
    user_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("PYTHONHASHSEED", "77")
    model = load_model("models:surroundings", root=user_folder)

    seen = json.loads(model.predict(rows("any"))[0])

    assert "SECRET_TOKEN" not in seen["env"]
    assert {"PATH", "OMP_NUM_THREADS", "TMPDIR"} <= set(seen["env"])
    assert (seen["hash"], seen["stdin"], seen["argv"], seen["isolated"]) == ("0", "", ["mlgate-model"], True)
    assert seen["session"] == seen["pid"] != os.getsid(0)
    assert seen["first"] == str(user_folder)
    assert Path(seen["home"]).parent == Path(seen["cwd"]).parent
    assert Path(seen["home"]).is_dir()
    model.close()
    assert not Path(seen["home"]).parent.exists()
    with pytest.raises(ProcessLookupError):
        os.kill(seen["pid"], 0)
    with pytest.raises(ModelError, match="the model was closed"):
        model.predict(rows("any", n=3))


def test_methods_that_can_be_asked_are_those_of_scikit_learn(misbehaving: Model, scoring: Model) -> None:
    assert misbehaving.methods == {"predict"}
    assert scoring.methods == {"predict_proba", "decision_function"}
    assert set(METHODS) >= misbehaving.methods | scoring.methods
    assert scoring.classes_ is not None
    np.testing.assert_array_equal(scoring.classes_, ["no", "yes"])
