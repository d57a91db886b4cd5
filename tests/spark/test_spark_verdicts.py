"""What Spark has is judged as the same rows in memory are: the same checks, the same numbers, the same digest."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb  # noqa: F401  an in-process run forgets what it imports, and this library cannot be imported twice
import narwhals  # noqa: F401
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from example_project import train
from pytest_mlgate.checks import Check
from tests.plugin.conftest import Project

pytestmark = [pytest.mark.spark, pytest.mark.filterwarnings("ignore")]
ROWS = 3000


@pytest.fixture
def project(pytester: pytest.Pytester) -> Project:
    return Project(pytester)


def generated(seed: int, shift: float) -> pd.DataFrame:
    """Return rows of all kinds, with what engines trip over: NaN beside null, infinities, decimals, zones."""
    rng = np.random.default_rng(seed)
    score = np.where(rng.random(ROWS) < 0.02, np.inf, rng.normal(shift, 1, ROWS))
    day = pd.Timestamp("2024-03-10 06:00", tz="UTC")
    cents = rng.integers(-500, 500, ROWS)
    return pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "score": np.where(rng.random(ROWS) < 0.01, -np.inf, score),
            "gap": np.where(rng.random(ROWS) < 0.1 + shift / 5, np.nan, rng.pareto(1.0, ROWS)),
            "count": rng.integers(0, 9, ROWS),
            "price": [None if cent % 50 == 0 else Decimal(int(cent)).scaleb(-2) for cent in cents],
            "word": pd.Series(rng.choice(["a", "b", "é"], ROWS, p=[0.5 - shift / 5, 0.3 + shift / 5, 0.2])).where(
                rng.random(ROWS) < 0.95, None
            ),
            "flag": rng.random(ROWS) < 0.4,
            "zoned": (day + pd.to_timedelta(rng.integers(0, 10**6, ROWS), unit="s")).astype("datetime64[us, UTC]"),
            "local": (pd.Timestamp("2024-03-10") + pd.to_timedelta(rng.integers(0, 10**6, ROWS), unit="s")).astype(
                "datetime64[us]"
            ),
        }
    )


def written(frame: pd.DataFrame, folder: Path) -> None:
    """Write a table as three files: one of a row, one of none, one of all others; NaN stays beside null."""
    folder.mkdir(parents=True)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    if "gap" in frame:
        gap = frame["gap"].to_numpy()
        mask = np.isnan(gap) & (np.arange(len(gap)) % 2 == 0)
        at = table.schema.get_field_index("gap")
        table = table.set_column(at, "gap", pa.array(gap, mask=mask, from_pandas=False))
    for number, (start, stop) in enumerate([(0, 1), (1, 1), (1, len(frame))]):
        # Spark refuses to read nanoseconds
        pq.write_table(table.slice(start, stop - start), folder / f"{number}.parquet", coerce_timestamps="us")


def judged(project: Project, how: str, config: str, tables: dict[str, str]) -> Any:
    """Return the verdict of the same rows, asked of Spark, of duckdb or of numpy."""
    named = {
        "spark": {key: f"spark:./{folder}" for key, folder in tables.items()},
        "duckdb": {key: f"duckdb:SELECT * FROM '{folder}/*.parquet'" for key, folder in tables.items()},
        "files": tables,
    }[how]
    project.write("mlgate.toml", config.format(**named))
    project.run()
    return project.verdict()


def told(check: Check) -> tuple[Any, ...]:
    """Return what a check says; of what is counted in cells, its distance is known as well as an engine has edges."""
    counted = "counted_in_cells" in check.details
    number = None if check.observed is None or counted else pytest.approx(check.observed, rel=1e-9, abs=1e-12)
    return check.id, check.code, check.outcome, check.severity, check.n, number, check.limit


def all_told(found: dict[str, Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Return what the gates' checks say, by how the rows were asked."""
    return {how: [told(check) for check in verdict.checks if check.gate != "run"] for how, verdict in found.items()}


def digests_of(found: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return the digest of each input, by how the rows were asked."""
    inputs = {how: verdict.identity["inputs"] for how, verdict in found.items()}
    return {how: {name: seen["digest"] for name, seen in one.items()} for how, one in inputs.items()}


MODELS = """
[model]
candidate = "{candidate}"
baseline = "{baseline}"
task = "binary"
[data]
id = "id"
target = "late"
"""
GENERATED = (
    MODELS
    + """
reference = "{reference}"
current = "{current}"
[[gates.baseline]]
metric = "roc_auc"
margin = 0.05
[gates.drift]
max_distance = 0.2
%s
[gates.schema]
schema = "schema.yaml"
tables = ["current"]
"""
)
SCHEMA = """
columns:
  id: {dtype: int64, unique: true}
  score: {dtype: float64, nullable: true, checks: {lt: 3.0}}
  gap: {dtype: float64, nullable: true, checks: {ge: 0}}
  count: {dtype: int64, checks: {isin: [0, 1, 2, 3, 4, 5, 6, 7]}}
  word: {dtype: str, nullable: true, checks: {isin: [a, b]}}
  flag: {dtype: bool}
  zoned: {dtype: "datetime64[us, UTC]"}
  local: {dtype: "datetime64[us]"}
"""


COUNTED = 'rows_in_memory = 500\ncolumns = ["score", "gap", "price", "word", "zoned"]'


@pytest.mark.parametrize("drift", ['exclude = ["id"]', COUNTED], ids=["in memory", "counted"])
def test_generated_rows_have_the_same_verdict(session: Any, project: Project, drift: str) -> None:
    rng = np.random.default_rng(5)
    late = rng.integers(0, 2, ROWS)
    tables = {"reference": generated(0, 0.0), "current": generated(1, 0.5)}
    for name, noise in (("candidate", 0.9), ("baseline", 1.0)):
        score = np.round(late + noise * rng.normal(size=ROWS), 2)
        tables[name] = pd.DataFrame({"id": np.arange(ROWS), "late": late, "score": score})
    for name, frame in tables.items():
        written(frame, project.path / name)
    project.write("schema.yaml", SCHEMA)
    names = {name: name for name in tables}

    found = {how: judged(project, how, GENERATED % drift, names) for how in ("spark", "duckdb", "files")}

    checks = all_told(found)
    assert checks["spark"] == checks["files"]
    assert {check.gate for check in found["spark"].checks} >= {"baseline", "drift", "schema"}
    outcomes = {str(check[2]) for check in checks["spark"]}
    assert {"pass", "fail"} <= outcomes
    assert found["spark"].decision == "block"
    digests = digests_of(found)
    assert digests["spark"] == digests["duckdb"]
    inputs = found["spark"].identity["inputs"]
    assert {name: (seen["engine"], seen["read_from"], seen["rows"]) for name, seen in inputs.items()} == {
        name: ("pyspark", f"spark:./{name}", ROWS) for name in tables
    }


FLIGHTS = """
[data]
target = "late"
reference = "{reference}"
current = "{current}"
[gates.drift]
max_distance = 0.2
%s
[gates.schema]
schema = "example_project.contract:Flights"
tables = ["current"]
"""


@pytest.fixture(scope="module")
def flights() -> dict[str, pd.DataFrame]:
    found = train.tables(current=8)
    return {"reference": found["reference"].tail(30_000), "current": found["current"]}


@pytest.mark.parametrize(
    "drift",
    ['exclude = ["scheduled"]', 'rows_in_memory = 1000\ncolumns = ["temp", "late"]'],
    ids=["in memory", "counted"],
)
def test_the_flights_have_the_same_verdict(
    session: Any, project: Project, flights: dict[str, pd.DataFrame], drift: str
) -> None:
    for name, frame in flights.items():
        written(frame, project.path / name)

    found = {how: judged(project, how, FLIGHTS % drift, {n: n for n in flights}) for how in ("spark", "files")}

    checks = all_told(found)
    assert checks["spark"] == checks["files"]
    assert {check.gate for check in found["spark"].checks} >= {"drift", "schema"}
    assert not [check.message for check in found["spark"].checks if check.outcome == "error"]
    late = next(check for check in found["spark"].checks if check.id == "drift:late")
    assert late.n == len(flights["current"])


PREDICTED = (
    MODELS
    + """
[[gates.baseline]]
metric = "roc_auc"
margin = 0.05
slices = ["origin"]
rows_in_memory = %d
"""
)


@pytest.mark.parametrize("rows", [1_000_000, 20_000], ids=["in memory", "counted"])
def test_predictions_of_the_flights_have_the_same_verdict(
    session: Any, project: Project, flights: dict[str, pd.DataFrame], rows: int
) -> None:
    seen = flights["current"].reset_index(drop=True)
    late, wind = seen["late"].astype(int), seen["wind_speed"].fillna(0.0)
    for name, share in (("candidate", 0.6), ("baseline", 0.5)):
        scores = pd.DataFrame({"id": seen.index, "late": late, "score": share * late + 0.1 * wind})
        written(scores.assign(origin=seen["origin"].astype(str)), project.path / name)

    tables = {name: name for name in ("candidate", "baseline")}
    found = {how: judged(project, how, PREDICTED % rows, tables) for how in ("spark", "duckdb", "files")}

    checks = all_told(found)
    assert checks["spark"] == checks["duckdb"] == checks["files"]
    assert {"baseline[roc_auc]", "baseline[roc_auc]:origin=JFK"} <= {check[0] for check in checks["spark"]}
    assert not [check.message for check in found["spark"].checks if check.outcome == "error"]
    counted = [check for check in found["spark"].checks if "counted" in check.details]
    assert bool(counted) == (rows < len(seen))
    digests = digests_of(found)
    assert digests["spark"] == digests["duckdb"]
