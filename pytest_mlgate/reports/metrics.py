"""Numbers of a run as OpenMetrics text: GitLab's metrics report compares them with the target branch.

Format: https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.reports import Run
from pytest_mlgate.reports.findings import name_of
from pytest_mlgate.reports.text import one_line, shortened

_OF_CHECK: dict[str, tuple[str, Callable[[Check], float | None]]] = {
    "observed": ("The value that a check judged.", lambda check: check.observed),
    "limit": ("What a check judged its value against.", lambda check: check.limit),
    "interval_low": ("Lower limit of the interval.", lambda check: check.interval.low if check.interval else None),
    "interval_high": ("Upper limit of the interval.", lambda check: check.interval.high if check.interval else None),
}


def render(run: Run) -> str:
    """Return the text: the decision, how many checks came out how, and the numbers of each check."""
    return "\n".join([*_lines(run), "# EOF", ""])


def _lines(run: Run) -> Iterator[str]:
    verdict = run.verdict
    model = _label("model", verdict.model)
    labels = f"{model},{_label('stage', verdict.stage)}"
    yield from _family("mlgate_promote", "1 where nothing blocks, else 0.")
    yield f"mlgate_promote{{{labels}}} {int(verdict.decision == 'promote')}"
    yield from _family("mlgate_blocking_checks", "Checks that block.")
    yield f"mlgate_blocking_checks{{{labels}}} {sum(check.blocks for check in verdict.checks)}"
    yield from _family("mlgate_checks", "Checks by outcome; waived ones apart.")
    counts = {outcome.value: 0 for outcome in Outcome} | {"waived": 0}
    for check in verdict.checks:
        counts["waived" if check.waiver is not None else check.outcome.value] += 1
    for outcome, count in counts.items():
        yield f"mlgate_checks{{{labels},{_label('outcome', outcome)}}} {count}"
    for name, (text, value_of) in _OF_CHECK.items():
        yield from _family(f"mlgate_check_{name}", text)
        for check, value in ((check, value_of(check)) for check in verdict.checks):
            if value is not None:
                yield f"mlgate_check_{name}{{{model},{_label('check', name_of(run, check))}}} {float(value)!r}"


def _family(name: str, text: str) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    yield f"# HELP {name} {text}"


def _label(name: str, value: str) -> str:
    """Return ``name="value"``, no sign of the value taken for its end."""
    text = one_line(shortened(value, 1_000)).replace("\\", "\\\\").replace('"', '\\"')
    return f'{name}="{text}"'
