"""A model that misbehaves in a real run: one outcome in bounded time, and gates that do not ask it are unaffected."""

from __future__ import annotations

import re
import time

import numpy as np
import pandas as pd
import pytest

from tests.plugin.conftest import Project

pytestmark = pytest.mark.slow  # a run each, some to their time limit

MODELS = """
    import ctypes, os, signal, socket, sys, time
    import numpy as np

    held = []

    def exits(X):
        sys.stderr.write("that is it\\n")
        sys.stderr.flush()
        os._exit(3)

    def killed(X):
        os.kill(os.getpid(), signal.SIGKILL)

    def leaves(X):
        sys.exit("enough")

    def crashes(X):
        ctypes.string_at(0)

    def leaks(X):
        while True:
            held.append(np.ones(1 << 20))

    def connects(X):
        socket.create_connection(("127.0.0.1", 9))

    def hangs(X):
        time.sleep(600)
"""
CONFIG = """
    [model]
    candidate = "misbehaving:{name}"
    timeout = {timeout}
    memory = 0.5

    [data]
    target = "late"
    holdout = "holdout.csv"

    [gates.behaviour]
    relations = ["determinism"]

    [[gates.toy]]
    name = "a"
"""
SAID = {
    "exits": r"ended its own process with exit status 3 \(os\._exit\?\); last lines of its stderr: that is it",
    "killed": r"ended its process by SIGKILL, perhaps out of memory",
    "leaves": r"predict called sys\.exit\(enough\)",
    "crashes": r"ended its process by SIGSEGV, a segmentation fault",
    "leaks": r"ran out of the 0\.5 GiB that it may use",
    "connects": r"opened a network connection to 127\.0\.0\.1:9, and was refused",
    "hangs": r"gave no answer within 20 s",
}


@pytest.mark.parametrize("name", SAID)
def test_a_misbehaving_model_is_one_outcome_and_other_gates_go_on(project: Project, name: str) -> None:
    project.write("misbehaving.py", MODELS)
    project.write("mlgate.toml", CONFIG.format(name=name, timeout=20 if name == "hangs" else 120))
    rows = pd.DataFrame({"a": np.arange(6.0), "late": [0, 1] * 3})
    rows.to_csv(project.path / "holdout.csv", index=False)
    start = time.monotonic()

    result = project.spawn()

    verdict = {check.id: check for check in project.verdict().checks}
    (told,) = (check for check in verdict.values() if check.gate == "behaviour")
    assert result.ret == 1
    assert verdict["toy[a]"].outcome.value == "pass"
    assert told.outcome.value == "error"
    assert re.search(SAID[name], told.message), told.message
    assert time.monotonic() - start < 150
