"""Waivers in any sequence of steps: none that is over, or that no verdict knows, leads to production.

Waivers are written and taken back in a configuration, gates are run, days pass, and versions are promoted by what the
verdict says or carelessly, past everything that a promotion asks for but the ledger's own rules.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from pytest_mlgate.checks import Check, InputError, Outcome, Waiver
from pytest_mlgate.lifecycle.events import Event
from pytest_mlgate.lifecycle.ledger import Ledger
from pytest_mlgate.lifecycle.promotion import grounds
from pytest_mlgate.lifecycle.requirements import Present, missing
from pytest_mlgate.policy import Policy, expired, policy_for, waive
from pytest_mlgate.verdict import Verdict, decide
from tests.lifecycle.made import MODEL, after

EMPTY = Ledger(path=Path("mlgate-ledger.jsonl"))
VERSIONS = ["v1", "v2"]
CHECKS = ["drift:a", "drift:b"]
_HOW = st.sampled_from(["by the verdict", "by force", "carelessly"])
WAY_UP = ("validation", "pre-production", "production")


def policy(stage: str) -> Policy:
    """Return the policy of a stage, without the gates and people that are not the matter here."""
    return replace(policy_for(stage), gates={}, governance={}, approver="none")


class Waived(RuleBasedStateMachine):
    """One project over some weeks."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger = EMPTY
        self.now = datetime(2027, 1, 1, 12, tzinfo=UTC)
        self.waivers: dict[str, Waiver] = {}
        self.verdicts: dict[tuple[str, str], Verdict] = {}
        self.runs: dict[str, tuple[Verdict, tuple[Waiver, ...]]] = {}

    @property
    def configuration(self) -> str:
        return hashlib.sha256(repr(sorted(self.waivers.items())).encode()).hexdigest()

    @rule(check=st.sampled_from(CHECKS), days=st.sampled_from([-1, 0, 1, 5, 300]))
    def write_a_waiver(self, check: str, days: int) -> None:
        day = (self.now + timedelta(days=days)).date().isoformat()
        self.waivers[check] = Waiver(check=check, reason="no second summer", author="Ada", expires=day)

    @rule(check=st.sampled_from(CHECKS))
    def take_a_waiver_back(self, check: str) -> None:
        self.waivers.pop(check, None)

    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(version=st.sampled_from(VERSIONS), failing=st.sets(st.sampled_from(CHECKS)))
    def run_the_gates(self, version: str, failing: set[str]) -> None:
        for stage in WAY_UP:
            self.judge(version, stage, failing)

    @rule(version=st.sampled_from(VERSIONS), failing=st.sampled_from(CHECKS), days=st.sampled_from([0, 1, 3, 6, 9]))
    def wait_after_the_gates_ran(self, version: str, failing: str, days: int) -> None:
        """What happens to a team: one failure, a waiver for some days, and then other things are urgent."""
        self.write_a_waiver(failing, 5)
        self.run_the_gates(version, {failing})
        self.days_pass(days)

    @rule(version=st.sampled_from(VERSIONS), how=_HOW)
    def go_all_the_way(self, version: str, how: str) -> None:
        for stage in WAY_UP:
            self.promote(version, stage, how)

    def judge(self, version: str, stage: str, failing: set[str]) -> None:
        made = [
            Check(
                code="MLG504",
                gate="drift",
                subject=check.partition(":")[2],
                outcome=Outcome.FAIL if check in failing else Outcome.PASS,
                message="m",
            )
            for check in CHECKS
        ]
        checks = tuple(waive(check, self.waivers.values(), self.now.date()) for check in made)
        decision, reasons = decide(checks)
        verdict = Verdict(
            model=MODEL,
            stage=stage,
            decision=decision,
            reasons=reasons,
            checks=checks,
            identity={
                "inputs": {},
                "configuration": self.configuration,
                "policy": policy(stage).digest,
                "code": {"commit": "0" * 40, "clean": True},
                "version": version,
            },
            started=self.now.isoformat(),
            finished=self.now.isoformat(),
        )
        self.verdicts[version, stage] = verdict
        self.runs[verdict.to_json()["digest"]] = verdict, tuple(self.waivers.values())

    @rule(
        version=st.sampled_from(VERSIONS),
        stage=st.sampled_from(WAY_UP),
        how=_HOW,
    )
    def promote(self, version: str, stage: str, how: str) -> None:
        verdict = self.verdicts.get((version, stage))
        lacking = [str(one) for one in missing(verdict, "there is none", self.here(stage))]
        if lacking and how == "by the verdict":
            return
        said: dict[str, Any] = {"verdict": None} if verdict is None else grounds(verdict)
        if how == "by force" and lacking:
            said |= {"forced": tuple(lacking), "reason": "an outage"}
        self.attempt("promote", version, stage, **said)

    @rule(version=st.sampled_from(VERSIONS))
    def go_back(self, version: str) -> None:
        self.attempt("rollback", version, "production")

    @rule(version=st.sampled_from(VERSIONS), ends_service=st.booleans())
    def retire(self, version: str, ends_service: bool) -> None:
        self.attempt("retire", version, "retired", ends_service=ends_service)

    def attempt(self, kind: str, version: str, stage: str, **said: Any) -> None:
        try:
            self.ledger = after(self.ledger, kind, version, stage, time=self.now.isoformat(), **said)
        except InputError:
            return

    def here(self, stage: str) -> Present:
        return Present(
            folder=Path(),
            model=MODEL,
            stage=stage,
            configuration=self.configuration,
            policy=policy(stage),
            card=None,
            actor="Ada",
            author="Ada",
            approver=None,
            approvers=(),
            now=self.now,
        )

    @property
    def unforced(self) -> list[Event]:
        """Events that put a version into production and that nobody forced."""
        events = [event for _, event in self.ledger.events() if event.event == "promote"]
        return [event for event in events if event.to_stage == "production" and not event.forced]

    @invariant()
    def no_waiver_that_is_over_led_to_production(self) -> None:
        for event in self.unforced:
            assert not [waiver for waiver in event.waivers if expired(waiver, event.moment.date())]

    @invariant()
    def every_failure_in_production_was_waived_in_its_verdict_by_the_configuration_of_that_run(self) -> None:
        for event in self.unforced:
            assert event.verdict is not None
            verdict, written = self.runs[event.verdict.digest]
            waived = {check.waiver for check in verdict.checks if check.outcome == "fail"}
            assert None not in waived
            assert waived == set(event.waivers) <= set(written)


Waived.TestCase.settings = settings(max_examples=150, stateful_step_count=20)
TestWaived = Waived.TestCase


# --- the same steps, told one by one


def in_production(machine: Waived) -> list[str]:
    return [event.version for event in machine.unforced]


def test_a_failure_that_is_waived_goes_up_and_the_ledger_says_by_whom() -> None:
    machine = Waived()

    machine.wait_after_the_gates_ran("v1", "drift:a", 3)
    machine.go_all_the_way("v1", "by the verdict")

    (event,) = machine.unforced
    assert [(waiver.check, waiver.author) for waiver in event.waivers] == [("drift:a", "Ada")]


@pytest.mark.parametrize("how", ["by the verdict", "carelessly"])
@pytest.mark.parametrize(("days", "expected"), [(5, ["v1"]), (6, [])])
def test_a_waiver_is_good_to_the_end_of_its_day(how: str, days: int, expected: list[str]) -> None:
    machine = Waived()
    machine.write_a_waiver("drift:a", 5)
    machine.run_the_gates("v1", {"drift:a"})
    for stage in WAY_UP[:2]:
        machine.promote("v1", stage, "by the verdict")
    machine.days_pass(days)

    machine.promote("v1", "production", how)

    assert in_production(machine) == expected


@pytest.mark.parametrize("how", ["by the verdict", "carelessly"])
def test_a_waiver_that_was_written_after_the_gates_ran_counts_for_nothing(how: str) -> None:
    machine = Waived()
    machine.run_the_gates("v1", {"drift:a"})
    machine.write_a_waiver("drift:a", 5)
    machine.go_all_the_way("v1", how)

    assert in_production(machine) == []


def test_by_force_it_goes_up_and_is_marked() -> None:
    machine = Waived()
    machine.run_the_gates("v1", {"drift:a"})
    machine.go_all_the_way("v1", "by force")

    assert machine.ledger.model(MODEL).serving == "v1"
    assert in_production(machine) == []
    assert any("decision: the verdict blocks" in what for what in machine.ledger.model(MODEL).versions["v1"].forced)
