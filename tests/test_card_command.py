"""``mlgate card lint``: one line a finding, exit codes, settings of the configuration, and nothing heavy."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.cli.card_lint import plain
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


HEAVY = {"numpy", "pandas", "scipy", "sklearn", "joblib", "pandera", "hypothesis", "pyarrow", "pytest"}
SLOW_TO_LOAD = {"typer", "rich", "click", "pydantic", "yaml", "packaging", "importlib.metadata"}
"""What a card without front matter and licence, judged as a hook does it, has no use for."""


@pytest.mark.parametrize("arguments", [("bad.md",), ("bad.md", "good.md", "--quiet", "--preset", "minimal-7")])
def test_a_hook_loads_nothing_heavy_and_no_parser_of_commands_or_settings(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    (folder / "mlgate.toml").write_text(
        '[model]\nstage = "production"\n[[gates.card]]\npath = "bad.md"\nmax_age = 30\n'
        '[[gates.card]]\npath = "good.md"\nsections = ["limitations"]\nheadings = { limitations = ["Hazards"] }\n'
    )
    code = (
        f"import sys\nfrom pytest_mlgate.cli import main\nsys.argv = ['mlgate', 'card', 'lint', *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        f"loaded = sorted({HEAVY | SLOW_TO_LOAD!r} & set(sys.modules))\n"
        "sys.exit(f'{code} {loaded}')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)

    assert found.stderr.strip() == "1 []"


def run(folder: Path, *arguments: str) -> tuple[int, str, str]:
    """What the installed command answers, by whichever of its two ways."""
    code = "from pytest_mlgate.cli import main\nmain()\n"
    found = subprocess.run(
        [sys.executable, "-c", code, "card", "lint", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    return found.returncode, found.stdout, found.stderr


def test_the_short_way_says_what_the_long_one_says(folder: Path) -> None:
    result = lint("bad.md", "--stage", "production")

    assert run(folder, "bad.md", "--stage", "production") == (result.exit_code, result.stdout, "")
    assert run(folder, "none.md") == (2, "", lint("none.md").stderr)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('sections = ["limits"]', "no section is called 'limits'; did you mean 'limitations'?"),
        ("max_age = 0", "[gates.card] max_age: Input should be greater than or equal to 1"),
        ('sections = ["limitations"]\npreset = "minimal-7"', "`sections` replaces `preset`"),
    ],
)
def test_a_wrong_setting_is_named(folder: Path, entry: str, message: str) -> None:
    (folder / "mlgate.toml").write_text(f'[gates.card]\npath = "bad.md"\n{entry}\n')

    result = lint("bad.md")

    assert (result.exit_code, message in result.stderr) == (2, True)


@pytest.mark.parametrize("arguments", [(), ("--help",), ("bad.md", "--stage"), ("bad.md", "--lang", "pt"), ("-x",)])
def test_what_is_not_plain_is_left_to_the_parser(arguments: tuple[str, ...]) -> None:
    assert plain(arguments) is None


@pytest.mark.parametrize(
    ("name", "is_card"),
    [
        ("MODEL_CARD.md", True),
        ("models/late/model-card.md", True),
        ("model_card.json", True),
        ("late-model-card.md", True),
        ("modelcard.markdown", True),
        ("MODEL_CARD_es.md", True),
        ("README.md", False),
        ("model-card-plots/roc.svg", False),
        ("docs/model-cards/writing.md", False),
    ],
)
def test_the_hook_is_given_cards(name: str, is_card: bool) -> None:
    hooks = yaml.safe_load((Path(__file__).parents[1] / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    (hook,) = (one for one in hooks if one["id"] == "mlgate-card")

    assert (bool(re.search(hook["files"], name)), hook["entry"]) == (is_card, "mlgate card lint")
