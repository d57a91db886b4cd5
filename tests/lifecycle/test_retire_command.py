"""`mlgate retire`: for ever, with a reason and a day; neither what serves nor the only way back."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.events import Event
from pytest_mlgate.lifecycle.ledger import Ledger
from tests.lifecycle.made import MODEL, to_production, write


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
    return CliRunner().invoke(app, ["retire", version, "--reason", reason, "--kept-until", until, *options])


def test_a_version_is_retired_with_its_reason_and_day(path: Path) -> None:
    found = retire("v1", "--actor", "Ada")

    assert (found.exit_code, found.output) == (0, "flights-late v1 is retired\n")
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

    assert found.output == "flights-late v3 is retired; nothing serves\n"
    assert read_ledger(path).model(MODEL).serving is None


@pytest.mark.parametrize(
    ("options", "message"),
    [({"reason": " "}, "--reason is blank"), ({"until": "some day"}, "--kept-until some day: is no day")],
)
def test_a_reason_and_a_day_are_given(path: Path, options: dict[str, str], message: str) -> None:
    found = retire("v1", **options)

    assert found.exit_code == 2
    assert message in found.output
