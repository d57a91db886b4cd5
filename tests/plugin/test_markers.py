"""Markers assert: a gate before the body of a test."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import Project


@pytest.mark.parametrize("option", [True, False], ids=["with --mlgate", "without"])
def test_a_marker_runs_its_gate_before_the_body_and_fails_the_test(project: Project, option: bool) -> None:
    project.configure()
    project.write(
        "test_x.py",
        """
        import pytest

        @pytest.mark.mlgate_toy(answer="fail")
        def test_n():
            print("the body ran")

        @pytest.mark.mlgate_toy(answer="pass")
        def test_good():
            print("the good body ran")
        """,
    )

    result = project.run("-rP") if option else project.plain("-rP")

    result.stdout.fnmatch_lines(["toy?test_x.py:test_n?  fail: the toy says fail*", "the good body ran"])
    assert "the body ran" not in result.stdout.str()
    assert not any("pytest_mlgate/" in line for line in result.outlines)
    result.assert_outcomes(passed=1, failed=1 + option)


def test_what_a_marker_finds_stands_in_the_verdict(project: Project) -> None:
    project.configure("pass")
    project.write("test_x.py", "import pytest\n\n@pytest.mark.mlgate_toy(answer='fail')\ndef test_n(): pass\n")

    project.run()

    assert project.checks() == {"toy[a]": "the toy says pass", "toy[test_x.py:test_n]": "the toy says fail"}
    assert project.verdict().decision == "block"


@pytest.mark.parametrize(
    "text",
    [
        "pytestmark = pytest.mark.mlgate_toy(answer='fail')\ndef test_n(): pass\n",
        "pytestmark = [pytest.mark.mlgate_toy(answer='fail')]\nclass TestIt:\n    def test_n(self): pass\n",
        "@pytest.mark.mlgate_toy(answer='fail')\nclass TestIt:\n    def test_n(self): pass\n",
        "class TestIt:\n    pytestmark = pytest.mark.mlgate_toy(answer='fail')\n    def test_n(self): pass\n",
        "@pytest.mark.mlgate_toy(answer='fail')\n@pytest.mark.usefixtures('mlgate')\ndef test_n(): pass\n",
        "@pytest.mark.mlgate_toy(answer='fail')\nasync def test_n(): pass\n",
    ],
    ids=["module", "module list", "class", "class attribute", "fixture used too", "coroutine"],
)
def test_a_marker_is_never_silently_ignored_wherever_it_stands(project: Project, text: str) -> None:
    project.write("test_x.py", f"import pytest\n{text}")

    project.plain().assert_outcomes(failed=1)


@pytest.mark.parametrize("where", ["class", "method"])
def test_a_marker_asserts_on_a_unittest_test_case(project: Project, where: str) -> None:
    mark = "@pytest.mark.mlgate_toy(answer='fail')"
    project.write(
        "test_x.py",
        f"""
        import unittest
        import pytest

        {mark if where == "class" else ""}
        class TestIt(unittest.TestCase):
            {mark if where == "method" else ""}
            def test_n(self):
                print("the body ran")
        """,
    )

    result = project.plain()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["toy?test_x.py:TestIt.test_n?  fail: *"])
    assert "the body ran" not in result.stdout.str()


def test_a_marker_on_each_parameter_has_its_own_checks(project: Project) -> None:
    project.configure()
    project.write(
        "test_x.py",
        """
        import pytest

        @pytest.mark.mlgate_toy
        @pytest.mark.parametrize(
            "one", [1, pytest.param(2, marks=pytest.mark.mlgate_toy(answer="fail", subject="two"))]
        )
        def test_n(one): pass
        """,
    )

    result = project.run()

    assert list(project.checks()) == [
        "toy[test_x.py:test_n[1]]",
        "toy[test_x.py:test_n[2]]",
        "toy[test_x.py:test_n[2] #2]:two",
    ]
    result.assert_outcomes(passed=1, failed=2)


@pytest.mark.parametrize("hook", ["collection_modifyitems(items)", "runtest_setup(item)", "runtest_call(item)"])
def test_a_marker_that_a_conftest_adds_asserts_or_says_that_it_is_too_late(project: Project, hook: str) -> None:
    name = hook.partition("(")[2].rstrip(")")
    project.write(
        "conftest.py",
        f"""
        import pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_{hook}:
            ({name} if "items" == "{name}" else [{name}])[0].add_marker(pytest.mark.mlgate_toy(answer="fail"))
        """,
    )
    project.write("test_x.py", "def test_n(): pass\n")

    result = project.plain()

    result.assert_outcomes(failed=1)
    said = "toy?test_x.py:test_n?  fail: *" if name == "items" else "mlgate_toy was added too late to run: *"
    result.stdout.fnmatch_lines([said])


def test_all_markers_of_a_test_run_the_nearest_first(project: Project) -> None:
    project.configure()
    project.write(
        "test_x.py",
        """
        import pytest

        @pytest.mark.mlgate_toy(subject="outer")
        @pytest.mark.mlgate_toy(subject="inner")
        def test_n(mlgate):
            mlgate.toy(subject="body")
        """,
    )

    project.run()

    assert list(project.checks()) == [
        "toy[test_x.py:test_n]:inner",
        "toy[test_x.py:test_n #2]:outer",
        "toy[test_x.py:test_n #3]:body",
    ]


@pytest.mark.parametrize(
    ("marker", "passed"),
    [
        ("mlgate(severity='warn')", True),
        ("mlgate(severity='note')", True),
        ("mlgate(severity='block')", False),
        ("mlgate(stage='exploration')", False),
    ],
)
def test_severity_of_a_failure_can_be_lowered_for_a_test(project: Project, marker: str, passed: bool) -> None:
    project.write(
        "test_x.py",
        f"import pytest\n\n@pytest.mark.{marker}\n@pytest.mark.mlgate_toy(answer='fail')\ndef test_n(): pass\n",
    )

    project.plain().assert_outcomes(passed=int(passed), failed=int(not passed))


@pytest.mark.parametrize(("stage", "passed"), [("exploration", True), ("production", False)])
def test_the_stage_whose_rules_apply_can_be_set_for_a_test(project: Project, stage: str, passed: bool) -> None:
    project.write(
        "test_x.py",
        f"""
        import pytest

        @pytest.mark.mlgate(stage="{stage}")
        def test_n(mlgate):
            mlgate.toy(answer="inconclusive")
        """,
    )

    project.plain().assert_outcomes(passed=int(passed), failed=int(not passed))


def test_the_nearest_marker_has_the_last_word(project: Project) -> None:
    project.write(
        "test_x.py",
        """
        import pytest

        @pytest.mark.mlgate(severity="block")
        class TestIt:
            @pytest.mark.mlgate(severity="warn")
            @pytest.mark.mlgate_toy(answer="fail")
            def test_n(self): pass
        """,
    )

    project.plain().assert_outcomes(passed=1)


_MISTAKES = [
    ("mlgate_toy(anwser=1)", "toy: unknown key `anwser`; did you mean `answer`?"),
    ("mlgate_toy('fail')", "mlgate_toy takes settings by keyword only, not ('fail',)"),
    (
        "mlgate_toi(answer=1)",
        "marker mlgate_toi: there are the gates baseline, fairness, schema, parity, behaviour, *, rows, toy",
    ),
    ("mlgate(stge='production')", "marker mlgate takes stage= and severity= only, not ['stge']"),
    ("mlgate('production')", "marker mlgate takes stage= and severity= only, not ('production',)"),
    ("mlgate(stage='prod')", "marker mlgate: stage='prod' is none of *"),
    ("mlgate(severity='high')", "marker mlgate: severity='high' is none of block, warn, note"),
]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnknownMarkWarning")
@pytest.mark.parametrize(("marker", "message"), _MISTAKES, ids=[marker for marker, _ in _MISTAKES])
def test_a_slip_in_a_marker_is_one_clear_message(project: Project, marker: str, message: str) -> None:
    project.write("test_x.py", f"import pytest\n\n@pytest.mark.{marker}\ndef test_n(mlgate):\n    mlgate.toy()\n")

    result = project.plain()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines([message.replace("[", "[[]")])
    assert not any("pytest_mlgate/" in line for line in result.outlines)


def test_a_marker_on_something_that_cannot_have_fixtures_is_a_clear_error(project: Project) -> None:
    project.write(
        "conftest.py",
        """
        import pytest

        class Item(pytest.Item):
            def runtest(self): pass

        class File(pytest.File):
            def collect(self):
                item = Item.from_parent(self, name="one")
                item.add_marker("mlgate_toy")
                yield item

        def pytest_collect_file(file_path, parent):
            if file_path.suffix == ".own":
                return File.from_parent(parent, path=file_path)
        """,
    )
    project.write("a.own", "")

    result = project.plain()

    assert result.ret != 0
    result.stdout.no_fnmatch_line("*1 passed*")
    assert "a gate's marker needs a test that can have fixtures" in result.stdout.str() + result.stderr.str()


def test_every_marker_is_listed_with_its_signature(project: Project) -> None:
    text = project.plain("--markers").stdout.str()

    assert "@pytest.mark.mlgate(stage=None, severity=None): " in text
    for name in ("baseline", "fairness", "schema", "parity", "behaviour", "roundtrip", "drift", "toy", "rows"):
        assert f"@pytest.mark.mlgate_{name}(**settings): run the {name} gate" in text
