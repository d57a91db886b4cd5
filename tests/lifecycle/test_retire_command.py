"""`mlgate retire`: for ever, with a reason and a day; neither what serves nor the only way back."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import InputError
from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle import retiring
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.bundle import open_bundle
from pytest_mlgate.lifecycle.events import Event, FileSeen
from pytest_mlgate.lifecycle.ledger import Ledger
from tests.lifecycle.made import MODEL, after, digest_of, to_production, write
from tests.lifecycle.retired import bundle_of, run
from tests.lifecycle.retired import retire as retire_bundled
from tests.lifecycle.test_ledger_survival import exit_code, forked


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger of three versions that all were in production; v3 serves."""
    monkeypatch.chdir(tmp_path)
    Path("mlgate.toml").write_text(f'[model]\nname = "{MODEL}"\n')
    ledger = Ledger(path=tmp_path / "mlgate-ledger.jsonl")
    for version in ("v1", "v2", "v3"):
        ledger = to_production(ledger, version)
    return write(ledger.path, ledger)


def retire(version: str, *options: str, reason: str = "too old", until: str = "2030-12-31") -> Result:
    lost = (*("--without", "artifact"), *("--without", "sample"), *("--without", "verdict"))
    options = options if "--bundle" in options or "--without" in options else (*options, *lost)
    return CliRunner().invoke(app, ["retire", version, "--reason", reason, "--kept-until", until, *options])


def test_a_version_is_retired_with_its_reason_and_day(path: Path) -> None:
    found = retire("v1", "--actor", "Ada")

    assert (found.exit_code, found.output.splitlines()[0]) == (0, "flights-late v1 is retired")
    event = read_ledger(path).lines[-1].event
    assert isinstance(event, Event)
    assert (event.reason, event.kept_until, event.actor) == ("too old", "2030-12-31", "Ada")
    assert read_ledger(path).model(MODEL).in_stage("retired") == ("v1",)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("v3", "version 'v3' of flights-late serves, and cannot be retired"),
        ("v9", "the ledger knows no version 'v9' of flights-late"),
    ],
)
def test_what_serves_and_what_nobody_knows_is_refused(path: Path, version: str, message: str) -> None:
    before = path.read_bytes()

    found = retire(version)

    assert (found.exit_code, path.read_bytes()) == (1, before)
    assert message in found.output


def test_the_only_way_back_is_not_retired(path: Path) -> None:
    assert retire("v1").exit_code == 0

    found = retire("v2")

    assert found.exit_code == 1
    assert "is the only one to roll back to from 'v3'" in found.output


def test_the_service_ends_with_its_last_version(path: Path) -> None:
    found = retire("v3", "--end-of-service")

    assert found.output.splitlines()[0] == "flights-late v3 is retired; nothing serves"
    assert read_ledger(path).model(MODEL).serving is None


@pytest.mark.parametrize(
    ("options", "message"),
    [({"reason": " "}, "--reason is blank"), ({"until": "some day"}, "--kept-until some day: is no day")],
)
def test_a_reason_and_a_day_are_given(path: Path, options: dict[str, str], message: str) -> None:
    found = retire("v1", **options)

    assert found.exit_code == 2
    assert message in found.output


# --- the bundle


@pytest.fixture
def project(in_production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, in the working folder: what was promoted there is retired here."""
    path = tmp_path / "project"
    shutil.copytree(in_production, path)
    monkeypatch.chdir(path)
    return path


def files(path: Path) -> dict[str, bytes]:
    return {str(file.relative_to(path)): file.read_bytes() for file in path.rglob("*") if file.is_file()}


def last(path: Path) -> Event:
    event = read_ledger(path / "mlgate-ledger.jsonl").lines[-1].event
    assert isinstance(event, Event)
    return event


def test_everything_of_that_day_is_in_the_bundle_although_it_was_replaced_since(project: Path, tmp_path: Path) -> None:
    before, promotion = files(project), last(project)
    for name in ("model.joblib", "golden.json", "MODEL_CARD.md", ".mlgate/verdict.json", "requirements.txt"):
        (project / name).write_text("of another day")

    found = retire_bundled(project)

    assert found.exit_code == 0, found.output
    path = bundle_of(project)
    (tmp_path / "files").mkdir()
    bundle = open_bundle(path, tmp_path / "files")
    assert bundle.wrong == ()
    ledger = before.pop("mlgate-ledger.jsonl")
    assert {role: file.read_bytes() for role, file in bundle.files.items()} == {
        "artifact": before["model.joblib"],
        "sample": before["golden.json"],
        "verdict": before[".mlgate/verdict.json"],
        "card": before["MODEL_CARD.md"],
        "configuration": before["mlgate.toml"],
        "schema": before["contract.py"],
        "profile": before["train.json"],
        "notes": before["train.json"],
        "lock": before["requirements.txt"],
        "record": before["model.joblib.mlgate.json"],
        "policy": bundle.files["policy"].read_bytes(),
        "ledger": ledger,
    }
    assert hashlib.sha256(bundle.files["policy"].read_bytes()).hexdigest() == promotion.policy
    assert last(project).kept == {"bundle": FileSeen(path=f"mlgate-archive/{path.name}", digest=bundle.digest)}
    assert last(project).forced == ()
    assert bundle.manifest.retirement.reason == "too old"
    assert not bundle.manifest.absent
    assert f"bundle mlgate-archive/{path.name}: 12 files" in found.output
    place = f"mlgate-archive/{path.name} (sha256:{bundle.digest[:12]})"
    assert f"kept until 2030-12-31: {place}" in run(project, "history").output


@pytest.mark.parametrize("role", ["artifact", "sample", "verdict"])
def test_what_is_essential_and_lost_is_refused_and_then_accepted_by_name(project: Path, role: str) -> None:
    event = last(project)
    seen = {"artifact": FileSeen(path=event.path, digest=event.artifact), **event.kept}[role]
    (project / seen.path).write_bytes(b"of another day")
    for copy in (project / "mlgate-archive").glob(f"{seen.digest}.*"):
        copy.unlink()
    before = files(project)

    refused = retire_bundled(project)

    assert refused.exit_code == 1
    assert f"the bundle would lack what is essential; {role}: the file with SHA-256" in refused.output
    assert f"--without {role}" in refused.output
    assert files(project) == before

    found = retire_bundled(project, "--without", role)

    assert found.exit_code == 0, found.output
    assert f"without {role}: the file with SHA-256" in found.output
    (forced,) = last(project).forced
    assert forced.startswith(f"{role}: the file with SHA-256")


def test_what_must_not_be_kept_is_left_out_and_said_for_ever(project: Path) -> None:
    found = retire_bundled(project, "--without", "sample", "--without", "profile")

    assert found.exit_code == 0, found.output
    assert last(project).forced == ("sample: left out on purpose",)
    assert {"without sample: left out on purpose", "without profile: left out on purpose"} <= {
        line.strip() for line in found.output.splitlines()
    }
    assert "FORCED: sample: left out on purpose" in run(project, "history").output


def test_a_bundle_may_lie_elsewhere_and_replaces_nothing(project: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.zip").write_bytes(b"mine")
    before = files(project)
    refused = retire_bundled(project, "--bundle", str(tmp_path / "mine.zip"))
    assert (refused.exit_code, files(project)) == (1, before)
    assert "mine.zip: is there already; nothing was changed" in refused.output

    found = retire_bundled(project, "--bundle", str(tmp_path / "new" / "v1.zip"))

    assert found.exit_code == 0, found.output
    assert last(project).kept["bundle"].path == str(tmp_path / "new" / "v1.zip")
    assert not [*(project / "mlgate-archive").glob("*.zip")]


def test_without_an_archive_the_bundle_needs_a_place(project: Path) -> None:
    text = (project / "mlgate.toml").read_text()
    (project / "mlgate.toml").write_text(
        text.replace("[lifecycle.keep]", '[lifecycle]\narchive = ""\n[lifecycle.keep]')
    )

    found = retire_bundled(project)

    assert found.exit_code == 1
    assert "the configuration keeps no archive that the bundle could lie in" in found.output


def test_a_version_that_never_served_has_no_bundle_unless_one_is_named(path: Path) -> None:
    ledger = after(read_ledger(path), "promote", "v4", "validation")
    write(path, after(ledger, "promote", "v5", "validation"))

    found = retire("v4")

    assert found.exit_code == 0, found.output
    assert "no bundle: it never was in production" in found.output
    assert not (path.parent / "mlgate-archive").exists()
    assert "essential" in retire("v5", "--bundle", "v5.zip").output


def test_of_two_files_of_one_name_each_has_its_own_lines(path: Path) -> None:
    base = read_ledger(path)
    ours, theirs = (
        after(base, "promote", "v4", "validation", artifact=digest_of(file), id=file) for file in ("one", "other")
    )
    write(path, ours)
    path.write_bytes(path.read_bytes() + theirs.lines[-1].raw + b"\n")
    merged = CliRunner().invoke(app, ["ledger", "merge", "--reason", "both were meant", "--actor", "Ada"])
    assert merged.exit_code == 0, merged.output
    name = f"v4@{digest_of('other')[:8]}"
    lost = (*("--without", "artifact"), *("--without", "sample"), *("--without", "verdict"))

    for version, file in (("v4", "one"), (name, "other")):
        assert retire(version, "--bundle", f"{file}.zip", *lost).exit_code == 0
        with zipfile.ZipFile(f"{file}.zip") as archive:
            (event,) = map(json.loads, archive.read("ledger.jsonl").splitlines())
        assert event["id"] == file
    said = CliRunner().invoke(app, ["replay", "other.zip", "--json"]).output
    assert {fault["what"] for fault in json.loads(said)["faults"]} == {"artifact", "sample"}


def test_where_the_ledger_is_not_written_no_bundle_stays(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = files(project)

    def full(*_: object, **__: object) -> None:
        raise InputError("mlgate-ledger.jsonl: cannot be written: No space left on device; nothing was changed")

    monkeypatch.setattr(retiring, "append", full)

    found = retire_bundled(project)

    assert found.exit_code == 1
    assert "No space left on device" in found.output
    assert files(project) == before


def test_killed_before_the_ledger_knows_it_is_done_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = (project / "mlgate-ledger.jsonl").read_bytes()

    def killed() -> None:
        monkeypatch.setattr(retiring, "append", lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
        retire_bundled(project)

    assert exit_code(forked(killed)) == -signal.SIGKILL
    left = bundle_of(project)
    assert (project / "mlgate-ledger.jsonl").read_bytes() == ledger

    found = retire_bundled(project)

    assert found.exit_code == 0, found.output
    assert bundle_of(project) == left, "the same content is the same file"
    assert last(project).kept["bundle"].digest == hashlib.sha256(left.read_bytes()).hexdigest()


def test_a_slip_of_the_pen_is_no_name_of_a_part(path: Path) -> None:
    found = retire("v1", "--without", "sampel")

    assert found.exit_code == 2
    assert "did you mean `sample`?" in found.output
