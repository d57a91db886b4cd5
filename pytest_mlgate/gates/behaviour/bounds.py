"""Bounds: every answer is finite, a probability is one, and none lies outside what was declared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.behaviour.rows import Asked
    from pytest_mlgate.gates.behaviour.settings import Settings

CODE = "MLG332"


def bounds(asked: Asked, settings: Settings) -> Relation:
    """Return the relation. That answers are finite, and probabilities are, is seen to wherever a model is asked.

    Raises
    ------
    InputError
        ``low`` or ``high`` is set and the candidate answers labels.
    """
    import numpy as np
    import pandas as pd

    limits = {name: value for name in ("low", "high") if (value := getattr(settings, name)) is not None}
    if limits and asked.answers.kind == "label":
        raise InputError(
            f"{' and '.join(limits)} limit numbers, and the candidate answers labels",
            fix="take them out, or give a model that answers probabilities or values",
        )
    rows, counted = asked.rows, asked.sampled
    if settings.mutate and len(rows) > 1:
        rows = pd.concat([rows, _mutated(asked)])
        counted = np.concatenate([counted, np.zeros(len(rows) - len(counted), dtype=bool)])

    def find(some: pd.DataFrame, count: NDArray[np.bool_]) -> Violations:
        return _outside(some, count, asked, settings.low, settings.high)

    words = _words(settings.low, settings.high)
    return Relation(
        subject="bounds",
        code=CODE,
        rule=f"every answer is finite{' and' if words else ''}{words}" + _probability(asked),
        breaks=f"have an answer that is not{words}",
        find=find,
        rows=rows,
        counted=counted,
        max_share=settings.max_share,
        arguments={"relations": ["bounds"], "mutate": False, **limits},
    )


def _words(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" between {low:g} and {high:g}"
    if low is not None:
        return f" at least {low:g}"
    return "" if high is None else f" at most {high:g}"


def _probability(asked: Asked) -> str:
    return ", probabilities lie in [0, 1] and sum to 1" if asked.answers.method == "predict_proba" else ""


def _mutated(asked: Asked) -> pd.DataFrame:
    """Return rows each of whose values comes, with even chance, from another row that is asked."""
    import numpy as np

    rng, n = asked.generator(), len(asked.rows)
    mutated = asked.rows.copy()
    for name in mutated.columns:
        donors = np.where(rng.random(n) < 0.5, rng.integers(0, n, size=n), np.arange(n))
        mutated[name] = asked.rows[name].iloc[donors].array
    return mutated.set_axis(np.full(n, -1))  # they stand nowhere in the table


def _outside(
    rows: pd.DataFrame, counted: NDArray[np.bool_], asked: Asked, low: float | None, high: float | None
) -> Violations:
    import numpy as np

    plain = rows.reset_index(drop=True)
    said = asked.answers.ask(plain)
    size = np.zeros(len(plain))
    if low is not None:
        size = np.maximum(size, (low - said).max(axis=1))
    if high is not None:
        size = np.maximum(size, (said - high).max(axis=1))

    def witness(row: int) -> Witness:
        answer: list[Any] = said[row].tolist()
        return Witness(rows=plain.iloc[[row]].reset_index(drop=True), said=(answer,))

    return Violations(
        broken=size > 0,
        size=size,
        counted=counted,
        witness=witness,
        places=rows.index.to_numpy(),
        asked=len(plain),
    )
