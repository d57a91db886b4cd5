"""The fairness gate: no two groups are treated more differently than the limits allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.gates.base import Code, Facts, Gate, Inputs, run_gate
from pytest_mlgate.gates.fairness.settings import Settings as Settings

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from pytest_mlgate.checks import Check, GateResult

CODES = (
    Code(
        code="MLG150",
        title="No two groups differ by more than the limit",
        why="A model that is good on the whole can select, miss or wrongly accuse one group far more often than "
        "another, and the whole does not show it.",
        fix="Look at the rows of the two groups: a feature that is missing, late or coded otherwise in one of them, "
        "too few rows of it in training, labels that are biased themselves. A wider limit is a decision about these "
        "groups; write down why in `reason`.",
    ),
    Code(
        code="MLG151",
        title="No group's rate falls below a share of another's",
        why="Where rates are small a difference looks harmless: 1 % against 3 % is a difference of two points, and a "
        "third of the chance.",
        fix="As for a difference; where the lower rate rests on few rows, give more of them.",
    ),
    Code(
        code="MLG152",
        title="No two groups drift apart from the baseline to the candidate",
        why="A candidate within the limits may still take away what the groups had gained, and each release a little "
        "more.",
        fix="Keep the baseline, or find the rows of the two groups that the candidate answers otherwise; a larger "
        "`worsening` says how much may be lost at each release.",
    ),
    Code(
        code="MLG153",
        title="Small groups, by name",
        why="A group of a few rows proves nothing by itself, and leaving it out would hide those who are fewest.",
        fix="Collect more rows of these groups, name a coarser column, or set `min_rows` by what you can accept.",
    ),
)


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Ask the candidate about the holdout and compare every two groups.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``candidate`` (model), ``holdout`` (labelled rows), and ``baseline`` (model) where ``worsening`` is set.

    Raises
    ------
    InputError
        Where rows, labels, groups or answers do not allow a comparison.
    """
    from pytest_mlgate.gates.fairness.decision import judge
    from pytest_mlgate.gates.fairness.reading import from_inputs

    return judge(settings, from_inputs(settings, inputs))


GATE = Gate(
    name="fairness",
    codes=CODES,
    settings=Settings,
    inputs=("candidate", "holdout"),
    optional=("baseline",),
    run=run,
)


def check_fairness(
    y_true: ArrayLike,
    candidate: ArrayLike,
    groups: Any,
    *,
    baseline: ArrayLike | None = None,
    limits: Mapping[str, float] | None = None,
    ratios: Mapping[str, float] | None = None,
    worsening: float | None = None,
    threshold: float | None = None,
    positive: Any = None,
    weights: ArrayLike | None = None,
    sensitive: Sequence[str] = (),
    seed: int = 0,
    **settings: Any,
) -> GateResult:
    """Compare what a model does to each of several groups.

    Parameters
    ----------
    y_true : array-like of shape (n_rows,)
        Labels (or values, for ``mean_error`` and ``mean_absolute_error``), none missing.
    candidate, baseline : array-like of shape (n_rows,)
        Predicted labels or values; with ``threshold``, scores that are larger for the positive label.
    groups : DataFrame, Series or array-like of n_rows rows
        Each column names a group for every row; a missing value is a group of its own.
    limits : Mapping of str to float
        The largest difference between any two groups, by metric: ``selection_rate``, ``true_positive_rate``,
        ``false_positive_rate``, ``true_negative_rate``, ``false_negative_rate``, ``precision``, ``error_rate``; in a
        regression ``mean_error``, ``mean_absolute_error``.
    ratios : Mapping of str to float
        The smallest ratio between any two groups, in (0, 1], by metric.
    worsening : float, optional
        By how much a difference between two groups may exceed the baseline's, at least 0.
    threshold : float, optional
        Scores of at least this are positive.
    positive : label, optional
        The label whose rates are compared; None: the larger of two.
    weights : array-like of shape (n_rows,), optional
        Sample weights; intervals are then taken at the effective number of rows.
    sensitive : sequence of str
        Columns of ``groups`` whose values no message shows.
    seed : int
        Seed of the bootstrap.
    **settings
        Any other setting of the gate: ``groups_must_pass``, ``min_rows``, ``reason``, ``small_groups``, ...

    Returns
    -------
    GateResult
        The same checks as the gate's; what could not be computed is a check with outcome ``error``.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: no limit, a metric or setting that does not exist, or a number out of range.

    Examples
    --------
    >>> from pytest_mlgate import check_fairness
    >>> truth, said = [0, 1] * 2000, [0, 1] * 1000 + [0, 0, 0, 1] * 500
    >>> check_fairness(truth, said, ["a"] * 2000 + ["b"] * 2000, limits={"true_positive_rate": 0.1}).outcome.value
    'fail'
    """
    import pandas as pd

    from pytest_mlgate.gates.fairness.decision import judge
    from pytest_mlgate.gates.fairness.reading import from_arrays

    if isinstance(groups, pd.DataFrame):
        frame = groups
    else:
        series = pd.Series(groups)
        frame = series.to_frame("group" if series.name is None else str(series.name))
    frame = frame.reset_index(drop=True).rename(columns=str)
    checked = Settings(
        **{
            "groups": tuple(frame.columns),
            "limits": dict(limits or {}),
            "ratios": dict(ratios or {}),
            "worsening": worsening,
            "threshold": threshold,
            "positive": positive.item() if hasattr(positive, "item") else positive,
            **settings,
        }
    )

    def judged(rule: Settings, inputs: Inputs) -> list[Check]:
        rows = from_arrays(
            rule,
            y_true,
            candidate,
            baseline,
            frame,
            weights,
            sensitive=inputs.facts.sensitive,
            seed=inputs.facts.seed,
        )
        return judge(rule, rows)

    facts = Facts(seed=seed, sensitive=tuple(sensitive))
    return run_gate(replace(GATE, run=judged), checked, Inputs(facts=facts, values={}))
