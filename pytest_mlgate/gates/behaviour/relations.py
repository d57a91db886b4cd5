"""What a relation is, and what asking about it brings to light."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """One violation, to be looked at.

    Attributes
    ----------
    rows : DataFrame
        The row, and as a second one the row it is compared with where that is another.
    changed : tuple of str
        Columns in which the two differ.
    said : tuple
        What the model answered to either; of one row asked in two ways, either way.
    ways : tuple of str
        What the two answers are called.
    """

    rows: pd.DataFrame
    changed: tuple[str, ...] = ()
    said: tuple[Any, ...]
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Violations:
    """What was found, one value a row.

    Attributes
    ----------
    broken : ndarray of bool
        Whether the relation does not hold.
    size : ndarray of float
        By how much the answers differ, at least 0, tolerance included; 1 for another label.
    counted : ndarray of bool
        Rows that were drawn at random and asked in full: those that a share is taken of.
    witness : callable
        From a row's place to its :class:`Witness`.
    places : ndarray of int
        Where each row stands in the table.
    asked : int
        Rows that the model was asked about in all.
    unfinished : str
        Why not all was asked that should have been; empty where it was.
    details : Mapping
        What else is worth keeping.
    """

    broken: NDArray[np.bool_]
    size: NDArray[np.float64]
    counted: NDArray[np.bool_]
    witness: Callable[[int], Witness]
    places: NDArray[np.intp]
    asked: int
    unfinished: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def worst(self) -> int:
        """The broken row with the largest difference, the first of several."""
        import numpy as np

        return int(np.argmax(np.where(self.broken, self.size, -1.0)))


Find = Callable[["pd.DataFrame", "NDArray[np.bool_]"], Violations]


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """One question, and how it is put into words.

    Attributes
    ----------
    subject, code : str
        As the check has them.
    rule : str
        What should hold: ``the answer does not move when 'name' is exchanged``.
    breaks : str
        What rows that break it do, after their number: ``move when 'name' is exchanged``.
    find : callable
        From rows, and which of them count, to what was found.
    rows : DataFrame
        The rows to ask about.
    counted : ndarray of bool
        Which of them were drawn at random.
    max_share : float
        Share of rows that may break it.
    arguments : Mapping
        Keyword arguments of ``check_behaviour`` that ask this relation alone.
    """

    subject: str
    code: str
    rule: str
    breaks: str
    find: Find
    rows: pd.DataFrame
    counted: NDArray[np.bool_]
    max_share: float
    arguments: Mapping[str, Any]
