from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import false_discovery_control

from pytest_mlgate.stats.multiplicity import benjamini_hochberg, holm

p_values = hnp.arrays(np.float64, st.integers(0, 30), elements=st.floats(0, 1))


def test_holm_agrees_with_a_table_worked_by_hand() -> None:
    """4 * 0.005, then 3 * 0.01, then 2 * 0.03, then max(0.06, 1 * 0.04)."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02], abs=1e-15)


# Fifteen p-values of Benjamini and Hochberg (1995), section 4.1 (thrombolysis). The paper states that at q = 0.05
# Bonferroni rejects three hypotheses, Hochberg's (and so at most Holm's) procedure no more, and theirs four.
NEUHAUS = [
    *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
    *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0000),
]


def test_holm_rejects_three_of_the_thrombolysis_example() -> None:
    assert int((holm(NEUHAUS) <= 0.05).sum()) == 3


def test_benjamini_hochberg_rejects_four_of_the_thrombolysis_example() -> None:
    adjusted = benjamini_hochberg(NEUHAUS)

    assert int((adjusted <= 0.05).sum()) == 4
    assert adjusted[:4] == pytest.approx([0.0015, 0.003, 0.0095, 0.035625], abs=1e-12)  # 15 p / rank


@settings(deadline=None, max_examples=60)
@given(p_values)
def test_benjamini_hochberg_agrees_with_scipy(p: np.ndarray) -> None:
    expected = false_discovery_control(p) if p.size else p

    assert benjamini_hochberg(p) == pytest.approx(expected, rel=1e-12, abs=1e-300)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@settings(deadline=None, max_examples=40)
@given(p=p_values, seed=st.integers(0, 100))
def test_the_order_of_the_tests_does_not_matter(adjust, p: np.ndarray, seed: int) -> None:
    order = np.random.default_rng(seed).permutation(p.size)

    assert np.array_equal(adjust(p)[order], adjust(p[order]))


@settings(deadline=None, max_examples=60)
@given(p_values)
def test_raw_is_at_most_bh_is_at_most_holm_is_at_most_bonferroni(p: np.ndarray) -> None:
    bh, strict = benjamini_hochberg(p), holm(p)

    assert (p <= bh + 1e-15).all()
    assert (bh <= strict + 1e-15).all()
    assert (strict <= np.minimum(p * p.size, 1) + 1e-15).all()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@settings(deadline=None, max_examples=40)
@given(p=p_values)
def test_a_smaller_p_never_gets_a_larger_adjusted_one(adjust, p: np.ndarray) -> None:
    adjusted = adjust(p)[np.argsort(p, kind="stable")]

    assert (np.diff(adjusted) >= 0).all()


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_one_test_needs_no_adjustment(adjust) -> None:
    assert adjust([0.03]).tolist() == [0.03]


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_no_test_gives_no_p(adjust) -> None:
    assert adjust([]).shape == (0,)


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
@pytest.mark.parametrize("p", [[0.1, float("nan")], [-0.1], [1.1], [[0.1]]])
def test_what_is_no_list_of_probabilities_is_refused(adjust, p) -> None:
    with pytest.raises(ValueError, match=r"p(\[\d\]=| must be one-dimensional)"):
        adjust(p)
