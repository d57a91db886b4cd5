"""MLflow as the registry, the real library with a SQLite file: what docs/registries.md says, from first to last."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli import app
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.divergence import LINE
from pytest_mlgate.store import Store
from tests.lifecycle.mlflow_store import MlflowStore
from tests.lifecycle.world import World

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # the library's own, on every path of it
]

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> MlflowStore:
    return MlflowStore(tmp_path_factory.mktemp("mlflow"))


class Toys(World):
    """A project whose candidate is a version in MLflow; `validation` has an alias, so that one step shows it."""

    def __init__(self, path: Path, store: MlflowStore, name: str) -> None:
        super().__init__(path)
        self.store, self.name = store, name
        self.text = (path / "mlgate.toml").read_text().replace('name = "toys"', f'name = "{name}"')
        self.configure("mlflow:models:/NAME/1")

    def configure(self, candidate: str, uri: str | None = None) -> None:
        lifecycle = '\n[lifecycle]\nregistry = "mlflow"\naliases = { validation = "next" }\n[lifecycle.options]\n'
        said = f'candidate = "{candidate.replace("NAME", self.name)}"'
        text = self.text.replace('candidate = "model.joblib"', said)
        (self.path / "mlgate.toml").write_text(f'{text}{lifecycle}tracking_uri = "{uri or self.store.uri}"\n')

    def fit(self, c: float) -> LogisticRegression:
        frame = pd.read_csv(self.path / "holdout.csv")
        return LogisticRegression(C=c).fit(frame[["a"]], frame["y"])

    def judged(self, stage: str, changes: Any = None) -> Any:
        """Write the verdict on what the candidate means now."""
        found = Store(config=load_config(self.path / "mlgate.toml")).model("candidate")
        (self.path / "model.joblib").write_bytes(Path(found.source).read_bytes())
        found.close()
        return super().judged(stage, {"model": self.name, **(changes or {})})


@pytest.fixture
def toys(tmp_path: Path, store: MlflowStore, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Toys:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)
    return Toys(tmp_path, store, f"toys-{abs(hash(request.node.name)) % 10**8}")


# --- from end to end

CONFIGURATION = """
[model]
name = "flights"
task = "binary"
positive = 1
candidate = "mlflow:models:/flights@challenger"
baseline = "BASELINE"

[data]
target = "y"
holdout = "holdout.csv"

[[gates.baseline]]
metric = "roc_auc"
margin = 0.05

[gates.roundtrip]
golden = "golden.json"

[policy.production]
clean_tree = false
approver = "none"
[policy.production.gates]
schema = "off"
card = "off"
[policy.production.governance]
GOVERNANCE
[policy.validation]
verdict = false
[policy.pre-production]
verdict = false

[lifecycle]
registry = "mlflow"
[lifecycle.options]
tracking_uri = "URI"
"""
PEOPLE = ("approvers", "contact", "owner")
ITEMS = (*PEOPLE, "explanation", "lineage", "monitoring", "release", "retirement", "retraining", "rollback")


def test_register_gate_promote_serve_block_promote_and_roll_back(
    store: MlflowStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=2000), "b": rng.normal(size=2000)})
    frame["y"] = (frame["a"] + frame["b"] + rng.normal(size=2000) > 0).astype(int)
    frame[:1000].to_csv("holdout.csv", index=False)
    train = frame[1000:]

    def configure(baseline: str) -> None:
        text = CONFIGURATION.replace("BASELINE", baseline).replace("URI", store.uri)
        Path("mlgate.toml").write_text(text.replace("GOVERNANCE", "\n".join(f'{item} = "off"' for item in ITEMS)))

    def mlgate(*arguments: str) -> Result:
        return CliRunner().invoke(app, list(arguments))

    def register(model: Any, y: pd.Series) -> str:
        version = store.register("flights", model.fit(train[["a", "b"]], y))
        store.client.set_registered_model_alias("flights", "challenger", version)
        found = mlgate("golden", "predictions", "--to", "golden.json", "--rows", "5")
        assert found.exit_code == 0, found.output
        return version

    def check() -> subprocess.CompletedProcess[str]:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "--mlgate",
            "--mlgate-stage",
            "production",
            "--mlgate-report=markdown",
        ]
        return subprocess.run([*command, "-p", "no:cacheprovider"], capture_output=True, text=True, check=False)

    def to_production(*options: str) -> Result:
        for stage in ("validation", "pre-production"):
            found = mlgate("promote", "--to", stage)
            assert found.exit_code == 0, found.output
        return mlgate("promote", "--to", "production", *options)

    configure("dummy")
    assert register(LogisticRegression(), train["y"]) == "1"
    gated = check()
    assert gated.returncode == 0, gated.stdout
    promoted = to_production("--first-version")
    assert promoted.exit_code == 0, promoted.output
    assert "flights 1 is in production" in promoted.output

    rows = frame[["a", "b"]].head()
    first = store.served("flights", "champion").predict_proba(rows)
    version = store.client.get_model_version("flights", "1")
    line, event = list(read_ledger(tmp_path / "mlgate-ledger.jsonl").events())[-1]
    assert event.registered == "models:/flights/1"
    assert version.tags[LINE] == line.digest
    assert version.tags["mlgate.stage"] == "production"
    kept = next(one.path for one in store.client.list_artifacts(version.run_id) if one.path.startswith("mlgate-"))
    logged = {Path(one.path).name for one in store.client.list_artifacts(version.run_id, kept)}
    assert logged == {"verdict.json", "report.md"}

    configure("mlflow:models:/flights@champion")
    assert register(LogisticRegression(), 1 - train["y"]) == "2"  # the wrong way round
    blocked = check()
    assert blocked.returncode == 1, blocked.stdout
    refused = to_production()
    assert refused.exit_code == 1
    assert "missing  decision: the verdict blocks" in refused.output
    assert store.client.get_model_version_by_alias("flights", "champion").version in (1, "1")

    assert register(LogisticRegression(C=0.05), train["y"]) == "3"
    gated = check()
    assert gated.returncode == 0, gated.stdout
    promoted = to_production()
    assert promoted.exit_code == 0, promoted.output
    assert not np.array_equal(store.served("flights", "champion").predict_proba(rows), first)
    looked = mlgate("history")
    assert looked.exit_code == 0, looked.output
    assert "registry mlflow says the same" in looked.output

    back = mlgate("rollback", "--reason", "the label drifts")
    assert back.exit_code == 0, back.output
    assert np.array_equal(store.served("flights", "champion").predict_proba(rows), first)
    assert mlgate("history").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".db" or path.name == "mlruns") == []


# --- failures


def test_killed_between_the_ledger_and_the_alias_sync_repeats_the_rest(toys: Toys) -> None:
    assert toys.store.register(toys.name, toys.fit(1.0)) == "1"
    toys.judged("validation")
    program = (
        "import os, signal, mlflow, pytest_mlgate.cli\n"
        "def killed(*_): os.kill(os.getpid(), signal.SIGKILL)\n"
        "mlflow.MlflowClient.set_registered_model_alias = killed\n"
        "pytest_mlgate.cli.app(['promote', '--to', 'validation', '--actor', 'Ada'])\n"
    )

    killed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert killed.returncode == -9, killed.stderr
    assert read_ledger(toys.ledger).model(toys.name).in_stage("validation") == ("1",)
    assert toys.store.client.get_registered_model(toys.name).aliases == {}
    looked = toys.run("history")
    assert looked.exit_code == 1
    assert "line 1 (promote 1 to validation) has not reached it yet" in looked.output
    assert "moved" not in looked.output

    repeated = toys.run("registry", "sync")

    assert repeated.exit_code == 0, repeated.output
    assert toys.store.client.get_model_version_by_alias(toys.name, "next").tags[LINE] == read_ledger(toys.ledger).head
    assert toys.run("history").exit_code == 0


def test_an_alias_that_somebody_moved_is_noticed_and_set_back_when_asked_for(toys: Toys) -> None:
    for c in (1.0, 0.1):
        toys.store.register(toys.name, toys.fit(c))
    toys.configure("mlflow:models:/NAME/2")
    toys.judged("validation")
    assert toys.promote("validation").exit_code == 0
    toys.store.client.set_registered_model_alias(toys.name, "next", "1")

    looked = toys.run("history")

    assert looked.exit_code == 1
    assert f"next points to models:/{toys.name}/1 (no version that the ledger knows)" in looked.output
    assert f"by the ledger to models:/{toys.name}/2 (2): somebody moved it" in looked.output
    assert toys.run("registry", "sync").exit_code == 1
    assert toys.run("registry", "sync", "--restore").exit_code == 0
    assert str(toys.store.client.get_model_version_by_alias(toys.name, "next").version) == "2"
    toys.store.client.delete_registered_model_alias(toys.name, "next")
    assert "next points to nothing" in toys.run("history").output


def test_another_file_than_was_judged_is_refused(toys: Toys) -> None:
    toys.store.register(toys.name, toys.fit(1.0), serialization_format="cloudpickle")
    toys.judged("validation")
    (toys.store.files(toys.name, "1") / "model.pkl").write_bytes(pickle.dumps(toys.fit(0.01)))

    found = toys.promote("validation")

    assert found.exit_code == 1
    assert f"artifact: mlflow:models:/{toys.name}/1 is not what was judged" in found.output
    assert not toys.ledger.exists()


def test_nothing_of_a_version_runs_before_it_was_inspected(toys: Toys) -> None:
    toys.store.register(toys.name, toys.fit(1.0), serialization_format="cloudpickle")
    marker = toys.path / "it-ran"

    class Payload:
        def __reduce__(self) -> Any:
            return (os.mkdir, (str(marker),))

    (toys.store.files(toys.name, "1") / "model.pkl").write_bytes(pickle.dumps(Payload()))

    with pytest.raises(InputError, match="candidate = 'mlflow:models:/"):
        Store(config=load_config(toys.path / "mlgate.toml")).model("candidate")

    assert not marker.exists()


def test_a_version_that_is_not_there_is_named(toys: Toys) -> None:
    toys.store.register(toys.name, toys.fit(1.0))

    for reference in ("mlflow:models:/NAME/7", "mlflow:models:/NAME@nobody", "mlflow:models:/NAME/latest"):
        toys.configure(reference)
        with pytest.raises(InputError, match=f"models:/{toys.name}|version=7|alias nobody"):
            Store(config=load_config(toys.path / "mlgate.toml")).model("candidate")


def test_a_server_that_does_not_answer_is_one_error_without_the_password(
    toys: Toys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")  # what the environment says counts
    toys.configure("mlflow:models:/NAME/1", uri="http://ada:hunter2@127.0.0.1:9")

    for command in (("history",), ("promote", "--to", "validation"), ("registry", "sync")):
        found = toys.run(*command)

        assert found.exit_code == 1
        assert "MLflow at http://***@127.0.0.1:9" in found.output
        assert "hunter2" not in found.output
    assert not toys.ledger.exists()


# --- other flavors and forms


def test_each_way_in_which_scikit_learn_models_are_kept_is_read(toys: Toys) -> None:
    rows = pd.DataFrame({"a": [0.0, 1.0]})
    model = toys.fit(1.0)
    for kept in toys.store.ways:
        version = toys.store.register(toys.name, model, serialization_format=kept)
        toys.configure(f"mlflow:models:/NAME/{version}")

        found = Store(config=load_config(toys.path / "mlgate.toml")).model("candidate")

        assert np.array_equal(found.predict_proba(rows), model.predict_proba(rows))
        assert found.provenance["reference"] == f"mlflow:models:/{toys.name}/{version}"
        found.close()


def test_boosters_and_onnx_graphs_are_read(toys: Toys) -> None:
    lightgbm, xgboost, skl2onnx = (pytest.importorskip(name) for name in ("lightgbm", "xgboost", "skl2onnx"))
    frame = pd.read_csv(toys.path / "holdout.csv")
    X, y = frame[["a"]], frame["y"]
    booster = lightgbm.train({"verbose": -1, "objective": "binary"}, lightgbm.Dataset(X, y), num_boost_round=2)
    trees = xgboost.XGBClassifier(n_estimators=2).fit(X, y)
    graph = skl2onnx.to_onnx(toys.fit(1.0), X.to_numpy(dtype=np.float32), options={"zipmap": False})
    for flavor, model in (("lightgbm", booster), ("xgboost", trees), ("onnx", graph)):
        version = toys.store.register(toys.name, model, flavor=flavor)
        toys.configure(f"mlflow:models:/NAME/{version}")

        found = Store(config=load_config(toys.path / "mlgate.toml")).model("candidate")

        rows = X.head(3).set_axis(found.feature_names_in_ or ["a"], axis=1)
        assert len(found.predict(rows)) == 3, flavor
        found.close()


def test_what_brings_code_of_its_own_is_refused(toys: Toys) -> None:
    (toys.path / "own").mkdir()
    (toys.path / "own" / "__init__.py").write_text("")
    toys.store.register(toys.name, toys.fit(1.0), code_paths=[str(toys.path / "own")])

    with pytest.raises(InputError, match="brings code of its own"):
        Store(config=load_config(toys.path / "mlgate.toml")).model("candidate")
