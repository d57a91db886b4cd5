"""Rules of one column that no value can meet at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# The argument of pandera's built-in checks that bounds a value, and whether the bound itself is allowed.
_LOW = {"greater_than_or_equal_to": ("min_value", True), "greater_than": ("min_value", False)}
_HIGH = {"less_than_or_equal_to": ("max_value", True), "less_than": ("max_value", False)}


def refuse_contradictions(schema: Any, name: str = "the schema", lines: Mapping[str, int] | None = None) -> None:
    """Raise InputError where the rules of a column exclude each other: every table would fail, whatever it holds.

    Parameters
    ----------
    schema : pandera.DataFrameSchema
        Checks of the user's own are not looked into.
    name : str
        What messages call it.
    lines : Mapping of str to int or None
        Where columns stand, if it is a file.
    """
    found = [
        f"column {key}{f' (line {lines[str(key)]})' if lines and lines.get(str(key)) else ''}: {reason}"
        for key, column in schema.columns.items()
        for reason in _reasons(column.checks)
    ]
    if found:
        raise InputError(f"{name} contradicts itself: {'; '.join(found)}", fix=f"correct {name}")


def _reasons(checks: Any) -> Iterator[str]:
    lows, highs = list(_bounds(checks, _LOW, "min")), list(_bounds(checks, _HIGH, "max"))
    for low, low_in, one in lows:
        for high, high_in, other in highs:
            if _excludes(low, high, closed=low_in and high_in):
                yield f"{one} and {other} leave no value" if one != other else f"{one} leaves no value"
    for check in checks or ():
        if check.name == "isin":
            allowed = list(_statistics(check).get("allowed_values", ()))
            inside = [value for value in allowed if _within(value, lows, highs)]
            if not allowed:
                yield "isin allows no value"
            elif not inside:
                bounds = ", ".join(dict.fromkeys(name for _, _, name in (*lows, *highs)))
                yield f"isin and {bounds} leave no value"


def _statistics(check: Any) -> dict[str, Any]:
    return dict(getattr(check, "statistics", None) or {})


def _bounds(checks: Any, names: dict[str, tuple[str, bool]], end: str) -> Iterator[tuple[Any, bool, str]]:
    for check in checks or ():
        told = _statistics(check)
        if check.name == "in_range" and f"{end}_value" in told:
            yield told[f"{end}_value"], bool(told.get(f"include_{end}", True)), str(check.error or check.name)
        elif check.name in names and names[check.name][0] in told:
            yield told[names[check.name][0]], names[check.name][1], str(check.error or check.name)


def _excludes(low: Any, high: Any, *, closed: bool) -> bool:
    try:
        return bool(low > high or (low == high and not closed))
    except TypeError:  # a text and a number: the values decide
        return False


def _within(value: Any, lows: list[tuple[Any, bool, str]], highs: list[tuple[Any, bool, str]]) -> bool:
    above = not any(_excludes(low, value, closed=closed) for low, closed, _ in lows)
    return above and not any(_excludes(value, high, closed=closed) for high, closed, _ in highs)
