"""The verdict on disk: never half of one, and a run that cannot write it does not pass."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from xml.etree import ElementTree

import pytest

from pytest_mlgate.verdict import read_verdict
from tests.plugin.conftest import QUICK, Project, outcomes


def _start(project: Project, *args: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pytest", "--mlgate", *QUICK, *args]
    return subprocess.Popen(
        command, cwd=project.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=_hear_ctrl_c
    )


def _hear_ctrl_c() -> None:
    """Undo what a shell does to the background: its processes ignore Ctrl-C, and pass that on."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_results_lie_in_a_folder_that_git_ignores(gated: Project) -> None:
    gated.run()

    assert (gated.path / ".mlgate/.gitignore").read_text() == "*\n"
    assert sorted(os.listdir(gated.path / ".mlgate")) == [".gitignore", "verdict.json"]


def test_a_file_in_the_place_of_the_results_folder_is_one_clear_line_and_blocks(gated: Project) -> None:
    (gated.path / ".mlgate").write_text("mine")

    result = gated.run()

    assert result.ret == 1
    result.stdout.fnmatch_lines(["run*error*the verdict could not be written: *File exists*.mlgate'", "BLOCK: *"])
    assert not any("Traceback" in line or "INTERNALERROR" in line for line in result.outlines + result.errlines)
    assert (gated.path / ".mlgate").read_text() == "mine"


def test_a_folder_in_the_place_of_the_verdict_blocks_and_leaves_no_part_behind(gated: Project) -> None:
    gated.verdict_file.mkdir(parents=True)

    result = gated.run()

    assert result.ret == 1
    result.stdout.fnmatch_lines(["run*error*the verdict could not be written: *"])
    assert sorted(os.listdir(gated.verdict_file.parent)) == [".gitignore", "verdict.json"]


def test_a_job_summary_that_cannot_be_written_is_noted_and_fails_the_run(
    gated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(gated.path / "tests"))

    result = gated.run()

    assert result.ret == 1
    result.stdout.fnmatch_lines(["note: a report could not be written: *Is a directory*"])
    assert gated.verdict().decision == "promote"


def test_a_killed_run_leaves_the_old_verdict_whole(gated: Project) -> None:
    gated.run()
    before = gated.verdict_file.read_bytes()
    gated.write("mlgate.toml", "[gates.toy]\nseconds = 30\n")
    gated.write("conftest.py", "def pytest_runtest_setup():\n    open('started', 'w').close()\n")
    process = _start(gated, "mlgate.toml")
    _wait_for(gated.path / "started")

    process.kill()
    process.communicate()

    assert process.returncode == -signal.SIGKILL
    assert gated.verdict_file.read_bytes() == before


def test_a_run_killed_at_any_moment_leaves_no_half_of_a_verdict(project: Project) -> None:
    gates = "".join(f'[[gates.toy]]\nname = "{number}"\n' for number in range(50))
    project.write("mlgate.toml", gates)
    project.write("conftest.py", "def pytest_sessionfinish():\n    open('started', 'w').close()\n")
    seen = set()
    for delay in (0.0, 0.003, 0.01, 0.03):
        process = _start(project)
        _wait_for(project.path / "started")
        time.sleep(delay)
        process.kill()
        process.communicate()
        (project.path / "started").unlink()
        if project.verdict_file.exists():
            seen.add(len(read_verdict(project.verdict_file).checks))

    assert seen <= {50}


def test_ctrl_c_at_the_terminal_leaves_a_complete_verdict_that_blocks(gated: Project) -> None:
    gated.write("mlgate.toml", "[gates.toy]\nseconds = 60\n")
    process = _start(gated, "mlgate.toml")
    _wait_for(gated.path / "asleep")

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)

    assert process.returncode == pytest.ExitCode.INTERRUPTED
    assert gated.checks() == {"toy": "not run: interrupted", "run:stopped": "interrupted"}


def test_two_runs_at_once_leave_one_complete_verdict(gated: Project) -> None:
    processes = [_start(gated) for _ in range(2)]
    for process in processes:
        process.communicate(timeout=60)

    assert [process.returncode for process in processes] == [0, 0]
    assert gated.verdict().decision == "promote"
    assert sorted(os.listdir(gated.verdict_file.parent)) == [".gitignore", "verdict.json"]


def test_some_gates_alone_write_no_verdict_and_exit_by_themselves(project: Project) -> None:
    project.configure("pass", "fail")

    passed = project.run("--mlgate-only=toy[a]")
    failed = project.run("--mlgate-only=toy")

    assert (passed.ret, outcomes(passed)) == (0, {"passed": 1})
    assert (failed.ret, outcomes(failed)) == (1, {"passed": 1, "failed": 1})
    assert not project.verdict_file.exists()


@pytest.mark.parametrize(
    ("subject", "workers"),
    [
        ("a\\u001b[31mb", ()),
        ("a\\u001b[31mb", ("-n", "1")),
        ("x\\u0000y", ()),
        ("line\\nbreak", ()),
        ("名前", ()),
        ("\\u202Eback", ()),
    ],
)
def test_names_of_columns_with_odd_characters_reach_verdict_terminal_and_junit(
    project: Project, subject: str, workers: tuple[str, ...]
) -> None:
    project.write("mlgate.toml", f'[gates.toy]\nanswer = "fail"\nsubject = "{subject}"\n')

    result = project.run("--junitxml=junit.xml", "--mlgate-report=markdown", *workers)

    assert result.ret == 1
    assert "INTERNALERROR" not in result.stdout.str()
    assert len(project.verdict().checks) == 1
    table = [line for line in result.outlines if line.startswith("toy  ")]
    assert len(table) == 1
    assert not any(ord(sign) < 32 or 0x202A <= ord(sign) <= 0x202E for sign in table[0])
    names = {node.get("name") for node in ElementTree.parse(project.path / "junit.xml").iter("property")}
    assert "mlgate:decision" in names


def _wait_for(path: os.PathLike[str]) -> None:
    end = time.monotonic() + 30
    while not os.path.exists(path):
        assert time.monotonic() < end, f"{path} was never written"
        time.sleep(0.005)
