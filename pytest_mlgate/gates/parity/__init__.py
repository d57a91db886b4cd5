"""The gate ``parity``: the service computes what training computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.base import Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.parity.codes import CODES as CODES
from pytest_mlgate.gates.parity.settings import TABLES
from pytest_mlgate.gates.parity.settings import Settings as Settings
from pytest_mlgate.gates.parity.sides import CANDIDATE

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from pytest_mlgate.checks import Check, GateResult


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Ask both sides about the same rows, in several ways, and compare their answers.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        At least one of ``serving``, ``holdout`` and ``train``; ``candidate`` where ``train`` is that word.

    Raises
    ------
    InputError
        Where there is no table, or a side cannot be found.
    """
    from pytest_mlgate.gates.parity.decision import judge

    return judge(settings, inputs)


GATE = Gate(name="parity", codes=CODES, settings=Settings, inputs=(), optional=(*TABLES, CANDIDATE), run=run)


def check_parity(
    train: Any,
    serve: Any,
    rows: pd.DataFrame | str | Path,
    *,
    train_rows: pd.DataFrame | str | Path | None = None,
    target: str | None = None,
    id: str | None = None,  # noqa: A002
    sensitive: Sequence[str] = (),
    seed: int = 0,
    database: str | Path | None = None,
    **settings: Any,
) -> GateResult:
    """Compare what two implementations make of the same raw rows.

    Parameters
    ----------
    train : callable, estimator or str
        The training side: from a DataFrame of raw rows to a frame or array with one row for each. An estimator is
        asked for ``transform``, else ``predict_proba``, else ``predict``. Text is an import path, or
        the file of a table with one row for each ``id``.
    serve : callable, estimator, app or str
        The serving side: as ``train``, or an ASGI or WSGI app with ``path``, or an ``http(s)://`` URL.
    rows : DataFrame or path
        Raw rows as requests bring them.
    train_rows : DataFrame or path, optional
        Raw rows as training had them, the label included.
    target : str, optional
        The label's column: ``serve`` never sees it, and it is not compared.
    id : str, optional
        The column by which rows are found in a stored table.
    sensitive : sequence of str
        Columns whose values no message shows.
    seed : int
        Of the chosen rows, the orders in which they are asked, and the search.
    database : path, optional
        A folder in which rows that were found to differ are kept, with their values, so that the next run asks them
        first. Nothing is kept where there is none, or where a column is sensitive.
    **settings
        Any other setting of the gate: ``path``, ``rtol``, ``atol``, ``columns``, ``send``, ``exclude``, ``request``,
        ``response``, ``seconds``, ``timeout``, ``examples``, ``schema``; how many rows are chosen is ``n_rows``.

    Returns
    -------
    GateResult
        One passing check, or one for each column that differs and each thing that a side does wrong.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: a setting that does not exist, or is out of range.

    Examples
    --------
    >>> import pandas as pd
    >>> from pytest_mlgate import check_parity
    >>> rows = pd.DataFrame({"km": [1.0, 2.0, 5.0]})
    >>> miles = lambda rows: rows.assign(miles=rows["km"] * 0.621371)
    >>> rounded = lambda rows: rows.assign(miles=(rows["km"] * 0.621371).round(1))
    >>> check_parity(miles, rounded, rows).checks[0].id
    'parity:miles'
    """
    if "n_rows" in settings:
        settings["rows"] = settings.pop("n_rows")
    checked = Settings(**{"train": train, "serve": serve, **settings})
    values = {"serving": rows, "train": train_rows}
    facts = Facts(target=target, id=id, sensitive=tuple(sensitive), seed=seed, kept=str(database or ""))
    return run_gate(GATE, checked, Inputs(facts=facts, values=values))
