"""Tables of Spark that a setting names, ``spark:catalog.schema.table`` or ``spark:PATH``, in the user's own session."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.engines import one_line
from pytest_mlgate.tables.engines.finding import LOGS
from pytest_mlgate.tables.engines.lazy import LazyTable, lazy_table
from pytest_mlgate.tables.engines.sessions import SparkSessions
from pytest_mlgate.tables.frames import SPARK

_FORMATS = {".parquet": "parquet", ".pq": "parquet", ".orc": "orc", ".avro": "avro"}
"""Formats that carry their columns' types; a type that is guessed could be another one on the other side."""
_UNTYPED = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xml", ".gz")
_LENIENT = ("spark.sql.files.ignoreCorruptFiles", "spark.sql.files.ignoreMissingFiles")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/")


def spark_table(text: str, folder: Path, sessions: SparkSessions) -> LazyTable:
    """Return the rows of ``spark:catalog.schema.table`` or of ``spark:PATH``, which is relative to ``folder``.

    A path has a slash, a sign that stands for several files, or a suffix of files; anything else is a table's name. A
    path that is neither absolute nor an address lies on this machine; an absolute one lies where the session's file
    system is.

    Raises
    ------
    InputError
        There is no session, no such table or path, or its files carry no types.
    """
    name = text.removeprefix(SPARK).strip()
    if not name:
        raise InputError(f"{text!r} names no table", fix="write spark:catalog.schema.table or spark:PATH")
    path = _is_path(name)
    suffix = os.path.splitext(name.rstrip("/"))[1].lower() if path else ""
    if suffix in _UNTYPED:
        raise InputError(
            f"{text!r} names files of {suffix}, which do not say what type a column has",
            fix="make a view of them in your session (frame.createOrReplaceTempView('requests')) and name that:"
            " spark:requests",
        )
    session = sessions.get(text)
    try:
        frame = _files(session, _placed(name, folder), suffix) if path else session.table(name)
        _ = frame.columns  # a session elsewhere finds out here whether it is there
    except InputError:
        raise
    except Exception as error:
        raise _not_there(text, path, error) from error
    found = lazy_table(frame, source=text)
    if not path:
        refuse_lenient(found)
    return found


def refuse_lenient(table: LazyTable) -> None:
    """Refuse a session that leaves out files which are damaged or gone: what is left is a smaller count.

    Raises
    ------
    InputError
    """
    if table.name != "pyspark":
        return
    for key in _LENIENT:
        if table.spark_setting(key) == "true":
            raise InputError(
                f"Spark's session has {key} = true: rows that it cannot read would be missing without a word",
                fix=f'set it to false: spark.conf.set("{key}", "false")',
            )


def _is_path(name: str) -> bool:
    if "`" in name:  # a quoted name may have any sign: delta.`/data/requests`
        return False
    suffix = os.path.splitext(name)[1].lower()
    return any(sign in name for sign in "/\\*?[{") or suffix in _FORMATS or suffix in _UNTYPED


def _placed(name: str, folder: Path) -> str:
    """Return a path as Spark is to be asked for it: one that is relative as an address of a file on this machine."""
    name = os.path.expanduser(name)
    if _ADDRESS.match(name) or os.path.isabs(name):
        return name
    fixed = re.sub(r"([*?\[\]{}\\])", r"\\\1", folder.absolute().as_posix())  # no sign of the folder's is a pattern
    return f"file://{os.path.normpath(os.path.join(fixed, name))}"


def _files(session: Any, path: str, suffix: str) -> Any:
    """Return the rows of files: none is left out because it is damaged or gone, whatever the session is set to."""
    reader = session.read.option("ignoreCorruptFiles", "false").option("ignoreMissingFiles", "false")
    kind = _FORMATS.get(suffix, "parquet")
    merged = {"mergeSchema": "true"} if kind in ("parquet", "orc") else {}
    found = reader.options(**merged).format(kind).load(path)
    other = None if suffix in _FORMATS else next((k for k in LOGS if _exists(session, path, LOGS[k])), None)
    if other is not None:
        raise InputError(
            f"{path!r} is a table of {other}, whose Parquet files alone are not its rows",
            fix="name it as a table: spark:catalog.schema.table"
            + (", or spark:delta.`/its/path` in a session with Delta" if other == "Delta" else ""),
        )
    return found


def _exists(session: Any, path: str, inside: str) -> bool:
    """Whether a path has something in it."""
    pattern = f"{path.rstrip('/')}/{inside}"
    if "connect" not in type(session).__module__:
        context = session.sparkContext
        place = context._jvm.org.apache.hadoop.fs.Path(pattern)
        return len(place.getFileSystem(context._jsc.hadoopConfiguration()).globStatus(place) or []) > 0
    try:  # a session elsewhere shows no file system
        _ = session.read.format("binaryFile").load(pattern).columns
    except Exception as error:
        if "PATH_NOT_FOUND" in str(error):
            return False
        raise
    return True


def _not_there(text: str, path: bool, error: Exception) -> InputError:
    said = str(error)
    if "TABLE_OR_VIEW_NOT_FOUND" in said:
        return InputError(
            f"{text!r}: the session has no such table or view",
            fix="write catalog.schema.table as spark.catalog.listTables() has it; a folder is a path with a slash:"
            " spark:./requests",
        )
    if "PATH_NOT_FOUND" in said:
        return InputError(
            f"{text!r}: there is no such path", fix="a relative one is relative to mlgate.toml; check the path"
        )
    if "UNABLE_TO_INFER_SCHEMA" in said:
        return InputError(f"{text!r}: there is no Parquet file", fix="check the path; files end in .parquet or .orc")
    what = "files cannot be read" if path else "the table cannot be read"
    return InputError(f"{text!r}: {what}: {one_line(error)}", fix="read it in Spark by itself and correct it")
