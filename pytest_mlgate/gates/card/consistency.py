"""Whether a card is true: to what was measured, to itself, and to the files around it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
