"""Two one-sided tests: the difference is small, in both directions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_mlgate.stats.estimate import Estimate


def equivalence_p(value: Estimate, bound: float) -> float:
    """Return the p-value of H0 "the true value is ``bound`` or more away from 0".

    Equivalence is shown at the one-sided error rate of the estimate's level exactly where both of its limits lie
    within ``±bound``.

    Parameters
    ----------
    value : Estimate
    bound : float
        Largest difference that does not matter, above 0.

    Raises
    ------
    ValueError
        Where ``bound`` is not above 0: no sample shows that two things are exactly alike.

    References
    ----------
    Schuirmann, D. J. (1987). A comparison of the two one-sided tests procedure and the power approach for assessing
    the equivalence of average bioavailability. Journal of Pharmacokinetics and Biopharmaceutics 15, 657-680.
    """
    if not bound > 0:
        raise ValueError(f"bound={bound!r} must be above 0")
    return max(value.p_below(bound), 1 - value.p_below(-bound))
