"""A side that was computed before: a table of features, found again by the ids of the rows."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.parity.answers import SideError

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.base import Facts


def stored_answers(path: str, *, side: str, facts: Facts) -> Callable[[pd.DataFrame], Any]:
    """Return the function that looks rows up in a stored table.

    Parameters
    ----------
    path : str
        A table file, relative to the first of ``facts.import_roots``, which is the configuration's folder.
    side : {"train", "serve"}
    facts : Facts
        ``id`` names the column that both tables have.

    Returns
    -------
    callable
        From rows to the stored columns but the id, in the order of the rows; SideError where an id is not stored.

    Raises
    ------
    InputError
        No id is configured, the file cannot be read, or its ids are missing or come twice.
    """
    import pandas as pd

    from pytest_mlgate.tables.reading import read_table

    if facts.id is None:
        raise InputError(
            f"parity: `{side}` = {path!r} is a stored table, joined by the column `data.id`, which is not set",
            fix="set `id` under [data]",
        )
    table = read_table(Path(*facts.import_roots[:1]) / os.path.expanduser(path)).frame
    _check_ids(table, facts.id, f"parity: `{side}` = {path!r}")
    by_id = table.set_index(facts.id)

    def look_up(rows: pd.DataFrame) -> pd.DataFrame:
        if facts.id not in rows.columns:
            raise InputError(
                f"parity: `{side}` is a stored table, and the rows have no column {facts.id!r} to look them up by",
                fix="name the id under `send`, or under `tables` the tables that have it",
            )
        ids = rows[facts.id]
        places = by_id.index.get_indexer(pd.Index(ids))
        lost = ids[(places < 0) | ids.isna().to_numpy()]
        if len(lost):
            raise SideError(
                "content",
                f"{side} has no stored row for an id",  # the same of any rows: the row that shows it is looked for
                quoted=f"{len(lost)} of {len(ids)}, the first {lost.tolist()[0]!r}",
                fix="store the features of every row that is asked; the text '1' is another id than the number 1",
            )
        return by_id.iloc[places].reset_index(drop=True)

    return look_up


def _check_ids(table: pd.DataFrame, name: str, what: str) -> None:
    if name not in table.columns:
        raise InputError(f"{what} has no column {name!r}", fix="store the id with the features, or correct `data.id`")
    missing, twice = int(table[name].isna().sum()), int(table[name].duplicated().sum())
    if missing or twice:
        which = f"{missing} rows without an id" if missing else f"{twice} rows whose id came before"
        raise InputError(f"{what} has {which}", fix="store one row for each id")
