"""The question of a round trip about other environments: the same file, another interpreter, the same answers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.versions import Difference, Rank, differences
from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.roundtrip.comparison import compare, rounding
from pytest_mlgate.gates.roundtrip.words import refused

if TYPE_CHECKING:
    from pytest_mlgate.artifacts.environments import Environment
    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.roundtrip.trip import Trip

ELSEWHERE = "MLG454"
NEEDS = ("joblib", "numpy", "pandas", "pyarrow")
"""What a model's process needs beside what the model itself does."""


def elsewhere(trip: Trip) -> Iterator[Check]:
    """Load the file in each environment that was named, and ask the same batch; nothing where none was."""
    from pytest_mlgate.artifacts.environments import find_environment

    for said, name in zip(trip.facts.environments, _names(trip.facts.environments), strict=True):
        try:
            yield _tried(trip, find_environment(said, folder=Path.cwd(), needs=NEEDS), name)
        except InputError as error:
            yield refused(trip, ELSEWHERE, f"in {name}", error)


def vouched(check: Check, trip: Trip) -> Check:
    """Return a check of a version that is another one here: a warning where an environment showed that it is harmless.

    There the file has the versions that trained it, and answers as it does here, where every gate judged it.
    """
    if trip.vouched is None or check.outcome is not Outcome.FAIL or check.severity is not Severity.BLOCK:
        return check
    message = f"{check.message}; harmless here: in {trip.vouched}, with what trained it, it answers the same"
    return replace(check, severity=Severity.WARN, message=message, details={**check.details, "vouched": trip.vouched})


def _tried(trip: Trip, environment: Environment, name: str) -> Check:
    interpreter, trained = environment.interpreter, trip.writer.trained
    found = differences(trained, interpreter.installed, python=interpreter.version)
    details = _details(environment, found, trained.packages)
    try:
        model = trip.open(trip.data, trip.form, python=interpreter.path)
    except ModelError as error:
        message = f"does not load with {_what(environment, trained.packages)}: {error.message}"
        return _check(name, Outcome.FAIL, message, {**details, **error.details}, fix=error.fix)
    wrong = [f"{one.name} {one.trained} trained it, and {one.other} is there" for one in found if one.rank is Rank.FAIL]
    try:
        differ, how = _compared(trip, model)
    except ModelError as error:
        if error is trip.failure:
            return _check(name, Outcome.INCONCLUSIVE, "loads there and not here: nothing can be compared", details)
        raise
    if wrong or differ:
        message = "; ".join([*wrong, *([f"answers otherwise than here: {differ}"] if differ else [])])
        return _check(
            name, Outcome.FAIL, message, details, n=len(trip.rows), fix=_fix(environment, differ=bool(differ))
        )
    if trip.writer.known:
        trip.vouched = name
    message = f"answers the same {len(trip.rows)} rows as here, {how}, with {_what(environment, trained.packages)}"
    return _check(name, Outcome.PASS, f"{message}{_made(environment)}", details, n=len(trip.rows))


def _compared(trip: Trip, model: Model) -> tuple[str, str]:
    """Return how answers differ beyond rounding, in words (empty: they do not), and how alike they are where not."""
    differ, exact = [], True
    for method in trip.methods:
        if method not in model.methods:
            differ.append(f"no {method} there")
            continue
        here, there = getattr(trip.fresh, method)(trip.rows), getattr(model, method)(trip.rows)
        if compare(here, there) is not None:
            exact = False
            beyond = compare(here, there, rounding(here, there))
            if beyond is not None:
                differ.append(f"{method}: {beyond.words(hide=trip.hide)}")
    return "; ".join(differ), "bit for bit" if exact else "to the last bits"


def _check(
    name: str, outcome: Outcome, message: str, details: dict[str, Any], *, n: int | None = None, fix: str = ""
) -> Check:
    return Check(code=ELSEWHERE, subject=f"in {name}", outcome=outcome, message=message, fix=fix, n=n, details=details)


def _details(environment: Environment, found: Sequence[Difference], packages: Any) -> dict[str, Any]:
    there = environment.interpreter.installed
    return {
        "python": environment.interpreter.version,
        "packages": {name: there[name] for name in sorted({*packages, *NEEDS}) if name in there},
        "lock": "" if environment.lock is None else environment.lock.digest,
        "maker": environment.maker,
        "added": list(environment.added),
        "differences": [f"{one.name} {one.trained} trained, {one.other} there ({one.rank.value})" for one in found],
    }


def _what(environment: Environment, packages: Any) -> str:
    there = environment.interpreter.installed
    named = [f"{name} {there[name]}" for name in sorted(packages) if name in there]
    return ", ".join([f"Python {environment.interpreter.version}", *named])


def _made(environment: Environment) -> str:
    if environment.lock is None:
        return ""
    added = f", which also put {', '.join(environment.added)} there" if environment.added else ""
    return f"; made by {environment.maker} from the {environment.lock.kind}{added}"


def _fix(environment: Environment, *, differ: bool) -> str:
    if differ:
        return "serve with the versions that trained it, or train with those that serve"
    where = "the lock file" if environment.lock is not None else "that environment"
    return f"put the versions that trained it into {where}, or train again with those that are there"


def _names(environments: Sequence[str]) -> list[str]:
    """Return short names of environments, each its own."""
    short = [os.path.basename(said.rstrip(os.sep)) for said in environments]
    return [name if short.count(name) == 1 else said for name, said in zip(short, environments, strict=True)]
