"""Numbers as people print them: decimal commas, thousands in every style, per cent, intervals."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMBER = re.compile(
    r"(?<![\w.,/@#:$-])(?P<sign>[+-](?=[\d.,]))?"
    r"(?P<digits>\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*|[.,]\d+)"
    r"(?P<power>e[+-]?\d{1,3})?(?![\d/]|[.,:]\d)"
    r"(?:(?P<percent>\s?(?:%|per ?cent\b|pct\b|por ciento\b|por cento\b))|(?P<unit>[a-z]{1,6}\b))?"
)
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_SPREAD = re.compile(r"\s?(?:\+/-|±|\+-)\s?(?P<by>\d*[.,]?\d+)\s?%?")
_INTERVAL = re.compile(
    r"\s?,?\s?(?:\d{2} ?% ?)?(?:ci|ic)?(?: \d{2} ?%)?\s?:?\s?[\[(]\s?(?:(?:\d{2} ?% ?)?"
    r"(?:ci|ic|confidence interval|interval|intervalo(?: de confian[cz]a)?)?(?: (?:of|de))?\s?:?\s?)"
    r"(?P<low>[+-]?\d*[.,]?\d+)\s?%?\s?(?:,|;|-|to|a)\s?(?P<high>[+-]?\d*[.,]?\d+)\s?%?\s?[\]),;]"
)


@dataclass(frozen=True, slots=True)
class Printed:
    """A number in a text.

    ``end`` lies behind a per cent sign and an interval that go with it; ``digits`` counts behind the decimal sign.
    """

    value: float
    text: str
    digits: int
    percent: bool
    start: int
    end: int
    low: float | None = None
    high: float | None = None
    unit: str = ""


def decimal_sign(folded: Iterable[str]) -> str:
    """Return ``,`` where more numbers of some texts are certain to have a decimal comma than a point; else ``.``."""
    commas = points = 0
    for text in folded:
        commas += len(re.findall(r"(?<![\d.,])(?:0,\d+|\d+,(?:\d{1,2}|\d{4,}))(?![\d.,])", text))
        points += len(re.findall(r"(?<![\d.,])(?:0?\.\d+|\d+\.(?:\d{1,2}|\d{4,}))(?![\d.,])", text))
    return "," if commas > points else "."


def parse(digits: str, decimal: str) -> tuple[float, int]:
    """Return the value of printed digits and how many stand behind the decimal sign.

    ``decimal`` settles what may be read both ways: ``12.546`` is twelve thousand where numbers have decimal commas.
    """
    text = digits.replace(" ", "")
    point, comma = text.rfind("."), text.rfind(",")
    if point >= 0 and comma >= 0:
        sign = "." if point > comma else ","
    elif point >= 0 or comma >= 0:
        sign = "." if point >= 0 else ","
        parts = text.split(sign)
        grouped = len(parts) > 1 and 1 <= len(parts[0]) <= 3 and all(len(part) == 3 for part in parts[1:])
        if len(parts) > 2 or (grouped and parts[0].strip("0") and sign != decimal and " " not in digits):
            sign = ""
    else:
        sign = ""
    head, _, tail = text.rpartition(sign) if sign else (text, "", "")
    if not sign:
        head = text
    whole = re.sub(r"\D", "", head)
    return float(f"{whole or '0'}.{tail or '0'}"), len(tail)


def numbers(folded: str, decimal: str = ".") -> Iterator[Printed]:
    """Yield the numbers of a folded text, from left to right, with the intervals printed behind them."""
    position = 0
    while True:
        match = _NUMBER.search(folded, position)
        if match is None:
            return
        digits, end = match.group("digits"), match.end()
        if re.search(r"[.,]\d+[.,]", digits) and not _GROUPED.fullmatch(digits):
            position = end  # a version, a date
            continue
        value, count = parse(digits[:40], decimal)
        if match.group("power"):
            value = _scaled(value, match.group("power"))
        if match.group("sign") == "-":
            value = -value
        low = high = None
        spread = _SPREAD.match(folded, end)
        if spread:
            by, end = parse(spread.group("by"), decimal)[0], spread.end()
            low, high = value - by, value + by
        interval = _INTERVAL.match(folded, end)
        if interval:
            ends = [_signed(interval.group(name), decimal) for name in ("low", "high")]
            if ends[0] <= value <= ends[1]:
                (low, high), end = ends, interval.end()
        printed = folded[
            match.start("sign") if match.group("sign") else match.start("digits") : match.end("power")
            if match.group("power")
            else match.end("digits")
        ]
        yield Printed(
            value,
            printed,
            count,
            bool(match.group("percent")),
            match.start(),
            end,
            low,
            high,
            unit=match.group("unit") or "",
        )
        position = max(end, match.end())


def _signed(text: str, decimal: str) -> float:
    value = parse(text.lstrip("+-"), decimal)[0]
    return -value if text.startswith("-") else value


def _scaled(value: float, power: str) -> float:
    scaled = float(f"{value}{power}")
    return scaled if abs(scaled) < 1e300 else value
