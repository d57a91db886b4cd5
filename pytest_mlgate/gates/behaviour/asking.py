"""All relations of one entry: each asked by itself, and what the model does whatever it is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.behaviour import batch, bounds, direction, exchange, precision
from pytest_mlgate.gates.behaviour.columns import UnusedColumn
from pytest_mlgate.gates.behaviour.decision import judge

if TYPE_CHECKING:
    from pytest_mlgate.gates.behaviour.relations import Relation
    from pytest_mlgate.gates.behaviour.rows import Asked
    from pytest_mlgate.gates.behaviour.settings import Settings

DETERMINISM, INPUT = "MLG333", "MLG336"
#: Subject, code, and how the relation is made; and whether it holds by itself where its columns are no features.
_Question = tuple[str, str, Callable[[], "Relation"], bool]


def ask_everything(settings: Settings, asked: Asked) -> list[Check]:
    """Return one check a relation: those of every model first, then those that were declared."""
    base = _base(asked)
    refusals = [] if base is None else [base]
    checks = [_asked(question, settings, asked, refusals) for question in _questions(settings, asked)]
    # Judged last, since every question was put twice and shows whether rows are written into.
    first: list[Check] = []
    if "determinism" in settings.relations:
        first.append(_determinism(asked, base, refusals))
    if "input" in settings.relations:
        first.append(_input(asked, base))
    return first + checks


def _questions(settings: Settings, asked: Asked) -> Iterator[_Question]:
    if "batch" in settings.relations:
        yield "batch", batch.CODE, partial(batch.batch, asked, settings), False
    if "bounds" in settings.relations:
        yield "bounds", bounds.CODE, partial(bounds.bounds, asked, settings), False
    for item in settings.invariant:
        make = partial(exchange.invariance, item, asked, settings)
        yield f"invariant:{item.label}", exchange.CODE, make, item.unused == "allow"
    for key, up in (("increasing", True), ("decreasing", False)):
        for way in getattr(settings, key):
            make = partial(direction.direction, way, asked, settings, up=up)
            yield f"{key}:{way.column}", direction.CODE, make, False
    if settings.float32_tolerance is not None:
        yield "float32", precision.CODE, partial(precision.single_precision, asked, settings), False


def _base(asked: Asked) -> ModelError | None:
    """Ask about the rows as they are; return what kept the model from answering."""
    try:
        asked.answers.ask(asked.rows.reset_index(drop=True))
    except ModelError as error:
        return error
    return None


def _asked(question: _Question, settings: Settings, asked: Asked, refusals: list[ModelError]) -> Check:
    subject, code, make, unused_is_fine = question
    try:
        return judge(make(), asked, seconds=settings.seconds)
    except UnusedColumn as error:
        if unused_is_fine:
            text = f"holds by construction: {error.message.removeprefix('invariant: ')}"
            return Check(code=code, subject=subject, outcome=Outcome.PASS, message=text, details={"unused": True})
        return _told(code, subject, error, asked)
    except ModelError as error:
        refusals.append(error)
        out_of_bounds = code == bounds.CODE and error.details.get("reason") in ("not finite", "probabilities")
        return _told(code, subject, error, asked, Outcome.FAIL if out_of_bounds else Outcome.ERROR)
    except InputError as error:
        return _told(code, subject, error, asked)


def _told(code: str, subject: str, error: InputError, asked: Asked, outcome: Outcome = Outcome.ERROR) -> Check:
    """Return the check of an error, without the model's own words where these may hold what is sensitive."""
    message, details = error.message, error.details
    reason = details.get("reason")
    only_answers = reason in ("differs", "not finite", "probabilities")
    if isinstance(error, ModelError) and (asked.hide_answers if only_answers else asked.sensitive):
        message = (
            f"{asked.answers.model.source}: no answer ({reason}); its words are not shown, since columns are sensitive"
        )
        details = {"reason": reason}
    return Check(code=code, subject=subject, outcome=outcome, message=message, fix=error.fix, details=details)


def _determinism(asked: Asked, base: ModelError | None, refusals: list[ModelError]) -> Check:
    changing = next((error for error in refusals if error.details.get("reason") == "differs"), None)
    if changing is not None:
        return _told(DETERMINISM, "determinism", changing, asked, Outcome.FAIL)
    if base is not None:
        return _told(DETERMINISM, "determinism", base, asked)
    return Check(
        code=DETERMINISM,
        subject="determinism",
        outcome=Outcome.PASS,
        message="every question was put twice and had the same answer, to the last bits",
        n=len(asked.rows),
    )


def _input(asked: Asked, base: ModelError | None) -> Check:
    written = [note for note in asked.answers.model.notes if note.endswith("changes the rows it is given")]
    if written:
        return Check(
            code=INPUT,
            subject="input",
            outcome=Outcome.FAIL,
            message=written[0],
            fix="copy the rows before changing them: `X = X.copy()` at the top of predict",
        )
    if base is not None:
        return _told(INPUT, "input", base, asked)
    return Check(
        code=INPUT,
        subject="input",
        outcome=Outcome.PASS,
        message="the rows were as before after every question",
        n=len(asked.rows),
    )
