"""How long a model takes to answer, measured where it lives."""

from __future__ import annotations

import math
import time
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.artifacts.model import ModelError, load_model, wrap_model

from .conftest import rows

ROWS = pd.DataFrame({"a": [1.0, 2.0, 3.0, 4.0]})


def test_each_call_is_timed_in_the_models_own_process(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text(
        dedent(
            """
            import time

            def predict(X):
                time.sleep(0.02)
                return X["a"]
            """
        )
    )
    model = load_model("slow:predict", root=tmp_path)

    seconds = model.time("predict", ROWS, repeats=3)
    model.close()

    assert len(seconds) == 3
    assert all(0.02 <= value < 10 for value in seconds)
    assert model.place == "a process of its own"


def test_the_transport_of_the_rows_does_not_count(tmp_path: Path) -> None:
    """A model that looks at nothing takes no longer for more rows, and much less than their way to it."""
    (tmp_path / "constant.py").write_text("def predict(X):\n    return [0.0] * len(X)\n")
    model = load_model("constant:predict", root=tmp_path)
    many = pd.DataFrame({f"c{i}": np.zeros(200_000) for i in range(10)})

    start = time.perf_counter()
    (*_, inside) = model.time("predict", many, repeats=3)
    outside = time.perf_counter() - start
    model.close()

    assert inside < outside / 3


def test_an_answer_that_was_kept_is_not_used_and_rows_are_fresh_each_time() -> None:
    seen: list[float] = []

    def predict(X: pd.DataFrame) -> Any:
        seen.append(X["a"].sum())
        X["a"] = 0.0
        return np.zeros(len(X))

    model = wrap_model(predict, name="candidate")
    model.predict(ROWS)
    model.time("predict", ROWS, repeats=4)

    assert seen == [10.0] * 6
    assert ROWS["a"].sum() == 10
    assert model.place == "this process"


def test_an_answer_that_is_computed_when_it_is_read_is_timed_as_well() -> None:
    class Lazy:
        def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
            time.sleep(0.02)
            return np.zeros(4)

    (seconds,) = wrap_model(lambda X: Lazy(), name="candidate").time("predict", ROWS, repeats=1)

    assert seconds >= 0.02


def test_global_random_states_stay_as_they_were() -> None:
    np.random.seed(3)
    before = np.random.get_state()[1].tolist()
    wrap_model(lambda X: np.random.random(len(X)), name="candidate").time("predict", ROWS, repeats=2)

    assert np.random.get_state()[1].tolist() == before


@pytest.mark.parametrize(
    ("case", "words"),
    [("raises", "predict raised KeyError"), ("exits", "sys.exit"), ("interrupts", "KeyboardInterrupt")],
)
def test_a_model_that_gives_no_answer_has_no_time(misbehaving: Any, case: str, words: str) -> None:
    with pytest.raises(ModelError, match=words):
        misbehaving.time("predict", rows(case), repeats=2)


def test_all_calls_of_one_request_share_the_timeout(tmp_path: Path) -> None:
    (tmp_path / "sleepy.py").write_text("import time\n\ndef predict(X):\n    time.sleep(0.4)\n    return X['a']\n")
    model = load_model("sleepy:predict", root=tmp_path)
    model._backend._process.timeout = 1.0  # type: ignore[attr-defined]  # starting takes longer than that

    with pytest.raises(ModelError, match="gave no answer within 1 s"):
        model.time("predict", ROWS, repeats=5)


@pytest.mark.parametrize("seconds", [[0.1], [0.1, math.inf], [0.1, -1.0], [0.1, "x"], None])
def test_times_that_are_none_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: Any) -> None:
    (tmp_path / "fine.py").write_text("def predict(X):\n    return X['a']\n")
    model = load_model("fine:predict", root=tmp_path)
    monkeypatch.setattr(type(model._backend._process), "request", lambda *_, **__: ({"seconds": seconds}, b""))  # type: ignore[attr-defined]

    with pytest.raises(ModelError, match="what is no answer"):
        model.time("predict", ROWS, repeats=2)


def test_neither_no_rows_nor_a_missing_method_is_timed() -> None:
    model = wrap_model(lambda X: np.zeros(len(X)), name="candidate")

    with pytest.raises(ModelError, match="no rows"):
        model.time("predict", ROWS[:0], repeats=1)
    with pytest.raises(ModelError, match="has no predict_proba"):
        model.time("predict_proba", ROWS, repeats=1)


def test_a_file_has_a_size_and_nothing_else_has(tmp_path: Path) -> None:
    import joblib
    from sklearn.dummy import DummyClassifier

    path = tmp_path / "model.joblib"
    joblib.dump(DummyClassifier().fit([[0], [1]], [0, 1]), path)
    model = load_model(path)

    assert model.size == path.stat().st_size
    assert wrap_model(lambda X: X, name="candidate").size is None
    model.close()
