"""The configuration: what it means, and the exact words of everything that can be wrong with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from pytest_mlgate import config as module
from pytest_mlgate.checks import Severity, Waiver
from pytest_mlgate.config import check_settings, find_config, load_config
from pytest_mlgate.gates import load_gate
from pytest_mlgate.gates.base import Facts, Gate, GateSettings
from pytest_mlgate.naming import is_import_path, resolve
from pytest_mlgate.problems import ConfigError, Problem

Project = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Write files into a folder that is the working directory, and return it."""
    monkeypatch.chdir(tmp_path)

    def write(**files: str | bytes) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path

    return write


def errors(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        load_config(path)
    assert str(raised.value) == "\n".join(str(problem) for problem in raised.value.problems)
    return str(raised.value).splitlines()


STAGES = "'exploration', 'validation', 'pre-production', 'production', 'monitoring' or 'retired'"
TASKS = "'binary', 'multiclass', 'regression' or 'ranking'"
SIGNS = "brackets, `::` and line breaks are not allowed"
LABEL = "should be a number, a text, true or false"
DATE = "should be a date without quotes, such as 2027-01-31"
WAIVER = '[[waivers]]\ncheck = "a"\nreason = "r"\nauthor = "b"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # unknown keys, at every level
        ("modle = 1", "1: unknown key `modle`; did you mean `model`?"),
        (
            "\n[zzz.x]",
            "2: unknown key `zzz`; known are: model, data, artifacts, gates, governance, lifecycle, policy, waivers, "
            "score",
        ),
        ("[modle.x]\na = 1", "1: unknown key `modle`; did you mean `model`?"),
        ('[model]\nstag = "x"', "2: unknown key `model.stag`; did you mean `stage`?"),
        ('model.stag = "x"', "1: unknown key `model.stag`; did you mean `stage`?"),
        ('model = {stag = "x"}', "1: unknown key `model.stag`; did you mean `stage`?"),
        (
            '[governance]\nzzz = "x"',
            "2: unknown key `governance.zzz`; known are: owner, contact, approvers, sensitive_decisions, explanation, "
            "monitoring, rollback, retraining, release, retirement, lineage",
        ),
        (
            '[[governance.monitoring]]\nkind = "input"',
            "2: `governance.monitoring[0].kind[0]` = 'input': should be 'performance', 'inputs', 'volume', 'errors' or "
            "'outputs'; did you mean 'inputs'?",
        ),
        (
            '[[governance.monitoring]]\nkind = "inputs"\nthreshold = true',
            "3: `governance.monitoring[0].threshold` = true: should be a number or a text",
        ),
        (
            '[governance.release]\nstrategy = "bluegreen"',
            "2: `governance.release.strategy` = 'bluegreen': should be 'shadow', 'canary', 'blue-green' or 'a/b'; "
            "did you mean 'blue-green'?",
        ),
        ("[gates.drift]\nmax_distanse = 1", "2: unknown key `gates.drift.max_distanse`; did you mean `max_distance`?"),
        (
            "[gates.drift]\n\n[gates.drift.columns.temp]\nmax_distanse = 0.2",
            "4: unknown key `gates.drift.columns.temp.max_distanse`; did you mean `max_distance`?",
        ),
        (
            "[[gates.baseline]]\n[[gates.baseline]]\nmargn = 0.1",
            "3: unknown key `gates.baseline[1].margn`; did you mean `margin`?",
        ),
        (
            WAIVER + "expires = 2027-01-31\nreasn = 1",
            "6: unknown key `waivers[0].reasn`; did you mean `reason`?",
        ),
        # gates
        ("[gates.drfit]", "1: unknown gate `drfit`; did you mean `drift`?"),
        ("gates = 3", "1: `gates` is a table of gates: write `[gates.drift]`, `[[gates.baseline]]`, ..."),
        ("[[gates]]", "1: `gates` is a table of gates: write `[gates.drift]`, `[[gates.baseline]]`, ..."),
        ("[gates]\ndrift = 3", "2: `gates.drift` is a table of settings, not 3"),
        ("[gates]\ndrift = [\n {},\n 1]", "4: `gates.drift[1]` is a table of settings, not 1"),
        ("[gates]\ndrift = []", "2: `gates.drift` is an empty list: nothing would be asked"),
        ("[gates.schema]", "1: `gates.schema.schema` is missing"),
        # names
        ("[gates.drift]\nname = 'a::b'", f"2: `gates.drift.name` = 'a::b': {SIGNS}"),
        ("[gates.drift]\nname = 'a[b'", f"2: `gates.drift.name` = 'a[b': {SIGNS}"),
        ("[gates.drift]\nname = 'a]'", f"2: `gates.drift.name` = 'a]': {SIGNS}"),
        ('[gates.drift]\nname="\\n"', f"2: `gates.drift.name` = '\\n': {SIGNS}"),
        ("[gates.drift]\nname = 3", "2: `gates.drift.name` = 3: should be a valid string"),
        (
            "[[gates.drift]]\n[[gates.drift]]",
            "2: a second gate is called `drift` (the first: line 1); give one of them a `name`",
        ),
        # wrong types, and numbers in disguise
        ("model = 3", "1: `model` is a table: write `[model]`"),
        ("[[data]]", "1: `data` is a table: write `[data]`"),
        ("[model]\nname = 3", "2: `model.name` = 3: should be a valid string"),
        ('[model]\ntimeout = "3"', "2: `model.timeout` = '3': should be a valid number"),
        ("[model]\ntimeout = true", "2: `model.timeout` = true: should be a valid number"),
        ("[model]\nseed = 1.5", "2: `model.seed` = 1.5: should be a valid integer"),
        ("[model]\nseed = true", "2: `model.seed` = true: should be a valid integer"),
        ("[model]\npositive = [1]", f"2: `model.positive` = [1]: {LABEL}"),
        ("[model]\npositive = nan", f"2: `model.positive` = nan: {LABEL}"),
        ("[model]\npositive = 2013-01-01", f"2: `model.positive` = 2013-01-01: {LABEL}"),
        ('[data]\ngroups = "origin"', "2: `data.groups` = 'origin': should be a list"),
        ("[data]\ngroups = ['a',\n1]", "3: `data.groups[1]` = 1: should be a valid string"),
        ("[gates.drift.columns]\ntemp = 0.3", "2: `gates.drift.columns.temp` = 0.3: should be a table"),
        ("[gates.baseline]\nslices = 'origin'", "2: `gates.baseline.slices` = 'origin': should be a list"),
        (
            '[gates.baseline]\nmargin = "0.01"',
            "2: `gates.baseline.margin` = '0.01': should be a number, not the text '0.01'",
        ),
        ("[gates.baseline]\nmargin = true", "2: `gates.baseline.margin` = true: should be a number, not true"),
        (
            '[gates.baseline]\nslices_must_pass = "no"',
            "2: `gates.baseline.slices_must_pass` = 'no': should be true or false, not 'no'",
        ),
        (
            "[gates.baseline]\nslices_must_pass = 0",
            "2: `gates.baseline.slices_must_pass` = 0: should be true or false, not 0",
        ),
        # thresholds out of their range
        ("[gates.baseline]\nmargin = nan", "2: `gates.baseline.margin` = nan: should be a finite number"),
        ("[gates.baseline]\nmargin = inf", "2: `gates.baseline.margin` = inf: should be a finite number"),
        ("[gates.baseline]\nmargin = -0.1", "2: `gates.baseline.margin` = -0.1: should be greater than or equal to 0"),
        ("[gates.baseline]\nfloor = nan", "2: `gates.baseline.floor` = nan: should be a finite number"),
        ("[gates.drift]\nmax_distance = nan", "2: `gates.drift.max_distance` = nan: should be a number, not nan"),
        ("[model]\ntimeout = inf", "2: `model.timeout` = inf: should be a finite number"),
        ("[model]\ntimeout = nan", "2: `model.timeout` = nan: should be a finite number"),
        ("[model]\ntimeout = 0", "2: `model.timeout` = 0: should be greater than 0"),
        ("[model]\nseed = -1", "2: `model.seed` = -1: should be greater than or equal to 0"),
        # words
        (
            "[model]\nstage = 'productoin'",
            f"2: `model.stage` = 'productoin': should be {STAGES}; did you mean 'production'?",
        ),
        ("[model]\nstage = 'zzz'", f"2: `model.stage` = 'zzz': should be {STAGES}"),
        ("[model]\nstage = 3", f"2: `model.stage` = 3: should be {STAGES}"),
        ("[model]\ntask = 'binry'", f"2: `model.task` = 'binry': should be {TASKS}; did you mean 'binary'?"),
        (
            "[gates.drift]\nseverity = 'blok'",
            "2: `gates.drift.severity` = 'blok': should be 'block', 'warn' or 'note'; did you mean 'block'?",
        ),
        (
            "[gates.drift]\nmax_distance = 0.1\nwarn_distance = 0.2",
            "1: gates.drift: warn_distance=0.2 should be below max_distance=0.1",
        ),
        # waivers
        ("waivers = 3", "1: `waivers` is an array of tables: write `[[waivers]]`"),
        ("[waivers]\ncheck = 'a'", "1: `waivers` is an array of tables: write `[[waivers]]`"),
        ("waivers = [1]", "1: `waivers[0]` = 1: should be a table"),
        ("[[waivers]]\ncheck = 'a'\nauthor = 'b'\nexpires = 2027-01-31", "1: `waivers[0].reason` is missing"),
        (WAIVER.replace('"r"', '""') + "expires = 2027-01-31", "3: `waivers[0].reason` is empty"),
        (WAIVER, "1: `waivers[0].expires` is missing"),
        (WAIVER + "expires = '2027-01-31'", f"5: `waivers[0].expires` = '2027-01-31': {DATE}"),
        (WAIVER + "expires = 'soon'", f"5: `waivers[0].expires` = 'soon': {DATE}"),
        (WAIVER + "expires = 2027-01-31T10:00:00", f"5: `waivers[0].expires` = 2027-01-31T10:00:00: {DATE}"),
        (WAIVER + "expires = 20270131", f"5: `waivers[0].expires` = 20270131: {DATE}"),
        # files
        (
            "[data]\nholdout = 'data/holdot.csv'",
            "2: `data.holdout` = 'data/holdot.csv': there is no file data/holdot.csv; did you mean 'holdout.csv'?",
        ),
        ("[data]\ntrain = 'no/such.csv'", "2: `data.train` = 'no/such.csv': there is no file no/such.csv"),
        ("[data]\ntrain = ''", "2: `data.train` is empty"),
        ("[model]\ncandidate = ''", "2: `model.candidate` is empty"),
        ("[model]\ncandidate = 'data'", "2: `model.candidate` = 'data': data is a folder, not a file"),
        ("[data]\ntrain = '~no-such-user/x'", "2: `data.train` = '~no-such-user/x': there is no file ~no-such-user/x"),
        ("[data]\ntrain = 'a:b'", "2: `data.train` = 'a:b': there is no file a:b"),
        ("[data]\ntrain = 'data/h.csv/x'", "2: `data.train` = 'data/h.csv/x': there is no file data/h.csv/x"),
        ("[model]\ncandidate = 'dummy'", "2: `model.candidate` = 'dummy': there is no file dummy"),
        ("[model]\ncandidate = 'm.joblib'", "2: `model.candidate` = 'm.joblib': there is no file m.joblib"),
        ("[model]\ncandidate = 'C:/m.joblib'", "2: `model.candidate` = 'C:/m.joblib': there is no file C:/m.joblib"),
        ("[model]\ncandidate = 'C:\\m'", "2: `model.candidate` = 'C:\\\\m': there is no file C:\\m"),
        (
            "[model]\nbaseline = 'spark:models:/f@champion'",
            "2: `model.baseline` = 'spark:models:/f@champion': is a table of predictions, joined by the column that "
            "`data.id` names, and there is none",
        ),
        (
            "[data.spark]\nconfig = {}",
            '1: `data.spark` says where Spark runs, once: either master = "local[4]" or remote = "sc://host"',
        ),
        (
            "[data.spark]\nmaster = 'local'\nremote = 'sc://host'",
            '1: `data.spark` says where Spark runs, once: either master = "local[4]" or remote = "sc://host"',
        ),
        ("[data.spark]\nmastr = 'local'", "2: unknown key `data.spark.mastr`; did you mean `master`?"),
        (
            "[data.spark]\nmaster = 'local'\n[data.spark.config]\n'spark.remote' = 'sc://host'",
            "4: `data.spark.config.spark.remote` = 'spark.remote': is said outside of `config`: "
            "remote = ...",
        ),
        (
            "[data.spark]\nmaster = 'local'\nconfig = {memory = '4g'}",
            "3: `data.spark.config.memory` = 'memory': is no option of Spark's, which start with `spark.`",
        ),
        # not TOML
        ("\n[model\nx", "2: is not valid TOML: Expected ']' at the end of a table declaration"),
        ("\nx =", "2: is not valid TOML: Invalid value"),
        ("x = 1\nx = 2", "2: is not valid TOML: Cannot overwrite a value"),
        (WAIVER + "expires = 2027-02-30", "5: is not valid TOML: Invalid date or datetime"),
    ],
)  # fmt: skip
def test_every_message_word_for_word(project: Project, text: str, expected: str) -> None:
    folder = project(mlgate_toml=text, data__holdout_csv="a\n1\n", data__h_csv="a\n")

    assert errors(folder / "mlgate.toml") == [f"mlgate.toml:{expected}"]


def test_an_unknown_gate_that_is_near_none_names_all(project: Project) -> None:
    folder = project(mlgate_toml="[gates.qqq]")
    known = ", ".join(module.gate_names())

    assert errors(folder / "mlgate.toml") == [f"mlgate.toml:1: unknown gate `qqq`; known are: {known}"]


def test_text_that_is_not_utf_8_is_named_by_line_and_byte(project: Project) -> None:
    folder = project(mlgate_toml=b"[model]\nname = '\xe9'\n")

    assert errors(folder / "mlgate.toml") == ["mlgate.toml:2: is not UTF-8 text (byte 0xe9); save it as UTF-8"]


def test_a_number_of_too_many_digits_is_no_traceback(project: Project) -> None:
    (error,) = errors(project(mlgate_toml="x = " + "1" * 5000) / "mlgate.toml")

    assert error.startswith("mlgate.toml: is not valid TOML: Exceeds the limit")


def test_a_name_that_is_too_long_for_a_file_is_a_missing_file(project: Project) -> None:
    name = "x" * 300

    actual = errors(project(mlgate_toml=f"[data]\ntrain = '{name}'") / "mlgate.toml")

    assert actual == [f"mlgate.toml:2: `data.train` = '{name}': there is no file {name}"]


def test_a_file_that_is_not_there_or_cannot_be_read(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project()

    assert errors(folder / "mlgate.toml") == ["mlgate.toml: cannot be read: No such file or directory"]
    assert errors(folder) == [".: cannot be read: Is a directory"]

    def denied(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert errors(folder / "mlgate.toml") == ["mlgate.toml: cannot be read: Permission denied"]


def test_all_problems_are_reported_at_once_in_the_order_of_their_lines(project: Project) -> None:
    folder = project(
        mlgate_toml="""
[gates.drift]
max_distanse = 0.1
max_distance = "0.2"
[data]
holdout = "holdout.csv"
groups = 3
[gates.qrift]
[model]
stage = "prod"
[[waivers]]
check = "x"
[gates.baseline]
name = "a::b"
[zzz]
"""
    )
    actual = errors(folder / "mlgate.toml")

    assert [int(line.split(":")[1]) for line in actual] == [3, 4, 6, 7, 8, 10, 11, 11, 11, 14, 15]


def test_a_problem_knows_its_file_from_another_working_directory(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(sub__mlgate_toml="zzz = 1")

    assert errors(folder / "sub" / "mlgate.toml")[0].startswith("sub/mlgate.toml:1: ")
    (folder / "other").mkdir()
    monkeypatch.chdir(folder / "other")
    assert errors(folder / "sub" / "mlgate.toml")[0].startswith(f"{folder}/sub/mlgate.toml:1: ")


def test_a_third_party_gate_that_cannot_be_imported_is_a_problem(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> Gate:
        raise LookupError(f"gate '{name}' (toy:GATE) cannot be imported: ModuleNotFoundError()")

    monkeypatch.setattr(module, "gate_names", lambda: ("drift", "toy"))
    monkeypatch.setattr(module, "load_gate", broken)

    assert errors(project(mlgate_toml="\n[gates.toy]") / "mlgate.toml") == [
        "mlgate.toml:2: gate 'toy' (toy:GATE) cannot be imported: ModuleNotFoundError()"
    ]


# --- pyproject.toml


PYPROJECT = (
    "[project]\nname = 'x'\n\n[tool.mlgate.model]\nstag = 'x'\n[[tool.mlgate.gates.drift]]\nmax_distance = '1'\n"
)


def test_lines_in_a_pyproject_are_the_files_own(project: Project) -> None:
    assert errors(project(pyproject_toml=PYPROJECT) / "pyproject.toml") == [
        "pyproject.toml:5: unknown key `model.stag`; did you mean `stage`?",
        "pyproject.toml:7: `gates.drift[0].max_distance` = '1': should be a number, not the text '1'",
    ]


@pytest.mark.parametrize("text", ["", "[tool.x]", "[tool]\nmlgate = 3", "tool = 3 # mlgate", "[mlgate]"])
def test_a_pyproject_without_our_table_is_no_configuration(project: Project, text: str) -> None:
    assert errors(project(pyproject_toml=text) / "pyproject.toml") == ["pyproject.toml: has no [tool.mlgate] table"]


@pytest.mark.parametrize("text", ["", "[tool.x]", "[broken", "x = 1\nx = 2", b"\xff\xfe", b"# caf\xe9", "# mlgate\n"])
def test_a_pyproject_that_is_not_ours_is_never_in_the_way(project: Project, text: str | bytes) -> None:
    folder = project(pyproject_toml=text, mlgate_toml="")

    assert find_config(folder, folder) == folder / "mlgate.toml"
    assert load_config(folder / "mlgate.toml").entries == ()
    (folder / "mlgate.toml").unlink()
    assert find_config(folder, folder) is None


def test_both_files_in_one_folder_are_an_error_however_they_are_found(project: Project) -> None:
    folder = project(pyproject_toml="[tool.mlgate]", mlgate_toml="")
    expected = "mlgate.toml: pyproject.toml beside it has a [tool.mlgate] table too; keep one of them"

    assert errors(folder / "mlgate.toml") == [expected]
    with pytest.raises(ConfigError) as raised:
        find_config(folder, folder)
    assert str(raised.value) == expected


# --- which file


def test_the_nearest_configuration_going_up(project: Project) -> None:
    folder = project(mlgate_toml="", a__pyproject_toml="[tool.mlgate]", a__b__c__x_py="", d__pyproject_toml="[tool.x]")

    assert find_config(folder / "a/b/c/x.py", folder) == folder / "a/pyproject.toml"
    assert find_config(folder / "a/b/c", folder) == folder / "a/pyproject.toml"
    assert find_config(folder / "d", folder) == folder / "mlgate.toml"
    assert find_config(folder / "d", folder / "d") is None
    assert find_config(folder / "a/b/c", folder / "a/b") is None
    assert find_config(folder / "a/b/c", folder / "a") == folder / "a/pyproject.toml"


def test_a_folder_called_like_the_file_is_no_configuration(project: Project) -> None:
    folder = project()
    (folder / "mlgate.toml").mkdir()

    assert find_config(folder, folder) is None


# --- what it means


def test_an_empty_file_is_all_defaults(project: Project) -> None:
    folder = project(mlgate_toml="")
    config = load_config(folder / "mlgate.toml")

    assert (config.path, config.folder, config.name) == (folder / "mlgate.toml", folder, folder.name)
    assert (config.model.stage, config.model.seed, config.entries, config.waivers) == ("validation", 0, (), ())
    assert config.results == folder / ".mlgate"
    assert config.facts == Facts(import_roots=(str(folder),), kept=str(folder / ".mlgate" / "examples"))
    # the SHA-256 of nothing (FIPS 180-4 test vectors)
    assert config.digest == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_whole_file(project: Project) -> None:
    folder = project(
        data__holdout_csv="a\n",
        mlgate_toml=b"""\xef\xbb\xbf# with a byte order mark and CRLF\r
[model]\r
name = "flights"\r
stage = "production"\r
positive = "yes"\r
candidate = "pkg.mod:model"\r
baseline = "dummy"\r
timeout = 3\r
[data]\r
target = "late"\r
holdout = "data/holdout.csv"\r
features = ["a"]\r
groups = ["g"]\r
[[gates.baseline]]\r
metric = "roc_auc"\r
[[gates.baseline]]\r
name = "second"\r
[gates.drift]\r
severity = "warn"\r
[governance]\r
owner = "@me"\r
[[waivers]]\r
check = "drift:x"\r
reason = "r"\r
author = "a"\r
expires = 2027-01-31\r
""",
    )
    config = load_config(folder / "mlgate.toml")

    assert [(entry.name, entry.line) for entry in config.entries] == [
        ("baseline[roc_auc]", 14),
        ("baseline[second]", 16),
        ("drift", 18),
    ]
    assert config.entries[2].settings.severity is Severity.WARN
    assert config.waivers == (Waiver(check="drift:x", reason="r", author="a", expires="2027-01-31"),)
    assert (config.name, config.governance.owner, config.model.timeout) == ("flights", "@me", 3.0)
    facts = config.facts
    assert (facts.target, facts.features, facts.groups, facts.positive) == ("late", ("a",), ("g",), "yes")
    assert config.lines["data", "holdout"] == 11


@pytest.mark.parametrize("value", ["1", "1.5", "true", "'yes'"])
def test_a_positive_label_keeps_its_type(project: Project, value: str) -> None:
    config = load_config(project(mlgate_toml=f"[model]\npositive = {value}") / "mlgate.toml")
    expected = {"1": 1, "1.5": 1.5, "true": True, "'yes'": "yes"}[value]

    assert config.model.positive == expected
    assert type(config.model.positive) is type(expected)


def test_paths_are_relative_to_the_file_and_may_lead_out_of_the_project(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = project(shared__a_csv="a\n", home__b_csv="a\n", p__mlgate_toml="")
    monkeypatch.setenv("HOME", str(folder / "home"))
    (folder / "p/mlgate.toml").write_text(
        f'[data]\ntrain = "../shared/a.csv"\nholdout = "~/b.csv"\nserving = "{folder}/shared/a.csv"\n'
    )
    config = load_config(folder / "p/mlgate.toml")

    assert config.resolve("../shared/a.csv") == folder / "shared/a.csv"
    assert config.resolve("~/b.csv") == folder / "home/b.csv"
    assert config.resolve(str(folder / "x/../y")) == folder / "y"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ('train = "a.csv"\nholdout = "./a.csv"', "`data.holdout` = './a.csv': is the same file as `data.train`"),
        ('train = "a.csv"\ncurrent = "a.csv"', "`data.current` = 'a.csv': is the same file as `data.train`"),
        ('reference = "a.csv"\ncurrent = "a.csv"', "`data.current` = 'a.csv': is the same file as `data.reference`"),
    ],
)
def test_tables_that_must_differ_are_not_one_file(project: Project, data: str, expected: str) -> None:
    folder = project(a_csv="a\n", mlgate_toml=f"[data]\n{data}\n")

    with pytest.raises(ConfigError, match=re.escape(expected)):
        load_config(folder / "mlgate.toml")


def test_a_configuration_named_relatively_is_kept_absolutely(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(p__mlgate_toml="")
    config = load_config(Path("p/../p/mlgate.toml"))
    monkeypatch.chdir("/")

    assert config.path == folder / "p/mlgate.toml"
    assert config.resolve("x") == folder / "p/x"


def test_imports_start_at_the_folder_then_at_the_root_of_its_package(project: Project) -> None:
    folder = project(pkg__sub__mlgate_toml="", mlgate_toml="")
    (folder / "pkg/__init__.py").touch()
    (folder / "pkg/sub/__init__.py").touch()

    assert load_config(folder / "pkg/sub/mlgate.toml").import_roots == (str(folder / "pkg/sub"), str(folder))
    assert load_config(folder / "mlgate.toml").import_roots == (str(folder),)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("package.module:model", True),
        ("module:factory.model", True),
        ("модуль:модель", True),
        ("model.joblib", False),
        ("./module:model", False),
        ("dir/module:model", False),
        ("C:/models/m.joblib", False),
        ("C:\\models\\m.joblib", False),
        ("a:b:c", False),
        ("module:", False),
        (":model", False),
        ("module:1", False),
        ("my-module:model", False),
        ("", False),
    ],
)
def test_import_paths_and_file_names(value: str, expected: bool) -> None:
    assert is_import_path(value) is expected


def test_a_model_file_with_a_colon_in_its_name_is_found(project: Project) -> None:
    folder = project(mlgate_toml="[model]\ncandidate = 'm-1:2.joblib'\nbaseline = 'C:/m.joblib'")
    (folder / "m-1:2.joblib").touch()
    (folder / "C:").mkdir()
    (folder / "C:/m.joblib").touch()

    assert load_config(folder / "mlgate.toml").model.candidate == "m-1:2.joblib"


def test_a_home_that_is_nobodys_stays_as_it_is(tmp_path: Path) -> None:
    assert resolve(tmp_path, "~nobody-of-that-name/x") == tmp_path / "~nobody-of-that-name/x"


# --- settings by keyword, as markers and the fixture give them


def test_settings_by_keyword_name_the_gate_and_every_mistake() -> None:
    with pytest.raises(ValueError, match="baseline") as raised:
        check_settings(load_gate("baseline"), {"margin": "0.1", "metrc": "x", "floor": float("nan"), "cap": -1})

    assert sorted(str(raised.value).splitlines()) == [
        "baseline: `cap` = -1: should be greater than 0",
        "baseline: `floor` = nan: should be a finite number",
        "baseline: `margin` = '0.1': should be a number, not the text '0.1'",
        "baseline: unknown key `metrc`; did you mean `metric`?",
    ]


@pytest.mark.parametrize(
    ("gate", "settings", "expected"),
    [
        ("drift", {"max_distance": 0.1, "warn_distance": 0.2}, "warn_distance=0.2 should be below max_distance=0.1"),
        ("drift", {"columns": {"t": {"reson": "x"}}}, "unknown key `columns.t.reson`; did you mean `reason`?"),
        ("drift", {"severity": "high"}, "`severity` = 'high': should be 'block', 'warn' or 'note'"),
        ("schema", {}, "`schema` is missing"),
    ],
)
def test_settings_by_keyword(gate: str, settings: Mapping[str, Any], expected: str) -> None:
    with pytest.raises(ValueError, match=gate) as raised:
        check_settings(load_gate(gate), settings)

    assert str(raised.value) == f"{gate}: {expected}"


# --- numbers in disguise, at any depth, for a third party's settings too


class Nested(BaseModel):
    limit: float | None = None
    limits: list[float] = Field(default_factory=list)
    strict: bool = False
    label: str | float = 0.0


class Disguised(GateSettings):
    plain: float = 0.0
    whole: int = 0
    optional: float | None = None
    literal: Literal["auto"] | float = "auto"
    numbers: list[float] = Field(default_factory=list)
    pairs: tuple[int, float] = (0, 0.0)
    by_name: dict[str, float] = Field(default_factory=dict)
    nested: Nested = Nested()
    deep: dict[str, list[Nested]] = Field(default_factory=dict)
    renamed: float = Field(default=0.0, alias="other")
    flag: bool = False
    either: bool | float = False
    text: str = ""
    label: bool | int | float | str = 0
    anything: Any = None


TOY = Gate(name="toy", codes=(), settings=Disguised, inputs=(), run=lambda settings, inputs: [])


@pytest.mark.parametrize(
    "settings",
    [
        {"plain": "0.1"},
        {"plain": True},
        {"whole": "1"},
        {"whole": False},
        {"optional": "0.1"},
        {"optional": True},
        {"literal": "0.1"},
        {"numbers": [0.1, "0.2"]},
        {"numbers": [True]},
        {"pairs": [1, "2"]},
        {"pairs": [True, 2]},
        {"by_name": {"a": "0.1"}},
        {"by_name": {"a": True}},
        {"nested": {"limit": "0.1"}},
        {"nested": {"limit": True}},
        {"nested": {"limits": ["1"]}},
        {"nested": {"strict": "no"}},
        {"deep": {"a": [{}, {"limit": "0.1"}]}},
        {"other": "0.1"},
        {"flag": "yes"},
        {"flag": 1},
        {"either": "0.5"},
        {"numbers": [float("nan")]},
        {"by_name": {"a": float("inf")}},
        {"text": 1},
    ],
    ids=str,
)
def test_nothing_becomes_a_number_or_a_truth_value_that_was_none(settings: Mapping[str, Any]) -> None:
    (key,) = settings

    with pytest.raises(ValueError, match=rf"^toy: `{key}\b") as raised:
        check_settings(TOY, settings)
    assert " should be " in str(raised.value)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"plain": 1}, 1.0),
        ({"whole": 1.0}, 1),
        ({"optional": None}, None),
        ({"literal": "auto"}, "auto"),
        ({"literal": 0.5}, 0.5),
        ({"numbers": (1, 2.5)}, [1.0, 2.5]),
        ({"pairs": [1, 2]}, (1, 2.0)),
        ({"by_name": {"a": 1}}, {"a": 1.0}),
        ({"nested": {"limit": 0.5, "label": "0.5"}}, Nested(limit=0.5, label="0.5")),
        ({"nested": Nested(limit=0.5)}, Nested(limit=0.5)),
        ({"either": True}, True),
        ({"either": 1.0}, 1.0),
        ({"text": "0.5"}, "0.5"),
        ({"label": "1"}, "1"),
        ({"label": True}, True),
        ({"anything": "0.5"}, "0.5"),
    ],
    ids=str,
)
def test_what_is_meant_is_taken(settings: Mapping[str, Any], expected: Any) -> None:
    (key,) = settings
    actual = getattr(check_settings(TOY, settings), key)

    assert actual == expected
    assert type(actual) is type(expected)


def test_problems_are_sorted_and_those_without_a_line_come_first() -> None:
    file = Path(os.sep, "x.toml")
    found = ConfigError([Problem(file=file, line=n, message=str(n)) for n in (3, None, 1)])

    assert str(found) == "/x.toml: None\n/x.toml:1: 1\n/x.toml:3: 3"


@pytest.mark.parametrize("archive", [".", "..", "/"])
def test_an_archive_is_a_folder_of_its_own(tmp_path: Path, archive: str) -> None:
    (tmp_path / "mlgate.toml").write_text(f'[lifecycle]\narchive = "{archive}"\n')

    with pytest.raises(ConfigError, match=r":2: `lifecycle.archive` = .*: should be a folder of its own"):
        load_config(tmp_path / "mlgate.toml")


@pytest.mark.parametrize(
    ("archive", "names"), [("kept", ["mlgate-ledger.jsonl", "kept"]), ("", ["mlgate-ledger.jsonl"])]
)
def test_what_promotions_write_is_known(tmp_path: Path, archive: str, names: list[str]) -> None:
    (tmp_path / "mlgate.toml").write_text(f'[lifecycle]\narchive = "{archive}"\n')

    assert [path.name for path in load_config(tmp_path / "mlgate.toml").recorded] == names


def test_of_several_entries_of_a_gate_the_first_that_says_something_is_heard(project: Project) -> None:
    """Promoting and keeping ask so for one file; neither may find it where the other does not."""
    first, second = '[[gates.roundtrip]]\nname = "a"\nlock = "a.lock"\n', '[[gates.roundtrip]]\nname = "b"\n'
    folder = project(mlgate_toml=f'{first}{second}lock = "b.lock"\ngolden = "golden.json"\n')

    config = load_config(folder / "mlgate.toml")

    assert (config.setting("roundtrip", "lock"), config.setting("roundtrip", "golden")) == ("a.lock", "golden.json")
    assert config.setting("card", "path") is None
