"""Which values and settings are tables whose rows stay where they are, and opening them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import Engine, digest_of
from pytest_mlgate.tables.engines.lazy import LazyTable, is_lazy, lazy_table
from pytest_mlgate.tables.engines.parquet import ParquetFiles, open_files
from pytest_mlgate.tables.engines.sessions import SparkSessions
from pytest_mlgate.tables.engines.spark import refuse_lenient, spark_table
from pytest_mlgate.tables.frames import DUCKDB, SPARK, is_engine_setting


def engine_of(value: Any) -> Engine | None:
    """Return what answers for a table whose rows stay where they are; None for any other value.

    Parameters
    ----------
    value : object
        An engine; a lazy frame of polars, a relation of duckdb, a table of ibis for one of these, or a data frame of
        Spark; the path of a folder or a pattern (``data/2013-*.parquet``); a query, ``duckdb:SELECT ...``, whose files
        are relative to the current folder; a table or path in the active session of Spark, ``spark:schema.table``.

    Raises
    ------
    InputError
        It is one that cannot be opened.
    """
    if isinstance(value, ParquetFiles | LazyTable):
        return value
    if is_lazy(value):
        found = lazy_table(value)
        refuse_lenient(found)
        return found
    if isinstance(value, str | os.PathLike) and is_engine_setting(name := os.fspath(value)):
        return open_setting(name, Path())
    return None


def is_engine(value: Any) -> bool:
    """Whether :func:`engine_of` answers for a value; opens nothing."""
    if isinstance(value, str | os.PathLike):
        return is_engine_setting(os.fspath(value))
    return isinstance(value, ParquetFiles | LazyTable) or is_lazy(value)


def open_setting(text: str, folder: Path, sessions: SparkSessions | None = None) -> Engine:
    """Open what a setting names: a query, a table of Spark, or files relative to ``folder``.

    Parameters
    ----------
    text : str
    folder : Path
    sessions : SparkSessions, optional
        Where a session of Spark comes from; default: the active one.

    Raises
    ------
    InputError
        The query is none, or there are no files, or they are no one table.
    """
    if text.startswith(DUCKDB):
        return duckdb_query(text, folder)
    if text.startswith(SPARK):
        return spark_table(text, folder, sessions or SparkSessions())
    return open_files(os.path.normpath(folder / os.path.expanduser(text)), named=text)


def judged_digest(engine: Engine) -> str:
    """Return the SHA-256 of all files' bytes where there are files, else of what the engine counts."""
    return engine.digest if isinstance(engine, ParquetFiles) else digest_of(engine)


def duckdb_query(text: str, folder: Path) -> LazyTable:
    """Return the rows of ``duckdb:SELECT ...``; files that it names are relative to ``folder``.

    Nothing is downloaded for it: extensions that are not installed stay so.

    Raises
    ------
    InputError
        duckdb is not installed, or the text is no single query that only reads.
    """
    try:
        import duckdb
    except ImportError:
        raise InputError(
            f"{text[:60]!r} is a query to duckdb, which is not installed", fix='pip install "pytest-mlgate[duckdb]"'
        ) from None
    query = text.removeprefix(DUCKDB)
    connection = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    connection.execute(f"SET file_search_path = '{str(folder.absolute()).replace(chr(39), chr(39) * 2)}'")
    try:
        statements = connection.extract_statements(query)
        if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
            raise InputError(
                f"{text!r} is not one SELECT: a gate only reads", fix="write one query: duckdb:SELECT ... FROM ..."
            )
        relation = connection.sql(query)
    except duckdb.Error as error:
        first = str(error).strip().splitlines()[0][:300]
        raise InputError(f"{text!r} cannot be run: {first}", fix="run it in duckdb and correct it") from None
    return lazy_table(relation, source=text, keep=connection)
