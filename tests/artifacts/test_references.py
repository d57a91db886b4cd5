"""References: a model named by a scheme that an installed package resolves."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from pytest_mlgate.artifacts import Model, wrap_model
from pytest_mlgate.artifacts.references import Place, Resolver, is_reference, load_reference, scheme_of, schemes
from pytest_mlgate.checks import InputError
from pytest_mlgate.config import load_config
from pytest_mlgate.problems import ConfigError
from pytest_mlgate.store import Store

RESOLVER = """
from pathlib import Path

from pytest_mlgate.artifacts import wrap_model
from pytest_mlgate.checks import InputError

asked = []


class Constant:
    def predict(self, X):
        return [1] * len(X)


def resolve(rest, place):
    asked.append((rest, place.folder, place.model))
    answers = {
        "production": Path("champion.joblib"),
        "absolute": place.folder / "champion.joblib",
        "table": Path("answers.parquet"),
        "gone": Path("no-such.joblib"),
        "estimator": Constant(),
        "function": lambda X: [0] * len(X),
        "handle": wrap_model(Constant(), name="theirs"),
        "text": "champion.joblib",
        "number": 3,
        "class": Constant,
        "nothing": None,
    }
    if rest == "raises":
        raise RuntimeError("the registry is down")
    if rest == "exits":
        raise SystemExit(3)
    if rest == "refuses":
        raise InputError("no version is in production", fix="promote one")
    return answers[rest]


def other(rest, place):
    raise AssertionError("not asked")
"""

CONFIGURATION = """
[model]
name = "flights-late"
candidate = "champion.joblib"
baseline = "{}"

[data]
target = "y"
id = "row"
holdout = "holdout.parquet"

[[gates.baseline]]
metric = "accuracy"
"""


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a distribution that provides the scheme ``shelf``, for this process and its children."""
    site = tmp_path_factory.mktemp("site")
    (site / "their_registry.py").write_text(RESOLVER)
    provide(site, "their-registry", "shelf = their_registry:resolve\nunimportable = their_registry:no_such\n")
    monkeypatch.syspath_prepend(site)
    monkeypatch.delitem(sys.modules, "their_registry", raising=False)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])]))
    return site


def provide(site: Path, name: str, entry_points: str) -> None:
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[pytest_mlgate.references]\n{entry_points}")


@pytest.fixture
def project(tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that writes a configuration with a baseline, beside a model, a table and a holdout."""
    rows = pd.DataFrame({"x": np.linspace(-1, 1, 300), "row": np.arange(300)})
    rows["y"] = (rows["x"] > 0).astype(int)
    rows.to_parquet(tmp_path / "holdout.parquet")
    rows[["row"]].assign(prediction=rows["y"]).to_parquet(tmp_path / "answers.parquet")
    joblib.dump(LogisticRegression().fit(rows[["x"]], rows["y"]), tmp_path / "champion.joblib")

    def write(baseline: str) -> Path:
        path = tmp_path / "mlgate.toml"
        path.write_text(CONFIGURATION.format(baseline))
        return path

    return write


def baseline(path: Path) -> Model:
    return Store(config=load_config(path)).model("baseline")


def place(folder: Path) -> Place:
    return Place(folder=folder, model="m", ledger=folder / "l", archive=folder / "a")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("value", "scheme"),
    [
        ("shelf:production", "shelf"),
        ("mlflow:models:/name@champion", "mlflow"),
        ("package.module:attribute", "package.module"),
        ("C:/models/champion.joblib", None),
        ("artifacts/odd:name.joblib", None),
        ("shelf:", None),
        ("champion.joblib", None),
        ("", None),
    ],
)
def test_what_has_the_form_of_a_reference(value: str, scheme: str | None) -> None:
    assert scheme_of(value) == scheme


@given(st.from_regex(r"[a-z]{2,8}:[a-z/@:.]{1,20}", fullmatch=True))
def test_the_scheme_is_all_before_the_first_colon(value: str) -> None:
    assert scheme_of(value) == value[: value.index(":")]


# --- the configuration


def test_a_reference_without_a_resolver_is_one_mistake_with_the_way_out(project: Callable[[str], Path]) -> None:
    path = project("vault:models:/name@champion")

    with pytest.raises(ConfigError) as error:
        load_config(path)

    (problem,) = error.value.problems
    assert problem.line == 5
    assert problem.message == (
        "`model.baseline` = 'vault:models:/name@champion': no installed package provides the scheme `vault` "
        f"(known: {', '.join(schemes()) or 'none'}); name a file, an import path package.module:attribute, or install "
        "a package that provides the scheme"
    )


def test_the_schemes_that_are_known_are_named(site: Path, project: Callable[[str], Path]) -> None:
    with pytest.raises(ConfigError, match=r"scheme `vault` \(known: .*shelf, unimportable"):
        load_config(project("vault:models:/name"))


def test_a_configuration_is_checked_without_importing_a_resolver(site: Path, project: Callable[[str], Path]) -> None:
    config = load_config(project("shelf:production"))

    assert config.model.baseline == "shelf:production"
    assert "their_registry" not in sys.modules


@pytest.mark.parametrize("value", ["models:champion", "their_package.models:champion"])
def test_an_import_path_is_no_reference(site: Path, project: Callable[[str], Path], value: str) -> None:
    assert load_config(project(value)).model.baseline == value
    assert not is_reference(value)


def test_a_known_scheme_wins_over_a_module_and_a_file_of_that_name(
    site: Path, project: Callable[[str], Path], tmp_path: Path
) -> None:
    (tmp_path / "shelf.py").write_text("production = None\n")
    (tmp_path / "shelf:production").write_text("no model\n")

    model = baseline(project("shelf:production"))
    model.close()

    assert model.digest == digest(tmp_path / "champion.joblib")


# --- what it resolves to


@pytest.mark.parametrize("rest", ["production", "absolute"])
def test_a_path_is_loaded_as_a_configured_model_is(
    site: Path, project: Callable[[str], Path], tmp_path: Path, rest: str
) -> None:
    model = baseline(project(f"shelf:{rest}"))

    assert model.predict(pd.DataFrame({"x": [-1.0, 1.0]})).tolist() == [0, 1]
    assert model.place != "this process"
    assert (model.digest, model.provenance) == (digest(tmp_path / "champion.joblib"), {"reference": f"shelf:{rest}"})
    model.close()


def test_a_table_of_predictions_is_one(site: Path, project: Callable[[str], Path], tmp_path: Path) -> None:
    model = baseline(project("shelf:table"))

    assert model.table is not None
    assert model.digest == digest(tmp_path / "answers.parquet")


@pytest.mark.parametrize(("rest", "answer"), [("estimator", 1), ("function", 0), ("handle", 1)])
def test_an_estimator_or_a_function_is_asked_here(
    site: Path, project: Callable[[str], Path], rest: str, answer: int
) -> None:
    model = baseline(project(f"shelf:{rest}"))

    assert model.predict(pd.DataFrame({"x": [0.0]})).tolist() == [answer]
    assert model.provenance == {"reference": f"shelf:{rest}"}


def test_a_resolver_is_told_the_folder_and_the_model(
    site: Path, project: Callable[[str], Path], tmp_path: Path
) -> None:
    baseline(project("shelf:estimator"))

    assert sys.modules["their_registry"].asked == [("estimator", tmp_path, "flights-late")]


# --- what goes wrong


@pytest.mark.parametrize(
    ("rest", "message"),
    [
        ("raises", "raised RuntimeError: the registry is down"),
        ("exits", "raised SystemExit: 3"),
        ("unheard-of", "raised KeyError: 'unheard-of'"),
        ("refuses", ": no version is in production"),
        ("gone", "no-such.joblib, which is no file"),
        ("text", ": returned 'champion.joblib', which is no model"),
        ("number", ": returned 3, which is no model"),
        ("class", ": returned a type, which is no model"),
        ("nothing", ": returned None, which is no model"),
    ],
)
def test_a_resolver_that_gives_no_model_is_one_error_that_names_reference_and_resolver(
    site: Path, project: Callable[[str], Path], rest: str, message: str
) -> None:
    with pytest.raises(InputError) as error:
        baseline(project(f"shelf:{rest}"))

    assert error.value.message.startswith(f"baseline = 'shelf:{rest}': the resolver their_registry:resolve")
    assert message in error.value.message
    assert error.value.fix


def test_a_refusal_keeps_its_own_way_out(site: Path, project: Callable[[str], Path]) -> None:
    with pytest.raises(InputError) as error:
        baseline(project("shelf:refuses"))

    assert error.value.fix == "promote one"


def test_a_resolver_that_cannot_be_imported(site: Path, project: Callable[[str], Path]) -> None:
    with pytest.raises(InputError, match=r"resolver their_registry:no_such cannot be imported: AttributeError"):
        baseline(project("unimportable:x"))


def test_two_packages_with_one_scheme_are_an_error(site: Path, project: Callable[[str], Path]) -> None:
    provide(site, "another-registry", "shelf = their_registry:other\n")

    with pytest.raises(InputError, match="more than one package provides the scheme: their_registry:other, their_reg"):
        baseline(project("shelf:production"))


def test_a_scheme_that_is_gone_since_the_configuration_was_read(tmp_path: Path) -> None:
    def load(path: Path) -> Model:
        raise AssertionError("nothing to load")

    with pytest.raises(InputError, match=r"'vault:x': no installed package provides the scheme `vault`"):
        load_reference("vault:x", place(tmp_path), role="baseline", load=load)


def test_the_protocol_is_what_a_resolver_looks_like(tmp_path: Path) -> None:
    def resolve(rest: str, place: Place) -> Any:
        return wrap_model(lambda X: [0] * len(X), name=rest)

    typed: Resolver = resolve

    assert isinstance(typed("a", place(tmp_path)), Model)


# --- in a run of the gates


def run(folder: Path) -> tuple[int, dict[str, Any]]:
    code = "from pytest_mlgate.cli import main; main()"
    arguments = ["check", "-p", "no:cacheprovider", "-p", "no:hypothesispytest"]
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    command = [sys.executable, "-c", code, *arguments]
    found = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    file = folder / ".mlgate" / "verdict.json"
    assert file.is_file(), found.stdout + found.stderr
    return found.returncode, json.loads(file.read_text())


def test_the_verdict_shows_the_reference_and_the_digest_of_what_it_meant(
    site: Path, project: Callable[[str], Path], tmp_path: Path
) -> None:
    project("shelf:production")

    code, verdict = run(tmp_path)

    assert code == 0
    assert verdict["identity"]["inputs"]["baseline"] == {
        "digest": digest(tmp_path / "champion.joblib"),
        "source": "champion.joblib",
        "reference": "shelf:production",
    }
    assert verdict["checks"][0]["details"]["reference"] == "shelf:production"


def test_a_reference_that_means_nothing_blocks(site: Path, project: Callable[[str], Path], tmp_path: Path) -> None:
    project("shelf:raises")

    code, verdict = run(tmp_path)

    assert code == 1
    (check,) = verdict["checks"]
    assert check["outcome"] == "error"
    assert "baseline = 'shelf:raises': the resolver their_registry:resolve raised RuntimeError" in check["message"]
