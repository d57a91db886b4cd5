"""Rows of a side, for the questions that a summary of columns cannot answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.drift.sides import Side

PREDICTION = "prediction"
"""What the candidate's answers are called among the columns."""


def rows_of(side: Side, *, what: str) -> pd.DataFrame:
    """Return the rows of a side as a frame.

    Parameters
    ----------
    side : Side
    what : str
        The setting that needs them, for the message.

    Raises
    ------
    InputError
        Where the side has no rows, as a profile has none.
    """
    frame: Any = getattr(side, "frame", None)
    if frame is None:
        raise InputError(
            f"{what} needs rows, and the {side.name} is a profile, which has none",
            fix=f"name a table as `{side.name}`, or take the setting out",
        )
    rows: pd.DataFrame = frame
    return rows


def free_subject(name: str, *sides: Side) -> str:
    """Return a name for what is no column: in parentheses where a column is already called so."""
    return f"({name})" if any(name in side.columns for side in sides) else name


def is_prediction(name: str) -> bool:
    """Whether a name under ``columns`` may be that of the candidate's answers: ``prediction``, ``prediction=JFK``."""
    return name.partition("=")[0] in (PREDICTION, f"({PREDICTION})")
