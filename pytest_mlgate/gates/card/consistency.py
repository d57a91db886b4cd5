"""Whether a card is true: to what was measured, to itself, and to the files around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.gates.base import Code
from pytest_mlgate.gates.card.agreement import judge_agreement
from pytest_mlgate.gates.card.claims import judge_claims
from pytest_mlgate.gates.card.front import judge_front_matter
from pytest_mlgate.gates.card.identity import judge_age, judge_identity
from pytest_mlgate.gates.card.matrices import judge_matrices
from pytest_mlgate.gates.card.outside import judge_licence, judge_links, judge_owner
from pytest_mlgate.gates.card.permission import judge_permission

if TYPE_CHECKING:
    from datetime import date

    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.cards.measured import Measured
    from pytest_mlgate.checks import Check

CODES = (
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Surroundings:
    """What a card is judged by beside itself.

    Attributes
    ----------
    measured : Measured or None
        None where nothing was measured: a card alone.
    stage : str
        The stage that is asked for; empty where none is.
    in_run : bool
        Whether numbers that are compared with nothing are told.
    threshold : float or None
        At which labels were measured; None: the model's own.
    max_age : int or None
        Days after which a card is stale.
    today : date
    folder : Path or None
        Where relative links start; None: nowhere.
    language : str
        Of messages.
    """

    measured: Measured | None = None
    stage: str = ""
    in_run: bool = False
    threshold: float | None = None
    max_age: int | None = None
    today: date
    folder: Path | None = None
    language: str = "en"


def consistency_checks(card: Card, around: Surroundings) -> Iterator[Check]:
    """Yield a check for everything about which a card can be true or false; what it does not say makes none.

    Parameters
    ----------
    card : Card
    around : Surroundings
    """
    language, measured = around.language, around.measured
    yield from judge_claims(card, measured, around.threshold, language, in_run=around.in_run)
    yield from judge_matrices(card, language)
    yield from judge_agreement(card, language)
    yield from judge_front_matter(card, measured, language)
    yield from judge_identity(card, measured, language)
    yield from judge_permission(card, around.stage, language)
    yield from judge_owner(card, around.folder, language)
    yield from judge_age(card, around.stage, around.max_age, around.today, language)
    yield from judge_licence(card, language)
    yield from judge_links(card, around.folder, language)
