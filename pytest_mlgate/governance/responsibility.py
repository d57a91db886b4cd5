"""Who answers for the model, how to reach them, who approves, and how decisions about people are explained."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlgate.cards.emptiness import useless
from pytest_mlgate.cards.people import why_nobody, why_unreachable
from pytest_mlgate.governance.answers import Answer
from pytest_mlgate.governance.facts import RunFacts
from pytest_mlgate.sections import GovernanceSection

EXPLANATION = "MLG006"
OWNER, CONTACT, APPROVERS = "MLG650", "MLG651", "MLG652"
_PERSON = 'a handle ("@jo-doe", in CODEOWNERS where there is one), an e-mail address, or a name with a `contact`'


def owner(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether one person answers for the model."""
    missing = not (section.owner or "").strip()
    if missing:
        wrong = "nobody owns this model: `owner` is missing"
    else:
        nobody = why_nobody(section.owner or "", facts.code_owners, contact=section.contact)
        wrong = f"`owner`: {nobody}" if nobody else ""
    yield Answer(
        item="owner",
        subject="owner",
        code=OWNER,
        said=not missing,
        wrong=wrong,
        right=f"{section.owner} answers for the model",
        fix=f"name one person under [governance] `owner`: {_PERSON}",
    )


def contact(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether the owner can be reached."""
    del facts
    own = (section.owner or "").strip()
    said = bool((section.contact or "").strip())
    if said:
        unreachable = why_unreachable(section.contact or "")
        wrong, right = f"`contact`: {unreachable}" if unreachable else "", f"reached at {section.contact}"
    elif "@" in own[1:] and not why_unreachable(own):
        wrong, right = "", f"reached at the owner's address, {own}"
    else:
        wrong, right = "nothing says how to reach the owner: `contact` is missing", ""
    yield Answer(
        item="contact",
        subject="contact",
        code=CONTACT,
        said=said,
        wrong=wrong,
        right=right,
        fix="give under [governance] a `contact` that somebody reads: an e-mail address, a URL, a channel, a telephone",
    )


def approvers(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether it is said who may let the model into production."""
    named = [name for name in section.approvers if name.strip()]
    reasons = [why_nobody(name, facts.code_owners, contact=section.contact, groups=True) for name in named]
    bad = [reason for reason in reasons if reason]
    wrong = f"`approvers`: {'; '.join(bad)}" if bad else ""
    if not named:
        wrong = "nobody is named who may approve: `approvers` is missing"
    yield Answer(
        item="approvers",
        subject="approvers",
        code=APPROVERS,
        said=bool(section.approvers),
        wrong=wrong,
        right=f"approved by {' or '.join(named)}",
        fix=f"list under [governance] `approvers` who may let it into production: each {_PERSON}",
    )


def explanation(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether sensitive decisions are explained by a method that is named; nothing where there are none."""
    del facts
    if not section.sensitive_decisions:
        return
    lacking = useless(section.explanation, key="explanation")
    yield Answer(
        item="explanation",
        subject="explanation",
        code=EXPLANATION,
        said=True,
        wrong=f"the model takes sensitive decisions, and no method explains them: {lacking}" if lacking else "",
        right=f"decisions are explained by: {(section.explanation or '').strip()}",
        fix="name under [governance] the method and who sees it: "
        'explanation = "SHAP values per decision, shown to the clerk"',
    )
