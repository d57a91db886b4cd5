"""Fold scores without common rows: what cross-validation can say of two models, which is less than rows can."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, GateResult, InputError, Severity
from pytest_mlgate.gates.base import Facts, Inputs, run_gate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from pytest_mlgate.gates.baseline import Settings

CODE = "MLG120"


def check_baseline_folds(
    candidate_scores: ArrayLike,
    baseline_scores: ArrayLike,
    *,
    n_train: int | None = None,
    n_test: int | None = None,
    test_share: float | None = None,
    margin: float = 0.01,
    metric: str = "fold scores",
    candidates_seen: int = 1,
    severity: str = "warn",
) -> GateResult:
    """Compare the fold scores of two models that were cross-validated on the same folds.

    Weaker evidence than two models on the same rows: folds share training rows, and the corrected resampled t
    (Nadeau and Bengio 2003) allows for that by a rule of thumb. So the check warns at most, unless ``severity``
    says otherwise. It also judges the way of training, not the two fitted models.

    Parameters
    ----------
    candidate_scores, baseline_scores : array-like of shape (n_folds,)
        One score a fold in the same order, higher is better, repeats one after the other; at least three folds.
    n_train, n_test : int, optional
        Training and test rows of a fold.
    test_share : float, optional
        Share of all rows that a fold tests, between 0 and 1: 0.1 for ten folds. Give this, or the two counts.
    margin : float
        The largest loss that does not matter, in the unit of the scores, at least 0.
    metric : str
        Name of the score, for the message and the check's id.
    candidates_seen : int
        How many candidates were compared on these folds: limits are taken at 5 % over this number.
    severity : {"warn", "block", "note"}
        What a result other than a pass does; an error blocks always.

    Returns
    -------
    GateResult
        One check, ``MLG120``; what could not be computed is a check with outcome ``error``.

    Raises
    ------
    pydantic.ValidationError
        A ``ValueError``: ``margin``, ``candidates_seen`` or ``severity`` out of range.

    Examples
    --------
    >>> from pytest_mlgate import check_baseline_folds
    >>> scores = [0.81, 0.79, 0.84, 0.80, 0.82]
    >>> check_baseline_folds([s + d for s, d in zip(scores, [0, 0.01, 0, -0.01, 0])], scores, test_share=0.2).checks[
    ...     0
    ... ].outcome.value
    'inconclusive'
    """
    from pytest_mlgate.gates.baseline import GATE, Settings

    settings = Settings(
        name=metric, metric=None, margin=margin, candidates_seen=candidates_seen, severity=Severity(severity)
    )

    def judged(rule: Settings, _: Inputs) -> list[Check]:
        ratio = _ratio(n_train, n_test, test_share)
        return [_judge(rule, metric, candidate_scores, baseline_scores, ratio)]

    return run_gate(replace(GATE, run=judged), settings, Inputs(facts=Facts(), values={}))


def _judge(rule: Settings, metric: str, candidate: ArrayLike, baseline: ArrayLike, ratio: float) -> Check:
    from pytest_mlgate.gates.baseline.metrics import Comparison
    from pytest_mlgate.gates.baseline.three_way import judge_one
    from pytest_mlgate.stats.folds import corrected_t_interval

    ours, theirs = _scores(candidate, "candidate_scores"), _scores(baseline, "baseline_scores")
    if len(ours) != len(theirs) or len(ours) < 3:
        raise InputError(
            f"candidate_scores has {len(ours)} folds and baseline_scores {len(theirs)}",
            fix="give one score a fold for both, of the same folds in the same order, at least three",
        )
    differences = ours - theirs
    if differences.std() <= 1e-13 * max(abs(ours).max(), 1e-300):
        raise InputError(
            f"the difference is {differences[0]:g} on each of {len(ours)} folds, which tells nothing of its scatter",
            fix="compare the models' predictions on the same rows: check_baseline",
        )
    delta = corrected_t_interval(differences, ratio=ratio, level=1 - 0.1 / rule.candidates_seen)
    found = Comparison(
        candidate=float(ours.mean()), baseline=float(theirs.mean()), delta=delta, rows=len(ours), unit="folds"
    )
    check = judge_one(metric, found, rule.margin, code=CODE)
    plain = corrected_t_interval(differences, ratio=0.0, level=delta.level)
    # More folds of the same rows never settle it: the correction does not shrink with their number.
    details = {key: value for key, value in check.details.items() if not key.startswith("rows_")}
    details.update(folds=len(ours), test_to_train=ratio, uncorrected=[plain.low, plain.high])
    return replace(
        check,
        message=f"{check.message.split('; not settled')[0]}; weaker evidence: {len(ours)} fold scores without common "
        "rows",
        fix=""
        if not check.fix
        else "compare both models' predictions on the same labelled rows (check_baseline); more folds of these rows "
        "settle little",
        severity=rule.severity,
        details=details,
    )


def _ratio(n_train: int | None, n_test: int | None, test_share: float | None) -> float:
    """Test rows over training rows."""
    if (n_train is None) != (n_test is None) or (n_train is None) == (test_share is None):
        raise InputError(
            f"n_train={n_train}, n_test={n_test}, test_share={test_share}: the size of a fold is not told, or twice",
            fix="give n_train and n_test, or test_share (0.1 for ten folds)",
        )
    if test_share is not None:
        if not 0 < test_share < 1:
            raise InputError(f"test_share={test_share!r} is not a share", fix="give a share above 0 and below 1")
        return test_share / (1 - test_share)
    assert n_train is not None
    assert n_test is not None
    if n_train < 1 or n_test < 1:
        raise InputError(f"n_train={n_train}, n_test={n_test} are not counts of rows", fix="give at least one of each")
    return n_test / n_train


def _scores(values: Any, name: str) -> Any:
    import numpy as np

    from pytest_mlgate.gates.baseline.answers import numbers

    found = np.asarray(values)
    if found.ndim != 1:
        raise InputError(f"{name} has shape {found.shape}", fix="give one score a fold, in one dimension")
    return numbers(found, name)
