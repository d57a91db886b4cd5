"""Which columns of a table a model is asked with."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import pandas as pd


class FeatureFacts(Protocol):
    """What is read of the configuration."""

    @property
    def features(self) -> Sequence[str] | None:
        """Columns that the model is given; None where that is not configured."""

    @property
    def target(self) -> str | None:
        """The label's column."""

    @property
    def id(self) -> str | None:
        """The column that names a row."""

    @property
    def weight(self) -> str | None:
        """The column of row weights."""


def select_features(model: Any, frame: pd.DataFrame, facts: FeatureFacts, *, name: str = "the table") -> pd.DataFrame:
    """Return the columns that a model is asked with, in its order.

    Parameters
    ----------
    model : Model
        Anything with ``feature_names_in_`` and ``source``.
    frame : pandas.DataFrame
        Rows with all their columns.
    facts : FeatureFacts
        The configured features come first; then the names that the model was fitted on; else all columns but
        target, id and weight. A table of predictions is given its id column, whatever the features are.
    name : str
        The table's role, for messages (``"holdout"``).

    Raises
    ------
    InputError
        Where a column is missing, with its nearest spelling, or none remains.
    """
    if getattr(model, "table", None) is not None:
        return frame[[column for column in model.feature_names_in_ if column in frame.columns]]
    names = list(facts.features) if facts.features is not None else model.feature_names_in_
    if names is None:
        aside = {facts.target, facts.id, facts.weight}
        names = [column for column in frame.columns if column not in aside]
    if getattr(model, "is_dummy", False) and not set(names) & set(frame.columns):
        return frame.iloc[:, :1]  # it looks at none
    if not names:
        raise InputError(
            f"no feature column remains in {name}", fix="set `features` in [data], or give a table that has some"
        )
    missing = [name for name in names if name not in frame.columns]
    if missing:
        origin = "configured as features" if facts.features is not None else f"that {model.source} was fitted on"
        raise InputError(
            f"{name} lacks {len(missing)} of {len(names)} columns {origin}: {_named(missing, list(frame.columns))}",
            fix="add them to the table, or set `features` in [data]",
        )
    return frame[list(names)]


def _named(missing: list[str], columns: list[str]) -> str:
    shown = []
    for name in missing[:5]:
        close = difflib.get_close_matches(str(name), columns, n=1, cutoff=0.6)
        shown.append(f"{name!r} (nearest: {close[0]!r})" if close else repr(name))
    return ", ".join(shown) + (f" and {len(missing) - 5} more" if len(missing) > 5 else "")
