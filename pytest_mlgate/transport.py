"""How results travel: from a test, on its report, to the process that writes the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypedDict

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_mlgate.checks import GateResult

RESULTS = pytest.StashKey[list[Any]]()
"""On an item: what its gates found since the last report of it."""

MARKER = "mlgate_"
"""What the name of a gate's marker begins with."""

_PROPERTY = 1_000


class Record(TypedDict):
    """What one gate run sends to the process that writes the verdict; builtins only."""

    gate: str
    entry: str
    checks: list[dict[str, Any]]
    inputs: dict[str, dict[str, Any]]
    evidence: dict[str, dict[str, Any]]


def keep(item: pytest.Item, result: GateResult, inputs: dict[str, dict[str, Any]]) -> None:
    """Keep a result on its item, for the report and for JUnit."""
    from pytest_mlgate.reports.text import printable, shortened

    record: Record = {
        "gate": result.gate,
        "entry": result.entry,
        "checks": [check.to_json() for check in result.checks],
        "inputs": inputs,
        "evidence": {check.id: dict(check.evidence) for check in result.checks if check.evidence},
    }
    item.stash.setdefault(RESULTS, []).append(_sendable(record))
    for check in result.checks:
        state = "waived" if check.waiver is not None else check.outcome.value
        value = f"{state} ({check.severity.value}): {check.message}"
        name = shortened(f"mlgate:{check.id}", _PROPERTY)
        item.user_properties.append((printable(name), printable(shortened(value, _PROPERTY))))


def _sendable(value: Any) -> Any:
    """Return builtins whose text can be sent between processes: half of a surrogate pair would end the session."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {_sendable(key): _sendable(item) for key, item in value.items()}
    return [_sendable(item) for item in value] if isinstance(value, list) else value


def without_group(name: str) -> str:
    """Return a test's name without the ``@group`` that xdist's ``--dist loadgroup`` appends to it."""
    head, at, group = name.rpartition("@")
    return name if not at or "]" in group else head


def test_name(nodeid: str) -> str:
    """Return a handwritten test's node id as the entry of its checks: ``tests/test_gates.py:TestAuc.test_auc``."""
    path, _, test = without_group(nodeid).partition("::")
    return f"{path}:{test.replace('::', '.')}"


def gate_marks(item: pytest.Item) -> Iterator[pytest.Mark]:
    """Yield the markers of a test that run gates."""
    return (mark for mark in item.iter_markers() if mark.name.startswith(MARKER))


def runs_gates(item: pytest.Item) -> bool:
    """Whether a test runs gates: it requests the ``mlgate`` fixture, or a marker makes it."""
    return "mlgate" in getattr(item, "fixturenames", ()) or next(gate_marks(item), None) is not None
