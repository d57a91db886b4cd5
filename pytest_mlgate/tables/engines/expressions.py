"""Expressions of ibis as what stands behind them: a relation of duckdb, or a lazy frame of polars."""

from __future__ import annotations

from typing import Any

from pytest_mlgate.checks import InputError

_ASKED = ("duckdb", "polars")
"""How other databases take NaN, compare text and round is not known well enough to answer for their counts."""


def is_expression(value: Any) -> bool:
    """Whether a value is a table of ibis, for whatever database; imports nothing."""
    return any(
        kind.__module__ == "ibis.expr.types.relations" and kind.__name__ == "Table" for kind in type(value).__mro__
    )


def is_asked(table: Any) -> bool:
    """Whether a table of ibis stays where it is: for duckdb, for polars, or for no database, which is an error."""
    try:
        return table.get_backend().name in _ASKED
    except Exception:  # ibis's own errors: `native_of` says what they are
        return True


def native_of(table: Any) -> Any:
    """Return an ibis table as a table of the engine that it is an expression for.

    Parameters
    ----------
    table : ibis.expr.types.Table
        One that :func:`is_asked` accepts.

    Returns
    -------
    DuckDBPyRelation or LazyFrame
        A relation belongs to the expression's own connection.

    Raises
    ------
    InputError
        It is for no database, or cannot be compiled.
    """
    try:
        backend = table.get_backend()
        return backend.compile(table) if backend.name == "polars" else _relation(table, backend)
    except Exception as error:  # ibis's and its database's own errors, of any type
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise InputError(
            f"an ibis table cannot be asked: {type(error).__name__}: {lines[0][:300]}",
            fix="run `table.head().to_pyarrow()` by itself to see what is wrong with it",
        ) from error


def _relation(table: Any, backend: Any) -> Any:
    import ibis

    if table.op().find(ibis.expr.operations.InMemoryTable):
        table.head(0).to_pyarrow()  # what lies in memory gets its name in the database when it is first asked for
    return backend.con.sql(ibis.to_sql(table, dialect="duckdb"))


def refuse_large(table: Any, *, name: str) -> None:
    """Refuse an ibis table of another database that is too large to be collected.

    Raises
    ------
    InputError
        It has more values than :data:`~pytest_mlgate.tables.engines.MOST_CELLS`.
    """
    from pytest_mlgate.tables.engines import MOST_CELLS

    rows, columns = int(table.count().to_pyarrow().as_py()), len(table.columns)
    if rows * columns > MOST_CELLS:
        raise InputError(
            f"table {name!r} is an ibis table of {table.get_backend().name} with {rows:,} rows of {columns} columns,"
            f" which would be collected: more than the {MOST_CELLS:,} values that are held in memory",
            fix="write it with `table.to_parquet_dir(...)` and name the folder",
        )
