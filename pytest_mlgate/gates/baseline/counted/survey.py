"""What is known of counted tables before rows are joined: the task, its labels, the slices, the target's middle."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError
from pytest_mlgate.gates.baseline.answers import Labels, plain_values
from pytest_mlgate.gates.baseline.slices import MISSING, bin_names, levels_of, refuse_levels, refuse_many, why_small
from pytest_mlgate.gates.baseline.slicing import Column, Cross, SliceBy, parse_slice, part_name

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.counted.tables import Source, Tables

_MOST_DISTINCT = 10_000
"""Distinct values that are kept of a column; more are no labels."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """The task and its labels; of one score a row, whether each is 0 or 1."""

    task: str
    labels: Labels | None
    hits: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A slice of which the rows are not here: its number among all groups, its rows, and those of each label."""

    subject: str
    group: int
    size: int
    classes: NDArray[np.int64]
    small: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Grouping:
    """Rows by one item of ``slices``: the number of each level's group by its key."""

    by: SliceBy
    groups: dict[tuple[Any, ...], int]

    def codes(self, frame: pd.DataFrame) -> NDArray[np.intp]:
        """Return the group of each row."""
        import numpy as np

        keys, codes = _keyed(frame, self.by)
        return np.array([self.groups[key] for key in keys], dtype=np.intp)[codes]


def know(tables: Tables) -> Known:
    """Return the task and its labels, by the distinct values of the target and of the predictions.

    Raises
    ------
    InputError
        As :func:`~pytest_mlgate.gates.baseline.evaluation.from_inputs`, or there are too many labels.
    """
    from pytest_mlgate.gates.baseline.answers import numbers
    from pytest_mlgate.gates.baseline.evaluation import find_labels, find_task, labels_of_arrays

    rule, facts = tables.rule, tables.inputs.facts
    if rule.score is not None:
        found = [_distinct(source, rule.score) for name, source in tables.sources.items() if name != "holdout"]
        return Known(task="score", labels=None, hits=all(set(values.tolist()) <= {0, 1} for values in found))
    assert facts.target is not None
    y = _distinct(tables.labelled, facts.target)
    classes = [None if model.classes_ is None else tuple(model.classes_.tolist()) for model in tables.models.values()]
    task = facts.task or find_task(y, classes[0])
    if task in ("regression", "ranking"):
        numbers(y, f"{tables.labelled.said} column {facts.target!r}")
        return Known(task=task, labels=None)
    if len(y) > _MOST_DISTINCT:
        raise InputError(
            f"{tables.labelled.said} column {facts.target!r} has more than {_MOST_DISTINCT:,} labels",
            fix='set `task = "regression"`, or name the column of the labels as `target`',
        )
    said = []
    for own, (name, model) in zip(classes, tables.models.items(), strict=True):
        predicts = name in tables.sources and "predict" in model.methods
        answers = [_distinct(tables.sources[name], "prediction")] if predicts and own is None else []
        said.append(own or labels_of_arrays(task, y, answers))
    return Known(task=task, labels=find_labels(task, said, facts.positive))


def _distinct(source: Source, column: str) -> NDArray[Any]:
    """Return distinct values of a column in the type that they have in memory, missing ones left out.

    Of a column with many they are no more than it takes to see that.
    """
    import pandas as pd

    found: pd.Series[Any] | None = None
    for chunk in source.chunks([column]):
        values = pd.Series(chunk[column].dropna().unique())
        found = values if found is None or not len(found) else pd.concat([found, values], ignore_index=True)
        found = pd.Series(found.unique())
        if len(found) > _MOST_DISTINCT:
            break
    return plain_values(found if found is not None else [], f"{source.said} column {column!r}")


def with_gaps(source: Source, columns: Iterable[str]) -> Source:
    """Return a source that knows which columns of whole numbers have gaps."""
    from dataclasses import replace as with_

    engine = source.engine
    whole = [name for name in columns if engine is not None and engine.types[name].kind == "whole"]
    gaps: set[str] = set()
    if engine is not None and whole:
        for batch in engine.batches(whole):
            gaps |= {name for name, column in zip(whole, batch.columns, strict=True) if column.null_count}
    return with_(source, as_floats=tuple(sorted(gaps)))


def _keyed(frame: pd.DataFrame, by: SliceBy) -> tuple[list[tuple[Any, ...]], NDArray[np.intp]]:
    """Return the levels of some rows as keys that sort as in memory, and the number of each row's level."""
    import numpy as np

    columns = by.parts if isinstance(by, Cross) else (by,)
    keys, codes = [], []
    for column in columns:
        assert isinstance(column, Column)
        names, own = levels_of(frame, column, ())
        order = None if column.bins is None else [*bin_names(np.asarray(column.bins)), MISSING]
        keys.append([(name,) if order is None else (order.index(name), name) for name in names])
        codes.append(own)
    whole, inverse = np.unique(np.column_stack(codes), axis=0, return_inverse=True)
    found = [tuple(own[code] for own, code in zip(keys, row, strict=True)) for row in whole.tolist()]
    return found, inverse.reshape(-1)


def _subject(by: SliceBy, key: tuple[Any, ...]) -> str:
    columns = by.parts if isinstance(by, Cross) else (by,)
    return ", ".join(f"{part_name(column)}={own[-1]}" for column, own in zip(columns, key, strict=True))


@dataclass(frozen=True, kw_only=True, slots=True)
class Groups:
    """All rows as group 0, each level of each item of ``slices`` as one, and the small ones together as the last."""

    whole: Level
    levels: tuple[Level, ...]
    groupings: tuple[Grouping, ...]
    pooled: Level | None

    @property
    def count(self) -> int:
        """How many groups there are."""
        return 1 + len(self.levels) + (self.pooled is not None)

    def codes(self, frame: pd.DataFrame, rows: int) -> list[NDArray[np.intp]]:
        """Return the groups of each row, one array for each way in which rows are grouped; -1: none."""
        import numpy as np

        by = [grouping.codes(frame) for grouping in self.groupings]
        found = [np.zeros(rows, dtype=np.intp), *by]
        if self.pooled is not None:
            small = np.zeros(self.count, dtype=bool)
            small[[level.group for level in self.levels if level.small]] = True
            inside = np.any([small[own] for own in by], axis=0)
            found.append(np.where(inside, self.pooled.group, -1))
        return found


def group(tables: Tables, known: Known, why_not: Callable[[NDArray[np.int64]], str]) -> Groups:
    """Return the groups of rows that are judged, by a pass over the table of the rows that count.

    ``why_not`` says of the rows of each label why they cannot be judged at all.
    """
    import numpy as np

    rule, source, target = tables.rule, tables.labelled, tables.inputs.facts.target
    items: list[SliceBy] = list(dict.fromkeys(map(parse_slice, rule.slices)))
    labels = 0 if known.labels is None else len(known.labels.names)
    counted: list[dict[tuple[Any, ...], NDArray[np.int64]]] = [{} for _ in items]
    whole = np.zeros(labels + 1, dtype=np.int64)  # rows, and rows of each label
    names = list(dict.fromkeys([*([target] if labels and target else []), *columns_of(items)]))
    for chunk in source.chunks(names or [source.columns[0]]):
        y = _codes(chunk, known, target, source)
        whole += _counts(np.zeros(len(chunk), dtype=np.intp), y, 1, labels)[0]
        for item, found in zip(items, counted, strict=True):
            keys, codes = _keyed(chunk, item)
            for key, own in zip(keys, _counts(codes, y, len(keys), labels), strict=True):
                found[key] = found[key] + own if key in found else own
    levels: list[Level] = []
    groupings: list[Grouping] = []
    for item, found in zip(items, counted, strict=True):
        refuse_levels(item, len(found))
        start = 1 + len(levels)
        groupings.append(Grouping(by=item, groups={key: start + i for i, key in enumerate(sorted(found))}))
        for key in sorted(found):
            positives = int(found[key][2]) if known.task == "binary" and labels == 2 else None
            rows = int(found[key][0])
            small = why_small(rows, positives, rule.min_rows, rule.min_class_rows) or why_not(found[key][1:])
            levels.append(
                Level(
                    subject=_subject(item, key), group=1 + len(levels), size=rows, classes=found[key][1:], small=small
                )
            )
    refuse_many(
        [(part_name(item), [_subject(item, key) for key in found]) for item, found in zip(items, counted, strict=True)]
    )
    all_rows = Level(subject="", group=0, size=int(whole[0]), classes=whole[1:])
    groups = Groups(whole=all_rows, levels=tuple(levels), groupings=tuple(groupings), pooled=None)
    return _pooled(tables, known, groups, why_not) if any(level.small for level in levels) else groups


def _pooled(tables: Tables, known: Known, groups: Groups, why_not: Callable[[NDArray[np.int64]], str]) -> Groups:
    """Return the groups with the small ones together, whose rows are counted once each."""
    import numpy as np

    from pytest_mlgate.gates.baseline.by_slice import POOLED

    labels = 0 if known.labels is None else len(known.labels.names)
    empty = Level(subject=POOLED, group=1 + len(groups.levels), size=0, classes=np.zeros(labels, dtype=np.int64))
    groups = replace(groups, pooled=empty)
    target = tables.inputs.facts.target
    total = np.zeros(labels + 1, dtype=np.int64)
    names = [*([target] if labels and target else []), *columns_of([grouping.by for grouping in groups.groupings])]
    for chunk in tables.labelled.chunks(list(dict.fromkeys(names))):
        inside = groups.codes(chunk, len(chunk))[-1]
        y = _codes(chunk, known, target, tables.labelled)
        total += _counts(np.where(inside < 0, -1, 0), y, 1, labels)[0]
    rows, classes = int(total[0]), total[1:]
    small = "1 row" if rows < 2 else why_not(classes)
    return replace(groups, pooled=replace(empty, size=rows, classes=classes, small=small))


def columns_of(items: Sequence[SliceBy]) -> list[str]:
    """Return the columns that rows are sliced by."""
    parts = [part for item in items for part in (item.parts if isinstance(item, Cross) else (item,))]
    return list(dict.fromkeys(part.column for part in parts if isinstance(part, Column)))


def _codes(chunk: pd.DataFrame, known: Known, target: str | None, source: Source) -> NDArray[np.intp] | None:
    if known.labels is None or target is None:
        return None
    what = f"{source.said} column {target!r}"
    return known.labels.encode(plain_values(chunk[target], what), what)


def _counts(codes: NDArray[np.intp], y: NDArray[np.intp] | None, groups: int, labels: int) -> NDArray[np.int64]:
    """Return rows, and rows of each label, by group."""
    import numpy as np

    inside = codes >= 0
    rows = np.bincount(codes[inside], minlength=groups)[:, None]
    if y is None:
        return rows.astype(np.int64)
    by = np.bincount(codes[inside] * labels + y[inside], minlength=groups * labels).reshape(groups, labels)
    return np.hstack([rows, by]).astype(np.int64)


def smallest_at(source: Source, column: str, share: float, rows: int, *, most: int) -> float:
    """Return the smallest value of a column that at least a share of all rows does not exceed, exactly.

    Raises
    ------
    InputError
        More than ``most`` rows lie so near to it that counting does not tell it.
    """
    import math

    import numpy as np

    from pytest_mlgate.stats.cells import single_valued
    from pytest_mlgate.stats.refining import even_edges

    rank = min(max(math.ceil(share * rows), 1), rows)
    engine = source.engine
    if engine is None:
        return float(np.partition(np.asarray(source.frame[column], dtype=float), rank - 1)[rank - 1])
    first = engine.counts(column, np.empty(0))
    edges = even_edges(
        lambda at: engine.counts(column, at).at_or_below,
        low=first.low,
        high=first.high,
        finite=first.finite,
        cells=engine.edges,
    )
    at = engine.counts(column, edges).at_or_below
    place = int(np.searchsorted(at, rank))
    if single_valued(edges)[place - 1] if place else True:
        return float(edges[place])
    inside = int(at[place] - at[place - 1])
    if inside > most:
        raise InputError(f"{inside:,} rows of column {column!r} lie too near each other", fix="raise `rows_in_memory`")
    return float(engine.values(column, [(float(edges[place - 1]), float(edges[place]))])[rank - int(at[place - 1]) - 1])
