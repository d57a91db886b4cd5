"""Models in the formats of other libraries: read by those, asked with data frames like any other."""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC

from pytest_mlgate.artifacts import formats, loading
from pytest_mlgate.artifacts.answers import refusal_error
from pytest_mlgate.artifacts.asking import Refusal
from pytest_mlgate.artifacts.formats import FORMATS, lacking
from pytest_mlgate.artifacts.loading import load
from pytest_mlgate.artifacts.model import Model, wrap_model
from pytest_mlgate.artifacts.saving import save

N = 300


def table() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "distance": rng.gamma(2, 500, N),
            "hour": rng.integers(0, 24, N),
            "origin": rng.choice(["JFK", "LGA", "ÅÅ"], N),
            "temp": np.where(rng.random(N) < 0.1, np.nan, rng.normal(60, 15, N)),
        }
    )


ROWS = table()
NUMBERS = ROWS[["distance", "hour", "temp"]]
LATE = (ROWS["distance"] / 1000 + ROWS["hour"] / 24 > 1.5).to_numpy()
NAMES = np.where(LATE, "late", "on time")
WEEKDAY = (ROWS["hour"] % 3).to_numpy()


def mixed(model: Any) -> Any:
    columns = make_column_transformer(
        (StandardScaler(), ["distance", "hour"]), (OneHotEncoder(), ["origin"]), (SimpleImputer(), ["temp"])
    )
    return make_pipeline(columns, model)


def there_and_back(model: Any, form: str, rows: pd.DataFrame) -> Model:
    again, notes = load(save(model, form, rows), form)
    assert notes == []
    return wrap_model(again, name=form)


ONNX = {
    "pipeline, text labels": lambda: (mixed(LogisticRegression()).fit(ROWS, NAMES), ROWS),
    "truth values": lambda: (mixed(LogisticRegression()).fit(ROWS, LATE), ROWS),
    "three classes": lambda: (mixed(RandomForestClassifier(5, random_state=0)).fit(ROWS, WEEKDAY), ROWS),
    "boosting with missing values": lambda: (HistGradientBoostingClassifier(max_iter=5).fit(NUMBERS, NAMES), NUMBERS),
    "boosting of a number": lambda: (HistGradientBoostingRegressor(max_iter=5).fit(NUMBERS, ROWS["distance"]), NUMBERS),
    "regression": lambda: (LinearRegression().fit(ROWS[["distance"]], ROWS["hour"]), ROWS[["distance"]]),
    "labels alone": lambda: (mixed(RidgeClassifier()).fit(ROWS, NAMES), ROWS),
    "a stack": lambda: (mixed(StackingClassifier([("a", LogisticRegression())])).fit(ROWS, NAMES), ROWS),
    "one mapping a row": lambda: (
        make_pipeline(StandardScaler(), SVC(probability=True, random_state=0)).fit(NUMBERS.fillna(0.0), NAMES),
        NUMBERS.fillna(0.0),
    ),
}


@pytest.mark.parametrize("name", ONNX)
@pytest.mark.filterwarnings("ignore")
def test_a_model_in_onnx_answers_as_it_did_but_for_single_precision(name: str) -> None:
    model, rows = ONNX[name]()

    onnx = there_and_back(model, "onnx", rows)

    shuffled = rows[list(rows.columns[::-1])]
    said, meant = onnx.predict(rows), model.predict(rows)
    if said.dtype.kind == "f":
        np.testing.assert_allclose(said, meant, rtol=1e-4, atol=1e-5)
    else:
        assert np.mean(np.asarray(said == meant)) >= 0.99
    assert onnx.predict(shuffled).tolist() == said.tolist()
    if hasattr(model, "predict_proba"):
        moved = np.abs(onnx.predict_proba(rows) - model.predict_proba(rows)).max(axis=1)
        assert np.mean(moved <= 1e-5) >= 0.97  # a forest's scaled inputs may cross a threshold
    if hasattr(model, "classes_"):
        assert onnx.classes_ is not None
        assert onnx.classes_.tolist() == model.classes_.tolist()


def test_a_file_that_another_tool_wrote_tells_its_classes_too() -> None:
    import skl2onnx

    model = mixed(LogisticRegression()).fit(ROWS, NAMES)
    types = [
        (name, skl2onnx.common.data_types.StringTensorType([None, 1]))
        if name == "origin"
        else (name, skl2onnx.common.data_types.FloatTensorType([None, 1]))
        for name in ROWS.columns
    ]
    rows = ROWS.astype({"hour": float})

    mapped, _ = load(skl2onnx.convert_sklearn(model, initial_types=types).SerializeToString(), "onnx")
    handle = wrap_model(mapped, name="onnx")

    assert handle.classes_ is not None
    assert handle.classes_.tolist() == ["late", "on time"]
    np.testing.assert_allclose(handle.predict_proba(rows), model.predict_proba(ROWS), atol=1e-5)


def refused(question: Any) -> str:
    with pytest.raises(Refusal) as caught:
        question()
    error = refusal_error(caught.value.record, source="model", doing="saving as onnx", roots=(), stderr="")
    assert error.fix
    return error.message


def test_a_step_that_has_no_converter_is_one_error() -> None:
    model = make_pipeline(FunctionTransformer(np.log1p), LinearRegression()).fit(ROWS[["distance"]], WEEKDAY)

    message = refused(lambda: save(model, "onnx", ROWS[["distance"]]))

    assert message.startswith("model: saving as onnx: skl2onnx cannot convert it (")
    assert len(message) < 800


@pytest.mark.parametrize("form", ["xgboost-json", "lightgbm"])
def test_a_model_of_another_library_is_refused(form: str) -> None:
    message = refused(lambda: save(LinearRegression(), form))

    assert message == f"model: saving as onnx: a LinearRegression cannot be written as {form}"


def test_a_package_that_is_not_installed_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(formats, "find_spec", lambda name: None if name == "onnxruntime" else real(name))

    assert lacking("onnx") == "onnxruntime"
    assert "saving as onnx a onnx file needs onnxruntime, which is not installed" in refused(lambda: load(b"", "onnx"))


class Own(DummyRegressor):  # type: ignore[misc]
    """A class that skops does not know."""


def test_skops_is_given_no_type_beyond_those_that_were_found_fit() -> None:
    content = save(Own().fit(NUMBERS, WEEKDAY), "skops")
    name = f"{Own.__module__}:Own"

    message = refused(lambda: load(content, "skops"))
    model, _ = load(content, "skops", (name, "numpy:dtype"))

    assert message.endswith(f"needs types that are not trusted: {name.replace(':', '.')}")
    assert isinstance(model, Own)


def test_every_format_has_a_reader() -> None:
    assert set(FORMATS) == set(loading._LOADERS)


# boosters


def _xgboost(rows: pd.DataFrame, y: Any, kind: str) -> Any:
    xgboost = pytest.importorskip("xgboost")
    return getattr(xgboost, kind)(n_estimators=5, max_depth=3).fit(rows, y)


@pytest.mark.parametrize("form", ["xgboost-json", "xgboost-ubj"])
@pytest.mark.parametrize(
    ("kind", "y"), [("XGBClassifier", LATE.astype(int)), ("XGBClassifier", WEEKDAY), ("XGBRegressor", ROWS["distance"])]
)
def test_xgboosts_own_files_answer_bit_for_bit(form: str, kind: str, y: Any) -> None:
    model = _xgboost(NUMBERS, y, kind)

    again = there_and_back(model, form, NUMBERS)

    assert again.predict(NUMBERS).tolist() == model.predict(NUMBERS).tolist()
    if hasattr(model, "predict_proba"):
        assert again.predict_proba(NUMBERS).tobytes() == model.predict_proba(NUMBERS).tobytes()
        assert again.classes_ is not None
        assert again.classes_.tolist() == model.classes_.tolist()
    assert again.feature_names_in_ == list(NUMBERS.columns)


@pytest.mark.parametrize(
    ("kind", "y"),
    [("LGBMClassifier", LATE.astype(int)), ("LGBMClassifier", WEEKDAY), ("LGBMRegressor", ROWS["distance"])],
)
def test_lightgbms_own_files_answer_bit_for_bit(kind: str, y: Any) -> None:
    lightgbm = pytest.importorskip("lightgbm")
    model = getattr(lightgbm, kind)(n_estimators=5, verbose=-1, n_jobs=1).fit(NUMBERS, y)

    again = there_and_back(model, "lightgbm", NUMBERS)

    assert again.predict(NUMBERS).tolist() == model.predict(NUMBERS).tolist()
    if hasattr(model, "predict_proba"):
        assert again.predict_proba(NUMBERS).tobytes() == model.predict_proba(NUMBERS).tobytes()
    assert again.predict(NUMBERS[list(NUMBERS.columns[::-1])]).tolist() == again.predict(NUMBERS).tolist()
