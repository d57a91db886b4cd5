"""The lines of a card beside what was found in them."""

from __future__ import annotations

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.card import GATE, Settings
from pytest_mlgate.gates.card.excerpts import MOST_LINES, with_excerpts

LINES = [f"line {number}" for number in range(1, 21)]


def excerpts(**details: object) -> object:
    (check,) = with_excerpts([Check(code="MLG620", outcome=Outcome.PASS, message="", details=details)], LINES)
    return check.evidence.get("lines")


def test_a_check_has_each_line_that_it_names_once_and_in_order() -> None:
    assert excerpts(line=3) == [[3, "line 3"]]
    assert excerpts(found={"name": 9, "type": 2}, line=2) == [[2, "line 2"], [9, "line 9"]]
    assert excerpts(places=[{"line": 5}, {"line": 4}]) == [[4, "line 4"], [5, "line 5"]]


def test_lines_that_are_not_there_and_what_is_no_line_are_left_out() -> None:
    assert excerpts(line=21) is None
    assert excerpts(line=0, places="x", found={"a": True, "b": None}) is None
    assert excerpts() is None


def test_the_lines_of_a_check_are_few() -> None:
    found = excerpts(found={str(number): number for number in range(1, 20)})

    assert isinstance(found, list)
    assert len(found) == MOST_LINES


def test_the_gate_quotes_the_card() -> None:
    card = b"# Model card: late-1.0\n\nA boosted tree.\n\n## Intended use\n\nRank flights for the desk.\n"
    result = run_gate(GATE, Settings(sections=["intended_use"]), Inputs(facts=Facts(), values={"card": card}))
    (found,) = [check for check in result.checks if check.subject == "intended_use"]

    assert found.evidence["lines"] == [[7, "Rank flights for the desk."]]
