"""The baseline gate: the candidate is no worse than what it would replace, as a whole and in every slice."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from pytest_mlgate.checks import InputError, Outcome
from pytest_mlgate.gates.base import Code, Facts, Gate, GateSettings, Inputs, run_gate
from pytest_mlgate.gates.baseline.slicing import parse_slice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
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
    Code(
        code="MLG106",
        title="The candidate is better by what was asked for",
        why="A change that costs something (a larger model, a new feature) has to earn more than it costs.",
        fix="Keep the baseline or improve the candidate. Inconclusive: give the holdout the rows the message names.",
    ),
    Code(
        code="MLG107",
        title="The candidate is better than a trivial model",
        why="A model that is no better than the best constant answer has learnt nothing, however good its number.",
        fix="Look for labels or rows that are mixed up, and for features that carry nothing; give more labelled rows "
        "where the check is inconclusive. Where a constant is the right rival to lose to, set `trivial` to `warn`.",
    ),
    Code(
        code="MLG108",
        title="Candidate and baseline are equivalent",
        why="A refactoring, an export or a smaller copy of a model should change nothing that matters, for better or "
        "worse.",
        fix="Look at the rows on which they differ. Inconclusive: give more rows, or widen `equivalence` by what does "
        "not matter.",
    ),
    Code(
        code="MLG109",
        title="The candidate's file is small enough",
        why="A copy that is made to be smaller has to be smaller: it is what the loss of accuracy was taken for.",
        fix="Prune, quantise or compress more, or raise `max_size`. Where there is no file, save the model as it is "
        "shipped and name the file.",
    ),
    Code(
        code="MLG110",
        title="The candidate answers quickly enough",
        why="A smaller file is not always a quicker model, and a service has promised its users a time.",
        fix="Fail: make the candidate quicker, or raise `max_latency`. Inconclusive: raise `latency_repeats`, and time "
        "on a quiet machine.",
    ),
    Code(
        code="MLG113",
        title="No segment was found where the candidate loses",
        why="The columns that were thought of as slices are seldom those where a model is weak.",
        fix="Look at the rows of the segment, and name it under `slices`, so that it is judged on all rows.",
    ),
    Code(
        code="MLG114",
        title="The candidate goes by the same features as the baseline",
        why="A model that is as good as before for another reason may be right by a leak, and will err elsewhere.",
        fix="Find out what changed: a new feature, a column with another meaning, a leak of the label.",
    ),
    Code(
        code="MLG115",
        title="Both tables of predictions are about the same",
        why="Scores of two questions, or of two judges, say nothing of the models that answered.",
        fix="Make both tables with the same questions, labels and judge, or take the column out of `same` and say why.",
    ),
    Code(
        code="MLG120",
        title="Fold scores are no worse, without common rows",
        why="Folds share training rows, so their scores are not independent, and a plain t over them raises a false "
        "alarm more often than not; corrected, they are still weaker evidence than two models on the same rows.",
        fix="Keep each fold's predictions and compare them row by row with `check_baseline`, or compare both models "
        "on a holdout.",
    ),
)

_ONE = 1.0
# Above it a percentage was meant: 50 for at most half.
_LARGEST_RATIO = 10.0


class Settings(GateSettings):
    """What ``[[gates.baseline]]`` may say."""

    metric: Any = None
    """A scorer's name of scikit-learn or a metric of ours, an import path ``package.module:name``, a scorer object or
    a function ``f(y_true, y_pred)``; default: roc_auc (binary), accuracy (multiclass), r2 (regression)."""
    metric_params: dict[str, Any] = Field(default_factory=dict)
    """Arguments of the metric's function: ``{alpha = 0.9}``."""
    greater_is_better: bool | None = None
    """False where a smaller value of a function of the user's own, or of `score`, is better; its negative is then
    compared."""
    score: str | None = Field(default=None, min_length=1)
    """A column of both tables of predictions with one number a row, whose mean is compared in place of a metric."""
    same: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    """Columns that both tables of predictions must agree on, row by row."""
    prompt: str | None = Field(default=None, min_length=1)
    """A column of both tables of predictions whose values are recorded by their digest."""
    response: Literal["predict", "predict_proba", "decision_function"] | None = None
    """What such a function is given beside the truth; default: predicted labels or values."""
    threshold: float | None = Field(default=None, gt=0)
    """The probability from which on a row counts as positive; default: the model's own labels."""
    interval: Literal["auto", "score", "delong", "t", "bootstrap"] = "auto"
    """The interval, where the one that suits the metric is not wanted."""
    margin: float = Field(default=0.01, ge=0)
    """The largest loss that does not matter, in the unit of the metric; 0 asks for an improvement."""
    floor: float | None = None
    """The candidate's own metric must be above this."""
    cap: float | None = Field(default=None, gt=0)
    """An improvement above this is suspicious."""
    improvement: float | None = Field(default=None, gt=0)
    """The candidate must be better than the baseline by more than this."""
    equivalence: float | None = Field(default=None, gt=0)
    """The candidate must differ from the baseline by less than this, in either direction."""
    max_size: float | None = Field(default=None, gt=0)
    """The candidate's file may have this many times the bytes of the baseline's at most; 1: no larger."""
    max_latency: float | None = Field(default=None, gt=0)
    """The candidate may take this many times as long to answer as the baseline at most; 1: no slower."""
    latency_rows: int = Field(default=1000, ge=1)
    """How many rows of the holdout are answered at once for it, at most; 1: row by row, as a service is asked."""
    latency_repeats: int = Field(default=31, ge=5, le=1001)
    """How often both models answer them."""
    trivial: Literal["block", "warn"] = "block"
    """What a candidate does that is not shown to be better than a trivial model."""
    slices: tuple[Annotated[Any, AfterValidator(parse_slice)], ...] = ()
    """What the holdout is sliced by, as :mod:`~pytest_mlgate.gates.baseline.slicing` reads it: columns, columns
    crossed, bins of a number, a function of the table; every level is judged by itself."""
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
    segments: bool = False
    """Whether to search for the segment where the candidate loses most; a note."""
    importance: bool = False
    """Whether to compare what drives both models, by permutation importance; a warning."""
    curves: bool = True
    """Whether curves of both models are kept as evidence."""
    broken_rows: int = Field(default=20, ge=0, le=50)
    """How many of the rows that the candidate broke are kept as evidence, the surest first."""
    show_rows: bool = False
    """Whether these rows are kept with all their columns but the sensitive ones."""
    candidates_seen: int = Field(default=1, ge=1)
    """How many candidates were compared on this holdout: limits are taken at 5 % over this number."""
    cluster: str | None = Field(default=None, min_length=1)
    """A column of the holdout whose rows belong together: whole groups are resampled."""
    query: str | None = Field(default=None, min_length=1)
    """A column of the holdout whose equal values mark the rows of one query, for the metrics of rankings."""
    resamples: int = Field(default=2000, ge=200)
    """Resamples of the bootstrap, where the interval is one."""
    rows_in_memory: int = Field(default=10_000_000, ge=1)
    """Rows up to which tables of predictions are read whole; of more they are counted where they are."""

    def default_name(self) -> str:
        """The metric or the column of scores, where one is named."""
        from pytest_mlgate.gates.baseline.measures import metric_name

        if self.score is not None:
            return metric_name(self.score.replace(":", "_"), self.greater_is_better)
        return metric_name(self.metric, self.greater_is_better)

    @field_validator("metric")
    @classmethod
    def _a_metric(cls, value: Any) -> Any:
        if value is None or callable(value) or (isinstance(value, str) and value.strip()):
            return value
        raise ValueError(f"should be a scorer's name, a scorer, a function or package.module:name, not {value!r}")

    @model_validator(mode="after")
    def _intents_agree(self) -> Self:
        asked, least = self.improvement, self.equivalence
        if asked is not None and least is not None and asked >= least:
            raise ValueError(f"improvement = {asked:g} and equivalence = {least:g} cannot both be met")
        if asked is not None and self.cap is not None and asked >= self.cap:
            raise ValueError(f"improvement = {asked:g} is asked for, and above cap = {self.cap:g} is suspicious")
        unused = ("metric", "metric_params", "response", "threshold", "query")
        said = [key for key in unused if getattr(self, key)] if self.score is not None else []
        if said:
            raise ValueError(f"score = {self.score!r} takes the place of a metric: take {', '.join(said)} out")
        directed = self.greater_is_better is not None and self.score is None
        if self.metric is None and (self.metric_params or self.response or directed):
            raise ValueError(
                "metric_params, response and greater_is_better say how a metric is computed: name `metric`"
            )
        return self

    @model_validator(mode="after")
    def _no_percentages(self) -> Self:
        from pytest_mlgate.gates.baseline.resampling import bounded

        if self.threshold is not None and self.threshold >= _ONE:
            percent = f": for {self.threshold:g} % write {self.threshold / 100:g}" if self.threshold > _ONE else ""
            raise ValueError(f"threshold = {self.threshold:g} is no probability below 1{percent}")
        for key in ("max_size", "max_latency"):
            ratio = getattr(self, key)
            if ratio is not None and ratio > _LARGEST_RATIO:
                raise ValueError(
                    f"{key} = {ratio:g} is a ratio to the baseline, at most {_LARGEST_RATIO:g}: "
                    f"for {ratio:g} % write {ratio / 100:g}"
                )
        if self.score is None and bounded(self.metric):
            for key in ("margin", "slice_margin", "cap", "floor", "improvement", "equivalence"):
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
        ``candidate`` and ``baseline`` (models, or tables of predictions) and ``holdout`` (labelled rows; where there
        are two tables, the candidate's can be it).

    Raises
    ------
    InputError
        Where rows, labels, answers or the metric do not allow a comparison.
    """
    from pytest_mlgate.gates.baseline.counted import judge_counted
    from pytest_mlgate.gates.baseline.decision import judge
    from pytest_mlgate.gates.baseline.evaluation import from_inputs
    from pytest_mlgate.gates.baseline.joined import judge_same, with_models, with_provenance, with_rows
    from pytest_mlgate.gates.baseline.ranking import is_ranking
    from pytest_mlgate.gates.baseline.row_scores import from_scores

    if is_ranking(settings.metric):
        inputs = replace(inputs, facts=replace(inputs.facts, task="ranking"))
    inputs = with_models(settings, inputs)
    counted = judge_counted(settings, inputs)
    if counted is not None:
        return counted
    inputs = with_rows(settings, inputs)
    same = judge_same(settings, inputs)
    if any(check.outcome is Outcome.ERROR for check in same):  # what is beside these columns is not comparable
        return same
    if settings.score is not None:
        evaluation = from_scores(settings, inputs)
    else:
        evaluation = from_inputs(inputs, cluster=settings.cluster, query=settings.query)
    main, *others = judge(settings, evaluation, inputs)
    return [with_provenance(main, settings, inputs), *same, *others]


GATE = Gate(
    name="baseline",
    codes=CODES,
    settings=Settings,
    inputs=("candidate", "baseline"),
    optional=("holdout",),
    run=run,
)


def check_baseline(
    y_true: ArrayLike,
    candidate: ArrayLike,
    baseline: ArrayLike | None = None,
    *,
    metric: str | Callable[..., Any] | None = None,
    margin: float = 0.01,
    slices: pd.DataFrame | None = None,
    slice_by: Sequence[Any] | None = None,
    task: str | None = None,
    positive: Any = None,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    query: ArrayLike | None = None,
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
    metric : str, scorer, callable or None
        A scorer's name of scikit-learn or a metric of ours (``recall_at_k``, ``neg_mean_pinball_loss``, ...), a scorer
        object, or a function ``f(y_true, y_pred)`` of your own (see ``response`` and ``greater_is_better``). None:
        ``r2`` in a regression, ``roc_auc`` for scores in a binary task, else ``accuracy``.
    margin : float
        The largest loss that does not matter, at least 0.
    slices : DataFrame of n_rows rows, optional
        What the rows are sliced by, the broken rows are shown with, and weak segments are searched in.
    slice_by : sequence, optional
        Items as the setting ``slices`` takes them: a column, a list of columns (crossed), ``{"column": "distance",
        "bins": [500, 1000]}``, or a function of ``slices``. None: each column of ``slices``.
    task : {"binary", "multiclass", "regression", "ranking"}, optional
        Found out from ``y_true`` where it is not given.
    positive : label, optional
        The positive label of a binary task; None: the larger one.
    weights : array-like of shape (n_rows,), optional
        Sample weights.
    groups : array-like of shape (n_rows,), optional
        Which rows belong together; the bootstrap then draws groups.
    query : array-like of shape (n_rows,), optional
        Which rows belong to one query, for ``ndcg``, ``ndcg@10``, ``mrr`` or ``mrr@10``; ``y_true`` then holds
        relevances of at least 0, and the answers are scores.
    seed : int
        Seed of the bootstrap.
    **settings
        Any other setting of the gate: ``metric_params``, ``interval``, ``threshold``, ``improvement``, ``floor``,
        ``cap``, ``equivalence``, ``slice_margin``, ``min_rows``, ...

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
    from pytest_mlgate.gates.baseline.ranking import is_ranking

    frame = None if slices is None else pd.DataFrame(slices)
    items = list(slice_by or ()) if slice_by is not None or frame is None else [str(name) for name in frame.columns]
    checked = Settings(**{"slices": tuple(items), "metric": metric, "margin": margin, **settings})

    def judged(rule: Settings, inputs: Inputs) -> list[Check]:
        if rule.score or rule.same or rule.prompt:
            raise InputError(
                "score, same and prompt are columns of tables", fix="call check_predictions with both tables"
            )
        evaluation = from_arrays(
            y_true,
            candidate,
            baseline,
            task="ranking" if is_ranking(rule.metric) else task,
            positive=positive,
            slices=frame,
            weights=weights,
            groups=groups,
            query=query,
            seed=inputs.facts.seed,
        )
        return judge(rule, evaluation, inputs)

    return run_gate(replace(GATE, run=judged), checked, Inputs(facts=Facts(seed=seed), values={}))
