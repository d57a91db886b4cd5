"""``mlgate card lint``: one line a finding, exit codes, settings of the configuration, and nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from tests.gates.test_card import GOOD

BAD = "# Model card: late-2.1\n\n## Limitations\n\nTODO\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.md").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.md").write_text(BAD, encoding="utf-8")
    return tmp_path


def lint(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["card", "lint", *arguments])


def test_a_good_card_says_nothing(folder: Path) -> None:
    result = lint("good.md")

    assert (result.exit_code, result.output) == (0, "")


def test_findings_are_lines_with_file_and_line(folder: Path) -> None:
    result = lint("good.md", "bad.md")
    lines = result.stdout.splitlines()

    assert result.exit_code == 1
    assert all(line.startswith("bad.md:") for line in lines)
    assert "bad.md:5: limitations: nothing but a blank: 'TODO'; name at least one condition" in result.stdout
    assert "[MLG606]" in result.stdout


def test_warnings_say_that_they_are_and_do_not_fail(folder: Path) -> None:
    (folder / "good.md").write_text(GOOD + "\nTODO: storms\n", encoding="utf-8")

    result = lint("good.md")

    assert (result.exit_code, "warn: ethical considerations: a blank is left: 'TODO'" in result.stdout) == (0, True)
    assert lint("good.md", "--quiet").output == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("none.md",), "none.md: the card does not exist"),
        (("good.md", "--stage", "prod"), "--stage prod: choose one of"),
        (("good.md", "--preset", "tiny"), "minimal-7"),
        (("good.md", "--lang", "pt"), "en"),
        ((), "FILE"),
    ],
)
def test_bad_usage_is_two(folder: Path, arguments: tuple[str, ...], message: str) -> None:
    result = lint(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr


def test_the_gate_that_names_the_file_says_how(folder: Path) -> None:
    (folder / "mlgate.toml").write_text(
        '[model]\nstage = "validation"\ncandidate = "not/there.joblib"\n[gates.card]\npath = "bad.md"\nlang = "es"\n'
    )

    assert "limitaciones" not in lint("bad.md").stdout  # not asked for at validation
    assert "la tarjeta no da" in lint("bad.md").stdout
    assert "limitaciones" in lint("bad.md", "--stage", "production").stdout
    assert lint("good.md").exit_code == 0


def test_it_loads_nothing_heavy(folder: Path) -> None:
    code = (
        "import sys\nfrom pytest_mlgate.cli import main\nsys.argv = ['mlgate', 'card', 'lint', 'bad.md']\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        "heavy = {'numpy', 'pandas', 'scipy', 'sklearn', 'joblib', 'pandera', 'hypothesis', 'pyarrow', 'pytest'}\n"
        "sys.exit(f'{code} {sorted(heavy & set(sys.modules))}')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)

    assert found.stderr.strip() == "1 []"
