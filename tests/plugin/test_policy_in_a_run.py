"""What a policy makes of a run: gates that are required, codes that weigh otherwise, waivers that do not count."""

from __future__ import annotations

import pytest

from pytest_mlgate.policy import policy_for
from tests.plugin.conftest import GOVERNED_WITHOUT_ROWS, Project

WAIVER = '[[waivers]]\ncheck = "toy[a]"\nreason = "r"\nauthor = "x"\nexpires = 2999-01-01\n'


def test_a_gate_that_the_policy_requires_and_nothing_asked_blocks(project: Project) -> None:
    project.configure("pass", tail='[policy.validation.gates]\nrows = "block"\n')

    result = project.run()

    assert result.ret == 1
    (check,) = [check for check in project.verdict().checks if check.code == "MLG701"]
    assert check.id == "policy:rows"
    assert check.message == "validation requires the gate rows, and nothing asked it"
    assert check.details == {"place": "mlgate.toml:6"}


def test_a_handwritten_test_asks_it_too(project: Project) -> None:
    project.configure("pass", tail='[policy.validation.gates]\ntoy = "block"\nrows = "warn"\n')

    assert project.run().ret == 0
    assert {check.id: check.severity for check in project.verdict().checks if check.gate == "policy"} == {
        "policy:rows": "warn"
    }


def test_production_asks_for_more_than_toys(project: Project) -> None:
    project.configure("pass", head='[model]\nstage = "production"')

    project.run()

    blocking = {check.id for check in project.verdict().checks if check.blocks}
    assert {"policy:baseline", "policy:schema", "policy:roundtrip", "policy:card"} <= blocking


def test_a_required_gate_can_be_waived_by_name(project: Project) -> None:
    waiver = WAIVER.replace("toy[a]", "policy:rows")
    project.configure("pass", tail=f'[policy.validation.gates]\nrows = "block"\n{waiver}')

    assert project.run().ret == 0


@pytest.mark.parametrize(
    ("said", "ret", "note"),
    [
        ('"warn"', 0, "by policy, TOY1 is warn (mlgate.toml:7); that concerns 1 of the checks"),
        (
            '{ level = "ignore", reason = "a toy" }',
            0,
            "by policy, TOY1 is ignored (mlgate.toml:7): a toy; that concerns 1",
        ),
        ('"block"', 1, "by policy, TOY1 is block"),
    ],
)
def test_a_code_that_weighs_otherwise_shows_in_the_verdict(project: Project, said: str, ret: int, note: str) -> None:
    project.configure("fail", tail=f"\n[policy.every.codes]\nTOY1 = {said}\n")

    assert project.run().ret == ret
    assert any(line.startswith(note) for line in project.verdict().notes)


def test_where_waivers_do_not_count_they_are_named(project: Project) -> None:
    project.configure("fail", tail=f"[policy.every]\nwaivers = false\n{WAIVER}")

    assert project.run().ret == 1
    assert project.verdict().notes == ("the waiver of toy[a] does not count: validation takes none (mlgate.toml:6)",)


def test_the_effective_policy_has_its_digest_in_the_verdict(project: Project) -> None:
    project.configure("pass", head='[model]\nstage = "production"', tail=GOVERNED_WITHOUT_ROWS)
    project.write("org.toml", "[production]\nmax_age_days = 1\n")
    digests = []
    for arguments in ((), ("--mlgate-policy=org.toml",), ("-n", "2", "--mlgate-policy=org.toml")):
        project.run(*arguments)
        digests.append(project.verdict().identity["policy"])

    assert digests[1] == digests[2]
    assert len({*digests, policy_for("production").digest}) == 3


def test_a_policy_file_that_is_not_there_is_a_usage_error(project: Project) -> None:
    project.configure("pass")

    result = project.run("--mlgate-policy=none.toml")

    assert result.ret == 4
    result.stderr.fnmatch_lines(["*none.toml: is no policy file that can be read: No such file or directory*"])
