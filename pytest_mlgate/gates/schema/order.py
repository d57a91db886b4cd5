"""Rows that lost their order: a holdout older than the training rows, a column that was sorted without its rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.schema.codes import FIX

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

FEWEST = 100
"""Rows from which on an order is no accident."""
FEWEST_VALUES = 20
"""Distinct values, and a tenth of the rows, that a sorted column has at least."""
MOST_ROWS = 20_000
Z = 4.5
"""Standard errors from which on two columns are related."""


def time_overlap(train: pd.DataFrame, holdout: pd.DataFrame, column: str, limit: float, *, hidden: bool) -> Check:
    """Return the check that the holdout is not older than the newest training row.

    Warns only: a split at random is a choice, and shows here as a share near the whole.

    Parameters
    ----------
    train, holdout : pandas.DataFrame
    column : str
        The time: timestamps, numbers, or dates as text.
    limit : float
        Share of holdout rows that may be older.
    hidden : bool
        Whether moments must not be shown.
    """
    newest, moments = _ticks(train[column]), _ticks(holdout[column])
    if newest is None or moments is None or newest[1] != moments[1] or not len(newest[0]) or not len(moments[0]):
        return Check(
            code="MLG214",
            subject="holdout.time_overlap",
            outcome=Outcome.INCONCLUSIVE,
            severity=Severity.WARN,
            message=f"{column} of train and holdout are not moments that can be compared",
            fix="give both tables timestamps of one kind, with or without a time zone",
            n=len(holdout),
        )
    last = newest[0].max()
    older = int((moments[0] < last).sum())
    share = older / len(holdout)
    failed = share > limit
    latest = "" if hidden else f", {train[column].dropna().max()}"
    younger = int((newest[0] > moments[0].min()).sum())
    message = f"{older} of {len(holdout)} holdout rows ({share:.2%}) are older than the newest row of train{latest}"
    if failed:
        message += f"; {younger} of {len(train)} rows of train are newer than the oldest of the holdout"
    return Check(
        code="MLG214",
        subject="holdout.time_overlap",
        outcome=Outcome.FAIL if failed else Outcome.PASS,
        severity=Severity.WARN,
        message=message,
        fix=FIX["MLG214"] if failed else "",
        observed=share,
        limit=limit,
        n=len(holdout),
    )


def _ticks(series: pd.Series) -> tuple[NDArray[np.float64], str] | None:
    """A time column as numbers, and what kind of numbers they are; None where it is no time."""
    import numpy as np
    import pandas as pd

    from pytest_mlgate.tables.dates import iso_ticks
    from pytest_mlgate.tables.kinds import kind_of

    plain, kind = series.dropna(), kind_of(series)
    if kind in ("integer", "number"):
        return np.asarray(plain.to_numpy(dtype=float)), "number"
    if kind == "datetime" and hasattr(plain, "dt"):
        zoned = getattr(plain.dt, "tz", None) is not None
        moments = pd.to_datetime(plain, utc=True).dt.as_unit("us").astype("int64")
        return np.asarray(moments.to_numpy(dtype=float)), "absolute" if zoned else "local"
    if kind == "string":
        read = iso_ticks(plain)
        return None if read is None else (np.array(read[0], dtype=float), "absolute" if read[1] else "local")
    return None


def sorted_alone(tables: Mapping[str, pd.DataFrame], columns: Sequence[str], beside: Sequence[str]) -> list[Check]:
    """Return the checks that no column was sorted on its own: one for each that was, else one pass.

    A table that is sorted by a column keeps its rows together: what the column goes with is in order as well. A column
    that rises (or falls) over all rows while nothing else goes with the place of a row has lost its rows. Where it goes
    with another column in another table the check blocks; else it warns, since a column may honestly go with nothing.

    Parameters
    ----------
    tables : Mapping of str to pandas.DataFrame
        At most 20 000 rows of each are looked at, evenly spaced.
    columns : sequence of str
        Features that may be at fault: no time, no id.
    beside : sequence of str
        Columns that may go with them, the label among them.
    """
    checks = []
    for name, frame in tables.items():
        for column in columns:
            if column not in frame.columns or not _is_sorted(frame[column]):
                continue
            others = [other for other in beside if other != column]
            if _related(_spread(frame), None, others):
                continue
            torn = next(
                (
                    (there, other)
                    for there, table in tables.items()
                    if there != name and column in table.columns and not _is_sorted(table[column])
                    for other in _related(_spread(table), column, others)
                ),
                None,
            )
            checks.append(_alone(name, column, len(frame), torn))
    if checks:
        return checks
    return [
        Check(
            code="MLG217",
            subject="sanity.row_order",
            outcome=Outcome.PASS,
            message=f"no column of {', '.join(tables)} is sorted without its rows",
        )
    ]


def _alone(table: str, column: str, n: int, torn: tuple[str, str] | None) -> Check:
    told = f"; in {torn[0]} it goes with {torn[1]}" if torn else ""
    return Check(
        code="MLG217",
        subject=f"{table}.{column}.row_order",
        outcome=Outcome.FAIL,
        severity=Severity.BLOCK if torn else Severity.WARN,
        message=f"{table}.{column} is in order over all {n} rows, and no other column goes with the rows' order{told}",
        fix=FIX["MLG217"],
        n=n,
        details={"column": column},
    )


def _is_sorted(series: pd.Series) -> bool:
    from pytest_mlgate.tables.kinds import kind_of

    if len(series) < FEWEST or kind_of(series) not in ("integer", "number"):
        return False
    rising = series.is_monotonic_increasing or series.is_monotonic_decreasing
    if not rising or series.nunique() < max(FEWEST_VALUES, len(series) // 10):
        return False
    # Whole numbers that never repeat count rows, and belong to a table in its order.
    return not (series.is_unique and bool((series == series.round()).all()))


def _spread(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.iloc[:: max(1, math.ceil(len(frame) / MOST_ROWS))]


def _related(frame: pd.DataFrame, column: str | None, others: Sequence[str]) -> list[str]:
    """Return the columns whose ranks go with those of a column, or of the rows themselves, for certain."""
    import numpy as np
    import pandas as pd

    order = pd.Series(np.arange(len(frame)), index=frame.index) if column is None else frame[column]
    found = []
    for other in others:
        if other not in frame.columns:
            continue
        both = pd.DataFrame({"a": order, "b": _ordered(frame[other])}).dropna()
        if len(both) < FEWEST or both["b"].nunique() < 2 or both["a"].nunique() < 2:
            continue
        ranks = both.rank()
        rho = float(np.corrcoef(ranks["a"], ranks["b"])[0, 1])
        if abs(rho) * math.sqrt(len(both) - 1) > Z:
            found.append(other)
    return found


def _ordered(series: pd.Series) -> pd.Series:
    import pandas as pd

    from pytest_mlgate.tables.kinds import kind_of

    if kind_of(series) in ("integer", "number", "boolean") and not isinstance(series.dtype, pd.CategoricalDtype):
        return series.astype(float)
    codes = pd.Series(pd.factorize(series.astype(str), sort=True)[0], index=series.index)
    return codes.where(series.notna())
