"""The question of a round trip about other formats: whether each answers as the model that was judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.artifacts.errors import ModelError
from pytest_mlgate.artifacts.formats import FORMATS, alike
from pytest_mlgate.checks import Check, InputError, Outcome
from pytest_mlgate.gates.roundtrip.comparison import EXACT, Difference, Tolerance, compare
from pytest_mlgate.gates.roundtrip.thresholds import on_threshold
from pytest_mlgate.gates.roundtrip.words import grouped, refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.gates.roundtrip.trip import Trip

FORMAT = "MLG410"
# Rows that are looked at more closely.
_EXAMINED = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """How one method of another format answers.

    Attributes
    ----------
    difference : Difference or None
        Beyond the tolerance.
    edge : frozenset of int
        Places of those rows that lie on a threshold, where rounding decides.
    """

    difference: Difference | None
    edge: frozenset[int]

    @property
    def wrong(self) -> bool:
        """Whether a row differs that does not lie on a threshold."""
        return self.difference is not None and len(self.edge) < len(self.difference.rows)


def formats(trip: Trip) -> Iterator[Check]:
    """Ask each format that is shipped besides the candidate's own; what cannot be asked is an error by itself."""
    for form in trip.settings.formats:
        if _own(trip, form):
            continue
        try:
            yield _format(trip, form)
        except InputError as error:
            if error is trip.failure:
                raise
            yield refused(trip, FORMAT, form, error)


def _own(trip: Trip, form: str) -> bool:
    """Whether a format is the candidate's own; pickles are told apart by their names: contents may be alike."""
    if trip.candidate.path is None or form not in alike("pickle"):
        return form == trip.form
    return trip.form in alike("pickle") and trip.candidate.path.suffix in FORMATS[form].suffixes


def _format(trip: Trip, form: str) -> Check:
    file, origin = _file(trip, form)
    model = trip.admit(file, form, source=origin)
    methods = [method for method in trip.methods if method in model.methods]
    if not methods:
        raise ModelError(
            f"{origin} answers none of {', '.join(trip.methods)}",
            fix="convert it so that its predictions are an output",
        )
    answered = {method: _answered(trip, model, form, method) for method in methods}
    edge = frozenset[int]().union(*(each.edge for each in answered.values()))
    share = len(edge) / len(trip.rows)
    wrong = {method: each.difference for method, each in answered.items() if each.wrong and each.difference}
    failed = bool(wrong) or share > trip.settings.max_flips
    return Check(
        code=FORMAT,
        subject=form,
        outcome=Outcome.FAIL if failed else Outcome.PASS,
        message="; ".join(_told(trip, form, f"{origin} ({grouped(model.size or 0)} bytes)", answered, wrong, edge)),
        fix=_fix(trip, form, model, bool(wrong)) if failed else "",
        observed=share if edge else None,
        limit=trip.settings.max_flips if edge else None,
        n=len(trip.rows),
        details={
            "bytes": model.size,
            **({"digest": model.digest} if isinstance(file, Path) else {}),
            "on_threshold": sorted(edge)[:5],
            "kind": model.kind,
            **{m: each.difference.details(hide=trip.hide) for m, each in answered.items() if each.difference},
        },
        # Of a file made here the bytes are others each time (an archive holds its time): not for the verdict.
        evidence={"seconds": model.seconds, "digest": model.digest},
    )


def _file(trip: Trip, form: str) -> tuple[Path | bytes, str]:
    """Return the file that lies beside the candidate, or the bytes of one that is made of it, and what it is."""
    path, suffixes = trip.candidate.path, FORMATS[form].suffixes
    if path is not None:
        beside = [path.with_suffix(suffix) for suffix in suffixes]
        there = next((file for file in beside if file != path and file.exists()), None)
        if there is not None:
            return there, there.name
    if trip.settings.convert:
        return trip.fresh.save(form, trip.rows), f"a {form} file made of it"
    if path is None:
        raise InputError(f"the candidate has no file that a {form} file could lie beside", fix="set `convert = true`")
    raise InputError(
        f"there is no {path.with_suffix(suffixes[0]).name} beside {path.name}",
        fix="write it where the model is trained, or set `convert = true` to have one made and compared",
    )


def _answered(trip: Trip, model: Model, form: str, method: str) -> Answered:
    expected, found = getattr(trip.fresh, method)(trip.rows), getattr(model, method)(trip.rows)
    exact = FORMATS[form].exact
    tolerance = EXACT if exact else Tolerance(rtol=trip.settings.rtol, atol=trip.settings.atol)
    difference = compare(expected, found, tolerance)
    if difference is None or exact or found.shape != expected.shape:
        return Answered(difference=difference, edge=frozenset())
    places = difference.rows[:_EXAMINED]
    near = on_threshold(trip.fresh, method, trip.rows.iloc[places], found[places], tolerance)
    if method == "predict":
        near |= _ties(trip, places, tolerance)
    return Answered(difference=difference, edge=frozenset(places[near].tolist()))


def _ties(trip: Trip, places: NDArray[Any], tolerance: Tolerance) -> NDArray[Any]:
    """Return where the two likeliest labels are equally likely but for the tolerance: either is as good."""
    import numpy as np

    if "predict_proba" not in trip.methods:
        return np.zeros(len(places), dtype=bool)
    ordered = np.sort(trip.fresh.predict_proba(trip.rows)[places].astype(float), axis=1)
    return np.asarray(ordered[:, -1] - ordered[:, -2] <= 2 * (tolerance.atol + tolerance.rtol))


def _told(
    trip: Trip,
    form: str,
    what: str,
    answered: dict[str, Answered],
    wrong: dict[str, Difference],
    edge: frozenset[int],
) -> Iterator[str]:
    settings = trip.settings
    how = "bit for bit" if FORMATS[form].exact else f"within {settings.atol:g} + {settings.rtol:g} of the answer"
    if wrong:
        yield f"{what} answers otherwise"
    else:
        yield f"{what} answers {', '.join(sorted(answered))} as the judged model does, {how}"
    for method, difference in wrong.items():
        yield f"{method}: {difference.words(hide=trip.hide)}"
    if edge:
        where = f"{len(edge)} of {len(trip.rows)} rows (first: {min(edge)}) lie on a threshold"
        why = "the judged model answers them as differently where an input moves by a few steps of single precision"
        yield f"{where}: {why}; {100 * settings.max_flips:g} % may"


def _fix(trip: Trip, form: str, model: Model, wrong: bool) -> str:
    if not wrong:
        return "train on single precision, round features to what they are known to, or decide on `max_flips`"
    if trip.candidate.classes_ is not None and model.classes_ is not None:
        labels = trip.candidate.classes_.tolist(), model.classes_.tolist()
        if labels[0] != labels[1]:
            return "such a file holds no labels of yours: train on 0, 1, ..., or map them where the file is served"
    return "write that file again from the judged model; where a converter errs, leave the format out"
