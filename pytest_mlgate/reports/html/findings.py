"""What a check found, as tables: flips, confusion, broken rows, smallest rows, lines of the card, values by group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_mlgate.checks import Check
from pytest_mlgate.reports.html.parts import MOST_TEXT, Quotation, Table, cut, datum, grouped, percent, table

_WHOLE = "(all rows)"
_WAYS = {
    "whole": "all at once",
    "again": "a second time",
    "batches": "in batches",
    "shuffled": "shuffled",
    "columns": "columns in another order",
    "one_by_one": "one by one",
    "process": "in a second process",
}


def findings(check: Check, evidence: Mapping[str, Any]) -> Iterator[Table | Quotation]:
    """Yield what a check says beside its message, as tables and quotations.

    Parameters
    ----------
    check : Check
    evidence : Mapping
        Its own, from the verdict's side file; may be empty.
    """
    details = check.details
    if "flips" in evidence:
        yield _flips(evidence["flips"])
    if "confusion" in evidence:
        yield from _confusion(evidence["confusion"])
    if "broken_rows" in evidence and evidence["broken_rows"]["rows"]:
        yield _broken(evidence["broken_rows"])
    if isinstance(details.get("patterns"), Mapping):
        yield from _ways(check)
    if isinstance(details.get("rows"), list) and details["rows"] and isinstance(details["rows"][0], Mapping):
        yield _smallest(details["rows"], details.get("telling") or (), check.subject)
    if isinstance(details.get("smallest"), Mapping):
        yield from _changed(details["smallest"])
    if "lines" in evidence and check.outcome.value != "pass":
        yield lines(evidence["lines"])
    groups = evidence.get("groups", details.get("groups"))
    if isinstance(groups, Mapping) and groups:
        yield _groups(groups, check.subject)
    for key, caption in (("regression_test", "As a test to keep"), ("traceback", "The model's own frames")):
        if isinstance(details.get(key), str) and details[key].strip():
            yield Quotation(caption=caption, text=cut(details[key].strip("\n"), MOST_TEXT))


def lines(found: Sequence[Sequence[Any]]) -> Table:
    """Return lines of a card, each behind its number."""
    return Table(
        caption="The card says",
        columns=("line", "text"),
        rows=tuple((str(number), cut(str(text), MOST_TEXT)) for number, text in found),
    )


def lines_of_card(checks: Sequence[Check], evidence: Mapping[str, Any]) -> Iterator[Table]:
    """Yield the lines of a card that checks speak of, each once, with what was found of it."""
    text: dict[int, str] = {}
    found: dict[int, list[Check]] = {}
    for check in checks:
        for number, line in (evidence.get(check.id) or {}).get("lines") or ():
            text[int(number)] = str(line)
            found.setdefault(int(number), []).append(check)
    if text:
        rows = [[str(number), text[number], _found(found[number])] for number in sorted(text)]
        bad = {number for number, own in found.items() if any(check.outcome.value != "pass" for check in own)}
        marked = frozenset(at for at, number in enumerate(sorted(text)) if number in bad)
        yield table(
            "Lines of the card, and what was found of them", ["line", "the card says", "found"], rows, marked=marked
        )


def _found(checks: Sequence[Check]) -> str:
    """Return what was found of one line, by outcome."""
    named: dict[str, list[str]] = {}
    for check in checks:
        named.setdefault(check.outcome.value, []).append(check.subject or check.gate)
    return "; ".join(f"{outcome}: {', '.join(subjects)}" for outcome, subjects in named.items())


def _flips(found: Mapping[str, Any]) -> Table:
    heads = [str(name).replace("_", " ") for name in found["columns"]]
    rows = [[row[0] or _WHOLE, *row[1:]] for row in found["rows"]]
    return table("Flips: rows that the candidate fixed and broke", heads, rows)


def _confusion(found: Mapping[str, Any]) -> Iterator[Table]:
    names = [str(name) for name in found["labels"]]
    for model in ("candidate", "baseline"):
        counts = found[model]
        total = sum(map(sum, counts)) or 1
        right = sum(counts[at][at] for at in range(len(names)))
        rows = [[f"is {name}", *row] for name, row in zip(names, counts, strict=True)]
        caption = f"Confusion of the {model}: {percent(right / total)} of {grouped(total)} rows right"
        yield table(caption, ["", *(f"says {name}" for name in names)], rows)


def _broken(found: Mapping[str, Any]) -> Table:
    heads = [str(name).removeprefix("slice: ").removeprefix("column: ") for name in found["columns"]]
    order = ", the surest first" if found["order"] == "confidence" else ""
    shown = len(found["rows"])
    caption = f"Broken rows: right before, wrong now{order}"
    more = found["total"] - shown
    left_out = f"{grouped(more)} more are broken" if more > 0 else ""
    return table(caption, heads, [[str(row[0]), *row[1:]] for row in found["rows"]], left_out=left_out)


def _ways(check: Check) -> Iterator[Table]:
    patterns, asked = check.details["patterns"], check.details.get("asked") or {}
    rows = [
        [_WAYS.get(key, key), one["rows"], asked.get(key), one.get("largest")]
        for key, one in patterns.items()
        if isinstance(one, Mapping)
    ]
    yield table("In which ways of asking it differs", ["asked", "rows that differ", "of", "by up to"], rows)
    first = next(iter(patterns.values()))["first"]
    pairs = [[f"row {one['row']}", *map(datum, (one["train"], one["serve"]))] for one in first if "train" in one]
    if pairs:
        yield table(f"{check.subject} in the first rows that differ", ["", "training", "service"], pairs)


def _smallest(rows: Sequence[Mapping[str, Any]], telling: Sequence[str], subject: str) -> Table:
    names = list(rows[0])
    names.sort(key=lambda name: name not in telling)
    caption = "The smallest row that shows it" if len(rows) == 1 else f"The smallest {len(rows)} rows that show it"
    heads = ["column", "value"] if len(rows) == 1 else ["column", *(f"row {at}" for at in range(1, len(rows) + 1))]
    marked = frozenset(at for at, name in enumerate(names) if name in telling or name == subject)
    return table(caption, heads, [[name, *(datum(row.get(name)) for row in rows)] for name in names], marked=marked)


def _changed(found: Mapping[str, Any]) -> Iterator[Table]:
    changed, answers = found.get("changed") or {}, found.get("answers") or {}
    if isinstance(answers, Mapping) and answers:
        yield table("The model's answers", ["asked", "answer"], [[name, value] for name, value in answers.items()])
    rows = found.get("rows") or []
    if not rows:
        return
    names = sorted(rows[0], key=lambda name: name not in changed)
    marked = frozenset(at for at, name in enumerate(names) if name in changed)
    body = [[name, *_both(changed, rows[0], name)] for name in names]
    yield table("The smallest example", ["column", "as it is", "changed"], body, marked=marked)


def _both(changed: Mapping[str, Any], row: Mapping[str, Any], name: str) -> list[Any]:
    pair = changed.get(name)
    if isinstance(pair, list) and len(pair) == 2:
        return [datum(value) for value in pair]
    return [datum(row[name]), "the same"]


def _groups(groups: Mapping[str, Any], subject: str) -> Table:
    rows = [
        [name, one.get("value"), one.get("baseline"), one.get("n")]
        for name, one in groups.items()
        if isinstance(one, Mapping)
    ]
    heads = ["group", "candidate", "baseline", "rows"]
    if all(row[2] is None for row in rows):
        rows, heads = [[row[0], row[1], row[3]] for row in rows], [heads[0], heads[1], heads[3]]
    return table(f"{subject or 'Values'} by group", heads, rows)
