"""The card gate: which sections are asked for at which stage, and what becomes of each finding."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from pytest_mlgate import check_card
from pytest_mlgate.cards.headings import SECTIONS
from pytest_mlgate.cards.judging import RULES
from pytest_mlgate.cards.presets import COMPOSITE, KNOWN, PRESETS, SINGLE, requirements
from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.card import words
from pytest_mlgate.policy import STAGES

GOOD = """# Model card: late-2.1

Gradient boosted trees, fitted in June 2024.

## Intended use
Rank the flights of the next hours by their chance to land late, so that the desk looks at them first.
It must not be used for decisions about crews.

## Training data
160 678 flights out of New York, January to June 2013, from the Bureau of Transportation Statistics.

## Evaluation data
28 293 flights of July 2013, all of them later than the training data.

## Metrics
ROC AUC 0.76.

| Airport | ROC AUC |
|---|---|
| EWR | 0.76 |
| LGA | 0.77 |

## Limitations
Carriers with fewer than 70 flights a month: nothing is known of the model's quality on them.

## Ethical considerations
Passengers of small carriers are served later, since their flights are ranked by little evidence.
"""


def judged(text: str, **settings: Any) -> GateResult:
    return check_card(text.encode(), **settings)


def of(result: GateResult, subject: str) -> Check:
    return next(check for check in result.checks if check.subject == subject)


def without(heading: str) -> str:
    """The good card without a section."""
    before, _, after = GOOD.partition(f"## {heading}\n")
    return before + after[after.index("\n## ") + 1 :] if "\n## " in after else before


def filled(heading: str, text: str) -> str:
    """The good card with another text in a section."""
    before, _, after = GOOD.partition(f"## {heading}\n")
    rest = after[after.index("\n## ") + 1 :] if "\n## " in after else ""
    return f"{before}## {heading}\n{text}\n\n{rest}"


def test_a_good_card_passes_at_every_stage() -> None:
    for stage in STAGES:
        result = judged(GOOD, stage=stage)

        stale = ["age"] if stage == "monitoring" else []  # it says no date, and a model that is watched has to
        assert [check.subject for check in result.checks if check.outcome is not Outcome.PASS] == stale
        assert result.outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("stage", "subjects"),
    [
        ("exploration", [""]),
        ("validation", ["", "model_details", "intended_use", "training_data", "evaluation_data", "metrics"]),
        ("pre-production", ["", *PRESETS["minimal-7"], "out_of_scope_use", "subgroup_metric"]),
        ("production", ["", *PRESETS["minimal-7"], "out_of_scope_use", "subgroup_metric"]),
        ("monitoring", ["", *PRESETS["minimal-7"], "out_of_scope_use", "subgroup_metric"]),
        ("retired", [""]),
    ],
)
def test_more_is_asked_the_nearer_production_is(stage: str, subjects: list[str]) -> None:
    evidence = [check.subject for check in judged(GOOD, stage=stage).checks if check.code <= "MLG612"]

    assert evidence == subjects


def test_every_preset_asks_for_sections_that_have_a_rule_and_a_name() -> None:
    assert set(SINGLE) == set(RULES)
    assert set(words.SECTIONS) == set(KNOWN)
    assert set(SECTIONS) - {"quantitative_analyses"} <= set(SINGLE)
    for preset in PRESETS:
        for requirement in requirements("production", preset):
            assert set(requirement.needs) <= set(RULES)
            assert requirement.name in KNOWN
    assert {need for needs in COMPOSITE.values() for need in needs} <= set(RULES)


@pytest.mark.parametrize(
    ("heading", "subject"),
    [
        ("Training data", "training_data"),
        ("Limitations", "limitations"),
        ("Ethical considerations", "ethical_considerations"),
    ],
)
def test_a_section_that_is_absent_blocks(heading: str, subject: str) -> None:
    check = of(judged(without(heading)), subject)

    assert (check.outcome, check.severity, check.details["state"]) == ("fail", "block", "absent")
    assert check.fix


def test_a_blank_blocks_with_its_line_and_span() -> None:
    text = filled("Limitations", "[More Information Needed]")
    check = of(judged(text), "limitations")
    line, details = check.details["line"], check.details

    assert check.blocks
    assert text.splitlines()[line - 1][details["column"] - 1 : details["end_column"] - 1] == "[More Information Needed]"
    assert check.message.startswith(f"<text>:{line}: ")
    assert (check.code, details["state"]) == ("MLG606", "placeholder")


def test_what_is_contested_warns_and_never_blocks() -> None:
    text = filled(
        "Training data", "We took what the company had in its systems and cleaned it with great care for weeks."
    )
    result = judged(text)
    check = of(result, "training_data")

    assert (check.outcome, check.severity) == ("fail", "warn")
    assert result.outcome is Outcome.PASS


def test_none_is_no_answer_in_use_data_and_metrics_with_or_without_a_reason() -> None:
    for heading in ("Intended use", "Training data", "Evaluation data", "Metrics", "Limitations"):
        for words_ in ("None.", "N/A", "Not applicable: it is only a pilot of the flights team."):
            if heading == "Limitations" and ":" in words_:
                continue
            subject = heading.lower().replace(" ", "_")
            check = of(judged(filled(heading, words_)), subject)

            assert check.blocks, (heading, words_)


def test_not_applicable_with_a_reason_is_a_skip_that_keeps_the_reason() -> None:
    why = "the model scores machine parts and no person is affected"
    check = of(judged(filled("Ethical considerations", f"Not applicable: {why}.")), "ethical_considerations")

    assert (check.outcome, check.blocks) == ("skip", False)
    assert why in check.message
    assert of(judged(filled("Ethical considerations", "Not applicable.")), "ethical_considerations").blocks


def test_a_blank_in_a_section_that_is_filled_warns_with_its_line() -> None:
    text = filled("Limitations", "Carriers with few flights are ranked by little evidence. TODO: add storms.")
    result = judged(text)
    check = of(result, "limitations:blank")

    assert of(result, "limitations").outcome is Outcome.PASS
    assert (check.code, check.outcome, check.severity) == ("MLG611", "fail", "warn")
    assert "TODO" in text.splitlines()[check.details["line"] - 1]


@pytest.mark.parametrize(
    "text",
    ["", "  \n\n", "# Notes\n\n- milk\n- bread\n", "a,b\n1,2\n", "{}", '{"a": 1}', '{"a": ', "\0\x01\x02" * 50],
)
def test_what_is_no_card_is_said_once(text: str) -> None:
    result = judged(text)

    assert [check.code for check in result.checks] == ["MLG600"]
    assert result.checks[0].blocks
    assert "not a model card" in result.checks[0].message


def test_messages_follow_the_card_or_the_setting() -> None:
    spanish = (
        "# Ficha del modelo: retrasos-1.0\n\n## Limitaciones\n\nPendiente\n\n## Uso previsto\n\nOrdenar los vuelos.\n"
    )

    assert "limitaciones: solo un hueco" in of(judged(spanish), "limitations").message
    assert "nothing but a blank" in of(judged(spanish, lang="en"), "limitations").message
    assert "la tarjeta no da" in of(judged(without("Limitations"), lang="es"), "limitations").message


def test_a_list_of_sections_replaces_the_preset() -> None:
    result = judged(GOOD, sections=["limitations", "annex_iv_7"], stage="validation")

    assert [check.subject for check in result.checks] == ["", "limitations", "annex_iv_7"]
    assert of(result, "annex_iv_7").code == "MLG610"


@pytest.mark.parametrize(("target", "outcome"), [("RISKS.md", "pass"), ("GONE.md", "fail")])
def test_a_point_of_annex_iv_may_stand_in_a_file_that_is_there(tmp_path: Path, target: str, outcome: str) -> None:
    (tmp_path / "RISKS.md").write_text("# Risks\n", encoding="utf-8")
    path = tmp_path / "MODEL_CARD.md"
    path.write_text(f"{GOOD}\n## Risk management\nSee [the register]({target}).\n", encoding="utf-8")

    check = of(check_card(path, preset="annex-iv"), "annex_iv_5")

    assert check.outcome == outcome
    if outcome == "pass":
        assert check.message.endswith("risk management: in RISKS.md, which is not read")
    assert of(check_card(path, sections=["risk_management"]), "risk_management").outcome == "fail"


def test_points_of_annex_iv_name_what_is_open() -> None:
    check = of(judged(GOOD, preset="annex-iv"), "annex_iv_1")

    assert check.details["open"] == ["owner", "how_to_use"]
    assert "open: owner, how to use it" in check.message


def test_headings_of_ones_own() -> None:
    text = GOOD.replace("## Limitations", "## House rules").replace(
        "Carriers with fewer than 70", "Those with under 70"
    )

    assert of(judged(text, headings={"limitations": ["House Rules"]}), "limitations").outcome is Outcome.PASS


def test_what_is_odd_about_the_file_warns() -> None:
    text = GOOD.replace("## Metrics", "```\nx\n\n## Metrics")
    result = judged(text)

    assert of(result, "metrics").outcome is Outcome.PASS
    assert [check.severity for check in result.checks if check.code == "MLG612"] == [Severity.WARN]


def test_a_file_that_is_deferred_to_counts_as_a_blank_where_it_is_not_there(tmp_path: Path) -> None:
    card = tmp_path / "MODEL_CARD.md"
    card.write_text(filled("Limitations", "See [limits](limits.md)."), encoding="utf-8")

    assert of(check_card(card), "limitations").severity is Severity.BLOCK

    (tmp_path / "limits.md").write_text("Snow.", encoding="utf-8")

    assert of(check_card(card), "limitations").severity is Severity.WARN


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"sections": ["limitation"]}, "did you mean 'limitations'"),
        ({"headings": {"limit": ["x"]}}, "no section is called 'limit'"),
        ({"preset": "minimal-7", "sections": ["metrics"]}, "leave one of them out"),
        ({"sections": []}, "at least 1"),
        ({"preset": "minimal"}, "minimal-7"),
        ({"lang": "pt"}, "'en' or 'es'"),
        ({"presets": "x"}, "presets"),
    ],
)
def test_a_wrong_setting_is_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        judged(GOOD, **settings)


def test_a_card_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    for path, message in ((tmp_path / "none.md", "does not exist"), (tmp_path, "is a folder")):
        (check,) = check_card(path).checks

        assert check.outcome is Outcome.ERROR
        assert message in check.message
