"""What reaches a terminal, a log and a console of few signs: colours, widths, signs and progress."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from _pytest.terminal import TerminalReporter  # pytest 8.0 does not export it

from pytest_mlgate.checks import Check
from pytest_mlgate.cli import app, common, progress
from pytest_mlgate.progress import is_watched
from pytest_mlgate.reports import terminal
from pytest_mlgate.reports.signs import ERRORS, fitting, register
from pytest_mlgate.tables import scans
from pytest_mlgate.verdict import Verdict, write_verdict

COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*(?:3[0-7]|9[0-7])(?:;[0-9]+)*m")
SPEAKING = ("NO_COLOR", "FORCE_COLOR", "PY_COLORS", "CI", "GITHUB_ACTIONS", "COLUMNS", "LINES", "TERM")
"""What an environment may say of terminals."""


def environment(**said: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in SPEAKING}
    return {**kept, "TERM": "xterm-256color", **said}


def mlgate(*arguments: str, folder: Path | None = None, **env: str) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-c", "from pytest_mlgate.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(COLUMNS="80", **env), capture_output=True, check=False)


def on_a_terminal(command: list[str], folder: Path, **env: str) -> tuple[int, str]:
    """Run a command on a terminal of 80 columns and return its exit code and every byte that it wrote there."""
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        command, cwd=folder, env=environment(**env), stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 65536):
            written += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return process.wait(), written.decode("utf-8", "backslashreplace")


def screen(written: str) -> list[str]:
    """The lines that a terminal shows in the end: backspaces and carriage returns move, further signs write over."""
    lines = []
    for line in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", written).split("\n"):
        cells: list[str] = []
        at = 0
        for sign in line.rstrip("\r"):
            if sign in "\b\r":
                at = max(0, at - 1) if sign == "\b" else 0
                continue
            cells[at : at + 1] = [sign]
            at += 1
        lines.append("".join(cells).rstrip())
    return lines


@pytest.mark.parametrize(
    ("encoding", "arguments"),
    [
        ("ascii", ("--help",)),
        ("cp1252", ("explain", "é → ±")),
        ("ascii", ("nonsense",)),
        ("cp437", ("inspect", "--help")),
    ],
)
def test_no_encoding_ends_a_command_in_a_traceback(tmp_path: Path, encoding: str, arguments: tuple[str, ...]) -> None:
    found = mlgate(*arguments, folder=tmp_path, PYTHONIOENCODING=encoding)

    text = (found.stdout + found.stderr).decode(encoding)
    assert found.returncode == (0 if "--help" in arguments else 2)
    assert "Traceback" not in text
    assert not set("╭╰│─→") & set(text)


def test_help_in_a_log_has_no_escapes_and_fits_80_columns(tmp_path: Path) -> None:
    text = mlgate("--help", folder=tmp_path).stdout.decode("utf-8")

    assert "\x1b" not in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_seen_enough_ends_no_hook_in_a_traceback(tmp_path: Path, unbuffered: str) -> None:
    (tmp_path / "mlgate.toml").write_text("[gate.drift]\n", encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    found = subprocess.run(
        [sys.executable, "-c", "from pytest_mlgate.cli import main; main()", "config", "check", "mlgate.toml"],
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED=unbuffered),
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writer)

    assert (found.returncode, found.stderr) == (1, b"")


@pytest.mark.parametrize(
    ("env", "coloured"),
    [
        ({}, True),
        ({"NO_COLOR": "1"}, False),
        ({"PY_COLORS": "0"}, False),
        ({"TERM": "dumb"}, False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
    ],
)
def test_help_on_a_terminal_has_the_colours_that_are_wished(
    tmp_path: Path, env: dict[str, str], coloured: bool
) -> None:
    command = [sys.executable, "-c", "from pytest_mlgate.cli import main; main()", "inspect", "--help"]

    assert bool(COLOUR.search(on_a_terminal(command, tmp_path, **env)[1])) == coloured


def test_a_wish_for_colour_holds_in_a_log_too(tmp_path: Path) -> None:
    assert COLOUR.search(mlgate("inspect", "--help", folder=tmp_path, FORCE_COLOR="1").stdout.decode("utf-8"))


@pytest.mark.parametrize(
    ("encoding", "shown"), [("utf-8", "a → ±1 ß…"), ("cp1252", "a -> ±1 ß…"), ("ascii", "a -> +-1 \\xdf...")]
)
def test_a_sign_that_a_stream_lacks_is_written_in_signs_that_it_has(encoding: str, shown: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)

    assert fitting("a → ±1 ß…", stream) == shown
    register()
    stream.reconfigure(errors=ERRORS)
    stream.write("a → ±1 ß…")  # does not raise


class Reporter:
    """As much of pytest's terminal reporter as the summary uses."""

    def __init__(self, *, isatty: bool = True, verbosity: int = 0, encoding: str = "utf-8") -> None:
        self.isatty, self.verbosity, self.lines = isatty, verbosity, list[str]()
        self.config = self
        self._file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)

    def get_terminal_writer(self) -> Any:
        return self

    def section(self, title: str, **_: Any) -> None:
        self.lines.append(title)

    def write_line(self, line: str, **_: Any) -> None:
        self.lines.append(line)


def verdict() -> Verdict:
    long = "delta +0.1879 [+0.1827, +0.1930] 90 %, DeLong; cap 0.1; an improvement of this size is suspicious. " * 5
    fail = Check(
        code="MLG101", gate="baseline", entry="roc_auc", subject="origin=LGA", outcome="fail", message=long,
        fix="ask whether a feature knows the answer " * 3,
    )  # fmt: skip
    good = [
        Check(code="MLG501", gate="drift", subject=name, outcome="pass", message=f"D 0.01 ±0.1 of {name}")
        for name in ("temp", "dewp", "visib")
    ]
    return Verdict(
        model="late", stage="production", decision="block", reasons=("x",), checks=(fail, *good),
        identity={}, started="", finished="", notes=("a note of many words " * 8,),
    )  # fmt: skip


def shown(monkeypatch: pytest.MonkeyPatch, **how: Any) -> list[str]:
    monkeypatch.setenv("COLUMNS", "80")
    reporter = Reporter(**how)
    terminal.write(reporter, verdict(), "mlgate explain --config a/mlgate.toml", {}, ())
    return reporter.lines


def test_on_a_terminal_no_line_is_longer_than_it_and_long_messages_are_shortened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = shown(monkeypatch)

    assert max(map(len, lines)) <= 80
    assert lines[1].split() == ["baseline", "roc_auc:origin=LGA", "fail"]
    assert [line[:4] for line in lines[2:5]] == ["    "] * 3
    assert lines[4].endswith(" ...")
    assert lines[5].startswith("drift")
    assert lines[-2] == "BLOCK: 1 of 4 checks blocks."
    assert lines[-1].strip() == "mlgate explain --config a/mlgate.toml 'baseline[roc_auc]:origin=LGA'"


def test_in_a_log_a_check_is_a_line_however_long(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, isatty=False)

    assert [line.split()[0] for line in lines] == ["mlgate:", "baseline", "drift", "note:", "BLOCK:"]
    assert len(lines[1]) > 400
    assert lines[-1].endswith("'baseline[roc_auc]:origin=LGA'")


@pytest.mark.parametrize(
    ("verbosity", "subjects"),
    [
        (-2, []),
        (-1, ["roc_auc:origin=LGA"]),
        (0, ["roc_auc:origin=LGA", "3"]),
        (1, ["roc_auc:origin=LGA", "temp", "dewp", "visib"]),
        (2, ["roc_auc:origin=LGA", "temp", "dewp", "visib"]),
    ],
)
def test_quiet_and_verbose_choose_the_rows(
    monkeypatch: pytest.MonkeyPatch, verbosity: int, subjects: list[str]
) -> None:
    lines = shown(monkeypatch, isatty=False, verbosity=verbosity)

    assert [line.split()[1] for line in lines if line.startswith(("baseline", "drift"))] == subjects
    assert any("fix: ask whether" in line for line in lines) == (verbosity == 2)
    assert lines[-1].startswith("BLOCK: 1 of 4")


def test_very_verbose_on_a_terminal_still_fits_and_shortens_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, verbosity=2)

    assert max(map(len, lines[:-1])) <= 80
    assert not any(line.endswith(" ...") for line in lines)
    assert "".join(lines).count("suspicious") == 5


def test_the_summary_fits_a_stream_of_few_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = shown(monkeypatch, isatty=False, verbosity=1, encoding="ascii")

    assert any("+-0.1" in line for line in lines)
    assert all(line.isascii() for line in lines)


@pytest.mark.parametrize("isatty", [True, False], ids=["on a terminal", "in a log"])
@pytest.mark.parametrize("command", [["verdict"], ["explain", "baseline[roc_auc]:origin=LGA"], ["explain", "baseline"]])
def test_what_was_written_is_shown_as_wide_as_the_screen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: list[str], isatty: bool
) -> None:
    (tmp_path / "mlgate.toml").write_text("[model]\nname = 'late'\n", encoding="utf-8")
    write_verdict(verdict(), tmp_path / ".mlgate" / "verdict.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    printed = io.StringIO()
    monkeypatch.setattr(printed, "isatty", lambda: isatty)
    monkeypatch.setattr(sys, "stdout", printed)

    app(command, standalone_mode=False)

    lines = printed.getvalue().splitlines()
    assert printed.getvalue().count("suspicious") == 5  # nothing is left out
    assert (max(map(len, lines)) <= 80) == isatty


def test_a_log_that_a_model_left_is_not_broken_on_a_terminal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    frame = "    x = some_function(" + "a_rather_long_argument, " * 8 + ")"
    check = Check(code="MLG002", gate="toy", outcome="error", message="m", details={"traceback": f"T:\n{frame}"})
    (tmp_path / "mlgate.toml").write_text("[model]\nname = 'late'\n", encoding="utf-8")
    write_verdict(replace(verdict(), checks=(check,)), tmp_path / ".mlgate" / "verdict.json")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    printed = io.StringIO()
    monkeypatch.setattr(printed, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", printed)

    app(["explain", "toy"], standalone_mode=False)

    assert frame in printed.getvalue().splitlines()


SLOW_TOY = "[model]\nname = 'toy'\n[gates.schema]\nschema = 'schema.yaml'\n[data]\ntrain = 'train.csv'\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mlgate.toml").write_text(SLOW_TOY, encoding="utf-8")
    (tmp_path / "schema.yaml").write_text("columns:\n  größe:\n    dtype: number\n", encoding="utf-8")
    (tmp_path / "train.csv").write_text("größe\n1.5\nzwei\n", encoding="utf-8")
    return tmp_path


PYTEST = [sys.executable, "-m", "pytest", "--mlgate", "-p", "no:cacheprovider"]


def test_on_a_terminal_the_gate_that_runs_is_named_and_taken_back(folder: Path) -> None:
    code, written = on_a_terminal([*PYTEST, "--color=no"], folder)

    assert code == 1
    assert " schema (1 of 1)\b" in written
    assert "(1 of 1)" not in "\n".join(screen(written))
    ours = "\n".join(screen(written)).rpartition("mlgate: toy -> ")[2].splitlines()[1:]
    assert ours[0].startswith("schema ")
    assert max(map(len, ours)) <= 80


IMPATIENT = """
from pytest_mlgate.tables import scans
scans._PATIENCE = scans._EVERY = 0.0
"""


def test_on_a_terminal_a_scan_says_how_far_it_is_and_leaves_no_trace(tmp_path: Path) -> None:
    for name in ("train", "current"):
        frame = pd.DataFrame({column: range(200) for column in ("a", "b", "c")})
        frame.to_parquet(tmp_path / f"{name}.parquet")
    drift = "[gates.drift]\nrows_in_memory = 10\n"
    tables = "[model]\nname = 'toy'\n[data]\nreference = 'train.parquet'\ncurrent = 'curr*.parquet'\n"
    (tmp_path / "mlgate.toml").write_text(tables + drift, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(IMPATIENT, encoding="utf-8")

    code, written = on_a_terminal([*PYTEST, "--color=no", "--junitxml=junit.xml"], tmp_path)

    assert code == 0, written
    assert " drift (1 of 1): 2 of 3 columns, " in written
    assert "rows read\b" in written
    shown = "\n".join(screen(written))
    assert "columns, " not in shown
    assert "rows read" not in shown
    assert "rows read" not in (tmp_path / "junit.xml").read_text() + (tmp_path / ".mlgate/verdict.json").read_text()


def test_a_command_says_how_far_its_scan_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in SPEAKING:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(scans, "_PATIENCE", 0.0)
    with progress.working("looking"), scans.scanning(columns=4) as scan:
        scan.step(columns=1)
        time.sleep(0.3)  # it is drawn ten times a second

    assert "looking: 1 of 4 columns" in stream.getvalue()


class Config:
    """As much of pytest's configuration as the progress asks."""

    def __init__(self, *, isatty: bool = True, **options: Any) -> None:
        self.option = SimpleNamespace(**{"verbose": 0, "capture": "fd", "dist": "no", **options})
        self.pluginmanager = self
        self.reporter: Any = object.__new__(TerminalReporter)
        self.reporter.isatty = isatty

    def get_plugin(self, _: str) -> Any:
        return self.reporter

    def getini(self, _: str) -> bool:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="nothing is shown on Windows")
@pytest.mark.parametrize(
    ("options", "env", "watched"),
    [
        ({}, {}, True),
        ({"verbose": 1}, {}, False),
        ({"verbose": -1}, {}, False),
        ({"capture": "no"}, {}, False),
        ({"dist": "load"}, {}, False),
        ({"isatty": False}, {}, False),
        ({}, {"CI": "true"}, False),
        ({}, {"TERM": "dumb"}, False),
    ],
)
def test_a_gate_is_named_only_where_a_person_looks_and_nobody_else_writes(
    monkeypatch: pytest.MonkeyPatch, options: dict[str, Any], env: dict[str, str], watched: bool
) -> None:
    for name in SPEAKING:
        monkeypatch.delenv(name, raising=False)
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert is_watched(Config(**options)) == watched  # type: ignore[arg-type]


def test_a_run_in_an_encoding_of_few_signs_ends_with_its_verdict(folder: Path) -> None:
    encoding = "ascii"
    env = environment(PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    found = subprocess.run(PYTEST, cwd=folder, env=env, capture_output=True, check=False)

    text = found.stdout.decode(encoding)
    assert found.returncode == 1, text + found.stderr.decode(encoding)
    assert "BLOCK: 1 of" in text
    assert "Traceback" not in text
    assert "\x1b" not in text


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("env", "quiet", "shows"),
    [({}, False, True), ({}, True, False), ({"CI": "1"}, False, False), ({"TERM": "dumb"}, False, False)],
)
def test_a_command_shows_that_it_works_to_a_person_only(
    monkeypatch: pytest.MonkeyPatch, env: dict[str, str], quiet: bool, shows: bool
) -> None:
    for name in SPEAKING:
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm", **env}.items():
        monkeypatch.setenv(name, value)
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    token = common._QUIET.set(quiet)
    try:
        with progress.working("asking the candidate"):
            pass
    finally:
        common._QUIET.reset(token)

    assert ("asking the candidate" in stream.getvalue()) == shows


def test_quiet_leaves_out_what_went_well(folder: Path) -> None:
    loud = mlgate("schema", "infer", "train.csv", "-o", "a.yaml", folder=folder)
    quiet = mlgate("--quiet", "schema", "infer", "train.csv", "-o", "b.yaml", folder=folder)

    assert loud.stdout.startswith(b"wrote a.yaml")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, b"", b"")
    assert (folder / "b.yaml").is_file()
