"""What `slices` may say: a column, a number in bins, a function of the user's, or several of them crossed."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

_KEYS = ("column", "bins", "function")
_FORMS = (
    'a column\'s name, a list of them (crossed), {column = "distance", bins = [500, 1000]} '
    'or {function = "package.module:name"}'
)
MOST_BINS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """Rows by the values of a column; ``bins`` are inner edges in rising order, or a number of quantile bins."""

    column: str
    bins: tuple[float, ...] | int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Function:
    """Rows by what a function of the table says, one label a row; ``function`` is an import path or callable."""

    function: str | Callable[..., Any]

    @property
    def name(self) -> str:
        """The function's own name, without its module."""
        if isinstance(self.function, str):
            return self.function.rpartition(":")[2]
        return str(getattr(self.function, "__name__", type(self.function).__name__))


@dataclass(frozen=True, kw_only=True, slots=True)
class Cross:
    """Rows by several of these at once."""

    parts: tuple[Column | Function, ...]


SliceBy: TypeAlias = Column | Function | Cross


def parse_slice(value: Any) -> SliceBy:
    """Return one item of ``slices`` as a value of this module.

    Raises
    ------
    ValueError
        Where it is none of the forms; the message says what is wrong and what is allowed.
    """
    if isinstance(value, Cross | Column | Function):
        return value
    if isinstance(value, list | tuple):
        parts = tuple(parse_slice(part) for part in value)
        if len(parts) < 2 or any(isinstance(part, Cross) for part in parts):
            raise ValueError("a list crosses two columns or more, and is not nested")
        if len({part_name(part) for part in parts}) < len(parts):
            raise ValueError("a list crosses different columns")
        return Cross(parts=tuple(part for part in parts if not isinstance(part, Cross)))
    return _parse_part(value)


def part_name(part: SliceBy) -> str:
    """Return the name that the subject of a slice begins with."""
    if isinstance(part, Cross):
        return ", ".join(part_name(one) for one in part.parts)
    return part.column if isinstance(part, Column) else part.name


def _parse_part(value: Any) -> Column | Function:
    if isinstance(value, str) and value:
        return Column(column=value)
    if callable(value):
        return Function(function=value)
    if not isinstance(value, Mapping):
        raise ValueError(f"should be {_FORMS}")
    for key in value:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"unknown key {key!r}{hint} (known: {', '.join(_KEYS)})")
    if ("function" in value) == ("column" in value) or ("function" in value and "bins" in value):
        raise ValueError(f"should be {_FORMS}")
    if "function" in value:
        function = value["function"]
        if not callable(function) and not (isinstance(function, str) and ":" in function):
            raise ValueError(f"function = {function!r} should be an import path, `package.module:name`")
        return Function(function=function)
    if not isinstance(value["column"], str) or not value["column"]:
        raise ValueError(f"column = {value['column']!r} should be a column's name")
    return Column(column=value["column"], bins=_parse_bins(value.get("bins")))


def _parse_bins(bins: Any) -> tuple[float, ...] | int | None:
    if bins is None:
        return None
    if isinstance(bins, int) and not isinstance(bins, bool):
        if 2 <= bins <= MOST_BINS:
            return bins
        raise ValueError(f"bins = {bins} should be from 2 to {MOST_BINS}, a number of quantile bins")
    if not isinstance(bins, Sequence) or isinstance(bins, str) or not all(_is_finite(edge) for edge in bins):
        raise ValueError(f"bins = {bins!r} should be a number of quantile bins, or a list of inner edges")
    edges = tuple(float(edge) for edge in bins)
    if not 1 <= len(edges) < MOST_BINS or any(b <= a for a, b in pairwise(edges)):
        raise ValueError(f"bins = {list(bins)} should be from 1 to {MOST_BINS - 1} inner edges in rising order")
    return edges


def _is_finite(edge: Any) -> bool:
    return isinstance(edge, int | float) and not isinstance(edge, bool) and math.isfinite(edge)
