"""Gates written by hand, beside those of ``mlgate.toml``, and ordinary tests; pytest runs them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from example_project import features

if TYPE_CHECKING:
    import pandas as pd


def test_as_often_right_at_each_airport(mlgate: Any) -> None:
    """The ranking may be as good while the yes or no is not; two points are what the operator can live with."""
    mlgate.baseline(metric="accuracy", margin=0.02, slices=["origin"])


def test_probabilities_no_further_from_the_truth(mlgate: Any) -> None:
    """Who acts on the probability itself needs it calibrated, which a ranking does not show."""
    mlgate.baseline(metric="neg_brier_score", margin=0.005)


@pytest.mark.mlgate_drift(columns=["distance", "hour"], max_distance=0.1)
def test_the_timetable_is_the_old_one(mlgate_current: pd.DataFrame) -> None:
    """The marker compares both columns, more strictly than ``mlgate.toml``; the body adds what it wants to."""
    assert set(mlgate_current["origin"]) == {"EWR", "JFK", "LGA"}


def test_stored_features_are_those_that_the_module_builds(mlgate_current: pd.DataFrame) -> None:
    """The tables were not written by an older feature module than the one the service runs."""
    built = features.build(mlgate_current)

    assert built.equals(mlgate_current[list(features.FEATURES)])
