"""What ``[governance]`` owes in a run: which stage asks for it, what the run knows by itself, what goes on."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest

from pytest_mlgate.governance.facts import job_url
from tests.plugin.conftest import GOVERNED, GOVERNED_WITHOUT_ROWS, Project

SENSITIVE = "sensitive_decisions = true\n"
NAMED = SENSITIVE + 'explanation = "SHAP values per decision, shown to the clerk"\n'
PRODUCTION = '[model]\nstage = "production"\n'
ID = "governance:explanation"
EVERYTHING = {
    *("governance:owner", "governance:contact", "governance:approvers", "governance:monitoring.performance"),
    *("governance:monitoring.inputs", "governance:monitoring.volume", "governance:monitoring.errors"),
    *("governance:monitoring.outputs", "governance:rollback", "governance:retraining", "governance:release"),
    *("governance:retirement", "governance:lineage.commit", "governance:lineage.train", "governance:lineage.run"),
}


def production(explanation: str = "") -> str:
    """A configuration's head: all that production owes, and what is said of explanations."""
    return PRODUCTION + GOVERNED_WITHOUT_ROWS.replace("[governance]\n", f"[governance]\n{explanation}")


def blocking(project: Project) -> set[str]:
    return {check.id for check in project.verdict().checks if check.blocks}


def test_a_named_method_passes_and_stands_in_the_verdict(project: Project) -> None:
    project.configure("pass", head=production(NAMED))

    result = project.run()

    assert result.ret == 0
    check = next(check for check in project.verdict().checks if check.id == ID)
    assert (check.code, check.outcome) == ("MLG006", "pass")
    assert check.message == "decisions are explained by: SHAP values per decision, shown to the clerk"
    result.stdout.fnmatch_lines(["governance*16 checks*pass*"])


def test_a_method_that_is_missing_blocks_in_production(project: Project) -> None:
    project.configure("pass", head=production(SENSITIVE))

    result = project.run()

    assert result.ret == 1
    verdict = project.verdict()
    assert verdict.decision == "block"
    (reason,) = verdict.reasons
    assert reason.startswith(f"{ID}: fail: the model takes sensitive decisions, and no method explains them")


def test_a_warning_is_listed_and_lets_the_model_go_on(project: Project) -> None:
    project.configure("pass", head=f"[governance]\n{SENSITIVE}")

    result = project.run()

    assert result.ret == 0
    result.stdout.fnmatch_lines(["governance*explanation*fail (warn)*", "PROMOTE: 2 checks, none blocks; 1 *"])


@pytest.mark.parametrize(
    "explanation", ["", "sensitive_decisions = false\n", 'explanation = "todo"\n', '[data]\nsensitive = ["age"]\n']
)
def test_without_sensitive_decisions_there_is_no_check_of_an_explanation(project: Project, explanation: str) -> None:
    head = explanation if "[" in explanation else f"[governance]\n{explanation}"
    project.configure("pass", head=head)

    result = project.run()

    assert result.ret == 0
    assert list(project.checks()) == ["toy[a]"]


def no_gates(project: Project) -> Path:
    gates = ("baseline", "schema", "roundtrip", "card", "drift")
    return project.write("policy.toml", "[every.gates]\n" + "".join(f'{gate} = "off"\n' for gate in gates))


@pytest.mark.parametrize(
    ("stage", "owed", "code"),
    [
        ("exploration", set(), 0),
        ("validation", set(), 0),
        ("pre-production", EVERYTHING, 0),
        ("production", EVERYTHING, 1),
        ("monitoring", EVERYTHING - {"governance:release"}, 1),
        ("retired", {"governance:retired"}, 1),
    ],
)
def test_a_stage_asks_for_what_its_policy_says_and_no_more(
    project: Project, stage: str, owed: set[str], code: int
) -> None:
    project.configure("pass")

    result = project.run(f"--mlgate-stage={stage}", f"--mlgate-policy={no_gates(project)}")

    failed = {check.id for check in project.verdict().checks if check.outcome != "pass"}
    assert failed == owed
    assert result.ret == code
    # On a laptop no run has a URL: that alone stops nobody.
    assert blocking(project) == (owed - {"governance:lineage.run"} if code else set())


def test_a_complete_table_passes_at_production(project: Project) -> None:
    project.configure("pass", head=production())

    result = project.run()

    assert result.ret == 0
    assert {check.id for check in project.verdict().checks} == {"toy[a]", *EVERYTHING}


def test_what_is_said_and_useless_warns_before_it_is_owed(project: Project) -> None:
    project.configure("pass", head='[governance]\nowner = "the team"\ncontact = "#models"\n')

    assert project.run().ret == 0
    assert project.checks()["governance:owner"] == "`owner`: 'the team' is nobody in particular"
    assert project.run("--mlgate-stage=exploration").ret == 0
    assert list(project.checks()) == ["toy[a]"]


def test_a_run_in_git_knows_its_commit_and_says_when_changes_are_not_in_it(project: Project) -> None:
    project.configure("pass", head=production().replace('commit = "0123abc"\n', ""))
    git = ["git", "-c", "user.name=n", "-c", "user.email=e@x.org", "-C", str(project.path)]
    for command in (["init", "-q"], ["add", "mlgate.toml"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *command], check=True)
    (project.path / ".git" / "info" / "exclude").write_text("*\n")
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()

    assert project.run().ret == 0
    assert project.checks()["governance:lineage.commit"] == f"the code is {commit}"

    with open(project.path / "mlgate.toml", "a", encoding="utf-8") as file:
        file.write("# changed\n")

    assert project.run().ret == 0
    check = next(check for check in project.verdict().checks if check.id == "governance:lineage.commit")
    assert (check.outcome, check.severity) == ("fail", "warn")
    assert check.message == f"the code is {commit} and changes that were not committed"


@pytest.mark.parametrize("read", [True, False], ids=["as a gate read it", "as the file is"])
def test_the_digest_of_the_training_rows_comes_from_the_run(project: Project, read: bool) -> None:
    head = production().replace(GOVERNED_WITHOUT_ROWS.removeprefix(GOVERNED), "")
    project.write("train.csv", "x\n1\n2\n")
    project.write("holdout.csv", "x\n3\n")
    gate = "[gates.rows]\n" if read else ""
    project.configure("pass", head=head, tail=f'[data]\ntrain = "train.csv"\nholdout = "holdout.csv"\n{gate}')

    assert project.run().ret == 0
    digest = hashlib.sha256((project.path / "train.csv").read_bytes()).hexdigest()
    assert project.checks()["governance:lineage.train"] == f"fitted on the rows with SHA-256 {digest}"


def test_a_digest_that_names_other_rows_than_the_run_read_blocks(project: Project) -> None:
    project.write("train.csv", "x\n1\n2\n")
    project.configure("pass", head=production(), tail='[data]\ntrain = "train.csv"\n')

    assert project.run().ret == 1
    assert blocking(project) == {"governance:lineage.train"}


def test_a_handle_is_looked_up_in_the_repositorys_codeowners(project: Project) -> None:
    project.configure("pass", head=production().replace('owner = "jo.martin@airline.aero"', 'owner = "@jo-martin"'))
    project.write(".github/CODEOWNERS", "* @airline/models @Ada-King  # @jo-martin is on leave\n")

    assert project.run().ret == 1
    assert "'@jo-martin' does not stand in CODEOWNERS" in project.checks()["governance:owner"]
    project.write(".github/CODEOWNERS", "# all\n*.py @Jo-Martin\n")
    project.run()
    assert blocking(project) == {"governance:contact"}  # the address of the approver is not the owner's


def test_a_waiver_lets_it_go_on_by_name(project: Project) -> None:
    waiver = f'[[waivers]]\ncheck = "{ID}"\nreason = "clerks decide until May"\nauthor = "kim"\nexpires = 2999-01-31\n'
    project.configure("pass", head=production(SENSITIVE), tail=waiver)

    result = project.run()

    assert result.ret == 0
    verdict = project.verdict()
    assert verdict.notes == ()
    assert [check.id for check in verdict.checks if check.waiver is not None] == [ID]
    result.stdout.fnmatch_lines(["governance*explanation*fail (waived)*clerks decide until May*"])


def test_two_workers_make_the_checks_once(project: Project) -> None:
    project.configure("pass", "pass", head=production(SENSITIVE))

    result = project.run("-n", "2")

    assert result.ret == 1
    assert sorted(project.checks()) == sorted({"toy[a]", "toy[b]", ID, *EVERYTHING})
    assert blocking(project) == {ID}


def test_some_gates_alone_are_asked_for_nothing_more(project: Project) -> None:
    project.configure("pass", "pass", head=PRODUCTION)

    result = project.run("--mlgate-only=toy[a]", "mlgate.toml")

    assert result.ret == 0
    assert not project.verdict_file.exists()
    result.stdout.no_fnmatch_line("*governance*")


def test_to_collect_makes_no_check(project: Project) -> None:
    project.configure("pass", head=PRODUCTION)

    result = project.run("--collect-only")

    assert result.ret == 0
    assert not project.verdict_file.exists()
    result.stdout.no_fnmatch_line("*governance*")


def test_governance_alone_promotes_nothing(project: Project) -> None:
    project.write("mlgate.toml", production(NAMED))
    project.write("tests/test_own.py", "def test_own():\n    pass\n")

    result = project.run()

    assert result.ret != 0
    assert project.verdict().reasons == ("no gate made any check",)


def test_what_is_no_truth_value_is_refused(project: Project) -> None:
    project.configure("pass", head='[governance]\nsensitive_decisions = "yes"\n')

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*mlgate.toml:2: `governance.sensitive_decisions` = 'yes': *"])


def test_the_job_of_each_integration_is_known() -> None:
    github = {"GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "a/b", "GITHUB_RUN_ID": "7"}

    assert job_url(github) == "https://github.com/a/b/actions/runs/7"
    assert job_url({"CI_JOB_URL": "https://gitlab.com/a/-/jobs/7"}) == "https://gitlab.com/a/-/jobs/7"
    assert job_url({"GITHUB_RUN_ID": "7"}) is None
