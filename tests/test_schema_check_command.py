"""``mlgate schema check``: schemas load and fit the tables that are there; what is not there is named."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app

CONFIG = """\
[data]
target = "late"
train = "train.csv"
holdout = "no data/holdout.csv"
[gates.schema]
schema = "schema.yaml"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mlgate.toml").write_text(CONFIG, encoding="utf-8")
    pd.DataFrame({"late": [0, 1], "distance": [5.0, 7.0]}).to_csv(tmp_path / "train.csv", index=False)
    pd.DataFrame({"late": [0, 1], "distance": [5.0, 7.0]}).to_csv(tmp_path / "s.csv", index=False)
    CliRunner().invoke(app, ["schema", "infer", "s.csv", "-o", "schema.yaml"])
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["schema", "check", *arguments])


def test_tables_that_are_there_are_held_to_it_and_others_named(folder: Path) -> None:
    result = check()

    assert result.exit_code == 0, result.output
    assert "schema: the schema loads" in result.stdout
    assert "schema:train: 2 rows, 2 columns fit the schema" in result.stdout
    assert "not judged: holdout (no data/holdout.csv is not there)" in result.stdout
    assert check("--quiet").output == ""


def test_a_table_that_does_not_fit_fails_with_column_and_rule(folder: Path) -> None:
    pd.DataFrame({"late": [0, 5], "distance": [5.0, 7.0]}).to_csv(folder / "train.csv", index=False)

    result = check("--quiet")

    assert result.exit_code == 1
    assert "schema:train.late." in result.stdout
    assert "fix: " in result.stdout


def test_a_waiver_counts(folder: Path) -> None:
    pd.DataFrame({"late": [0, 5], "distance": [5.0, 7.0]}).to_csv(folder / "train.csv", index=False)
    (found,) = re.findall(r"^(schema:\S+)  fail", check("--quiet").stdout, re.MULTILINE)
    waiver = f'[[waivers]]\ncheck = "{found}"\nreason = "r"\nauthor = "a"\nexpires = 2999-01-01\n'
    (folder / "mlgate.toml").write_text(CONFIG + waiver, encoding="utf-8")

    assert (check("--quiet").exit_code, check("--quiet").output) == (0, "")


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("columns: [", "schema.yaml"),
        ("columns:\n  late:\n    typ: integer\n", "schema.yaml:3"),
    ],
)
def test_a_schema_that_cannot_be_used_is_said_with_its_place(folder: Path, schema: str, says: str) -> None:
    (folder / "schema.yaml").write_text(schema, encoding="utf-8")
    (folder / "train.csv").unlink()  # no table is needed for it

    result = check()

    assert result.exit_code == 1
    assert says in result.stdout
    assert "fix: " in result.stdout


@pytest.mark.parametrize(
    ("module", "says"),
    [
        ("import pandera.pandas as pa\nName = pa.DataFrameSchema({'late': pa.Column(int)})\n", ""),
        ("import no_such_thing\n", "does not import (ModuleNotFoundError"),
        ("Nam = 1\n", "did you mean `Nam`?"),
        ("Name = 1\n", "not a schema"),
    ],
)
def test_a_module_is_imported_from_the_configurations_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    name = f"contract_{tmp_path.name}"
    (tmp_path / f"{name}.py").write_text(module, encoding="utf-8")
    (tmp_path / "mlgate.toml").write_text(f'[gates.schema]\nschema = "{name}:Name"\n', encoding="utf-8")

    result = check("--quiet")

    assert (result.exit_code, says in result.stdout) == (1 if says else 0, True), result.output


def test_a_place_that_names_no_column_of_the_schema_fails_before_any_table(folder: Path) -> None:
    (folder / "train.csv").unlink()
    place = '[gates.schema.places.train]\noptional = ["latte"]\n'
    (folder / "mlgate.toml").write_text(CONFIG + place, encoding="utf-8")

    result = check()

    assert (result.exit_code, "names 'latte', which is no column of the schema" in result.stdout) == (1, True)


def test_a_table_that_cannot_be_read_fails(folder: Path) -> None:
    (folder / "train.csv").write_bytes(b"PAR1")

    result = check()

    assert (result.exit_code, "train.csv" in result.stderr, "fix: " in result.stderr) == (1, True, True)


def test_a_configuration_without_a_schema_is_bad_usage(folder: Path) -> None:
    (folder / "mlgate.toml").write_text("[gates.drift]\n", encoding="utf-8")

    result = check()

    assert (result.exit_code, "names a schema; write `[gates.schema]`" in result.stderr) == (2, True)
