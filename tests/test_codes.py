"""Codes: every kind of check has one of its own, says why it matters, and has a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pytest_mlgate import codes
from pytest_mlgate.codes import all_codes, run_codes
from pytest_mlgate.gates import BUILTIN, load_gate
from pytest_mlgate.gates.base import Code, Gate, GateSettings
from pytest_mlgate.governance.codes import governance_codes
from pytest_mlgate.promotion_codes import promotion_codes

DOCS = Path(__file__).parents[1] / "docs"
OWN = [
    *(("run", code) for code in run_codes()),
    *(("governance", code) for code in governance_codes()),
    *(("promotion", code) for code in promotion_codes()),
    *((name, code) for name in BUILTIN for code in load_gate(name).codes),
]
FAMILIES = {
    "run": "MLG0",
    "governance": "MLG65",
    "promotion": "MLG7",
    "baseline": "MLG1",
    "fairness": "MLG15",
    "schema": "MLG2",
    "parity": "MLG3",
    "behaviour": "MLG33",
    "roundtrip": "MLG4",
    "drift": "MLG5",
    "card": "MLG6",
}


def test_no_code_is_used_twice() -> None:
    names = [code.code for _, code in OWN]

    assert len(set(names)) == len(names)
    assert set(names) <= set(all_codes())


@pytest.mark.parametrize(("gate", "code"), OWN, ids=lambda value: getattr(value, "code", value))
def test_a_code_is_well_formed_and_documented(gate: str, code: Code) -> None:
    assert re.fullmatch(r"MLG\d{3}", code.code)
    assert code.code.startswith(FAMILIES[gate])
    assert all(text.strip() for text in (code.title, code.why, code.fix))
    assert code.why.endswith(".")
    assert code.fix.endswith(".")

    page = DOCS / (f"{gate}.md" if gate in ("governance", "promotion") else f"gates/{gate}.md")
    assert re.search(rf"\b{code.code}\b", page.read_text(encoding="utf-8")), f"{code.code} is not on {page.name}"


def test_every_code_that_the_documents_name_exists() -> None:
    known = {code.code for _, code in OWN}
    named = {
        (path.name, name)
        for path in DOCS.rglob("*.md")
        for name in re.findall(r"\bMLG\d{3}\b", path.read_text(encoding="utf-8"))
    }

    assert {(path, name) for path, name in named if name not in known} == set()


def a_gate(*names: str) -> Gate:
    made = tuple(Code(code=name, title="theirs", why="w", fix="f") for name in names)
    return Gate(name="toy", codes=made, settings=GateSettings, inputs=(), run=lambda settings, inputs: [])


def test_a_third_party_adds_codes_and_replaces_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "gate_names", lambda: (*BUILTIN, "toy"))
    monkeypatch.setattr(codes, "load_gate", lambda name: a_gate("TOY1", "MLG001") if name == "toy" else load_gate(name))

    found = all_codes()

    assert found["TOY1"].title == "theirs"
    assert found["MLG001"].title == "A required gate was not run"


def test_a_third_party_that_cannot_be_imported_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "gate_names", lambda: ("absent", *BUILTIN))

    assert set(all_codes()) == {code.code for _, code in OWN}
