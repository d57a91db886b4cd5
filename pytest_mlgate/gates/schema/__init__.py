"""Gate ``schema``: every table fits the contract that the model was built on."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, GateResult, InputError, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Gate, GateSettings, Inputs, run_gate
from pytest_mlgate.gates.schema.codes import CODES, FIX
from pytest_mlgate.gates.schema.contracts import load_contract, name_of, stated
from pytest_mlgate.gates.schema.contradictions import refuse_contradictions
from pytest_mlgate.gates.schema.engine_tables import judge_engine
from pytest_mlgate.gates.schema.judging import Task, judge, not_judged
from pytest_mlgate.gates.schema.places import place_of, places_of_schema
from pytest_mlgate.gates.schema.polars_tables import collected, is_polars, is_polars_schema
from pytest_mlgate.gates.schema.settings import Settings as Settings
from pytest_mlgate.tables.places import PLACES, PREDICTIONS, Place, PlaceSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from pytest_mlgate.tables.engines import Engine

TABLES = PLACES[:-1]
"""Tables that are validated where they are given."""


def check_schema(
    frame: pd.DataFrame | str | Path | Any,
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
    frame : pandas.DataFrame of shape (n_rows, n_columns), polars frame, lazy table, or path
        Never changed, also by a schema that coerces. Of a Parquet file, a folder or a pattern of such files, a query
        ``duckdb:SELECT ...`` or a lazy table of polars, duckdb or Spark, rows stay where they are: what footers and
        counts answer is not read, and the rest comes in batches (``docs/gates/schema.md``).
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
        contract = load_contract(schema)
        called = name_of(contract, schema)
        here = _place(name, places, contract, called)
        if target is not None:
            here = replace(here, optional=here.optional | ({target} - here.required))
        task = Task(names=(name,), contract=contract, called=called, place=here, limit=max_examples, facts=facts)
        engine = _engine(frame, contract)
        if engine is not None:
            return judge_engine(engine, task)
        # A frame is taken as it is: the schema may speak of its index.
        rows: tuple[Any, Any] = (frame, None) if _is_pandas(frame) else _read(inputs, name)
        return judge(*rows, task)

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
    tables: dict[str, Any] = {}
    for names in _grouped(inputs, places):
        task = Task(
            names=names,
            contract=contract,
            called=called,
            place=places[names[0]],
            limit=settings.max_examples,
            facts=inputs.facts,
        )
        found, table = _judge_given(inputs, task)
        checks += found
        tables |= {} if table is None else dict.fromkeys(names, table)
    checks += [_without_rows(name) for name in profiles]
    if PREDICTIONS not in given and PREDICTIONS in places_of_schema(stated(contract)):
        checks.append(_predictions_not_judged())
    if settings.outputs is not None:
        checks += check_outputs(settings.outputs, inputs, settings.max_examples)
    if settings.sanity is not None:
        tables.pop(PREDICTIONS, None)
        held, refused = _in_memory(inputs, tables)
        checks += refused + check_sanity(settings.sanity, inputs, held, settings.max_examples)
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
    from pytest_mlgate.tables.contract import TableSpec

    schema = stated(contract)
    lines = {column.name: column.line for column in contract.columns} if isinstance(contract, TableSpec) else {}
    refuse_contradictions(schema, called, lines)
    return place_of(name, places, schema)


def _grouped(inputs: Inputs, places: Mapping[str, Place]) -> Iterator[tuple[str, ...]]:
    """Names of tables; those that are one object and asked the same come together, to be judged once."""
    groups: dict[tuple[int, Place], list[str]] = {}
    for name, place in places.items():
        groups.setdefault((id(inputs.values[name]), place), []).append(name)
    return (tuple(group) for group in groups.values())


def _judge_given(inputs: Inputs, task: Task) -> tuple[list[Check], Any]:
    """Return a table's checks, and the table where it has rows: a frame, or an engine."""
    name = task.names[0]
    try:
        engine = _engine(inputs.value(name), task.contract, files=False)
        if engine is not None:
            return judge_engine(engine, task), engine if engine.rows else None
        frame, native = _read(inputs, name)
    except InputError as error:  # one table that cannot be read must not hide what the others hold
        return [not_judged(name, error.message, error.fix, n=None)], None
    return judge(frame, native, task), frame if len(frame) else None


def _in_memory(inputs: Inputs, tables: Mapping[str, Any]) -> tuple[dict[str, pd.DataFrame], list[Check]]:
    """Return tables as frames, and an error of each whose rows stay where they are and are too many to collect."""
    held, refused = {}, []
    for name, table in tables.items():
        try:
            held[name] = table if _is_pandas(table) else inputs.table(name)
        except InputError as error:  # what the schema has found must not be lost for it
            fix = "leave these questions out: `sanity = false` under [gates.schema], or give a part of the rows"
            refused.append(
                not_judged(f"{name}.sanity", f"leaks and lost order are not looked for: {error.message}", fix, n=None)
            )
    return held, refused


def _is_pandas(value: Any) -> bool:
    """Whether a value is a frame of pandas, which then is imported."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def _engine(value: Any, contract: Any, *, files: bool = True) -> Engine | None:
    """Return what answers for a table that need not be in memory, or None.

    Parameters
    ----------
    value : object
        A table, in any form.
    contract : TableSpec or pandera.DataFrameSchema
        One for polars is asked of the polars frame itself, collected.
    files : bool
        Whether the path of one Parquet file is such a table.
    """
    from pytest_mlgate.tables.engines.opening import engine_of
    from pytest_mlgate.tables.engines.parquet import open_files
    from pytest_mlgate.tables.parquet import open_parquet

    if is_polars(value) and is_polars_schema(contract):
        return None
    engine = engine_of(value)
    if engine is None and files and isinstance(value, str | os.PathLike):
        opened = open_parquet(value)
        return None if opened is None else open_files(opened.path)
    return engine


def _read(inputs: Inputs, name: str) -> tuple[pd.DataFrame, Any]:
    """Return a table as a pandas frame, and as the polars frame that it was given as, if it was."""
    value = inputs.value(name)
    if not is_polars(value):
        return inputs.table(name), None
    native = collected(value, name)
    return replace(inputs, values={**inputs.values, name: native}).table(name), native


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


GATE = Gate(name="schema", codes=CODES, settings=Settings, inputs=(), optional=(*TABLES, "candidate"), run=_run)
