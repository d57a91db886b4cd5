"""What trained a file, what reads it here, what the service's lock file names, and another interpreter."""

from __future__ import annotations

import json
import pickle
import platform
import sys
import types
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from pytest_mlgate import Check, record_environment
from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.inspection import Inspection, inspect_artifact
from pytest_mlgate.artifacts.model import Model, load_model, wrap_model
from pytest_mlgate.artifacts.record import EnvironmentRecord, record_path, write_environment_record
from pytest_mlgate.artifacts.writers import writer_of
from pytest_mlgate.gates.base import Facts, Inputs
from pytest_mlgate.gates.roundtrip.elsewhere import elsewhere
from pytest_mlgate.gates.roundtrip.environment import lock, record, versions
from pytest_mlgate.gates.roundtrip.settings import Settings
from pytest_mlgate.gates.roundtrip.trip import Trip, begin

ROWS = pd.DataFrame(np.random.default_rng(0).normal(size=(50, 2)), columns=["a", "b"])
ESTIMATOR = LogisticRegression().fit(ROWS, ROWS["a"] > 0)
SKLEARN = version("scikit-learn")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Model]:
    path = tmp_path_factory.mktemp("project") / "model.joblib"
    joblib.dump(ESTIMATOR, path)
    loaded = load_model(path)
    yield loaded
    loaded.close()


@pytest.fixture(scope="module")
def written(model: Model) -> EnvironmentRecord:
    assert model.path is not None
    found = record_environment(model.path).record
    assert found is not None
    return found


def trip_of(model: Model, beside: EnvironmentRecord | None, facts: Facts | None = None, **settings: Any) -> Trip:
    """Return a trip whose fresh process is the model's own, with this record beside the file."""
    if model.path is not None:
        record_path(model.path).unlink(missing_ok=True)
        if beside is not None:
            write_environment_record(beside, model.path)
    values = {"candidate": model, "holdout": ROWS}
    trip = begin(Settings(**settings), Inputs(facts=facts or Facts(), values=values))
    trip._fresh = model
    return trip


def told(checks: Iterator[Check]) -> list[tuple[str, str, str, str]]:
    return [(check.code, check.subject, check.outcome.value, check.severity.value) for check in checks]


def trained_with(found: EnvironmentRecord, **packages: str) -> EnvironmentRecord:
    named = {name.replace("_", "-"): version for name, version in packages.items()}
    return replace(found, packages={**found.packages, **named})


def test_a_record_of_this_file_passes_and_says_what_trained_it(model: Model, written: EnvironmentRecord) -> None:
    trip = trip_of(model, replace(written, code={"commit": "a" * 40, "clean": False}))

    (check,) = record(trip)
    assert (check.code, check.outcome) == ("MLG452", "pass")
    assert f"with Python {platform.python_version()}, joblib " in check.message
    assert check.message.endswith("; commit aaaaaaaaaaaa, its tree not clean")
    assert check.details["record"]["artifact"]["digest"] == model.digest
    assert told(versions(trip)) == [("MLG409", "versions", "pass", "block")]


@pytest.mark.parametrize("severity", ["note", "warn", "block"])
def test_no_record_is_as_grave_as_is_set_and_names_the_line_to_add(model: Model, severity: str) -> None:
    (check,) = record(trip_of(model, None, record=severity))

    assert (check.code, check.outcome, check.severity) == ("MLG451", "fail", severity)
    assert f"the file itself says scikit-learn {SKLEARN}" in check.message
    assert 'record_environment("model.joblib"' in check.fix


def test_a_record_of_another_file_fails(model: Model, written: EnvironmentRecord) -> None:
    other = replace(written, artifact=replace(written.artifact, digest="f" * 64))

    (check,) = record(trip_of(model, other))

    assert (check.code, check.outcome, check.severity) == ("MLG452", "fail", "block")
    assert f"speaks of another file: its SHA-256 is {model.digest[:12]}..." in check.message


def test_a_record_that_the_file_contradicts_fails(model: Model, written: EnvironmentRecord) -> None:
    (check,) = record(trip_of(model, trained_with(written, scikit_learn="1.0.2")))

    assert (check.code, check.outcome) == ("MLG452", "fail")
    assert f"names scikit-learn 1.0.2, and the file itself says that scikit-learn {SKLEARN} wrote it" in check.message


def test_a_record_that_was_changed_fails_once_and_the_file_still_speaks(model: Model) -> None:
    trip = trip_of(model, None)
    assert model.path is not None
    record_path(model.path).write_text('{"format": "mlgate environment record", "schema_version": 1}')

    (check,) = record(trip)
    assert (check.code, check.outcome) == ("MLG452", "fail")
    assert "cannot be used: environment record" in check.message
    assert told(versions(trip)) == [("MLG409", "versions", "pass", "block")]


def test_each_difference_has_a_check_and_patch_levels_share_one(model: Model, written: EnvironmentRecord) -> None:
    numpy = version("numpy").split(".")
    trained = trained_with(written, numpy="0.1.0", scipy="1.0.0", joblib=f"{version('joblib')}.post1")
    trip = trip_of(model, replace(trained, python="3.6.0"))

    checks = list(versions(trip))

    assert told(iter(checks)) == [
        ("MLG409", "versions.numpy", "fail", "block"),
        ("MLG409", "versions.python", "fail", "warn"),
        ("MLG409", "versions.scipy", "fail", "warn"),
        ("MLG409", "versions", "fail", "note"),
    ]
    assert checks[0].message == (
        f"trained with numpy 0.1.0, here {'.'.join(numpy)}: another major version, and its objects are in the file"
    )
    assert checks[0].fix.startswith("install numpy==0.1.0, or train")


def test_a_file_that_says_nothing_is_inconclusive(tmp_path: Path) -> None:
    joblib.dump(np.zeros(3), tmp_path / "model.joblib")
    trip = trip_of(wrap_model(ESTIMATOR, name="candidate"), None)
    trip.candidate.path, trip.saved = tmp_path / "model.joblib", False
    trip.candidate.inspection = inspect_artifact(tmp_path / "model.joblib")

    assert told(versions(trip)) == [("MLG409", "versions", "inconclusive", "warn")]


def test_the_converter_that_a_file_names_is_nothing_that_reads_it(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").touch()
    said = {"skl2onnx": "1.19.1"}
    converted = Inspection(source="", format="onnx", compression="", size=1, digest="0" * 64, versions=said)

    writer = writer_of(tmp_path / "model.onnx", converted)

    assert (writer.said, writer.known) == (said, False)


def test_a_model_without_a_file_owes_no_record(model: Model) -> None:
    trip = trip_of(wrap_model(ESTIMATOR, name="candidate"), None)

    assert told(record(trip)) == told(versions(trip)) == []


def test_a_file_that_does_not_load_names_the_versions_that_wrote_it(
    tmp_path: Path, written: EnvironmentRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = types.ModuleType("gone_since")
    exec("class Model:\n    pass", module.__dict__)
    monkeypatch.setitem(sys.modules, "gone_since", module)
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps(module.Model()))
    found = record_environment(path).record
    assert found is not None
    older = replace(found, packages={"scikit-learn": "0.24.2"}, pickled=("scikit-learn",))
    write_environment_record(older, path)

    with pytest.raises(ModelError, match="gone_since") as caught:
        load_model(path, trusted=["gone_since:Model"])

    assert caught.value.message.endswith(f"; scikit-learn 0.24.2 wrote it and {SKLEARN} reads it")
    assert caught.value.fix.startswith("install the versions that wrote it, or save it again")


def requirements(folder: Path, **packages: str) -> str:
    lines = [f"{name.replace('_', '-')}{said}" for name, said in packages.items()]
    (folder / "requirements.txt").write_text("\n".join(lines))
    return "requirements.txt"


def test_a_lock_file_is_compared_with_what_trained_it(model: Model, written: EnvironmentRecord, tmp_path: Path) -> None:
    facts = Facts(import_roots=(str(tmp_path),))
    same = {name.replace("-", "_"): f"=={version}" for name, version in written.packages.items()}

    def asked(trained: EnvironmentRecord | None, **packages: str) -> list[Check]:
        return list(lock(trip_of(model, trained, facts, lock=requirements(tmp_path, **packages))))

    (check,) = asked(written, **same)
    assert (check.code, check.subject, check.outcome) == ("MLG453", "lock", "pass")
    assert check.message.startswith("requirements.txt (requirements file) names what it was trained with: joblib ")

    (check,) = asked(written, **{**same, "scikit_learn": "==0.24.2"})
    assert (check.subject, check.outcome, check.severity) == ("lock.scikit-learn", "fail", "block")
    assert f"trained with scikit-learn {SKLEARN}, in requirements.txt 0.24.2: another major version" in check.message

    (check,) = asked(written, **{**same, "scikit_learn": ">=1.5"})
    assert (check.subject, check.severity) == ("lock.scikit-learn", "warn")
    assert "in requirements.txt scikit-learn>=1.5: not pinned" in check.message

    # without a record and with a file that names scikit-learn alone, that alone is compared
    (check,) = asked(None, numpy="==2.0.0")
    assert (check.subject, check.severity) == ("lock.scikit-learn", "block")
    assert "in requirements.txt not named" in check.message


def test_what_the_service_has_is_compared_with_what_is_judged_where_nobody_knows_what_trained_it(
    tmp_path: Path,
) -> None:
    trip = trip_of(
        wrap_model(ESTIMATOR, name="candidate"),
        None,
        Facts(import_roots=(str(tmp_path),)),
        lock=requirements(tmp_path, scikit_learn=f"=={SKLEARN}", numpy="==2.0.0", scipy="==1.0.0", joblib="==1.0"),
    )

    checks = list(lock(trip))

    assert {check.subject for check in checks} >= {"lock.scipy", "lock.joblib"}
    assert all(check.message.startswith("judged with") for check in checks)


def test_another_interpreter_answers_the_same(model: Model, written: EnvironmentRecord) -> None:
    trip = trip_of(model, written, Facts(environments=(sys.executable,)))

    (check,) = elsewhere(trip)
    trip.close()

    name = Path(sys.executable).name
    assert (check.code, check.subject, check.outcome, check.n) == ("MLG454", f"in {name}", "pass", 50)
    assert check.message.startswith("answers the same 50 rows as here, bit for bit, with Python ")
    assert check.details["packages"]["scikit-learn"] == SKLEARN
    assert trip.vouched == name


def test_where_an_environment_vouches_for_it_another_version_only_warns(
    model: Model, written: EnvironmentRecord
) -> None:
    trip = trip_of(model, trained_with(written, numpy="0.1.0"))
    trip.vouched = "requirements.txt"

    (check,) = [check for check in versions(trip) if check.subject == "versions.numpy"]

    assert (check.outcome, check.severity) == ("fail", "warn")
    assert check.message.endswith("harmless here: in requirements.txt, with what trained it, it answers the same")


def test_an_environment_with_other_versions_fails_and_vouches_for_nothing(
    model: Model, written: EnvironmentRecord
) -> None:
    trip = trip_of(model, trained_with(written, numpy="0.1.0"), Facts(environments=(sys.executable,)))
    trip.open = lambda *_, **__: model  # type: ignore[method-assign]

    (check,) = elsewhere(trip)

    assert (check.outcome, check.severity, trip.vouched) == ("fail", "block", None)
    assert check.message == f"numpy 0.1.0 trained it, and {version('numpy')} is there"
    assert (
        check.fix == "put the versions that trained it into that environment, or train again with those that are there"
    )


def test_an_environment_that_answers_otherwise_fails(model: Model, written: EnvironmentRecord) -> None:
    other = wrap_model(LogisticRegression(C=0.01).fit(ROWS, ROWS["a"] > 0), name="there")
    trip = trip_of(model, written, Facts(environments=(sys.executable,)))
    trip.open = lambda *_, **__: other  # type: ignore[method-assign]

    (check,) = elsewhere(trip)

    assert (check.outcome, trip.vouched) == ("fail", None)
    assert "answers otherwise than here: predict_proba: 50 of 50 rows differ" in check.message


def test_what_a_model_says_there_of_sensitive_rows_is_not_shown(model: Model, written: EnvironmentRecord) -> None:
    def raising(rows: pd.DataFrame) -> Any:
        raise RuntimeError(f"odd value {rows['a'].iloc[0]!r}")

    there = wrap_model(raising, name="there")
    there.methods = model.methods
    shown = str(float(ROWS["a"].iloc[0]))[:8]
    for sensitive in ((), ("a",)):
        trip = trip_of(model, written, Facts(environments=(sys.executable,), sensitive=sensitive), sample=50)
        trip.open = lambda *_, **__: there  # type: ignore[method-assign]

        (check,) = elsewhere(trip)

        assert check.outcome == "error"
        assert ("odd value" in json.dumps(check.to_json())) == (not sensitive)
        assert not sensitive or shown not in json.dumps(check.to_json())


@pytest.mark.parametrize(
    ("environment", "says"),
    [("python9.9", "there is no interpreter 'python9.9'"), ("missing.txt", "there is no interpreter 'missing.txt'")],
)
def test_an_environment_that_is_none_is_an_error_and_the_next_one_is_asked(
    model: Model, written: EnvironmentRecord, environment: str, says: str
) -> None:
    trip = trip_of(model, written, Facts(environments=(environment, sys.executable)))
    trip.open = lambda *_, **__: model  # type: ignore[method-assign]

    first, second = elsewhere(trip)

    assert (first.code, first.subject, first.outcome) == ("MLG454", f"in {environment}", "error")
    assert says in first.message
    assert second.outcome == "pass"


def test_environments_of_one_name_are_told_apart(model: Model, written: EnvironmentRecord, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "bin").mkdir(parents=True)
        (tmp_path / name / "bin" / "python").symlink_to(sys.executable)
    paths = tuple(str(tmp_path / name / "bin" / "python") for name in ("one", "two"))
    trip = trip_of(model, written, Facts(environments=paths))
    trip.open = lambda *_, **__: model  # type: ignore[method-assign]

    assert [check.subject for check in elsewhere(trip)] == [f"in {path}" for path in paths]


def test_checks_are_json(model: Model, written: EnvironmentRecord) -> None:
    trip = trip_of(model, trained_with(written, numpy="0.1.0"))

    assert json.dumps([check.to_json() for check in (*record(trip), *versions(trip))], allow_nan=False)
