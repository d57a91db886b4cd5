"""What tests request: data that a conftest may override, and gates as assertions."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project

ROWS = '[data]\nholdout = "rows.csv"\n[gates.rows]\n'
HOLDOUT = """
import pandas as pd
import pytest

@pytest.fixture(scope="session")
def mlgate_{name}():
    return pd.DataFrame({{"own": [10, 20, 30]}})
"""


@pytest.fixture
def rows(project: Project) -> Project:
    """A project whose gate reports the rows that it is given."""
    project.write("rows.csv", "x\n1\n2\n")
    project.write("mlgate.toml", ROWS)
    return project


def test_a_gate_gets_the_configured_table(rows: Project) -> None:
    rows.run()

    assert rows.checks() == {"rows": "holdout: ['x'], 2 rows, sum 3"}


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_a_conftest_that_overrides_a_table_changes_what_a_gate_gets(rows: Project, workers: tuple[str, ...]) -> None:
    rows.write("conftest.py", HOLDOUT.format(name="holdout"))

    rows.run(*workers)

    assert rows.checks() == {"rows": "holdout: ['own'], 3 rows, sum 60"}
    assert rows.verdict().identity["inputs"]["holdout"]["source"] == "fixture"


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["one process", "two workers"])
def test_an_override_gives_a_gate_its_optional_input(rows: Project, workers: tuple[str, ...]) -> None:
    rows.write("conftest.py", HOLDOUT.format(name="serving"))

    rows.run(*workers)

    assert rows.checks() == {"rows": "holdout: ['x'], 2 rows, sum 3; serving: ['own'], 3 rows, sum 60"}


def test_an_override_in_a_tests_folder_is_for_the_tests_there(rows: Project) -> None:
    rows.write("tests/conftest.py", HOLDOUT.format(name="holdout"))
    rows.write("tests/test_hand.py", "def test_hand(mlgate):\n    mlgate.rows()\n")

    rows.run()

    assert rows.checks()["rows"] == "holdout: ['x'], 2 rows, sum 3"
    assert rows.checks()["rows[tests/test_hand.py:test_hand]"] == "holdout: ['own'], 3 rows, sum 60"


def test_an_override_may_build_on_the_configured_table(rows: Project) -> None:
    rows.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def mlgate_holdout(mlgate_holdout):
            return mlgate_holdout[mlgate_holdout["x"] > 1]
        """,
    )

    rows.run()

    assert rows.checks() == {"rows": "holdout: ['x'], 1 rows, sum 2"}


def test_a_table_that_a_test_changes_does_not_change_what_gates_see(rows: Project) -> None:
    rows.write(
        "test_hand.py",
        """
        def test_hand(mlgate, mlgate_holdout):
            mlgate_holdout["x"] = 1000
            mlgate_holdout.loc[5] = 7
            mlgate.rows()
        """,
    )

    rows.run("test_hand.py", "mlgate.toml")

    assert set(rows.checks().values()) == {"holdout: ['x'], 2 rows, sum 3"}


def test_a_keyword_replaces_an_input(rows: Project) -> None:
    rows.write(
        "test_hand.py",
        """
        def test_hand(mlgate, mlgate_holdout):
            result = mlgate.rows(holdout=mlgate_holdout.head(1))
            assert result.checks[0].n == 1
        """,
    )

    result = rows.run()

    assert result.ret == 0
    assert rows.checks()["rows[test_hand.py:test_hand]"] == "holdout: ['x'], 1 rows, sum 1"


def test_the_fixture_asserts_and_records_under_the_name_of_its_test(project: Project) -> None:
    project.configure("pass")
    project.write("tests/test_x.py", "def test_name(mlgate):\n    mlgate.toy(answer='fail')\n")

    result = project.run()

    assert result.ret == 1
    assert project.checks() == {"toy[a]": "the toy says pass", "toy[tests/test_x.py:test_name]": "the toy says fail"}
    result.stdout.fnmatch_lines(["E *GateFailure: toy?tests/test_x.py:test_name?  fail: the toy says fail*"])


def test_the_traceback_of_a_gate_ends_on_the_users_own_line(project: Project) -> None:
    project.configure("pass")
    project.write("tests/test_x.py", "def test_name(mlgate):\n    mlgate.toy(answer='fail')\n")

    result = project.run()

    result.stdout.fnmatch_lines([">       mlgate.toy(answer='fail')", "tests/test_x.py:2: GateFailure"])
    assert not any("pytest_mlgate/" in line for line in result.outlines)


def test_a_second_call_in_one_test_is_numbered(project: Project) -> None:
    project.configure()
    project.write("test_x.py", "def test_n(mlgate):\n    mlgate.toy()\n    mlgate.toy()\n    mlgate.toy(name='z')\n")

    project.run()

    assert list(project.checks()) == ["toy[test_x.py:test_n]", "toy[test_x.py:test_n #2]", "toy[test_x.py:test_n z]"]


def test_each_parameter_and_each_method_has_checks_of_its_own(project: Project) -> None:
    project.configure()
    project.write(
        "test_x.py",
        """
        import pytest

        class TestIt:
            @pytest.mark.parametrize("one", [1, 2])
            def test_n(self, mlgate, one):
                mlgate.toy()
        """,
    )

    project.run()

    assert list(project.checks()) == ["toy[test_x.py:TestIt.test_n[1]]", "toy[test_x.py:TestIt.test_n[2]]"]


def test_a_gate_that_is_caught_still_counts(project: Project) -> None:
    project.configure("pass")
    project.write(
        "test_x.py",
        """
        import pytest

        def test_n(mlgate):
            with pytest.raises(AssertionError):
                mlgate.toy(answer="fail")
        """,
    )

    result = project.run()

    assert project.verdict().decision == "block"
    assert result.ret == 1


@pytest.mark.parametrize(("answer", "failed"), [("pass", 0), ("fail", 1)])
def test_the_fixture_asserts_without_the_option_too(project: Project, answer: str, failed: int) -> None:
    project.write("test_x.py", f"def test_n(mlgate):\n    mlgate.toy(answer='{answer}')\n")

    result = project.plain()

    result.assert_outcomes(passed=1 - failed, failed=failed)
    assert not (project.path / ".mlgate").exists()


def test_without_the_option_data_fixtures_read_the_nearest_configuration(rows: Project) -> None:
    rows.write("test_x.py", "def test_n(mlgate_holdout):\n    assert list(mlgate_holdout['x']) == [1, 2]\n")

    rows.plain().assert_outcomes(passed=1)


def test_without_any_configuration_an_inconclusive_gate_fails(project: Project) -> None:
    project.write("test_x.py", "def test_n(mlgate):\n    mlgate.toy(answer='inconclusive')\n")

    project.plain().assert_outcomes(failed=1)


def test_the_configured_stage_holds_for_handwritten_gates(project: Project) -> None:
    project.write("mlgate.toml", '[model]\nstage = "validation"\n')
    project.write("test_x.py", "def test_n(mlgate):\n    mlgate.toy(answer='inconclusive')\n")

    project.plain().assert_outcomes(passed=1)
    project.plain("--mlgate-stage=production").assert_outcomes(failed=1)


def test_an_unusable_configuration_fails_the_test_that_asks_in_its_own_words(project: Project) -> None:
    project.write("mlgate.toml", "[model]\nnmae = 1\n")
    project.write("test_x.py", "def test_n(mlgate_holdout): pass\n")

    result = project.plain()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["mlgate.toml:2: unknown key `model.nmae`; did you mean `name`?"])


_MISTAKES = [
    (
        "mlgate.toi()",
        "*no gate is called 'toi'; there are: baseline, fairness, schema, parity, behaviour, *, rows, toy*",
    ),
    ("mlgate.toy(anwser='fail')", "*toy: unknown key `anwser`; did you mean `answer`?"),
    ("mlgate.toy(uses='much')", "*toy: `uses` = 'much': *number*"),
    ("mlgate.toy(severity='high')", "*toy: `severity` = 'high': *"),
]


@pytest.mark.parametrize(("call", "message"), _MISTAKES, ids=[call for call, _ in _MISTAKES])
def test_a_slip_in_a_call_is_one_clear_message(project: Project, call: str, message: str) -> None:
    project.write("test_x.py", f"def test_n(mlgate):\n    {call}\n")

    result = project.plain()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message])
    assert not any("pytest_mlgate/" in line for line in result.outlines)


@pytest.mark.parametrize("name", ["candidate", "train", "holdout", "reference", "current", "serving"])
def test_what_is_not_configured_names_the_key_and_the_fixture(project: Project, name: str) -> None:
    project.configure()
    project.write("test_x.py", f"def test_n(mlgate_{name}): pass\n")

    result = project.plain()

    result.assert_outcomes(errors=1)
    section = "model" if name == "candidate" else "data"
    named = "train" if name == "reference" else name
    result.stdout.fnmatch_lines(
        [f"no {named} is configured: set `[[]{section}] {named}` in mlgate.toml, or override `mlgate_{named}` *"]
    )
    assert not any("pytest_mlgate/" in line for line in result.outlines)


def test_a_gate_whose_table_is_not_configured_is_an_error_that_names_the_key(project: Project) -> None:
    project.write("mlgate.toml", "[gates.rows]\n")

    result = project.run()

    assert result.ret == 1
    assert "set `[data] holdout` in mlgate.toml" in project.checks()["rows"]


def test_an_unreadable_table_is_one_message_and_no_traceback_of_ours(rows: Project) -> None:
    rows.write("rows.csv", "")

    result = rows.run()

    assert result.ret == 1
    (check,) = rows.verdict().checks
    assert check.outcome == "error"
    assert "rows.csv" in check.message
    assert not any("pytest_mlgate/" in line or "Traceback" in line for line in result.outlines)


def test_a_file_is_read_once_a_process(rows: Project) -> None:
    rows.write(
        "conftest.py",
        """
        import pytest
        import pytest_mlgate.tables as tables

        own = tables.read_table

        def count(path, *args, **kwargs):
            print("read", path.name)
            return own(path, *args, **kwargs)

        tables.read_table = count
        """,
    )
    rows.write("test_x.py", "def test_n(mlgate, mlgate_holdout):\n    mlgate.rows()\n")

    result = rows.spawn("-s")

    assert result.ret == 0
    assert result.stdout.str().count("read rows.csv") == 1


def test_every_data_fixture_is_listed_with_what_you_get(project: Project) -> None:
    project.write("test_x.py", "def test_n(): pass\n")

    text = project.plain("--fixtures").stdout.str()

    for name in ("candidate", "baseline", "train", "holdout", "reference", "current", "serving", "config"):
        line = text.partition(f"\nmlgate_{name} ")[2].partition("\n\n")[0]
        assert line.startswith("[session scope] -- ")
        assert line.partition("\n")[2].strip().startswith(("The ", "Labelled rows", "Recent rows", "Logged requests"))
    assert "\nmlgate -- " in text


def test_a_function_that_an_override_returns_is_a_model(project: Project) -> None:
    project.write("rows.csv", "x,y\n" + "\n".join(f"{n},{int(n > 50)}" for n in range(100)))
    project.write("mlgate.toml", '[data]\nholdout = "rows.csv"\ntarget = "y"\n')
    project.write(
        "conftest.py",
        """
        import pytest

        @pytest.fixture(scope="session")
        def mlgate_candidate():
            return lambda rows: (rows["x"] > 50).astype(int)
        """,
    )
    project.write("test_x.py", "def test_n(mlgate):\n    mlgate.baseline(metric='accuracy', margin=0.01)\n")

    result = project.spawn()

    assert result.ret == 0
    assert project.verdict().notes == ("no baseline: the candidate was compared with a dummy",)


def test_a_handwritten_file_of_a_model_is_closed_when_the_session_ends(project: Project) -> None:
    project.write("model.py", "def predict(rows):\n    return [1] * len(rows)\n")
    project.write("mlgate.toml", '[model]\ncandidate = "model:predict"\n')
    project.write(
        "test_x.py",
        """
        import pandas as pd

        def test_n(mlgate_candidate):
            assert list(mlgate_candidate.predict(pd.DataFrame({"x": [1, 2]}))) == [1, 1]
        """,
    )

    project.pytester.runpytest_subprocess("-W", "error", "-p", "no:hypothesispytest", timeout=60).assert_outcomes(
        passed=1
    )
