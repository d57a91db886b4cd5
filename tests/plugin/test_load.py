"""Free when unused: what loading the plugin loads."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.plugin.conftest import Project

_ADDED = """
import json, sys
import pytest
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize("module", ["pytest_mlgate", "pytest_mlgate.plugin", "pytest_mlgate.collection"])
def test_loading_loads_nothing_but_us_and_the_standard_library(module: str) -> None:
    command = [sys.executable, "-c", _ADDED.format(module=module)]
    added = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)

    tops = {name.partition(".")[0] for name in added}
    assert tops - set(sys.stdlib_module_names) == {"pytest_mlgate"}


_HEAVY = (
    "numpy",
    "pandas",
    "pydantic",
    "scipy",
    "sklearn",
    "joblib",
    "pandera",
    "hypothesis",
    "pyarrow",
    "typer",
    "rich",
)


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["one process", "a worker"])
def test_an_unused_plugin_loads_nothing_heavy_in_a_whole_session(project: Project, arguments: tuple[str, ...]) -> None:
    project.write("mlgate.toml", "[gates.toy]\n")
    project.write(
        "test_x.py",
        f"""
        import sys

        def test_n():
            assert not sorted(set(sys.modules) & set({_HEAVY!r}))
        """,
    )

    result = project.pytester.runpytest_subprocess(
        "-p", "no:hypothesispytest", "-p", "no:cacheprovider", *arguments, "-v", timeout=60
    )

    result.assert_outcomes(passed=1)


def test_an_unused_plugin_loads_of_itself_the_hooks_and_the_fixtures_only(project: Project) -> None:
    project.write(
        "test_x.py",
        """
        import sys

        def test_n():
            ours = sorted(name for name in sys.modules if name.startswith("pytest_mlgate"))
            names = ("", ".fixtures", ".gates", ".plugin", ".transport")
            assert ours == ["pytest_mlgate" + name for name in names]
        """,
    )

    project.pytester.runpytest_subprocess("-p", "no:hypothesispytest", timeout=60).assert_outcomes(passed=1)


def test_gates_that_need_no_data_load_no_numerical_library(project: Project) -> None:
    project.configure("pass")
    project.write(
        "conftest.py",
        """
        import sys

        def pytest_unconfigure():
            heavy = {"numpy", "pandas", "scipy", "sklearn", "joblib", "pandera", "pyarrow", "typer"}
            print("loaded:", sorted(heavy & set(sys.modules)))
        """,
    )

    result = project.spawn("-s")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["loaded: [[]]"])
