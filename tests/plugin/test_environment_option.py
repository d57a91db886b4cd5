"""``--mlgate-env``: what is named reaches the gate from any folder, in a worker too, never left out in silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.plugin.conftest import Project

# Of the gate's questions the one about environments alone, of a model that lives in the test's own process.
CONFTEST = """
import pandas as pd
import pytest
from sklearn.dummy import DummyRegressor

from pytest_mlgate.gates.roundtrip import asking

asking.QUESTIONS = tuple(one for one in asking.QUESTIONS if one[0] == "MLG454")

@pytest.fixture
def mlgate_candidate():
    return DummyRegressor().fit(pd.DataFrame({"a": [0.0]}), [1.0])

@pytest.fixture
def mlgate_holdout():
    return pd.DataFrame({"a": [0.0, 1.0]})
"""


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["alone", "worker"])
def test_an_environment_is_meant_from_where_pytest_was_called(project: Project, workers: tuple[str, ...]) -> None:
    project.write("conftest.py", CONFTEST)
    project.write("mlgate.toml", "[gates.roundtrip]\n")

    project.run("--mlgate-env", "missing/python", "--mlgate-env=python9.9", *workers)

    assert project.checks() == {
        "roundtrip:in python": f"there is no interpreter '{project.path}/missing/python'",
        "roundtrip:in python9.9": "there is no interpreter 'python9.9'",
    }


def test_a_gate_of_a_handwritten_test_is_told_too(project: Project) -> None:
    project.write("conftest.py", CONFTEST)
    project.write("test_own.py", "def test_own(mlgate):\n    mlgate.roundtrip()\n")

    result = project.plain("--mlgate-env", "python9.9")

    result.stdout.fnmatch_lines(["*roundtrip*:in python9.9  error: there is no interpreter 'python9.9'*"])


def test_an_environment_that_no_gate_would_try_is_a_usage_error(gated: Project) -> None:
    result = gated.run("--mlgate-env", "python3")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*--mlgate-env: no ?gates.roundtrip? is configured, which would try the model there"])


def test_no_environment_is_asked_for_by_default(project: Project) -> None:
    project.write("conftest.py", CONFTEST)
    project.write("mlgate.toml", "[gates.roundtrip]\n")

    project.run()

    assert list(project.checks().values()) == ["roundtrip made no check"]
    assert not Path(project.path, "missing").exists()
