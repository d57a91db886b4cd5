"""The card gate: what a model card says, judged by its evidence and by what was measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import Measured
from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.card import consistency, evidence
from pytest_mlgate.gates.card.settings import Settings as Settings

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.checks import GateResult

CODES = (*evidence.CODES, *consistency.CODES)
STAGE = "pre-production"
"""The stage that is asked for where nothing says it: everything that a card alone can be asked for."""


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Judge a card.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``card``: a file's path, or a card that was read. With ``candidate`` and ``holdout`` its numbers are compared
        with what is measured.

    Raises
    ------
    InputError
        There is no card, or its file cannot be read.
    """
    from pytest_mlgate.gates.card.sources import measured_in_run

    card = as_card(inputs.value("card"), settings)
    return list(judge(card, settings, inputs, measured_in_run(card, settings, inputs), in_run=True))


def judge(
    card: Card, settings: Settings, inputs: Inputs, measured: Measured | Check | None = None, *, in_run: bool = False
) -> Iterator[Check]:
    """Yield the checks of a card; one where the file is none.

    Parameters
    ----------
    card : Card
    settings : Settings
    inputs : Inputs
        For the stage.
    measured : Measured, Check or None
        What its numbers are compared with; the check of why nothing could be measured; None for a card alone.
    in_run : bool
        Whether this is a run, in which numbers that nothing is compared with are not passed over.
    """
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
    if isinstance(measured, Check):
        yield measured
    around = consistency.Surroundings(
        measured=measured if isinstance(measured, Measured) else None,
        stage=inputs.facts.stage if in_run or stage in ("production", "monitoring") else "",
        in_run=in_run and not isinstance(measured, Check),
        threshold=settings.threshold,
        max_age=settings.max_age,
        today=datetime.now(UTC).date(),
        folder=folder,
        language=language,
    )
    yield from consistency.consistency_checks(card, around)


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
    optional=("candidate", "holdout"),
    run=run,
)


def check_card(
    card: Any, *, measured: Any = None, stage: str = STAGE, lang: str | None = None, **settings: Any
) -> GateResult:
    r"""Judge whether a model card says what it has to say, and whether it is true.

    Parameters
    ----------
    card : str, Path or bytes
        The card's file, or what it holds: Markdown, or the JSON of model-card-toolkit, CycloneDX or SageMaker.
    measured : mapping, GateResult, Verdict, str or Path, optional
        What the card's numbers are compared with: values by metric (``{"roc_auc": 0.731}``) or by metric, column and
        group (``{("roc_auc", "origin", "LGA"): 0.72}``), by scikit-learn's names of scorers or the cards' own; what
        ``check_baseline`` returned; a verdict, or its file. None: the numbers are compared with nothing but each other.
    stage : str
        ``exploration`` asks for nothing, ``validation`` for details, use, data and metrics, ``pre-production`` and
        later for all of the preset, a use that is ruled out and a metric by group.
    lang : {"en", "es"}, optional
        The language of messages; default: the card's.
    **settings
        Any other setting of the gate: ``preset``, ``sections``, ``headings``, ``threshold``, ``max_age``.

    Returns
    -------
    GateResult
        One check a section or rule, and one for each thing that can be true or false; of a file that is no model card
        one check only.

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
    from pytest_mlgate.gates.card.sources import measured_from

    checked = Settings(**{"lang": lang, **settings})

    def judged(rule: Settings, inputs: Inputs) -> list[Check]:
        read = as_card(inputs.value("card"), rule)
        return list(judge(read, rule, inputs, None if measured is None else measured_from(measured)))

    return run_gate(replace(GATE, run=judged), checked, Inputs(facts=Facts(stage=stage), values={"card": card}))
