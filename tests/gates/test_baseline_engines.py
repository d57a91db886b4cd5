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
from pytest_mlgate.artifacts.model import dummy_model
from pytest_mlgate.artifacts.predictions import load_predictions
from pytest_mlgate.checks import Check
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings
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


# --- counted ----------------------------------------------------------------------------------------------------------

COUNTED: dict[str, Any] = {"rows_in_memory": 1000, "slices": ["origin"], "floor": 0.1, "improvement": 0.05, "cap": 0.2}
BY_COUNTS = ", by counts"


def figures(check: Check) -> tuple[float | None, ...]:
    """What a check is decided by, and what it says beside."""
    limits = (None, None) if check.interval is None else (check.interval.low, check.interval.high)
    return (check.observed, check.limit, *limits, check.p, check.p_adjusted)


def same_checks(counted: GateResult, memory: GateResult, *, tolerance: float = 1e-9) -> None:
    """The same checks in the same order, and the same figures; of counted areas the words say that they are."""
    assert [(c.id, c.outcome.value, c.n) for c in counted.checks] == [
        (c.id, c.outcome.value, c.n) for c in memory.checks
    ]
    for one, other in zip(counted.checks, memory.checks, strict=True):
        assert figures(one) == pytest.approx(figures(other), abs=tolerance), one.id
        if tolerance < 1e-6:
            assert one.message.replace(BY_COUNTS, "") == other.message
        if one.details.get("flips"):
            assert one.details["flips"] == other.details["flips"]
    main, expected = counted.checks[0], memory.checks[0]
    assert main.details["counted"]["rows"] == expected.n
    for what in ("flips", "confusion"):
        assert main.evidence.get(what) == expected.evidence.get(what)


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    """Both tables as folders, the baseline's rows in another order."""
    path = tmp_path_factory.mktemp("stored")
    return folder(AFTER, path / "a"), folder(BEFORE.sample(frac=1, random_state=0), path / "b")


@pytest.mark.parametrize(
    ("metric", "slices"),
    [
        ("accuracy", ["origin"]),
        ("f1", ["origin"]),
        ("balanced_accuracy", []),
        ("recall", ["origin"]),
        ("neg_log_loss", ["origin"]),
        ("neg_brier_score", ["origin"]),
    ],
)
def test_counted_rows_have_the_checks_and_figures_of_rows_in_memory(
    metric: str, slices: list[str], stored: tuple[Any, Any]
) -> None:
    settings = {**COUNTED, "metric": metric, "slices": slices, "min_rows": 100}

    same_checks(ask(*stored, **settings), ask(AFTER, BEFORE, **settings))


def test_small_slices_are_drawn_from_the_same_rows(stored: tuple[Any, Any]) -> None:
    """Of few rows the draws are others, since rows in memory are drawn one by one; what they are of is the same."""
    settings = {**COUNTED, "metric": "balanced_accuracy"}
    found, expected = ask(*stored, **settings), ask(AFTER, BEFORE, **settings)

    same_checks(found, expected, tolerance=0.02)
    assert [c.details.get("candidate") for c in found.checks] == [c.details.get("candidate") for c in expected.checks]


@pytest.mark.parametrize("engine", ENGINES)
def test_areas_by_counts_hold_those_of_the_rows_wherever_these_are(engine: str, tmp_path: Path) -> None:
    tables = [ENGINES[engine](frame, tmp_path / name) for name, frame in (("a", AFTER), ("b", BEFORE))]
    found = ask(*tables, **COUNTED)

    same_checks(found, ask(AFTER, BEFORE, **COUNTED))  # ties: every score is a cell of its own
    assert found.checks[0].details["counted"]["parts"] == 4
    assert found.checks[0].details["difference_bound"] == 0


def test_cells_of_several_scores_widen_the_interval(stored: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pytest_mlgate.gates.baseline.counted.ranks.Ranks.cells", lambda groups: 64)
    found, expected = (ask(*tables, **COUNTED).checks for tables in (stored, (AFTER, BEFORE)))

    for one, other in zip(found, expected, strict=True):
        if one.interval is None or other.interval is None or one.subject == "cap":
            continue
        assert one.interval.low < other.interval.low < other.interval.high < one.interval.high, one.id
        assert one.interval.high - one.interval.low < 1.5 * (other.interval.high - other.interval.low) + 0.03
    assert "known within ±0.0" in found[0].message
    assert abs(found[0].observed - expected[0].observed) <= found[0].details["difference_bound"]


def several(frame: pd.DataFrame, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    labels = np.array(["early", "late", "on time"])
    kept = rng.random(N) < 0.7
    wrong = labels[rng.integers(0, 3, N)]
    return frame.assign(prediction=np.where(kept, frame["late"], wrong))


@pytest.mark.parametrize(("metric", "slices"), [("accuracy", ["origin"]), ("f1_macro", [])])
def test_several_classes_are_counted(metric: str, slices: list[str], tmp_path: Path) -> None:
    frame = truth().assign(late=np.random.default_rng(5).choice(["early", "late", "on time"], N))
    after, before = several(frame, 1), several(frame, 2)
    settings: dict[str, Any] = {"metric": metric, "slices": slices, "rows_in_memory": 1000}

    same_checks(
        ask(folder(after, tmp_path / "a"), query(before, tmp_path / "b"), **settings), ask(after, before, **settings)
    )


def values(seed: int) -> pd.DataFrame:
    frame = truth().assign(late=np.round(np.random.default_rng(9).gamma(2, 10, N), 1))
    return frame.assign(prediction=frame["late"] + np.random.default_rng(seed).normal(size=N) * 5)


@pytest.mark.parametrize(
    ("metric", "params"),
    [("neg_mean_absolute_error", {}), ("neg_mean_squared_error", {}), ("neg_mean_pinball_loss", {"alpha": 0.9})],
)
def test_losses_of_a_regression_are_summed(metric: str, params: dict[str, Any], tmp_path: Path) -> None:
    settings = {**COUNTED, "metric": metric, "metric_params": params, "floor": -50.0}

    same_checks(
        ask(lazy_frame(values(1), tmp_path / "a"), folder(values(2), tmp_path / "b"), **settings),
        ask(values(1), values(2), **settings),
        tolerance=1e-8,
    )


@pytest.mark.parametrize("metric", ["r2", "neg_root_mean_squared_error"])
def test_functions_of_sums_have_limits_like_those_of_the_bootstrap(metric: str, tmp_path: Path) -> None:
    settings = {**COUNTED, "metric": metric, "floor": -5.0}
    found = ask(folder(values(1), tmp_path / "a"), folder(values(2), tmp_path / "b"), **settings).checks
    expected = ask(values(1), values(2), **settings).checks

    assert [(c.id, c.n) for c in found] == [(c.id, c.n) for c in expected]
    for one, other in zip(found, expected, strict=True):
        if one.interval is not None and other.interval is not None and other.n is not None and other.n > 500:
            width = other.interval.high - other.interval.low
            assert one.observed == pytest.approx(other.observed, abs=1e-9)
            assert figures(one)[2:4] == pytest.approx(figures(other)[2:4], abs=0.1 * width), one.id
    assert found[0].details["method"] == "linearised t"


@pytest.mark.parametrize("kind", ["numbers", "hits"])
def test_one_score_a_row_is_counted(kind: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    scores = [rng.integers(0, 2, N) if kind == "hits" else rng.normal(size=N) for _ in range(2)]
    after, before = (truth().assign(helpful=score, judge="j") for score in scores)
    settings: dict[str, Any] = {
        "target": None, "score": "helpful", "same": ["judge"], "greater_is_better": False, "floor": -5.0,
        "rows_in_memory": 1000, "slices": ["origin"], "margin": 0.05,
    }  # fmt: skip

    same_checks(
        ask(folder(after, tmp_path / "a"), folder(before, tmp_path / "b"), **settings), ask(after, before, **settings)
    )


def test_slices_are_those_of_the_rows_in_memory(tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    columns = {
        "distance": rng.choice([100.0, 700.0, 1500.0, np.nan], N),
        "hour": pd.Series(rng.integers(0, 3, N)).where(rng.random(N) < 0.9).astype("Int64"),
        "rare": np.where(np.arange(N) < 40, "x", "y"),
        "night": BEFORE["late"] == 1,  # one class in each
    }
    after, before = AFTER.assign(**columns), BEFORE.assign(**columns)
    items = [{"column": "distance", "bins": [500, 1000]}, ["origin", "rare"], "night", "hour"]
    tables = folder(after, tmp_path / "a"), folder(before, tmp_path / "b")

    for metric in ("accuracy", "roc_auc"):
        settings: dict[str, Any] = {"metric": metric, "slices": items}
        same_checks(ask(*tables, rows_in_memory=1000, **settings), ask(*tables, **settings))


def test_rows_that_count_and_a_dummy(tmp_path: Path, stored: tuple[Any, Any]) -> None:
    holdout = truth().iloc[:2000].assign(id=lambda frame: frame["id"])
    settings = {**COUNTED, "metric": "accuracy", "slices": ["origin"]}
    for rows in (holdout, folder(holdout, tmp_path / "h")):
        found = ask(*stored, holdout=rows, **settings)
        expected = ask(AFTER, BEFORE, holdout=holdout, **settings)
        same_checks(found, expected)
        assert found.checks[0].details["notes"][0].endswith("1000 of 3000 predictions are of rows that were not asked")

    dummy = dummy_model(AFTER["late"], task="binary")
    values = {"candidate": stored[0], "baseline": dummy}
    given = Inputs(facts=Facts(target="late", id="id"), values=values)
    found = run_gate(GATE, Settings(metric="roc_auc", rows_in_memory=1000), given)
    expected = run_gate(
        GATE, Settings(metric="roc_auc"), Inputs(facts=given.facts, values={**values, "candidate": AFTER})
    )
    same_checks(found, expected)
    assert found.checks[0].details["no_baseline"] is True


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        (lambda f: pd.concat([f, f.iloc[:1]]), "a second time"),
        (lambda f: f.iloc[1:], "has no row for 1 of"),
        (lambda f: f.assign(score=f["score"].where(f["id"] > 0)), "is missing, NaN or infinite on 1 of"),
        (lambda f: f.assign(id=f["id"].astype(str)), "holds whole numbers in"),
        (lambda f: f.assign(id=f["id"].where(f["id"] > 0)), "is missing on 1 of"),
        (lambda f: f.assign(late=1 - f["late"]), "late differs between both tables on 3000 of 3000 rows"),
        (lambda f: f.drop(columns="score"), "the metric needs scores"),
        (lambda f: f[["id", "late"]], "has no prediction of the baseline"),
    ],
)
def test_what_is_refused_in_memory_is_refused_where_it_is(
    spoilt: Callable[[pd.DataFrame], pd.DataFrame], words: str, stored: tuple[Any, Any], tmp_path: Path
) -> None:
    bad = spoilt(BEFORE.drop(columns="probability"))
    settings: dict[str, Any] = {"metric": "roc_auc", "rows_in_memory": 1000}

    (memory,) = ask(AFTER, bad, **settings).checks
    (counted,) = ask(stored[0], folder(bad, tmp_path / "b"), **settings).checks

    assert (memory.outcome.value, counted.outcome.value) == ("error", "error")
    assert words in memory.message
    assert words in counted.message
    assert "raised" not in counted.message


def test_what_counts_cannot_answer_is_collected_or_refused_by_name(
    stored: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    needs: dict[str, dict[str, Any]] = {
        "metric = 'neg_expected_calibration_error'": {"metric": "neg_expected_calibration_error", "resamples": 200},
        "slices by quantile bins": {"slices": [{"column": "score", "bins": 3}], "metric": "accuracy"},
        "cluster": {"cluster": "origin", "metric": "accuracy"},
    }
    for settings in needs.values():
        assert ask(*stored, rows_in_memory=1000, **settings).checks[0].message == (
            ask(AFTER, BEFORE, **settings).checks[0].message
        )
    monkeypatch.setattr(engines, "MOST_CELLS", N)
    needs |= {
        "metric = 'average_precision'": {"metric": "average_precision"},
        "metric = 'neg_log_loss'": {"metric": "neg_log_loss", "interval": "bootstrap"},
        "segments": {"segments": True, "metric": "accuracy"},
        "slices by a function": {"slices": [lambda frame: frame["origin"]], "metric": "accuracy"},
        "a metric of your own": {"metric": lambda y, said: 0.5},
    }
    for reason, settings in needs.items():
        (check,) = ask(*stored, rows_in_memory=1000, **settings).checks
        assert check.outcome.value == "error"
        assert check.message.startswith(reason)
        assert "needs rows, and " in check.message
