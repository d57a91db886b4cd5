"""Tables that engines could take differently have one verdict, whatever asks them, and wherever their rows are."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.checks import Check, GateResult, Outcome
from pytest_mlgate.gates.drift.counted import EngineSide
from tests.tables.awkward import TABLES
from tests.tables.test_engines import ENGINES, OTHERWISE, REFUSED

ROWS = 240
INTERVALS = {("duckdb", "durations")}
"""Months, days and microseconds to duckdb: no durations, even when they are read."""


def sides(name: str) -> tuple[pa.Table, pa.Table]:
    """Return two tables of an awkward column and one of levels: all of its values, and the first ones more often."""
    array = TABLES[name]
    if not len(array):
        return (pa.table({"value": array, "word": pa.array([], pa.string())}),) * 2
    orders = [[i % len(array) for i in range(ROWS)], [(i * i // 3) % max(len(array) * 2 // 3, 1) for i in range(ROWS)]]
    words = [["a", "b", "a", None], ["b", "a", "b", "c"]]
    found = [
        pa.table({"value": array.take(pa.array(order)), "word": pa.array(some * (ROWS // 4))})
        for order, some in zip(orders, words, strict=True)
    ]
    return found[0], found[1]


def told(result: GateResult) -> list[tuple[str, str | None, Outcome, str]]:
    return [(check.subject, check.code, check.outcome, check.severity.value) for check in result.checks]


def without_zones(message: str) -> str:
    """Leave out that zones differ: some engines keep the moment, and not what its zone is called."""
    return re.sub("; time zones differ [^;]*; compared in UTC", "", message)


@pytest.mark.parametrize("name", TABLES)
def test_tables_that_fit_have_the_verdict_of_their_rows(name: str, tmp_path: Path) -> None:
    reference, current = sides(name)
    expected = check_drift(reference.to_pandas(), current.to_pandas())

    for engine, make in ENGINES.items():
        if (engine, name) in OTHERWISE:
            continue
        (tmp_path / engine).mkdir()
        found = check_drift(reference, make(current, tmp_path / engine))
        if (engine, name) in INTERVALS:
            assert told(found)[0] == ("value", "MLG504", Outcome.ERROR, "block")
            continue
        assert told(found) == told(expected), engine
        for check, same in zip(found.checks, expected.checks, strict=True):
            assert (check.observed, check.p, check.n) == (same.observed, same.p, same.n), engine
            assert without_zones(check.message) == same.message, engine


@pytest.mark.parametrize("counted", ["current", "both"])
@pytest.mark.parametrize("name", TABLES)
def test_tables_that_are_counted_have_it_within_what_they_say(name: str, counted: str, tmp_path: Path) -> None:
    tables = dict(zip(("reference", "current"), sides(name), strict=True))
    expected = {check.subject: check for check in check_drift(*(one.to_pandas() for one in tables.values())).checks}

    for engine, make in ENGINES.items():
        if (engine, name) in OTHERWISE:
            continue
        given = dict(tables)
        for side in tables if counted == "both" else (counted,):
            (tmp_path / engine / side).mkdir(parents=True)
            given[side] = make(tables[side], tmp_path / engine / side)
        found = check_drift(given["reference"], given["current"], rows_in_memory=100)
        if (engine, name) in REFUSED:
            assert told(found)[0] == ("value", "MLG504", Outcome.ERROR, "block"), engine
            assert found.checks[1:] == check_drift(*tables.values(), exclude=["value"]).checks, engine
            continue
        assert [check.subject for check in found.checks] == list(expected), engine
        for check in found.checks:
            agree(check, expected[check.subject], engine)


def agree(check: Check, same: Check, engine: str) -> None:
    """The same outcome, and a distance that is the rows' own, or lies for certain between the ends that are said."""
    exact = same.details.get("distance", same.observed)
    low, high = check.details.get("distance_interval", [check.details.get("distance", check.observed)] * 2)
    if exact is not None:
        assert low - 1e-12 <= exact <= high + 1e-12, engine
    else:
        assert low is None, engine
    if check.code == "MLG520":  # a limit lies between the ends, and more values than may be fetched
        assert any(low < limit < high for limit in (0.1, 0.2)), engine
        return
    assert (check.code, check.outcome, check.severity, check.n) == (same.code, same.outcome, same.severity, same.n), (
        engine
    )
    if same.p is not None:  # of ends that are apart, p of the lower one, which is the larger p
        assert check.p is not None
        assert check.p >= same.p * (1 - 1e-9), engine
        assert low < high or check.p == pytest.approx(same.p, rel=1e-9), engine


def test_every_side_is_an_engine(tmp_path: Path) -> None:
    """Which the tests above would pass without."""
    from pytest_mlgate.gates.drift.sides import side_of

    for engine, make in ENGINES.items():
        (tmp_path / engine).mkdir()
        assert isinstance(side_of(make(sides("ties")[1], tmp_path / engine), name="current"), EngineSide)
