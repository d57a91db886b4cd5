"""Two contracts told apart: what changed, in words, and whom it breaks.

A change breaks a **producer** where a table that fitted the old contract may not fit the new one, and a **consumer**
where a table that fits the new contract may hold what the old one ruled out. A change can do both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pytest_mlgate.tables.contract import ColumnSpec, TableSpec

NARROWER = {
    ("integer", "number"),
    *((f"{sign}int{bits}", kind) for sign in ("", "u") for bits in (8, 16, 32, 64) for kind in ("integer", "number")),
    *((f"{sign}Int{bits}", kind) for sign in ("", "U") for bits in (8, 16, 32, 64) for kind in ("integer", "number")),
    *((f"{word}{bits}", "number") for word in ("float", "Float") for bits in (32, 64)),
    ("float16", "number"),
    *((word, "string") for word in ("str", "string")),
    *((word, "boolean") for word in ("bool", "boolean[pyarrow]")),
}
"""Types all of whose values are of the other type too; every type is narrower than ``any``."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference between two contracts.

    Attributes
    ----------
    column : str
        ``""`` for the table.
    kind : str
        ``added``, ``removed``, ``type``, ``nullable``, ``required``, ``unique``, ``range``, ``levels``, ``length``,
        ``pattern``, ``rule``, ``strict`` or ``rows``.
    message : str
        One sentence.
    breaks_consumer, breaks_producer : bool
    """

    column: str
    kind: str
    message: str
    breaks_consumer: bool = False
    breaks_producer: bool = False

    @property
    def breaking(self) -> bool:
        """Whether it breaks anyone."""
        return self.breaks_consumer or self.breaks_producer


def compare_contracts(
    old: TableSpec,
    new: TableSpec,
    *,
    old_rules: Sequence[tuple[str, str]] = (),
    new_rules: Sequence[tuple[str, str]] = (),
) -> list[Change]:
    """Return what differs between two contracts.

    Parameters
    ----------
    old, new : TableSpec
    old_rules, new_rules : sequence of (str, str)
        Rules that a contract has no word for, as :func:`~pytest_mlgate.tables.contract_pandera.from_pandera` returns
        them: compared by their text alone.

    Returns
    -------
    list of Change
        In the order of the columns; first of the table as a whole.
    """
    return list(_changes(old, new, old_rules, new_rules))


def _changes(
    old: TableSpec, new: TableSpec, old_rules: Sequence[tuple[str, str]], new_rules: Sequence[tuple[str, str]]
) -> Iterator[Change]:
    yield from _table(old, new)
    before, after = ({column.name: column for column in spec.columns} for spec in (old, new))
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            yield _removed(before[name], new)
        elif name not in before:
            yield from _added(after[name], old)
        else:
            yield from _column(before[name], after[name])
    for name, rule in new_rules:
        if (name, rule) not in old_rules:
            yield Change(column=name, kind="rule", message=f"{rule} is asked for now", breaks_producer=True)
    for name, rule in old_rules:
        if (name, rule) not in new_rules:
            yield Change(column=name, kind="rule", message=f"{rule} is no longer asked for", breaks_consumer=True)


def _table(old: TableSpec, new: TableSpec) -> Iterator[Change]:
    if old.strict != new.strict:
        said = "columns that are not listed are refused now" if new.strict else "columns that are not listed may come"
        yield _directed("", "strict", said, tighter=new.strict, looser=old.strict)
    if set(old.unique) != set(new.unique):
        # Rows that differ in some columns differ in more of them: fewer columns ask for more.
        tighter = bool(new.unique) and not (old.unique and set(old.unique) <= set(new.unique))
        looser = bool(old.unique) and not (new.unique and set(new.unique) <= set(old.unique))
        said = f"rows unique in {_listed(old.unique) or 'nothing'} before, in {_listed(new.unique) or 'nothing'} now"
        yield _directed("", "unique", said, tighter=tighter, looser=looser)
    if old.rows != new.rows:
        before, after = _counts(old.rows), _counts(new.rows)
        yield from _limits("", "rows", "rows", before, after)


def _removed(column: ColumnSpec, new: TableSpec) -> Change:
    said = "removed: it may no longer be there" + (", and is refused" if new.strict else "")
    return Change(column=column.name, kind="removed", message=said, breaks_consumer=True, breaks_producer=new.strict)


def _added(column: ColumnSpec, old: TableSpec) -> Iterator[Change]:
    what = "required" if column.required else "optional"
    # A producer is one that did not send it: of what came unlisted, under that name, nothing was promised.
    yield Change(
        column=column.name,
        kind="added",
        message=f"added ({column.dtype}, {what})",
        breaks_producer=column.required,
        breaks_consumer=old.strict,
    )


def _column(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    name = old.name
    if old.dtype != new.dtype:
        wider, narrower = _narrower(old.dtype, new.dtype), _narrower(new.dtype, old.dtype)
        said = f"type changed from {old.dtype} to {new.dtype}"
        yield _directed(name, "type", said, tighter=not wider, looser=not narrower)
    for key, before, after, tight, loose in (
        ("nullable", not old.nullable, not new.nullable, "no value may be missing now", "values may be missing now"),
        ("required", old.required, new.required, "must be there now", "optional now: it may be absent"),
        ("unique", old.unique, new.unique, "must be unique now", "values may come twice now"),
    ):
        if before != after:
            yield _directed(name, key, tight if after else loose, tighter=after, looser=before)
    yield from _values(old, new)


def _values(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    """What the checks of a column let through, by what they bound."""
    name = old.name
    levels, now = _levels(old), _levels(new)
    yield from _of_levels(name, levels, now)
    yield from _limits(name, "range", "values", _interval(old), _interval(new), _within(new), _within(old))
    before, after = (_counts(column.checks.get("str_length")) for column in (old, new))
    yield from _limits(name, "length", "lengths", before, after)
    barred, bars = _barred(old), _barred(new)
    for kind, values, said in (
        ("levels", [v for v in bars if v not in barred], "refused now"),
        ("levels", [v for v in barred if v not in bars], "no longer refused"),
    ):
        if values:
            now_refused = said == "refused now"
            yield _directed(name, kind, f"{_listed(values)} {said}", tighter=now_refused, looser=not now_refused)
    yield from _as_texts(old, new)
    yield from _as_a_whole(old, new)


def _as_texts(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    before, after = (column.checks.get("str_matches", (None,))[0] for column in (old, new))
    if before == after:
        return
    said = f"must match {after!r} now" if before is None else f"need no longer match {before!r}"
    if before is not None and after is not None:  # which of two patterns matches more, nobody can tell in general
        said = f"pattern {before!r} before, {after!r} now"
    yield _directed(old.name, "pattern", said, tighter=after is not None, looser=before is not None)


def _as_a_whole(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    before, after = ("not_decreasing" in column.checks for column in (old, new))
    if before != after:
        said = "must not decrease from row to row now" if after else "may decrease from row to row now"
        yield _directed(old.name, "rule", said, tighter=after, looser=before)
    rows, now = (column.checks.get("not_constant", (math.inf,))[0] for column in (old, new))
    if rows != now:
        said = f"{now} values must not all be the same now" if now < math.inf else "may be constant now"
        yield _directed(old.name, "rule", said, tighter=now < rows, looser=now > rows)


def _directed(column: str, kind: str, said: str, *, tighter: bool, looser: bool) -> Change:
    return Change(column=column, kind=kind, message=said, breaks_producer=tighter, breaks_consumer=looser)


def _narrower(one: str, other: str) -> bool:
    """Whether all values of a type are of another."""
    return other == "any" or (one, other) in NARROWER or (one.startswith("datetime64") and other == "datetime")


def _levels(column: ColumnSpec) -> list[Any] | None:
    """The closed set of a column; None where it is open."""
    sets = [column.checks["isin"][0]] if "isin" in column.checks else []
    sets += [[column.checks["eq"][0]]] if "eq" in column.checks else []
    if not sets:
        return None
    return [value for value in sets[0] if all(value in other for other in sets[1:])]


def _barred(column: ColumnSpec) -> list[Any]:
    return [*column.checks.get("notin", ([],))[0], *column.checks.get("ne", ())]


def _of_levels(name: str, before: list[Any] | None, after: list[Any] | None) -> Iterator[Change]:
    if before is None and after is not None:
        yield _directed(name, "levels", f"levels closed: {_listed(after)}", tighter=True, looser=False)
    elif before is not None and after is None:
        yield _directed(name, "levels", "levels open: others may come", tighter=False, looser=True)
    elif before is not None and after is not None:
        gone = [value for value in before if value not in after]
        come = [value for value in after if value not in before]
        parts = [f"levels added: {_listed(come)}"] if come else []
        parts += [f"levels removed: {_listed(gone)}"] if gone else []
        if parts:
            yield _directed(name, "levels", "; ".join(parts), tighter=bool(gone), looser=bool(come))


Interval = tuple[Any, bool, Any, bool]
"""The lowest value (None: no limit), whether it is excluded, and the same of the highest."""


def _interval(column: ColumnSpec) -> Interval:
    low, low_open, high, high_open = None, False, None, False
    for name, given in column.checks.items():
        if name in ("ge", "gt", "in_range") and (low is None or _after(given[0], low)):
            low, low_open = given[0], name == "gt"
        elif name == "gt" and given[0] == low:
            low_open = True
        if name in ("le", "lt", "in_range") and (high is None or _after(high, given[-1])):
            high, high_open = given[-1], name == "lt"
        elif name == "lt" and given[0] == high:
            high_open = True
    return low, low_open, high, high_open


def _counts(limits: tuple[Any, ...] | None) -> Interval:
    low, high = limits if limits is not None else (None, None)
    return low or None, False, high, False  # at least 0 is no limit of a count


def _limits(
    column: str,
    kind: str,
    what: str,
    old: Interval,
    new: Interval,
    new_inside: Callable[[Interval], bool] | None = None,
    old_inside: Callable[[Interval], bool] | None = None,
) -> Iterator[Change]:
    """Compare two intervals; where a closed set lies inside the other's, the limit itself changes nothing."""
    if old == new:
        return
    tighter = _beyond(old[:2], new[:2], -1) or _beyond(old[2:], new[2:], 1)
    looser = _beyond(new[:2], old[:2], -1) or _beyond(new[2:], old[2:], 1)
    tighter = tighter and not (old_inside is not None and old_inside(new))
    looser = looser and not (new_inside is not None and new_inside(old))
    words = {(True, False): "narrower", (False, True): "wider", (True, True): "moved"}
    word = words.get((tighter, looser), "told otherwise")
    subject = "number of rows" if kind == "rows" else kind
    said = f"{subject} {word}: {what} {_told(old)} before, {_told(new)} now"
    yield _directed(column, kind, said, tighter=tighter, looser=looser)


def _within(column: ColumnSpec) -> Callable[[Interval], bool]:
    """Whether all levels of a closed set lie in an interval."""
    levels = _levels(column)

    def inside(interval: Interval) -> bool:
        low, low_open, high, high_open = interval
        try:
            return levels is not None and all(
                (low is None or value > low or (value == low and not low_open))
                and (high is None or value < high or (value == high and not high_open))
                for value in levels
            )
        except TypeError:  # levels that are not compared with the limits
            return False

    return inside


def _beyond(one: tuple[Any, bool], other: tuple[Any, bool], side: int) -> bool:
    """Whether one limit lets through what another does not."""
    (a, a_open), (b, b_open) = one, other
    if b is None or a is None:
        return a is None and b is not None
    if a == b:
        return b_open and not a_open
    return _after(a, b) if side > 0 else _after(b, a)


def _after(a: Any, b: Any) -> bool:
    try:
        return bool(a > b)
    except TypeError:  # limits of two types bound different things; each is then told as changed
        return True


def _told(interval: Interval) -> str:
    low, low_open, high, high_open = interval
    parts = [] if low is None else [f"{'above' if low_open else 'from'} {low}"]
    parts += [] if high is None else [f"{'below' if high_open else 'to'} {high}"]
    return " ".join(parts) or "without limit"


def _listed(values: Sequence[Any]) -> str:
    shown = ", ".join(str(value) for value in values[:10])
    return shown + (f", ... ({len(values)})" if len(values) > 10 else "")
