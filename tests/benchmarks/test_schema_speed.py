"""The schema gate against pandera alone, on the same rows: ``pytest -m benchmark -s tests/benchmarks``.

Times are CPU seconds of this process, both run and run about; what is printed is their ratio. Memory is the peak of
what Python, numpy and Arrow allocate beyond the table, as a share of the table.
"""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow
import pytest

from pytest_mlgate import check_schema
from pytest_mlgate.checks import Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.schema import GATE, Settings
from pytest_mlgate.tables.contract import parse_contract
from tests.benchmarks.measuring import RUNS, alternate, seconds, tell

pytestmark = pytest.mark.benchmark

ROWS = 1_000_000
LEVELS = ["a", "b", "c"]


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """30 floats, 15 integers and 5 columns of text; a label that one float knows a little of."""
    return table(ROWS, seed=0)


def table(rows: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {f"x{i}": rng.normal(size=rows) for i in range(30)}
    columns |= {f"k{i}": rng.integers(0, 100, rows) for i in range(14)}
    columns |= {f"t{i}": rng.choice(np.array(LEVELS, dtype=object), rows) for i in range(5)}
    return pd.DataFrame({**columns, "late": (columns["x0"] + rng.normal(size=rows) > 1).astype(int)})


def schema_of(frame: pd.DataFrame) -> pa.DataFrameSchema:
    kinds = {"x": (float, pa.Check.in_range(-10, 10)), "k": (int, pa.Check.in_range(0, 99)), "l": (int, None)}
    kinds["t"] = (str, pa.Check.isin(LEVELS))
    return pa.DataFrameSchema({name: pa.Column(*kinds[name[0]]) for name in frame})


def spec_of(frame: pd.DataFrame) -> Any:
    kinds = {
        "x": "{dtype: number, checks: {in_range: [-10, 10]}}",
        "k": "{dtype: integer, checks: {in_range: [0, 99]}}",
    }
    kinds |= {"l": "integer", "t": "{dtype: string, checks: {isin: [a, b, c]}}"}
    return parse_contract("columns:\n" + "".join(f"  {name}: {kinds[name[0]]}\n" for name in frame))


def peak(work: Callable[[], Any], frame: pd.DataFrame) -> float:
    before = pyarrow.total_allocated_bytes()
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1] + max(pyarrow.total_allocated_bytes() - before, 0)
    tracemalloc.stop()
    return float(found / frame.memory_usage(index=False).sum())


def run(settings: Settings, **tables: pd.DataFrame) -> Any:
    return run_gate(GATE, settings, Inputs(facts=Facts(target="late"), values=tables))


@pytest.mark.parametrize("form", ["pandera", "yaml"])
def test_a_million_rows_of_fifty_columns_against_pandera_alone(frame: pd.DataFrame, form: str) -> None:
    schema = schema_of(frame)
    contract = schema if form == "pandera" else spec_of(frame)
    pairs = [
        (seconds(lambda: check_schema(frame, contract)), seconds(lambda: schema.validate(frame, lazy=True)))
        for _ in range(RUNS)
    ]
    shares = peak(lambda: check_schema(frame, contract), frame), peak(lambda: schema.validate(frame, lazy=True), frame)

    tell(
        f"a million rows against a schema, {form}",
        dict(zip(("ours", "pandera"), zip(*pairs, strict=True), strict=True)),
    )
    print(f"  memory beyond the table: {shares[0]:.2f} of it, pandera alone {shares[1]:.2f}")
    assert check_schema(frame, contract).outcome is Outcome.PASS


def test_a_tenth_of_one_column_out_of_range(frame: pd.DataFrame) -> None:
    schema, broken = schema_of(frame), frame.assign(x1=frame["x1"].where(np.arange(ROWS) % 10 > 0, 99.0))

    def alone() -> None:
        with pytest.raises(pa.errors.SchemaErrors):
            schema.validate(broken, lazy=True)

    pairs = [(seconds(lambda: check_schema(broken, schema)), seconds(alone)) for _ in range(RUNS)]

    tell("100 000 failures", dict(zip(("ours", "pandera"), zip(*pairs, strict=True), strict=True)))
    print(f"  memory beyond the table: {peak(lambda: check_schema(broken, schema), broken):.2f} of it")
    assert check_schema(broken, schema).outcome is Outcome.FAIL


def test_what_the_sanity_questions_cost(frame: pd.DataFrame) -> None:
    holdout, schema = table(ROWS // 4, seed=1), schema_of(frame)
    plain, asking = Settings(schema=schema, sanity=False), Settings(schema=schema)
    ways = {"with sanity": asking, "without": plain}
    works = {name: partial(run, way, train=frame, holdout=holdout) for name, way in ways.items()}

    tell("what the sanity questions cost, both tables", alternate(works))
    print(f"  memory beyond the tables: {peak(lambda: run(asking, train=frame, holdout=holdout), frame):.2f} of train")
    assert run(asking, train=frame, holdout=holdout).outcome is Outcome.PASS
