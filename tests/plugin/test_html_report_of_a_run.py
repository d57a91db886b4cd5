"""``--mlgate-report=html``: written at the end of a run, refused before it where it could not be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlgate.reports import html
from pytest_mlgate.reports.html import page
from tests.plugin.conftest import Project

if TYPE_CHECKING:
    import pytest


def test_a_run_ends_with_where_the_page_lies(gated: Project) -> None:
    result = gated.run("--mlgate-report=html", "--mlgate-report=markdown")

    assert [line for line in result.outlines if line.startswith("report: ")] == [
        "report: .mlgate/report.html",
        "report: .mlgate/report.md",
    ]
    text = (gated.path / ".mlgate/report.html").read_text(encoding="utf-8")
    assert text.startswith("<!DOCTYPE html>")
    assert gated.verdict().to_json()["digest"] in text


def test_a_missing_package_is_named_before_the_run(gated: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "find_spec", lambda name: None)

    result = gated.run("--mlgate-report=html")

    assert result.ret == 4
    result.stderr.fnmatch_lines(
        [
            "ERROR: --mlgate-report=html: the HTML report needs jinja2 and matplotlib, which are not installed: "
            "pip install 'pytest-mlgate?report?'"
        ]
    )
    assert not gated.verdict_file.exists()


def test_a_page_that_cannot_be_made_fails_the_run_and_loses_nothing(
    gated: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: object, **more: object) -> None:
        raise RuntimeError("no ink")

    monkeypatch.setattr(page, "build", broken)

    result = gated.run("--mlgate-report=html", "--mlgate-report=markdown")

    assert result.ret == 1
    result.stdout.fnmatch_lines(["note: the html report could not be written: no ink"])
    assert gated.verdict().decision == "promote"
    assert (gated.path / ".mlgate/report.md").is_file()
