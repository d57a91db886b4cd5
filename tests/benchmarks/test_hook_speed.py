"""How long a hook takes: ``pytest -m benchmark -s tests/benchmarks/test_hook_speed.py``."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.measuring import tell

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "example_project"
RUNS = 15
HOOKS = {
    "mlgate-config": ("config", "check", str(EXAMPLE / "mlgate.toml")),
    "mlgate-config, a pyproject.toml of none of ours": ("config", "check", str(ROOT / "pyproject.toml")),
    "mlgate-card": ("card", "lint", str(EXAMPLE / "MODEL_CARD.md")),
}


@pytest.mark.benchmark
@pytest.mark.parametrize("name", HOOKS)
def test_wall_time_of_a_hook_on_the_example(name: str, tmp_path: Path) -> None:
    """Print the times; with bytecode at hand, as in the environment that pre-commit makes."""
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env["PYTHONPYCACHEPREFIX"] = str(tmp_path)
    command = [str(Path(sys.executable).with_name("mlgate")), *HOOKS[name]]
    codes, seconds = [], []
    for _ in range(RUNS + 1):  # the first one writes the bytecode
        start = time.perf_counter()
        codes.append(subprocess.run(command, env=env, capture_output=True, check=False).returncode)
        seconds.append(time.perf_counter() - start)

    tell(name, {"hook": seconds[1:]}, unit="s, wall")
    assert set(codes) == {0}
