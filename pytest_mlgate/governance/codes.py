"""The codes of what ``[governance]`` owes: what each asks, why that matters and how to mend it."""

from __future__ import annotations

from pytest_mlgate.gates.base import Code


def governance_codes() -> tuple[Code, ...]:
    """Return the codes of what ``[governance]`` owes, MLG006 apart."""
    return (
        Code(
            code="MLG650",
            title="One person answers for the model",
            why="What belongs to a team belongs to nobody: an alarm at night is answered by a person.",
            fix="Name a person under `[governance] owner`: a handle (that stands in CODEOWNERS where there is one), an "
            "e-mail address, or a name with a `contact`.",
        ),
        Code(
            code="MLG651",
            title="The owner can be reached",
            why="Who finds the model wrong has to be able to say so, also when its owner is on leave.",
            fix="Give a `[governance] contact` that is read: an e-mail address, a URL, a channel, a telephone number.",
        ),
        Code(
            code="MLG652",
            title="It is said who may approve",
            why="A promotion that anybody may approve was approved by nobody.",
            fix="List persons, or groups that the forge knows, under `[governance] approvers`.",
        ),
        Code(
            code="MLG653",
            title="Each kind of signal is watched",
            why="Labels come late, inputs move first, and a service that fails or falls silent moves no metric at all: "
            "no single signal sees every way to go wrong.",
            fix="Write a `[[governance.monitoring]]` of the kind with `signal`, `threshold` and `notify`.",
        ),
        Code(
            code="MLG654",
            title="There is a way back",
            why="The time to look for the last good model is not while the new one is failing.",
            fix="Name the `target` under `[governance.rollback]`, or say `first_version = true`, and write the "
            "`steps`.",
        ),
        Code(
            code="MLG655",
            title="It is said when the model is fitted again",
            why="A model that is fitted again when somebody thinks of it is fitted again too late.",
            fix="Give under `[governance.retraining]` a `calendar`, a `drift` or a `metric`, with its number.",
        ),
        Code(
            code="MLG656",
            title="It is said how a new version takes over",
            why="A version that gets all of the traffic at once shows its faults to everybody at once.",
            fix="Write under `[governance.release]` a `strategy` and a `plan`: how much of the traffic, for how long, "
            "and what ends it.",
        ),
        Code(
            code="MLG657",
            title="It is said what ends the model's life",
            why="A model without an end is served long after anybody knows what it was for.",
            fix="Write under `[governance.retirement]` the `condition` under which it is taken out of service.",
        ),
        Code(
            code="MLG658",
            title="A retirement says why, when and what is kept",
            why="Years later somebody asks why a decision was made, and by which model.",
            fix="Write under `[governance.retirement]` the `reason`, the `date`, and what is `kept` and until when.",
        ),
        Code(
            code="MLG659",
            title="The lineage is known",
            why="A model whose code, rows or run nobody knows cannot be made again, nor explained.",
            fix="Commit the code, configure `[data] train`, and name the `run` under `[governance.lineage]`.",
        ),
    )
