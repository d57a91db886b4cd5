"""What a run decides, whatever happens to its gates: the verdict is complete and fails closed."""

from __future__ import annotations

import json
import re

import pytest

from tests.plugin.conftest import GOVERNED_WITHOUT_ROWS, Project, outcomes


def test_gates_that_pass_promote_and_the_verdict_is_a_test_that_passes(gated: Project) -> None:
    result = gated.run("-v")

    assert result.ret == 0
    assert outcomes(result) == {"passed": 3}
    assert gated.verdict().decision == "promote"
    result.stdout.fnmatch_lines(["mlgate.toml::toy?a? PASSED*", "mlgate.toml::verdict PASSED*[[]100%]"])


def test_a_gate_that_fails_blocks_and_names_its_check(project: Project) -> None:
    project.configure("pass", "fail")

    result = project.run("-v")

    assert result.ret == 1
    assert outcomes(result) == {"passed": 1, "failed": 2}
    verdict = project.verdict()
    assert verdict.decision == "block"
    assert verdict.reasons == ("toy[b]: fail: the toy says fail",)
    result.stdout.fnmatch_lines(
        ["toy?b?  fail: the toy says fail [[]TOY1]", "    fix: ask it something else", "BLOCK: 1 of 2 checks blocks.*"]
    )


def test_a_failing_gate_shows_its_checks_and_no_traceback(project: Project) -> None:
    project.configure("fail")

    result = project.run()

    assert not any(re.search(r"\.py:\d+|Traceback|GateFailure", line) for line in result.outlines)


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_progress_ends_at_a_hundred_per_cent_with_the_verdict(project: Project, workers: tuple[str, ...]) -> None:
    project.configure("pass", "pass", "pass")

    result = project.spawn(*workers)

    shares = re.findall(r"\[\s*(\d+)%\]", result.stdout.str())
    assert shares[-1] == "100"
    assert max(map(int, shares)) == 100
    assert outcomes(result) == {"passed": 4}


@pytest.mark.parametrize(
    "arguments",
    [
        ("-k", "toy[a]"),
        ("-k", "nothing_at_all"),
        ("-m", "not mlgate"),
        ("--deselect", "mlgate.toml::toy[b]"),
        ("--deselect", "mlgate.toml::toy[b]", "-n", "2"),
    ],
    ids=" ".join,
)
def test_a_deselected_gate_blocks_as_not_run(project: Project, arguments: tuple[str, ...]) -> None:
    project.configure("pass", "pass")

    result = project.run(*arguments)

    assert result.ret == 1
    assert project.verdict().decision == "block"
    ran = any("toy[" in argument for argument in arguments)
    assert project.checks() == {
        "toy[a]": "the toy says pass" if ran else "not run: it was deselected",
        "toy[b]": "not run: it was deselected",
    }


@pytest.mark.parametrize("option", ["--lf", "--sw"])
def test_a_gate_left_out_by_what_failed_last_time_blocks_as_not_run(project: Project, option: str) -> None:
    project.configure("pass")
    project.write("tests/test_own.py", "def test_own():\n    assert False\n")
    arguments = ("--mlgate", "-p", "no:hypothesispytest", option)
    project.pytester.runpytest_inprocess(*arguments)

    result = project.pytester.runpytest_inprocess(*arguments, "tests")

    assert result.ret != 0
    assert project.verdict().decision == "block"
    message = {"--lf": "not run: it was deselected", "--sw": "not run: *"}[option]
    pytest.LineMatcher([project.checks()["toy[a]"]]).fnmatch_lines([message])


def test_a_gate_after_the_first_failure_of_x_blocks_as_not_run(project: Project) -> None:
    project.configure("fail", "pass")

    result = project.run("-x")

    assert result.ret == 1
    assert project.checks() == {"toy[a]": "the toy says fail", "toy[b]": "not run: stopping after 1 failures"}


def test_a_collection_error_elsewhere_blocks_and_says_so(gated: Project) -> None:
    gated.write("tests/test_broken.py", "import no_such_module\n")

    result = gated.run()

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert gated.verdict().decision == "block"
    assert gated.checks()["toy[a]"] == "not run: 1 error during collection"


def test_with_collection_errors_allowed_the_gates_decide_the_verdict(gated: Project) -> None:
    gated.write("tests/test_broken.py", "import no_such_module\n")

    result = gated.run("--continue-on-collection-errors")

    assert result.ret == 1
    assert gated.verdict().decision == "promote"


def test_an_argument_that_does_not_exist_leaves_a_verdict_that_blocks(gated: Project) -> None:
    result = gated.run("tests/no_such_test.py")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert gated.verdict().decision == "block"


def test_ctrl_c_in_a_gate_blocks_as_interrupted(project: Project) -> None:
    project.configure("pass", "interrupt", "pass")

    result = project.spawn("-v")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    verdict = project.verdict()
    assert verdict.decision == "block"
    assert "toy[b]: error: not run: interrupted" in verdict.reasons
    assert "run:stopped: error: interrupted" in verdict.reasons
    result.stdout.fnmatch_lines(["*mlgate.toml::verdict FAILED*"])


def test_ctrl_c_in_another_test_after_all_gates_blocks_too(gated: Project) -> None:
    gated.write("tests/test_own.py", "def test_own():\n    raise KeyboardInterrupt\n")

    result = gated.spawn("mlgate.toml", "tests")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert gated.verdict().decision == "block"


def test_ctrl_c_in_a_workers_gate_blocks(project: Project) -> None:
    project.configure("pass", "interrupt", "pass")

    result = project.spawn("-n", "2")

    assert result.ret == pytest.ExitCode.INTERRUPTED
    assert project.verdict().decision == "block"
    assert project.checks()["toy[b]"]


def test_a_worker_that_dies_blocks_with_what_was_lost(project: Project) -> None:
    project.configure("pass", "exit", "pass")

    result = project.spawn("-n", "2")

    assert result.ret == 1
    assert project.verdict().decision == "block"
    assert "crashed while running 'mlgate.toml::toy[b]'" in project.checks()["toy[b]"]
    assert project.checks()["toy[c]"] == "the toy says pass"


def test_pytest_exit_in_a_test_blocks_with_its_reason(gated: Project) -> None:
    gated.write("conftest.py", "import pytest\n\n\ndef pytest_runtest_setup():\n    pytest.exit('enough', 3)\n")

    result = gated.run()

    assert result.ret == 3
    assert gated.checks()["toy[a]"] == "not run: enough"


def test_an_internal_error_of_another_plugin_blocks(gated: Project) -> None:
    gated.write("conftest.py", "def pytest_runtest_logfinish():\n    raise RuntimeError('other')\n")

    result = gated.run("mlgate.toml")

    assert result.ret != 0
    assert gated.verdict().decision == "block"


def test_a_gate_whose_fixture_fails_is_an_error_with_the_fixtures_message(project: Project) -> None:
    project.write("mlgate.toml", "[gates.rows]\n")
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def mlgate_holdout():
            raise RuntimeError("the database is gone")
        """,
    )

    result = project.run()

    assert result.ret == 1
    (check,) = project.verdict().checks
    assert (check.id, check.outcome, check.code) == ("rows", "error", "MLG002")
    assert check.message == "RuntimeError: the database is gone"


def test_a_gate_whose_fixture_skips_blocks_and_keeps_the_reason(project: Project) -> None:
    project.write("mlgate.toml", "[gates.rows]\n")
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def mlgate_holdout():
            pytest.skip("no labels yet")
        """,
    )

    result = project.run()

    assert result.ret == 1
    assert outcomes(result) == {"skipped": 1, "failed": 1}
    (check,) = project.verdict().checks
    assert check.outcome == "skip"
    assert check.blocks
    assert check.message == "skipped: no labels yet"


def test_a_gate_whose_fixture_fails_at_teardown_blocks(project: Project) -> None:
    project.write("mlgate.toml", "[gates.rows]\n")
    project.write(
        "conftest.py",
        """
        import pandas as pd
        import pytest

        @pytest.fixture
        def mlgate_holdout():
            yield pd.DataFrame({"x": [1]})
            raise RuntimeError("rollback failed")
        """,
    )

    result = project.run()

    assert result.ret == 1
    assert project.verdict().decision == "block"
    assert "rollback failed" in project.checks()["rows"]


@pytest.mark.parametrize(("answer", "decision"), [("fail", "block"), ("pass", "promote")])
def test_a_gate_marked_xfail_is_still_decided_by_its_checks(project: Project, answer: str, decision: str) -> None:
    project.configure(answer)
    project.write(
        "conftest.py",
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.xfail(reason="hush"))
        """,
    )

    result = project.run()

    assert project.verdict().decision == decision
    assert (result.ret == 0) == (decision == "promote")


@pytest.mark.parametrize("mark", ["skip(reason='hush')", "xfail(reason='hush', run=False)"])
def test_a_gate_that_a_conftest_marks_as_not_to_run_blocks(project: Project, mark: str) -> None:
    project.configure("pass")
    project.write(
        "conftest.py",
        f"""
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.{mark})
        """,
    )

    result = project.run()

    assert result.ret == 1
    assert project.verdict().decision == "block"
    assert "hush" in project.checks()["toy[a]"]


def test_a_gate_that_a_conftest_removes_blocks_as_not_run(project: Project) -> None:
    project.configure("pass", "pass")
    project.write("conftest.py", "def pytest_collection_modifyitems(items):\n    del items[1:]\n")

    result = project.run()

    assert result.ret == 1
    assert project.checks()["toy[b]"].startswith("not run: no report of it came; do norecursedirs, --ignore or ")


_TWICE = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        item._initrequest()
        runtestprotocol(item, nextitem=nextitem)
    return True
"""


@pytest.mark.parametrize("answers", ["fail pass", "pass fail", "raise pass", "pass inconclusive"])
def test_of_repeated_runs_of_a_gate_the_worst_counts(project: Project, answers: str) -> None:
    project.configure("next", head='[model]\nstage = "pre-production"', tail=GOVERNED_WITHOUT_ROWS)
    project.write("answers.txt", answers)
    project.write("conftest.py", _TWICE)

    result = project.run()

    assert (project.path / "answers.txt").read_text() == ""
    assert result.ret == 1
    check, *owed = project.verdict().checks
    assert check.outcome in ("fail", "error", "inconclusive")
    assert {other.outcome for other in owed} == {"pass"}


def test_a_repeated_run_whose_fixture_failed_once_blocks(project: Project) -> None:
    project.write("mlgate.toml", "[gates.rows]\n")
    project.write(
        "conftest.py",
        _TWICE
        + """
import pandas as pd
import pytest

runs = []

@pytest.fixture
def mlgate_holdout():
    runs.append(1)
    if len(runs) == 1:
        raise RuntimeError("timed out")
    return pd.DataFrame({"x": [1]})
""",
    )

    project.run()

    assert project.verdict().decision == "block"
    assert project.checks() == {"rows": "RuntimeError: timed out"}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("nothing", "toy made no check"),
        ("raise", "toy raised RuntimeError: the toy broke"),
        ("input", "holdout.csv: column 'x' is odd"),
    ],
)
def test_a_gate_that_could_not_answer_is_an_error_and_the_others_still_run(
    project: Project, answer: str, message: str
) -> None:
    project.configure(answer, "pass")

    result = project.run()

    assert result.ret == 1
    assert project.checks() == {"toy[a]": message, "toy[b]": "the toy says pass"}
    assert project.verdict().checks[0].outcome == "error"


def test_a_configuration_without_a_gate_blocks(project: Project) -> None:
    project.write("mlgate.toml", '[model]\nname = "m"\n')

    result = project.run()

    assert result.ret == 1
    assert project.verdict().reasons == ("no gate made any check",)
    result.stdout.fnmatch_lines(["BLOCK: no gate made any check"])


@pytest.mark.parametrize("level", ["warn", "note"])
def test_a_failure_below_block_is_listed_and_goes_on(project: Project, level: str) -> None:
    project.write("mlgate.toml", f'[gates.toy]\nanswer = "fail"\nseverity = "{level}"\n')

    result = project.run()

    assert result.ret == 0
    result.stdout.fnmatch_lines([f"toy*fail ({level})  the toy says fail", "PROMOTE: 1 check, none blocks; 1 *"])


@pytest.mark.parametrize(
    ("stage", "decision"),
    [("exploration", "promote"), ("validation", "promote"), ("pre-production", "block"), ("production", "block")],
)
def test_the_stage_asked_for_decides_whether_inconclusive_blocks(project: Project, stage: str, decision: str) -> None:
    project.configure("inconclusive", head='[model]\nstage = "validation"', tail=GOVERNED_WITHOUT_ROWS)

    result = project.run(f"--mlgate-stage={stage}")

    verdict = project.verdict()
    assert (verdict.stage, verdict.decision) == (stage, decision)
    assert (result.ret == 0) == (decision == "promote")


_WAIVER = '[[waivers]]\ncheck = "toy[a]"\nreason = "seasonal"\nauthor = "kim"\nexpires = {}\n'


def test_a_waiver_lets_a_failure_pass_and_is_named(project: Project) -> None:
    project.configure("fail", tail=_WAIVER.format("2999-01-31"))

    result = project.run()

    assert result.ret == 0
    (check,) = project.verdict().checks
    assert check.waiver is not None
    assert check.outcome == "fail"
    result.stdout.fnmatch_lines(["toy  a  fail (waived)  the toy says fail (waived until 2999-01-31 by kim: seasonal)"])


def test_a_waiver_that_is_over_waives_nothing_and_is_noted(project: Project) -> None:
    project.configure("fail", tail=_WAIVER.format("2020-01-31"))

    result = project.run()

    assert result.ret == 1
    assert project.verdict().notes == ("the waiver of toy[a] is over since 2020-01-31: seasonal (kim)",)
    result.stdout.fnmatch_lines(["note: the waiver of toy?a? is over since *"])


def test_a_waiver_that_covers_nothing_is_noted(project: Project) -> None:
    project.configure("pass", tail=_WAIVER.format("2999-01-31"))

    result = project.run()

    assert result.ret == 0
    assert project.verdict().notes == ("the waiver of toy[a] covers nothing: no such check needed one (kim)",)


def test_two_workers_find_the_same_checks_byte_for_byte(project: Project) -> None:
    project.write("rows.csv", "x\n1\n2\n")
    project.configure("fail", "raise", "inconclusive", "nothing", "pass", head='[data]\nholdout = "rows.csv"')
    with open(project.path / "mlgate.toml", "a", encoding="utf-8") as file:
        file.write("[gates.rows]\n")
    project.write("test_hand.py", "def test_hand(mlgate):\n    mlgate.toy()\n    mlgate.toy(answer='fail')\n")
    found = []
    for arguments in ((), ("-p", "no:xdist"), ("-n", "2"), ("-n", "2", "test_hand.py")):
        project.run(*arguments)
        project.verdict()
        record = json.loads(project.verdict_file.read_text(encoding="utf-8"))
        for check in record["checks"]:
            check["details"].pop("traceback", None)
        found.append(json.dumps([record["checks"], record["identity"], record["decision"]]))

    assert len(set(found)) == 1
    assert len(project.verdict().checks) == 8


def test_an_old_verdict_is_replaced(gated: Project) -> None:
    gated.run()
    gated.configure("fail")

    gated.run()

    assert gated.verdict().decision == "block"


def test_the_verdict_covers_gates_and_not_the_users_other_tests(gated: Project) -> None:
    gated.write("tests/test_own.py", "def test_own():\n    assert False\n")

    result = gated.run()

    assert result.ret == 1
    assert gated.verdict().decision == "promote"


def test_an_input_that_changes_during_the_run_blocks(project: Project) -> None:
    project.write("rows.csv", "x\n1\n")
    project.write(
        "mlgate.toml", '[data]\nholdout = "rows.csv"\n[[gates.rows]]\nname = "a"\n[[gates.rows]]\nname = "b"\n'
    )
    project.write(
        "conftest.py",
        """
        import pandas as pd
        import pytest

        sizes = iter([1, 2])

        @pytest.fixture
        def mlgate_holdout():
            return pd.DataFrame({"x": range(next(sizes))})
        """,
    )

    project.run()

    assert project.verdict().reasons == (
        "run:holdout: error: holdout was not the same for every gate: it changed during the run",
    )


def test_the_identity_names_what_was_judged(project: Project) -> None:
    project.write("data/rows.csv", "x\n1\n2\n")
    project.write("mlgate.toml", '[data]\nholdout = "data/rows.csv"\n[gates.rows]\n')

    project.run()

    evidence = project.verdict().identity["inputs"]["holdout"]
    assert evidence["source"] == "data/rows.csv"
    assert evidence["rows"] == 2
    assert len(evidence["digest"]) == 64


def test_gates_in_a_group_of_xdist_are_known_by_their_own_names(project: Project) -> None:
    project.configure("pass", "fail")
    project.write("test_hand.py", "def test_hand(mlgate):\n    mlgate.toy()\n")
    project.write(
        "conftest.py",
        """
        import pytest

        def pytest_collection_modifyitems(items):
            for item in items:
                item.add_marker(pytest.mark.xdist_group("models"))
        """,
    )

    project.run("-n", "2", "--dist", "loadgroup")

    assert list(project.checks()) == ["toy[a]", "toy[b]", "toy[test_hand.py:test_hand]"]
    assert project.verdict().reasons == ("toy[b]: fail: the toy says fail",)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--import-mode=importlib",),
        ("-p", "no:terminal"),
        ("-p", "no:junitxml", "-p", "no:warnings", "-p", "no:logging", "-p", "no:capture"),
        ("-p", "no:doctest", "-p", "no:unittest"),
        ("--doctest-modules", "--doctest-glob=*.toml"),
        ("-W", "error"),
        ("-s", "--tb=no", "-q", "-q"),
        ("--full-trace",),
    ],
    ids=" ".join,
)
def test_other_options_change_nothing_of_the_decision(gated: Project, arguments: tuple[str, ...]) -> None:
    gated.write("__init__.py", "")

    result = gated.run(*arguments)

    assert result.ret == 0
    assert gated.checks() == {"toy[a]": "the toy says pass"}


@pytest.mark.parametrize("option", ["--ignore=mlgate.toml", "--setup-plan", "--setup-only", "--ignore-glob=*.toml"])
def test_an_option_that_keeps_a_gate_from_running_blocks(gated: Project, option: str) -> None:
    result = gated.run(option)

    assert result.ret != 0
    assert gated.verdict().decision == "block"


@pytest.mark.parametrize("workers", [(), ("-n", "1")], ids=["one process", "a worker"])
@pytest.mark.parametrize("answer", ["pass", "fail"])
def test_half_of_a_pair_in_a_name_ends_no_run(project: Project, answer: str, workers: tuple[str, ...]) -> None:
    project.configure("pass")
    project.write("test_hand.py", f"def test_hand(mlgate):\n    mlgate.toy(answer='{answer}', subject='a\\udc80b')\n")

    result = project.run(*workers, "--junitxml=junit.xml", "--mlgate-report=markdown")

    assert result.ret == (0 if answer == "pass" else 1)
    assert project.checks() == {
        "toy[a]": "the toy says pass",
        "toy[test_hand.py:test_hand]:a\\udc80b": f"the toy says {answer}",
    }


def test_a_worker_that_cannot_send_its_report_blocks(project: Project) -> None:
    project.configure("pass")
    project.write("test_hand.py", "def test_hand(mlgate):\n    mlgate.toy(answer='fail')\n")
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_makereport(item, call):
            report = yield
            if item.name == "test_hand" and call.when == "call":
                report.odd = object()
            return report
        """,
    )

    result = project.run("-n", "1")

    assert result.ret != 0
    assert project.verdict().decision == "block"
    assert project.checks()["run:stopped"] == "an internal error of pytest or of a plugin"
