"""The public face: names that resolve when they are asked for, and nothing heavy before."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import version

import pytest

import pytest_mlgate


def modules_after(code: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after running ``code``."""
    code = f"{code}\nimport json, sys\nprint(json.dumps(sorted(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(json.loads(found.stdout.splitlines()[-1]))


@pytest.mark.parametrize("name", pytest_mlgate.__all__)
def test_a_public_name_resolves_to_the_thing_of_that_name(name: str) -> None:
    thing = getattr(pytest_mlgate, name)

    assert thing.__name__ == name
    assert thing.__module__.startswith("pytest_mlgate.")
    assert thing.__doc__


def test_the_public_names_are_sorted_and_listed() -> None:
    assert sorted(pytest_mlgate.__all__) == pytest_mlgate.__all__
    assert dir(pytest_mlgate) == sorted([*pytest_mlgate.__all__, "__version__"])


def test_a_star_import_brings_the_public_names() -> None:
    names: dict[str, object] = {}
    exec("from pytest_mlgate import *", names)

    assert set(pytest_mlgate.__all__) <= set(names)


def test_the_version_is_the_installed_one() -> None:
    assert pytest_mlgate.__version__ == version("pytest-mlgate")


@pytest.mark.parametrize("name", ["check_nothing", "Chek", "checks_", "import_module_"])
def test_an_unknown_name_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=rf"^module 'pytest_mlgate' has no attribute '{name}'$"):
        getattr(pytest_mlgate, name)
    assert not hasattr(pytest_mlgate, name)


def test_importing_the_package_loads_the_standard_library_only() -> None:
    loaded = {name.split(".")[0] for name in modules_after("import pytest_mlgate") - modules_after("")}

    assert loaded - sys.stdlib_module_names == {"pytest_mlgate"}


def test_results_can_be_read_without_a_numerical_library() -> None:
    loaded = {
        name.split(".")[0]
        for name in modules_after("from pytest_mlgate import Check, GateResult, Interval") - modules_after("")
    }

    assert loaded - sys.stdlib_module_names == {"pytest_mlgate"}


def test_the_plugin_loads_nothing_that_pytest_has_not_loaded() -> None:
    loaded = {
        name.split(".")[0]
        for name in modules_after("import pytest, pytest_mlgate.plugin") - modules_after("import pytest")
    }

    assert loaded - sys.stdlib_module_names == {"pytest_mlgate"}
