"""Verdicts that reports are tried on: a small one with every outcome, and one whose every text is hostile."""

from __future__ import annotations

from pytest_mlgate.checks import Check, Interval, Outcome, Severity, Waiver
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.places import Place
from pytest_mlgate.verdict import Verdict, decide

SECONDS = {"started": "2026-01-01T00:00:00+00:00", "finished": "2026-01-01T00:00:01+00:00"}
HOSTILE = (
    "line\nline\r\n::error::forged\n##[error]forged %0A%25 a|b `c` <script>alert(1)</script> <!-- --> ]]> & &amp; "
    "](javascript:alert(1)) ![x](http://x/y.png) [[ATTACHMENT|/etc/passwd]] \"q\" 'q' \\ \x00\x07\x1b[31m\t\ufffe\uffff"
    "\u202e\u2028\ud800 {0} {{x}} # EOF $(touch x) ${{ github.token }} @team"
)


def check(gate: str, entry: str, subject: str, outcome: str, message: str, **more: object) -> Check:
    values = {"code": "MLG101", "severity": "block", **more}
    return Check(gate=gate, entry=entry, subject=subject, outcome=outcome, message=message, **values)  # type: ignore[arg-type]


def fixed_verdict() -> Verdict:
    waiver = Waiver(check="drift:dewp", reason="seasonal | one year", author="kim", expires="2027-01-31")
    interval = Interval(low=-0.0231, high=-0.0117, level=0.9, method="DeLong")
    checks = (
        check("baseline", "roc_auc", "", "pass", "0.7312 vs 0.7268  delta +0.0044 [+0.0021, +0.0067] 90%, DeLong"),
        check(
            *("baseline", "roc_auc", "origin=LGA", "fail", "delta -0.0174 [-0.0231, -0.0117], margin 0.01"),
            observed=-0.0174,
            limit=-0.01,
            interval=interval,
            n=8410,
        ),
        check("baseline", "roc_auc", "origin=JFK", "pass", "delta +0.0010", observed=0.001, limit=-0.01),
        check("baseline", "roc_auc", "origin=EWR", "pass", "delta +0.0012", observed=0.0012, limit=-0.01),
        check("schema", "", "", "error", "holdout.csv: cannot be read\nsecond line", code="MLG002", fix="mend it"),
        check("drift", "", "visib", "pass", "D 0.061", observed=0.061, limit=0.2),
        check("drift", "", "temp", "pass", "D 0.011", observed=0.011, limit=0.2),
        check("drift", "", "dewp", "fail", "D 0.7", waiver=waiver),
        check("drift", "", "wind", "inconclusive", "too few rows", severity=Severity.WARN),
        check("drift", "", "<script>alert(1)</script>", "fail", "](javascript:alert(1)) [x](http://x) `a` **b** @team"),
    )
    return verdict_of(*checks, model="flights|late", notes=("no baseline: <b>dummy</b>",))


def verdict_of(*checks: Check, model: str = "flights", notes: tuple[str, ...] = ()) -> Verdict:
    decision, reasons = decide(checks)
    return Verdict(
        model=model,
        stage="production",
        decision=decision,
        reasons=reasons,
        checks=checks,
        identity={
            "inputs": {"holdout": {"digest": "ab" * 32, "source": "data/<i>.csv", "rows": 3}},
            "configuration": None,
            "policy": "",
            "code": {"commit": "0123456789abcdef", "clean": False},
        },
        notes=notes,
        **SECONDS,  # type: ignore[arg-type]
    )


def fixed_run() -> Run:
    verdict = fixed_verdict()
    lines = {"baseline": 12, "schema": 17, "drift": 20}
    places = {found.id: Place(file="models/late/mlgate.toml", line=lines[found.gate]) for found in verdict.checks}
    return Run(
        verdict=verdict,
        config="models/late/mlgate.toml",
        places=places,
        url="https://github.com/acme/flights/actions/runs/1",
    )


def hostile_run(*, long: int = 100_000) -> Run:
    """A run of which every text is hostile, and some are too long for any report."""
    endless = HOSTILE + "€|" * (long // 2)
    kinds = [
        (gate, entry, outcome, severity, waived)
        for gate in ("baseline", "drift")
        for entry in ("", f"e{HOSTILE}")
        for outcome in Outcome
        for severity in Severity
        for waived in (False, True)
    ]
    checks = []
    for number, (gate, entry, outcome, severity, waived) in enumerate(kinds):
        text = endless if number % 20 == 0 else HOSTILE
        waiver = Waiver(check=text, reason=text, author=text, expires="2027-01-31") if waived else None
        more = {"severity": severity, "waiver": waiver, "observed": number, "fix": text}
        checks.append(check(gate, entry, f"{text}{number}", outcome, text, **more))
    checks += [check("toy", "", f"{number}{HOSTILE}", "fail", HOSTILE, code=HOSTILE) for number in range(30)]
    verdict = verdict_of(*checks, model=endless, notes=(endless, *[HOSTILE] * 100))
    places = {found.id: Place(file="odd %#?|€ `x`/mlgate.toml", line=3) for found in verdict.checks}
    return Run(verdict=verdict, config="odd %#?|€ `x`--><b>/mlgate.toml", places=places, url="https://x/ |)](y")
