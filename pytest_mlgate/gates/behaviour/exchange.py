"""Invariance: the values of a name, an id or a group are exchanged between rows, and the answer must stay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.behaviour.answers import moved
from pytest_mlgate.gates.behaviour.columns import known_column, unused
from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness
from pytest_mlgate.gates.behaviour.rows import Asked, stacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.behaviour.settings import Invariance, Settings

CODE = "MLG330"
# Other values that each row is given: many for a single row, a few for each of many.
_VALUES = 3000
_FEWEST, _MOST = 3, 40


def invariance(item: Invariance, asked: Asked, settings: Settings) -> Relation:
    """Return the relation of one item of ``invariant``.

    Raises
    ------
    InputError
        A column is not there, the model is given none of them, or there is no second value to exchange.
    """
    names = [known_column(name, asked, "invariant") for name in item.columns]
    given = tuple(name for name in names if name in asked.table.columns)
    if not given:
        raise unused(item.label, asked, "invariant", allow=True)
    if asked.table[list(given)].drop_duplicates().shape[0] < 2:
        raise InputError(
            f"invariant: {_quoted(given)} has one value only in {asked.name}: there is none to exchange it with",
            fix="give a table with several values, or take the column out of `invariant`",
        )

    def find(rows: pd.DataFrame, counted: NDArray[np.bool_]) -> Violations:
        changes = _changes(rows, asked, given, case=item.case)
        return _compare(rows, counted, changes, asked, given, item.tolerance)

    beyond = f" by more than {item.tolerance:g}" if item.tolerance else ""
    declared: dict[str, Any] = {"columns": list(item.columns)}
    declared |= {"tolerance": item.tolerance} if item.tolerance else {}
    return Relation(
        subject=f"invariant:{item.label}",
        code=CODE,
        rule=f"the answer does not move{beyond} when {_quoted(given)} is exchanged",
        breaks=f"move{beyond} when {_quoted(given)} is exchanged",
        find=find,
        rows=asked.rows,
        counted=asked.sampled,
        max_share=settings.max_share,
        arguments={"invariant": [declared]},
    )


def _changes(
    rows: pd.DataFrame, asked: Asked, columns: tuple[str, ...], *, case: bool
) -> list[Mapping[str, pd.Series[Any]]]:
    found = _exchanged(rows, asked, list(columns))
    if case:
        found += [change for write in ("upper", "lower") if (change := _rewritten(rows, columns, write))]
    return found


def _exchanged(rows: pd.DataFrame, asked: Asked, columns: list[str]) -> list[Mapping[str, pd.Series[Any]]]:
    """Return, several times over, for each row the values that another row of the table has, and it has not."""
    import numpy as np
    import pandas as pd

    together = pd.concat([asked.table[columns].astype(object), rows[columns].astype(object)], ignore_index=True)
    levels = np.zeros(len(together), dtype=np.intp)
    for name in columns:  # missing is a value like any other
        codes, distinct = pd.factorize(together[name], use_na_sentinel=True)
        levels = pd.factorize(levels * (len(distinct) + 1) + codes + 1)[0]
    n = len(asked.table)
    there, first = np.unique(levels[:n], return_index=True)
    own = levels[n:]  # numbered by first sight, the table's first: a level from there stands at its own number
    donors = first[np.argsort(there)]
    rng, k = asked.generator(), len(donors)
    draws = min(max(_VALUES // len(rows), _FEWEST), _MOST)
    if k - 1 <= draws:
        offsets = [np.full(len(rows), step) for step in range(1, k)]
    else:
        offsets = [rng.integers(1, k, size=len(rows)) for _ in range(draws)]
    taken = [donors[np.where(own < k, (own + offset) % k, offset)] for offset in offsets]
    missing = np.flatnonzero(together[columns].iloc[:n].isna().all(axis=1).to_numpy())
    if len(missing) and k - 1 > draws:
        taken.append(np.full(len(rows), missing[0]))
    return [{name: asked.table[name].iloc[donor].reset_index(drop=True) for name in columns} for donor in taken]


def _rewritten(rows: pd.DataFrame, columns: tuple[str, ...], write: str) -> dict[str, pd.Series[Any]]:
    """Return text in another case; empty where no value changes. Categories are a closed set and stay."""
    import pandas as pd

    from pytest_mlgate.tables.kinds import kind_of

    found = {}
    for name in columns:
        column = rows[name].reset_index(drop=True)
        if isinstance(column.dtype, pd.CategoricalDtype) or kind_of(column) != "string":
            continue
        other = column.map(lambda value: getattr(value, write)() if isinstance(value, str) else value)
        if (column.notna() & (column != other)).any():
            found[name] = other.astype(column.dtype)
    return found


def _compare(
    rows: pd.DataFrame,
    counted: NDArray[np.bool_],
    changes: list[Mapping[str, pd.Series[Any]]],
    asked: Asked,
    columns: tuple[str, ...],
    tolerance: float,
) -> Violations:
    import numpy as np

    n = len(rows)
    plain = rows.reset_index(drop=True)
    frame = stacked(plain, [{}, *changes])
    said = asked.answers.ask(frame).reshape(len(changes) + 1, n, -1)
    pairs = [moved(said[0], other, tolerance) for other in said[1:]]
    broken, size = np.stack([pair[0] for pair in pairs]), np.stack([pair[1] for pair in pairs])
    most = np.where(broken, size, -1.0).argmax(axis=0)

    def witness(row: int) -> Witness:
        other = int(most[row])
        both = frame.iloc[[row, (other + 1) * n + row]].reset_index(drop=True)
        answers = (said[0, row].tolist(), said[other + 1, row].tolist())
        return Witness(rows=both, changed=columns, said=answers, ways=("as it is", "exchanged"))

    return Violations(
        broken=np.any(broken, axis=0),
        size=size.max(axis=0),
        counted=counted,
        witness=witness,
        places=rows.index.to_numpy(),
        asked=len(frame),
        details={"variants": len(changes)},
    )


def _quoted(columns: tuple[str, ...]) -> str:
    return " with ".join(map(repr, columns))
