"""Parquet files, one or many, counted a batch at a time: numpy and pyarrow, never a whole table in memory."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import MOST_LEVELS, ColumnType, Counts, LevelCounts, check_counts, counted_rows
from pytest_mlgate.tables.engines.finding import ENDINGS, found_files, partitions, refuse_logged
from pytest_mlgate.tables.engines.kinds import numbers_of, plain, type_of
from pytest_mlgate.tables.engines.streams import BATCH
from pytest_mlgate.tables.files import Stamp, file_digest, refuse_changed, stamp_of
from pytest_mlgate.tables.frames import is_pattern
from pytest_mlgate.tables.scans import scanning, step

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

_TOGETHER = 4
"""Batches that are counted at once: two megabytes of numbers, among which few have to be sorted."""


@dataclass(frozen=True, kw_only=True)
class ParquetFiles:
    """Files of one table, which have the same columns.

    Attributes
    ----------
    source : str
        How they were named.
    files : tuple of str
        In the order of their names.
    """

    source: str
    files: tuple[str, ...]
    _footers: tuple[Any, ...]
    _schema: Any
    _folders: tuple[Mapping[str, str | int | None], ...]
    _stamps: tuple[Stamp | None, ...]

    name = "Parquet files"
    edges = summed_edges = 1024
    in_threads = True

    @property
    def arrow_schema(self) -> pa.Schema:
        """The columns as :meth:`table` and :meth:`batches` return them."""
        return self._schema

    @cached_property
    def types(self) -> Mapping[str, ColumnType]:
        """What each column holds, in the files' order; columns of the folders' names come last."""
        return {field.name: type_of(field.type) for field in self._schema}

    @cached_property
    def rows(self) -> int:
        """How many rows there are, as the files' footers say."""
        return sum(int(footer.num_rows) for footer in self._footers)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and digests of all files, in hexadecimal."""
        found = hashlib.sha256()
        with scanning(size=sum(stamp[2] for stamp in self._stamps if stamp is not None)):
            for file, stamp in zip(self.files, self._stamps, strict=True):
                digest, _ = file_digest(file, what="table")
                refuse_changed(file, stamp)
                found.update(f"{os.path.relpath(file, os.path.dirname(self.files[0]))}\0{digest}\n".encode())
        return found.hexdigest()

    def counts(self, name: str, edges: NDArray[Any], *, sums: bool = False) -> Counts:
        """Return the rows of a column of numbers at edges."""
        from pytest_mlgate.stats.samples import Sample

        rows = missing = below = above = 0
        low, high = np.inf, -np.inf
        at = np.zeros(edges.size, dtype=np.int64)
        totals = np.zeros(edges.size + 1) if sums else None
        moments = _Moments()
        for size, values in self._numbers(name):
            sample = Sample(np.sort(values), is_sorted=True) if sums else Sample(values)
            rows, missing = rows + size, missing + size - sample.size
            first, last = sample.infinite
            below, above = below + first, above + last
            if edges.size:
                at += sample.at_or_below(edges)
            if first + last == sample.size:
                continue
            lowest, highest = sample.at_ranks([first, sample.size - 1 - last]) if first or last else sample.ends
            low, high = min(low, float(lowest)), max(high, float(highest))
            if totals is not None:
                finite = sample.sorted[first : sample.size - last]
                cuts = np.concatenate([[0], finite.searchsorted(edges, side="right")])
                padded = np.append(finite, 0.0)
                with np.errstate(over="ignore"):  # a sum beyond the largest number is infinite
                    part = np.add.reduceat(padded, cuts)
                totals += np.where(np.diff(np.append(cuts, finite.size)) > 0, part, 0.0)
                moments.add(finite)
        found = bool(np.isfinite(low))
        counts = Counts(
            rows=rows,
            missing=missing,
            below=below,
            above=above,
            low=low if found else np.nan,
            high=high if found else np.nan,
            edges=edges,
            at_or_below=at,
            sums=totals,
            squares=moments.squares if sums and found else np.nan,
        )
        return check_counts(counts, rows=self.rows, where=f"column {name!r} of {self.source!r}")

    def levels(self, name: str) -> LevelCounts:
        """Return the rows of each level of text or booleans."""
        rows = missing = 0
        found: Counter[str] = Counter()
        for batch in self._batches(name):
            rows, missing = rows + len(batch), missing + batch.null_count
            # pyarrow counts dictionary codes, so that a level becomes text once a batch
            for one in batch.drop_null().value_counts():
                found[str(one["values"].as_py())] += one["counts"].as_py()
            if len(found) > MOST_LEVELS:
                raise too_many_levels(name, self.source)
        if rows != self.rows:
            raise _changed(name, self.source)
        return LevelCounts(rows=rows, missing=missing, levels=dict(found))

    def values(self, name: str, within: Sequence[tuple[float, float]]) -> NDArray[Any]:
        """Return the values in any of the intervals ``(a, b]``, sorted."""
        parts = []
        for batch in self._batches(name):
            values = np.sort(numbers_of(batch))
            parts += [values[slice(*values.searchsorted(ends, side="right"))].copy() for ends in within]
        return np.sort(np.concatenate(parts)) if parts else np.empty(0)

    def tallies(
        self, name: str, within: Sequence[tuple[float, float]], *, most: int
    ) -> tuple[NDArray[Any], NDArray[Any]] | None:
        """Return the distinct values in any of the intervals ``(a, b]``, and the rows of each; None beyond ``most``."""
        found = np.empty(0), np.empty(0, dtype=np.int64)
        for batch in self._batches(name):
            values = np.sort(numbers_of(batch))
            parts = [values[slice(*values.searchsorted(ends, side="right"))] for ends in within]
            fresh = np.unique(np.concatenate([np.empty(0), *parts]), return_counts=True)
            found = added_tallies(np.append(found[0], fresh[0]), np.append(found[1], fresh[1]))
            if found[0].size > most:
                return None
        return found

    def read(self, name: str) -> pa.ChunkedArray:
        """Return a whole column."""
        import pyarrow as pa

        batches = list(self._batches(name))
        return pa.chunked_array(batches) if batches else pa.chunked_array([], type=self._schema.field(name).type)

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns in order, at most 65 536 at a time."""
        where = f"table {self.source!r}"
        return counted_rows(self._streamed(names), rows=self.rows, where=where)

    def coded_batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns in order, text as codes into a dictionary: no string is made a row."""
        codes = [name for name in names if self.types[name].kind == "text"]
        return counted_rows(self._streamed(names, codes=codes), rows=self.rows, where=f"table {self.source!r}")

    def statistics(self, name: str) -> list[Any] | None:
        """Return what the footers say of a column, by row groups that have rows; None of those that say nothing.

        None in all for nested columns, and those of the folders' names.
        """
        kinds = {type_.kind for type_ in self.types.values()}
        if self.types[name].kind == "other" or (
            "." in name and "other" in kinds
        ):  # a part of another column is so named
            return None
        found: list[Any] = []
        for footer, folder, places in zip(self._footers, self._folders, self._columns, strict=True):
            if name in folder:
                return None
            groups = [footer.row_group(i) for i in range(footer.num_row_groups)]
            columns = [group.column(places[name]) for group in groups if group.num_rows]
            found += [column.statistics if column.is_stats_set else None for column in columns]
        return found

    @cached_property
    def _columns(self) -> list[dict[str, int]]:
        """Where each column is in each file's footer."""
        return [{footer.schema.column(i).path: i for i in range(footer.num_columns)} for footer in self._footers]

    def table(self) -> pa.Table:
        """Return the whole table."""
        import pyarrow as pa

        columns = {name: list(self._batches(name, codes=False)) for name in self.types}
        return pa.table(
            [pa.chunked_array(columns[field.name], type=field.type) for field in self._schema], schema=self._schema
        )

    def _numbers(self, name: str) -> Iterator[tuple[int, NDArray[np.float64]]]:
        """Yield how many rows there are at a time, and their numbers, null and NaN left out."""
        batches = self._batches(name)
        while together := list(itertools.islice(batches, _TOGETHER)):
            yield sum(map(len, together)), np.concatenate([numbers_of(batch) for batch in together])

    def _batches(self, name: str, *, codes: bool = True) -> Iterator[pa.Array]:
        """Yield a column's rows, little of it in memory at a time; text as codes into a dictionary."""
        import pyarrow as pa

        arrow = self._schema.field(name).type
        text = codes and self.types[name].kind == "text" and not pa.types.is_dictionary(arrow)
        return (batch.column(0) for batch in self._streamed([name], codes=[name] if text else None))

    def _streamed(self, names: Sequence[str], *, codes: list[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Yield the rows of some columns, those of ``codes`` as codes into a dictionary."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        schema = pa.schema([self._schema.field(name) for name in names], metadata=self._schema.metadata)
        for path, footer, folder, stamp in zip(self.files, self._footers, self._folders, self._stamps, strict=True):
            inside = [name for name in names if name not in folder]
            if not inside:
                for at in range(0, footer.num_rows, BATCH):
                    rows = min(BATCH, footer.num_rows - at)
                    step(rows=rows)
                    yield _named_by_folder(schema, folder, {}, rows)
                continue
            try:
                with pq.ParquetFile(path, metadata=footer, read_dictionary=codes) as file:
                    for batch in file.iter_batches(BATCH, columns=inside, use_threads=len(inside) > 1):
                        if len(batch):
                            step(rows=len(batch))
                            read = {name: _whole(batch.column(name)) for name in inside}
                            yield _named_by_folder(schema, folder, read, len(batch))
            except Exception as error:  # pyarrow raises a dozen types for a damaged file
                refuse_changed(path, stamp)
                raise _damaged(path, error, names[0] if len(names) == 1 else None) from error
            refuse_changed(path, stamp)


def _whole(array: pa.Array) -> pa.Array:
    """Return an array whose codes, where it has any, are all in its dictionary; a damaged file's may lie outside."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        codes = plain(array.indices.drop_null())
        if codes.size and not 0 <= codes.min() <= codes.max() < len(array.dictionary):
            raise ValueError("a row has a level that there is not")
    return array


def _named_by_folder(
    schema: pa.Schema, folder: Mapping[str, str | int | None], read: Mapping[str, pa.Array], rows: int
) -> pa.RecordBatch:
    """Return a batch of what was read, and of the columns that folders' names make."""
    import pyarrow as pa

    columns = [
        read[field.name] if field.name in read else pa.repeat(pa.scalar(folder[field.name], field.type), rows)
        for field in schema
    ]
    fields = [pa.field(field.name, column.type) for field, column in zip(schema, columns, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=pa.schema(fields, metadata=schema.metadata))


class _Moments:
    """The sum of squared deviations of parts, added without losing digits (Chan, Golub and LeVeque 1979)."""

    def __init__(self) -> None:
        self.count, self.mean, self.squares = 0, 0.0, 0.0

    def add(self, values: NDArray[np.float64]) -> None:
        with np.errstate(over="ignore", invalid="ignore"):
            mean = float(values.mean())
            apart, count = mean - self.mean, self.count + values.size
            self.squares += float(np.sum((values - mean) ** 2)) + apart * apart * self.count * values.size / count
            self.mean += apart * values.size / count
        self.count = count


def added_tallies(values: NDArray[Any], rows: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return distinct values, sorted, and the rows of each added up; both zeros are one."""
    distinct, place = np.unique(values, return_inverse=True)
    return distinct, np.bincount(place, rows, minlength=distinct.size).astype(np.int64)


def too_many_levels(name: str, source: str) -> InputError:
    """Return the error of a column with more levels than are counted."""
    return InputError(
        f"column {name!r} of {source or 'the table'} has more than {MOST_LEVELS:,} levels, too many to be counted",
        fix="name it as `id` under [data] if it names a row, else list it in `exclude` or group its levels",
    )


def _changed(name: str, source: str) -> InputError:
    return InputError(
        f"column {name!r} of {source!r} has another number of rows than its footers say", fix="write the files again"
    )


def open_files(pattern: str | os.PathLike[str], *, named: str | None = None) -> ParquetFiles:
    """Open Parquet files: one, those that a pattern finds, or all in a folder and the folders in it.

    Of a folder and a pattern, folders named ``year=2013`` make a column ``year``. A file whose name, or a folder's on
    the way to it, starts with ``_`` or ``.`` is no part of the table.

    Parameters
    ----------
    pattern : path-like
    named : str or None
        What messages call it; None: the pattern itself.

    Raises
    ------
    InputError
        There is none, one is no Parquet or damaged, they differ in their columns or types, or they are files of a table
        of Delta, Hudi or Iceberg.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = os.fspath(pattern)
    files, source = found_files(path), path if named is None else named
    several = os.path.isdir(path) or is_pattern(path)
    if not files:
        raise InputError(f"there is no Parquet file in {source!r}", fix="check the path; files end in .parquet or .pq")
    if several:
        refuse_logged(files, source)
    footers, schemas, stamps = [], [], []
    for path in files:
        stamps.append(stamp_of(path))
        try:
            with pq.ParquetFile(path) as file:
                footers.append(file.metadata)
                schemas.append((path, file.schema_arrow))
        except Exception as error:
            raise _damaged(path, error) from error
    _refuse_differences(schemas)
    folders = partitions(files) if several else tuple({} for _ in files)
    schema = schemas[0][1]
    for name in folders[0]:
        whole = all(isinstance(folder[name], int | None) for folder in folders)
        schema = schema.append(pa.field(name, pa.int64() if whole else pa.string()))
    if len(set(schema.names)) < len(schema.names):
        twice = next(name for name in schema.names if schema.names.count(name) > 1)
        raise InputError(f"table {source!r} has more than one column named {twice!r}", fix="rename or drop one")
    return ParquetFiles(
        source=source,
        files=files,
        _footers=tuple(footers),
        _schema=schema,
        _folders=folders,
        _stamps=tuple(stamps),
    )


def _damaged(path: str, error: Exception, name: str | None = None) -> InputError:
    first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    what = f"table {path!r}" if name is None else f"column {name!r} of table {path!r}"
    if not path.lower().endswith(ENDINGS):
        ask = f"patterns find Parquet files; of others write `duckdb:SELECT * FROM {path!r}`"
        return InputError(f"{what} cannot be read: it is no Parquet file ({first})", fix=ask)
    return InputError(
        f"{what} cannot be read: it is no Parquet file, is truncated or is damaged ({first})", fix="write it again"
    )


def _refuse_differences(schemas: Sequence[tuple[str, Any]]) -> None:
    """Refuse files of other columns: what one lacks would be read as missing values."""
    path, first = schemas[0]
    for other, schema in schemas[1:]:
        if schema.equals(first):
            continue
        odd = sorted(set(schema.names) ^ set(first.names))
        if odd:
            has, lacks = (other, path) if odd[0] in schema.names else (path, other)
            text = f"{has!r} has a column {odd[0]!r} that {lacks!r} lacks"
        else:
            name = next((n for n in first.names if schema.field(n).type != first.field(n).type), None)
            if name is None:
                continue  # the same columns in another order, or another note whether they may be null
            text = f"column {name!r} is {first.field(name).type} in {path!r} and {schema.field(name).type} in {other!r}"
        raise InputError(f"the files are no one table: {text}", fix="write them again with the same columns and types")
