"""What a run says, and where: header, table, JUnit, GitHub, Markdown."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.reports import markdown
from pytest_mlgate.reports.table import rows
from pytest_mlgate.reports.terminal import conclusion, lines
from tests.plugin.conftest import Project
from tests.reports.verdicts import check, fixed_verdict

GOLDEN = Path(__file__).parent / "golden"


def test_the_terminal_table_is_the_golden_one() -> None:
    verdict = fixed_verdict()

    text = "\n".join([*lines(rows(verdict.checks)), conclusion(verdict, "mlgate explain"), ""])

    assert text == (GOLDEN / "terminal.txt").read_text(encoding="utf-8")


def test_the_markdown_is_the_golden_one() -> None:
    assert markdown.summary(fixed_verdict()) == (GOLDEN / "report.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "subject", ["<script>alert(1)</script>", "x](javascript:alert(1))", "a|b", "![](http://x/y.png)"]
)
def test_names_of_columns_are_inert_in_markdown(project: Project, subject: str) -> None:
    from markdown_it import MarkdownIt

    project.write("mlgate.toml", f"[model]\nname = '{subject}'\n[gates.toy]\nanswer = 'fail'\nsubject = '{subject}'\n")

    project.run("--mlgate-report=markdown")

    text = (project.path / ".mlgate/report.md").read_text(encoding="utf-8")
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    tokens = [child for token in parser.parse(text) for child in (token, *(token.children or ()))]
    markup = [token.content for token in tokens if token.type in ("html_inline", "html_block")]
    assert all("script" not in piece for piece in markup)
    assert not {"link_open", "image"} & {token.type for token in tokens}
    cells = [tokens[at + 1].children for at, token in enumerate(tokens) if token.type == "td_open"]
    assert ["".join(child.content for child in children or ()) for children in cells][:2] == ["toy", subject]


def test_the_header_names_model_stage_and_file(gated: Project) -> None:
    gated.configure("pass", "pass", head='[model]\nname = "flights"\nstage = "production"')

    result = gated.run()

    result.stdout.fnmatch_lines(["mlgate: flights -> production (mlgate.toml, 2 gates)"])


def test_without_the_option_header_and_summary_are_silent(gated: Project) -> None:
    text = gated.plain().stdout.str()

    lines_of_ours = [line for line in text.splitlines() if "mlgate" in line and not line.startswith("plugins:")]
    assert lines_of_ours == []


def test_the_summary_puts_the_decision_last_and_the_worst_first(project: Project) -> None:
    project.configure("pass", "fail", head='[model]\nname = "m"')

    result = project.run()

    result.stdout.fnmatch_lines(
        [
            "=* mlgate: m -> validation =*",
            "toy  a  pass  the toy says pass",
            "toy  b  fail  the toy says fail",
            "BLOCK: 1 of 2 checks blocks.   mlgate explain 'toy?b?'",
        ],
        consecutive=True,
    )


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_junit_has_every_check_as_a_property_and_the_verdict_as_a_test(
    project: Project, workers: tuple[str, ...]
) -> None:
    project.configure("pass", "fail")

    project.run("--junitxml=junit.xml", *workers)

    cases = {case.get("name"): case for case in ElementTree.parse(project.path / "junit.xml").iter("testcase")}
    found = {
        (name, prop.get("name")): prop.get("value") for name, case in cases.items() for prop in case.iter("property")
    }
    assert found == {
        ("toy[a]", "mlgate:toy[a]"): "pass (block): the toy says pass",
        ("toy[b]", "mlgate:toy[b]"): "fail (block): the toy says fail",
        ("verdict", "mlgate:decision"): "block",
        ("verdict", "mlgate:stage"): "validation",
    }
    assert [child.tag for child in cases["verdict"]] == ["properties", "failure"]
    assert [child.tag for child in cases["toy[a]"]] == ["properties"]


def test_the_job_summary_is_appended_to(gated: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    summary = gated.path / "summary.md"
    summary.write_text("of an earlier step\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))

    gated.run()

    text = summary.read_text(encoding="utf-8")
    assert text.startswith("of an earlier step\n## ")
    assert "**promote**" in text


def test_a_report_is_written_only_where_it_is_asked_for(gated: Project) -> None:
    report = gated.path / ".mlgate/report.md"

    gated.run()
    without = report.exists()
    result = gated.run("--mlgate-report=markdown", "--mlgate-report=markdown")

    assert not without
    assert report.read_text(encoding="utf-8").startswith("## ")
    assert [line for line in result.outlines if line.startswith("report: ")] == ["report: .mlgate/report.md"]


def test_annotations_point_at_the_line_of_the_configuration(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.configure("pass", "fail", "inconclusive", head="[model]\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_WORKSPACE", str(project.path.parent))

    result = project.run()

    file, fix = f"file={project.path.name}/mlgate.toml", "%0Afix: ask it something else"
    assert [line for line in result.outlines if line.startswith("::")] == [
        f"::error {file},line=6,title=toy[b]::fail: the toy says fail{fix}",
        f"::warning {file},line=9,title=toy[c]::inconclusive (warn): the toy says inconclusive{fix}",
    ]


def test_annotations_escape_what_would_end_or_forge_a_command(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("mlgate.toml", '[gates.toy]\nanswer = "fail"\nsubject = "100%,a:b\\n::error::forged"\n')
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    result = project.run()

    (line,) = [line for line in result.outlines if line.lstrip().startswith("::")]
    assert "title=toy%3A100%25%2Ca%3Ab %3A%3Aerror%3A%3Aforged::fail" in line


@pytest.mark.parametrize("value", [None, "", "false"])
def test_elsewhere_there_are_no_annotations(
    project: Project, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    project.configure("fail")
    if value is not None:
        monkeypatch.setenv("GITHUB_ACTIONS", value)

    result = project.run()

    assert not any(line.startswith("::") for line in result.outlines)


def test_a_message_of_a_check_cannot_forge_a_workflow_command(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(
        "mlgate.toml", '[gates.toy]\nanswer = "fail"\nsubject = "x\\n::add-mask::secret\\n::stop-commands::t"\n'
    )
    monkeypatch.setenv("GITHUB_ACTIONS", "true")

    result = project.run()

    forged = [line for line in result.outlines if line.lstrip().startswith(("::add-mask", "::stop-commands"))]
    assert forged == []


def test_a_terminal_that_knows_ascii_only_is_no_reason_to_fail(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write("mlgate.toml", '[gates.toy]\nsubject = "名前"\n')
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")

    result = project.spawn()

    assert result.ret == 0
    assert project.verdict().decision == "promote"


def test_no_more_than_twenty_open_checks_of_a_gate_are_listed_and_the_rest_is_counted() -> None:
    checks = [check("drift", "", f"c{number}", "fail", "moved") for number in range(25)]

    table = rows(checks)

    assert len(table) == 21
    assert table[-1].message == "5 more, 5 of them blocking; all are in the verdict"
    assert table[-1].blocks


def test_every_outcome_that_does_not_block_says_how_it_was_taken() -> None:
    checks = [check("g", "", str(outcome), outcome, "", severity=Severity.NOTE) for outcome in Outcome]

    assert {row.state for row in rows(checks)} == {"pass", "fail (note)", "inconclusive (note)", "error", "skip (note)"}
