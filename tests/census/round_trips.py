"""Every estimator that scikit-learn lists, saved by one process and asked again by another.

``python -m tests.census.round_trips write FOLDER`` fits, saves and notes the answers. ``read FOLDER`` loads each file
as a model's process does, and prints those that answer otherwise. Two processes in all.
"""

from __future__ import annotations

import copy
import hashlib
import json
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

FORMS = ("joblib", "pickle", "skops")
_METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform")


def write(folder: Path) -> None:
    """Fit each estimator, save it in every format, and note what it answers."""
    import joblib

    from pytest_mlgate.artifacts.asking import Refusal
    from pytest_mlgate.artifacts.saving import save
    from tests.census.estimators import estimators, fit_on

    said: dict[str, Any] = {}
    for name, make in estimators().items():
        model, rows = fit_on(make())
        if model is None:
            said[name] = {"unfitted": True}
            continue
        joblib.dump(rows, folder / f"{name}.rows")
        said[name] = {"answers": answers(model, rows), "unsaved": {}}
        for form in FORMS:
            try:
                (folder / f"{name}.{form}").write_bytes(save(model, form))
            except Refusal as refusal:
                said[name]["unsaved"][form] = str(refusal.record)[:300]
    (folder / "said.json").write_text(json.dumps(said), encoding="utf-8")


def read(folder: Path) -> dict[str, dict[str, str]]:
    """Return what differs, by format and estimator."""
    said = json.loads((folder / "said.json").read_text(encoding="utf-8"))
    found: dict[str, dict[str, str]] = {form: {} for form in (*FORMS, "unfitted")}
    for name, noted in said.items():
        if "unfitted" in noted:
            found["unfitted"][name] = "no table fits it"
            continue
        for form in FORMS:
            wrong = noted["unsaved"].get(form) or _differs(folder, name, form, noted["answers"])
            if wrong:
                found[form][name] = wrong
    return found


def _differs(folder: Path, name: str, form: str, expected: dict[str, str]) -> str:
    import joblib

    from pytest_mlgate.artifacts.asking import Refusal
    from pytest_mlgate.artifacts.inspection import inspect_artifact
    from pytest_mlgate.artifacts.loading import load

    path = folder / f"{name}.{form}"
    inspection = inspect_artifact(path)
    if inspection.verdict != "accepted":
        return f"{inspection.verdict}: {[finding.message for finding in inspection.findings][:1]}"
    try:
        model, _ = load(path.read_bytes(), inspection.format, inspection.names)
    except Refusal as refusal:
        return str(refusal.record)[:300]
    again = answers(model, joblib.load(folder / f"{name}.rows"))
    return ", ".join(sorted(key for key in expected.keys() | again.keys() if expected.get(key) != again.get(key)))


def answers(model: Any, rows: Any) -> dict[str, str]:
    """Return a digest of each answer, and of each fitted array where there is none.

    The rows are copied: some models keep the very table that they were fitted on, and the product of a matrix with
    itself is summed in another order than that with its copy.
    """
    found = dict(_asked(model, copy.deepcopy(rows)))
    if found:
        return found
    fitted = {name: value for name, value in vars(model).items() if name.endswith("_") and not name.startswith("_")}
    return {name: _digest(value) for name, value in fitted.items() if isinstance(value, np.ndarray | float | int)}


def _asked(model: Any, rows: Any) -> Iterator[tuple[str, str]]:
    for method in _METHODS:
        if not hasattr(model, method):
            continue
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                yield method, _digest(getattr(model, method)(rows))
        except Exception as error:  # both processes must meet the same
            yield method, type(error).__name__


def _digest(value: Any) -> str:
    if hasattr(value, "tocsr"):
        value = value.toarray()
    if isinstance(value, list | tuple):
        return hashlib.sha256("".join(map(_digest, value)).encode()).hexdigest()
    array = np.asarray(value)
    content = repr(array.tolist()).encode() if array.dtype.kind == "O" else np.ascontiguousarray(array).tobytes()
    return hashlib.sha256(f"{array.dtype} {array.shape} ".encode() + content).hexdigest()


def main() -> None:
    """Run one half."""
    half, folder = sys.argv[1], Path(sys.argv[2])
    if half == "write":
        write(folder)
    else:
        print(json.dumps(read(folder)))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
