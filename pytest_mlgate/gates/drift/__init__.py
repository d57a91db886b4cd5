"""Gate ``drift``: the rows of today still look like the rows that the model was judged on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pytest_mlgate.checks import Check, GateResult, Outcome, Severity
from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.drift.concept_settings import ConceptSettings
from pytest_mlgate.gates.drift.decision import Evidence, Judge
from pytest_mlgate.gates.drift.examine import columns_of, examine_all, new_columns, refuse_unknown
from pytest_mlgate.gates.drift.family import judge_family
from pytest_mlgate.gates.drift.importance import with_importance
from pytest_mlgate.gates.drift.predictions import examine_predictions
from pytest_mlgate.gates.drift.report import CODES, FIX, column_check
from pytest_mlgate.gates.drift.selection import select
from pytest_mlgate.gates.drift.settings import ColumnSettings, Settings
from pytest_mlgate.gates.drift.sides import side_of
from pytest_mlgate.gates.drift.sketched import withheld
from pytest_mlgate.gates.drift.trend import trend_check
from pytest_mlgate.gates.drift.within import examine_within, group_checks

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from pytest_mlgate.tables.profile import Profile

__all__ = ["CODES", "GATE", "ColumnSettings", "ConceptSettings", "Settings", "check_drift", "run"]


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Compare every column of the reference with the current rows.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``reference`` and ``current``, each a table or a profile; ``candidate`` and ``holdout`` where they are wanted.

    Returns
    -------
    list of Check
        Which rows are compared, where the settings choose them; one for each column, in the reference's order, and one
        more where values are missing; then new columns, the candidate's answers, groups, the trend, all columns
        together, and concept drift, where these are asked for.

    Raises
    ------
    InputError
        A table is empty or no table, the settings name a column that neither table has, or they need a time or rows
        that are not there.
    """
    reference, current = (
        side_of(inputs.value(name), name=name, rows_in_memory=settings.rows_in_memory)
        for name in ("reference", "current")
    )
    settings = with_importance(settings, inputs.facts)
    refuse_unknown(reference, current, settings, inputs.facts)
    every_row = (reference, current)
    selection = select(reference, current, settings, inputs.facts)
    reference, current = selection.reference, selection.current
    names = columns_of(reference, settings, inputs.facts)
    found = examine_all(names, reference, current, settings, inputs.facts)
    compared = [name for name in names if _compared(name, found)]
    found += new_columns(reference, current, settings, inputs.facts)
    found += withheld(reference, current, left_out=settings.exclude)
    if settings.predictions:
        found += examine_predictions(reference, current, settings, inputs)
    groups, of_groups = examine_within(reference, current, compared, settings, inputs.facts)
    judged = judge_family([*found, *(item for group in groups for item in group.found)], settings)
    checks = [*selection.checks, *judged[: len(found)], *group_checks(groups, judged[len(found) :]), *of_groups]
    if not any(isinstance(item, Evidence) for item in found):
        text = "no column was compared"
        checks.append(column_check("MLG509", "", Outcome.ERROR, Severity.BLOCK, text, FIX["MLG509"]))
    if settings.trend is not None:
        checks.append(trend_check(*every_row, compared, settings, inputs.facts))
    if settings.domain_classifier:
        from pytest_mlgate.gates.drift.domain import judge_domain

        checks.append(judge_domain(reference, current, found, settings, inputs.facts))
    if settings.concept is not None:
        from pytest_mlgate.gates.drift.concept import judge_concept

        checks += judge_concept(reference, every_row[1], settings.concept, inputs)
    return checks


def _compared(name: str, found: Sequence[Check | Evidence]) -> bool:
    subjects = (name, f"{name}:missing")
    return any(isinstance(item, Evidence) and item.subject in subjects for item in found)


def check_drift(
    reference: pd.DataFrame | str | Path | Profile,
    current: pd.DataFrame | str | Path | Profile,
    *,
    max_distance: float | None = None,
    warn_distance: float | None = None,
    columns: Sequence[str] | Mapping[str, ColumnSettings | Mapping[str, object]] | None = None,
    exclude: Sequence[str] = (),
    alpha: float = 0.05,
    adjust: Literal["holm", "benjamini-hochberg"] = "holm",
    judge: Judge = "distance",
    max_psi: float = 0.25,
    target: str | None = None,
    id: str | None = None,  # noqa: A002 - the configuration's own word
    time: str | None = None,
    sensitive: Sequence[str] = (),
    candidate: Any = None,
    holdout: Any = None,
    task: str | None = None,
    positive: Any = None,
    features: Sequence[str] | None = None,
    seed: int = 0,
    **settings: Any,
) -> GateResult:
    """Compare current rows with reference rows, column by column.

    Parameters
    ----------
    reference, current : DataFrame, path, Profile, or lazy table
        Rows that the model was judged on, and recent rows; or a profile of them (a path that ends in ``.json``); or a
        table whose rows stay where they are: a folder or a pattern of Parquet files, a lazy frame of polars, a relation
        of duckdb, a table of ibis for one of these, or a query, ``"duckdb:SELECT ..."``.
    max_distance : float or None
        Distance from which a significant difference blocks, above 0; at most 1, but for Wasserstein and energy
        distances. None: what a normal shift of half a standard deviation is for the statistic; 0.2 for the default.
    warn_distance : float or None
        Distance from which it is warned of; None: half of ``max_distance``.
    columns : sequence of str, mapping or None
        Names: only these are compared. A mapping of names, or patterns such as ``lag_*``, to ``judge``,
        ``max_distance``, ``warn_distance``, ``max_psi`` and ``reason``: settings of their own; the other columns are
        compared as well.
    exclude : sequence of str
        Columns that are not compared.
    alpha : float
        Level, in (0, 1), of the whole gate.
    adjust : {'holm', 'benjamini-hochberg'}
        How p-values are adjusted for the number of tests.
    judge : str
        What is held against the limits. ``distance``: the KS distance of ordered columns, the total variation distance
        of categories. ``psi``: PSI minus its expectation without drift. By name: ``ks``, ``total_variation``, ``chi2``,
        ``cramers_v``, ``jensen_shannon``, ``hellinger``, ``wasserstein``, ``energy``.
    max_psi : float
        The limit for ``judge="psi"``, above 0; it is warned of from 0.4 of it.
    target, id, time : str or None
        The label, which current rows may lack; a row's identifier, which is not compared; the column of the row's
        time, whose moving on is only noted.
    sensitive : sequence of str
        Columns of which no level, location or range is told; counts, shares and distances are.
    candidate : estimator, function, model handle or path, optional
        The model that ``predictions`` and ``concept`` ask.
    holdout : DataFrame or path, optional
        Labelled rows on which ``concept`` measures the metric at training time.
    task, positive, features : optional
        As under ``[model]`` and ``[data]``: the task and the positive label, where they are not found out; the columns
        that the candidate is asked with, where it does not know them.
    seed : int
        Seed of everything that is drawn at random.
    **settings
        Any other setting of the gate: ``importance={"hour": 0.7, "temp": 0.1}``,
        ``predictions=True``, ``domain_classifier=True``, ``max_auc``, ``concept={"margin": 0.02}``, ``block=50``,
        ``window="30 days"``, ``season="month"``, ``trend="7 days"``, ``within=["origin"]``, ``rows_in_memory``.

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
    checked = Settings.model_validate(
        {
            "max_distance": max_distance,
            "warn_distance": warn_distance,
            "columns": {} if columns is None else columns,
            "exclude": exclude,
            "alpha": alpha,
            "adjust": adjust,
            "judge": judge,
            "max_psi": max_psi,
            **settings,
        }
    )
    facts = Facts(
        task=task,
        positive=positive,
        target=target,
        features=None if features is None else tuple(features),
        id=id,
        time=time,
        sensitive=tuple(sensitive),
        seed=seed,
    )
    values = {"reference": reference, "current": current, "candidate": candidate, "holdout": holdout}
    return run_gate(GATE, checked, Inputs(facts=facts, values=values))


GATE = Gate(
    name="drift",
    codes=CODES,
    settings=Settings,
    inputs=("reference", "current"),
    optional=("candidate", "holdout"),
    run=run,
)
