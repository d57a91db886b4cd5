"""A table of predictions as a model: answers are looked up by id, and never guessed."""

from __future__ import annotations

import hashlib
import time
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.artifacts import ModelError, as_model, load_predictions, select_features
from pytest_mlgate.checks import InputError

ROWS = pd.DataFrame({"id": [3, 1, 2], "x": [0.1, 0.2, 0.3]})


def table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"id": [1, 2, 3], **columns})


def facts(**known: Any) -> Any:
    return SimpleNamespace(**{"features": None, "target": None, "id": "id", "weight": None, **known})


def refused(call: Any) -> str:
    with pytest.raises(InputError) as caught:
        call()
    assert caught.value.fix
    return f"{caught.value.message} | {caught.value.fix}"


def test_each_column_answers_its_question_by_id() -> None:
    model = load_predictions(
        table(prediction=["a", "b", "c"], score=[1.0, 2.0, 3.0], probability=[0.1, 0.2, 0.3], other=0), id="id"
    )

    assert model.methods == {"predict", "decision_function", "predict_proba"}
    assert model.predict(ROWS).tolist() == ["c", "a", "b"]
    assert model.decision_function(ROWS).tolist() == [3.0, 1.0, 2.0]
    np.testing.assert_allclose(model.predict_proba(ROWS), [[0.7, 0.3], [0.9, 0.1], [0.8, 0.2]])
    assert model.classes_ is None
    assert model.feature_names_in_ == ["id"]


def test_the_id_is_no_answer_whatever_it_is_called() -> None:
    model = load_predictions(pd.DataFrame({"score": [1, 2], "prediction": [0, 1]}), id="score")

    assert model.methods == {"predict"}


@pytest.mark.parametrize(
    ("labels", "predictions", "expected"),
    [
        (["0", "1"], None, [0, 1]),
        (["-1", "10"], [10, 10, -1], [-1, 10]),
        (["0", "1"], ["1", "1", "0"], ["0", "1"]),
        (["01", "1"], None, ["01", "1"]),
        (["False", "True"], None, [False, True]),
        (["cat", "dog", "2"], None, ["cat", "dog", "2"]),
    ],
)
def test_columns_of_probabilities_name_the_classes(
    labels: list[str], predictions: list[Any] | None, expected: list[Any]
) -> None:
    share = 1 / len(labels)
    columns: dict[str, Any] = {f"probability_{label}": [share] * 3 for label in labels}
    model = load_predictions(table(**columns, **({"prediction": predictions} if predictions else {})), id="id")

    assert model.classes_ is not None
    assert model.classes_.tolist() == expected
    assert model.predict_proba(ROWS).shape == (3, len(labels))


def test_a_file_is_read_with_its_digest_and_path(tmp_path: Path) -> None:
    frame = table(prediction=[1, 0, 1])
    for name, write in (
        ("p.csv", lambda path: frame.to_csv(path, index=False)),
        ("p.parquet", frame.to_parquet),
        ("p.feather", frame.to_feather),
        ("p.jsonl", lambda path: frame.to_json(path, orient="records", lines=True)),
    ):
        path = tmp_path / name
        write(path)
        for model in (load_predictions(path, id="id"), as_model(str(path), name="candidate", id="id")):
            assert model.predict(ROWS).tolist() == [1, 1, 0]
            assert model.digest == hashlib.sha256(path.read_bytes()).hexdigest()
            assert model.source == str(path)


def test_only_the_id_is_handed_over_whatever_the_features_are() -> None:
    model = load_predictions(table(prediction=[1, 0, 1]), id="id")

    for known in (facts(), facts(features=["x", "gone"])):
        assert list(select_features(model, ROWS, known).columns) == ["id"]


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        (table(prediction=1).rename(columns={"id": "idd"}), "p.csv has no column 'id' (id); did you mean 'idd'? | "),
        (table(), "has ids and no prediction | add `prediction`, `score`"),
        (table(prediction=1).iloc[:0], "has no rows"),
        (table(prediction=1).iloc[[0, 1, 1, 1]], "names 2 of 4 rows a second time (first ids: 2, 2)"),
        (table(prediction=1).astype({"id": "Int64"}).assign(id=[1, pd.NA, 3]), "column 'id' is missing on 1 of 3 rows"),
        (table(probability=0.1, probability_a=0.1), "a column 'probability' and a column 'probability_a'"),
        (table(probability_a=0.1), "'probability_a' and none of another class"),
        (table(prediction=1).assign(id=[[1], [2], [3]]), "holds values of type mixed, which name no row"),
        (table(prediction=1).assign(id=[1, "1", 2]), "holds values of type mixed-integer"),
    ],
)
def test_a_table_that_cannot_be_joined_or_read_is_refused(frame: pd.DataFrame, expected: str) -> None:
    assert expected in refused(lambda: load_predictions(frame, id="id", source="p.csv"))


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["1", "2", "3"], "'id' holds text in holdout and whole numbers in p.csv: no row would match | write the ids"),
        ([1.5, 2.0, 3.0], "'id' holds numbers with decimals in holdout"),
        ([1, 2, 4], "p.csv has no row for 1 of 3 rows of holdout (33.3 %) (first ids: 4)"),
        ([1, 2, 2], "holdout column 'id' names 1 of 3 rows a second time (first ids: 2)"),
        ([1, 2, None], "holdout column 'id' is missing on 1 of 3 rows"),
    ],
)
def test_rows_that_find_no_prediction_are_an_error_never_left_out(ids: list[Any], expected: str) -> None:
    model = load_predictions(table(prediction=1), id="id", source="p.csv")

    assert expected in refused(lambda: model.predict(pd.DataFrame({"id": ids})))


def test_rows_without_the_id_column_are_told_what_is_missing() -> None:
    model = load_predictions(table(prediction=1), id="id", source="p.csv")
    asked = select_features(model, ROWS[["x"]], facts())

    assert "holdout has no column 'id', which the predictions in p.csv are joined on" in refused(
        lambda: model.predict(asked)
    )


@pytest.mark.parametrize(
    ("columns", "method", "expected"),
    [
        ({"prediction": [1.0, None, 2.0]}, "predict", "'prediction' is missing on 1 of 3 rows (first ids: 2)"),
        ({"prediction": ["a", None, None]}, "predict", "'prediction' is missing on 2 of 3 rows (first ids: 3, 2)"),
        ({"score": [1.0, np.inf, 2.0]}, "decision_function", "NaN or infinite on 1 of 3 rows (first ids: 2)"),
        ({"probability": [0.1, np.nan, 0.2]}, "predict_proba", "NaN or infinite on 1 of 3 rows (first ids: 2)"),
        ({"probability": [0.1, 20.0, 0.2]}, "predict_proba", "probabilities outside [0, 1] in 1 of 3 rows"),
        ({"score": ["high", "low", "low"]}, "decision_function", "'score' is of type"),
        ({"prediction": [[1], [2], [3]]}, "predict", "column 'prediction' returned array of objects (list)"),
        ({"prediction": 1}, "predict_proba", "has no predict_proba"),
    ],
)
def test_an_answer_that_is_none_is_an_error(columns: dict[str, Any], method: str, expected: str) -> None:
    model = load_predictions(table(**columns), id="id")

    with pytest.raises(ModelError) as caught:
        getattr(model, method)(ROWS)
    assert expected in caught.value.message


def test_an_answer_that_nobody_asks_for_may_be_missing() -> None:
    model = load_predictions(table(prediction=[1, None, 2]), id="id")

    assert model.predict(ROWS.iloc[:2]).tolist() == [2, 1]
    assert model.notes == ("the table of predictions: 1 of 3 predictions are of rows that were not asked",)


def test_a_sensitive_id_is_never_shown() -> None:
    model = load_predictions(table(prediction=[1, None, 2]), id="id", sensitive=True)
    asked = (ROWS, ROWS.assign(id=[7, 8, 9]), ROWS.assign(id=7))
    messages = [refused(partial(model.predict, rows)) for rows in asked]
    messages.append(refused(lambda: load_predictions(table(prediction=1).assign(id=7), id="id", sensitive=True)))

    assert not [message for message in messages if "first ids" in message or "7" in message]


def test_a_table_needs_an_id_and_cannot_be_timed() -> None:
    assert "set `id` in [data]" in refused(lambda: as_model(table(prediction=1), name="candidate"))
    model = as_model(table(prediction=1), name="candidate", id="id")
    assert "cannot be timed" in refused(lambda: model.time("predict", ROWS, repeats=5))


@pytest.mark.parametrize("asked", [[1.0, 2.0], pd.array([1, 2], dtype="Int64"), np.array([1, 2], dtype="uint8")])
def test_whole_numbers_match_in_any_type(asked: Any) -> None:
    model = load_predictions(table(prediction=[5, 6, 7]), id="id")

    assert model.predict(pd.DataFrame({"id": asked})).tolist() == [5, 6]


@pytest.mark.parametrize("ids", [[2**70, -1, 2**64], [2**63, 1, 2], [float(2**60), 1.5, 2.5]])
def test_ids_beyond_64_bits_are_not_rounded(ids: list[Any]) -> None:
    model = load_predictions(pd.DataFrame({"id": ids, "prediction": [1, 2, 3]}), id="id")

    assert model.predict(pd.DataFrame({"id": ids[::-1]})).tolist() == [3, 2, 1]


@settings(max_examples=50)
@given(
    st.lists(st.one_of(st.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=20, unique=True)
    | st.lists(st.text(max_size=5), min_size=1, max_size=20, unique=True),
    st.randoms(use_true_random=False),
)
def test_the_answer_of_a_row_does_not_depend_on_the_order_of_either_table(ids: list[Any], random: Any) -> None:
    answers = {one: float(number) for number, one in enumerate(ids)}
    shuffled, asked = random.sample(ids, len(ids)), random.sample(ids, len(ids))
    frame = pd.DataFrame({"id": shuffled, "prediction": [answers[one] for one in shuffled]})
    found = load_predictions(frame, id="id").predict(pd.DataFrame({"id": asked}))

    assert found.tolist() == [answers[one] for one in asked]


def test_two_hundred_thousand_rows_are_joined_in_no_time() -> None:
    rows = pd.DataFrame({"id": [f"row-{i}" for i in range(200_000)]})
    model = load_predictions(rows.assign(score=np.arange(200_000.0)).sample(frac=1, random_state=0), id="id")
    started = time.process_time()
    found = model.decision_function(rows)

    assert time.process_time() - started < 2
    assert (found == np.arange(200_000)).all()
