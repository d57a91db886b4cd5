"""What stands behind the inspection: a name that it did not see is not looked up, wherever the file hides it."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from pytest_mlgate.artifacts.asking import Refusal
from pytest_mlgate.artifacts.inspection import inspect_artifact
from pytest_mlgate.artifacts.loading import load
from tests.artifacts.corpora.unsafe import unsafe_files

OLD = tuple(int(part) for part in joblib.__version__.split(".")[:2]) < (1, 6)
FILES = {name: made for name, made in unsafe_files(lambda name: "/nowhere/marker").items() if made.loader == "joblib"}


def saved(value: Any, **options: Any) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_file_is_read_with_the_names_that_were_seen(tmp_path: Path, protocol: int) -> None:
    value = {"a": np.arange(3.0), "b": np.array(["x", None], dtype=object)}
    path = tmp_path / "model.joblib"
    path.write_bytes(saved(value, protocol=protocol))
    found = inspect_artifact(path)

    read, _ = load(path.read_bytes(), "joblib", found.names)

    assert read["a"].tolist() == [0.0, 1.0, 2.0]
    assert read["b"].tolist() == ["x", None]
    with pytest.raises(Refusal) as caught:
        load(path.read_bytes(), "joblib", [name for name in found.names if name != "numpy:dtype"])
    assert caught.value.record["reason"] == "unseen"


@pytest.mark.parametrize("name", sorted(FILES))
@pytest.mark.skipif(OLD, reason="joblib before 1.6 unpickles arrays of objects apart")
def test_no_unsafe_file_reaches_its_call(name: str) -> None:
    seen = ["numpy:dtype", "numpy:ndarray", "joblib.numpy_pickle:NumpyArrayWrapper"]
    seen += ["numpy._core.multiarray:_reconstruct", "sklearn.utils._metadata_requests:MetadataRequest"]

    with pytest.raises(Refusal) as caught:
        load(FILES[name].content, "joblib", seen)

    assert caught.value.record["reason"] == "unseen"
    assert caught.value.record["name"].split(":")[1] == "system"
