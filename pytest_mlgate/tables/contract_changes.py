"""A difference between two contracts, and between two limits: which way it goes, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One difference between two contracts.

    Attributes
    ----------
    column : str
        ``""`` for the table.
    kind : str
        ``added``, ``removed``, ``type``, ``nullable``, ``required``, ``unique``, ``range``, ``levels``, ``length``,
        ``pattern``, ``rule``, ``strict``, ``rows`` or ``forbidden``.
    message : str
        One sentence, with the places where it changed, if not everywhere.
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


def directed(column: str, kind: str, said: str, *, tighter: bool, looser: bool) -> Change:
    """Return a change that refuses more, lets more through, or both."""
    return Change(column=column, kind=kind, message=said, breaks_producer=tighter, breaks_consumer=looser)


Interval = tuple[Any, bool, Any, bool]
"""The lowest value (None: no limit), whether it is excluded, and the same of the highest."""


def count_limits(limits: tuple[Any, ...] | None) -> Interval:
    """Return the limits of a number of things; None: no limit."""
    low, high = limits if limits is not None else (None, None)
    return low or None, False, high, False  # at least 0 is no limit of a count


def limits_changed(
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
    yield directed(column, kind, said, tighter=tighter, looser=looser)


def _beyond(one: tuple[Any, bool], other: tuple[Any, bool], side: int) -> bool:
    """Whether one limit lets through what another does not."""
    (a, a_open), (b, b_open) = one, other
    if b is None or a is None:
        return a is None and b is not None
    if a == b:
        return b_open and not a_open
    return is_above(a, b) if side > 0 else is_above(b, a)


def is_above(a: Any, b: Any) -> bool:
    """Return whether a value is above another; so is each of two that cannot be compared."""
    try:
        return bool(a > b)
    except TypeError:  # limits of two types bound different things; each is then told as changed
        return True


def _told(interval: Interval) -> str:
    low, low_open, high, high_open = interval
    parts = [] if low is None else [f"{'above' if low_open else 'from'} {low}"]
    parts += [] if high is None else [f"{'below' if high_open else 'to'} {high}"]
    return " ".join(parts) or "without limit"


def listed(values: Sequence[Any]) -> str:
    """Return the first ten values, and how many there are where it is more."""
    shown = ", ".join(str(value) for value in values[:10])
    return shown + (f", ... ({len(values)})" if len(values) > 10 else "")
