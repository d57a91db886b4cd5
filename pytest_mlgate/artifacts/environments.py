"""Environments that a model is tried in: the ones that are there, and those made from a lock file.

Making one fetches packages, because the user asked for it; nothing else here uses the network.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_mlgate.artifacts.interpreters import Interpreter, ask, find_interpreter, is_interpreter, own_environment
from pytest_mlgate.artifacts.locks import Lock, read_lock
from pytest_mlgate.artifacts.masking import mask_text
from pytest_mlgate.checks import InputError

TIMEOUT = 1800.0
"""Seconds that an installer may take."""

_FORM = 1  # of the folders that are kept: another number makes them anew
_WHOLE = "mlgate-env.json"
_LINES = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """An environment that a model can be loaded in.

    Attributes
    ----------
    said : str
        As the user named it.
    interpreter : Interpreter
    lock : Lock or None
        The lock file that it was made from.
    maker : str
        ``uv`` or ``pip``; empty where it was there already, made by the user.
    fresh : bool
        Whether it was made now, and not by an earlier run.
    added : tuple of str
        What was installed beside the lock file, because loading and asking a model needs it: ``pyarrow==21.0.0``.
    """

    said: str
    interpreter: Interpreter
    lock: Lock | None = None
    maker: str = ""
    fresh: bool = False
    added: tuple[str, ...] = ()


def find_environment(
    said: str,
    *,
    folder: Path,
    needs: Sequence[str] = (),
    cache: Path | None = None,
    timeout: float = TIMEOUT,
) -> Environment:
    """Return the environment that a person means, made from its lock file where it is one.

    Parameters
    ----------
    said : str
        An interpreter (a path, or a command such as ``python3.12``), a virtual environment's folder, or a lock file;
        ``requirements.txt@python3.12`` makes it for another Python than this one.
    folder : Path
        What relative paths are relative to.
    needs : sequence of str
        Distributions that are installed beside a lock file that lacks them; what it pins stays as it is.
    cache : Path, optional
        Where environments are kept; default: :func:`cache_folder`.
    timeout : float
        Seconds that an installer may take.

    Raises
    ------
    InputError
        Where there is none, it does not answer, or it cannot be made: then with the installer's last lines.
    """
    name, sign, python = said.rpartition("@")
    path = folder / Path(said).expanduser()
    if sign and not path.exists():
        path = folder / Path(name).expanduser()
        if not path.is_file() or is_interpreter(path):
            raise InputError(f"environment {said!r}: {name!r} is no lock file", fix="name one before the `@`")
    else:
        python = ""
    if not path.is_file() or is_interpreter(path):
        return Environment(said=said, interpreter=find_interpreter(said, folder=folder))
    base = find_interpreter(python, folder=folder) if python else ask(sys.executable)
    lock = read_lock(path, environment=base.markers)
    _refuse(lock, base, said)
    try:
        return _kept(said, lock, base, tuple(needs), cache or cache_folder(), timeout)
    except OSError as error:
        raise InputError(
            f"environment {said!r} cannot be made: {error}",
            fix="check the disk, or set XDG_CACHE_HOME to another folder",
        ) from None


def absolute(said: str, *, folder: Path) -> str:
    """Return what a person calls an environment so that it means the same from any folder, its paths absolute."""
    lock, sign, python = said.rpartition("@")
    if sign and not (folder / Path(said).expanduser()).exists():
        return f"{absolute(lock, folder=folder)}@{absolute(python, folder=folder)}"
    path = folder / Path(said).expanduser()
    return os.path.abspath(path) if path.exists() or os.sep in said else said


def cache_folder() -> Path:
    """Return where environments are kept: below ``XDG_CACHE_HOME``, else the user's own cache folder."""
    named = os.environ.get("XDG_CACHE_HOME")
    if named and os.path.isabs(named):
        return Path(named) / "pytest-mlgate" / "envs"
    try:
        home = Path.home()
    except RuntimeError:
        raise InputError("there is no home folder to keep environments in", fix="set XDG_CACHE_HOME") from None
    return home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "pytest-mlgate" / "envs"


def _refuse(lock: Lock, base: Interpreter, said: str) -> None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    if lock.kind.endswith("conda") or lock.kind == "conda environment":
        raise InputError(
            f"environment {said!r}: {lock.path.name} is of conda, and is not made here",
            fix="make it with conda, and name its interpreter: --mlgate-env /path/to/env/bin/python",
        )
    with contextlib.suppress(InvalidSpecifier):
        if not SpecifierSet(lock.python).contains(base.version, prereleases=True):
            raise InputError(
                f"environment {said!r}: the lock file asks for Python {lock.python}, and this is {base.version}",
                fix=f"name one that it allows: {said.partition('@')[0]}@python3.12",
            )


def _kept(said: str, lock: Lock, base: Interpreter, needs: tuple[str, ...], cache: Path, timeout: float) -> Environment:
    """Return the kept environment of a lock file and an interpreter; make it where there is no whole one."""
    python = os.path.realpath(base.path)
    parts = [_FORM, lock.digest, base.version, base.markers["implementation_name"], python, needs]
    key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
    folder = cache / f"{lock.path.stem[:30]}-{base.markers['python_version']}-{key}"
    cache.mkdir(parents=True, exist_ok=True)
    with _alone(cache / f"{folder.name}.lock"):
        found = _whole(folder)
        fresh = found is None
        if found is None:
            found = _make(folder, lock, base, needs, timeout)
        return Environment(
            said=said,
            interpreter=ask(str(_python(folder))),
            lock=lock,
            maker=str(found["maker"]),
            fresh=fresh,
            added=tuple(map(str, found["added"])),
        )


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep a second run from making the same; a lock of the system's, which ends with its process however it ends."""
    import fcntl

    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _whole(folder: Path) -> Mapping[str, Any] | None:
    """Return what an environment says of itself, which is written last; None where it is half made or gone."""
    try:
        found = json.loads((folder / _WHOLE).read_text(encoding="utf-8"))
        return found if os.access(_python(folder), os.X_OK) and isinstance(found["added"], list) else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _make(folder: Path, lock: Lock, base: Interpreter, needs: tuple[str, ...], timeout: float) -> Mapping[str, Any]:
    from pytest_mlgate.tables.writing import write_atomically

    shutil.rmtree(folder, ignore_errors=True)
    installer = _Installer(folder=folder, uv=_uv(), cwd=lock.path.absolute().parent, timeout=timeout)
    try:
        installer.create(base.path)
        with _lines_of(lock) as (file, extra):
            installer.install([*extra, "-r", str(file)], doing=f"what {lock.path.name} names")
        added = _add(installer, needs)
        found = {"maker": installer.name, "added": added, "lock": str(lock.path), "digest": lock.digest}
        write_atomically(folder / _WHOLE, json.dumps(found))
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return found


@contextlib.contextmanager
def _lines_of(lock: Lock) -> Iterator[tuple[Path, list[str]]]:
    """Give a requirements file to install from, and options: the file itself, or the lines that a lock means."""
    if lock.requirements is None:
        yield lock.path.absolute(), []
        return
    with tempfile.TemporaryDirectory(prefix="mlgate-") as scratch:
        file = Path(scratch) / "requirements.txt"
        file.write_text("\n".join(lock.requirements) + "\n", encoding="utf-8")
        hashed = all(" --hash=" in line for line in lock.requirements)
        # A lock is complete: nothing is resolved. Not every version of uv compares hashes unless it is told to.
        yield file, ["--no-deps", *(["--require-hashes"] if hashed else [])]


def _add(installer: _Installer, needs: tuple[str, ...]) -> list[str]:
    """Install what is needed beside the lock, every version that is there held as it is."""
    there = ask(str(_python(installer.folder))).installed
    missing = [name for name in needs if name not in there]
    if not missing:
        return []
    with tempfile.TemporaryDirectory(prefix="mlgate-") as scratch:
        held = Path(scratch) / "held.txt"
        held.write_text("".join(f"{name}=={version}\n" for name, version in there.items()), encoding="utf-8")
        doing = f"{', '.join(missing)}, which asking a model needs, beside it"
        installer.install(["-c", str(held), *missing], doing=doing)
    now = ask(str(_python(installer.folder))).installed
    return [f"{name}=={now[name]}" for name in sorted(set(now) - set(there))]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Installer:
    folder: Path
    uv: str | None
    cwd: Path
    timeout: float

    @property
    def name(self) -> str:
        return "pip" if self.uv is None else "uv"

    def create(self, python: str) -> None:
        if self.uv is None:
            self._run([python, "-m", "venv", str(self.folder)], "the environment itself")
        else:
            self._run([self.uv, "venv", "--quiet", "--python", python, str(self.folder)], "the environment itself")

    def install(self, arguments: list[str], *, doing: str) -> None:
        python = str(_python(self.folder))
        if self.uv is None:
            command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        else:
            command = [self.uv, "pip", "install", "--quiet", "--python", python]
        self._run([*command, *arguments], doing)

    def _run(self, command: list[str], doing: str) -> None:
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command,
                cwd=self.cwd,
                env=own_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                status = process.wait(self.timeout)
                why = f"exit status {status}"
            except subprocess.TimeoutExpired:
                status, why = None, f"no end within {self.timeout:g} s"
            finally:
                if process.poll() is None:
                    with contextlib.suppress(ProcessLookupError, PermissionError):
                        os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
            if status == 0:
                return
            output.seek(0)
            said = _last_lines(output.read().decode("utf-8", "replace"))
        raise InputError(
            f"{self.name} could not install {doing}: {why}{said}",
            fix="mend what it says: a version that this Python has no file of, an index that cannot be reached",
            details={"installer": self.name, "output": said},
        )


def _uv() -> str | None:
    """Return uv's executable: on the path, or beside this interpreter, whose environment need not be active."""
    return shutil.which("uv") or shutil.which("uv", path=os.path.dirname(sys.executable))


def _last_lines(text: str) -> str:
    lines = [line[:300] for line in text.splitlines() if line.strip()][-_LINES:]
    return "".join(f"\n    | {mask_text(line)}" for line in lines)


def _python(folder: Path) -> Path:
    return folder / "bin" / "python"
