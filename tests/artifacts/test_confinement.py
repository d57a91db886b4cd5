"""What a model's process may use, and which interpreter it is: each limit is an outcome of its own."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from pytest_mlgate.artifacts.backends import import_in_process
from pytest_mlgate.artifacts.launch import Launch
from pytest_mlgate.artifacts.model import Model, ModelError, load_model

from .conftest import rows

GREEDY = """
import os, socket, sys
import numpy as np

held = []

def answers(X):
    return np.arange(len(X))

def leaks(X):
    while True:
        held.append(np.ones(1 << 20))

def asks_for_too_much(X):
    np.ones(1 << 40)

def fills_the_disk(X):
    with open("file", "wb") as stream:
        stream.seek(1 << 40)
        stream.write(b"x")

def connects(X):
    socket.create_connection(("127.0.0.1", 9))

def opens(X):
    socket.socket()

def opens_below_python(X):
    import _socket
    _socket.socket().connect(("127.0.0.1", 9))

def asks_for_a_name(X):
    socket.gethostbyname("localhost")

def sends(X):
    import urllib.request
    urllib.request.urlopen("http://models.invalid/weights")

def goes_on_without(X):
    try:
        socket.create_connection(("telemetry.invalid", 443))
    except OSError:
        return answers(X)

def talks_to_itself(X):
    import asyncio, multiprocessing
    asyncio.run(asyncio.sleep(0))
    one, other = socket.socketpair()
    one.send(b"x")
    multiprocessing.Pipe()
    return answers(X) + len(other.recv(1))

def floods(X):
    for descriptor in (1, 2):
        for _ in range(50):
            os.write(descriptor, b"x" * (1 << 20))
    return answers(X)

CASES = {name: value for name, value in globals().items() if callable(value)}

def predict(X):
    return CASES[X["case"].iloc[0]](X)
"""
GIB = 1024**3


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("greedy")
    (folder / "greedy.py").write_text(dedent(GREEDY), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def greedy(folder: Path) -> Iterator[Model]:
    model = load_model("greedy:predict", root=folder, memory=GIB, timeout=60)
    yield model
    model.close()


REFUSED = {
    "connects": r"predict opened a network connection to 127\.0\.0\.1:9, and was refused \(greedy\.py:\d+, in connects",
    "opens": r"predict opened a network socket, and was refused \(greedy\.py:\d+",
    "opens_below_python": r"predict opened a network connection to 127\.0\.0\.1:9, and was refused",
    "asks_for_a_name": r"predict opened a network connection to localhost, and was refused",
    "sends": r"predict opened a network connection to models\.invalid:80, and was refused",
    "asks_for_too_much": r"predict ran out of the 1 GiB that it may use: .*\(greedy\.py:\d+, in asks_for_too_much",
    "fills_the_disk": r"predict raised OSError: .*File too large",
}


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_what_is_beyond_the_bounds_is_one_error_and_the_process_goes_on(greedy: Model, case: str) -> None:
    with pytest.raises(ModelError, match=REFUSED[case]) as caught:
        greedy.predict(rows(case))

    assert caught.value.fix
    assert greedy.predict(rows("answers", n=len(case))).tolist() == list(range(len(case)))


def test_a_connection_that_was_refused_and_not_missed_is_noted(greedy: Model) -> None:
    assert greedy.predict(rows("goes_on_without")).tolist() == [0, 1, 2, 3]

    assert "predict opened a network connection to telemetry.invalid:443, and was refused" in greedy.notes


def test_sockets_within_the_process_are_let_be(greedy: Model) -> None:
    assert greedy.predict(rows("talks_to_itself")).tolist() == [1, 2, 3, 4]


def test_a_flood_of_output_is_noted_and_changes_nothing(greedy: Model) -> None:
    assert greedy.predict(rows("floods")).tolist() == [0, 1, 2, 3]

    assert "predict floods its output: more than 1 MiB for one question" in greedy.notes


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_a_leak_ends_its_process_and_gives_back_what_it_held(folder: Path) -> None:
    model = load_model("greedy:predict", root=folder, memory=GIB // 2)

    with pytest.raises(ModelError, match=r"predict ran out of the 0.5 GiB that it may use") as first:
        model.predict(rows("leaks"))
    with pytest.raises(ModelError) as later:
        model.predict(rows("answers"))

    assert model._backend._process._popen.returncode == -signal.SIGKILL  # type: ignore[attr-defined]
    assert later.value.message == first.value.message
    assert "`memory` under [model]" in first.value.fix


def test_a_model_that_may_use_the_network_reaches_it(folder: Path) -> None:
    model = load_model("greedy:predict", root=folder, network=True)

    with pytest.raises(ModelError, match="predict raised ConnectionRefusedError"):
        model.predict(rows("connects"))
    model.close()


def test_a_process_whose_run_stopped_ends_when_its_cpu_time_is_used_up() -> None:
    code = "from pytest_mlgate.artifacts import confinement as c; c._GRACE = 0; c.limit_cpu(0.5)\nwhile True: pass"

    ended = subprocess.run([sys.executable, "-c", code], check=False, timeout=120, capture_output=True)

    assert ended.returncode == -signal.SIGXCPU


@pytest.mark.skipif(sys.platform != "linux", reason="memory is bounded on Linux only")
def test_a_limit_that_is_lower_already_stays_and_the_others_are_set() -> None:
    code = (
        "import resource as r; from pytest_mlgate.artifacts import confinement as c\n"
        "r.setrlimit(r.RLIMIT_DATA, (1 << 30, 1 << 30)); c.limit_memory(1 << 34)\n"
        "print(r.getrlimit(r.RLIMIT_DATA), r.getrlimit(r.RLIMIT_FSIZE))"
    )

    said = subprocess.run([sys.executable, "-c", code], check=True, timeout=120, capture_output=True, text=True).stdout

    assert said.strip() == f"({1 << 30}, {1 << 30}) ({1 << 34}, {1 << 34})"


# another interpreter


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with nothing in it."""
    home = tmp_path_factory.mktemp("bare")
    venv.create(home, with_pip=False, symlinks=True)
    return home / "bin" / "python"


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def asked(python: Path) -> str:
    """Return what is said where a model is loaded with an interpreter that cannot."""
    with pytest.raises(ModelError) as caught:
        import_in_process("math:sqrt", launch=Launch(python=str(python), timeout=60))
    assert caught.value.fix
    return caught.value.message


def test_an_interpreter_without_the_packages_is_one_error(bare: Path) -> None:
    assert asked(bare) == f"math:sqrt: {bare} has no numpy, which a model is asked with"


def test_an_interpreter_that_is_too_old_is_one_error(tmp_path: Path) -> None:
    code = (
        "import sys, runpy; sys.hexversion = 0x03090000; del sys.argv[0]; runpy.run_path(sys.argv[0], None, '__main__')"
    )
    old = script(tmp_path / "python", f'shift; exec {sys.executable} -c "{code}" "$@"')

    assert "and 3.11 or later is needed" in asked(old)


def test_an_interpreter_that_is_none_is_one_error(tmp_path: Path) -> None:
    assert "no process could be started for it" in asked(tmp_path / "no-such-python")
    assert "exit status 3" in asked(script(tmp_path / "python", "exit 3"))


def test_another_interpreter_sees_what_is_installed_there_and_not_what_is_here(bare: Path, tmp_path: Path) -> None:
    (site,) = (bare.parents[1] / "lib").glob("python*/site-packages")
    here = Path(pytest.__file__).parents[1]
    for name in (*("numpy", "numpy.libs", "pandas", "pandas.libs", "pyarrow", "dateutil", "six.py", "pytz", "tzdata"),):
        if (here / name).exists():
            (site / name).symlink_to(here / name)
    (tmp_path / "seen.py").write_text(
        "import sys\n"
        "def predict(X):\n"
        "    import importlib.util as u\n"
        "    found = [u.find_spec(n) is not None for n in ('pytest', 'sklearn', 'numpy')]\n"
        "    return [int(f) for f in found] + [int('pydantic' in sys.modules)]\n",
        encoding="utf-8",
    )
    launch = Launch(python=str(bare), roots=(str(tmp_path),), timeout=60)
    backend, _ = import_in_process("seen:predict", launch=launch)
    try:
        frame = rows("any")
        assert backend.ask("predict", frame, backend.carry(frame)).values.tolist() == [0, 0, 1, 0]
    finally:
        backend.close()
        for link in site.iterdir():
            if link.is_symlink():
                os.unlink(link)
