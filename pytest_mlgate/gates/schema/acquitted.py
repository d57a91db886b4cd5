"""Columns that break no rule for certain, by what is known of them without their rows as a frame."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pytest_mlgate.tables.places import IDS

if TYPE_CHECKING:
    from pytest_mlgate.tables.contract import ColumnSpec
    from pytest_mlgate.tables.engines import Engine
    from pytest_mlgate.tables.engines.summaries import Summary

_EXACT = 2**53
"""Whole numbers up to which comparisons in 64 bits are those of numbers."""

_NUMBERS = {"ge", "gt", "le", "lt", "eq", "ne", "in_range"}
_STRICT = {"gt", "lt", "eq", "ne"}
_TEXT = {"isin", "notin", "str_length"}


def doubtful(
    engine: Engine, columns: Iterable[ColumnSpec], skipped: Collection[str], fitting: Collection[str] = ()
) -> tuple[list[str], dict[str, Summary]]:
    """Return the columns that could break a rule, and what is known of all of them.

    A footer is asked first, and all values are looked at once where that could still acquit a column. What is found
    out here only ever acquits: a column that stays in doubt is judged by its rows.

    Parameters
    ----------
    engine : Engine
        With these columns.
    columns : iterable of ColumnSpec
    skipped : collection of str
        Rules that are not asked, as ids spell them.
    fitting : collection of str
        Columns whose dtype is known to be what the schema asks for.
    """
    from pytest_mlgate.tables.engines.summaries import footer_summaries, full_summaries

    asked = {column.name: column for column in columns}
    known = footer_summaries(engine, list(asked))
    left = [name for name, column in asked.items() if not _fits(column, known[name], skipped, name in fitting)]
    looked = [name for name in left if _could_fit(asked[name], known[name], name in fitting)]
    known |= full_summaries(engine, {name: known[name] for name in looked})
    return [name for name in left if not _fits(asked[name], known[name], skipped, name in fitting)], known


def _could_fit(column: ColumnSpec, known: Summary, fitting: bool) -> bool:
    """Whether a look at all values could acquit a column."""
    words = _TEXT if known.kind == "text" else _NUMBERS
    kinds = {"number": ("float", "whole"), "integer": ("float", "whole"), "string": ("text",)}
    if column.unique or known.kind not in ("float", "whole", "text") or known.arrow.startswith("dictionary"):
        return False
    if not fitting and column.dtype != "any" and known.kind not in kinds.get(column.dtype, ()):
        return False
    return set(column.checks) <= words | {"not_constant"}


def _fits(column: ColumnSpec, known: Summary, skipped: Collection[str], fitting: bool) -> bool:
    """Whether a column breaks no rule for certain, and has a value where it has checks."""
    if column.unique and f"{column.name}.unique" not in skipped:
        return False
    if not (column.nullable or f"{column.name}.nullable" in skipped or known.missing == 0):
        return False
    fitting = fitting and (known.kind != "whole" or known.missing == 0)  # pandas carries them as floats otherwise
    if known.arrow.startswith("dictionary") or not (fitting or _of_kind(column.dtype, known)):
        return False
    return all(
        _holds(word, given, known)
        for word, given in column.checks.items()
        if f"{column.name}.{IDS.get(word, word)}" not in skipped
    )


def _of_kind(word: str, known: Summary) -> bool:
    if word == "integer":
        return known.kind == "whole" or (known.kind == "float" and known.whole)
    kinds: Mapping[str, tuple[str, ...]] = {
        "any": ("float", "whole", "text", "boolean", "timestamp"),
        "number": ("float", "whole"),
        "string": ("text",),
        "boolean": ("boolean",),
        "datetime": ("timestamp",),
    }
    return known.kind in kinds.get(word, ())


def _holds(word: str, given: tuple[Any, ...], known: Summary) -> bool:
    """Whether a check holds for every value, of which there is one at least."""
    if known.kind == "text":
        return bool(known.levels) and _holds_for_levels(word, given, known.levels or frozenset())
    if known.low is None or known.high is None:
        return False
    if word == "not_constant":
        return known.low < known.high
    if word not in _NUMBERS or not all(_is_number(value) for value in given):
        return False
    if known.kind == "whole" and max(abs(known.low), abs(known.high)) > _EXACT:
        return False
    if word in _STRICT and known.kind == "float" and known.arrow != "double":
        return False  # the limit is rounded to the column's own width there
    low, high, first, last = known.low, known.high, given[0], given[-1]
    holds: dict[str, bool] = {
        "ge": low >= first,
        "gt": low > first,
        "le": high <= first,
        "lt": high < first,
        "eq": low == high == first,
        "ne": first < low or high < first,
        "in_range": first <= low and high <= last,
    }
    return holds[word]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _EXACT


def _holds_for_levels(word: str, given: tuple[Any, ...], levels: frozenset[str]) -> bool:
    if word == "not_constant":
        return len(levels) > 1
    if word == "str_length":
        low, high = given
        return all((low is None or low <= len(one)) and (high is None or len(one) <= high) for one in levels)
    if word not in ("isin", "notin") or not all(isinstance(value, str) for value in given[0]):
        return False
    return levels <= set(given[0]) if word == "isin" else levels.isdisjoint(given[0])
