"""Single precision: numbers as float32 move the answer by little, but for rows that lie on a threshold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.behaviour.answers import moved
from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.behaviour.rows import Asked
    from pytest_mlgate.gates.behaviour.settings import Settings

CODE = "MLG335"
# A share of a thousandth takes 2 703 rows without a flip to be shown.
_MOST_ROWS = 20_000


def single_precision(asked: Asked, settings: Settings) -> Relation:
    """Return the relation; InputError where no feature is a number in double precision."""
    import numpy as np

    assert settings.float32_tolerance is not None
    tolerance: float = settings.float32_tolerance
    names = tuple(name for name in asked.table.columns if _is_number(asked.table[name]))
    if not names:
        raise InputError(
            f"float32_tolerance: no feature in {asked.name} is a number in more than single precision",
            fix="take `float32_tolerance` out",
        )
    rows = asked.table
    if len(rows) > _MOST_ROWS:
        rows = rows.iloc[np.sort(asked.generator().choice(len(rows), size=_MOST_ROWS, replace=False))]

    def find(some: pd.DataFrame, count: NDArray[np.bool_]) -> Violations:
        return _compare(some, count, asked, names, tolerance)

    return Relation(
        subject="float32",
        code=CODE,
        rule=f"the answer moves by at most {tolerance:g} when numbers are given as float32",
        breaks=f"move by more than {tolerance:g} when numbers are given as float32",
        find=find,
        rows=rows,
        counted=np.ones(len(rows), dtype=bool),
        max_share=settings.max_flips,
        arguments={"relations": [], "float32_tolerance": tolerance, "max_flips": 0.0},
    )


def _is_number(column: pd.Series[Any]) -> bool:
    from pandas.api import types

    numeric = types.is_integer_dtype(column.dtype) or types.is_float_dtype(column.dtype)
    return numeric and str(column.dtype).lower() not in ("float32", "float16")


def _single(column: pd.Series[Any]) -> pd.Series[Any]:
    import numpy as np
    from pandas.api import types

    with np.errstate(over="ignore"):  # too large for it: infinite, as a service would see it
        return column.astype("Float32" if types.is_extension_array_dtype(column.dtype) else "float32")


def _with(rows: pd.DataFrame, columns: Mapping[str, pd.Series[Any]]) -> pd.DataFrame:
    """Return a copy with other columns; unlike ``assign``, whatever their names are."""
    changed = rows.copy()
    for name, column in columns.items():
        changed[name] = column
    return changed


def _compare(
    rows: pd.DataFrame, counted: NDArray[np.bool_], asked: Asked, names: tuple[str, ...], tolerance: float
) -> Violations:

    plain = rows.reset_index(drop=True)
    single = _with(plain, {name: _single(plain[name]) for name in names})
    double, said = asked.answers.ask(plain), asked.answers.ask(single)
    broken, size = moved(double, said, tolerance)

    def witness(row: int) -> Witness:
        return Witness(
            rows=plain.iloc[[row]].reset_index(drop=True),
            said=(double[row].tolist(), said[row].tolist()),
            ways=("float64", "float32"),
        )

    details = {"steps": _steps(plain, single, broken, double, said, asked, names)} if broken.any() else {}
    return Violations(
        broken=broken,
        size=size,
        counted=counted,
        witness=witness,
        places=rows.index.to_numpy(),
        asked=2 * len(plain),
        details=details,
    )


def _steps(
    plain: pd.DataFrame,
    single: pd.DataFrame,
    broken: NDArray[np.bool_],
    double: NDArray[np.float64],
    said: NDArray[np.float64],
    asked: Asked,
    names: tuple[str, ...],
) -> int:
    """Return how many of the rows that moved did so in one step: half way they have the answer of either end.

    Those lie on a threshold, as of a tree, which rounding has carried them over; the others move by degrees.
    """
    import numpy as np

    half = plain[broken].reset_index(drop=True)
    other = single[broken].reset_index(drop=True)
    middle = {name: (half[name].astype("Float64") + other[name].astype("Float64")) / 2 for name in names}
    frame = _with(half, {name: column.astype(_wider(half[name])) for name, column in middle.items()})
    between = asked.answers.ask(frame)
    at_end = [~moved(ends[broken], between, 0.0)[0] for ends in (double, said)]
    return int(np.sum(at_end[0] | at_end[1]))


def _wider(column: pd.Series[Any]) -> Any:
    from pandas.api import types

    return "Float64" if types.is_extension_array_dtype(column.dtype) else "float64"
