"""`mlgate replay`: years later, elsewhere, the same answers and the reasons; and no change that goes unnoticed."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.artifacts import environments
from pytest_mlgate.artifacts.golden_predictions import read_golden_predictions
from pytest_mlgate.checks import InputError
from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.events import encode
from pytest_mlgate.lifecycle.manifest import Retirement
from pytest_mlgate.verdict import read_verdict
from tests.lifecycle.retired import LATER, bundle_of, resealed, retire

POISON = b"cos\nsystem\n(S'touch poisoned'\ntR."


@pytest.fixture(scope="module")
def project(in_production: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose only version is retired; it is not changed."""
    path = tmp_path_factory.mktemp("retired") / "project"
    shutil.copytree(in_production, path)
    found = retire(path)
    assert found.exit_code == 0, found.output
    return path


@pytest.fixture
def bundle(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its bundle in a folder where nothing else is: another machine, years later."""
    monkeypatch.chdir(tmp_path)
    return Path(shutil.copy(bundle_of(project), tmp_path / "late.zip"))


def replay(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["replay", str(path), *options])


def faults(path: Path, *options: str) -> list[str]:
    """Return which parts are wrong, and check that the exit code says so."""
    found = replay(path, "--json", *options)
    assert found.exit_code == 1, found.output
    said = json.loads(found.output)
    assert not said["same"]
    return [fault["what"] for fault in said["faults"]]


def test_it_answers_as_then_and_says_why_it_was_let_in(bundle: Path, project: Path) -> None:
    found = replay(bundle, "--ledger", str(project / "mlgate-ledger.jsonl"))

    assert found.exit_code == 0, found.output
    said = [" ".join(line.split()) for line in found.output.splitlines()]
    day = read_ledger(project / "mlgate-ledger.jsonl").lines[0].event.time[:10]
    assert said[1] == "reason too old"
    assert f"promote {day} pre-production → production by Ada, approved by Grace" in said
    assert f"decision promote for production, {day}: 1 fail, 2 pass" in said
    assert "asked card, roundtrip, drift" in said
    assert f"went on drift:a: fail: D is 0.31; waived until {LATER}: no second summer yet (Ada)" in said
    assert f"answers 5 rows as on {day}, bit for bit: decision_function, predict, predict_proba" in said
    assert said[-1] == "REPLAYED: toys v1 answers as then, and its files are those of then"


@pytest.mark.slow
def test_the_same_as_one_object_in_another_interpreter(bundle: Path) -> None:
    found = replay(bundle, "--json", "--env", sys.executable)

    assert found.exit_code == 0, found.output
    said = json.loads(found.output)
    assert (said["same"], said["faults"]) == (True, [])
    assert said["answered"]["rows"] == 5
    assert said["answered"]["versions"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert said["decision"]["decision"] == "promote"
    assert said["decision"]["promotion"]["approver"] == "Grace"
    assert [event["to_stage"] for event in said["events"]] == ["validation", "pre-production", "production"]
    assert said["manifest"]["retirement"]["kept_until"] == "2030-12-31"


def test_the_environment_of_its_own_lock_file_may_be_made(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, bytes]] = []

    def find(said: str, **_: Any) -> Any:
        asked.append((said, Path(said.rpartition("@")[0] or said).read_bytes()))
        raise InputError("no index can be reached", fix="try again")

    monkeypatch.setattr(environments, "find_environment", find)

    assert faults(bundle, "--env", "lock@python3.12") == ["environment"]
    ((said, content),) = asked
    assert said.endswith("/lock.txt@python3.12")
    assert content == b"numpy==2.4.0\n"


def test_a_bundle_without_a_lock_file_makes_no_environment(bundle: Path) -> None:
    path = resealed(bundle, {"lock": None}, bundle.with_name("other.zip"), absent={"lock": "none was named"})

    found = replay(path, "--env", "lock")

    assert found.exit_code == 1
    assert "environment: the bundle has no lock file (none was named)" in found.output


@pytest.mark.parametrize("role", ["artifact", "card", "configuration", "ledger", "lock", "sample", "verdict", "notes"])
def test_one_byte_that_changed_is_named_and_nothing_is_loaded(bundle: Path, role: str) -> None:
    with zipfile.ZipFile(bundle) as archive:
        (info,) = (info for info in archive.infolist() if info.filename.startswith(f"{role}."))
    data = bytearray(bundle.read_bytes())
    data[info.header_offset + 30 + len(info.filename)] ^= 1  # the first of its content
    bundle.write_bytes(data)

    found = replay(bundle)

    assert found.exit_code == 1
    assert f"bundle: {info.filename}: was changed, its SHA-256 is not that of the manifest" in found.output
    assert "  answers " not in found.output


def test_a_manifest_that_changed_says_nothing_of_the_rest(bundle: Path) -> None:
    bundle.write_bytes(bundle.read_bytes().replace(b"too old", b"too new", 1))

    found = replay(bundle)

    assert found.exit_code == 1
    assert "late.zip: manifest.json was changed after it was written" in found.output
    assert faults(bundle) == ["bundle"]


def test_a_forged_bundle_is_told_by_the_ledger_alone(bundle: Path, project: Path) -> None:
    left = Retirement(day="2026-11-01", reason="all was well", actor="Ada", approver=None, kept_until="2030-12-31")
    absent = {"verdict": "there was none"}
    path = resealed(bundle, {"verdict": None}, bundle.with_name("forged.zip"), absent=absent, retirement=left)

    found = replay(path, "--env", "/nowhere")

    assert [line for line in found.output.splitlines() if " wrong " in line and " environment: " not in line] == []
    assert "all was well" in found.output
    assert "is not known: there is no verdict" in found.output
    assert faults(path, "--ledger", str(project / "mlgate-ledger.jsonl")) == ["bundle"]


def other_parts(project: Path) -> dict[str, bytes]:
    """Return parts that are whole, and of something else."""
    verdict = read_verdict(project / ".mlgate/verdict.json")
    ((_, event), *_) = read_ledger(project / "mlgate-ledger.jsonl").events()
    golden = read_golden_predictions(project / "golden.json")
    candidate = {"candidate": {"digest": "0" * 64}}
    return {
        "verdict": json.dumps(replace(verdict, identity={"inputs": candidate}).to_json()).encode(),
        "ledger": encode(replace(event, version="v2"))[0],
        "sample": json.dumps(replace(golden, artifact={"digest": "0" * 64}).to_json()).encode(),
        "card": b"# Another",
        "configuration": b"[model]\n",
        "policy": b"{}",
        "lock": b"numpy==1.0.0",
        "notes": b"nothing to see",
        "artifact": b"another",
    }


@pytest.mark.parametrize(
    "role", ["verdict", "ledger", "sample", "card", "configuration", "policy", "artifact", "lock", "notes"]
)
def test_parts_that_do_not_belong_together_are_named(bundle: Path, project: Path, role: str) -> None:
    path = resealed(bundle, {role: other_parts(project)[role]}, bundle.with_name("mixed.zip"))

    found = faults(path)

    assert role in found
    assert set(found) <= {role, "verdict"}, "without its event, a verdict has none that rests on it"


@pytest.mark.parametrize("content", [b"[]", b"{}", b'{"schema_version": 1, "checks": 7}', b"\xff"])
@pytest.mark.parametrize("role", ["verdict", "ledger", "sample"])
def test_parts_that_are_none_are_named(bundle: Path, role: str, content: bytes) -> None:
    assert role in faults(resealed(bundle, {role: content}, bundle.with_name("odd.zip")))


def test_another_answer_is_told(bundle: Path, project: Path) -> None:
    golden = read_golden_predictions(project / "golden.json")
    other = replace(golden, answers={name: values[::-1] for name, values in golden.answers.items()})
    parts = {"sample": json.dumps(other.to_json()).encode(), "ledger": None, "verdict": None}
    path = resealed(bundle, parts, bundle.with_name("other.zip"))

    found = replay(path)

    assert found.exit_code == 1
    assert f"answers: are others than on {golden.time[:10]}: decision_function: " in found.output
    assert found.output.splitlines()[-1] == "NOT REPLAYED: toys v1: 1 wrong"


def test_nothing_of_a_poisoned_model_runs(bundle: Path, project: Path) -> None:
    digest = hashlib.sha256(POISON).hexdigest()
    golden = replace(read_golden_predictions(project / "golden.json"), artifact={"digest": digest})
    parts = {"artifact": POISON, "sample": json.dumps(golden.to_json()).encode(), "verdict": None, "ledger": None}
    path = resealed(bundle, parts, bundle.with_name("poisoned.zip"), artifact=digest)

    found = replay(path)

    assert found.exit_code == 1
    assert "artifact: the model of toys v1" in found.output
    assert "system" in found.output
    assert not Path("poisoned").exists()


@pytest.mark.parametrize("role", ["artifact", "sample"])
def test_what_is_not_there_is_no_pass(bundle: Path, role: str) -> None:
    path = resealed(bundle, {role: None}, bundle.with_name("less.zip"), absent={role: "left out on purpose"})

    found = replay(path)

    assert found.exit_code == 1
    assert f"{role}: is not in the bundle (left out on purpose): nothing can be asked" in found.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.zip"], "nowhere.zip: there is no such file"),
        (["late.zip", "--ledger", "nowhere.jsonl"], "nowhere.jsonl: there is no such file"),
        (["late.zip", "--trusted", "no name"], "no name"),
        (["late.zip", "--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_bad_usage(bundle: Path, arguments: list[str], message: str) -> None:
    found = CliRunner().invoke(app, ["replay", *arguments])

    assert found.exit_code == 2
    assert message in found.output
