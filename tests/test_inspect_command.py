"""``mlgate inspect``: what it prints, its exit codes, and that it loads nothing heavy."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from pathlib import Path

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app

CUSTOM = b"\x80\x04\x8c\x0dshop.features\x8c\x07Encoder\x93)\x81}b."


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    joblib.dump(LogisticRegression().fit(np.eye(2), [0, 1]), tmp_path / "good.joblib", compress=3)
    (tmp_path / "custom.pkl").write_bytes(CUSTOM)
    (tmp_path / "unsafe.pkl").write_bytes(b"cos\nsystem\n.")
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["inspect", *arguments])


def test_an_accepted_file_exits_0_and_says_what_it_is(folder: Path) -> None:
    result = call("good.joblib")

    lines = [line.split() for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert lines[0] == ["good.joblib:", "accepted"]
    assert ["format", "joblib,", "zlib"] in lines
    assert [line[:2] for line in lines if line[0] == "versions"] == [["versions", "scikit-learn"]]
    assert "sklearn.linear_model._logistic:LogisticRegression" in result.output
    assert "sha256:" in result.output


@pytest.mark.parametrize(
    ("names", "code"),
    [
        (["good.joblib"], 0),
        (["good.joblib", "custom.pkl"], 1),
        (["unsafe.pkl", "good.joblib"], 1),
        (["not there.joblib"], 1),
        ([], 2),
    ],
)
def test_exit_codes(folder: Path, names: list[str], code: int) -> None:
    assert call(*names).exit_code == code


def test_what_would_have_to_be_trusted_can_be_copied_into_the_configuration(folder: Path) -> None:
    result = call("custom.pkl")
    block = result.output[result.output.index("  [artifacts]") :]
    (folder / "mlgate.toml").write_text("\n".join(line.strip() for line in block.splitlines()))

    again = call("custom.pkl")

    assert result.exit_code == 1
    assert "custom.pkl: untrusted" in result.output
    assert "shop.features:Encoder is not on the list of names that models need (byte" in result.output
    assert again.exit_code == 0
    assert "trusted   shop.features:Encoder" in again.output


def test_a_name_is_trusted_for_once(folder: Path) -> None:
    assert call("custom.pkl", "--trusted", "shop.features:Encoder").exit_code == 0
    assert call("custom.pkl", "--trusted", "shop.features:Other").exit_code == 1

    result = call("custom.pkl", "--trusted", "shop")

    assert result.exit_code == 2
    assert "a whole package is not trusted" in result.output


def test_no_trust_comes_from_the_folder_of_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "mlgate.toml").write_text('[artifacts]\ntrusted = ["shop.features:Encoder"]\n')
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "pyproject.toml").write_text("")
    monkeypatch.chdir(elsewhere)

    assert call("../custom.pkl").exit_code == 1
    assert call("../custom.pkl", "--config", "../mlgate.toml").exit_code == 0


def test_a_configuration_that_is_wrong_elsewhere_does_not_matter_here(folder: Path) -> None:
    (folder / "mlgate.toml").write_text(
        '[model]\ncandidate = "gone"\n[artifacts]\ntrusted = ["shop.features:Encoder"]\n'
    )

    assert call("custom.pkl").exit_code == 0

    (folder / "mlgate.toml").write_text('[artifacts]\ntrusted = ["shop.*"]\n')
    result = call("good.joblib")

    assert result.exit_code == 2
    assert "mlgate.toml:2: `artifacts.trusted`" in result.output
    assert "is a pattern" in result.output


def test_json_has_all_of_it(folder: Path) -> None:
    result = call("--json", "good.joblib", "unsafe.pkl")

    good, unsafe = json.loads(result.output)
    assert result.exit_code == 1
    assert (good["verdict"], good["compression"], good["findings"]) == ("accepted", "zlib", [])
    assert (unsafe["verdict"], unsafe["names"]) == ("refused", ["os:system"])
    assert unsafe["findings"][0]["position"] == 0


def test_code_that_travels_by_value_is_trusted_by_digest(folder: Path) -> None:
    import cloudpickle

    answers: dict[str, object] = {"__name__": "__main__"}
    exec("def predict(X):\n    return [1] * len(X)", answers)
    (folder / "function.pkl").write_bytes(cloudpickle.dumps(answers["predict"]))

    result = call("function.pkl")
    entry = next(line.strip().strip('",') for line in result.output.splitlines() if '"sha256:' in line)

    assert result.exit_code == 1
    assert "function.pkl: untrusted" in result.output
    assert "brings code along in the file itself" in result.output
    assert call("function.pkl", "--trusted", entry).exit_code == 0


def test_what_a_file_says_does_not_reach_the_terminal_as_it_is(folder: Path) -> None:
    (folder / "odd.pkl").write_bytes(b"cshop\x1b[31m\nEncoder\xe2\x80\xae\n.")

    result = call("odd.pkl")

    assert result.exit_code == 1
    assert "\x1b" not in result.output
    assert "\u202e" not in result.output


def test_nothing_heavy_is_loaded(folder: Path) -> None:
    (folder / "plain.pkl").write_bytes(pickle.dumps({"a": np.zeros(3)}))
    code = (
        "import sys\nfrom pytest_mlgate.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    code = end.code\n"
        "heavy = sorted({'sklearn', 'pandas', 'scipy', 'joblib', 'numpy', 'pyarrow', 'pandera'} & set(sys.modules))\n"
        "sys.exit(f'loads {heavy}' if heavy else code)\n"
    )
    command = [sys.executable, "-c", code, "inspect", "good.joblib", "plain.pkl"]

    found = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)

    assert (found.returncode, found.stderr) == (0, "")
