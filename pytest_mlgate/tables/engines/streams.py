"""Rows of other engines' lazy tables as record batches, in order and little at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1 << 16
"""Rows of a batch at most: half a megabyte of numbers a column, which a processor's cache holds."""


def sliced(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Yield batches of at most :data:`BATCH` rows, none of them empty, with the columns and types of a schema."""
    import pyarrow as pa

    for batch in batches:
        columns = [batch.column(batch.schema.get_field_index(name)) for name in schema.names]
        fitting = [
            column if column.type == field.type else column.cast(field.type)
            for column, field in zip(columns, schema, strict=True)
        ]
        whole = pa.RecordBatch.from_arrays(fitting, schema=schema)
        for start in range(0, len(whole), BATCH):
            yield whole.slice(start, BATCH)


def duckdb_batches(relation: Any) -> Iterator[pa.RecordBatch]:
    """Yield a relation's rows as duckdb makes them; its connection answers nothing else meanwhile."""
    reader = (relation.to_arrow_reader if hasattr(relation, "to_arrow_reader") else relation.fetch_arrow_reader)(BATCH)
    try:
        yield from reader
    finally:
        reader.close()


def polars_batches(frame: Any) -> Iterator[pa.RecordBatch]:
    """Yield a lazy frame's rows as the streaming engine makes them.

    Raises
    ------
    InputError
        A polars that cannot: one query for each slice would run everything again, and order rows anew.
    """
    if not hasattr(frame, "collect_batches"):
        import polars

        raise InputError(
            f"polars {polars.__version__} cannot give the rows of a lazy frame in batches",
            fix="install polars 1.34 or later, or write the rows to Parquet and give the file",
        )
    parts = frame.collect_batches(chunk_size=BATCH, maintain_order=True)
    try:
        for part in parts:
            yield from part.to_arrow().to_batches()
    finally:
        if hasattr(parts, "stop"):  # a query that nobody reads on would run to its end
            parts.stop()


def spark_batches(frame: Any) -> Iterator[pa.RecordBatch]:
    """Yield a data frame's rows a partition at a time, each batch as one value of bytes.

    Spark's own iterator hands over rows, one Python object a value; its Arrow conversion collects all of them.
    """
    import pyarrow as pa

    def packed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # Runs in the executors, which need pyarrow and not this package: it travels by value.
        import pyarrow

        for batch in batches:
            sink = pyarrow.BufferOutputStream()
            with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
                writer.write_batch(batch)
            yield pyarrow.RecordBatch.from_arrays([pyarrow.array([sink.getvalue().to_pybytes()])], names=["batch"])

    for row in frame.mapInArrow(packed, "batch binary").toLocalIterator(prefetchPartitions=True):
        with pa.ipc.open_stream(bytes(row["batch"])) as reader:
            yield from reader
