"""The behaviour gate: what must hold of a model's answers when a row is changed, or asked in another way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.base import Code, Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.behaviour.settings import Settings as Settings

if TYPE_CHECKING:
    from pytest_mlgate.checks import Check, GateResult

CODES = (
    Code(
        code="MLG330",
        title="What must not matter does not",
        why="A model that answers to a name, an id or a spelling has learned who was in the training data; it "
        "changes its answer for reasons that nobody could defend.",
        fix="Leave the column out of the features, with what is made of it, and train again.",
    ),
    Code(
        code="MLG331",
        title="The answer goes the way it must",
        why="Where everybody knows that more distance never lowers a price, one counter-example in public costs more "
        "trust than a point of accuracy earns; it is mostly noise that was learned where rows are few.",
        fix="Train with a monotonic constraint (`monotonic_cst` in scikit-learn), or state the `tolerance` that is "
        "acceptable.",
    ),
    Code(
        code="MLG332",
        title="Answers lie within bounds",
        why="A negative price or a probability of 1.2 stops the system behind the model, or worse, does not.",
        fix="Clip the answer in the model itself, or predict a transformed target.",
    ),
    Code(
        code="MLG333",
        title="The same rows have the same answer",
        why="An answer that changes from call to call can be neither tested, nor explained, nor reproduced.",
        fix="Seed what is random, and keep no state from call to call.",
    ),
    Code(
        code="MLG334",
        title="A row has the same answer alone and in a batch",
        why="Training and tests ask in batches, a service one row at a time: what is computed from the rows of a "
        "request differs between them, and no metric shows it.",
        fix="Compute nothing from the rows of a request: fit it in training and keep it.",
    ),
    Code(
        code="MLG335",
        title="Single precision changes little",
        why="Many services carry numbers as float32; a row on a tree's threshold then falls to the other side.",
        fix="Carry the precision that the training had, or say how many rows may flip (`max_flips`).",
    ),
    Code(
        code="MLG336",
        title="The model leaves its input alone",
        why="A model that writes into the rows it is given changes what is logged, and what the next model is asked.",
        fix="Copy the rows before changing them: `X = X.copy()` at the top of predict, or `copy=True` where a step "
        "offers it.",
    ),
)


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Ask about every relation.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``candidate`` (model), and ``holdout`` or ``serving`` (rows; labels are not read).

    Raises
    ------
    InputError
        There are no rows, or the candidate cannot be asked at all.
    """
    from pytest_mlgate.gates.behaviour.asking import ask_everything
    from pytest_mlgate.gates.behaviour.rows import read

    return ask_everything(settings, read(settings, inputs))


GATE = Gate(
    name="behaviour",
    codes=CODES,
    settings=Settings,
    inputs=("candidate",),
    optional=("holdout", "serving"),
    run=run,
)


def check_behaviour(
    model: Any,
    rows: Any,
    *,
    invariant: Iterable[Any] = (),
    increasing: Iterable[Any] = (),
    decreasing: Iterable[Any] = (),
    low: float | None = None,
    high: float | None = None,
    target: str | None = None,
    features: Sequence[str] | None = None,
    task: str | None = None,
    sensitive: Sequence[str] = (),
    seed: int = 0,
    **settings: Any,
) -> GateResult:
    """Check what must hold of a model's answers when a row is changed, or asked in another way.

    Parameters
    ----------
    model : object
        A fitted estimator, a function from a frame to one answer a row, a model file's path or an import path. Compared
        is the probability of the positive class, all probabilities where there are several, a score, a value, or a
        label where there is nothing else.
    rows : DataFrame
        Real rows; the values that are exchanged and stepped to are those of its columns.
    invariant : iterable of str or dict
        Columns whose values must not matter; also ``{"columns": [...], "tolerance": 0.01}``.
    increasing, decreasing : iterable of str or dict
        Columns of which more never lowers (never raises) the answer; also ``{"column": ..., "by": [1, 10]}``.
    low, high : float, optional
        Bounds of every answer.
    target : str, optional
        The label's column, which the model is not given.
    features : sequence of str, optional
        Columns that the model is given; default: those it was fitted on, else all but the target.
    task : {"binary", "multiclass", "regression"}, optional
        Default: found out.
    sensitive : sequence of str
        Columns whose values no message shows.
    seed : int
        Of all that is drawn.
    **settings
        Any other setting of the gate: ``relations``, ``float32_tolerance``, ``max_share``, ``sample``, ...

    Returns
    -------
    GateResult
        One check a relation; what could not be asked is a check with outcome ``error``.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: a setting that does not exist, a number out of range, or a relation that is declared twice.

    Examples
    --------
    >>> import pandas as pd
    >>> from pytest_mlgate import check_behaviour
    >>> rows = pd.DataFrame({"distance": [100.0, 700.0, 2500.0], "name": ["Ann", "Bob", "Cleo"]})
    >>> def price(rows):
    ...     return 20 + 0.1 * rows["distance"] + (rows["name"] == "Bob")
    >>> result = check_behaviour(price, rows, increasing=["distance"], invariant=["name"])
    >>> {check.subject: check.outcome.value for check in result.checks if check.blocks}
    {'invariant:name': 'fail'}
    """
    checked = Settings(
        **{
            "invariant": tuple(invariant),
            "increasing": tuple(increasing),
            "decreasing": tuple(decreasing),
            "low": low,
            "high": high,
            **settings,
        }
    )
    facts = Facts(
        task=task,
        target=target,
        features=None if features is None else tuple(features),
        sensitive=tuple(sensitive),
        seed=seed,
    )
    return run_gate(GATE, checked, Inputs(facts=facts, values={"candidate": model, checked.table: rows}))
