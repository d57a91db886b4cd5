"""Shared by all tests: pytester, and a third party's gates that answer what their settings say."""

from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path

# Workers share the cores: with threads of its own in each, scikit-learn's boosting waits in loops for the other's, and
# takes twenty times as long. To be set before the libraries are loaded.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import jsonschema  # noqa: F401
import numpy as np  # noqa: F401
import pandas as pd  # noqa: F401
import pyarrow.parquet  # noqa: F401
import pytest
from hypothesis import HealthCheck, settings

import pytest_mlgate

if os.environ.get("MLGATE_TESTED") == "wheel" and "site-packages" not in pytest_mlgate.__file__:
    pytest.exit(f"the installed package is to be tested, and {pytest_mlgate.__file__} was loaded", returncode=4)

# An in-process session forgets what it imported. Extension modules cannot be imported twice, and of a module of ours
# that was, there would be two of each class, of which a test may hold the one and the gate the other.
for module in pkgutil.walk_packages(pytest_mlgate.__path__, "pytest_mlgate."):
    importlib.import_module(module.name)

# A busy machine is no failure of a property; where nobody is there to look at a new example, the same ones are tried.
settings.register_profile(
    "mlgate", deadline=None, derandomize=bool(os.environ.get("CI")), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("mlgate")

pytest_plugins = ["pytester"]

_TOY = '''
"""A third party's gates: the checks of ``toy`` are what its settings say, that of ``rows`` is what it was given."""
import os
import time
from pathlib import Path

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.base import Code, Gate, GateSettings


class Settings(GateSettings):
    answer: str = "pass"
    subject: str = ""
    seconds: float = 0.0
    level: str = "block"
    uses: float = 0.5


def run(settings, inputs):
    if settings.seconds:
        Path("asleep").touch()
        time.sleep(settings.seconds)
    answer = settings.answer
    if answer == "next":  # of a list of answers in a file, so that repeated runs differ
        file = Path("answers.txt")
        answer, *rest = file.read_text().split()
        file.write_text(" ".join(rest))
    if answer == "raise":
        raise RuntimeError("the toy broke")
    if answer == "exit":
        os._exit(3)
    if answer == "nothing":
        return []
    if answer == "interrupt":
        raise KeyboardInterrupt
    if answer == "input":
        raise InputError("holdout.csv: column 'x' is odd", fix="make it even")
    return [Check(code="TOY1", outcome=answer, severity=settings.level, subject=settings.subject,
                  message=f"the toy says {answer}", fix="ask it something else", observed=1, limit=2)]


GATE = Gate(
    name="toy",
    codes=(Code(code="TOY1", title="A toy", why="To test with.", fix="Nothing."),),
    settings=Settings,
    inputs=(),
    optional=("serving",),
    run=run,
)


class NoSettings(GateSettings):
    pass


def count(settings, inputs):
    found = []
    for name in ("holdout", "serving"):
        if inputs.given(name):
            rows = inputs.table(name)
            found.append(f"{name}: {list(rows.columns)}, {len(rows)} rows, sum {int(rows.to_numpy().sum())}")
    return [Check(code="ROW1", outcome="pass", message="; ".join(found), n=len(inputs.table("holdout")))]


ROWS = Gate(
    name="rows",
    codes=(Code(code="ROW1", title="What it was given", why="To test with.", fix="Nothing."),),
    settings=NoSettings,
    inputs=("holdout",),
    optional=("train", "reference", "serving"),  # a reference that nobody names is the training rows
    run=count,
)
'''


@pytest.fixture
def toy_gate(
    pytester: pytest.Pytester, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Install a distribution that brings the gates ``toy`` and ``rows``, for in-process and child sessions alike."""
    site = tmp_path_factory.mktemp("site")
    (site / "toy_gate.py").write_text(_TOY)
    info = site / "toy_gate-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: toy-gate\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[pytest_mlgate.gates]\ntoy = toy_gate:GATE\nrows = toy_gate:ROWS\n")
    pytester.syspathinsert(site)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])]))
    # children of a run without bytecode would rewrite the assertions of every plugin, again and again
    for name in ("GITHUB_STEP_SUMMARY", "GITHUB_ACTIONS", "PYTHONDONTWRITEBYTECODE"):
        monkeypatch.delenv(name, raising=False)
    return site
