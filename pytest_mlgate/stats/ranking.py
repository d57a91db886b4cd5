"""Measures of a ranking, one value a query: NDCG and the reciprocal rank."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    _Array: TypeAlias = NDArray[np.float64]
    _Codes: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class _Ranked:
    """Rows in the order of a score, query by query, and where runs of equal scores begin."""

    gain: _Array
    """Relevance of each row, in that order."""
    place: _Codes
    """Rows of the same query that stand before it."""
    starts: _Codes
    """First row of each run of one query and one score."""
    query: _Codes
    """Query of each row."""


def ndcg(relevance: ArrayLike, score: ArrayLike, query: ArrayLike, *, k: int | None = None) -> _Array:
    """Return the normalised discounted cumulative gain of each query.

    Gains are the relevances themselves, discounts ``1 / log2(1 + rank)``; rows of one score share the mean of the
    discounts of their ranks, so that the order of the file does not count. As ``sklearn.metrics.ndcg_score`` has it:
    a query without any relevant row is 0.

    Parameters
    ----------
    relevance : array-like of shape (n_rows,)
        How relevant a row is to its query; finite, at least 0.
    score : array-like of shape (n_rows,)
        What ranks the rows of a query, larger first; finite.
    query : array-like of int, shape (n_rows,)
        Number of each row's query, 0 to n_queries - 1, each at least once; in any order.
    k : int or None
        Ranks that count; None: all.

    Returns
    -------
    array of shape (n_queries,)
        In [0, 1]; a query of one row is 1 where that row is relevant.

    Raises
    ------
    ValueError
        Where a relevance is negative, or a value is not finite.

    References
    ----------
    Jarvelin, K. and Kekalainen, J. (2002). Cumulated gain-based evaluation of IR techniques. ACM Transactions on
    Information Systems 20, 422-446.

    McSherry, F. and Najork, M. (2008). Computing information retrieval performance measures efficiently in the
    presence of tied scores. ECIR 2008, LNCS 4956, 414-421, section 2.6.

    Examples
    --------
    >>> ndcg([0, 1, 2], [0.1, 0.2, 0.3], [0, 0, 0]).tolist()
    [1.0]
    """
    gain, scores, codes = _checked(relevance, score, query)
    found = _dcg(_rank(gain, scores, codes), k, ties=True)
    ideal = _dcg(_rank(gain, gain, codes), k, ties=False)
    return np.divide(found, ideal, out=np.zeros(len(ideal)), where=ideal > 0)


def reciprocal_rank(relevance: ArrayLike, score: ArrayLike, query: ArrayLike, *, k: int | None = None) -> _Array:
    """Return one over the rank of the first relevant row, of each query; its mean is the MRR.

    A row is relevant where its relevance is above 0. Where the first relevant row shares its score with others, the
    value is its expectation over their random order. A query without a relevant row (in the first ``k`` ranks) is 0.

    Parameters
    ----------
    relevance, score, query, k
        As :func:`ndcg` takes them.

    Returns
    -------
    array of shape (n_queries,)
        In [0, 1].

    References
    ----------
    Voorhees, E. M. (1999). The TREC-8 question answering track report. TREC-8, 77-82, section 4 (the measure).

    McSherry, F. and Najork, M. (2008), as above, section 2.5 (ties).

    Examples
    --------
    >>> reciprocal_rank([1, 0, 0, 1], [1, 2, 1, 1], [0, 0, 1, 1]).tolist()
    [0.5, 0.75]
    """
    gain, scores, codes = _checked(relevance, score, query)
    ranked = _rank(gain > 0, scores, codes)
    sizes = np.diff(np.append(ranked.starts, len(gain)))
    hits = np.add.reduceat(ranked.gain, ranked.starts).astype(np.intp)
    values = np.zeros(int(codes.max()) + 1)
    runs = np.flatnonzero(hits)
    owners, first = np.unique(ranked.query[ranked.starts[runs]], return_index=True)
    for owner, run in zip(owners.tolist(), runs[first].tolist(), strict=True):
        before = int(ranked.place[ranked.starts[run]])
        values[owner] = _expected_reciprocal(before, int(sizes[run]), int(hits[run]), k)
    return values


def _checked(relevance: ArrayLike, score: ArrayLike, query: ArrayLike) -> tuple[_Array, _Array, _Codes]:
    gain, scores = np.asarray(relevance, dtype=float), np.asarray(score, dtype=float)
    codes = np.asarray(query, dtype=np.intp)
    if not gain.shape == scores.shape == codes.shape or gain.ndim != 1 or not len(gain):
        raise ValueError(
            f"relevance {gain.shape}, score {scores.shape}, query {codes.shape}: one value a row is needed"
        )
    if not (np.isfinite(gain).all() and np.isfinite(scores).all()):
        raise ValueError("relevances and scores must be finite")
    if (gain < 0).any():
        raise ValueError("a relevance is negative")
    return gain, scores, codes


def _rank(gain: NDArray[np.generic], scores: _Array, codes: _Codes) -> _Ranked:
    order = np.lexsort((-scores, codes))
    query, score = codes[order], scores[order]
    new_query = np.append(True, query[1:] != query[:-1])
    new_run = new_query | np.append(True, score[1:] != score[:-1])
    rows = np.arange(len(order))
    place = rows - np.maximum.accumulate(np.where(new_query, rows, 0))
    return _Ranked(gain[order].astype(float), place, np.flatnonzero(new_run), query)


def _dcg(ranked: _Ranked, k: int | None, *, ties: bool) -> _Array:
    discount = 1 / np.log2(ranked.place + 2)
    if k is not None:
        discount[ranked.place >= k] = 0
    if ties:
        sizes = np.diff(np.append(ranked.starts, len(discount)))
        discount = np.repeat(np.add.reduceat(discount, ranked.starts) / sizes, sizes)
    return np.asarray(np.bincount(ranked.query, weights=discount * ranked.gain), dtype=float)


def _expected_reciprocal(before: int, size: int, hits: int, k: int | None) -> float:
    """Expected 1 / rank of the first of ``hits`` rows among ``size`` in random order, after ``before`` others."""
    value, none_yet = 0.0, 1.0
    last = size - hits + 1
    for place in range(1, last + 1):
        if k is not None and before + place > k:
            break
        left = size - place + 1
        value += none_yet * hits / left / (before + place)
        none_yet *= 1 - hits / left
    return value
