"""MLflow as a registry, as far as it is not asked: what is refused, and which file of a version is the model."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pytest
import yaml

from pytest_mlgate.artifacts.references import Place, is_reference, registry_names
from pytest_mlgate.checks import InputError
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.mlflow_registry import model_file, open_registry, resolve
from pytest_mlgate.lifecycle.registries import registry_of


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Place(folder=tmp_path, model="toys", ledger=tmp_path / "l.jsonl", archive=tmp_path / "a", registry="mlflow")


def refused(place: Place, **options: object) -> str:
    with pytest.raises(InputError) as error:
        open_registry(options, place)
    return f"{error.value.message}\n{error.value.fix}"


def test_the_scheme_and_the_registry_are_ours() -> None:
    assert is_reference("mlflow:models:/toys@champion")
    assert "mlflow" in registry_names()


def test_where_no_store_is_named_the_error_says_how(place: Place) -> None:
    assert "MLFLOW_TRACKING_URI" in refused(place)


def test_an_option_that_is_misspelt_is_named(place: Place) -> None:
    assert "unknown key `lifecycle.options.tracking_url`; did you mean `tracking_uri`?" in refused(
        place, tracking_url="sqlite:///mlflow.db"
    )


@pytest.mark.parametrize("uri", ["sqlite:///mlflow.db", "sqlite://", "mlruns", "file:///nowhere/mlruns"])
def test_a_store_that_is_not_there_is_refused_and_none_is_made(place: Place, uri: str) -> None:
    assert "there is no f" in refused(place, tracking_uri=uri)

    assert list(place.folder.iterdir()) == []


def test_a_database_of_something_else_is_refused_and_stays_as_it_is(place: Place) -> None:
    sqlite3.connect(place.folder / "other.db").execute("CREATE TABLE t (a)")
    (place.folder / "text.db").write_text("no database at all" * 100)
    before = (place.folder / "other.db").read_bytes()

    assert "other.db is no store of MLflow's" in refused(place, tracking_uri="sqlite:///other.db")
    assert "text.db cannot be read: file is not a database" in refused(place, tracking_uri="sqlite:///text.db")
    assert (place.folder / "other.db").read_bytes() == before


def test_without_mlflow_the_error_says_which_extra(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "mlflow", None)

    assert "pip install pytest-mlgate[mlflow]" in refused(place, tracking_uri="http://127.0.0.1:9")


def test_a_reference_asks_the_environments_store_where_another_registry_is_configured(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "sqlite:///elsewhere.db")
    elsewhere = Place(
        folder=place.folder, model="toys", ledger=place.ledger, archive=place.archive, options={"folder": "x"}
    )

    with pytest.raises(InputError, match=r"there is no file .*elsewhere\.db"):
        resolve("models:/toys/1", elsewhere)


def test_the_configured_registry_is_opened_and_its_errors_name_it(place: Place) -> None:
    (place.folder / "mlgate.toml").write_text(
        '[model]\nname = "toys"\n[lifecycle]\nregistry = "mlflow"\n[lifecycle.options]\ntracking_uri = "sqlite:///m.db"\n'
    )

    with pytest.raises(InputError, match="registry mlflow: tracking_uri"):
        registry_of(load_config(place.folder / "mlgate.toml"))


# --- which file


def described(**flavors: object) -> bytes:
    return yaml.safe_dump({"flavors": flavors}).encode()


@pytest.mark.parametrize(
    ("flavors", "file"),
    [
        ({"sklearn": {"pickled_model": "model.skops", "code": None}, "python_function": {}}, "model.skops"),
        ({"xgboost": {"data": "model.ubj"}}, "model.ubj"),
        ({"lightgbm": {"data": "model.lgb"}}, "model.lgb"),
        ({"onnx": {"data": "model.onnx"}}, "model.onnx"),
    ],
)
def test_mlmodel_says_which_file_is_the_model(flavors: dict[str, object], file: str) -> None:
    assert model_file(described(**flavors), "models:/toys/1") == file


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (described(python_function={"loader_module": "own"}), "none of sklearn, xgboost, lightgbm, onnx"),
        (described(sklearn={"pickled_model": "m.pkl", "code": "code"}), "brings code of its own"),
        (
            described(sklearn={"pickled_model": "m.pkl"}, python_function={"code": "code"}),
            "brings code of its own",
        ),
        (described(sklearn={"pickled_model": "../../m.pkl"}), "is no file below it"),
        (described(sklearn={"pickled_model": "/etc/passwd"}), "is no file below it"),
        (described(sklearn={"pickled_model": 3}), "MLmodel cannot be read"),
        (described(sklearn={}), "MLmodel cannot be read"),
        (described(sklearn=None), "MLmodel cannot be read"),
        (b"flavors: [", "MLmodel cannot be read"),
        (b"\xff\xfe\x00", "MLmodel cannot be read"),
        (b"null", "MLmodel cannot be read"),
    ],
)
def test_what_cannot_be_inspected_alone_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        model_file(content, "models:/toys/1")

    assert "models:/toys/1" in error.value.message
    assert error.value.fix
