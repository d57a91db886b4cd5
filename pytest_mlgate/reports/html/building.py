"""Cards, lines, entries and gates of a page, from the checks of a verdict and what is kept beside them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_mlgate.checks import Check, Outcome, worst_first
from pytest_mlgate.codes import all_codes
from pytest_mlgate.reports.html.findings import findings, lines_of_card
from pytest_mlgate.reports.html.parts import MOST_TEXT, Part, Plot, Pointer, cell, cut, grouped, name_of
from pytest_mlgate.reports.html.plots import forests, forests_of, plots_of_check
from pytest_mlgate.reports.html.showing import Shown
from pytest_mlgate.reports.html.view import Card, Entry, Gate, Line
from pytest_mlgate.reports.table import nearness, state
from pytest_mlgate.verdict import Verdict

MOST_CARDS = 25
"""Of checks that block, and of an entry's other open ones: each with its evidence; more are lines."""
MOST_LINES = 2000
"""Of an entry."""
_MOST_MESSAGE = 1200
_PLOTS_AT_ONCE = 8
_LEAST_P = 1e-300

_QUESTIONS = {
    "baseline": "Is the candidate no worse than what it would replace?",
    "fairness": "Is it fair to the groups that were named?",
    "schema": "Do the data fit the schema, and are the tables apart that must be?",
    "parity": "Does the service compute what training computed?",
    "roundtrip": "Is the file that ships the model that was judged?",
    "behaviour": "Does the model behave as declared?",
    "drift": "Have the data moved away from the reference?",
    "card": "Does the model card say what a reader needs, and is it true?",
    "governance": "Who answers for the model, who watches it, and what is the way back?",
    "policy": "Was everything asked that the stage requires?",
    "run": "Did the run itself go well?",
    "test": "Were the tests that call a gate run?",
}
_ORDER = (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR, Outcome.SKIP)


class Builder:
    """Makes the parts of a page in the order in which they stand on it: what was shown above is pointed to below."""

    def __init__(self, verdict: Verdict, evidence: Mapping[str, Any]) -> None:
        self.evidence = evidence
        self.codes = all_codes()
        self.shown = Shown()
        self.entries: dict[str, dict[str, list[Check]]] = {}
        for check in verdict.checks:
            self.entries.setdefault(check.gate, {}).setdefault(check.entry, []).append(check)
        self.targets: dict[str, str] = {}
        self._told: set[str] = set()

    def card(self, check: Check) -> Card:
        """Return a check with its evidence."""
        place = self.targets[check.id] = self.shown.free_id(f"check-{check.id}")
        code = self.codes.get(check.code)
        why = code.why if code and code.code not in self._told else ""
        self._told.add(check.code)
        own = self._evidence(check)
        waiver = check.waiver
        return Card(
            id=place,
            check=name_of(check.id),
            line=self.line(check),
            title=code.title if code else "",
            why=why,
            fix=check.fix,
            waiver=f"waived until {waiver.expires} by {waiver.author}: {waiver.reason}" if waiver else "",
            numbers=tuple(_numbers(check)),
            parts=self.shown.place(check.gate, self._of_card(check, own), check),
        )

    def line(self, check: Check) -> Line:
        """Return a check as a line."""
        return Line(
            name=name_of(check.subject or check.entry or check.gate),
            code=check.code,
            outcome=check.outcome.value,
            state=state(check),
            blocks=check.blocks,
            message=cut(check.message, _MOST_MESSAGE),
            target=self.targets.get(check.id, ""),
        )

    def gates(self) -> Iterator[Gate]:
        """Yield the gates in the verdict's order."""
        for name, entries in self.entries.items():
            checks = [check for own in entries.values() for check in own]
            counts = Counter(check.outcome for check in checks)
            place = self.shown.free_id(f"gate-{name}")
            made = [self._entry(name, entry, own) for entry, own in entries.items()]
            yield Gate(
                id=place,
                name=name_of(name),
                question=_QUESTIONS.get(name, ""),
                counts=tuple((outcome.value, counts[outcome]) for outcome in _ORDER if counts[outcome]),
                blocking=sum(check.blocks for check in checks),
                entries=tuple(made),
            )

    def _entry(self, gate: str, entry: str, checks: Sequence[Check]) -> Entry:
        place = self.shown.free_id(f"entry-{gate}-{entry}")
        nearest = checks if gate == "baseline" else sorted(checks, key=lambda check: -nearness(check))
        by_nearness = worst_first(nearest)
        still_open = [
            check for check in by_nearness if check.outcome is not Outcome.PASS and check.id not in self.targets
        ]
        cards = [self.card(check) for check in still_open[:MOST_CARDS]]
        at_once, folded = self._parts(checks, by_nearness)
        lines = [self.line(check) for check in by_nearness[:MOST_LINES]]
        left_out = self.shown.left_out(gate)
        if len(checks) > MOST_LINES:
            rest = f"{grouped(len(checks) - MOST_LINES)} of {grouped(len(checks))} checks"
            left_out.append(f"{rest} are not listed, the worst ones are; the verdict has all")
        return Entry(
            id=place,
            name=name_of(entry),
            summary=_summary(checks),
            cards=tuple(cards),
            parts=at_once,
            folded=folded,
            lines=tuple(lines),
            left_out=tuple(left_out),
        )

    def _parts(self, checks: Sequence[Check], worst: Sequence[Check]) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
        """Return what of an entry is shown at once: plots, as far as there are few; and the rest."""
        gate, limits = checks[0].gate, _limits(checks)
        drawn = [*self.shown.place(gate, forests(checks), checks[0])]
        tables: list[Part] = []
        for check in worst:
            own = self._evidence(check)
            drawn += self.shown.place(gate, plots_of_check(check, own, limits), check)
            tables += self.shown.place(gate, findings(check, own), check)
        if gate == "card":
            tables += self.shown.place(gate, lines_of_card(checks, self.evidence), checks[0])
        plots = [part for part in drawn if isinstance(part, Plot)]
        pointers = [part for part in (*drawn, *tables) if isinstance(part, Pointer)]
        rest = [part for part in tables if not isinstance(part, Pointer)]
        return (*pointers, *plots[:_PLOTS_AT_ONCE]), (*plots[_PLOTS_AT_ONCE:], *rest)

    def _of_card(self, check: Check, own: Mapping[str, Any]) -> Iterator[Any]:
        entry = self.entries[check.gate][check.entry]
        if check.gate in ("baseline", "fairness"):
            yield from forests_of(check, entry)
        if check.gate != "baseline":
            yield from plots_of_check(check, own, _limits(entry))
        yield from findings(check, own)

    def _evidence(self, check: Check) -> Mapping[str, Any]:
        own = self.evidence.get(check.id)
        return own if isinstance(own, Mapping) else {}


def _limits(checks: Sequence[Check]) -> dict[str, float]:
    """Return the limit of the distance by column: what trends are drawn against."""
    judged = {check.subject: check.details.get("max") for check in checks if check.details.get("judge") == "distance"}
    return {name: float(limit) for name, limit in judged.items() if isinstance(limit, int | float) and limit > 0}


def _summary(checks: Sequence[Check]) -> str:
    counts = Counter(check.outcome for check in checks)
    return ", ".join(f"{grouped(counts[outcome])} {outcome.value}" for outcome in _ORDER if counts[outcome])


def _numbers(check: Check) -> Iterator[tuple[str, str]]:
    """Yield what was measured, what against, and how sure that is."""
    if check.observed is not None:
        yield "observed", cell(check.observed)
    if check.limit is not None:
        yield "limit", cell(check.limit)
    if check.interval is not None:
        low, high = ("open" if end is None else cell(end) for end in (check.interval.low, check.interval.high))
        yield "interval", f"{low} to {high} ({100 * check.interval.level:.3g} %, {cut(check.interval.method, 80)})"
    if check.n is not None:
        yield "rows", cell(check.n)
    if check.p is not None:
        yield "p", _small(check.p)
    if check.p_adjusted is not None:
        yield "p, adjusted", _small(check.p_adjusted)
    reason = check.details.get("reason")
    if isinstance(reason, str) and reason:
        yield "reason of the limit", cut(reason, MOST_TEXT)


def _small(p: float) -> str:
    return f"{p:.3g}" if p >= _LEAST_P else f"below {_LEAST_P:g}"
