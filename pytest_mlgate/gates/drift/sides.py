"""The two tables of a comparison, column by column, wherever their rows are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.drift.columns import Column, read_column

if TYPE_CHECKING:
    import pandas as pd


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


def side_of(value: Any, *, name: str) -> Side:
    """Return a side of what a fixture or a caller gave: a frame, a path, or any table.

    Raises
    ------
    InputError
        Where it is no table, or has no row.
    """
    from pytest_mlgate.tables import as_frame

    side = FrameSide(name=name, frame=as_frame(value, name=name))
    if not side.rows:
        raise InputError(
            f"table {name!r} has no row: there is nothing to compare",
            fix=f"check the path and the filters that make {name!r}; an empty table is no evidence of no drift",
        )
    return side
