"""Profiles: made, written, read back, refused where damaged, and merged."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_mlgate import Profile, merge_profiles, profile_table
from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.sketches import MAX_LEVELS, ColumnProfile, merge_columns, named_levels

N = 1000


def table(seed: int = 0, rows: int = N) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "temp": rng.normal(20, 8, size=rows),
            "hour": rng.integers(0, 24, size=rows),
            "rain": np.where(rng.random(rows) < 0.8, 0.0, rng.exponential(size=rows)),
            "origin": rng.choice(["EWR", "JFK", "LGA"], rows),
            "late": rng.random(rows) < 0.2,
            "scheduled": pd.Timestamp("2013-01-01") + pd.to_timedelta(rng.integers(0, 86_400 * 30, rows), unit="s"),
            "delay": pd.to_timedelta(rng.integers(0, 9000, rows), unit="s"),
            "day": np.datetime_as_string(np.datetime64("2013-02-01") + rng.integers(0, 20, rows)),
            "gone": np.full(rows, np.nan),
            "flight": np.arange(rows) + rows * seed,
            "person": [f"person-{value}" for value in rng.integers(10_000, 10_040, rows)],
        }
    )


def test_a_profile_knows_its_table_its_period_and_its_columns() -> None:
    found = profile_table(table(), time="scheduled", sensitive=["person"])

    assert found.rows == N
    assert found.period == ("2013-01-01", "2013-01-30")
    assert found.names == tuple(table().columns)
    assert {column.name: (column.kind, column.family) for column in found.columns} == {
        "temp": ("number", "number"),
        "hour": ("number", "number"),
        "rain": ("number", "number"),
        "origin": ("category", "text"),
        "late": ("category", "boolean"),
        "scheduled": ("timestamp", "timestamp"),
        "delay": ("number", "duration"),
        "day": ("timestamp", "timestamp"),
        "gone": ("empty", ""),
        "flight": ("identifier", ""),
        "person": ("sensitive", ""),
    }


def test_a_profile_comes_back_from_its_file(tmp_path: Path) -> None:
    written = profile_table(table(), time="scheduled")
    path = written.write(tmp_path / "profiles" / "train.json")
    found = Profile.read(path)

    assert found.to_json() == json.loads(path.read_text(encoding="utf-8"))
    assert found.digest == written.digest
    assert [path.name for path in path.parent.iterdir()] == ["train.json"]


def test_the_same_table_has_the_same_profile() -> None:
    shuffled = table().sample(frac=1, random_state=1).reset_index(drop=True)
    one, other = profile_table(table()), profile_table(shuffled)

    assert [a.to_json()["columns"] for a in (one,)] == [b.to_json()["columns"] for b in (other,)]


def test_of_a_sensitive_column_no_value_is_in_the_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = table()
    frame["salary"] = rng.integers(10**8, 10**9, N).astype(float) / 1000
    frame["born"] = pd.Timestamp("1950-01-01") + pd.to_timedelta(rng.integers(0, 10**9, N), unit="s")
    hidden = ["person", "salary", "born"]
    path = profile_table(frame, sensitive=hidden, time="scheduled").write(tmp_path / "p.json")
    text = path.read_text(encoding="utf-8")

    assert not [value for column in hidden for value in frame[column].astype(str).unique() if value in text]
    assert not [value for value in frame["born"].astype("int64").unique() if str(value) in text]
    kept = {column["name"]: column for column in json.loads(text)["columns"]}
    assert kept["salary"] == {"name": "salary", "kind": "sensitive", "rows": N, "missing": 0, "accuracy": 0.0}


def test_the_time_of_a_sensitive_column_gives_no_period() -> None:
    assert profile_table(table(), time="scheduled", sensitive=["scheduled"]).period is None


def test_no_number_of_a_single_row_is_in_the_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"x": np.random.default_rng(0).normal(size=N), "pair": np.repeat(np.arange(N / 2) + 0.25, 2)})
    text = profile_table(frame).write(tmp_path / "p.json").read_text(encoding="utf-8")

    assert not [value for value in frame["x"] if repr(value) in text]
    assert not set(np.unique(frame["pair"])) & set(json.loads(text)["columns"][1]["cells"]["edges"])


def test_the_ends_are_rounded_outward() -> None:
    values = np.concatenate([[0.123], np.random.default_rng(0).uniform(1, 40, N), [41.77]])
    edges = profile_table(pd.DataFrame({"x": values})).column("x").cells.edges  # type: ignore[union-attr]

    assert (edges[0], edges[-1]) == (0.0, 42.0)


def test_rare_levels_are_counted_together_and_not_named(tmp_path: Path) -> None:
    frame = pd.DataFrame({"c": ["usual"] * 500 + ["seldom"] * 19 + ["never-again"]})
    found = profile_table(frame)
    levels = found.column("c").levels

    assert levels is not None
    assert dict(levels.counts) == {"usual": 500}
    assert (levels.rare, levels.rare_levels) == (20, 2)
    assert "seldom" not in found.write(tmp_path / "p.json").read_text(encoding="utf-8")


def test_many_levels_do_not_make_a_large_file(tmp_path: Path) -> None:
    frame = pd.DataFrame({"c": [f"level {i}" for i in range(5000)] * 20})
    found = profile_table(frame)
    levels = found.column("c").levels

    assert levels is not None
    assert len(levels.counts) == MAX_LEVELS
    assert levels.rare == 20 * (5000 - MAX_LEVELS)
    assert found.write(tmp_path / "p.json").stat().st_size < 50_000


def test_a_column_that_drift_cannot_compare_is_said_so() -> None:
    found = profile_table(pd.DataFrame({"x": [1.0, 2.0], "list": [[1], [2, 3]]}))

    assert found.column("list").kind == "unreadable"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sensitive": ["persn"]}, "sensitive: the table has no column 'persn'; did you mean 'person'"),
        ({"time": "when"}, "time: the table has no column 'when'"),
        ({"min_rows": 0}, "min_rows=0"),
        ({"cells": True}, "cells=True"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        profile_table(table(), **arguments)


def test_a_table_without_rows_has_no_profile() -> None:
    with pytest.raises(InputError, match="has no row"):
        profile_table(table().head(0))


def _changed(path: Path, change: dict[str, Any]) -> None:
    record = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**record, **change}), encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema_version": 2}, "has schema_version 2; this package reads 1"),
        ({"schema_version": None}, "has schema_version None"),
        ({"rows": 7}, "was edited: its digest is not that of its content"),
        ({"columns": [{"name": "x"}]}, r"is damaged \(KeyError\)"),
        ({"columns": 3}, r"is damaged \(TypeError\)"),
        ({"format": "other"}, "is no profile"),
    ],
)
def test_a_damaged_or_newer_file_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = profile_table(table()).write(tmp_path / "p.json")
    _changed(path, change)

    with pytest.raises(InputError, match=message):
        Profile.read(path)


@pytest.mark.parametrize("text", ["", "{", "[]", '"x"', "\x80"])
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text, encoding="latin-1")

    with pytest.raises(InputError):
        Profile.read(path)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = profile_table(table()).write(tmp_path / "p.json")
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(InputError, match="is damaged"):
        Profile.read(path)


def test_a_profile_that_cannot_be_written_is_an_input_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(InputError, match="cannot be written"):
        profile_table(table()).write(tmp_path / "file" / "p.json")


def test_merging_adds_rows_and_does_not_depend_on_the_order() -> None:
    parts = [profile_table(table(seed), time="scheduled", sensitive=["person"]) for seed in range(3)]
    merged = [merge_profiles(*order) for order in itertools.permutations(parts)]

    assert len({found.digest for found in merged}) == 1
    assert merged[0].rows == 3 * N
    assert merged[0].column("person").kind == "sensitive"
    assert merged[0].column("flight").kind == "identifier"
    assert len(merged[0].sources) == 3


def test_one_profile_merged_is_itself() -> None:
    found = profile_table(table())

    assert merge_profiles(found).digest == found.digest


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (table(), "is in two of the profiles"),
        (table(1).drop(columns="temp"), "column 'temp' is in one profile and not in another"),
        (table(1).assign(temp="warm"), "column 'temp' holds number values in one profile and text values in another"),
    ],
)
def test_profiles_that_do_not_belong_together_are_refused(other: pd.DataFrame, message: str) -> None:
    with pytest.raises(InputError, match=message):
        merge_profiles(profile_table(table()), profile_table(other))


counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 40), max_size=8)


@given(st.lists(counts, min_size=2, max_size=4), st.integers(1, 20))
@settings(max_examples=200)
def test_merged_levels_bound_the_true_counts(parts: list[dict[str, int]], min_rows: int) -> None:
    columns = [
        ColumnProfile(
            name="c",
            kind="category",
            family="text",
            rows=sum(part.values()),
            missing=0,
            levels=named_levels(part, min_rows=min_rows),
        )
        for part in parts
    ]
    merged = [merge_columns(order, cells=10).levels for order in (columns, columns[::-1])]
    pairwise = merge_columns([merge_columns(columns[:1], cells=10), *columns[1:]], cells=10).levels
    stepwise = columns[0]
    for column in columns[1:]:
        stepwise = merge_columns([stepwise, column], cells=10)
    levels = merged[0]

    assert levels is not None
    assert merged[0] == merged[1] == pairwise
    assert stepwise.levels is not None
    assert (stepwise.levels.counts, stepwise.levels.slack) == (levels.counts, levels.slack)
    assert sum(levels.counts.values()) + levels.rare == sum(sum(part.values()) for part in parts)
    for level in "abcdefgh":
        true = sum(part.get(level, 0) for part in parts)
        known = levels.counts.get(level, 0)
        assert known <= true <= known + (levels.slack.get(level, 0) if level in levels.counts else levels.ceiling)
