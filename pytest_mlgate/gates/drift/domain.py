"""All columns together: whether a classifier can tell the current rows from the reference ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import Check, InputError, Outcome, Severity
from pytest_mlgate.gates.baseline.words import grouped, interval, limits, number
from pytest_mlgate.gates.drift.encoding import encode
from pytest_mlgate.gates.drift.report import FIX
from pytest_mlgate.gates.drift.rows import free_subject, rows_of

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from pytest_mlgate.gates.base import Facts
    from pytest_mlgate.gates.drift.decision import Evidence
    from pytest_mlgate.gates.drift.encoding import Encoded
    from pytest_mlgate.gates.drift.settings import Settings
    from pytest_mlgate.gates.drift.sides import Side
    from pytest_mlgate.stats.estimate import Estimate

CODE = "MLG516"
SUBJECT = "domain classifier"
MOST_ROWS = 20_000
LEAST_ROWS = 200
FOLDS = 5
_DRIVERS = 5
_DRIVER_ROWS = 2_000
_CHANCE = 0.5
_TREES: dict[str, Any] = {
    "max_iter": 50,
    "learning_rate": 0.1,
    "max_leaf_nodes": 15,
    "min_samples_leaf": 20,
    "early_stopping": False,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Separation:
    """How well rows were told apart.

    Attributes
    ----------
    auc : Estimate
        Out-of-fold area under the ROC curve, current rows being the positive ones.
    drivers : dict of str to float
        Columns and the area that is lost when their values are shuffled, the largest first; empty where the area is
        not above chance for certain.
    """

    auc: Estimate
    drivers: dict[str, float]


def judge_domain(
    reference: Side, current: Side, found: Sequence[Check | Evidence], settings: Settings, facts: Facts
) -> Check:
    """Return the one check of all columns together.

    Parameters
    ----------
    reference, current : Side
        With rows.
    found : sequence of Check or Evidence
        Of the columns one by one: those that were set aside (identifiers, columns that cannot be compared) are left
        out here too.
    settings : Settings
        ``only``, ``exclude`` and ``max_auc``.
    facts : Facts
        Target, id, time and weight are left out; ``seed`` is that of sampling, folds and trees.
    """
    subject = free_subject(SUBJECT, reference, current)
    set_aside = [item.subject for item in found if isinstance(item, Check)]
    try:
        return _judge(subject, reference, current, set_aside, settings, facts)
    except InputError as error:  # takes nothing from the columns
        return Check(
            code=CODE,
            subject=subject,
            outcome=Outcome.ERROR,
            message=error.message,
            fix=error.fix,
            details=error.details,
        )


def _judge(
    subject: str, reference: Side, current: Side, set_aside: Sequence[str], settings: Settings, facts: Facts
) -> Check:
    frames = [rows_of(side, what="domain_classifier = true") for side in (reference, current)]
    smaller = min(reference.rows, current.rows)
    if smaller < LEAST_ROWS:
        return _too_small(subject, reference, current, settings)
    aside = {*settings.exclude, *set_aside, *filter(None, (facts.target, facts.id, facts.time, facts.weight))}
    wanted = [name for name in reference.columns if name in current.columns and name not in aside]
    if settings.only is not None:
        wanted = [name for name in wanted if name in settings.only]
    sides = [_sampled(frame[wanted], [facts.seed, k]) for k, frame in enumerate(frames, start=1)]
    encoded = encode(sides[0], sides[1], hidden=facts.sensitive)
    if not encoded.names:
        raise InputError(
            "the domain classifier has no column to look at: times, identifiers and the target are left out",
            fix="give both tables columns to compare, or take `domain_classifier` out",
        )
    found = separate(encoded, seed=facts.seed)
    return _check(subject, found, encoded, (reference.rows, current.rows), settings, facts.seed)


def separate(encoded: Encoded, *, seed: int) -> Separation:
    """Fit trees on four fifths of the rows, score the last fifth, five times over; return how well that went.

    The trees are the same wherever they are fitted: one thread, no early stopping, a fixed seed.
    """
    import numpy as np
    from sklearn.model_selection import StratifiedKFold
    from threadpoolctl import threadpool_limits

    from pytest_mlgate.stats.out_of_fold import out_of_fold_auc

    X, current = encoded.values, encoded.current
    scores, fold = np.empty(len(current)), np.empty(len(current), dtype=np.intp)
    folds = list(StratifiedKFold(FOLDS, shuffle=True, random_state=seed).split(X, current))
    fitted = []
    with threadpool_limits(limits=1):  # sums over threads depend on their number
        for k, (train, test) in enumerate(folds):
            trees = _trees(encoded, seed).fit(X[train], current[train])
            scores[test], fold[test] = trees.decision_function(X[test]), k
            fitted.append(trees)
        auc = out_of_fold_auc(current, scores, fold)
        drivers = _drivers(encoded, fitted, [test for _, test in folds], seed) if auc.low > _CHANCE else {}
    return Separation(auc=auc, drivers=drivers)


def _trees(encoded: Encoded, seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(categorical_features=encoded.categorical, random_state=seed, **_TREES)


def _drivers(encoded: Encoded, fitted: Sequence[Any], tests: Sequence[NDArray[np.intp]], seed: int) -> dict[str, float]:
    """Return what the mean area of the folds loses when one column's values change rows (Breiman 2001)."""
    import numpy as np

    from pytest_mlgate.stats.auc import roc_order, weighted_auc

    rng = np.random.default_rng([seed, 3])
    lost = np.zeros(len(encoded.names))
    for trees, test in zip(fitted, tests, strict=True):
        rows = rng.permutation(test)[:_DRIVER_ROWS]
        X, truth, ones = encoded.values[rows], encoded.current[rows], np.ones(len(rows))

        def area(values: NDArray[np.float64], trees: Any = trees, truth: Any = truth, ones: Any = ones) -> float:
            return weighted_auc(ones, roc_order(truth, trees.decision_function(values)))

        whole = area(X)
        for k in range(X.shape[1]):
            shuffled = X.copy()
            shuffled[:, k] = rng.permutation(X[:, k])
            lost[k] += (whole - area(shuffled)) / len(fitted)
    order = np.argsort(-lost, kind="stable")[:_DRIVERS]
    return {encoded.names[k]: float(lost[k]) for k in order if lost[k] > 0}


def _sampled(frame: pd.DataFrame, seed: Sequence[int]) -> pd.DataFrame:
    import numpy as np

    if len(frame) > MOST_ROWS:
        rows = np.sort(np.random.default_rng(seed).choice(len(frame), MOST_ROWS, replace=False))
        frame = frame.iloc[rows]
    return frame.reset_index(drop=True)


def _check(
    subject: str, found: Separation, encoded: Encoded, rows: tuple[int, int], settings: Settings, seed: int
) -> Check:
    auc, limit = found.auc, settings.max_auc
    outcome = _outcome(auc, limit)
    parts = [f"AUC {number(auc.estimate)} {limits(auc, sign=False)}"]
    parts[0] += "" if limit is None else f"; limit {limit:g}"
    if found.drivers:
        driving = ", ".join(f"{name} ({lost:.3f})" for name, lost in found.drivers.items())
        parts.append(f"driven by {driving}, the AUC that is lost when a column is shuffled")
    else:
        parts.append("a classifier cannot tell current rows from reference rows for certain")
    if outcome is Outcome.INCONCLUSIVE:
        parts.append(f"not settled on which side of {limit:g} it lies")
    used = [min(count, MOST_ROWS) for count in rows]
    if used != list(rows):
        parts.append(f"{grouped(used[0])} reference and {grouped(used[1])} current rows, drawn with seed {seed}")
    return Check(
        code=CODE,
        subject=subject,
        outcome=outcome,
        severity=Severity.NOTE if limit is None else Severity.BLOCK,
        message="; ".join(parts),
        fix="" if outcome is Outcome.PASS else FIX[CODE],
        observed=auc.estimate,
        limit=limit,
        interval=interval(auc),
        n=auc.n,
        details={
            "drivers": found.drivers,
            "columns": list(encoded.names),
            "left_out": dict(encoded.left_out),
            "reference_rows": used[0],
            "current_rows": used[1],
            "folds": FOLDS,
            "seed": seed,
            "trees": _TREES,
        },
    )


def _outcome(auc: Estimate, limit: float | None) -> Outcome:
    """Three ways against a limit; without one, whether the area is above chance for certain."""
    if limit is None:
        return Outcome.FAIL if auc.low > _CHANCE else Outcome.PASS
    if auc.low > limit:
        return Outcome.FAIL
    return Outcome.PASS if auc.high < limit else Outcome.INCONCLUSIVE


def _too_small(subject: str, reference: Side, current: Side, settings: Settings) -> Check:
    return Check(
        code=CODE,
        subject=subject,
        outcome=Outcome.INCONCLUSIVE,
        severity=Severity.NOTE if settings.max_auc is None else Severity.BLOCK,
        message=f"the sample is too small: {reference.rows} reference and {current.rows} current rows, and a"
        f" classifier needs {LEAST_ROWS} of either",
        fix=f"Give it {LEAST_ROWS} rows a side, or take `domain_classifier` out.",
        limit=settings.max_auc,
        n=reference.rows + current.rows,
    )
