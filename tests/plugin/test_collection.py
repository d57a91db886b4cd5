"""Which gates are collected, from which file, and what a configuration that cannot be used does."""

from __future__ import annotations

import pytest

from tests.plugin.conftest import PASSING, Project, outcomes


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("tests",),
        ("tests/test_own.py",),
        ("tests/test_own.py::test_own",),
        ("mlgate.toml", "tests"),
        (".", "mlgate.toml"),
        ("mlgate.toml", "."),
        (".", "mlgate.toml::toy[a]"),
    ],
    ids=" ".join,
)
def test_the_gate_is_collected_once_whatever_the_arguments_are(gated: Project, arguments: tuple[str, ...]) -> None:
    result = gated.run("-v", *arguments)

    result.assert_outcomes(passed=3)
    assert sum("mlgate.toml::toy[a] PASSED" in line for line in result.outlines) == 1
    assert sum("mlgate.toml::verdict PASSED" in line for line in result.outlines) == 1
    assert result.ret == 0


@pytest.mark.parametrize("argument", ["mlgate.toml", "mlgate.toml::toy[a]"])
def test_the_file_or_the_gate_alone_can_be_named(gated: Project, argument: str) -> None:
    result = gated.run(argument)

    result.assert_outcomes(passed=2)
    assert gated.verdict().decision == "promote"


def test_testpaths_do_not_leave_the_gates_out(gated: Project) -> None:
    gated.write("pytest.ini", "[pytest]\ntestpaths = tests\n")

    result = gated.run("-v")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["mlgate.toml::toy?a? PASSED*"])


def test_xdist_collects_the_gate_once_although_only_a_folder_is_named(gated: Project) -> None:
    result = gated.spawn("-n", "2", "-v", "tests")

    result.assert_outcomes(passed=3)
    assert sum("PASSED mlgate.toml::toy[a]" in line for line in result.outlines) == 1
    assert gated.verdict().decision == "promote"


def test_one_gate_of_two_by_name_leaves_the_other_not_run(project: Project) -> None:
    project.configure("pass", "pass")

    result = project.run("mlgate.toml::toy[a]")

    assert result.ret == 1
    assert project.checks()["toy[b]"].startswith("not run: ")


def test_a_table_in_pyproject_is_collected_under_that_file(project: Project) -> None:
    project.write("pyproject.toml", "[tool.mlgate.model]\nname = 'm'\n\n[[tool.mlgate.gates.toy]]\nname = 'a'\n")

    result = project.run("-v")

    result.stdout.fnmatch_lines(["pyproject.toml::toy?a? PASSED*", "pyproject.toml::verdict PASSED*"])
    assert project.verdict().model == "m"


def test_the_nearest_configuration_above_the_arguments_applies(project: Project) -> None:
    project.configure("fail")
    project.write("inner/mlgate.toml", '[model]\nname = "inner"\n' + PASSING)
    project.write("inner/deep/tests/test_a.py", "def test_a(): pass\n")

    result = project.run("-v", "inner/deep/tests")

    assert result.ret == 0
    result.stdout.fnmatch_lines(["mlgate: inner -> validation (inner/mlgate.toml, 1 gate)"])
    assert (project.path / "inner/.mlgate/verdict.json").is_file()
    assert not project.verdict_file.exists()


def test_the_common_ancestor_of_all_arguments_decides(project: Project) -> None:
    project.configure("pass", head='[model]\nname = "outer"')
    for folder in ("one", "two"):
        project.write(f"{folder}/mlgate.toml", '[[gates.toy]]\nanswer = "fail"\n')
        project.write(f"{folder}/test_{folder}.py", f"def test_{folder}(): pass\n")

    result = project.run("one", "two")

    result.assert_outcomes(passed=4)
    assert project.verdict().model == "outer"


def test_the_search_ends_at_the_rootdir(project: Project) -> None:
    project.configure("pass")
    project.write("inner/pytest.ini", "[pytest]\n")
    project.write("inner/test_a.py", "def test_a(): pass\n")

    result = project.run("--rootdir", "inner", "inner")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no mlgate.toml*mlgate init*"])


def test_a_nested_projects_configuration_is_not_collected(project: Project) -> None:
    project.configure("pass")
    project.write("nested/mlgate.toml", '[[gates.toy]]\nanswer = "fail"\n')

    result = project.run("-v", ".")

    result.assert_outcomes(passed=2)
    assert not any("nested/mlgate.toml" in line for line in result.outlines)


def test_an_option_names_another_configuration(gated: Project) -> None:
    gated.write("gates/other.toml", '[model]\nname = "other"\n[[gates.toy]]\nname = "z"\n')

    result = gated.run("-v", "--mlgate-config", "gates/other.toml", "tests")

    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["gates/other.toml::toy?z? PASSED*", "gates/other.toml::verdict PASSED*"])
    assert (gated.path / "gates/.mlgate/verdict.json").is_file()


def test_a_configuration_where_pytest_does_not_look_blocks_and_says_why(gated: Project) -> None:
    gated.write("build/mlgate.toml", PASSING)

    result = gated.run("--mlgate-config", "build/mlgate.toml", "-p", "no:terminal")

    assert result.ret == 1
    assert "norecursedirs" in (gated.path / "build/.mlgate/verdict.json").read_text(encoding="utf-8")


def test_a_configuration_outside_the_rootdir_is_judged_too(project: Project) -> None:
    project.configure("pass")
    project.write("inner/pytest.ini", "[pytest]\n")
    project.write("inner/test_a.py", "def test_a(): pass\n")

    result = project.run("--rootdir", "inner", "--mlgate-config", "mlgate.toml", "inner")

    assert project.checks() == {"toy[a]": "the toy says pass"}
    result.assert_outcomes(passed=3)


def test_both_files_in_one_folder_are_a_usage_error(gated: Project) -> None:
    gated.write("pyproject.toml", "[tool.mlgate.model]\nname = 'm'\n")

    result = gated.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*mlgate.toml: pyproject.toml beside it has a [[]tool.mlgate] table too*"])


def test_no_configuration_is_a_usage_error_that_names_the_way_out(project: Project) -> None:
    project.write("test_a.py", "def test_a(): pass\n")

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: --mlgate: no mlgate.toml*`mlgate init` writes one*"])
    assert not (project.path / ".mlgate").exists()


def test_a_configuration_named_by_option_that_is_not_there_is_a_usage_error(gated: Project) -> None:
    result = gated.run("--mlgate-config", "nowhere.toml")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*nowhere.toml: cannot be read: No such file or directory"])


_BROKEN = [
    pytest.param("[gates.toy\n", "mlgate.toml:1: is not valid TOML: *", id="malformed"),
    pytest.param("\n\n[model]\nnmae = 1\n", "mlgate.toml:4: unknown key `model.nmae`; did you mean `name`?", id="key"),
    pytest.param("[gates.toi]\n", "mlgate.toml:1: unknown gate `toi`; did you mean `toy`?", id="gate"),
    pytest.param("[gates.toy]\nuses = nan\n", "mlgate.toml:2: `gates.toy.uses` = nan: *", id="nan"),
    pytest.param("[data]\ntrain = 'no.csv'\n", "mlgate.toml:2: `data.train` = 'no.csv': there is no file *", id="file"),
]


@pytest.mark.parametrize(("text", "message"), _BROKEN)
def test_a_configuration_that_cannot_be_used_is_a_usage_error_with_file_and_line(
    project: Project, text: str, message: str
) -> None:
    project.write("mlgate.toml", text)

    result = project.run()

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {message.replace('[', '[[]')}"])
    assert not any("Traceback" in line for line in result.errlines + result.outlines)


def test_all_mistakes_are_named_together(project: Project) -> None:
    project.write("mlgate.toml", "[model]\nnmae = 1\n\n[gates.toi]\n")

    result = project.run()

    result.stderr.fnmatch_lines(["*mlgate.toml:2: *", "*mlgate.toml:4: *"])


@pytest.mark.parametrize("option", ["--help", "--version", "-VV", "--markers", "--fixtures", "--fixtures-per-test"])
@pytest.mark.parametrize("text", ["[gates.toy\n", None], ids=["malformed", "missing"])
def test_no_configuration_stands_in_the_way_of_help(project: Project, option: str, text: str | None) -> None:
    if text is not None:
        project.write("mlgate.toml", text)
    project.write("test_a.py", "def test_a(): pass\n")

    result = project.run(option)

    assert result.ret == 0
    assert not result.errlines or option in ("--version", "-VV")


def test_collect_only_lists_the_gates_reads_no_data_and_writes_no_verdict(project: Project) -> None:
    project.write("rows.csv", "x\n1\n")
    project.write("mlgate.toml", '[data]\nholdout = "rows.csv"\n[gates.rows]\n[[gates.toy]]\nname = "a"\n')
    project.write("rows.csv", "\0 not a table")

    result = project.run("--collect-only", "-q")

    assert result.outlines[:2] == ["mlgate.toml::rows", "mlgate.toml::toy[a]"]
    assert result.ret == 0
    assert not (project.path / ".mlgate").exists()


def test_collecting_imports_no_pandas(project: Project) -> None:
    project.configure("pass")
    project.write(
        "conftest.py",
        "import sys\n\n\ndef pytest_collection_finish():\n    print('pandas:', 'pandas' in sys.modules)\n",
    )

    result = project.spawn("--collect-only", "-s")

    result.stdout.fnmatch_lines(["pandas: False"])


@pytest.mark.parametrize("arguments", [(), ("tests",), (".",)], ids=" ".join)
def test_without_the_option_nothing_is_collected_and_nothing_said(gated: Project, arguments: tuple[str, ...]) -> None:
    result = gated.plain(*arguments)

    result.assert_outcomes(passed=1)
    assert not any("toy" in line or "verdict" in line for line in result.outlines)
    assert not (gated.path / ".mlgate").exists()


def test_without_the_option_a_broken_configuration_is_nobodys_business(gated: Project) -> None:
    gated.write("mlgate.toml", "[gates.toy\n")

    gated.plain().assert_outcomes(passed=1)


def test_strict_markers_know_every_gate(project: Project) -> None:
    project.configure("pass")
    project.write(
        "test_a.py",
        """
        import pytest

        @pytest.mark.mlgate(severity="warn")
        @pytest.mark.mlgate_toy()
        @pytest.mark.mlgate_drift
        @pytest.mark.mlgate_baseline
        @pytest.mark.mlgate_schema
        def test_a(): pass
        """,
    )

    result = project.run("--strict-markers", "--collect-only")

    assert result.ret == 0


def test_the_plugin_can_be_switched_off(gated: Project) -> None:
    result = gated.plain("-p", "no:mlgate")

    result.assert_outcomes(passed=1)
    assert outcomes(result) == {"passed": 1}


def test_switched_off_its_option_is_unknown_and_not_silently_ignored(gated: Project) -> None:
    result = gated.run("-p", "no:mlgate")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*unrecognized arguments: --mlgate*"])


@pytest.mark.parametrize("option", ["--mlgate-stage=nonsense", "--mlgate-report=nonsense"])
def test_an_option_with_an_unknown_value_is_a_usage_error_that_lists_the_known(gated: Project, option: str) -> None:
    result = gated.run(option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {option}: choose one of *"])


def test_a_gate_is_selected_by_keyword_like_any_test(project: Project) -> None:
    project.configure("pass", "fail")

    result = project.run("--collect-only", "-q", "-k", "toy and b")

    assert "mlgate.toml::toy[b]" in result.outlines
    assert "mlgate.toml::toy[a]" not in result.outlines
