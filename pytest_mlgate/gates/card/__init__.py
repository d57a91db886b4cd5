"""The card gate: what a model card says, judged by its evidence and by what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.card import consistency, evidence
from pytest_mlgate.gates.card.settings import Settings as Settings

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.checks import Check, GateResult

CODES = (*evidence.CODES, *consistency.CODES)
STAGE = "pre-production"
"""The stage that is asked for where nothing says it: everything that a card alone can be asked for."""


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Judge a card.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``card``: a file's path, or a card that was read.

    Raises
    ------
    InputError
        There is no card, or its file cannot be read.
    """
    card = as_card(inputs.value("card"), settings)
    return list(judge(card, settings, inputs))


def judge(card: Card, settings: Settings, inputs: Inputs) -> Iterator[Check]:
    """Yield the checks of a card; one where the file is none."""
    from pytest_mlgate.cards.judging import Reading, is_card
    from pytest_mlgate.cards.presets import requirements

    stage = inputs.facts.stage or STAGE
    language = settings.lang or ("es" if card.language == "es" else "en")
    folder = None if card.source == "<text>" else Path(card.source).parent
    reading = Reading(card, evidence.existing_targets(card, folder))
    if not is_card(reading):
        yield evidence.no_card(card, language)
        return
    wanted = requirements(stage, settings.preset, settings.sections)
    yield from evidence.evidence_checks(reading, wanted, stage, language)


def as_card(value: Any, settings: Settings) -> Card:
    """Return a card: one that was read, or what a path or bytes hold."""
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.cards.reading import card_of, read_card, under_headings

    if isinstance(value, Card):
        return under_headings(value, settings.headings) if settings.headings else value
    if isinstance(value, bytes):
        return card_of(value, headings=settings.headings)
    if isinstance(value, str | Path):
        return read_card(value, headings=settings.headings)
    message = f"a card is a path, its bytes, or a card that was read, not {type(value).__name__}"
    raise InputError(message, fix="let the fixture `mlgate_card` return the path of the card's file")


GATE = Gate(
    name="card",
    codes=CODES,
    settings=Settings,
    inputs=("card",),
    run=run,
)


def check_card(card: Any, *, stage: str = STAGE, lang: str | None = None, **settings: Any) -> GateResult:
    r"""Judge whether a model card says what it has to say.

    Parameters
    ----------
    card : str, Path or bytes
        The card's file, or what it holds: Markdown, or the JSON of model-card-toolkit, CycloneDX or SageMaker.
    stage : str
        ``exploration`` asks for nothing, ``validation`` for details, use, data and metrics, ``pre-production`` and
        later for all of the preset, a use that is ruled out and a metric by group.
    lang : {"en", "es"}, optional
        The language of messages; default: the card's.
    **settings
        Any other setting of the gate: ``preset``, ``sections``, ``headings``.

    Returns
    -------
    GateResult
        One check a section or rule; of a file that is no model card one check only.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: a setting that does not exist, or a section that nobody knows.

    Examples
    --------
    >>> from pytest_mlgate import check_card
    >>> text = b"# Model card: late-1.0\n\nA boosted tree.\n\n## Intended use\n\nRank flights for the desk.\n"
    >>> result = check_card(text, sections=["intended_use", "limitations"])
    >>> {check.subject: check.outcome.value for check in result.checks if check.subject}
    {'intended_use': 'pass', 'limitations': 'fail'}
    """
    checked = Settings(**{"lang": lang, **settings})
    return run_gate(GATE, checked, Inputs(facts=Facts(stage=stage), values={"card": card}))
