"""What a card points to outside of itself: its owner, its licence, the files that it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pytest_mlgate.cards.people import code_owners, why_nobody
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.places import labelled, place
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card

OWNER, LICENCE, LINKS = "MLG626", "MLG628", "MLG629"
_OWNER = re.compile(
    r"(?:model )?owners?|owned by|responsible(?: person)?|accountable|propietari[oa]|duen[oa]"
    r"|responsable(?: del modelo)?|proprietari[oa]|responsavel(?: pelo modelo)?"
)
_CONTACT = re.compile(r"contacts?|contact (?:person|address)|contacto|persona de contacto|contato|e-?mail")
_LICENCE = re.compile(r"(?:model )?licen[cs]e|licencia(?: del modelo)?|licenca(?: do modelo)?")
_ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:|//|#|/|\?", re.IGNORECASE)
_SHOWN = 8


def judge_owner(card: Card, folder: Path | None, language: str) -> Iterator[Check]:
    """Yield whether the owner that the card names is a person who can be found."""
    found = list(labelled(card))
    contact = next((value.plain.strip() for label, value in found if _CONTACT.fullmatch(label)), None)
    owners = None if folder is None else code_owners(folder)
    for label, value in found:
        if not _OWNER.fullmatch(label) or not value:
            continue
        line, text = value.at(0)[0], value.plain.strip()
        links = [link.target.removeprefix("mailto:") for link in value.links]
        reason = why_nobody(text, owners, contact=next(iter(links), contact))
        yield Check(
            code=OWNER,
            subject="owner",
            outcome=Outcome.FAIL if reason else Outcome.PASS,
            severity=Severity.WARN,
            message=say(
                language,
                f"{place(card, line)}: owner: {reason or text}",
                f"{place(card, line)}: responsable: {reason or text}",
            ),
            fix=say(
                language,
                "name a person: a handle of CODEOWNERS, an e-mail address, or a name with a contact",
                "nombre a una persona: un alias de CODEOWNERS, un correo, o un nombre con un contacto",
            )
            if reason
            else "",
            details={"line": line},
        )
        return


def judge_licence(card: Card, language: str) -> Iterator[Check]:
    """Yield whether the licence that the card names is an SPDX expression."""
    for text, line in _licences(card):
        good = is_licence(text, card.front_matter)
        yield Check(
            code=LICENCE,
            subject="licence",
            outcome=Outcome.PASS if good else Outcome.FAIL,
            severity=Severity.WARN,
            message=say(
                language,
                f"{place(card, line)}: {text!r} is {'an' if good else 'no'} SPDX licence expression",
                f"{place(card, line)}: {text!r} {'' if good else 'no '}es una expresión de licencia SPDX",
            ),
            fix=""
            if good
            else say(
                language,
                "write an identifier of spdx.org/licenses, such as Apache-2.0, or LicenseRef-... for one of your own",
                "escriba un identificador de spdx.org/licenses, como Apache-2.0, o LicenseRef-... para una propia",
            ),
            details={"line": line},
        )
        return


def _licences(card: Card) -> Iterator[tuple[str, int]]:
    front = card.front_matter.get("license", card.front_matter.get("licence"))
    if front is not None and card.front_matter_lines:
        first, last = card.front_matter_lines
        lines = [n for n in range(first, last + 1) if re.match(r"\s*licen[cs]e\s*:", card.lines[n - 1])]
        texts = front if isinstance(front, list) else [front]
        yield " OR ".join(map(str, texts)), (lines or [first])[0]
    for label, value in labelled(card):
        if _LICENCE.fullmatch(label) and value:
            yield value.plain.strip().rstrip("."), value.at(0)[0]


def is_licence(text: str, front: object = None) -> bool:
    """Whether a text is an SPDX licence expression, or a hub's `other` with the name and link that go with it."""
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if text == "other" and isinstance(front, dict):
        return bool(front.get("license_name")) and bool(front.get("license_link"))
    try:
        canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return False
    return True


def judge_links(card: Card, folder: Path | None, language: str) -> Iterator[Check]:
    """Yield whether the files exist that the card links to by a relative path."""
    if folder is None:
        return
    relative = [link for link in card.links() if link.target and not _ELSEWHERE.match(link.target)]
    dead = [link for link in relative if not _exists(folder, link.target)]
    if not relative:
        return
    some = "; ".join(f"{place(card, link.span.line)} {link.target}" for link in dead[:_SHOWN])
    some += f"; {len(dead) - _SHOWN} ..." if len(dead) > _SHOWN else ""
    yield Check(
        code=LINKS,
        subject="links",
        outcome=Outcome.FAIL if dead else Outcome.PASS,
        severity=Severity.WARN,
        message=say(
            language,
            f"no such file: {some}" if dead else f"{len(relative)} relative links lead somewhere",
            f"no existe: {some}" if dead else f"{len(relative)} enlaces relativos llevan a algún sitio",
        ),
        fix=say(language, "correct the path, or add the file", "corrija la ruta, o añada el archivo") if dead else "",
        details={"line": dead[0].span.line} if dead else {},
    )


def _exists(folder: Path, target: str) -> bool:
    path = unquote(re.split(r"[#?]", target)[0])
    try:
        return (folder / path).exists()
    except (OSError, ValueError):  # a name that no file can have
        return False
