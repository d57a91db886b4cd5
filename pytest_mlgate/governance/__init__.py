"""What ``[governance]`` owes by policy: who answers for a model, who watches it, the way back, and where it comes from.

The questions are one function each, in the files beside this one; what is owed at which stage is the policy's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, Outcome, Severity

if TYPE_CHECKING:
    from pytest_mlgate.governance.answers import Answer
    from pytest_mlgate.governance.facts import RunFacts
    from pytest_mlgate.policy import Policy
    from pytest_mlgate.sections import GovernanceSection


def governance_checks(section: GovernanceSection, policy: Policy, facts: RunFacts) -> list[Check]:
    """Return the checks of what the configuration says of governance.

    What the policy asks for is judged, said or not; what is said although nothing asks for it is judged as ``said``.

    Parameters
    ----------
    section : GovernanceSection
    policy : Policy
        Of the stage asked for.
    facts : RunFacts
        What the run knows by itself.
    """
    answers = (answer for question in _questions() for answer in question(section, facts))
    return [check for answer in answers for check in _judged(answer, policy, facts)]


def _questions() -> tuple[Callable[[GovernanceSection, RunFacts], Iterator[Answer]], ...]:
    # what judges people and sentences is loaded for a run: a configuration that is only read has no use for it
    from pytest_mlgate.governance import operation, responsibility
    from pytest_mlgate.governance.lineage import lineage

    return (
        *(responsibility.owner, responsibility.contact, responsibility.approvers, responsibility.explanation),
        *(operation.monitoring, operation.rollback, operation.retraining, operation.release),
        *(operation.retirement, operation.retired),
        lineage,
    )


def _judged(answer: Answer, policy: Policy, facts: RunFacts) -> Iterator[Check]:
    severity = policy.governance.get(answer.item, policy.said if answer.said else None)
    if severity is None:
        return
    wrong, right = answer.wrong, answer.right
    if not answer.said and wrong and answer.item in facts.card:
        wrong, right = "", f"said in the card, {facts.card[answer.item]}"
    order = list(Severity)
    yield Check(
        code=answer.code,
        gate="governance",
        subject=answer.subject,
        outcome=Outcome.FAIL if wrong else Outcome.PASS,
        severity=max(severity, answer.severity, key=order.index),
        message=wrong or right,
        fix=answer.fix if wrong else "",
    )
