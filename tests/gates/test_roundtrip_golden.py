"""Golden predictions in the round trip: the same answers, the same file, and another machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlgate import Check
from pytest_mlgate.artifacts.golden_predictions import (
    KIND,
    read_golden_predictions,
    write_golden_predictions,
)
from pytest_mlgate.artifacts.model import Model, load_model
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Facts, Inputs
from pytest_mlgate.gates.roundtrip.golden import golden
from pytest_mlgate.gates.roundtrip.settings import Settings
from pytest_mlgate.gates.roundtrip.trip import begin
from pytest_mlgate.lifecycle.golden_predictions import take_golden_predictions

RNG = np.random.default_rng(0)
ROWS = pd.DataFrame(RNG.normal(size=(300, 2)), columns=["a", "b"])
LATE = np.where(ROWS["a"] + RNG.normal(size=300) > 0, "late", "punctual")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = tmp_path_factory.mktemp("project") / "model.joblib"
    joblib.dump(LogisticRegression().fit(ROWS, LATE), path)
    loaded = load_model(path)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def file(model: Model, tmp_path_factory: pytest.TempPathFactory) -> Path:
    taken = take_golden_predictions(model, ROWS, Facts(), source="holdout", digest="0" * 64, rows=40)
    return write_golden_predictions(taken, tmp_path_factory.mktemp("golden") / "late.json")


def asked(model: Model, file: Path, **facts: Any) -> Check:
    """Ask this question alone, and no process but the model's own."""
    trip = begin(Settings(golden=str(file)), Inputs(facts=Facts(**facts), values={"candidate": model, "holdout": ROWS}))
    trip._fresh = model
    (found,) = golden(trip)
    return found


def rewritten(file: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """Return a copy in which something is other, sealed again: what another machine would have written."""
    record = KIND.unseal(json.loads(file.read_text()))
    change(record)
    target = folder / "changed.json"
    target.write_text(json.dumps(KIND.seal(record)))
    return target


def test_the_same_file_answers_bit_for_bit(model: Model, file: Path) -> None:
    check = asked(model, file)

    assert (check.code, check.outcome, check.n) == ("MLG455", "pass", 40)
    day = read_golden_predictions(file).time[:10]
    assert check.message == f"answers 40 rows as on {day}, bit for bit"
    assert check.details["then"]["packages"]["numpy"] == np.__version__


def test_rounding_passes_and_says_so_with_the_versions_of_then(model: Model, file: Path, tmp_path: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        values = record["answers"]["decision_function"]["values"]
        record["answers"]["decision_function"]["values"] = [float(np.nextafter(value, 9)) for value in values]
        record["environment"]["packages"]["numpy"] = "1.99.0"

    check = asked(model, rewritten(file, tmp_path, change))

    assert (check.code, check.outcome) == ("MLG455", "pass")
    assert "to the last bits (by up to" in check.message
    assert check.message.endswith(f"; numpy 1.99.0 then, {np.__version__} now")


def test_another_answer_fails_with_row_and_versions(model: Model, file: Path, tmp_path: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["answers"]["predict_proba"]["values"][7 * 2] += 1e-6
        record["environment"]["python"] = "3.8.1"

    check = asked(model, rewritten(file, tmp_path, change))

    assert (check.code, check.outcome, check.severity) == ("MLG455", "fail", "block")
    assert "predict_proba: 1 of 40 rows differ, by up to 1e-06; row 7:" in check.message
    assert "python 3.8.1 then" in check.message
    assert check.details["predict_proba"]["rows"] == [7]


def test_a_method_or_a_label_that_is_gone_fails(model: Model, file: Path, tmp_path: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["answers"]["transform"] = record["answers"]["decision_function"]
        record["classes"]["values"] = ["late", "on time"]

    check = asked(model, rewritten(file, tmp_path, change))

    assert check.outcome == "fail"
    assert "it has no transform any more; its class labels are others" in check.message


def test_another_file_with_the_same_answers_warns_and_with_others_blocks(
    model: Model, file: Path, tmp_path: Path
) -> None:
    def another(record: dict[str, Any]) -> None:
        record["artifact"]["digest"] = "f" * 64

    def other(record: dict[str, Any]) -> None:
        another(record)
        record["answers"]["decision_function"]["values"] = [0.0] * 40

    check = asked(model, rewritten(file, tmp_path, another))
    assert (check.code, check.outcome, check.severity) == ("MLG456", "fail", "warn")
    assert f"are of another file (ffffffffffff, this is {model.digest[:12]})" in check.message
    assert "and this one answers 40 rows as on" in check.message

    check = asked(model, rewritten(file, tmp_path, other))
    assert (check.code, check.outcome, check.severity) == ("MLG456", "fail", "block")
    assert "and this one answers otherwise: decision_function: 40 of 40 rows differ" in check.message
    assert "mlgate golden predictions" in check.fix


def test_a_file_that_was_changed_is_refused(model: Model, file: Path, tmp_path: Path) -> None:
    (tmp_path / "late.json").write_text(file.read_text().replace("late", "lake"))

    with pytest.raises(InputError, match="was changed after it was written"):
        asked(model, tmp_path / "late.json")


def test_answers_are_not_shown_where_the_target_is_sensitive(model: Model, file: Path, tmp_path: Path) -> None:
    def change(record: dict[str, Any]) -> None:
        record["answers"]["predict_proba"]["values"][0] = 0.123456

    check = asked(model, rewritten(file, tmp_path, change), target="late", sensitive=("late",))

    assert check.outcome == "fail"
    assert "0.123456" not in json.dumps(check.to_json())
