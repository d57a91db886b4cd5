"""One label in one spelling: text that differs in case, padding or type only, within a table and between tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.schema.codes import FIX

if TYPE_CHECKING:
    import pandas as pd

MOST_LABELS = 1_000
"""With more distinct values a target is no class."""
_BOOLEANS = {"true": 1.0, "false": 0.0}


def label_format(tables: Mapping[str, pd.Series], *, hidden: bool) -> list[Check]:
    """Return the check that each label is written in one way, and a warning where labels are numbers as text.

    Parameters
    ----------
    tables : Mapping of str to pandas.Series
        The target of each labelled table, by the table's name.
    hidden : bool
        Whether labels must not be shown.
    """
    spellings: dict[object, dict[tuple[str, str], list[str]]] = {}
    for table, column in tables.items():
        values = column.dropna().unique().tolist()
        if len(values) > MOST_LABELS and not any(isinstance(value, str) for value in values):
            continue
        for value in values[:MOST_LABELS]:
            said = spellings.setdefault(_meaning(value), {}).setdefault(_spelling(value), [])
            said += [] if table in said else [table]
    names = ", ".join(tables)
    many = {key: ways for key, ways in spellings.items() if len(ways) > 1}
    if many:
        return [_variants(many, names, hidden)]
    kinds = {kind for ways in spellings.values() for kind, _ in ways}
    numeric = kinds == {"text"} and all(isinstance(key, float) for key in spellings)
    return [_one_way(len(spellings), names, numeric)]


def _variants(many: Mapping[object, Mapping[tuple[str, str], list[str]]], names: str, hidden: bool) -> Check:
    told = [
        " and ".join(f"{spelling} ({kind}, in {', '.join(where)})" for (kind, spelling), where in ways.items())
        for ways in list(many.values())[:5]
    ]
    shown = "" if hidden else f": {'; '.join(told)}"
    return Check(
        code="MLG216",
        subject="sanity.label_format",
        outcome=Outcome.FAIL,
        message=f"{len(many)} labels are written in more than one way in {names}{shown}",
        fix=FIX["MLG216"],
        observed=float(len(many)),
        limit=0.0,
    )


def _one_way(labels: int, names: str, numeric: bool) -> Check:
    message = f"{labels} distinct labels in {names}, each written in one way"
    if numeric:
        message += "; they are numbers or truth values as text, and 1 is not '1' to a model"
    return Check(
        code="MLG216",
        subject="sanity.label_format",
        outcome=Outcome.FAIL if numeric else Outcome.PASS,
        severity=Severity.WARN if numeric else Severity.BLOCK,
        message=message,
        fix=FIX["MLG216"] if numeric else "",
        observed=0.0,
        limit=0.0,
    )


def _meaning(value: Any) -> object:
    if not isinstance(value, str):
        return float(value) if isinstance(value, bool | int | float) else str(value)
    text = " ".join(value.casefold().split())
    try:
        return _BOOLEANS[text] if text in _BOOLEANS else float(text)
    except ValueError:
        return text


def _spelling(value: Any) -> tuple[str, str]:
    # 1, 1.0 and True are one label to numpy, and so to a model.
    return ("text", repr(value)) if isinstance(value, str) else ("number", f"{_meaning(value)}")
