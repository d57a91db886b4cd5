"""`mlgate bundle`: the evidence of what serves in one file, told from a forged one by the ledger's lines."""

from __future__ import annotations

import json
import shlex
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle.events import decode, encode
from tests.docs.pages import ROOT, blocks_of
from tests.docs.shell import commands, compare
from tests.lifecycle.retired import resealed, retire, run


@pytest.fixture
def project(in_production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "project"
    shutil.copytree(in_production, path)
    monkeypatch.chdir(tmp_path)
    return path


@pytest.fixture
def bundle(project: Path, tmp_path: Path) -> Path:
    """What docs/bundles.md shows, with what it shows."""
    (block,) = (block for block in blocks_of(ROOT / "docs" / "bundles.md") if block.mark == "run by")
    (shown,) = commands(block.source)
    found = run(project, *shlex.split(shown.text)[1:])
    assert found.exit_code == 0, found.output
    compare(shown, found.output)
    return tmp_path / "audit.zip"


def replay(path: Path, *options: str) -> Result:
    return CliRunner().invoke(app, ["replay", str(path), *options])


def faults(path: Path, project: Path) -> set[str]:
    """Return what is wrong by the ledger; nothing is asked of the model where that is something."""
    found = json.loads(replay(path, "--json", "--ledger", str(project / "mlgate-ledger.jsonl")).output)
    return {fault["what"] for fault in found["faults"]}


def test_what_serves_is_bundled_and_goes_on_serving(project: Path, tmp_path: Path) -> None:
    before = (project / "mlgate-ledger.jsonl").read_bytes()

    found = run(project, "bundle")

    assert found.exit_code == 0, found.output
    assert found.output.startswith("toys v1 as the ledger knows it\n  bundle toys-v1-")
    assert (project / "mlgate-ledger.jsonl").read_bytes() == before
    (path,) = tmp_path.glob("toys-v1-*.zip")
    told = replay(path, "--ledger", str(project / "mlgate-ledger.jsonl"))
    assert told.exit_code == 0, told.output
    assert told.output.splitlines()[0].endswith("in production when it was written")
    assert told.output.splitlines()[-1] == "REPLAYED: toys v1 answers as then, and its files are those of then"
    assert "retired" not in told.output


def test_a_forged_line_and_a_file_that_no_line_names_are_told_by_the_ledger(project: Path, bundle: Path) -> None:
    lines = [line + b"\n" for line in (project / "mlgate-ledger.jsonl").read_bytes().splitlines()]
    event, _ = decode(lines[0].strip())
    forged = encode(replace(event, actor="Eve"))[0]

    other = resealed(bundle, {"ledger": b"".join([forged, *lines[1:]])}, bundle.with_name("line.zip"))
    more = resealed(bundle, {"review": b"all was well"}, bundle.with_name("more.zip"))
    none = resealed(bundle, {"ledger": None, "verdict": None}, bundle.with_name("none.zip"), absent={"verdict": "lost"})

    assert faults(other, project) == {"ledger"}
    assert faults(more, project) == {"review"}
    assert {"ledger", "artifact"} & faults(none, project) == {"ledger"}
    assert "card" in faults(none, project), "no line says that it was kept"


def test_the_bundle_of_the_retirement_is_no_living_one(project: Path, bundle: Path) -> None:
    """What was written before goes by its lines still; it is not the one that the ledger names."""
    assert retire(project).exit_code == 0

    assert faults(bundle, project) == set()
    assert "is retired" in run(project, "bundle", "v1").output
    assert "no version of toys serves" in run(project, "bundle").output


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("v2",), 1, "the ledger knows no version 'v2' of toys\n    fix: known are: v1"),
        (("--without", "smaple"), 2, "did you mean `sample`?"),
        (("--to", "audit.zip"), 1, "is there already"),
    ],
)
def test_what_cannot_be_bundled(
    project: Path, bundle: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    found = run(project, "bundle", *arguments)

    assert found.exit_code == code
    assert message in found.output


def test_a_version_that_never_served_has_no_evidence_yet(project: Path) -> None:
    shutil.rmtree(project / "mlgate-archive")
    ledger = project / "mlgate-ledger.jsonl"
    ledger.write_bytes(ledger.read_bytes().splitlines(keepends=True)[0])

    assert "never was in production: nothing was kept of it" in run(project, "bundle", "v1").output
