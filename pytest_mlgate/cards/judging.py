"""Each section of a card in one of three states, with the place and the reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pytest_mlgate.cards.blanks import deferred_to
from pytest_mlgate.cards.form import Card, Span
from pytest_mlgate.cards.rules import data, details, further, governance, results, risks, use
from pytest_mlgate.cards.rules.evidence import Look, Rule, specific
from pytest_mlgate.cards.units import Unit, units_of

State = Literal["present", "placeholder", "absent", "not_applicable"]

RULES: Mapping[str, Rule] = {
    "model_details": details.details,
    "intended_use": use.intended_use,
    "out_of_scope_use": use.out_of_scope,
    "training_data": data.training_data,
    "evaluation_data": data.evaluation_data,
    "metrics": results.metrics,
    "subgroup_metric": results.subgroups,
    "limitations": risks.limitations,
    "ethical_considerations": risks.ethics,
    "factors": further.factors,
    "training_procedure": further.substance,
    "how_to_use": further.how_to_use,
    "environmental_impact": further.environment,
    "technical_specifications": further.substance,
    "citation": further.named,
    "license": further.named,
    "owner": governance.owner,
    "lineage": governance.lineage,
    "monitoring": governance.monitoring,
    "rollback": governance.rollback,
    "retraining": governance.retraining,
    "retirement": governance.retirement,
    "retired": governance.retired,
    "human_oversight": further.substance,
    "risk_management": further.substance,
    "changes": further.substance,
    "standards": further.named,
    "conformity": further.named,
}
"""The rule of each section."""

_SKIPPABLE = frozenset(("ethical_considerations", "subgroup_metric"))
_ENOUGH_TO_DOUBT = 12


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """A blank in a section that is otherwise filled."""

    span: Span
    text: str
    kind: str


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is to be said of one section.

    Attributes
    ----------
    name : str
        Its canonical id.
    state : str
        ``present``; ``placeholder``, a slot without evidence; ``absent``; ``not_applicable``, with the author's reason.
    reason : str
        Why it is not present: ``no_slot``, ``empty``, ``blank``, ``none``, ``incomplete``, ``deferred``.
    contested : bool
        Whether something stands there that a person might take for enough.
    span : Span
        The evidence, the blank, or the heading.
    missing, found : tuple of str, dict of str to int
        Parts that the rule did not find, and the lines of those that it did.
    text : str
        The blank, or the author's words.
    leftovers : tuple of Leftover
    """

    name: str
    state: State
    reason: str = ""
    contested: bool = False
    span: Span
    missing: tuple[str, ...] = ()
    found: Mapping[str, int] = field(default_factory=dict)
    text: str = ""
    leftovers: tuple[Leftover, ...] = ()


class Reading:
    """A card with its units, ready to be asked about sections."""

    def __init__(self, card: Card, exists: frozenset[str] | None = None) -> None:
        self.card = card
        self.units = units_of(card, exists)
        self._ids = [card.ids_of(section) for section in card.sections]

    def finding(self, name: str) -> Finding:
        """Return what is to be said of one section."""
        source = {"retired": "retirement"}.get(name, name)
        mine = [unit for unit in self.units if source in self._ids[unit.section]]
        own = [unit for unit in mine if unit.state == "content"]
        rest = [unit for unit in self.units if source not in self._ids[unit.section] and unit.state == "content"]
        slots = [section for section in self.card.sections if source in section.ids]
        look = Look(card=self.card, own=own, elsewhere=rest)
        found = RULES[name](look)
        leftovers = tuple(self._leftovers(mine))
        if found.complete:
            line = min(found.found.values(), default=1)
            return Finding(name=name, state="present", span=self._line(line), found=found.found, leftovers=leftovers)
        if not slots:
            return Finding(
                name=name,
                state="absent",
                reason="no_slot",
                span=self._line(1),
                missing=found.missing,
                found=found.found,
            )
        heading = slots[0]
        place = heading.heading.span() if heading.heading else self._line(heading.line)
        return self._slot(name, mine, own, place, found.missing, found.found)

    def _slot(
        self,
        name: str,
        mine: list[Unit],
        own: list[Unit],
        heading: Span,
        missing: tuple[str, ...],
        parts: Mapping[str, int],
    ) -> Finding:
        """Return the finding of a section that is there and lacks evidence."""
        nothing = next((unit for unit in mine if unit.nothing is not None), None)
        if nothing is not None and nothing.nothing is not None and not own:
            said = nothing.nothing
            excused = name in _SKIPPABLE and bool(said.reason)
            return Finding(
                name=name,
                state="not_applicable" if excused else "placeholder",
                reason="none",
                span=nothing.text.span(),
                text=said.reason if excused else said.words,
                missing=missing,
            )
        blank = next((unit for unit in mine if unit.state == "blank" and unit.blanks), None)
        if not own:
            if blank is None:
                return Finding(name=name, state="placeholder", reason="empty", span=heading, missing=missing)
            first = blank.blanks[0]
            return Finding(
                name=name,
                state="placeholder",
                reason="blank",
                span=blank.text.span(first.start, first.end),
                text=_shown(blank.text.plain[first.start : first.end] or blank.label_text),
                missing=missing,
            )
        deferred = [unit for unit in own if deferred_to(unit.text, unit.folded)]
        only_deferred = len(deferred) == len([unit for unit in own if unit.kind != "code"]) and bool(deferred)
        return Finding(
            name=name,
            state="placeholder",
            reason="deferred" if only_deferred else "incomplete",
            contested=only_deferred or self._doubtful(name, own),
            span=heading,
            missing=missing,
            found=parts,
            text=_shown(own[0].text.plain),
            leftovers=tuple(self._leftovers(mine)),
        )

    def _doubtful(self, name: str, own: list[Unit]) -> bool:
        """Whether so much stands there that a person might take it for enough."""
        if name in ("metrics", "subgroup_metric"):
            return any(any(sign.isdigit() for sign in unit.folded) for unit in own) or any(
                link.image for unit in own for link in unit.text.links
            )
        return sum(len(unit.folded.split()) for unit in own) >= _ENOUGH_TO_DOUBT and any(
            specific(u.folded) for u in own
        )

    def _leftovers(self, mine: Iterable[Unit]) -> Iterable[Leftover]:
        seen = set()
        for unit in mine:
            if unit.state in ("none", "noise"):
                continue
            for blank in unit.blanks:
                span = unit.text.span(blank.start, blank.end)
                if (span.line, span.column) not in seen:
                    seen.add((span.line, span.column))
                    shown = unit.text.plain[blank.start : blank.end].strip() or unit.label_text
                    yield Leftover(span=span, text=_shown(shown), kind=blank.kind)

    def _line(self, line: int) -> Span:
        text = self.card.lines[line - 1] if 0 < line <= len(self.card.lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        return Span(line=line, column=start, end_line=line, end_column=max(start, len(text.rstrip()) + 1))


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
