"""Whether a card agrees with itself without a matrix: one metric with two values, F1 above its parts, totals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_mlgate.cards.measured import folded
from pytest_mlgate.cards.metric_names import metric_of
from pytest_mlgate.cards.numbers import decimal_sign, parse
from pytest_mlgate.cards.words import fold
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.claims import is_own, on_other_rows
from pytest_mlgate.gates.card.places import place
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Block, Card, Number

AGREES = "MLG621"
_TOTAL = re.compile(r"(?:grand |sub)?totals?|sum|all|overall|todos|todas|suma|soma|total general")
_COUNT = re.compile(r"\d{1,3}(?:[ .,\u00a0\u202f]\d{3})+|\d+")


def judge_agreement(card: Card, language: str) -> Iterator[Check]:
    """Yield a warning for each contradiction; nothing where there is none."""
    claims: dict[tuple[str, str, str, str], list[Number]] = {}
    for number in card.numbers:
        if number.metric and is_own(number) and not on_other_rows(card, number):
            key = (number.metric, folded(number.group_column), folded(number.group), folded(number.subject))
            claims.setdefault(key, []).append(number)
    yield from _two_values(card, claims, language)
    yield from _impossible_f1(card, claims, language)
    yield from _totals(card, language)


def _two_values(card: Card, claims: dict[tuple[str, str, str, str], list[Number]], language: str) -> Iterator[Check]:
    for (metric, _, group, subject), numbers in claims.items():
        first = numbers[0]
        texts = {folded(number.metric_text) for number in numbers}
        other = next((number for number in numbers[1:] if not _compatible(first, number)), None)
        if other is None or len(texts) > 1:  # macro beside weighted, F1 of this beside F1 of that
            continue
        subjects = ":".join(part for part in (metric, group, subject) if part)
        yield _warning(
            f"twice:{subjects}",
            say(
                language,
                f"{place(card, other.span.line)}: {metric} is {other.printed} here and {first.printed} in line "
                f"{first.span.line}",
                f"{place(card, other.span.line)}: {metric} es {other.printed} aquí y {first.printed} en la línea "
                f"{first.span.line}",
            ),
            say(
                language,
                "correct one of them, or say beside each what it was measured on",
                "corrija uno de los dos, o diga junto a cada uno en qué se midió",
            ),
            other.span.line,
        )


def _compatible(one: Number, two: Number) -> bool:
    """Whether two printed numbers can be roundings of one value."""
    return abs(one.fraction - two.fraction) <= one.half_unit + two.half_unit + 1e-9


def _impossible_f1(card: Card, claims: dict[tuple[str, str, str, str], list[Number]], language: str) -> Iterator[Check]:
    """Yield F1 above the mean of precision and recall: no way of averaging classes reaches it."""
    for (metric, *rest), numbers in claims.items():
        parts = [claims.get((name, *rest), []) for name in ("precision", "recall")]  # type: ignore[arg-type]
        if metric != "f1" or len(numbers) != 1 or any(len(part) != 1 for part in parts):
            continue
        f1, precision, recall = numbers[0], parts[0][0], parts[1][0]
        slack = f1.half_unit + (precision.half_unit + recall.half_unit) / 2 + 1e-9
        if f1.fraction <= (precision.fraction + recall.fraction) / 2 + slack:
            continue
        subject = ":".join(part for part in ("f1", *rest) if part)
        yield _warning(
            f"impossible:{subject}",
            say(
                language,
                f"{place(card, f1.span.line)}: F1 {f1.printed} is more than precision {precision.printed} and recall "
                f"{recall.printed} allow",
                f"{place(card, f1.span.line)}: F1 {f1.printed} es más de lo que permiten precisión {precision.printed} "
                f"y exhaustividad {recall.printed}",
            ),
            say(language, "print all three from the same run", "imprima los tres de la misma ejecución"),
            f1.span.line,
        )


def _totals(card: Card, language: str) -> Iterator[Check]:
    decimal = decimal_sign(fold(line) for line in card.lines)
    for _, block in card.blocks():
        if block.kind == "table" and len(block.rows) >= 3:
            yield from _table_totals(card, block, decimal, language)


def _table_totals(card: Card, block: Block, decimal: str, language: str) -> Iterator[Check]:
    last = block.rows[-1]
    if not last.cells or not _TOTAL.fullmatch(fold(last.cells[0].plain).strip(" :*")):
        return
    for column in range(1, len(last.cells)):
        head = fold(block.header[column].plain) if column < len(block.header) else ""
        cells = [row.cells[column].plain.strip() if column < len(row.cells) else "" for row in block.rows]
        counts = [_count(cell, decimal) for cell in cells]
        if metric_of(head) is not None or any(count is None for count in counts):
            continue
        *parts, total = [count or 0 for count in counts]
        if sum(parts) == total or len({*parts, total}) == 1:
            continue
        yield _warning(
            f"total:line {last.line}:{head.strip() or column}",
            say(
                language,
                f"{place(card, last.line)}: the parts of {head.strip()!r} add up to {sum(parts)}, the total is {total}",
                f"{place(card, last.line)}: las partes de {head.strip()!r} suman {sum(parts)}, el total dice {total}",
            ),
            say(language, "correct the part or the total", "corrija la parte o el total"),
            last.line,
        )


def _count(cell: str, decimal: str) -> int | None:
    if not _COUNT.fullmatch(cell):
        return None
    value, digits = parse(cell.replace("\u00a0", " ").replace("\u202f", " "), decimal)
    return int(value) if digits == 0 else None


def _warning(subject: str, message: str, fix: str, line: int) -> Check:
    return Check(
        code=AGREES,
        subject=subject,
        outcome=Outcome.FAIL,
        severity=Severity.WARN,
        message=message,
        fix=fix,
        details={"line": line},
    )
