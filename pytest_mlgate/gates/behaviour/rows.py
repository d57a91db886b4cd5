"""The rows that are asked: a sample that stands for the table, and rows picked on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Inputs
    from pytest_mlgate.gates.behaviour.answers import Answerer
    from pytest_mlgate.gates.behaviour.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What every relation starts from.

    Attributes
    ----------
    answers : Answerer
    table : DataFrame
        All rows, the model's features only, with the index 0, 1, ...
    columns : tuple of str
        All columns of the table, features or not.
    rows : DataFrame
        The rows that are asked; their index says where they stand in ``table``.
    sampled : ndarray of bool
        Which of them were drawn at random and so stand for the table.
    name : str
        ``holdout`` or ``serving``.
    sensitive : frozenset of str
    hide_answers : bool
        Whether the target is sensitive, and so what is said of it.
    seed : int
    """

    answers: Answerer
    table: pd.DataFrame
    columns: tuple[str, ...]
    rows: pd.DataFrame
    sampled: NDArray[np.bool_]
    name: str
    sensitive: frozenset[str]
    hide_answers: bool
    seed: int

    def generator(self) -> np.random.Generator:
        """Return a new generator: each question draws its own, so that none depends on what was asked before."""
        import numpy as np

        return np.random.default_rng(self.seed)


def read(settings: Settings, inputs: Inputs) -> Asked:
    """Return what is asked, and of whom.

    Raises
    ------
    InputError
        There are no rows, a feature is missing, or the candidate cannot be asked.
    """
    from pytest_mlgate.artifacts.model import select_features
    from pytest_mlgate.gates.behaviour.answers import answerer

    facts = inputs.facts
    model = inputs.model("candidate")
    frame = inputs.table(settings.table)
    if not len(frame):
        raise InputError(f"{settings.table} has no rows", fix="give a table with real rows")
    table = frame if model.table is not None else select_features(model, frame, facts, name=settings.table)
    table = table.reset_index(drop=True)
    rows, sampled = _choose(table, settings.sample, facts.seed)
    return Asked(
        answers=answerer(model, facts, settings.positive, rows.head(100)),
        table=table,
        columns=tuple(map(str, frame.columns)),
        rows=rows,
        sampled=sampled,
        name=settings.table,
        sensitive=frozenset(facts.sensitive),
        hide_answers=facts.target in facts.sensitive,
        seed=facts.seed,
    )


def _choose(table: pd.DataFrame, n: int, seed: int) -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    import numpy as np

    from pytest_mlgate.gates.parity.choosing import choose_rows

    if len(table) <= n:
        return table, np.ones(len(table), dtype=bool)
    drawn = np.sort(np.random.default_rng(seed).choice(len(table), size=n, replace=False))
    picked = np.setdiff1d(choose_rows(table, n=max(n // 2, 1), seed=seed).index.to_numpy(), drawn)
    return table.iloc[np.concatenate([drawn, picked])], np.arange(n + len(picked)) < n


def stacked(frame: pd.DataFrame, changes: Sequence[Mapping[str, pd.Series[Any]]]) -> pd.DataFrame:
    """Return a frame several times over, one below the other, each time with some columns replaced.

    Parameters
    ----------
    frame : DataFrame of n rows
    changes : sequence of Mapping of column to Series of n values
        Columns that one of them leaves out keep their values there.
    """
    import numpy as np
    import pandas as pd

    whole = frame.iloc[np.tile(np.arange(len(frame)), len(changes))].reset_index(drop=True)
    for name in dict.fromkeys(name for change in changes for name in change):
        parts = [change.get(name, frame[name]) for change in changes]
        whole[name] = pd.concat(parts, ignore_index=True).astype(parts[0].dtype)
    return whole
