"""The numbers of a card against those that were measured, of all rows and of groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_mlgate.cards.measured import Measured, Value, folded
from pytest_mlgate.cards.metric_names import UNBOUNDED, is_known
from pytest_mlgate.cards.words import fold
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.places import place, section_of
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card, Number

METRIC, GROUP = "MLG620", "MLG622"
_SHOWN = 8

# Rows that are not the holdout; a number on them is true or false somewhere else.
_OTHER_ROWS = re.compile(
    r"\b(?:train(?:ing)?|validation|val|dev(?:elopment)?|cv|cross.?validat\w*|k?.?folds?|out.of.(?:fold|bag|time)|oob"
    r"|in.sample|calibration set|entrenamiento|validaci[oó]n|desarrollo|treino|treinamento|valida[cç][aã]o)\b",
    re.IGNORECASE,
)
# A column beside candidate and baseline: no value of either.
_DIFFERENCE = re.compile(
    r"\b(?:differences?|delta|change|gain|improvement|uplift|vs\.?|diferencia|mejora|cambio|diferen[cç]a|ganho)\b|[Δ±]",
    re.IGNORECASE,
)
_THRESHOLD = re.compile(
    r"(?:threshold|cut-?off|umbral|limiar|(?:punto|ponto) de corte)[^\d.,]{0,25}(0?[.,]\d+|\d{1,2}(?= ?%))"
)
_LABELLED = (
    *("accuracy", "balanced_accuracy", "error_rate", "precision", "recall", "f1", "mcc", "kappa", "specificity"),
    *("false_positive_rate", "false_negative_rate", "false_discovery_rate", "npv", "selection_rate"),
)
"""Metrics of labels, which move with the threshold."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Claim:
    """All numbers of a card that say one metric of one group."""

    metric: str
    column: str
    group: str
    numbers: tuple[Number, ...]

    @property
    def subject(self) -> str:
        if not self.group:
            return self.metric
        return f"{self.metric}:{self.column}={self.group}" if self.column else f"{self.metric}:{self.group}"


def wanted(card: Card) -> list[tuple[str, str, str]]:
    """Return what has to be measured to judge a card's numbers: metric, column and value of the group."""
    return [(claim.metric, claim.column, claim.group) for claim in _claims(card)]


def judge_claims(
    card: Card, measured: Measured | None, threshold: float | None, language: str, *, in_run: bool
) -> Iterator[Check]:
    """Yield a check for each metric and group of a card, and one for the numbers that could not be compared.

    Parameters
    ----------
    card : Card
    measured : Measured or None
        None: nothing was measured.
    threshold : float or None
        At which labels were measured; None: the model's own.
    language : str
    in_run : bool
        Whether it is said that nothing was measured; of a card alone it is not.
    """
    claims = list(_claims(card))
    if measured is None or not measured.measured:
        if in_run and claims:
            yield _nothing_measured(card, claims, language)
        return
    open_ones = []
    for claim in claims:
        if claim.group and not _exists(claim, measured):
            yield _no_such_group(card, claim, measured, language)
            continue
        found = measured.of(claim.metric, claim.column, claim.group)
        if found:
            yield _compared(card, claim, found, measured, threshold, language)
        else:
            open_ones.append(claim)
    if open_ones:
        yield _not_compared(card, open_ones, measured, language)


def matches(number: Number, value: float) -> bool:
    """Whether a printed number is a measured one, rounded to its last digit, as a fraction or in per cent."""
    return any(abs(value - printed) <= half + 1e-9 * max(1.0, abs(value)) for printed, half in readings(number))


def readings(number: Number) -> Iterator[tuple[float, float]]:
    """Yield what a printed number may mean, each with half a unit of its last digit."""
    yield number.fraction, number.half_unit
    bounded = number.metric not in UNBOUNDED and is_known(number.metric)
    if number.unit != "percent" and number.value > 1 and bounded:
        yield number.value / 100, number.half_unit / 100
    if number.unit == "percent" and number.metric == "mape":
        yield number.value, number.half_unit * 100


def _claims(card: Card) -> Iterator[_Claim]:
    found: dict[tuple[str, str, str], list[Number]] = {}
    for number in card.numbers:
        if not number.metric or not is_own(number) or on_other_rows(card, number):
            continue
        key = (number.metric, folded(number.group_column) if number.group else "", folded(number.group))
        found.setdefault(key, []).append(number)
    for (metric, _, _), numbers in found.items():
        first = numbers[0]
        yield _Claim(
            metric=metric,
            column=first.group_column if first.group else "",
            group=first.group,
            numbers=tuple(numbers),
        )


def is_own(number: Number) -> bool:
    """Whether a number is a value of this model: no goal, no other model's, no difference of two."""
    return number.role == "measured" and not number.difference and not _DIFFERENCE.search(number.subject)


def on_other_rows(card: Card, number: Number) -> bool:
    """Whether a number, or the section that it stands in, says that it is about other rows than the holdout."""
    words = f"{number.subject} {number.metric_text}"
    section = section_of(card, number.span.line)
    heading = "" if section is None else section.heading.plain
    return bool(_OTHER_ROWS.search(words)) or (
        section is not None and bool(_OTHER_ROWS.search(heading)) and not re.search(r"\btest\b", heading, re.IGNORECASE)
    )


def _exists(claim: _Claim, measured: Measured) -> bool:
    """Whether the data have the group, as far as all their groups are known and the column is one of theirs."""
    if not measured.all_groups or not claim.column:
        return True
    columns = [levels for column, levels in measured.groups.items() if folded(column) == folded(claim.column)]
    return not columns or any(folded(level) == folded(claim.group) for levels in columns for level in levels)


def _compared(
    card: Card, claim: _Claim, found: list[Value], measured: Measured, threshold: float | None, language: str
) -> Check:
    good = [number for number in claim.numbers if any(matches(number, value.value) for value in found)]
    bad = [number for number in claim.numbers if number not in good]
    main = next((value for value in found if not value.variant), found[0])
    name = claim.subject.replace(":", " ")
    code = GROUP if claim.group else METRIC
    details = {
        "measured": main.value,
        "places": [{"line": n.span.line, "printed": n.printed, "agrees": n in good} for n in claim.numbers],
    }
    if not bad:
        lines = ", ".join(str(number.span.line) for number in good)
        message = say(
            language,
            f"{name} {good[0].printed} as {measured.source} has it (line {lines})",
            f"{name} {good[0].printed}, como en {measured.source} (línea {lines})",
        )
        return Check(
            code=code,
            subject=claim.subject,
            outcome=Outcome.PASS,
            message=message,
            observed=main.value,
            n=main.n,
            details=details,
        )
    number = bad[0]
    shown = _shown(main.value, number)
    said = say(language, "in the card", "en la tarjeta")
    source = say(language, f"{shown} measured ({measured.source})", f"{shown} medido ({measured.source})")
    more = "".join(f"; {place(card, other.span.line)}: {other.printed}" for other in bad[1:_SHOWN])
    contested = _contested(card, claim, good, found, threshold, language)
    message = f"{place(card, number.span.line)}: {name} {number.printed} {said}, {source}{more}"
    return Check(
        code=code,
        subject=claim.subject,
        outcome=Outcome.FAIL,
        severity=Severity.WARN if contested else Severity.BLOCK,
        message=f"{message}; {contested}" if contested else message,
        fix=say(
            language,
            "run `mlgate card update`, or correct the line",
            "ejecute `mlgate card update`, o corrija la línea",
        ),
        observed=number.fraction,
        limit=main.value,
        n=main.n,
        details={**details, "line": number.span.line},
    )


def _contested(
    card: Card, claim: _Claim, good: list[Number], found: list[Value], threshold: float | None, language: str
) -> str:
    """Return why it may be that the number is right all the same; empty where nothing speaks for it."""
    if good:
        return say(
            language,
            f"line {good[0].span.line} has the measured value",
            f"la línea {good[0].span.line} tiene el valor medido",
        )
    if claim.group and len({value.column for value in found}) > 1:
        return say(language, "several columns have this group", "varias columnas tienen este grupo")
    if not is_known(claim.metric) and len(folded(claim.metric).split()) == 1:
        return say(
            language,
            f"{claim.metric!r} is a word of its own, which may mean something else here",
            f"{claim.metric!r} es una palabra corriente, que aquí puede decir otra cosa",
        )
    if claim.metric in _LABELLED and threshold is None:
        for line, printed in _thresholds(card):
            return say(
                language,
                f"line {line} names a threshold of {printed}; set `threshold` in [gates.card]",
                f"la línea {line} nombra un umbral de {printed}; indíquelo como `threshold` en [gates.card]",
            )
    return ""


def _thresholds(card: Card) -> Iterator[tuple[int, str]]:
    """Yield each decision threshold that the card names and that is not one half."""
    for line, text in enumerate(card.lines, start=1):
        for printed in _THRESHOLD.findall(fold(text)):
            if float(printed.replace(",", ".")) not in (0.5, 50.0):
                yield line, printed


def _shown(value: float, number: Number) -> str:
    """Return a measured value as the card would print it, and with more digits where that shows no difference."""
    scale = 100 if number.unit == "percent" or (number.value > 1 and abs(value) <= 1) else 1
    for digits in range(number.digits, number.digits + 6):
        text = f"{value * scale:.{digits}f}"
        if float(text) != abs(number.value) * (-1 if number.value < 0 else 1):
            return f"{text} %" if number.unit == "percent" else text
    return f"{value * scale:g}"


def _no_such_group(card: Card, claim: _Claim, measured: Measured, language: str) -> Check:
    line = claim.numbers[0].span.line
    levels = next(levels for column, levels in measured.groups.items() if folded(column) == folded(claim.column))
    some = ", ".join(map(repr, levels[:_SHOWN])) + (", ..." if len(levels) > _SHOWN else "")
    return Check(
        code=GROUP,
        subject=f"group:{claim.column}={claim.group}:{claim.metric}",
        outcome=Outcome.FAIL,
        severity=Severity.WARN,
        message=say(
            language,
            f"{place(card, line)}: no row of the holdout has {claim.column} = {claim.group!r} (there are {some})",
            f"{place(card, line)}: ninguna fila de la muestra tiene {claim.column} = {claim.group!r} (hay {some})",
        ),
        fix=say(language, "name groups as the data do", "nombre los grupos como en los datos"),
        details={"line": line},
    )


def _not_compared(card: Card, claims: list[_Claim], measured: Measured, language: str) -> Check:
    some = []
    for claim in claims[:_SHOWN]:
        why = measured.missing.get((claim.metric, claim.column, claim.group), "")
        where = f"{place(card, claim.numbers[0].span.line)} {claim.subject}"
        some.append(f"{where} ({why})" if why else where)
    more = f"; {len(claims) - _SHOWN} more" if len(claims) > _SHOWN else ""
    return Check(
        code=METRIC,
        subject="not_compared",
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.WARN,
        message=say(
            language,
            f"{measured.source} has no value for: {'; '.join(some)}{more}",
            f"{measured.source} no tiene valor para: {'; '.join(some)}{more}",
        ),
        fix=say(
            language,
            "measure them, or say beside the number on which rows it was measured",
            "mídalos, o diga junto al número en qué filas se midió",
        ),
        details={"line": claims[0].numbers[0].span.line},
    )


def _nothing_measured(card: Card, claims: Iterable[_Claim], language: str) -> Check:
    numbers = sum(len(claim.numbers) for claim in claims)
    return Check(
        code=METRIC,
        subject="not_compared",
        outcome=Outcome.INCONCLUSIVE,
        message=say(
            language,
            f"none of the {numbers} numbers of {place(card)} was compared: nothing was measured",
            f"ninguno de los {numbers} números de {place(card)} se comparó: no se midió nada",
        ),
        fix=say(
            language,
            "configure `[model] candidate` and `[data] holdout` and `target`",
            "configure `[model] candidate` y `[data] holdout` y `target`",
        ),
    )
