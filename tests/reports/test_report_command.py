"""``mlgate report``: the page of a verdict that is there, with the evidence beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.cli import app
from pytest_mlgate.reports import html
from pytest_mlgate.verdict import write_evidence, write_verdict
from tests.reports.made import drifted, numbers, verdict_of


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as a run leaves it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mlgate.toml").write_text('[data]\nholdout = "not/there.csv"\n[gates.drift]\nmax_distance = 0.2\n')
    folder = tmp_path / ".mlgate"
    verdict = verdict_of(drifted("temp", 0.5))
    write_verdict(verdict, folder / "verdict.json")
    write_evidence(verdict, {"drift:temp": {"distribution": numbers(5)}}, folder / "evidence.json")
    return folder


def call(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments])


def test_the_page_is_written_beside_the_verdict_from_what_is_there(results: Path) -> None:
    result = call()

    assert (result.exit_code, result.stdout, result.stderr) == (0, "report: .mlgate/report.html\n", "")
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "BLOCK" in page
    assert "<svg " in page


def test_it_is_written_where_one_says(results: Path, tmp_path: Path) -> None:
    result = call("--output", "pages/one.html", "--file", str(results / "verdict.json"))

    assert result.exit_code == 0
    assert (tmp_path / "pages/one.html").is_file()
    assert not (results / "report.html").exists()


def test_without_evidence_there_is_a_page_without_plots(results: Path) -> None:
    (results / "evidence.json").unlink()

    result = call()

    assert (result.exit_code, result.stderr) == (0, "")
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "<svg " not in page
    assert "there is no evidence.json beside the verdict" in page.partition('id="left-out"')[2]


def test_evidence_of_another_run_is_left_out_and_the_page_says_so(results: Path) -> None:
    record = json.loads((results / "evidence.json").read_text(encoding="utf-8"))
    (results / "evidence.json").write_text(json.dumps({**record, "verdict": "0" * 64}), encoding="utf-8")

    result = call()

    assert result.exit_code == 0
    assert "note: evidence.json is of another run" in result.stderr
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "evidence.json is of another run" in page.partition('id="left-out"')[2]
    assert "<svg " not in page


@pytest.mark.parametrize("text", ["{", "[]", '{"checks": 3}', "\x00"])
def test_a_broken_evidence_file_is_an_error_that_names_it(results: Path, text: str) -> None:
    (results / "evidence.json").write_text(text, encoding="utf-8")

    result = call()

    assert result.exit_code == 1
    assert result.stderr.startswith("mlgate: .mlgate/evidence.json: ")
    assert "fix: " in result.stderr
    assert not (results / "report.html").exists()


def test_a_verdict_that_was_changed_has_no_page(results: Path) -> None:
    file = results / "verdict.json"
    file.write_text(file.read_text(encoding="utf-8").replace('"block"', '"promote"', 1), encoding="utf-8")

    result = call()

    assert result.exit_code == 1
    assert "verdict.json: its digest is not that of its content" in result.stderr


def test_without_a_verdict_it_says_what_writes_one(results: Path) -> None:
    (results / "verdict.json").unlink()

    result = call()

    assert (result.exit_code, result.stderr) == (
        1,
        "mlgate: .mlgate/verdict.json: there is no verdict; `mlgate check` writes one\n",
    )


def test_a_missing_package_is_named_with_its_extra(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "find_spec", lambda name: None if name == "jinja2" else name)

    result = call()

    assert result.exit_code == 2
    assert result.stderr == (
        "mlgate: the HTML report needs jinja2, which is not installed\n    fix: pip install 'pytest-mlgate[report]'\n"
    )


def test_a_place_that_cannot_be_written_is_named(results: Path) -> None:
    (results / "file").write_text("")

    result = call("--output", str(results / "file" / "page.html"))

    assert result.exit_code == 2
    assert "page.html: cannot be written" in result.stderr
