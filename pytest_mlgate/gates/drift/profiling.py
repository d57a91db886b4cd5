"""Making a profile: a table read column by column as drift reads it, and of each a sketch."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.examine import is_identifier
from pytest_mlgate.gates.drift.sides import FrameSide

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pytest_mlgate.gates.drift.columns import Column
    from pytest_mlgate.tables import TableRead
    from pytest_mlgate.tables.profile import Profile, Source
    from pytest_mlgate.tables.sketches import ColumnProfile


def profile_table(
    table: pd.DataFrame | TableRead | str | Path,
    *,
    sensitive: Sequence[str] = (),
    time: str | None = None,
    id: str | None = None,  # noqa: A002 - the configuration's own word
    min_rows: int = 20,
    cells: int = 1024,
) -> Profile:
    """Return what is kept of a table so that drift can be judged without its rows.

    Parameters
    ----------
    table : DataFrame or path, or what ``read_table`` returned
    sensitive : sequence of str
        Columns of which only the number of missing values is kept.
    time : str or None
        The column of the row's time, from which the profile's period is taken, in whole days.
    id : str or None
        The column of the row's identifier, of which only the number of missing values is kept.
    min_rows : int
        Rows that must share a value or a level that is kept, and that a cell holds; at least 1.
    cells : int
        Cells of each sketch, at least 2: a distance is known to about one part of so many.

    Returns
    -------
    Profile
        Its ``write(path)`` keeps it, ``Profile.read(path)`` reads it back.

    Raises
    ------
    InputError
        The table cannot be read, has no row, or lacks a column that is named.

    Examples
    --------
    >>> import pandas as pd
    >>> profile = profile_table(pd.DataFrame({"hour": list(range(24)) * 50}))
    >>> profile.rows, profile.columns[0].kind, profile.columns[0].accuracy
    (1200, 'number', 0.0)
    """
    from importlib.metadata import version

    from pytest_mlgate.tables.profile import Profile

    for name, value, least in (("min_rows", min_rows, 1), ("cells", cells, 2)):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            raise InputError(f"{name}={value!r} is no whole number of at least {least}", fix=f"give another {name}")
    side, source = _side(table)
    _refuse_unknown(side, {"sensitive": sensitive, "time": time, "id": id})
    columns = {name: _read(side, name, hidden=name in sensitive) for name in side.columns}
    return Profile(
        sources=(source,),
        rows=side.rows,
        period=None if time is None or time in sensitive else _period(columns[time]),
        time=time,
        min_rows=min_rows,
        cells=cells,
        version=version("pytest-mlgate"),
        columns=tuple(
            _profiled(name, column, side, name in sensitive, name == id, min_rows=min_rows, cells=cells)
            for name, column in columns.items()
        ),
    )


def _side(table: Any) -> tuple[FrameSide, Source]:
    from pytest_mlgate.tables import TableRead, as_frame, frame_digest, read_table
    from pytest_mlgate.tables.frames import refuse_profile
    from pytest_mlgate.tables.profile import Source

    refuse_profile(table, name="table")
    if isinstance(table, str | os.PathLike):
        table = read_table(table)
    if isinstance(table, TableRead):
        frame, digest, name = table.frame, table.digest, table.path.name
    else:
        frame, name = as_frame(table, name="table"), "data frame"
        try:
            digest = frame_digest(frame)
        except InputError:  # a column that no file carries; it is profiled as unreadable
            digest = ""
    if not len(frame):
        raise InputError(f"table {name!r} has no row: there is nothing to profile", fix="check what makes the table")
    return FrameSide(name="table", frame=frame), Source(digest=digest, name=name, rows=len(frame))


def _refuse_unknown(side: FrameSide, named: dict[str, Any]) -> None:
    from pytest_mlgate.tables.files import nearest

    for key, value in named.items():
        for column in [value] if isinstance(value, str) else value or ():
            if column not in side.columns:
                raise InputError(
                    f"{key}: the table has no column {column!r}{nearest(column, list(side.columns))}",
                    fix="correct the name, or take it out",
                )


def _read(side: FrameSide, name: str, *, hidden: bool) -> Column | None:
    """Return a column, None where drift cannot read it."""
    try:
        return side.column(name, hidden=hidden)
    except InputError:
        return None


def _profiled(
    name: str, column: Column | None, side: FrameSide, sensitive: bool, identifies: bool, *, min_rows: int, cells: int
) -> ColumnProfile:
    from pytest_mlgate.stats.cells import cells_of
    from pytest_mlgate.tables.sketches import ColumnProfile, named_levels

    missing = int(side.frame[name].isna().sum()) if column is None else column.missing
    if sensitive:
        return ColumnProfile(name=name, kind="sensitive", rows=side.rows, missing=missing)
    if column is None:
        return ColumnProfile(name=name, kind="unreadable", rows=side.rows, missing=missing)
    if column.kind != "empty" and (identifies or is_identifier(column)):
        return ColumnProfile(name=name, kind="identifier", rows=side.rows, missing=missing)
    ordered = column.kind in ("number", "timestamp")
    return ColumnProfile(
        name=name,
        kind=column.kind,
        rows=side.rows,
        missing=missing,
        family=column.family,
        zone=column.zone,
        from_text=column.from_text,
        cells=cells_of(column.values, cells=cells, min_rows=min_rows) if ordered else None,
        levels=named_levels(column.levels, min_rows=min_rows) if column.kind == "category" else None,
    )


def _period(column: Column | None) -> tuple[str, str] | None:
    import numpy as np

    if column is None or column.kind != "timestamp":
        return None
    first, last = (str(np.datetime64(int(end), "us").astype("M8[D]")) for end in column.sample.ends)
    return first, last
