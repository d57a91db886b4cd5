"""Gate ``schema``: every table fits the contract that the model was built on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, GateResult, InputError, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Gate, GateSettings, Inputs, run_gate
from pytest_mlgate.gates.schema.codes import CODES, FIX
from pytest_mlgate.gates.schema.contracts import bind, load_contract, loosen, name_of
from pytest_mlgate.gates.schema.contradictions import refuse_contradictions
from pytest_mlgate.gates.schema.places import asked_here, check_volume, failures_of_place, place_of, places_of_schema
from pytest_mlgate.gates.schema.polars_tables import as_polars, collected, is_polars, is_polars_schema
from pytest_mlgate.gates.schema.report import failed_check
from pytest_mlgate.gates.schema.settings import Settings as Settings
from pytest_mlgate.gates.schema.validation import ALL_ROWS, Failure, validate
from pytest_mlgate.tables.places import PLACES, PREDICTIONS, Place, PlaceSettings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

TABLES = PLACES[:-1]
"""Tables that are validated where they are given."""

UNLABELLED = ("current", "serving", PREDICTIONS)
"""Tables whose labels may not be there yet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Task:
    """One table, under all its names, and what is asked of it."""

    names: tuple[str, ...]
    contract: Any
    called: str
    place: Place
    limit: int
    facts: Facts

    @property
    def waits_for(self) -> frozenset[str]:
        """Columns that may be absent."""
        unlabelled = self.facts.target is not None and all(name in UNLABELLED for name in self.names)
        late = {self.facts.target} - self.place.required if unlabelled else set()
        return self.place.optional | {name for name in late if name is not None}


def check_schema(
    frame: pd.DataFrame | str | Path,
    schema: Any,
    *,
    name: str = "table",
    target: str | None = None,
    place: Mapping[str, Any] | None = None,
    max_examples: int = 5,
    sensitive: Sequence[str] = (),
) -> GateResult:
    """Validate one table against a schema; all failures at once.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_rows, n_columns), polars frame, or path
        Never changed, also by a schema that coerces. A polars LazyFrame is collected.
    schema : pandera.DataFrameSchema, DataFrameModel class, or str
        The schema, of ``pandera.pandas`` or ``pandera.polars``, its import path ``package.module:Name``, or a YAML
        file. A frame of the other library is converted.
    name : str
        What the checks call the table; the place that columns of the schema name in their metadata.
    target : str or None
        A column that may be absent, since labels come later; validated where it is there.
    place : Mapping or None
        What is different for this table, as ``[gates.schema.places.<name>]`` says it:
        ``{"forbidden": ["late"], "min_rows": 100}``.
    max_examples : int
        How many offending rows each check names.
    sensitive : sequence of str
        Columns whose values no message shows.

    Returns
    -------
    GateResult
        One passing check, or one for each column and rule that failed.

    Raises
    ------
    ValueError
        Where ``place`` has an unknown key, or contradicts itself.

    Examples
    --------
    >>> import pandas as pd
    >>> import pandera.pandas as pa
    >>> schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check.in_range(0, 120))})
    >>> check_schema(pd.DataFrame({"temp": [50.0, 500.0]}), schema).checks[0].subject
    'table.temp.in_range'
    """
    facts = Facts(target=target, sensitive=tuple(sensitive))
    places = {} if place is None else {name: PlaceSettings.model_validate(dict(place))}

    def run(_: GateSettings, inputs: Inputs) -> list[Check]:
        import pandas as pd

        contract = load_contract(schema)
        called = name_of(contract, schema)
        here = _place(name, places, contract, called)
        if target is not None:
            here = replace(here, optional=here.optional | ({target} - here.required))
        task = _Task(names=(name,), contract=contract, called=called, place=here, limit=max_examples, facts=facts)
        # A frame is taken as it is: the schema may speak of its index.
        if isinstance(frame, pd.DataFrame):
            return _judge(frame, None, task)
        return _judge(*_read(inputs, name), task)

    gate = replace(GATE, settings=GateSettings, run=run)
    return run_gate(gate, GateSettings(), Inputs(facts=facts, values={name: frame}))


def usable(settings: Settings, import_roots: tuple[str, ...] = ()) -> None:
    """Load what settings name as the schema, and look at it in every place that they speak of; no table is needed.

    Raises
    ------
    InputError
        The schema is not there, does not load, contradicts itself, or does not know what a place names.
    """
    contract = load_contract(settings.contract, import_roots)
    called = name_of(contract, settings.contract)
    for name in dict.fromkeys((*TABLES, *settings.places)):
        _place(name, settings.places, contract, called)


def _run(settings: Settings, inputs: Inputs) -> list[Check]:
    import pandas as pd

    from pytest_mlgate.gates.schema.outputs import check_outputs
    from pytest_mlgate.gates.schema.sanity import check_sanity
    from pytest_mlgate.tables.profile import Profile

    given = _given(settings, inputs)
    profiles = [name for name in given if settings.tables is None and isinstance(inputs.values.get(name), Profile)]
    given = [name for name in given if name not in profiles]
    if not given:
        raise InputError(
            "schema: no table is configured, so there is nothing to validate",
            fix=f"set one of {', '.join(TABLES)} under [data]",
        )
    contract = load_contract(settings.contract, inputs.facts.import_roots)
    called = name_of(contract, settings.contract)
    places = {name: _place(name, settings.places, contract, called) for name in given}
    inputs = _with_predictions(inputs) if PREDICTIONS in given else inputs
    checks: list[Check] = []
    frames: dict[str, pd.DataFrame] = {}
    for names in _grouped(inputs, places):
        task = _Task(
            names=names,
            contract=contract,
            called=called,
            place=places[names[0]],
            limit=settings.max_examples,
            facts=inputs.facts,
        )
        found, frame = _judge_given(inputs, task)
        checks += found
        frames |= {} if frame is None else dict.fromkeys(names, frame)
    checks += [_without_rows(name) for name in profiles]
    if PREDICTIONS not in given and PREDICTIONS in places_of_schema(bind(contract, pd.DataFrame()).schema):
        checks.append(_predictions_not_judged())
    if settings.outputs is not None:
        checks += check_outputs(settings.outputs, inputs, settings.max_examples)
    if settings.sanity is not None:
        tables = {name: frame for name, frame in frames.items() if name != PREDICTIONS}
        checks += check_sanity(settings.sanity, inputs, tables, settings.max_examples)
    return checks


def _given(settings: Settings, inputs: Inputs) -> list[str]:
    tables = settings.tables or (PLACES if settings.judges_predictions else TABLES)
    given: list[str] = [name for name in tables if inputs.given("candidate" if name == PREDICTIONS else name)]
    for name in settings.tables or ():
        if name not in given:
            raise InputError(
                f"schema: `tables` names {name!r}, and no {name} is configured",
                fix=f"set `{name}` under [data], or take it out of `tables`",
            )
    return given


def _with_predictions(inputs: Inputs) -> Inputs:
    """The candidate's table of predictions as one more table."""
    model = inputs.model("candidate")
    if model.table is None:
        raise InputError(
            f"schema: {PREDICTIONS} is judged, and the candidate is a model ({model.kind}), not a table of predictions",
            fix=f"take {PREDICTIONS!r} out of `tables` and `places`; `outputs` judges what a model answers",
        )
    return replace(inputs, values={**inputs.values, PREDICTIONS: model.table.frame})


def _place(name: str, places: Mapping[Any, PlaceSettings], contract: Any, called: str) -> Place:
    import pandas as pd

    from pytest_mlgate.tables.contract import TableSpec

    schema = bind(contract, pd.DataFrame()).schema
    lines = {column.name: column.line for column in contract.columns} if isinstance(contract, TableSpec) else {}
    refuse_contradictions(schema, called, lines)
    return place_of(name, places, schema)


def _grouped(inputs: Inputs, places: Mapping[str, Place]) -> Iterator[tuple[str, ...]]:
    """Names of tables; those that are one object and asked the same come together, to be judged once."""
    groups: dict[tuple[int, Place], list[str]] = {}
    for name, place in places.items():
        groups.setdefault((id(inputs.values[name]), place), []).append(name)
    return (tuple(group) for group in groups.values())


def _judge_given(inputs: Inputs, task: _Task) -> tuple[list[Check], pd.DataFrame | None]:
    """Return a table's checks, and the table where it has rows."""
    try:
        frame, native = _read(inputs, task.names[0])
    except InputError as error:  # one table that cannot be read must not hide what the others hold
        return [_not_judged(task.names[0], error.message, error.fix, n=None)], None
    return _judge(frame, native, task), frame if len(frame) else None


def _read(inputs: Inputs, name: str) -> tuple[pd.DataFrame, Any]:
    """Return a table as a pandas frame, and as the polars frame that it was given as, if it was."""
    value = inputs.value(name)
    if not is_polars(value):
        return inputs.table(name), None
    native = collected(value, name)
    return replace(inputs, values={**inputs.values, name: native}).table(name), native


def _judge(frame: pd.DataFrame, native: Any, task: _Task) -> list[Check]:
    table = task.names[0]
    if not len(frame):
        return [_not_judged(table, f"{table} has no rows", "give a table with rows", n=0)]
    twice = list(dict.fromkeys(str(name) for name in frame.columns[frame.columns.duplicated()]))
    doubled = [Failure(kind="unexpected", column=name, rule="unique_column_names", rows=ALL_ROWS) for name in twice]
    frame = frame.loc[:, ~frame.columns.duplicated()] if twice else frame
    bound = bind(task.contract, frame)
    if _are_strangers(bound.schema, frame):
        has, asks = _short(map(str, frame.columns)), _short(map(str, bound.schema.columns))
        message = f"{table} has no column of {task.called}: {table} has {has}; the schema asks for {asks}"
        return [_not_judged(table, message, "", n=len(frame))]
    waiting = loosen(bound, frame, required=task.place.required, optional=task.waits_for)
    if not is_polars_schema(bound.schema):
        native = None
    elif native is None:
        native = as_polars(frame, table)
    failures = failures_of_place(frame, task.place, bound.schema) + validate(frame, bound, native)
    failures = doubled + asked_here(failures, task.place)
    checks = [failed_check(failure, table, frame, task.limit, task.facts, waiting) for failure in failures]
    checks += check_volume(table, len(frame), task.place)
    checks += _unasked(bound.schema, frame, table)
    if all(check.outcome is Outcome.SKIP for check in checks):
        checks.insert(0, _fits(frame, bound.schema, task, waiting))
    return checks


def _fits(frame: pd.DataFrame, schema: Any, task: _Task, waiting: Collection[str]) -> Check:
    names, unasked = task.names, sorted(task.place.skipped)
    message = f"{len(frame)} rows, {len(frame.columns)} columns fit the schema"
    if len(names) > 1:
        message += f" (the same table is {', '.join(names[1:])})"
    absent = [name for name in waiting if name in schema.columns]
    if absent:
        message += f"; {', '.join(absent)} {'is' if len(absent) == 1 else 'are'} not there yet, which may be"
    message += f"; not asked here: {_short(unasked)}" if unasked else ""
    details = {"columns": [str(name) for name in frame.columns], "also": list(names[1:]), "not_asked": unasked}
    return Check(
        code="MLG201",
        subject=names[0],
        outcome=Outcome.PASS,
        message=message,
        observed=0.0,
        limit=0.0,
        n=len(frame),
        details=details,
    )


def _not_judged(table: str, message: str, fix: str, *, n: int | None) -> Check:
    fix = fix or FIX["MLG209"]
    return Check(code="MLG209", subject=table, outcome=Outcome.ERROR, message=message, fix=fix, n=n)


def _without_rows(name: str) -> Check:
    message = f"{name} is a profile, which holds no rows to validate"
    fix = FIX["MLG209"]
    return Check(
        code="MLG209", subject=name, outcome=Outcome.SKIP, severity=Severity.NOTE, message=message, fix=fix, n=None
    )


def _predictions_not_judged() -> Check:
    return Check(
        code="MLG209",
        subject=PREDICTIONS,
        outcome=Outcome.SKIP,
        severity=Severity.NOTE,
        message="the schema says what predictions hold, and they are not judged: nothing names them",
        fix="where the candidate is a table of predictions, list `predictions` and the other tables under `tables`",
    )


def _are_strangers(schema: Any, frame: pd.DataFrame) -> bool:
    """Whether the schema and the table have no column in common."""
    import re

    names = [str(name) for name in frame.columns]
    return bool(schema.columns) and not any(
        key in frame.columns or (column.regex and any(re.match(str(key), name) for name in names))
        for key, column in schema.columns.items()
    )


def _short(names: Any) -> str:
    listed = list(names)
    return ", ".join(listed[:6]) + (f", ... ({len(listed)})" if len(listed) > 6 else "")


def _unasked(schema: Any, frame: pd.DataFrame, table: str) -> list[Check]:
    """Columns whose checks passed only because there was no value to look at."""
    found = []
    for name, column in schema.columns.items():
        if name in frame.columns and column.nullable and column.checks and frame[name].isna().all():
            found.append(
                Check(
                    code="MLG208",
                    subject=f"{table}.{name}",
                    outcome=Outcome.INCONCLUSIVE,
                    severity=Severity.WARN,
                    message=f"{table}.{name}: all {len(frame)} values are missing, so its checks have seen none",
                    fix="find out why the column is empty; remove it from the schema if it is not used",
                    n=len(frame),
                )
            )
    return found


GATE = Gate(name="schema", codes=CODES, settings=Settings, inputs=(), optional=(*TABLES, "candidate"), run=_run)
