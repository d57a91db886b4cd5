"""Policy files: layers that tighten or loosen what a stage requires, each value with the line that says so."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pytest_mlgate.checks import Check, Severity
from pytest_mlgate.cli import app
from pytest_mlgate.config import load_config
from pytest_mlgate.policies import Policies, flat, read_layers
from pytest_mlgate.policy import STAGES, Policy, level, policy_for
from pytest_mlgate.problems import ConfigError


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.absolute()


def of(text: str, stage: str = "production") -> Policy:
    return Policies(layers=read_layers(write("policy.toml", text))).at(stage)


def errors(text: str) -> list[str]:
    with pytest.raises(ConfigError) as error:
        of(text)
    return str(error.value).splitlines()


# --- values


@pytest.mark.parametrize("stage", STAGES)
def test_an_empty_file_changes_nothing(stage: str) -> None:
    assert of("", stage) == policy_for(stage)
    assert of("", stage).digest == policy_for(stage).digest


def test_defaults_grow_with_the_stage() -> None:
    found = {stage: policy_for(stage) for stage in STAGES}

    assert not found["exploration"].verdict
    assert found["validation"].verdict
    assert not found["validation"].gates
    assert found["pre-production"].gates == dict.fromkeys(GATES, Severity.WARN)
    assert found["production"].gates == dict.fromkeys(GATES, Severity.BLOCK)
    assert found["production"].clean_tree
    assert found["production"].approver == "other"
    assert found["monitoring"].gates == {"drift": Severity.BLOCK}


GATES = ("baseline", "schema", "roundtrip", "card")
FULL = """
[production]
inconclusive = "warn"
gates = { parity = "block", roundtrip = "off" }
governance = { owner = "warn", release = "off" }
said = "off"
codes = { MLG504 = "note", MLG101 = { level = "warn", reason = "r" } }
waivers = false
verdict = false
max_age_days = 2
clean_tree = false
approver = "named"
attestation = "required"
"""


def test_every_value_can_be_said() -> None:
    found = of(FULL)

    assert found.inconclusive is Severity.WARN
    assert found.gates == {"baseline": "block", "parity": "block", "schema": "block", "card": "block"}
    assert (found.governance["owner"], "release" in found.governance) == ("warn", False)
    assert found.said is None
    assert {code: rule.level for code, rule in found.codes.items()} == {"MLG504": "note", "MLG101": "warn"}
    assert (found.waivers, found.verdict, found.max_age_days) == (False, False, 2.0)
    assert (found.clean_tree, found.approver, found.attestation) == (False, "named", "required")
    keys = {key.partition(".")[0] for key in flat(found)}
    assert keys == set(re.findall(r"^(\w+) =", FULL, re.M)), "the text above names every key"


@pytest.mark.parametrize("line", FULL.strip().splitlines()[1:])
def test_each_value_changes_the_digest(line: str) -> None:
    assert of(f"[production]\n{line}").digest != policy_for("production").digest


def test_the_digest_is_of_the_content_and_not_of_where_it_is_from() -> None:
    one, other = of("[production]\nverdict = true"), of("\n\n[every]\nverdict = true")

    assert one.places != other.places
    assert one.digest == other.digest == policy_for("production").digest


def test_a_stage_goes_before_every_stage() -> None:
    text = "[every]\nmax_age_days = 1\n[production]\nmax_age_days = 2\n"

    assert of(text).max_age_days == 2
    assert of(text, "validation").max_age_days == 1


# --- layers


def test_a_file_builds_on_another_and_has_the_last_word() -> None:
    write("org/base.toml", "[every]\nmax_age_days = 1\nwaivers = false\n[production.gates]\nparity = 'block'\n")
    write("org/team.toml", 'extends = "base.toml"\n[production]\nmax_age_days = 3\n')
    found = of('extends = "org/team.toml"\n[production.gates]\nparity = "off"\n')

    assert (found.max_age_days, found.waivers, "parity" in found.gates) == (3.0, False, False)
    assert found.place("waivers") == "org/base.toml:3"
    assert found.place("max_age_days") == "org/team.toml:3"
    assert found.place("gates.parity") == "policy.toml:3"
    assert found.place("clean_tree") == "default"


def test_a_package_brings_a_policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write("site/org_policies/__init__.py", "")
    write("site/org_policies/base.toml", "[every]\nmax_age_days = 1\n")
    write("site/org_policies/strict.toml", 'extends = "org_policies:base.toml"\n[every]\nwaivers = false\n')
    write("site/org_policies/bad.toml", 'extends = "base.toml"')
    monkeypatch.setattr(sys, "path", [str(tmp_path / "site"), *sys.path])

    found = of('extends = "org_policies:strict.toml"')

    assert (found.max_age_days, found.waivers) == (1.0, False)
    assert found.place("waivers") == "org_policies:strict.toml:3"
    assert "a package's policy extends one of a package" in errors('extends = "org_policies:bad.toml"')[0]
    assert "org_policies:none.toml" in errors('extends = "org_policies:none.toml"')[0]


def test_a_policy_that_extends_itself_is_refused_with_the_chain() -> None:
    write("b.toml", 'extends = "c.toml"')
    write("c.toml", 'extends = "policy.toml"')

    (message,) = errors('\nextends = "b.toml"')

    assert message == "c.toml:1: a policy that extends itself: policy.toml -> b.toml -> c.toml -> policy.toml"


def test_the_configuration_has_a_policy_of_its_own() -> None:
    write("policy.toml", "[every]\nmax_age_days = 1\n")
    config = write("mlgate.toml", '[policy]\nextends = "policy.toml"\n[policy.production]\nclean_tree = false\n')

    found = load_config(config).policies.at("production")

    assert (found.max_age_days, found.clean_tree) == (1.0, False)
    assert found.place("clean_tree") == "mlgate.toml:4"
    assert found.place("max_age_days") == "policy.toml:2"


def test_in_pyproject_too() -> None:
    config = write("pyproject.toml", "[tool.mlgate.model]\n[tool.mlgate.policy.production]\nclean_tree = false\n")

    assert load_config(config).policies.at("production").place("clean_tree") == "pyproject.toml:3"


def test_the_file_of_the_command_line_has_the_last_word() -> None:
    config = write("mlgate.toml", "[policy.every]\nmax_age_days = 90\n")
    org = write("org.toml", "[every]\nmax_age_days = 1\n")

    assert load_config(config, policy=org).policies.at("production").max_age_days == 1.0


# --- what is wrong


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[productoin]\n", "policy.toml:1: unknown key `productoin`; did you mean `production`?"),
        (
            "[production]\nmax_age = 1",
            "policy.toml:2: unknown key `production.max_age`; did you mean `max_age_days`?",
        ),
        ("[production]\nmax_age_days = 0", "policy.toml:2: `production.max_age_days"),
        (
            "[production]\nclean_tree = 'yes'",
            "policy.toml:2: `production.clean_tree` = 'yes': should be a valid boolean",
        ),
        (
            "[production]\napprover = 'othr'",
            "policy.toml:2: `production.approver` = 'othr': should be 'none', 'named' or",
        ),
        (
            "[production.gates]\nbaselin = 'block'",
            "policy.toml:2: `production.gates.baselin`: there is no such gate; did",
        ),
        (
            "[production.gates]\nbaseline = 'fail'",
            "policy.toml:2: `production.gates.baseline` = 'fail': should be 'block",
        ),
        ("[every.governance]\nowners = 'warn'", "policy.toml:2: `every.governance.owners`: there is no such item; did"),
        ("[every.codes]\nMLG999 = 'warn'", "policy.toml:2: `every.codes.MLG999`: there is no such code; did you mean"),
        ("[every.codes]\nMLG504 = 'ignore'", "policy.toml:2: `every.codes.MLG504"),
        ("[every.codes]\nMLG504 = { level = 'ignore', reason = ' ' }", "what is ignored has a reason"),
        ("extends = 'away.toml'", "policy.toml:1: `extends` = 'away.toml': there is no such file"),
        ("extends = 'no_such_package:p.toml'", "policy.toml:1: `extends` = 'no_such_package:p.toml': No module named"),
        ("extends = 1", "policy.toml:1: `extends` = 1: should be a valid string"),
        ("not toml", "policy.toml:1: is not valid TOML"),
    ],
)
def test_one_message_with_file_line_and_the_way_out(text: str, message: str) -> None:
    assert message in errors(text)[0]


def test_everything_wrong_is_said_at_once() -> None:
    assert len(errors("[production]\na = 1\nb = 2\n[productoin]\n")) == 3


def test_a_policy_file_that_is_not_there() -> None:
    with pytest.raises(ConfigError, match="is no policy file that can be read: No such file"):
        read_layers(Path("none.toml"))


def test_mistakes_of_the_configurations_policy_stand_with_its_others() -> None:
    config = write("mlgate.toml", "[modle]\n[policy.productoin]\n[policy.every]\nx = 1\n")

    with pytest.raises(ConfigError) as error:
        load_config(config)

    assert str(error.value).splitlines() == [
        "mlgate.toml:1: unknown key `modle`; did you mean `model`?",
        "mlgate.toml:2: unknown key `policy.productoin`; did you mean `production`?",
        "mlgate.toml:4: unknown key `policy.every.x`; known are: inconclusive, gates, governance, said, codes, "
        "waivers, verdict, max_age_days, clean_tree, approver, attestation",
    ]


# --- what codes make of a check


def a_check(outcome: str = "fail", severity: str = "block") -> Check:
    return Check(code="MLG504", gate="drift", subject="temp", outcome=outcome, severity=severity, message="m")


@pytest.mark.parametrize(("said", "blocks"), [("block", True), ("warn", False), ("note", False)])
@pytest.mark.parametrize("outcome", ["fail", "inconclusive"])
@pytest.mark.parametrize("severity", list(Severity))
def test_a_code_is_weighed_otherwise_and_says_so(said: str, blocks: bool, outcome: str, severity: str) -> None:
    found = level(a_check(outcome, severity), of(f"[every.codes]\nMLG504 = {{ level = '{said}', reason = 'r' }}"))

    assert (found.severity, found.blocks) == (said, blocks)
    if said != severity:
        assert found.details["policy"] == {"severity": severity, "place": "policy.toml:2", "reason": "r"}


def test_an_error_blocks_however_a_code_is_weighed() -> None:
    assert level(a_check("error"), of("[every.codes]\nMLG504 = 'note'")).blocks


@pytest.mark.parametrize("outcome", ["fail", "inconclusive", "error", "skip"])
def test_a_code_that_is_ignored_goes_on_and_is_named(outcome: str) -> None:
    found = level(a_check(outcome), of("[every.codes]\nMLG504 = { level = 'ignore', reason = 'no season yet' }"))

    assert not found.blocks
    assert found.outcome == outcome
    assert found.waiver is not None
    assert (found.waiver.reason, found.waiver.author) == ("no season yet", "the policy, policy.toml:2")


def test_a_pass_stays_a_pass() -> None:
    assert level(a_check("pass"), of("[every.codes]\nMLG504 = 'note'")) == a_check("pass")


# --- the command


def show(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["policy", "show", *arguments])


def test_show_prints_each_value_with_its_place() -> None:
    write("policy.toml", "[production]\nmax_age_days = 2\ngates = { roundtrip = 'off' }\n")
    write("mlgate.toml", '[model]\nstage = "production"\n[policy]\nextends = "policy.toml"\n')

    found = show()
    lines = [line.split() for line in found.output.splitlines()]

    assert found.exit_code == 0, found.output
    digest = load_config(Path("mlgate.toml")).policies.at("production").digest
    assert lines[0] == ["production", digest]
    assert ["max_age_days", "2", "policy.toml:2"] in lines
    assert ["gates.roundtrip", "off", "policy.toml:3"] in lines
    assert ["clean_tree", "yes", "default"] in lines


def test_show_of_another_stage_and_as_json() -> None:
    write("mlgate.toml", "[policy.every]\nmax_age_days = 2\n")

    record = json.loads(show("--stage", "monitoring", "--json").output)

    assert record["stage"] == "monitoring"
    assert record["values"]["max_age_days"] == 2
    assert record["places"]["max_age_days"] == "mlgate.toml:2"
    assert show("--stage", "monitorin").exit_code == 2


def test_show_with_the_file_of_the_command_line() -> None:
    write("mlgate.toml", "")
    write("org.toml", "[every]\nwaivers = false\n")

    assert "org.toml:2" in show("--policy", "org.toml").output
