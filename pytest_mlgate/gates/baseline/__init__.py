"""The baseline gate: the candidate is no worse than what it would replace, as a whole and in every slice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from pytest_mlgate.gates.base import Code, Facts, Gate, GateSettings, Inputs, run_gate

if TYPE_CHECKING:
    from typing import Self

    import pandas as pd
    from numpy.typing import ArrayLike

    from pytest_mlgate.checks import Check, GateResult

CODES = (
    Code(
        code="MLG101",
        title="The candidate is no worse than the baseline",
        why="A candidate that is worse by more than the margin costs what the margin was chosen to protect; "
        "`candidate >= baseline` instead blocks every second of two equally good models.",
        fix="Fail: keep the baseline, or find what the candidate lost (slices, rows that it broke). Inconclusive: "
        "give the holdout the rows the message names, or widen `margin` if such a difference does not matter.",
    ),
    Code(
        code="MLG102",
        title="The candidate is no worse in a slice",
        why="A model that is better on the whole can be worse for one group, and the whole does not show it.",
        fix="Look at the rows of the slice: is a feature missing, late or differently coded there? Train with more of "
        "them, or keep the baseline. A wider `slice_margin` is a decision about that group; write down why.",
    ),
    Code(
        code="MLG103",
        title="Small slices, by name and together",
        why="A slice of a few rows proves nothing by itself, and leaving it out would hide it; together small slices "
        "can be judged.",
        fix="Collect more rows of these slices, slice by a coarser column, or set `min_rows` by what you can accept.",
    ),
    Code(
        code="MLG104",
        title="The candidate's own metric is above the floor",
        why="A candidate that is as good as a poor baseline is poor.",
        fix="Improve the candidate, give more labelled rows if the limit is what is missing, or lower `floor`.",
    ),
    Code(
        code="MLG105",
        title="The improvement is not suspiciously large",
        why="A jump in quality is more often a leak of the answer than a discovery: a feature known only after the "
        "fact, or rows of the holdout in the training data.",
        fix="Check when each new feature is known, and that no row is in both tables; if the improvement is real, "
        "raise `cap` and say why.",
    ),
)

_ONE = 1.0


class Settings(GateSettings):
    """What ``[[gates.baseline]]`` may say."""

    metric: str | None = Field(default=None, min_length=1)
    """A scorer's name of scikit-learn; default: roc_auc (binary), accuracy (multiclass), r2 (regression)."""
    margin: float = Field(default=0.01, ge=0)
    """The largest loss that does not matter, in the unit of the metric; 0 asks for an improvement."""
    floor: float | None = None
    """The candidate's own metric must be above this."""
    cap: float | None = Field(default=None, gt=0)
    """An improvement above this is suspicious."""
    slices: tuple[str, ...] = ()
    """Columns of the holdout; every level is judged by itself."""
    slice_margin: float | None = Field(default=None, ge=0)
    """The margin within a slice; default: `margin`."""
    min_rows: int = Field(default=200, ge=2)
    """A slice with fewer rows is small."""
    min_class_rows: int = Field(default=30, ge=2)
    """A slice with fewer rows of either class is small, in a binary task."""
    small_slices: Literal["warn", "block"] = "warn"
    """What a slice that is too small to judge does."""
    slices_must_pass: bool = False
    """Whether a slice that is not settled blocks too."""
    candidates_seen: int = Field(default=1, ge=1)
    """How many candidates were compared on this holdout: limits are taken at 5 % over this number."""
    cluster: str | None = Field(default=None, min_length=1)
    """A column of the holdout whose rows belong together: whole groups are resampled."""
    resamples: int = Field(default=2000, ge=200)
    """Resamples of the bootstrap, where the interval is one."""

    def default_name(self) -> str:
        """The metric, where one is named."""
        return self.metric or ""

    @model_validator(mode="after")
    def _no_percentages(self) -> Self:
        from pytest_mlgate.gates.baseline.resampling import bounded

        if bounded(self.metric):
            for key in ("margin", "slice_margin", "cap", "floor"):
                value = getattr(self, key)
                if value is not None and value > _ONE:
                    raise ValueError(
                        f"{key} = {value:g} for a metric that ends at 1: for {value:g} % write {value / 100:g}"
                    )
        return self


def run(settings: Settings, inputs: Inputs) -> list[Check]:
    """Ask both models about the holdout and judge the difference.

    Parameters
    ----------
    settings : Settings
    inputs : Inputs
        ``candidate`` and ``baseline`` (models) and ``holdout`` (labelled rows).

    Raises
    ------
    InputError
        Where rows, labels, answers or the metric do not allow a comparison.
    """
    from pytest_mlgate.gates.baseline.decision import judge
    from pytest_mlgate.gates.baseline.evaluation import from_inputs

    return judge(settings, settings.metric, from_inputs(inputs, cluster=settings.cluster))


GATE = Gate(
    name="baseline",
    codes=CODES,
    settings=Settings,
    inputs=("candidate", "baseline", "holdout"),
    run=run,
)


def check_baseline(
    y_true: ArrayLike,
    candidate: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    metric: str | None = None,
    margin: float = 0.01,
    slices: pd.DataFrame | None = None,
    task: str | None = None,
    positive: Any = None,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    seed: int = 0,
    **settings: Any,
) -> GateResult:
    """Compare the predictions or scores of two models on the same rows.

    Parameters
    ----------
    y_true : array-like of shape (n_rows,)
        Labels or values, none missing.
    candidate, baseline : array-like of shape (n_rows,) or (n_rows, n_classes)
        What the metric judges: predicted labels (``accuracy``, ``f1``, ...), scores that are larger for the positive
        class (``roc_auc``, ``average_precision``), probabilities (``neg_log_loss``, ``neg_brier_score``; one column
        a class in sorted order, or in a binary task one number for the positive one), or predicted values.
        ``baseline=None`` compares with a dummy that answers the same for every row.
    metric : str or None
        A scorer's name of scikit-learn. None: ``r2`` in a regression, ``roc_auc`` for scores in a binary task,
        else ``accuracy``.
    margin : float
        The largest loss that does not matter, at least 0.
    slices : DataFrame of n_rows rows, optional
        Each of its columns is sliced by.
    task : {"binary", "multiclass", "regression"}, optional
        Found out from ``y_true`` where it is not given.
    positive : label, optional
        The positive label of a binary task; None: the larger one.
    weights : array-like of shape (n_rows,), optional
        Sample weights; the interval is then a bootstrap.
    groups : array-like of shape (n_rows,), optional
        Which rows belong together; the bootstrap then draws groups.
    seed : int
        Seed of the bootstrap.
    **settings
        Any other setting of the gate: ``floor``, ``cap``, ``slice_margin``, ``min_rows``, ...

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
    >>> from pytest_mlgate import check_baseline
    >>> truth = [0, 1] * 500
    >>> check_baseline(truth, truth, [0] * 1000, metric="accuracy").outcome.value
    'pass'
    """
    import pandas as pd

    from pytest_mlgate.gates.baseline.decision import judge
    from pytest_mlgate.gates.baseline.evaluation import from_arrays

    frame = None if slices is None else pd.DataFrame(slices)
    names = [] if frame is None else [str(column) for column in frame.columns]
    checked = Settings(**{"slices": tuple(names), "metric": metric, "margin": margin, **settings})

    def judged(rule: Settings, inputs: Inputs) -> list[Check]:
        evaluation = from_arrays(
            y_true,
            candidate,
            baseline,
            task=task,
            positive=positive,
            slices=frame,
            weights=weights,
            groups=groups,
            seed=inputs.facts.seed,
        )
        return judge(rule, rule.metric, evaluation)

    return run_gate(replace(GATE, run=judged), checked, Inputs(facts=Facts(seed=seed), values={}))
