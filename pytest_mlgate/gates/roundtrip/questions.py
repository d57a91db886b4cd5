"""The questions of a round trip about the file itself."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.backends import REACHED
from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.roundtrip.comparison import EXACT, Difference, compare, rounding
from pytest_mlgate.gates.roundtrip.words import grouped

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.roundtrip.trip import Trip

LOADS, PREDICTIONS, OUTPUT, AGAIN, COLUMNS, ALONE, THREADS, SAVED = (f"MLG{n}" for n in range(401, 409))
NETWORK = "MLG411"


def loads(trip: Trip) -> Iterator[Check]:
    """Ask whether the file loads where nothing was imported before, and what it then is."""
    details: dict[str, Any] = {"format": trip.form, "bytes": len(trip.data), "digest": trip.digest}
    try:
        model = trip.fresh
    except ModelError as error:
        yield Check(
            code=LOADS,
            subject="loads",
            outcome=Outcome.FAIL,
            message=f"does not load in a fresh interpreter: {error.message}",
            fix=error.fix,
            details={**details, **error.details},
        )
        return
    what = "the file that the gate saved of it" if trip.saved else "the file"
    yield Check(
        code=LOADS,
        subject="loads",
        outcome=Outcome.PASS,
        message=f"{what} ({trip.form}, {grouped(len(trip.data))} bytes) loads in a fresh interpreter",
        details={**details, "kind": model.kind, "versions": model.versions},
        evidence={"seconds": model.seconds},  # another one each time: not for the verdict, which is reproducible
    )


def output(trip: Trip) -> Iterator[Check]:
    """Ask whether labels, types and shapes are those of the model that was judged."""
    here, wrong = trip.fresh, []
    if here.methods != trip.candidate.methods:
        wrong.append(f"methods {_listed(trip.candidate.methods)} judged, {_listed(here.methods)} here")
    if not _same_labels(trip.candidate.classes_, here.classes_):
        names = [_labels(model, hide=trip.hide) for model in (trip.candidate, here)]
        wrong.append(f"class labels {names[0]} judged, {names[1]} here")
    forms = {}
    for method in sorted(here.methods & trip.candidate.methods):
        answer, judged = getattr(here, method)(trip.rows), getattr(trip.candidate, method)(trip.rows)
        forms[method] = {"dtype": str(answer.dtype), "shape": list(answer.shape)}
        if (answer.dtype, answer.shape) != (judged.dtype, judged.shape):
            wrong.append(f"{method} {judged.dtype} {judged.shape} judged, {answer.dtype} {answer.shape} here")
    told = "; ".join(f"{method} {form['dtype']} {tuple(form['shape'])}" for method, form in forms.items())
    labels = "" if here.classes_ is None else f"; labels {_labels(here, hide=trip.hide)}"
    yield Check(
        code=OUTPUT,
        subject="output",
        outcome=Outcome.FAIL if wrong else Outcome.PASS,
        message="; ".join(wrong) or f"{told}{labels}",
        fix="save the estimator that was judged, whole" if wrong else "",
        details={"methods": forms, "classes": None if here.classes_ is None or trip.hide else here.classes_.tolist()},
    )


def predictions(trip: Trip) -> Iterator[Check]:
    """Ask the same batch as the judged model was asked, and compare bit for bit.

    A model that lives in the run's own process may add with other threads: there, rounding in the last bits is let
    pass.
    """
    own_process = trip.candidate.place != trip.fresh.place
    pairs = {method: _both(trip, trip.candidate, trip.fresh, method) for method in trip.methods}
    how = "bit for bit" if not own_process else "to the last bits"
    yield _compared(
        trip,
        pairs,
        code=PREDICTIONS,
        subject="predictions",
        rounded=own_process,
        same=f"answers as the judged model does, {how}",
        other="in a fresh interpreter, with another hash seed and working folder",
        fix="look for state that is not in the file: the order of a set of text, globals, files, the clock",
    )


def again(trip: Trip) -> Iterator[Check]:
    """Ask the same batch once more, after other questions."""
    pairs = {
        method: (getattr(trip.fresh, method)(trip.rows), trip.fresh.ask_again(method, trip.rows))
        for method in trip.methods
    }
    yield _compared(
        trip,
        pairs,
        code=AGAIN,
        subject="again",
        rounded=False,
        same="answers the same again, bit for bit",
        other="asked again",
        fix="seed what is random, and keep no state from call to call",
    )


def columns(trip: Trip) -> Iterator[Check]:
    """Ask with the columns in reverse; a model that refuses them has answered nothing wrongly."""
    if len(trip.rows.columns) < 2:
        return
    turned = trip.rows[list(trip.rows.columns[::-1])]
    expected = getattr(trip.fresh, trip.method)(trip.rows)
    try:
        found = getattr(trip.fresh, trip.method)(turned)
    except ModelError as error:
        if error.details.get("reason") != "raised":
            raise
        yield _passed(COLUMNS, "columns", "refuses columns in another order than it was fitted on", trip)
        return
    difference = compare(expected, found, rounding(expected, found))
    if difference is None:
        yield _passed(COLUMNS, "columns", "takes columns by their names, in any order", trip)
        return
    named = trip.fresh.feature_names_in_ is not None
    who = "knows its columns' names, and answers otherwise" if named else "knows no names of columns, and goes by order"
    yield _failed(
        COLUMNS,
        "columns",
        f"{who} where they come in reverse: {difference.words(hide=trip.hide)}",
        trip,
        difference,
        fix="fit on a data frame, and select columns by name in every step",
        severity=Severity.BLOCK if named else Severity.WARN,  # it has promised nothing
    )


def alone(trip: Trip) -> Iterator[Check]:
    """Ask some rows of the batch one at a time."""
    import numpy as np

    n = min(trip.settings.alone, len(trip.rows))
    places = np.linspace(0, len(trip.rows) - 1, n).round().astype(int)
    expected = getattr(trip.fresh, trip.method)(trip.rows)[places]
    ask = getattr(trip.fresh, trip.method)
    found = np.concatenate([ask(trip.rows.iloc[[place]]) for place in places])
    difference = compare(expected, found, rounding(expected, found))
    if difference is None:
        yield _passed(ALONE, "alone", f"answers {n} rows alone as in the batch, to the last bits", trip)
        return
    difference = replace(difference, rows=places[difference.rows])
    yield _failed(
        ALONE,
        "alone",
        f"answers rows alone otherwise than in the batch: {difference.words(hide=trip.hide)}",
        trip,
        difference,
        fix="compute nothing from the rows of a request: keep means and ranks from training",
    )


def threads(trip: Trip) -> Iterator[Check]:
    """Ask a process whose numerical libraries use the service's number of threads."""
    count, fresh = trip.settings.threads or max(os.cpu_count() or 1, 2), trip.fresh
    model = trip.open(trip.data, trip.form, threads=count)
    pairs = {method: _both(trip, fresh, model, method) for method in trip.methods}
    yield _compared(
        trip,
        pairs,
        code=THREADS,
        subject="threads",
        rounded=True,
        same=f"answers with {count} threads as with one, to the last bits",
        other=f"with {count} threads",
        fix="find what threads share; where the model adds in another order, it is more than rounding",
    )


def saved(trip: Trip) -> Iterator[Check]:
    """Save the loaded model again, load that file, and compare both bit for bit."""
    data = trip.fresh.save(trip.form)
    model = trip.admit(data, trip.form, source=f"{trip.candidate.source}, saved again")
    pairs = {method: _both(trip, trip.fresh, model, method) for method in trip.methods}
    yield _compared(
        trip,
        pairs,
        code=SAVED,
        subject="saved again",
        rounded=False,
        same=f"saved again ({grouped(len(data))} bytes), it answers the same, bit for bit",
        other="saved and loaded again",
        fix="mend __getstate__, __setstate__ or __reduce__ of the model's classes",
    )


def network(trip: Trip) -> Iterator[Check]:
    """Say whether the model reached for the network while it was loaded and asked; nothing where it may.

    A model that gives up without its connection has failed already. One that goes on answers otherwise, or later, where
    it is let through.
    """
    if trip.launch.network:
        return
    reached = sorted({note for model in (trip.candidate, trip.fresh) for note in model.notes if REACHED in note})
    if not reached:
        yield _passed(NETWORK, "network", "opened no connection through Python's sockets", trip)
        return
    yield Check(
        code=NETWORK,
        subject="network",
        outcome=Outcome.FAIL,
        severity=Severity.WARN,
        message="; ".join(reached) + "; it went on without",
        fix="take it out (telemetry, a download), or say that the model may: `network = true` under [model]",
        n=len(trip.rows),
        details={"notes": reached},
    )


def _both(trip: Trip, one: Model, other: Model, method: str) -> tuple[NDArray[Any], NDArray[Any]]:
    return getattr(one, method)(trip.rows), getattr(other, method)(trip.rows)


def _compared(
    trip: Trip,
    pairs: dict[str, tuple[NDArray[Any], NDArray[Any]]],
    *,
    code: str,
    subject: str,
    rounded: bool,
    same: str,
    other: str,
    fix: str,
) -> Check:
    """Return the check of answers that must be the same, method by method."""
    found = {}
    for method, (expected, answer) in pairs.items():
        near = rounding(expected, answer)
        difference = compare(expected, answer, near if rounded else EXACT)
        if difference is not None and not rounded and compare(expected, answer, near) is None and trip.wavers(method):
            same, difference = f"{same}, but for rounding: the model's own threads add in any order", None
        if difference is not None:
            found[method] = difference
    if not found:
        return _passed(code, subject, same, trip, methods=sorted(pairs))
    told = "; ".join(f"{method}: {difference.words(hide=trip.hide)}" for method, difference in found.items())
    return Check(
        code=code,
        subject=subject,
        outcome=Outcome.FAIL,
        message=f"answers otherwise {other}: {told}",
        fix=fix,
        n=len(trip.rows),
        details={method: difference.details(hide=trip.hide) for method, difference in found.items()},
    )


def _passed(code: str, subject: str, message: str, trip: Trip, **details: Any) -> Check:
    return Check(code=code, subject=subject, outcome=Outcome.PASS, message=message, n=len(trip.rows), details=details)


def _failed(
    code: str,
    subject: str,
    message: str,
    trip: Trip,
    difference: Difference,
    *,
    fix: str,
    severity: Severity = Severity.BLOCK,
) -> Check:
    details = {trip.method: difference.details(hide=trip.hide)}
    return Check(
        code=code,
        subject=subject,
        outcome=Outcome.FAIL,
        severity=severity,
        message=message,
        fix=fix,
        n=len(trip.rows),
        details=details,
    )


def _same_labels(one: NDArray[Any] | None, other: NDArray[Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.dtype.kind == other.dtype.kind and one.tolist() == other.tolist()


def _labels(model: Model, *, hide: bool) -> str:
    if model.classes_ is None:
        return "none"
    text = f"{len(model.classes_)} of type {model.classes_.dtype}"
    shown = model.classes_.tolist()[:5]
    return text if hide else f"{shown}{'...' if len(model.classes_) > 5 else ''} ({model.classes_.dtype})"


def _listed(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"
