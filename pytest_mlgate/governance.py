"""What ``[governance]`` owes by policy: decisions about people are explained by a method that is named."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, Outcome

if TYPE_CHECKING:
    from pytest_mlgate.policy import Policy
    from pytest_mlgate.sections import GovernanceSection

EXPLANATION = "MLG006"
_UNWRITTEN = frozenset(("fixme", "tbc", "tbd", "todo", "xxx"))
_NOTHING = frozenset(("", "na", "nil", "no", "none", "notapplicable", "notyet", "null", "nothing", "unknown"))


def governance_checks(section: GovernanceSection, policy: Policy) -> list[Check]:
    """Return the checks of what the configuration says of governance; none where nothing is owed.

    Parameters
    ----------
    section : GovernanceSection
    policy : Policy
        Of the stage asked for: from pre-production on what is owed blocks.
    """
    return [_explained(section.explanation or "", policy)] if section.sensitive_decisions else []


def is_placeholder(text: str) -> bool:
    """Whether a text says nothing: blank, punctuation, ``n/a``, ``none``, ``<...>``, or one that begins with TODO."""
    words = re.findall(r"[^\W_]+", text.casefold())
    joined = "".join(words)
    if joined in _NOTHING | _UNWRITTEN or words[0] in _UNWRITTEN:
        return True
    return re.fullmatch(r"<[^<>]*>", text.strip()) is not None


def _explained(explanation: str, policy: Policy) -> Check:
    if not is_placeholder(explanation):
        outcome, message, fix = Outcome.PASS, f"decisions are explained by: {explanation.strip()}", ""
    else:
        said = f"`explanation` is {explanation!r}" if explanation.strip() else "`explanation` is missing"
        outcome = Outcome.FAIL
        message = f"the model takes sensitive decisions, and no method explains them: {said}"
        fix = (
            "name under [governance] the method and who sees it: "
            'explanation = "SHAP values per decision, shown to the clerk"'
        )
    return Check(
        code=EXPLANATION,
        gate="governance",
        subject="explanation",
        outcome=outcome,
        severity=policy.governance,
        message=message,
        fix=fix,
    )
