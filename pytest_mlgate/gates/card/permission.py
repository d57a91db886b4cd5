"""Whether a card forbids the stage that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pytest_mlgate.cards.words import fold
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.places import place
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card

FORBIDS = "MLG625"
_ASKS = {"pre-production": Severity.WARN, "production": Severity.BLOCK, "monitoring": Severity.BLOCK}

_LIVE = (
    r"(?:production(?! (?:of|lines?|plants?|process\w*|volumes?|planning|costs?|batch\w*))|deployment|deployed|live"
    r" (?:use|systems?|traffic|decisions?)|produccion(?! (?:de|agricola|industrial))|despliegue"
    r"|producao(?! (?:de|agricola))|implantacao)"
)
_USE = (
    r"(?:intended|ready|suitable|approved|fit|recommended|released|meant|designed|certified|cleared|validated|for|use[ds]?|usad[oa]|utilizad[oa]"
    r"|using|deploy(?:ed)?|put|run|go|usar(?:se|lo)?|utilizar(?:se|lo)?|desplegar(?:se|lo)?|apt[oa]|list[oa]|pensad[oa]"
    r"|disenad[oa]|destinad[oa]|para|aprobad[oa]|recomienda|implantar|pront[oa]|adequad[oa])"
)
_NOT = r"(?:not|never|cannot|can't|don't|isn't|mustn't|shouldn't|no|nunca|nao|jamais)"
_FORBIDDEN = re.compile(
    rf"\b{_NOT}\b(?: \S+){{0,4}}? {_USE}\b(?: \S+){{0,5}}? {_LIVE}\b"
    rf"|\b{_NOT} (?:for |para |em |en )?{_LIVE}\b"
    rf"|\b{_NOT} (?:be )?(?:deploy(?:ed)?|desplegar(?:se)?|implantar)\b"
    rf"|\b{_LIVE}(?: use)?(?: \S+)? (?:is|are|esta|es|e) (?:\S+ )?(?:prohibited|forbidden"
    r"|not (?:allowed|permitted|supported)|out of scope|disallowed|prohibid[oa]|no permitid[oa]|proibid[oa])"
    r"|\b(?:for )?(?:research|experimental|demonstration|teaching|academic)(?: and \w+)?(?: (?:use|purposes?))? only\b"
    r"|\bonly (?:be used )?for (?:research|experiments?|demonstrations?|teaching)\b"
    r"|\b(?:solo|solamente|unicamente|exclusivamente|apenas|somente) (?:para|con fines de|para fins de|con fines) "
    r"(?:la |a |fines de )?(?:investigacion|experimentacion|demostracion|pesquisa|demonstracao)\b"
)
_LISTED = re.compile(rf"(?:any |all |cualquier |todo |qualquer )?(?:\S+ ){{0,2}}{_LIVE}\b")
_CONDITION = re.compile(
    r"\b(?:without|unless|until|except|before|if|alone|as the only|sole|yet to|only after|outside|sin|a menos|salvo"
    r"|hasta|excepto|si|antes de|fuera de|sem|a menos|salvo|ate|exceto|se|fora de)\b"
)


def judge_permission(card: Card, stage: str, language: str) -> Iterator[Check]:
    """Yield a fail where the card forbids what is asked for; before pre-production nothing is."""
    if stage not in _ASKS:
        return
    found = next(forbidding(card), None)
    if found is None:
        return
    line, sentence = found
    yield Check(
        code=FORBIDS,
        subject="permission",
        outcome=Outcome.FAIL,
        severity=_ASKS[stage],
        message=say(
            language,
            f"{place(card, line)}: the card forbids {stage}: {sentence!r}",
            f"{place(card, line)}: la tarjeta prohíbe {stage}: {sentence!r}",
        ),
        fix=say(
            language,
            "ask for an earlier stage, or let those who wrote the sentence take it back",
            "pida una etapa anterior, o que quienes escribieron la frase la retiren",
        ),
        details={"line": line, "stage": stage},
    )


def forbidding(card: Card) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of each sentence that keeps the model out of production, without a condition."""
    for section, block in card.blocks():
        if block.kind == "code":
            continue
        listed = "out_of_scope_use" in card.ids_of(section)
        for text in block.texts():
            for start, end in _sentences(text.plain):
                folded = " ".join(fold(text.plain[start:end]).split())
                if _CONDITION.search(folded):
                    continue
                if _FORBIDDEN.search(folded) or (listed and _LISTED.match(folded)):
                    yield text.at(start)[0], " ".join(text.plain[start:end].split())[:160]


def _sentences(plain: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in re.finditer(r"[.!?;](?=\s|$)|\n\s*\n", plain):
        if plain[start : match.end()].strip():
            yield start + len(plain[start:]) - len(plain[start:].lstrip()), match.end()
        start = match.end()
    if plain[start:].strip():
        yield start + len(plain[start:]) - len(plain[start:].lstrip()), len(plain)
