"""Shared by all tests: pytester, and a third party's gate that answers what its settings say."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

_TOY = '''
"""A third party's gate: its checks are what its settings say."""
import os
import time

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.base import Code, Gate, GateSettings


class Settings(GateSettings):
    answer: str = "pass"
    subject: str = ""
    level: str = "block"
    uses: float = 0.5


def run(settings, inputs):
    if settings.answer == "raise":
        raise RuntimeError("the toy broke")
    if settings.answer == "exit":
        os._exit(3)
    if settings.answer == "nothing":
        return []
    if settings.answer == "interrupt":
        raise KeyboardInterrupt
    if settings.answer == "input":
        raise InputError("holdout.csv: column 'x' is odd", fix="make it even")
    return [Check(code="TOY1", outcome=settings.answer, severity=settings.level, subject=settings.subject,
                  message=f"the toy says {settings.answer}", fix="ask it something else", observed=1, limit=2)]


GATE = Gate(
    name="toy",
    codes=(Code(code="TOY1", title="A toy", why="To test with.", fix="Nothing."),),
    settings=Settings,
    inputs=(),
    optional=("serving",),
    run=run,
)
'''


@pytest.fixture
def toy_gate(pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Install a distribution that brings the gate ``toy``, for in-process and child sessions alike."""
    site = tmp_path_factory.mktemp("site")
    (site / "toy_gate.py").write_text(_TOY)
    info = site / "toy_gate-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-gate\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest_mlgate.gates]\ntoy = toy_gate:GATE\n")
    pytester.syspathinsert(site)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])]))
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    return site
