"""Drift's codes, and its checks in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_mlgate.checks import Check, Outcome, Severity
from pytest_mlgate.gates.base import Code
from pytest_mlgate.gates.drift.limits import UNBOUNDED

if TYPE_CHECKING:
    from pytest_mlgate.gates.drift.decision import Decision, Evidence, Limits

CODES = (
    Code(
        code="MLG501",
        title="a column's values moved",
        why="A model was judged on rows of the reference; where the rows differ, its measured quality says little.",
        fix="Find out what changed (a season, a source, a unit, an encoding). Mend the source or retrain;"
        " where the change is known and harmless, give the column a max_distance of its own and a reason.",
    ),
    Code(
        code="MLG502",
        title="the share of missing values moved",
        why="A join that loses rows or a sensor that falls silent shows first as missing values, and filling hides it.",
        fix="Find the step that loses (or now fills) the values; limits of its own go under the name `column:missing`.",
    ),
    Code(
        code="MLG503",
        title="a column is gone",
        why="A column that is not there cannot be compared, and a model that needs it will fail or use a default.",
        fix="Restore the column where the table is made, or list it in `exclude`.",
    ),
    Code(
        code="MLG504",
        title="a column cannot be compared",
        why="Numbers on one side and text on the other, or several types in one column, have no distance.",
        fix="Give the column the same type on both sides, or list it in `exclude`.",
    ),
    Code(
        code="MLG505",
        title="a column is new",
        why="The model does not know it; it may be a renamed one, or a leak waiting to be used.",
        fix="Add it to the next reference, or list it in `exclude`.",
    ),
    Code(
        code="MLG506",
        title="a column looks like an identifier",
        why="Values that never repeat differ between any two tables; their distance says nothing.",
        fix="Name it as `id` under [data] or in `exclude`; name it in `columns` to have it compared all the same.",
    ),
    Code(
        code="MLG507",
        title="the time ranges do not overlap",
        why="Time moves on, so this is usual for a time stamp of the row; for any other date it is a change.",
        fix="Nothing, for the time of the row: `time` under [data] names it, and makes this a note. Any other column:"
        " find out why its dates lie elsewhere, or list it in `exclude`.",
    ),
    Code(
        code="MLG508",
        title="the labels are not there yet",
        why="Label drift is judged where both tables have the target; labels often come weeks later.",
        fix="Run the gate again when the labels are there.",
    ),
    Code(
        code="MLG509",
        title="no column was compared",
        why="A gate that looked at nothing has found nothing, which is no evidence of no drift.",
        fix="Give both tables columns to compare, or name some in `columns`.",
    ),
    Code(
        code="MLG512",
        title="which rows were compared, and how",
        why="A window, a season or blocks of rows change what a figure is about; a reader should not have to guess.",
        fix="Look whether these are the rows that you meant.",
    ),
    Code(
        code="MLG513",
        title="the reference lacks parts of the season",
        why="Rows of a month that the reference has never seen are compared with other months, and differ by nature.",
        fix="Give a reference that covers a whole cycle, or take `season` out.",
    ),
    Code(
        code="MLG514",
        title="values moved within a group",
        why="What moves for one group alone is thinned out among all rows, and the model is wrong for that group.",
        fix="Find out what changed for this group. Where the change is known and harmless, give the column a"
        " max_distance of its own and a reason; a group that is new needs rows in the next reference.",
    ),
    Code(
        code="MLG515",
        title="the candidate's answers moved",
        why="A model that answers otherwise than it used to will be used otherwise, whatever moved in its columns; and"
        " many small moves that no column shows add up in its answers.",
        fix="Look at the columns that moved, those the model leans on first. Where the change is known and harmless,"
        " give `prediction` limits of its own under `columns`, and a reason.",
    ),
    Code(
        code="MLG516",
        title="all columns together can be told apart",
        why="Columns can each look as before and yet no longer go together: a join that matches other rows, a unit that"
        " changed in one source of two.",
        fix="Look at the columns that drive the classifier, two by two; list one that moves by nature in `exclude`.",
    ),
    Code(
        code="MLG517",
        title="the model has become worse: concept drift",
        why="The world can change while the columns look the same; only labels show it.",
        fix="Retrain with recent rows; look whether labels are recorded as before. A wider `margin` is a decision about"
        " how much may be lost before that.",
    ),
    Code(
        code="MLG518",
        title="windows too small to be judged",
        why="A window of a few labelled rows proves nothing, and leaving it out would hide it.",
        fix="Give longer windows, wait for more labels, or set `min_rows` by what you can accept.",
    ),
    Code(
        code="MLG520",
        title="the profile does not say",
        why="What a profile does not keep of its rows cannot be judged, and is no evidence of no drift.",
        fix="Compare with the rows, or make the profile again with more cells or without hiding the column; of columns"
        " counted in cells raise `rows_in_memory`.",
    ),
)

FIX = {code.code: code.fix for code in CODES}
_ADJUSTED = {"holm": "Holm", "benjamini-hochberg": "Benjamini-Hochberg"}


def column_check(code: str, name: str, outcome: Outcome, severity: Severity, text: str, fix: str) -> Check:
    """Return a check of a column that was not compared."""
    return Check(code=code, subject=name, outcome=outcome, severity=severity, message=text, fix=fix)


def checked(
    evidence: Evidence, decision: Decision, limits: Limits, *, p_adjusted: float | None, tests: int, adjust: str
) -> Check:
    """Return the check of a column that was compared."""
    statistic = evidence.statistic
    needed = statistic.rows_needed(decision.limit, tests) if decision.outcome is Outcome.INCONCLUSIVE else None
    return Check(
        code="MLG520" if _too_coarse(evidence, decision, tests) else evidence.code,
        subject=evidence.subject,
        outcome=decision.outcome,
        severity=decision.severity,
        message=_message(evidence, decision, limits, p_adjusted=p_adjusted, tests=tests, adjust=adjust),
        fix=_fix(evidence, decision, tests),
        observed=statistic.value,
        limit=decision.limit,
        p=statistic.p,
        p_adjusted=p_adjusted,
        n=evidence.rows[1],
        details={
            **evidence.details,
            "judge": statistic.judge,
            "max": limits.block,
            "warn": limits.warn,
            "reason": limits.reason,
            "tests": tests,
            "adjust": adjust,
            "smallest_detectable": _finite(statistic.detectable(tests)),
            "rows_needed": needed,
        },
        evidence={"distribution": evidence.distribution} if evidence.distribution else {},
    )


def _message(
    evidence: Evidence, decision: Decision, limits: Limits, *, p_adjusted: float | None, tests: int, adjust: str
) -> str:
    p = "no test" if p_adjusted is None else f"p {_small(p_adjusted)} after {_ADJUSTED[adjust]}"
    held = f"limit {limits.block:g}"
    if decision.outcome is not Outcome.PASS and decision.limit != limits.block:
        held = f"warns from {limits.warn:g}, limit {limits.block:g}"
    parts = [f"{evidence.words}, {p} ({held})"]
    if decision.outcome is Outcome.INCONCLUSIVE:
        parts.append(_too_small(evidence, decision, tests))
    if decision.outcome is Outcome.PASS and decision.significant:
        parts.append("a significant difference, but a small one")
    if decision.significant and evidence.direction:
        parts.append(evidence.direction)
    parts += evidence.notes
    if limits.loosened:
        parts.append(f"limit of its own: {limits.reason or 'no reason is given'}")
    return "; ".join(parts)


def _too_small(evidence: Evidence, decision: Decision, tests: int) -> str:
    statistic, (n, m) = evidence.statistic, evidence.rows
    detectable, limit = statistic.detectable(tests), decision.limit
    rows = f"{n} and {m} rows"
    if _too_coarse(evidence, decision, tests):
        if "counted_in_cells" in evidence.details:
            return f"what was counted is too coarse: it does not tell whether the limit of {limit:g} is reached"
        return f"the profile is too coarse: it does not tell whether the limit of {limit:g} is reached"
    if statistic.too_few:
        return statistic.too_few
    if detectable > 1e9:
        return f"the sample is too small: {rows} do not fill two bins"
    if _hidden(evidence, decision, tests):
        if evidence.code == "MLG502":
            return "not settled: the shares are alike, but one side has no value to compare"
        if statistic.judge in UNBOUNDED:
            return f"not settled: without its wild values the column is at {statistic.hidden:.3g}"
        return f"not settled: more rows than the limit of {limit:g} are in levels too rare to be compared"
    if statistic.judge in UNBOUNDED and statistic.value >= limit >= detectable:
        return "not settled: what is far apart are a few values, too few to be tested"
    needed = statistic.rows_needed(limit, tests)
    return (
        f"the sample is too small for the limit of {limit:g}: with {rows} only distances from {detectable:.3g} up are"
        f" sure to be noticed; about {needed} rows a side would do"
    )


def _too_coarse(evidence: Evidence, decision: Decision, tests: int) -> bool:
    """Whether it is a profile, and not the number of rows, that leaves the answer open."""
    statistic, limit = evidence.statistic, decision.limit
    open_ = decision.outcome is Outcome.INCONCLUSIVE and statistic.too_coarse(limit)
    return open_ and max(statistic.detectable(tests), statistic.hidden) <= limit


def _hidden(evidence: Evidence, decision: Decision, tests: int) -> bool:
    """Whether there are rows enough, and yet too many of them that the test cannot tell apart."""
    statistic = evidence.statistic
    return max(statistic.detectable(tests), statistic.value) < decision.limit < statistic.hidden


def _fix(evidence: Evidence, decision: Decision, tests: int) -> str:
    if decision.outcome is Outcome.PASS:
        return ""
    if decision.outcome is Outcome.FAIL or (evidence.code == "MLG502" and _hidden(evidence, decision, tests)):
        return FIX[evidence.code]
    if _too_coarse(evidence, decision, tests):
        return FIX["MLG520"]
    needed = evidence.statistic.rows_needed(decision.limit, tests)
    detectable = evidence.statistic.detectable(tests)
    if evidence.statistic.judge in UNBOUNDED and detectable <= decision.limit:
        return 'Find out what the wild values are; mend them, or give the column `judge = "ks"`: it is not swayed.'
    if _hidden(evidence, decision, tests):
        return f"Group the rare levels, list the column in `exclude`, or give it about {needed} rows a side."
    setting = "max_psi" if evidence.statistic.judge == "psi" else "max_distance"
    return f"Give it about {needed} rows a side, or set a larger {setting}, as large as what you need to notice."


def _small(p: float) -> str:
    return f"{p:.2g}" if p > 0 else "below 1e-300"


def _finite(value: float) -> float | None:
    return value if value < float("inf") else None
