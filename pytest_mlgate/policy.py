"""Stages, what each makes of an outcome, and waivers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Literal, get_args

from pytest_mlgate.checks import Check, Outcome, Severity, Waiver

Stage = Literal["exploration", "validation", "pre-production", "production", "monitoring", "retired"]
STAGES: tuple[str, ...] = get_args(Stage)


OWED = (
    "owner",
    "contact",
    "approvers",
    "monitoring",
    "rollback",
    "retraining",
    "release",
    "retirement",
    "lineage",
)
"""What ``[governance]`` owes before a model goes to production; of a retired one it is only ``retired``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a stage requires.

    Attributes
    ----------
    stage : str
    inconclusive : Severity
        The highest severity of an inconclusive check: before pre-production a warning, from there on it blocks.
    governance : Mapping of str to Severity
        What ``[governance]`` owes, and how much its lack weighs. ``explanation`` is owed by sensitive decisions only.
    said : Severity or None
        How much it weighs where ``[governance]`` says something useless that it did not owe; None: it is not looked at.
    """

    stage: str
    inconclusive: Severity
    governance: Mapping[str, Severity]
    said: Severity | None

    @property
    def digest(self) -> str:
        """SHA-256 of the policy's content."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


def policy_for(stage: str) -> Policy:
    """Return the policy of a stage."""
    severity = Severity.WARN if stage in ("exploration", "validation") else Severity.BLOCK
    return Policy(
        stage=stage,
        inconclusive=severity,
        governance={**_owed(stage), "explanation": severity},
        said=None if stage == "exploration" else Severity.WARN,
    )


def _owed(stage: str) -> dict[str, Severity]:
    if stage in ("exploration", "validation"):
        return {}
    if stage == "retired":
        return {"retired": Severity.BLOCK}
    severity = Severity.WARN if stage == "pre-production" else Severity.BLOCK
    released = {"release"} if stage == "monitoring" else set()
    return {item: severity for item in OWED if item not in released}


def level(check: Check, policy: Policy) -> Check:
    """Return the check with the severity that the policy gives it; never higher than the gate said."""
    if (
        check.outcome is Outcome.INCONCLUSIVE
        and check.severity is Severity.BLOCK
        and policy.inconclusive is not Severity.BLOCK
    ):
        return replace(check, severity=policy.inconclusive)
    return check


def waive(check: Check, waivers: Iterable[Waiver], today: date) -> Check:
    """Return the check with the waiver that covers it, if one does and is not over.

    A waiver names one check by its id and is good to the end of the day on which it expires. It says nothing of a
    check that passed.
    """
    if check.outcome is Outcome.PASS:
        return check
    for waiver in waivers:
        if waiver.check == check.id and not expired(waiver, today):
            return replace(check, waiver=waiver)
    return check


def expired(waiver: Waiver, today: date) -> bool:
    """Whether the day on which the waiver expires is over."""
    return date.fromisoformat(waiver.expires) < today
