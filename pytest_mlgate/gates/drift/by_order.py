"""Numbers, judged by a statistic that was asked for by name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from pytest_mlgate.gates.drift.by_counts import LABELS, Named, named_counts
from pytest_mlgate.gates.drift.decision import Judge, Statistic

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from pytest_mlgate.stats.bridges import BridgeNorm, Gaps

TRANSPORT: dict[str, str] = {"wasserstein": "W1/sd", "energy": "energy/sd^0.5"}
"""The statistics that have a unit, as messages name them: they are divided by the reference's standard deviation."""

TAIL = 0.005  # at either end: the middle 99 % is what is left
_WILD = 3.0  # a standard deviation so many times that of the middle is ruled by a few values


def named_values(
    judge: Judge, reference: NDArray[np.float64], current: NDArray[np.float64], alpha: float, *, hidden: bool
) -> Named | str:
    """Return the statistic of that name for two sorted samples, or why it says nothing about them.

    Parameters
    ----------
    judge : str
        A statistic of counts, ``wasserstein`` or ``energy``.
    reference, current : ndarray of shape (n,) and (m,)
        Sorted, at least one value each.
    alpha : float
        Level of the gate.
    hidden : bool
        Whether no figure in the values' own unit may be told.
    """
    if judge in LABELS:
        return _binned(judge, reference, current, alpha)
    return _carried(judge, reference, current, alpha, hidden=hidden)


def _binned(judge: Judge, reference: NDArray[np.float64], current: NDArray[np.float64], alpha: float) -> Named:
    from pytest_mlgate.stats.psi import ROWS_PER_BIN, quantile_bins

    counts = quantile_bins(reference, current)
    if counts is None:
        statistic = Statistic(
            judge=judge, value=0.0, p=None, detectable=lambda _: math.inf, rows_needed=lambda *_: 2 * ROWS_PER_BIN
        )
        return Named(statistic=statistic, words=f"no {LABELS[judge]}", details={"name": judge, "value": None})
    return named_counts(judge, *counts, alpha, unit="bins")


def _carried(
    judge: Judge, reference: NDArray[np.float64], current: NDArray[np.float64], alpha: float, *, hidden: bool
) -> Named | str:
    import numpy as np

    from pytest_mlgate.stats.bridges import gaps_between

    if not np.isfinite([*reference[[0, -1]], *current[[0, -1]]]).all():
        return "is not defined with infinite values"
    with np.errstate(over="ignore", invalid="ignore"):
        deviation, middle, inflation = float(reference.std()), _middle(reference), _inflation(current)
        gaps = gaps_between(reference, current)
        if not np.isfinite(gaps.widths.sum()):
            return "overflows"
    return carried(judge, gaps, deviation, middle, inflation, alpha, hidden=hidden)


def carried(
    judge: Judge, gaps: Gaps, deviation: float, middle: float, inflation: float, alpha: float, *, hidden: bool
) -> Named | str:
    """Return Wasserstein or energy distance over the reference's standard deviation (or the root of that).

    The p-value is that of the part of the distance between values that have enough rows beyond them on either hand.
    Beyond these a few values decide, for which the limit law does not hold; the distance itself keeps them.

    Parameters
    ----------
    judge : {'wasserstein', 'energy'}
    gaps : Gaps
        The two samples.
    deviation, middle : float
        Standard deviation of the reference, and that of it with its ends drawn in.
    inflation : float
        How many times the standard deviation of the current values is that of its middle.
    alpha : float
        Level of the gate.
    hidden : bool
        Whether no figure in the values' own unit may be told.
    """
    from pytest_mlgate.stats.bridges import bridge_norm

    if not math.isfinite(deviation):
        return "overflows"
    if not deviation or not middle:
        return "is not defined where the middle 99 % of the reference are one value"
    central = gaps.central()
    if not central.widths.size:
        return "has no test where so few rows differ"
    law = bridge_norm(central, order=1 if judge == "wasserstein" else 2)
    ratios = {"the reference": deviation / middle, "current": inflation}
    wild = {name: ratio for name, ratio in ratios.items() if ratio > _WILD}
    calm = _distance(judge, central) / unit_of(judge, middle)
    # What lies outside the tested part adds to the distance, and nothing to its significance.
    outside = 1.0 if wild else _expected(judge, gaps) / _expected(judge, central)
    statistic = _statistic(
        judge, gaps, central, law, unit_of(judge, deviation), alpha, outside=outside, hidden=calm if wild else 0.0
    )
    expected = _expected(judge, gaps) / unit_of(judge, deviation)
    label = TRANSPORT[judge]
    in_unit = {} if hidden else {"undivided": _distance(judge, gaps), "standard_deviation": deviation}
    return Named(
        statistic=statistic,
        words=f"{label} {statistic.value:.3g} (by chance {expected:.2g})",
        notes=(_wild_note(wild, f"{label} is {calm:.3g}"),) if wild else (),
        details={"name": judge, "value": statistic.value, "expected": expected, "of_the_middle": calm, **in_unit},
    )


def _wild_note(wild: Mapping[str, float], without: str) -> str:
    where = " and ".join(f"{ratio:.2g} times in {name}" for name, ratio in wild.items())
    return f"wild values inflate the standard deviation ({where}, against the middle 99 %): without them {without}"


def _statistic(
    judge: Judge,
    gaps: Gaps,
    central: Gaps,
    law: BridgeNorm,
    unit: float,
    alpha: float,
    *,
    outside: float,
    hidden: float,
) -> Statistic:
    # One draw of the bridge's norm is this distance, at noise 1.
    per_norm = (1.0 if judge == "wasserstein" else math.sqrt(2)) / unit

    def detectable(tests: int) -> float:
        return law.critical(alpha / tests) * per_norm * outside * gaps.noise

    def rows_needed(limit: float, tests: int) -> int:
        return math.ceil(2 * (law.critical(alpha / tests) * per_norm * outside / limit) ** 2)

    return Statistic(
        judge=judge,
        value=_distance(judge, gaps) / unit,
        p=law.p(_distance(judge, central) / unit / per_norm / gaps.noise),
        detectable=detectable,
        rows_needed=rows_needed,
        hidden=hidden,
    )


def _distance(judge: Judge, gaps: Gaps) -> float:
    from pytest_mlgate.stats.energy import energy_over
    from pytest_mlgate.stats.wasserstein import wasserstein_over

    return wasserstein_over(gaps) if judge == "wasserstein" else energy_over(gaps)


def _expected(judge: Judge, gaps: Gaps) -> float:
    from pytest_mlgate.stats.energy import expected_energy
    from pytest_mlgate.stats.wasserstein import expected_wasserstein

    return expected_wasserstein(gaps) if judge == "wasserstein" else expected_energy(gaps)


def unit_of(judge: Judge, deviation: float) -> float:
    """Return what a transport distance is divided by."""
    return deviation if judge == "wasserstein" else math.sqrt(deviation)


def _middle(values: NDArray[np.float64]) -> float:
    """Return the standard deviation with the outer half percent at either end drawn in."""
    import numpy as np

    outer = min(math.ceil(TAIL * values.size), (values.size - 1) // 2)
    return float(np.clip(values, values[outer], values[-1 - outer]).std())


def _inflation(values: NDArray[np.float64]) -> float:
    import numpy as np

    middle = _middle(values)
    return float(values.std()) / middle if middle and np.isfinite(middle) else 1.0
