"""Metrics, and metrics of subgroups: numbers that were measured on this model."""

from __future__ import annotations

from pytest_mlgate.cards.form import Number
from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence


def metrics(look: Look) -> Evidence:
    """Ask for at least one metric's name with a number that was measured on this model."""
    found = next(
        (number for number in look.card.numbers if measured(number) and number.metric and not number.difference), None
    )
    return evidence({"measured": None if found is None else found.span.line})


def subgroups(look: Look) -> Evidence:
    """Ask for at least one value of a metric on a group, or a difference between groups."""
    found = next((number for number in look.card.numbers if measured(number) and of_a_group(number)), None)
    return evidence({"group_value": None if found is None else found.span.line})


def measured(number: Number) -> bool:
    """Whether a number was measured on this model."""
    return number.role == "measured"


def of_a_group(number: Number) -> bool:
    """Whether a number is about a part of the population, or about what lies between parts."""
    return number.difference or bool(number.group)
