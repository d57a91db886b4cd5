"""A project whose model goes up by verdicts of runs that were never made."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import Check
from pytest_mlgate.cli import app
from pytest_mlgate.config import load_config
from pytest_mlgate.verdict import Verdict, write_verdict

CONFIGURATION = """
[model]
name = "toys"
candidate = "model.joblib"

[data]
target = "y"
holdout = "holdout.csv"

[gates.roundtrip]
golden = "golden.json"

[gates.card]
path = "MODEL_CARD.md"

[policy.every.gates]
baseline = "off"
schema = "off"
"""


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class World:
    """A project with a model, and the verdict of a run that was never made."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "mlgate.toml").write_text(CONFIGURATION)
        (path / "MODEL_CARD.md").write_text("# Toys")
        rng = np.random.default_rng(0)
        frame = pd.DataFrame({"a": rng.normal(size=50), "y": rng.integers(0, 2, 50)})
        frame.to_csv(path / "holdout.csv", index=False)
        self.model(1.0)

    def model(self, c: float) -> None:
        """Write another candidate."""
        frame = pd.read_csv(self.path / "holdout.csv")
        joblib.dump(LogisticRegression(C=c).fit(frame[["a"]], frame["y"]), self.path / "model.joblib")

    def judged(self, stage: str, changes: Mapping[str, Any] | None = None) -> Verdict:
        """Write the verdict that promotes what lies here to a stage."""
        config = load_config(self.path / "mlgate.toml")
        made = datetime.now(UTC).isoformat(timespec="seconds")
        verdict = Verdict(
            model="toys",
            stage=stage,
            decision="promote",
            checks=(
                Check(code="MLG451", gate="roundtrip", outcome="pass", message="m"),
                Check(code="MLG600", gate="card", outcome="pass", message="m"),
            ),
            identity={
                "inputs": {
                    "candidate": {"digest": sha(self.path / "model.joblib"), "source": "model.joblib"},
                    "holdout": {"digest": sha(self.path / "holdout.csv"), "source": "holdout.csv", "rows": 50},
                },
                "configuration": config.digest,
                "policy": config.policies.at(stage).digest,
                "code": {"commit": "0" * 40, "clean": True},
                "card": sha(self.path / "MODEL_CARD.md"),
                "files": {name: sha(path) for name, path in config.named_files.items()},
            },
            started=made,
            finished=made,
        )
        verdict = replace(verdict, **(changes or {}))
        write_verdict(verdict, self.path / ".mlgate" / "verdict.json")
        return verdict

    def promote(self, stage: str, *options: str) -> Result:
        return self.run("promote", "--to", stage, "--actor", "Ada", *options)

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(app, [*arguments, "--config", str(self.path / "mlgate.toml")])

    def up(self, version: str, *options: str) -> None:
        """Lead what lies here up to production."""
        found = self.run("golden", "predictions", "--to", str(self.path / "golden.json"), "--rows", "5")
        assert found.exit_code == 0, found.output
        for stage in ("validation", "pre-production", "production"):
            self.judged(stage)
            found = self.promote(stage, "--version", version, "--approver", "Grace", *options)
            assert found.exit_code == 0, found.output

    @property
    def ledger(self) -> Path:
        return self.path / "mlgate-ledger.jsonl"
