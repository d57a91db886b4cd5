"""Golden predictions: rows and answers come back to the last bit, and whatever was changed is noticed."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pandas.testing import assert_frame_equal

from pytest_mlgate.artifacts.golden_predictions import (
    KIND,
    GoldenPredictions,
    read_golden_predictions,
    write_golden_predictions,
)
from pytest_mlgate.checks import InputError

DIGEST = "0123456789abcdef" * 4


def golden(**changes: Any) -> GoldenPredictions:
    rows = pd.DataFrame({"km": [0.1, 0.2, 0.3], "when": pd.to_datetime(["2026-01-01"] * 3)})
    values: dict[str, Any] = {
        "artifact": {"source": "model.joblib", "digest": DIGEST, "kind": "sklearn.linear_model.LinearRegression"},
        "table": {"source": "holdout.parquet", "digest": DIGEST, "rows": 9},
        "positions": (1, 4, 7),
        "rows": rows,
        "answers": {"predict": np.array([0.1, 1 / 3, -0.0])},
        "classes": None,
        "environment": {"python": "3.11.7", "platform": "Linux", "machine": "x86_64", "packages": {"numpy": "2.4.6"}},
        "seed": 0,
        "time": "2026-11-21T09:39:12+00:00",
    }
    return GoldenPredictions(**{**values, **changes})


def through_json(given: GoldenPredictions) -> GoldenPredictions:
    text = json.dumps(given.to_json(), allow_nan=False)
    return GoldenPredictions.from_json(json.loads(text))


@given(
    st.sampled_from(["float64", "float32", "float16", "int64", "uint64", "int8", "bool"]).flatmap(
        lambda dtype: hnp.arrays(
            dtype, (3,), elements={"allow_nan": False, "allow_infinity": False} if "fl" in dtype else None
        )
    )
)
def test_an_answer_comes_back_to_the_last_bit(values: np.ndarray[Any, Any]) -> None:
    found = through_json(golden(answers={"predict": values})).answers["predict"]

    assert found.dtype == values.dtype
    assert found.tobytes() == values.tobytes()


@given(st.lists(st.text(), min_size=3, max_size=3))
def test_labels_of_text_come_back(labels: list[str]) -> None:
    values = np.array(labels, dtype=object)

    found = through_json(golden(answers={"predict": values}, classes=values))

    assert found.answers["predict"].tolist() == labels
    assert found.classes is not None
    assert found.classes.tolist() == labels


def test_a_matrix_and_several_methods_come_back() -> None:
    shares = np.array([[0.1, 0.9], [0.3, 0.7], [1 / 3, 2 / 3]])

    found = through_json(golden(answers={"predict_proba": shares, "predict": np.array([1, 1, 0])}))

    assert found.answers["predict_proba"].tobytes() == shares.tobytes()
    assert found.answers["predict"].tolist() == [1, 1, 0]


def test_rows_keep_their_types(tmp_path: Path) -> None:
    rows = pd.DataFrame(
        {
            "number": [1.5, np.nan, -0.0],
            "small": np.array([1, 2, 3], dtype="int8"),
            "nullable": pd.array([1, None, 3], dtype="Int64"),
            "level": pd.Categorical(["b", None, "a"], categories=["b", "a", "c"], ordered=True),
            "text": ["x", None, "</script>"],
            "moment": pd.to_datetime(["2026-01-01", None, "2026-03-29"], utc=True).tz_convert("Europe/Berlin"),
        }
    )
    path = write_golden_predictions(golden(rows=rows), tmp_path / "late.json")

    found = read_golden_predictions(path)

    assert_frame_equal(found.rows, rows)
    assert _told(found) == _told(golden(rows=rows))


def _told(stored: Any) -> dict[str, Any]:
    """All but the tables, which have no plain answer to whether they are equal."""
    names = {field.name for field in fields(stored)} - {"rows", "answers"}
    return {name: getattr(stored, name) for name in names}


def changed(record: dict[str, Any], *keys: Any, value: Any) -> dict[str, Any]:
    copy = json.loads(json.dumps(record))
    inner = copy
    for key in keys[:-1]:
        inner = inner[key]
    inner[keys[-1]] = value
    return copy


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("answers", "predict", "values", 0), 0.10000000000000002),
        (("positions", 0), 2),
        (("artifact", "digest"), "f" * 64),
        (("rows",), "AAAA"),
        (("digest",), "f" * 64),
        (("environment", "python"), "3.12.0"),
    ],
)
def test_a_change_is_noticed(tmp_path: Path, keys: tuple[Any, ...], value: Any) -> None:
    path = tmp_path / "late.json"
    path.write_text(json.dumps(changed(golden().to_json(), *keys, value=value)))

    with pytest.raises(InputError, match=r"late.json' was changed after it was written") as caught:
        read_golden_predictions(path)

    assert "mlgate golden predictions" in caught.value.fix


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("rows",), "no base64"),
        (("rows",), "AAAA"),
        (("positions",), [1]),
        (("answers",), {}),
        (("answers", "predict", "values"), [1.0, 2.0]),
        (("answers", "predict", "type"), "object"),
        (("answers", "predict", "type"), "complex128"),
        (("answers", "predict", "values"), [1.0, 2.0, "3"]),
        (("artifact",), None),
    ],
)
def test_what_was_sealed_and_is_none_all_the_same_is_damaged(keys: tuple[Any, ...], value: Any) -> None:
    record = changed(KIND.unseal(golden().to_json()), *keys, value=value)

    with pytest.raises(ValueError, match="is damaged"):
        GoldenPredictions.from_json(KIND.seal(record))


def test_another_files_place_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "late.json"
    path.write_text('{"format": "mlgate environment record"}')

    with pytest.raises(InputError, match="is no file of golden predictions that could be renewed"):
        write_golden_predictions(golden(), path)
    path.unlink()
    write_golden_predictions(golden(seed=1), path)
    write_golden_predictions(golden(seed=2), path)

    assert read_golden_predictions(path).seed == 2
