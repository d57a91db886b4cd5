"""Environments that a model is tried in: found as they are, or made from a lock file, once and whole. No network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pytest_mlgate.artifacts import environments
from pytest_mlgate.artifacts.environments import Environment, absolute, cache_folder, find_environment
from pytest_mlgate.artifacts.interpreters import ask, find_interpreter
from pytest_mlgate.checks import InputError


def a_wheel(folder: Path, name: str, version: str, *requires: str) -> Path:
    """Write the smallest wheel of a distribution with one module of its name."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{name}.py", f"version = {version!r}\n")
        archive.writestr(f"{info}/METADATA", metadata + "".join(f"Requires-Dist: {one}\n" for one in requires))
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a requirements file, whose packages lie beside it."""
    folder = tmp_path / "a service"
    (folder / "wheels").mkdir(parents=True)
    for name, version in (("shop", "1.2"), ("shop", "2.0"), ("runner", "3.0"), ("runner", "4.0")):
        a_wheel(folder / "wheels", name, version, *(["shop<2"] if (name, version) == ("runner", "3.0") else []))
    lines = "--no-index\n--find-links wheels\nshop==1.2\n"
    (folder / "requirements.txt").write_text(lines)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("PIP_FIND_LINKS", "UV_FIND_LINKS"):
        monkeypatch.setenv(name, (folder / "wheels").as_uri())
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (tmp_path / "index").mkdir()
    monkeypatch.setenv("UV_DEFAULT_INDEX", (tmp_path / "index").as_uri())  # an empty one
    return folder


def make(service: Path, said: str = "requirements.txt", **options: Any) -> Environment:
    return find_environment(said, folder=service, **options)


def test_an_interpreter_is_found_by_path_by_command_and_by_the_folder_of_its_environment(tmp_path: Path) -> None:
    here = ask(sys.executable)
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    wrapper.chmod(0o755)

    assert here.version == here.markers["python_full_version"] == sys.version.split()[0].rstrip("+")
    assert "pytest" in here.installed
    for said in (sys.executable, "venv", "./python"):
        assert find_environment(said, folder=tmp_path).interpreter.version == here.version
    assert find_interpreter("python3", folder=tmp_path).version


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("#!/bin/sh\necho bad library >&2\nexit 3\n", "gives no answer: bad library"),
        ("#!/bin/sh\necho '{}'\n", r"gives no answer \(exit status 0\)"),
        ("#!/no/such/thing\n", "does not run"),
    ],
)
def test_an_interpreter_that_does_not_answer_is_one_message(tmp_path: Path, content: str, says: str) -> None:
    (tmp_path / "python").write_text(content)
    (tmp_path / "python").chmod(0o755)

    with pytest.raises(InputError, match=says):
        find_environment("./python", folder=tmp_path)


def test_what_is_nothing_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "environment.yml").write_text("dependencies:\n- numpy=2.4.6\n")
    (tmp_path / "uv.lock").write_text('version = 1\nrequires-python = ">=3.99"\n[[package]]\nname="a"\nversion="1"\n')

    for said, says in {
        "python9.9": "there is no interpreter 'python9.9'",
        "missing/python": "there is no interpreter 'missing/python'",
        "missing.txt@python3": "'missing.txt' is no lock file",
        "folder": "is no virtual environment: it has no bin/python",
        "folder@python3": "'folder' is no lock file",
        "environment.yml": "environment.yml is of conda, and is not made here",
        "uv.lock": r"the lock file asks for Python >=3.99, and this is 3\.",
        "uv.lock@python9.9": "there is no interpreter 'python9.9'",
    }.items():
        with pytest.raises(InputError, match=says):
            find_environment(said, folder=tmp_path)


@pytest.mark.parametrize("maker", ["uv", pytest.param("pip", marks=pytest.mark.slow)])
def test_a_lock_file_becomes_an_environment_once(service: Path, maker: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if maker == "pip":
        monkeypatch.setattr(environments, "_uv", lambda: None)

    made = make(service, needs=["runner", "shop"])
    again = make(service, needs=["runner", "shop"])

    # 4.0 is newer, and what the lock file pins keeps its version: nothing of it needs to move
    assert (made.maker, made.fresh, made.added) == (maker, True, ("runner==4.0",))
    assert made.interpreter.installed["shop"] == "1.2"
    assert (again.fresh, again.interpreter.path) == (False, made.interpreter.path)
    assert Path(made.interpreter.path).is_relative_to(cache_folder())
    said = subprocess.run([made.interpreter.path, "-c", "import shop; print(shop.version)"], capture_output=True)
    assert said.stdout == b"1.2\n"


class TestMade:
    """By uv, since pip needs seconds for each; what is asked does not depend on it."""

    def test_another_lock_another_need_and_another_form_are_other_environments(self, service: Path) -> None:
        first = make(service)
        (service / "requirements.txt").write_text("shop==2.0\n")
        second = make(service)
        third = make(service, needs=["runner"])

        assert second.interpreter.installed["shop"] == "2.0"
        assert len({one.interpreter.path for one in (first, second, third)}) == 3

    def test_a_half_made_one_is_never_used(self, service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        made = make(service)
        folder = Path(made.interpreter.path).parents[1]
        os.remove(folder / "mlgate-env.json")  # as if it had been killed just before
        (folder / "left").touch()

        again = make(service)

        assert again.fresh
        assert not (folder / "left").exists()

    def test_an_installer_that_fails_leaves_nothing_and_says_its_last_lines(self, service: Path) -> None:
        (service / "requirements.txt").write_text("--index-url https://user:secret@packages.example.org\nshop==9.9\n")

        with pytest.raises(
            InputError, match=r"uv could not install what requirements.txt names: exit status \d"
        ) as one:
            make(service)

        assert "shop" in one.value.message.partition("|")[2]
        assert "secret" not in one.value.message
        assert [path.suffix for path in cache_folder().iterdir()] == [".lock"]

    def test_what_is_needed_never_moves_what_is_pinned(self, service: Path) -> None:
        (service / "requirements.txt").write_text("shop==2.0\n")
        a_wheel(service / "wheels", "runner_x", "1.0", "shop<2")

        with pytest.raises(InputError, match=r"could not install runner-x, which asking a model needs, beside it"):
            make(service, needs=["runner-x"])

    def test_two_runs_at_once_make_one(self, service: Path) -> None:
        found: list[Environment] = []
        threads = [threading.Thread(target=lambda: found.append(make(service))) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(one.fresh for one in found) == [False, False, True]

    def test_an_installer_that_does_not_end_is_ended(self, service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        slow = service / "uv"
        slow.write_text("#!/bin/sh\necho resolving https://user:secret@packages.example.org\nsleep 600\n")
        slow.chmod(0o755)
        monkeypatch.setattr(environments, "_uv", lambda: str(slow))

        with pytest.raises(InputError, match=r"no end within 0.5 s\n    \| resolving https://\*\*\*@packages"):
            make(service, timeout=0.5)

    def test_a_lock_with_hashes_is_installed_without_resolving(self, service: Path) -> None:
        import hashlib

        digest = hashlib.sha256((service / "wheels" / "runner-3.0-py3-none-any.whl").read_bytes()).hexdigest()
        text = (
            'version = 1\n[[package]]\nname = "app"\nsource = { virtual = "." }\ndependencies = [{ name = "runner" }]\n'
            '[[package]]\nname = "runner"\nversion = "3.0"\n'
            'wheels = [{ url = "https://packages.example.org/runner-3.0-py3-none-any.whl", hash = "sha256:%s" }]\n'
        )
        (service / "uv.lock").write_text(text % digest)
        (service / "forged.lock").write_text(text % ("0" * 64))

        installed = make(service, "uv.lock").interpreter.installed

        assert (installed.get("runner"), installed.get("shop")) == ("3.0", None)
        with pytest.raises(InputError, match=r"could not install what forged\.lock names"):
            make(service, "forged.lock")


def test_what_is_meant_is_the_same_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "r.txt").touch()
    (tmp_path / "odd@name").mkdir()
    for said, meant in {
        "r.txt": f"{tmp_path}/r.txt",
        "r.txt@python3.12": f"{tmp_path}/r.txt@python3.12",
        "r.txt@venv/bin/python": f"{tmp_path}/r.txt@{tmp_path}/venv/bin/python",
        "odd@name": f"{tmp_path}/odd@name",
        "python3.12": "python3.12",
        "/opt/service": "/opt/service",
    }.items():
        assert absolute(said, folder=tmp_path) == meant
        assert absolute(meant, folder=tmp_path / "elsewhere") == meant


def test_a_cache_that_cannot_be_written_is_one_message(service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (service / "file").touch()

    with pytest.raises(InputError, match=r"environment 'requirements.txt' cannot be made: .*Not a directory"):
        make(service, cache=service / "file" / "envs")


def test_the_cache_is_the_users_own_and_can_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "pytest-mlgate" / "envs"

    monkeypatch.setenv("XDG_CACHE_HOME", "relative")  # the standard says: no such value
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder().is_relative_to(tmp_path)

    monkeypatch.setattr(Path, "home", lambda: (_ for _ in ()).throw(RuntimeError()))
    with pytest.raises(InputError, match="there is no home folder") as caught:
        cache_folder()
    assert caught.value.fix == "set XDG_CACHE_HOME"


def test_this_runs_own_packages_do_not_reach_another_interpreter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    (tmp_path / "json.py").write_text("raise SystemExit('mine')")

    assert ask(sys.executable).version
    assert "PYTHONPATH" not in environments.own_environment()
    assert json.dumps({})
