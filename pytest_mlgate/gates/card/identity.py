"""What model and which rows a card is about, and how old it is."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_mlgate.cards.measured import folded
from pytest_mlgate.cards.words import fold
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.places import labelled, place, section_of
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.cards.measured import Measured

ARTIFACT, ROWS, STALE = "MLG623", "MLG624", "MLG627"
STALE_AFTER = 365
"""Days, for a model that is watched in production and a card without a setting of its own."""

DIGEST = re.compile(r"(?<![0-9a-fA-F])(?:sha-?256:\s?([0-9a-fA-F]{8,64})|([0-9a-fA-F]{64}))(?![0-9a-fA-F])")
_ABOUT = (
    ("train", re.compile(r"\b(?:train\w*|fitted on|entrenamiento|treino|treinamento)\b")),
    ("holdout", re.compile(r"\b(?:hold ?out|test|evaluation|evaluacion|prueba|avaliacao|teste)\b")),
    ("baseline", re.compile(r"\b(?:baseline|champion|previous|rollback|anterior|campeon)\b")),
    (
        "candidate",
        re.compile(r"\b(?:model|artifact|candidate|weights|checkpoint|modelo|artefacto|artefato|candidat[oa])\b"),
    ),
)
_BY_SECTION = {
    "training_data": "train",
    "evaluation_data": "holdout",
    "model_details": "candidate",
    "lineage": "candidate",
}
_VERSION = re.compile(r"(?:model )?version|version (?:del|do) modelo|versao(?: do modelo)?")
_DATED = re.compile(
    r"(?:model |card |version |release )?date|(?:last |card )?(?:updated?|reviewed|revised)(?: on)?"
    r"|last (?:update|review)|as of|reviewed|released(?: on)?"
    r"|fecha(?: de (?:la )?(?:version|revision|actualizacion|publicacion))?|(?:ultima )?(?:actualizacion|revision)"
    r"|data(?: da (?:versao|revisao|atualizacao))?|(?:ultima )?(?:atualizacao|revisao)"
)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *("january enero janeiro", "february febrero fevereiro", "march marzo marco", "april abril abril"),
            *("may mayo maio", "june junio junho", "july julio julho", "august agosto agosto"),
            *("september septiembre setembro", "october octubre outubro", "november noviembre novembro"),
            "december diciembre dezembro",
        ),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"\b(\d{4})-(\d{2})(?:-(\d{2}))?\b")
_SPELT = re.compile(
    r"\b(?:(\d{1,2})(?:st|nd|rd|th)? (?:of |de )?)?([a-z]{3,10})\.? (?:(\d{1,2})(?:st|nd|rd|th)?, )?(?:de )?(\d{4})\b"
)


def judge_identity(card: Card, measured: Measured | None, language: str) -> Iterator[Check]:
    """Yield whether version and digests that the card names are those of the model and the rows that were judged."""
    if measured is None:
        return
    yield from _version(card, measured.version, language)
    for kind, digest, line in named_digests(card):
        known = measured.digests.get(kind)
        if known is None or kind == "baseline":
            continue
        yield digest_check(card, kind, digest, known, line, language)


def digest_check(
    card: Card,
    kind: str,
    digest: str,
    known: str,
    line: int,
    language: str,
    *,
    prefix: str = "",
    called: tuple[str, str] = ("the card", "la tarjeta"),
) -> Check:
    """Return whether a SHA-256 that a document names is the one that is known.

    Parameters
    ----------
    card : Card
        The document: a card, or a datasheet.
    kind : {"train", "holdout", "candidate"}
        What it is the digest of.
    digest, known : str
        Digits of the document, all or the first; those of what was judged.
    line : int
    language : str
    prefix : str
        What the check's subject begins with.
    called : tuple of (str, str)
        What the document is called, in English and in Spanish.
    """
    good = known.lower().startswith(digest)
    what = {"train": "training rows", "holdout": "holdout", "candidate": "model"}[kind]
    cosa = {"train": "filas de entrenamiento", "holdout": "muestra de evaluación", "candidate": "modelo"}[kind]
    return Check(
        code=ARTIFACT if kind == "candidate" else ROWS,
        subject=f"{prefix}digest:{kind}",
        outcome=Outcome.PASS if good else Outcome.FAIL,
        message=say(
            language,
            f"{place(card, line)}: SHA-256 of the {what} {digest[:12]}..."
            + ("" if good else f" in {called[0]}, {known[:12]}... of what was judged"),
            f"{place(card, line)}: SHA-256 de {cosa} {digest[:12]}..."
            + ("" if good else f" en {called[1]}, {known[:12]}... de lo juzgado"),
        ),
        fix=""
        if good
        else say(
            language,
            f"run `mlgate card update`, or find out which file {called[0]} is about",
            f"ejecute `mlgate card update`, o averigüe de qué archivo trata {called[1]}",
        ),
        details={"line": line},
    )


def named_digests(card: Card) -> Iterator[tuple[str, str, int]]:
    """Yield each SHA-256 of the card: of what (``candidate``, ``train``, ...), its digits, its line."""
    seen: set[str] = set()
    for number, line in enumerate(card.lines, start=1):
        for match in DIGEST.finditer(line):
            digest = (match.group(1) or match.group(2)).lower()
            kind = _kind(card, fold(line[: match.start()]), number)
            if kind and kind not in seen:  # the first of a kind; others are of other versions
                seen.add(kind)
                yield kind, digest, number


def _kind(card: Card, before: str, line: int) -> str:
    said = [(match.start(), kind) for kind, pattern in _ABOUT for match in pattern.finditer(before)]
    if said:
        return max(said)[1]  # the nearest word
    section = section_of(card, line)
    ids = () if section is None else card.ids_of(section)
    return next((_BY_SECTION[name] for name in ids if name in _BY_SECTION), "")


def _version(card: Card, version: str | None, language: str) -> Iterator[Check]:
    if version is None:
        return
    said = [(value.plain.strip(), value.at(0)[0]) for label, value in labelled(card) if _VERSION.fullmatch(label)]
    front = card.front_matter.get("version", card.front_matter.get("model_version"))
    if front is not None and card.front_matter_lines:
        said.append((str(front), card.front_matter_lines[0]))
    for text, line in said[:1]:
        good = re.search(
            rf"(?<![\w.]){re.escape(version.lower().removeprefix('v'))}(?![\w]|\.\d)", text.lower().lstrip("v")
        )
        yield Check(
            code=ARTIFACT,
            subject="version",
            outcome=Outcome.PASS if good else Outcome.FAIL,
            message=say(
                language,
                f"{place(card, line)}: version {text!r} in the card" + ("" if good else f", {version!r} is judged"),
                f"{place(card, line)}: versión {text!r} en la tarjeta" + ("" if good else f", se juzga {version!r}"),
            ),
            fix=""
            if good
            else say(language, "run `mlgate card update`, or correct it", "ejecute `mlgate card update`, o corríjala"),
            details={"line": line},
        )


def judge_age(card: Card, stage: str, max_age: int | None, today: dt.date, language: str) -> Iterator[Check]:
    """Yield whether the card's latest date is recent enough: where a limit is set, or the model is watched."""
    limit = max_age if max_age is not None else STALE_AFTER if stage == "monitoring" else None
    if limit is None:
        return
    dates = sorted(_dates(card))
    old = not dates or (today - dates[-1][0]).days > limit
    when = f" {dates[-1][0].isoformat()}" if dates else ""
    line = dates[-1][1] if dates else None
    message = say(
        language,
        f"{place(card, line)}: dated{when}" if dates else f"{place(card)} says no date",
        f"{place(card, line)}: con fecha{when}" if dates else f"{place(card)} no dice ninguna fecha",
    )
    yield Check(
        code=STALE,
        subject="age",
        outcome=Outcome.FAIL if old else Outcome.PASS,
        severity=Severity.WARN,
        message=f"{message}, {(today - dates[-1][0]).days} / {limit} d" if dates else message,
        fix=say(
            language,
            "read the card again, and renew its date",
            "relea la tarjeta y renueve su fecha",
        )
        if old
        else "",
        details={"line": line} if line else {},
    )


def _dates(card: Card) -> Iterator[tuple[dt.date, int]]:
    for label, value in labelled(card):
        if _DATED.fullmatch(label) or _VERSION.fullmatch(label):
            yield from ((found, value.at(0)[0]) for found in dates_in(value.plain))
    line = card.front_matter_lines[0] if card.front_matter_lines else 1
    for key, value in card.front_matter.items():
        if _DATED.fullmatch(folded(str(key))):
            yield from ((found, line) for found in dates_in(str(value)))


def dates_in(text: str) -> Iterator[dt.date]:
    """Yield the dates of a text, written as ISO 8601 has them or with the month's name; of a month its last day."""
    for year, month, day in _ISO.findall(text):
        yield from _date(int(year), int(month), int(day or 0))
    for day, name, behind, year in _SPELT.findall(fold(text)):
        month = next((number for known, number in _MONTHS.items() if known == name or known[:3] == name), 0)
        yield from _date(int(year), month, int(day or behind or 0))


def _date(year: int, month: int, day: int) -> Iterator[dt.date]:
    try:
        if not 1 <= month <= 12:
            return
        if day:
            yield dt.date(year, month, day)
        else:
            yield dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)
    except ValueError:  # 2026-13
        return
