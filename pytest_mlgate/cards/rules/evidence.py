"""What a rule is given, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from pytest_mlgate.cards.form import Card
from pytest_mlgate.cards.prose_numbers import pieces, sentences
from pytest_mlgate.cards.units import Unit


@dataclass(frozen=True, kw_only=True)
class Look:
    """A card as one rule sees it.

    Attributes
    ----------
    card : Card
    own : list of Unit
        Content of the sections that the rule is about.
    elsewhere : list of Unit
        Content of all other sections; a statement counts wherever it stands, if it says itself what it is about.
    """

    card: Card
    own: list[Unit]
    elsewhere: list[Unit]

    def ids(self, unit: Unit) -> tuple[str, ...]:
        """What the section of a unit is about."""
        return self.card.ids_of(self.card.sections[unit.section])


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What a rule found.

    Attributes
    ----------
    found : dict of str to int
        Parts that are there, with the line of each.
    missing : tuple of str
        Parts that are not; empty where the evidence is complete.
    """

    found: dict[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether all that the rule asks for was found."""
        return not self.missing


Rule = Callable[[Look], Evidence]


def first(units: Iterable[Unit], test: Callable[[Unit], bool]) -> int | None:
    """Return the line of the first unit that passes a test."""
    return next((unit.line for unit in units if test(unit)), None)


def evidence(parts: dict[str, int | None]) -> Evidence:
    """Return evidence that asks for all parts."""
    return Evidence(
        found={name: line for name, line in parts.items() if line is not None},
        missing=tuple(name for name, line in parts.items() if line is None),
    )


def said(unit: Unit) -> Iterator[str]:
    """Yield the folded sentences of a unit; a labelled value with its label."""
    if unit.cells or unit.label:
        whole = f"{unit.label}: {unit.folded}" if unit.label and not unit.cells else unit.folded
        yield from (whole[start:end] for start, end in pieces(whole, 0, len(whole)))
        return
    for start, end in sentences(unit.text.plain):
        yield unit.folded[start:end]


_STOP = (
    "a an the this that these those it its is are was were be been being am has have had do does did will "
    "would can could may might shall should must "
    "not no nor and or but if of in on at to for from by with without as than then so such into over under "
    "about between through during per via we our "
    "us you your they their them he she his her which who whom whose what when where why how there here all "
    "any some each every other others more most "
    "much many few less least very also only just too own same both either neither i me my etc eg ie "
    "el la los las lo un una unos unas de del al a en y e o u que se su sus es son fue fueron ser sido esta "
    "este estas estos esto eso esa ese con sin por "
    "para como mas menos muy ya no ni si pero sobre entre desde hasta hay ha han haber puede pueden podria "
    "debe deben nos nuestro nuestra cada todo toda "
    "todos todas otro otra otros otras le les cual cuales donde cuando tambien solo "
    "o os as um uma uns umas do da dos das em no na nos nas ao aos pelo pela e ou que se seu sua e sao foi "
    "foram ser com sem por para como mais menos "
    "muito nao nem mas sobre entre desde ate ha pode podem deve devem nosso nossa cada tudo todo outros tambem apenas"
)
STOP = frozenset(_STOP.split())
_GENERIC = (
    "model models modelo modelos system sistema machine learning ml ai ia algorithm algoritmo data datos dados "
    "dataset use used uses using usage user users "
    "intended purpose purposes general various different several certain specific particular cases case uso "
    "usos usado usar utilizar usuario usuarios caso casos "
    "limitation limitations limitacion limitaciones limitacoes limited known potential possible perhaps always "
    "never perfect accurate accuracy result results "
    "resultado resultados performance perform performs rendimiento desempenho quality calidad vary varies "
    "depend depends depending error errors mistake mistakes "
    "wrong prediction predictions prediccion predicciones predicoes output outputs input inputs aware careful "
    "care caution cautious good well high great like "
    "make makes made take takes need needs provide provided given based things thing way ways better best new "
    "also careful however please note section "
    "information important importante posible posibles algunos algunas tener tiene tem pode ser errores erros "
    "cometer puede dependiendo depende cualquier "
    "exist exists existing contain contains present risks risk riesgo riesgos riscos bias biases biased sesgo "
    "sesgos vies vieses ethical ethics etica etico eticas "
    "eticos fairness fair responsible consideration considerations consideraciones consideracoes issue issues "
    "concern concerns guidelines principles follow "
    "follows following developed development creado desarrollado company team our standard standards best "
    "practices ensure ensures trained training"
)
GENERIC = frozenset(_GENERIC.split())
_WORD = re.compile(r"[^\W\d_][\w'-]*")


def words(folded: str) -> list[str]:
    """Return the words of a folded text that carry a meaning."""
    return [word for word in _WORD.findall(folded) if word not in STOP and len(word) > 1]


def specific(folded: str, also: frozenset[str] = frozenset()) -> list[str]:
    """Return the words that would not stand in any card."""
    return [word for word in words(folded) if word not in GENERIC and word not in also]
