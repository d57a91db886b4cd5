"""What is kept when a version goes to production: what was judged, by its digest, or a word on why it is not."""

from __future__ import annotations

import pytest

from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.appending import read_ledger
from pytest_mlgate.lifecycle.events import Event
from pytest_mlgate.problems import ConfigError
from tests.lifecycle.world import CONFIGURATION, World, sha


def up(world: World, *options: str) -> str:
    """Lead what lies here up to production without asking the model anything, and return what was said."""
    said = ""
    for stage in ("validation", "pre-production", "production"):
        world.judged(stage)
        found = world.promote(stage, "--version", "v1", "--force", "--reason", "a test", "--first-version", *options)
        assert found.exit_code == 0, found.output
        said = found.output
    return said


def configure(world: World, text: str) -> None:
    (world.path / "mlgate.toml").write_text(CONFIGURATION + text)


def event(world: World) -> Event:
    found = read_ledger(world.ledger).lines[-1].event
    assert isinstance(found, Event)
    return found


def test_what_is_not_kept_is_said_with_the_way_to_keep_it(world: World) -> None:
    said = up(world)

    assert {line.strip() for line in said.splitlines() if line.startswith("not kept")} == {
        "not kept  schema: none is configured: `[gates.schema] schema`",
        "not kept  profile: there is no `[data] reference`: `mlgate profile` makes one, "
        "and `[lifecycle.keep] profile` names it",
        "not kept  lock: none is named: `[gates.roundtrip] lock`, or `[lifecycle.keep] lock`",
        "not kept  record: there is no model.joblib.mlgate.json: `record_environment` writes it",
    }
    assert set(event(world).kept) == {"verdict", "card", "configuration", "policy"}


def test_a_copy_of_each_lies_in_the_archive_under_its_digest(world: World) -> None:
    up(world)

    kept = event(world).kept
    archive = world.path / "mlgate-archive"
    assert {sha(path) for path in archive.iterdir()} == {
        sha(world.path / "model.joblib"),
        *(seen.digest for seen in kept.values()),
    }
    assert kept["verdict"].digest == sha(world.path / ".mlgate/verdict.json")
    assert kept["policy"].digest == event(world).policy == sha(world.path / kept["policy"].path)


def test_a_card_that_was_changed_after_it_was_judged_is_not_the_one_that_is_kept(world: World) -> None:
    for stage in ("validation", "pre-production"):
        world.judged(stage)
        assert world.promote(stage, "--version", "v1").exit_code == 0
    world.judged("production")
    (world.path / "MODEL_CARD.md").write_text("# Other toys")

    found = world.promote("production", "--version", "v1", "--force", "--reason", "a test", "--first-version")

    assert "not kept  card: MODEL_CARD.md is not the one that was judged" in found.output
    assert "card" not in event(world).kept


def test_a_file_that_the_configuration_keeps_has_to_be_there(world: World) -> None:
    configure(world, '[lifecycle.keep]\nlock = "uv.lock"\nnotes = "notes.txt"\n')
    (world.path / "notes.txt").write_text("seen")
    for stage in ("validation", "pre-production"):
        world.judged(stage)
        assert world.promote(stage, "--version", "v1").exit_code == 0, "nothing is kept before production"
    world.judged("production")

    found = world.promote("production", "--version", "v1")

    assert found.exit_code == 1
    assert "missing  keep lock: file " in found.output
    assert "mend `[lifecycle.keep] lock`, or leave it out" in found.output
    assert "keep notes" not in found.output


@pytest.mark.parametrize("line", ["-r base.txt", "  --constraint held.txt", "-c held.txt"])
def test_a_lock_file_that_is_not_whole_is_not_kept(world: World, line: str) -> None:
    text = CONFIGURATION.replace("[gates.roundtrip]\n", '[gates.roundtrip]\nlock = "requirements.txt"\n')
    (world.path / "mlgate.toml").write_text(text)
    (world.path / "requirements.txt").write_text(f"numpy==2.4.0\n{line}\n")

    assert "not kept  lock: requirements.txt includes other files" in up(world)


def test_a_schema_is_kept_as_its_source_and_not_imported(world: World) -> None:
    (world.path / "toys").mkdir()
    (world.path / "toys" / "__init__.py").write_text("raise SystemExit\n")
    (world.path / "other.yaml").write_text("columns: {}\n")
    configure(
        world,
        '[[gates.schema]]\nschema = "toys:Toys"\n'
        '[[gates.schema]]\nname = "two"\nschema = "other.yaml"\n'
        '[[gates.schema]]\nname = "three"\nschema = "nowhere.to:Be"\n',
    )

    said = up(world)

    assert event(world).kept["schema"].path == "toys/__init__.py"
    assert event(world).kept["schema-2"].path == "other.yaml"
    assert "not kept  schema-3: the source of nowhere.to is not in the project" in said


def test_without_an_archive_nothing_is_copied_and_the_digests_stand(world: World) -> None:
    configure(world, '[lifecycle]\narchive = ""\n')

    said = up(world)

    assert "not kept  policy: the configuration keeps no archive" in said
    assert event(world).kept["card"].digest == sha(world.path / "MODEL_CARD.md")
    assert not (world.path / "mlgate-archive").exists()


@pytest.mark.parametrize(
    ("role", "message"),
    [("sample", "is kept anyway: leave it out"), ("manifest", "and not `manifest`"), ("My file", "lower-case letters")],
)
def test_what_a_kept_file_may_be_called(world: World, role: str, message: str) -> None:
    configure(world, f'[lifecycle.keep]\n"{role}" = "notes.txt"\n')

    with pytest.raises(ConfigError, match=message):
        load_config(world.path / "mlgate.toml")
