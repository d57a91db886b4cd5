"""Runs the commands of a console block in a folder, and compares what they print with what the block shows."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from typer.testing import CliRunner

from pytest_mlgate.cli import app

OF_THE_DAY = {
    r"\b\d{4}-\d\d-\d\d\b": "DATE",
    r"\b(sha256:)?(?=[0-9a-f]*\d)[0-9a-f]{8,}\b(\.\.\.)?|sha256:[0-9a-f]+\.\.\.": "DIGEST",
    r"\b[\d,]+ bytes\b": "SIZE",
    r"(?<= )\d+\.\d+\.\d+(?=,|$| )": "VERSION",
}
DECIMALS = {r"[+-]?\b\d+\.\d+(e-?\d+)?\b": "DECIMAL", r"\b\d+e-\d+\b": "DECIMAL"}
SHELL = re.compile(r"[|&;<>$`*?()]|\s#")


@dataclass(frozen=True)
class Command:
    """A command as a reader types it, and the lines that are shown below it."""

    text: str
    shown: tuple[str, ...]

    @property
    def status(self) -> int:
        """The exit code that the block promises: 0 unless a comment says `# exit 1`."""
        said = re.search(r"# exit (\d+)", self.text)
        return int(said.group(1)) if said else 0


def commands(source: str) -> list[Command]:
    """Take a console block apart: `$ ` begins a command, a backslash at the end of a line goes on with it."""
    found: list[tuple[list[str], list[str]]] = []
    going_on = False
    for line in source.splitlines():
        if going_on:
            found[-1][0].append(line)
        elif line.startswith("$ "):
            found.append(([line[2:]], []))
        elif found:
            found[-1][1].append(line)
        else:
            raise ValueError(f"a console block begins with a command, not {line!r}")
        going_on = line.endswith("\\") and not (found[-1][1])
    return [Command("\n".join(text), tuple(shown)) for text, shown in found]


def run(command: Command, folder: Path) -> str:
    """Run a command in a folder and return what it printed; `mlgate` and `pytest` in this process, which is quicker."""
    text = re.sub(r"\s+# .*$", "", command.text)
    words = shlex.split(text) if not SHELL.search(text) else []
    if words[:1] in (["mlgate"], ["pytest"]):
        status, printed = _in_process(words, folder)
    else:
        status, printed = _in_bash(command.text, folder)
    assert status == command.status, f"`{text}` ended with {status}, not {command.status}:\n{printed}"
    return printed


def _in_bash(text: str, folder: Path) -> tuple[int, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "COLUMNS": "80", "PYTHONPATH": "", "PY_COLORS": "0"}
    found = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return found.returncode, found.stdout


def _in_process(words: list[str], folder: Path) -> tuple[int, str]:
    with _left_as_it_was(folder):
        if words[0] == "mlgate":
            result = CliRunner().invoke(app, words[1:])
            if result.exception is not None and not isinstance(result.exception, SystemExit):
                raise result.exception
            return result.exit_code, result.output
        return _pytest(words[1:])


def _pytest(arguments: list[str]) -> tuple[int, str]:
    import pytest

    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        status = pytest.main(arguments)
    return int(status), printed.getvalue()


@contextlib.contextmanager
def _left_as_it_was(folder: Path) -> Iterator[None]:
    """Run in a folder, and forget its modules afterwards: the next page has others of the same names."""
    path, cwd = list(sys.path), Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(cwd)
        sys.path[:] = path
        inside = str(folder)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", None) or "").startswith(inside):
                del sys.modules[name]


def compare(command: Command, printed: str, also: Mapping[str, str] = MappingProxyType({})) -> None:
    """Raise where a command printed something else than is shown.

    A line of `...` stands for any lines, `...` within a line for any text; blanks count as one. Dates, digests, sizes
    of files and versions are those of the day on which the page was written, and count as such; ``also`` are
    further patterns of that kind, and the words that stand for them.
    """
    if not command.shown:
        return
    lines = [_of_no_day(line.rstrip(), also) for line in command.shown]
    pattern = r"\n".join(r"(?:.*\n)*?.*" if line == "..." else _line(line) for line in lines)
    text = "\n".join(_of_no_day(line.rstrip(), also) for line in printed.strip("\n").splitlines())
    assert re.fullmatch(pattern, text), f"`{command.text}` shows\n{os.linesep.join(lines)}\nand printed\n{text}"


def _of_no_day(line: str, also: Mapping[str, str]) -> str:
    for pattern, word in (OF_THE_DAY | also).items():
        line = re.sub(pattern, word, line)
    return line


def _line(shown: str) -> str:
    parts = [re.escape(re.sub(r"\s+", " ", part)).replace(r"\ ", r"\s+") for part in shown.split("...")]
    return ".*".join(parts)
