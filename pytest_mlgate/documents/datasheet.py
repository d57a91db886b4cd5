"""A datasheet for the rows that the model was fitted on: the questions of Gebru et al., what can be counted counted.

References
----------
Gebru, T., Morgenstern, J., Vecchione, B., Wortman Vaughan, J., Wallach, H., Daumé III, H., and Crawford, K. (2018).
Datasheets for datasets. arXiv:1803.09010; Communications of the ACM 64(12), 86-92 (2021).
"""

from __future__ import annotations

from collections.abc import Iterator

from pytest_mlgate.documents.blocks import Render, training_data
from pytest_mlgate.documents.facts import ColumnFacts, ModelFacts
from pytest_mlgate.documents.wording import cell, code, grouped, label, share, table


def columns(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield every column of the training rows: its kind, its range, what is missing; of a sensitive one no value."""
    train = facts.tables.get("train")
    if train is None:
        yield "TODO(train): configure `[data] train`"
        return
    head = ["column", "kind", "missing", "distinct", "range"]
    yield from table([label(name, language) for name in head], [_column(column, language) for column in train.columns])


def _column(column: ColumnFacts, language: str) -> list[str]:
    shown = f"{cell(column.low)} {label('to', language)} {cell(column.high)}" if column.low else ""
    return [
        code(column.name),
        column.kind,
        share(column.missing),
        "" if column.distinct is None else grouped(column.distinct),
        label("sensitive", language) if column.sensitive else shown,
    ]


def subpopulations(facts: ModelFacts, language: str) -> Iterator[str]:
    """Yield the training rows by group."""
    train = facts.tables.get("train")
    if train is None or not train.groups:
        yield "TODO(subpopulations): name columns under `[data] groups`, or say which groups the rows have"
        return
    for number, (name, levels) in enumerate(train.groups.items()):
        if number:
            yield ""
        rows = [[cell(level), grouped(count), share(count / train.rows)] for level, count in levels.items()]
        yield from table([cell(name), label("rows", language), label("share", language)], rows)


PARTS: dict[str, Render] = {
    "composition": training_data,
    "columns": columns,
    "subpopulations": subpopulations,
}
"""The parts of a datasheet, by the name in their markers."""
