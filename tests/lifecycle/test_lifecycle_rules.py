"""The rules of the lifecycle: edges between stages, what serves, what one may go back to, what is retired for ever."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pytest_mlgate.checks import InputError, Waiver
from pytest_mlgate.lifecycle.events import RollbackTarget, VerdictSeen, now
from pytest_mlgate.lifecycle.ledger import Ledger, parse
from pytest_mlgate.lifecycle.states import SERVING, ModelState, allowed
from pytest_mlgate.policy import STAGES
from tests.lifecycle.made import MODEL, after, bytes_of, digest_of, to_production

EMPTY = Ledger(path=Path("mlgate-ledger.jsonl"))


def model(ledger: Ledger) -> ModelState:
    return ledger.model(MODEL)


def stages(ledger: Ledger) -> dict[str, str]:
    return {name: version.stage for name, version in model(ledger).versions.items()}


# --- edges


@pytest.mark.parametrize(("here", "there"), list(product([None, *STAGES], STAGES)))
def test_edges(here: str | None, there: str) -> None:
    up = {
        (None, "exploration"),
        (None, "validation"),
        ("exploration", "validation"),
        ("validation", "pre-production"),
        ("pre-production", "production"),
        ("production", "monitoring"),
    }
    back = here in STAGES[:5] and there in STAGES[: STAGES.index(here or "")]
    end = here in STAGES[:5] and there == "retired"

    assert allowed(here, there) == ((here, there) in up or back or end)


@pytest.mark.parametrize("to_stage", ["pre-production", "production", "monitoring"])
def test_no_stage_is_skipped(to_stage: str) -> None:
    with pytest.raises(InputError, match=f"cannot go to {to_stage} at once") as error:
        after(EMPTY, "promote", "v1", to_stage, forced=("all",), reason="in a hurry")

    assert error.value.fix == "the next stage is validation"


def test_a_version_is_not_promoted_to_where_it_is() -> None:
    ledger = to_production(EMPTY, "v1")

    with pytest.raises(InputError, match="cannot be promoted to the same stage"):
        after(ledger, "promote", "v1", "production")


def test_retired_is_no_promotion() -> None:
    with pytest.raises(InputError, match="a version is not promoted to retired"):
        after(to_production(EMPTY, "v1"), "promote", "v1", "retired")


def test_another_file_under_the_name_of_a_version_is_refused() -> None:
    ledger = after(EMPTY, "promote", "v1", "validation")

    with pytest.raises(InputError, match="is the file with SHA-256") as error:
        after(ledger, "promote", "v1", "pre-production", artifact=digest_of("other"))

    assert "--version" in error.value.fix


def test_models_of_one_ledger_know_nothing_of_one_another() -> None:
    ledger = to_production(to_production(EMPTY, "v1"), "v1", model="delays")

    assert {name: found.serving for name, found in ledger.state.items()} == {MODEL: "v1", "delays": "v1"}


# --- what serves


def test_production_serves_and_the_one_before_stands_by() -> None:
    ledger = to_production(to_production(EMPTY, "v1"), "v2")

    assert model(ledger).serving == "v2"
    assert model(ledger).target() == "v1"
    assert stages(ledger) == {"v1": "production", "v2": "production"}


def test_monitoring_does_not_move_the_pointer() -> None:
    ledger = after(to_production(EMPTY, "v1"), "promote", "v1", "monitoring")

    assert model(ledger).serving == "v1"
    assert stages(ledger) == {"v1": "monitoring"}


@pytest.mark.parametrize("to_stage", ["exploration", "validation", "pre-production"])
def test_what_serves_does_not_go_down(to_stage: str) -> None:
    with pytest.raises(InputError, match="version 'v1' of flights-late serves, and cannot be moved to"):
        after(to_production(EMPTY, "v1"), "promote", "v1", to_stage)


def test_a_version_that_stands_by_may_go_down_where_another_is_left() -> None:
    two = to_production(to_production(EMPTY, "v1"), "v2")
    with pytest.raises(InputError, match="is the only one to roll back to from 'v2'"):
        after(two, "promote", "v1", "validation")

    ledger = after(to_production(two, "v3"), "promote", "v1", "validation")

    assert model(ledger).stack == ("v2", "v3")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"verdict": None}, "has no verdict that promotes it to production"),
        (
            {"verdict": VerdictSeen(digest=digest_of("v"), decision="block", stage="production", finished=now())},
            "has no",
        ),
        (
            {"verdict": VerdictSeen(digest=digest_of("v"), decision="promote", stage="validation", finished=now())},
            "no ve",
        ),
        ({"rollback_target": None}, "names a rollback target"),
        ({"rollback_target": "first_version"}, "'v1' is what one would go back to"),
        ({"rollback_target": RollbackTarget(version="v9", digest=digest_of("v9"), loads=True)}, "'v1' is what one"),
        ({"rollback_target": RollbackTarget(version="v1", digest=digest_of("v9"), loads=True)}, "is another file"),
        ({"rollback_target": RollbackTarget(version="v1", digest=digest_of("v1"), loads=False)}, "does not load"),
        (
            {"waivers": (Waiver(check="drift:x", reason="r", author="a", expires="2020-01-01"),)},
            "is over since 2020-01",
        ),
        ({"from_version": None}, "v1 served, not nothing"),
        ({"from_stage": "validation"}, "was in pre-production, not validation"),
    ],
)
def test_what_a_promotion_to_production_needs(changes: dict[str, Any], message: str) -> None:
    ledger = to_production(EMPTY, "v1")
    for stage in ("validation", "pre-production"):
        ledger = after(ledger, "promote", "v2", stage)

    with pytest.raises(InputError, match=message):
        after(ledger, "promote", "v2", "production", **changes)


def test_a_forced_promotion_needs_a_reason_and_is_marked_for_ever() -> None:
    ledger = EMPTY
    for stage in ("validation", "pre-production"):
        ledger = after(ledger, "promote", "v1", stage)
    with pytest.raises(InputError, match="a forced promotion needs a reason"):
        after(ledger, "promote", "v1", "production", verdict=None, forced=("no verdict",))

    ledger = after(ledger, "promote", "v1", "production", verdict=None, forced=("no verdict",), reason="an outage")
    ledger = after(to_production(to_production(ledger, "v2"), "v3"), "retire", "v1", "retired")

    assert model(ledger).versions["v1"].forced == ("no verdict",)


# --- back


def test_each_step_back_leads_further_back() -> None:
    ledger = to_production(to_production(to_production(EMPTY, "v1"), "v2"), "v3")
    for expected in ("v2", "v1"):
        target = model(ledger).target()
        assert target == expected
        ledger = after(ledger, "rollback", target, "production")
        assert model(ledger).serving == expected

    assert model(ledger).target() is None


def test_one_may_go_forward_again_to_what_was_left() -> None:
    ledger = to_production(to_production(EMPTY, "v1"), "v2")
    ledger = after(after(ledger, "rollback", "v1", "production"), "rollback", "v2", "production")

    assert model(ledger).stack == ("v1", "v2")


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ("v9", "the ledger knows no version 'v9'"),
        ("v2", "is what serves"),
        ("v3", "never was in production"),
        ("v0", "is retired, and no rollback target"),
    ],
)
def test_what_is_no_rollback_target(version: str, message: str) -> None:
    ledger = to_production(to_production(to_production(EMPTY, "v0"), "v1"), "v2")
    ledger = after(after(ledger, "retire", "v0", "retired"), "promote", "v3", "validation")

    with pytest.raises(InputError, match=message) as error:
        after(ledger, "rollback", version, "production", artifact=digest_of(version))

    assert error.value.fix == "those that can: v1"


@pytest.mark.parametrize("kind", ["rollback", "retire"])
def test_going_back_and_retiring_need_a_reason(kind: str) -> None:
    ledger = to_production(to_production(to_production(EMPTY, "v1"), "v2"), "v3")

    with pytest.raises(InputError, match=f"a {kind} needs a reason"):
        after(ledger, kind, "v1", "production" if kind == "rollback" else "retired", reason=" ")


# --- retired


def test_what_serves_and_its_only_way_back_are_not_retired() -> None:
    ledger = to_production(to_production(EMPTY, "v1"), "v2")

    with pytest.raises(InputError, match="'v2' of flights-late serves, and cannot be retired"):
        after(ledger, "retire", "v2", "retired")
    with pytest.raises(InputError, match="'v1' of flights-late is the only one to roll back to from 'v2'"):
        after(ledger, "retire", "v1", "retired")


def test_nothing_leaves_retired() -> None:
    ledger = to_production(to_production(to_production(EMPTY, "v1"), "v2"), "v3")
    ledger = after(ledger, "retire", "v1", "retired")

    for stage in STAGES:
        with pytest.raises(InputError):
            after(ledger, "promote", "v1", stage, forced=("x",), reason="r")
    with pytest.raises(InputError, match="retired already"):
        after(ledger, "retire", "v1", "retired")


def test_the_last_version_is_retired_with_the_service() -> None:
    ledger = to_production(to_production(EMPTY, "v1"), "v2")
    with pytest.raises(InputError, match="its retirement ends no service"):
        after(ledger, "retire", "v1", "retired", ends_service=True)

    ledger = after(ledger, "retire", "v2", "retired", ends_service=True)
    ledger = after(ledger, "retire", "v1", "retired")

    assert model(ledger).serving is None
    assert set(stages(ledger).values()) == {"retired"}


# --- any sequence

VERSIONS = [f"v{number}" for number in range(5)]


class Lifecycle(RuleBasedStateMachine):
    """Anything may be tried in any order; what is refused changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = EMPTY
        self.pointer: str | None = None
        self.retired: set[str] = set()
        self.forced: set[str] = set()
        self.founded: set[str] = set()

    def attempt(self, kind: str, version: str, to_stage: str, **changes: Any) -> bool:
        try:
            self.ledger = after(self.ledger, kind, version, to_stage, **changes)
        except InputError:
            return False
        return True

    @rule(
        version=st.sampled_from(VERSIONS),
        to_stage=st.sampled_from(STAGES),
        decision=st.sampled_from(["promote", "block", None]),
        of_stage=st.sampled_from(["same", "validation"]),
        forced=st.booleans(),
        over=st.booleans(),
    )
    def promote(
        self, version: str, to_stage: str, decision: str | None, of_stage: str, forced: bool, over: bool
    ) -> None:
        of = to_stage if of_stage == "same" else of_stage
        verdict = decision and VerdictSeen(digest=digest_of(version), decision=decision, stage=of, finished=now())
        waiver = Waiver(check="drift:x", reason="r", author="a", expires="2020-01-01" if over else "2999-01-01")
        changes = {"verdict": verdict or None, "waivers": (waiver,)}
        marked = {"forced": ("what was missing",), "reason": "an outage"} if forced else {}
        if self.attempt("promote", version, to_stage, **changes, **marked) and to_stage == "production":
            self.pointer = version
            good = decision == "promote" and of == "production" and not over
            (self.founded if good and not forced else self.forced).add(version)
            assert good or forced

    @rule(stage=st.sampled_from(STAGES[1:4]), version=st.sampled_from(VERSIONS))
    def promote_well(self, version: str, stage: str) -> None:
        if self.attempt("promote", version, stage) and stage == "production":
            self.pointer = version
            self.founded.add(version)

    @rule(version=st.sampled_from(VERSIONS))
    def go_back(self, version: str) -> None:
        if self.attempt("rollback", version, "production"):
            assert version in self.founded | self.forced
            self.pointer = version

    @precondition(lambda self: model(self.ledger).target() is not None)
    @rule()
    def go_one_step_back(self) -> None:
        target = model(self.ledger).target()
        assert target is not None
        assert self.attempt("rollback", target, "production"), "what is offered to go back to works"
        self.pointer = target

    @rule(version=st.sampled_from(VERSIONS), ends_service=st.booleans())
    def retire(self, version: str, ends_service: bool) -> None:
        if self.attempt("retire", version, "retired", ends_service=ends_service):
            assert ends_service or version != self.pointer
            self.retired.add(version)
            self.pointer = None if ends_service else self.pointer

    @invariant()
    def the_pointer_is_what_a_replay_of_the_file_says(self) -> None:
        again = parse(bytes_of(self.ledger), self.ledger.path)
        assert again.state == self.ledger.state
        assert model(again).serving == self.pointer

    @invariant()
    def what_serves_is_in_a_stage_that_serves(self) -> None:
        assert self.pointer is None or stages(self.ledger)[self.pointer] in SERVING
        assert all(stages(self.ledger)[name] in SERVING for name in model(self.ledger).stack)

    @invariant()
    def nothing_leaves_retired(self) -> None:
        assert self.retired == set(model(self.ledger).in_stage("retired"))

    @invariant()
    def whatever_was_in_production_had_its_verdict_or_is_marked(self) -> None:
        for name, version in model(self.ledger).versions.items():
            if "production" in version.held:
                assert name in self.founded or version.forced
            assert not (name in self.forced and not version.forced)


Lifecycle.TestCase.settings = settings(max_examples=40, stateful_step_count=25)
TestLifecycle = Lifecycle.TestCase
