"""Gate ``schema``: every table fits the contract that the model was built on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ConfigDict, Field, field_validator

from pytest_mlgate.checks import Check, GateResult, InputError, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Gate, GateSettings, Inputs, run_gate
from pytest_mlgate.gates.schema.codes import CODES, FIX
from pytest_mlgate.gates.schema.contracts import bind, load_contract
from pytest_mlgate.gates.schema.report import failed_check
from pytest_mlgate.gates.schema.validation import ALL_ROWS, Failure, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pandas as pd

TABLES = ("train", "holdout", "reference", "current", "serving")
"""Tables that are validated where they are given."""

UNLABELLED = ("current", "serving")
"""Tables whose labels may not be there yet."""


class Settings(GateSettings):
    """Settings of the gate ``schema``."""

    model_config = ConfigDict(populate_by_name=True)

    contract: Any = Field(alias="schema")
    """Under the key ``schema``: an import path ``package.module:Name`` of a pandera schema or model, or a YAML file."""
    tables: tuple[Literal["train", "holdout", "reference", "current", "serving"], ...] | None = None
    """The tables to validate; default: every one that is given."""
    max_examples: int = Field(default=5, ge=0, le=1000)
    """How many offending rows each check names."""

    @field_validator("contract")
    @classmethod
    def _names_a_schema(cls, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float | list | tuple | dict):
            raise ValueError("give an import path `package.module:Name` or a .yaml file")
        if isinstance(value, str) and ":" not in value and not value.lower().endswith((".yaml", ".yml")):
            raise ValueError(f"{value!r} is neither an import path `package.module:Name` nor a .yaml file")
        return value

    @field_validator("tables")
    @classmethod
    def _names_a_table(cls, value: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if value is not None and not value:
            raise ValueError("the list is empty: nothing would be validated")
        return value


def check_schema(
    frame: pd.DataFrame | str | Path,
    schema: Any,
    *,
    name: str = "table",
    target: str | None = None,
    max_examples: int = 5,
    sensitive: Sequence[str] = (),
) -> GateResult:
    """Validate one table against a schema; all failures at once.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_rows, n_columns), or path
        Never changed, also by a schema that coerces.
    schema : pandera.DataFrameSchema, DataFrameModel class, or str
        The schema, its import path ``package.module:Name``, or a YAML file.
    name : str
        What the checks call the table.
    target : str or None
        A column that may be absent, since labels come later; validated where it is there.
    max_examples : int
        How many offending rows each check names.
    sensitive : sequence of str
        Columns whose values no message shows.

    Returns
    -------
    GateResult
        One passing check, or one for each column and rule that failed.

    Examples
    --------
    >>> import pandas as pd
    >>> import pandera.pandas as pa
    >>> schema = pa.DataFrameSchema({"temp": pa.Column(float, pa.Check.in_range(0, 120))})
    >>> check_schema(pd.DataFrame({"temp": [50.0, 500.0]}), schema).checks[0].subject
    'table.temp.in_range'
    """
    facts = Facts(target=target, sensitive=tuple(sensitive))

    def run(_: GateSettings, inputs: Inputs) -> list[Check]:
        import pandas as pd

        contract = load_contract(schema)
        # A frame is taken as it is: the schema may speak of its index.
        table = frame if isinstance(frame, pd.DataFrame) else inputs.table(name)
        return _judge(table, contract, max_examples, facts, (name,), unlabelled=target is not None)

    gate = replace(GATE, settings=GateSettings, run=run)
    return run_gate(gate, GateSettings(), Inputs(facts=facts, values={name: frame}))


def _run(settings: Settings, inputs: Inputs) -> list[Check]:
    from pytest_mlgate.tables.profile import Profile

    given = [name for name in settings.tables or TABLES if inputs.given(name)]
    if settings.tables is not None:
        for name in settings.tables:
            if name not in given:
                raise InputError(
                    f"schema: `tables` names {name!r}, and no {name} is configured",
                    fix=f"set `{name}` under [data], or take it out of `tables`",
                )
    profiles = [name for name in given if settings.tables is None and isinstance(inputs.values[name], Profile)]
    given = [name for name in given if name not in profiles]
    if not given:
        raise InputError(
            "schema: no table is configured, so there is nothing to validate",
            fix=f"set one of {', '.join(TABLES)} under [data]",
        )
    contract = load_contract(settings.contract, inputs.facts.import_roots)
    checks = [check for names in _grouped(inputs, given) for check in _judge_given(inputs, names, contract, settings)]
    return [*checks, *(_without_rows(name) for name in profiles)]


def _grouped(inputs: Inputs, names: list[str]) -> Iterator[tuple[str, ...]]:
    """Names of tables; those that are one and the same object come together, to be judged once."""
    groups: dict[int, list[str]] = {}
    for name in names:
        groups.setdefault(id(inputs.values[name]), []).append(name)
    return (tuple(group) for group in groups.values())


def _judge_given(inputs: Inputs, names: tuple[str, ...], contract: Any, settings: Settings) -> list[Check]:
    try:
        frame = inputs.table(names[0])
    except InputError as error:  # one table that cannot be read must not hide what the others hold
        return [_not_judged(names[0], error.message, error.fix, n=None)]
    unlabelled = all(name in UNLABELLED for name in names)
    return _judge(frame, contract, settings.max_examples, inputs.facts, names, unlabelled=unlabelled)


def _judge(
    frame: pd.DataFrame, contract: Any, limit: int, facts: Facts, names: tuple[str, ...], *, unlabelled: bool
) -> list[Check]:
    table = names[0]
    if not len(frame):
        return [_not_judged(table, f"{table} has no rows", "give a table with rows", n=0)]
    twice = list(dict.fromkeys(str(name) for name in frame.columns[frame.columns.duplicated()]))
    doubled = [Failure(kind="unexpected", column=name, rule="unique_column_names", rows=ALL_ROWS) for name in twice]
    frame = frame.loc[:, ~frame.columns.duplicated()]
    bound = bind(contract, frame, target=facts.target, labels_may_be_absent=unlabelled)
    strangers = _strangers(bound.schema, frame)
    if strangers:
        return [_not_judged(table, f"{table} {strangers}", "", n=len(frame))]
    waiting = facts.target if unlabelled and facts.target not in frame.columns else None
    failures = doubled + validate(frame, bound)
    checks = [failed_check(failure, table, frame, limit, facts, waiting) for failure in failures]
    checks += _unasked(bound.schema, frame, table)
    if all(check.outcome is Outcome.SKIP for check in checks):
        checks.insert(0, _fits(frame, bound.schema, names, waiting))
    return checks


def _fits(frame: pd.DataFrame, schema: Any, names: tuple[str, ...], waiting: str | None) -> Check:
    message = f"{len(frame)} rows, {len(frame.columns)} columns fit the schema"
    if len(names) > 1:
        message += f" (the same table is {', '.join(names[1:])})"
    if waiting is not None and waiting in schema.columns:
        message += f"; {waiting} is not there yet, which the target may be"
    details = {"columns": [str(name) for name in frame.columns], "also": list(names[1:])}
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


def _strangers(schema: Any, frame: pd.DataFrame) -> str:
    """What to say where the schema and the table have no column in common."""
    import re

    if not schema.columns:
        return ""
    names = [str(name) for name in frame.columns]
    for key, column in schema.columns.items():
        if key in frame.columns or (column.regex and any(re.match(str(key), name) for name in names)):
            return ""
    return f"has columns {_short(names)}, the schema {_short(str(key) for key in schema.columns)}: none in common"


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


GATE = Gate(name="schema", codes=CODES, settings=Settings, inputs=(), optional=TABLES, run=_run)
