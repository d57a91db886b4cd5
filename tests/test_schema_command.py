"""``mlgate schema``: what it writes, says and refuses, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import Outcome
from pytest_mlgate.cli import app
from pytest_mlgate.gates.schema import check_schema
from pytest_mlgate.tables.contract import read_contract


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["schema", *arguments])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")  # the root of the project
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "temp": rng.normal(50, 10, 1000),
            "origin": rng.choice(["EWR", "JFK"], 1000),
            "scheduled": pd.date_range("2013-01-01", periods=1000, freq="h"),
            "person": rng.choice(["Ada", "Grace"], 1000),
            "late": rng.integers(0, 2, 1000),
        }
    )
    frame.to_parquet(tmp_path / "train.parquet")
    return tmp_path


OLD = """\
columns:
  temp: {dtype: number, checks: {in_range: [0, 100]}}
  origin: {dtype: string, checks: {isin: [EWR, JFK]}}
"""


def test_a_schema_is_inferred_to_standard_output(folder: Path) -> None:
    result = call("infer", "train.parquet", "--sensitive", "person")

    assert result.exit_code == 0
    assert "isin: [EWR, JFK]  # each seen at least" in result.stdout
    assert "Ada" not in result.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["pyproject.toml", "train.parquet"]


@pytest.mark.parametrize("name", ["schema.yaml", "contracts/flights.py"])
def test_what_is_written_fits_the_table_and_the_gate_takes_it(folder: Path, name: str) -> None:
    result = call("infer", "train.parquet", "-o", name, "--target", "late", "--time", "scheduled")
    path = folder / name

    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"wrote {name}\nnext: ")
    assert (
        'schema = "schema.yaml"' if name == "schema.yaml" else 'schema = "contracts.flights:schema"'
    ) in result.output
    schema: object = read_contract(path) if name.endswith("yaml") else None
    if schema is None:
        namespace: dict[str, object] = {}
        exec(path.read_text(encoding="utf-8"), namespace)
        schema = namespace["schema"]
    assert check_schema(folder / "train.parquet", schema).outcome is Outcome.PASS


def test_a_schema_that_is_there_stays_without_force(folder: Path) -> None:
    (folder / "schema.yaml").write_text("mine")

    refused = call("infer", "train.parquet", "-o", "schema.yaml")
    kept = (folder / "schema.yaml").read_text()
    forced = call("infer", "train.parquet", "-o", "schema.yaml", "--force")

    assert (refused.exit_code, kept, forced.exit_code) == (2, "mine", 0)
    assert "schema.yaml is already there" in refused.output
    assert read_contract(folder / "schema.yaml").columns[0].name == "temp"


def test_a_table_is_never_written_over(folder: Path) -> None:
    before = (folder / "train.parquet").read_bytes()
    result = call("infer", "train.parquet", "-o", "train.parquet", "--force")

    assert result.exit_code == 2
    assert "would be written over" in result.output
    assert (folder / "train.parquet").read_bytes() == before


def test_the_configuration_says_which_columns_are_what(folder: Path) -> None:
    data = '[data]\ntarget = "late"\ntime = "scheduled"\nsensitive = ["person"]\n'
    (folder / "mlgate.toml").write_text(data + '[gates.schema]\nschema = "x.yaml"\n')

    result = call("infer", "train.parquet")

    assert result.exit_code == 0, result.output
    assert "scheduled:  # the row's time" in result.stdout
    assert "late:  # the target" in result.stdout
    assert "Ada" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["train.parquet", "--sensitive", "persn"], "did you mean 'person'?"),
        (["nowhere.parquet"], "nowhere.parquet"),
        (["train.parquet", "-o", "x.py", "--format", "yaml"], "--format yaml contradicts"),
        (["train.parquet", "-o", "pyproject.toml/x.yaml"], "cannot be written"),
        (["train.parquet", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_usage_is_one_message_and_exit_2(folder: Path, arguments: list[str], said: str) -> None:
    result = call("infer", *arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_slip_in_the_configured_sensitive_columns_is_no_leak(folder: Path) -> None:
    (folder / "mlgate.toml").write_text('[data]\nsensitive = ["persons"]\n[gates.schema]\nschema = "x.yaml"\n')
    result = call("infer", "train.parquet")

    assert result.exit_code == 2
    assert "Ada" not in result.output


@pytest.mark.parametrize(
    ("new", "exit_code", "lines"),
    [
        (OLD, 0, ["no difference"]),
        (OLD + "  gate: {dtype: string, required: false}\n", 0, ["gate: added (string, optional)"]),
        (
            OLD.replace("[EWR, JFK]", "[EWR, JFK, LGA]").replace("100", "90"),
            1,
            [
                "temp: range narrower: values from 0 to 100 before, from 0 to 90 now  [breaks producers]",
                "origin: levels added: LGA  [breaks consumers]",
                "changes: 2, of which 1 break consumers and 1 break producers",
            ],
        ),
        ("strict: true\n" + OLD, 1, ["table: columns that are not listed are refused now  [breaks producers]"]),
    ],
)
def test_two_schemas_are_told_apart(folder: Path, new: str, exit_code: int, lines: list[str]) -> None:
    (folder / "old.yaml").write_text(OLD)
    (folder / "new.yaml").write_text(new)

    result = call("diff", "old.yaml", "new.yaml")

    assert result.exit_code == exit_code
    assert result.stdout.splitlines()[: len(lines)] == lines


def test_changes_as_json(folder: Path) -> None:
    (folder / "old.yaml").write_text(OLD)
    (folder / "new.yaml").write_text(OLD.replace("temp:", "temperature:"))

    result = call("diff", "old.yaml", "new.yaml", "--json")
    changes = json.loads(result.stdout)["changes"]

    assert result.exit_code == 1
    assert [(c["column"], c["kind"], c["breaks_consumer"], c["breaks_producer"]) for c in changes] == [
        ("temp", "removed", True, False),
        ("temperature", "added", False, True),
    ]


def test_a_schema_in_python_is_compared_with_one_in_yaml(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (
        "import pandera.pandas as pa\n"
        "class Rows(pa.DataFrameModel):\n"
        "    temp: float = pa.Field(ge=0, le=100)\n"
        "    origin: str = pa.Field(isin=['EWR', 'JFK'])\n"
        "    @pa.check('temp')\n"
        "    def warm(cls, values):\n"
        "        return values > -10\n"
    )
    (folder / "contract_of_rows.py").write_text(source)
    (folder / "old.yaml").write_text(OLD)

    result = call("diff", "old.yaml", "contract_of_rows:Rows")
    same = call("diff", "contract_of_rows:Rows", "contract_of_rows:Rows")

    assert result.exit_code == 1
    assert "temp: type changed from number to float64  [breaks producers]" in result.stdout
    assert "temp: warm is asked for now  [breaks producers]" in result.stdout
    assert same.exit_code == 0
    assert same.stdout == "no difference\n"
    assert "temp: warm: in both, compared by name only" in same.stderr


@pytest.mark.parametrize("old", ["nowhere.yaml", "old.py", "no_such_module:Rows", "train.parquet"])
def test_what_is_no_schema_is_exit_2(folder: Path, old: str) -> None:
    (folder / "new.yaml").write_text(OLD)
    result = call("diff", old, "new.yaml")

    assert result.exit_code == 2
    assert "Traceback" not in result.output


SUITE = {
    "name": "suite",
    "expectations": [
        {"type": "expect_column_values_to_be_between", "kwargs": {"column": "temp", "min_value": 0, "max_value": 100}},
        {"type": "expect_column_median_to_be_between", "kwargs": {"column": "temp", "min_value": 40}},
    ],
}


@pytest.mark.parametrize("name", ["schema.yaml", "schema.py"])
def test_a_contract_is_imported_and_what_is_lost_is_said_twice(folder: Path, name: str) -> None:
    (folder / "suite.json").write_text(json.dumps(SUITE))
    result = call("import", "suite.json", "-o", name)

    assert result.exit_code == 0, result.output
    lost = "temp: expect_column_median_to_be_between(min_value=40)"
    assert f"not carried over: {lost}" in result.stderr
    assert f"NOT CARRIED OVER: {lost}" in (folder / name).read_text()
    if name == "schema.yaml":
        assert read_contract(folder / name).columns[0].checks == {"in_range": (0, 100)}


def test_a_model_is_imported_by_its_import_path(folder: Path) -> None:
    (folder / "rows_of_requests.py").write_text("import pydantic\nclass Row(pydantic.BaseModel):\n    temp: float\n")
    result = call("import", "rows_of_requests:Row")

    assert result.exit_code == 0, result.output
    assert "  temp:\n    dtype: number\n    nullable: false" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["new.yaml"], "new.yaml is not a contract of any kind that can be imported: keys columns"),
        (["suite.json", "--from", "mlflow"], "suite.json is not a mlflow contract"),
        (["train.parquet"], "is not UTF-8"),
        (["nowhere.json"], "nowhere.json"),
        (["suite.json", "-o", "suite.json", "--force"], "would be written over"),
        (["json:loads"], "is not a contract"),
    ],
)
def test_a_file_that_is_none_of_these_is_one_message(folder: Path, arguments: list[str], said: str) -> None:
    (folder / "new.yaml").write_text(OLD)
    (folder / "suite.json").write_text(json.dumps(SUITE))
    result = call("import", *arguments)

    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
