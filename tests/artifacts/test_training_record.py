"""The environment record: what a file needs, told by its names; and a file that is whole and unchanged, or refused."""

from __future__ import annotations

import json
import os
from importlib.metadata import version
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

from pytest_mlgate.artifacts.hyperparameters import hyperparameters_of
from pytest_mlgate.artifacts.needs import needed
from pytest_mlgate.artifacts.record import (
    ArtifactSaid,
    DataSaid,
    EnvironmentRecord,
    read_environment_record,
    record_path,
    record_schema,
    write_environment_record,
)
from pytest_mlgate.checks import InputError

DIGEST = "0123456789abcdef" * 4


def a_record(**changes: Any) -> EnvironmentRecord:
    values: dict[str, Any] = {
        "artifact": ArtifactSaid(name="model.joblib", digest=DIGEST, size=12, format="joblib"),
        "python": "3.11.7",
        "implementation": "CPython",
        "platform": "Linux",
        "machine": "x86_64",
        "packages": {"numpy": "2.4.6", "scikit-learn": "1.9.1"},
        "pickled": ("scikit-learn",),
        "own": ("shop",),
        "by_value": False,
        "unread": "",
        "data": {"train": DataSaid(source="train.parquet", digest=DIGEST, size=3)},
        "code": {"commit": "a" * 40, "clean": True},
        "seed": 0,
        "command": ("python", "train.py"),
        "hyperparameters": {"C": 1.0},
        "run": {"id": "42"},
        "time": "2026-11-21T09:39:12+00:00",
        "written_by": "pytest-mlgate 0.1.0",
    }
    return EnvironmentRecord(**{**values, **changes})


def test_a_file_needs_what_its_names_belong_to_and_what_that_stands_on() -> None:
    names = ["sklearn.pipeline:Pipeline", "sklearn.tree._tree:Tree", "builtins:slice", "shop.features:Encoder"]

    found = needed(names, format="joblib")

    assert found.packages == {name: version(name) for name in ("joblib", "numpy", "scikit-learn", "scipy")}
    assert (found.pickled, found.own, found.by_value) == ({"scikit-learn"}, ("shop",), False)


def test_what_is_installed_and_not_needed_is_not_recorded() -> None:
    assert needed(["numpy:ndarray"], format="pickle").packages == {"numpy": version("numpy")}
    assert needed([], format="onnx").pickled == frozenset()


@pytest.mark.parametrize("name", ["cloudpickle.cloudpickle:_make_function", "dill._dill:_create_function"])
def test_code_that_travels_by_value_is_seen(name: str) -> None:
    assert needed([name], format="pickle").by_value


def test_a_module_of_two_distributions_belongs_to_the_one_with_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, module in (("shop-a", "shop/a.py"), ("shop-b", "shop/b/__init__.py")):
        (tmp_path / module).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / module).touch()
        info = tmp_path / f"{name.replace('-', '_')}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text(f"{module},,\n")
    monkeypatch.syspath_prepend(tmp_path)

    assert needed(["shop.b:B"], format="pickle").packages == {"shop-b": "1.0"}
    assert needed(["shop.a:A", "shop.b:C"], format="pickle").pickled == {"shop-a", "shop-b"}


def test_a_record_comes_back_as_it_was_written_and_fits_its_schema(tmp_path: Path) -> None:
    record = a_record()
    path = write_environment_record(record, tmp_path / "model.joblib")

    assert path == record_path(tmp_path / "model.joblib") == tmp_path / "model.joblib.mlgate.json"
    assert read_environment_record(tmp_path / "model.joblib") == record
    jsonschema.Draft202012Validator(record_schema()).validate(json.loads(path.read_text()))
    assert os.listdir(tmp_path) == [path.name]


def test_no_record_is_none(tmp_path: Path) -> None:
    assert read_environment_record(tmp_path / "model.joblib") is None


@given(
    text=st.text(),
    number=st.integers(-(2**63), 2**63),
    hyperparameters=st.dictionaries(st.text(), st.none() | st.booleans() | st.floats(allow_nan=False) | st.text()),
)
def test_any_content_comes_back(text: str, number: int, hyperparameters: dict[str, Any]) -> None:
    hyperparameters = hyperparameters_of(hyperparameters)
    record = a_record(command=("python", text), seed=number, hyperparameters=hyperparameters, run={"url": text})

    written = json.dumps(record.to_json(), ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")

    assert EnvironmentRecord.from_json(json.loads(written.decode("utf-8", "surrogatepass"))) == record


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda record: {**record, "seed": 1}, "was changed after it was written"),
        (lambda record: {**record, "packages": {}}, "was changed after it was written"),
        (lambda record: {key: value for key, value in record.items() if key != "digest"}, "was changed"),
        (lambda record: {**record, "schema_version": 2}, r"has schema_version 2; this version reads 1"),
        (lambda record: {"a": 1}, "is no environment record"),
        (lambda record: [record], "is no environment record"),
    ],
)
def test_a_record_that_was_changed_is_refused(tmp_path: Path, change: Any, says: str) -> None:
    path = record_path(tmp_path / "model.joblib")
    path.write_text(json.dumps(change(a_record().to_json())))

    with pytest.raises(InputError, match=says) as caught:
        read_environment_record(tmp_path / "model.joblib")

    assert str(path) in caught.value.message


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b'{"format": "mlgate environment record"}'])
def test_what_is_no_record_is_one_message(tmp_path: Path, content: bytes) -> None:
    record_path(tmp_path / "model.joblib").write_bytes(content)

    with pytest.raises(InputError, match="environment record"):
        read_environment_record(tmp_path / "model.joblib")


def test_a_record_with_a_part_missing_is_damaged() -> None:
    from pytest_mlgate.tables.writing import digest_of

    content = {key: value for key, value in a_record().to_json().items() if key not in ("digest", "python")}

    with pytest.raises(ValueError, match=r"is damaged \(TypeError"):
        EnvironmentRecord.from_json({**content, "digest": digest_of(content)})


@pytest.mark.parametrize("content", [b"mine", b'{"format": "another"}', b""])
def test_a_foreign_file_is_not_written_over(tmp_path: Path, content: bytes) -> None:
    path = record_path(tmp_path / "model.joblib")
    path.write_bytes(content)

    with pytest.raises(InputError, match="is already there, and is no environment record"):
        write_environment_record(a_record(), tmp_path / "model.joblib")

    assert path.read_bytes() == content


def test_an_older_record_is_renewed(tmp_path: Path) -> None:
    write_environment_record(a_record(seed=1), tmp_path / "model.joblib")
    write_environment_record(a_record(seed=2), tmp_path / "model.joblib")

    found = read_environment_record(tmp_path / "model.joblib")

    assert found is not None
    assert found.seed == 2


def test_a_folder_that_takes_no_file_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(InputError, match="cannot be written"):
        write_environment_record(a_record(), tmp_path / "file" / "model.joblib")


def test_an_estimators_parameters_are_json_with_its_parts_by_name() -> None:
    model = make_pipeline(
        FunctionTransformer(np.log1p), StandardScaler(), LogisticRegression(C=np.float32(0.5), class_weight={0: 1.0})
    )

    found = hyperparameters_of(model)

    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert found["logisticregression__C"] == 0.5
    assert found["logisticregression__class_weight"] == {"0": 1.0}
    assert found["standardscaler"] == "sklearn.preprocessing._data:StandardScaler"
    assert found["functiontransformer__func"] == "numpy:log1p"


def test_a_mapping_becomes_json_whatever_is_in_it() -> None:
    found = hyperparameters_of(
        {
            "missing": float("nan"),
            "low": -np.inf,
            "rows": np.arange(3),
            "large": np.zeros((100, 100)),
            "set": {"b", "a"},
            "dtype": np.float64,
            "api_key": "k",
            "token_pattern": "[a-z]",
            "source": "https://u:p@h.example/x",
            "text": "x" * 10_000,
            "type": np.float64,
            "path": Path("a/b"),
            3: None,
        }
    )

    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (found["missing"], found["low"], found["rows"], found["set"]) == ("nan", "-inf", [0, 1, 2], ["a", "b"])
    assert (found["api_key"], found["token_pattern"]) == ("***", "[a-z]")
    assert found["source"] == "https://***@h.example/x"
    assert found["large"] == "array of float64, shape (100, 100)"
    assert len(found["text"]) < 600
    assert found["dtype"] == "numpy:float64"
    assert (found["path"], found["3"]) == ("a/b", None)
    assert found["type"].endswith("float64")


def test_a_list_that_holds_itself_ends() -> None:
    endless: list[Any] = []
    endless.append(endless)

    assert json.dumps(hyperparameters_of({"endless": endless}))


class Raises(LogisticRegression):
    def get_params(self, deep: bool = True) -> dict[str, Any]:
        raise RuntimeError("mine")


@pytest.mark.parametrize(("value", "says"), [(3, "not a int"), (LogisticRegression, "dictionary"), (Raises(), "mine")])
def test_what_has_no_parameters_is_one_message(value: Any, says: str) -> None:
    with pytest.raises(InputError, match=says):
        hyperparameters_of(value)
