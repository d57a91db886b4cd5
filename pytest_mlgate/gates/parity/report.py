"""Evidence as checks: one for each column that differs, and one for each thing that a side does wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.parity.codes import FIX, OF_ERROR
from pytest_mlgate.gates.parity.comparison import Difference
from pytest_mlgate.gates.parity.evidence import Evidence, Failure, Found
from pytest_mlgate.gates.parity.patterns import ONE_BY_ONE, PATTERNS, WHOLE, Pattern, words

if TYPE_CHECKING:
    import pandas as pd

    from pytest_mlgate.gates.parity.search import Found as Smallest
    from pytest_mlgate.gates.parity.search import Search

_CELLS = 16
_TEXT = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Differing:
    """One column that differs in one table, over all patterns.

    Attributes
    ----------
    name : str
    evidence : Evidence
    by : Mapping of str to Difference
        By the key of each pattern that shows it, in the order of :data:`PATTERNS`.
    """

    name: str
    evidence: Evidence
    by: Mapping[str, Difference] = field(default_factory=dict)

    @property
    def patterns(self) -> tuple[Pattern, ...]:
        """The patterns that show it, the one that explains it first."""
        return tuple(pattern for pattern in PATTERNS if pattern.key in self.by)


def differing(evidence: Iterable[Evidence]) -> list[Differing]:
    """Return the columns that differ, each in the first table that shows it at all.

    Not those of which it is known why: where the rows come back in another order, a column that is right one by one.
    """
    found: dict[str, Differing] = {}
    for table in evidence:
        by: dict[str, dict[str, Difference]] = {}
        alone = next((one for one in table.found if one.pattern.key == ONE_BY_ONE.key and one.complete), None)
        moves = alone is not None and any(one.moved for one in table.found)
        for one in table.found:
            for difference in one.differences:
                by.setdefault(difference.name, {})[one.pattern.key] = difference
        for name, differences in by.items():
            if moves and ONE_BY_ONE.key not in differences:
                continue
            found.setdefault(name, Differing(name=name, evidence=table, by=differences))
    return list(found.values())


def agreement(evidence: Sequence[Evidence], search: Search | None = None) -> Check:
    """Return the check of two sides that agree, on changed rows too where they were searched."""
    columns = list(dict.fromkeys(name for table in evidence for name in table.columns))
    ways = list(dict.fromkeys(one.pattern for table in evidence for one in table.found))
    many = f"{len(columns)} columns agree" if len(columns) > 1 else f"{columns[0]} agrees"
    tables = " and ".join(f"{len(table.rows)} rows of {table.table}" for table in evidence)
    short = [
        f"{one.pattern.name} {one.asked} of {len(table.rows)} rows of {table.table}, then the time was up"
        for table in evidence
        for one in table.found
        if not one.complete
    ]
    if search is not None and search.time_up:
        short.append(f"changed rows in {search.asked} questions, then the time was up")
    message = f"{many} on {tables}, asked {words(ways)}" + (f"; {'; '.join(short)}" if short else "")
    return Check(
        code="MLG301",
        outcome=Outcome.PASS,
        message=message,
        observed=0.0,
        limit=0.0,
        n=sum(len(table.rows) for table in evidence),
        details={
            "columns": columns,
            "asked": {table.table: _asked(table.found) for table in evidence},
            **_budget(evidence),
            **_effort(search),
        },
    )


def _budget(evidence: Sequence[Evidence]) -> dict[str, Any]:
    """Return what was allowed for asking each table in every way, and whether it sufficed.

    What was used of it stands in ``asked``: a time that was taken would make two verdicts of one run differ.
    """
    return {
        "seed": evidence[0].seed,
        "seconds": evidence[0].seconds,
        "time_up": any(not one.complete for table in evidence for one in table.found),
    }


def _effort(search: Search | None) -> dict[str, Any]:
    """Return what a search was allowed and what it asked; nothing where there was none."""
    if search is None:
        return {}
    names = ("asked", "rows", "examples", "seconds", "time_up", "seed")
    return {"search": {name: getattr(search, name) for name in names}}


def difference_check(
    found: Differing, search: Search | None, *, test: str | None = None, sensitive: Sequence[str]
) -> Check:
    """Return the check of one column that differs.

    Parameters
    ----------
    found : Differing
    search : Search or None
        The search for the smallest rows that show it.
    test : str or None
        What it found, as a regression test.
    sensitive : sequence of str
        Columns whose values are not shown; where there are any, rows are shown without them.
    """
    patterns = found.patterns
    first = patterns[0]
    worst = found.by[first.key]
    asked = next(one.asked for one in found.evidence.found if one.pattern.key == first.key)
    hidden = found.name in sensitive
    message = f"{len(worst.rows)} of {asked} rows of {found.evidence.table} differ, {_ways(found)}"
    if worst.lost or worst.made_up:
        message += f"; {_one_sided(worst)}"
    if worst.largest is not None and not hidden:
        message += f"; by up to {worst.largest:.4g}"
    message += f"; {_example(worst, hidden)}"
    details: dict[str, Any] = {
        "column": found.name,
        "table": found.evidence.table,
        "patterns": {key: _numbers(one, hidden) for key, one in found.by.items()},
        "asked": _asked(found.evidence.found),
        **_budget([found.evidence]),
        **_effort(search),
    }
    said, shown = _smallest(found, search, test, worst, sensitive)
    return Check(
        code=first.code,
        subject=found.name,
        outcome=Outcome.FAIL,
        message=f"{message}; {said}",
        fix=FIX[first.code],
        observed=worst.share,
        limit=0.0,
        n=asked,
        details={**details, **shown},
    )


def _ways(found: Differing) -> str:
    """Name the patterns that show a difference; the word `only` says that asking all at once does not."""
    shown, tried = found.patterns, [one.pattern for one in found.evidence.found if one.asked]
    if len(shown) == len(tried):
        return "however they are asked"
    return words(shown) if any(one.key == WHOLE.key for one in shown) else f"{words(shown)} only"


def _one_sided(difference: Difference) -> str:
    parts = []
    if difference.lost:
        parts.append(f"serve has no value in {difference.lost} where train has one")
    if difference.made_up:
        parts.append(f"serve has a value in {difference.made_up} where train has none")
    return ", ".join(parts)


def _example(difference: Difference, hidden: bool) -> str:
    row, expected, actual = difference.first[0]
    if hidden:
        return f"row {row} (values hidden: sensitive)"
    one, two = _short(expected), _short(actual)
    if one == two:  # they differ further behind
        one, two = _cut(repr(expected)), _cut(repr(actual))
    return f"row {row}: train {one}, serve {two}"


def _short(value: Any) -> str:
    if value is None:
        return "missing"
    return f"{value:.6g}" if isinstance(value, float) else _cut(repr(value))


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT else text[: _TEXT - 4] + " ..."


def _numbers(difference: Difference, hidden: bool) -> dict[str, Any]:
    numbers: dict[str, Any] = {
        "rows": len(difference.rows),
        "share": difference.share,
        "lost": difference.lost,
        "made_up": difference.made_up,
        "first": [{"row": row, "train": a, "serve": b} for row, a, b in difference.first],
    }
    if hidden:
        numbers["first"] = [{"row": row} for row, _, _ in difference.first]
        return numbers
    return {**numbers, "largest": difference.largest, "largest_relative": difference.relative}


def _smallest(
    found: Differing, search: Search | None, test: str | None, worst: Difference, sensitive: Sequence[str]
) -> tuple[str, dict[str, Any]]:
    """Return the words and the details of the smallest rows, or of the first real one that differs."""
    if search is None or search.found is None:
        row = worst.first[0][0]
        records = _records(found.evidence.rows.loc[[row]], sensitive)
        return f"that row: {_shown(records[0], ())}", {"rows": records}
    return _smallest_words(search.found, test, sensitive)


def _smallest_words(smallest: Smallest, test: str | None, sensitive: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """Return the words and the details of the smallest rows that show a difference."""
    records = _records(smallest.rows, sensitive)
    many = f"smallest: {len(records)} rows, the first" if len(records) > 1 else "smallest row:"
    telling = [name for name in smallest.telling if name not in sensitive]
    details = {
        "rows": records,
        "telling": list(telling),
        "source": smallest.source,
        "tried": smallest.tried,
    }
    if test is not None:
        details["regression_test"] = test
    return f"{many} {_shown(records[0], telling)}", details


def _records(rows: pd.DataFrame, sensitive: Sequence[str]) -> list[dict[str, Any]]:
    from pytest_mlgate.gates.parity.comparison import shown

    kept = rows[[name for name in rows.columns if name not in sensitive]]
    columns = {str(name): [shown(value) for value in kept[name].tolist()] for name in kept.columns}
    return [{name: values[place] for name, values in columns.items()} for place in range(len(rows))]


def _shown(record: Mapping[str, Any], first: Sequence[str]) -> str:
    """Return a row as JSON: what matters first, the rest as far as there is room."""
    names = [*first, *(name for name in record if name not in first)]
    text = json.dumps({name: record[name] for name in names[:_CELLS]}, default=str, ensure_ascii=False)
    return text if len(names) <= _CELLS else f"{text[:-1]}, ...}}"


def _asked(found: Sequence[Found]) -> dict[str, int]:
    return {one.pattern.key: one.asked for one in found}


def column_checks(evidence: Sequence[Evidence]) -> list[Check]:
    """Return one check for each column that only one side returned."""
    checks: dict[str, Check] = {}
    for table in evidence:
        for one in table.found:
            if one.others is None:
                continue
            for name in (*one.others.missing, *one.others.unexpected):
                lacking = name in one.others.missing
                near = one.others.nearest(name)
                hint = f"; it has {near!r}, and train has not" if near and lacking else ""
                what = f"serve does not return it{hint}" if lacking else "serve returns it, and train does not"
                check = Check(
                    code="MLG303",
                    subject=name,
                    outcome=Outcome.FAIL,
                    message=f"{what} ({table.table}, {one.pattern.name})",
                    fix=FIX["MLG303"],
                    n=one.asked,
                    details={"table": table.table, "pattern": one.pattern.key, "nearest": near},
                )
                checks.setdefault(name, check)
    return list(checks.values())


def failure_checks(evidence: Sequence[Evidence], *, sensitive: bool) -> list[Check]:
    """Return one check for each way in which a side gave no answer, with all patterns that show it."""
    groups: dict[str, list[tuple[Evidence, Failure]]] = {}
    for table in evidence:
        for failure in table.failures:
            groups.setdefault(f"{failure.side}.{failure.error.kind}", []).append((table, failure))
    return [_failure_check(subject, group, sensitive) for subject, group in groups.items()]


def _failure_check(subject: str, group: list[tuple[Evidence, Failure]], sensitive: bool) -> Check:
    table, first = group[0]
    error = first.error
    code = OF_ERROR[error.kind]
    ways = words(list(dict.fromkeys(failure.pattern for _, failure in group)))
    where = f"row {first.row} of {table.table}" if first.row is not None else f"{len(table.rows)} rows of {table.table}"
    quoted = f": {error.quoted}" if error.quoted and not sensitive else ""
    calls = f", {first.calls} calls" if first.calls > 1 else ""
    details = {"side": first.side, "row": first.row, "patterns": [failure.pattern.key for _, failure in group]}
    return Check(
        code=code,
        subject=subject,
        outcome=Outcome.FAIL if error.kind == "rows" else Outcome.ERROR,
        message=f"{error.message}{quoted} ({where}, asked {ways}{calls})",
        fix=error.fix or FIX[code],
        n=len(table.rows),
        details={**details, "table": table.table},
    )


def changed_checks(evidence: Sequence[Evidence]) -> list[Check]:
    """Return one check for each side that changes the rows it is given."""
    sides: dict[str, Check] = {}
    for table in evidence:
        for side, names in table.changed.items():
            what = "adds, removes or moves rows" if names == ("rows",) else f"changes {', '.join(names)}"
            check = Check(
                code="MLG309",
                subject=f"{side}.changes",
                outcome=Outcome.FAIL,
                message=f"{side} {what} in the rows that it is given ({table.table})",
                fix=FIX["MLG309"],
                n=len(table.rows),
                details={"columns": list(names), "table": table.table},
            )
            sides.setdefault(side, check)
    return list(sides.values())


def moved_checks(evidence: Sequence[Evidence]) -> list[Check]:
    """Return the check of a service whose answers are the right ones, and stand beside other rows; else nothing."""
    for table in evidence:
        for one in table.found:
            if one.moved:
                return [
                    Check(
                        code="MLG313",
                        subject="serve.order",
                        outcome=Outcome.FAIL,
                        message=f"serve returns the rows in another order than they came: its answers are train's, and "
                        f"{len(one.moved)} of {one.asked} stand elsewhere, row {one.moved[0]} of {table.table} first "
                        f"(asked {one.pattern.name})",
                        fix="return the rows in the order of the input; a sort, a join or a group loses it",
                        observed=len(one.moved) / one.asked,
                        limit=0.0,
                        n=one.asked,
                        details={"table": table.table, "pattern": one.pattern.key, "rows": list(one.moved[:5])},
                    )
                ]
    return []


def unstable_checks(evidence: Sequence[Evidence]) -> list[Check]:
    """Return one check for each column in which training differs from itself."""
    checks: dict[str, Check] = {}
    for table in evidence:
        for one in table.unstable:
            check = Check(
                code="MLG314",
                subject=one.name,
                outcome=Outcome.ERROR,
                message=f"train itself differs in {len(one.rows)} of {len(table.rows)} rows of {table.table} when it "
                f"is asked twice, row {one.first[0][0]} first: nothing can be compared with it",
                fix=FIX["MLG314"],
                n=len(table.rows),
            )
            checks.setdefault(one.name, check)
    return list(checks.values())


def changed_row_check(
    names: Sequence[str], smallest: Smallest, search: Search, *, test: str | None = None, sensitive: Sequence[str]
) -> Check:
    """Return the check of a difference that only a changed row shows.

    Parameters
    ----------
    names : sequence of str
        Columns that differ, or ``serve.`` and what the service does wrong. Empty where asking once more showed nothing.
    smallest : Found
    search : Search
        That found it.
    test : str or None
        What it found, as a regression test.
    sensitive : sequence of str
    """
    said, shown = _smallest_words(smallest, test, sensitive)
    what = f"a changed one does in {', '.join(names)}" if names else "a changed one did, and not when asked again"
    return Check(
        code="MLG315",
        subject=names[0] if names else "serve.again",
        outcome=Outcome.FAIL,
        message=f"no real row differs, {what}; {said}",
        fix=FIX["MLG315"],
        n=len(smallest.rows),
        details={"columns": list(names), "seed": smallest.seed, **_effort(search), **shown},
    )
