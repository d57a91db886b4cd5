"""All numbers of a card that belong to a metric, and its confusion matrices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from pytest_mlgate.cards.form import Block, Matrix, Number, Pair, Role, Row, Section, Text
from pytest_mlgate.cards.headings import resolve
from pytest_mlgate.cards.metric_names import Mention, OwnNames, mentions, metric_of
from pytest_mlgate.cards.numbers import decimal_sign
from pytest_mlgate.cards.prose_numbers import Context, prose_numbers
from pytest_mlgate.cards.table_numbers import matrices as table_matrices
from pytest_mlgate.cards.table_numbers import table_numbers
from pytest_mlgate.cards.words import GROUP_HEADS, GROUP_VALUES, NO_GROUP_HEADS, OTHER_MODEL, THIS_MODEL, WHOLE, fold

_NO_RESULTS = frozenset(("monitoring", "rollback", "retraining", "retirement", "risk_management"))

# "Hyperparameters" before a value: what a model was built with, a loss among it, is no result.
_SETTINGS = "training_procedure"


def measure(
    sections: Sequence[Section], ids: Mapping[int, tuple[str, ...]], own: OwnNames | None = None
) -> list[Number]:
    """Return the numbers of all sections in the order of the file.

    Parameters
    ----------
    sections : sequence of Section
    ids : Mapping of int to tuple of str
        What each of them is about, by its place.
    own : OwnNames or None
        Names of metrics of somebody's own.
    """
    whole = (fold(text.plain) for section in sections for block in section.blocks for text in block.texts())
    decimal = decimal_sign(whole)
    found: dict[tuple[int, int], Number] = {}
    for place, section in enumerate(sections):
        for number in _of_section(section, ids.get(place, ()), sections, decimal, own):
            found.setdefault(
                (number.span.line, number.span.column), number
            )  # a row may be a section of its own besides
    return [found[place] for place in sorted(found)]


def find_matrices(sections: Sequence[Section]) -> Iterator[Matrix]:
    """Yield the confusion matrices."""
    for section in sections:
        for block in section.blocks:
            if block.kind == "table":
                yield from table_matrices(block)
            elif block.kind == "code":
                yield from (found for table in _code_tables(block) for found in table_matrices(table))


def _of_section(
    section: Section, ids: tuple[str, ...], sections: Sequence[Section], decimal: str, own: OwnNames | None
) -> Iterator[Number]:
    if section.kind == "label" and _SETTINGS in ids:
        return
    heading = fold(_headings(section, sections))
    base = Context(
        metric=metric_of(fold(section.heading.plain), own),
        metric_text=section.heading.plain.strip(),
        grouped="subgroup_metric" in ids or _by_groups(fold(section.heading.plain)),
        role=_role(heading, ids),
        decimal=decimal,
        own=own,
    )
    before: Block | None = None
    for block in section.blocks:
        context = _after(before, base)
        if block.kind == "table":
            yield from table_numbers(block, context)
            yield from _cell_texts(block, context)
        elif block.kind == "code":
            yield from _code_numbers(block, context)
        else:
            yield from _text_numbers(block, context)
        before = block if block.kind == "paragraph" or before is None else before


def _headings(section: Section, sections: Sequence[Section]) -> str:
    words = [section.heading.plain]
    while section.parent is not None:
        section = sections[section.parent]
        if section.level > 1:
            words.append(section.heading.plain)
    return " / ".join(words)


def _role(heading: str, ids: tuple[str, ...]) -> Role:
    if set(ids) & _NO_RESULTS:
        return "threshold"
    if re.search(
        r"\b(?:goals?|targets?|objectives?|requirements?|acceptance|success criteria|objetivos? de|requisitos"
        r"|criterios)\b",
        heading,
    ):
        return "goal"
    if OTHER_MODEL.search(heading) and not THIS_MODEL.search(heading) and not re.search(r"\bvs\b|compar", heading):
        return "other_model"
    return "measured"


def _by_groups(heading: str) -> bool:
    """Whether a heading speaks of parts: "Recall by age", "Exactitud por centro"."""
    found = re.search(r"\b(?:by|per|across|por|segun)\b (.{2,60})", heading)
    return bool(found and GROUP_HEADS.search(found.group(1)) and not NO_GROUP_HEADS.search(found.group(1)))


def _by_anything(label: str) -> bool:
    """Whether a metric's label speaks of parts: "AUC by branch", of whatever kind they are."""
    found = re.search(r"\b(?:by|per|por|across)\b (.{2,40})", label)
    return bool(found and not NO_GROUP_HEADS.search(found.group(1)))


def _after(before: Block | None, base: Context) -> Context:
    """Return the context of a block behind another: a paragraph that ends in a colon speaks of what follows."""
    if before is None or not before.text.plain.rstrip().endswith(":"):
        return base
    last = re.split(r"(?<=[.!?])\s", before.text.plain)[-1]
    folded = fold(last)
    found = list(mentions(folded, base.own))
    metric = found[0] if len({mention.name for mention in found}) == 1 else None
    text = last[metric.start : metric.end] if metric is not None else ""
    grouped = base.grouped or _by_groups(folded)
    return replace(base, metric=metric or base.metric, metric_text=text or base.metric_text, grouped=grouped, group="")


def _text_numbers(block: Block, context: Context) -> Iterator[Number]:
    if not block.pairs:
        yield from prose_numbers(block.text, context)
        return
    for pair in block.pairs:
        yield from _pair_numbers(pair, context)


def _cell_texts(block: Block, context: Context) -> Iterator[Number]:
    """Yield what cells say in words: "PR-AUC 0.36, recall 0.58"; and values of rows that are named after a metric."""
    for pair in block.pairs:
        if metric_of(fold(pair.label.plain), context.own) is not None:
            yield from _pair_numbers(pair, context)
    for row in block.rows:
        about = resolve(row.cells[0].plain, label=True) if row.cells else ()
        if _SETTINGS in about:
            continue
        role = _role("", about) if set(about) & _NO_RESULTS else context.role
        for cell in row.cells:
            if re.search(r"\d", cell.plain) and next(mentions(fold(cell.plain), context.own), None) is not None:
                yield from prose_numbers(cell, Context(role=role, decimal=context.decimal, own=context.own))


def _pair_numbers(pair: Pair, context: Context) -> Iterator[Number]:
    label = fold(pair.label.plain)
    found = list(mentions(label, context.own))
    role = _role(label, ())
    if role == "measured":
        role = context.role
    group = ""
    if not found and _is_group(label, context):
        group = pair.label.plain.strip()
    elif found:
        rest = "".join(" " if any(m.start <= i < m.end for m in found) else sign for i, sign in enumerate(label))
        named = GROUP_VALUES.search(rest)
        group = pair.label.plain[named.start() : named.end()] if named else ""
    metric: Mention | None = found[0] if len({m.name for m in found}) == 1 else None
    own = Context(
        metric=metric or context.metric,
        metric_text=pair.label.plain.strip() if metric else context.metric_text,
        group=group or context.group,
        grouped=context.grouped or _by_anything(label),
        role=role,
        decimal=context.decimal,
        own=context.own,
    )
    if metric is None and not found and not group and context.metric is None:
        own = context
    yield from prose_numbers(pair.value, own)


def _is_group(label: str, context: Context) -> bool:
    if WHOLE.fullmatch(label.strip()) or NO_GROUP_HEADS.search(label) or OTHER_MODEL.search(label):
        return False
    return context.grouped or GROUP_VALUES.search(label) is not None


# What is printed by a program: `label  0.91  0.93  0.92  120` below a line of heads.
_COLUMNS = re.compile(r" {2,}|\t+")


def _code_numbers(block: Block, context: Context) -> Iterator[Number]:
    tables = list(_code_tables(block))
    inside = {row.line for table in tables for row in table.rows} | {table.line for table in tables}
    for table in tables:
        yield from table_numbers(table, context)
    for start, end in _lines(block.text.plain):
        line = block.text.plain[start:end]
        if block.text.at(start)[0] in inside or not re.search(r"\d", line):
            continue
        if re.match(r"\s*(?:assert|if|while|for|return|def|import|from|print|#)\b|.*[=(]\s*[a-z_.]+\(", line):
            continue
        if re.search(r"(?:[=:]\s?|\s\s)-?[\d.]", line):  # behind a sign, or set apart by blanks
            yield from prose_numbers(block.text.part(start, end), context)


def _code_tables(block: Block) -> Iterator[Block]:
    """Yield tables that are set by blanks."""
    lines = list(_lines(block.text.plain))[:2000]
    head: tuple[Text, ...] | None = None
    rows: list[Row] = []
    first = 0
    for start, end in [*lines, (0, 0)]:
        cells = _cells(block.text, start, end)
        numeric = sum(re.fullmatch(r"-?[\d.,]+%?", cell.plain) is not None for cell in cells)
        if head is not None and numeric and len(cells) <= len(head):
            numeric = min(numeric, len(head) - 1)
            label, values = cells[: len(cells) - numeric], cells[len(cells) - numeric :]
            empty = Text(marks=((0, block.text.at(start)[0], 1),))
            fill = [empty] * (len(head) - 1 - len(values))
            rows.append(Row(cells=(label[0] if label else empty, *fill, *values), line=block.text.at(start)[0]))
            continue
        if head is not None and not block.text.plain[start:end].strip() and end > start - 1 and (start, end) != (0, 0):
            continue
        if head is not None and rows:
            yield Block(kind="table", line=first, end_line=rows[-1].line, header=head, rows=tuple(rows))
        head, rows = None, []
        if len(cells) >= 2 and not numeric and (start, end) != (0, 0):
            first = block.text.at(start)[0]
            indented = block.text.plain[start:end][:1].isspace()
            head = (Text(marks=((0, first, 1),)), *cells) if indented else tuple(cells)


def _cells(text: Text, start: int, end: int) -> list[Text]:
    cells, position = [], start
    for match in [*_COLUMNS.finditer(text.plain, start, end), None]:
        stop = match.start() if match else end
        if text.plain[position:stop].strip():
            cells.append(text.part(position, stop))
        position = match.end() if match else end
    return cells


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer("\n", text):
        yield start, match.start()
        start = match.end()
    yield start, len(text)
