"""Where a registry differs from the ledger: a step that did not happen is told from an alias that was moved by hand."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate.checks import InputError
from pytest_mlgate.config import load_config
from pytest_mlgate.lifecycle.appending import append, read_ledger
from pytest_mlgate.lifecycle.divergence import LINE, compare
from pytest_mlgate.lifecycle.events import decode, encode
from pytest_mlgate.lifecycle.ledger import Ledger, extended
from pytest_mlgate.lifecycle.mirroring import mirror
from pytest_mlgate.lifecycle.registries import Guarded
from pytest_mlgate.lifecycle.states import PRODUCTION
from tests.lifecycle.folder_registry import FolderRegistry
from tests.lifecycle.made import MODEL, after, event_of, to_production
from tests.lifecycle.test_ledger_merge import merge

ALIASES = {"production": "champion", "pre-production": "canary"}
VERSIONS = ("1", "2", "3")


class Followed:
    """A ledger in a folder, and a registry of three versions that follows it; a file's bytes are its version's name."""

    def __init__(self, folder: Path) -> None:
        (folder / "mlgate.toml").write_text(f'[model]\nname = "{MODEL}"\n')
        for version in VERSIONS:
            (folder / "registry" / version).mkdir(parents=True)
            (folder / "registry" / version / "m.joblib").write_text(version)
        self.folder, self.config = folder, load_config(folder / "mlgate.toml")
        self.config.lifecycle.aliases.clear()
        self.config.lifecycle.aliases.update(ALIASES)

    @property
    def registry(self) -> FolderRegistry:
        return FolderRegistry(self.folder / "registry")

    @property
    def ledger(self) -> Ledger:
        return read_ledger(self.config.ledger)

    def step(self, kind: str, version: str, stage: str) -> bool:
        """Record an event, where the rules allow it."""
        try:
            append(
                self.config.ledger,
                lambda ledger: event_of(ledger.model(MODEL), kind, version, stage, registered=version),
            )
        except InputError:
            return False
        return True

    def follow(self, steps: int | None = None) -> None:
        """Bring the registry up to date, or as far as so many writing steps lead."""
        allowed = self.folder / "registry" / "allowed_steps"
        if steps is None:
            allowed.unlink(missing_ok=True)
            mirror(self.config, self.registry)
            return
        allowed.write_text(str(steps))
        with suppress(InputError):
            mirror(self.config, Guarded(self.registry, "folder"))

    def kinds(self) -> set[str]:
        return {one.kind for one in compare(self.ledger, MODEL, self.registry, ALIASES).differences}


steps = st.tuples(
    st.sampled_from(["promote", "promote", "promote", "rollback", "retire"]),
    st.sampled_from(VERSIONS),
    st.sampled_from(["validation", "pre-production", "production", "monitoring"]),
    st.sampled_from([None, 0, 1, 2]),
)


@settings(max_examples=40)
@given(st.lists(steps, min_size=5, max_size=25))
def test_whatever_happens_and_wherever_it_stops_nothing_looks_moved_and_the_next_step_repairs_it(
    story: list[tuple[str, str, str, int | None]],
) -> None:
    with TemporaryDirectory() as folder:
        followed = Followed(Path(folder))
        for kind, version, stage, cut in story:
            to = {"rollback": "production", "retire": "retired"}.get(kind, stage)
            if not followed.step(kind, version, to):
                continue
            followed.follow(cut)
            assert followed.kinds() <= (set() if cut is None else {"behind"})

        followed.follow()

        assert followed.kinds() == set()
        state = followed.ledger.model(MODEL)
        if any(event.to_stage == PRODUCTION for _, event in followed.ledger.events()):
            assert followed.registry.alias("champion") == state.serving
        for version, known in state.versions.items():
            assert (followed.registry.tags(version) or {})["mlgate.stage"] == known.stage


def test_two_that_were_stopped_one_after_the_other_leave_it_behind(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    for stage in ("validation", "pre-production"):
        assert followed.step("promote", "1", stage)
        followed.follow()
    assert followed.step("promote", "1", "validation")
    followed.follow(2)  # tags, and canary away: its line is not told
    assert followed.registry.alias("canary") is None
    assert followed.step("promote", "1", "pre-production")

    assert followed.kinds() == {"behind"}
    followed.follow()
    assert followed.registry.alias("canary") == "1"


def registered(ledger: Ledger, version: str) -> Ledger:
    return to_production(ledger, version, registered=version)


def test_a_merge_that_decides_what_serves_leaves_the_registry_behind_not_moved(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    start = registered(Ledger(path=followed.config.ledger), "1")
    ours, theirs = registered(start, "2"), registered(start, "3")
    whole = merge(ours, theirs, serving="2")
    for version, line in (("1", start.lines[-1]), ("2", ours.lines[-1]), ("3", theirs.lines[-1])):
        followed.registry.set_tags(version, {LINE: line.digest})
    followed.registry.set_alias("champion", "3")

    found = compare(whole, MODEL, followed.registry, ALIASES).differences

    assert {one.kind for one in found} == {"behind"}
    assert whole.model(MODEL).versions["2"].registered == "2"


def test_what_serves_and_was_never_registered_is_told(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    ledger = to_production(registered(Ledger(path=followed.config.ledger), "1"), "2")
    followed.registry.set_tags("1", {LINE: ledger.lines[2].digest})
    followed.registry.set_alias("champion", "1")

    (found,) = compare(ledger, MODEL, followed.registry, ALIASES).differences

    assert found.kind == "unregistered"
    assert "2 is in production, and no event says that the registry has it: nothing moves champion" in found.message


def test_an_alias_from_before_the_ledger_is_not_its_own_to_move(tmp_path: Path) -> None:
    followed = Followed(tmp_path)
    followed.registry.set_alias("champion", "3")
    assert followed.step("promote", "1", "validation")

    followed.follow()

    assert followed.kinds() == set()
    assert followed.registry.alias("champion") == "3"
    for stage in ("pre-production", "production"):
        assert followed.step("promote", "1", stage)
    assert followed.kinds() == {"behind"}
    followed.follow()
    assert followed.registry.alias("champion") == "1"


def test_a_null_is_not_written_for_a_version_that_no_registry_has() -> None:
    event = after(Ledger(path=Path("l.jsonl")), "promote", "v1", "validation").lines[0].event
    line, _ = encode(event)

    assert b"registered" not in line
    assert decode(line.rstrip(b"\n"))[0] == event
    with pytest.raises(ValueError, match="was changed"):
        decode(line.rstrip(b"\n").replace(b'"reason"', b'"registered":null,"reason"'))
    assert extended(Ledger(path=Path("l.jsonl")), event).lines
