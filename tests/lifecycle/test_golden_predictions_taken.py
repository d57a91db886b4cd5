"""Taking golden predictions: which rows, which columns, and whose answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlgate.artifacts.golden_predictions import GoldenPredictions
from pytest_mlgate.artifacts.model import Model, dummy_model, wrap_model
from pytest_mlgate.artifacts.predictions import load_predictions
from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Facts
from pytest_mlgate.lifecycle.golden_predictions import take_golden_predictions

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(500, 3)), columns=["a", "b", "secret"])
FRAME["late"] = (FRAME["a"] + RNG.normal(size=500) > 0).astype(int)
FACTS = Facts(target="late")


@pytest.fixture(scope="module")
def model() -> Model:
    return wrap_model(LogisticRegression().fit(FRAME[["a", "b"]], FRAME["late"]), name="candidate")


def take(model: Model, frame: pd.DataFrame = FRAME, facts: Facts = FACTS, **options: object) -> GoldenPredictions:
    given = {"source": "holdout.parquet", "digest": "0" * 64, "sensitive": ("secret",), **options}
    return take_golden_predictions(model, frame, facts, **given)  # type: ignore[arg-type]


def test_every_method_is_asked_about_the_rows_that_are_kept(model: Model) -> None:
    found = take(model, rows=20)

    assert list(found.rows.columns) == ["a", "b"]
    assert found.rows.equals(FRAME[["a", "b"]].iloc[list(found.positions)].reset_index(drop=True))
    assert set(found.answers) == {"predict", "predict_proba", "decision_function"}
    for method, answers in found.answers.items():
        assert answers.tobytes() == getattr(model, method)(found.rows).tobytes()
    assert found.classes is not None
    assert found.environment["packages"]["numpy"] == np.__version__


def test_the_choice_is_the_seeds(model: Model) -> None:
    one, again, other = (take(model, rows=20, seed=seed).positions for seed in (1, 1, 2))

    assert one == again != other
    assert list(one) == sorted(set(one))


def test_of_a_short_table_all_rows_are_kept(model: Model) -> None:
    assert take(model, FRAME.head(7)).positions == tuple(range(7))


def test_a_sensitive_feature_is_never_kept() -> None:
    model = wrap_model(LogisticRegression().fit(FRAME[["a", "secret"]], FRAME["late"]), name="candidate")

    with pytest.raises(InputError, match="is given the sensitive column 'secret'"):
        take(model)


@pytest.mark.parametrize("rows", [0, -1, 10_001])
def test_the_number_of_rows_is_bounded(model: Model, rows: int) -> None:
    with pytest.raises(InputError, match="golden predictions keep 1 to 10000 rows"):
        take(model, rows=rows)


def test_no_rows_and_no_model_are_one_message(model: Model) -> None:
    with pytest.raises(InputError, match=r"holdout.parquet has no rows"):
        take(model, FRAME.head(0))
    table = pd.DataFrame({"id": [1], "prediction": [1]})
    for stand_in in (dummy_model(FRAME["late"]), load_predictions(table, id="id")):
        with pytest.raises(InputError, match="is no model whose answers could change"):
            take(stand_in)
