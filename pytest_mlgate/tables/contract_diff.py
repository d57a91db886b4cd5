"""Two contracts told apart: what changed, in words, and whom it breaks.

A change breaks a **producer** where a table that fitted the old contract may not fit the new one, and a **consumer**
where a table that fits the new contract may hold what the old one ruled out. A change can do both.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from pytest_mlgate.tables.contract import ColumnSpec, TableSpec
from pytest_mlgate.tables.contract_changes import (
    Change,
    Interval,
    count_limits,
    directed,
    is_above,
    limits_changed,
    listed,
)
from pytest_mlgate.tables.contract_places import ELSEWHERE, forbidden_in, in_place, places_that_differ

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
        In the order of the columns; first of the table as a whole, last of single places.
    """
    return [*_by_place(old, new), *_unworded(old_rules, new_rules)]


def _by_place(old: TableSpec, new: TableSpec) -> Iterator[Change]:
    """Changes everywhere, and those of some places with the places in the message."""
    named = places_that_differ(old, new)
    where: dict[Change, list[str]] = {}
    for place in (ELSEWHERE, *named):
        for change in _changes_in(old, new, place):
            where.setdefault(change, []).append(place)
    for change, places in where.items():
        lacking = [place for place in named if place not in places]
        if ELSEWHERE not in places:
            yield replace(change, message=f"in {', '.join(places)}: {change.message}")
        else:
            yield replace(change, message=f"except in {', '.join(lacking)}: {change.message}") if lacking else change


def _changes_in(old: TableSpec, new: TableSpec, place: str) -> Iterator[Change]:
    was, now = forbidden_in(old, place), forbidden_in(new, place)
    for name in sorted(was | now):
        yield from _forbidden(name, (old, new), place)
    yield from _changes(in_place(old, place, without=was | now), in_place(new, place, without=was | now))


def _forbidden(name: str, specs: tuple[TableSpec, TableSpec], place: str) -> Iterator[Change]:
    """A column that must not be there, before or now."""
    before, after = (_may_be(name, spec, place) for spec in specs)
    if before != after:
        said = {(False, True): "must not be there now", (True, False): "must be there now"}
        message = said.get((True in after, False in after), "may be there now")
        yield directed(name, "forbidden", message, tighter=bool(before - after), looser=bool(after - before))


def _may_be(name: str, spec: TableSpec, place: str) -> set[bool]:
    """Whether a column may be there (True), may be absent (False), or both."""
    if name in forbidden_in(spec, place):
        return {False}
    seen = in_place(spec, place)
    listed = next((column for column in seen.columns if column.name == name), None)
    if listed is None:
        return {False} if seen.strict else {True, False}
    return {True} if listed.required else {True, False}


def _unworded(old_rules: Sequence[tuple[str, str]], new_rules: Sequence[tuple[str, str]]) -> Iterator[Change]:
    for name, rule in new_rules:
        if (name, rule) not in old_rules:
            yield Change(column=name, kind="rule", message=f"{rule} is asked for now", breaks_producer=True)
    for name, rule in old_rules:
        if (name, rule) not in new_rules:
            yield Change(column=name, kind="rule", message=f"{rule} is no longer asked for", breaks_consumer=True)


def _changes(old: TableSpec, new: TableSpec) -> Iterator[Change]:
    yield from _table(old, new)
    before, after = ({column.name: column for column in spec.columns} for spec in (old, new))
    for name in [*before, *(name for name in after if name not in before)]:
        if name not in after:
            yield _removed(before[name], new)
        elif name not in before:
            yield from _added(after[name], old)
        else:
            yield from _column(before[name], after[name])


def _table(old: TableSpec, new: TableSpec) -> Iterator[Change]:
    if old.strict != new.strict:
        said = "columns that are not listed are refused now" if new.strict else "columns that are not listed may come"
        yield directed("", "strict", said, tighter=new.strict, looser=old.strict)
    if set(old.unique) != set(new.unique):
        # Rows that differ in some columns differ in more of them: fewer columns ask for more.
        tighter = bool(new.unique) and not (old.unique and set(old.unique) <= set(new.unique))
        looser = bool(old.unique) and not (new.unique and set(new.unique) <= set(old.unique))
        said = f"rows unique in {listed(old.unique) or 'nothing'} before, in {listed(new.unique) or 'nothing'} now"
        yield directed("", "unique", said, tighter=tighter, looser=looser)
    if old.rows != new.rows:
        before, after = count_limits(old.rows), count_limits(new.rows)
        yield from limits_changed("", "rows", "rows", before, after)


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
        yield directed(name, "type", said, tighter=not wider, looser=not narrower)
    for key, before, after, tight, loose in (
        ("nullable", not old.nullable, not new.nullable, "no value may be missing now", "values may be missing now"),
        ("required", old.required, new.required, "must be there now", "optional now: it may be absent"),
        ("unique", old.unique, new.unique, "must be unique now", "values may come twice now"),
    ):
        if before != after:
            yield directed(name, key, tight if after else loose, tighter=after, looser=before)
    yield from _values(old, new)


def _values(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    """What the checks of a column let through, by what they bound."""
    name = old.name
    levels, now = _levels(old), _levels(new)
    yield from _of_levels(name, levels, now)
    yield from limits_changed(name, "range", "values", _interval(old), _interval(new), _within(new), _within(old))
    before, after = (count_limits(column.checks.get("str_length")) for column in (old, new))
    yield from limits_changed(name, "length", "lengths", before, after)
    barred, bars = _barred(old), _barred(new)
    for kind, values, said in (
        ("levels", [v for v in bars if v not in barred], "refused now"),
        ("levels", [v for v in barred if v not in bars], "no longer refused"),
    ):
        if values:
            now_refused = said == "refused now"
            yield directed(name, kind, f"{listed(values)} {said}", tighter=now_refused, looser=not now_refused)
    yield from _as_texts(old, new)
    yield from _as_a_whole(old, new)


def _as_texts(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    before, after = (column.checks.get("str_matches", (None,))[0] for column in (old, new))
    if before == after:
        return
    said = f"must match {after!r} now" if before is None else f"need no longer match {before!r}"
    if before is not None and after is not None:  # which of two patterns matches more, nobody can tell in general
        said = f"pattern {before!r} before, {after!r} now"
    yield directed(old.name, "pattern", said, tighter=after is not None, looser=before is not None)


def _as_a_whole(old: ColumnSpec, new: ColumnSpec) -> Iterator[Change]:
    before, after = ("not_decreasing" in column.checks for column in (old, new))
    if before != after:
        said = "must not decrease from row to row now" if after else "may decrease from row to row now"
        yield directed(old.name, "rule", said, tighter=after, looser=before)
    rows, now = (column.checks.get("not_constant", (math.inf,))[0] for column in (old, new))
    if rows != now:
        said = f"{now} values must not all be the same now" if now < math.inf else "may be constant now"
        yield directed(old.name, "rule", said, tighter=now < rows, looser=now > rows)


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
        yield directed(name, "levels", f"levels closed: {listed(after)}", tighter=True, looser=False)
    elif before is not None and after is None:
        yield directed(name, "levels", "levels open: others may come", tighter=False, looser=True)
    elif before is not None and after is not None:
        gone = [value for value in before if value not in after]
        come = [value for value in after if value not in before]
        parts = [f"levels added: {listed(come)}"] if come else []
        parts += [f"levels removed: {listed(gone)}"] if gone else []
        if parts:
            yield directed(name, "levels", "; ".join(parts), tighter=bool(gone), looser=bool(come))


def _interval(column: ColumnSpec) -> Interval:
    low, low_open, high, high_open = None, False, None, False
    for name, given in column.checks.items():
        if name in ("ge", "gt", "in_range") and (low is None or is_above(given[0], low)):
            low, low_open = given[0], name == "gt"
        elif name == "gt" and given[0] == low:
            low_open = True
        if name in ("le", "lt", "in_range") and (high is None or is_above(high, given[-1])):
            high, high_open = given[-1], name == "lt"
        elif name == "lt" and given[0] == high:
            high_open = True
    return low, low_open, high, high_open


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
