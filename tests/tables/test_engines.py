"""Whatever counts the rows, the counts are the same; what an engine cannot count exactly it refuses."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.arrow import read_arrow_column
from pytest_mlgate.tables.engines import ORDERED, Engine, digest_of
from pytest_mlgate.tables.engines.kinds import numbers_of, type_of
from pytest_mlgate.tables.engines.lazy import lazy_table
from pytest_mlgate.tables.engines.parquet import open_files
from tests.tables.awkward import TABLES
from tests.tables.expressions import ibis_table


def one_file(table: pa.Table, folder: Path) -> Engine:
    pq.write_table(table, folder / "one.parquet", row_group_size=3)
    return open_files(folder / "one.parquet")


def many_files(table: pa.Table, folder: Path) -> Engine:
    """Three files, the middle one empty and the last one large."""
    for number, (start, stop) in enumerate([(0, 1), (1, 1), (1, table.num_rows)]):
        pq.write_table(table.slice(start, stop - start), folder / f"part-{number}.parquet")
    return open_files(folder)


CONNECTION = duckdb.connect()
CONNECTION.execute("SET TimeZone = 'Asia/Tokyo'")


def by_duckdb(table: pa.Table, folder: Path) -> Engine:
    return lazy_table(CONNECTION.from_arrow(table))


def by_duckdb_file(table: pa.Table, folder: Path) -> Engine:
    pq.write_table(table, folder / "one.parquet")
    return lazy_table(CONNECTION.read_parquet(str(folder / "one.parquet")))


def by_polars(table: pa.Table, folder: Path) -> Engine:
    return lazy_table(pl.from_arrow(table).lazy())


def by_ibis(table: pa.Table, folder: Path) -> Engine:
    pq.write_table(table, folder / "one.parquet")
    return lazy_table(ibis_table(CONNECTION, folder / "one.parquet"))


ENGINES: dict[str, Callable[[pa.Table, Path], Engine]] = {
    "one file": one_file,
    "many files": many_files,
    "duckdb": by_duckdb,
    "duckdb file": by_duckdb_file,
    "polars": by_polars,
    "ibis": by_ibis,
}

# What an engine has no type for, or does not count exactly: it says so.
REFUSED = {("duckdb", "durations"), ("polars", "durations")}
# A file's durations are whole numbers to it.
OTHERWISE = {("duckdb file", "durations"), ("ibis", "durations")}


def edges_of(values: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Edges where it is decided: at each value, before it and behind it, and far outside."""
    finite = values[np.abs(values) < 1e308]
    near = [finite, np.nextafter(finite, -np.inf), np.nextafter(finite, np.inf), [-1e300, -0.0, 1e300]]
    edges = np.unique(np.concatenate(near))
    return edges[np.isfinite(edges)]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", TABLES)
def test_every_engine_counts_what_is_there(name: str, engine: str, tmp_path: Path) -> None:
    array = TABLES[name]
    truth = read_arrow_column(pa.chunked_array([array]), name="value", table="table")
    if (engine, name) in OTHERWISE:
        pytest.skip("the engine reads the file's type as another one")
    asked = ENGINES[engine](pa.table({"value": array}), tmp_path)

    assert list(asked.types) == ["value"]
    assert asked.rows == len(array)
    kind = asked.types["value"].kind
    if (engine, name) in REFUSED:
        with pytest.raises(InputError, match="value"):
            asked.counts("value", np.empty(0))
    elif kind in ORDERED:
        edges = edges_of(truth.values)
        counts = asked.counts("value", edges, sums=True)
        finite = truth.values[np.isfinite(truth.values)]
        assert (counts.rows, counts.missing) == (truth.rows, truth.missing)
        assert counts.below == (truth.values == -np.inf).sum()
        assert counts.above == (truth.values == np.inf).sum()
        assert counts.at_or_below.tolist() == truth.values.searchsorted(edges, side="right").tolist()
        assert [counts.low, counts.high] == (
            [finite[0], finite[-1]] if finite.size else [pytest.approx(np.nan, nan_ok=True)] * 2
        )
        assert counts.cells().rows == truth.present
        found = asked.values("value", [(-1e300, 0.0), (0.0, 1e300)])
        assert found.tolist() == finite[np.abs(finite) < 1e300].tolist()
        distinct, repeats = np.unique(found, return_counts=True)
        tallies = asked.tallies("value", [(-1e300, 0.0), (0.0, 1e300)], most=max(distinct.size, 1))
        assert tallies is not None
        assert [one.tolist() for one in tallies] == [distinct.tolist(), repeats.tolist()]
        if distinct.size > 1:
            assert asked.tallies("value", [(-1e300, 1e300)], most=distinct.size - 1) is None
    elif kind == "empty":
        assert truth.kind == "empty"
    else:
        counted = asked.levels("value")
        assert (counted.rows, counted.missing) == (truth.rows, truth.missing)
        assert dict(counted.levels) == dict(truth.levels)


ORDERED_TABLES = [name for name, array in TABLES.items() if type_of(array.type).kind in ORDERED and len(array)]


@pytest.mark.parametrize("name", ORDERED_TABLES)
def test_files_of_many_rows_are_counted_without_being_sorted(name: str, tmp_path: Path) -> None:
    array = TABLES[name]
    many = array.take(pa.array(np.random.default_rng(1).integers(0, len(array), 50_000)))
    pq.write_table(pa.table({"value": many}), tmp_path / "many.parquet")
    values = np.sort(numbers_of(many))
    finite = values[np.isfinite(values)]
    edges = edges_of(np.unique(values))

    counts = open_files(tmp_path / "many.parquet").counts("value", edges)

    assert (counts.rows, counts.missing) == (50_000, 50_000 - values.size)
    assert (counts.below, counts.above) == ((values == -np.inf).sum(), (values == np.inf).sum())
    assert counts.at_or_below.tolist() == values.searchsorted(edges, side="right").tolist()
    ends = [finite[0], finite[-1]] if finite.size else [np.nan] * 2
    assert [counts.low, counts.high] == pytest.approx(ends, rel=0, abs=0, nan_ok=True)


@pytest.mark.parametrize("name", TABLES)
def test_digests_of_counts_are_the_same_from_all(name: str, tmp_path: Path) -> None:
    table = pa.table({"value": TABLES[name]})
    digests = {}
    for engine, make in ENGINES.items():
        if (engine, name) not in REFUSED | OTHERWISE:
            (tmp_path / engine).mkdir()
            digests[engine] = digest_of(make(table, tmp_path / engine))

    assert len(set(digests.values())) == 1, digests


def test_partitioned_folders_have_a_column_of_their_name(tmp_path: Path) -> None:
    for month in (1, 2):
        folder = tmp_path / "flights" / f"month={month}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"delay": [1.0, 2.0, None][: month + 1]}), folder / "part.parquet")
    (tmp_path / "flights" / "_temporary").mkdir()
    (tmp_path / "flights" / "_temporary" / "part.parquet").write_bytes(b"half written")

    asked = open_files(tmp_path / "flights")

    assert {name: type_.kind for name, type_ in asked.types.items()} == {"delay": "float", "month": "whole"}
    assert asked.counts("month", np.array([1.0])).at_or_below.tolist() == [2]
    assert asked.counts("delay", np.array([1.5])).missing == 1
    assert asked.rows == open_files(tmp_path / "flights" / "*" / "*.parquet").rows == 5
    assert list(open_files(tmp_path / "flights" / "month=1" / "part.parquet").types) == [
        "delay"
    ]  # a file is what it is


def other_columns(folder: Path) -> None:
    pq.write_table(pa.table({"x": [1.0]}), folder / "a.parquet")
    pq.write_table(pa.table({"y": [1.0]}), folder / "b.parquet")


def other_types(folder: Path) -> None:
    pq.write_table(pa.table({"x": [1.0]}), folder / "a.parquet")
    pq.write_table(pa.table({"x": [1]}), folder / "b.parquet")


def truncated(folder: Path) -> None:
    pq.write_table(pa.table({"x": [1.0] * 9}), folder / "a.parquet")
    (folder / "b.parquet").write_bytes((folder / "a.parquet").read_bytes()[:-9])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (other_columns, "has a column 'x' that .*b.parquet' lacks"),
        (other_types, "column 'x' is double in .*a.parquet' and int64 in .*b.parquet'"),
        (truncated, "b.parquet' cannot be read"),
        (lambda folder: None, "there is no Parquet file"),
    ],
)
def test_files_that_are_no_one_table_are_refused(make: Callable[[Path], None], said: str, tmp_path: Path) -> None:
    make(tmp_path)

    with pytest.raises(InputError, match=said):
        open_files(tmp_path).counts("x", np.empty(0))


@pytest.mark.parametrize("log", ["_delta_log/0.json", ".hoodie/hoodie.properties", "metadata/v1.metadata.json"])
@pytest.mark.parametrize("within", ["", "data/day=1"])
def test_files_of_a_table_with_a_log_are_refused(log: str, within: str, tmp_path: Path) -> None:
    for path in (tmp_path / within / "a.parquet", tmp_path / log):
        path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table({"x": [1.0]}), tmp_path / within / "a.parquet")
    assert open_files(tmp_path).rows == 1
    (tmp_path / log).write_text("{}")

    for named in (tmp_path, tmp_path / within, tmp_path / within / "*.parquet"):
        with pytest.raises(InputError, match=r"is a table of (Delta|Hudi|Iceberg), whose Parquet files alone"):
            open_files(named)


def test_a_file_that_links_lead_to_as_well_counts_once(tmp_path: Path) -> None:
    rows = tmp_path / "days" / "1"
    rows.mkdir(parents=True)
    pq.write_table(pa.table({"x": [1.0, 2.0]}), rows / "a.parquet")
    (tmp_path / "days" / "latest").symlink_to("1")
    (rows / "again").symlink_to("..")
    (rows / "b.parquet").symlink_to("a.parquet")

    for named in (tmp_path / "days", tmp_path / "days" / "**" / "*.parquet", tmp_path / "days" / "latest"):
        assert open_files(named).counts("x", np.array([1.0])).at_or_below.tolist() == [1]

    (rows / "c.parquet").symlink_to("gone.parquet")
    with pytest.raises(InputError, match=r"c\.parquet' is a link to 'gone\.parquet', which is not there"):
        open_files(tmp_path / "days")


def test_a_damaged_code_is_an_error_of_its_column() -> None:
    from pytest_mlgate.tables.engines.parquet import _whole

    codes = pa.DictionaryArray.from_arrays(pa.array([0, None, 162]), ["a", "b"], safe=False)

    with pytest.raises(ValueError, match="a level that there is not"):
        _whole(codes)


def test_rows_that_change_while_they_are_counted_are_refused(tmp_path: Path) -> None:
    connection = duckdb.connect()
    connection.execute("CREATE TABLE t AS SELECT range::DOUBLE AS x, range::VARCHAR AS word FROM range(9)")
    asked = lazy_table(connection.table("t"))
    assert asked.rows == 9
    connection.execute("DELETE FROM t WHERE x = 3")

    with pytest.raises(InputError, match="counted twice with different answers"):
        asked.counts("x", np.array([4.0]))
    with pytest.raises(InputError, match="counted twice with different answers"):
        asked.levels("word")


def test_too_many_levels_are_refused_and_not_cut(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in ("parquet", "lazy"):
        monkeypatch.setattr(f"pytest_mlgate.tables.engines.{module}.MOST_LEVELS", 5)
    table = pa.table({"value": [None, "a", "b", "c", "d", "e", "f"]})

    for engine in ("many files", "duckdb", "polars"):
        (tmp_path / engine).mkdir()
        with pytest.raises(InputError, match=r"column 'value' of .* more than 5 levels"):
            ENGINES[engine](table, tmp_path / engine).levels("value")


def test_what_fails_in_another_engine_is_said_in_one_line() -> None:
    lost = duckdb.sql("SELECT * FROM (SELECT 1 AS x) WHERE x = 1").project("x, error('the disk is gone') AS y")

    with pytest.raises(InputError, match=r"duckdb cannot answer about the duckdb table: .*the disk is gone") as found:
        lazy_table(lost).levels("y")
    assert "\n" not in found.value.message


_SCAN = """
import resource, sys
import numpy as np
from pytest_mlgate.tables.engines.parquet import open_files
files = open_files(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
counts = files.counts("x", np.linspace(-3, 3, 1000), sums=True)
print(counts.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
print(sorted({"pandas", "scipy", "polars", "duckdb", "narwhals", "pandera", "sklearn"} & set(sys.modules)))
"""


def test_a_file_of_many_row_groups_is_never_in_memory_whole(tmp_path: Path) -> None:
    rows = 8_000_000
    x = np.random.default_rng(0).normal(size=rows // 8)
    schema = pa.schema({"x": pa.float64()})
    with pq.ParquetWriter(tmp_path / "large.parquet", schema, compression="none", use_dictionary=False) as writer:
        for shift in range(8):
            writer.write_table(pa.table({"x": x + shift}), row_group_size=125_000)

    done = subprocess.run(
        [sys.executable, "-c", _SCAN, str(tmp_path / "large.parquet")], capture_output=True, text=True, check=True
    )

    counted, modules = done.stdout.splitlines()
    found, kilobytes = map(int, counted.split())
    assert found == rows
    assert kilobytes * 1024 < rows * 8 / 2  # its numbers alone are 64 MB
    assert modules == "[]"
