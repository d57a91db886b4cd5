"""What ``[governance]`` owes: sensitive decisions are explained by a method that is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_mlgate.checks import Outcome, Severity
from pytest_mlgate.governance import governance_checks, is_placeholder
from pytest_mlgate.policy import STAGES, policy_for
from pytest_mlgate.sections import GovernanceSection
from tests.plugin.conftest import Project

SENSITIVE = "[governance]\nsensitive_decisions = true\n"
NAMED = SENSITIVE + 'explanation = "SHAP values per decision, shown to the clerk"\n'
PRODUCTION = '[model]\nstage = "production"\n'
ID = "governance:explanation"


def test_a_named_method_passes_and_stands_in_the_verdict(project: Project) -> None:
    project.configure("pass", head=PRODUCTION + NAMED)

    result = project.run()

    assert result.ret == 0
    check = project.verdict().checks[-1]
    assert (check.id, check.code, check.outcome) == (ID, "MLG006", "pass")
    assert check.message == "decisions are explained by: SHAP values per decision, shown to the clerk"
    result.stdout.fnmatch_lines(["governance*explanation*pass*SHAP values per decision*"])


@pytest.mark.parametrize(
    "text", [None, "", "   ", "TODO", "to do", "TBD.", "n/a", "None", "-", "<method>", "todo: ask"]
)
def test_a_method_that_is_missing_or_a_placeholder_blocks_in_production(project: Project, text: str | None) -> None:
    line = "" if text is None else f'explanation = "{text}"\n'
    project.configure("pass", head=PRODUCTION + SENSITIVE + line)

    result = project.run()

    assert result.ret == 1
    verdict = project.verdict()
    assert verdict.decision == "block"
    (reason,) = verdict.reasons
    assert reason.startswith(f"{ID}: fail: the model takes sensitive decisions, and no method explains them")
    assert ("is missing" in reason) == (not (text or "").strip())
    assert 'explanation = "SHAP values per decision' in verdict.checks[-1].fix


@pytest.mark.parametrize("stage", STAGES)
def test_before_pre_production_it_warns(stage: str) -> None:
    (check,) = governance_checks(GovernanceSection(sensitive_decisions=True), policy_for(stage))

    early = stage in ("exploration", "validation")
    assert check.outcome is Outcome.FAIL
    assert check.severity is (Severity.WARN if early else Severity.BLOCK)


def test_a_warning_is_listed_and_lets_the_model_go_on(project: Project) -> None:
    project.configure("pass", head=SENSITIVE)

    result = project.run()

    assert result.ret == 0
    result.stdout.fnmatch_lines(["governance*explanation*fail (warn)*", "PROMOTE: 2 checks, none blocks; 1 *"])


@pytest.mark.parametrize(
    "head",
    [
        "",
        "[governance]\nsensitive_decisions = false\n",
        '[governance]\nexplanation = "todo"\n',
        '[data]\nsensitive = ["age"]\n',
    ],
)
def test_without_sensitive_decisions_there_is_no_check(project: Project, head: str) -> None:
    project.configure("pass", head=PRODUCTION + head)

    result = project.run()

    assert result.ret == 0
    assert list(project.checks()) == ["toy[a]"]


def test_a_waiver_lets_it_go_on_by_name(project: Project) -> None:
    waiver = f'[[waivers]]\ncheck = "{ID}"\nreason = "clerks decide until May"\nauthor = "kim"\nexpires = 2999-01-31\n'
    project.configure("pass", head=PRODUCTION + SENSITIVE, tail=waiver)

    result = project.run()

    assert result.ret == 0
    verdict = project.verdict()
    assert verdict.notes == ()
    assert verdict.checks[-1].waiver is not None
    result.stdout.fnmatch_lines(["governance*explanation*fail (waived)*clerks decide until May*"])


def test_the_stage_of_the_command_line_decides(project: Project) -> None:
    project.configure("pass", head=SENSITIVE)

    assert project.run("--mlgate-stage=pre-production").ret == 1
    assert project.verdict().decision == "block"


def test_two_workers_make_the_check_once(project: Project) -> None:
    project.configure("pass", "pass", head=PRODUCTION + SENSITIVE)

    result = project.run("-n", "2")

    assert result.ret == 1
    assert list(project.checks()) == ["toy[a]", "toy[b]", ID]


def test_some_gates_alone_are_asked_for_nothing_more(project: Project) -> None:
    project.configure("pass", "pass", head=PRODUCTION + SENSITIVE)

    result = project.run("--mlgate-only=toy[a]", "mlgate.toml")

    assert result.ret == 0
    assert not project.verdict_file.exists()
    result.stdout.no_fnmatch_line("*governance*")


def test_to_collect_makes_no_check(project: Project) -> None:
    project.configure("pass", head=PRODUCTION + SENSITIVE)

    result = project.run("--collect-only")

    assert result.ret == 0
    assert not project.verdict_file.exists()
    result.stdout.no_fnmatch_line("*explanation*")


def test_a_method_alone_promotes_nothing(project: Project) -> None:
    project.write("mlgate.toml", NAMED)
    project.write("tests/test_own.py", "def test_own():\n    pass\n")

    result = project.run()

    assert result.ret != 0
    assert project.verdict().reasons == ("no gate made any check",)


def test_what_is_no_truth_value_is_refused(project: Project) -> None:
    project.configure("pass", head='[governance]\nsensitive_decisions = "yes"\n')

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*mlgate.toml:2: `governance.sensitive_decisions` = 'yes': *"])


@pytest.mark.parametrize(
    "text",
    [
        "SHAP",
        "none of the inputs is hidden: a scorecard of nine points",
        "LIME <local>",
        "coefficients",
        "no black box",
    ],
)
def test_words_that_name_something_are_no_placeholder(text: str) -> None:
    assert not is_placeholder(text)


@given(st.text(alphabet=" \t\n-_.?!…/"))
def test_blanks_and_punctuation_say_nothing(text: str) -> None:
    assert is_placeholder(text)


@given(st.sampled_from(["todo", "tbd", "n/a", "none", "SHAP values"]), st.text(alphabet=" \t.-"))
def test_case_and_what_stands_around_a_word_do_not_matter(word: str, around: str) -> None:
    assert is_placeholder(around + word.upper() + around) == is_placeholder(word)
