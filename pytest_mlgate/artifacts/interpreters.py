"""Other interpreters: found by what a person calls them, and asked what they are and what is installed there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pytest_mlgate.checks import InputError

TIMEOUT = 60.0

_PROBE = """
import json, os, platform, sys
from importlib.metadata import distributions
implementation = sys.implementation.version
full = "{0.major}.{0.minor}.{0.micro}".format(implementation)
if implementation.releaselevel != "final":
    full += implementation.releaselevel[0] + str(implementation.serial)
found = {}
for one in distributions():
    name = one.metadata["Name"]
    if name:
        found.setdefault(name, one.version)
print(json.dumps({
    "markers": {
        "implementation_name": sys.implementation.name,
        "implementation_version": full,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    },
    "installed": found,
}))
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Interpreter:
    """One Python.

    Attributes
    ----------
    path : str
        The executable.
    version : str
        ``3.11.7``.
    markers : Mapping of str to str
        Its values of environment markers.
    installed : Mapping of str to str
        Versions of its distributions, by normalised name.
    """

    path: str
    version: str
    markers: Mapping[str, str]
    installed: Mapping[str, str]


def is_interpreter(path: Path) -> bool:
    """Whether a path is that of an interpreter or of a virtual environment, and not of a text file."""
    if path.is_dir():
        return True
    if not os.access(path, os.X_OK):
        return False
    try:
        with open(path, "rb") as file:
            start = file.read(1024)
    except OSError:
        return False
    return start.startswith(b"#!") or b"\0" in start


def find_interpreter(said: str, *, folder: Path) -> Interpreter:
    """Return the interpreter that a person means: its path, a virtual environment's folder, or a command's name.

    Parameters
    ----------
    said : str
        ``python3.12``, ``.venv``, ``/opt/service/bin/python``.
    folder : Path
        What a relative path is relative to.

    Raises
    ------
    InputError
        Where there is none, or it does not answer.
    """
    path = folder / Path(said).expanduser()
    if path.is_dir():
        path = _inside(path)
    elif not path.exists():
        command = shutil.which(said) if os.sep not in said else None
        if command is None:
            raise InputError(
                f"there is no interpreter {said!r}", fix="name an executable, a virtual environment, or a lock file"
            )
        path = Path(command)
    return ask(os.path.abspath(path))


def ask(path: str) -> Interpreter:
    """Ask an interpreter what it is, without its user's own settings and packages.

    Raises
    ------
    InputError
        Where it does not run, or answers something else.
    """
    from packaging.utils import canonicalize_name

    try:
        answer = subprocess.run(
            [path, "-I", "-c", _PROBE],
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise InputError(f"interpreter {path!r} does not run: {error}", fix=_FIX) from None
    try:
        found = json.loads(answer.stdout)
        markers = {str(name): str(value) for name, value in found["markers"].items()}
        installed = {str(canonicalize_name(name)): str(version) for name, version in found["installed"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        lines = answer.stderr.decode("utf-8", "replace").strip().splitlines()
        said = f": {lines[-1][:300]}" if lines else f" (exit status {answer.returncode})"
        raise InputError(f"interpreter {path!r} gives no answer{said}", fix=_FIX) from None
    return Interpreter(path=path, version=markers["python_full_version"], markers=markers, installed=installed)


def own_environment() -> dict[str, str]:
    """Return this process's environment without what would make another interpreter take this one's packages."""
    foreign = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PYTHONSAFEPATH", "__PYVENV_LAUNCHER__")
    return {name: value for name, value in os.environ.items() if name not in foreign}


_FIX = "name the executable of a Python 3.8 or later that has what the service has"


def _inside(folder: Path) -> Path:
    if (python := folder / "bin" / "python").exists():
        return python
    raise InputError(
        f"{str(folder)!r} is no virtual environment: it has no bin/python",
        fix="name one, an interpreter or a lock file",
    )
