"""What the page shows already: ids that are free, what was drawn before, and how many plots a gate has had."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from itertools import count

from pytest_mlgate.checks import Check
from pytest_mlgate.reports.html.parts import Part, Plot, Pointer, Quotation, Table, name_of
from pytest_mlgate.reports.html.plots.sketch import Sketch, draw
from pytest_mlgate.tables.writing import digest_of

MOST_PLOTS = 60
"""Of one gate."""
Made = Table | Quotation | Sketch
_RESERVED = ("main", "blocks", "open", "gates", "waivers", "waived", "identity", "environment", "left-out")
_ODD = (KeyError, TypeError, ValueError, IndexError, AttributeError, StopIteration, ArithmeticError)


class Shown:
    """Places parts on the page, each once: where the same would stand again, a pointer leads to it."""

    def __init__(self) -> None:
        self._ids = set(_RESERVED)
        self._places: dict[str, Pointer] = {}
        self._plots: Counter[str] = Counter()
        self._undrawn: Counter[str] = Counter()
        self._odd: dict[str, list[str]] = {}

    def free_id(self, text: str) -> str:
        """Return an id that no other part of the page has; ids that are derived from it have an underscore."""
        stem = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60] or "part"
        found = next(name for at in count(1) if (name := stem if at == 1 else f"{stem}-{at}") not in self._ids)
        self._ids.add(found)
        return found

    def place(self, gate: str, made: Iterable[Made], of: Check) -> tuple[Part, ...]:
        """Return parts with ids; what cannot be read is told by :meth:`left_out`.

        Evidence is a file that anybody can write, third parties' gates among them: a form that is not known is no
        reason to have no page.
        """
        found: list[Part] = []
        try:
            for part in made:
                placed = self._placed(gate, part)
                if placed is not None:
                    found.append(placed)
        except _ODD:
            self._odd.setdefault(gate, []).append(of.id)
        return tuple(found)

    def left_out(self, gate: str) -> list[str]:
        """Say what of a gate is not on the page, and forget it."""
        said = []
        undrawn = self._undrawn.pop(gate, 0)
        if undrawn:
            drawn = self._plots[gate]
            said.append(
                f"{undrawn} plots are not drawn: {drawn} are, the worst first; the evidence file has the others"
            )
        odd = self._odd.pop(gate, [])
        if odd:
            named = ", ".join(odd[:3]) + (f" and {len(odd) - 3} more" if len(odd) > 3 else "")
            said.append(f"evidence in a form that this version does not know: {named}")
        return said

    def _placed(self, gate: str, part: Made) -> Part | None:
        key = part.key if isinstance(part, Sketch) else digest_of({"part": repr(part)})
        if key in self._places:
            return self._places[key]
        if isinstance(part, Sketch):
            if self._plots[gate] >= MOST_PLOTS:
                self._undrawn[gate] += 1
                return None
            placed: Plot | Table | Quotation = self._drawn(gate, part)
            title = part.title
        else:
            title, placed = part.caption, replace(part, id=self.free_id(f"{gate}-{part.caption}"))
        self._places[key] = Pointer(text=name_of(title), target=placed.id)
        return placed

    def _drawn(self, gate: str, sketch: Sketch) -> Plot:
        place = self.free_id(f"{gate}-{sketch.title}")
        drawing = draw(sketch, place)
        self._plots[gate] += 1
        return Plot(
            title=name_of(sketch.title),
            words=sketch.words,
            drawing=drawing,
            width=sketch.width,
            height=sketch.height,
            legend=sketch.legend,
            id=place,
        )
