"""Words that several questions share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.checks import Check, InputError, Outcome

if TYPE_CHECKING:
    from pytest_mlgate.gates.roundtrip.trip import Trip


def grouped(number: int) -> str:
    """Return a whole number with its digits in groups of three."""
    return f"{number:,}".replace(",", " ")


def refused(trip: Trip, code: str, subject: str, error: InputError) -> Check:
    """Return the check of a question that had no answer, without the model's own words where these may be sensitive."""
    message, details = error.message, error.details
    if isinstance(error, ModelError) and trip.facts.sensitive:
        reason = details.get("reason")
        message = f"no answer ({reason}); the model's words are not shown, since columns are sensitive"
        details = {"reason": reason}
    return Check(code=code, subject=subject, outcome=Outcome.ERROR, message=message, fix=error.fix, details=details)
