"""One column of a Parquet file at a time, so that a wide table never lies in memory whole."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.files import Stamp, refuse_changed, stamp_of
from pytest_mlgate.tables.scans import step

if TYPE_CHECKING:
    import pyarrow as pa

NAMELESS_INDEX = re.compile(r"__index_level_\d+__")  # pandas' own name of an index without one: no column of the table


@dataclass(frozen=True, kw_only=True, slots=True)
class ParquetColumns:
    """A Parquet file of which columns are read when they are asked for.

    Attributes
    ----------
    path : str
        The file, as it was named.
    names : tuple of str
        The columns' names, in the file's order.
    rows : int
        Rows of the whole file.
    """

    path: str
    names: tuple[str, ...]
    rows: int
    _file: Any
    _stamp: Stamp | None
    _turn: Lock = field(default_factory=Lock)

    def read(self, name: str) -> pa.ChunkedArray:
        """Return one column; text comes as codes into a dictionary.

        Raises
        ------
        InputError
            Where the file is damaged, or was changed since it was opened.
        """
        try:
            with self._turn:  # a reader serves one thread at a time
                column: pa.ChunkedArray = self._file.read(columns=[name], use_threads=False).column(0)
        except Exception as error:  # pyarrow raises a dozen types for a damaged file
            refuse_changed(self.path, self._stamp)
            first = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
            message = (
                f"column {name!r} of table {self.path!r} cannot be read: the file is truncated or damaged ({first})"
            )
            raise InputError(message, fix="write it again") from error
        refuse_changed(self.path, self._stamp)
        step(rows=self.rows)
        return column


def open_parquet(path: str | os.PathLike[str]) -> ParquetColumns | None:
    """Open a Parquet file column by column; None where it cannot be, and :func:`read_table` says why or reads it.

    It cannot where it is no regular file named as Parquet, where it is damaged, and where columns are nested or share a
    name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    name = os.fspath(path)
    if not name.lower().endswith((".parquet", ".pq")) or not os.path.isfile(name):  # a pipe would keep us waiting
        return None
    stamp = stamp_of(name)
    try:
        schema = pq.read_schema(name)
        text = [
            field.name for field in schema if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
        ]
        file = pq.ParquetFile(name, read_dictionary=text)
    except Exception:  # pyarrow raises a dozen types for a damaged file
        return None
    if any(pa.types.is_nested(field.type) for field in schema) or len(set(schema.names)) < len(schema.names):
        return None
    names = tuple(column for column in schema.names if not NAMELESS_INDEX.fullmatch(column))
    return ParquetColumns(path=name, names=names, rows=file.metadata.num_rows, _file=file, _stamp=stamp)
