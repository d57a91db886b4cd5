"""The numbers of the front matter, which model hubs show, against those of the run and of the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pytest_mlgate.cards.measured import canonical
from pytest_mlgate.cards.metric_names import metric_of
from pytest_mlgate.cards.words import fold
from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.card.claims import is_own, matches, on_other_rows
from pytest_mlgate.gates.card.places import place
from pytest_mlgate.gates.card.wording import say

if TYPE_CHECKING:
    from pytest_mlgate.cards.form import Card
    from pytest_mlgate.cards.measured import Measured

AGREES = "MLG621"


def judge_front_matter(card: Card, measured: Measured | None, language: str) -> Iterator[Check]:
    """Yield for each metric of a ``model-index`` with one result whether run and text have the same value.

    Results on several datasets are mostly benchmarks; they are not judged.
    """
    seen: set[str] = set()
    for metric, value, line in _indexed(card):
        if metric in seen:
            continue
        seen.add(metric)
        known = [] if measured is None else [found.value for found in measured.of(metric)]
        digits = len(str(value).partition(".")[2])
        near = [abs(value - other) <= 0.5 * 10.0**-digits + 1e-9 for other in known]
        where = measured.source if known and measured is not None else ""
        shown = f"{known[0]:.{digits}f}" if known else ""
        if not known:
            numbers = [
                number
                for number in card.numbers
                if number.metric == metric and is_own(number) and not number.group and not on_other_rows(card, number)
            ]
            if not numbers:
                continue
            near = [matches(number, value) or abs(number.fraction - value) <= 0.5 * 10.0**-digits for number in numbers]
            where, shown = place(card, numbers[0].span.line), numbers[0].printed
        good = any(near)
        yield Check(
            code=AGREES,
            subject=f"model-index:{metric}",
            outcome=Outcome.PASS if good else Outcome.FAIL,
            severity=Severity.WARN,
            message=say(
                language,
                f"{place(card, line)}: {metric} {value} in the front matter, {shown} in {where}",
                f"{place(card, line)}: {metric} {value} en la cabecera, {shown} en {where}",
            ),
            fix=""
            if good
            else say(
                language,
                "let `mlgate card update` write both: put `# mlgate:model-index` and `# /mlgate:model-index` there",
                "deje que `mlgate card update` escriba ambos: ponga `# mlgate:model-index` y `# /mlgate:model-index`",
            ),
            observed=value,
            details={"line": line},
        )


def _indexed(card: Card) -> Iterator[tuple[str, float, int]]:
    index = card.front_matter.get("model-index")
    results = [result for entry in _list(index) for result in _list(_of(entry, "results"))]
    if len(results) != 1 or not card.front_matter_lines:
        return
    for metric in _list(_of(results[0], "metrics")):
        value, name = _of(metric, "value"), str(_of(metric, "type") or "")
        known = metric_of(fold(name.replace("_", " ")))
        if isinstance(value, bool) or not isinstance(value, int | float) or not name:
            continue
        yield (known.name if known is not None else canonical(name)[0]), float(value), _line(card, value)


def _line(card: Card, value: float) -> int:
    first, last = card.front_matter_lines or (1, 1)
    return next((n for n in range(first, last + 1) if card.lines[n - 1].rstrip().endswith(f" {value}")), first)


def _of(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
