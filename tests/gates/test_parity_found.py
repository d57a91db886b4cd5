"""Gate parity: what a search found is kept for the next run, handed over as a test, and says what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.parity import GATE, Settings, check_parity
from pytest_mlgate.gates.parity.reproduction import name_of
from pytest_mlgate.gates.parity.search import find_smallest

SIDES = """
import pandas as pd

def train(rows):
    return pd.DataFrame({"late": rows["late"], "celsius": (rows["temp"] - 32) / 1.8})

def zero(rows):
    assert "late" not in rows
    return pd.DataFrame({"celsius": (rows["temp"].fillna(0) - 32) / 1.8})

def right(rows):
    return train(rows.assign(late=0))[["celsius"]]
"""


def flights() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"temp": rng.normal(60, 15, 30).round(1), "origin": rng.choice(["JFK", "LGA"], 30)})
    rows.loc[3, "temp"] = np.nan
    return rows.assign(late=np.arange(30) % 2)


def celsius(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"celsius": (rows["temp"] - 32) / 1.8})


def skewed_above(rows: pd.DataFrame) -> pd.DataFrame:
    """Differ where no real row is: at a whole number."""
    return pd.DataFrame({"celsius": np.where(rows["temp"] == 0, 1.0, (rows["temp"] - 32) / 1.8)})


def only(result: Any) -> Check:
    (check,) = result.checks
    return check


def run(folder: Path, *, serve: str, kept: str = "", sensitive: tuple[str, ...] = (), **settings: Any) -> Check:
    name = f"sides_{folder.name.replace('-', '_')}"
    (folder / f"{name}.py").write_text(SIDES)
    facts = Facts(target="late", import_roots=(str(folder),), kept=kept, sensitive=sensitive)
    checked = Settings(train=f"{name}:train", serve=f"{name}:{serve}", **settings)
    return only(run_gate(GATE, checked, Inputs(facts=facts, values={"holdout": flights()})))


# What is kept


def test_a_second_run_finds_it_with_its_first_question(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first = run(tmp_path, serve="zero", kept=str(folder))
    second = run(tmp_path, serve="zero", kept=str(folder))

    assert first.details["source"] == "real row"
    assert (second.details["source"], second.details["tried"]) == ("earlier run", 1)
    assert (second.id, second.details["rows"]) == (first.id, first.details["rows"])
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_changed_row_that_was_found_is_found_with_the_first_question_of_the_next_run(tmp_path: Path) -> None:
    rows = pd.DataFrame({"temp": np.linspace(-10, 10, 30)})  # 0 lies between them
    first, second = (only(check_parity(celsius, skewed_above, rows, database=tmp_path / "kept")) for _ in range(2))

    assert (first.code, first.details["source"]) == ("MLG315", "mutated row")
    assert (second.code, second.details["source"], second.details["tried"]) == ("MLG315", "earlier run", 1)


def test_what_was_kept_and_is_mended_passes(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    run(tmp_path, serve="zero", kept=str(folder))

    assert run(tmp_path, serve="right", kept=str(folder), examples=10).outcome is Outcome.PASS


def test_nothing_is_kept_of_a_table_with_a_sensitive_column(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    check = run(tmp_path, serve="zero", kept=str(folder), sensitive=("origin",))

    assert check.outcome is Outcome.FAIL
    assert not folder.exists()


def test_nothing_is_kept_where_python_names_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert only(check_parity(celsius, lambda rows: celsius(rows.fillna(0)), flights())).outcome is Outcome.FAIL
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_made_changes_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    check = run(tmp_path, serve="zero", kept=str(tmp_path / "file" / "kept"))

    assert (check.subject, check.outcome) == ("celsius", Outcome.FAIL)


# The regression test


def pytest_of(text: str, folder: Path, name: str = "test_found.py") -> subprocess.CompletedProcess[str]:
    (folder / name).write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", name]
    paths = os.pathsep.join([str(folder), str(Path(__file__).parents[2])])
    return subprocess.run(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_the_regression_test_fails_with_the_skewed_service_and_passes_with_the_right_one(tmp_path: Path) -> None:
    text = run(tmp_path, serve="zero").details["regression_test"]

    failed = pytest_of(text, tmp_path)
    passed = pytest_of(text.replace(":zero'", ":right'"), tmp_path)

    assert "def test_service_and_training_agree_on_celsius():" in text
    assert failed.returncode == 1
    assert "parity:celsius" in failed.stdout
    assert passed.returncode == 0, passed.stdout


@pytest.mark.slow
def test_settings_that_change_the_answer_stand_in_the_regression_test(tmp_path: Path) -> None:
    columns = {"celsius": {"atol": 0.5}}

    text = run(tmp_path, serve="zero", columns=columns, exclude=["other"]).details["regression_test"]

    assert "target='late'" in text
    assert "columns={'celsius': {'rtol': 0.0, 'atol': 0.5}}" in text
    assert "exclude=('other',)" in text
    assert pytest_of(text, tmp_path).returncode == 1


def test_a_side_without_an_import_path_leaves_a_line_to_fill_in(tmp_path: Path) -> None:
    check = only(check_parity(lambda rows: celsius(rows), lambda rows: celsius(rows.fillna(0)), flights()[["temp"]]))
    text = check.details["regression_test"]

    assert "check_parity(train, serve, rows, examples=0)" in text
    assert "\nserve = ...  # has no import path: import or build it here\n" in text
    assert "`train` is of type ellipsis, which cannot be asked" in pytest_of(text, tmp_path).stdout


def test_no_regression_test_holds_a_sensitive_value(tmp_path: Path) -> None:
    assert "regression_test" not in run(tmp_path, serve="zero", sensitive=("origin",)).details


@pytest.mark.parametrize(
    ("side", "name"),
    [
        ("package.module:build", "package.module:build"),
        ("https://host/v1", "https://host/v1"),
        ("https://user:secret@host/v1", None),
        ("https://host/v1?token=secret", None),
        ("candidate", None),
        (celsius, f"{__name__}:celsius"),
        (lambda rows: rows, None),
        (celsius.__call__, None),
    ],
)
def test_a_side_has_a_name_only_where_another_process_finds_it(side: Any, name: str | None) -> None:
    assert name_of(side) == name


# What it cost


def test_a_pass_says_what_the_search_was_allowed_and_what_it_asked() -> None:
    check = only(check_parity(celsius, celsius, flights(), seed=7, examples=20))

    assert {key: check.details[key] for key in ("seed", "seconds", "time_up")} == {
        "seed": 7,
        "seconds": 20.0,
        "time_up": False,
    }
    search = check.details["search"]
    assert (search["examples"], search["seconds"], search["time_up"], search["seed"]) == (20, 20.0, False, 7)
    assert search["rows"] > search["asked"] > 20
    assert "the time was up" not in check.message


def test_a_pass_says_that_the_search_ran_out_of_time() -> None:
    def slow(rows: pd.DataFrame) -> pd.DataFrame:
        time.sleep(0.02)
        return celsius(rows)

    check = only(check_parity(celsius, slow, flights(), seconds=0.4))

    asked = check.details["search"]["asked"]
    assert check.outcome is Outcome.PASS
    assert check.details["search"]["time_up"] is True
    assert check.message.endswith(f"changed rows in {asked} questions, then the time was up")


def test_a_failure_says_what_its_search_took(tmp_path: Path) -> None:
    check = run(tmp_path, serve="zero")

    assert check.details["search"]["asked"] >= check.details["tried"] == 1
    assert (check.details["seed"], check.details["seconds"]) == (0, 20.0)
    json.dumps(check.to_json(), allow_nan=False)


def test_a_search_that_tried_all_it_may_was_not_short_of_time() -> None:
    assert find_smallest(flights(), lambda rows: False, examples=5, seconds=60) is None
    assert only(check_parity(celsius, celsius, flights(), examples=0)).details.get("search") is None
