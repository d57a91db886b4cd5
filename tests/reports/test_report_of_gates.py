"""What the gates really keep of a run is what the page knows how to show: tables, plots, rows, groups."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pytest_mlgate import check_baseline, check_behaviour, check_drift, check_fairness, check_parity
from pytest_mlgate.checks import Check, GateResult
from tests.reports.made import page_of, verdict_of
from tests.reports.reading import read

ROWS = 1200
RNG = np.random.default_rng(7)
GROUPS = RNG.choice(["EWR", "JFK", "LGA"], ROWS)
LABELS = RNG.integers(0, 2, ROWS)
SCORES = [np.clip(LABELS * lift + RNG.normal(0.3, 0.3, ROWS), 0.01, 0.99) for lift in (0.5, 0.3)]


class _Model:
    """Answers by one column."""

    classes_ = (0, 1)

    def predict(self, rows: pd.DataFrame) -> Any:
        return (rows["x"] > 0.5).astype(int).to_numpy()

    def predict_proba(self, rows: pd.DataFrame) -> Any:
        share = np.clip(rows["x"].to_numpy(dtype=float), 0, 1)
        return np.column_stack([1 - share, share])


def _binary() -> GateResult:
    return check_baseline(LABELS, *SCORES, metric="roc_auc", slices=pd.DataFrame({"origin": GROUPS}), positive=1)


def _labels() -> GateResult:
    said = [(scores > 0.5).astype(int) for scores in SCORES]
    return check_baseline(LABELS, *said, metric="accuracy", margin=0.05, slices=pd.DataFrame({"origin": GROUPS}))


def _classes() -> GateResult:
    y = RNG.integers(0, 15, ROWS)
    said = [np.where(RNG.random(ROWS) < share, y, RNG.integers(0, 15, ROWS)) for share in (0.8, 0.7)]
    return check_baseline(y, *said, metric="accuracy")


def _values() -> GateResult:
    y = RNG.normal(size=ROWS)
    return check_baseline(
        y, y + RNG.normal(0, 0.4, ROWS), y + RNG.normal(0, 0.5, ROWS), metric="neg_mean_squared_error"
    )


def _fairness() -> GateResult:
    said = (SCORES[0] > 0.5).astype(int)
    before = (SCORES[1] > 0.5).astype(int)
    return check_fairness(LABELS, said, GROUPS, baseline=before, limits={"error_rate": 0.2, "selection_rate": 0.02})


def _table(shift: float, start: str) -> pd.DataFrame:
    x = np.clip(RNG.normal(0.5 + shift, 0.2, ROWS), 0, 1)
    return pd.DataFrame(
        {
            "x": x,
            "whole": RNG.integers(0, 5, ROWS),
            "name": RNG.choice([f"level {at}" for at in range(40)], ROWS),
            "gap": np.where(RNG.random(ROWS) < 0.1 + shift, np.nan, RNG.normal(1e7, 1e6, ROWS)),
            "tiny": RNG.normal(0, 1e-9, ROWS),
            "seen": pd.Timestamp("2026-01-01") + pd.to_timedelta(RNG.integers(0, 90 * 86400, ROWS), unit="s"),
            "flag": RNG.random(ROWS) < 0.3,
            "when": pd.Timestamp(start) + pd.to_timedelta(np.sort(RNG.integers(0, 28 * 86400, ROWS)), unit="s"),
            "late": (x + RNG.normal(0, 0.3, ROWS) > 0.5 + shift).astype(int),
        }
    )


def _drift() -> GateResult:
    return check_drift(
        _table(0.0, "2026-01-01"),
        _table(0.15, "2026-02-01"),
        max_distance=0.2,
        time="when",
        target="late",
        trend="7 days",
        candidate=_Model(),
        predictions=True,
        concept={"window": "7 days", "margin": 0.02, "value": 0.8, "n": 2000, "metric": "roc_auc"},
    )


def _parity() -> GateResult:
    rows = pd.DataFrame({"temp": [50.0, 68.0, 86.0] * 40, "origin": ["EWR", "JFK", "LGA"] * 40})

    def train(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"celsius": (frame["temp"] - 32) / 1.8})

    def serve(frame: pd.DataFrame) -> pd.DataFrame:
        return pd.DataFrame({"celsius": (frame["temp"] - 32) / (1.8 if len(frame) > 1 else 2)})

    return check_parity(train, serve, rows, seconds=5, examples=20)


def _behaviour() -> GateResult:
    rows = pd.DataFrame({"x": RNG.random(300), "name": GROUPS[:300]})

    def answers(frame: pd.DataFrame) -> Any:
        return frame["x"].to_numpy() + (frame["name"] == "LGA").to_numpy()

    return check_behaviour(answers, rows, invariant=["name"], increasing=["x"], low=0)


@pytest.fixture(scope="module")
def results() -> dict[str, GateResult]:
    asked = (_binary, _labels, _classes, _values, _fairness, _drift, _parity, _behaviour)
    return {one.__name__.strip("_"): one() for one in asked}


def _page(*checks: Check) -> str:
    found = {check.id: check for check in checks}
    return page_of(verdict_of(*found.values()), {name: check.evidence for name, check in found.items()})


@pytest.mark.parametrize(
    ("name", "plots", "tables"),
    [
        (
            "binary",
            ["roc_auc: candidate minus baseline", "ROC", "Precision and recall"],
            [],
        ),
        ("labels", ["accuracy: candidate minus baseline"], ["Flips", "Broken rows"]),
        ("classes", ["accuracy: candidate minus baseline"], ["Confusion of the baseline"]),
        ("values", ["neg_mean_squared_error: candidate minus baseline", "Residuals"], []),
        ("fairness", ["Difference between groups", "group: error_rate"], ["group: selection_rate by group"]),
        (
            "drift",
            [
                "x",
                "whole",
                "name",
                "gap",
                "tiny",
                "seen",
                "flag",
                "late",
                "prediction",
                "x over windows of 7 days",
                "concept: roc_auc over windows",
            ],
            [],
        ),
        (
            "parity",
            [],
            [
                "In which ways of asking it differs",
                "celsius in the first rows that differ",
                "The smallest row that shows it",
            ],
        ),
        ("behaviour", [], ["The model's answers", "The smallest example"]),
    ],
)
def test_everything_that_a_gate_keeps_is_shown(
    results: dict[str, GateResult], name: str, plots: list[str], tables: list[str]
) -> None:
    page = _page(*results[name].checks)

    found = read(page)
    assert "with all the evidence that was kept of it" in "".join(found.text)
    titles = re.findall(r"<title id=[^>]*>(.*?)</title>", page)
    assert [plot for plot in plots if plot not in titles] == []
    captions = found.texts.get("caption", [])
    assert [one for one in tables if not any(caption.startswith(one) for caption in captions)] == []
