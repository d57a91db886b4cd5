"""Batch: a row's answer is its own, whatever rows it comes with and in whatever order."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from pytest_mlgate.gates.behaviour.answers import moved
from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.behaviour.rows import Asked
    from pytest_mlgate.gates.behaviour.settings import Settings

CODE = "MLG334"
# A size that no batch normalisation, padding or vector width divides evenly.
_SMALL = 7
# Rows that still fit an example.
_SHOWN = 5


def batch(asked: Asked, settings: Settings) -> Relation:
    """Return the relation: the whole table at once, shuffled, in small batches and one row at a time."""

    def find(rows: pd.DataFrame, counted: NDArray[np.bool_]) -> Violations:
        return _compare(rows, counted, asked, settings)

    return Relation(
        subject="batch",
        code=CODE,
        rule="a row has the same answer alone, in another order and in a batch",
        breaks="have another answer alone, in another order or in a small batch than in the whole",
        find=find,
        rows=asked.rows,
        counted=asked.sampled,
        max_share=settings.max_share,
        arguments={"relations": ["batch"]},
    )


def _compare(rows: pd.DataFrame, counted: NDArray[np.bool_], asked: Asked, settings: Settings) -> Violations:
    import numpy as np

    plain = rows.reset_index(drop=True)
    n = len(plain)
    together = asked.answers.ask(plain)
    broken, size = np.zeros(n, dtype=bool), np.zeros(n)
    seen: dict[int, tuple[str, list[object]]] = {}
    asked_alone = np.zeros(n, dtype=bool)
    started, questions, unfinished = time.monotonic(), n, ""
    alone = _alone(counted, settings.alone)
    for way, places in _ways(n, alone, asked):
        if time.monotonic() - started > settings.seconds:
            unfinished = (
                f"{asked_alone.sum()} of {len(alone)} rows could be asked alone in {settings.seconds:g} seconds"
            )
            break
        said = asked.answers.ask(plain.iloc[places].reset_index(drop=True))
        questions += len(places)
        asked_alone[places] |= way == "alone"
        other, by = moved(together[places], said, 0.0)
        for at in np.flatnonzero(other & (by > size[places])):
            seen[int(places[at])] = way, said[at].tolist()
        broken[places] |= other
        size[places] = np.maximum(size[places], by)

    def witness(row: int) -> Witness:
        way, said = seen[row]
        # Alone, the others of the whole matter too; in an order or a small batch, so many do that they say nothing.
        shown = plain if n <= _SHOWN else plain.iloc[[row]]
        return Witness(rows=shown, said=(together[row].tolist(), said), ways=("in the whole", way))

    return Violations(
        broken=broken,
        size=size,
        counted=counted & asked_alone,
        witness=witness,
        places=rows.index.to_numpy(),
        asked=questions,
        unfinished=unfinished,
        details={"rows_alone": int(asked_alone.sum())},
    )


def _alone(counted: NDArray[np.bool_], most: int) -> NDArray[np.intp]:
    """Places of the rows that are asked alone: the first of those drawn at random, and as many picked on purpose."""
    import numpy as np

    picked = np.flatnonzero(~counted)[: most // 2]
    drawn = np.flatnonzero(counted)[: most - len(picked)]
    return np.sort(np.concatenate([drawn, picked]))


def _ways(n: int, alone: NDArray[np.intp], asked: Asked) -> Iterator[tuple[str, NDArray[np.intp]]]:
    import numpy as np

    yield "in another order", asked.generator().permutation(n)
    for start in range(0, len(alone), _SMALL):
        yield "in a small batch", alone[start : start + _SMALL]
    for place in alone:
        yield "alone", np.array([place])
