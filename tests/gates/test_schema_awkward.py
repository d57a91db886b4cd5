"""Tables that engines could take differently break the same rules of a schema, whatever asks them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pytest_mlgate import check_schema
from pytest_mlgate.checks import GateResult
from pytest_mlgate.tables.contract import parse_contract
from tests.tables.awkward import TABLES
from tests.tables.test_engines import ENGINES, OTHERWISE

RULES = {
    "number": "{dtype: number, checks: {in_range: [-10, 10]}}",
    "whole": "{dtype: integer, unique: true, nullable: true}",
    "word": "{dtype: string, checks: {isin: [a, b, x]}}",
    "moment": "{dtype: datetime, nullable: true}",
    "any": "{nullable: true, unique: true}",
}
"""By column, which all have the same values, a rule that some of the tables keep and others break."""


def told(result: GateResult) -> list[tuple[Any, ...]]:
    """What is found, in an order of names: in memory types come first, and each column's checks together elsewhere."""
    return sorted((check.subject, check.code, check.outcome.value, check.observed, check.n) for check in result.checks)


CONTRACT = parse_contract("columns:\n" + "".join(f"  {name}: {rule}\n" for name, rule in RULES.items()))


@pytest.mark.parametrize("name", TABLES)
def test_every_engine_finds_what_is_found_in_memory(name: str, tmp_path: Path) -> None:
    table = pa.table(dict.fromkeys(RULES, TABLES[name]))
    expected = told(check_schema(table.to_pandas(), CONTRACT))

    for engine, make in ENGINES.items():
        if (engine, name) not in OTHERWISE:
            (tmp_path / engine).mkdir()
            assert told(check_schema(make(table, tmp_path / engine), CONTRACT)) == expected, engine
