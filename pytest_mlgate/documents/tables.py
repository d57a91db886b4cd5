"""What a document says of a table of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.documents.facts import ColumnFacts, TableFacts

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from pytest_mlgate.gates.base import Facts

MOST_LEVELS = 500
_DIGITS = 6


def table_facts(
    frame: pd.DataFrame, *, source: str, digest: str, facts: Facts, task: str, query: str | None = None
) -> TableFacts:
    """Return what is said of a table; of sensitive columns no value.

    Parameters
    ----------
    frame : DataFrame
    source, digest : str
        The file, and its SHA-256.
    facts : Facts
        Which columns mean what.
    task : str
    query : str or None
        The column that names each row's query, of a ranking.
    """
    first, last = _period(frame, facts.time)
    return TableFacts(
        source=source,
        digest=digest,
        rows=len(frame),
        columns=tuple(_column(frame[name], str(name), facts) for name in frame.columns),
        first=first,
        last=last,
        labels=_labels(frame, facts, task),
        duplicates=_duplicates(frame),
        queries=int(frame[query].nunique()) if query is not None and query in frame.columns else None,
        groups={name: _levels(frame[name]) for name in facts.groups if _shown(frame, name, facts)},
    )


def _shown(frame: pd.DataFrame, name: str, facts: Facts) -> bool:
    return name in frame.columns and name not in facts.sensitive and frame[name].nunique() <= MOST_LEVELS


def _column(series: pd.Series, name: str, facts: Facts) -> ColumnFacts:
    sensitive = name in facts.sensitive
    kind = _kind(series)
    low = high = ""
    if not sensitive and kind in ("number", "time") and series.notna().any():
        low, high = _text(series.min()), _text(series.max())
    distinct = None if sensitive else _distinct(series)
    return ColumnFacts(
        name=name,
        kind=kind,
        missing=float(series.isna().mean()) if len(series) else 0.0,
        distinct=distinct,
        sensitive=sensitive,
        low=low,
        high=high,
    )


def _kind(series: pd.Series) -> str:
    from pandas.api import types

    if types.is_bool_dtype(series.dtype):
        return "yes or no"
    if types.is_numeric_dtype(series.dtype):
        return "number"
    if types.is_datetime64_any_dtype(series.dtype):
        return "time"
    return "text"


def _distinct(series: pd.Series) -> int | None:
    try:
        return int(series.nunique())
    except TypeError:  # lists have no hash
        return None


def _text(value: Any) -> str:
    if hasattr(value, "isoformat"):
        return str(value.isoformat(sep=" ", timespec="minutes"))
    number = float(value)
    return f"{number:.0f}" if number == round(number) and abs(number) < 1e15 else f"{number:.{_DIGITS}g}"


def _period(frame: pd.DataFrame, time: str | None) -> tuple[str, str]:
    if time is None or time not in frame.columns:
        return "", ""
    moments = frame[time].dropna()
    if not len(moments):
        return "", ""
    ends = (moments.min(), moments.max())
    return tuple(str(end.date()) if hasattr(end, "date") else str(end)[:10] for end in ends)  # type: ignore[return-value]


def _labels(frame: pd.DataFrame, facts: Facts, task: str) -> Mapping[str, float]:
    target = facts.target
    if target is None or target not in frame.columns or target in facts.sensitive or not len(frame):
        return {}
    series = frame[target].dropna()
    if task in ("regression", "ranking"):
        return {"mean": float(series.mean()), "min": float(series.min()), "max": float(series.max())}
    shares = series.value_counts(normalize=True)
    return {str(label): float(share) for label, share in sorted(shares.items(), key=lambda item: str(item[0]))}


def _duplicates(frame: pd.DataFrame) -> int:
    try:
        return int(frame.duplicated().sum())
    except TypeError:
        return 0


def _levels(series: pd.Series) -> dict[str, int]:
    counts = series.value_counts()
    ordered = sorted(counts.items(), key=lambda item: (-int(item[1]), str(item[0])))
    return {str(level): int(count) for level, count in ordered}
