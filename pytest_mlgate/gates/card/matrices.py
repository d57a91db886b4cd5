"""A printed confusion matrix against the metrics that stand in the same card."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.claims import is_own, matches, on_other_rows
from pytest_mlgate.gates.card.places import place
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card, Matrix, Number

AGREES = "MLG621"
Counts = tuple[tuple[float, ...], ...]


def judge_matrices(card: Card, language: str) -> Iterator[Check]:
    """Yield for each metric that a printed matrix tells whether the card's number can be that of it.

    A number agrees where any reading of any matrix gives it: either orientation where the card does not say which is
    which, either class as the positive one, each way of averaging. Of several matrices a contradiction only warns.
    """
    matrices = [matrix for matrix in card.matrices if _is_counts(matrix)]
    if not matrices:
        return
    told: dict[str, set[float]] = {}
    for matrix in matrices:
        for counts in orientations(matrix):
            for metric, value in implied(counts):
                told.setdefault(metric, set()).add(value)
    for metric, values in told.items():
        numbers = [
            number
            for number in card.numbers
            if number.metric == metric and is_own(number) and not number.group and not on_other_rows(card, number)
        ]
        if numbers:
            bad = [number for number in numbers if not any(matches(number, value) for value in values)]
            yield _check(card, metric, matrices, values, numbers, bad, language)


def _check(
    card: Card,
    metric: str,
    matrices: list[Matrix],
    values: set[float],
    numbers: list[Number],
    bad: list[Number],
    language: str,
) -> Check:
    line = matrices[0].line
    shown = " / ".join(f"{value:.4g}" for value in sorted(values, reverse=True)[:4])
    details = {"matrix_lines": [matrix.line for matrix in matrices], "implied": sorted(values)}
    if not bad:
        return Check(
            code=AGREES,
            subject=f"matrix:{metric}",
            outcome=Outcome.PASS,
            message=say(
                language,
                f"{metric} {numbers[0].printed} (line {numbers[0].span.line}) is that of the matrix (line {line})",
                f"{metric} {numbers[0].printed} (línea {numbers[0].span.line}) es el de la matriz (línea {line})",
            ),
            details=details,
        )
    number = bad[0]
    alone = len(matrices) == 1 and len(bad) == len(numbers)
    return Check(
        code=AGREES,
        subject=f"matrix:{metric}",
        outcome=Outcome.FAIL,
        severity=Severity.BLOCK if alone else Severity.WARN,
        message=say(
            language,
            f"{place(card, number.span.line)}: {metric} {number.printed}, and the confusion matrix of line {line} has "
            f"{shown}",
            f"{place(card, number.span.line)}: {metric} {number.printed}, y la matriz de confusión de la línea {line} "
            f"da {shown}",
        ),
        fix=say(
            language,
            "print the matrix and the metric from the same run",
            "imprima la matriz y la métrica de la misma ejecución",
        ),
        observed=number.fraction,
        limit=min(values, key=lambda value: abs(value - number.fraction)),
        details={**details, "line": number.span.line},
    )


def _is_counts(matrix: Matrix) -> bool:
    """Whether a matrix is square and counts rows: shares of rows or columns do not tell what counts do."""
    cells = [cell for row in matrix.counts for cell in row]
    square = len(matrix.counts) >= 2 and all(len(row) == len(matrix.counts) for row in matrix.counts)
    whole = square and all(math.isfinite(cell) and cell >= 0 and cell == round(cell) for cell in cells)
    if not whole or sum(cells) == 0:
        return False
    sums = [sum(row) for row in matrix.counts] + [sum(column) for column in zip(*matrix.counts, strict=True)]
    size = len(matrix.counts)
    per_cent = all(99 <= total <= 101 for total in sums[:size]) or all(99 <= total <= 101 for total in sums[size:])
    return not per_cent


def orientations(matrix: Matrix) -> Iterator[Counts]:
    """Yield the counts with the actual classes in rows; both ways where the card does not say which is which."""
    if matrix.actual_in_rows is not False:
        yield matrix.counts
    if matrix.actual_in_rows is not True:
        yield tuple(zip(*matrix.counts, strict=True))


def implied(counts: Counts) -> Iterator[tuple[str, float]]:
    """Yield what counts tell, ``counts[actual][predicted]``: each metric for each class and each way of averaging."""
    size, total = len(counts), sum(map(sum, counts))
    actual = [sum(row) for row in counts]
    said = [sum(row[k] for row in counts) for k in range(size)]
    right = [counts[k][k] for k in range(size)]
    accuracy = sum(right) / total
    yield "accuracy", accuracy
    yield "error_rate", 1 - accuracy
    recalls = [_share(right[k], actual[k]) for k in range(size)]
    precisions = [_share(right[k], said[k]) for k in range(size)]
    f1s = [_share(2 * right[k], actual[k] + said[k]) for k in range(size)]
    yield "balanced_accuracy", sum(recalls) / size
    for metric, each in (("recall", recalls), ("precision", precisions), ("f1", f1s)):
        yield from ((metric, value) for value in each)
        yield metric, sum(each) / size
        yield metric, sum(value * weight for value, weight in zip(each, actual, strict=True)) / total
        yield metric, accuracy  # micro average
    mean = [sum(recalls) / size, sum(precisions) / size]
    yield "f1", _share(2 * mean[0] * mean[1], mean[0] + mean[1])  # of the averages, as some print it
    if size == 2:
        yield from _of_two(counts, actual, said)


def _of_two(counts: Counts, actual: list[float], said: list[float]) -> Iterator[tuple[str, float]]:
    total = sum(actual)
    for positive in (0, 1):
        negative = 1 - positive
        yield "specificity", _share(counts[negative][negative], actual[negative])
        yield "false_positive_rate", _share(counts[negative][positive], actual[negative])
        yield "false_negative_rate", _share(counts[positive][negative], actual[positive])
        yield "false_discovery_rate", _share(counts[negative][positive], said[positive])
        yield "npv", _share(counts[negative][negative], said[negative])
        yield "selection_rate", _share(said[positive], total)
    below = math.sqrt(actual[0] * actual[1] * said[0] * said[1])
    yield "mcc", _share(counts[0][0] * counts[1][1] - counts[0][1] * counts[1][0], below)


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0
