"""A first contract from rows: what they support, with the evidence in a comment beside each line.

An inferred contract has two ways to be wrong. Too tight, and it refuses the next honest sample; too loose, and it
accepts a broken one. The rules here lean to the loose side, because a false alarm on the first day gets a gate
switched off: a range leaves room beyond what was seen, and a set of categories is closed only where every level was
seen often. Gross breakage (a type, a unit, a level, a missing column, a missing value where none ever was) is still
refused.
"""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.dates import holds_dates
from pytest_mlgate.tables.kinds import kind_of

if TYPE_CHECKING:
    import pandas as pd

MAX_LEVELS = 20
"""A set of categories with more levels is left open."""
MIN_SEEN = 20
"""A set of categories is closed only where each level was seen in this many rows."""
MIN_INTEGERS = 50
"""From this many values on, a column of whole numbers is one of integers, and not whole by chance."""

FEW_ROWS = 2000
"""Below this many values the extremes are less settled, and a range leaves half as much room again."""

_HEADER = """\
# The contract of a table: what every row must be. Written by `mlgate init` from {source} ({rows} rows); now yours:
# read it, correct it, keep it in version control.
#   dtype      number, integer, string, boolean, datetime, any, or a dtype of pandas (float64, category, ...)
#   nullable   may values be missing?            unique    may a value come twice?
#   required   may the column be absent?         checks    in_range, isin, notin, ge, gt, le, lt, eq, ne,
#                                                          str_length, str_matches (pandera's words)
"""


def infer_contract(
    frame: pd.DataFrame, *, target: str | None = None, id_column: str | None = None, source: str = "a table"
) -> str:
    """Return the YAML of a contract that the rows support, with comments.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_rows, n_columns)
    target : str or None
        Its levels are closed where each was seen 20 times, also when they are numbers.
    id_column : str or None
        The column that names a row: must be unique, has no range.
    source : str
        What the header calls the table.

    Returns
    -------
    str
        Read back by :func:`~pytest_mlgate.tables.contract.parse_contract`. Numbers get a range that reaches
        further than what was seen: on each side, twice as far from the median as the farthest value, or on a
        logarithmic scale half as far again, to ten times at most, where that is wider and all values have one sign
        (a long tail); below 2000 values there is half as much room again. No limit crosses 0 where all values are on
        one side of it; the lower one is 0 where the values pile up there, or the column is positive and skewed. Only a
        column named like an id, or given as one, is unique, and only where no value came twice.

    Raises
    ------
    InputError
        No rows, no columns, or a column name that comes twice.
    """
    if not len(frame) or not len(frame.columns):
        raise InputError(
            f"{source} has {len(frame)} rows and {len(frame.columns)} columns: no contract can be inferred",
            fix="give a table with rows",
        )
    names = [str(column) for column in frame.columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(f"{source} has the column {twice[0]!r} twice", fix="rename one of them")
    lines = [
        _HEADER.format(source=_comment(source), rows=len(frame)),
        "strict: false  # true: a column that is not listed is refused",
    ]
    lines += ["", "columns:"]
    for position, name in enumerate(names):
        lines += _column(name, frame.iloc[:, position], is_target=name == target, is_id=name == id_column)
    return "\n".join(lines) + "\n"


def _column(name: str, series: pd.Series, *, is_target: bool, is_id: bool) -> list[str]:
    n, missing = len(series), int(series.isna().sum())
    values = series.dropna()
    kind, why = _kind(series, n - missing)
    lines = [f"  {_scalar(name)}:" + ("  # the target" if is_target else "")]
    lines.append(f"    dtype: {kind}{why}")
    nullable = f"true  # {missing} of {n} values missing" if missing else f"false  # none of {n} missing"
    lines.append(f"    nullable: {nullable}")
    id_like = is_id or named_like_an_id(name)
    if id_like and kind_of(series) != "number" and n >= MIN_SEEN and not values.duplicated().any() and not missing:
        lines.append(f"    unique: true  # no value came twice in {n} rows")
    checks = [] if id_like and not is_target else _checks(values, kind, is_target=is_target)
    return lines + checks


def _kind(series: pd.Series, n: int) -> tuple[str, str]:
    kind = kind_of(series)
    if n == 0:
        return "any", "  # no value seen"
    if kind == "any":
        return "any", f"  # mixed or other values ({_comment(str(series.dtype))})"
    if kind == "integer" and n < MIN_INTEGERS:
        return "number", f"  # whole in all {n} rows, which may be chance"
    return kind, ""


def _checks(values: pd.Series, kind: str, *, is_target: bool) -> list[str]:
    if not len(values):
        return []
    if kind == "string" and not is_target and holds_dates(values):
        low, high = _comment(str(values.min())), _comment(str(values.max()))
        return [
            f"    # dates as text (ISO 8601), from {low} to {high}; left open, time goes on. drift reads them as dates"
        ]
    if kind == "string":
        return _levels(values)
    if kind in ("number", "integer"):
        distinct = values.nunique()
        if distinct <= (MAX_LEVELS if is_target and kind == "integer" else 2):
            closed = _levels(values)
            if closed and not closed[0].lstrip().startswith("#"):
                return closed
        return _range(values, kind)
    if kind == "datetime":
        return [
            f"    # seen from {_comment(str(values.min()))} to {_comment(str(values.max()))}; left open, time goes on"
        ]
    return []


def _levels(values: pd.Series) -> list[str]:
    counts = values.astype(object).value_counts()
    if len(counts) > MAX_LEVELS:
        return [f"    # {len(counts)} different values in {len(values)} rows: left open"]
    levels = sorted((_plain(level) for level in counts.index), key=lambda v: (str(type(v)), v))
    listed = "[" + ", ".join(_scalar(level) for level in levels) + "]"
    rarest, seen = counts.index[-1], int(counts.iloc[-1])
    if seen < MIN_SEEN:
        rare = _comment(json.dumps(str(rarest), ensure_ascii=False))
        note = f"    # left open: {rare} was seen in {seen} rows only, so others may come; to close it:"
        return [note, f"    # checks: {{isin: {_comment(listed)}}}"]
    return ["    checks:", f"      isin: {listed}  # each seen at least {seen} times in {len(values)} rows"]


def _range(values: pd.Series, kind: str) -> list[str]:
    import numpy as np

    numbers = values.to_numpy(dtype=float)
    finite = numbers[np.isfinite(numbers)]
    if not len(finite):
        return ["    # no finite value seen: left open"]
    low, high = float(finite.min()), float(finite.max())
    if low == high:
        return [f"    # always {_number(low)}: no range follows from one value"]
    bottom, top = _limits(finite, low, high)
    if not (-math.inf < bottom <= low and high <= top < math.inf):
        return ["    # too large for a range: left open"]
    comment = f"# seen {_number(low)} to {_number(high)}, with room on each side"
    if len(finite) == len(numbers):
        return ["    checks:", f"      in_range: [{_number(bottom)}, {_number(top)}]  {comment}"]
    limits = []
    if not np.isposinf(numbers).any():
        limits.append(f"      le: {_number(top)}  {comment}; -inf came")
    if not np.isneginf(numbers).any():
        limits.append(f"      ge: {_number(bottom)}  {comment}; inf came")
    return ["    checks:", *limits] if limits else ["    # -inf and inf came: left open"]


def _limits(finite: Any, low: float, high: float) -> tuple[float, float]:
    import numpy as np

    median = float(np.median(finite))
    at_low = int((finite == low).sum())
    skewed = high - median >= 3 * (median - low)
    floored = (low == 0 and at_low >= max(5, len(finite) / 100)) or (low > 0 and skewed)
    room = 1.0 if len(finite) >= FEW_ROWS else 1.5
    bottom = 0.0 if floored else -_reach(-median, -low, room, one_sided=high <= 0)
    top = _reach(median, high, room, one_sided=low >= 0)
    # Ages, prices and counts have one sign by nature; a value of the other one is what a contract should notice.
    bottom, top = max(bottom, 0.0) if low >= 0 else bottom, min(top, 0.0) if high <= 0 else top
    return _rounded(bottom, -1), _rounded(top, 1)


def _reach(median: float, far: float, room: float, *, one_sided: bool) -> float:
    linear = far + room * (far - median)
    if median <= 0 or not one_sided:
        return linear
    # Half as far again on a logarithmic scale: a long tail's next extreme is a multiple of the last one. At most
    # ten times as far, so that a changed unit still stands out.
    ratio: float = (far / median) ** (room / 2)
    return max(linear, far * min(ratio, 10.0))


def _rounded(value: float, towards: int) -> float:
    """Two leading digits, rounded away from the values, so that a person can read the limit."""
    if not 1e-300 < abs(value) < 1e300:
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    scaled = math.ceil(value / unit) if towards > 0 else math.floor(value / unit)
    return float(f"{scaled * unit:.6g}")


_ID_NAME = re.compile(r"(^|_)(id|uuid|guid)$", re.IGNORECASE)


def named_like_an_id(name: str) -> bool:
    """Return whether a column is called ``id``, ``row_id``, ``userId``, ``uuid``, ..."""
    return bool(_ID_NAME.search(name)) or bool(re.search(r"[a-z](Id|ID)$", name))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value


def _number(value: float) -> str:
    whole = value == math.floor(value) and abs(value) < 1e15
    return _scalar(int(value) if whole else float(f"{value:.6g}"))


def _scalar(value: Any) -> str:
    """One value as YAML that is safe as a key and inside a flow list: quoted where a reader would take it otherwise."""
    import yaml

    if isinstance(value, str) and not value.isprintable():
        # PyYAML folds text with line breaks over several lines, which no key may be.
        return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in value) + '"'
    text: str = yaml.safe_dump([value], default_flow_style=True, allow_unicode=True, width=10**9)
    return text.strip()[1:-1]


def _comment(text: str) -> str:
    """Text that cannot leave the comment it stands in."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)
