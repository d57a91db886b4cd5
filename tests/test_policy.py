"""Policy: what a stage makes of an outcome, and waivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import get_args

import pytest

from pytest_mlgate.checks import Check, Outcome, Severity, Waiver
from pytest_mlgate.policy import STAGES, Stage, expired, level, policy_for, waive

TODAY = date(2027, 1, 31)


def a_check(outcome: str, severity: str = "block") -> Check:
    return Check(code="TOY1", gate="toy", subject="x", outcome=outcome, severity=severity, message="m")


def a_waiver(**values: str) -> Waiver:
    return replace(Waiver(check="toy:x", reason="r", author="a", expires="2027-01-31"), **values)


def test_stages_in_their_order() -> None:
    expected = ("exploration", "validation", "pre-production", "production", "monitoring", "retired")

    assert expected == STAGES == get_args(Stage)


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("severity", Severity)
def test_only_an_inconclusive_check_before_pre_production_is_levelled_down(
    stage: str, outcome: Outcome, severity: Severity
) -> None:
    check = a_check(outcome, severity)
    early = stage in ("exploration", "validation")
    down = early and outcome is Outcome.INCONCLUSIVE and severity is Severity.BLOCK

    assert level(check, policy_for(stage)) == (replace(check, severity="warn") if down else check)


def test_an_unknown_stage_gets_the_strict_policy() -> None:
    assert policy_for("anything").inconclusive is Severity.BLOCK


def test_policies_that_differ_have_digests_that_differ() -> None:
    digests = {policy_for(stage).digest for stage in STAGES}

    assert len(digests) == len(STAGES)
    assert policy_for("production").digest == policy_for("production").digest


@pytest.mark.parametrize("outcome", ["fail", "inconclusive", "error", "skip"])
def test_a_waiver_covers_every_outcome_but_a_pass(outcome: str) -> None:
    check = waive(a_check(outcome), [a_waiver()], TODAY)

    assert check == replace(a_check(outcome), waiver=a_waiver())
    assert check.outcome == outcome
    assert not check.blocks


def test_a_pass_is_never_waived() -> None:
    assert waive(a_check("pass"), [a_waiver()], TODAY).waiver is None


@pytest.mark.parametrize(
    ("expires", "over"), [("2027-01-30", True), ("2027-01-31", False), ("2027-02-01", False), ("2026-12-31", True)]
)
def test_a_waiver_is_good_to_the_end_of_its_last_day(expires: str, over: bool) -> None:
    waiver = a_waiver(expires=expires)

    assert expired(waiver, TODAY) is over
    assert waive(a_check("error"), [waiver], TODAY).blocks is over


@pytest.mark.parametrize("name", ["toy", "toy:", "toy:X", "toy:x2", "toy:*", "TOY1", "toy[a]:x", ""])
def test_a_waiver_names_one_check_by_its_whole_id(name: str) -> None:
    assert waive(a_check("fail"), [a_waiver(check=name)], TODAY).waiver is None


def test_a_waiver_that_is_over_does_not_hide_one_that_is_not() -> None:
    good = a_waiver(author="b")

    assert waive(a_check("fail"), [a_waiver(expires="2020-01-01"), good], TODAY).waiver == good
