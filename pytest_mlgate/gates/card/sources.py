"""Where the values come from that a card's numbers are compared with: the run itself, a verdict, or what was given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import Measured, from_checks, from_numbers
from pytest_mlgate.checks import Check, GateResult, InputError, Outcome
from pytest_mlgate.gates.card.claims import METRIC, wanted

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.card.settings import Settings

_TABLES = ("train", "holdout")


def measured_in_run(card: Card, settings: Settings, inputs: Inputs) -> Measured | Check:
    """Return the candidate's values on the holdout for every metric and group that the card names.

    They are measured here, by the functions of the gate baseline on the same model and rows, and not taken from the
    results of that gate: those lie in another process under xdist, know only what is configured, and are missing where
    this gate runs alone. What the card names no number of is not measured.

    Parameters
    ----------
    card : Card
    settings : Settings
    inputs : Inputs
        ``candidate`` and ``holdout`` where they are configured; ``identity`` for the digests.

    Returns
    -------
    Measured or Check
        The check says why nothing could be measured although both are there: an error.
    """
    digests = {}
    for name in ("candidate", *_TABLES):
        known = inputs.identity.get(name)
        if known and known.get("digest"):
            digests[name] = str(known["digest"])
    unmeasured = Measured(digests=digests, version=inputs.facts.version, measured=False)
    claims = wanted(card)
    able = inputs.given("candidate") and inputs.given("holdout") and inputs.facts.target is not None
    if not able or not claims:
        return unmeasured
    from pytest_mlgate.gates.card.measuring import measure

    try:
        found = measure(inputs, claims, threshold=settings.threshold, version=inputs.facts.version)
    except InputError as error:
        return Check(
            code=METRIC,
            subject="not_compared",
            outcome=Outcome.ERROR,
            message=f"the card's numbers could not be compared: {error.message}",
            fix=error.fix,
            details=error.details,
        )
    return replace(found, digests=digests)


def knowing_own(card: Card, measured: Measured | None) -> Card:
    """Return a card with the numbers of every metric that was measured, also of those with a name of their own."""
    from pytest_mlgate.cards.reading import knowing

    return card if measured is None else knowing(card, {value.metric for value in measured.values})


def measured_from(value: Any) -> Measured:
    """Return the values that a caller gave.

    Parameters
    ----------
    value : Measured, mapping, GateResult, Verdict, str or Path

    Raises
    ------
    InputError
        Where it is none of these, or the file is no verdict.
    """
    if isinstance(value, Measured):
        return value
    if isinstance(value, Mapping):
        return _from_mapping(value)
    if isinstance(value, GateResult):
        return from_checks(value.checks, source="the result")
    if isinstance(value, str | Path):
        return _from_file(Path(value))
    if hasattr(value, "checks") and hasattr(value, "identity"):
        return from_checks(value.checks, value.identity)
    raise InputError(
        f"measured is a {type(value).__name__}",
        fix="give a mapping from metrics to values, a GateResult, a Verdict, or the path of a verdict",
    )


def _from_mapping(values: Mapping[Any, Any]) -> Measured:
    for key, number in values.items():
        named = isinstance(key, str) or (isinstance(key, tuple) and len(key) == 3 and all(map(str, key)))
        if not named or isinstance(number, bool) or not isinstance(number, int | float):
            raise InputError(
                f"measured has {key!r}: {number!r}",
                fix='give numbers by metric ("roc_auc") or by metric, column and group ("roc_auc", "origin", "LGA")',
            )
    return from_numbers(values, source="measured")


def _from_file(path: Path) -> Measured:
    import json

    from pytest_mlgate.tables.writing import has_own_digest

    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        checks = [Check.from_json(check) for check in record["checks"]]
        found = from_checks(checks, record["identity"], source=path.name)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}", fix="name the file of a verdict") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is no verdict: {error!r}", fix="name .mlgate/verdict.json") from None
    if not has_own_digest(record):
        raise InputError(
            f"{path}: its digest is not that of its content: it was changed after it was written",
            fix="write it again: `mlgate check`",
        )
    return found
