"""Numbers in tables that belong to a metric, and confusion matrices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_mlgate.cards.blanks import blanks_in
from pytest_mlgate.cards.form import Block, Matrix, Number, Role, Row, Text
from pytest_mlgate.cards.metric_names import Mention, OwnNames, metric_of
from pytest_mlgate.cards.numbers import Printed, decimal_sign, numbers
from pytest_mlgate.cards.prose_numbers import Context, plausible
from pytest_mlgate.cards.words import (
    GOAL,
    GROUP_HEADS,
    GROUP_VALUES,
    NO_GROUP_HEADS,
    OTHER_MODEL,
    SETTING,
    THIS_MODEL,
    THRESHOLD,
    WHOLE,
    fold,
)

_VALUE_HEADS = re.compile(
    r"(?:value|values|score|scores|result|results|valor(?:es)?|resultado|puntuacion|test|mean|media|this model|\W*)"
)
_PERCENT = re.compile(r"%|percent|porcentaje|por ciento")
_LEVEL = re.compile(r"\b(?:8|9)\d(?:[.,]\d)? ?%")  # "value [95 %]": of the interval, not of the value
_DIFFERENCE_HEADS = re.compile(
    r"(?:.*\b)?(?:gap|difference|disparity|delta|diff|brecha|diferencia|diferenca|ratio)(?:\b.*)?"
)


@dataclass(frozen=True)
class _Grid:
    """A table as folded texts."""

    header: tuple[Text, ...]
    rows: tuple[Row, ...]
    heads: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]
    decimal: str
    own: OwnNames | None = None

    def metric_of(self, folded: str) -> Mention | None:
        return metric_of(folded, self.own)


def table_numbers(block: Block, context: Context) -> Iterator[Number]:
    """Yield the numbers of a table that belong to a metric.

    Metrics may name the columns, the rows, or stand in a column of their own; where none does, the one that the
    heading names is meant. Rows or columns are groups where their head, the heading or their own names say so.
    """
    grid = _grid(block, context.decimal, context.own)
    if grid is None:
        return
    by_column = {i: metric for i, head in enumerate(grid.heads) if (metric := grid.metric_of(head)) is not None}
    names = [i for i in range(len(grid.heads)) if _names_metrics(grid, i)]
    if names and not (by_column and len(by_column) > 1):
        yield from _by_row(grid, names[0], context)
    elif by_column:
        yield from _by_column(grid, by_column, context)
    elif context.metric is not None:
        columns = [i for i in range(1, len(grid.heads)) if _is_value_column(grid, i)]
        if columns and not NO_GROUP_HEADS.search(grid.heads[0]):
            yield from _by_column(grid, dict.fromkeys(columns, context.metric), context, named=False)


def _grid(block: Block, decimal: str, names: OwnNames | None = None) -> _Grid | None:
    if not block.rows:
        return None
    cells = tuple(tuple(fold(cell.plain).strip() for cell in row.cells) for row in block.rows)
    own = decimal_sign(cell for row in cells for cell in row)
    heads = tuple(fold(text.plain).strip() for text in block.header)
    width = min([len(heads), *(len(row) for row in cells)])
    if width < 2:
        return None
    second = cells[0]
    wordy = len(cells) > 1 and not any(re.search(r"\d", cell) for cell in second)
    if (
        wordy
        and not any(metric_of(head, names) for head in heads)
        and any(metric_of(cell, names) for cell in second[1:])
    ):  # metrics below other heads
        joined = tuple(" ".join(pair) for pair in zip(heads, second, strict=False))
        merged = tuple(block.rows[0].cells[: len(joined)])
        return _Grid(merged, block.rows[1:], joined, cells[1:], own, names)
    commas = any(re.search(r"\d,\d", cell) for row in cells for cell in row)
    return _Grid(block.header, block.rows, heads, cells, own if own == "," or not commas else decimal, names)


def _names_metrics(grid: _Grid, column: int) -> bool:
    """Whether a column holds names of metrics: at least half of its cells, and hardly a number."""
    texts = [row[column] for row in grid.cells if row[column]]
    named = sum(grid.metric_of(text) is not None and not re.search(r"\d[.,]\d", text) for text in texts)
    return bool(texts) and 2 * named >= len(texts) and named >= 1


def _is_value_column(grid: _Grid, column: int) -> bool:
    texts = [row[column] for row in grid.cells if row[column]]
    head = grid.heads[column]
    if re.search(
        r"(?:^|\b)(?:n|count|rows|support|size|share|samples|flights|filas|muestras|casos|%\s*of|year|date)\b", head
    ):
        return False
    found = [next(iter(numbers(text, grid.decimal)), None) for text in texts]
    return bool(texts) and all(number is not None and plausible(number, "accuracy") for number in found)


def _by_row(grid: _Grid, names: int, context: Context) -> Iterator[Number]:
    """Each row is a metric: its other columns are values, or say of what."""
    group_columns = [
        i
        for i, head in enumerate(grid.heads)
        if i != names and GROUP_HEADS.search(head) and not NO_GROUP_HEADS.search(head) and not _is_value_column(grid, i)
    ]
    texts = [i for i in range(len(grid.heads)) if i != names and (i in group_columns or not _has_numbers(grid, i))]
    heads_are_groups = _values_are_groups(
        [h for i, h in enumerate(grid.heads) if i != names and i not in texts], context
    )
    for row, cells in zip(grid.rows, grid.cells, strict=True):
        metric = grid.metric_of(cells[names])
        if metric is None:
            continue
        group = next(
            (row.cells[i].plain.strip() for i in group_columns if cells[i] and not WHOLE.fullmatch(cells[i])), ""
        )
        for column in range(len(grid.heads)):
            if column == names or column in texts:
                continue
            head = grid.heads[column]
            role = _role(head, cells[names], context)
            subject = grid.header[column].plain.strip()
            found = _cell_number(grid, cells[column], row.cells[column], metric, f"{cells[names]} {head}", role)
            if found is None or role is None:
                continue
            in_column = heads_are_groups and not WHOLE.fullmatch(head) and not _DIFFERENCE_HEADS.fullmatch(head)
            yield replace(
                found,
                metric_text=row.cells[names].plain.strip(),
                subject="" if _VALUE_HEADS.fullmatch(head) else subject,
                group=subject if in_column else group,
                group_column=grid.header[group_columns[0]].plain.strip() if group and not in_column else "",
                difference=found.difference or bool(heads_are_groups and _DIFFERENCE_HEADS.fullmatch(head)),
            )


def _by_column(grid: _Grid, metrics: dict[int, Mention], context: Context, *, named: bool = True) -> Iterator[Number]:
    """Each row is a group, a model, a class, a fold: its columns are metrics."""
    others = [i for i in range(len(grid.heads)) if i not in metrics]
    labels = [
        i for i in others if i == 0 or GROUP_HEADS.search(grid.heads[i]) or not _has_numbers(grid, i, mostly=True)
    ]
    group_columns = _group_columns(grid, labels, context)
    for row, cells in zip(grid.rows, grid.cells, strict=True):
        label = " ".join(cells[i] for i in labels)
        group = ", ".join(row.cells[i].plain.strip() for i in group_columns if cells[i] and not _is_whole(cells[i]))
        named_by_label = grid.metric_of(label)
        for column, metric in metrics.items():
            head = grid.heads[column]
            role = _role(f"{head}", label, context)
            if role is None:
                continue
            own = named_by_label or metric  # `accuracy 0.89` stands in a report under the column of F1
            found = _cell_number(grid, cells[column], row.cells[column], own, head, role)
            if found is None:
                continue
            difference = found.difference or bool(group_columns and _DIFFERENCE_HEADS.fullmatch(label))
            yield replace(
                found,
                metric_text=label
                if named_by_label
                else grid.header[column].plain.strip()
                if named
                else context.metric_text,
                subject="" if group else " ".join(row.cells[i].plain.strip() for i in labels),
                group="" if difference else group,
                group_column=", ".join(grid.header[i].plain.strip() for i in group_columns) if group else "",
                difference=difference,
            )


def _group_columns(grid: _Grid, labels: Sequence[int], context: Context) -> list[int]:
    """Return the columns that say which group a row is about."""
    if any(NO_GROUP_HEADS.fullmatch(grid.heads[i]) for i in labels[:1]):
        return []
    named = [i for i in labels if GROUP_HEADS.search(grid.heads[i]) and not NO_GROUP_HEADS.search(grid.heads[i])]
    if named:
        return named
    if not labels or NO_GROUP_HEADS.search(grid.heads[labels[0]]):
        return []
    return [labels[0]] if _values_are_groups([row[labels[0]] for row in grid.cells], context) else []


def _values_are_groups(values: Sequence[str], context: Context) -> bool:
    whole = any(re.match(r"(?:all|overall|every\w*|global|tod[oa]s?|geral|entire)\b", value) for value in values)
    values = [value for value in values if value and not _is_whole(value) and not OTHER_MODEL.search(value)]
    if not values or any(THIS_MODEL.search(value) for value in values):
        return False
    known = sum(GROUP_VALUES.search(value) is not None for value in values)
    return context.grouped or (known >= 2 and 2 * known >= len(values)) or (whole and len(values) >= 2)


def _is_whole(text: str) -> bool:
    stripped = text.strip(" *()")
    return WHOLE.fullmatch(stripped) is not None or re.match(r"(?:all|tod[oa]s)\b", stripped) is not None


def _has_numbers(grid: _Grid, column: int, *, mostly: bool = False) -> bool:
    texts = [row[column] for row in grid.cells if row[column]]
    count = sum(re.fullmatch(r"[^a-z]*\d[^a-z]*(?:%|±|ci|n|to|[a-z]{0,3})?[^a-z]*", text) is not None for text in texts)
    return bool(texts) and 2 * count >= len(texts) if mostly else count > 0


def _role(head: str, label: str, context: Context) -> Role | None:
    """Return what a number under a head and beside a label is; None where it is no number of a metric at all."""
    for text in (head, label):
        if THRESHOLD.search(text):
            return "threshold"
        if GOAL.search(text) or re.match(r"[<>≥≤]", text):
            return "goal"
    if re.fullmatch(r"(?:n|count|support|rows|size|samples|weight|share)s?", head) or SETTING.fullmatch(head):
        return None
    for text in (head, label):
        if OTHER_MODEL.search(text) and not THIS_MODEL.search(text):
            return "other_model"
    return context.role


def _cell_number(grid: _Grid, folded: str, cell: Text, metric: Mention, head: str, role: Role | None) -> Number | None:
    if role is None or not re.search(r"\d", folded):
        return None
    found = next(iter(numbers(folded, grid.decimal)), None)
    if found is None or not _opens(folded, found):
        return None
    if next(iter(blanks_in(cell, fold(cell.plain))), None) is not None:
        role = "template"
    percent = found.percent or (bool(_PERCENT.search(_LEVEL.sub("", head))) and abs(found.value) > 1)
    if not metric.own and not plausible(replace(found, percent=percent), metric.name):
        return None
    lead = len(cell.plain) - len(cell.plain.lstrip())
    start = lead + found.start
    goal = bool(re.match(r"\s*[<>≥≤]=?", folded))
    return Number(
        value=found.value,
        unit="percent" if percent else "",
        printed=found.text,
        digits=found.digits,
        metric="" if metric.difference else metric.name,
        metric_text="",
        role="goal" if goal else role,
        low=found.low,
        high=found.high,
        difference=metric.difference,
        span=cell.span(start, lead + found.end),
    )


def _opens(folded: str, found: Printed) -> bool:
    """Whether a cell is its number, and not a text that has one."""
    words = re.findall(r"[a-z]{3,}", folded[: found.start])
    return len(words) <= 1


def matrices(block: Block) -> Iterator[Matrix]:
    """Yield the confusion matrix that a table prints, if it is one."""
    grid = _grid(block, ".")
    if grid is None or len(grid.cells) < 2:
        return
    heads, labels = [_class_of(head) for head in grid.heads[1:]], [_class_of(row[0]) for row in grid.cells]
    totals = re.compile(r"total(?:es)?|sum|suma|all|todos")
    columns = [i for i, head in enumerate(heads) if not totals.fullmatch(head)]
    lines = [i for i, label in enumerate(labels) if not totals.fullmatch(label)]
    if len(columns) != len(lines) or len(columns) < 2 or len({heads[i] for i in columns}) < len(columns):
        return
    if {heads[i] for i in columns} != {labels[i] for i in lines}:
        return
    order = [labels[i] for i in lines]
    counts = []
    for line in lines:
        by_name = {heads[i]: grid.cells[line][i + 1] for i in columns if i + 1 < len(grid.cells[line])}
        row = [_count(by_name.get(name, "")) for name in order]
        if any(value is None for value in row):
            return
        counts.append(tuple(value for value in row if value is not None))
    side = _actual_in_rows(grid)
    found = tuple(counts) if side is not False else tuple(zip(*counts, strict=True))
    yield Matrix(labels=tuple(order), counts=found, actual_in_rows=side, line=block.line)


_SIDES = re.compile(
    r"\b(?:predicted|prediction|pred|predicho|prediccion|predito|previsto|actual|true|real|observed|verdad"
    r"|verdadeiro|as|class|clase)\b[:. ]*"
)


def _class_of(text: str) -> str:
    return _SIDES.sub("", text).strip(" :*()")


def _count(text: str) -> float | None:
    found = list(numbers(text, "."))
    return found[0].value if len(found) == 1 and not found[0].percent else None


def _actual_in_rows(grid: _Grid) -> bool | None:
    """Return whether rows are the true classes, where heads and labels say it."""
    predicted, actual = re.compile(r"\bpred"), re.compile(r"\b(?:actual|true|real|observed|verdad)")
    heads, labels = " ".join(grid.heads[1:]), " ".join([grid.heads[0], *(row[0] for row in grid.cells)])
    if predicted.search(heads) or (actual.search(labels) and not predicted.search(labels)):
        return True
    if actual.search(heads) or predicted.search(labels):
        return False
    return None
