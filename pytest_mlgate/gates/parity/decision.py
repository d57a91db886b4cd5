"""The gate itself: open both sides, ask them about every table, and say what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError
from pytest_mlgate.gates.base import Inputs
from pytest_mlgate.gates.parity import report
from pytest_mlgate.gates.parity.answers import SideError
from pytest_mlgate.gates.parity.evidence import Evidence, Failure, Sides, gather
from pytest_mlgate.gates.parity.patterns import WHOLE
from pytest_mlgate.gates.parity.process import ask_in_another_process
from pytest_mlgate.gates.parity.reproduction import name_of, regression_test
from pytest_mlgate.gates.parity.settings import TABLES, Settings
from pytest_mlgate.gates.parity.sides import Ask, SideSpec, is_candidate, open_side

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.parity.search import Search

# Columns of which the smallest rows are searched for; the others show the first real row that differs.
_SEARCHED = 3
# Real rows that changed ones are made of; they are asked once more, alone, before any is changed.
_POOL = 100


def judge(settings: Settings, inputs: Inputs) -> list[Check]:
    """Ask both sides about the rows of every table and compare them.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        At least one of ``serving``, ``holdout`` and ``train``; ``candidate`` where ``train`` is that word.

    Raises
    ------
    InputError
        Where there is no table, a side cannot be found, or a column of `send` is not there.
    """
    tables = _tables(settings, inputs)
    train, serve = _specs(settings, inputs)
    with ExitStack() as stack:
        try:
            asks = stack.enter_context(open_side(train, inputs)), stack.enter_context(open_side(serve, inputs))
        except SideError as error:
            return report.failure_checks([_not_started(tables, error)], sensitive=bool(inputs.facts.sensitive))
        # A table's own columns are sent: requests may have fewer than training rows.
        sides = {name: _sides(settings, inputs, rows, name, asks, serve) for name, rows in tables.items()}
        seconds, seed = settings.seconds, inputs.facts.seed
        evidence = [gather(name, rows, sides[name], seconds=seconds, seed=seed) for name, rows in tables.items()]
        return _checks(settings, inputs, evidence, sides)


def _tables(settings: Settings, inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Return the chosen rows of each table, with their place in it as index."""
    from pytest_mlgate.gates.parity.choosing import choose_rows

    given = [name for name in settings.tables or TABLES if inputs.given(name)]
    absent = [name for name in settings.tables or () if name not in given]
    if absent:
        raise InputError(
            f"parity: `tables` names {absent[0]!r}, and no {absent[0]} is configured",
            fix=f"set `{absent[0]}` under [data], or take it out of `tables`",
        )
    if not given:
        raise InputError(
            "parity: no table is configured, so there are no rows to ask about",
            fix=f"set one of {', '.join(TABLES)} under [data]",
        )
    chosen: dict[str, pd.DataFrame] = {}
    for name in given:
        frame = inputs.table(name)
        if not len(frame):
            raise InputError(f"parity: {name} has no rows", fix="give a table with rows")
        chosen[name] = choose_rows(frame, n=settings.rows, seed=inputs.facts.seed)
    return chosen


def _specs(settings: Settings, inputs: Inputs) -> tuple[SideSpec, SideSpec]:
    common: dict[str, Any] = {"timeout": settings.timeout, "roots": inputs.facts.import_roots}
    train = SideSpec(side="train", target=settings.train, **common)
    serve = SideSpec(
        side="serve",
        target=settings.serve,
        path=settings.path,
        method=settings.method,
        request=settings.request,
        response=settings.response,
        **common,
    )
    return train, serve


def _sides(
    settings: Settings, inputs: Inputs, rows: pd.DataFrame, table: str, asks: tuple[Ask, Ask], serve: SideSpec
) -> Sides:
    facts = inputs.facts
    aside = {facts.target, facts.weight}
    send = settings.send or tuple(name for name in rows.columns if name not in aside)
    if facts.target in send:
        raise InputError(
            f"parity: `send` names the target {facts.target!r}, which no service can know", fix="take it out of `send`"
        )
    missing = [name for name in send if name not in rows.columns]
    if missing or not send:
        what = f"has no column {missing[0]!r}, which `send` names" if missing else "has no column but the target"
        raise InputError(f"parity: {table} {what}", fix="correct `send`, or name under `tables` those that have it")
    return Sides(
        train=asks[0],
        serve=asks[1],
        elsewhere=(lambda some: ask_in_another_process(serve, some)) if serve.portable else None,
        send=send,
        exclude=settings.exclude,
        target=None if is_candidate(settings.train) else facts.target,
        tolerances=settings.tolerances,
    )


def _not_started(tables: dict[str, pd.DataFrame], error: SideError) -> Evidence:
    name, rows = next(iter(tables.items()))
    failure = Failure(side="serve", pattern=WHOLE, error=error, calls=1, row=None)
    return Evidence(table=name, rows=rows, changed={}, failures=(failure,))


def _checks(settings: Settings, inputs: Inputs, evidence: list[Evidence], sides: Mapping[str, Sides]) -> list[Check]:
    sensitive = inputs.facts.sensitive
    checks = [
        *report.failure_checks(evidence, sensitive=bool(sensitive)),
        *report.unstable_checks(evidence),
        *report.column_checks(evidence),
        *report.changed_checks(evidence),
        *report.moved_checks(evidence),
    ]
    contract = _contract(settings, inputs)
    checks += _differences(settings, inputs, evidence, sides, contract)
    search = None
    if not checks and settings.searches:
        checks, search = _changed_rows(settings, inputs, evidence[0], sides[evidence[0].table], contract)
    return checks or [report.agreement(evidence, search)]


def _contract(settings: Settings, inputs: Inputs) -> Any:
    from pytest_mlgate.gates.schema.contracts import load_contract

    return None if settings.contract is None else load_contract(settings.contract, inputs.facts.import_roots)


def _differences(
    settings: Settings, inputs: Inputs, evidence: list[Evidence], sides: Mapping[str, Sides], contract: Any
) -> Iterator[Check]:
    from pytest_mlgate.gates.parity.smallest import smallest_rows

    found = report.differing(evidence)
    searched = found[:_SEARCHED] if settings.searches else []
    for one in found:
        search = test = None
        asked = sides[one.evidence.table]
        if one in searched:
            search = smallest_rows(
                one.evidence.rows,
                one.name,
                one.patterns[0],
                asked,
                contract=contract,
                seconds=settings.seconds / len(searched),
                seed=inputs.facts.seed,
                **_kept(settings, inputs, one.evidence.table),
            )
        if search is not None and search.found is not None:
            test = regression_test(search.found, one.name, settings=settings, facts=inputs.facts, sides=asked)
        yield report.difference_check(one, search, test=test, sensitive=inputs.facts.sensitive)


def _changed_rows(
    settings: Settings, inputs: Inputs, evidence: Evidence, sides: Sides, contract: Any
) -> tuple[list[Check], Search | None]:
    """Look for a row that differs among changed ones: what no table holds may be asked all the same."""
    from pytest_mlgate.gates.parity.choosing import choose_rows
    from pytest_mlgate.gates.parity.smallest import changed_rows, counted, shown_by

    seed = inputs.facts.seed
    try:
        search = changed_rows(
            choose_rows(evidence.rows, n=_POOL, seed=seed),
            sides,
            contract=contract,
            seconds=settings.seconds,
            examples=settings.examples,
            seed=seed,
            **_kept(settings, inputs, evidence.table),
        )
    except SideError as error:  # it hangs on a changed row
        hung = Failure(side="serve", pattern=WHOLE, error=error, calls=1, row=None)
        failed = [replace(evidence, failures=(hung,))]
        return report.failure_checks(failed, sensitive=bool(inputs.facts.sensitive)), None
    if search.found is None:
        return [], search
    smallest = search.found
    names = shown_by(smallest.rows, WHOLE, sides, failures=counted(contract))
    test = regression_test(smallest, names[0] if names else "", settings=settings, facts=inputs.facts, sides=sides)
    return [report.changed_row_check(names, smallest, search, test=test, sensitive=inputs.facts.sensitive)], search


def _kept(settings: Settings, inputs: Inputs, table: str) -> dict[str, Any]:
    """Return where found rows are kept, and under what: nowhere while a column is sensitive, since they hold values."""
    facts = inputs.facts
    parts = (settings.name, name_of(settings.train), name_of(settings.serve), settings.path, table)
    return {
        "database": Path(facts.kept) if facts.kept and not facts.sensitive else None,
        "key": " ".join(part or "-" for part in parts),
    }
