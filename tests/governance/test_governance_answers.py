"""What counts as an answer to each question of governance, and what says nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlgate.cards.emptiness import is_placeholder
from pytest_mlgate.cards.people import CodeOwners, why_nobody, why_unreachable
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.governance import governance_checks
from pytest_mlgate.governance.facts import RunFacts
from pytest_mlgate.policy import OWED, STAGES, policy_for
from pytest_mlgate.sections import SIGNAL_KINDS, GovernanceSection

SIGNAL = {"signal": "requests on a day", "threshold": "fewer than 500", "notify": "#oncall"}


def asked(subject: str, facts: RunFacts | None = None, stage: str = "production", **section: Any) -> Check:
    """The check of one subject, of a table that has these keys."""
    found = GovernanceSection.model_validate(section)
    checks = governance_checks(found, policy_for(stage), facts or RunFacts())
    return next(check for check in checks if check.subject == subject)


def passes(subject: str, facts: RunFacts | None = None, **section: Any) -> bool:
    return asked(subject, facts, **section).outcome is Outcome.PASS


# --- people


@pytest.mark.parametrize(
    "text",
    [
        "@jo-martin",
        "@flights-desk-lead",
        "@flights-team-lead",
        "jo.martin@airline.aero",
        "Jo Martin <jo@airline.aero>",
        "mailto:jo@airline.aero",
        "María-José Núñez <mj@aerolínea.es>",
        "jo.teamer@airline.aero",
    ],
)
def test_a_person_is_found(text: str) -> None:
    assert why_nobody(text, None) == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("the team", "nobody in particular"),
        ("the pytest-mlgate developers", "nobody in particular"),
        ("Data Science", "nobody in particular"),
        ("el equipo de datos", "nobody in particular"),
        ("a equipe", "nobody in particular"),
        ("Everyone", "nobody in particular"),
        ("@airline/models", "is a group"),
        ("@flights-team", "is a group"),
        ("@equipo-datos", "is a group"),
        ("team@airline.aero", "is an office"),
        ("data-team@airline.aero", "is an office"),
        ("noreply@airline.aero", "read by nobody"),
        ("jo@example.com", "says nothing"),
        ("jo@mail.example.org", "says nothing"),
        ("your.name@airline.aero", "dummy"),
        ("jo@yourcompany.com", "says nothing"),
        ("@your-handle", "not filled in"),
        ("@the-owners-handle", "not filled in"),
        ("@username", "not filled in"),
        ("TODO", "says nothing"),
        ("<name>", "says nothing"),
        ("[Your Name]", "says nothing"),
        ("{{ owner }}", "says nothing"),
        ("n/a", "says nothing"),
        ("Jo Martin", "name only"),
        ("J", "no name"),
        ("@", "says nothing"),
    ],
)
def test_nobody_is_called_nobody_with_the_reason(text: str, why: str) -> None:
    assert why in why_nobody(text, None)


def test_a_name_is_somebody_with_a_way_to_reach_them() -> None:
    assert why_nobody("Jo Martin", None, contact="+34 600 123 456") == ""
    assert why_nobody("Jo Martin", None, contact="jo@example.com") != ""


def test_a_group_may_approve_where_the_forge_knows_it() -> None:
    owners = CodeOwners(path=Path("CODEOWNERS"), names=frozenset({"@airline/models"}))

    assert why_nobody("@airline/models", owners, groups=True) == ""
    assert why_nobody("@airline/others", owners, groups=True) == "'@airline/others' does not stand in CODEOWNERS"


@pytest.mark.parametrize(
    "text",
    [
        "jo@airline.aero",
        "team@airline.aero",
        "#flights-models",
        "https://airline.aero/oncall",
        "+34 600 123 456",
        "@jo",
    ],
)
def test_somebody_reads_what_is_sent_there(text: str) -> None:
    assert why_unreachable(text) == ""


@pytest.mark.parametrize(
    "text", ["", "ask around", "noreply@airline.aero", "a@example.com", "https://example.com/x", "#", "@user", "12"]
)
def test_nobody_reads_what_is_sent_there(text: str) -> None:
    assert why_unreachable(text) != ""


@given(st.text())
def test_no_text_makes_the_question_of_who_raise(text: str) -> None:
    assert isinstance(why_nobody(text, None, contact=text), str)


def test_the_owners_address_is_a_contact_and_their_handle_is_none() -> None:
    assert asked("contact", owner="jo@airline.aero").message == "reached at the owner's address, jo@airline.aero"
    assert not passes("contact", owner="@jo-martin")
    assert passes("contact", owner="@jo-martin", contact="#models")


def test_every_approver_has_to_be_somebody() -> None:
    assert passes("approvers", approvers=["@ada-king", "@airline/risk"])
    assert not passes("approvers", approvers=["@ada-king", "the board's committee"])
    assert not passes("approvers", approvers=[])
    assert not passes("approvers", approvers=["", " "])


# --- operation


def test_each_kind_of_signal_is_asked_for() -> None:
    for kind in SIGNAL_KINDS:
        assert passes(f"monitoring.{kind}", monitoring=[{"kind": kind, **SIGNAL}])
        others = [{"kind": other, **SIGNAL} for other in SIGNAL_KINDS if other != kind]
        assert asked(f"monitoring.{kind}", monitoring=others).message.startswith("nothing watches how ")


def test_one_signal_may_see_several_kinds() -> None:
    both = [{"kind": ["errors", "outputs"], **SIGNAL}]

    assert passes("monitoring.errors", monitoring=both)
    assert passes("monitoring.outputs", monitoring=both)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"threshold": "when it looks odd"}, "`threshold` = 'when it looks odd' has no number"),
        ({"threshold": None}, "`threshold` is missing"),
        ({"threshold": "TBD: 5"}, "`threshold` is 'TBD: 5', which says nothing"),
        ({"signal": "<metric>"}, "`signal` is '<metric>', which says nothing"),
        ({"notify": None}, "`notify` is missing"),
        ({"notify": "the team"}, "`notify`: 'the team' is no e-mail address"),
        ({"notify": "ops@example.com"}, "`notify` is 'ops@example.com', which says nothing"),
    ],
)
def test_a_signal_without_its_number_or_its_reader_is_none(change: dict[str, str | None], why: str) -> None:
    signal = {key: value for key, value in {"kind": "volume", **SIGNAL, **change}.items() if value is not None}

    assert why in asked("monitoring.volume", monitoring=[signal]).message


@pytest.mark.parametrize("threshold", [0, 0.7, 500, "below 0.70"])
def test_a_threshold_is_a_number_or_a_text_with_one(threshold: float | str) -> None:
    assert passes("monitoring.inputs", monitoring=[{"kind": "inputs", **SIGNAL, "threshold": threshold}])


def test_one_bad_signal_is_not_hidden_by_a_good_one_of_its_kind() -> None:
    signals = [{"kind": "volume", **SIGNAL}, {"kind": "volume", **SIGNAL, "threshold": "odd"}]

    assert not passes("monitoring.volume", monitoring=signals)


def test_the_way_back_is_a_file_that_is_there_and_not_the_candidate(tmp_path: Path) -> None:
    (tmp_path / "old.joblib").touch()
    facts = RunFacts(folder=tmp_path, candidate="./new.joblib")
    steps = ["restart the service"]

    assert passes("rollback", facts, rollback={"target": "old.joblib", "steps": steps})
    assert passes("rollback", facts, rollback={"first_version": True, "steps": steps})
    for plan, why in (
        ({"target": "older.joblib", "steps": steps}, "there is no such file"),
        ({"target": "new.joblib", "steps": steps}, "is the candidate itself"),
        ({"target": "nowhere:production", "steps": steps}, "no installed package provides the scheme `nowhere`"),
        ({"target": "old.joblib"}, "`steps` is missing"),
        ({"target": "old.joblib", "steps": ["TODO"]}, "`steps`: 'TODO' says nothing"),
        ({"target": "old.joblib", "first_version": True, "steps": steps}, "exclude each other"),
        ({}, "`target` is missing"),
    ):
        assert why in asked("rollback", facts, rollback=plan).message


@pytest.mark.parametrize(
    ("plan", "good"),
    [
        ({"calendar": "every 90 days"}, True),
        ({"drift": "PSI of a feature above 0.25"}, True),
        ({"metric": "ROC AUC below 0.7"}, True),
        ({"calendar": "every 90 days", "drift": "when needed"}, False),
        ({"calendar": "regularly"}, False),
        ({}, False),
    ],
)
def test_a_trigger_has_its_number(plan: dict[str, str], good: bool) -> None:
    assert passes("retraining", retraining=plan) is good


@pytest.mark.parametrize("strategy", ["shadow", "canary", "blue-green", "a/b"])
def test_a_release_has_a_strategy_and_a_plan(strategy: str) -> None:
    assert passes("release", release={"strategy": strategy, "plan": "1 % for a day"})
    assert not passes("release", release={"strategy": strategy})
    assert not passes("release", release={"strategy": strategy, "plan": "TBD"})
    assert not passes("release", release={"plan": "1 % for a day"})


def test_the_end_of_a_model_has_a_condition_and_later_a_reason_a_date_and_what_is_kept() -> None:
    import datetime as dt

    whole = {"reason": "replaced by version 3", "date": dt.date(2027, 1, 31), "kept": "the bundle, until 2037"}

    assert passes("retirement", retirement={"condition": "the desk closes"})
    assert not passes("retirement", retirement={"condition": "none"})
    for missing in (None, *whole):
        plan = {key: value for key, value in whole.items() if key != missing}
        assert (asked("retired", stage="retired", retirement=plan).outcome is Outcome.PASS) == (missing is None)


# --- lineage


@pytest.mark.parametrize(
    ("subject", "said", "known", "outcome", "severity"),
    [
        ("commit", {}, {}, "fail", "block"),
        ("commit", {}, {"commit": "a" * 40}, "pass", None),
        ("commit", {}, {"commit": "a" * 40, "clean": False}, "fail", "warn"),
        ("commit", {"commit": "a" * 40}, {"clean": False}, "pass", None),
        ("commit", {"commit": "main"}, {"commit": "a" * 40}, "fail", "block"),
        ("train", {}, {}, "fail", "block"),
        ("train", {}, {"train": "b" * 64}, "pass", None),
        ("train", {"train": "sha256:" + "B" * 64}, {"train": "b" * 64}, "pass", None),
        ("train", {"train": "c" * 64}, {"train": "b" * 64}, "fail", "block"),
        ("train", {"train": "the June export"}, {}, "fail", "block"),
        ("run", {}, {}, "fail", "warn"),
        ("run", {}, {"run": "https://ci.airline.aero/7"}, "pass", None),
        ("run", {"run": "make train"}, {}, "pass", None),
        ("run", {"run": "TODO"}, {"run": "https://ci.airline.aero/7"}, "fail", "warn"),
    ],
)
def test_lineage_is_what_the_run_knows_and_what_is_said_of_the_rest(
    subject: str, said: dict[str, str], known: dict[str, Any], outcome: str, severity: str | None
) -> None:
    check = asked(f"lineage.{subject}", RunFacts(**known), lineage=said)

    assert check.outcome == outcome
    assert severity in (None, check.severity)


# --- what is owed


@pytest.mark.parametrize("stage", STAGES)
def test_an_explanation_is_owed_at_every_stage_and_blocks_from_pre_production_on(stage: str) -> None:
    check = asked("explanation", stage=stage, sensitive_decisions=True)

    assert check.outcome is Outcome.FAIL
    assert check.severity is (Severity.WARN if stage in ("exploration", "validation") else Severity.BLOCK)


@pytest.mark.parametrize(
    "text", [None, "", "   ", "TODO", "to do", "TBD.", "n/a", "None", "-", "<method>", "LIME <which one>"]
)
def test_an_explanation_that_is_missing_or_a_placeholder_fails(text: str | None) -> None:
    check = asked("explanation", sensitive_decisions=True, explanation=text)

    assert check.outcome is Outcome.FAIL
    assert ("is missing" in check.message) == (text is None)
    assert 'explanation = "SHAP values per decision' in check.fix


def test_every_item_that_is_owed_is_asked_and_says_how_to_mend_it() -> None:
    checks = governance_checks(GovernanceSection(), policy_for("production"), RunFacts())

    assert {check.subject.partition(".")[0] for check in checks} == set(OWED)
    assert all(check.outcome is Outcome.FAIL and check.fix for check in checks)


def test_what_the_table_does_not_say_is_taken_from_the_card() -> None:
    facts = RunFacts(card={"retirement": "MODEL_CARD.md:41", "owner": "MODEL_CARD.md:7"})

    assert asked("retirement", facts).message == "said in the card, MODEL_CARD.md:41"
    assert not passes("owner", facts, owner="the team")  # what is said in both is said by the table


# --- words


@pytest.mark.parametrize(
    "text",
    [
        "SHAP",
        "none of the inputs is hidden: a scorecard of nine points",
        "Todos los días, con LIME",
        "coefficients",
        "no black box",
    ],
)
def test_words_that_name_something_are_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@given(st.text(alphabet=" \t\n-_.?!…/"))
def test_blanks_and_punctuation_say_nothing(text: str) -> None:
    assert is_placeholder(text)
