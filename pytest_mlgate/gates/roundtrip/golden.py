"""The question of a round trip about time: whether the file still answers what it answered then."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.paths import in_project
from pytest_mlgate.gates.roundtrip.comparison import compare, rounding

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.golden_predictions import GoldenPredictions
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.roundtrip.trip import Trip

GOLDEN, ANOTHER = "MLG455", "MLG456"
_AGAIN = "if this file is meant, take golden predictions of it: `mlgate golden predictions`"


def golden(trip: Trip) -> Iterator[Check]:
    """Ask about the rows of the golden predictions, and compare with the answers there; none named: nothing."""
    from pytest_mlgate.artifacts.golden_predictions import read_golden_predictions

    if trip.settings.golden is None:
        return
    stored = read_golden_predictions(in_project(trip.settings.golden, trip.facts.import_roots))
    told, details = compare_stored(trip.fresh, stored, hide=trip.hide)
    then = f"on {stored.time[:10]}"
    moved = _moved(trip.fresh, stored)
    same_file = stored.artifact.get("digest") in ("", trip.digest)
    how = "bit for bit" if not details["rounded"] else f"to the last bits (by up to {details['largest']:.3g})"
    answers = f"answers {len(stored.rows)} rows as {then}, {how}"
    details |= {"then": dict(stored.environment), "taken": stored.time, "of": dict(stored.artifact)}
    if same_file:
        yield Check(
            code=GOLDEN,
            subject="golden",
            outcome=Outcome.FAIL if told else Outcome.PASS,
            message=f"answers otherwise than {then}: {told}{moved}" if told else f"{answers}{moved}",
            fix="find what changed since: versions, processor, or data that the model reads" if told else "",
            n=len(stored.rows),
            details=details,
        )
        return
    named = (
        f"golden predictions are of another file ({str(stored.artifact['digest'])[:12]}, this is {trip.digest[:12]})"
    )
    yield Check(
        code=ANOTHER,
        subject="golden",
        outcome=Outcome.FAIL,
        severity=Severity.BLOCK if told else Severity.WARN,
        message=f"{named}, and this one answers otherwise: {told}" if told else f"{named}, and this one {answers}",
        fix=_AGAIN,
        n=len(stored.rows),
        details=details,
    )


def compare_stored(model: Model, stored: GoldenPredictions, *, hide: bool) -> tuple[str, dict[str, Any]]:
    """Ask a model the stored rows, and compare its answers and class labels with those stored.

    Parameters
    ----------
    model : Model
    stored : GoldenPredictions
    hide : bool
        Whether no answer may be shown.

    Returns
    -------
    told : str
        How they differ beyond rounding, in words; empty where they do not.
    details : dict
        ``rounded``: whether the last bits differ; ``largest``: by how much;
        by the name of a method: how it differs beyond.
    """
    wrong: list[str] = []
    details: dict[str, Any] = {"rounded": False, "largest": 0.0}
    for method, expected in stored.answers.items():
        if method not in model.methods:
            wrong.append(f"it has no {method} any more")
            continue
        found = getattr(model, method)(stored.rows)
        difference = compare(expected, found)
        if difference is None:
            continue
        details["rounded"] = True
        details["largest"] = max(details["largest"], difference.largest or 0.0)
        beyond = compare(expected, found, rounding(expected, found))
        if beyond is not None:
            wrong.append(f"{method}: {beyond.words(hide=hide)}")
            details[method] = beyond.details(hide=hide)
    if _labels(stored.classes) != _labels(model.classes_):
        wrong.append("its class labels are others")
    return "; ".join(wrong), details


def _labels(classes: Any) -> Any:
    return None if classes is None else classes.tolist()


def _moved(model: Model, stored: GoldenPredictions) -> str:
    """Return which versions differ from those of that day, as the end of a sentence."""
    changed = versions_moved(model, stored)
    return f"; {', '.join(changed)}" if changed else ""


def versions_moved(model: Model, stored: GoldenPredictions) -> list[str]:
    """Return which versions of what answers differ from those of the day of the stored answers."""
    packages = stored.environment.get("packages", {})
    then: Mapping[str, Any] = {
        "python": stored.environment.get("python"),
        "machine": stored.environment.get("machine"),
        **(packages if isinstance(packages, Mapping) else {}),
    }
    now = {**model.versions, "machine": platform.machine()}
    return [
        f"{name} {version} then, {now[name]} now"
        for name, version in then.items()
        if version is not None and name in now and now[name] != version
    ]
