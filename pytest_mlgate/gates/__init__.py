"""Gates: one folder each, declared by one :class:`~pytest_mlgate.gates.base.Gate` value called ``GATE``.

A third party's gate is the same value in another package, found through the entry-point group
``pytest_mlgate.gates``: the entry point's name is the gate's, its value names a ``Gate``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from pytest_mlgate.gates.base import Gate

BUILTIN = ("baseline", "fairness", "schema", "parity", "behaviour", "roundtrip", "drift", "card")
ENTRY_POINT_GROUP = "pytest_mlgate.gates"


def third_party() -> dict[str, EntryPoint]:
    """Return the entry points of gates that other packages bring, by name; ours cannot be replaced."""
    from importlib.metadata import entry_points

    found = entry_points(group=ENTRY_POINT_GROUP)
    return {point.name: point for point in sorted(found, key=lambda p: p.name) if point.name not in BUILTIN}


def gate_names() -> tuple[str, ...]:
    """Return the names of all gates, without importing one."""
    return (*BUILTIN, *third_party())


def load_gate(name: str) -> Gate:
    """Import and return the gate called ``name``.

    Raises
    ------
    LookupError
        Where no gate has that name, or where a third party's entry point names something else than a gate of that
        name or cannot be imported.
    """
    if name in BUILTIN:
        gate: Gate = import_module(f"pytest_mlgate.gates.{name}").GATE
        return gate
    points = third_party()
    if name not in points:
        raise LookupError(f"no gate is called {name!r}")
    return _checked(points[name])


def _checked(point: EntryPoint) -> Gate:
    from pytest_mlgate.gates.base import Gate

    try:
        gate = point.load()
    except Exception as error:  # another package's import may fail in any way
        raise LookupError(f"gate {point.name!r} ({point.value}) cannot be imported: {error!r}") from error
    if not isinstance(gate, Gate) or gate.name != point.name:
        raise LookupError(f"the entry point {point.name!r} ({point.value}) names no gate called {point.name!r}")
    return gate
