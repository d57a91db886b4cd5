"""A champion that is a table of predictions: the column it is joined by, and whether it holds scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pytest_mlgate.artifacts.predictions import COLUMNS, PREDICTION, PROBABILITY, SCORE
from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd


def refuse_table(model: str | Path) -> None:
    """Refuse a table where the model is due: it says neither classes nor features to begin with."""
    from pytest_mlgate.tables.reading import is_table_path

    if is_table_path(str(model)):
        raise InputError(
            f"{model} is a table, and the model comes first",
            fix="write it as: mlgate init MODEL TABLE...; a candidate that is a table of predictions is configured by"
            " hand, as docs/baselines.md shows",
        )


def find_join(table: Path, holdout: pd.DataFrame, *, said: str | None) -> tuple[str, bool]:
    """Return the column of ids that predictions and holdout share, and whether the predictions are scores.

    Parameters
    ----------
    table : Path
        The champion's predictions.
    holdout : DataFrame
    said : str or None
        The column that ``--id`` names.

    Raises
    ------
    InputError
        Where the table holds no predictions, or no column, or more than one, can be the id.
    """
    from pytest_mlgate.tables import read_table

    frame = read_table(table).frame
    answers = {str(name) for name in frame.columns if _answers(str(name))}
    if not answers:
        raise InputError(f"{table} is a table, and holds no predictions", fix=f"give it the column {COLUMNS}")
    scores = answers != {PREDICTION}
    if said is not None:
        if said not in frame:
            raise InputError(f"{table} has no column {said!r}, which --id names", fix="add it, or correct --id")
        return said, scores
    shared = [name for name in frame.columns if name in holdout and name not in answers]
    ids = [str(name) for name in shared if all(_names_rows(side[name]) for side in (frame, holdout))]
    if len(ids) == 1:
        return ids[0], scores
    found = f"{', '.join(map(repr, ids))} could each be" if ids else "no column that both have names each row"
    raise InputError(
        f"{table} is a table of predictions, which is joined to the holdout by a column of ids: {found}",
        fix="name the column with --id",
    )


def _answers(name: str) -> bool:
    return name in (PREDICTION, SCORE, PROBABILITY) or name.startswith(f"{PROBABILITY}_")


def _names_rows(column: pd.Series) -> bool:
    return bool(column.notna().all() and column.is_unique)
