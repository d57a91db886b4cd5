"""A first contract from rows: what they support, with the evidence in a comment beside each line.

An inferred contract has two ways to be wrong. Too tight, and it refuses the next honest sample; too loose, and it
accepts a broken one. The rules here lean to the loose side, because a false alarm on the first day gets a gate
switched off: a range leaves room beyond what was seen, and a set of categories is closed only where every level was
seen often. Gross breakage (a type, a unit, a level, a missing column, a missing value where none ever was) is still
refused.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.tables.contract import ColumnSpec, TableSpec
from pytest_mlgate.tables.contract_python import to_python
from pytest_mlgate.tables.contract_yaml import Remarks, scalar, to_yaml
from pytest_mlgate.tables.dates import holds_dates
from pytest_mlgate.tables.kinds import is_of_kind, kind_of
from pytest_mlgate.tables.ranges import inferred_range
from pytest_mlgate.tables.row_order import in_order
from pytest_mlgate.tables.text_patterns import MIN_TEXTS, checks_of_texts

if TYPE_CHECKING:
    import pandas as pd

MAX_LEVELS = 60
"""A set of categories with more levels is left open."""
MAX_CLASSES = 20
"""A target of whole numbers with more values is no class label."""
MIN_SEEN = 20
"""A set of categories is closed only where each level was seen in this many rows,"""
RARE = 0.01
"""and where the rarest has a smaller share than this, in ten times as many: a long tail goes on."""
MIN_INTEGERS = 50
"""From this many values on, a column of whole numbers is one of integers, and not whole by chance."""
STUCK_ROWS = 100
"""This many values that are all the same are a sensor that is stuck, where the commonest was half of them at most."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inferred:
    """A contract that rows support, and the evidence.

    Attributes
    ----------
    spec : TableSpec
    remarks : Mapping of str to Remarks
        By the column's name.
    header : tuple of str
        What a file of it begins with.
    """

    spec: TableSpec
    remarks: Mapping[str, Remarks]
    header: tuple[str, ...]

    def to_yaml(self) -> str:
        """Return it as YAML, with comments."""
        return to_yaml(self.spec, header=self.header, remarks=self.remarks)

    def to_python(self) -> str:
        """Return it as a module with a pandera schema, with comments."""
        return to_python(self.spec, header=self.header, remarks=self.remarks)


@dataclass(kw_only=True, slots=True)
class _Draft:
    """What is gathered of one column."""

    name: str
    dtype: str = "any"
    nullable: bool = False
    unique: bool = False
    required: bool = True
    checks: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    column: str = ""
    beside: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def check(self, name: str, *arguments: Any, why: str) -> None:
        self.checks[name], self.beside[name] = arguments, why

    def spec(self) -> ColumnSpec:
        return ColumnSpec(
            name=self.name,
            dtype=self.dtype,
            nullable=self.nullable,
            unique=self.unique,
            required=self.required,
            checks=self.checks,
        )

    def remarks(self) -> Remarks:
        return Remarks(column=self.column, beside=self.beside, lines=tuple(self.lines))


def infer_contract(
    frame: pd.DataFrame, *, target: str | None = None, id_column: str | None = None, source: str = "a table"
) -> str:
    """Return the YAML of :func:`infer` for one table."""
    return infer([frame], target=target, id_column=id_column, source=source, by="mlgate init").to_yaml()


def infer(
    frames: Sequence[pd.DataFrame],
    *,
    target: str | None = None,
    id_column: str | None = None,
    time: str | None = None,
    sensitive: Collection[str] = (),
    source: str = "a table",
    by: str = "mlgate schema infer",
) -> Inferred:
    """Return the contract that rows support.

    Parameters
    ----------
    frames : sequence of pandas.DataFrame of shape (n_rows, n_columns)
        Several are partitions of one table; a column that one of them lacks may be absent.
    target : str or None
        Its levels are closed where each was seen 20 times, also when they are numbers.
    id_column : str or None
        The column that names a row: must be unique, has no range.
    time : str or None
        The column of the row's time: must not run backwards, where it never does in any of the tables.
    sensitive : collection of str
        Columns of which the contract says the type, and whether values may be missing; nothing of the values.
    source : str
        What the header calls the table.
    by : str
        The command that the header names.

    Returns
    -------
    Inferred
        Numbers get a range that reaches further than what was seen (:func:`~pytest_mlgate.tables.ranges.limits`), and
        100 of them must not all be the same where the commonest was at most half. Text is a closed set for at most 60
        levels that each came 20 times or more: so many rows miss a level as common as the rarest with probability
        exp(-20) at most. Where the rarest is below 1 % of the rows, there is a long tail that may go on, and 200 times
        are asked for. Whole numbers likewise. Where levels came once, the comment has
        the Good-Turing estimate of the share of rows whose level was not seen yet, levels that came once over rows
        (Good, Biometrika 40, 1953). Timestamps must not be older than the first by more than the time seen, or a year.
        Open text keeps the length, shape or alphabet that all of it has
        (:func:`~pytest_mlgate.tables.text_patterns.checks_of_texts`). Only a column named like an id, or given as one,
        is unique, and only where no value came twice.

    Raises
    ------
    InputError
        No rows, no columns, a column name that comes twice, or a column that was named and is not there.
    """
    columns = _columns(frames, source)
    for what, name in (
        ("--target", target),
        ("--id", id_column),
        ("--time", time),
        *(("--sensitive", s) for s in sensitive),
    ):
        if name is not None and name not in columns:
            near = difflib.get_close_matches(name, columns, n=1)
            fix = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(list(columns)[:10])}"
            raise InputError(f"{source} has no column {name!r}, which {what} names", fix=fix)
    drafts = []
    for name, parts in columns.items():
        draft = _Draft(name=name, required=len(parts) == len(frames))
        if not draft.required:
            draft.beside["required"] = f"{len(frames) - len(parts)} of {len(frames)} tables lack it"
        _describe(
            draft,
            parts,
            is_target=name == target,
            is_id=name == id_column,
            is_time=name == time,
            hidden=name in sensitive,
        )
        drafts.append(draft)
    rows = sum(len(frame) for frame in frames)
    return Inferred(
        spec=TableSpec(columns=tuple(draft.spec() for draft in drafts)),
        remarks={draft.name: draft.remarks() for draft in drafts},
        header=(
            f"The contract of a table: what every row must be. Written by `{by}` from {source} ({rows} rows); now",
            "yours: read it, correct it, keep it in version control.",
        ),
    )


def _columns(frames: Sequence[pd.DataFrame], source: str) -> dict[str, list[pd.Series]]:
    """The parts of each column, by its name."""
    found: dict[str, list[pd.Series]] = {}
    for frame in frames:
        if not len(frame) or not len(frame.columns):
            raise InputError(
                f"{source} has {len(frame)} rows and {len(frame.columns)} columns: no contract can be inferred",
                fix="give a table with rows",
            )
        names = [str(column) for column in frame.columns]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InputError(f"{source} has the column {twice[0]!r} twice", fix="rename one of them")
        for position, name in enumerate(names):
            found.setdefault(name, []).append(frame.iloc[:, position])
    return found


def _describe(
    draft: _Draft, parts: list[pd.Series], *, is_target: bool, is_id: bool, is_time: bool, hidden: bool
) -> None:
    series = _joined(parts)
    n, missing = len(series), int(series.isna().sum())
    values = series.dropna()
    words = [word for word, said in (("the target", is_target), ("the row's time", is_time)) if said]
    words += ["sensitive: nothing of its values is written here"] if hidden else []
    draft.column = ", ".join(words)
    draft.dtype, draft.beside["dtype"] = _kind(series, n - missing)
    draft.nullable = missing > 0
    draft.beside["nullable"] = f"{missing} of {n} values missing" if missing else f"none of {n} missing"
    id_like = is_id or named_like_an_id(draft.name)
    if id_like and kind_of(series) != "number" and n >= MIN_SEEN and not values.duplicated().any() and not missing:
        draft.unique, draft.beside["unique"] = True, f"no value came twice in {n} rows"
    if hidden or not len(values):
        return
    if is_time:
        _add_order(draft, parts)
    if not id_like or is_target:
        _add_checks(draft, values, is_target=is_target)


def _joined(parts: list[pd.Series]) -> pd.Series:
    import pandas as pd

    if len(parts) == 1:
        return parts[0]
    # A part without any value has a dtype that says nothing, and would change that of the whole.
    full = [part for part in parts if not part.isna().all()] or parts[:1]
    joined = pd.concat(full, ignore_index=True) if len(full) > 1 else full[0].reset_index(drop=True)
    return joined.reindex(range(sum(len(part) for part in parts))) if len(full) < len(parts) else joined


def _kind(series: pd.Series, n: int) -> tuple[str, str]:
    kind = kind_of(series)
    if n == 0:
        return "any", "no value seen"
    if kind == "any":
        return "any", f"mixed or other values ({series.dtype})"
    if kind == "integer" and n < MIN_INTEGERS:
        return "number", f"whole in all {n} rows, which may be chance"
    if kind == "number" and n < len(series) and n >= MIN_INTEGERS and is_of_kind(series, "integer"):
        return "integer", f"whole in all {n} rows that have a value"  # a missing value makes pandas read floats
    return kind, ""


def _add_order(draft: _Draft, parts: Iterable[pd.Series]) -> None:
    ordered, rows = in_order(parts, draft.dtype)
    if ordered and rows >= MIN_INTEGERS:
        draft.check("not_decreasing", why=f"time never runs backwards in {rows} rows")


def _add_checks(draft: _Draft, values: pd.Series, *, is_target: bool) -> None:
    import pandas as pd

    kind = draft.dtype
    if isinstance(values.dtype, pd.CategoricalDtype):
        if kind != "string":  # categories are not compared, so that a range could not be asked
            _add_levels(draft, values)
            return
        values = values.astype(object)
    if kind == "string" and not is_target and holds_dates(values):
        low, high = values.min(), values.max()
        draft.lines.append(
            f"dates as text (ISO 8601), from {low} to {high}; left open, time goes on. drift reads them as dates"
        )
        if values.str.len().nunique() == 1 and values.nunique() >= MIN_TEXTS:
            _add_texts(draft, values)
    elif kind == "string":
        _add_levels(draft, values)
        if "isin" not in draft.checks and not is_target:
            _add_texts(draft, values)
    elif kind in ("number", "integer"):
        _add_number(draft, values, is_target=is_target)
    elif kind == "datetime":
        _add_moments(draft, values)


def _add_texts(draft: _Draft, values: pd.Series) -> None:
    if len(values) < MIN_INTEGERS:
        return
    checks, told = checks_of_texts(map(str, values.unique()))
    for name, arguments in checks.items():
        draft.check(name, *arguments, why=told[name])


def _add_moments(draft: _Draft, values: pd.Series) -> None:
    import pandas as pd

    if not pd.api.types.is_datetime64_any_dtype(values.dtype):  # objects, which may be of several zones
        draft.lines.append("timestamps as Python objects: left open")
        return
    first, last = (pd.Timestamp(value) for value in (values.min(), values.max()))
    draft.lines.append(f"seen from {first} to {last}; left open, time goes on")
    try:
        oldest = (first - max(last - first, pd.Timedelta(365, "D"))).floor("D")
    except (OverflowError, ValueError):  # before the first timestamp that pandas knows
        return
    why = f"the first less {(first - oldest).days} days: the time seen, or a year"
    draft.check("ge", oldest.to_pydatetime(warn=False), why=why)


def _add_number(draft: _Draft, values: pd.Series, *, is_target: bool) -> None:
    distinct = values.nunique()
    whole = draft.dtype == "integer"
    if distinct <= (MAX_CLASSES if is_target and whole else 2):
        _add_levels(draft, values)
        if "isin" in draft.checks:
            return
        draft.lines.clear()
    if whole and not is_target and _add_codes(draft, values):
        return
    found = inferred_range(values)
    draft.lines += found.lines
    for name, arguments in found.checks.items():
        draft.check(name, *arguments, why=found.why)
    if found.checks and len(values) >= STUCK_ROWS and values.value_counts().iloc[0] <= len(values) / 2:
        draft.check("not_constant", STUCK_ROWS, why="a stuck source repeats one value")


def _add_codes(draft: _Draft, values: pd.Series) -> bool:
    """Close a set of whole numbers that came often, each of them: hours, weekdays, codes; a count has a rare tail."""
    counts = values.value_counts()
    rarest = int(counts.iloc[-1])
    if not 2 < len(counts) <= MAX_LEVELS or not _settled(rarest, len(values)):
        return False
    codes = sorted(int(value) for value in counts.index)
    why = f"each seen at least {rarest} times in {len(values)} rows"
    if codes == list(range(codes[0], codes[-1] + 1)):
        draft.check("in_range", codes[0], codes[-1], why=why)
    else:
        draft.check("isin", codes, why=why)
    return True


def _settled(rarest: int, n: int) -> bool:
    """Whether a level was seen so often that there are hardly others which were not."""
    return rarest >= (MIN_SEEN if rarest >= RARE * n else 10 * MIN_SEEN)


def _add_levels(draft: _Draft, values: pd.Series) -> None:
    # Counted without pandas: value_counts of objects guesses a dtype, and before pandas 3 warns of it.
    counts = Counter(values.tolist()).most_common()
    n, once = len(values), sum(count == 1 for _, count in counts)
    unseen = f"; Good-Turing: {once / n:.2g} of rows have a level not seen yet" if once else ""
    if len(counts) > MAX_LEVELS:
        draft.lines.append(f"{len(counts)} different values in {n} rows: left open{unseen}")
        return
    levels = sorted((_plain(level) for level, _ in counts), key=lambda v: (str(type(v)), v))
    if draft.dtype == "integer":
        levels = [int(level) for level in levels]
    rarest, seen = counts[-1]
    if not _settled(seen, n):
        rare = json.dumps(str(rarest), ensure_ascii=False)
        listed = ", ".join(scalar(level) for level in levels)
        draft.lines.append(f"left open: {rare} was seen in {seen} rows only, so others may come{unseen}; to close it:")
        draft.lines.append(f"checks: {{isin: [{listed}]}}")
        return
    draft.check("isin", levels, why=f"each seen at least {seen} times in {n} rows")


_ID_NAME = re.compile(r"(^|_)(id|uuid|guid)$", re.IGNORECASE)


def named_like_an_id(name: str) -> bool:
    """Return whether a column is called ``id``, ``row_id``, ``userId``, ``uuid``, ..."""
    return bool(_ID_NAME.search(name)) or bool(re.search(r"[a-z](Id|ID)$", name))


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
