"""Direction: of rows that are equal but for one column, more of it never lowers (or never raises) the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.behaviour.columns import known_column, unused
from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness
from pytest_mlgate.gates.behaviour.rows import Asked, stacked

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.behaviour.settings import Direction, Settings

CODE = "MLG331"
# Real values of the column that every row is given: its least, its greatest and its deciles.
_POINTS = 11
# As the fresh process counts two answers as the same: sums in another order.
_ULPS = 64


def direction(item: Direction, asked: Asked, settings: Settings, *, up: bool) -> Relation:
    """Return the relation of one item of ``increasing`` (``up``) or ``decreasing``.

    Raises
    ------
    InputError
        The column is not there, is no number, is not given to the model, or has one value only.
    """
    key = "increasing" if up else "decreasing"
    name = known_column(item.column, asked, key)
    if name not in asked.table.columns:
        raise unused(name, asked, key)
    whole = _whole(asked.table[name], item, asked, key)
    grid = _grid(asked.table[name], whole)
    if len(grid) < 2 and not item.by:
        raise InputError(
            f"{key}: column {name!r} has {'one value' if len(grid) else 'no value'} only in {asked.name}: "
            "there is no step to take",
            fix=f'set steps from each row\'s own value, {{column = "{name}", by = [1]}}, or give other rows',
        )
    present = asked.rows[name].notna().to_numpy()
    rows, counted = asked.rows[present], asked.sampled[present]
    if not len(rows):
        raise InputError(f"{key}: column {name!r} is missing in every row that is asked", fix="give other rows")

    def find(some: pd.DataFrame, count: NDArray[np.bool_]) -> Violations:
        return _walk(some, count, item, asked, grid, up=up, whole=whole)

    against = "falls" if up else "rises"
    beyond = f" by more than {item.tolerance:g}" if item.tolerance else ""
    declared: dict[str, Any] = {"column": name}
    declared |= {"tolerance": item.tolerance} if item.tolerance else {}
    return Relation(
        subject=f"{key}:{name}",
        code=CODE,
        rule=f"the answer never {against}{beyond} with more {name!r}",
        breaks=f"have an answer that {against}{beyond} with more {name!r}",
        find=find,
        rows=rows,
        counted=counted,
        max_share=settings.max_share,
        arguments={key: [declared]},
    )


def _whole(column: pd.Series[Any], item: Direction, asked: Asked, key: str) -> bool:
    """Return whether the column holds whole numbers; InputError where it holds none at all."""
    import pandas as pd

    from pytest_mlgate.tables.kinds import kind_of

    kind = kind_of(column)
    if kind not in ("integer", "number") or isinstance(column.dtype, pd.CategoricalDtype):
        held = "categories" if isinstance(column.dtype, pd.CategoricalDtype) else f"{column.dtype}"
        raise InputError(
            f"{key}: column {item.column!r} holds no numbers in {asked.name} ({held}), and more of it means nothing",
            fix="name a numeric column",
        )
    if kind == "integer" and any(step != int(step) for step in item.by):
        raise InputError(
            f"{key}: column {item.column!r} holds whole numbers, and `by` has the step "
            f"{next(step for step in item.by if step != int(step)):g}",
            fix="give whole steps",
        )
    return kind == "integer"


def _grid(column: pd.Series[Any], whole: bool) -> NDArray[Any]:
    """Real values of a column: its least and greatest, and deciles between."""
    import numpy as np

    values = column.dropna().to_numpy(dtype=np.int64 if whole else float)
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return values
    return np.unique(values[np.linspace(0, len(values) - 1, _POINTS).round().astype(int)])


def _walk(
    rows: pd.DataFrame,
    counted: NDArray[np.bool_],
    item: Direction,
    asked: Asked,
    grid: NDArray[Any],
    *,
    up: bool,
    whole: bool,
) -> Violations:
    import numpy as np
    import pandas as pd

    name, n = item.column, len(rows)
    plain = rows.reset_index(drop=True)
    own = plain[name]
    there = own.notna().to_numpy()
    start = own.where(there, grid[0] if len(grid) else 0).to_numpy(dtype=np.int64 if whole else float)
    steps = [start, *(_step(start, step, own) for step in item.by)]
    values = np.sort(np.column_stack([*steps, np.tile(grid, (n, 1))]), axis=1)
    frame = stacked(plain, [{name: pd.Series(column).astype(own.dtype)} for column in values.T])
    said = asked.answers.ask(frame)
    curve = asked.answers.ordered(said).reshape(values.shape[1], n).T * (1.0 if up else -1.0)
    best = np.maximum.accumulate(curve, axis=1)
    loss = best - curve
    last = loss.argmax(axis=1)
    size = loss[np.arange(n), last]
    slack = item.tolerance + _ULPS * np.finfo(float).eps * np.abs(curve).max(axis=1)

    def witness(row: int) -> Witness:
        low, high = int(curve[row, : last[row] + 1].argmax()), int(last[row])
        both = frame.iloc[[low * n + row, high * n + row]].reset_index(drop=True)
        answers = (said[low * n + row].tolist(), said[high * n + row].tolist())
        return Witness(rows=both, changed=(name,), said=answers, ways=("with less", "with more"))

    return Violations(
        broken=there & (size > slack),
        size=size,
        counted=counted & there,
        witness=witness,
        places=rows.index.to_numpy(),
        asked=len(frame),
        details={"values": len(values.T)},
    )


def _step(start: NDArray[Any], step: float, column: pd.Series[Any]) -> NDArray[Any]:
    """Return the next values; what a small integer type cannot hold stays at its largest."""
    import numpy as np

    moved: NDArray[Any] = start + np.asarray(step).astype(start.dtype)
    dtype = getattr(column.dtype, "numpy_dtype", column.dtype)
    return np.minimum(moved, np.iinfo(dtype).max) if getattr(dtype, "kind", "") in "iu" else moved
