"""Bad columns, tables, models and files, one at a time: each is named once, and what it does not touch is judged.

Every case is a whole run of three real gates. Its expectation is complete: the blocking checks with their outcome and
words; all others must let the run go on, so a gate that answered for the wrong reason would be seen.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# An in-process session forgets what it imported, and these cannot be imported twice in one process.
import joblib
import numpy as np
import pandas as pd
import pandas.core.arrays.arrow.extension_types
import pandera.pandas  # noqa: F401
import pyarrow.parquet
import pytest
import scipy.stats  # noqa: F401
import sklearn.dummy
import sklearn.metrics

from pytest_mlgate.checks import Outcome
from pytest_mlgate.verdict import Verdict

from .plugin.conftest import GOVERNED, Project

N = 800
ALL_MISSING = f"{N} of {N} values (100.00%) are missing"
TEXT = pd.Series(["a"]).dtype  # object in pandas 2, str in pandas 3
ERROR, FAIL, OPEN = Outcome.ERROR, Outcome.FAIL, Outcome.INCONCLUSIVE

CONFIGURATION = """
[model]
name = "bad"
stage = "production"
candidate = "{candidate}"
baseline = "dummy"
timeout = {timeout}

[data]
target = "y"
features = ["x", "z"]
train = "{train}"
holdout = "{holdout}"
current = "{current}"

[gates.baseline]
name = ""
metric = "{metric}"
margin = 0.05

[gates.schema]
schema = "{schema}"

[gates.drift]
max_distance = 0.25
"""
SCHEMA = """
columns:
  x: {dtype: number}
  z: {dtype: number}
  place: {dtype: string, checks: {isin: [EWR, JFK, LGA]}}
  y: {dtype: integer, checks: {isin: [0, 1]}}
"""
MODELS = """
import os
import time

def predict(rows):
    return (rows["x"] > 0).astype(int)

def raises(rows):
    return rows["no such column"]

def hangs(rows):
    time.sleep(60)

def ends_its_process(rows):
    os._exit(3)

def wrong_shape(rows):
    return rows[["x", "z"]]

def too_few(rows):
    return predict(rows)[:-3]

def nan(rows):
    return (rows["x"] > 0).astype(float).mask(rows.index == 5)

def changes(rows, calls=[0]):
    calls[0] += 1
    return predict(rows) if calls[0] == 1 else 1 - predict(rows)

no_model = {"weights": [1, 2]}
"""
DEFAULTS: Mapping[str, Any] = {
    "candidate": "models:predict",
    "timeout": 60,
    "train": "train.csv",
    "holdout": "holdout.csv",
    "current": "current.csv",
    "metric": "accuracy",
    "schema": "schema.yaml",
}
Expected = Mapping[str, tuple[Outcome, str]]


@pytest.fixture
def project(pytester: pytest.Pytester, toy_gate: Path) -> Project:
    """A project whose three gates all pass."""
    project = Project(pytester)
    project.write("models.py", MODELS)
    project.write("schema.yaml", SCHEMA)
    for seed, name in enumerate(("train", "holdout", "current")):
        table(seed).to_csv(project.path / f"{name}.csv", index=False)
    configure(project)
    return project


def table(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(rng.normal(size=(N, 2)).round(4), columns=["x", "z"])
    frame["place"] = rng.choice(["EWR", "JFK", "LGA"], size=N)
    frame["y"] = (frame["x"] + rng.normal(size=N) > 0).astype(int)
    return frame


def configure(project: Project, **changes: Any) -> None:
    project.write("mlgate.toml", CONFIGURATION.format(**{**DEFAULTS, **changes}) + GOVERNED)


def change(project: Project, name: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    path = project.path / f"{name}.csv"
    edit(pd.read_csv(path)).to_csv(path, index=False)


def judge(project: Project, expected: Expected) -> Verdict:
    """Run the gates: exactly the expected checks block, in those words, and nothing of ours shows its insides."""
    result = project.run()

    verdict = project.verdict()  # complete: it fits the published schema and its own digest
    blocking = {check.id: check for check in verdict.checks if check.blocks}
    found = {name: (check.outcome, check.message) for name, check in blocking.items()}
    assert {name: outcome for name, (outcome, _) in found.items()} == {name: expected[name][0] for name in expected}
    for name, (_, words) in expected.items():
        assert words in found[name][1]
        assert not found[name][1].startswith(("Failed", "NotConfigured"))
        assert "\n" not in found[name][1]
        assert words in result.stdout.str()
        assert blocking[name].fix
    the_rest_was_judged(verdict, expected)
    assert result.ret == (1 if expected else 0)
    clean(result)
    return verdict


def the_rest_was_judged(verdict: Verdict, expected: Expected) -> None:
    """What the defect does not touch has its answer: every gate, column and table."""
    judged: dict[str, set[str]] = {}
    for check in verdict.checks:
        judged.setdefault(check.gate, set()).add(re.split("[.:]", check.subject)[0])
        assert check.blocks or check.outcome is Outcome.PASS
    judged.pop("governance")  # what production owes beside the gates
    assert judged == {
        "baseline": {""},
        "schema": {""} if "schema" in expected else {"train", "holdout", "current", "sanity"},
        "drift": {""} if "drift" in expected else {"x", "z", "place", "y"},
    }


def clean(result: pytest.RunResult) -> None:
    output = result.stdout.str() + result.stderr.str()
    assert "Traceback" not in output
    assert "pytest_mlgate" not in output
    assert "INTERNALERROR" not in output


def test_the_control_is_promoted(project: Project) -> None:
    verdict = judge(project, {})

    assert verdict.decision == "promote"


# columns

COLUMNS: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], Expected]] = {
    "missing from the holdout": (
        "holdout",
        lambda frame: frame.drop(columns="x"),
        {
            "baseline": (ERROR, "holdout lacks 1 of 2 columns configured as features: 'x'"),
            "schema:holdout.x.required": (FAIL, "holdout has no column x"),
        },
    ),
    "missing from the current rows": (
        "current",
        lambda frame: frame.drop(columns="x"),
        {
            "drift:x": (ERROR, "the column is not in current"),
            "schema:current.x.required": (FAIL, "current has no column x"),
        },
    ),
    "missing target": (
        "holdout",
        lambda frame: frame.drop(columns="y"),
        {
            "baseline": (ERROR, "holdout has no column 'y' (target)"),
            "schema:holdout.y.required": (FAIL, "holdout has no column y"),
        },
    ),
    "no rows in the holdout": (
        "holdout",
        lambda frame: frame.head(0),
        {"baseline": (ERROR, "holdout has no rows"), "schema:holdout": (ERROR, "holdout has no rows")},
    ),
    "no rows to train on": (
        "train",
        lambda frame: frame.head(0),
        {
            "baseline": (ERROR, "no training rows to make a dummy baseline from"),
            "schema:train": (ERROR, "train has no rows"),
            "drift": (ERROR, "table 'reference' has no row"),
        },
    ),
    "no current rows": (
        "current",
        lambda frame: frame.head(0),
        {"drift": (ERROR, "table 'current' has no row"), "schema:current": (ERROR, "current has no rows")},
    ),
    "one row in the holdout": (
        "holdout",
        lambda frame: frame.head(1),
        {"baseline": (ERROR, "accuracy cannot be computed on the holdout: 1 row")},
    ),
    # One row of any kind breaks no rule and shows no drift: what blocks is that nothing can be told.
    "one current row": (
        "current",
        lambda frame: frame.head(1),
        {f"drift:{name}": (OPEN, "the sample is too small") for name in ("x", "z", "place", "y")},
    ),
    "all NaN in the holdout": (
        "holdout",
        lambda frame: frame.assign(z=np.nan),
        {"schema:holdout.z.nullable": (FAIL, f"holdout.z: {ALL_MISSING}")},
    ),
    "all NaN in the current rows": (
        "current",
        lambda frame: frame.assign(z=np.nan),
        {
            "drift:z:missing": (FAIL, "no value is left in current to compare"),
            "schema:current.z.nullable": (FAIL, f"current.z: {ALL_MISSING}"),
        },
    ),
    "all NaN target": (
        "holdout",
        lambda frame: frame.assign(y=np.nan),
        {
            "baseline": (ERROR, f"holdout column 'y' is missing on {N} of {N} rows"),
            "schema:holdout.y.nullable": (FAIL, f"holdout.y: {ALL_MISSING}"),
        },
    ),
    "constant now": ("current", lambda frame: frame.assign(z=0.5), {"drift:z": (FAIL, "current values are")}),
    # A constant feature is poor, not wrong: the model answers, and its answers are judged.
    "constant in the holdout": ("holdout", lambda frame: frame.assign(z=0.5), {}),
    # A few infinite values have an order, so the distance is well defined, and no rule of this schema forbids them.
    "some infinite values": ("current", lambda frame: frame.assign(z=frame["z"].where(frame.index > 2, np.inf)), {}),
    "all infinite": (
        "current",
        lambda frame: frame.assign(z=np.inf),
        {"drift:z": (FAIL, f"{N} infinite values in current")},
    ),
    "infinite target": (
        "holdout",
        lambda frame: frame.assign(y=frame["y"].astype(float).where(frame.index > 2, np.inf)),
        {
            "baseline": (ERROR, "holdout column 'y' has inf, which the baseline has never seen"),
            "schema:holdout.y.dtype": (FAIL, "holdout.y is float64 (number), the schema asks for integer"),
        },
    ),
    "text in the holdout": (
        "holdout",
        lambda frame: frame.assign(x="fast"),
        {
            "baseline": (ERROR, "models:predict: predict raised TypeError"),
            "schema:holdout.x.dtype": (FAIL, f"holdout.x is {TEXT} (string), the schema asks for number"),
        },
    ),
    "text now": (
        "current",
        lambda frame: frame.assign(x="fast"),
        {
            "drift:x": (ERROR, "holds number values in the reference and text values in current"),
            "schema:current.x.dtype": (FAIL, f"current.x is {TEXT} (string), the schema asks for number"),
        },
    ),
    "text target": (
        "holdout",
        lambda frame: frame.assign(y=frame["y"].map({0: "early", 1: "late"})),
        {
            "baseline": (ERROR, "labels are 'early', 'late'; the"),
            "schema:holdout.y.dtype": (FAIL, f"holdout.y is {TEXT} (string), the schema asks for integer"),
        },
    ),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_a_bad_column_is_named_by_the_gates_that_need_it(project: Project, case: str) -> None:
    name, edit, expected = COLUMNS[case]
    change(project, name, edit)

    judge(project, expected)


@pytest.mark.parametrize("value", [0.5, np.inf])
def test_a_column_of_one_value_everywhere_has_not_moved(project: Project, value: float) -> None:
    """It may be useless, which no gate is asked; nor does the schema forbid infinity."""
    for name in ("train", "holdout", "current"):
        change(project, name, lambda frame: frame.assign(z=value))

    judge(project, {})


def test_a_single_class_in_the_holdout_is_an_error_where_the_metric_needs_two(project: Project) -> None:
    configure(project, metric="balanced_accuracy")
    change(project, "holdout", lambda frame: frame.assign(y=1))

    judge(project, {"baseline": (ERROR, f"balanced_accuracy cannot be computed on the holdout: all {N} rows")})


# models

BAD_MODELS = {
    "raises": (60, "models:raises: predict raised KeyError: 'no such column' (models.py:"),
    "ends_its_process": (60, "models:ends_its_process: predict ended its own process with exit status 3"),
    "hangs": (3, "models:hangs: predict gave no answer within 3 s"),
    "wrong_shape": (60, f"models:wrong_shape: predict returned an array of shape ({N}, 2)"),
    "too_few": (60, f"models:too_few: predict returned {N - 3} answers for {N} rows"),
    "nan": (60, f"models:nan: predict returned NaN in 1 of {N} rows (first: 5;"),
    "changes": (60, "models:changes: predict gave another answer on the second call"),
    "no_model": (60, "models:no_model: holds a dict, not a model"),
    "missing": (60, "models:missing: the module 'models' has no 'missing'"),
}


@pytest.mark.parametrize("model", BAD_MODELS)
def test_a_model_that_gives_no_answer_is_an_error_of_the_gate_that_asked(project: Project, model: str) -> None:
    timeout, words = BAD_MODELS[model]
    configure(project, candidate=f"models:{model}", timeout=timeout)

    judge(project, {"baseline": (ERROR, words)})


def test_a_module_that_does_not_import_is_named_with_the_line(project: Project) -> None:
    project.write("models.py", "\nraise RuntimeError('no licence')\n")

    words = "models:predict: importing raised RuntimeError: no licence (models.py:2, in <module>"
    judge(project, {"baseline": (ERROR, words)})


# files


def test_a_column_that_is_there_twice_in_parquet_is_named(project: Project) -> None:
    arrow = pyarrow.Table.from_pandas(table(1))
    pyarrow.parquet.write_table(arrow.append_column("x", arrow["x"]), project.path / "holdout.parquet")
    configure(project, holdout="holdout.parquet")

    judge(project, _needs("holdout", "holdout.parquet' has more than one column named 'x'"))


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize("name", ["holdout", "current"])
def test_a_truncated_parquet_file_is_named_and_other_tables_are_judged(project: Project, name: str) -> None:
    path = project.path / f"{name}.parquet"
    table(7).to_parquet(path)
    truncated(path)
    configure(project, **{name: path.name})

    judge(project, _needs(name, f"{name}.parquet' cannot be read as Parquet: it is truncated or damaged"))


BAD_CSV = {
    "latin-1": ("x,z,place,y\n1,2,Orl\xe9ans,0\n".encode("latin-1"), "holdout.csv' is not UTF-8: byte 0xe9"),
    "two columns of one name": (b"x,x,place,y\n1,2,EWR,0\n", "holdout.csv' has more than one column named 'x'"),
    "empty": (b"", "holdout.csv' is empty (0 bytes)"),
    "ragged": (b"x,z,place,y\n1,2,EWR,0\n1,2\n", "holdout.csv', line 3: 2 fields, but the header has 4"),
    "another format": (b"PAR1....PAR1", "holdout.csv' is named as CSV, but its content is Parquet"),
    "another delimiter": (b"x;z;place;y\n1;2;EWR;0\n", "its delimiter seems to be a semicolon, not a comma"),
}


@pytest.mark.parametrize("case", BAD_CSV)
def test_a_malformed_csv_file_is_named_and_other_tables_are_judged(project: Project, case: str) -> None:
    content, words = BAD_CSV[case]
    (project.path / "holdout.csv").write_bytes(content)

    judge(project, _needs("holdout", words))


def _needs(name: str, words: str) -> Expected:
    """The gates that need a table: baseline the holdout, drift the current rows, schema both."""
    gate = {"holdout": "baseline", "current": "drift"}[name]
    return {gate: (ERROR, words), "schema": (ERROR, words)}


def corrupt(path: Path) -> None:
    joblib.dump(sklearn.dummy.DummyClassifier().fit([[0], [1]], [0, 1]), path)
    truncated(path)


BAD_FILES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "truncated": (corrupt, "candidate.joblib: ends in the middle (byte"),
    "no model": (
        lambda path: joblib.dump({"weights": np.zeros(3)}, path),
        "candidate.joblib: holds a dict, not a model",
    ),
    "text": (
        lambda path: path.write_text("not a model"),
        "candidate.joblib: is of no format that is known here",
    ),
    "empty": (lambda path: path.write_bytes(b""), "candidate.joblib' is empty (0 bytes)"),
    "a table": (lambda path: table(0).to_parquet(path), "candidate.joblib: is a Parquet table, no model file"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_that_holds_no_model_is_named_and_tables_are_judged(project: Project, case: str) -> None:
    write, words = BAD_FILES[case]
    write(project.path / "candidate.joblib")
    configure(project, candidate="candidate.joblib")

    judge(project, {"baseline": (ERROR, words)})


BAD_SCHEMAS = {
    "no YAML": ("columns: {x: [", "schema.yaml:1"),
    "unknown word": ("columns:\n  x: {dtpye: number}\n", "schema.yaml:2"),
    "no columns": ("columns: {}\n", "schema.yaml:1: `columns` is empty"),
}


@pytest.mark.parametrize("case", BAD_SCHEMAS)
def test_a_malformed_schema_is_named_with_its_line(project: Project, case: str) -> None:
    text, words = BAD_SCHEMAS[case]
    project.write("schema.yaml", text)

    judge(project, {"schema": (ERROR, words)})


def test_a_schema_that_is_not_there_is_an_error_of_its_gate(project: Project) -> None:
    configure(project, schema="gone.yaml")

    judge(project, {"schema": (ERROR, "gone.yaml: the schema cannot be read (No such file or directory)")})


@pytest.mark.parametrize("key", ["candidate", "holdout"])
def test_a_file_that_is_not_there_is_a_matter_of_the_configuration(project: Project, key: str) -> None:
    name = {"candidate": "gone.joblib", "holdout": "gone.csv"}[key]
    configure(project, **{key: name})

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert f"{key}` = '{name}'" in result.stderr.str()
    assert not project.verdict_file.exists()
    clean(result)


@pytest.mark.parametrize(("table_name", "gate"), [("holdout", "baseline"), ("current", "drift")])
def test_a_table_that_is_not_configured_is_an_error_of_the_gate_that_needs_it(
    project: Project, table_name: str, gate: str
) -> None:
    text = (project.path / "mlgate.toml").read_text(encoding="utf-8")
    project.write("mlgate.toml", text.replace(f'{table_name} = "{table_name}.csv"\n', ""))

    result = project.run()

    blocking = {check.id: check for check in project.verdict().checks if check.blocks}
    assert set(blocking) == {gate}
    assert blocking[gate].message.startswith(f"no {table_name} is configured: set `[data] {table_name}`")
    assert result.ret == 1
    clean(result)


def test_a_verdict_of_before_does_not_survive_as_if_it_were_of_now(project: Project) -> None:
    project.run()
    before = project.verdict()
    change(project, "current", lambda frame: frame.head(0))

    project.run()

    record = json.loads(project.verdict_file.read_text(encoding="utf-8"))
    assert (before.decision, record["decision"]) == ("promote", "block")
