"""All questions of a round trip, in order; what one could not ask is a check of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.roundtrip import questions
from pytest_mlgate.gates.roundtrip.elsewhere import ELSEWHERE, elsewhere
from pytest_mlgate.gates.roundtrip.environment import LOCK, RECORD, VERSIONS, lock, record, versions
from pytest_mlgate.gates.roundtrip.formats import FORMAT, formats
from pytest_mlgate.gates.roundtrip.golden import GOLDEN, golden
from pytest_mlgate.gates.roundtrip.words import refused

if TYPE_CHECKING:
    from pytest_mlgate.gates.roundtrip.trip import Trip

#: Code and subject of the check where the question could not be asked, and the question.
Question = tuple[str, str, Callable[["Trip"], Iterator[Check]]]

QUESTIONS: tuple[Question, ...] = (
    (questions.LOADS, "loads", questions.loads),
    (RECORD, "record", record),
    (ELSEWHERE, "environments", elsewhere),
    (VERSIONS, "versions", versions),
    (LOCK, "lock", lock),
    (questions.OUTPUT, "output", questions.output),
    (questions.PREDICTIONS, "predictions", questions.predictions),
    (questions.COLUMNS, "columns", questions.columns),
    (questions.ALONE, "alone", questions.alone),
    (questions.AGAIN, "again", questions.again),
    (questions.THREADS, "threads", questions.threads),
    (questions.SAVED, "saved again", questions.saved),
    (FORMAT, "formats", formats),
    (GOLDEN, "golden", golden),
    (questions.NETWORK, "network", questions.network),
)
"""Asked one after the other: ``versions`` after other environments, which may vouch for them; ``again`` after what may
have left state behind."""


def ask_everything(trip: Trip) -> list[Check]:
    """Return the checks of all questions.

    Where the file does not load, the questions that need it loaded are left out: that it does not is a check already.
    """
    checks: list[Check] = []
    for code, subject, ask in QUESTIONS:
        try:
            checks += list(ask(trip))
        except InputError as error:
            if error is not trip.failure:
                checks.append(refused(trip, code, subject, error))
    return checks
