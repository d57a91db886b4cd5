"""Rows that train and holdout share: ids, whole rows, and rows that are nearly one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Interval, Outcome, Severity
from pytest_mlgate.gates.schema.codes import FIX
from pytest_mlgate.gates.schema.hashing import row_hashes, value_hashes

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

DIGITS = 3
"""Significant digits in which near rows agree."""
ASKED = 2_000
"""Rows of either table that near ones are looked for."""
LOOKED_THROUGH = 200_000
"""Training rows that are looked through for near ones."""
DISCRETE = 0.05
"""From this share of honest repetition on, a repeated row says little."""
LEVEL = 0.99


@dataclass(frozen=True, kw_only=True, slots=True)
class Shared:
    """How many rows come again, and how many of them would without any leak.

    Attributes
    ----------
    hits, rows : int
        Holdout rows that are among the training rows, and those asked.
    expected : float
        Share of honest repetition: of train (or holdout) rows that come again in their own table.
    of : int
        Rows that ``expected`` was counted on.
    first : tuple of int
        Positions of the first shared holdout rows.
    """

    hits: int
    rows: int
    expected: float
    of: int
    first: tuple[int, ...] = ()


def shared_ids(train: pd.DataFrame, holdout: pd.DataFrame, column: str, features: Sequence[str], limit: float) -> Check:
    """Return the check that no id of the holdout is one of the training rows.

    Ids that count anew in each table (0, 1, 2, ...) name no row across tables: where besides no shared id has the same
    features in both, that is warned of and does not block.

    Parameters
    ----------
    train, holdout : pandas.DataFrame
    column : str
        The id.
    features : sequence of str
        Columns of both tables.
    limit : float
        Share of holdout rows that may have an id of the training rows.
    """
    import pandas as pd

    ours, theirs = (value_hashes(table[column].dropna(), place=0) for table in (holdout, train))
    found = pd.Series(ours).isin(pd.unique(pd.Series(theirs))).to_numpy()
    hits, n = int(found.sum()), len(holdout)
    share = hits / n
    common: dict[str, Any] = {"code": "MLG213", "subject": "holdout.shared_ids", "observed": share, "limit": limit}
    if share <= limit:
        return Check(**common, outcome=Outcome.PASS, n=n, message=f"{hits} of {n} holdout ids are among those of train")
    same = _same_rows(train, holdout, [column, *features]) if features else hits
    anew = same == 0 and all(_counts_up(table[column]) for table in (train, holdout))
    told = f"; in {same} of these rows all features agree too" if features else ""
    message = f"{hits} of {n} holdout ids ({share:.2%}) are ids of train as well{told}"
    if anew:
        message += "; ids seem to be counted anew in each table"
    severity = Severity.WARN if anew else Severity.BLOCK
    return Check(**common, outcome=Outcome.FAIL, severity=severity, n=n, message=message, fix=FIX["MLG213"])


def _counts_up(ids: pd.Series) -> bool:
    from pytest_mlgate.tables.kinds import kind_of

    if kind_of(ids) != "integer" or not ids.is_unique:
        return False
    low = int(ids.min())
    return low in (0, 1) and int(ids.max()) - low == len(ids) - 1


def _same_rows(train: pd.DataFrame, holdout: pd.DataFrame, columns: Sequence[str]) -> int:
    import pandas as pd

    return int(pd.Series(row_hashes(holdout, columns)).isin(row_hashes(train, columns)).sum())


def shared_rows(
    train: pd.DataFrame, holdout: pd.DataFrame, columns: Sequence[str], limit: float, examples: int
) -> Check:
    """Return the check that no more rows of the holdout are in train than come again by themselves.

    Rows of few and coarse columns come again honestly. How many do is seen within the tables: two samples of one
    population share about as many rows as either repeats. More than that blocks. Rows that were multiplied before the
    split repeat within the tables as well; that is warned of where a column shows that rows cannot repeat so often:
    an honest row comes again only where each of its values does.

    Parameters
    ----------
    train, holdout : pandas.DataFrame
    columns : sequence of str
        Features, in both tables.
    limit : float
        Share above the honest one that is warned of only.
    examples : int
        How many shared rows to name.
    """
    import numpy as np
    import pandas as pd

    ours, theirs = (pd.Series(row_hashes(table, columns)) for table in (holdout, train))
    found = ours.isin(theirs.unique()).to_numpy()
    expected, of = max((float(rows.duplicated(keep=False).mean()), len(rows)) for rows in (ours, theirs))
    first = tuple(np.nonzero(found)[0][:examples].tolist())
    shared = Shared(hits=int(found.sum()), rows=len(ours), expected=expected, of=of, first=first)
    what = f"rows of the holdout are rows of train in all {len(columns)} features"
    check = _judged("holdout.shared_rows", what, shared, limit, blocks=expected <= DISCRETE)
    if check.outcome is Outcome.FAIL or expected == 0 or not found.any():
        return check
    possible = _repeatable(train.loc[~theirs.duplicated().to_numpy()], columns)
    if possible >= expected:
        return check
    multiplied = replace(shared, expected=possible)
    what += ", and rows come again within a table more often than their values do: they may have been multiplied"
    return _judged("holdout.shared_rows", what, multiplied, limit, blocks=False)


def near_duplicates(
    train: pd.DataFrame, holdout: pd.DataFrame, columns: Sequence[str], limit: float, examples: int, seed: int
) -> Check:
    """Return the check that no more holdout rows nearly are training rows than training rows are one another.

    Near are rows that agree in all features but one at most, numbers in three significant digits. Asked are at most
    2 000 rows of either table, looked through at most 200 000 of train, drawn with the seed; the cost is that of one
    pass a column.

    Parameters
    ----------
    train, holdout, columns, limit, examples
        As for :func:`shared_rows`; at least three columns.
    seed : int
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    train = train.iloc[_drawn(len(train), LOOKED_THROUGH, rng)]
    ours, theirs = _drawn(len(holdout), ASKED, rng), _drawn(len(train), ASKED, rng)
    asked = holdout.iloc[ours]
    near_ours, near_theirs = np.zeros(len(ours), dtype=bool), np.zeros(len(theirs), dtype=bool)
    whole_asked, whole = (row_hashes(table, columns, digits=DIGITS) for table in (asked, train))
    for place, column in enumerate(columns):
        rest_asked = whole_asked - value_hashes(asked[column], place=place, digits=DIGITS)
        rest = whole - value_hashes(train[column], place=place, digits=DIGITS)
        counted = _counts(np.concatenate([rest_asked, rest[theirs]]), rest)
        near_ours |= counted[: len(ours)] > 0
        near_theirs |= counted[len(ours) :] > 1  # itself is one
    expected = float(near_theirs.mean())
    first = tuple(sorted(ours[near_ours].tolist())[:examples])
    shared = Shared(hits=int(near_ours.sum()), rows=len(ours), expected=expected, of=len(theirs), first=first)
    what = f"holdout rows have a row of {len(train)} of train that differs in one of {len(columns)} features at most"
    return _judged("holdout.near_duplicates", what, shared, limit, blocks=False)


def _drawn(n: int, most: int, rng: np.random.Generator) -> NDArray[np.intp]:
    import numpy as np

    return np.arange(n) if n <= most else np.sort(rng.choice(n, size=most, replace=False))


def _counts(asked: NDArray[np.uint64], among: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return how often each of a few hashes comes among many: the few are sorted, and the many looked up once."""
    import numpy as np

    keys, back = np.unique(asked, return_inverse=True)
    places = np.searchsorted(keys, among)
    places[places == len(keys)] = 0
    counts = np.bincount(places[keys[places] == among], minlength=len(keys))
    return np.asarray(counts[back.reshape(-1)], dtype=np.intp)


def _repeatable(distinct: pd.DataFrame, columns: Sequence[str]) -> float:
    """Return a bound of the share of rows that come again by chance, from the most telling column.

    An honest row comes again only where each of its values does, and a value that does is seen in rows that differ
    elsewhere. Of the rows with a value in common those that agree elsewhere, too, are not among distinct rows; so many
    as any two rows do are added. Three rows are added for what was not seen.

    Parameters
    ----------
    distinct : pandas.DataFrame
        One row of each kind.
    columns : sequence of str
    """
    import numpy as np
    import pandas as pd

    n, least = len(distinct), 1.0
    whole = row_hashes(distinct, columns)
    for place, column in enumerate(columns):
        values = value_hashes(distinct[column], place=place)
        again = int(pd.Series(values).duplicated(keep=False).sum()) + 3
        counts = np.unique(whole - values, return_counts=True)[1].astype(float)
        apart = 1 - float((counts * (counts - 1)).sum()) / max(n * (n - 1), 1)
        least = min(least, again / n / apart if apart > 0 else 1.0)
    return least


def _judged(subject: str, what: str, shared: Shared, limit: float, *, blocks: bool) -> Check:
    from pytest_mlgate.stats.two_samples import difference_limits

    low, high = (
        float(end)
        for end in difference_limits(shared.hits, shared.rows, shared.expected * shared.of, shared.of, level=LEVEL)
    )
    share, excess = shared.hits / shared.rows, shared.hits / shared.rows - shared.expected
    message = f"{shared.hits} of {shared.rows} {what} ({share:.2%}, honest repetition {shared.expected:.2%})"
    common: dict[str, Any] = {
        "code": "MLG213",
        "subject": subject,
        "observed": excess,
        "limit": limit,
        "interval": Interval(low=low, high=high, level=LEVEL, method="score interval of the difference"),
        "n": shared.rows,
        "details": {"shared": shared.hits, "expected_share": shared.expected, "rows": list(shared.first)},
    }
    if low <= 0 or shared.hits == 0:
        return Check(**common, outcome=Outcome.PASS, message=message)
    severity = Severity.BLOCK if blocks and low > limit else Severity.WARN
    if shared.first:
        message += (
            f"; holdout rows {', '.join(map(str, shared.first))}{', ...' if shared.hits > len(shared.first) else ''}"
        )
    return Check(**common, outcome=Outcome.FAIL, severity=severity, message=message, fix=FIX["MLG213"])
