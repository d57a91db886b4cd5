"""Tables from files: opened once, hashed and parsed from the same bytes, the format confirmed by its content."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables import delimited
from pytest_mlgate.tables.files import read_regular_file
from pytest_mlgate.tables.frames import check_columns

if TYPE_CHECKING:
    import pandas as pd

_EXTENSIONS = {
    ".csv": "CSV",
    ".csv.gz": "gzip",
    ".tsv": "CSV",
    ".parquet": "Parquet",
    ".pq": "Parquet",
    ".feather": "Arrow",
    ".arrow": "Arrow",
    ".jsonl": "JSON lines",
    ".ndjson": "JSON lines",
}
_EXTENSION_OF = {"CSV": ".csv", "gzip": ".csv.gz", "Parquet": ".parquet", "Arrow": ".feather", "JSON lines": ".jsonl"}

# Formats that say what they are in their first bytes.
_MAGIC = (
    (b"PAR1", "Parquet"),
    (b"PARE", "an encrypted Parquet file"),
    (b"ARROW1", "Arrow"),
    (b"FEA1", "Feather version 1"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a ZIP archive (an Excel workbook is one)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"SQLite format 3\0", "an SQLite database"),
    (b"\x89HDF", "HDF5"),
    (b"\x80\x04", "a pickle"),
    (b"\x80\x05", "a pickle"),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRead:
    """A table that was read from a file.

    Attributes
    ----------
    frame : pandas.DataFrame
        The rows, with a plain 0..n-1 index.
    path : pathlib.Path
        The file, as it was named.
    digest : str
        SHA-256 of the very bytes that were parsed, in hexadecimal.
    rows : int
        Number of rows; a header without rows gives 0.
    """

    frame: pd.DataFrame
    path: Path
    digest: str
    rows: int


def read_table(path: str | os.PathLike[str]) -> TableRead:
    """Read a CSV (``.csv``, ``.csv.gz``, ``.tsv``), Parquet, Feather / Arrow or JSON-lines file.

    Parameters
    ----------
    path : path-like
        The extension names the format, and the content must agree with it.

    Returns
    -------
    TableRead
        CSV has the dtypes that :func:`pandas.read_csv` gives; the others those that pyarrow gives. A pandas index
        that a Parquet or Feather file stores under a name comes back as a column, since the file holds it.

    Raises
    ------
    InputError
        Where the file is missing, empty, of an unknown or another format, damaged, not UTF-8, has duplicate
        columns, ragged rows, or looks as if it had another delimiter.
    """
    name = os.fspath(path)
    if os.path.isdir(name):
        raise InputError(
            f"table {name!r} is a directory, and one file is needed here",
            fix="name a file in it, or write its rows to one; a run's tables under [data] may be folders",
        )
    if name.endswith(("/", os.sep)):
        raise InputError(f"there is no folder {name!r}", fix="check the path")
    kind = _kind_by_extension(name)
    data = read_regular_file(name, what="table")
    _confirm(name, kind, data)
    try:
        frame = _PARSERS[kind](name, data)
    except InputError:
        raise
    except Exception as error:  # the parsers raise a dozen types for a damaged file
        raise InputError(
            f"table {name!r} cannot be read as {kind}: it is truncated or damaged ({_first_line(error)})",
            fix="write it again",
        ) from error
    check_columns(frame, name=name)
    return TableRead(frame=frame, path=Path(name), digest=hashlib.sha256(data).hexdigest(), rows=len(frame))


def is_table_path(name: str) -> bool:
    """Whether a path has the extension of a table that :func:`read_table` reads."""
    return name.lower().endswith(tuple(_EXTENSIONS))


def is_profile_path(value: object) -> bool:
    """Whether a path names a profile and no table: no table has the extension ``.json``."""
    return isinstance(value, str | os.PathLike) and os.fspath(value).lower().endswith(".json")


def _kind_by_extension(name: str) -> str:
    lower = name.lower()
    for extension in sorted(_EXTENSIONS, key=len, reverse=True):
        if lower.endswith(extension):
            return _EXTENSIONS[extension]
    found = Path(name).suffix
    raise InputError(
        f"table {name!r} has {f'the unknown extension {found!r}' if found else 'no extension'}",
        fix=f"use one of {', '.join(sorted(_EXTENSIONS))}",
    )


def _confirm(name: str, kind: str, data: bytes) -> None:
    found = next((label for magic, label in _MAGIC if data.startswith(magic)), None)
    if found is None and kind == "CSV" and _is_json_object(data):
        found = "JSON lines"
    if found == kind:
        return
    if found is not None:
        extension = _EXTENSION_OF.get(found)
        fix = f"rename it to {extension}" if extension else f"save it as one of {', '.join(sorted(_EXTENSIONS))}"
        raise InputError(f"table {name!r} is named as {kind}, but its content is {found}", fix=fix)
    if kind in ("Parquet", "gzip") or (kind == "Arrow" and not data.startswith(b"\xff\xff\xff\xff")):
        raise InputError(
            f"table {name!r} is not {kind}: it starts with {data[:8]!r}",
            fix="give the file the extension of its content, or write it again",
        )


def _is_json_object(data: bytes) -> bool:
    import json

    line = data.removeprefix(b"\xef\xbb\xbf").lstrip().split(b"\n", 1)[0]
    if not line.startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _parse_csv(name: str, data: bytes) -> pd.DataFrame:
    return delimited.parse(name, data, delimiter="\t" if name.lower().endswith(".tsv") else ",")


def _parse_gzip(name: str, data: bytes) -> pd.DataFrame:
    import gzip
    import zlib

    from pytest_mlgate.tables.files import MAX_BYTES

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            plain = stream.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"table {name!r} cannot be decompressed: {_first_line(error)}",
            fix="the file is truncated or damaged; write it again",
        ) from error
    if len(plain) > MAX_BYTES:
        raise InputError(f"table {name!r} decompresses to more than {MAX_BYTES:,} bytes", fix="give a smaller file")
    return delimited.parse(name, plain, delimiter=",")


def _parse_parquet(name: str, data: bytes) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pandas_of(name, pq.ParquetFile(pa.BufferReader(data)).read())


def _parse_arrow(name: str, data: bytes) -> pd.DataFrame:
    import pyarrow as pa

    opened = pa.ipc.open_file if data.startswith(b"ARROW1") else pa.ipc.open_stream
    with opened(pa.BufferReader(data)) as reader:
        return pandas_of(name, reader.read_all())


def _parse_json_lines(name: str, data: bytes) -> pd.DataFrame:
    import pyarrow as pa
    import pyarrow.json

    text = data.removeprefix(b"\xef\xbb\xbf")
    try:
        table = pa.json.read_json(
            pa.BufferReader(text),
            # One block: types are inferred from all rows, never from the first megabyte only.
            read_options=pa.json.ReadOptions(block_size=max(len(text) + 1, 1 << 16)),
        )
    except pa.ArrowInvalid as error:
        raise InputError(
            f"table {name!r} is not one JSON object a line: {_first_line(error)}",
            fix="write one object a line, with the same keys and types in each",
        ) from error
    return pandas_of(name, table)


def pandas_of(name: str, table: Any) -> pd.DataFrame:
    """Return an Arrow table as a frame; an index that pandas stored under a name comes back as a column."""
    names = list(table.column_names)
    twice = sorted({column for column in names if names.count(column) > 1})
    if twice:
        raise InputError(f"table {name!r} has more than one column named {twice[0]!r}", fix="rename or drop one")
    frame: pd.DataFrame = _with_signed_codes(table).to_pandas()
    named = [level for level in frame.index.names if level is not None and level not in frame.columns]
    if named and all(isinstance(level, str) for level in named):
        frame = frame.reset_index(level=named)
    return frame.reset_index(drop=True)


def _with_signed_codes(table: Any) -> Any:
    """Return a table whose dictionaries have signed codes: a pyarrow of 17 makes no frame of others (polars' are)."""
    import pyarrow as pa
    import pyarrow.types as types

    for at, field in enumerate(table.schema):
        if types.is_dictionary(field.type) and types.is_unsigned_integer(field.type.index_type):
            signed = pa.dictionary(pa.int64(), field.type.value_type, ordered=field.type.ordered)
            chunks = [
                pa.DictionaryArray.from_arrays(
                    chunk.indices.cast(pa.int64()), chunk.dictionary, ordered=field.type.ordered
                )
                for chunk in table.column(at).chunks
            ]
            table = table.set_column(at, field.with_type(signed), pa.chunked_array(chunks, signed))
    return table


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else type(error).__name__


_PARSERS: dict[str, Callable[[str, bytes], pd.DataFrame]] = {
    "CSV": _parse_csv,
    "gzip": _parse_gzip,
    "Parquet": _parse_parquet,
    "Arrow": _parse_arrow,
    "JSON lines": _parse_json_lines,
}
