"""Model files: loaded in a fresh process, they answer bit for bit what they answer here."""

from __future__ import annotations

import gzip
import hashlib
import os
import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC

from pytest_mlgate.artifacts.model import Model, ModelError, as_model, load_model

RNG = np.random.default_rng(7)
N = 300


def table() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "distance": rng.integers(90, 2500, N),
            "temp": np.where(rng.random(N) < 0.1, np.nan, rng.normal(60, 15, N)),
            "carrier": pd.Series(rng.choice(["UA", "B6", "ÅÅ"], N)),
            "origin": pd.Categorical(rng.choice(["JFK", "LGA"], N), categories=["LGA", "JFK", "EWR"]),
        }
    )


ROWS = table()
BINARY = (ROWS["distance"] + RNG.normal(0, 400, N) > 1200).astype(int)
NAMES = pd.Series(np.where(ROWS["distance"] > 1700, "late", np.where(ROWS["distance"] > 800, "on time", "early")))


def encoded(model: Any) -> Any:
    columns = make_column_transformer(
        (OneHotEncoder(), ["carrier"]), (OrdinalEncoder(), ["origin"]), (StandardScaler(), ["distance"])
    )
    return make_pipeline(columns, model)


MODELS = {
    "pipeline": lambda: encoded(LogisticRegression()).fit(ROWS, BINARY),
    "text classes": lambda: encoded(RandomForestClassifier(20, random_state=0, n_jobs=2)).fit(ROWS, NAMES),
    "categorical dtype": lambda: HistGradientBoostingClassifier(max_iter=10, categorical_features="from_dtype").fit(
        ROWS.drop(columns="carrier"), BINARY.astype(bool)
    ),
    "no probabilities": lambda: encoded(LinearSVC()).fit(ROWS, NAMES),
    "regressor": lambda: encoded(LinearRegression()).fit(ROWS, ROWS["distance"] * 1.1),
    "fitted on arrays": lambda: LogisticRegression().fit(ROWS[["distance"]].to_numpy(), BINARY),
    "single-column target": lambda: LinearRegression().fit(ROWS[["distance"]], ROWS[["distance"]] * 2),
}


def save(model: Any, path: Path) -> Path:
    joblib.dump(model, path)
    return path


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore:X has feature names, but")
def test_answers_are_bit_for_bit_those_of_the_object_here(tmp_path: Path, name: str) -> None:
    estimator = MODELS[name]()
    path = save(estimator, tmp_path / "model.joblib")
    names = getattr(estimator, "feature_names_in_", None)
    rows = ROWS[["distance"]] if names is None else ROWS[list(names)]

    model = load_model(path)

    for method in ("predict", "predict_proba", "decision_function"):
        if not hasattr(estimator, method):
            assert method not in model.methods
            with pytest.raises(ModelError, match=f"has no {method}"):
                getattr(model, method)(rows)
            continue
        expected = getattr(estimator, method)(rows)
        answer = getattr(model, method)(rows)
        if name == "text classes" and method == "predict_proba":
            np.testing.assert_allclose(answer, expected, rtol=1e-12)  # two threads add in any order
            continue
        assert answer.tobytes() == expected.tobytes() or answer.tolist() == expected.ravel().tolist()
        assert answer.dtype == expected.dtype
    assert model.feature_names_in_ == (None if names is None else list(names))
    if hasattr(estimator, "classes_"):
        assert model.classes_ is not None
        assert model.classes_.tolist() == estimator.classes_.tolist()
    else:
        assert model.classes_ is None
    assert model.kind == f"{type(estimator).__module__}.{type(estimator).__qualname__}"
    assert model.versions["scikit-learn"] == sklearn.__version__
    model.close()


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(
        LogisticRegression().fit(ROWS[["distance"]], BINARY), tmp_path_factory.mktemp("simple") / "model.joblib"
    )


@pytest.fixture(scope="module")
def handle(simple: Path) -> Iterator[Model]:
    model = load_model(simple.name, root=simple.parent)
    yield model
    model.close()


@pytest.mark.parametrize("how", ["joblib lzma", "pickle 0", "gzipped pickle"])
def test_every_way_of_saving_is_read_by_content(simple: Path, tmp_path: Path, how: str) -> None:
    estimator, path = joblib.load(simple), tmp_path / "model.anything"
    kind, _, form = how.partition(" ")
    if kind == "joblib":
        joblib.dump(estimator, path, compress=(form, 3))
    else:
        content = pickle.dumps(estimator, protocol=int(form) if form.isdigit() else 4)
        path.write_bytes(content if kind == "pickle" else gzip.compress(content))

    model = load_model(path)

    rows = ROWS[["distance"]]
    assert model.predict_proba(rows).tobytes() == estimator.predict_proba(rows).tobytes()
    assert model.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    model.close()


def test_a_question_is_put_once(handle: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    first = handle.predict_proba(ROWS[["distance"]])
    monkeypatch.setattr(handle._backend, "ask", lambda *_: pytest.fail("asked again"))

    again = handle.predict_proba(ROWS[["distance"]].set_index(np.arange(N) + 5))

    assert again.tobytes() == first.tobytes()
    again[:] = 0.0
    assert handle.predict_proba(ROWS[["distance"]]).tobytes() == first.tobytes()


def test_other_rows_are_another_question(handle: Model) -> None:
    turned = ROWS[["distance"]].iloc[::-1]

    assert handle.predict_proba(turned)[::-1].tobytes() == handle.predict_proba(ROWS[["distance"]]).tobytes()


def test_what_scikit_learn_raises_is_told_with_its_text(handle: Model) -> None:
    with pytest.raises(ModelError, match=r"model.joblib: predict raised ValueError: The feature names should match"):
        handle.predict(ROWS[["temp"]])


def test_a_path_is_a_model_and_a_model_is_itself(simple: Path, handle: Model) -> None:
    assert as_model(handle, name="candidate") is handle
    loaded = as_model(simple, name="candidate")
    assert (loaded.digest, loaded.is_dummy, loaded.source) == (handle.digest, False, str(simple))
    loaded.close()


def test_another_version_of_scikit_learn_is_noted(tmp_path: Path, simple: Path) -> None:
    content = pickle.dumps(joblib.load(simple), protocol=4)
    old = sklearn.__version__.encode()
    assert content.count(old) == 1
    (tmp_path / "old.pkl").write_bytes(content.replace(old, b"0.9.9"[: len(old)].ljust(len(old), b"9")))

    model = load_model(tmp_path / "old.pkl")

    assert model.versions["scikit-learn (trained)"].startswith("0.9.9"[: len(old)])
    assert "LogisticRegression" in model.notes[0]
    assert model.predict(ROWS[["distance"]]).shape == (N,)
    model.close()


class OfThisTest:
    """A class that only this module defines."""

    def predict(self, X: pd.DataFrame) -> Any:
        return np.zeros(len(X))


def test_a_class_that_is_not_importable_is_named(tmp_path: Path) -> None:
    content = pickle.dumps(OfThisTest(), protocol=4)
    name = OfThisTest.__module__.encode()
    assert content.count(name) == 1
    missing = b"no_such_pack.models"[: len(name)].ljust(len(name), b"x")
    (tmp_path / "model.pkl").write_bytes(content.replace(name, missing))

    with pytest.raises(
        ModelError, match=r"loading needs the module 'no_such_pack.*', which cannot be imported"
    ) as caught:
        load_model(
            tmp_path / "model.pkl", import_roots=[tmp_path, tmp_path], trusted=[f"{missing.decode()}:OfThisTest"]
        )

    assert "a module of your own is looked for in" in caught.value.fix
    assert caught.value.fix.count(str(tmp_path)) == 1


class Raising:
    """Unpickles to a call of the user's choice."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.reduced = function, arguments

    def __reduce__(self) -> Any:
        return self.reduced


def in_main() -> bytes:
    return b"\x80\x04\x8c\x08__main__\x8c\x07MyModel\x93."


def vouched(content: bytes) -> list[str]:
    """Trust in one file, whatever it does."""
    return [f"sha256:{hashlib.sha256(content).hexdigest()}"]


BAD_FILES = {
    "dict": (pickle.dumps({"model": 1, "meta": 2}), r"holds a dict, not a model: .* \(keys: 'model', 'meta'\)"),
    "array": (pickle.dumps(np.zeros(3)), r"holds a numpy.ndarray, not a model"),
    "class": (pickle.dumps(Path), "is the class Path, not a model"),
    "raises": (
        pickle.dumps(Raising(int, "x")),
        r"cannot be read as a joblib or pickle file: .* \(ValueError: invalid literal",
    ),
    "exits": (pickle.dumps(Raising(os._exit, 5)), r"loading ended its own process with exit status 5 \(os._exit\?\)"),
    "main": (in_main(), "loading needs a class or function of the script that wrote the file: .*MyModel"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_file_that_holds_no_model_says_what_it_holds(tmp_path: Path, case: str) -> None:
    content, message = BAD_FILES[case]
    path = tmp_path / "model.joblib"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=message) as caught:
        load_model(path, trusted=vouched(content))

    assert caught.value.message.startswith(f"{path}: ")
    assert caught.value.fix


def test_a_file_that_hangs_as_it_is_loaded_is_ended(tmp_path: Path) -> None:
    content = pickle.dumps(Raising(time.sleep, 600))
    (tmp_path / "model.pkl").write_bytes(content)

    with pytest.raises(ModelError, match="loading gave no answer within 2 s") as caught:
        load_model(tmp_path / "model.pkl", timeout=2, trusted=vouched(content))

    assert caught.value.details["reason"] == "timeout"
    assert "save it again" in caught.value.fix


def test_what_the_users_class_raises_as_it_is_loaded_is_no_damaged_file(tmp_path: Path, user_folder: Path) -> None:
    # models.Fragile, built from an empty state
    (tmp_path / "model.pkl").write_bytes(b"\x80\x04\x8c\x06models\x8c\x07Fragile\x93)\x81}b.")

    with pytest.raises(ModelError, match=r"loading raised KeyError: 'weights' \(models.py:\d+, in __setstate__"):
        load_model(tmp_path / "model.pkl", import_roots=[user_folder], trusted=["models:Fragile"])


@pytest.mark.parametrize(("compress", "share"), [(0, 0.97), (("gzip", 3), 0.3)])
def test_a_truncated_file_is_one_message(simple: Path, tmp_path: Path, compress: Any, share: float) -> None:
    path = tmp_path / "model.joblib"
    joblib.dump(joblib.load(simple), path, compress=compress)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(ModelError, match=r"model\.joblib: ends in the middle") as caught:
        load_model(path)

    assert caught.value.details["reason"] == "truncated"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"model '.*model.joblib' is empty \(0 bytes\)"),
        (b"PK\x03\x04", "is a damaged archive"),
        (b"PAR1xxxx", "is a Parquet table, no model file"),
        (b'{"name": 1}', "is no model of XGBoost: it lacks learner and version"),
        (b"\xff\xd8\xff\xe0", "is of no format that is known here"),
        (b"carrier,distance\nUA,100\n", "no part of a model"),
        (b"\x80\x04" + bytes(range(256)), "is no pickle from here on, or a damaged one"),
    ],
)
def test_files_of_other_kinds_are_refused_before_any_process(
    tmp_path: Path, content: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("subprocess.Popen", lambda *_, **__: pytest.fail("started a process"))
    (tmp_path / "model.joblib").write_bytes(content)

    with pytest.raises(ModelError, match=message):
        load_model(tmp_path / "model.joblib")


def test_a_missing_file_names_its_neighbour_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "candidate.joblib").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe.joblib")

    with pytest.raises(ModelError, match=r"candidat.joblib' does not exist; did you mean 'candidate.joblib'\?"):
        load_model("candidat.joblib", root=tmp_path)
    with pytest.raises(ModelError, match="is a directory"):
        load_model(tmp_path)
    with pytest.raises(ModelError, match="not a regular file"):
        load_model("pipe.joblib", root=tmp_path)
