"""Columns that know too much: one that tells the label alone, and what is known only after the fact."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Interval, Outcome, Severity
from pytest_mlgate.gates.schema.codes import FIX

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.stats.estimate import Estimate

MOST_ROWS = 20_000
"""Rows on which columns are asked what they tell; drawn where there are more."""
FEWEST = 50
"""Rows, and of them a fifth in either class, from which on a column is asked."""
BINS = 50
FOLDS = 5
MOST_CLASSES = 20
LEVEL = 0.98
"""Of all columns' limits together: each has its share of the error (Bonferroni)."""


def single_features(
    table: str,
    frame: pd.DataFrame,
    target: str,
    columns: Sequence[str],
    *,
    task: str,
    max_auc: float,
    max_r2: float,
    known: Collection[str] | None,
    seed: int,
) -> list[Check]:
    """Return the checks that no column tells the label alone: one for each that does, else one pass.

    A column's scores are its ranks (numbers) and the mean label of its level or of one of 50 bins, out of fold
    (5 folds); the better of the two counts. For classes it is the area under the ROC curve, with DeLong's limits, of
    each class against the rest, and the class that the column tells worst; for numbers the squared correlation, with
    Fisher's limits.

    Parameters
    ----------
    table : str
        The table's name.
    frame : pandas.DataFrame
        At most 20 000 of its rows are looked at, drawn with the seed.
    target : str
    columns : sequence of str
    task : str
    max_auc, max_r2 : float
        A lower limit above fails.
    known : collection of str or None
        The model's features, where they are configured: of these a failure blocks. Of others it warns.
    seed : int
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    rows = np.nonzero(frame[target].notna().to_numpy())[0]
    rows = rows if len(rows) <= MOST_ROWS else np.sort(rng.choice(rows, size=MOST_ROWS, replace=False))
    frame = frame.iloc[rows]
    fold = rng.integers(0, FOLDS, len(rows))
    classes = task not in ("regression", "ranking")
    truths = _classes(frame[target]) if classes else [frame[target].to_numpy(dtype=float)]
    few = len(rows) < FEWEST or (classes and (not truths or min(_smaller(truth) for truth in truths) < FEWEST // 5))
    limit, name = (max_auc, "ROC AUC") if classes else (max_r2, "R2")
    if few or not columns:
        return [_told(table, f"{table} has too few rows of each label to ask single columns", limit, len(rows))]
    level = 1 - (1 - LEVEL) / len(columns)
    found = {column: _strength(frame[column], truths, fold, level, classes=classes) for column in columns}
    checks = [
        _telling(table, column, name, limit, value, known if classes else ())
        for column, value in sorted(found.items(), key=lambda item: -item[1].low)
        if value.low > limit
    ]
    if checks:
        return checks
    best = max(found, key=lambda column: found[column].estimate)
    value = found[best]
    message = (
        f"{table}: of {len(columns)} columns none tells {target} alone; the best is {best}, "
        f"{name} {value.estimate:.4f} [{value.low:.4f}, {value.high:.4f}]"
    )
    return [_told(table, message, limit, len(rows), value)]


def _told(table: str, message: str, limit: float, n: int, value: Estimate | None = None) -> Check:
    few = value is None
    return Check(
        code="MLG215",
        subject=f"{table}.single_feature",
        outcome=Outcome.SKIP if few else Outcome.PASS,
        severity=Severity.NOTE if few else Severity.BLOCK,
        message=message,
        observed=None if value is None else value.estimate,
        limit=limit,
        interval=None if value is None else _interval(value),
        n=n,
    )


def _telling(table: str, column: str, name: str, limit: float, value: Estimate, known: Collection[str] | None) -> Check:
    feature = known is not None and column in known
    doubt = "" if feature else "; if it is among the model's features, the model was told the answer"
    return Check(
        code="MLG215",
        subject=f"{table}.{column}.single_feature",
        outcome=Outcome.FAIL,
        severity=Severity.BLOCK if feature else Severity.WARN,
        message=f"{table}.{column} tells the label alone: {name} {value.estimate:.4f} "
        f"[{value.low:.4f}, {value.high:.4f}], limit {limit:g}{doubt}",
        fix=FIX["MLG215"],
        observed=value.estimate,
        limit=limit,
        interval=_interval(value),
        n=value.n,
        details={"column": column},
    )


def _interval(value: Estimate) -> Interval:
    return Interval(low=value.low, high=value.high, level=value.level, method=value.method)


def _classes(labels: pd.Series) -> list[NDArray[np.float64]]:
    """Each class against the rest; of two the first alone."""
    import pandas as pd

    codes, names = pd.factorize(labels)
    if not 2 <= len(names) <= MOST_CLASSES:
        return []
    return [(codes == code).astype(float) for code in range(1 if len(names) == 2 else len(names))]


def _smaller(truth: NDArray[np.float64]) -> int:
    return int(min(truth.sum(), len(truth) - truth.sum()))


def _strength(
    series: pd.Series, truths: list[NDArray[np.float64]], fold: NDArray[np.int64], level: float, *, classes: bool
) -> Estimate:
    values, levels = _numbers(series), _levels(series)
    found = []
    for truth in truths:
        scores = [_level_means(levels, truth, fold)] + ([] if values is None else [values])
        told = [_area(truth, score, level) if classes else _correlation(truth, score, level) for score in scores]
        found.append(max(told, key=lambda value: value.estimate))
    return min(found, key=lambda value: value.low)


def _numbers(series: pd.Series) -> NDArray[np.float64] | None:
    """A column's order, missing values first; None where it has none."""
    import numpy as np
    import pandas as pd

    from pytest_mlgate.tables.kinds import kind_of

    kind = kind_of(series)
    if kind not in ("integer", "number", "boolean", "datetime") or isinstance(series.dtype, pd.CategoricalDtype):
        return None
    return np.asarray(series.rank(na_option="top").to_numpy(dtype=float))


def _levels(series: pd.Series) -> NDArray[np.intp]:
    """Codes of a column's levels, or of 50 bins of equally many rows; a missing value is a level."""
    import numpy as np
    import pandas as pd

    order = _numbers(series)
    if order is not None and series.nunique() > BINS:
        edges = np.quantile(order, np.linspace(0, 1, BINS + 1)[1:-1])
        # A value that many rows share lies on an edge, and has a bin of its own.
        codes = np.searchsorted(edges, order) + np.searchsorted(edges, order, side="right")
        return np.asarray(np.where(series.isna().to_numpy(), 2 * BINS, codes), dtype=np.intp)
    plain = series if series.dtype != object else series.where(series.isna(), series.astype(str))
    return np.asarray(pd.factorize(plain, use_na_sentinel=False)[0], dtype=np.intp)


def _level_means(levels: NDArray[np.intp], truth: NDArray[np.float64], fold: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean label of a row's level in the other folds; of a level that these do not have, the mean of all."""
    import numpy as np

    score = np.empty(len(truth))
    size = int(levels.max()) + 1
    for part in range(FOLDS):
        here = fold == part
        sums = np.bincount(levels[~here], weights=truth[~here], minlength=size)
        counts = np.bincount(levels[~here], minlength=size)
        mean = float(truth[~here].mean()) if (~here).any() else 0.0
        score[here] = ((sums + mean) / (counts + 1))[levels[here]]
    return score


def _area(truth: NDArray[np.float64], score: NDArray[np.float64], level: float) -> Estimate:
    from pytest_mlgate.stats.auc import auc_interval

    value = auc_interval(truth > 0, score, level=level)
    return value if value.estimate >= 0.5 else auc_interval(truth > 0, -score, level=level)


def _correlation(truth: NDArray[np.float64], score: NDArray[np.float64], level: float) -> Estimate:
    """Squared correlation of ranks for a column's own order, of values for mean labels; whichever is larger."""
    import math

    import numpy as np

    from pytest_mlgate.stats.auc import midranks
    from pytest_mlgate.stats.estimate import Estimate, normal_quantile

    n = len(truth)
    pairs = ((truth, score), (midranks(truth), midranks(score)))
    r = max((abs(float(np.corrcoef(*pair)[0, 1])) for pair in pairs if min(map(np.ptp, pair)) > 0), default=0.0)
    r = min(r, 1 - 1e-12)
    half = normal_quantile(level) / math.sqrt(n - 3)
    low, high = (max(math.tanh(math.atanh(r) + end), 0.0) ** 2 for end in (-half, half))
    return Estimate(
        estimate=r * r,
        low=low,
        high=high,
        level=level,
        method="Fisher z",
        n=n,
        p_below=lambda bound: float(bound < low),
    )


def known_later(features: Sequence[str], later: Sequence[str], source: str) -> Check:
    """Return the check that none of the columns that are known only later is a feature.

    Parameters
    ----------
    features : sequence of str
        What the model is asked with.
    later : sequence of str
    source : str
        Where the features are known from.
    """
    used = [name for name in later if name in features]
    told = f"among the {len(features)} features ({source})"
    message = f"known only later: {', '.join(used)}, {told}" if used else f"{told} none is known only later"
    return Check(
        code="MLG218",
        subject="sanity.known_later",
        outcome=Outcome.FAIL if used else Outcome.PASS,
        message=message,
        fix=FIX["MLG218"] if used else "",
        observed=float(len(used)),
        limit=0.0,
        details={"columns": used},
    )


def later_moments(
    table: str, frame: pd.DataFrame, time: str, columns: Sequence[str], known: Collection[str] | None
) -> list[Check]:
    """Return a failing check for each feature that is a moment after the row's own time.

    Parameters
    ----------
    table, frame
        The table and its name.
    time : str
        The row's time.
    columns : sequence of str
        Features; of these, those that are timestamps are looked at.
    known : collection of str or None
        The model's features, where they are configured: of these a failure blocks. Of others it warns.
    """
    from pytest_mlgate.tables.kinds import kind_of

    checks = []
    for column in columns:
        if kind_of(frame[column]) != "datetime" or kind_of(frame[time]) != "datetime":
            continue
        after = _later(frame[column], frame[time])
        if after is None or not after.any():
            continue
        checks.append(
            Check(
                code="MLG218",
                subject=f"{table}.{column}.later",
                outcome=Outcome.FAIL,
                severity=Severity.BLOCK if known is not None and column in known else Severity.WARN,
                message=f"{table}.{column}: {int(after.sum())} of {len(frame)} moments ({after.mean():.2%}) are later "
                f"than the row's time, {time}",
                fix=FIX["MLG218"],
                observed=float(after.mean()),
                limit=0.0,
                n=len(frame),
                details={"column": column},
            )
        )
    return checks


def _later(moments: pd.Series, time: pd.Series) -> Any:
    import numpy as np
    import pandas as pd

    if (getattr(moments.dt, "tz", None) is None) != (getattr(time.dt, "tz", None) is None):
        return None  # local and absolute times have no order
    return np.asarray((pd.to_datetime(moments) > pd.to_datetime(time)).fillna(False), dtype=bool)
