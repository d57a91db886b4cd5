"""What a column may hold: from the contract where there is one, else only what the real rows show."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnFacts:
    """What one column may hold.

    Attributes
    ----------
    kind : str
        A kind of :func:`pytest_mlgate.tables.kinds.kind_of`; ``integer`` also for floats that are all whole.
    nullable : bool
        Whether a value may be missing.
    low, high : number, Timestamp or None
        Inclusive; None is open.
    levels : tuple or None
        The only values there are; None where the set is open.
    excluded : tuple
        Values it never holds.
    lengths : (int, int or None) or None
        Of text, inclusive.
    pattern : str or None
        A regular expression that text matches from its start.
    """

    kind: str
    nullable: bool = False
    low: Any = None
    high: Any = None
    levels: tuple[Any, ...] | None = None
    excluded: tuple[Any, ...] = ()
    lengths: tuple[int, int | None] | None = None
    pattern: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TableFacts:
    """What rows may hold.

    Attributes
    ----------
    columns : Mapping of name to ColumnFacts
        Those of the rows.
    unique : tuple of tuple
        Groups of columns in which no two rows agree.
    rules : tuple of callable
        Rules over several columns: rows to whether they keep the rule.
    """

    columns: Mapping[Any, ColumnFacts]
    unique: tuple[tuple[Any, ...], ...] = ()
    rules: tuple[Callable[[pd.DataFrame], bool], ...] = field(default=())


def facts_of(rows: pd.DataFrame, contract: Any = None) -> TableFacts:
    """Return what rows like these may hold.

    Parameters
    ----------
    rows : DataFrame
        Real rows, at least one.
    contract : None, TableFacts, TableSpec or pandera.DataFrameSchema
        As :func:`pytest_mlgate.gates.schema.contracts.load_contract` returns it. Of a column it does not name, and
        without a contract of all, only what the real rows show is known: text, whole numbers and flags are one of the
        real values, fractions and times lie between the least and the greatest, and a value may be missing where one
        is. A check of the contract that is not understood closes its column in the same way.
    """
    if isinstance(contract, TableFacts):
        return contract
    shown = {name: _shown(rows[name]) for name in rows.columns}
    return TableFacts(columns=shown) if contract is None else _contracted(rows, shown, contract)


def _shown(column: pd.Series[Any]) -> ColumnFacts:
    """The facts that real values show."""
    from pytest_mlgate.tables.kinds import is_of_kind, kind_of

    kind = kind_of(column)
    present = column.dropna()
    if kind == "number" and is_of_kind(column, "integer"):
        kind = "integer"
    facts = ColumnFacts(kind=kind, nullable=bool(column.isna().any()))
    if not len(present):
        return replace(facts, levels=())
    if kind in ("number", "datetime"):
        present = present.astype(present.cat.categories.dtype) if hasattr(present, "cat") else present
        return replace(facts, low=present.min(), high=present.max())
    return replace(facts, levels=tuple(_distinct(present)))


def _distinct(present: pd.Series[Any]) -> list[Any]:
    """Distinct values, the most common first; a value that has no hash is told apart by its representation."""
    try:
        return list(present.value_counts().index)
    except TypeError:
        return list({repr(value): value for value in present}.values())


def _contracted(rows: pd.DataFrame, shown: Mapping[Any, ColumnFacts], contract: Any) -> TableFacts:
    from pytest_mlgate.gates.schema.contracts import bind
    from pytest_mlgate.tables.contract import TableSpec

    schema = bind(contract, rows).schema
    kinds = {spec.name: spec.dtype for spec in contract.columns} if isinstance(contract, TableSpec) else {}
    columns = dict(shown)
    unique = []
    for key, column in schema.columns.items():
        for name in [name for name in rows.columns if (re.match(key, str(name)) if column.regex else name == key)]:
            columns[name] = _column(column, shown[name], kinds.get(str(name), "any"))
            if column.unique:
                unique.append((name,))
    groups = schema.unique or []
    groups = [groups] if isinstance(groups, str) or (groups and isinstance(groups[0], str)) else groups
    unique += [tuple([group] if isinstance(group, str) else group) for group in groups]
    return TableFacts(
        columns=columns,
        unique=tuple(group for group in unique if set(group) <= set(rows.columns)),
        # A rule that the real rows break, or that needs a column they lack, would refuse every mutation.
        rules=tuple(rule for rule in map(_rule, schema.checks or ()) if rule(rows)),
    )


def _rule(check: Any) -> Callable[[pd.DataFrame], bool]:
    def keeps(rows: pd.DataFrame) -> bool:
        try:
            return bool(check(rows).check_passed)
        except Exception:  # the user's own check: a rule that cannot be asked is not kept
            return False

    return keeps


def _column(column: Any, shown: ColumnFacts, kind: str) -> ColumnFacts:
    """The facts that a pandera column states, on top of the kind that the real values are of."""
    nullable = bool(column.nullable)
    if shown.kind == "integer" and (kind == "number" or "float" in str(column.dtype or "")):
        shown = replace(shown, kind="number")
    if shown.kind == "boolean":
        return replace(shown, nullable=nullable, levels=(False, True))
    if shown.kind == "any":
        return replace(shown, nullable=nullable)
    facts = ColumnFacts(kind=shown.kind, nullable=nullable)
    for check in column.checks or ():
        try:
            facts = replace(facts, **_READERS[check.name](check.statistics or {}, facts))
        except (KeyError, TypeError, ValueError, AttributeError):  # not understood: only what the real values show
            return replace(shown, nullable=nullable)
    return facts


def _above(low: Any, facts: ColumnFacts) -> Any:
    """The least value above an exclusive limit."""
    import numpy as np
    import pandas as pd

    if facts.kind == "datetime":
        return pd.Timestamp(low) + pd.Timedelta(1, "us")
    return int(np.floor(low)) + 1 if facts.kind == "integer" else float(np.nextafter(low, np.inf))


def _below(high: Any, facts: ColumnFacts) -> Any:
    import numpy as np
    import pandas as pd

    if facts.kind == "datetime":
        return pd.Timestamp(high) - pd.Timedelta(1, "us")
    return int(np.ceil(high)) - 1 if facts.kind == "integer" else float(np.nextafter(high, -np.inf))


def _bounds(facts: ColumnFacts, low: Any = None, high: Any = None) -> dict[str, Any]:
    """The narrower of the limits known so far and new ones."""
    if facts.kind == "datetime":
        import pandas as pd

        low, high = (value if value is None else pd.Timestamp(value) for value in (low, high))
    lows = [value for value in (facts.low, low) if value is not None]
    highs = [value for value in (facts.high, high) if value is not None]
    return {"low": max(lows, default=None), "high": min(highs, default=None)}


def _range(given: Mapping[str, Any], facts: ColumnFacts) -> dict[str, Any]:
    low, high = given["min_value"], given["max_value"]
    return _bounds(
        facts,
        low if given.get("include_min", True) else _above(low, facts),
        high if given.get("include_max", True) else _below(high, facts),
    )


def _lengths(given: Mapping[str, Any], facts: ColumnFacts) -> dict[str, Any]:
    exact = given.get("exact_value")
    if exact is not None:
        return {"lengths": (exact, exact)}
    return {"lengths": (given.get("min_value") or 0, given.get("max_value"))}


def _pattern(given: Mapping[str, Any], facts: ColumnFacts) -> dict[str, Any]:
    if facts.pattern is not None:
        raise ValueError("two patterns")
    return {"pattern": re.compile(given["pattern"]).pattern}


# What pandera calls its checks, to the facts each states.
_READERS: dict[str, Callable[[Mapping[str, Any], ColumnFacts], dict[str, Any]]] = {
    "greater_than_or_equal_to": lambda given, facts: _bounds(facts, low=given["min_value"]),
    "greater_than": lambda given, facts: _bounds(facts, low=_above(given["min_value"], facts)),
    "less_than_or_equal_to": lambda given, facts: _bounds(facts, high=given["max_value"]),
    "less_than": lambda given, facts: _bounds(facts, high=_below(given["max_value"], facts)),
    "in_range": _range,
    "equal_to": lambda given, facts: {"levels": (given["value"],)},
    "not_equal_to": lambda given, facts: {"excluded": (*facts.excluded, given["value"])},
    "isin": lambda given, facts: {"levels": tuple(given["allowed_values"])},
    "notin": lambda given, facts: {"excluded": (*facts.excluded, *given["forbidden_values"])},
    "str_length": _lengths,
    "str_matches": _pattern,
    # Of the column as a whole: any single value may be in it.
    "not_constant": lambda given, facts: {},
    "not_decreasing": lambda given, facts: {},
}


def allows(facts: ColumnFacts, value: Any) -> bool:
    """Return whether a column may hold a value; None is a missing one."""
    if value is None:
        return facts.nullable
    if value in facts.excluded or (facts.levels is not None and value not in facts.levels):
        return False
    if facts.kind == "integer" and value != int(value):
        return False
    if (facts.low is not None and value < facts.low) or (facts.high is not None and value > facts.high):
        return False
    if facts.lengths is not None:
        shortest, longest = facts.lengths
        if len(value) < shortest or (longest is not None and len(value) > longest):
            return False
    return facts.pattern is None or re.match(facts.pattern, value) is not None


def permits(facts: TableFacts, rows: pd.DataFrame) -> bool:
    """Return whether rows keep what is said of several rows or columns together."""
    if any(rows.duplicated(subset=list(group)).any() for group in facts.unique):
        return False
    return all(rule(rows) for rule in facts.rules)


def allows_rows(facts: TableFacts, rows: pd.DataFrame) -> bool:
    """Return whether every cell of rows may hold what it holds."""
    import pandas as pd

    for name, of_column in facts.columns.items():
        for value in rows[name].astype(object) if name in rows.columns else ():
            missing = pd.api.types.is_scalar(value) and pd.isna(value)
            try:
                if not allows(of_column, None if missing else value):
                    return False
            except (TypeError, ValueError):  # of another kind than the limits it is held against
                return False
    return True
