"""The round trip: the file that ships is the model that was judged."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.roundtrip.codes import CODES
from pytest_mlgate.gates.roundtrip.settings import Settings as Settings

if TYPE_CHECKING:
    from pytest_mlgate.checks import Check, GateResult


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Load the candidate's file in fresh processes, and ask each of them.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``candidate`` (model), and the table that ``table`` names (rows; labels are not read).

    Raises
    ------
    InputError
        There are no rows, or the candidate cannot be asked at all.
    """
    from pytest_mlgate.gates.roundtrip.asking import ask_everything
    from pytest_mlgate.gates.roundtrip.trip import begin

    trip = begin(settings, inputs)
    try:
        return ask_everything(trip)
    finally:
        trip.close()


GATE = Gate(
    name="roundtrip",
    codes=CODES,
    settings=Settings,
    inputs=("candidate",),
    optional=("holdout", "serving", "train", "current"),
    run=run,
)


def check_roundtrip(
    model: Any,
    rows: Any,
    *,
    target: str | None = None,
    features: Sequence[str] | None = None,
    sensitive: Sequence[str] = (),
    seed: int = 0,
    environments: Sequence[str | os.PathLike[str]] = (),
    **settings: Any,
) -> GateResult:
    """Check that a model's file, loaded in a fresh interpreter, is the model that was judged.

    Parameters
    ----------
    model : path-like or object
        A model's file. A fitted estimator is saved and loaded again, and compared with itself as it is here.
    rows : DataFrame
        Real rows.
    target : str, optional
        The label's column, which the model is not given.
    features : sequence of str, optional
        Columns that the model is given; default: those it was fitted on, else all but the target.
    sensitive : sequence of str
        Columns whose values no message shows.
    seed : int
        Of the rows that are drawn.
    environments : sequence of path-like
        Environments that the file is tried in too, as ``--mlgate-env`` takes them: an interpreter, the folder of a
        virtual environment, or a lock file, from which one is made (this fetches packages).
    **settings
        Any setting of the gate: ``sample``, ``alone``, ``threads``, ``lock``, ``golden``, ...

    Returns
    -------
    GateResult
        One check a question; what could not be asked is a check with outcome ``error``.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: a setting that does not exist, or a number out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from sklearn.linear_model import LinearRegression
    >>> from pytest_mlgate import check_roundtrip
    >>> rows = pd.DataFrame({"distance": [100.0, 700.0, 2500.0]})
    >>> model = LinearRegression().fit(rows, [40, 110, 290])
    >>> check_roundtrip(model, rows).outcome.value
    'pass'
    """
    checked = Settings(**settings)
    facts = Facts(
        target=target,
        features=None if features is None else tuple(features),
        sensitive=tuple(sensitive),
        seed=seed,
        environments=tuple(os.fspath(said) for said in environments),
    )
    return run_gate(GATE, checked, Inputs(facts=facts, values={"candidate": model, checked.table: rows}))
