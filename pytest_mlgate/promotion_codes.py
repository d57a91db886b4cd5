"""The codes of policy and promotion: what each asks, why that matters and how to mend it."""

from __future__ import annotations

from pytest_mlgate.gates.base import Code

REQUIRED_GATE = "MLG701"


def promotion_codes() -> tuple[Code, ...]:
    """Return the codes of what a policy requires of a run, and a promotion of its verdict."""
    return (
        Code(
            code=REQUIRED_GATE,
            title="A gate that the policy requires is asked",
            why="A verdict without it says nothing of what it would have asked, and looks the same as one that says "
            "that all is well.",
            fix="Configure the gate, or call it in a test. Where it means nothing for this model, say so in the "
            'policy: `[policy.production.gates] roundtrip = "off"`.',
        ),
    )
