"""The expected calibration error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.calibration import calibration_curve

from pytest_mlgate.stats.calibration import calibration_gaps, expected_calibration_error


def test_the_error_of_two_bins_by_hand():
    """Below one half 0.2 is said and 1/2 comes; above, 0.9 is said and 1 comes: (0.3 + 0.1) / 2."""
    assert expected_calibration_error([0, 1, 1, 1], [0.2, 0.2, 0.9, 0.9], bins=2) == pytest.approx(0.2)
    assert expected_calibration_error([0, 1, 1, 1], [0.2, 0.2, 0.9, 0.9], bins=2, binning="width") == pytest.approx(0.2)


def test_bins_of_equal_width_are_closed_above():
    """0.5 belongs to the lower of two bins (Guo et al. 2017, section 2), so the gaps -0.5 and +0.4 share it."""
    assert expected_calibration_error([0, 1], [0.5, 0.6], bins=2, binning="width") == pytest.approx((0.5 + 0.4) / 2)
    assert expected_calibration_error([0, 1], [0.5, 0.4], bins=2, binning="width") == pytest.approx(0.1 / 2)


@pytest.mark.parametrize(("binning", "strategy"), [("mass", "quantile"), ("width", "uniform")])
def test_bins_hold_what_scikit_learns_calibration_curve_holds(binning, strategy):
    rng = np.random.default_rng(0)
    said = rng.random(1000)
    came = rng.random(1000) < said**1.5
    share, mean = calibration_curve(came, said, n_bins=10, strategy=strategy)
    gaps = calibration_gaps(came, said, bins=10, binning=binning)
    rows = (gaps != 0).sum(axis=0)

    assert gaps.sum(axis=0) / rows == pytest.approx(share - mean, abs=1e-12)
    assert expected_calibration_error(came, said, bins=10, binning=binning) == pytest.approx(
        (rows * abs(share - mean)).sum() / 1000
    )


@given(st.integers(0, 10**6), st.sampled_from(["mass", "width"]))
@settings(deadline=None, max_examples=50)
def test_weights_count_as_rows_and_row_order_does_not(seed, binning):
    rng = np.random.default_rng(seed)
    said, came = rng.integers(0, 6, 30) / 5, rng.integers(0, 2, 30)
    order = rng.permutation(30)
    one = expected_calibration_error(came, said, bins=5, binning=binning)

    assert 0 <= one <= 1
    assert expected_calibration_error(came[order], said[order], bins=5, binning=binning) == pytest.approx(one)
    assert expected_calibration_error(came, said, bins=5, binning=binning, weights=np.full(30, 3)) == pytest.approx(one)


def test_equal_probabilities_share_one_bin():
    assert calibration_gaps([0, 1, 1, 1], [0.5] * 4, bins=4).shape == (4, 1)


@pytest.mark.parametrize("said", [[0.5, 1.1], [0.5, float("nan")], [0.5]])
def test_what_is_no_probability_of_each_row_is_refused(said):
    with pytest.raises(ValueError, match="probabilit"):
        expected_calibration_error([0, 1], said)
