"""Stages, what each requires and makes of an outcome, and waivers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
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


NEVER = "9999-12-31"
"""The day on which what a policy ignores is looked at again."""

Level = Literal["block", "warn", "note", "ignore"]
Approval = Literal["none", "named", "other"]
Attested = Literal["none", "required"]


@dataclass(frozen=True, kw_only=True, slots=True)
class CodeRule:
    """What a policy makes of every check of one code: another severity, or nothing at all, for a reason."""

    level: Level
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """What a stage requires.

    Attributes
    ----------
    stage : str
    inconclusive : Severity
        The highest severity of an inconclusive check: before pre-production a warning, from there on it blocks.
    gates : Mapping of str to Severity
        Gates that have to be asked, and how much it weighs where one is not.
    governance : Mapping of str to Severity
        What ``[governance]`` owes, and how much its lack weighs. ``explanation`` is owed by sensitive decisions only.
    said : Severity or None
        How much it weighs where ``[governance]`` says something useless that it did not owe; None: it is not looked at.
    codes : Mapping of str to CodeRule
        What is made of the checks of single codes.
    waivers : bool
        Whether waivers count.
    verdict : bool
        Whether a promotion to the stage needs a verdict for it.
    max_age_days : float or None
        How old that verdict may be.
    clean_tree : bool
        Whether it has to be of a commit, with nothing changed beside it.
    approver : {"none", "named", "other"}
        Whether a promotion names who approved it, and whether that is another person than the author.
    attestation : {"none", "required"}
        Whether a promotion presents an attestation of the verdict that carries a signature.
    places : Mapping of str to str
        Which file and line a value is from, by its key; not part of the digest.
    """

    stage: str
    inconclusive: Severity
    gates: Mapping[str, Severity]
    governance: Mapping[str, Severity]
    said: Severity | None
    codes: Mapping[str, CodeRule] = field(default_factory=dict)
    waivers: bool = True
    verdict: bool
    max_age_days: float | None
    clean_tree: bool
    approver: Approval
    attestation: Attested = "none"
    places: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def content(self) -> bytes:
        """The policy as JSON, without the places that its values are from."""
        said = {key: value for key, value in asdict(self).items() if key != "places"}
        return json.dumps(said, sort_keys=True).encode()

    @property
    def digest(self) -> str:
        """SHA-256 of the policy's content."""
        return hashlib.sha256(self.content).hexdigest()

    def place(self, key: str) -> str:
        """Return where a value is from: a file and line, or ``default``."""
        return self.places.get(key, "default")


def policy_for(stage: str) -> Policy:
    """Return the policy of a stage where no file says otherwise."""
    early = stage in ("exploration", "validation")
    severity = Severity.WARN if early else Severity.BLOCK
    produces = stage in ("production", "monitoring")
    return Policy(
        stage=stage,
        inconclusive=severity,
        gates=_required(stage),
        governance={**_owed(stage), "explanation": severity},
        said=None if stage == "exploration" else Severity.WARN,
        verdict=stage not in ("exploration", "retired"),
        max_age_days=None if stage in ("exploration", "retired") else 7.0 if produces else 30.0,
        clean_tree=produces,
        approver="other" if stage == "production" else "none",
    )


def _required(stage: str) -> dict[str, Severity]:
    if stage in ("exploration", "validation", "retired"):
        return {}
    if stage == "monitoring":
        return {"drift": Severity.BLOCK}
    severity = Severity.WARN if stage == "pre-production" else Severity.BLOCK
    return dict.fromkeys(("baseline", "schema", "roundtrip", "card"), severity)


def _owed(stage: str) -> dict[str, Severity]:
    if stage in ("exploration", "validation"):
        return {}
    if stage == "retired":
        return {"retired": Severity.BLOCK}
    severity = Severity.WARN if stage == "pre-production" else Severity.BLOCK
    released = {"release"} if stage == "monitoring" else set()
    return {item: severity for item in OWED if item not in released}


def level(check: Check, policy: Policy) -> Check:
    """Return the check with the severity that the policy gives it.

    An inconclusive check weighs no more than the stage says, and never more than the gate said. What the policy says of
    the check's code goes before both; the check's details then say so. A code that is ignored is waived by the policy.
    """
    if check.outcome is Outcome.PASS:
        return check
    rule, place = policy.codes.get(check.code), policy.place(f"codes.{check.code}")
    if rule is not None and rule.level == "ignore":
        waiver = Waiver(check=check.id, reason=rule.reason, author=f"the policy, {place}", expires=NEVER)
        return replace(check, waiver=waiver)
    if rule is not None:
        severity = Severity(rule.level)
        said = {"severity": check.severity.value, "place": place, "reason": rule.reason}
        details = check.details if severity is check.severity else {**check.details, "policy": said}
        return replace(check, severity=severity, details=details)
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
    if check.outcome is Outcome.PASS or check.waiver is not None:
        return check
    for waiver in waivers:
        if waiver.check == check.id and not expired(waiver, today):
            return replace(check, waiver=waiver)
    return check


def expired(waiver: Waiver, today: date) -> bool:
    """Whether the day on which the waiver expires is over."""
    return date.fromisoformat(waiver.expires) < today


def unasked(policy: Policy, checks: Iterable[Check], code: str) -> list[Check]:
    """Return a check for each gate that the policy requires and that no check is of.

    Parameters
    ----------
    policy : Policy
    checks : iterable of Check
        All of a run.
    code : str
        The code that they have.
    """
    asked = {check.gate for check in checks}
    return [
        Check(
            code=code,
            gate="policy",
            subject=gate,
            outcome=Outcome.FAIL,
            severity=weight,
            message=f"{policy.stage} requires the gate {gate}, and nothing asked it",
            fix=f"configure [gates.{gate}], or call it in a test; "
            f'or say in the policy that it is not required: [policy.{policy.stage}.gates] {gate} = "off"',
            details={"place": policy.place(f"gates.{gate}")},
        )
        for gate, weight in policy.gates.items()
        if gate not in asked
    ]
