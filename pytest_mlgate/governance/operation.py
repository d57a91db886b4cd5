"""How the model is watched, taken back, fitted again, released and ended."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_mlgate.artifacts import references
from pytest_mlgate.cards.emptiness import is_placeholder, useless
from pytest_mlgate.cards.people import why_nobody, why_unreachable
from pytest_mlgate.governance.answers import Answer
from pytest_mlgate.governance.facts import RunFacts
from pytest_mlgate.sections import SIGNAL_KINDS, GovernanceSection, SignalSection

MONITORING, ROLLBACK, RETRAINING, RELEASE, RETIREMENT, RETIRED = (
    *("MLG653", "MLG654", "MLG655"),
    *("MLG656", "MLG657", "MLG658"),
)
_ASKED = {
    "performance": "how good its answers are when the labels come",
    "inputs": "how the inputs are distributed",
    "volume": "how many requests come",
    "errors": "how often the service fails",
    "outputs": "how often an answer is out of range",
}


def monitoring(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield for each kind of signal whether one is watched, from a value on, with somebody who is told."""
    del facts
    for kind in SIGNAL_KINDS:
        signals = [signal for signal in section.monitoring if kind in signal.kind]
        reasons = [why for signal in signals for why in _unusable(signal)]
        wrong = "; ".join(dict.fromkeys(reasons))
        if not signals:
            wrong = f"nothing watches {_ASKED[kind]}"
        yield Answer(
            item="monitoring",
            subject=f"monitoring.{kind}",
            code=MONITORING,
            said=bool(signals),
            wrong=wrong,
            right="; ".join(f"{signal.signal}: {signal.threshold}, tells {signal.notify}" for signal in signals),
            fix=f'write a [[governance.monitoring]] of kind "{kind}" with `signal`, `threshold` (with its number) and '
            "`notify` (who is told)",
        )


def _unusable(signal: SignalSection) -> Iterator[str]:
    what = useless(signal.signal, key="signal")
    if what:
        yield what
    threshold = None if signal.threshold is None else str(signal.threshold)
    yield from _without_number(threshold, key="threshold")
    told = useless(signal.notify, key="notify")
    if told:
        yield told
    elif why_unreachable(signal.notify or "") and not _a_name(signal.notify or ""):
        yield f"`notify`: {why_unreachable(signal.notify or '')}"


def _a_name(text: str) -> bool:
    """Whether a text may be a person's name, whose address stands elsewhere: the rota tells who is on duty."""
    return "@" not in text and not why_nobody(text, None, contact="#channel")


def _without_number(text: str | None, *, key: str) -> Iterator[str]:
    lacking = useless(text, key=key)
    if lacking:
        yield lacking
    elif not re.search(r"\d", text or ""):
        yield f"`{key}` = {text!r} has no number"


def rollback(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether there is something to go back to, and how."""
    plan = section.rollback
    reasons = [reason for reason in (_bad_target(section, facts), _bad_steps(plan.steps)) if reason]
    target = "nothing: this is the first version" if plan.first_version else plan.target
    yield Answer(
        item="rollback",
        subject="rollback",
        code=ROLLBACK,
        said=plan.target is not None or plan.first_version or bool(plan.steps),
        wrong=f"[governance.rollback]: {'; '.join(reasons)}" if reasons else "",
        right=f"back to {target}; {len(plan.steps)} steps",
        fix="name under [governance.rollback] the `target` (the model file that served before, or "
        "`first_version = true`) and the `steps` that bring it back",
    )


def _bad_target(section: GovernanceSection, facts: RunFacts) -> str:
    plan = section.rollback
    if plan.first_version:
        return "`target` and `first_version` exclude each other" if plan.target is not None else ""
    lacking = useless(plan.target, key="target")
    target = (plan.target or "").strip()
    if lacking:
        return lacking
    if facts.candidate is not None and (facts.folder / target).resolve() == (facts.folder / facts.candidate).resolve():
        return f"`target` = {target!r} is the candidate itself"
    if references.is_reference(target) or (facts.folder / target).is_file():
        return ""
    scheme = references.scheme_of(target)
    why = references.why_unknown(target) if scheme is not None else "there is no such file"
    return f"`target` = {target!r}: {why}"


def _bad_steps(steps: list[str]) -> str:
    blank = [step for step in steps if is_placeholder(step)]
    if not steps:
        return "`steps` is missing"
    return f"`steps`: {blank[0]!r} says nothing" if blank else ""


def retraining(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether at least one trigger with a number says when the model is fitted again."""
    del facts
    given = {name: getattr(section.retraining, name) for name in ("calendar", "drift", "metric")}
    given = {name: text for name, text in given.items() if text is not None}
    reasons = [why for name, text in given.items() for why in _without_number(text, key=name)]
    if not given:
        reasons = ["none of `calendar`, `drift` and `metric` is given"]
    yield Answer(
        item="retraining",
        subject="retraining",
        code=RETRAINING,
        said=bool(given),
        wrong=f"[governance.retraining]: {'; '.join(reasons)}" if reasons else "",
        right="; ".join(f"{name}: {text}" for name, text in given.items()),
        fix='say under [governance.retraining] when it is fitted again, with numbers: calendar = "every 90 days", '
        'drift = "a feature beyond PSI 0.25", metric = "ROC AUC of a month below 0.70"',
    )


def release(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether it is said how a new version takes over."""
    del facts
    plan = section.release
    reasons = [] if plan.strategy is not None else ["`strategy` is missing"]
    reasons += [why for why in [useless(plan.plan, key="plan")] if why]
    yield Answer(
        item="release",
        subject="release",
        code=RELEASE,
        said=plan.strategy is not None or plan.plan is not None,
        wrong=f"[governance.release]: {'; '.join(reasons)}" if reasons else "",
        right=f"{plan.strategy}: {plan.plan}",
        fix='write under [governance.release] a `strategy` ("shadow", "canary", "blue-green" or "a/b") and a `plan`: '
        "how much of the traffic, for how long, and what ends it",
    )


def retirement(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether it is said what ends the model's life."""
    del facts
    lacking = useless(section.retirement.condition, key="condition")
    yield Answer(
        item="retirement",
        subject="retirement",
        code=RETIREMENT,
        said=section.retirement.condition is not None,
        wrong=f"[governance.retirement]: {lacking}" if lacking else "",
        right=f"retired when: {section.retirement.condition}",
        fix="say under [governance.retirement] by which `condition` the model is taken out of service for good",
    )


def retired(section: GovernanceSection, facts: RunFacts) -> Iterator[Answer]:
    """Yield whether it is said why and when a model was retired, and what is kept of it."""
    del facts
    end = section.retirement
    reasons = [why for name in ("reason", "kept") for why in [useless(getattr(end, name), key=name)] if why]
    reasons += ["`date` is missing"] if end.date is None else []
    yield Answer(
        item="retired",
        subject="retired",
        code=RETIRED,
        said=any(value is not None for value in (end.reason, end.date, end.kept)),
        wrong=f"[governance.retirement]: {'; '.join(reasons)}" if reasons else "",
        right=f"retired on {end.date}: {end.reason}; kept: {end.kept}",
        fix="write under [governance.retirement] the `reason`, the `date`, and what is `kept` and until when",
    )
