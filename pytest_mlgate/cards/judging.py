"""Each section of a card in one of three states, with the place and the reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pytest_mlgate.cards.blanks import deferred_to
from pytest_mlgate.cards.form import Card, Section, Span
from pytest_mlgate.cards.rules import details, evaluation_data, further, governance, results, risks, training_data, use
from pytest_mlgate.cards.rules.evidence import Look, Rule, specific
from pytest_mlgate.cards.units import Unit, units_of
from pytest_mlgate.cards.words import fold

State = Literal["present", "placeholder", "absent", "not_applicable"]

RULES: Mapping[str, Rule] = {
    "model_details": details.details,
    "intended_use": use.intended_use,
    "out_of_scope_use": use.out_of_scope,
    "training_data": training_data.training_data,
    "evaluation_data": evaluation_data.evaluation_data,
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
    "cybersecurity": further.substance,
    "metric_choice": further.metric_choice,
}
"""The rule of each section."""

_SKIPPABLE = frozenset(("ethical_considerations", "subgroup_metric"))
_GOVERNANCE = ("owner", "lineage", "monitoring", "rollback", "retraining", "retirement", "retired")
_ANYWHERE = frozenset(("out_of_scope_use", "subgroup_metric"))  # statements that need no section of their own
_ENOUGH_TO_DOUBT = 12
ANNEX = "annex_iv_"
"""What the points of Annex IV are called after."""


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
        Why it is not present: ``no_slot``, ``empty``, ``blank``, ``none``, ``incomplete``, ``deferred``; of one that is
        present, ``linked`` where files say it, whose names are the ``text``.
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


_SAYS_IT_IS_ONE = re.compile(
    r"model ?card|card for |ficha (?:de|del|tecnica del?) modelo|tarjeta del? modelo|cartao d[oe] modelo|model facts"
    r"|model documentation|documentacion del modelo|documentacao do modelo|ficha de transparencia algoritmica"
)
_CARD_KEYS = frozenset(("model-index", "model_name", "pipeline_tag", "library_name", "base_model"))
_SHORT = 600  # words
_TELLING = tuple(name for name in list(RULES)[:9] if name != "model_details")


def is_card(reading: Reading) -> bool:
    """Whether a file is a model card at all.

    It says so in its title or its front matter, or is in a format of cards; or what a card is about makes up at least
    a third of its headings; or it is short and says enough of a model.
    """
    card = reading.card
    if card.format != "markdown":
        return True
    if any(note.kind in ("binary", "bad_json", "unknown_json") for note in card.notes):
        return False
    opening = [card.title, *(section.heading.plain for section in card.sections[1:3]), *card.lines[:3]]
    if any(_SAYS_IT_IS_ONE.search(fold(text)) for text in opening) or _CARD_KEYS & set(card.front_matter):
        return True
    headed = [section for section in card.sections if section.kind in ("heading", "bold") and section.level > 1]
    labels = {name for one in card.sections if one.kind == "label" for name in one.ids if name in _TELLING}
    slots = {name for one in card.sections if one.kind != "label" for name in one.ids if name in _TELLING}
    slots |= labels if len(labels) >= 3 else set()
    telling = sum(bool(set(section.ids) & set(_TELLING)) for section in headed)
    if len(slots) >= 2 and 3 * telling >= len(headed):
        return True
    if len(headed) > 3 or sum(len(unit.folded.split()) for unit in reading.units) > _SHORT:
        return False
    evident = {name for name in _TELLING if reading.finding(name).state == "present"}
    is_model = "type" in reading.finding("model_details").found
    return len(slots | evident) + is_model >= (2 if slots else 3)


def leftovers(units: Iterable[Unit]) -> Iterator[Leftover]:
    """Yield the blanks in units, each place once; what the author says there is nothing of has none."""
    seen = set()
    for unit in units:
        if unit.state in ("none", "noise"):
            continue
        for blank in unit.blanks:
            span = unit.text.span(blank.start, blank.end)
            if (span.line, span.column) not in seen:
                seen.add((span.line, span.column))
                shown = unit.text.plain[blank.start : blank.end].strip() or unit.label_text
                yield Leftover(span=span, text=_shown(shown), kind=blank.kind)


class Reading:
    """A card with its units, ready to be asked about sections."""

    def __init__(self, card: Card, exists: frozenset[str] | None = None) -> None:
        self.card = card
        self.units = units_of(card, exists)
        self._ids = [card.ids_of(section) for section in card.sections]
        self._inner: dict[int | None, list[Section]] = {}
        for section in card.sections:
            if section.kind in ("heading", "bold"):
                self._inner.setdefault(section.parent, []).append(section)
        self._found: dict[str, Finding] = {}
        self._exists = exists

    def together(self, name: str, needs: Sequence[str]) -> tuple[Finding, tuple[str, ...]]:
        """Return the finding of something that several sections say together, and those of them that are open."""
        findings = {need: self.finding(need) for need in needs}
        if name.startswith(ANNEX):  # its points may stand in files of their own
            findings = {need: self._in_file(one) for need, one in findings.items()}
        if len(findings) == 1:
            (only,) = findings.values()
            return replace(only, name=name), () if only.state in ("present", "not_applicable") else (only.name,)
        open_ones = {need: one for need, one in findings.items() if one.state not in ("present", "not_applicable")}
        if not open_ones:
            first = min(findings.values(), key=lambda one: one.span.line)
            files = [one for one in findings.values() if one.reason == "linked"]
            if files:
                first = replace(first, reason="linked", text=", ".join(dict.fromkeys(one.text for one in files)))
            left = tuple(leftover for one in findings.values() for leftover in one.leftovers)
            return replace(first, name=name, state="present", leftovers=left), ()
        worst = next((one for one in open_ones.values() if one.state == "placeholder"), next(iter(open_ones.values())))
        contested = all(one.contested for one in open_ones.values())
        return replace(worst, name=name, contested=contested), tuple(open_ones)

    def _in_file(self, finding: Finding) -> Finding:
        """Return a section that only points to files which are there as said in them; any other as it is."""
        if finding.reason != "deferred" or self._exists is None:
            return finding
        mine = [unit for unit in self.units if finding.name in self._ids[unit.section] and unit.state == "content"]
        targets = [target.split("#")[0] for unit in mine for target in deferred_to(unit.text, unit.folded)]
        if not targets or not set(targets) <= self._exists:
            return finding
        return replace(finding, state="present", reason="linked", text=", ".join(dict.fromkeys(targets)))

    def governance(self) -> dict[str, int]:
        """Return what the card says of its owner, of monitoring and the like, by item, with the line of each."""
        said = {name: self.finding(name) for name in _GOVERNANCE}
        found = {name: one.span.line for name, one in said.items() if one.state == "present"}
        contact = said["owner"].found.get("contact")
        return found if contact is None else {**found, "contact": contact}

    def finding(self, name: str) -> Finding:
        """Return what is to be said of one section."""
        if name not in self._found:
            self._found[name] = self._look(name)
        return self._found[name]

    def _look(self, name: str) -> Finding:
        source = {"retired": "retirement"}.get(name, name)
        mine = [unit for unit in self.units if source in self._ids[unit.section]]
        own = [unit for unit in mine if unit.state == "content"]
        rest = [unit for unit in self.units if source not in self._ids[unit.section] and unit.state == "content"]
        slots = [
            one for place, one in enumerate(self.card.sections) if source in one.ids and not self._holds(place, source)
        ]
        look = Look(card=self.card, own=own, elsewhere=rest)
        found = RULES[name](look)
        left = tuple(leftovers(mine))
        if found.complete:
            line = min(found.found.values(), default=1)
            return Finding(name=name, state="present", span=self._line(line), found=found.found, leftovers=left)
        if not slots and name == "model_details":
            slots = [self.card.sections[unit.section] for unit in self.units if details.is_detail(unit)][:1]
            mine = [unit for unit in self.units if details.is_detail(unit)]
            own = [unit for unit in mine if unit.state == "content"]
        if not slots or (own and name in _ANYWHERE):
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

    def _holds(self, place: int, name: str) -> bool:
        """Whether a section says nothing itself, and holds others that are about something of their own."""
        inner = self._inner.get(place, [])
        return not self.card.sections[place].blocks and any(one.ids and name not in one.ids for one in inner)

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
            leftovers=tuple(leftovers(mine)),
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

    def _line(self, line: int) -> Span:
        text = self.card.lines[line - 1] if 0 < line <= len(self.card.lines) else ""
        start = len(text) - len(text.lstrip()) + 1
        return Span(line=line, column=start, end_line=line, end_column=max(start, len(text.rstrip()) + 1))


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
