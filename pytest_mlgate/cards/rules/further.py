"""Sections that only some presets ask for: it is enough that something of substance stands there."""

from __future__ import annotations

import re

from pytest_mlgate.cards.metric_names import mentions
from pytest_mlgate.cards.rules.evidence import Evidence, Look, evidence, first, said, specific
from pytest_mlgate.cards.words import GROUP_HEADS, GROUP_VALUES

_ENERGY = re.compile(
    r"\b(?:kwh|co2\w*|carbon|gpu|cpu|hours?|energy|emissions?|energia|horas|emisiones|emissoes|carbono)\b"
)


def substance(look: Look) -> Evidence:
    """Ask for a statement of some words that would not stand in any card."""
    line = first(look.own, lambda unit: unit.kind != "code" and len(specific(unit.folded)) >= 3)
    if line is None and sum(len(specific(unit.folded)) for unit in look.own) >= 3:
        line = look.own[0].line
    return evidence({"statement": line})


def named(look: Look) -> Evidence:
    """Ask for a value: a licence, a citation, a contact."""
    line = first(look.own, lambda unit: bool(unit.text) or unit.kind == "code")
    if line is None and isinstance(look.card.front_matter.get("license"), str) and not look.own:
        line = 1
    return evidence({"statement": line})


def how_to_use(look: Look) -> Evidence:
    """Ask for code, or for steps in words."""
    code = first(look.own, lambda unit: unit.kind == "code" and len(unit.text.plain.split()) >= 3)
    return evidence({"statement": code}) if code is not None else substance(look)


_CHOICE = re.compile(
    r"\b(?:because|since|chosen|choose|chose|appropriate|suits?|rather than|instead of|matters?|costs?|reflects?"
    r"|prefer\w*|why|porque|ya que|elegid[oa]s?|elegimos|adecuad[oa]s?|en lugar de|cuesta|refleja|pois|escolhid[oa]s?"
    r"|escolhemos|em vez de|custa)\b"
)


def metric_choice(look: Look) -> Evidence:
    """Ask for a sentence that says why these metrics are the right ones for this use."""
    for unit in [*look.own, *look.elsewhere]:
        if unit.kind == "code":
            continue
        for sentence in said(unit):
            if _CHOICE.search(sentence) and next(mentions(sentence), None) and len(specific(sentence)) >= 3:
                return evidence({"reason": unit.line})
    return evidence({"reason": None})


def environment(look: Look) -> Evidence:
    """Ask for hardware, energy or emissions, with a number or in a statement."""
    return evidence(
        {"statement": first(look.own, lambda unit: bool(_ENERGY.search(unit.folded)) and len(unit.folded.split()) >= 3)}
    )


def factors(look: Look) -> Evidence:
    """Ask for the groups, instruments or environments that the model's quality may depend on."""
    line = first(
        look.own,
        lambda unit: (
            bool(GROUP_HEADS.search(unit.folded) or GROUP_VALUES.search(unit.folded))
            and len(specific(unit.folded)) >= 1
        ),
    )
    return evidence({"statement": line}) if line is not None else substance(look)
