"""Error rates of the fairness gate, through the gate itself: seeded, and with room for chance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from pytest_mlgate import Outcome, check_fairness

pytestmark = pytest.mark.slow

RUNS = 1000
LIMIT = 0.1


def shares(
    answers: Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray, np.ndarray | None]],
    *,
    runs: int = RUNS,
    subject: str = "",
    **settings: Any,
) -> dict[Outcome, float]:
    """How often the check of this subject has each outcome; ``answers`` gives groups, candidate and baseline."""
    rng, found = np.random.default_rng(20), Counter[Outcome]()
    for run in range(runs):
        groups, said, baseline = answers(rng)
        truth = np.arange(len(said)) % 2
        result = check_fairness(truth, said, groups, baseline=baseline, seed=run, **settings)
        (check,) = [check for check in result.checks if check.subject == f"group: selection_rate{subject}"]
        assert check.outcome is not Outcome.ERROR, check.message
        found[check.outcome] += 1
    told = {outcome: found[outcome] / runs for outcome in (Outcome.PASS, Outcome.FAIL)}
    print({outcome.value: share for outcome, share in told.items()})
    return told


def at_rates(rates: Sequence[float], sizes: Sequence[int]) -> Callable[[np.random.Generator], Any]:
    groups = np.repeat([f"g{i:02}" for i in range(len(rates))], sizes)
    chance = np.repeat(rates, sizes)
    return lambda rng: (groups, (rng.random(len(groups)) < chance).astype(int), None)


SIZES = (2000, 1000, 500, 300, 200, 150, 100, 60) * 2


@pytest.mark.parametrize("level", [0.03, 0.3])
def test_sixteen_groups_at_the_limit_seldom_fail(level: float) -> None:
    """64 of 120 pairs differ by exactly the limit."""
    answers = at_rates([level] * 8 + [level + LIMIT] * 8, SIZES)

    assert shares(answers, runs=300, limits={"selection_rate": LIMIT})[Outcome.FAIL] <= 0.075


@pytest.mark.parametrize("level", [0.05, 0.3])
def test_sixteen_equal_groups_seldom_fail_a_limit_of_nought(level: float) -> None:
    answers = at_rates([level] * 16, SIZES)

    assert shares(answers, runs=400, limits={"selection_rate": 0.0})[Outcome.FAIL] <= 0.075


@pytest.mark.parametrize("sizes", [(5000, 5000), (5000, 300), (100, 60)])
@pytest.mark.parametrize("level", [0.02, 0.3])
def test_two_groups_at_the_limit_seldom_pass(level: float, sizes: tuple[int, int]) -> None:
    answers = at_rates([level, level + LIMIT], sizes)

    assert shares(answers, limits={"selection_rate": LIMIT})[Outcome.PASS] <= 0.075


def test_two_of_sixteen_groups_at_the_limit_seldom_pass() -> None:
    answers = at_rates([0.3] + [0.35] * 14 + [0.4], [5000] * 16)

    assert shares(answers, limits={"selection_rate": LIMIT}, runs=300)[Outcome.PASS] <= 0.075


@pytest.mark.parametrize("sizes", [(5000, 5000), (2000, 100)])
def test_a_ratio_at_the_limit_seldom_passes_and_seldom_fails(sizes: tuple[int, int]) -> None:
    answers = at_rates([0.24, 0.3], sizes)

    assert max(shares(answers, ratios={"selection_rate": 0.8}, subject=" ratio").values()) <= 0.075


def two_models(
    candidate: Sequence[float], baseline: Sequence[float], sizes: Sequence[int]
) -> Callable[[np.random.Generator], Any]:
    """Both models' answers come from one draw a row, so that they agree as far as their rates allow."""
    groups = np.repeat([f"g{i:02}" for i in range(len(sizes))], sizes)
    ours, theirs = np.repeat(candidate, sizes), np.repeat(baseline, sizes)

    def answers(rng: np.random.Generator) -> Any:
        draw = rng.random(len(groups))
        other = np.where(rng.random(len(groups)) < 0.2, rng.random(len(groups)), draw)
        return groups, (draw < ours).astype(int), (other < theirs).astype(int)

    return answers


WORSE = {"limits": {"selection_rate": 0.9}, "worsening": 0.05, "subject": " vs baseline", "resamples": 500}


@pytest.mark.parametrize("sizes", [(2000, 2000), (2000, 80)])
@pytest.mark.parametrize(
    ("candidate", "baseline"),
    [((0.3, 0.45), (0.3, 0.4)), ((0.3, 0.35), (0.3, 0.3)), ((0.35, 0.3), (0.3, 0.3)), ((0.4, 0.25), (0.3, 0.4))],
    ids=["grew", "from-nought", "from-nought-mirrored", "turned-round"],
)
def test_a_worsening_at_the_limit_seldom_passes_and_seldom_fails(
    candidate: tuple[float, float], baseline: tuple[float, float], sizes: tuple[int, int]
) -> None:
    answers = two_models(candidate, baseline, sizes)

    assert max(shares(answers, runs=400, **WORSE).values()) <= 0.075


def test_sixteen_groups_with_two_equal_models_seldom_fail() -> None:
    answers = two_models([0.3] * 16, [0.3] * 16, SIZES)

    assert shares(answers, runs=60, **{**WORSE, "worsening": 0.0})[Outcome.FAIL] <= 0.075
