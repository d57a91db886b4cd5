"""Gate ``drift``: the rows of today still look like the rows that the model was judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.drift.decision import Evidence
from pytest_mlgate.gates.drift.examine import columns_of, examine, new_columns, refuse_unknown
from pytest_mlgate.gates.drift.family import judge_family
from pytest_mlgate.gates.drift.report import CODES, FIX, column_check
from pytest_mlgate.gates.drift.settings import ColumnSettings, Settings
from pytest_mlgate.gates.drift.sides import side_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

__all__ = ["CODES", "GATE", "ColumnSettings", "Settings", "check_drift", "run"]


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
    reference, current = (side_of(inputs.value(name), name=name) for name in ("reference", "current"))
    refuse_unknown(reference, current, settings, inputs.facts)
    found: list[Check | Evidence] = []
    for name in columns_of(reference, settings, inputs.facts):
        found += examine(name, reference, current, settings, inputs.facts)
    found += new_columns(reference, current, settings, inputs.facts)
    checks = judge_family(found, settings)
    if not any(isinstance(item, Evidence) for item in found):
        text = "no column was compared"
        checks.append(column_check("MLG509", "", Outcome.ERROR, Severity.BLOCK, text, FIX["MLG509"]))
    return checks


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
