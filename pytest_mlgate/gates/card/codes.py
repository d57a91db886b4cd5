"""Every kind of check of a card."""

from __future__ import annotations

from pytest_mlgate.gates.base import Code

CODES = (
    Code(
        code="MLG600",
        title="The file is a model card",
        why="Nine findings about a shopping list help nobody; and an empty file that passes would be no gate.",
        fix="Name the card's file in `[gates.card] path`, or write one.",
    ),
    Code(
        code="MLG601",
        title="Model details: a name, a type, a version or a date",
        why="Numbers are about one version of one model, and without its name nobody knows which.",
        fix="Give the name, the type or algorithm, and the version or date.",
    ),
    Code(
        code="MLG602",
        title="Intended use: a task or a decision",
        why="What a model is good for is decided by what it was made for; everything else in the card is read by it.",
        fix="Say in a sentence which task the model does, or which decision it supports, and for whom.",
    ),
    Code(
        code="MLG603",
        title="Training data: a source by name, and its extent",
        why="What a model has not seen it does not know; and rows without a version cannot be had again.",
        fix="Name the source, and how many rows, from when, or which version or digest.",
    ),
    Code(
        code="MLG604",
        title="Evaluation data: a set by name, and how it was made",
        why="A metric is a statement about rows; which ones decides what it is worth.",
        fix="Name the set or split, and how large it is, from when, or how it was made.",
    ),
    Code(
        code="MLG605",
        title="Metrics: a name and a number, measured on this model",
        why="A goal, a threshold or another model's number says nothing about this one.",
        fix="Give at least one metric with the number that was measured.",
    ),
    Code(
        code="MLG606",
        title="Limitations: at least one specific condition",
        why="Every model has some; a card without them says that nobody has looked.",
        fix="Name a condition under which the model is worse, or was not tried.",
    ),
    Code(
        code="MLG607",
        title="Ethical considerations: a risk, or an affected group",
        why="Who is harmed by a wrong answer is seldom who wrote the model.",
        fix="Name a risk or a group that is affected; or say why the question does not apply.",
    ),
    Code(
        code="MLG608",
        title="Out-of-scope use: at least one use is ruled out",
        why="Models are used for what they were not made for by people who were never told.",
        fix="Name at least one use that is ruled out, anywhere in the card.",
    ),
    Code(
        code="MLG609",
        title="A metric by group, or a difference between groups",
        why="A good average hides a group for which the model does not work.",
        fix="Give a metric's value for at least one group; or say why there are none.",
    ),
    Code(
        code="MLG610",
        title="Further sections that the preset or the list asks for",
        why="An organisation's rule or a law asks for more than the seven.",
        fix="Write the section, or link to the file that says it.",
    ),
    Code(
        code="MLG611",
        title="No blank is left in a section that is otherwise filled",
        why="A TODO in a card that is finished is a promise that nobody keeps, or a number that nobody filled in.",
        fix="Fill the blank, or take it out.",
    ),
    Code(
        code="MLG612",
        title="The file can be read whole",
        why="What stands behind an unclosed fence is code to everybody who renders the card.",
        fix="Close what is open, or mend what cannot be read.",
    ),
    Code(
        code="MLG613",
        title="The datasheet answers each of its sections",
        why="What a model has learnt stands in its rows: who collected them, what is missing, who may have them. A "
        "template that nobody filled says none of it.",
        fix="Answer the question, or say why it does not apply; `mlgate card update` writes what can be counted.",
    ),
    Code(
        code="MLG620",
        title="The card's metrics are what was measured",
        why="A number that is no longer true is worse than none: it is believed.",
        fix="Let `mlgate card update` write the measured values, or correct the line by hand.",
    ),
    Code(
        code="MLG621",
        title="The card agrees with itself",
        why="A confusion matrix that contradicts the precision beside it means that one of them is of another model, "
        "or of other rows.",
        fix="Print both from the same run.",
    ),
    Code(
        code="MLG622",
        title="The card's groups are in the data, and their values are what was measured",
        why="Values of groups are where a card is read most closely and checked least.",
        fix="Let `mlgate card update` write them, and name groups as the data do.",
    ),
    Code(
        code="MLG623",
        title="The card is about this model",
        why="A card that travels with another file, or another version of it, describes something else.",
        fix="Let `mlgate card update` write version and digest.",
    ),
    Code(
        code="MLG624",
        title="The card names the rows that the model was fitted on",
        why="Who wants to know what a model has seen goes by the digest.",
        fix="Let `mlgate card update` write the digest, or find out which rows were used.",
    ),
    Code(
        code="MLG625",
        title="The card does not forbid the stage that is asked for",
        why="Its authors knew something when they wrote that it must not be used like this.",
        fix="Ask for an earlier stage, or let those who wrote the sentence take it back.",
    ),
    Code(
        code="MLG626",
        title="The card's owner is somebody",
        why="Who finds the model wrong has to be able to say so, to a person.",
        fix="Name a person, and how to reach them.",
    ),
    Code(
        code="MLG627",
        title="The card is not stale",
        why="The world moves on, and a card that nobody has read for a year has not moved with it.",
        fix="Read it again, correct what is no longer true, and renew its date.",
    ),
    Code(
        code="MLG628",
        title="The licence is an SPDX expression",
        why="Tools that look for licences know identifiers, and lawyers need to know which version is meant.",
        fix="Write an identifier of spdx.org/licenses (`Apache-2.0`), or `LicenseRef-...` for one of your own.",
    ),
    Code(
        code="MLG629",
        title="Relative links lead somewhere",
        why="Evidence that stands in a file that is not there is no evidence.",
        fix="Correct the path, add the file, or take the link out.",
    ),
)
