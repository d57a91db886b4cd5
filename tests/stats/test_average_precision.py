"""Average precision: the value of scikit-learn, limits that hold what they say, and none where they would not."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from pytest_mlgate.stats.average_precision import FEWEST, average_precision_interval


def rows(n: int, prevalence: float, distance: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    positive = rng.random(n) < prevalence
    return positive, rng.normal(size=n) + distance * positive


@pytest.mark.parametrize("digits", [None, 1])
def test_the_value_is_that_of_scikit_learn_with_and_without_ties(digits: int | None) -> None:
    positive, score = rows(600, 0.2, 1.0, 0)
    score = score if digits is None else score.round(digits)

    found = average_precision_interval(positive, score, resamples=100)
    assert found.estimate == pytest.approx(average_precision_score(positive, score), abs=1e-12)
    assert found.low < found.estimate < found.high


def test_the_limits_do_not_depend_on_the_scale_or_the_order_of_rows() -> None:
    positive, score = rows(400, 0.3, 1.0, 1)
    found = average_precision_interval(positive, score)

    other = average_precision_interval(positive, np.exp(score))
    assert (other.low, other.high) == (found.low, found.high)


def test_a_higher_level_is_wider_and_the_test_agrees_with_its_limit() -> None:
    positive, score = rows(400, 0.3, 1.0, 2)
    narrow, wide = (average_precision_interval(positive, score, level=level) for level in (0.8, 0.95))

    assert wide.low < narrow.low < narrow.high < wide.high
    assert wide.p_below(wide.high) == pytest.approx(0.025)


@pytest.mark.parametrize("few", ["positive", "negative"])
def test_few_rows_of_a_class_have_no_interval(few: str) -> None:
    positive = np.arange(400) < FEWEST - 1
    positive = positive if few == "positive" else ~positive

    with pytest.raises(ValueError, match=f"{FEWEST - 1} rows of the rarer class"):
        average_precision_interval(positive, np.random.default_rng(0).normal(size=400))


def test_a_perfect_score_has_none() -> None:
    positive = np.arange(200) < 80

    with pytest.raises(ValueError, match="logit is not finite"):
        average_precision_interval(positive, positive * 1.0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("prevalence", "distance", "n"), [(0.1, 0.7, 550), (0.02, 1.5, 2700), (0.5, 2.0, 200), (0.5, 0.0, 400)]
)
def test_one_interval_in_twenty_misses(prevalence: float, distance: float, n: int) -> None:
    positive, score = rows(1_000_000, prevalence, distance, 9)
    true = average_precision_score(positive, score)
    missed, made = 0, 0
    for seed in range(400):
        positive, score = rows(n, prevalence, distance, 1000 + seed)
        if min(positive.sum(), n - positive.sum()) < FEWEST:
            continue
        found = average_precision_interval(positive, score, level=0.95, resamples=200, seed=seed)
        missed, made = missed + (not found.low <= true <= found.high), made + 1
    print(f"{prevalence:g} {distance:g} {n}: {missed / made:.3f} of {made}")

    assert made > 200
    assert missed / made <= 0.08
