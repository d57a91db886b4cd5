"""Gate parity with a side that was computed before: a stored table of features, joined by id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.parity import GATE, Settings, check_parity


def flights() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"flight": np.arange(30) + 100, "distance": rng.integers(100, 3000, 30)})


def build(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({"km": rows["distance"] * 1.6, "far": rows["distance"] > 1000})


def stored(path: Path, **changes: Any) -> str:
    """Write the features of all flights in another order; return the file's path."""
    rows = flights()
    table = build(rows).assign(**{"flight": rows["flight"], **changes}).sample(frac=1, random_state=1)
    table.to_parquet(path, index=False)
    return str(path)


def parity(serve: str, rows: pd.DataFrame | None = None, **arguments: Any) -> dict[str, Check]:
    rows = flights() if rows is None else rows
    return {check.subject: check for check in check_parity(build, serve, rows, **{"id": "flight", **arguments}).checks}


def test_a_stored_table_is_joined_by_id_in_any_order(tmp_path: Path) -> None:
    (check,) = parity(stored(tmp_path / "features.parquet")).values()

    assert check.outcome is Outcome.PASS
    assert check.message.startswith("2 columns agree on 30 rows of serving")
    assert "search" not in check.details


def test_a_stored_value_that_is_stale_shows_the_real_row(tmp_path: Path) -> None:
    km = build(flights())["km"].copy()
    km.iloc[4] += 1.0

    (check,) = parity(stored(tmp_path / "features.parquet", km=km)).values()

    assert (check.subject, check.code, check.outcome) == ("km", "MLG302", Outcome.FAIL)
    assert check.details["rows"] == [{"flight": 104, "distance": int(flights()["distance"][4])}]


def test_training_may_be_the_stored_side_beside_the_configuration(tmp_path: Path) -> None:
    stored(tmp_path / "features.parquet")
    facts = Facts(id="flight", import_roots=(str(tmp_path),))

    result = run_gate(
        GATE, Settings(train="features.parquet", serve=build), Inputs(facts=facts, values={"serving": flights()})
    )

    assert result.outcome is Outcome.PASS


@pytest.mark.parametrize("lost", [999, None])
def test_an_id_that_is_not_stored_is_an_error(tmp_path: Path, lost: Any) -> None:
    rows = flights().astype({"flight": "Int64"})
    rows.loc[2, "flight"] = lost

    check = parity(stored(tmp_path / "features.parquet"), rows)["serve.content"]

    assert (check.code, check.outcome) == ("MLG312", Outcome.ERROR)
    assert "serve has no stored row for an id: 1 of 30, the first" in check.message
    assert "row 2 of serving" in check.message


def test_an_id_that_is_sensitive_is_not_shown(tmp_path: Path) -> None:
    rows = flights()
    rows.loc[2, "flight"] = 987654
    path = stored(tmp_path / "features.parquet")

    assert "987654" in json.dumps([check.to_json() for check in parity(path, rows).values()])
    hidden = parity(path, rows, sensitive=["flight"])
    assert "987654" not in json.dumps([check.to_json() for check in hidden.values()])


@pytest.mark.parametrize(
    ("changes", "arguments", "message"),
    [
        ({}, {"id": None}, "joined by the column `data.id`, which is not set"),
        ({}, {"id": "number"}, "has no column 'number'"),
        ({"flight": 1}, {}, "has 29 rows whose id came before"),
        ({"flight": None}, {}, "has 30 rows without an id"),
        ({}, {"send": ["distance"]}, "the rows have no column 'flight' to look them up by"),
    ],
)
def test_what_cannot_be_joined_is_one_clear_error(
    tmp_path: Path, changes: dict[str, Any], arguments: dict[str, Any], message: str
) -> None:
    (check,) = parity(stored(tmp_path / "features.parquet", **changes), **arguments).values()

    assert (check.code, check.outcome) == ("MLG002", Outcome.ERROR)
    assert message in check.message


def test_a_stored_table_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    (check,) = parity(str(tmp_path / "features.parquet")).values()

    assert check.outcome is Outcome.ERROR
    assert "features.parquet" in check.message
