"""Gates in handwritten tests: one that did not come to answer blocks, as a configured one does."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project

GATED = """
import pytest

def test_gated(mlgate):
    mlgate.toy()

def test_ordinary():
    pass
"""


def blocking(project: Project) -> dict[str, str]:
    return {check.id: check.message for check in project.verdict().checks if check.blocks}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_a_handwritten_gate_that_is_deselected_blocks(project: Project, workers: tuple[str, ...]) -> None:
    project.configure("pass")
    project.write("test_x.py", GATED)

    result = project.run("-k", "not gated", *workers)

    assert result.ret == 1
    assert blocking(project) == {"test[test_x.py:test_gated]": "not run: it was deselected"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "xdist"])
def test_one_that_ran_stands_in_the_verdict_with_its_checks_alone(project: Project, workers: tuple[str, ...]) -> None:
    project.configure("pass")
    project.write("test_x.py", GATED)

    assert project.run(*workers).ret == 0
    assert [check.id for check in project.verdict().checks] == ["toy[a]", "toy[test_x.py:test_gated]"]


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("def test_gated(mlgate):\n    mlgate.toy(anser='pass')", "unknown key"),
        ("def test_gated(mlgate, no_such_fixture):\n    mlgate.toy()", "no_such_fixture"),
        ("@pytest.mark.skip(reason='no labels yet')\ndef test_gated(mlgate):\n    mlgate.toy()", "no labels yet"),
        ("@pytest.mark.mlgate_toi()\ndef test_gated():\n    pass", "mlgate_toi"),
        ("@pytest.mark.mlgate_toy('pass')\ndef test_gated():\n    pass", "keyword only"),
    ],
    ids=["misspelt setting", "no such fixture", "skipped", "misspelt marker", "positional"],
)
def test_one_that_does_not_come_to_answer_blocks_with_the_reason(project: Project, test: str, message: str) -> None:
    project.configure("pass")
    project.write("test_x.py", f"import pytest\n\n{test}\n")

    result = project.run("-W", "ignore::pytest.PytestUnknownMarkWarning")

    assert result.ret == 1
    assert list(blocking(project)) == ["test[test_x.py:test_gated]"]
    assert message in blocking(project)["test[test_x.py:test_gated]"]


def test_one_that_the_run_did_not_reach_blocks(project: Project) -> None:
    project.configure("pass")
    project.write("test_a.py", "def test_first():\n    assert False\n")
    project.write("test_x.py", GATED)

    project.run("-x", "test_a.py", "test_x.py")

    assert "test[test_x.py:test_gated]" in blocking(project)


def test_an_assertion_of_the_users_own_after_the_gate_is_no_matter_of_the_gates(project: Project) -> None:
    project.configure("pass")
    project.write("test_x.py", "def test_gated(mlgate):\n    mlgate.toy()\n    assert False\n")

    result = project.run()

    assert result.ret == 1  # pytest's own, for the test
    assert project.verdict().decision == "promote"


def test_two_tables_of_the_same_content_block(project: Project) -> None:
    project.write("a.csv", "x\n1\n")
    project.write("b.csv", "x\n1\n")
    project.write("mlgate.toml", '[data]\ntrain = "a.csv"\nholdout = "b.csv"\n[gates.rows]\n')

    project.run()

    assert blocking(project) == {
        "run:holdout": "train and holdout are the same table (b.csv): the answer means nothing",
    }


def test_a_waiver_by_name_covers_a_check_of_the_run(project: Project) -> None:
    project.write("a.csv", "x\n1\n")
    project.write("b.csv", "x\n1\n")
    waiver = '[[waivers]]\ncheck = "run:holdout"\nreason = "a demonstration"\nauthor = "kim"\nexpires = 2999-01-31\n'
    project.write("mlgate.toml", '[data]\ntrain = "a.csv"\nholdout = "b.csv"\n[gates.rows]\n' + waiver)

    result = project.run()

    assert result.ret == 0
    assert [check.id for check in project.verdict().checks if check.waiver] == ["run:holdout"]


def test_a_waiver_of_what_a_gate_found_does_not_cover_that_it_was_not_run(project: Project) -> None:
    waiver = '[[waivers]]\ncheck = "toy[a]"\nreason = "seasonal"\nauthor = "kim"\nexpires = 2999-01-31\n'
    project.configure("fail", "pass", tail=waiver)

    result = project.run("-k", "not a]")

    assert result.ret == 1
    assert blocking(project) == {"toy[a]": "not run: it was deselected"}


@pytest.mark.parametrize(
    ("times", "refused"),
    [(["noon", "night"], True), (["2026-01-31", "2026-01-31 05:06"], False), ([1, 2], False)],
    ids=["text", "dates as text", "numbers"],
)
def test_a_time_that_is_none_is_told_by_whichever_gate_reads_the_table(
    project: Project, times: list[object], refused: bool
) -> None:
    project.write("b.csv", "when\n" + "".join(f"{time}\n" for time in times))
    project.write("mlgate.toml", '[data]\nholdout = "b.csv"\ntime = "when"\n[gates.rows]\n')

    project.run()

    said = "`[data] time` names 'when', which in the holdout table holds text that is no date (first: 'noon')"
    assert (list(blocking(project).values()) == [said]) == refused


def test_gates_only_runs_no_other_test(project: Project) -> None:
    project.configure("pass")
    project.write("test_x.py", GATED)

    result = project.run("--mlgate-gates-only")

    result.assert_outcomes(passed=3, deselected=1)  # two gates and the verdict
    assert project.verdict().decision == "promote"


def test_some_gates_alone_show_their_rows_and_no_verdict(project: Project) -> None:
    project.configure("pass", "fail")

    result = project.run("--mlgate-only=toy[a]")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["toy  a  pass  the toy says pass"])
    assert "PROMOTE" not in result.stdout.str()
    assert not (project.path / ".mlgate").exists()
