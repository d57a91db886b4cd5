"""One column of a million rows: exact KS, KS from a profile, and PSI's counts, each against the usual function.

``pytest -m benchmark -s tests/benchmarks/test_column_speed.py``. CPU seconds of this process, run and run about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pytest
from scipy.stats import ks_2samp

from pytest_mlgate.stats.cells import cells_of, count_cells
from pytest_mlgate.stats.ks import two_sample_ks
from pytest_mlgate.stats.psi import quantile_edges
from pytest_mlgate.stats.samples import Sample
from pytest_mlgate.stats.sketches import ks_from_cells
from tests.benchmarks.measuring import alternate, tell

if TYPE_CHECKING:
    from numpy.typing import NDArray

pytestmark = pytest.mark.benchmark

ROWS = 1_000_000
RNG = np.random.default_rng(0)
COLUMNS: dict[str, Callable[[], NDArray[np.float64]]] = {
    "normal": lambda: RNG.normal(size=ROWS),
    "log-normal": lambda: RNG.lognormal(size=ROWS),
    "Pareto, heavy tails": lambda: RNG.pareto(1.0, ROWS),
    "two decimals, ties": lambda: np.round(RNG.normal(10, 2, ROWS), 2),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_exact_ks_of_two_samples_as_they_come(name: str) -> None:
    first, second = COLUMNS[name](), COLUMNS[name]()
    contenders = {
        "two_sample_ks": lambda: two_sample_ks(first, second),
        "ks_2samp": lambda: ks_2samp(first, second, method="asymp"),
    }
    tell(f"exact KS, a million rows, {name}", alternate(contenders), targets={"ks_2samp": 1 / 12})
    expected = ks_2samp(first, second, method="asymp")
    assert two_sample_ks(first, second).distance == pytest.approx(expected.statistic, abs=1e-12)


@pytest.mark.parametrize("name", COLUMNS)
def test_ks_of_a_sample_and_a_profile(name: str) -> None:
    """The distance within certain bounds, 1 024 cells; that it is known exactly at its edges is asserted."""
    first, second = COLUMNS[name](), COLUMNS[name]()
    stored = cells_of(np.sort(first))

    def ours() -> tuple[float, float]:
        found = ks_from_cells(stored, count_cells(Sample(second), stored.edges, with_sums=False))
        return found.low, found.high

    contenders = {"from the profile": ours, "ks_2samp": lambda: ks_2samp(first, second, method="asymp")}
    tell(f"KS with a profile, a million rows, {name}", alternate(contenders), targets={"ks_2samp": 1 / 20})
    low, high = ours()
    assert low - 1e-12 <= ks_2samp(first, second, method="asymp").statistic <= high + 1e-12
    assert high - low < 2 / 1024


@pytest.mark.parametrize("name", ["normal", "two decimals, ties"])
def test_counts_of_ten_bins(name: str) -> None:
    """As PSI asks for them of a sample that nothing else was asked of: below an edge by comparing with it."""
    values = COLUMNS[name]()
    edges = quantile_edges(values, 10)
    contenders = {
        "at_or_below": lambda: Sample(values).at_or_below(edges),
        "np.digitize": lambda: np.digitize(values, edges, right=True),
    }
    tell(f"counts of 10 bins, a million rows, {name}", alternate(contenders), targets={"np.digitize": 0.15})
    counts = np.bincount(np.digitize(values, edges, right=True), minlength=edges.size + 1)
    assert np.diff(Sample(values).at_or_below(edges), prepend=0).tolist() == counts[:-1].tolist()
