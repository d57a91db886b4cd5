"""The command: what it says, where it says it, and its exit codes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import Check, Interval, Waiver
from pytest_mlgate.cli import app
from pytest_mlgate.verdict import Verdict, decide, write_verdict

Run = Callable[..., "subprocess.CompletedProcess[str]"]
TWO = '[[gates.toy]]\nname = "one"\nanswer = "pass"\n[[gates.toy]]\nname = "two"\nanswer = "{}"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def mlgate(toy_gate: Path, folder: Path) -> Run:
    """Run the command as a shell would, in an empty folder, with the gate ``toy`` installed."""

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        code = "from pytest_mlgate.cli import main; main()"
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            cwd=folder,
            env={**os.environ, **environment},
        )

    return run


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def a_verdict(folder: Path, *checks: Check) -> Path:
    """Write a configuration and a verdict, as a run would have."""
    (folder / "mlgate.toml").write_text("")
    decision, reasons = decide(checks)
    path = folder / ".mlgate" / "verdict.json"
    times = {"started": "2027-01-31T10:00:00+00:00", "finished": "2027-01-31T10:00:01+00:00"}
    write_verdict(
        Verdict(model="m", stage="validation", decision=decision, reasons=reasons, checks=checks, **times), path
    )
    return path


FAILED = Check(
    code="MLG102",
    gate="baseline",
    entry="roc_auc",
    subject="origin=LGA",
    outcome="fail",
    message="delta −0.0174",
    fix="look at the slice",
    observed=-0.0174,
    limit=0.01,
    interval=Interval(low=None, high=-0.0117, level=0.9, method="delong"),
    p=0.001,
    n=2701,
    waiver=Waiver(check="x", reason="known", author="@me", expires="2027-01-31"),
    details={"rows": [1, 2], "none": None, "traceback": 'File "mine.py"', "internal_traceback": "ours"},
)


def test_help_lists_the_commands() -> None:
    result = call("--help")

    assert result.exit_code == 0
    assert all(f" {name} " in result.stdout for name in ("check", "init", "explain"))
    assert "0 promote; 1 block" in " ".join(result.stdout.replace("│", " ").split())


@pytest.mark.parametrize("arguments", [[], ["no-such-command"], ["explain"], ["init"], ["explain", "a", "b"]], ids=str)
def test_bad_usage_is_2(arguments: list[str]) -> None:
    assert call(*arguments).exit_code == 2


# --- explain


def test_explain_a_code_needs_no_configuration(folder: Path) -> None:
    result = call("explain", "MLG001")

    assert result.exit_code == 0
    assert result.stdout.startswith("MLG001  A required gate was not run\n\nA gate that was deselected")
    assert "\n\nWhat to do: Run the whole configuration" in result.stdout


def test_explain_a_check_says_what_was_found_and_what_its_code_means(folder: Path) -> None:
    a_verdict(folder, FAILED)

    result = call("explain", "baseline[roc_auc]:origin=LGA")

    assert result.exit_code == 0
    assert result.stdout.startswith(
        "baseline[roc_auc]:origin=LGA  fail (waived): delta −0.0174 [MLG102]\n"
        "    fix: look at the slice\n"
        "\n"
        "interval: open to -0.0117 (90%, delong)\n"
        "observed: -0.0174\n"
        "limit: 0.01\n"
        "n: 2701\n"
        "p: 0.001\n"
        "rows: [1, 2]\n"
        'File "mine.py"\n'
        "waived until 2027-01-31 by @me: known\n"
        "\n"
        "MLG102  The candidate is no worse in a slice\n"
    )


def test_explain_shows_a_detail_of_several_lines_as_it_is(folder: Path) -> None:
    text = "import pandas as pd\n\n\ndef test_it():\n    pass\n"
    details = {"row": 3, "regression_test": text}
    a_verdict(folder, Check(code="MLG302", gate="parity", subject="km", outcome="fail", message="m", details=details))

    result = call("explain", "parity:km")

    assert result.exit_code == 0
    assert f"\nrow: 3\nregression_test:\n```\n{text}```\n" in result.stdout


def refused(result: Result, message: str) -> None:
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"mlgate: {message}\n"


def test_explain_without_a_configuration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_mlgate.config.nearest_config", lambda: None)  # folders above are not ours
    where = f"from {folder} up to the root of the project"
    message = f"no mlgate.toml, and no [tool.mlgate] in a pyproject.toml, {where}; name one with --config"

    refused(call("explain", "drift:temp"), message)
    refused(call("check"), message)


def test_explain_before_the_first_verdict(folder: Path) -> None:
    (folder / "mlgate.toml").write_text("")

    refused(
        call("explain", "drift:temp"),
        f"{folder}/.mlgate/verdict.json: there is no verdict yet; `mlgate check` writes one",
    )


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("baseline[roc_auc]:origin=LGB", "baseline[roc_auc]:origin=LGA, baseline[roc_auc]:origin=JFK"),
        ("MLG1O2", "MLG102"),
        ("§", "baseline[roc_auc]:origin=LGA, baseline[roc_auc]:origin=JFK, MLG001"),
    ],
)
def test_explain_an_unknown_check_names_the_nearest(folder: Path, name: str, near: str) -> None:
    a_verdict(
        folder,
        FAILED,
        Check(code="X", gate="baseline", entry="roc_auc", subject="origin=JFK", outcome="pass", message=""),
    )
    result = call("explain", name)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"mlgate: the verdict has no check '{name}'; near: ")
    assert set(near.split(", ")) <= set(result.stderr.strip().partition("near: ")[2].split(", "))


def test_explain_a_tampered_verdict(folder: Path) -> None:
    path = a_verdict(folder, FAILED)
    path.write_text(path.read_text(encoding="utf-8").replace('"fail"', '"pass"'), encoding="utf-8")

    refused(
        call("explain", "baseline[roc_auc]:origin=LGA"),
        f"{path}: its digest is not that of its content: it was changed after it was written",
    )


def test_explain_what_is_no_verdict(folder: Path) -> None:
    path = a_verdict(folder, FAILED)
    path.write_bytes(b"\xff")

    refused(call("explain", "x"), f"{path}: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte")


def test_explain_with_a_configuration_that_cannot_be_used(folder: Path) -> None:
    (folder / "mlgate.toml").write_text("zzz = 1\nmodle = 2")

    refused(
        call("explain", "x"),
        "mlgate.toml:1: unknown key `zzz`; known are: model, data, artifacts, gates, governance, lifecycle, policy, "
        "waivers, score\n"
        "mlgate.toml:2: unknown key `modle`; did you mean `model`?",
    )
    refused(call("explain", "x", "--config", "no.toml"), "no.toml: cannot be read: No such file or directory")


def test_both_configurations_are_refused(folder: Path) -> None:
    (folder / "mlgate.toml").write_text("")
    (folder / "pyproject.toml").write_text("[tool.mlgate]")

    refused(call("check"), "mlgate.toml: pyproject.toml beside it has a [tool.mlgate] table too; keep one of them")


def test_the_configuration_is_found_from_a_folder_below(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_verdict(folder, FAILED)
    (folder / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(folder / "a" / "b")

    without_a_root = call("explain", FAILED.id)
    (folder / "pyproject.toml").write_text("")

    assert without_a_root.exit_code == 2  # whose project is the folder above?
    assert call("explain", FAILED.id).exit_code == 0


def test_explain_a_gate_lists_its_checks_the_worst_first(folder: Path) -> None:
    a_verdict(folder, FAILED)

    result = call("explain", "baseline[roc_auc]")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].startswith(f"{FAILED.id}  fail")


def test_the_version() -> None:
    assert re.fullmatch(r"mlgate \d+\.\d+\S*\n", call("--version").stdout)


# --- init (its files are tested with the scaffold)


def test_init_refuses_on_standard_error(folder: Path) -> None:
    (folder / "t.csv").write_text("a\n1\n")
    result = call("init", "no.joblib", "t.csv")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("mlgate: ")
    assert "no.joblib" in result.stderr


# --- check, as a shell sees it


@pytest.mark.parametrize(("answer", "code"), [("pass", 0), ("fail", 1), ("raise", 1), ("nothing", 1), ("interrupt", 1)])
def test_check_exits_by_the_verdict(mlgate: Run, folder: Path, answer: str, code: int) -> None:
    (folder / "mlgate.toml").write_text(TWO.format(answer))
    found = mlgate("check")

    verdict = json.loads((folder / ".mlgate" / "verdict.json").read_text(encoding="utf-8"))

    assert found.returncode == code
    assert verdict["decision"] == ("block" if code else "promote")
    assert ("PROMOTE" in found.stdout) == (code == 0)
    assert "warning" not in found.stdout
    assert "Traceback" not in found.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--stage", "prod"], "--mlgate-stage=prod: choose one of exploration, validation, "),
        (["--report", "pdf"], "--mlgate-report=pdf: choose one of markdown"),
        (["--env", "python3"], "--mlgate-env: no [gates.roundtrip] is configured"),
        (["--only", "nope"], "--only nope: configured are toy[one], toy[two], toy"),
        (["--config", "no.toml"], "no.toml: cannot be read: No such file or directory"),
        (["--no-such-option"], "unrecognized arguments: --no-such-option"),
    ],
    ids=str,
)
def test_bad_usage_of_check_is_2_on_standard_error(
    mlgate: Run, folder: Path, arguments: list[str], message: str
) -> None:
    (folder / "mlgate.toml").write_text(TWO.format("pass"))
    found = mlgate("check", *arguments)

    assert found.returncode == 2
    assert message in found.stderr
    assert "Traceback" not in found.stderr + found.stdout
    assert not (folder / ".mlgate").exists()


def test_only_runs_one_gate_and_writes_no_verdict(mlgate: Run, folder: Path) -> None:
    (folder / "mlgate.toml").write_text(TWO.format("fail"))

    good, bad = mlgate("check", "--only", "toy[one]"), mlgate("check", "--only", "toy")

    assert (good.returncode, bad.returncode) == (0, 1)
    assert "1 passed" in good.stdout
    assert "1 failed, 1 passed" in bad.stdout
    assert not (folder / ".mlgate").exists()


def test_further_arguments_reach_pytest(mlgate: Run, folder: Path) -> None:
    (folder / "mlgate.toml").write_text(TWO.format("pass"))
    (folder / "test_mine.py").write_text("def test_mine():\n    pass\n")
    partial = mlgate("check", "-k", "two", "--junitxml=out.xml", "-q")

    assert partial.returncode == 1
    assert "not run: it was deselected" in partial.stdout
    assert (folder / "out.xml").is_file()
    assert "1 deselected" in mlgate("check").stdout


def test_stage_and_report(mlgate: Run, folder: Path) -> None:
    (folder / "mlgate.toml").write_text(TWO.format("inconclusive"))

    assert mlgate("check", "--report", "markdown").returncode == 0
    assert (folder / ".mlgate" / "report.md").is_file()
    assert mlgate("check", "--stage", "production").returncode == 1


# --- terminals that cannot show everything


@pytest.mark.slow
def test_signs_that_a_terminal_cannot_show_do_not_end_in_a_traceback(mlgate: Run, folder: Path) -> None:
    (folder / "mlgate.toml").write_text('[gates.toy]\nname = "é→"\nanswer = "fail"\n', encoding="utf-8")
    plain = {"LC_ALL": "C", "LANG": "C", "NO_COLOR": "1", "TERM": "dumb"}
    for environment in (plain, *({"PYTHONIOENCODING": name} for name in ("ascii", "latin-1"))):
        found = mlgate("check", **environment)
        explained = mlgate("explain", "toy[é→]", **environment)

        assert (found.returncode, explained.returncode) == (1, 0)
        assert "BLOCK" in found.stdout
        assert "the toy says fail" in explained.stdout
        assert "Traceback" not in found.stderr + explained.stderr
        assert "\x1b[" not in found.stdout
    assert mlgate("--help", PYTHONIOENCODING="ascii").returncode == 0


def test_a_reader_that_goes_away_is_no_traceback(mlgate: Run, folder: Path) -> None:
    (folder / "mlgate.toml").write_text(TWO.format("pass"))
    code = "from pytest_mlgate.cli import main; main()"
    for arguments in (["explain", "MLG001"], ["check"]):
        process = subprocess.Popen(
            [sys.executable, "-c", code, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=folder,
        )
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        with process.stderr:
            complaint = process.stderr.read()
        process.wait()

        assert "Traceback" not in complaint


def test_closed_streams_do_not_keep_the_verdict_from_being_written(mlgate: Run, folder: Path) -> None:
    (folder / "mlgate.toml").write_text(TWO.format("pass"))
    command = f"'{sys.executable}' -c 'from pytest_mlgate.cli import main; main()'"
    found = subprocess.run(f"{command} check >&- 2>&-", shell=True, cwd=folder, check=False)

    assert found.returncode == 0
    assert json.loads((folder / ".mlgate" / "verdict.json").read_text())["decision"] == "promote"
