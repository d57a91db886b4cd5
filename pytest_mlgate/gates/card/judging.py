"""A card judged: what is asked of it, by its evidence and by what was measured. Hooks come in here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import Measured
from pytest_mlgate.cards.presets import STAGE
from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.card import consistency, datasheet, evidence

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is asked of a card; the values are those of the gate's settings.

    Attributes
    ----------
    stage : str
        Empty: :data:`~pytest_mlgate.cards.presets.STAGE`.
    preset : str
    sections : sequence of str or None
        Instead of the preset.
    headings : Mapping of str to sequence of str
    threshold : float or None
    max_age : int or None
    lang : str or None
    in_run : bool
        Whether this is a run, in which numbers that nothing is compared with are not passed over.
    datasheets : bool
        Whether a file that calls itself a datasheet is judged as one: where files are named, and no card is owed.
    """

    stage: str = ""
    preset: str = "minimal-7"
    sections: Sequence[str] | None = None
    headings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    threshold: float | None = None
    max_age: int | None = None
    lang: str | None = None
    in_run: bool = False
    datasheets: bool = False


def judge(card: Card, asked: Asked, measured: Measured | Check | None = None) -> Iterator[Check]:
    """Yield the checks of a card; one where the file is none.

    Parameters
    ----------
    card : Card
    asked : Asked
    measured : Measured, Check or None
        What its numbers are compared with; the check of why nothing could be measured; None for a card alone.
    """
    from pytest_mlgate.cards.datasheets import is_datasheet
    from pytest_mlgate.cards.judging import Reading, is_card
    from pytest_mlgate.cards.presets import requirements

    stage = asked.stage or STAGE
    language = asked.lang or ("es" if card.language == "es" else "en")
    folder = None if card.source == "<text>" else Path(card.source).parent
    if asked.datasheets and is_datasheet(card):
        yield from datasheet.judge_datasheet(card, stage=stage, train=None, language=language)
        return
    reading = Reading(card, evidence.existing_targets(card, folder))
    if not is_card(reading):
        yield evidence.no_card(card, language)
        return
    wanted = requirements(stage, asked.preset, asked.sections)
    yield from evidence.evidence_checks(reading, wanted, stage, language)
    if isinstance(measured, Check):
        yield measured
    around = consistency.Surroundings(
        measured=measured if isinstance(measured, Measured) else None,
        stage=asked.stage if asked.in_run or stage in ("production", "monitoring") else "",
        in_run=asked.in_run and not isinstance(measured, Check),
        threshold=asked.threshold,
        max_age=asked.max_age,
        today=datetime.now(UTC).date(),
        folder=folder,
        language=language,
    )
    yield from consistency.consistency_checks(card, around)


def as_card(value: Any, headings: Mapping[str, Sequence[str]]) -> Card:
    """Return a card: one that was read, or what a path or bytes hold; ``headings`` as the gate's settings have them."""
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.cards.reading import card_of, read_card, under_headings

    if isinstance(value, Card):
        return under_headings(value, headings) if headings else value
    if isinstance(value, bytes):
        return card_of(value, headings=headings)
    if isinstance(value, str | Path):
        return read_card(value, headings=headings)
    message = f"a card is a path, its bytes, or a card that was read, not {type(value).__name__}"
    raise InputError(message, fix="let the fixture `mlgate_card` return the path of the card's file")
