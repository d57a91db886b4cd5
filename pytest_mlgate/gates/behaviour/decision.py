"""From what was found to checks: rows that break a relation are counted, shown, and made as small as they go."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Interval, Outcome
from pytest_mlgate.gates.behaviour.smallest import as_test, smallest_witness
from pytest_mlgate.stats.proportions import wilson_interval

if TYPE_CHECKING:
    from pytest_mlgate.gates.behaviour.relations import Relation, Violations, Witness
    from pytest_mlgate.gates.behaviour.rows import Asked

LEVEL = 0.9
HIDDEN = "(sensitive)"
_FIRST = 5
_LONGEST = 400

_FIXES = {
    "MLG330": "leave the column out of the features, with what is made of it, and train again; where a small move is "
    "acceptable, set `tolerance`",
    "MLG331": "train with a monotonic constraint on the column (`monotonic_cst` in scikit-learn), look for the rows "
    "that taught it otherwise, or set `tolerance` or `max_share`",
    "MLG332": "clip the answer in the model itself, or predict a transformed target; a wider bound is a decision",
    "MLG334": "compute nothing from the rows of a request (means, ranks, normalisation): fit it in training "
    "and keep it",
    "MLG335": "give the service the same precision as the training, round features to what they are known to, or set "
    "`float32_tolerance` or `max_flips` by what a decision can bear",
}


def judge(relation: Relation, asked: Asked, *, seconds: float) -> Check:
    """Ask about one relation and return its check.

    Raises
    ------
    InputError
        The model gave no answer.
    """
    found = relation.find(relation.rows, relation.counted)
    hits, n = _counts(relation, found)
    outcome, interval = _outcome(relation, found, hits, n)
    broken = int(found.broken.sum())
    details: dict[str, Any] = {
        "answer": asked.answers.kind,
        "seed": asked.seed,
        "rows": len(relation.rows),
        "asked": found.asked,
        "broken": broken,
        **found.details,
    }
    message = _kept(relation, found, n) if not broken else _broken(relation, found, hits, n, asked)
    if interval is not None:
        span = f"{_percent(interval.low)} to {_percent(interval.high)}, 90 %, {interval.method}"
        message += f"; share {span}, at most {_percent(relation.max_share)} may"
    if outcome is Outcome.INCONCLUSIVE and not found.unfinished:
        message += f": too few rows for a share of {_percent(relation.max_share)}"
    if broken:
        details |= _evidence(relation, found, asked, seconds=seconds)
        message += f"; {_in_words(details['smallest'])}"
    return Check(
        code=relation.code,
        subject=relation.subject,
        outcome=outcome,
        message=message,
        fix=_fix(relation, outcome, found),
        observed=hits / n if n else None,
        limit=relation.max_share,
        interval=interval,
        n=n,
        details=details,
    )


def _counts(relation: Relation, found: Violations) -> tuple[int, int]:
    """Rows that break it and all rows: of a share only those that were drawn at random, else every row asked."""
    if relation.max_share:
        return int((found.broken & found.counted).sum()), int(found.counted.sum())
    return int(found.broken.sum()), len(found.broken)


def _outcome(relation: Relation, found: Violations, hits: int, n: int) -> tuple[Outcome, Interval | None]:
    if not relation.max_share:
        if found.broken.any():
            return Outcome.FAIL, None
        return (Outcome.INCONCLUSIVE if found.unfinished else Outcome.PASS), None
    if not n:
        return Outcome.INCONCLUSIVE, None
    share = wilson_interval(hits, n, level=LEVEL)
    interval = Interval(low=share.low, high=share.high, level=share.level, method=share.method)
    if share.low > relation.max_share:
        return Outcome.FAIL, interval
    settled = share.high <= relation.max_share and not found.unfinished
    return (Outcome.PASS if settled else Outcome.INCONCLUSIVE), interval


def _kept(relation: Relation, found: Violations, n: int) -> str:
    text = f"{relation.rule}: holds on {_grouped(n)} rows, {_grouped(found.asked)} answers"
    return f"{text}; but {found.unfinished}" if found.unfinished else text


def _broken(relation: Relation, found: Violations, hits: int, n: int, asked: Asked) -> str:
    text = f"{_grouped(hits)} of {_grouped(n)} rows {relation.breaks}"
    if relation.max_share and not hits:
        text = (
            f"{_grouped(int(found.broken.sum()))} rows picked on purpose {relation.breaks}, none of {_grouped(n)} drawn"
        )
    if asked.answers.kind != "label":
        text += f", the worst by {found.size[found.broken].max():.4g}"
    if "steps" in found.details:
        total = int(found.broken.sum())
        text += f"; {found.details['steps']} of {total} in one step, as across a tree's threshold"
    return text


def _fix(relation: Relation, outcome: Outcome, found: Violations) -> str:
    if outcome is Outcome.PASS:
        return ""
    if found.unfinished:
        return "give more time with `seconds`, or ask fewer rows with `alone`"
    if outcome is Outcome.INCONCLUSIVE:
        needed = _needed(relation.max_share)
        return f"give more rows, with `sample` or a larger table: {needed} without one that breaks it are enough"
    return _FIXES[relation.code]


def _needed(share: float) -> str:
    """Rows without a hit whose upper Wilson limit is the share: z² (1/share - 1)."""
    from math import ceil

    from pytest_mlgate.stats.estimate import normal_quantile

    return _grouped(ceil(normal_quantile(LEVEL) ** 2 * (1 / share - 1)))


def _evidence(relation: Relation, found: Violations, asked: Asked, *, seconds: float) -> dict[str, Any]:
    """Return the first rows that break it, the smallest one, and a test of it where no value is sensitive."""
    import numpy as np

    first = [
        {"row": _place(found, place), **_shown(found.witness(int(place)), asked, whole=False)}
        for place in np.flatnonzero(found.broken)[:_FIRST]
    ]
    witness, telling = smallest_witness(relation, found, seconds=seconds)
    smallest = {**_shown(witness, asked, whole=True), "telling": telling}
    evidence = {"largest": float(found.size[found.broken].max()), "first": first, "smallest": smallest}
    if telling is not None and not asked.sensitive & set(map(str, witness.rows.columns)):
        evidence["regression_test"] = as_test(relation, witness, asked.answers.model)
    return evidence


def _place(found: Violations, row: int) -> int | None:
    """Where a row stands in the table; None for an assembled one."""
    place = int(found.places[row])
    return None if place < 0 else place


def _shown(witness: Witness, asked: Asked, *, whole: bool) -> dict[str, Any]:
    def cell(name: str, value: Any) -> Any:
        return HIDDEN if name in asked.sensitive else _plain(value)

    rows = witness.rows
    shown: dict[str, Any] = {}
    if whole:
        values = [{str(name): cell(str(name), rows[name].iloc[at]) for name in rows.columns} for at in range(len(rows))]
        shown["rows"] = values[:1] if witness.changed else values[:_FIRST]
    if witness.changed:
        shown["changed"] = {name: [cell(name, value) for value in rows[name]] for name in witness.changed}
    said = [HIDDEN if asked.hide_answers else _single(answer) for answer in witness.said]
    shown["answers"] = dict(zip(witness.ways, said, strict=True)) if witness.ways else said[0]
    return shown


def _plain(value: Any) -> Any:
    """A cell as JSON has it: missing is null, times are text."""
    import pandas as pd

    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    value = value.item() if hasattr(value, "item") else value
    return value if isinstance(value, bool | int | float | str) else str(value)


def _single(answer: Any) -> Any:
    values = list(answer) if isinstance(answer, list) else [answer]
    return values[0] if len(values) == 1 else values


def _in_words(smallest: dict[str, Any]) -> str:
    rows, telling, changed = smallest["rows"], smallest["telling"], smallest.get("changed", {})
    if telling is None:
        start = f"the worst row: {_cut(json.dumps(rows[0], ensure_ascii=False))}"
    elif len(rows) == 1:
        cells = [f"{name} {_value(rows[0][name])}" for name in telling if name not in changed]
        start = f"smallest example: a typical row{' with ' if cells else ''}{_cut(', '.join(cells))}"
    else:
        others = f", typical but for {_cut(', '.join(telling))}" if telling else ", typical ones"
        start = f"smallest example: {len(rows)} rows{others}"
    steps = [f"{name} {_value(low)} -> {_value(high)}" for name, (low, high) in changed.items()]
    answers = smallest["answers"]
    said = ", ".join(f"{way} {_value(value)}" for way, value in answers.items()) if isinstance(answers, dict) else ""
    return "; ".join([start, *([", ".join(steps)] if steps else []), f"answer {said or _value(answers)}"])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."


def _value(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def _percent(share: float | None) -> str:
    return "open" if share is None else f"{100 * share:.3g} %"


def _grouped(count: int) -> str:
    return f"{count:,}".replace(",", " ")
