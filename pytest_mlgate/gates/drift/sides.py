"""The two tables of a comparison, column by column, wherever their rows are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.columns import Column, Kind, read_column
from pytest_mlgate.gates.drift.counted import EngineSide
from pytest_mlgate.tables.engines import ROWS_IN_MEMORY

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.tables.parquet import ParquetColumns
    from pytest_mlgate.tables.profile import Profile


class Side(Protocol):
    """One table of a comparison."""

    @property
    def name(self) -> str:
        """``reference`` or ``current``, for messages."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""

    @property
    def rows(self) -> int:
        """How many rows it has."""

    def column(self, name: str, *, hidden: bool) -> Column:
        """Return one column as what drift compares; of a ``hidden`` one no message quotes a value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FrameSide:
    """A table in memory."""

    name: str
    frame: pd.DataFrame

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return tuple(self.frame.columns)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.frame)

    def column(self, name: str, *, hidden: bool) -> Column:
        """Return one column as what drift compares; of a ``hidden`` one no message quotes a value."""
        return read_column(self.frame[name], table=self.name, hidden=hidden)


@dataclass(frozen=True, kw_only=True)
class ParquetSide:
    """A Parquet file, of which one column at a time is in memory."""

    name: str
    opened: ParquetColumns

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return self.opened.names

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return self.opened.rows

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The whole table, for questions about its rows."""
        from pytest_mlgate.tables import as_frame

        return as_frame(self.opened.path, name=self.name)

    def column(self, name: str, *, hidden: bool) -> Column:
        """Return one column as what drift compares; of a ``hidden`` one no message quotes a value."""
        from pytest_mlgate.gates.drift.arrow import read_arrow_column

        return read_arrow_column(self.opened.read(name), name=name, table=self.name, hidden=hidden)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProfileSide:
    """What is kept of a table whose rows are not here."""

    name: str
    profile: Profile

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names, in the table's order."""
        return self.profile.names

    @property
    def rows(self) -> int:
        """How many rows the table had."""
        return self.profile.rows

    def column(self, name: str, *, hidden: bool) -> Column:
        """Return one column as what drift compares: its sketch in place of values."""
        kept = self.profile.column(name)
        if kept.kind == "unreadable":
            raise InputError(
                f"column {name!r} of {self.name} held values that drift cannot compare when it was profiled",
                fix="give the column one type and profile the table again, or list the column in `exclude`",
            )
        bare: dict[str, Kind] = {"number": "number", "timestamp": "timestamp", "category": "category"}
        return Column(
            kind=bare.get(kept.kind, "empty"),
            family=kept.family,
            rows=kept.rows,
            missing=kept.missing,
            zone=kept.zone,
            from_text=kept.from_text,
            sketch=kept,
        )


def side_of(value: Any, *, name: str, rows_in_memory: int = ROWS_IN_MEMORY) -> Side:
    """Return a side of what a fixture or a caller gave: a frame, a path, any table, a profile or a lazy table.

    Parameters
    ----------
    value : object
    name : str
        ``reference`` or ``current``.
    rows_in_memory : int
        Rows up to which a column of a file or of a lazy table is read whole.

    Raises
    ------
    InputError
        Where it is no table, or has no row.
    """
    from pytest_mlgate.tables import as_frame
    from pytest_mlgate.tables.engines.opening import engine_of
    from pytest_mlgate.tables.engines.parquet import open_files
    from pytest_mlgate.tables.parquet import open_parquet
    from pytest_mlgate.tables.profile import Profile
    from pytest_mlgate.tables.reading import is_profile_path

    if is_profile_path(value):
        value = Profile.read(value)
    if isinstance(value, Profile):
        return ProfileSide(name=name, profile=value)
    engine = engine_of(value)
    opened = open_parquet(value) if engine is None and isinstance(value, str | os.PathLike) else None
    if opened is not None and opened.rows > rows_in_memory:
        engine = open_files(opened.path)
    side: Side
    if engine is not None:
        side = EngineSide(name=name, engine=engine, most=rows_in_memory)
    elif opened is not None:
        side = ParquetSide(name=name, opened=opened)
    else:
        side = FrameSide(name=name, frame=as_frame(value, name=name))
    if not side.rows:
        raise InputError(
            f"table {name!r} has no row: there is nothing to compare",
            fix=f"check the path and the filters that make {name!r}; an empty table is no evidence of no drift",
        )
    return side
