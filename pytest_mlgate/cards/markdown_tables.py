"""What a table of a card has in the place of labels and headings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_mlgate.cards.form import Pair, Text
from pytest_mlgate.cards.headings import resolve
from pytest_mlgate.cards.markdown_labels import one_line
from pytest_mlgate.cards.markdown_pieces import Piece
from pytest_mlgate.cards.metric_names import metric_of
from pytest_mlgate.cards.words import fold


def table_pairs(piece: Piece) -> Iterator[Pair]:
    """Yield a table's rows as labels and values: of two columns, or of any where only one value is given."""
    if len(piece.header) != 2:
        return
    first, second = (one_line(cell) for cell in piece.header)
    if first and second and not _FIELD_HEADS.fullmatch(first.casefold()):
        yield Pair(label=piece.header[0], value=piece.header[1])
    for row in piece.rows:
        if len(row.cells) == 2 and row.cells[0]:
            yield Pair(label=row.cells[0], value=row.cells[1])


_FIELD_HEADS = re.compile(
    r"(field|item|property|attribute|key|name|parameter|aspect|section|topic|metric|element|category|question"
    r"|what|label"
    r"|campo|apartado|elemento|propiedad|atributo|clave|nombre|parametro|parámetro|aspecto|seccion|sección"
    r"|metrica|métrica"
    r"|concepto|chave|propriedade|nome|seção|parâmetro)s?"
)
_COLUMN_HEADS = frozenset(("out_of_scope_use", "intended_use", "limitations", "ethical_considerations"))
_ROW_LABELS = _COLUMN_HEADS | frozenset(
    (
        "training_data",
        "evaluation_data",
        "subgroup_metric",
        "owner",
        "license",
        "lineage",
        "monitoring",
        "rollback",
        "retraining",
        "retirement",
    )
)


def table_labels(piece: Piece) -> Iterator[tuple[Text, list[Text]]]:
    """Yield what a table has in the place of headings: labels of its rows, heads of its columns."""
    wide = len(piece.header)
    if wide >= 2:
        head = [piece.header] if len(one_line(piece.header[1]).split()) >= 3 else []
        for cells in [*head, *(row.cells for row in piece.rows)]:
            if len(cells) >= 2 and _is_row_label(one_line(cells[0])) and not _column_head(cells):
                yield cells[0], list(cells[1:])
    for column, cell in enumerate(piece.header):
        if set(resolve(one_line(cell), label=True, loose=False)) & _COLUMN_HEADS and (
            column or wide == 1 or _column_head(piece.header)
        ):
            yield cell, [row.cells[column] for row in piece.rows if column < len(row.cells)]


def _is_row_label(label: str) -> bool:
    about = set(resolve(label, label=True))
    return bool(about & _ROW_LABELS) or ("metrics" in about and metric_of(fold(label)) is None)


def _column_head(cells: tuple[Text, ...]) -> bool:
    """Whether a row is the head of columns that are about sections of their own."""
    return sum(bool(set(resolve(one_line(cell), label=True, loose=False)) & _COLUMN_HEADS) for cell in cells) >= 2
