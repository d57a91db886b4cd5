"""Models as projects ship them: all accepted by the inspection, and the same after the round trip."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from pytest_mlgate.artifacts.asking import METHODS
from pytest_mlgate.artifacts.backends import ProcessBackend
from pytest_mlgate.artifacts.inspection import Inspection, Trust, inspect_artifact
from pytest_mlgate.artifacts.launch import Launch
from pytest_mlgate.artifacts.process import ModelProcess

from .benign_models import OWN, OWN_SOURCE, Benign, boosters, models

KINDS = models()
PICKLED = ("joblib", "pickle", "cloudpickle", "skops")
BOOSTERS = ("xgboost, json", "xgboost, ubj", "lightgbm, text")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A project's folder with a module of its own, importable here as where the models were trained."""
    folder = tmp_path_factory.mktemp("benign")
    (folder / f"{OWN}.py").write_text(dedent(OWN_SOURCE), encoding="utf-8")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))
    sys.modules.pop(OWN, None)


@pytest.fixture(scope="module")
def process(folder: Path) -> Iterator[ModelProcess]:
    """One process for all of them, which holds one model after the other: to start one each would take minutes."""
    process = ModelProcess(source="model", launch=Launch(roots=(str(folder),), hash_seed=1))
    yield process
    process.close()


def inspected(data: bytes, path: Path, kind: Benign) -> Inspection:
    path.write_bytes(data)
    return inspect_artifact(path, trust=Trust.of(kind.trust(data)))


def round_trip(kind: Benign, path: Path, process: ModelProcess) -> None:
    """Fit, save, inspect, load elsewhere, and compare the answers."""
    with threadpool_limits(1):
        model = kind.make()
        data = kind.write(model)
        found = inspected(data, path, kind)
        assert found.verdict == "accepted", found.findings
        assert found.digest
        header = {"op": "load", "format": found.format, "names": list(found.names)}
        reply, _ = process.request(header, data, doing="loading")
        backend = ProcessBackend(process)
        has = [method for method in METHODS if hasattr(model, method)]
        asked = [method for method in has if method in reply["description"]["methods"]]
        # Formats of other libraries have predictions and probabilities, and no scores.
        assert set(has) - set(asked) <= (set() if found.format in PICKLED else {"decision_function"})
        for method in asked:
            expected = np.asarray(getattr(model, method)(kind.rows))
            answer = backend.ask(method, kind.rows, backend.carry(kind.rows)).values
            compared(expected, answer, exact=kind.exact)


def compared(expected: Any, answer: Any, *, exact: bool) -> None:
    if expected.dtype.kind in "OU" or not exact:
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-5)
        else:
            assert answer.tolist() == expected.tolist()
        return
    assert (answer.dtype, answer.shape) == (expected.dtype, expected.shape)
    assert answer.tobytes() == np.ascontiguousarray(expected).tobytes()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", KINDS)
def test_a_benign_model_is_accepted_and_answers_the_same(folder: Path, process: ModelProcess, name: str) -> None:
    round_trip(KINDS[name], folder / "model", process)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", BOOSTERS)
def test_a_booster_in_its_own_file_is_accepted_and_answers_the_same(
    folder: Path, process: ModelProcess, name: str
) -> None:
    for package in ("xgboost", "lightgbm"):
        pytest.importorskip(package)

    round_trip(boosters()[name], folder / "model", process)


def test_the_corpus_has_at_least_forty_kinds() -> None:
    assert len(KINDS) >= 40


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.trusted or kind.by_digest])
def test_what_needs_trust_is_not_accepted_without_it(folder: Path, name: str) -> None:
    kind = KINDS[name]
    path = folder / "untrusted"
    path.write_bytes(kind.write(kind.make()))

    assert inspect_artifact(path).verdict != "accepted"
