"""Verdicts with evidence, made by hand: small ones for what a page says, large ones for its size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from pytest_mlgate.checks import Check, Interval, Outcome, Severity, Waiver
from pytest_mlgate.reports import Run, html
from pytest_mlgate.verdict import Verdict, decide


def check(gate: str, entry: str, subject: str, outcome: str, message: str, **more: Any) -> Check:
    """Return a check that blocks where it is not a pass."""
    values = {"code": "MLG101", "fix": "mend it", **more}
    return Check(gate=gate, entry=entry, subject=subject, outcome=Outcome(outcome), message=message, **values)


def verdict_of(*checks: Check, **more: Any) -> Verdict:
    """Return the verdict that follows from checks."""
    decision, reasons = decide(checks)
    values = {
        "model": "flights-late",
        "stage": "production",
        "started": "2026-01-01T00:00:00+00:00",
        "finished": "2026-01-01T00:00:01+00:00",
        **more,
    }
    return Verdict(decision=decision, reasons=reasons, checks=checks, **values)


def page_of(verdict: Verdict, evidence: Mapping[str, Any]) -> str:
    """Return the HTML report of a verdict and its evidence."""
    return html.render(Run(verdict=verdict, evidence=evidence))


def delta(subject: str, value: float, outcome: str = "pass", *, entry: str = "roc_auc", n: int = 1000) -> Check:
    """Return a check of the gate baseline with an interval."""
    return check(
        "baseline",
        entry,
        subject,
        outcome,
        f"delta {value:+.4f}, margin 0.01",
        code="MLG102" if subject else "MLG101",
        observed=value,
        limit=-0.01,
        interval=Interval(low=value - 0.008, high=value + 0.008, level=0.9, method="DeLong"),
        p=0.5,
        n=n,
        details={"metric": entry, "candidate": 0.74 + value, "baseline": 0.74},
    )


def curve(lift: float, points: int = 200) -> dict[str, Any]:
    """Return the curves of one model."""
    shares = [at / (points - 1) for at in range(points)]
    return {
        "roc": {"fpr": shares, "tpr": [share ** (1 - lift) for share in shares]},
        "pr": {"recall": shares[1:], "precision": [1 - 0.5 * share**2 for share in shares[1:]]},
        "calibration": {
            "mean_predicted": [0.1, 0.5, 0.9],
            "observed": [0.12, 0.46, 0.9 - lift / 10],
            "rows": [5, 5, 5],
        },
    }


def baseline_evidence(slices: list[str], points: int = 200) -> dict[str, Any]:
    """Return what the gate baseline keeps beside the verdict."""
    rows = [[name, 1000, 40, 30, 800, 130] for name in ("", *slices)]
    broken = [[at, "1", "0", "1", 0.9 - at / 100] for at in range(20)]
    return {
        "flips": {"columns": ["slice", "rows", "fixed", "broken", "both_right", "both_wrong"], "rows": rows},
        "broken_rows": {
            "columns": ["row", "label", "candidate", "baseline", "confidence"],
            "rows": broken,
            "total": 30,
            "order": "confidence",
        },
        "confusion": {"labels": ["0", "1"], "candidate": [[700, 100], [60, 140]], "baseline": [[690, 110], [70, 130]]},
        "curves": {"candidate": curve(0.6, points), "baseline": curve(0.5, points)},
    }


def numbers(shift: float = 0.0, bins: int = 30) -> dict[str, Any]:
    """Return the distribution of a column of numbers."""

    def side(middle: float) -> list[int]:
        return [round(1000 * math.exp(-(((at - middle) / 6) ** 2))) for at in range(bins)]

    return {
        "kind": "number",
        "start": 0.0,
        "stop": 60.0,
        "reference": side(bins / 2),
        "current": side(bins / 2 + shift),
        "outside": [[3, 5], [0, 2]],
        "missing": [10, 20],
    }


def levels(names: list[str]) -> dict[str, Any]:
    """Return the distribution of a column of categories."""
    return {
        "kind": "category",
        "levels": names,
        "levels_in_all": len(names) + 3,
        "reference": [100 - at for at in range(len(names))],
        "current": [90 + at for at in range(len(names))],
        "others": [7, 9],
        "missing": [0, 0],
    }


def drifted(name: str, distance: float, limit: float = 0.2, **more: Any) -> Check:
    """Return a check of the gate drift."""
    outcome = "fail" if distance >= limit else "pass"
    return check(
        "drift",
        "",
        name,
        outcome,
        f"D {distance:.3g}, PSI {distance / 10:.2g} (10 bins, 0.5 added), p below 1e-300 after Holm (limit {limit:g})",
        code="MLG501",
        observed=distance,
        limit=limit,
        n=1000,
        p=0.0,
        p_adjusted=0.0,
        **{"details": {"judge": "distance", "max": limit}, **more},
    )


IDENTITY = {
    "inputs": {
        "candidate": {"digest": "ab" * 32, "source": "artifacts/candidate.joblib"},
        "holdout": {"digest": "cd" * 32, "source": "data/holdout.parquet", "rows": 28293},
    },
    "configuration": "ef" * 32,
    "policy": "01" * 32,
    "files": {"schema.yaml": "23" * 32},
    "code": {"commit": "0123456789abcdef0123456789abcdef01234567", "clean": False},
}
ENVIRONMENT = {"python": "3.13.1", "implementation": "CPython", "platform": "Linux", "packages": {"numpy": "2.4.0"}}


def small() -> tuple[Verdict, dict[str, Any]]:
    """Return a verdict with something of every gate, and its evidence."""
    waiver = Waiver(check="drift:dewp", reason="seasonal | one year", author="kim", expires="2027-01-31")
    groups = {"AA": {"value": 0.11, "n": 900, "baseline": 0.1}, "US": {"value": 0.3, "n": 300, "baseline": 0.2}}
    row = {"carrier": "UA", "distance": 2565, "late_history": 0.6}
    first = [{"row": 0, "train": 0.4, "serve": 0.3333}, {"row": 4, "train": 0.7, "serve": 0.6667}]
    parity = {
        "patterns": {"whole": {"rows": 88, "first": first, "largest": 0.1}, "one_by_one": {"rows": 88, "first": first}},
        "asked": {"whole": 100, "one_by_one": 100},
        "rows": [row],
        "telling": ["late_history"],
        "regression_test": "def test_parity():\n    assert 1 < 2 & 3 > 2\n",
    }
    smallest = {
        "rows": [{"dep_delay": -5.0, "carrier": "DL"}],
        "changed": {"dep_delay": [-5.0, 266.0]},
        "answers": {"as it is": 0.0165, "exchanged": 0.9997},
    }
    unsettled = Severity.WARN
    checks = (
        delta("", 0.004, n=28293),
        delta("origin=EWR", 0.012),
        delta("origin=LGA", -0.0174, "fail"),
        check(
            "fairness",
            "",
            "carrier: error_rate",
            "pass",
            "US 0.3 vs AA 0.11, difference 0.19 [0.1, 0.2]",
            code="MLG150",
            observed=0.19,
            limit=0.25,
            interval=Interval(low=0.1, high=0.2, level=0.9, method="Miettinen-Nurminen"),
            details={"metric": "error_rate", "groups": groups},
        ),
        check("fairness", "", "carrier=HA", "inconclusive", "too small: 31 rows", code="MLG153", severity=unsettled),
        check("schema", "", "", "error", "holdout.csv: cannot be read\nsecond line", code="MLG002"),
        check("parity", "", "late_history", "fail", "88 of 100 rows differ", code="MLG302", details=parity),
        check(
            "behaviour", "", "invariant:dep_delay", "fail", "it moves", code="MLG330", details={"smallest": smallest}
        ),
        drifted("visib", 0.061),
        drifted("temp", 0.634),
        drifted("carrier", 0.01),
        drifted("dewp", 0.7, waiver=waiver),
        check("drift", "", "trend", "pass", "windows of 7 days: 3", code="MLG512", severity=Severity.NOTE),
        check("card", "", "roc_auc", "fail", "0.741 in the card, 0.731 measured", code="MLG620", details={"line": 41}),
        check("card", "", "owner", "pass", "owner: @desk", code="MLG626"),
        check("governance", "", "owner", "pass", "@desk answers for the model", code="MLG650"),
    )
    windows = [
        {
            "after": f"2026-01-{day:02}T00:00:00",
            "until": f"2026-01-{day + 7:02}T00:00:00",
            "rows": 90,
            "small": day == 1,
        }
        for day in (1, 8, 15)
    ]
    measured = {"distance": [None, 0.1, 0.63], "psi": [None, 0.02, 0.4]}
    evidence = {
        "baseline[roc_auc]": baseline_evidence(["origin=EWR", "origin=LGA"], points=20),
        "drift:visib": {"distribution": numbers()},
        "drift:temp": {"distribution": numbers(8.0)},
        "drift:carrier": {"distribution": levels(["UA", "B6", "EV"])},
        "drift:trend": {"trend": {"span": "7 days", "windows": windows, "columns": {"temp": measured}}},
        "card:roc_auc": {"lines": [[41, "| ROC AUC | 0.741 |"]]},
        "card:owner": {"lines": [[239, "| owner | @desk |"]]},
    }
    made = verdict_of(
        *checks,
        identity=IDENTITY,
        environment=ENVIRONMENT,
        notes=("no baseline: the candidate was compared with a <b>dummy</b>",),
        owner="@desk",
    )
    return made, evidence


def large(columns: int, slices: int) -> tuple[Verdict, dict[str, Any]]:
    """Return a verdict of a wide table and many slices, with all evidence that a run keeps of it."""
    named = [f"region=district {at:02}" for at in range(slices)]
    checks: list[Check] = []
    evidence: dict[str, Any] = {}
    for entry in ("roc_auc", "log_loss", "accuracy"):
        checks += [
            delta("", 0.004, entry=entry),
            *(delta(name, 0.001 * (at % 9), entry=entry) for at, name in enumerate(named)),
        ]
        evidence[f"baseline[{entry}]"] = baseline_evidence(named)
    for at in range(columns):
        name, distance = f"a_column_with_a_usual_name_{at:03}", 0.001 * at % 0.3
        checks += [drifted(name, distance), drifted(f"{name}:missing", distance / 10)]
        checks.append(
            check("schema", "", f"train.{name}.nullable", "pass", f"{name}: no value is missing", code="MLG202")
        )
        kept = numbers(10 * distance) if at % 3 else levels([f"level {number:02}" for number in range(20)])
        evidence[f"drift:{name}"] = {"distribution": kept}
    return verdict_of(*checks, identity=IDENTITY, environment=ENVIRONMENT), evidence
