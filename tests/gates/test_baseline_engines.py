"""The baseline gate on tables of predictions whose rows stay where they are: the verdict of the same rows in memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import GateResult, check_predictions
from pytest_mlgate.artifacts.predictions import load_predictions
from pytest_mlgate.tables import engines

N = 3000
CONNECTION = duckdb.connect()


def truth(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "id": np.arange(N) * 7,
            "late": rng.integers(0, 2, N),
            "origin": rng.choice(["EWR", "JFK", "LGA"], N, p=[0.6, 0.35, 0.05]),
        }
    )


def answers(frame: pd.DataFrame, seed: int, noise: float = 1.0) -> pd.DataFrame:
    """Scores with ties, probabilities and labels."""
    rng = np.random.default_rng(seed)
    score = np.round(frame["late"] + noise * rng.normal(size=len(frame)), 2)
    return frame.assign(score=score, probability=1 / (1 + np.exp(-score)), prediction=(score > 0.5).astype(int))


BEFORE, AFTER = answers(truth(), 1), answers(truth(), 2, 0.95)


def folder(frame: pd.DataFrame, path: Path) -> Any:
    path.mkdir()
    whole = pa.Table.from_pandas(frame, preserve_index=False)
    for number, (start, stop) in enumerate(itertools.pairwise([0, 10, 10, 400, len(frame)])):  # one file has no row
        pq.write_table(whole.slice(start, stop - start), path / f"{number}.parquet")
    return path


def pattern(frame: pd.DataFrame, path: Path) -> Any:
    return str(folder(frame, path) / "*.parquet")


def query(frame: pd.DataFrame, path: Path) -> Any:
    return f"duckdb:SELECT * FROM '{folder(frame, path)}/*.parquet'"


def relation(frame: pd.DataFrame, path: Path) -> Any:
    return CONNECTION.from_arrow(pa.Table.from_pandas(frame, preserve_index=False))


def lazy_frame(frame: pd.DataFrame, path: Path) -> Any:
    return pl.scan_parquet(folder(frame, path) / "*.parquet")


ENGINES: dict[str, Callable[[pd.DataFrame, Path], Any]] = {
    "folder": folder,
    "pattern": pattern,
    "query": query,
    "relation": relation,
    "lazy_frame": lazy_frame,
}


def ask(candidate: Any, baseline: Any, **settings: Any) -> GateResult:
    return check_predictions(candidate, baseline, **{"id": "id", "target": "late", **settings})


def said(result: GateResult) -> list[tuple[str, str, str]]:
    return [(check.subject, check.outcome.value, check.message) for check in result.checks]


# --- collected --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("engine", ENGINES)
def test_a_table_elsewhere_is_judged_as_its_rows_in_memory(engine: str, tmp_path: Path) -> None:
    found = ask(ENGINES[engine](AFTER, tmp_path / "a"), ENGINES[engine](BEFORE, tmp_path / "b"), slices=["origin"])

    assert said(found) == said(ask(AFTER, BEFORE, slices=["origin"]))


def test_a_table_elsewhere_stands_beside_one_in_memory_and_a_holdout(tmp_path: Path) -> None:
    bare = AFTER[["id", "score"]]
    found = ask(folder(bare, tmp_path / "a"), BEFORE, holdout=lazy_frame(truth(), tmp_path / "h"))

    assert said(found) == said(ask(bare, BEFORE, holdout=truth()))


def test_a_folder_keeps_an_index_that_pandas_stored(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    mixed = AFTER.sample(frac=1, random_state=0)
    mixed.set_index("id").to_parquet(tmp_path / "a" / "0.parquet")

    assert said(ask(tmp_path / "a", BEFORE)) == said(ask(mixed, BEFORE))


def test_a_table_that_is_too_large_to_be_collected_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "MOST_CELLS", 6 * N - 1)

    (check,) = ask(folder(AFTER, tmp_path / "a"), BEFORE).checks

    assert check.outcome.value == "error"
    assert "3,000 rows of 6 columns (Parquet files), more than the 17,999 values" in check.message


def test_bad_rows_are_refused_wherever_they_are(tmp_path: Path) -> None:
    bad = {
        "names 1 of 3001 rows a second time": pd.concat([AFTER, AFTER.iloc[:1]]),
        "has no row for 1 of 3000 rows": AFTER.iloc[1:],
        "is missing, NaN or infinite on 1 of 3000 rows": AFTER.assign(score=AFTER["score"].where(AFTER["id"] > 0)),
        "has no column 'id'": AFTER.drop(columns="id"),
        "has no rows": AFTER.iloc[:0],
    }
    for number, (words, frame) in enumerate(bad.items()):
        messages = [
            ask(table, BEFORE, holdout=truth()).checks[0].message
            for table in (frame, lazy_frame(frame, tmp_path / f"{number}"))
        ]
        assert all(words in message for message in messages), messages


def test_nothing_is_read_of_a_table_elsewhere_before_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "champion.parquet"
    BEFORE.to_parquet(path, index=False)
    small, large = (load_predictions(path, id="id", rows_in_memory=rows) for rows in (N, N - 1))

    assert small.table is not None
    assert large.table is not None
    assert (small.table.engine, large.table.engine is None) == (None, False)
    assert small.digest == large.digest
    assert (small.methods, small.table.names) == (large.methods, large.table.names)
    pd.testing.assert_frame_equal(small.table.frame, large.table.frame)
