"""A project with one version in production and everything kept of it, and bundles of it with changed parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from typer.testing import CliRunner, Result

from pytest_mlgate.artifacts.record import record_path
from pytest_mlgate.checks import Check, Waiver
from pytest_mlgate.cli import app
from pytest_mlgate.lifecycle.bundle import Source, open_bundle, write_bundle
from tests.lifecycle.world import World

LATER = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
CHECKS = (
    Check(code="MLG600", gate="card", outcome="pass", message="m"),
    Check(code="MLG451", gate="roundtrip", outcome="pass", message="answers as the judged model does"),
    Check(
        code="MLG504",
        gate="drift",
        subject="a",
        outcome="fail",
        message="D is 0.31",
        waiver=Waiver(check="drift:a", reason="no second summer yet", author="Ada", expires=LATER),
    ),
)


def promoted(path: Path) -> Path:
    """Make a project in a folder and lead its only version up to production."""
    world = World(path)
    (path / "requirements.txt").write_text("numpy==2.4.0\n")
    (path / "contract.py").write_text("Toys = 'never imported'\n")
    (path / "train.json").write_text('{"a": "profile"}')
    record_path(path / "model.joblib").write_text('{"a": "record"}')
    text = (path / "mlgate.toml").read_text()
    text = text.replace("[gates.roundtrip]\n", '[gates.roundtrip]\nlock = "requirements.txt"\n')
    text += (
        '\n[gates.schema]\nschema = "contract:Toys"\n[lifecycle.keep]\nprofile = "train.json"\nnotes = "train.json"\n'
    )
    (path / "mlgate.toml").write_text(text)
    taken = world.run("golden", "predictions", "--to", str(path / "golden.json"), "--rows", "5")
    assert taken.exit_code == 0, taken.output
    for stage in ("validation", "pre-production", "production"):
        world.judged(stage, {"checks": CHECKS})
        found = world.promote(stage, "--version", "v1", "--approver", "Grace", "--first-version")
        assert found.exit_code == 0, found.output
    return path


def run(path: Path, *arguments: str) -> Result:
    """Run a command with a project's configuration."""
    return CliRunner().invoke(app, [*arguments, "--config", str(path / "mlgate.toml")])


def retire(path: Path, *options: str) -> Result:
    """Retire the version."""
    said = ("--reason", "too old", "--kept-until", "2030-12-31", "--actor", "Ada", "--end-of-service")
    return run(path, "retire", "v1", *said, *options)


def bundle_of(path: Path) -> Path:
    """Return the only bundle in a project's archive."""
    (found,) = (path / "mlgate-archive").glob("*.zip")
    return found


def resealed(bundle: Path, changes: Mapping[str, bytes | None], to: Path, **manifest: Any) -> Path:
    """Write a bundle once more with other parts, every digest of it right: what a forger can do."""
    with TemporaryDirectory() as folder:
        found = open_bundle(bundle, Path(folder))
        assert not found.wrong
        sources = {
            role: Source(content=found.files[role].read_bytes(), said=member.source)
            for role, member in found.manifest.files.items()
        }
    for role, content in changes.items():
        if content is None:
            del sources[role]
        else:
            sources[role] = Source(content=content, said=sources[role].said if role in sources else f"{role}.json")
    about = replace(found.manifest, files={}, **manifest)
    return write_bundle(about, sources, folder=to.parent, to=to).path
