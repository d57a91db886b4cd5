"""The documentation's adapter for Weights & Biases, as it stands there, in W&B's own offline mode."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_mlgate.lifecycle.appending import read_ledger
from tests.lifecycle.folder_registry import provide
from tests.lifecycle.world import World

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "registries.md"

PROGRAM = """
import sys
from pathlib import Path
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.registries import registry_of
from tests.lifecycle.world import World
from typer.testing import CliRunner
from pytest_mlgate.cli import app
import wandb_registry

world = World.__new__(World)
world.path = Path.cwd()
place = load_config(Path("mlgate.toml")).place
registry = wandb_registry.open_registry(place.options, place)

def said(*arguments):
    found = CliRunner().invoke(app, list(arguments))
    print(found.exit_code, found.output)

assert registry.register("model.joblib") == "toys/1"
world.judged("validation")
said("promote", "--to", "validation", "--actor", "Ada")
said("history")
world.model(0.1)
assert registry.register("model.joblib") == "toys/2"
registry.set_alias("next", "toys/2")
said("history")
said("registry", "sync", "--restore")
said("retire", "1", "--reason", "r", "--kept-until", "2030-12-31")
"""


def test_a_promotion_is_told_to_weights_and_biases_in_runs_that_can_be_sent_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    (adapter,) = (block for block in blocks if "class WandbRegistry" in block)
    site = tmp_path / "site"
    provide(site, monkeypatch, name="wandb", module="wandb_registry")
    (site / "wandb_registry.py").write_text(adapter)
    path = tmp_path / "project"
    path.mkdir()
    World(path)
    text = (path / "mlgate.toml").read_text().replace('"model.joblib"', '"wandb:toys/1"')
    lifecycle = '\n[lifecycle]\nregistry = "wandb"\noptions = { project = "toys" }\naliases = { validation = "next" }\n'
    (path / "mlgate.toml").write_text(text + lifecycle)
    folders = {f"WANDB_{name}_DIR": str(tmp_path / "wandb") for name in ("DATA", "CACHE", "CONFIG")}
    environment = {**os.environ, **folders, "WANDB_MODE": "offline", "PYTHONPATH": f"{site}{os.pathsep}{ROOT}"}

    found = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, cwd=path, env=environment
    )

    assert found.returncode == 0, found.stderr
    promoted, told, moved, restored, retired = re.split(r"^(?=\d )", found.stdout, flags=re.MULTILINE)[1:]
    assert promoted.startswith("0 toys 1 is in validation"), found.stdout
    assert told.startswith("0 "), told
    assert "registry wandb says the same" in told
    assert moved.startswith("1 "), moved
    assert "next points to toys/2 (no version that the ledger knows), and by the ledger to toys/1 (1)" in moved
    assert restored.startswith("0 "), restored
    assert retired.startswith("3 "), retired  # no alias can be removed offline
    assert "W&B cannot remove the alias next offline" in retired
    journal = json.loads((path / "wandb-registry" / "journal.json").read_text())
    assert journal["aliases"] == {"next": "toys/1"}
    head, *_ = read_ledger(path / "mlgate-ledger.jsonl").lines
    assert journal["versions"]["toys/1"]["mlgate.ledger"] == head.digest
    runs = b"".join(file.read_bytes() for file in path.glob("wandb-registry/wandb/offline-run-*/run-*.wandb"))
    for what in (b"next", b"mlgate.ledger", head.digest.encode(), b"verdict.json"):
        assert what in runs, what
