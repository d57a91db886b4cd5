"""Gate ``drift``: the rows of today still look like the rows that the model was judged on."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Literal

from pytest_mlgate.checks import Check, GateResult, InputError, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.drift.columns import Column, read_column
from pytest_mlgate.gates.drift.comparison import Pair, compare
from pytest_mlgate.gates.drift.decision import Evidence, decide
from pytest_mlgate.gates.drift.report import CODES, FIX, checked, column_check
from pytest_mlgate.gates.drift.settings import ColumnSettings, Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

__all__ = ["CODES", "GATE", "ColumnSettings", "Settings", "check_drift", "run"]

_IDENTIFIER_ROWS = 50
_REPEATS_EXPECTED = 10  # a sample without any repeat, where at least ten were to be expected, is no sample
_BEYOND_MEASUREMENT = 2**53  # whole numbers spread so far are hashes


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Compare every column of the reference with the current rows.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        Tables ``reference`` and ``current``.

    Returns
    -------
    list of Check
        One for each column, in the reference's order, and one more where values are missing; then new columns.

    Raises
    ------
    InputError
        A table is empty or no table, or the settings name a column that neither table has.
    """
    reference, current = inputs.table("reference"), inputs.table("current")
    _refuse(reference, current, settings, inputs.facts)
    found: list[Check | Evidence] = []
    for name in _columns(reference, settings, inputs.facts):
        found += _examine(name, reference, current, settings, inputs.facts)
    found += [_new(name) for name in _new_columns(reference, current, settings, inputs.facts)]
    checks = _judge(found, settings)
    if not any(isinstance(item, Evidence) for item in found):
        text = "no column was compared"
        checks.append(column_check("MLG509", "", Outcome.ERROR, Severity.BLOCK, text, FIX["MLG509"]))
    return checks


def _refuse(reference: pd.DataFrame, current: pd.DataFrame, settings: Settings, facts: Facts) -> None:
    for name, frame in (("reference", reference), ("current", current)):
        if not len(frame):
            raise InputError(
                f"table {name!r} has no row: there is nothing to compare",
                fix=f"check the path and the filters that make {name!r}; an empty table is no evidence of no drift",
            )
    known = {*map(str, reference.columns), *map(str, current.columns), *filter(None, (facts.target,))}
    with_missing = known | {f"{name}:missing" for name in known}
    unknown = [f"columns: {name!r}{_nearest(name, known)}" for name in settings.columns if name not in with_missing]
    unknown += [f"columns: {name!r}{_nearest(name, known)}" for name in settings.only or () if name not in known]
    unknown += [f"exclude: {name!r}{_nearest(name, known)}" for name in settings.exclude if name not in known]
    if unknown:
        raise InputError(
            f"neither the reference nor the current table has what drift is told of: {'; '.join(unknown)}",
            fix="correct the name, or remove it",
        )


def _nearest(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _columns(reference: pd.DataFrame, settings: Settings, facts: Facts) -> list[str]:
    left_out = {*settings.exclude, *filter(None, (facts.id,))}
    if settings.only is None:
        return [name for name in reference.columns if name not in left_out]
    absent = [name for name in settings.only if name not in reference.columns]
    return [*absent, *(name for name in reference.columns if name in settings.only)]


def _new_columns(reference: pd.DataFrame, current: pd.DataFrame, settings: Settings, facts: Facts) -> list[str]:
    if settings.only is not None:
        return []
    known = {*reference.columns, *settings.exclude, *filter(None, (facts.id, facts.target))}
    return [name for name in current.columns if name not in known]


def _examine(
    name: str, reference: pd.DataFrame, current: pd.DataFrame, settings: Settings, facts: Facts
) -> Sequence[Check | Evidence]:
    absent = [table for table, frame in (("reference", reference), ("current", current)) if name not in frame.columns]
    if absent:
        return [_absent(name, absent, facts)]
    hidden = name in facts.sensitive
    try:
        sides = [
            read_column(frame[name], table=table, hidden=hidden)
            for table, frame in (("reference", reference), ("current", current))
        ]
    except InputError as error:
        return [column_check("MLG504", name, Outcome.ERROR, Severity.BLOCK, error.message, error.fix)]
    except Exception as error:
        if not hidden:
            raise
        # The error of a library may quote a value, and so may its traceback.
        text = f"cannot be read ({type(error).__name__}; the column is sensitive, so no more is told)"
        return [column_check("MLG504", name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG504"])]
    families = [side.family for side in sides if side.family]
    if len(set(families)) > 1:
        text = f"holds {families[0]} values in the reference and {families[1]} values in current"
        if any(side.from_text for side in sides) and "text" in families:
            text += "; every value of the one, and not of the other, is a date of ISO 8601"
        return [column_check("MLG504", name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG504"])]
    asked_for = name in (settings.only or ()) or name in settings.columns or name == facts.target
    if not asked_for and all(_unique(side) for side in sides) and any(_identifier(side) for side in sides):
        text = "every row has a value of its own on both sides, as an identifier has: not compared"
        return [column_check("MLG506", name, Outcome.SKIP, Severity.NOTE, text, FIX["MLG506"])]
    pair = Pair(
        name=name,
        reference=sides[0],
        current=sides[1],
        judge=settings.judge,
        alpha=settings.alpha,
        worst=_worst(name, families, facts),
        hidden=hidden,
    )
    return compare(pair)


def _absent(name: str, absent: Sequence[str], facts: Facts) -> Check:
    if name == facts.target:
        text = f"the target is not in {absent[0]}: labels often come later, and label drift waits for them"
        return column_check("MLG508", name, Outcome.SKIP, Severity.NOTE, text, FIX["MLG508"])
    text = f"the column is not in {' or '.join(absent)}"
    return column_check("MLG503", name, Outcome.ERROR, Severity.BLOCK, text, FIX["MLG503"])


def _new(name: str) -> Check:
    text = "the column is new: the reference does not have it"
    return column_check("MLG505", name, Outcome.FAIL, Severity.NOTE, text, FIX["MLG505"])


def _worst(name: str, families: Sequence[str], facts: Facts) -> Severity:
    """Time moves on: that alone must not block, and in the declared time column it is no news either."""
    if name == facts.time:
        return Severity.NOTE
    return Severity.WARN if "timestamp" in families else Severity.BLOCK


def _unique(side: Column) -> bool:
    if side.missing or side.rows < _IDENTIFIER_ROWS:
        return False
    return side.span is not None or (side.family == "text" and len(side.levels) == side.rows)


def _identifier(side: Column) -> bool:
    """Whether unique values are those of an identifier.

    Unique text is. Unique whole numbers are where a sample of a measurement would have repeated itself: among n draws
    from a range of r values at least ``n (n - 1) / (2 r)`` pairs are expected to be equal, whatever the distribution
    (it is least for an even one). Distinct numbers of a wide range may be a measurement, and are compared.
    """
    if side.span is None:
        return side.kind == "category"
    repeats = side.rows * (side.rows - 1) / (2 * (side.span + 1))
    return repeats >= _REPEATS_EXPECTED or side.span >= _BEYOND_MEASUREMENT


def _judge(found: Sequence[Check | Evidence], settings: Settings) -> list[Check]:
    evidence = [item for item in found if isinstance(item, Evidence)]
    adjusted = _adjusted(evidence, settings.adjust)
    checks: list[Check] = []
    for item in found:
        if isinstance(item, Check):
            checks.append(item)
            continue
        limits = settings.limits(item.subject, item.statistic.judge)
        p = adjusted.get(item.subject)
        tests = max(len(adjusted), 1)
        decision = decide(item, limits, p_adjusted=p, alpha=settings.alpha, tests=tests)
        checks.append(checked(item, decision, limits, p_adjusted=p, tests=tests, adjust=settings.adjust))
    return checks


def _adjusted(evidence: Iterable[Evidence], adjust: str) -> Mapping[str, float]:
    from pytest_mlgate.stats.multiplicity import benjamini_hochberg, holm

    raw = {item.subject: item.statistic.p for item in evidence if item.statistic.p is not None}
    adjusted = (holm if adjust == "holm" else benjamini_hochberg)(list(raw.values()))
    return dict(zip(raw, adjusted.tolist(), strict=True))


def check_drift(
    reference: pd.DataFrame | str | Path,
    current: pd.DataFrame | str | Path,
    *,
    max_distance: float = 0.2,
    warn_distance: float | None = None,
    columns: Sequence[str] | Mapping[str, ColumnSettings | Mapping[str, object]] | None = None,
    exclude: Sequence[str] = (),
    alpha: float = 0.05,
    adjust: Literal["holm", "benjamini-hochberg"] = "holm",
    judge: Literal["distance", "psi"] = "distance",
    max_psi: float = 0.25,
    target: str | None = None,
    id: str | None = None,  # noqa: A002 - the configuration's own word
    time: str | None = None,
    sensitive: Sequence[str] = (),
) -> GateResult:
    """Compare current rows with reference rows, column by column.

    Parameters
    ----------
    reference, current : DataFrame or path
        Rows that the model was judged on, and recent rows.
    max_distance : float
        Distance in (0, 1] from which a significant difference blocks: the KS distance of ordered columns, the total
        variation distance of categories. 0.2 is a normal shift of half a standard deviation.
    warn_distance : float or None
        Distance from which it is warned of; None: half of ``max_distance``.
    columns : sequence of str, mapping or None
        Names: only these are compared. A mapping of names to ``max_distance``, ``warn_distance``, ``max_psi`` and
        ``reason``: limits of their own; the other columns are compared as well.
    exclude : sequence of str
        Columns that are not compared.
    alpha : float
        Level, in (0, 1), of the whole gate.
    adjust : {'holm', 'benjamini-hochberg'}
        How p-values are adjusted for the number of tests.
    judge : {'distance', 'psi'}
        What is held against the limits; with ``psi`` that is PSI minus its expectation without drift.
    max_psi : float
        The limit for ``judge="psi"``, above 0; it is warned of from 0.4 of it.
    target, id, time : str or None
        The label, which current rows may lack; a row's identifier, which is not compared; the column of the row's
        time, whose moving on is only noted.
    sensitive : sequence of str
        Columns of which no level, location or range is told; counts, shares and distances are.

    Returns
    -------
    GateResult
        Its ``raise_for_outcome()`` raises where a column blocks.

    Raises
    ------
    pydantic.ValidationError
        A ValueError: a setting is out of its range.

    Examples
    --------
    >>> import pandas as pd
    >>> before = pd.DataFrame({"hour": list(range(24)) * 50})
    >>> result = check_drift(before, before + 12)
    >>> print(result.outcome, result.checks[0].message)
    fail D 0.5, PSI 3.7 (10 bins, 0.5 added), p 1e-136 after Holm (limit 0.2); current values are higher, most at 11.0
    """
    settings = Settings.model_validate(
        {
            "max_distance": max_distance,
            "warn_distance": warn_distance,
            "columns": {} if columns is None else columns,
            "exclude": exclude,
            "alpha": alpha,
            "adjust": adjust,
            "judge": judge,
            "max_psi": max_psi,
        }
    )
    facts = Facts(target=target, id=id, time=time, sensitive=tuple(sensitive))
    return run_gate(GATE, settings, Inputs(facts=facts, values={"reference": reference, "current": current}))


GATE = Gate(name="drift", codes=CODES, settings=Settings, inputs=("reference", "current"), run=run)
