"""The gate: its settings, its run, and its face as a function."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.presets import STAGE
from pytest_mlgate.checks import Check
from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.card.codes import CODES
from pytest_mlgate.gates.card.settings import Settings
from pytest_mlgate.gates.paths import in_project

if TYPE_CHECKING:
    from pytest_mlgate.cards.measured import Measured
    from pytest_mlgate.checks import GateResult
    from pytest_mlgate.gates.card.judging import Asked


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
    from pytest_mlgate.cards.reading import knowing
    from pytest_mlgate.gates.card.excerpts import with_excerpts
    from pytest_mlgate.gates.card.judging import as_card, judge
    from pytest_mlgate.gates.card.own import own_metrics
    from pytest_mlgate.gates.card.sources import measured_in_run

    card = knowing(as_card(inputs.value("card"), settings.headings), own_metrics(inputs.facts))
    measured = measured_in_run(card, settings, inputs)
    checks = judge(card, asked(settings, inputs, in_run=True), measured)
    return [*with_excerpts(checks, card.lines), *_of_datasheet(settings, inputs, measured)]


def _of_datasheet(settings: Settings, inputs: Inputs, measured: Measured | Check | None) -> Iterator[Check]:
    """Yield the checks of the datasheet that settings name."""
    from pytest_mlgate.cards.measured import Measured
    from pytest_mlgate.gates.card.datasheet import datasheet_checks

    if settings.datasheet is None:
        return
    train = measured.digests.get("train") if isinstance(measured, Measured) else None
    path = in_project(settings.datasheet, inputs.facts.import_roots)
    yield from datasheet_checks(path, stage=inputs.facts.stage, train=train, lang=settings.lang)


def asked(settings: Settings, inputs: Inputs, *, in_run: bool = False) -> Asked:
    """Return what settings ask of a card, at the stage that the inputs name."""
    from pytest_mlgate.gates.card.judging import Asked

    return Asked(
        stage=inputs.facts.stage,
        preset=settings.preset,
        sections=settings.sections,
        headings=settings.headings,
        threshold=settings.threshold,
        max_age=settings.max_age,
        lang=settings.lang,
        in_run=in_run,
    )


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
        Any other setting of the gate: ``datasheet``, ``preset``, ``sections``, ``headings``, ``threshold``,
        ``max_age``.

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
    from pytest_mlgate.gates.card.judging import as_card, judge
    from pytest_mlgate.gates.card.sources import knowing_own, measured_from

    checked = Settings(**{"lang": lang, **settings})

    def judged(rule: Settings, inputs: Inputs) -> list[Check]:
        read = as_card(inputs.value("card"), rule.headings)
        known = None if measured is None else measured_from(measured)
        return [*judge(knowing_own(read, known), asked(rule, inputs), known), *_of_datasheet(rule, inputs, known)]

    return run_gate(replace(GATE, run=judged), checked, Inputs(facts=Facts(stage=stage), values={"card": card}))
