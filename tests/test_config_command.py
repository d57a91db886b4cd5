"""``mlgate config check``: one line a mistake, exit codes, policies, and nothing heavy."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.cli.config_check import plain

GOOD = """\
[model]
name = "late"
stage = "production"
candidate = "not/there.joblib"

[data]
target = "late"
holdout = "not/there.parquet"

[[gates.baseline]]
metric = "roc_auc"
margin = 0.01

[gates.card]
[gates.drift]
[gates.schema]
schema = "schema.yaml"
[gates.parity]
train = "shop:build"
serve = "shop:serve"

[policy.production.codes]
MLG506 = "warn"
"""
POLICY = '[every]\ninconclusive = "block"\n'
HEAVY = {"numpy", "pandas", "scipy", "sklearn", "joblib", "pandera", "hypothesis", "pyarrow", "pytest"}
PARSER = {"typer", "rich", "click"}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mlgate.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["config", "check", *arguments])


def test_a_right_file_says_what_it_is_or_nothing(folder: Path) -> None:
    assert (check().exit_code, check().output) == (0, "mlgate.toml: 5 gates, for production\n")
    assert (check("--quiet", "mlgate.toml").exit_code, check("--quiet", "mlgate.toml").output) == (0, "")


def test_every_mistake_is_a_line_with_file_line_key_value_and_way_out(folder: Path) -> None:
    text = (
        GOOD.replace("margin = 0.01", 'margn = "a"').replace("target =", "tarjet =").replace('"production"', '"prod"')
    )
    (folder / "mlgate.toml").write_text(text, encoding="utf-8")
    result = check("mlgate.toml")

    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    assert [line.split(": ")[0] for line in lines] == ["mlgate.toml:3", "mlgate.toml:7", "mlgate.toml:12"]
    assert "`model.stage` = 'prod': should be 'exploration'" in lines[0]
    assert "unknown key `data.tarjet`; did you mean `target`?" in lines[1]
    assert "unknown key `gates.baseline[0].margn`; did you mean `margin`?" in lines[2]


def test_files_that_training_writes_are_asked_for_on_request_only(folder: Path) -> None:
    result = check("--files")

    assert result.exit_code == 1
    assert "`model.candidate` = 'not/there.joblib': there is no file" in result.stdout


@pytest.mark.parametrize(
    ("name", "text", "code", "says"),
    [
        ("pyproject.toml", '[project]\nname = "x"\n', 0, "pyproject.toml: has no [tool.mlgate] table"),
        ("pyproject.toml", '[project]\ndependencies = ["pytest-mlgate"]\n', 0, "has no [tool.mlgate] table"),
        (
            "pyproject.toml",
            "[tool.mlgate.gates.drift]\nmax = 1\n",
            1,
            "pyproject.toml:2: unknown key `gates.drift.max`",
        ),
        ("pyproject.toml", 'name = "mlgate"\n[tool\n', 1, "pyproject.toml:2: is not valid TOML"),
        ("mlgate-policy.toml", POLICY, 0, "mlgate-policy.toml: a policy"),
        ("mlgate-policy.toml", POLICY.replace("block", "stop"), 1, "mlgate-policy.toml:2: "),
        ("mlgate-policy.toml", "[every\n", 1, "mlgate-policy.toml:1: is not valid TOML"),
        (
            "mlgate-policy.toml",
            'extends = "none.toml"\n',
            1,
            "mlgate-policy.toml:1: `extends` = 'none.toml': there is no",
        ),
        ("mlgate-policy.toml", POLICY.replace("every", "evry"), 1, "unknown key `evry`"),
        ("ein name.toml", "[gates.drift]\n", 0, "ein name.toml: 1 gate, for validation"),
    ],
)
def test_what_a_file_is_decides_how_it_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, code: int, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text(text, encoding="utf-8")

    result = check(name)

    assert (result.exit_code, says in result.stdout) == (code, True), result.output


def test_a_mistake_in_a_policy_that_is_extended_is_named_in_its_own_file(folder: Path) -> None:
    (folder / "org.toml").write_text("[production.gates]\ndrfit = 'block'\n", encoding="utf-8")
    (folder / "mlgate.toml").write_text('[gates.drift]\n[policy]\nextends = "org.toml"\n', encoding="utf-8")
    result = check("mlgate.toml")

    assert result.exit_code == 1
    assert result.stdout.startswith("org.toml:2: ")
    assert "did you mean `drift`?" in result.stdout


def test_all_files_are_judged_and_the_worst_counts(folder: Path) -> None:
    (folder / "bad mlgate.toml").write_text("[gate.drift]\n", encoding="utf-8")

    result = check("gone.toml", "bad mlgate.toml", "mlgate.toml")

    assert result.exit_code == 2
    assert "gone.toml: there is no such file" in result.stderr
    assert "bad mlgate.toml:1: unknown key `gate`; did you mean `gates`?" in result.stdout
    assert check("bad mlgate.toml", "mlgate.toml").exit_code == 1


def test_without_a_configuration_it_is_bad_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert check().exit_code == 2
    assert "name one with --config" in check().stderr


@pytest.mark.parametrize(
    ("file", "unneeded"),
    [
        ("mlgate.toml", HEAVY | PARSER | {"asyncio", "pytest_mlgate.cards.blanks"}),
        ("pyproject.toml", HEAVY | PARSER | {"pydantic"}),
    ],
)
def test_a_hook_loads_nothing_that_it_has_no_use_for(folder: Path, file: str, unneeded: set[str]) -> None:
    text = GOOD[: GOOD.index("[policy.")]  # a code's name is looked up in all gates
    (folder / "mlgate.toml").write_text(text, encoding="utf-8")
    if file == "pyproject.toml":
        (folder / file).write_text('[project]\nname = "mlgate-user"\n', encoding="utf-8")
    code = (
        f"import sys\nfrom pytest_mlgate.cli import main\nsys.argv = ['mlgate', 'config', 'check', {file!r}]\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        f"loaded = sorted({unneeded!r} & set(sys.modules))\n"
        "sys.exit(f'{code} {loaded}')\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=folder)

    assert found.stderr.strip() == "0 []"


@pytest.mark.parametrize("arguments", [(), ("--help",), ("mlgate.toml", "--fils"), ("--config", "x"), ("--quiet",)])
def test_what_is_not_plain_is_left_to_the_parser(arguments: tuple[str, ...]) -> None:
    assert plain(arguments) is None
