"""What other tools read: each output as it is kept, against its consumer's schema, and with hostile text in it."""

from __future__ import annotations

import functools
import json
import math
import os
import re
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import jsonschema
import pytest
import xmlschema
from markdown_it import MarkdownIt
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from pytest_mlgate.checks import Outcome
from pytest_mlgate.reports import KINDS, Run, comment, github, markdown, render, sarif
from pytest_mlgate.reports.findings import findings
from pytest_mlgate.reports.places import Place
from tests.reports.verdicts import check, fixed_run, hostile_run, verdict_of

FOLDER = Path(__file__).parent
SCHEMAS = FOLDER / "schemas"


@functools.cache
def _xsd() -> xmlschema.XMLSchema:
    return xmlschema.XMLSchema(str(SCHEMAS / "junit-10.xsd"))


@functools.cache
def _json_schema(name: str) -> Any:
    schema = json.loads((SCHEMAS / name).read_text(encoding="utf-8"))
    return jsonschema.validators.validator_for(schema)(schema, format_checker=jsonschema.FormatChecker())


def _metrics(text: str) -> dict[str, list[tuple[dict[str, str], float]]]:
    found = text_string_to_metric_families(text)
    return {family.name: [(dict(sample.labels), sample.value) for sample in family.samples] for family in found}


@functools.cache
def _hostile() -> Run:
    return hostile_run()


def _accept(kind: str, text: str) -> None:
    """Read a report as its consumer does."""
    if kind == "junit":
        _xsd().validate(text)
    elif kind == "sarif":
        _json_schema("sarif-2.1.0-rtm.5.json").validate(json.loads(text))
    elif kind == "code-quality":
        _json_schema("code-quality.json").validate(json.loads(text))
    elif kind == "metrics":
        assert _metrics(text)
    else:
        text.encode("utf-8")


RUNS = {
    "every outcome": fixed_run,
    "hostile": _hostile,
    "no check": lambda: Run(verdict=verdict_of()),
    "one that passes": lambda: Run(verdict=verdict_of(check("drift", "", "x", "pass", "fine", observed=0.1))),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "html"])
def test_its_consumer_accepts_it(kind: str, run: Any) -> None:
    _accept(kind, render(kind, run()))


@pytest.mark.parametrize("kind", ["comment", "junit", "sarif", "code-quality", "metrics"])
def test_it_is_the_golden_one(kind: str) -> None:
    """MLGATE_WRITE_GOLDEN=1 writes it anew, to be looked at in the difference."""
    text = re.sub(r'("version": ")[^"]*(",\n *"rules")', r"\1VERSION\2", render(kind, fixed_run()))
    golden = FOLDER / "golden" / KINDS[kind]
    if os.environ.get("MLGATE_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")

    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "html"])
def test_the_same_run_gives_the_same_bytes(kind: str) -> None:
    assert render(kind, fixed_run()) == render(kind, fixed_run())


# JUnit


def _cases(text: str) -> dict[str, ElementTree.Element]:
    return {case.get("name", ""): case for case in ElementTree.fromstring(text).iter("testcase")}


def test_junit_has_a_test_case_for_each_check_and_no_two_of_one_name() -> None:
    for run in (fixed_run(), _hostile()):
        names = Counter(
            (case.get("classname"), case.get("name"))
            for case in ElementTree.fromstring(render("junit", run)).iter("testcase")
        )

        assert len(names) == len(run.verdict.checks) + 1
        assert set(names.values()) == {1}


def test_junit_fails_what_blocks_and_skips_what_is_left_open() -> None:
    cases = _cases(render("junit", fixed_run()))

    assert {name: [child.tag for child in case] for name, case in cases.items()} == {
        "baseline[roc_auc]": ["system-out"],
        "baseline[roc_auc]:origin=LGA": ["failure"],
        "baseline[roc_auc]:origin=JFK": ["system-out"],
        "baseline[roc_auc]:origin=EWR": ["system-out"],
        "schema": ["error"],
        "drift:visib": ["system-out"],
        "drift:temp": ["system-out"],
        "drift:dewp": ["skipped"],
        "drift:wind": ["skipped"],
        "drift:<script>alert(1)</script>": ["failure"],
        "verdict": ["failure"],
    }
    failure = cases["schema"][0]
    assert failure.get("message") == "error: holdout.csv: cannot be read second line"
    assert "fix: mend it" in (failure.text or "")
    assert "at models/late/mlgate.toml:17" in (failure.text or "")


def test_junit_has_the_numbers_of_a_check_as_properties_of_its_suite() -> None:
    root = ElementTree.fromstring(render("junit", fixed_run()))
    found = {prop.get("name"): prop.get("value") for prop in root.iter("property")}

    start = "baseline[roc_auc]:origin=LGA."
    assert {name.removeprefix(start): value for name, value in found.items() if name and name.startswith(start)} == {
        "code": "MLG101",
        "outcome": "fail",
        "severity": "block",
        "observed": "-0.0174",
        "limit": "-0.01",
        "n": "8410",
        "interval": "-0.0231 to -0.0117 (90%, DeLong)",
    }
    assert found["drift:dewp.waiver"] == "until 2027-01-31 by kim: seasonal | one year"
    assert (found["decision"], found["stage"]) == ("block", "production")


def test_junit_counts_what_is_in_it() -> None:
    root = ElementTree.fromstring(render("junit", fixed_run()))

    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("11", "3", "1")


def test_junit_names_no_file_that_gitlab_would_attach() -> None:
    assert "[[ATTACHMENT" not in render("junit", _hostile())


def test_a_verdict_that_promotes_fails_no_test_case() -> None:
    text = render("junit", Run(verdict=verdict_of(check("drift", "", "x", "pass", "fine"))))

    assert not any(case.find(tag) is not None for case in _cases(text).values() for tag in ("failure", "error"))


# SARIF


def _results(run: Run) -> list[dict[str, Any]]:
    results: list[dict[str, Any]] = json.loads(render("sarif", run))["runs"][0]["results"]
    return results


def test_sarif_lists_what_is_no_pass_the_worst_first() -> None:
    results = _results(fixed_run())

    assert [(result["ruleId"], result["level"], "suppressions" in result) for result in results] == [
        ("MLG002", "error", False),
        ("MLG101", "error", False),
        ("MLG101", "error", False),
        ("MLG101", "error", True),
        ("MLG101", "warning", False),
    ]
    assert results[0]["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "models/late/mlgate.toml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 17},
    }


def test_sarif_explains_each_rule_by_its_code() -> None:
    rules = json.loads(render("sarif", fixed_run()))["runs"][0]["tool"]["driver"]["rules"]

    assert [rule["id"] for rule in rules] == ["MLG002", "MLG101"]
    assert all("What to do" in rule["help"]["text"] and rule["help"]["markdown"] for rule in rules)


def test_a_finding_keeps_its_fingerprint_whatever_it_finds_and_wherever_it_stands() -> None:
    def marks(message: str, line: int, config: str = "mlgate.toml", subject: str = "x") -> tuple[str, str]:
        found = check("drift", "", subject, "fail", message)
        run = Run(verdict=verdict_of(found), config=config, places={found.id: Place(file=config, line=line)})
        (quality,) = json.loads(render("code-quality", run))
        return _results(run)[0]["partialFingerprints"]["primaryLocationLineHash"], quality["fingerprint"]

    assert marks("D 0.3", 4) == marks("D 0.4", 9)
    assert len({marks("D", 4), marks("D", 4, config="b/mlgate.toml"), marks("D", 4, subject="y")}) == 3


def test_fingerprints_of_one_run_differ() -> None:
    results = _results(_hostile())

    assert len({result["partialFingerprints"]["primaryLocationLineHash"] for result in results}) == len(results)


def test_sarif_lists_no_more_results_than_code_scanning_shows_and_says_so() -> None:
    checks = [check("drift", "", f"c{number}", "fail", "moved") for number in range(sarif.RESULTS + 3)]

    (run,) = json.loads(render("sarif", Run(verdict=verdict_of(*checks))))["runs"]

    assert len(run["results"]) == sarif.RESULTS
    said = [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]
    assert "3 results more are left out" in said[-1]


def test_sarif_has_a_category_of_its_own_for_each_model_of_a_repository() -> None:
    (run,) = json.loads(render("sarif", fixed_run()))["runs"]

    assert run["automationDetails"]["id"] == "mlgate/models/late/mlgate.toml/"


def test_paths_are_uris_that_lead_back_to_the_file() -> None:
    result = _results(_hostile())[0]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]

    assert not re.search(r"[ #?|`\\]", uri)
    assert unquote(uri) == "odd %#?|€ `x`/mlgate.toml"


def test_text_of_a_check_makes_no_link_in_sarif() -> None:
    assert all("](" not in result["message"]["text"] for result in _results(_hostile()))


# GitLab


def test_code_quality_weighs_findings_by_what_they_do_to_the_decision() -> None:
    found = json.loads(render("code-quality", fixed_run()))

    assert [entry["severity"] for entry in found] == ["blocker", "critical", "critical", "info", "minor"]
    assert found[0]["location"] == {"path": "models/late/mlgate.toml", "lines": {"begin": 17}}


def test_metrics_count_the_outcomes_and_have_the_numbers_of_each_check() -> None:
    run = fixed_run()
    found = _metrics(render("metrics", run))

    assert found["mlgate_promote"] == [({"model": "flights|late", "stage": "production"}, 0.0)]
    assert {labels["outcome"]: value for labels, value in found["mlgate_checks"]} == {
        "pass": 5,
        "fail": 2,
        "inconclusive": 1,
        "error": 1,
        "skip": 0,
        "waived": 1,
    }
    assert {labels["check"]: value for labels, value in found["mlgate_check_observed"]} == {
        check.id: check.observed for check in run.verdict.checks if check.observed is not None
    }


def test_metrics_have_no_series_twice_and_no_number_that_is_none() -> None:
    for samples in _metrics(render("metrics", _hostile())).values():
        assert len({tuple(sorted(labels.items())) for labels, _ in samples}) == len(samples)
        assert all(math.isfinite(value) for _, value in samples)


# Markdown and the comment


def _tokens(text: str) -> list[Any]:
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    return [child for token in parser.parse(text) for child in (token, *(token.children or ()))]


@pytest.mark.parametrize(("kind", "limit"), [("comment", comment.LIMIT), ("markdown", markdown.SUMMARY)])
def test_it_is_never_longer_than_github_takes_and_says_what_is_left_out(kind: str, limit: int) -> None:
    texts = ["€" * 100_000, *["€" * 3_000] * 999]
    many = verdict_of(*(check(f"g{number}", "", "x", "fail", text, fix=text) for number, text in enumerate(texts)))

    text = render(kind, Run(verdict=many))

    assert limit // 2 < len(text.encode("utf-8")) <= limit
    assert len(render(kind, _hostile()).encode("utf-8")) <= limit
    assert re.search(r"\d+ more rows are left out here for length, all of them blocking", text)
    assert "(98 000 more characters)" in text.replace("99 000", "98 000").replace("\\", "")


def test_the_comment_counts_every_row_that_is_not_in_it() -> None:
    checks = [check("drift", "", f"c{number}", "fail", "moved " * 100) for number in range(500)]

    text = render("comment", Run(verdict=verdict_of(*checks)))

    shown = len(re.findall(r"^\| drift:c\d+: fail \|", text, re.MULTILINE))
    left = re.findall(r"(\d+) more rows are left out here for length, all of them blocking", text)[0]
    assert 0 < shown < 500
    assert shown + int(left) == 500


@pytest.mark.parametrize("kind", ["comment", "markdown"])
def test_hostile_text_is_no_markup(kind: str) -> None:
    tokens = _tokens(render(kind, _hostile()))

    html = [token.content.strip() for token in tokens if token.type in ("html_inline", "html_block")]
    ours = r"<!-- mlgate%?[\w%/.: -]+ -->|<details><summary>[\w ]+</summary>|</details>"
    assert all(re.fullmatch(ours, piece) for piece in html)
    links = [token.attrs["href"] for token in tokens if token.type == "link_open"]
    assert all(str(link).startswith("https://x/") for link in links)
    assert len(links) <= 1
    assert not any(token.type == "image" for token in tokens)


def test_nobody_is_mentioned_and_nothing_is_linked_that_text_names() -> None:
    escaped = markdown.escape("@team org/@all www.evil.example https://evil.example WWW.evil.example")

    assert not re.search(r"@\w", escaped)
    assert not re.search(r"www\.|\w://", escaped, re.IGNORECASE)


def test_notes_that_fill_a_comment_are_left_out_and_that_is_said() -> None:
    verdict = verdict_of(check("drift", "", "x", "fail", "moved"), notes=tuple(["€" * 900] * 50))

    text = render("comment", Run(verdict=verdict))

    assert len(text.encode("utf-8")) <= comment.LIMIT
    assert "Notes and inputs are left out here for length" in text
    assert "| drift:x: fail |" in text


def test_the_comment_begins_with_a_marker_of_its_configuration() -> None:
    first, second = (comment.marker(name) for name in ("a/mlgate.toml", "b/mlgate.toml"))

    assert first != second
    assert render("comment", fixed_run()).splitlines()[0] == comment.marker("models/late/mlgate.toml")
    assert comment.marker("x--><script>").count("--") == 2


def test_the_comment_says_first_what_blocks_where_and_what_to_do() -> None:
    rows = [line for line in render("comment", fixed_run()).splitlines() if line.startswith("| ")]

    assert (
        rows[2] == "| schema: error | models/late/mlgate.toml:17 | holdout.csv: cannot be read second line | mend it |"
    )


# GitHub's annotations


def test_annotations_are_the_golden_ones() -> None:
    lines = "".join(f"{line}\n" for line in github.workflow_commands(fixed_run()))

    assert lines == (FOLDER / "golden" / "annotations.txt").read_text(encoding="utf-8")


def test_no_more_than_ten_errors_and_ten_warnings_are_annotated_and_the_rest_is_counted() -> None:
    checks = [
        *(check("drift", "", f"c{number}", "fail", "moved") for number in range(25)),
        *(check("drift", "", f"w{number}", "inconclusive", "few", severity="warn") for number in range(11)),
    ]

    lines = list(github.workflow_commands(Run(verdict=verdict_of(*checks))))

    assert Counter(line.split(" ")[0] for line in lines) == {"::error": 10, "::warning": 10}
    assert "16 more block" in lines[9]
    assert "2 more are left open" in lines[19]


def test_ten_of_a_kind_are_all_shown() -> None:
    checks = [check("drift", "", f"c{number}", "fail", "moved") for number in range(10)]

    lines = list(github.workflow_commands(Run(verdict=verdict_of(*checks))))

    assert [line.rpartition("title=")[2] for line in lines] == [f"drift%3Ac{n}::fail: moved" for n in range(10)]


def test_each_annotation_is_one_line_and_forges_no_other() -> None:
    lines = list(github.workflow_commands(_hostile()))

    assert len(lines) == 20
    for line in lines:
        assert line.isprintable()
        assert re.fullmatch(r"::(error|warning) (file=[^,]+,line=3,)?title=[^,:]+::.*", line)
        assert len(line) < 20_000


def test_what_did_not_apply_and_was_only_noted_is_no_finding() -> None:
    noted = check("drift", "", "a", Outcome.SKIP, "no such column", severity="note")
    asked = check("drift", "", "b", Outcome.SKIP, "no such column", severity="block")

    assert findings([noted, asked]) == [asked]
