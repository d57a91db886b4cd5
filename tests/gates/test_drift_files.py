"""Parquet files are compared a column at a time, and found to be what the frames read from them are found to be."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate import check_drift
from pytest_mlgate.gates.drift.sides import FrameSide, ParquetSide, side_of


def table(seed: int, rows: int = 900) -> pa.Table:
    rng = np.random.default_rng(seed)
    gone = rng.random(rows) < 0.1
    words = [None if missing else f"w{level}" for missing, level in zip(gone, rng.integers(0, 5, rows), strict=True)]
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, rows), unit="D")
    return pa.table(
        {
            "float": pa.array(rng.normal(size=rows), mask=gone),
            "nan": np.where(gone, np.nan, rng.normal(size=rows)),
            "float32": pa.array(rng.normal(size=rows).astype(np.float32)),
            "whole": pa.array(rng.integers(0, 50, rows), mask=gone),
            "unsigned": pa.array(rng.integers(0, 9, rows).astype(np.uint64)),
            "row": pa.array(rng.permutation(rows)),
            "truth": pa.array(rng.random(rows) < 0.3, mask=gone),
            "word": pa.array(words),
            "level": pa.array(words).dictionary_encode(),
            "iso": pa.array(days.strftime("%Y-%m-%d")),
            "moment": pa.array(days),
            "zoned": pa.array(days.tz_localize("UTC").tz_convert("America/New_York")),
            "price": pa.array([Decimal(int(cents)) / 100 for cents in rng.integers(0, 900, rows)]),
            "none": pa.nulls(rows, pa.float64()),
        }
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "reference.parquet", tmp_path / "current.parquet"
    for seed, path in enumerate(paths):
        pq.write_table(table(seed), path, row_group_size=400)
    return paths


@pytest.mark.parametrize("sensitive", [(), ("word", "float", "moment")])
def test_files_and_the_frames_read_from_them_have_the_same_checks(
    files: tuple[Path, Path], sensitive: tuple[str, ...]
) -> None:
    by_file = check_drift(*files, sensitive=sensitive)
    by_frame = check_drift(*map(pd.read_parquet, files), sensitive=sensitive)

    assert isinstance(side_of(files[0], name="reference"), ParquetSide)
    assert by_file == by_frame
    assert len(by_file.checks) > 14


def test_a_window_of_a_file_is_the_window_of_its_frame(files: tuple[Path, Path]) -> None:
    by_file = check_drift(*files, time="moment", window="60 days", within=["truth"])

    assert by_file == check_drift(*map(pd.read_parquet, files), time="moment", window="60 days", within=["truth"])


def test_many_rows_are_compared_in_threads_and_in_order(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frames = [pd.DataFrame(rng.normal(size=(110_000, 6)), columns=list("fedcba")) for _ in range(2)]
    paths = [tmp_path / f"{i}.parquet" for i in range(2)]
    for frame, path in zip(frames, paths, strict=True):
        frame.to_parquet(path)

    by_file = check_drift(*paths)

    assert [check.subject for check in by_file.checks] == list("fedcba")
    assert by_file == check_drift(*frames)


def test_nested_columns_are_read_with_the_whole_table(tmp_path: Path) -> None:
    path = tmp_path / "nested.parquet"
    pq.write_table(pa.table({"a": [1.0, 2.0], "b": [{"c": 1}, {"c": 2}]}), path)

    assert isinstance(side_of(path, name="reference"), FrameSide)


def test_a_file_that_is_no_parquet_is_refused_as_every_table_is(tmp_path: Path) -> None:
    path = tmp_path / "table.parquet"
    path.write_text("a,b\n1,2\n")

    (check,) = check_drift(path, path).checks

    assert check.outcome == "error"
    assert "is not Parquet" in check.message


def test_two_files_of_numbers_and_words_load_neither_pandas_nor_scipy_stats(files: tuple[Path, Path]) -> None:
    plain = [path.with_name(f"plain-{path.name}") for path in files]
    for source, path in zip(files, plain, strict=True):
        pq.write_table(pq.read_table(source).select(["float", "whole", "word", "truth"]), path)
    code = (
        "import sys; from pytest_mlgate import check_drift;"
        f"assert len(check_drift({str(plain[0])!r}, {str(plain[1])!r}).checks) > 3;"
        "print(sorted({'pandas', 'scipy.stats', 'sklearn'} & set(sys.modules)))"
    )

    found = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

    assert (found.stderr, found.stdout) == ("", "[]\n")
