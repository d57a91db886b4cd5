"""NDCG and reciprocal rank of each query."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import label_ranking_average_precision_score, ndcg_score

from pytest_mlgate.stats.ranking import ndcg, reciprocal_rank


@st.composite
def tables(draw):
    """Relevances and scores of queries with many ties, the rows of all queries shuffled."""
    sizes = draw(st.lists(st.integers(2, 8), min_size=1, max_size=5))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    query = np.repeat(np.arange(len(sizes)), sizes)
    relevance, score = rng.integers(0, 4, len(query)), rng.integers(0, draw(st.integers(1, 20)), len(query))
    order = rng.permutation(len(query))
    return relevance[order] * (rng.random() > 0.1), score[order].astype(float), query[order]


@given(tables(), st.one_of(st.none(), st.integers(1, 10)))
@settings(deadline=None, max_examples=150)
def test_ndcg_is_scikit_learns_also_with_ties(table, k):
    relevance, score, query = table
    expected = [ndcg_score([relevance[query == q]], [score[query == q]], k=k) for q in range(query.max() + 1)]

    assert ndcg(relevance, score, query, k=k) == pytest.approx(expected, abs=1e-12)


def test_a_query_without_a_relevant_row_is_nought_as_in_scikit_learn():
    assert ndcg([0, 0], [1, 2], [0, 0]).tolist() == [ndcg_score([[0, 0]], [[1, 2]])] == [0.0]
    assert reciprocal_rank([0, 0], [1, 2], [0, 0]).tolist() == [0.0]


@given(st.integers(0, 10**6))
@settings(deadline=None, max_examples=30)
def test_without_ties_one_relevant_row_has_the_reciprocal_rank_of_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    relevant, score = np.eye(6)[rng.integers(6, size=4)], rng.permuted(np.tile(np.arange(6.0), (4, 1)), axis=1)
    found = reciprocal_rank(relevant.ravel(), score.ravel(), np.repeat(np.arange(4), 6))

    assert found.mean() == pytest.approx(label_ranking_average_precision_score(relevant, score), abs=1e-12)


@given(tables(), st.one_of(st.none(), st.integers(1, 6)))
@settings(deadline=None, max_examples=40)
def test_the_reciprocal_rank_is_the_mean_over_all_orders_of_tied_rows(table, k):
    relevance, score, query = (column[table[2] == 0][:6] for column in table)
    values = []
    for order in itertools.permutations(range(len(score))):
        if all(score[a] >= score[b] for a, b in itertools.pairwise(order)):
            ranks = [rank for rank, row in enumerate(order, 1) if relevance[row] > 0]
            values.append(1 / ranks[0] if ranks and (k is None or ranks[0] <= k) else 0.0)

    assert reciprocal_rank(relevance, score, query, k=k)[0] == pytest.approx(np.mean(values), abs=1e-12)


@given(tables(), st.integers(0, 1000))
@settings(deadline=None, max_examples=30)
def test_the_order_of_the_file_changes_nothing(table, seed):
    order = np.random.default_rng(seed).permutation(len(table[0]))
    shuffled = [column[order] for column in table]

    assert ndcg(*shuffled, k=3) == pytest.approx(ndcg(*table, k=3), abs=1e-12)
    assert reciprocal_rank(*shuffled) == pytest.approx(reciprocal_rank(*table), abs=1e-12)


@pytest.mark.parametrize(
    ("relevance", "score", "message"),
    [
        ([1, -1], [1, 2], "negative"),
        ([1, math.nan], [1, 2], "finite"),
        ([1, 0], [1, math.inf], "finite"),
        ([1], [1, 2], "one value a row"),
    ],
)
def test_what_cannot_be_ranked_is_refused(relevance, score, message):
    for measure in (ndcg, reciprocal_rank):
        with pytest.raises(ValueError, match=message):
            measure(relevance, score, [0, 0])
