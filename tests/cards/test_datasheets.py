"""A datasheet judged: what a new one leaves open is refused, what is answered passes, and whose rows it is of."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pytest_mlgate import check_card
from pytest_mlgate.cards.datasheets import NAMES, answered
from pytest_mlgate.cards.reading import card_of
from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.cli import app
from pytest_mlgate.documents import templates
from pytest_mlgate.documents.datasheet import PARTS
from pytest_mlgate.gates.card.datasheet import datasheet_checks, judge_datasheet
from tests.gates.test_card import GOOD

DIGEST = "3f9c01d2a77b" + "0" * 52
FILLED = f"""# Datasheet: flights

## Why it was made
### Motivation
To tell late flights, for the desk; paid for by the airline.
## Composition
One row is one flight. SHA-256: {DIGEST}
### Errors
Nothing is known of errors in it.
## Collection process
The bureau of transport publishes each month what carriers report.
## Cleaning
Cancelled flights were left out; the label is an arrival more than 15 minutes late.
## Uses
- The desk's ranking.
- Not for judging crews.
## Distribution
Public domain.
## Maintenance
The desk's lead renews it each January: flights@airline.org.
"""


def judged(text: str, **asked: str) -> dict[str, Check]:
    settings = {"stage": "validation", "train": None, "language": "en", **asked}
    checks = judge_datasheet(card_of(text.encode(), source="DATASHEET.md"), **settings)  # type: ignore[arg-type]
    return {check.subject.removeprefix("datasheet:"): check for check in checks}


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_section_of_a_new_one_is_found_and_refused_at_its_first_blank(language: str) -> None:
    text = templates.datasheet(language, name="flights")

    found = judged(text)

    assert tuple(found) == NAMES
    assert {check.outcome for check in found.values()} == {Outcome.FAIL}
    blanks = [number for number, line in enumerate(text.splitlines(), start=1) if line.startswith("TODO(")]
    assert sorted(line for check in found.values() for line in check.details["lines"]) == blanks
    assert all(re.search(r":\d+: .*(a blank is left|queda un hueco): 'TODO", c.message) for c in found.values())


def test_what_is_answered_passes_whatever_its_headings_are_called_and_however_they_nest() -> None:
    assert {name: check.message for name, check in judged(FILLED).items() if check.outcome is not Outcome.PASS} == {}


@given(st.sampled_from(NAMES))
def test_a_section_that_is_taken_out_or_emptied_fails_by_its_own_name(name: str) -> None:
    line = answered(card_of(FILLED.encode(), source="DATASHEET.md"))[name].line
    assert line is not None
    lines = FILLED.splitlines()
    end = next((i for i in range(line, len(lines)) if lines[i].startswith("## ")), len(lines))

    without = judged("\n".join(lines[: line - 1] + lines[end:]))
    emptied = judged("\n".join(lines[:line] + lines[end:]))

    assert [key for key, check in without.items() if check.outcome is not Outcome.PASS] == [name]
    assert without[name].message.startswith("DATASHEET.md: no section on ")
    assert [key for key, check in emptied.items() if check.outcome is not Outcome.PASS] == [name]
    assert emptied[name].message.endswith("nothing stands in it")
    assert emptied[name].blocks
    assert not judged("\n".join(lines[:line] + lines[end:]), stage="exploration")[name].blocks


def test_it_is_of_the_rows_that_the_model_was_fitted_on() -> None:
    assert judged(FILLED, train=DIGEST)["digest:train"].outcome is Outcome.PASS
    other = judged(FILLED, train="f" * 64)["digest:train"]
    assert (other.outcome, other.code, other.details["line"]) == (Outcome.FAIL, "MLG624", 7)
    assert "digest:train" not in judged(FILLED.replace(DIGEST, "none"), train=DIGEST)


def test_a_file_that_is_none_or_not_there_is_one_check(tmp_path: Path) -> None:
    (tmp_path / "card.md").write_text(GOOD, encoding="utf-8")

    (card,) = datasheet_checks(tmp_path / "card.md", stage="validation", train=None)
    (missing,) = datasheet_checks(tmp_path / "none.md", stage="validation", train=None)

    assert (card.outcome, "this is not a datasheet" in card.message) == (Outcome.FAIL, True)
    assert (missing.outcome, "none.md" in missing.message) == (Outcome.ERROR, True)
    assert missing.fix


def test_the_gate_asks_for_it_and_a_card_is_never_taken_for_one(tmp_path: Path) -> None:
    file = tmp_path / "DATASHEET.md"
    file.write_text(FILLED, encoding="utf-8")
    good = check_card(GOOD.encode(), datasheet=str(file), stage="validation")
    file.write_text(FILLED.replace("Public domain.", "TBD"), encoding="utf-8")
    bad = check_card(GOOD.encode(), datasheet=str(file), stage="validation")

    assert sum(check.code == "MLG613" for check in good.checks) == len(NAMES)
    assert good.outcome is Outcome.PASS
    assert [check.subject for check in bad.checks if check.blocks] == ["datasheet:distribution"]
    assert "MLG600" in {check.code for check in check_card(FILLED.encode(), stage="validation").checks if check.blocks}


def test_lint_judges_a_datasheet_as_one(tmp_path: Path) -> None:
    (tmp_path / "DATASHEET.md").write_text(FILLED.replace("Public domain.", "TODO: licence"), encoding="utf-8")

    result = CliRunner().invoke(app, ["card", "lint", str(tmp_path / "DATASHEET.md")])

    assert result.exit_code == 1
    assert result.output.count("\n") == 1
    assert "DATASHEET.md:18: distribution: a blank is left: 'TODO'" in result.output


def test_the_measured_parts_of_a_datasheet_are_those_of_its_template() -> None:
    text = templates.datasheet("en", name="d")
    assert set(re.findall(r"<!-- mlgate:([\w-]+) -->", text)) == set(PARTS)
