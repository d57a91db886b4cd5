"""A registry follows the ledger, through the protocol that any adapter has: its steps, failures and differences."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.divergence import LINE
from pytest_mlgate.problems import ConfigError
from pytest_mlgate.verdict import read_verdict
from tests.lifecycle.folder_registry import Registered, provide
from tests.lifecycle.world import sha


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions that went to production one after the other; the second serves. It is copied, not changed."""
    with pytest.MonkeyPatch.context() as patch:
        provide(tmp_path_factory.mktemp("site"), patch)
        patch.delenv("GITHUB_ACTOR", raising=False)
        world = Registered(tmp_path_factory.mktemp("served"))
        shutil.rmtree(world.path / "registry" / "1")
        assert [world.serve(1.0, "--first-version"), world.serve(0.1)] == ["1", "2"]
    return world.path


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    provide(tmp_path / "site", monkeypatch)
    monkeypatch.delenv("GITHUB_ACTOR", raising=False)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: None) -> Registered:
    """A project with one registered version that is not promoted yet, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return Registered(tmp_path)


@pytest.fixture
def two(served: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: None) -> Registered:
    """A copy of the project in which version 2 serves, and version 1 is what one would go back to."""
    path = tmp_path / "served"
    shutil.copytree(served, path)
    monkeypatch.chdir(path)
    world = Registered.__new__(Registered)
    world.path, world.text = path, (path / "mlgate.toml").read_text().partition("\n[lifecycle]")[0]
    world.text = world.text.replace('"folder:2"', '"model.joblib"')
    return world


# --- up


def test_a_promotion_is_told_to_the_registry(world: Registered) -> None:
    verdict = world.judged("validation")

    found = world.promote("validation")

    assert found.exit_code == 0, found.output
    line, event = list(read_ledger(world.ledger).events())[-1]
    assert (event.version, event.registered) == ("1", "1")
    assert world.registry.tags("1") == {
        "mlgate.model": "toys",
        "mlgate.version": "1",
        "mlgate.stage": "validation",
        "mlgate.artifact": sha(world.path / "model.joblib"),
        "mlgate.verdict": verdict.to_json()["digest"],
        "mlgate.forced": "no",
        LINE: line.digest,
    }
    kept = world.path / "registry" / "1" / f"mlgate-{verdict.to_json()['digest'][:12]}"
    assert read_verdict(kept / "verdict.json") == verdict


def test_aliases_follow_what_serves_and_what_is_in_a_stage(two: Registered) -> None:
    assert two.registry.said["aliases"] == {"champion": "2"}  # nothing is in pre-production any more

    two.register(0.2)
    for stage in ("validation", "pre-production"):
        two.judged(stage)
        assert two.promote(stage).exit_code == 0

    assert two.registry.said["aliases"] == {"champion": "2", "canary": "3"}


def test_a_report_goes_with_its_verdict_and_an_older_one_does_not(world: Registered) -> None:
    (world.path / ".mlgate").mkdir()
    (world.path / ".mlgate" / "report.html").write_text("of the run before")
    verdict = world.judged("validation")
    (world.path / ".mlgate" / "report.md").write_text("of this run")

    assert world.promote("validation").exit_code == 0

    kept = world.path / "registry" / "1" / f"mlgate-{verdict.to_json()['digest'][:12]}"
    assert sorted(path.name for path in kept.iterdir()) == ["report.md", "verdict.json"]


def test_another_file_in_the_registry_than_was_judged_is_refused(world: Registered) -> None:
    world.judged("validation")
    world.model(0.01)
    shutil.copy(world.path / "model.joblib", world.path / "registry" / "1")

    found = world.promote("validation")

    assert found.exit_code == 1
    assert "artifact: folder:1 is not what was judged" in found.output
    assert not world.ledger.exists()


def test_a_registry_that_does_not_answer_refuses_a_promotion(world: Registered) -> None:
    world.judged("validation")
    (world.path / "registry").rename(world.path / "elsewhere")

    found = world.promote("validation")

    assert found.exit_code == 1
    assert "registry folder: no folder" in found.output
    assert not world.ledger.exists()


def test_a_file_that_is_no_version_of_the_registry_is_refused_and_forced_without_it(world: Registered) -> None:
    world.candidate("model.joblib")
    world.judged("validation")

    found = world.promote("validation")

    assert found.exit_code == 1
    assert "registry: folder could not follow: model.joblib" in found.output
    assert 'candidate = "folder:..."' in found.output
    assert world.promote("validation", "--force", "--reason", "r").exit_code == 0
    assert [event.registered for _, event in read_ledger(world.ledger).events()] == [None]
    assert world.registry.said["tags"] == {}


def test_a_line_of_a_ledger_without_a_registry_has_no_such_key(world: Registered) -> None:
    (world.path / "mlgate.toml").write_text(world.text)
    world.judged("validation")

    assert world.promote("validation").exit_code == 0

    assert "registered" not in json.loads(world.ledger.read_text())


# --- a line that is cut


@pytest.mark.parametrize("steps", range(5))
def test_wherever_the_steps_stop_the_event_stands_and_sync_repeats_them(two: Registered, steps: int) -> None:
    two.register(0.3)
    two.judged("validation")
    assert two.promote("validation").exit_code == 0
    two.judged("pre-production")
    two.cut(steps)  # verdict, tags, canary, line: four

    found = two.promote("pre-production")

    assert "toys 3 is in pre-production" in found.output
    assert read_ledger(two.ledger).model("toys").in_stage("pre-production") == ("3",)
    two.cut(None)
    if steps == 4:
        assert found.exit_code == 0
        assert two.run("history").exit_code == 0
        return
    assert found.exit_code == 3
    assert (
        "recorded, and the registry did not follow: registry folder: ConnectionError: the line is cut" in found.output
    )
    looked = two.run("history")
    assert looked.exit_code == 1
    assert "says otherwise than the ledger: behind" in looked.output
    assert "moved" not in looked.output
    assert two.run("rollback", "--reason", "r").exit_code == 1  # they differ

    repeated = two.run("registry", "sync")

    assert repeated.exit_code == 0, repeated.output
    assert two.registry.said["aliases"] == {"champion": "2", "canary": "3"}
    assert two.registry.tags("3")[LINE] == read_ledger(two.ledger).head  # type: ignore[index]
    assert two.run("history").exit_code == 0
    assert "nothing was to be done" in two.run("registry", "sync").output


def test_the_next_promotion_repeats_what_the_one_before_could_not(two: Registered) -> None:
    two.register(0.3)
    two.cut(0)
    two.judged("validation")
    assert two.promote("validation").exit_code == 3
    two.cut(None)
    two.judged("pre-production")

    assert two.promote("pre-production").exit_code == 0

    assert two.run("history").exit_code == 0
    assert len(list((two.path / "registry" / "3").glob("mlgate-*"))) == 1  # the verdict of validation is gone


def test_the_verdict_comes_from_the_archive_where_another_run_wrote_its_own(two: Registered) -> None:
    said = two.registry.said
    del said["tags"]["2"][LINE]
    (two.path / "registry" / "registry.json").write_text(json.dumps(said))
    shutil.rmtree(next((two.path / "registry" / "2").glob("mlgate-*")))
    two.judged("validation")

    found = two.run("registry", "sync")

    assert found.exit_code == 0, found.output
    event = [event for _, event in read_ledger(two.ledger).events() if event.version == "2"][-1]
    assert event.verdict is not None
    kept = two.path / "registry" / "2" / f"mlgate-{event.verdict.digest[:12]}" / "verdict.json"
    assert read_verdict(kept).to_json()["digest"] == event.verdict.digest
    assert "is nowhere any more" in found.output  # of the stages before, which keep nothing


# --- behind our back


def test_history_says_where_a_moved_alias_points_and_where_it_should(two: Registered) -> None:
    two.registry.set_alias("champion", "1")

    found = two.run("history")

    assert found.exit_code == 1
    assert "champion points to 1 (1), and by the ledger to 2 (2): somebody moved it" in found.output
    assert "says otherwise than the ledger: moved" in found.output
    assert two.run("history", "--offline").exit_code == 0


@pytest.mark.parametrize("to", [None, "1"])
def test_an_alias_that_was_removed_or_moved_is_restored_only_where_that_is_asked_for(
    two: Registered, to: str | None
) -> None:
    two.registry.set_alias("champion", to)

    found = two.run("registry", "sync")

    assert found.exit_code == 1
    assert ("somebody moved it" if to else "somebody removed it") in found.output
    assert two.registry.alias("champion") == to
    assert two.run("registry", "sync", "--restore").exit_code == 0
    assert two.registry.alias("champion") == "2"


def test_a_moved_alias_refuses_the_promotion_that_would_move_it(two: Registered) -> None:
    two.register(0.3)
    for stage in ("validation", "pre-production"):
        two.judged(stage)
        assert two.promote(stage).exit_code == 0
    two.registry.set_alias("canary", "1")
    two.register(0.4)
    two.judged("validation")
    lower = two.promote("validation")
    two.judged("pre-production")

    found = two.promote("pre-production")

    assert lower.exit_code == 0  # it would not move it, and says so
    assert "differs  canary points to 1 (1)" in lower.output
    assert found.exit_code == 1
    assert "registry: canary points to 1 (1), and by the ledger to 3 (3): somebody moved it" in found.output
    assert two.registry.alias("canary") == "1"


def test_an_old_checkout_does_not_move_the_registry_back(two: Registered) -> None:
    two.ledger.write_bytes(b"".join(two.ledger.read_bytes().splitlines(keepends=True)[:3]))  # before version 2

    looked = two.run("history")

    assert looked.exit_code == 1
    assert "champion -> 2 carries the line" in looked.output
    assert "git pull" in looked.output
    for command in (("registry", "sync", "--restore"), ("retire", "1", "--reason", "r", "--kept-until", "2030-01-01")):
        assert two.run(*command).exit_code == 1
    two.register(0.3)
    two.judged("validation")
    refused = two.promote("validation")
    assert refused.exit_code == 1
    assert "registry: champion -> 2 carries the line" in refused.output
    assert two.registry.alias("champion") == "2"


def test_a_version_that_is_gone_from_the_registry_is_told(two: Registered) -> None:
    shutil.rmtree(two.path / "registry" / "1")

    found = two.run("history")

    assert found.exit_code == 1
    assert "1 (1) is not in the registry any more" in found.output


# --- back


def test_a_rollback_sets_the_alias_back(two: Registered) -> None:
    found = two.run("rollback", "--reason", "the label drifts")

    assert found.exit_code == 0, found.output
    assert two.registry.alias("champion") == "1"
    assert two.run("history").exit_code == 0


@pytest.mark.parametrize("why", ["moved", "unreachable"])
def test_a_bare_rollback_is_refused_where_the_registry_differs_and_a_named_one_is_not(
    two: Registered, why: str
) -> None:
    if why == "moved":
        two.registry.set_alias("champion", None)
    else:
        (two.path / "registry").rename(two.path / "elsewhere")
    before = two.ledger.read_bytes()

    bare = two.run("rollback", "--reason", "r")

    assert bare.exit_code == 1
    assert "nothing was changed" in bare.output
    assert "--to VERSION" in bare.output
    assert two.ledger.read_bytes() == before

    named = two.run("rollback", "--reason", "r", "--to", "1")

    assert "toys 1 serves" in named.output
    assert named.exit_code == (0 if why == "moved" else 3)
    if why == "unreachable":
        (two.path / "elsewhere").rename(two.path / "registry")
        assert two.run("registry", "sync").exit_code == 0
    assert two.registry.alias("champion") == "1"


@pytest.mark.parametrize("options", [(), ("--to", "1")])
def test_no_alias_is_set_to_another_file_than_the_ledgers(two: Registered, options: tuple[str, ...]) -> None:
    shutil.copy(two.path / "registry" / "2" / "model.joblib", two.path / "registry" / "1")
    before = two.ledger.read_bytes()

    found = two.run("rollback", "--reason", "r", *options)

    assert found.exit_code == 1
    assert "the registry has another file of 1" in found.output
    assert two.ledger.read_bytes() == before


def test_what_an_alias_points_to_behind_the_ledgers_back_is_not_retired(two: Registered) -> None:
    two.register(0.3)
    two.judged("validation")
    assert two.promote("validation").exit_code == 0
    two.registry.set_alias("champion", "3")
    retire = ("--reason", "r", "--kept-until", "2030-12-31")

    found = two.run("retire", "3", *retire)

    assert found.exit_code == 1
    assert "champion points to 3 (3), and by the ledger to 2 (2)" in found.output
    two.registry.set_alias("champion", "2")
    assert two.run("retire", "3", *retire).exit_code == 0
    assert two.registry.tags("3")["mlgate.stage"] == "retired"  # type: ignore[index]


def test_the_end_of_service_removes_the_alias(two: Registered) -> None:
    found = two.run("retire", "2", "--reason", "r", "--kept-until", "2030-12-31", "--end-of-service")

    assert found.exit_code == 0, found.output
    assert two.registry.said["aliases"] == {}
    assert two.run("history").exit_code == 0


# --- what is configured


@pytest.mark.parametrize(
    ("lifecycle", "message"),
    [
        ('registry = "flder"', "no installed package provides this registry; did you mean `folder`?"),
        ('options = { tracking_uri = "x" }', "is told to no registry"),
        ('registry = "folder"\naliases = { retired = "old" }', "an alias is of one of validation"),
        ('registry = "folder"\naliases = { production = "a", validation = "a" }', "'a' would point to two versions"),
    ],
)
def test_a_registry_that_cannot_follow_is_no_configuration(world: Registered, lifecycle: str, message: str) -> None:
    (world.path / "mlgate.toml").write_text(f"{world.text}\n[lifecycle]\n{lifecycle}\n")

    with pytest.raises(ConfigError, match="lifecycle") as error:
        load_config(world.path / "mlgate.toml")

    assert message in str(error.value)


def test_sync_without_a_registry_is_bad_usage(world: Registered) -> None:
    (world.path / "mlgate.toml").write_text(world.text)

    assert world.run("registry", "sync").exit_code == 2
