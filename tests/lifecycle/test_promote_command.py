"""`mlgate promote` and `mlgate rollback`: all that is missing at once, and nothing serves that has no way back."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pytest_mlgate import profile_table
from pytest_mlgate.artifacts.golden_predictions import read_golden_predictions, write_golden_predictions
from pytest_mlgate.checks import Check, InputError, Waiver
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.archive import answers, find, keep
from pytest_mlgate.lifecycle.events import FileSeen
from pytest_mlgate.tables.engines.opening import judged_digest, open_setting
from tests.lifecycle.world import CONFIGURATION, World, sha


def test_a_verdict_leads_to_the_next_stage_and_the_ledger_says_on_which_grounds(world: World) -> None:
    verdict = world.judged("validation")

    found = world.promote("validation", "--version", "v1")

    assert (found.exit_code, found.output) == (0, "toys v1 is in validation\n")
    ((_, event),) = read_ledger(world.ledger).events()
    assert event.artifact == sha(world.path / "model.joblib")
    assert event.data == {"holdout": sha(world.path / "holdout.csv")}
    assert event.card == sha(world.path / "MODEL_CARD.md")
    assert event.verdict is not None
    assert event.verdict.digest == verdict.to_json()["digest"]
    assert (event.actor, event.baseline, event.forced) == ("Ada", "no_baseline", ())


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("model.joblib", "artifact"),
        ("holdout.csv", "holdout"),
        ("MODEL_CARD.md", "card"),
        ("mlgate.toml", "configuration"),
        (".mlgate/verdict.json", "verdict"),
        ("packages.lock", "packages.lock"),
        ("schema.yaml", "schema.yaml"),
        ("golden.json", "golden.json"),
        ("champion.joblib", "baseline"),
        ("train.json", "reference"),
    ],
)
def test_one_byte_that_changed_since_the_verdict_is_refused_by_name(world: World, name: str, what: str) -> None:
    """A digit or a letter becomes another one: at the beginning, in the middle and at the end of the file."""
    for file, content in (("packages.lock", "scikit-learn==1.5.0\n"), ("schema.yaml", "columns: {a: {}}\n")):
        (world.path / file).write_text(content)
    (world.path / "golden.json").write_text('{"rows": 5}')
    shutil.copy(world.path / "model.joblib", world.path / "champion.joblib")
    text = CONFIGURATION.replace("[gates.roundtrip]", '[gates.roundtrip]\nlock = "packages.lock"')
    text = text.replace("[gates.card]", '[gates.schema]\nschema = "schema.yaml"\n\n[gates.card]')
    text = text.replace("[data]", '[data]\nreference = "train.json"')
    profile = profile_table(pd.read_csv(world.path / "holdout.csv"))
    profile.write(world.path / "train.json")
    (world.path / "mlgate.toml").write_text(f"# 1\n{text}# 1")
    seen = world.judged("validation").identity
    baseline = {"digest": sha(world.path / "champion.joblib"), "source": "champion.joblib"}
    reference = {"digest": profile.digest, "source": "train.json", "profile_of": []}
    inputs = {**seen["inputs"], "baseline": baseline, "reference": reference}
    world.judged("validation", {"identity": {**seen, "inputs": inputs}})
    path = world.path / name
    data = path.read_bytes()
    letters = [place for place, sign in enumerate(data) if bytes([sign]).isalnum()]
    places = (letters[0], letters[len(letters) // 2], letters[-1])
    if name == "mlgate.toml":  # which stays one: in its comments
        places = (data.index(b"1"), data.rindex(b"1"))
    for place in places:
        path.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])

        found = world.promote("validation")

        assert found.exit_code == 1
        assert f"missing  {what}: " in found.output
        assert "1 missing" in found.output
        assert not world.ledger.exists()
    path.write_bytes(data)
    assert world.promote("validation", "--dry-run").exit_code == 0


def folder_of_rows(world: World) -> tuple[str, Path]:
    (world.path / "days").mkdir()
    pd.DataFrame({"a": [1.0, 2.0]}).to_parquet(world.path / "days" / "monday.parquet")
    return "days", world.path / "days" / "tuesday.parquet"


def query(world: World) -> tuple[str, Path]:
    folder_of_rows(world)
    return "duckdb:SELECT a FROM 'days/*.parquet'", world.path / "days" / "tuesday.parquet"


@pytest.mark.parametrize("named", [folder_of_rows, query])
def test_rows_that_came_since_the_verdict_are_refused_by_what_names_them(
    world: World, named: Callable[[World], tuple[str, Path]]
) -> None:
    setting, newer = named(world)
    seen = {"digest": judged_digest(open_setting(setting, world.path)), "source": "fixture", "read_from": setting}
    whole = world.judged("validation")
    world.judged(
        "validation", {"identity": {**whole.identity, "inputs": {**whole.identity["inputs"], "current": seen}}}
    )
    pd.DataFrame({"a": [3.0]}).to_parquet(newer)

    refused = world.promote("validation")

    assert refused.exit_code == 1
    assert f"missing  current: {setting} was changed since it was judged" in refused.output
    newer.unlink()
    assert world.promote("validation").exit_code == 0


def test_another_policy_than_the_one_of_the_verdict_is_refused(world: World) -> None:
    world.judged("validation")
    (world.path / "org.toml").write_text("[every]\nwaivers = false\n")

    found = world.promote("validation", "--policy", "org.toml")

    assert found.exit_code == 1
    assert "missing  policy: is not the one that was judged by" in found.output


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        (
            {"stage": "pre-production"},
            "stage: the verdict is for pre-production, and this is a promotion to validation",
        ),
        ({"decision": "block"}, "decision: the verdict blocks"),
        ({"model": "other"}, "model: the verdict is of 'other', not of 'toys'"),
        ({"finished": "2020-01-01T00:00:00+00:00"}, "age: the verdict is"),
        ({"finished": "2999-01-01T00:00:00+00:00"}, "which clock is wrong?"),
    ],
)
def test_a_verdict_that_is_none_for_this(world: World, changes: dict[str, Any], what: str) -> None:
    world.judged("validation", changes)

    found = world.promote("validation")

    assert found.exit_code == 1
    assert what in found.output


def test_a_waiver_that_is_over_is_refused(world: World) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    waiver = Waiver(check="drift:a", reason="r", author="x", expires=yesterday)
    check = Check(code="MLG504", gate="drift", subject="a", outcome="fail", message="m", waiver=waiver)
    world.judged("validation", {"checks": (check,)})

    assert f"missing  waiver: the waiver of drift:a is over since {yesterday}" in world.promote("validation").output


def test_without_a_verdict_and_by_force(world: World) -> None:
    refused = world.promote("validation", "--force")
    assert refused.exit_code == 2
    assert "--force needs a --reason" in refused.output
    assert "missing  verdict: there is none" in world.promote("validation").output

    found = world.promote("validation", "--force", "--reason", "an outage")

    assert found.exit_code == 0
    ((_, event),) = read_ledger(world.ledger).events()
    assert event.forced == ("verdict: there is none (.mlgate/verdict.json)",)
    assert "FORCED" in world.run("history").output


def test_the_verdict_of_another_file_is_no_ground_by_force_neither(world: World) -> None:
    world.judged("validation")
    world.model(0.5)

    found = world.promote("validation", "--force", "--reason", "an outage")

    assert "missing  artifact: model.joblib is not what was judged" in found.output
    ((_, event),) = read_ledger(world.ledger).events()
    assert (event.verdict, event.baseline, event.data, event.card) == (None, None, {}, None)


def test_a_version_is_called_as_the_configuration_calls_it(world: World) -> None:
    (world.path / "mlgate.toml").write_text(CONFIGURATION.replace("[model]", '[model]\nversion = "2.1"'))
    world.judged("validation")

    assert world.promote("validation").output == "toys 2.1 is in validation\n"
    world.model(0.5)
    world.judged("pre-production")
    assert "give other bytes another name: `--version`" in world.promote("pre-production", "--dry-run").output


def test_production_says_everything_that_is_missing_at_once(world: World) -> None:
    for stage in ("validation", "pre-production"):
        world.judged(stage)
        assert world.promote(stage).exit_code == 0
    nothing = Check(code="T1", gate="toy", outcome="pass", message="m")
    world.judged("production", {"checks": (nothing,), "identity": {"inputs": {}}})

    found = world.promote("production")

    assert found.exit_code == 1
    names = [line.split(":")[0].removeprefix("missing  ") for line in found.output.splitlines() if "missing  " in line]
    gates = ("gate card", "gate roundtrip")
    assert names == ["configuration", "policy", "tree", *gates, "approver", "artifact", "sample", "rollback"]


def test_a_stage_too_early_is_said_with_all_that_it_will_ask_and_no_force_goes_past_it(world: World) -> None:
    world.judged("validation")

    found = world.promote("production", "--dry-run")
    forced = world.promote("production", "--force", "--reason", "an outage")

    for said in (found, forced):
        assert said.exit_code == 1
        assert "from where it cannot go to production at once\n    fix: the next stage is validation" in said.output
        assert "missing  approver" in said.output
        assert "missing  sample" in said.output
    assert not world.ledger.exists()


def test_a_new_model_is_the_answer_to_what_was_noticed(world: World) -> None:
    world.judged("validation")

    assert world.promote("validation", "--noticed", "2026-01-01T08:00+02:00").exit_code == 0

    ((_, event),) = read_ledger(world.ledger).events()
    assert event.noticed == "2026-01-01T06:00:00+00:00"
    assert "notice to promote: median " in world.run("history", "--metrics").output


@pytest.mark.parametrize("command", [("promote", "--to", "validation"), ("rollback", "--reason", "drift")])
@pytest.mark.parametrize(("noticed", "message"), [("soon", "is no time"), ("2999-01-01", "is yet to come")])
def test_what_cannot_have_been_noticed(world: World, command: tuple[str, ...], noticed: str, message: str) -> None:
    found = world.run(*command, "--noticed", noticed)

    assert found.exit_code == 2
    assert f"--noticed {noticed}: {message}" in found.output
    assert not world.ledger.exists()


@pytest.mark.parametrize(("approver", "refused"), [("Ada", True), ("ada", True), ("Grace", False)])
def test_who_approves_is_not_the_author(world: World, approver: str, refused: bool) -> None:
    world.judged("validation")
    found = world.promote("validation", "--approver", approver)
    assert found.exit_code == 0, "validation does not ask for it"

    (world.path / "mlgate.toml").write_text(f'{CONFIGURATION}[policy.pre-production]\napprover = "other"\n')
    world.judged("pre-production")
    found = world.promote("pre-production", "--approver", approver)

    assert ("missing  approver" in found.output) == refused


def test_a_dry_run_records_nothing_and_loads_nothing_heavy(world: World) -> None:
    world.judged("validation")
    code = (
        "import sys\nfrom pytest_mlgate.cli import app\n"
        "app(['promote', '--to', 'validation', '--dry-run'], standalone_mode=False)\n"
        "sys.exit(' '.join({'numpy', 'pandas', 'sklearn', 'scipy', 'joblib', 'pyarrow'} & set(sys.modules)) or None)"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=world.path)

    assert (found.returncode, found.stderr) == (0, "")
    assert "can go to validation" in found.stdout
    assert not world.ledger.exists()


@pytest.mark.slow
def test_two_versions_go_up_and_one_goes_back_after_the_file_was_overwritten(world: World) -> None:
    world.up("v1", "--first-version")
    world.model(0.01)
    world.up("v2")
    world.model(0.5)

    event = read_ledger(world.ledger).lines[-1].event
    assert event.rollback_target.version == "v1"  # type: ignore[union-attr]
    assert event.rollback_target.loads  # type: ignore[union-attr]

    found = world.run("rollback", "--reason", "drift", "--noticed", "2026-01-01T08:00")

    assert (found.exit_code, found.output) == (0, "toys v1 serves\n")
    state = read_ledger(world.ledger).model("toys")
    assert (state.serving, state.target()) == ("v1", None)
    assert "has no version to go back to" in world.run("rollback", "--reason", "again").output


@pytest.mark.slow
def test_one_does_not_go_back_to_what_is_gone_or_answers_otherwise(world: World) -> None:
    world.up("v1", "--first-version")
    golden = read_golden_predictions(world.path / "golden.json")
    other = replace(golden, answers={name: values[::-1] for name, values in golden.answers.items()})
    write_golden_predictions(other, world.path / "other.json")
    version = read_ledger(world.ledger).model("toys").versions["v1"]
    kept = {"sample": FileSeen(path="other.json", digest=sha(world.path / "other.json"))}
    places = {"folder": world.path, "archive": world.path / "mlgate-archive"}

    with pytest.raises(InputError, match="version 'v1' answers otherwise than on"):
        answers(replace(version, kept=kept), "v1", **places, load={})
    with pytest.raises(InputError, match="version 'v1' has no stored sample"):
        answers(replace(version, kept={}), "v1", **places, load={})
    world.model(0.01)
    next((world.path / "mlgate-archive").glob("*.joblib")).write_bytes(b"another")
    with pytest.raises(InputError, match=r"is neither model.joblib nor in mlgate-archive/"):
        answers(version, "v1", **places, load={})


def test_a_file_that_is_promoted_outlives_the_next_training(tmp_path: Path) -> None:
    source = tmp_path / "model.joblib"
    source.write_bytes(b"one")
    digest = sha(source)

    kept = keep(tmp_path / "archive", source, digest)
    source.write_bytes(b"two")

    assert find(digest, "model.joblib", folder=tmp_path, archive=tmp_path / "archive") == kept
    assert keep(tmp_path / "archive", source, digest) == kept, "what is there stays"
    with pytest.raises(InputError, match="was changed while it was promoted"):
        keep(tmp_path / "archive", source, "0" * 64)
