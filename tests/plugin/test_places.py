"""Where checks stand, in a run: the card's line, the configuration's, the test's, from the root of the repository."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
import xmlschema

from pytest_mlgate.reports import KINDS, markdown
from pytest_mlgate.reports.places import repository_root
from tests.plugin.conftest import Project

SCHEMAS = Path(__file__).parents[1] / "reports" / "schemas"
CARD = """\
# Model card

A ranking of flights.

## Intended use

[More Information Needed]
"""


def _places(project: Project) -> dict[str, tuple[str, int]]:
    """Return file and line of each finding, as GitLab and code scanning are told."""
    results = project.path / ".mlgate"
    quality = json.loads((results / KINDS["code-quality"]).read_text(encoding="utf-8"))
    (run,) = json.loads((results / KINDS["sarif"]).read_text(encoding="utf-8"))["runs"]
    at = [result["locations"][0] for result in run["results"]]
    places = [one["physicalLocation"] for one in at]
    found = {
        one["logicalLocations"][0]["fullyQualifiedName"]: (
            place["artifactLocation"]["uri"],
            place["region"]["startLine"],
        )
        for one, place in zip(at, places, strict=True)
    }
    assert sorted(found.values()) == sorted(
        (one["location"]["path"], one["location"]["lines"]["begin"]) for one in quality
    )
    return found


def _run(project: Project, *arguments: str) -> dict[str, tuple[str, int]]:
    project.run("--mlgate-report=sarif", "--mlgate-report=code-quality", *arguments)
    return _places(project)


def test_a_gate_stands_on_its_line_of_the_configuration(project: Project) -> None:
    project.configure("pass", "fail", head="[model]\n")

    assert _run(project) == {"toy[b]": ("mlgate.toml", 6)}


@pytest.mark.parametrize("mark", ["folder", "file"])
def test_paths_begin_at_the_root_of_the_repository(
    project: Project, mark: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = project.path
    (root / ".git").mkdir() if mark == "folder" else (root / ".git").write_text("gitdir: elsewhere\n")
    project.path = root / "models" / "läte one"
    project.path.mkdir(parents=True)
    project.configure("fail")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", "/somewhere/else")

    result = project.pytester.runpytest_inprocess(
        *("--mlgate", f"--mlgate-config={project.path / 'mlgate.toml'}", "-p", "no:cacheprovider"),
        *(f"--mlgate-report={kind}" for kind in ("sarif", "code-quality", "comment")),
    )

    quality = json.loads((project.path / ".mlgate" / KINDS["code-quality"]).read_text(encoding="utf-8"))
    assert quality[0]["location"] == {"path": "models/läte one/mlgate.toml", "lines": {"begin": 2}}
    (run,) = json.loads((project.path / ".mlgate" / KINDS["sarif"]).read_text(encoding="utf-8"))["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "models/l%C3%A4te%20one/mlgate.toml"
    comment = (project.path / ".mlgate/comment.md").read_text(encoding="utf-8")
    assert comment.startswith("<!-- mlgate-comment: models/l%C3%A4te%20one/mlgate.toml -->\n")
    assert [line.partition(",")[0] for line in result.outlines if line.startswith("::error")] == [
        "::error file=models/läte one/mlgate.toml"
    ]


def test_a_check_of_the_card_stands_on_its_line_of_the_card(project: Project) -> None:
    project.write("docs/CARD.md", CARD)
    project.write("mlgate.toml", '[model]\nstage = "validation"\n[gates.card]\npath = "docs/CARD.md"\n')

    found = _run(project)

    assert found["card:intended_use"] == ("docs/CARD.md", 7)
    assert {file for file, _ in found.values()} <= {"docs/CARD.md", "mlgate.toml"}


def test_a_check_of_a_test_stands_on_the_test(project: Project) -> None:
    project.configure("pass")
    project.write("tests/test_own.py", "\n\ndef test_a(mlgate):\n    mlgate.toy(answer='fail')\n")

    assert _run(project, "tests", "mlgate.toml") == {"toy[tests/test_own.py:test_a]": ("tests/test_own.py", 3)}


def test_governance_stands_on_its_key_and_what_is_missing_on_its_section(project: Project) -> None:
    project.configure("pass", head='[model]\nstage = "pre-production"\n[governance]\n\nowner = "the data team"\n')

    found = _run(project)

    assert found["governance:owner"] == ("mlgate.toml", 5)
    assert found["governance:retirement"] == ("mlgate.toml", 3)


def test_the_verdict_of_a_run_without_a_git_is_placed_from_the_workspace(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)

    assert repository_root(folder, {"CI_PROJECT_DIR": str(tmp_path)}) == tmp_path
    assert repository_root(folder, {"GITHUB_WORKSPACE": "/elsewhere"}) == folder
    assert repository_root(folder, {}) == folder


def test_all_outputs_come_from_one_run_and_agree(project: Project) -> None:
    project.configure("pass", "fail", "inconclusive")

    project.run(*(f"--mlgate-report={kind}" for kind in KINDS if kind != "html"))

    verdict = project.verdict()
    cases = ElementTree.parse(project.path / ".mlgate" / KINDS["junit"]).iter("testcase")
    assert [case.get("name") for case in cases] == [*(check.id for check in verdict.checks), "verdict"]
    (run,) = json.loads((project.path / ".mlgate" / KINDS["sarif"]).read_text(encoding="utf-8"))["runs"]
    assert run["properties"]["verdict"] == verdict.to_json()["digest"]
    assert verdict.to_json()["digest"][:12] in (project.path / ".mlgate/comment.md").read_text(encoding="utf-8")


def test_a_summary_that_is_nearly_full_is_not_made_too_long(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.configure("pass")
    summary = project.path / "summary.md"
    summary.write_bytes(b"x" * (markdown.SUMMARY - 100))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    result = project.run()

    assert summary.stat().st_size <= markdown.SUMMARY
    result.stdout.fnmatch_lines(["note: the job's summary has no room for this one*"])
    assert project.verdict().decision == "promote"
    assert result.ret == 0


def test_a_property_of_pytests_own_junit_file_stays_short(project: Project) -> None:
    name = "n" * 100_000
    project.write("mlgate.toml", f'[gates.toy]\nsubject = "{name}"\n')

    project.run("--junitxml=junit.xml")

    assert (project.path / "junit.xml").stat().st_size < 10_000


def test_the_schema_of_jenkins_takes_our_junit_file_and_not_that_of_pytest(project: Project) -> None:
    project.configure("fail")
    schema = xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))

    project.run("--junitxml=junit.xml", "--mlgate-report=junit")

    assert schema.is_valid(str(project.path / ".mlgate/junit.xml"))
    assert not schema.is_valid(str(project.path / "junit.xml"))
