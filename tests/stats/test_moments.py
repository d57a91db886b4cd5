"""Means and scatter of rows that come in parts."""

from __future__ import annotations

import numpy as np
import pytest

from pytest_mlgate.stats.moments import moments_of


@pytest.mark.parametrize("middle", [0.0, 1e9])
def test_parts_have_the_moments_of_all_rows_however_large_the_mean_is(middle: float) -> None:
    rng = np.random.default_rng(0)
    values = middle + rng.normal(size=(1000, 3)) @ rng.normal(size=(3, 3))
    codes = rng.integers(-1, 4, 1000)
    total = moments_of(values[:0], codes[:0], groups=5)
    for start in range(0, 1000, 137):
        total += moments_of(values[start : start + 137], codes[start : start + 137], groups=5)

    for group in range(4):
        own = values[codes == group]
        assert total.rows[group] == len(own)
        assert total.mean[group] == pytest.approx(own.mean(axis=0), rel=1e-12)
        assert total.covariance(group) == pytest.approx(np.cov(own.T), rel=1e-7)
    assert total.rows[4] == 0
    assert total.variance(4, 0) == 0
