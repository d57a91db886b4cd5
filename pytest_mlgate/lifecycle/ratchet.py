"""The ratchet of a golden baseline: what the candidate answers takes its place, and may only be better.

Better is told by the measured values on the same rows, not by an interval and a margin: those say that a candidate is
not worse by more than does not matter, and ten such steps one after the other can lose ten times as much.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.lifecycle.golden import GoldenRecord, Measured, check_digest, read_record, record_path
from pytest_mlgate.problems import short

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.artifacts.model import Model
    from pytest_mlgate.config import Entry
    from pytest_mlgate.tables import TableRead

MAIN, FLOOR = "MLG101", "MLG104"

# What says how an entry's metric is computed; its other questions are not asked.
_METRIC = (
    *("metric", "metric_params", "greater_is_better", "response", "threshold", "interval"),
    *("cluster", "query", "candidates_seen", "resamples"),
)
_ROUNDING = 1e-9  # relative; a sum in another order is no loss


@dataclass(frozen=True, kw_only=True, slots=True)
class Present:
    """The golden table that is there: its handle, and its record where it has one."""

    model: Model
    record: GoldenRecord | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What one baseline entry measured: the new answers, and the ones that they would replace (None: none)."""

    entry: str
    new: Measured
    old: float | None = None

    @property
    def worse(self) -> bool:
        """Whether the new value is below the old one, by more than rounding."""
        return self.old is not None and self.new.value < self.old - _ROUNDING * max(abs(self.old), abs(self.new.value))


def present(table: Path, facts: Facts) -> Present | None:
    """Return the golden table that is there; None for the first one.

    Raises
    ------
    InputError
        Where the table was changed without a reason, is no table of predictions, or is gone while its record is there.
    """
    from pytest_mlgate.artifacts.predictions import load_predictions

    record = read_record(table)
    if not table.exists():
        if record is not None:
            raise InputError(
                f"{short(table)}: is gone, and its record is there",
                fix=f"restore it from git; to begin anew, delete {record_path(table).name} too",
            )
        return None
    model = load_predictions(table, id=str(facts.id), source=short(table))
    if record is not None:
        check_digest(record, table, model.digest)
    return Present(model=model, record=record)


def covers(model: Model, rows: pd.DataFrame) -> InputError | None:
    """Return why a table of predictions has no answer for some rows; None where it has one for each."""
    try:
        assert model.table is not None
        model.table.rows_of(rows)
    except InputError as error:
        return error
    return None


def answers(model: Model, holdout: pd.DataFrame, facts: Facts) -> pd.DataFrame:
    """Return what a model answers about each row, as a table of predictions.

    Parameters
    ----------
    model : Model
    holdout : DataFrame
        Has the id column of the facts.
    facts : Facts

    Returns
    -------
    DataFrame of one row a row of the holdout
        The id; ``prediction``, ``score`` (in a binary task) and ``probability_<label>``, as far as the model answers.

    Raises
    ------
    InputError
        Where the holdout lacks the id or a feature, or the model does not answer.
    """
    from pytest_mlgate.artifacts.model import select_features
    from pytest_mlgate.gates.baseline.slices import find_column

    rows = select_features(model, holdout, facts, name="holdout")
    found = find_column(holdout, str(facts.id), "id").to_frame()
    if "predict" in model.methods:
        found["prediction"] = model.predict(rows)
    if "decision_function" in model.methods:
        score = model.decision_function(rows)
        if score.ndim == 1:  # a table's score is larger for the positive label, a model's for its last one
            found["score"] = -score if _positive_is_first(model, facts) else score
    if "predict_proba" in model.methods:
        shares = model.predict_proba(rows)
        if model.classes_ is None:
            found["probability"] = shares[:, -1]
        else:
            named = list(enumerate(model.classes_.tolist()))
            for index, label in reversed(named) if _positive_is_first(model, facts) else named:
                found[f"probability_{_label(label)}"] = shares[:, index]
    return found.reset_index(drop=True)


def _positive_is_first(model: Model, facts: Facts) -> bool:
    """Whether the positive label of a binary task is the first of the model's two."""
    classes = [] if model.classes_ is None else model.classes_.tolist()
    return len(classes) == 2 and classes[0] == facts.positive


def _label(label: Any) -> str:
    return str(int(label)) if isinstance(label, float) and label.is_integer() else str(label)


def measure(
    entries: Iterable[Entry], facts: Facts, holdout: pd.DataFrame, *, candidate: Model, table: Model, old: Model | None
) -> tuple[Step, ...]:
    """Measure the candidate, the table of its answers and the golden table that is there, by the baseline gate.

    Parameters
    ----------
    entries : iterable of Entry
        Those of the gate ``baseline``.
    facts, holdout
        As the gate is given them.
    candidate, table : Model
        The model, and what :func:`answers` kept of it: both must come to the same value.
    old : Model or None
        What is replaced; None: nothing is compared.

    Raises
    ------
    InputError
        Where an entry cannot be computed: nothing is skipped.
    """
    return tuple(_step(entry, facts, holdout, candidate, table, old) for entry in entries)


def _step(entry: Entry, facts: Facts, holdout: pd.DataFrame, candidate: Model, table: Model, old: Model | None) -> Step:
    checks = _asked(entry, facts, holdout, candidate, table)
    main, own = checks[MAIN], checks.get(FLOOR)
    value, kept = main.details["candidate"], main.details["baseline"]
    if not math.isclose(value, kept, rel_tol=_ROUNDING, abs_tol=_ROUNDING):
        raise InputError(
            f"{entry.name}: the candidate comes to {value:.6g} and the table of its answers to {kept:.6g}",
            fix="the table does not hold what this metric needs of the model; please report it as a bug",
        )
    name = entry.entry or entry.gate.name
    new = Measured(metric=main.details["metric"], value=value, interval=None if own is None else own.interval)
    if old is None:
        return Step(entry=name, new=new)
    before = _asked(entry, facts, holdout, candidate, old)[MAIN]
    return Step(entry=name, new=new, old=before.details["baseline"])


def _asked(entry: Entry, facts: Facts, holdout: pd.DataFrame, candidate: Model, baseline: Model) -> dict[str, Check]:
    """Return the gate's checks by code; InputError where the main one could not be made."""
    kept = {name: getattr(entry.settings, name) for name in _METRIC}
    # A floor makes the gate say the interval of the metric itself; its value is not looked at.
    settings = entry.gate.settings.model_construct(**kept, floor=0.0)
    inputs = Inputs(facts=facts, values={"candidate": candidate, "baseline": baseline, "holdout": holdout})
    checks = {check.code: check for check in run_gate(entry.gate, settings, inputs, entry=entry.entry).checks}
    if MAIN not in checks or None in (checks[MAIN].details[name] for name in ("candidate", "baseline")):
        found = next(iter(checks.values()))
        raise InputError(f"{entry.name}: {found.message}", fix=found.fix, details=found.details)
    return checks


def new_record(
    path: Path,
    digest: str,
    *,
    candidate: Model,
    source: str,
    holdout: TableRead,
    steps: Iterable[Step],
    before: GoldenRecord | None,
    reason: str,
    author: str,
    time: str,
    new_holdout: bool,
) -> GoldenRecord:
    """Return the record of a golden table that is about to be written; ``before`` goes to the head of its history."""
    history = () if before is None else (replace(before, history=()), *before.history)
    return GoldenRecord(
        table=path.name,
        table_digest=digest,
        source=source,
        source_digest=candidate.digest,
        holdout_digest=holdout.digest,
        holdout_rows=holdout.rows,
        metrics={step.entry: step.new for step in steps},
        reason=reason,
        author=author,
        time=time,
        accepted_worse=tuple(step.entry for step in steps if step.worse),
        new_holdout=new_holdout,
        history=history,
    )


def as_parquet(frame: pd.DataFrame) -> bytes:
    """Return a table as the bytes of a Parquet file; InputError where a column is of no type that it has."""
    buffer = io.BytesIO()
    try:
        frame.to_parquet(buffer, index=False)
    except (TypeError, ValueError) as error:  # pyarrow's errors are these
        raise InputError(
            f"the candidate's answers cannot be kept as Parquet: {error}", fix="answer with values of one type"
        ) from error
    return buffer.getvalue()


def stored(content: bytes, facts: Facts) -> Model:
    """Return the handle over the bytes of a table that is about to be written."""
    import pyarrow.parquet as pq

    from pytest_mlgate.artifacts.predictions import load_predictions

    frame = pq.read_table(io.BytesIO(content)).to_pandas()
    return load_predictions(frame, id=str(facts.id), source="the table of its answers")
