"""Rankings: one value a query, compared over queries; rows of different queries are never pooled."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pytest_mlgate.checks import InputError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.gates.baseline.answers import Answers, Evaluation
    from pytest_mlgate.stats.estimate import Estimate

DEFAULT = "ndcg@10"
# Fewer leave no one-sided 95 % limit: 2^4 patterns of signs are less than 20.
_FEWEST_QUERIES = 5
# Below so many queries the t interval is not to be trusted, and signs are flipped instead.
FEW_QUERIES = 30
# Simulated: with fewer queries that differ, a candidate that breaks a few badly passes too often.
_FEW_DIFFER = 10
_NAME = re.compile(r"(ndcg|mrr)(?:@([1-9]\d*))?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """Both models' mean over queries, and what is known of the difference."""

    candidate: float
    baseline: float
    delta: Estimate
    queries: int
    note: str
    facts: Mapping[str, Any]


def is_ranking(metric: object) -> bool:
    """Whether this is a metric of rankings: ``ndcg``, ``mrr``, or either at a rank (``ndcg@10``)."""
    return isinstance(metric, str) and _NAME.fullmatch(metric) is not None


def why_not(ev: Evaluation, rows: NDArray[np.intp]) -> str:
    """Return why these rows cannot be compared as rankings; empty where they can."""
    import numpy as np

    queries = len(np.unique(_queries(ev)[rows]))
    if queries >= _FEWEST_QUERIES:
        return ""
    return f"{queries} quer{'y' if queries == 1 else 'ies'}, fewer than the {_FEWEST_QUERIES} that a comparison needs"


def compare(metric: str, ev: Evaluation, rows: NDArray[np.intp], *, level: float) -> Ranked:
    """Compare both models' rankings of the queries of some rows.

    The interval is the paired t over queries; below 30 queries that of the sign-flip permutation. Where fewer than ten
    queries differ, and fewer than half, it is at least as wide as that of a share of which nothing was seen.

    Parameters
    ----------
    metric : str
        For which :func:`is_ranking` holds.
    ev : Evaluation
        ``y`` holds relevances, larger for more relevant, and ``predict`` of both models gives scores.
    rows : array of int
        Numbers of the rows, all rows of each query.
    level : float
        Two-sided level of the interval.

    Raises
    ------
    InputError
        Where a relevance is negative, or a query has rows that are not among these.
    """
    import numpy as np

    from pytest_mlgate.stats.estimate import widened

    values = [_values(metric, ev, model, rows) for model in (ev.candidate, ev.baseline)]
    difference = values[0] - values[1]
    # Where hardly any query differs, one that was not seen may differ by as much as the measure can.
    few = np.count_nonzero(np.abs(difference) > 1e-12) < min(_FEW_DIFFER, len(difference) / 2)
    scale = 1.0 if few else float(np.concatenate(values).std())
    delta = _interval(difference, ev.seed, level, paired=True)
    facts = _facts(ev, rows)
    return Ranked(
        candidate=float(values[0].mean()),
        baseline=float(values[1].mean()),
        delta=widened(delta, scale, n=len(values[0])),
        queries=len(values[0]),
        note=_note(facts),
        facts=facts,
    )


def own(metric: str, ev: Evaluation, rows: NDArray[np.intp], *, level: float) -> Estimate:
    """Return the candidate's own mean over queries with its limits; parameters as :func:`compare` takes them."""
    return _interval(_values(metric, ev, ev.candidate, rows), ev.seed, level, paired=False)


def mean(metric: str, ev: Evaluation, rows: NDArray[np.intp]) -> float:
    """Return the candidate's mean over the queries of some rows; parameters as :func:`compare` takes them."""
    return float(_values(metric, ev, ev.candidate, rows).mean())


def as_scores(ways: Mapping[str, Callable[[], Any]], name: str) -> dict[str, Callable[[], Any]]:
    """Return one way of asking, ``predict``, that gives what a model ranks by.

    A classifier ranks by its decision function or by the probability of its last class, any other model by what it
    predicts.
    """
    if "decision_function" in ways:
        return {"predict": ways["decision_function"]}
    if "predict_proba" in ways:
        return {"predict": lambda: _last_column(ways["predict_proba"]())}
    if "predict" in ways:
        return {"predict": ways["predict"]}
    raise InputError(f"the {name} gives no score to rank by", fix="give a model with predict or decision_function")


def _last_column(answer: Any) -> NDArray[Any]:
    import numpy as np

    found = np.asarray(answer)
    return found[:, -1] if found.ndim == 2 else found


def _queries(ev: Evaluation) -> NDArray[np.intp]:
    if ev.queries is None:
        raise InputError(
            "a metric of rankings needs to know which rows belong to one query",
            fix="set `query` to the column of the holdout that names each row's query (or pass `query=`)",
        )
    for given, what in ((ev.weights, "a weight column"), (ev.clusters, "`cluster` or `groups`")):
        if given is not None:
            raise InputError(
                f"{what} is given, and a metric of rankings counts each query once",
                fix="leave it out for this entry; rows are grouped by query already",
            )
    return ev.queries


def _values(metric: str, ev: Evaluation, model: Answers, rows: NDArray[np.intp]) -> NDArray[np.float64]:
    """One value a query, in the order of the queries' numbers."""
    import numpy as np

    from pytest_mlgate.stats import ranking

    queries, relevance = _queries(ev), np.asarray(ev.y, dtype=float)
    _, codes, inside = np.unique(queries[rows], return_inverse=True, return_counts=True)
    whole = np.bincount(queries)[queries[rows]]
    cut = rows[whole > inside[codes]]
    if len(cut):
        raise InputError(
            f"{len(cut)} of {len(rows)} rows belong to queries that have other rows elsewhere: a ranking cannot be cut",
            fix="slice by a column that is the same for all rows of a query",
        )
    if (relevance[rows] < 0).any():
        raise InputError(
            f"the relevance of row {int(rows[relevance[rows] < 0][0])} is negative: {relevance[rows].min():g}",
            fix="give relevances of at least 0, where 0 is not relevant",
        )
    found = _NAME.fullmatch(metric)
    assert found is not None
    measure = {"ndcg": ranking.ndcg, "mrr": ranking.reciprocal_rank}[found[1]]
    return measure(relevance[rows], model.predict()[rows], codes, k=int(found[2]) if found[2] else None)


def _interval(values: NDArray[np.float64], seed: int, level: float, *, paired: bool) -> Estimate:
    from pytest_mlgate.stats.means import t_interval
    from pytest_mlgate.stats.signflip import sign_flip_interval

    ends = (-1.0, 1.0) if paired else (0.0, 1.0)
    if len(values) < FEW_QUERIES:
        found = sign_flip_interval(values, level=level, seed=seed, ends=ends)
    else:
        found = t_interval(values, level=level, method="paired t" if paired else "t")
    return replace(found, method=f"{found.method} over queries")


def _facts(ev: Evaluation, rows: NDArray[np.intp]) -> dict[str, Any]:
    import numpy as np

    from pytest_mlgate.stats.signflip import EXACT

    _, codes = np.unique(_queries(ev)[rows], return_inverse=True)
    relevant = np.bincount(codes, weights=np.asarray(ev.y, dtype=float)[rows] > 0)
    few = {"seed": ev.seed} if EXACT < len(relevant) < FEW_QUERIES else {}
    return {
        **few,
        "queries": len(relevant),
        "queries_without_a_relevant_row": int((relevant == 0).sum()),
        "queries_of_one_row": int((np.bincount(codes) == 1).sum()),
    }


def _note(facts: Mapping[str, Any]) -> str:
    without, queries = facts["queries_without_a_relevant_row"], facts["queries"]
    return f"{without} of {queries} queries have no relevant row and count as 0 for both" if without else ""
