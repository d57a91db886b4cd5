"""The baseline gate on two tables of predictions, as a plain function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.baseline import GATE, Settings

if TYPE_CHECKING:
    import os

    import pandas as pd

    from pytest_mlgate.checks import GateResult


def check_predictions(
    candidate: pd.DataFrame | str | os.PathLike[str],
    baseline: pd.DataFrame | str | os.PathLike[str],
    *,
    id: str,  # noqa: A002 # the key's name
    target: str | None = None,
    score: str | None = None,
    holdout: pd.DataFrame | str | os.PathLike[str] | None = None,
    metric: str | Callable[..., Any] | None = None,
    margin: float = 0.01,
    task: str | None = None,
    positive: Any = None,
    weight: str | None = None,
    sensitive: Sequence[str] = (),
    seed: int = 0,
    **settings: Any,
) -> GateResult:
    """Compare two tables of predictions, or of scores of each row, joined on a column of ids.

    Parameters
    ----------
    candidate, baseline : DataFrame or path of a CSV, Parquet, Feather / Arrow or JSON-lines file
        One row a prediction: `prediction` (label or value), `score` (larger for positive), `probability` (of the
        positive label) or `probability_<label>` one a class; or the column that ``score`` names.
    id : str
        The column that names a row in every table, each value once.
    target : str, optional
        The column of the labels; not needed with ``score``.
    score : str, optional
        A column with one number a row, larger is better, whose mean is compared in place of a metric;
        ``greater_is_better=False`` turns it round.
    holdout : DataFrame or path, optional
        The rows that count, with the target, and with the columns that other settings name. None: the candidate's
        table, and both tables must then have the same rows.
    metric : str, scorer, callable or None
        As :func:`~pytest_mlgate.check_baseline` takes it.
    margin : float
        The largest loss that does not matter, at least 0, in the unit of the metric or score.
    task : {"binary", "multiclass", "regression", "ranking"}, optional
        Found out from the target where it is not given.
    positive : label, optional
        The positive label of a binary task; None: the larger one.
    weight : str, optional
        The column of sample weights in the holdout.
    sensitive : sequence of str
        Columns of which no value is shown.
    seed : int
        Seed of the bootstrap.
    **settings
        Any other setting of the gate: ``same``, ``prompt``, ``slices`` (columns of the holdout), ``cluster``,
        ``floor``, ``improvement``, ...

    Returns
    -------
    GateResult
        The same checks as the gate's; what could not be computed is a check with outcome ``error``.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: a setting that does not exist or is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from pytest_mlgate import check_predictions
    >>> old = pd.DataFrame({"question": range(500), "helpful": [0, 1] * 250})
    >>> check_predictions(old.assign(helpful=1), old, id="question", score="helpful").outcome.value
    'pass'
    """
    checked = Settings(**{"metric": metric, "score": score, "margin": margin, **settings})
    facts = Facts(
        task=task, positive=positive, target=target, id=id, weight=weight, sensitive=tuple(sensitive), seed=seed
    )
    values = {"candidate": candidate, "baseline": baseline, "holdout": holdout}
    return run_gate(GATE, checked, Inputs(facts=facts, values=values))
