"""What rows can tell, as aligned text: a table for each entry, and its conclusion in a line."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_mlgate.gates.baseline.power import Answer, EntryPower, RowsPower
from pytest_mlgate.gates.baseline.retraining import RetrainingNoise
from pytest_mlgate.gates.baseline.words import grouped, number
from pytest_mlgate.gates.drift.power import DriftPower
from pytest_mlgate.reports.text import one_line

_WHOLE = "(all)"
_NAMED = 5
_SMALL = 0.001


def entry_lines(entry: EntryPower) -> list[str]:
    """Return the table of one baseline entry, its notes and its conclusion."""
    whole = entry.parts[0]
    head = ":  ".join(part for part in (entry.name, f"{entry.metric}, margin {whole.margin:g}") if part)
    rows = [row for part in entry.parts for row in _part_rows(part)]
    answered = any(part.answers for part in entry.parts)
    positives = "positives" if any(row[2] for row in rows) else ""
    table = [("", "rows", positives, *(("by", "shows margin", "rows needed", "") if answered else ("",) * 4)), *rows]
    notes = [f"  note: {one_line(note)}" for note in entry.notes]
    return [one_line(head), *_aligned(table), *notes, f"  {one_line(conclusion(entry))}"]


def conclusion(entry: EntryPower) -> str:
    """Return in a sentence what the whole holdout can tell, and in another which slices can tell less."""
    sentences = [_verdict(entry, entry.parts[0])]
    slices = entry.parts[1:]
    if slices:
        small = [part for part in slices if part.rows.small]
        short = [part for part in slices if any(answer.enough is False for answer in part.answers)]
        if small:
            sentences.append(f"Too small to judge by themselves: {_names(small)}.")
        if short:
            sentences.append(f"With too few rows for margin {short[0].margin:g}: {_names(short)}.")
        elif entry.kind != "verdict" and all(answer.enough for part in slices for answer in part.answers):
            sentences.append("Every other slice has rows enough." if small else "Every slice has rows enough.")
    return " ".join(sentences)


def drift_lines(drift: DriftPower) -> list[str]:
    """Return what two tables can show of drift."""
    head = (
        f"{drift.name}:  {grouped(drift.reference)} reference rows, {grouped(drift.current)} current rows, "
        f"{drift.columns} columns, {drift.tests} tests at {drift.alpha:g} together"
    )
    what = "PSI" if drift.judge == "psi" else drift.judge
    table = [("", "compared", f"{what} sure to be noticed", "worst at")]
    table += [(one.kind, str(one.comparisons), _margin(one.distance), one.subject) for one in drift.detectable]
    lines = [one_line(head), *_aligned(table)]
    if drift.broken:
        lines.append("  " + one_line(f"note: cannot be compared at all: {_some(list(drift.broken))}"))
    return [*lines, f"  {one_line(drift_conclusion(drift))}"]


def drift_conclusion(drift: DriftPower) -> str:
    """Return in a sentence whether every limit lies above what can be noticed."""
    if not drift.detectable:
        return "No column can be compared."
    if not drift.blind:
        return "Every limit, of failing and of warning, lies above what these rows are sure to show."
    shown = [
        f"{one.subject} (limit {one.limit:g}, sure from {one.detectable:.3g}; "
        f"about {grouped(one.rows_needed)} rows a side)"
        for one in drift.blind
    ]
    return f"Too few rows for the limits of {_some(shown)}."


def noise_lines(noise: RetrainingNoise) -> list[str]:
    """Return what trainings of one recipe say of an entry's margin."""
    suggested, shown = _at_least(noise.suggested), _at_least(noise.detectable)
    listed = ", ".join(number(value) for value in noise.values.values())
    return [
        one_line(f"{noise.name}:  {noise.metric} of {len(noise.values)} trainings on {grouped(noise.rows)} rows"),
        f"  {listed}: standard deviation {noise.spread:.2g}",
        f"  suggested margin  {suggested}  two trainings stay within it with {_percent(noise.level)}",
        f"  shown by the rows {shown}  with {_percent(noise.power)}; by the trainings' own intervals",
        f"  {noise_conclusion(noise)}",
    ]


def noise_conclusion(noise: RetrainingNoise) -> str:
    """Return in a sentence whether the margin lies above the noise, and above what the rows can show."""
    if noise.spread == 0:
        return (
            "WARNING: all trainings have the same metric. Do they differ by their seed? Nothing is known of the noise."
        )
    if noise.margin < noise.suggested:
        cases = 1 / noise.chance
        text = (
            f"WARNING: margin {noise.margin:g} is inside the noise of retraining ({_at_least(noise.suggested)}): of "
            f"two trainings of this recipe the second would be worse by more than that in 1 of {cases:.2g} cases."
        )
    else:
        text = f"Margin {noise.margin:g} is above the noise of retraining ({_at_least(noise.suggested)})."
    if noise.margin < noise.detectable:
        text += f" These rows cannot show it: margin {_at_least(noise.detectable)} could be shown."
    return text


def _part_rows(part: RowsPower) -> list[tuple[str, ...]]:
    rows = part.rows
    positives = "" if rows.positives is None else grouped(rows.positives)
    first = (rows.subject or _WHOLE, grouped(rows.rows), positives)
    if rows.small:
        return [(*first, f"too small by itself: {rows.small}", "", "", "")]
    if not part.answers:
        return [(*first, "only a verdict can tell", "", "", "")]
    lead = [first, *[("", "", "")] * (len(part.answers) - 1)]
    return [(*start, *_cells(answer)) for start, answer in zip(lead, part.answers, strict=True)]


def _cells(answer: Answer) -> tuple[str, ...]:
    if answer.unit == "sd":
        return answer.basis, f"{answer.detectable:.3g} sd", "", ""
    needed = "no number" if answer.rows_needed is None else grouped(answer.rows_needed)
    return answer.basis, _margin(answer.detectable), needed, "enough" if answer.enough else "too few"


def _verdict(entry: EntryPower, whole: RowsPower) -> str:
    rows, margin = grouped(whole.rows.rows), f"margin {whole.margin:g}"
    if not whole.answers:
        return (
            f"{rows} rows: what they can tell of {entry.metric} is not known beforehand; run `mlgate check` once, and "
            "this command goes by its interval."
        )
    lead = f"{rows} rows: an equal candidate passes {margin} with at least {_percent(entry.power)}"
    first = whole.answers[0]
    if whole.margin == 0:
        return f"{rows} rows: margin 0 asks for an improvement, which an equal candidate shows by chance only."
    if first.largest_sd is not None:
        return f"{lead} where the loss or score of a row has a standard deviation of {first.largest_sd:.2g} at most."
    short = [answer for answer in whole.answers if not answer.enough]
    if not short:
        return f"{lead}: yes."
    worst = max(short, key=lambda answer: answer.detectable)
    needed = "more rows than anyone has" if worst.rows_needed is None else f"about {grouped(worst.rows_needed)} rows"
    when = "" if worst.measured else f" where {worst.basis}" if entry.kind == "share" else f" at {worst.basis}"
    yes = "not always" if len(short) < len(whole.answers) else "no"
    return f"{lead}: {yes};{when} it needs {needed}, and margin {_at_least(worst.detectable)} could be shown."


def _names(parts: Sequence[RowsPower]) -> str:
    return _some([part.rows.subject for part in parts])


def _some(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _aligned(table: Sequence[tuple[str, ...]]) -> list[str]:
    """Return rows of text in columns: numbers to the right, words to the left; a last word moves nothing."""
    shown = [tuple(one_line(cell) for cell in row) for row in table]
    columns = range(len(shown[0]))
    # what stands last in its row has no neighbour to make room for
    widths = [
        max((len(row[i]) for k, row in enumerate(shown) if not k or any(row[i + 1 :])), default=0) for i in columns
    ]
    widths[-1] = max(len(row[-1]) for row in shown)
    right = [all(_is_number(row[i]) for row in shown[1:]) for i in columns]
    return [
        "  "
        + "  ".join(
            f"{cell:>{width}}" if to_right else f"{cell:<{width}}"
            for cell, width, to_right in zip(row, widths, right, strict=True)
            if width or cell
        ).rstrip()
        for row in shown
    ]


def _margin(value: float) -> str:
    return f"{value:.4f}" if value >= _SMALL else f"{value:.2g}"


def _at_least(value: float) -> str:
    """Return two digits, rounded up: what is recommended must not fall short of what was found."""
    if not 0 < value < math.inf:
        return f"{value:g}"
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{math.ceil(value / step - 1e-9) * step:.2g}"


def _percent(share: float) -> str:
    return f"{100 * share:g} %"


def _is_number(cell: str) -> bool:
    return not cell.strip("0123456789.e- ")
